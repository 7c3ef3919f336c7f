import { unreachable, type Decider, type Of } from '@flotilla/decider';
import type { allocation, carrier, common, tracking } from '@flotilla/contracts';
import { parcelIdOf, uuidv5 } from '@flotilla/values';
import { same } from './content.js';
import type { FulfilmentEvent, Plan } from './fulfilment.events.js';
import { alive, evolveFulfilment, gone, needsRound, noFulfilment, returned, strayOf, type FulfilmentState, type Parcel } from './fulfilment.state.js';

// Two kinds of commands: what the conductor owes (it asks players), and what the players answered.
export type FulfilmentCommand =
  | { readonly type: 'PlanFulfilment'; readonly data: { readonly foId: string; readonly plan: Plan } }
  | { readonly type: 'RequestAllocation'; readonly data: Record<never, never> }
  | { readonly type: 'ReleaseFulfilment'; readonly data: Record<never, never> }
  | { readonly type: 'RequestChange'; readonly data: Record<never, never> }
  | { readonly type: 'RecallParcel'; readonly data: { readonly reason: string } }
  | { readonly type: 'Intercept'; readonly data: { readonly reason: string } }
  | { readonly type: 'CancelFulfilment'; readonly data: { readonly reason: string } }
  | { readonly type: 'ClearTrouble'; readonly data: Record<never, never> }
  | { readonly type: 'ShipExternal'; readonly data: Record<never, never> }
  | { readonly type: 'NoteAllocated'; readonly data: allocation.OrderAllocated }
  | { readonly type: 'NoteBackordered'; readonly data: allocation.OrderBackordered }
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

const perSku = (orders: readonly common.OrderShare[]): readonly common.SkuQuantity[] => {
  const sums = new Map<string, number>();
  for (const { sku, quantity } of orders.flatMap(({ lines }) => lines)) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return [...sums].map(([sku, quantity]) => ({ sku, quantity })).sort((a, b) => (a.sku < b.sku ? -1 : 1));
};

/** The parcel, if the message is about the one that counts now. */
const current = (state: FulfilmentState, parcelId: string): Parcel | undefined => (state.parcel?.parcelId === parcelId ? state.parcel : undefined);

const plan = ({ data }: Of<FulfilmentCommand, 'PlanFulfilment'>, state: FulfilmentState): Decided => {
  const before = state.plan;
  if (!before) return [{ type: 'FulfilmentPlanned', data }];
  if (same(before, data.plan) || state.cancelled || gone(state)) return [];
  const linesChanged = !same(before.orders, data.plan.orders);
  const addressChanged = !same(before.shipTo, data.plan.shipTo) || before.service !== data.plan.service;
  return [{ type: 'FulfilmentReplanned', data: { ...data, linesChanged, addressChanged } }];
};

const requestAllocation = (state: FulfilmentState): Decided => {
  if (!state.plan || state.cancelled || !needsRound(state) || alive(state) || gone(state)) return [];
  const { orders, shipTo, priority, orderedAt, value, service } = state.plan;
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
        shipped: [],
        value,
        service,
      },
    },
  ];
};

const release = (state: FulfilmentState): Decided => {
  if (!state.plan || state.cancelled || needsRound(state) || state.allocation !== 'GRANTED' || alive(state) || gone(state)) return [];
  const { orders, shipTo, service, value, priority, remark, number, tags, buyer } = state.plan;
  const attempt = state.attempt + 1;
  const parcelId = parcelIdOf(state.foId, attempt);
  const { foId, warehouse, items, excludedCarriers } = state;
  return [{ type: 'FulfilmentReleased', data: { foId, parcelId, attempt, warehouse, orders, items, shipTo, service, value, excludedCarriers, priority, remark, number, tags, buyer } }];
};

const requestChange = (state: FulfilmentState): Decided => {
  const { parcel } = state;
  if (!state.plan || !parcel || !alive(state) || parcel.left || parcel.recall !== '' || parcel.change || parcel.addressRevision === state.addressRevision) return [];
  const changeId = uuidv5(parcel.parcelId, `change-${parcel.changes + 1}`);
  const { shipTo, service } = state.plan;
  return [{ type: 'FulfilmentChangeRequested', data: { foId: state.foId, parcelId: parcel.parcelId, changeId, shipTo, service, items: state.items, orders: parcel.orders } }];
};

const recall = ({ data: { reason } }: Of<FulfilmentCommand, 'RecallParcel'>, state: FulfilmentState): Decided => {
  const { parcel } = state;
  if (!parcel || !alive(state) || parcel.left || parcel.recall !== '') return [];
  return [{ type: 'FulfilmentCancelRequested', data: { foId: state.foId, parcelId: parcel.parcelId, reason } }];
};

const cancel = ({ data: { reason } }: Of<FulfilmentCommand, 'CancelFulfilment'>, state: FulfilmentState): Decided => {
  if (state.cancelled || !state.plan || alive(state)) return [];
  const undelivered = state.parcel?.lost === true || returned(state);
  if (gone(state) && !undelivered) return [];
  // Nobody holds stock for it: allocation was never asked, or the stock was consumed when the parcel left.
  if (state.round === 0 || gone(state)) return [{ type: 'FulfilmentAbandoned', data: { foId: state.foId, reason } }];
  return [{ type: 'FulfilmentCancelled', data: { foId: state.foId, reason } }];
};

const noteAllocated = ({ data }: Of<FulfilmentCommand, 'NoteAllocated'>, state: FulfilmentState): Decided => {
  const waiting = state.allocation === 'ASKED' || state.allocation === 'BACKORDERED';
  // An answer to an earlier round: allocation gives that stock back before it plans the next.
  if (state.cancelled || !waiting || data.round !== state.round) return [];
  const { foId, round, warehouse, items } = data;
  const granted: FulfilmentEvent = { type: 'StockGranted', data: { foId, round, warehouse, items } };
  // The word that this stock is not there came first.
  const failed = state.excludedWarehouses.slice(state.toldExcluded).includes(warehouse);
  return failed ? [granted, { type: 'StockFailed', data: { foId, warehouse, cause: 'DISPLACED' } }] : [granted];
};

const noteFailed = (state: FulfilmentState, warehouse: string, cause: 'PICK_SHORT' | 'DISPLACED'): Decided =>
  state.round === 0 || state.cancelled || gone(state) || state.excludedWarehouses.includes(warehouse) ? [] : [{ type: 'StockFailed', data: { foId: state.foId, warehouse, cause } }];

const noteWaybill = ({ data }: Of<FulfilmentCommand, 'NoteWaybill'>, state: FulfilmentState): Decided => {
  const parcel = current(state, data.parcelId);
  if (!parcel || !alive(state) || parcel.waybill === data.waybill) return [];
  const { foId, parcelId, carrier: carrierId, service, waybill } = data;
  return [{ type: 'WaybillNoted', data: { foId, parcelId, carrier: carrierId, service, waybill } }];
};

const noteShipped = ({ data }: Of<FulfilmentCommand, 'NoteShipped'>, state: FulfilmentState): Decided => {
  const { foId, parcelId, shippedAt, carrier: carrierId, service, waybill } = data;
  const parcel = current(state, parcelId);
  if (!parcel || !alive(state)) return [];
  return [
    ...(parcel.waybill === waybill ? [] : [{ type: 'WaybillNoted' as const, data: { foId, parcelId, carrier: carrierId, service, waybill } }]),
    ...shipped(state, parcelId, shippedAt, parcel.milestone, parcel.milestoneAt),
  ];
};

const shipped = (state: FulfilmentState, parcelId: string, shippedAt: string, milestone: string, at: string): Decided => [
  { type: 'FulfilmentShipped', data: { foId: state.foId, parcelId, shippedAt } },
  ...(milestone === delivered ? [{ type: 'FulfilmentDelivered' as const, data: { foId: state.foId, parcelId, deliveredAt: at } }] : []),
];

const delivered = 'MILESTONE_DELIVERED';

const ended = (state: FulfilmentState, parcelId: string, how: 'VOIDED' | 'REFUSED', carrierId: string, reason: string, lookAtIt: boolean): Decided => {
  const parcel = current(state, parcelId);
  if (!parcel || !alive(state)) return [];
  // Nobody asked for it: trying again blindly could go on for ever.
  const trouble = how === 'VOIDED' ? (parcel.recall === '' ? 'VOIDED' : '') : lookAtIt ? 'CARRIER' : '';
  return [{ type: 'ParcelEnded', data: { foId: state.foId, parcelId, how, carrier: carrierId, reason, trouble } }];
};

const noteCarrierRefused = ({ data: { refused, carriers } }: Of<FulfilmentCommand, 'NoteCarrierRefused'>, state: FulfilmentState): Decided => {
  const excluded = [...state.excludedCarriers, refused.carrier];
  const nobodyLeft = refused.carrier === '' || carriers.every((one) => excluded.includes(one)) || state.refusals + 1 >= patience;
  return ended(state, refused.parcelId, 'REFUSED', refused.carrier, refused.detail || refused.reason, nobodyLeft);
};

const noteAnswer = (state: FulfilmentState, parcelId: string, changeId: string, refused: string): Decided => {
  const parcel = current(state, parcelId);
  return parcel && alive(state) && parcel.change?.changeId === changeId ? [{ type: 'ChangeAnswered', data: { foId: state.foId, parcelId, changeId, refused } }] : [];
};

const noteMilestone = ({ data }: Of<FulfilmentCommand, 'NoteMilestone'>, state: FulfilmentState): Decided => {
  const { foId, parcelId, milestone, occurredAt, place } = data;
  const noted = (trouble: 'RETURNED' | ''): FulfilmentEvent => ({ type: 'MilestoneNoted', data: { foId, parcelId, milestone, occurredAt, place, trouble } });
  const parcel = current(state, parcelId);
  if (!parcel) {
    const ours = Array.from({ length: state.attempt }, (_, n) => parcelIdOf(state.foId, n + 1)).includes(parcelId);
    const older = strayOf(state, parcelId).occurredAt >= occurredAt;
    return ours || gone(state) || state.cancelled || older ? [] : [noted('')];
  }
  if (!alive(state) && parcel.stage !== 'SHIPPED') return [];
  // Tracking never goes back; an older word than what is known is a repeat.
  if (parcel.milestone === milestone || parcel.milestone === delivered || (milestone !== delivered && occurredAt < parcel.milestoneAt)) return [];
  const arrived = milestone === delivered && parcel.stage === 'SHIPPED';
  return [
    noted(milestone === 'MILESTONE_RETURNED' ? 'RETURNED' : ''),
    ...(arrived ? [{ type: 'FulfilmentDelivered' as const, data: { foId: state.foId, parcelId, deliveredAt: occurredAt } }] : []),
  ];
};

const noteLost = (state: FulfilmentState, parcelId: string): Decided => {
  const parcel = current(state, parcelId);
  const known = parcel ? parcel.lost || parcel.stage === 'DELIVERED' || !(gone(state) || alive(state)) : state.external?.parcelId !== parcelId || strayOf(state, parcelId).lost || gone(state);
  return known ? [] : [{ type: 'ParcelMissed', data: { foId: state.foId, parcelId } }];
};

const noteExternal = ({ data }: Of<FulfilmentCommand, 'NoteShippedExternally'>, state: FulfilmentState): Decided => {
  const { foId, parcelId, carrier: carrierId, waybill, shippedAt } = data;
  if (current(state, parcelId)) {
    if (!alive(state)) return [];
    const { milestone, milestoneAt } = state.parcel!;
    return [{ type: 'WaybillNoted', data: { foId, parcelId, carrier: carrierId, service: '', waybill } }, ...shipped(state, parcelId, shippedAt, milestone, milestoneAt)];
  }
  if (state.external || gone(state) || state.cancelled) return [];
  return [{ type: 'ExternalParcelNoted', data: { foId, parcelId, carrier: carrierId, waybill, shippedAt } }];
};

const shipExternal = (state: FulfilmentState): Decided => {
  const { external, foId } = state;
  if (!external || alive(state) || gone(state) || state.cancelled) return [];
  const { parcelId, milestone, occurredAt, lost } = strayOf(state, external.parcelId);
  const returned_: Decided = milestone === 'MILESTONE_RETURNED' ? [{ type: 'MilestoneNoted', data: { foId, parcelId, milestone, occurredAt, place: '', trouble: 'RETURNED' } }] : [];
  const missed: Decided = lost && milestone !== delivered ? [{ type: 'ParcelMissed', data: { foId, parcelId } }] : [];
  return [...shipped(state, parcelId, external.shippedAt, milestone, occurredAt), ...returned_, ...missed];
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
    case 'RequestChange':
      return requestChange(state);
    case 'RecallParcel':
      return recall(command, state);
    case 'Intercept':
      return state.parcel && !state.parcel.intercepted ? [{ type: 'InterceptionRequested', data: { foId, parcelId: state.parcel.parcelId, reason: command.data.reason } }] : [];
    case 'CancelFulfilment':
      return cancel(command, state);
    case 'ClearTrouble':
      return state.trouble?.open ? [{ type: 'TroubleCleared', data: { foId, trouble: state.trouble.number } }] : [];
    case 'ShipExternal':
      return shipExternal(state);
    case 'NoteAllocated':
      return noteAllocated(command, state);
    case 'NoteBackordered':
      if (state.cancelled || state.allocation !== 'ASKED' || command.data.round !== state.round) return [];
      return [{ type: 'StockAwaited', data: { foId, round: command.data.round, missing: command.data.missing } }];
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
    case 'NoteCancelRefused':
      return current(state, command.data.parcelId) && alive(state) && !state.parcel!.left ? [{ type: 'RecallRefused', data: { foId, parcelId: command.data.parcelId, reason: command.data.reason } }] : [];
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
export const fulfilment: Decider<FulfilmentState, FulfilmentCommand, FulfilmentEvent> = { category: 'fulfilment', initial: noFulfilment, evolve: evolveFulfilment, decide };
