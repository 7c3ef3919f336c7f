import type { allocation, common, order } from '@flotilla/contracts';
import type { AllocationEvent, Policy } from './allocation.events.js';
import { summed, units } from './names.js';
import type { RoutePlan } from './route.js';

type Quantities = readonly common.SkuQuantity[];

/** A lock as the saga knows it. */
export interface SagaLock {
  readonly warehouse: string;
  readonly round: number;
  /** What was asked for. */
  readonly lines: Quantities;
  /** A supplier: it sends the goods itself. */
  readonly external: boolean;
  /** What the plan says of its carrier. */
  readonly carrier: string;
  readonly excludedCarriers: readonly string[];
  readonly state: 'ASKED' | 'LOCKED' | 'REFUSED' | 'CONFIRMED' | 'EXPIRED' | 'RELEASED' | 'CONSUMED';
  readonly fence: number;
  /** The question that has no answer yet. */
  readonly open: '' | 'LOCK' | 'CONFIRM' | 'RELEASE' | 'CONSUME';
  readonly attempt: number;
  /** No answer to the ask, too long. */
  readonly givenUp: boolean;
  readonly why: string;
  /** What the warehouse turned out not to have, if it took the promise back. */
  readonly missing: Quantities;
  /** The parcel that left with it: from then on it is consumed, never released. */
  readonly parcelId: string;
}

/** A parcel that has left. `UNCOVERED`: nothing was, or is any more, confirmed for it; `TOLD`: and that was said. */
export interface Shipment {
  readonly parcelId: string;
  readonly warehouse: string;
  readonly stock: 'COVERED' | 'UNCOVERED' | 'TOLD';
}

/**
 * `ENDING`: whatever lives is released, then the plans that are left are followed, or new ones made. `RELEASING`: the same,
 * then it is over (cancelled). `DISPLACED` waits for order-core's next round; `UNCOVERED` shipped without a lock.
 */
export type Phase = 'NONE' | 'ENDING' | 'ASKING' | 'CONFIRMING' | 'ALLOCATED' | 'BACKORDERED' | 'RELEASING' | 'RELEASED' | 'DISPLACED' | 'CONSUMED' | 'UNCOVERED';

export interface AllocationState {
  readonly phase: Phase;
  readonly foId: string;
  /** order-core's newest request; null until one came. */
  readonly request: order.AllocationRequested | null;
  /** Counts the rounds of locks; lock ids are made of it, so none ever meets the locks of another. */
  readonly lockRound: number;
  readonly policy: Policy;
  /** Best first; those being asked stand in front. */
  readonly plans: readonly RoutePlan[];
  readonly items: readonly allocation.AllocatedItem[];
  /** What the newest try lacked. */
  readonly missing: Quantities;
  /** What order-core was told that is lacking, while it waits. */
  readonly told: Quantities;
  /** Of this round, and older ones that have not ended. */
  readonly locks: Readonly<Record<string, SagaLock>>;
  /** The locks that are, or are to be, the allocation: kept from earlier rounds, then those of the claim in the order of its plan. */
  readonly parts: readonly string[];
  readonly claimBy: string;
  readonly postponed: boolean;
  /** order-core's round for which OrderBackordered was said. */
  readonly backorderedRound: number;
  readonly shipments: readonly Shipment[];
  /** Warehouses that took a part back and whose goods have not turned out to be shipped. */
  readonly displaced: readonly string[];
  /** Suppliers that did not take it in this round of order-core; they are not asked again. */
  readonly declined: readonly string[];
  /** Where stock was confirmed that a cancellation gives back, for StockReleased. */
  readonly givenBack: readonly string[];
}

export const nothingYet: AllocationState = {
  phase: 'NONE',
  foId: '',
  request: null,
  lockRound: 0,
  policy: { width: 1, windowMs: 0, partial: 'all' },
  plans: [],
  items: [],
  missing: [],
  told: [],
  locks: {},
  parts: [],
  claimBy: '',
  postponed: false,
  backorderedRound: 0,
  shipments: [],
  displaced: [],
  declined: [],
  givenBack: [],
};

type Named = readonly (readonly [string, SagaLock])[];

/** It may hold stock, now or as soon as a message arrives: everything but what a participant has said is over. */
export const isLive = (lock: SagaLock): boolean => lock.state === 'ASKED' || lock.state === 'LOCKED' || lock.state === 'CONFIRMED';

export const liveLocks = (state: AllocationState): Named => Object.entries(state.locks).filter(([, one]) => isLive(one));

/** The locks of the allocation, in the order of the plan. */
export const partsOf = (state: AllocationState): Named => state.parts.flatMap((lockId) => (state.locks[lockId] ? [[lockId, state.locks[lockId]] as const] : []));

/** What may still hold stock and is no part of the allocation: while there is any, nothing is planned. */
export const strays = (state: AllocationState): Named => liveLocks(state).filter(([lockId]) => !state.parts.includes(lockId));

/** What was asked for and has no part, per SKU. */
export const uncovered = (state: AllocationState): Quantities => less(summed(state.request?.lines ?? []), partsOf(state).flatMap(([, { lines }]) => lines));

/** What is to be planned: what is not covered, without those who have said no. */
export const toPlan = (state: AllocationState): order.AllocationRequested => {
  const request = state.request!;
  return { ...request, lines: uncovered(state), excludedWarehouses: [...request.excludedWarehouses, ...state.declined] };
};

/** The plans that one round of locks follows: all that stand in front with one part each, or one that is split. */
export const inPlay = (plans: readonly RoutePlan[]): readonly RoutePlan[] => {
  const split = plans.findIndex(({ parts }) => parts.length > 1);
  return split < 0 ? plans : plans.slice(0, Math.max(1, split));
};

/** Whether stock was confirmed for all of it, and order-core knows. */
export const isPromised = ({ phase }: AllocationState): boolean => phase === 'ALLOCATED' || phase === 'DISPLACED';

/** Whether order-core's request names this parcel as shipped: then it is no part of what is asked for. */
export const isListed = ({ request }: AllocationState, parcelId: string): boolean => request?.shipped.some((one) => one.parcelId === parcelId) ?? false;

/** These lines without the others. */
export const less = (lines: Quantities, other: Quantities): Quantities => {
  const there = new Map(summed(other).map(({ sku, quantity }) => [sku, quantity]));
  return lines.map(({ sku, quantity }) => ({ sku, quantity: Math.max(0, quantity - (there.get(sku) ?? 0)) })).filter(({ quantity }) => quantity > 0);
};

const fewest = (known: Quantities, other: Quantities): Quantities => (known.length === 0 || units(other) < units(known) ? other : known);

const withLock = (state: AllocationState, lockId: string, change: Partial<SagaLock>): AllocationState => {
  const known = state.locks[lockId];
  return known ? { ...state, locks: { ...state.locks, [lockId]: { ...known, ...change } } } : state;
};

const asked = (state: AllocationState, lockId: string, open: SagaLock['open'], attempt: number): AllocationState => withLock(state, lockId, { open, attempt });

const without = (state: AllocationState, lockId: string): AllocationState => ({ ...state, parts: state.parts.filter((one) => one !== lockId) });

const over = (state: AllocationState, lockId: string, end: SagaLock['state'], change: Partial<SagaLock> = {}): AllocationState => {
  const { parcelId } = state.locks[lockId] ?? { parcelId: '' };
  const ended = withLock(state, lockId, { ...change, state: end, open: '' });
  const after = parcelId !== '' && end !== 'CONSUMED' ? withShipment(ended, parcelId, 'UNCOVERED') : ended;
  // Of what order-core was promised it is told first; before that, a part that has gone is just none any more.
  return isPromised(state) ? after : without(after, lockId);
};

const arrived = (state: AllocationState, lockId: string, { warehouse, round, lines = [] }: { readonly warehouse: string; readonly round: number; readonly lines?: Quantities }): AllocationState => {
  if (state.locks[lockId]) return state;
  const { carrier = '', excludedCarriers = [], external = false } = inPlay(state.plans).flatMap(({ parts }) => parts).find((part) => part.warehouse === warehouse) ?? {};
  return { ...state, locks: { ...state.locks, [lockId]: { warehouse, round, lines, external, carrier, excludedCarriers, state: 'ASKED', fence: 0, open: '', attempt: 0, givenUp: false, why: '', missing: [], parcelId: '' } } };
};

const withShipment = (state: AllocationState, parcelId: string, stock: Shipment['stock']): AllocationState => ({
  ...state,
  shipments: state.shipments.map((one) => (one.parcelId === parcelId ? { ...one, stock } : one)),
});

const isOf = (warehouse: string, lock: SagaLock): boolean => warehouse === '' || warehouse === lock.warehouse;

// The parcel takes what is confirmed in its warehouse and not taken yet. Where a part of that warehouse was taken back before, it left with more than that.
const shipped = (state: AllocationState, parcelId: string, warehouse: string): AllocationState => {
  const taken = isPromised(state) ? partsOf(state).filter(([, one]) => one.state === 'CONFIRMED' && one.parcelId === '' && isOf(warehouse, one)) : [];
  const after = taken.reduce((before, [lockId]) => withLock(before, lockId, { parcelId }), state);
  const gone = (warehouse === '' ? state.displaced.length > 0 : state.displaced.includes(warehouse)) || partsOf(state).some(([, one]) => isOf(warehouse, one) && !isLive(one) && one.state !== 'CONSUMED' && one.parcelId === '');
  return { ...after, shipments: [...state.shipments, { parcelId, warehouse, stock: taken.length > 0 && !gone ? 'COVERED' : 'UNCOVERED' }] };
};

const hasLost = (state: AllocationState): boolean => state.shipments.some(({ parcelId, stock }) => stock !== 'COVERED' && !isListed(state, parcelId));

// Where an allocation stands by its parts: each is open, consumed, taken back, or shipped without stock.
const byParts = (state: AllocationState): Phase => {
  if (state.displaced.length > 0) return 'DISPLACED';
  if (partsOf(state).some(([, one]) => isLive(one) || (one.state !== 'CONSUMED' && one.parcelId === ''))) return 'ALLOCATED';
  return hasLost(state) ? 'UNCOVERED' : 'CONSUMED';
};

const lost = (state: AllocationState, parcelId: string, warehouse: string): AllocationState => {
  const told = withShipment(state, parcelId, 'TOLD');
  switch (state.phase) {
    case 'ALLOCATED':
    case 'DISPLACED':
    case 'CONSUMED':
    case 'UNCOVERED': {
      const after = { ...told, displaced: warehouse === '' ? [] : state.displaced.filter((one) => one !== warehouse) };
      return { ...after, phase: byParts(after) };
    }
    case 'RELEASING':
      return told;
    default:
      // Nobody asks again for what has left.
      return isListed(state, parcelId) ? told : { ...told, phase: 'UNCOVERED', plans: [], parts: [] };
  }
};

// What is kept was planned before, with what was known then.
const refreshed = (state: AllocationState, items: readonly allocation.AllocatedItem[]): readonly allocation.AllocatedItem[] =>
  state.parts.length === 0 ? items : state.items.map((one) => ({ ...(items.find(({ sku }) => sku === one.sku) ?? one), quantity: one.quantity }));

/** The saga's state after an event. */
export const evolve = (state: AllocationState, event: AllocationEvent): AllocationState => {
  const after = applied(state, event);
  return after.foId === event.data.foId ? after : { ...after, foId: event.data.foId };
};

// A person said so, or let the time run out: more stock will not change it.
const saidNo: ReadonlySet<string> = new Set(['TIMEOUT', 'DECLINED', 'OUT_OF_STOCK']);

const applied = (state: AllocationState, event: AllocationEvent): AllocationState => {
  switch (event.type) {
    case 'RequestNoted':
      return { ...state, request: event.data, phase: 'ENDING', plans: [], parts: [], postponed: false, displaced: [], declined: [], givenBack: [] };
    case 'CancelNoted': {
      const givenBack = partsOf(state).filter(([, one]) => one.state === 'CONFIRMED' && one.parcelId === '').map(([, { warehouse }]) => warehouse);
      return { ...state, phase: 'RELEASING', plans: [], parts: [], displaced: [], givenBack: [...new Set(givenBack)] };
    }
    case 'ShipmentNoted':
      return shipped(state, event.data.parcelId, event.data.warehouse);
    case 'AllocationPlanned': {
      const { lockRound, policy, plans, items, missing } = event.data;
      return { ...state, phase: 'ASKING', lockRound, policy, plans, items: refreshed(state, items), missing, locks: Object.fromEntries(liveLocks(state)), claimBy: '', postponed: false };
    }
    case 'PlanPostponed':
      return { ...state, postponed: true };
    case 'RoundOpened':
      return { ...state, phase: 'ASKING', lockRound: event.data.lockRound, locks: Object.fromEntries(liveLocks(state)), claimBy: '' };
    case 'LockAsked': {
      const { lockId, attempt } = event.data;
      return asked(arrived(state, lockId, event.data), lockId, 'LOCK', attempt);
    }
    case 'GrantNoted': {
      const { lockId, warehouse, round, fence, claimBy } = event.data;
      const known = arrived(state, lockId, { warehouse, round });
      return { ...withLock(known, lockId, { state: 'LOCKED', fence, open: '' }), claimBy: known.claimBy || claimBy };
    }
    case 'PendingNoted':
      return withLock(state, event.data.lockId, { attempt: 0 });
    case 'RefusalNoted': {
      const { lockId, warehouse, reason, free } = event.data;
      const declined = saidNo.has(reason) ? [...new Set([...state.declined, warehouse])] : state.declined;
      return { ...over(state, lockId, 'REFUSED', { why: reason }), declined, missing: fewest(state.missing, less(state.locks[lockId]?.lines ?? [], free)) };
    }
    case 'AllocationClaimed':
      return { ...state, phase: 'CONFIRMING', parts: [...state.parts, ...event.data.parts.map(({ lockId }) => lockId)] };
    case 'ConfirmAsked':
      return asked(state, event.data.lockId, 'CONFIRM', event.data.attempt);
    case 'ConfirmationNoted': {
      const { lockId, warehouse, round, fence } = event.data;
      return withLock(arrived(state, lockId, { warehouse, round }), lockId, { state: 'CONFIRMED', fence, open: '' });
    }
    case 'OrderAllocated':
      return { ...state, phase: 'ALLOCATED', plans: [] };
    case 'ReleaseAsked':
      return asked(state, event.data.lockId, 'RELEASE', event.data.attempt);
    case 'ReleaseNoted':
      return over(state, event.data.lockId, 'RELEASED', { missing: event.data.missing });
    case 'ExpiryNoted':
      return over(state, event.data.lockId, 'EXPIRED');
    case 'ConsumeAsked':
      return asked(state, event.data.lockId, 'CONSUME', event.data.attempt);
    case 'ConsumptionNoted': {
      const after = over(state, event.data.lockId, 'CONSUMED');
      return isPromised(state) ? { ...after, phase: byParts(after) } : after;
    }
    case 'AskGivenUp':
      return withLock(state, event.data.lockId, { givenUp: true, open: '' });
    case 'ConfirmGivenUp':
      return without(withLock(state, event.data.lockId, { open: '' }), event.data.lockId);
    case 'RoundEnded': {
      const { kept, further } = event.data;
      return { ...state, phase: 'ENDING', parts: kept, plans: further ? state.plans.slice(inPlay(state.plans).length) : [] };
    }
    case 'OrderBackordered':
      return { ...state, phase: 'BACKORDERED', backorderedRound: event.data.round, missing: event.data.missing, told: event.data.missing, plans: [] };
    case 'BackorderKept':
      return { ...state, phase: 'BACKORDERED', missing: event.data.missing, plans: [] };
    case 'BackorderEased':
      return { ...state, phase: 'BACKORDERED', missing: event.data.missing, told: event.data.missing, plans: [] };
    case 'StockReleased':
      return { ...state, phase: hasLost(state) ? 'UNCOVERED' : 'RELEASED' };
    case 'StockDisplaced': {
      const { warehouse } = event.data;
      const taken = partsOf(state).filter(([, one]) => one.warehouse === warehouse && !isLive(one) && one.state !== 'CONSUMED' && one.parcelId === '').map(([lockId]) => lockId);
      return { ...state, phase: 'DISPLACED', parts: state.parts.filter((lockId) => !taken.includes(lockId)), displaced: [...new Set([...state.displaced, warehouse])] };
    }
    case 'ShippedUncovered':
      return lost(state, event.data.parcelId, event.data.warehouse);
    default:
      return state;
  }
};
