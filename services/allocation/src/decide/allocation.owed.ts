/*
 * The saga as a table. What is owed follows from the folded state alone; every question may be put again for free.
 *
 * phase       owed                                                       until                              undo
 * ENDING      ReleaseStock to all that lives; then a plan                all released, refused or expired   –
 * ASKING      LockStock to `width` candidates; the claim of the best     a grant, or all have refused       ReleaseStock
 *             grant: top-ranked at once, else when the window closes
 * CONFIRMING  ConfirmStock to the winner, ReleaseStock to all others     confirmed, or the winner has ended ReleaseStock, acknowledged
 * ALLOCATED   ConsumeStock once the parcel has left                      consumed                           ReleaseStock on FulfilmentCancelled
 * BACKORDERED nothing: the queue wakes it                                stock grows                        –
 * RELEASING   ReleaseStock to all that lives; then StockReleased         all released, refused or expired   –
 *
 * Two rules hold everything together: a lock that is not wanted any more is released, whenever it turns up; and nothing is
 * planned while any lock of an earlier plan may live — so there is no second winner while a confirm is unanswered.
 */
import { lockIdOf } from '@flotilla/values';
import { unreachable } from '@flotilla/decider';
import type { AllocationEvent, AllocationQuestion, Policy } from './allocation.events.js';
import { isLive, liveLocks, winnerOf, type AllocationState, type SagaLock } from './allocation.state.js';
import { summed } from './names.js';
import { covers, planRoute, type Snapshot } from './route.js';

/** What a decision may use beside the state: machine time, the policy in force, and figures to plan with, if any. */
export interface Circumstances {
  readonly at: string;
  readonly policy: Policy;
  readonly snapshot: Snapshot | null;
}

/** What is owed now; `[]` when the next move is somebody else's. */
export const next = (state: AllocationState, now: Circumstances): readonly AllocationEvent[] => {
  const unwanted = liveLocks(state).filter(([lockId, one]) => one.open !== 'RELEASE' && !isWanted(state, lockId, one));
  if (unwanted.length > 0) return unwanted.map(([lockId]) => releaseAsked(state, lockId, now.at, 1));
  const { phase, parcelId, foId } = state;
  if (parcelId !== '' && !['ALLOCATED', 'CONSUMED', 'UNCOVERED'].includes(phase)) return [{ type: 'ShippedUncovered', data: { foId, parcelId } }];
  switch (phase) {
    case 'ENDING':
      return liveLocks(state).length > 0 ? [] : plan(state, now);
    case 'ASKING':
      return ask(state, now);
    case 'CONFIRMING':
      return confirm(state, now);
    case 'ALLOCATED':
      return ship(state, now);
    case 'RELEASING':
      return liveLocks(state).length > 0 ? [] : [{ type: 'StockReleased', data: { foId, warehouse: state.confirmedAt } }];
    case 'NONE':
    case 'BACKORDERED':
    case 'RELEASED':
    case 'DISPLACED':
    case 'CONSUMED':
    case 'UNCOVERED':
      return [];
    default:
      return unreachable(phase);
  }
};

const isWanted = (state: AllocationState, lockId: string, one: SagaLock): boolean =>
  state.phase === 'ASKING' ? one.round === state.lockRound && !one.givenUp : (state.phase === 'CONFIRMING' || state.phase === 'ALLOCATED') && lockId === state.winner;

const plan = (state: AllocationState, { snapshot, policy, at }: Circumstances): readonly AllocationEvent[] => {
  const { request, foId } = state;
  if (!request) return [];
  if (!snapshot || !covers(snapshot, request)) return state.postponed ? [] : [{ type: 'PlanPostponed', data: { foId, at } }];
  return [planned(state, snapshot, policy)];
};

/** The next plan, from these figures. */
export const planned = (state: AllocationState, snapshot: Snapshot, policy: Policy): Extract<AllocationEvent, { type: 'AllocationPlanned' }> => {
  const request = state.request!;
  return { type: 'AllocationPlanned', data: { foId: state.foId, round: request.round, lockRound: state.lockRound + 1, policy, ...planRoute(request, snapshot) } };
};

const ask = (state: AllocationState, { at }: Circumstances): readonly AllocationEvent[] => {
  const { foId, lockRound, candidates, policy, request } = state;
  const asked = Object.entries(state.locks).filter(([, one]) => one.round === lockRound);
  const pending = asked.filter(([, one]) => isLive(one) && !one.givenUp);
  const byRank = pending.toSorted(([, a], [, b]) => candidates.indexOf(a.warehouse) - candidates.indexOf(b.warehouse));
  const best = byRank.find(([, one]) => one.state === 'LOCKED');
  if (best) {
    const [lockId, { warehouse, fence }] = best;
    const topRanked = byRank[0] === best;
    if (!topRanked && state.claimBy !== '' && at < state.claimBy) return [];
    return [{ type: 'AllocationClaimed', data: { foId, round: request!.round, lockRound, warehouse, lockId, fence } }];
  }
  const untried = candidates.filter((warehouse) => !asked.some(([, one]) => one.warehouse === warehouse));
  const more = untried.slice(0, Math.max(0, policy.width - pending.length));
  if (more.length > 0) return more.map((warehouse) => lockAsked(state, warehouse, at, 1));
  if (pending.length > 0) return [];
  // A warehouse that did not answer, or let a lease run out, may have stock: another plan. All refused: the queue.
  if (asked.some(([, one]) => one.state !== 'REFUSED')) return [{ type: 'RoundEnded', data: { foId, lockRound } }];
  return [backorder(state)];
};

const backorder = (state: AllocationState): AllocationEvent => {
  const { foId, missing } = state;
  const { round, orders } = state.request!;
  return state.backorderedRound === round
    ? { type: 'BackorderKept', data: { foId, round, missing } }
    : { type: 'OrderBackordered', data: { foId, round, orders, missing } };
};

const confirm = (state: AllocationState, { at }: Circumstances): readonly AllocationEvent[] => {
  const winner = winnerOf(state);
  if (winner?.state === 'LOCKED' && winner.open === '') return [confirmAsked(state, state.winner, at, 1)];
  if (winner?.state !== 'CONFIRMED') return [];
  const { foId, items } = state;
  const { round, orders } = state.request!;
  return [{ type: 'OrderAllocated', data: { foId, round, warehouse: winner.warehouse, lockId: state.winner, orders, items, parts: [{ warehouse: winner.warehouse, lockId: state.winner, lines: summed(state.request!.lines) }] } }];
};

const ship = (state: AllocationState, { at }: Circumstances): readonly AllocationEvent[] => {
  const { foId, parcelId, displaced, items } = state;
  const winner = winnerOf(state);
  if (winner?.state === 'CONFIRMED') return parcelId !== '' && winner.open === '' ? [consumeAsked(state, state.winner, at, 1)] : [];
  if (parcelId !== '') return [{ type: 'ShippedUncovered', data: { foId, parcelId } }];
  const missing = displaced.length > 0 ? displaced : items.map(({ sku, quantity }) => ({ sku, quantity }));
  return [{ type: 'StockDisplaced', data: { foId, warehouse: winner?.warehouse ?? state.confirmedAt, missing } }];
};

const head = (state: AllocationState, lockId: string): { lockId: string; foId: string; round: number; warehouse: string } => {
  const { round, warehouse } = state.locks[lockId]!;
  return { lockId, foId: state.foId, round, warehouse };
};

/** The question to a warehouse. The lock's id is made of the fulfilment order, the plan and the warehouse, so asking again asks for the same. */
export const lockAsked = (state: AllocationState, warehouse: string, at: string, attempt: number): AllocationQuestion => {
  const { foId, lockRound: round, request } = state;
  const lines = summed(request!.lines);
  return { type: 'LockAsked', data: { lockId: lockIdOf(foId, round, warehouse), foId, round, warehouse, lines, priority: request!.priority, attempt, at } };
};

export const confirmAsked = (state: AllocationState, lockId: string, at: string, attempt: number): AllocationQuestion => ({
  type: 'ConfirmAsked',
  data: { ...head(state, lockId), fence: state.locks[lockId]!.fence, attempt, at },
});

export const releaseAsked = (state: AllocationState, lockId: string, at: string, attempt: number): AllocationQuestion => ({
  type: 'ReleaseAsked',
  data: { ...head(state, lockId), reason: state.phase === 'RELEASING' ? 'CANCELLED' : 'NOT_NEEDED', attempt, at },
});

export const consumeAsked = (state: AllocationState, lockId: string, at: string, attempt: number): AllocationQuestion => ({
  type: 'ConsumeAsked',
  data: { ...head(state, lockId), fence: state.locks[lockId]!.fence, parcelId: state.parcelId, attempt, at },
});
