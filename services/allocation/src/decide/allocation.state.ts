import type { allocation, common, order } from '@flotilla/contracts';
import type { AllocationEvent, Policy } from './allocation.events.js';
import { summed } from './names.js';

/** A lock as the saga knows it. */
export interface SagaLock {
  readonly warehouse: string;
  readonly round: number;
  readonly state: 'ASKED' | 'LOCKED' | 'REFUSED' | 'CONFIRMED' | 'EXPIRED' | 'RELEASED' | 'CONSUMED';
  readonly fence: number;
  /** The question that has no answer yet. */
  readonly open: '' | 'LOCK' | 'CONFIRM' | 'RELEASE' | 'CONSUME';
  readonly attempt: number;
  /** No answer to the ask, too long. */
  readonly givenUp: boolean;
  readonly why: string;
}

/**
 * `ENDING`: whatever lives is released, then a plan is made. `RELEASING`: the same, then it is over (cancelled).
 * `DISPLACED` waits for order-core's next round; `UNCOVERED` shipped without a lock.
 */
export type Phase = 'NONE' | 'ENDING' | 'ASKING' | 'CONFIRMING' | 'ALLOCATED' | 'BACKORDERED' | 'RELEASING' | 'RELEASED' | 'DISPLACED' | 'CONSUMED' | 'UNCOVERED';

export interface AllocationState {
  readonly phase: Phase;
  readonly foId: string;
  /** order-core's newest request; null until one came. */
  readonly request: order.AllocationRequested | null;
  /** Counts the plans; lock ids are made of it, so no plan ever meets the locks of another. */
  readonly lockRound: number;
  readonly policy: Policy;
  /** Warehouses that can serve, best first. */
  readonly candidates: readonly string[];
  readonly items: readonly allocation.AllocatedItem[];
  readonly missing: readonly common.SkuQuantity[];
  /** Of the newest plan, and older ones that have not ended. */
  readonly locks: Readonly<Record<string, SagaLock>>;
  readonly winner: string;
  readonly claimBy: string;
  readonly postponed: boolean;
  /** order-core's round for which OrderBackordered was said. */
  readonly backorderedRound: number;
  readonly parcelId: string;
  /** Where stock was confirmed, for StockReleased. */
  readonly confirmedAt: string;
  readonly displaced: readonly common.SkuQuantity[];
}

export const nothingYet: AllocationState = {
  phase: 'NONE',
  foId: '',
  request: null,
  lockRound: 0,
  policy: { width: 1, windowMs: 0 },
  candidates: [],
  items: [],
  missing: [],
  locks: {},
  winner: '',
  claimBy: '',
  postponed: false,
  backorderedRound: 0,
  parcelId: '',
  confirmedAt: '',
  displaced: [],
};

/** It may hold stock, now or as soon as a message arrives: everything but what a participant has said is over. */
export const isLive = (lock: SagaLock): boolean => lock.state === 'ASKED' || lock.state === 'LOCKED' || lock.state === 'CONFIRMED';

export const liveLocks = (state: AllocationState): readonly (readonly [string, SagaLock])[] => Object.entries(state.locks).filter(([, one]) => isLive(one));

export const winnerOf = (state: AllocationState): SagaLock | undefined => state.locks[state.winner];

const withLock = (state: AllocationState, lockId: string, change: Partial<SagaLock>): AllocationState => {
  const known = state.locks[lockId];
  return known ? { ...state, locks: { ...state.locks, [lockId]: { ...known, ...change } } } : state;
};

const asked = (state: AllocationState, lockId: string, open: SagaLock['open'], attempt: number): AllocationState => withLock(state, lockId, { open, attempt });

const over = (state: AllocationState, lockId: string, end: SagaLock['state'], why = ''): AllocationState => {
  const after = withLock(state, lockId, { state: end, open: '', ...(why ? { why } : {}) });
  // The winner is gone before it was confirmed: there is no winner, and nothing else is planned before the rest has ended.
  return state.phase === 'CONFIRMING' && lockId === state.winner ? { ...after, phase: 'ENDING', winner: '' } : after;
};

const arrived = (state: AllocationState, lockId: string, data: { warehouse: string; round: number }): AllocationState =>
  state.locks[lockId]
    ? state
    : { ...state, locks: { ...state.locks, [lockId]: { warehouse: data.warehouse, round: data.round, state: 'ASKED', fence: 0, open: '', attempt: 0, givenUp: false, why: '' } } };

type Quantities = readonly common.SkuQuantity[];

const shortage = (state: AllocationState, free: Quantities): Quantities => {
  const there = new Map(free.map(({ sku, quantity }) => [sku, quantity]));
  return summed(state.request?.lines ?? [])
    .map(({ sku, quantity }) => ({ sku, quantity: Math.max(0, quantity - (there.get(sku) ?? 0)) }))
    .filter(({ quantity }) => quantity > 0);
};

const units = (lines: Quantities): number => lines.reduce((sum, { quantity }) => sum + quantity, 0);
const fewest = (known: Quantities, other: Quantities): Quantities => (known.length === 0 || units(other) < units(known) ? other : known);

/** The saga's state after an event. */
export const evolve = (state: AllocationState, event: AllocationEvent): AllocationState => {
  const after = applied(state, event);
  return after.foId === event.data.foId ? after : { ...after, foId: event.data.foId };
};

const applied = (state: AllocationState, event: AllocationEvent): AllocationState => {
  switch (event.type) {
    case 'RequestNoted':
      return { ...state, request: event.data, phase: 'ENDING', winner: '', postponed: false, confirmedAt: '', displaced: [] };
    case 'CancelNoted':
      return { ...state, phase: 'RELEASING', winner: '' };
    case 'ShipmentNoted':
      return { ...state, parcelId: event.data.parcelId };
    case 'AllocationPlanned': {
      const { lockRound, policy, candidates, items, missing } = event.data;
      const able = candidates.filter(({ rank }) => rank > 0).map(({ warehouse }) => warehouse);
      const locks = Object.fromEntries(liveLocks(state));
      return { ...state, phase: 'ASKING', lockRound, policy, candidates: able, items, missing, locks, winner: '', claimBy: '', postponed: false };
    }
    case 'PlanPostponed':
      return { ...state, postponed: true };
    case 'LockAsked': {
      const { lockId, warehouse, round, attempt } = event.data;
      return asked(arrived(state, lockId, { warehouse, round }), lockId, 'LOCK', attempt);
    }
    case 'GrantNoted': {
      const { lockId, fence, claimBy } = event.data;
      const known = arrived(state, lockId, event.data);
      return { ...withLock(known, lockId, { state: 'LOCKED', fence, open: '' }), claimBy: known.claimBy || claimBy };
    }
    case 'RefusalNoted':
      return { ...over(state, event.data.lockId, 'REFUSED', event.data.reason), missing: fewest(state.missing, shortage(state, event.data.free)) };
    case 'AllocationClaimed':
      return { ...state, phase: 'CONFIRMING', winner: event.data.lockId };
    case 'ConfirmAsked':
      return asked(state, event.data.lockId, 'CONFIRM', event.data.attempt);
    case 'ConfirmationNoted': {
      const { lockId, fence } = event.data;
      const known = arrived(state, lockId, event.data);
      return withLock(known, lockId, { state: 'CONFIRMED', fence, open: '' });
    }
    case 'OrderAllocated':
      return { ...state, phase: 'ALLOCATED', confirmedAt: event.data.warehouse };
    case 'ReleaseAsked':
      return asked(state, event.data.lockId, 'RELEASE', event.data.attempt);
    case 'ReleaseNoted': {
      const { lockId, missing } = event.data;
      const after = over(state, lockId, 'RELEASED');
      return lockId === state.winner && state.phase === 'ALLOCATED' ? { ...after, displaced: missing } : after;
    }
    case 'ExpiryNoted':
      return over(state, event.data.lockId, 'EXPIRED');
    case 'ConsumeAsked':
      return asked(state, event.data.lockId, 'CONSUME', event.data.attempt);
    case 'ConsumptionNoted':
      return { ...over(state, event.data.lockId, 'CONSUMED'), phase: 'CONSUMED' };
    case 'AskGivenUp':
      return withLock(state, event.data.lockId, { givenUp: true, open: '' });
    case 'ConfirmGivenUp':
      return { ...withLock(state, event.data.lockId, { open: '' }), phase: 'ENDING', winner: '' };
    case 'RoundEnded':
      return { ...state, phase: 'ENDING', winner: '' };
    case 'OrderBackordered':
      return { ...state, phase: 'BACKORDERED', backorderedRound: event.data.round, missing: event.data.missing };
    case 'BackorderKept':
      return { ...state, phase: 'BACKORDERED', missing: event.data.missing };
    case 'StockReleased':
      return { ...state, phase: 'RELEASED' };
    case 'StockDisplaced':
      return { ...state, phase: 'DISPLACED', winner: '' };
    case 'ShippedUncovered':
      return { ...state, phase: 'UNCOVERED', winner: '' };
    default:
      return state;
  }
};
