import { unreachable, type Decider, type Of } from '@flotilla/decider';
import { formatMoney, splitIdOf } from '@flotilla/values';
import type { common, ingest, order as contract } from '@flotilla/contracts';
import { answeredByApproval, holdsToRelease, mostParts, permit, splitFrom, type Act } from './actions.js';
import { addressFault, asGiven, reachable, readingOf } from './address.js';
import { amountPaidOf, bare, dead, linesOf, markOf, mispaid, paid, paymentDue, pickupLocationOf, priorityOf, promised, risky, same, serviceOf, unmatched, without, withoutUnmatched, type Line, type Rules } from './content.js';
import type { ContentTaken, EarlyFact, OrderEvent, Progress, RefundNoted, SplitReason, Stage } from './order.events.js';
import { progressOf, type FulfilmentState } from './fulfilment.state.js';
import { cancelling, ended, evolveOrder, noOrder, steps, unpaid, type OrderState } from './order.state.js';
import { schemaVersions, upcasters } from './order.versions.js';
import { asksForAddress } from './wishes.js';

// How far the parcel has come is not of this stream: whoever sends a command that depends on it says so in `progress`.
export type OrderCommand =
  | { readonly type: 'TakeContent'; readonly data: { readonly content: ingest.ChannelOrder; readonly rules: Rules; readonly at: string; readonly progress: Progress } }
  | { readonly [Type in Exclude<EarlyFact['type'], 'NotePaid'>]: { readonly type: Type; readonly data: { readonly fact: Of<EarlyFact, Type>['data']; readonly progress: Progress } } }[Exclude<EarlyFact['type'], 'NotePaid'>]
  | { readonly type: 'NotePaid'; readonly data: { readonly fact: ingest.ChannelOrderPaid; readonly rules: Rules; readonly progress: Progress } }
  | { readonly type: 'LookAtPayment'; readonly data: { readonly progress: Progress } }
  /** `parcels`: those that have arrived, and whose window is over. */
  | { readonly type: 'LookAtReturnWindow'; readonly data: { readonly parcels: readonly string[]; readonly at: string } }
  /** Somebody at a desk, or bulk work for them. `at`: business time. */
  | { readonly type: 'ActByHand'; readonly data: { readonly orderId: string; readonly act: Act; readonly fulfilment: FulfilmentState; readonly by: string; readonly at: string } }
  | { readonly type: 'ApproveOrder'; readonly data: { readonly by: string; readonly at: string } }
  | { readonly type: 'HoldOrder'; readonly data: { readonly holdId: string; readonly type: string; readonly blocks: readonly string[]; readonly reason: string } }
  | { readonly type: 'ReleaseHold'; readonly data: { readonly holdId: string; readonly by: string } }
  | { readonly type: 'CancelOrder'; readonly data: { readonly reason: string; readonly by: string; readonly progress: Progress } }
  | { readonly type: 'TakeShipped'; readonly data: { readonly lines: readonly common.ShareLine[] } }
  | { readonly type: 'FinishCancel'; readonly data: { readonly stage: Stage; readonly at: string } }
  /** `rest`: something of it has not left. */
  | { readonly type: 'RefuseCancel'; readonly data: { readonly reason: string; readonly rest: boolean } }
  | { readonly type: 'CloseOrder'; readonly data: { readonly at: string } }
  /** What `from` lacks waits by itself, so that the rest can go. */
  | { readonly type: 'SplitOrder'; readonly data: { readonly from: string; readonly lines: readonly common.ShareLine[] } };

type Decided = readonly OrderEvent[];

const decideAll = (state: OrderState, ...commands: readonly OrderCommand[]): Decided => {
  const events: OrderEvent[] = [];
  let now = state;
  for (const command of commands) {
    const decided = decide(command, now);
    now = decided.reduce(evolveOrder, now);
    events.push(...decided);
  }
  return events;
};

/** Takes events and goes on deciding upon them. */
const upon = (state: OrderState, events: Decided, next: (state: OrderState) => Decided): Decided => [...events, ...next(events.reduce(evolveOrder, state))];

/** Everything has left: what is carried and where it goes cannot change any more. */
const left = (progress: Progress): boolean => !['NONE', 'ALLOCATED', 'RELEASED', 'WAYBILLED', 'PARTIALLY_SHIPPED'].includes(progress);

const held = (state: OrderState, type: string, blocks: readonly string[], reason: string, holdId?: string): OrderEvent => ({
  type: 'OrderHeld',
  data: { orderId: state.orderId, holdId: holdId ?? `${type}:${state.holds.length + state.released.length + 1}`, type, blocks, reason },
});

const takeContent = ({ data }: Of<OrderCommand, 'TakeContent'>, state: OrderState): Decided =>
  state.placed ? amend(data, state) : place(data, state);

const place = ({ content, rules, at, progress }: Of<OrderCommand, 'TakeContent'>['data'], state: OrderState): Decided => {
  const isPaid = paid(content.payment);
  const lines = linesOf(content);
  const placed: OrderEvent = {
    type: 'OrderPlaced',
    data: {
      orderId: content.orderId,
      channel: content.channel,
      platform: content.platform,
      channelOrderId: content.channelOrderId,
      number: content.number,
      placedAt: content.placedAt,
      paidAt: isPaid ? content.paidAt || content.placedAt : '',
      total: content.total,
      shipping: content.shipping,
      discount: content.discount,
      tax: content.tax,
      lines: lines.map(bare),
      shipTo: content.shipTo,
      buyer: content.buyer,
      remark: content.remark,
      tags: content.tags,
      priority: priorityOf(content),
      paymentDueAt: isPaid ? '' : paymentDue(content.placedAt, at, rules.paymentMinutes),
      custom: content.custom,
      giftMessage: content.giftMessage,
    },
  };
  // What was said before is said again now. Of a cancelled order nothing was begun; refunded units are not in the content.
  const cancelled = state.early.find((fact) => fact.type === 'NoteCancelled');
  const early = state.early.filter((fact) => fact !== cancelled).map(({ type, data }) => ({ type, data: { fact: type === 'NoteRefundSettled' ? { ...data, lines: [] } : data, rules, progress } }) as OrderCommand);
  const reason = cancelled ? cancelled.data.reason || 'other' : content.payment === 'PAYMENT_STATE_VOIDED' ? 'payment_voided' : 'refunded';
  return upon(state, [placed, ...noteAmount(content.orderId, amountPaidOf(content), content.total), taken(content, lines, null, true)], (known) =>
    upon(known, decideAll(known, ...early), (caught) => [
      ...(cancelled || dead(content.payment) ? cancelOnce(caught, reason, 'channel', progress, 'NEW') : judge(caught, rules, ['shipTo', 'lines', 'total', 'remark', 'amountPaid', 'payment'])),
    ]),
  );
};

/** `read`: what was read of the address is of this content. */
const taken = (content: ingest.ChannelOrder, lines: readonly Line[], shipTo: common.Address | null, read: boolean): { readonly type: 'ContentTaken'; readonly data: ContentTaken } => {
  const pickupLocation = pickupLocationOf(content.shippingMethod);
  const address = read ? readingOf(content) : undefined;
  return {
    type: 'ContentTaken',
    data: {
      orderId: content.orderId,
      modifiedAt: content.modifiedAt,
      mark: markOf(content),
      unshipped: lines.filter(({ ships }) => !ships).map(({ lineId }) => lineId),
      service: serviceOf(content.shippingMethod),
      ...(pickupLocation === '' ? {} : { pickupLocation }),
      shipTo,
      ...(address === undefined ? {} : { address }),
      ...(promised(content.payment) ? { promised: true } : {}),
    },
  };
};

const amend = ({ content, rules, progress }: Of<OrderCommand, 'TakeContent'>['data'], state: OrderState): Decided => {
  const amountPaid = amountPaidOf(content);
  const paidNow: Decided = paid(content.payment) ? pay(state, content.paidAt || content.modifiedAt, amountPaid ?? content.total) : [];
  // Of two contents of one date, the one that is told later is the newer.
  if (ended(state) || content.modifiedAt < state.modifiedAt || (content.modifiedAt === state.modifiedAt && markOf(content) === state.mark)) return paidNow;
  // What has left cannot change: address and lines stay as they were shipped. What is being stopped need not.
  const gone = left(progress) || cancelling(state);
  const fresh = withoutUnmatched(linesOf(content), state.letGo ?? []);
  // A line that the platform shows no more has no units left.
  const dropped = state.lines.filter(({ lineId }) => !fresh.some((line) => line.lineId === lineId)).map((line) => ({ ...line, quantity: 0 }));
  const lines = gone ? state.lines : [...fresh, ...dropped];
  // What was read from the same words is no news, however much better it is read by now.
  const addressChanged = !same(asGiven(content.shipTo, content.address.changes), asGiven(state.channelShipTo!, state.address?.changes ?? []));
  const remarked = content.remark !== state.remark;
  const tags = remarked ? content.tags : state.placed!.tags;
  const fields = [
    ...(!gone && addressChanged && !same(content.shipTo, state.shipTo) ? ['shipTo'] : []),
    ...(!same(lines.map(bare), state.lines.map(bare)) ? ['lines'] : []),
    ...(remarked ? ['remark'] : []),
    ...(!same(tags, state.placed!.tags) ? ['tags'] : []),
    ...(!same(content.total, state.total) ? ['total'] : []),
    ...(!same(content.custom, state.custom ?? []) ? ['custom'] : []),
  ];
  const amended: Decided = fields.length === 0 ? [] : [amendment(state, fields, { lines, shipTo: content.shipTo, total: content.total, custom: content.custom, ...(remarked ? { remark: content.remark, tags, giftMessage: content.giftMessage } : {}) })];
  const amount = noteAmount(content.orderId, amountPaid, state.amountPaid ?? content.total);
  const changed = [...fields, ...(amount.length > 0 ? ['amountPaid'] : []), ...(promised(content.payment) === (state.promised ?? false) ? [] : ['payment'])];
  return upon(state, [...paidNow, ...amended, ...amount, taken(content, lines, addressChanged ? content.shipTo : null, addressChanged)], (known) => (gone ? [] : judge(known, rules, known.service === state.service ? changed : [...changed, 'service'])));
};

const amendment = (
  state: OrderState,
  fields: readonly string[],
  parts: { readonly lines?: readonly Line[]; readonly shipTo?: common.Address; readonly total?: common.Money; readonly remark?: string; readonly tags?: readonly string[]; readonly giftMessage?: string; readonly custom?: readonly contract.CustomField[] },
): OrderEvent => ({
  type: 'OrderAmended',
  data: {
    orderId: state.orderId,
    fields,
    lines: (parts.lines ?? state.lines).map(bare),
    // The event is whole: what was not amended stands as it is.
    shipTo: (fields.includes('shipTo') ? parts.shipTo : undefined) ?? state.shipTo!,
    total: parts.total ?? state.total,
    remark: parts.remark ?? state.remark,
    tags: parts.tags ?? state.placed!.tags,
    giftMessage: parts.giftMessage ?? state.placed!.giftMessage ?? '',
    custom: parts.custom ?? state.custom ?? [],
  },
});

/**
 * The holds that rules raise on what was changed, and the release of those that are deserved no longer. What a person
 * let pass is not held again until it changes.
 */
const judge = (state: OrderState, rules: Rules, changed: readonly string[]): Decided => {
  if (ended(state) || cancelling(state)) return [];
  const ships = state.lines.some((line) => line.ships && line.quantity > 0);
  const unknown = unmatched(state.lines);
  const fault = ships ? addressFault(state, rules) : '';
  const verdict = (type: string, wrong: boolean, anew: boolean, blocks: readonly string[], reason: () => string): Decided => {
    const open = state.holds.filter((hold) => hold.holdId.startsWith(`${type}:rule-`));
    if (!wrong) return open.map(({ holdId }) => ({ type: 'OrderHoldReleased', data: { orderId: state.orderId, holdId, by: `rule:${type.toLowerCase()}` } }));
    return open.length > 0 || !anew ? [] : [held(state, type, blocks, reason(), `${type}:rule-${state.holds.length + state.released.length + 1}`)];
  };
  return [
    ...verdict('ADDRESS', fault !== '', changed.includes('shipTo') || changed.includes('service'), ['RELEASE', 'LABEL'], () => fault),
    // What the buyer wrote is not what stands in the address: a person reads it before anything leaves.
    ...verdict('BUYER_REQUEST', ships && asksForAddress(state.placed!.tags), changed.includes('remark'), ['RELEASE', 'LABEL', 'SHIP'], () => '买家留言要求改收货信息：请核对留言后改地址或解除 / the buyer’s remark asks for another address, phone or name: read it, then change the address or release this'),
    ...verdict('SKU_UNMATCHED', unknown.length > 0, true, ['AUDIT', 'ALLOCATE'], () => `no SKU for ${unknown.map(({ channelLineId }) => channelLineId).join(', ')}`),
    ...verdict('AMOUNT', state.amountPaid !== undefined && mispaid(state.amountPaid, state.total, rules) && state.approvedAt === '', changed.includes('amountPaid') || changed.includes('total'), ['AUDIT', 'ALLOCATE'], () => `${formatMoney(state.amountPaid!.amount, state.amountPaid!.currency)} was paid, the total is ${formatMoney(state.total.amount, state.total.currency)}`),
    ...verdict('PAYMENT', (rules.auditUnpaid ?? false) && (state.promised ?? false) && state.approvedAt === '', changed.includes('payment'), ['AUDIT', 'ALLOCATE'], () => '发货时尚未付款（货到付款或仅授权）：确认由谁收款后审核通过 / it is to be sent before it is paid (cash on delivery, or a payment that is only authorised): see who collects the money, then approve'),
    ...verdict('RISK', risky(state.total, rules) && state.approvedAt === '', changed.includes('total'), ['AUDIT', 'ALLOCATE'], () => `the total reaches ${rules.riskLimit} ${state.total.currency}`),
  ];
};

const noteAmount = (orderId: string, told: common.Money | undefined, known: common.Money): Decided =>
  told === undefined || same(told, known) ? [] : [{ type: 'AmountPaidNoted', data: { orderId, amount: told } }];

const notePaid = ({ data: { fact, rules } }: Of<OrderCommand, 'NotePaid'>, state: OrderState): Decided => {
  // One that an older version remembered says nothing of it.
  const said: common.Money | undefined = fact.amountPaid;
  const told = (said?.currency ?? '') === '' ? undefined : said;
  const amount = state.paidAt === '' ? noteAmount(fact.orderId, told, state.amountPaid ?? state.total) : [];
  const kept: Decided = state.promised ? [{ type: 'PromiseKept', data: { orderId: fact.orderId } }] : [];
  const changed = [...(amount.length > 0 ? ['amountPaid'] : []), ...(kept.length > 0 ? ['payment'] : [])];
  return upon(state, [...pay(state, fact.paidAt, fact.amount), ...amount, ...kept], (known) => (changed.length === 0 ? [] : judge(known, rules, changed)));
};

const pay = (state: OrderState, paidAt: string, amount: common.Money): Decided => {
  if (state.paidAt !== '') return [];
  // Money that comes for an order that is being given up is kept in mind, but starts nothing.
  return [{ type: cancelling(state) || ended(state) ? 'LatePaymentNoted' : 'OrderPaid', data: { orderId: state.orderId, paidAt, amount } }];
};

const remember = (state: OrderState, fact: EarlyFact): Decided =>
  state.early.some((known) => same(known, fact)) ? [] : [{ type: 'FactRemembered', data: { orderId: fact.data.orderId, fact } }];

const noteRefund = (state: OrderState, noted: Omit<RefundNoted, 'orderId'>, progress: Progress): Decided => {
  const known = state.refunds[noted.refundId];
  if (known && (known.state === 'SETTLED' || (noted.state !== 'SETTLED' && noted.modifiedAt <= known.modifiedAt))) return [];
  const holdId = `REFUND_IN_PROGRESS:${noted.refundId}`;
  const open = state.holds.some((hold) => hold.holdId === holdId);
  const facts: OrderEvent[] = [{ type: 'RefundNoted', data: { orderId: state.orderId, ...noted } }];
  if (noted.state === 'REQUESTED') {
    const reason = `refund ${noted.refundId} is asked for`;
    return open || ended(state) || cancelling(state) ? facts : [...facts, held(state, 'REFUND_IN_PROGRESS', ['LABEL', 'SHIP'], reason, holdId)];
  }
  if (noted.state === 'SETTLED') facts.push({ type: 'OrderRefunded', data: { orderId: state.orderId, refundId: noted.refundId, amount: noted.amount } });
  if (open) facts.push({ type: 'OrderHoldReleased', data: { orderId: state.orderId, holdId, by: 'channel' } });
  return noted.state === 'SETTLED' ? upon(state, facts, (known) => settleRefund(known, noted, progress)) : facts;
};

const refundedInFull = ({ gross, refunds, total: { currency } }: OrderState): boolean =>
  gross > 0 && Object.values(refunds).reduce((sum, one) => sum + (one.state === 'SETTLED' && one.currency === currency ? one.amount : 0), 0) >= gross;

/** Too late for what has left, which comes back into the lines; the rest is not sent. */
const withoutLines = (state: OrderState): OrderEvent => amendment(state, ['lines'], { lines: state.lines.map((line) => ({ ...line, quantity: 0 })) });

const settleRefund = (state: OrderState, noted: Omit<RefundNoted, 'orderId'>, progress: Progress): Decided => {
  if (ended(state) || cancelling(state)) return [];
  if (refundedInFull(state)) {
    if (progress === 'DELIVERED') return [];
    const dropped = progress === 'PARTIALLY_SHIPPED' ? [withoutLines(state)] : [];
    return upon(state, dropped, (known) => cancelOnce(known, 'refunded', 'channel', progress));
  }
  if (left(progress)) return [];
  const lines = without(state.lines, noted.lines);
  return same(lines, state.lines) ? [] : [amendment(state, ['lines'], { lines })];
};

// What was refunded while it was being cancelled was only noted: now it decides over what has not left. Of an order that nobody paid nothing more is sent, either.
const refuseCancel = (state: OrderState, { reason, rest }: Of<OrderCommand, 'RefuseCancel'>['data']): Decided =>
  upon(state, [{ type: 'CancellationRefused', data: { orderId: state.orderId, reason } }], (known) => (rest && (refundedInFull(known) || unpaid(known)) && known.lines.some(({ quantity }) => quantity > 0) ? [withoutLines(known)] : []));

const freeze = (state: OrderState, { frozen, modifiedAt, reason }: ingest.ChannelFrozen): Decided => {
  if (modifiedAt <= state.frozenAt) return [];
  const open = state.holds.filter(({ type }) => type === 'PLATFORM_FREEZE');
  const noted: OrderEvent = { type: 'FreezeNoted', data: { orderId: state.orderId, frozen, modifiedAt } };
  if (!frozen) return [noted, ...open.map(({ holdId }): OrderEvent => ({ type: 'OrderHoldReleased', data: { orderId: state.orderId, holdId, by: 'channel' } }))];
  return open.length > 0 || ended(state) || cancelling(state) ? [noted] : [noted, held(state, 'PLATFORM_FREEZE', steps, reason || 'the platform froze the order')];
};

const stageOf = (state: OrderState, progress: Progress): Stage => {
  switch (progress) {
    case 'PARTIALLY_SHIPPED':
    case 'SHIPPED':
    case 'DELIVERED':
    case 'LOST':
    case 'RETURNED':
      return 'SHIPPED';
    case 'RELEASED':
    case 'WAYBILLED':
      return progress;
    case 'ALLOCATED':
    case 'NONE':
      if (state.approvedAt === '') return state.paidAt === '' ? 'AWAITING_PAYMENT' : 'AUDITING';
      return progress === 'ALLOCATED' ? 'ALLOCATED' : 'APPROVED';
    default:
      return unreachable(progress);
  }
};

const askCancel = (state: OrderState, reason: string, by: string, progress: Progress, stage: Stage = stageOf(state, progress)): Decided => {
  if (ended(state) || cancelling(state)) return [];
  const asked: OrderEvent = { type: 'OrderCancelRequested', data: { orderId: state.orderId, reason, by } };
  return [asked, { type: 'CancellationBegun', data: { orderId: state.orderId, stage } }];
};

/** What platforms and rules ask is asked once: after a refusal only the desk may try again. */
const cancelOnce = (state: OrderState, reason: string, by: string, progress: Progress, stage?: Stage): Decided => (state.cancel ? [] : askCancel(state, reason, by, progress, stage));

const approve = ({ data: { by, at } }: Of<OrderCommand, 'ApproveOrder'>, state: OrderState): Decided => {
  if (state.approvedAt !== '' || ended(state) || cancelling(state)) return [];
  const answered = state.holds.filter(({ type }) => answeredByApproval.includes(type));
  return [
    ...answered.map(({ holdId }): OrderEvent => ({ type: 'OrderHoldReleased', data: { orderId: state.orderId, holdId, by } })),
    { type: 'OrderApproved', data: { orderId: state.orderId, approvedAt: at, by } },
  ];
};

const release = ({ data: { holdId, by } }: Of<OrderCommand, 'ReleaseHold'>, state: OrderState): Decided => {
  const hold = state.holds.find((one) => one.holdId === holdId);
  if (!hold) return [];
  const released: OrderEvent = { type: 'OrderHoldReleased', data: { orderId: state.orderId, holdId, by } };
  // What has no SKU cannot be sent: its lines are let go.
  const lines = hold.type === 'SKU_UNMATCHED' ? withoutUnmatched(state.lines, unmatched(state.lines).map(({ lineId }) => lineId)) : state.lines;
  return same(lines, state.lines) ? [released] : [released, amendment(state, ['lines'], { lines })];
};

const changeAddress = (shipTo: common.Address, state: OrderState): Decided => {
  if (same(shipTo, state.shipTo)) return [];
  // Whoever sets an address has read the remark.
  const cured = reachable(state, shipTo) ? state.holds.filter(({ type, holdId }) => type === 'ADDRESS' || holdId.startsWith('BUYER_REQUEST:rule-')) : [];
  return [
    amendment(state, ['shipTo'], { shipTo }),
    ...cured.map(({ holdId }): OrderEvent => ({ type: 'OrderHoldReleased', data: { orderId: state.orderId, holdId, by: 'rule:address' } })),
  ];
};

/** What may be done by hand is what the table of actions says, which is served with the order. */
const actByHand = ({ data: { orderId, act, fulfilment, by, at } }: Of<OrderCommand, 'ActByHand'>, state: OrderState): Decided => {
  permit(act, orderId, state, fulfilment);
  const decided = handled(act, state, fulfilment, by, at);
  // What is on its way is of the fulfilment's stream; who asked for it, and why, is kept here.
  if (decided.length === 0 && act.action !== 'Intercept') return [];
  return [{ type: 'ActedByHand', data: { orderId, action: act.action, reason: 'reason' in act ? act.reason : '', by } }, ...decided];
};

const handled = (act: Act, state: OrderState, fulfilment: FulfilmentState, by: string, at: string): Decided => {
  switch (act.action) {
    case 'Approve':
      return approve({ type: 'ApproveOrder', data: { by, at } }, state);
    case 'Hold':
      return [held(state, act.type, act.blocks, act.reason)];
    case 'Release':
      return holdsToRelease(act, state, fulfilment).reduce<Decided>((events, { holdId }) => [...events, ...release({ type: 'ReleaseHold', data: { holdId, by } }, events.reduce(evolveOrder, state))], []);
    case 'Cancel':
      return askCancel(state, act.reason || 'desk', by, progressOf(fulfilment));
    case 'ChangeAddress':
      return changeAddress(act.shipTo, state);
    case 'Intercept':
      return [];
    case 'Split': {
      const from = splitFrom(act, state.orderId, fulfilment)!;
      const lines = act.lines.map(({ lineId, quantity }) => ({ ...state.lines.find((line) => line.lineId === lineId)!, quantity }));
      return splitOff(state, from.foId, 'BY_HAND', lines);
    }
    case 'AllowPartial':
      return state.partial === act.allowed ? [] : [{ type: 'PartialChosen', data: { orderId: state.orderId, allowed: act.allowed } }];
    default:
      return unreachable(act);
  }
};

const splitOff = (state: OrderState, fromFoId: string, reason: SplitReason, lines: readonly common.ShareLine[]): Decided => {
  const part = (state.parts ?? []).length + 1;
  return [{ type: 'OrderSplit', data: { orderId: state.orderId, foId: splitIdOf(state.orderId, part), part, fromFoId, reason, lines: lines.map(({ lineId, channelLineId, sku, quantity }) => ({ lineId, channelLineId, sku, quantity })) } }];
};

/** A change of lines came too late: the order says what was shipped. */
const takeShipped = ({ data }: Of<OrderCommand, 'TakeShipped'>, state: OrderState): Decided => {
  const units = new Map(data.lines.map(({ lineId, quantity }) => [lineId, quantity]));
  const lines = state.lines.map((line) => (line.ships ? { ...line, quantity: units.get(line.lineId) ?? 0 } : line));
  return same(lines, state.lines) ? [] : [amendment(state, ['lines'], { lines })];
};

function decide(command: OrderCommand, state: OrderState): Decided {
  if (command.type === 'ActByHand') return actByHand(command, state);
  if (!state.placed) {
    switch (command.type) {
      case 'TakeContent':
        return takeContent(command, state);
      case 'NotePaid':
      case 'NoteCancelled':
      case 'NoteRefundRequested':
      case 'NoteRefundSettled':
      case 'NoteRefundWithdrawn':
      case 'NoteFrozen':
      case 'NoteSettled':
        return remember(state, { type: command.type, data: command.data.fact } as EarlyFact);
      default:
        return [];
    }
  }
  switch (command.type) {
    case 'TakeContent':
      return takeContent(command, state);
    case 'NotePaid':
      return notePaid(command, state);
    case 'NoteCancelled':
      return cancelOnce(state, command.data.fact.reason || 'other', 'channel', command.data.progress);
    case 'NoteRefundRequested': {
      const { refundId, modifiedAt, amount } = command.data.fact;
      return noteRefund(state, { refundId, state: 'REQUESTED', modifiedAt, amount, lines: [] }, command.data.progress);
    }
    case 'NoteRefundSettled': {
      const { refundId, modifiedAt, amount, lines } = command.data.fact;
      return noteRefund(state, { refundId, state: 'SETTLED', modifiedAt, amount, lines }, command.data.progress);
    }
    case 'NoteRefundWithdrawn': {
      const { refundId, modifiedAt } = command.data.fact;
      return noteRefund(state, { refundId, state: 'WITHDRAWN', modifiedAt, amount: { amount: 0, currency: state.total.currency }, lines: [] }, command.data.progress);
    }
    case 'NoteFrozen':
      return freeze(state, command.data.fact);
    case 'NoteSettled': {
      const { statementId, settledAt } = command.data.fact;
      return state.settledAt === '' ? [{ type: 'SettlementNoted', data: { orderId: state.orderId, statementId, settledAt } }] : [];
    }
    case 'LookAtPayment':
      return unpaid(state) && !left(command.data.progress) ? cancelOnce(state, 'payment_timeout', 'timer:payment', command.data.progress) : [];
    case 'LookAtReturnWindow': {
      const { parcels, at } = command.data;
      return ended(state) || parcels.every((parcelId) => state.kept?.includes(parcelId)) ? [] : [{ type: 'ReturnWindowPassed', data: { orderId: state.orderId, at, parcels } }];
    }
    case 'ApproveOrder':
      return approve(command, state);
    case 'HoldOrder': {
      const { type, blocks, reason, holdId } = command.data;
      if (ended(state) || state.released.includes(holdId) || state.holds.some((hold) => hold.holdId === holdId)) return [];
      return [held(state, type, blocks, reason, holdId)];
    }
    case 'ReleaseHold':
      return release(command, state);
    case 'CancelOrder':
      return cancelOnce(state, command.data.reason, command.data.by, command.data.progress);
    case 'TakeShipped':
      return takeShipped(command, state);
    case 'FinishCancel':
      if (!cancelling(state)) return [];
      return [{ type: 'OrderCancelled', data: { orderId: state.orderId, reason: state.cancel!.reason, stage: command.data.stage, cancelledAt: command.data.at } }];
    case 'RefuseCancel':
      return cancelling(state) ? refuseCancel(state, command.data) : [];
    case 'SplitOrder':
      return ended(state) || cancelling(state) || (state.parts ?? []).length >= mostParts ? [] : splitOff(state, command.data.from, 'PARTIAL_STOCK', command.data.lines);
    case 'CloseOrder':
      return ended(state) || cancelling(state) ? [] : [{ type: 'OrderClosed', data: { orderId: state.orderId, closedAt: command.data.at } }];
    default:
      return unreachable(command);
  }
}

/** The order: what the platform says of it, what rules and the desk decide, what it ends as. */
export const order: Decider<OrderState, OrderCommand, OrderEvent> = { category: 'order', initial: noOrder, evolve: evolveOrder, decide, schemaVersions, upcasters };
