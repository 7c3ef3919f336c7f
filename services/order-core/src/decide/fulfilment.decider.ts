import { unreachable, type Decider, type Of } from '@flotilla/decider';
import type { allocation, carrier, common, order, tracking } from '@flotilla/contracts';
import { parcelIdOf, uuidv5 } from '@flotilla/values';
import { same } from './content.js';
import type { FulfilmentEvent, Part, Plan } from './fulfilment.events.js';
import { alive, arriving, busy, complete, delivered, evolveFulfilment, gone, interceptable, legOf, legsThatLeft, needsRound, noFulfilment, pendingLegs, remaining, remainingOf, stockHeld, stoppable, strayOf, type FulfilmentState, type Leg, type Parcel } from './fulfilment.state.js';
import { nowhere, schemaVersions, upcasters } from './fulfilment.versions.js';
import { dealt, itemsOf, perSku, unitsIn, valuesOf } from './shares.js';
import { carrierWishes } from './wishes.js';

// Two kinds of commands: what the conductor owes (it asks players), and what the players answered.
export type FulfilmentCommand =
  | { readonly type: 'PlanFulfilment'; readonly data: { readonly foId: string; readonly plan: Plan; readonly split?: FulfilmentState['split'] } }
  | { readonly type: 'RequestAllocation'; readonly data: Record<never, never> }
  | { readonly type: 'ReleaseFulfilment'; readonly data: Record<never, never> }
  | { readonly type: 'RequestChanges'; readonly data: Record<never, never> }
  | { readonly type: 'RecallParcels'; readonly data: { readonly parcelIds: readonly string[]; readonly reason: string } }
  /** `shipTo`: where it is to go instead; null = back to the sender. */
  | { readonly type: 'Intercept'; readonly data: { readonly reason: string; readonly shipTo: common.Address | null } }
  | { readonly type: 'CancelFulfilment'; readonly data: { readonly reason: string } }
  /** `at`: business time. */
  | { readonly type: 'ClearTrouble'; readonly data: { readonly trouble: number; readonly at: string } }
  | { readonly type: 'ShipExternal'; readonly data: Record<never, never> }
  | { readonly type: 'NoteAllocated'; readonly data: allocation.OrderAllocated }
  | { readonly type: 'NoteBackordered'; readonly data: allocation.OrderBackordered }
  | { readonly type: 'NoteEased'; readonly data: allocation.BackorderEased }
  | { readonly type: 'NoteStockReleased'; readonly data: allocation.StockReleased }
  | { readonly type: 'NotePickShort'; readonly data: allocation.PickShort }
  | { readonly type: 'NoteDisplaced'; readonly data: allocation.StockDisplaced }
  | { readonly type: 'NoteWaybill'; readonly data: carrier.WaybillIssued }
  | { readonly type: 'NoteShipped'; readonly data: carrier.ParcelShipped }
  | { readonly type: 'NoteVoided'; readonly data: carrier.ParcelVoided }
  | { readonly type: 'NoteCancelRefused'; readonly data: carrier.CancelRefused }
  | { readonly type: 'NoteChanged'; readonly data: carrier.ParcelChanged }
  | { readonly type: 'NoteChangeRefused'; readonly data: carrier.ChangeRefused }
  /** `carriers`: all that could be asked instead. */
  | { readonly type: 'NoteCarrierRefused'; readonly data: { readonly refused: carrier.CarrierRefused; readonly carriers: readonly string[] } }
  | { readonly type: 'NoteLost'; readonly data: carrier.ParcelLost }
  | { readonly type: 'NoteShippedExternally'; readonly data: carrier.ParcelShippedExternally }
  | { readonly type: 'NoteMilestone'; readonly data: tracking.MilestoneReached };

type Decided = readonly FulfilmentEvent[];

/** After so many refusals a person looks, however many carriers are left. */
const patience = 3;

const plan = ({ data }: Of<FulfilmentCommand, 'PlanFulfilment'>, state: FulfilmentState): Decided => {
  const before = state.plan;
  if (!before) return [{ type: 'FulfilmentPlanned', data }];
  const { foId, plan: next } = data;
  if (same(before, data.plan) || state.cancelled || complete(state)) return [];
  // Another store, or none: whoever holds the stock cannot serve it.
  const linesChanged = !same(remaining(state), remainingOf(state, data.plan)) || !same(placeBound(before), placeBound(data.plan));
  const addressChanged = !same(before.shipTo, data.plan.shipTo) || before.service !== data.plan.service;
  return [{ type: 'FulfilmentReplanned', data: { foId, plan: next, linesChanged, addressChanged } }];
};

const placeBound = ({ service, pickupLocation = '' }: Plan): readonly string[] => (service === 'PICKUP' || service === 'SAME_CITY' ? [service, pickupLocation] : []);

/** Parcels that took allocation's stock with them; what somebody else shipped did not. */
const shippedParts = (state: FulfilmentState): readonly order.ShippedPart[] =>
  legsThatLeft(state)
    .filter(({ warehouse }) => warehouse !== '')
    .map(({ warehouse, parcel }) => ({ parcelId: parcel!.parcelId, warehouse }));

/** What the parcels that have left carry is not worth anything any more to those that follow. */
const valueLeft = (state: FulfilmentState, { value }: Plan): number => Math.max(0, legsThatLeft(state).reduce((rest, leg) => rest - leg.value, value.amount));

const requestAllocation = (state: FulfilmentState): Decided => {
  const orders = remaining(state);
  if (!state.plan || state.cancelled || !needsRound(state) || stoppable(state) || orders.length === 0) return [];
  const { shipTo, priority, orderedAt, value, service, pickupLocation = '', tags } = state.plan;
  const { country, province, city, district, postcode } = shipTo;
  return [
    {
      type: 'AllocationRequested',
      data: {
        foId: state.foId,
        round: state.round + 1,
        orders,
        lines: perSku(orders),
        country,
        province,
        city,
        district,
        postcode,
        priority,
        promisedAt: '',
        excludedWarehouses: state.excludedWarehouses,
        orderedAt,
        shipped: shippedParts(state),
        value: { ...value, amount: valueLeft(state, state.plan) },
        service,
        pickupLocation,
        tags,
      },
    },
  ];
};

/** Carriers that must not have this parcel: they refused it, the routing rules keep them away, or the buyer does not want them. */
const notAsked = ({ excludedCarriers, barredCarriers, wishWaived }: Pick<Leg, 'excludedCarriers' | 'barredCarriers' | 'wishWaived'>, tags: readonly string[]): readonly string[] =>
  [...new Set([...excludedCarriers, ...barredCarriers, ...(wishWaived ? [] : carrierWishes(tags).unwanted)])].sort();

/** Whom the buyer asks for, if they may have it; else whom routing would take. */
const preferred = ({ preferredCarrier }: Pick<Leg, 'preferredCarrier'>, excluded: readonly string[], tags: readonly string[]): string => {
  const wanted = carrierWishes(tags).wanted.filter((carrier) => !excluded.includes(carrier));
  if (wanted.length > 0 && !wanted.includes(preferredCarrier)) return wanted[0]!;
  // Routing took it before it was known whom the buyer does not want.
  return excluded.includes(preferredCarrier) ? '' : preferredCarrier;
};

/** One parcel for each leg that has none which may be shipped. */
const release = (state: FulfilmentState): Decided => {
  if (!state.plan || state.cancelled || needsRound(state) || state.allocation !== 'GRANTED' || state.external) return [];
  const { foId } = state;
  const { shipTo, service, value, prices, priority, remark, number, tags, buyer, giftMessage = '' } = state.plan;
  const pending = pendingLegs(state);
  const values = pending.length === 0 ? [] : valuesOf(valueLeft(state, state.plan), pending.map(({ orders }) => orders), prices);
  const idle = pending.map((leg, n) => ({ ...leg, value: values[n]! })).filter((leg) => !alive(leg));
  return idle.map(({ warehouse, orders, items, value: amount, ...leg }, n) => {
    const excludedCarriers = notAsked(leg, tags);
    const attempt = state.attempt + n + 1;
    const parcelId = parcelIdOf(foId, attempt);
    return { type: 'FulfilmentReleased', data: { foId, parcelId, attempt, warehouse, orders, items, shipTo, service, value: { ...value, amount }, excludedCarriers, priority, remark, number, tags, buyer, preferredCarrier: preferred(leg, excludedCarriers, tags), external: leg.external ?? false, giftMessage } };
  });
};

/** The address or the service of this parcel is not the newest, and nobody has asked for the newest yet. */
export const outdated = (state: FulfilmentState, leg: Leg): boolean => busy(leg) && leg.parcel!.recall === '' && !leg.parcel!.change && leg.parcel!.addressRevision !== state.addressRevision;

const requestChanges = (state: FulfilmentState): Decided => {
  if (!state.plan) return [];
  const { foId } = state;
  const { shipTo, service } = state.plan;
  return state.legs
    .filter((leg) => outdated(state, leg))
    .map(({ parcel, items, orders }) => {
      const { parcelId, changes } = parcel!;
      return { type: 'FulfilmentChangeRequested', data: { foId, parcelId, changeId: uuidv5(parcelId, `change-${changes + 1}`), shipTo, service, items, orders } };
    });
};

const recall = ({ data: { parcelIds, reason } }: Of<FulfilmentCommand, 'RecallParcels'>, { foId, legs }: FulfilmentState): Decided =>
  legs
    .filter((leg) => busy(leg) && leg.parcel!.recall === '' && parcelIds.includes(leg.parcel!.parcelId))
    .map(({ parcel }) => ({ type: 'FulfilmentCancelRequested', data: { foId, parcelId: parcel!.parcelId, reason } }));

const intercept = ({ data: { reason, shipTo } }: Of<FulfilmentCommand, 'Intercept'>, { foId, legs }: FulfilmentState): Decided =>
  legs.filter(interceptable).map(({ parcel }) => ({ type: 'InterceptionRequested', data: { foId, parcelId: parcel!.parcelId, reason, shipTo: shipTo ?? nowhere } }));

const cancel = ({ data: { reason } }: Of<FulfilmentCommand, 'CancelFulfilment'>, state: FulfilmentState): Decided => {
  if (state.cancelled || !state.plan || stoppable(state)) return [];
  if (arriving(state) && remaining(state).length > 0) return [];
  const { foId } = state;
  return [stockHeld(state) ? { type: 'FulfilmentCancelled', data: { foId, reason, shipped: shippedParts(state) } } : { type: 'FulfilmentAbandoned', data: { foId, reason } }];
};

const partsOf = ({ warehouse, lockId, items, parts }: allocation.OrderAllocated, { asked }: FulfilmentState): readonly Part[] => {
  if (parts.length === 0) return [{ warehouse, lockId, orders: asked, items, barredCarriers: [], preferredCarrier: '' }];
  const shares = dealt(asked, parts.map(({ lines }) => lines));
  return parts.map((part, n) => ({
    warehouse: part.warehouse,
    lockId: part.lockId,
    orders: shares[n]!,
    items: itemsOf(part.lines, items),
    barredCarriers: part.excludedCarriers,
    preferredCarrier: part.preferredCarrier,
    ...(part.external ? { external: true } : {}),
  }));
};

const noteAllocated = ({ data }: Of<FulfilmentCommand, 'NoteAllocated'>, state: FulfilmentState): Decided => {
  const waiting = state.allocation === 'ASKED' || state.allocation === 'BACKORDERED';
  // An answer to an earlier round: allocation gives that stock back before it plans the next.
  if (state.cancelled || !waiting || data.round !== state.round) return [];
  const { foId, round } = data;
  const parts = partsOf(data, state);
  // The word that the stock of one of them is not there came first.
  const failed = state.excludedWarehouses.slice(state.toldExcluded).find((one) => parts.some(({ warehouse }) => warehouse === one));
  return [{ type: 'StockGranted', data: { foId, round, parts } }, ...(failed === undefined ? [] : [{ type: 'StockFailed' as const, data: { foId, warehouse: failed, cause: 'DISPLACED' as const } }])];
};

const noteFailed = (state: FulfilmentState, warehouse: string, cause: 'PICK_SHORT' | 'DISPLACED'): Decided =>
  state.round === 0 || state.cancelled || complete(state) || state.excludedWarehouses.includes(warehouse) ? [] : [{ type: 'StockFailed', data: { foId: state.foId, warehouse, cause } }];

/** The parcel, if it may still be shipped and is the newest of its leg. */
const current = (state: FulfilmentState, parcelId: string): Parcel | undefined => {
  const leg = legOf(state, parcelId);
  return leg && alive(leg) ? leg.parcel! : undefined;
};

const noteWaybill = ({ data }: Of<FulfilmentCommand, 'NoteWaybill'>, state: FulfilmentState): Decided => {
  const { foId, parcelId, carrier: carrierId, service, waybill } = data;
  const parcel = current(state, parcelId);
  return !parcel || parcel.waybill === waybill ? [] : [{ type: 'WaybillNoted', data: { foId, parcelId, carrier: carrierId, service, waybill } }];
};

const noteShipped = ({ data }: Of<FulfilmentCommand, 'NoteShipped'>, state: FulfilmentState): Decided => {
  const { foId, parcelId, shippedAt, carrier: carrierId, service, waybill } = data;
  const parcel = current(state, parcelId);
  if (!parcel) return [];
  return [
    ...(parcel.waybill === waybill ? [] : [{ type: 'WaybillNoted' as const, data: { foId, parcelId, carrier: carrierId, service, waybill } }]),
    ...shipped(state, parcelId, shippedAt, parcel.milestone, parcel.milestoneAt),
  ];
};

const shipped = (state: FulfilmentState, parcelId: string, shippedAt: string, milestone: string, at: string): Decided => [
  { type: 'FulfilmentShipped', data: { foId: state.foId, parcelId, shippedAt } },
  ...(milestone === arrived ? [{ type: 'FulfilmentDelivered' as const, data: { foId: state.foId, parcelId, deliveredAt: at } }] : []),
];

const arrived = 'MILESTONE_DELIVERED';

const ended = (state: FulfilmentState, parcelId: string, how: 'VOIDED' | 'REFUSED', carrierId: string, reason: string, lookAtIt: boolean): Decided => {
  const parcel = current(state, parcelId);
  if (!parcel) return [];
  // Nobody asked for it: trying again blindly could go on for ever.
  const trouble = how === 'VOIDED' ? (parcel.recall === '' ? 'VOIDED' : '') : lookAtIt ? 'CARRIER' : '';
  return [{ type: 'ParcelEnded', data: { foId: state.foId, parcelId, how, carrier: carrierId, reason, trouble } }];
};

const noteCarrierRefused = ({ data: { refused, carriers } }: Of<FulfilmentCommand, 'NoteCarrierRefused'>, state: FulfilmentState): Decided => {
  const leg = legOf(state, refused.parcelId);
  if (!leg) return [];
  const excluded = [...notAsked(leg, state.plan?.tags ?? []), refused.carrier];
  const nobodyLeft = refused.carrier === '' || carriers.every((one) => excluded.includes(one)) || leg.refusals + 1 >= patience;
  return ended(state, refused.parcelId, 'REFUSED', refused.carrier, refused.detail || refused.reason, nobodyLeft);
};

const noteAnswer = (state: FulfilmentState, parcelId: string, changeId: string, refused: string): Decided =>
  current(state, parcelId)?.change?.changeId === changeId ? [{ type: 'ChangeAnswered', data: { foId: state.foId, parcelId, changeId, refused } }] : [];

/** Whether this parcel was one of ours, whatever became of it. */
const ours = ({ foId, attempt }: FulfilmentState, parcelId: string): boolean => Array.from({ length: attempt }, (_, n) => parcelIdOf(foId, n + 1)).includes(parcelId);

const noteMilestone = ({ data }: Of<FulfilmentCommand, 'NoteMilestone'>, state: FulfilmentState): Decided => {
  const { foId, parcelId, milestone, occurredAt, place } = data;
  const noted = (trouble: 'RETURNED' | ''): FulfilmentEvent => ({ type: 'MilestoneNoted', data: { foId, parcelId, milestone, occurredAt, place, trouble } });
  const leg = legOf(state, parcelId);
  if (!leg) return ours(state, parcelId) || complete(state) || state.cancelled || strayOf(state, parcelId).occurredAt >= occurredAt ? [] : [noted('')];
  const parcel = leg.parcel!;
  if (!alive(leg) && parcel.stage !== 'SHIPPED') return [];
  // Tracking never goes back; an older word than what is known is a repeat.
  if (parcel.milestone === milestone || parcel.milestone === arrived || (milestone !== arrived && occurredAt < parcel.milestoneAt)) return [];
  return [
    noted(milestone === 'MILESTONE_RETURNED' ? 'RETURNED' : ''),
    ...(milestone === arrived && parcel.stage === 'SHIPPED' ? [{ type: 'FulfilmentDelivered' as const, data: { foId: state.foId, parcelId, deliveredAt: occurredAt } }] : []),
  ];
};

const noteLost = (state: FulfilmentState, parcelId: string): Decided => {
  const leg = legOf(state, parcelId);
  const known = leg ? leg.parcel!.lost || delivered(leg) || !(gone(leg) || alive(leg)) : state.external?.parcelId !== parcelId || strayOf(state, parcelId).lost || complete(state);
  return known ? [] : [{ type: 'ParcelMissed', data: { foId: state.foId, parcelId } }];
};

const noteExternal = ({ data }: Of<FulfilmentCommand, 'NoteShippedExternally'>, state: FulfilmentState): Decided => {
  const { foId, parcelId, carrier: carrierId, waybill, shippedAt } = data;
  if (legOf(state, parcelId)) {
    const parcel = current(state, parcelId);
    return parcel ? [{ type: 'WaybillNoted', data: { foId, parcelId, carrier: carrierId, service: '', waybill } }, ...shipped(state, parcelId, shippedAt, parcel.milestone, parcel.milestoneAt)] : [];
  }
  if (state.external || complete(state) || state.cancelled) return [];
  return [{ type: 'ExternalParcelNoted', data: { foId, parcelId, carrier: carrierId, waybill, shippedAt } }];
};

const shipExternal = (state: FulfilmentState): Decided => {
  const { external, foId } = state;
  if (!external || stoppable(state) || complete(state) || state.cancelled) return [];
  const { parcelId, milestone, occurredAt, lost } = strayOf(state, external.parcelId);
  const returned: Decided = milestone === 'MILESTONE_RETURNED' ? [{ type: 'MilestoneNoted', data: { foId, parcelId, milestone, occurredAt, place: '', trouble: 'RETURNED' } }] : [];
  const missed: Decided = lost && milestone !== arrived ? [{ type: 'ParcelMissed', data: { foId, parcelId } }] : [];
  // Whoever shipped it took other stock than ours.
  const givenBack: Decided = stockHeld(state) ? [{ type: 'FulfilmentCancelled', data: { foId, reason: 'shipped_externally', shipped: shippedParts(state) } }] : [];
  return [...shipped(state, parcelId, external.shippedAt, milestone, occurredAt), ...returned, ...missed, ...givenBack];
};

const clearTrouble = ({ data: { trouble, at } }: Of<FulfilmentCommand, 'ClearTrouble'>, state: FulfilmentState): Decided => {
  const known = state.troubles.find(({ number }) => number === trouble);
  if (!known) return [];
  const writtenOff = known.kind === 'LOST' || known.kind === 'RETURNED';
  return [{ type: 'TroubleCleared', data: { foId: state.foId, trouble, writtenOffAt: writtenOff ? at : '' } }];
};

const decide = (command: FulfilmentCommand, state: FulfilmentState): Decided => {
  const { foId } = state;
  switch (command.type) {
    case 'PlanFulfilment':
      return plan(command, state);
    case 'RequestAllocation':
      return requestAllocation(state);
    case 'ReleaseFulfilment':
      return release(state);
    case 'RequestChanges':
      return requestChanges(state);
    case 'RecallParcels':
      return recall(command, state);
    case 'Intercept':
      return intercept(command, state);
    case 'CancelFulfilment':
      return cancel(command, state);
    case 'ClearTrouble':
      return clearTrouble(command, state);
    case 'ShipExternal':
      return shipExternal(state);
    case 'NoteAllocated':
      return noteAllocated(command, state);
    case 'NoteBackordered':
      if (state.cancelled || state.allocation !== 'ASKED' || command.data.round !== state.round) return [];
      return [{ type: 'StockAwaited', data: { foId, round: command.data.round, missing: command.data.missing } }];
    case 'NoteEased': {
      const { round, missing } = command.data;
      const eased = state.allocation === 'BACKORDERED' && !state.cancelled && round === state.round && unitsIn(missing) < unitsIn(state.missing ?? []);
      return eased ? [{ type: 'StockAwaited', data: { foId, round, missing } }] : [];
    }
    case 'NoteStockReleased':
      return state.cancelled && !state.stockReturned ? [{ type: 'StockGivenBack', data: { foId, warehouse: command.data.warehouse } }] : [];
    case 'NotePickShort':
      return noteFailed(state, command.data.warehouse, 'PICK_SHORT');
    case 'NoteDisplaced':
      return noteFailed(state, command.data.warehouse, 'DISPLACED');
    case 'NoteWaybill':
      return noteWaybill(command, state);
    case 'NoteShipped':
      return noteShipped(command, state);
    case 'NoteVoided':
      return ended(state, command.data.parcelId, 'VOIDED', '', command.data.reason, false);
    case 'NoteCancelRefused': {
      const { parcelId, reason } = command.data;
      return current(state, parcelId)?.left === false ? [{ type: 'RecallRefused', data: { foId, parcelId, reason } }] : [];
    }
    case 'NoteChanged':
      return noteAnswer(state, command.data.parcelId, command.data.changeId, '');
    case 'NoteChangeRefused':
      return noteAnswer(state, command.data.parcelId, command.data.changeId, command.data.reason);
    case 'NoteCarrierRefused':
      return noteCarrierRefused(command, state);
    case 'NoteLost':
      return noteLost(state, command.data.parcelId);
    case 'NoteShippedExternally':
      return noteExternal(command, state);
    case 'NoteMilestone':
      return noteMilestone(command, state);
    default:
      return unreachable(command);
  }
};

/** The fulfilment order: what is asked of allocation and carrier, and what they answered. */
export const fulfilment: Decider<FulfilmentState, FulfilmentCommand, FulfilmentEvent> = { category: 'fulfilment', initial: noFulfilment, evolve: evolveFulfilment, decide, schemaVersions, upcasters };
