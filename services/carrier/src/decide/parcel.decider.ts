import type { allocation, order } from '@flotilla/contracts';
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import { referenceOf, type Choice, type NoChoice, type Floor, type ParcelContent, type ParcelEvent, type ParcelPlan, type Routing, type VoidCause } from './parcel.events.js';
import { evolve, nothing, type Parcel, type PendingChange } from './parcel.state.js';

export type Chosen = { readonly choice: Choice } | { readonly none: NoChoice };

/** What the carrier said to a purchase. `valid`: the number has the carrier's form. */
export type PurchaseAnswer =
  | { readonly kind: 'issued'; readonly waybill: string; readonly routing: Routing; readonly printData?: string; readonly valid: boolean }
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string }
  | { readonly kind: 'unclear'; readonly askAfter: string; readonly detail: string };

export type VoidAnswer =
  | { readonly kind: 'voided' }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'unclear'; readonly after: string; readonly detail: string };

export type ParcelCommand =
  | { readonly type: 'Plan'; readonly data: { readonly release: order.FulfilmentReleased; readonly chosen: Chosen } }
  /** A supplier sends it. */
  | { readonly type: 'PlanExternal'; readonly data: { readonly release: order.FulfilmentReleased } }
  /** It has, and says the number, which nobody else has. */
  | { readonly type: 'NoteExternal'; readonly data: allocation.SupplierShipped }
  | { readonly type: 'Cancel'; readonly data: order.FulfilmentCancelRequested }
  | { readonly type: 'Change'; readonly data: { readonly change: order.FulfilmentChangeRequested; readonly chosen: Chosen | null } }
  | { readonly type: 'BeginPurchase'; readonly data: { readonly parcelId: string; readonly purchase: number; readonly deadline: string } }
  | { readonly type: 'SettlePurchase'; readonly data: { readonly parcelId: string; readonly purchase: number; readonly answer: PurchaseAnswer; readonly at: string } }
  | { readonly type: 'NotKnown'; readonly data: { readonly parcelId: string; readonly purchase: number; readonly askedAt: string; readonly deadline: string; readonly askAfter: string; /** The carrier takes the reference once: the same order may be placed again at any time, and is how it is asked. */ readonly repeatable: boolean } }
  | { readonly type: 'SettleVoid'; readonly data: { readonly parcelId: string; readonly purchase: number; readonly answer: VoidAnswer; readonly at: string } }
  | { readonly type: 'Ship'; readonly data: { readonly parcelId: string; /** As scanned, "" = not scanned. */ readonly waybill: string; readonly grams: number; readonly freight: Choice['quoted'] | null; /** Where the buyer collects it, "" = nowhere. */ readonly pickupPlace: string; readonly at: string } }
  | { readonly type: 'NoteFloor'; readonly data: { readonly parcelId: string; readonly floor: Floor; readonly wave: string } }
  | { readonly type: 'PrintLabel'; readonly data: { readonly parcelId: string; readonly waybill: string; readonly format: string; readonly size: string; readonly by: string; readonly reason?: string } };

/** What of a release the buyer asked for. */
export const wishesOf = ({ tags, giftMessage }: Pick<order.FulfilmentReleased, 'tags' | 'giftMessage'>): Pick<ParcelPlan, 'wishes' | 'giftMessage'> => {
  const wishes = tags.filter((tag) => tag.startsWith('buyer:'));
  return { ...(wishes.length === 0 ? {} : { wishes }), ...(giftMessage === '' ? {} : { giftMessage }) };
};

const noRouting: Routing = { origin: '', destination: '', sorting: '', matrix: '' };

const plan = ({ data: { release, chosen } }: Of<ParcelCommand, 'Plan'>, parcel: Parcel): readonly ParcelEvent[] => {
  if (parcel.status !== 'NONE') return []; // planned already, or cancelled before it was seen
  const { parcelId, foId } = release;
  const changes = parcel.pending.map(({ changeId }) => changeId);
  if ('none' in chosen) return [...refuseChanges(parcelId, foId, changes, 'NOT_POSSIBLE'), { type: 'CarrierRefused', data: { parcelId, foId, ...chosen.none } }];
  const { warehouse, number, remark, buyer, value, excludedCarriers, preferredCarrier, priority } = release;
  const content = plannedContent(release, parcel);
  const planned: ParcelPlan = { parcelId, foId, warehouse, number, remark, buyer, value, excludedCarriers, preferredCarrier, ...wishesOf(release), priority, ...content, choice: chosen.choice };
  return [{ type: 'ParcelPlanned', data: planned }, requested(parcelId, 1, priority)];
};

const planExternal = ({ data: { release } }: Of<ParcelCommand, 'PlanExternal'>, parcel: Parcel): readonly ParcelEvent[] => {
  if (parcel.status !== 'NONE') return [];
  const { parcelId, foId, warehouse, orders, items, shipTo, service, value, excludedCarriers, preferredCarrier, priority, remark, number, buyer } = release;
  const choice: Choice = { carrier: '', service, quoted: { amount: 0, currency: value.currency }, days: 0, explain: 'EXTERNAL: the supplier sends it under a number of its own' };
  const changes = parcel.pending.map(({ changeId }) => changeId);
  return [
    { type: 'ExternalParcelPlanned', data: { parcelId, foId, warehouse, orders, items, shipTo, service, value, excludedCarriers, preferredCarrier, priority, remark, number, buyer, choice } },
    ...refuseChanges(parcelId, foId, changes, 'NOT_POSSIBLE'),
  ];
};

// The supplier's word may come before order-core's. What was voided meanwhile stays so: the goods come back to whom sent them.
const noteExternal = ({ data: { parcelId, foId, orders, carrier, waybill, shippedAt, warehouse } }: Of<ParcelCommand, 'NoteExternal'>, { status }: Parcel): readonly ParcelEvent[] =>
  status === 'EXTERNAL' || status === 'NONE' ? [{ type: 'ParcelShippedExternally', data: { parcelId, foId, orders, carrier, waybill, shippedAt, warehouse } }] : [];

// The lane's days, from the moment it left the building; a lane without days promises nothing.
const dueAt = (shippedAt: string, days: number): string => (days > 0 ? new Date(Date.parse(shippedAt) + days * 86_400_000).toISOString() : '');

const cancel = ({ data: { parcelId, foId, reason } }: Of<ParcelCommand, 'Cancel'>, parcel: Parcel): readonly ParcelEvent[] => {
  const voided = (waybill: string): ParcelEvent => ({ type: 'ParcelVoided', data: { parcelId, foId, waybill, reason } });
  const noted: ParcelEvent = { type: 'CancelNoted', data: { parcelId, foId, reason } };
  const dropped = refuseChanges(parcelId, foId, unanswered(parcel), 'NOT_POSSIBLE');
  switch (parcel.status) {
    case 'NONE': // the tombstone: the FulfilmentReleased that is still on its way finds it
      return [...dropped, voided('')];
    case 'PLANNED':
      return [...dropped, settled(parcelId, parcel.purchase, 'ABANDONED', 'cancelled before the carrier was called'), voided('')];
    case 'BUYING':
    case 'UNKNOWN':
      return [...dropped, noted];
    case 'WAYBILLED':
      return [noted, voidRequested(parcelId, parcel, parcel.waybill, 'CANCEL')];
    case 'VOIDING':
      return parcel.cancel === null ? [...dropped, noted] : [];
    case 'VOIDED': // an ask whose answer may have been lost is answered again
      return [voided(parcel.waybill)];
    case 'EXTERNAL':
      return [...dropped, voided('')];
    case 'REFUSED':
      return [voided('')];
    case 'SHIPPED':
      return [{ type: 'CancelRefused', data: { parcelId, foId, reason: 'SHIPPED' } }];
    default:
      return unreachable(parcel.status);
  }
};

const change = ({ data: { change: asked, chosen } }: Of<ParcelCommand, 'Change'>, parcel: Parcel): readonly ParcelEvent[] => {
  const { parcelId, foId, changeId } = asked;
  const before = parcel.answered[changeId];
  if (before !== undefined) return before === '' ? [{ type: 'ParcelChanged', data: { parcelId, foId, changeId } }] : refuseChanges(parcelId, foId, [changeId], before);
  if (unanswered(parcel).includes(changeId)) return [];
  const refuse = (reason: string): readonly ParcelEvent[] => refuseChanges(parcelId, foId, [changeId], reason);
  const choice = chosen !== null && 'choice' in chosen ? chosen.choice : null;
  const content = changedContent(asked, parcel);
  const noted: ParcelEvent = { type: 'ChangeNoted', data: { parcelId, foId, changeId, content, choice } };
  switch (parcel.status) {
    case 'NONE':
      return [noted];
    case 'PLANNED':
      return choice === null ? refuse('NOT_POSSIBLE') : [noted, { type: 'ParcelReplanned', data: { parcelId, ...content, choice, changeIds: [changeId] } }];
    case 'BUYING':
    case 'UNKNOWN':
      return choice === null ? refuse('NOT_POSSIBLE') : [noted];
    case 'WAYBILLED':
      return choice === null ? refuse('NOT_POSSIBLE') : [noted, voidRequested(parcelId, parcel, parcel.waybill, 'CHANGE')];
    case 'VOIDING':
      return choice === null || parcel.cancel !== null || parcel.voidBecause === 'BAD_NUMBER' ? refuse('NOT_POSSIBLE') : [noted];
    case 'EXTERNAL': // the supplier has the address already
    case 'VOIDED':
    case 'REFUSED':
      return refuse('NOT_POSSIBLE');
    case 'SHIPPED':
      return refuse('SHIPPED');
    default:
      return unreachable(parcel.status);
  }
};

const beginPurchase = ({ data: { parcelId, purchase, deadline } }: Of<ParcelCommand, 'BeginPurchase'>, parcel: Parcel): readonly ParcelEvent[] =>
  parcel.status === 'PLANNED' && parcel.purchase === purchase ? [{ type: 'PurchaseBegun', data: { parcelId, purchase, call: 1, deadline } }] : [];

const settlePurchase = ({ data: { parcelId, purchase, answer, at } }: Of<ParcelCommand, 'SettlePurchase'>, parcel: Parcel): readonly ParcelEvent[] => {
  if (parcel.open !== 'PURCHASE' || parcel.purchase !== purchase || parcel.plan === null || parcel.status === 'PLANNED') return [];
  switch (answer.kind) {
    case 'unclear':
      return [{ type: 'WaybillUnknown', data: { parcelId, purchase, ask: parcel.asks + 1, askAfter: answer.askAfter, detail: answer.detail } }];
    case 'refused': {
      const refusal = settled(parcelId, purchase, 'REFUSED', answer.detail);
      if (parcel.cancel !== null || parcel.pending.length > 0) return [refusal, ...withoutWaybill(parcelId, parcel)];
      const { foId, choice } = parcel.plan;
      return [refusal, ...refuseChanges(parcelId, foId, unanswered(parcel), 'NOT_POSSIBLE'), { type: 'CarrierRefused', data: { parcelId, foId, carrier: choice.carrier, reason: answer.reason, detail: answer.detail } }];
    }
    case 'issued': {
      const { waybill, routing, printData, valid } = answer;
      const bought: ParcelEvent = { type: 'PurchaseSettled', data: { parcelId, purchase, outcome: 'ISSUED', waybill, routing, ...(printData ? { printData } : {}), detail: '' } };
      const because: VoidCause | undefined = parcel.cancel !== null ? 'CANCEL' : !valid ? 'BAD_NUMBER' : parcel.pending.length > 0 ? 'CHANGE' : undefined;
      return because ? [bought, voidRequested(parcelId, parcel, waybill, because)] : [bought, ...issued(parcelId, parcel, waybill, at)];
    }
    default:
      return unreachable(answer);
  }
};

const notKnown = ({ data: { parcelId, purchase, askedAt, deadline, askAfter, repeatable } }: Of<ParcelCommand, 'NotKnown'>, parcel: Parcel): readonly ParcelEvent[] => {
  if (parcel.open !== 'PURCHASE' || parcel.purchase !== purchase || parcel.plan === null || parcel.status === 'PLANNED') return [];
  if (repeatable) return [{ type: 'PurchaseBegun', data: { parcelId, purchase, call: parcel.calls + 1, deadline } }];
  // Until its deadline the call may still arrive, so that not being known means nothing yet.
  if (askedAt <= parcel.deadline) return [{ type: 'WaybillUnknown', data: { parcelId, purchase, ask: parcel.asks + 1, askAfter, detail: 'not known to the carrier yet' } }];
  if (parcel.cancel === null && parcel.pending.length === 0) return [{ type: 'PurchaseBegun', data: { parcelId, purchase, call: parcel.calls + 1, deadline } }];
  return [settled(parcelId, purchase, 'ABANDONED', 'the carrier does not know it'), ...withoutWaybill(parcelId, parcel)];
};

const settleVoid = ({ data: { parcelId, purchase, answer, at } }: Of<ParcelCommand, 'SettleVoid'>, parcel: Parcel): readonly ParcelEvent[] => {
  if (parcel.open !== 'VOID' || parcel.purchase !== purchase || parcel.plan === null) return [];
  const { waybill, voidBecause, plan: { foId, choice } } = parcel;
  const badNumber = (detail: string): readonly ParcelEvent[] => [
    ...refuseChanges(parcelId, foId, unanswered(parcel), 'NOT_POSSIBLE'),
    { type: 'CarrierRefused', data: { parcelId, foId, carrier: choice.carrier, reason: 'BAD_WAYBILL', detail } },
  ];
  switch (answer.kind) {
    case 'unclear':
      return [{ type: 'VoidUnknown', data: { parcelId, purchase, waybill, attempt: parcel.voidTries + 1, after: answer.after, detail: answer.detail } }];
    case 'voided': {
      const done: ParcelEvent = { type: 'VoidSettled', data: { parcelId, purchase, waybill, outcome: 'VOIDED', detail: '' } };
      if (voidBecause === 'BAD_NUMBER' && parcel.cancel === null) return [done, ...badNumber(`${waybill} does not have the form of the carrier's numbers`)];
      return [done, ...withoutWaybill(parcelId, parcel)];
    }
    case 'refused': {
      const kept: ParcelEvent = { type: 'VoidSettled', data: { parcelId, purchase, waybill, outcome: 'REFUSED', detail: answer.detail } };
      // Nobody can have collected a parcel that never got a label: a cancel is fulfilled even so.
      if (voidBecause === 'BAD_NUMBER' && parcel.cancel !== null) return [kept, ...withoutWaybill(parcelId, parcel)];
      if (voidBecause === 'BAD_NUMBER') return [kept, ...badNumber(`${waybill} is not the carrier's form and was not voided: ${answer.detail}`)];
      // The carrier has the parcel in hand. The waybill stays; what was not said of it yet is said now.
      const back = parcel.announced ? [] : issued(parcelId, { ...parcel, applied: [] }, waybill, at);
      const refusedChanges = refuseChanges(parcelId, foId, unanswered(parcel), 'NOT_POSSIBLE');
      return [kept, ...back, ...refusedChanges, ...(parcel.cancel === null ? [] : [{ type: 'CancelRefused' as const, data: { parcelId, foId, reason: 'SHIPPED' } }])];
    }
    default:
      return unreachable(answer);
  }
};

const ship = ({ data: { parcelId, waybill, grams, freight, pickupPlace, at } }: Of<ParcelCommand, 'Ship'>, parcel: Parcel): readonly ParcelEvent[] => {
  const scanned = waybill !== '' && parcel.waybill !== waybill;
  switch (parcel.status) {
    case 'NONE':
      throw new Refused('NOT_FOUND', `no parcel ${parcelId}; list them with Parcels/List`);
    case 'PLANNED':
    case 'BUYING':
    case 'UNKNOWN':
      throw scanned && parcel.purchase > 1
        ? new Refused('VOIDED', `${waybill} was voided by a change of the parcel; wait for the new label`)
        : new Refused('NOT_WAYBILLED', `parcel ${parcelId} is ${parcel.status} and has no waybill yet; wait for WAYBILLED`);
    case 'REFUSED':
      throw new Refused('NOT_WAYBILLED', `no carrier took parcel ${parcelId}; the order desk chooses again`);
    case 'EXTERNAL':
      throw new Refused('NOT_WAYBILLED', `parcel ${parcelId} is sent by a supplier, which says its number`);
    case 'VOIDING':
    case 'VOIDED':
      throw new Refused('VOIDED', `parcel ${parcelId} is ${parcel.status}; put it back and do not ship it`);
    case 'WAYBILLED':
    case 'SHIPPED':
      if (scanned) throw new Refused('VOIDED', `${waybill} was voided by a change of the parcel; print the label of ${parcel.waybill}`);
      if (parcel.status === 'WAYBILLED' && parcel.floor === 'SHORT') throw new Refused('NOT_PACKED', `goods of parcel ${parcelId} are missing; wait for the order to be planned anew`);
      if (parcel.status === 'WAYBILLED' && parcel.floor === 'PICKING') throw new Refused('NOT_PACKED', `parcel ${parcelId} stands in a wave; scan its items and close it with Packing/Pack`);
      return parcel.status === 'SHIPPED' || parcel.plan === null ? [] : shipped(parcel.plan, parcel.waybill, { grams, freight, pickupPlace, at });
    default:
      return unreachable(parcel.status);
  }
};

const printLabel = ({ data }: Of<ParcelCommand, 'PrintLabel'>, parcel: Parcel): readonly ParcelEvent[] => {
  switch (parcel.status) {
    case 'NONE':
      throw new Refused('NOT_FOUND', `no parcel ${data.parcelId}; list them with Parcels/List`);
    case 'VOIDING':
    case 'VOIDED':
      throw new Refused('VOIDED', `parcel ${data.parcelId} is ${parcel.status}; there is nothing to label`);
    case 'PLANNED':
    case 'BUYING':
    case 'UNKNOWN':
    case 'EXTERNAL':
    case 'REFUSED':
      throw new Refused('NOT_WAYBILLED', `parcel ${data.parcelId} is ${parcel.status} and has no waybill to print`);
    case 'WAYBILLED':
    case 'SHIPPED':
      if (!parcel.announced) throw new Refused('NOT_WAYBILLED', `parcel ${data.parcelId} was labelled by the supplier that sent it`);
      if (data.waybill !== parcel.waybill) throw new Refused('CONFLICT', `the waybill of parcel ${data.parcelId} has just changed; print again`);
      return [{ type: parcel.prints === 0 ? 'LabelPrinted' : 'LabelReprinted', data: { ...data, count: parcel.prints + 1 } }];
    default:
      return unreachable(parcel.status);
  }
};

/** Stream `parcel-<parcelId>`: one parcel, one waybill at a time; voided and shipped exclude one another here. */
export const parcel: Decider<Parcel, ParcelCommand, ParcelEvent> = {
  category: 'parcel',
  initial: nothing,
  evolve,
  decide: (command, state) => {
    switch (command.type) {
      case 'Plan': return plan(command, state);
      case 'PlanExternal': return planExternal(command, state);
      case 'NoteExternal': return noteExternal(command, state);
      case 'Cancel': return cancel(command, state);
      case 'Change': return change(command, state);
      case 'BeginPurchase': return beginPurchase(command, state);
      case 'SettlePurchase': return settlePurchase(command, state);
      case 'NotKnown': return notKnown(command, state);
      case 'SettleVoid': return settleVoid(command, state);
      case 'Ship': return ship(command, state);
      case 'NoteFloor': return state.floor === command.data.floor || state.status === 'SHIPPED' ? [] : [{ type: 'FloorNoted', data: command.data }];
      case 'PrintLabel': return printLabel(command, state);
      default: return unreachable(command);
    }
  },
};

/** The content of a parcel when it is planned: a change that came before it wins over the release. */
export const plannedContent = (release: ParcelContent, { pending }: Pick<Parcel, 'pending'>): ParcelContent => merged(pending.at(-1)?.content ?? release, release);

/** The content once a change is taken over: what it leaves out stays as it is. */
export const changedContent = (change: ParcelContent, { plan: planned, pending }: Pick<Parcel, 'plan' | 'pending'>): ParcelContent => merged(change, pending.at(-1)?.content ?? planned ?? change);

const merged = (first: ParcelContent, second: ParcelContent): ParcelContent => ({
  shipTo: first.shipTo.country === '' ? second.shipTo : first.shipTo,
  service: first.service || second.service,
  items: first.items.length > 0 ? first.items : second.items,
  orders: first.orders.length > 0 ? first.orders : second.orders,
});

const unanswered = (state: Parcel): readonly string[] => [...state.applied, ...state.pending.map(({ changeId }: PendingChange) => changeId)];

const refuseChanges = (parcelId: string, foId: string, changeIds: readonly string[], reason: string): readonly ParcelEvent[] =>
  changeIds.map((changeId) => ({ type: 'ChangeRefused', data: { parcelId, foId, changeId, reason } }));

const requested = (parcelId: string, purchase: number, priority: number): ParcelEvent => ({ type: 'WaybillRequested', data: { parcelId, purchase, reference: referenceOf(parcelId, purchase), priority } });

const settled = (parcelId: string, purchase: number, outcome: 'REFUSED' | 'ABANDONED', detail: string): ParcelEvent => ({ type: 'PurchaseSettled', data: { parcelId, purchase, outcome, waybill: '', routing: noRouting, detail } });

const voidRequested = (parcelId: string, state: Parcel, waybill: string, because: VoidCause): ParcelEvent => ({
  type: 'VoidRequested',
  data: { parcelId, purchase: state.purchase, reference: referenceOf(parcelId, state.purchase), carrier: state.plan?.choice.carrier ?? '', waybill, because },
});

// No live waybill is left: a cancel ends the parcel, a change buys the next one.
const withoutWaybill = (parcelId: string, { plan: planned, cancel: reason, pending, purchase, waybill, applied }: Parcel): readonly ParcelEvent[] => {
  if (planned === null) return [];
  if (reason !== null) return [...refuseChanges(parcelId, planned.foId, [...applied, ...pending.map(({ changeId }) => changeId)], 'NOT_POSSIBLE'), { type: 'ParcelVoided', data: { parcelId, foId: planned.foId, waybill, reason } }];
  const newest = pending.at(-1);
  if (!newest) return [];
  const replanned: ParcelEvent = { type: 'ParcelReplanned', data: { parcelId, ...newest.content, choice: newest.choice ?? planned.choice, changeIds: pending.map(({ changeId }) => changeId) } };
  return [replanned, requested(parcelId, purchase + 1, planned.priority)];
};

const issued = (parcelId: string, { plan: planned, applied }: Parcel, waybill: string, at: string): readonly ParcelEvent[] => {
  if (planned === null) return [];
  const { foId, orders, choice } = planned;
  const first: ParcelEvent = { type: 'WaybillIssued', data: { parcelId, foId, orders, carrier: choice.carrier, service: choice.service, waybill, quoted: choice.quoted, issuedAt: at } };
  return [first, ...applied.map((changeId): ParcelEvent => ({ type: 'ParcelChanged', data: { parcelId, foId, changeId } }))];
};

const shipped = ({ parcelId, foId, orders, warehouse, choice, shipTo, buyer, number, items }: ParcelPlan, waybill: string, { grams, freight, pickupPlace, at }: Omit<Of<ParcelCommand, 'Ship'>['data'], 'parcelId' | 'waybill'>): readonly ParcelEvent[] => [
  ...(grams > 0 ? [{ type: 'ParcelWeighed' as const, data: { parcelId, grams } }] : []),
  {
    type: 'ParcelShipped',
    data: { parcelId, foId, orders, warehouse, carrier: choice.carrier, service: choice.service, waybill, shippedAt: at, shipTo, buyer, number, items, freight: freight ?? choice.quoted, dueAt: dueAt(at, choice.days), pickupPlace },
  },
];
