import type { common, ingest } from '@flotilla/contracts';
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import { lineIdOf, ownOf, split } from '@flotilla/values';
import type { ChannelOrderEvent, ContentKey, Delivery, Facts, Refund } from './channel-order.events.js';
import { isNewer, join, nothingKnown, type Known } from './known.js';
import { completeUnits, inOurSkus, partsMade, toldPartsOf, waitingInOurSkus, type Skus, type ToldParts } from './sku-lines.js';

/** What came of reading a delivery. `order`: sealed, with quantities as if none of its refunds were there. `skus`: of its lines; absent: as the channel names them. */
export type Outcome =
  | { readonly as: 'order'; readonly order: ingest.ChannelOrder; readonly fingerprint: string; readonly facts: Facts; readonly skus?: Skus; readonly left?: readonly string[] }
  | { readonly as: 'facts'; readonly facts: Facts }
  | { readonly as: 'failure'; readonly reason: string; readonly detail: string; readonly facts?: Facts };

/** A delivery that waits in quarantine, read again. */
export interface Reread {
  readonly deliveryId: string;
  readonly source: Delivery['source'];
  readonly sentAt: string;
  readonly outcome: Outcome;
}

type Failure = Extract<Outcome, { as: 'failure' }>;

// A message has 1 MiB at most, with what stands around its data; one that is larger would stop all that is published behind it.
const largestNews = 900 * 1024;
const mostParts = 5_000;
const tooLarge: Failure = { as: 'failure', reason: 'TOO_LARGE', detail: 'the order has more lines and texts than one message can carry; the SKU map makes a line of each part of a bundle' };

const fits = (news: readonly { readonly type: string; readonly data: unknown }[]): boolean => news.every(({ data }) => Buffer.byteLength(JSON.stringify(data)) <= largestNews);

export type ChannelOrderCommand =
  | { readonly type: 'ReceiveDelivery'; readonly data: { readonly delivery: Delivery; readonly outcome: Outcome } }
  /** `rereads`: the quarantined delivery and, if it parks the order, all that wait behind it, in order. */
  | { readonly type: 'ReplayQuarantine'; readonly data: { readonly orderId: string; readonly rereads: readonly Reread[]; readonly corrected: readonly string[]; readonly by: string; readonly at: string } }
  /** The corrected payload is of another order, which takes the delivery. */
  | { readonly type: 'MoveDelivery'; readonly data: { readonly orderId: string; readonly deliveryId: string; readonly movedTo: string; readonly corrected: readonly string[]; readonly by: string; readonly at: string } }
  /** `order`: as it was told last, with what came after; lines of it waited for the SKU map. */
  | { readonly type: 'ApplySkus'; readonly data: { readonly order: ingest.ChannelOrder; readonly skus: Skus } }
  | { readonly type: 'NoteShipped'; readonly data: { readonly orderId: string; readonly parcelId: string; readonly lines: readonly { readonly lineId: string; readonly channelLineId: string; readonly quantity: number }[] } };

export interface ChannelOrderState {
  readonly deliveries: readonly string[];
  readonly parked: string | null;
  readonly queue: readonly string[];
  /** Deliveries in quarantine that hold nothing up, since the order is there. */
  readonly quarantined: readonly string[];
  readonly known: Known;
  /** Lines that had left before the order was heard of, by channel line id. */
  readonly left?: readonly string[];
  /** What has been published. */
  readonly told: {
    readonly received: boolean;
    readonly fingerprint: string;
    readonly payment: ingest.PaymentState;
    readonly paid: boolean;
    readonly cancelled: boolean;
    readonly refunds: Readonly<Record<string, Refund['state']>>;
    /** Lines that the SKU map made into others, by channel line id. */
    readonly parts: Readonly<Record<string, ToldParts>>;
    readonly frozen: boolean;
    /** Where it comes from; absent before it was received. */
    readonly from?: { readonly channel: string; readonly channelOrderId: string };
  };
  /** Of such lines: units that have left, by line id, and in which parcels. */
  readonly shipped: { readonly units: Readonly<Record<string, number>>; readonly parcels: readonly string[] };
}

const initial: ChannelOrderState = {
  deliveries: [],
  parked: null,
  queue: [],
  quarantined: [],
  known: nothingKnown,
  told: { received: false, fingerprint: '', payment: 'PAYMENT_STATE_UNSPECIFIED', paid: false, cancelled: false, refunds: {}, frozen: false, parts: {} },
  shipped: { units: {}, parcels: [] },
};

const evolve = (state: ChannelOrderState, event: ChannelOrderEvent): ChannelOrderState => {
  const { told } = state;
  switch (event.type) {
    case 'DeliveryRecorded':
      return { ...seen(state, event.data), ...(event.data.left === undefined ? {} : { left: event.data.left }), known: join(state.known, event.data.content, event.data.facts) };
    case 'DeliveryApplied':
      return { ...without(state, event.data.deliveryId), ...(event.data.left === undefined ? {} : { left: event.data.left }), known: join(state.known, event.data.content, event.data.facts) };
    case 'DeliveryQuarantined':
      return quarantine({ ...seen(state, event.data), known: event.data.facts === undefined ? state.known : join(state.known, null, event.data.facts) }, event.data);
    case 'QueuedDeliveryQuarantined':
      return quarantine(without(state, event.data.deliveryId), event.data);
    case 'DeliveryQueued':
      return { ...seen(state, event.data), queue: [...state.queue, event.data.deliveryId] };
    case 'QuarantineReplayed':
      return without(state, event.data.deliveryId);
    case 'QuarantineReplayFailed':
      return state;
    case 'ChannelOrderReceived':
    case 'ChannelOrderAmended': {
      const { order } = event.data;
      const paid = order.paidAt !== '' || told.paid;
      return { ...state, told: { ...told, received: true, fingerprint: state.known.content?.fingerprint ?? '', payment: order.payment, paid, parts: toldPartsOf(order.lines), from: { channel: order.channel, channelOrderId: order.channelOrderId } } };
    }
    case 'PartsShipped':
      return { ...state, shipped: { units: added(state.shipped.units, event.data.lines), parcels: [...state.shipped.parcels, event.data.parcelId] } };
    case 'ChannelOrderPaid':
      return { ...state, told: { ...told, paid: true, payment: lifted(told.payment, true) } };
    case 'ChannelOrderCancelled':
      return { ...state, told: { ...told, cancelled: true } };
    case 'ChannelRefundRequested':
      return { ...state, told: { ...told, refunds: { ...told.refunds, [event.data.refundId]: 'requested' } } };
    case 'ChannelRefundSettled':
      return { ...state, told: { ...told, refunds: { ...told.refunds, [event.data.refundId]: 'settled' } } };
    case 'ChannelRefundWithdrawn':
      return { ...state, told: { ...told, refunds: { ...told.refunds, [event.data.refundId]: 'withdrawn' } } };
    case 'ChannelFrozen':
      return { ...state, told: { ...told, frozen: event.data.frozen } };
    default:
      return state;
  }
};

const added = (units: Readonly<Record<string, number>>, lines: readonly { readonly lineId: string; readonly quantity: number }[]): Readonly<Record<string, number>> =>
  lines.reduce<Record<string, number>>((all, { lineId, quantity }) => ({ ...all, [lineId]: (all[lineId] ?? 0) + quantity }), { ...units });

const seen = (state: ChannelOrderState, { deliveryId }: Delivery): ChannelOrderState => ({ ...state, deliveries: [...state.deliveries, deliveryId] });

const without = (state: ChannelOrderState, deliveryId: string): ChannelOrderState => ({
  ...state,
  parked: state.parked === deliveryId ? null : state.parked,
  queue: state.queue.filter((id) => id !== deliveryId),
  quarantined: state.quarantined.filter((id) => id !== deliveryId),
});

const quarantine = (state: ChannelOrderState, { deliveryId, parks }: { readonly deliveryId: string; readonly parks: boolean }): ChannelOrderState =>
  parks ? { ...state, parked: deliveryId } : { ...state, quarantined: [...state.quarantined, deliveryId] };

const receive = ({ data: { delivery, outcome } }: Of<ChannelOrderCommand, 'ReceiveDelivery'>, state: ChannelOrderState): readonly ChannelOrderEvent[] => {
  if (state.deliveries.includes(delivery.deliveryId)) return [];
  if (state.parked !== null) return [{ type: 'DeliveryQueued', data: { ...delivery, behind: state.parked } }];
  const unreadable = ({ reason, detail, facts }: Failure): readonly ChannelOrderEvent[] => {
    const plain: ChannelOrderEvent = { type: 'DeliveryQuarantined', data: { ...delivery, reason, detail, parks: !state.told.received } };
    const known = facts && withGone(state.known, facts);
    if (!state.told.received || known === undefined) return [plain];
    // Its goods must not leave because the rest of the word that it is cancelled cannot be read.
    const quarantined: ChannelOrderEvent = { type: 'DeliveryQuarantined', data: { ...delivery, reason, detail, parks: false, facts: known } };
    const news = newsOf(delivery.orderId, evolve(state, quarantined), undefined, known.modifiedAt);
    return fits(news) ? [quarantined, ...news] : [plain];
  };
  if (outcome.as === 'failure') return unreadable(outcome);
  const understood = { deliveryId: delivery.deliveryId, content: keyOf(delivery, outcome), facts: withGone(state.known, outcome.facts), ...leftOf(state, outcome) };
  return withNews(state, outcome, { type: 'DeliveryRecorded', data: { ...delivery, ...understood } }) ?? unreadable({ ...tooLarge, facts: outcome.facts });
};

const replay = ({ data }: Of<ChannelOrderCommand, 'ReplayQuarantine'>, state: ChannelOrderState): readonly ChannelOrderEvent[] => {
  const { orderId, by, at } = data;
  const [first, ...behind] = data.rereads;
  if (first === undefined) throw new Error('a replay without a delivery');
  const waiting = state.parked === first.deliveryId ? state.queue : state.quarantined.includes(first.deliveryId) ? [] : undefined;
  if (waiting === undefined) {
    if (state.deliveries.includes(first.deliveryId)) return [];
    throw new Refused('NOT_FOUND', 'no such delivery is in quarantine; list them with Quarantine/List');
  }
  // More has come in since the deliveries were read: they must all go, in order.
  if (waiting.join() !== behind.map(({ deliveryId }) => deliveryId).join()) throw new Refused('CONFLICT', 'another delivery of this order came in at the same moment; replay again');
  const events: ChannelOrderEvent[] = [{ type: 'QuarantineReplayed', data: { orderId, deliveryId: first.deliveryId, corrected: data.corrected, by, at, movedTo: '' } }];
  let now = events.reduce(evolve, state);
  for (const reread of data.rereads) {
    const { deliveryId, outcome } = reread;
    const applied = outcome.as === 'failure' ? undefined : withNews(now, outcome, { type: 'DeliveryApplied', data: { orderId, waited: deliveryId !== first.deliveryId, deliveryId, content: keyOf(reread, outcome), facts: withGone(now.known, outcome.facts), ...leftOf(now, outcome) } });
    const { reason, detail } = outcome.as === 'failure' ? outcome : tooLarge;
    if (applied === undefined && reread === first) return [{ type: 'QuarantineReplayFailed', data: { orderId, deliveryId, reason, detail, by, at } }];
    // One that waited cannot be read either: if the order is not there yet, the rest goes on waiting, behind it.
    const parks = applied === undefined && !now.told.received;
    const next: readonly ChannelOrderEvent[] = applied ?? [{ type: 'QueuedDeliveryQuarantined', data: { orderId, deliveryId, reason, detail, parks } }];
    events.push(...next);
    now = next.reduce(evolve, now);
    if (parks) break;
  }
  return events;
};

const move = ({ data }: Of<ChannelOrderCommand, 'MoveDelivery'>, state: ChannelOrderState): readonly ChannelOrderEvent[] => {
  if (state.parked !== data.deliveryId) return [];
  if (state.queue.length > 0) throw new Refused('BAD_REQUEST', 'the corrected payload is of another order than those that wait behind it; correct what is wrong and keep the order’s id');
  return [{ type: 'QuarantineReplayed', data }];
};

const applySkus = ({ data: { order, skus } }: Of<ChannelOrderCommand, 'ApplySkus'>, { told }: ChannelOrderState): readonly ChannelOrderEvent[] => {
  if (!told.received || told.cancelled || partsMade(order.lines.filter(({ sku }) => sku === ''), skus, {}) > mostParts) return [];
  const mapped = waitingInOurSkus(order, skus);
  const amended: readonly ChannelOrderEvent[] = mapped === order ? [] : [{ type: 'ChannelOrderAmended', data: { order: mapped } }];
  // What no message can carry goes on waiting, where its task shows it.
  return fits(amended) ? amended : [];
};

/** What of a parcel the platform can be told: it knows its own lines, not the SKUs that a bundle is made of. A unit counts with the parcel that completes it. */
const noteShipped = ({ data }: Of<ChannelOrderCommand, 'NoteShipped'>, { told, shipped }: ChannelOrderState): readonly ChannelOrderEvent[] => {
  const made = (channelLineId: string): ToldParts | undefined => {
    const known = ownOf(told.parts, channelLineId);
    return known !== undefined && (known.parts.length > 1 || known.parts[0]!.units > 1) ? known : undefined;
  };
  if (shipped.parcels.includes(data.parcelId) || !data.lines.some(({ channelLineId }) => made(channelLineId) !== undefined)) return [];
  const after = added(shipped.units, data.lines);
  const channelLines = [...new Set(data.lines.map(({ channelLineId }) => channelLineId))].map((channelLineId) => {
    const known = made(channelLineId);
    const quantity = known === undefined ? data.lines.filter((line) => line.channelLineId === channelLineId).reduce((sum, line) => sum + line.quantity, 0) : completeUnits(known, after) - completeUnits(known, shipped.units);
    return { channelLineId, quantity };
  });
  return [{ type: 'PartsShipped', data: { ...data, channelLines: channelLines.filter(({ quantity }) => quantity > 0) } }];
};

/** A refund that was asked for and is gone from the list of all of them was taken back: no platform says so. Of one second nothing is concluded. */
const withGone = (known: Known, facts: Facts): Facts => {
  const { allRefunds, ...said } = facts;
  if (allRefunds !== true) return facts;
  const named = new Set(facts.refunds.map(({ refundId }) => refundId));
  const gone = Object.values(known.refunds).filter(({ refundId, state, modifiedAt }) => state === 'requested' && !named.has(refundId) && modifiedAt < facts.modifiedAt);
  return { ...said, refunds: [...facts.refunds, ...gone.map((refund): Refund => ({ ...refund, state: 'withdrawn', modifiedAt: facts.modifiedAt }))] };
};

const keyOf = (of: { readonly source: Delivery['source']; readonly sentAt: string }, outcome: Outcome): ContentKey | null =>
  outcome.as === 'order' ? { modifiedAt: outcome.order.modifiedAt, source: of.source, sentAt: of.sentAt, fingerprint: outcome.fingerprint, payment: outcome.order.payment } : null;

// What leaves later was told by us, or is for the desk to see: the order was heard of with it.
const leftOf = ({ told }: ChannelOrderState, outcome: Outcome): { readonly left?: readonly string[] } => (outcome.as === 'order' && outcome.left !== undefined && !told.received ? { left: outcome.left } : {});

/** The record of a delivery, then what others must hear of it; `undefined` if no message can carry that. */
const withNews = (state: ChannelOrderState, outcome: Exclude<Outcome, Failure>, record: Of<ChannelOrderEvent, 'DeliveryRecorded' | 'DeliveryApplied'>): readonly ChannelOrderEvent[] | undefined => {
  const newest = record.data.content !== null && isNewer(record.data.content, state.known.content);
  if (outcome.as === 'order' && partsMade(outcome.order.lines, outcome.skus ?? {}, state.told.parts) > mostParts) return undefined;
  const news = newsOf(record.data.orderId, evolve(state, record), outcome.as === 'order' && newest ? outcome : undefined, outcome.facts.modifiedAt);
  return fits(news) ? [record, ...news] : undefined;
};

const newsOf = (orderId: string, { known, left = [], told }: ChannelOrderState, newest: Extract<Outcome, { as: 'order' }> | undefined, modifiedAt: string): readonly ChannelOrderEvent[] => {
  // Facts that come before the order wait for it: nobody hears of a refund of an order that they do not know.
  if (!told.received && newest === undefined) return [];
  const news: ChannelOrderEvent[] = [];
  const whole = newest === undefined ? undefined : inOurSkus(asOfNow(newest.order, known, left), newest.skus ?? {}, told.parts);
  const paidNow = known.paid !== null && !told.paid;
  if (whole !== undefined && !told.received) news.push({ type: 'ChannelOrderReceived', data: { order: whole } });
  else {
    if (paidNow) news.push({ type: 'ChannelOrderPaid', data: { orderId, paidAt: known.paid!.paidAt, modifiedAt, amount: { amount: known.paid!.amount, currency: known.paid!.currency }, amountPaid: toldPaid(known) } });
    const payment = lifted(told.payment, known.paid !== null);
    if (whole !== undefined && (known.content!.fingerprint !== told.fingerprint || sameMoney(whole.payment) !== sameMoney(payment))) news.push({ type: 'ChannelOrderAmended', data: { order: whole } });
  }
  const wholeTold = news.some(({ type }) => type === 'ChannelOrderReceived' || type === 'ChannelOrderAmended');
  // Settled ones first: a request that became one is withdrawn behind it, so that its units are not let go in between.
  const refunds = Object.values(known.refunds).toSorted((a, b) => Number(b.state === 'settled') - Number(a.state === 'settled'));
  for (const refund of refunds) news.push(...refundNews(orderId, refund, ownOf(told.refunds, refund.refundId), wholeTold, told.parts));
  if (known.frozen !== null && known.frozen.frozen !== told.frozen) news.push({ type: 'ChannelFrozen', data: { orderId, ...known.frozen } });
  if (known.cancelled !== null && !told.cancelled) news.push({ type: 'ChannelOrderCancelled', data: { orderId, ...known.cancelled, modifiedAt } });
  return news;
};

const refundNews = (orderId: string, refund: Refund, told: Refund['state'] | undefined, wholeTold: boolean, parts: Readonly<Record<string, ToldParts>>): readonly ChannelOrderEvent[] => {
  if (refund.state === told) return [];
  const { refundId, modifiedAt } = refund;
  const amount = { amount: refund.amount, currency: refund.currency };
  switch (refund.state) {
    case 'requested':
      return [{ type: 'ChannelRefundRequested', data: { orderId, refundId, modifiedAt, amount } }];
    case 'withdrawn':
      return told === undefined ? [] : [{ type: 'ChannelRefundWithdrawn', data: { orderId, refundId, modifiedAt } }];
    case 'settled': {
      // A whole order that was told just now has these units taken off already: they must not be taken off twice.
      const lines = wholeTold
        ? []
        : refund.lines.flatMap(({ channelLineId, sku, quantity }) => {
            const made = ownOf(parts, channelLineId)?.parts ?? [{ lineId: lineIdOf(orderId, channelLineId), sku, units: 1 }];
            return made.map((part) => ({ lineId: part.lineId, channelLineId, sku: part.sku, quantity: quantity * part.units }));
          });
      return [{ type: 'ChannelRefundSettled', data: { orderId, refundId, modifiedAt, amount, lines } }];
    }
    default:
      return unreachable(refund.state);
  }
};

/** The order as it is now: without what had left before it was heard of and the units that settled refunds have taken off, paid if that is known. */
const asOfNow = (order: ingest.ChannelOrder, known: Known, left: readonly string[]): ingest.ChannelOrder => {
  const taken = new Map<string, number>();
  for (const line of Object.values(known.refunds).flatMap((refund) => (refund.state === 'settled' ? refund.lines : []))) taken.set(line.channelLineId, (taken.get(line.channelLineId) ?? 0) + line.quantity);
  return {
    ...order,
    payment: lifted(order.payment, known.paid !== null),
    paidAt: known.paid?.paidAt ?? '',
    amountPaid: order.amountPaid.currency === '' ? toldPaid(known) : order.amountPaid,
    lines: order.lines.map((line) => reduced(line, left.includes(line.channelLineId) ? 0 : Math.max(0, line.quantity - (taken.get(line.channelLineId) ?? 0)))),
  };
};

const toldPaid = ({ paid }: Known): common.Money => (paid?.told === true ? { amount: paid.amount, currency: paid.currency } : { amount: 0, currency: '' });

// A line of which nothing is left stays visible, and nothing of it is to be shipped.
export const reduced = (line: ingest.ChannelOrderLine, quantity: number): ingest.ChannelOrderLine => {
  if (quantity === line.quantity && quantity > 0) return line;
  const [discount = 0] = split(line.discount.amount, [quantity, line.quantity - quantity]);
  const { currency } = line.discount;
  const kept = quantity === 0 ? 0 : discount;
  return {
    ...line,
    quantity,
    discount: { amount: kept, currency },
    total: { amount: line.unitPrice.amount * quantity - kept, currency },
    requiresShipping: line.requiresShipping && quantity > 0,
  };
};

const lifted = (payment: ingest.PaymentState, paid: boolean): ingest.PaymentState =>
  paid && (payment === 'PAYMENT_STATE_UNSPECIFIED' || payment === 'PAYMENT_STATE_UNPAID' || payment === 'PAYMENT_STATE_AUTHORIZED') ? 'PAYMENT_STATE_PAID' : payment;

/** Refunds are told on their own: what they make of the payment state is no amendment. */
const sameMoney = (payment: ingest.PaymentState): ingest.PaymentState => (payment === 'PAYMENT_STATE_PARTIALLY_REFUNDED' || payment === 'PAYMENT_STATE_REFUNDED' ? 'PAYMENT_STATE_PAID' : payment);

const decide = (command: ChannelOrderCommand, state: ChannelOrderState): readonly ChannelOrderEvent[] => {
  switch (command.type) {
    case 'ReceiveDelivery':
      return receive(command, state);
    case 'ReplayQuarantine':
      return replay(command, state);
    case 'MoveDelivery':
      return move(command, state);
    case 'ApplySkus':
      return applySkus(command, state);
    case 'NoteShipped':
      return noteShipped(command, state);
    default:
      return unreachable(command);
  }
};

/** One channel order: every delivery about it, and what of them is news. Whatever order they come in, the end is the same. */
export const channelOrder: Decider<ChannelOrderState, ChannelOrderCommand, ChannelOrderEvent> = { category: 'channelOrder', initial, evolve, decide };
