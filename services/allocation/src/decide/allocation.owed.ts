/*
 * The saga as a table. What is owed follows from the folded state alone; every question may be put again for free.
 *
 * phase       owed                                                          until                                undo
 * ENDING      ReleaseStock to all that lives and is not kept; then the      all released, refused, expired or    –
 *             plans that are left, or new ones for what is not covered      consumed
 * ASKING      plans of one warehouse: LockStock to `width` of them; the     a grant, or all have refused         ReleaseStock
 *             claim of the best grant: top-ranked at once, else when the
 *             window closes
 *             a split plan: LockStock to all its warehouses; one claim      all grant, or one does not           ReleaseStock
 * CONFIRMING  ConfirmStock to every part, ReleaseStock to all others        all confirmed, or a part has ended   ReleaseStock, acknowledged
 *             a part has ended: `all` ends the others, `keep` waits for
 *             their answers and keeps what is confirmed; then ENDING
 * ALLOCATED   ConsumeStock of a part once its parcel has left               consumed                             ReleaseStock on FulfilmentCancelled
 * DISPLACED   a part was taken back and order-core told; the other parts    its next round, or a cancel          ReleaseStock
 *             stay, and are consumed if their parcels leave
 * BACKORDERED nothing: the queue wakes it; what is kept stays confirmed     stock grows                          ReleaseStock
 * RELEASING   ReleaseStock to all that lives and has not left; then         all released, refused, expired or    –
 *             StockReleased for each warehouse                              consumed
 *
 * Two rules hold everything together: a lock that is not wanted any more is released, whenever it turns up; and nothing is
 * planned while any lock of an earlier plan may live that is not kept — so there is no second claim while a confirm is
 * unanswered. A lock whose parcel has left is consumed in every phase, and never released.
 */
import { lockIdOf } from '@flotilla/values';
import { unreachable } from '@flotilla/decider';
import type { allocation } from '@flotilla/contracts';
import type { AllocationEvent, AllocationQuestion, Policy } from './allocation.events.js';
import { inPlay, isLive, isPromised, liveLocks, partsOf, strays, toPlan, uncovered, type AllocationState, type SagaLock } from './allocation.state.js';
import { summed } from './names.js';
import { covers, planRoute, type PlanPart, type RoutePlan, type Snapshot } from './route.js';

/** What a decision may use beside the state: machine time, the policy in force, and figures to plan with, if any. */
export interface Circumstances {
  readonly at: string;
  readonly policy: Policy;
  readonly snapshot: Snapshot | null;
  /** Warehouses that answer in the same append. */
  readonly atHand?: readonly string[];
}

/** What is owed now; `[]` when the next move is somebody else's. */
export const next = (state: AllocationState, now: Circumstances): readonly AllocationEvent[] => {
  const { phase, foId } = state;
  const unwanted = liveLocks(state).filter(([lockId, one]) => one.open !== 'RELEASE' && !isWanted(state, lockId, one));
  if (unwanted.length > 0) return unwanted.map(([lockId]) => releaseAsked(state, lockId, now.at, 1));
  const left = liveLocks(state).filter(([, one]) => one.parcelId !== '' && one.open === '');
  if (left.length > 0) return left.map(([lockId]) => consumeAsked(state, lockId, now.at, 1));
  const lacking = state.shipments.filter(({ stock }) => stock === 'UNCOVERED');
  if (lacking.length > 0) return lacking.map(({ parcelId, warehouse }) => ({ type: 'ShippedUncovered', data: { foId, parcelId, warehouse } }));
  switch (phase) {
    case 'ENDING':
      return strays(state).length > 0 ? [] : state.plans.length > 0 ? [opened(state)] : plan(state, now);
    case 'ASKING':
      return ask(state, now);
    case 'CONFIRMING':
      return confirm(state, now);
    case 'ALLOCATED':
    case 'DISPLACED':
      return displaced(state);
    case 'RELEASING':
      return liveLocks(state).length > 0 ? [] : (state.givenBack.length > 0 ? state.givenBack : ['']).map((warehouse) => ({ type: 'StockReleased', data: { foId, warehouse } }));
    case 'NONE':
    case 'BACKORDERED':
    case 'RELEASED':
    case 'CONSUMED':
    case 'UNCOVERED':
      return [];
    default:
      return unreachable(phase);
  }
};

const isWanted = (state: AllocationState, lockId: string, one: SagaLock): boolean =>
  one.parcelId !== '' || state.parts.includes(lockId) || (state.phase === 'ASKING' && one.round === state.lockRound && !one.givenUp);

const plan = (state: AllocationState, { snapshot, policy, at }: Circumstances): readonly AllocationEvent[] => {
  const { request, foId } = state;
  if (!request) return [];
  if (!snapshot || !covers(snapshot, request)) return state.postponed ? [] : [{ type: 'PlanPostponed', data: { foId, at } }];
  return [planned(state, snapshot, policy)];
};

/** The next plans, from these figures, for what is not covered by parts that are kept. */
export const planned = (state: AllocationState, snapshot: Snapshot, policy: Policy): Extract<AllocationEvent, { type: 'AllocationPlanned' }> => {
  const { foId, lockRound } = state;
  const request = toPlan(state);
  const route = planRoute(request, snapshot);
  for (const one of route.plans) if (!isWhole(one, request.lines)) throw new Error(`a plan of ${foId} does not serve just what is asked for: ${JSON.stringify(one)}`);
  return { type: 'AllocationPlanned', data: { foId, round: request.round, lockRound: lockRound + 1, policy, ...route } };
};

const isWhole = ({ parts }: RoutePlan, lines: readonly PlanPart['lines'][number][]): boolean =>
  new Set(parts.map(({ warehouse }) => warehouse)).size === parts.length && JSON.stringify(summed(parts.flatMap((part) => part.lines))) === JSON.stringify(summed(lines));

const opened = ({ foId, request, lockRound }: AllocationState): AllocationEvent => ({ type: 'RoundOpened', data: { foId, round: request!.round, lockRound: lockRound + 1 } });

const ended = ({ foId, lockRound }: AllocationState, kept: readonly string[], further = false): AllocationEvent => ({ type: 'RoundEnded', data: { foId, lockRound, kept, further } });

const ask = (state: AllocationState, now: Circumstances): readonly AllocationEvent[] => {
  const asked = Object.entries(state.locks).filter(([, one]) => one.round === state.lockRound);
  const plans = inPlay(state.plans);
  return plans.length === 1 && plans[0]!.parts.length > 1 ? askAll(state, plans[0]!.parts, asked, now) : askEach(state, plans.flatMap(({ parts }) => parts), asked, now);
};

type Asked = readonly (readonly [string, SagaLock])[];

// Plans of one warehouse: whoever grants may win.
const askEach = (state: AllocationState, candidates: readonly PlanPart[], asked: Asked, { at }: Circumstances): readonly AllocationEvent[] => {
  const rank = ({ warehouse }: SagaLock): number => candidates.findIndex((one) => one.warehouse === warehouse);
  const pending = asked.filter(([, one]) => isLive(one) && !one.givenUp);
  const byRank = pending.toSorted(([, a], [, b]) => rank(a) - rank(b));
  const best = byRank.find(([, one]) => one.state === 'LOCKED');
  if (best) return byRank[0] !== best && state.claimBy !== '' && at < state.claimBy ? [] : [claimed(state, [best])];
  const untried = candidates.filter(({ warehouse }) => !asked.some(([, one]) => one.warehouse === warehouse));
  // A supplier is a person's work: asked after everybody else has answered, and one at a time.
  const first = untried.findIndex(({ external }) => external === true);
  const askable = first < 0 ? untried : first > 0 ? untried.slice(0, first) : pending.length === 0 ? untried.slice(0, 1) : [];
  const more = askable.slice(0, Math.max(0, state.policy.width - pending.length));
  if (more.length > 0) return more.map((part) => lockAsked(state, part, at, 1));
  return pending.length > 0 ? [] : unanswered(state, asked);
};

// A split plan: all or nothing.
const askAll = (state: AllocationState, parts: readonly PlanPart[], asked: Asked, { at }: Circumstances): readonly AllocationEvent[] => {
  const unasked = parts.filter(({ warehouse }) => !asked.some(([, one]) => one.warehouse === warehouse));
  if (unasked.length > 0) return unasked.map((part) => lockAsked(state, part, at, 1));
  const failed = asked.filter(([, one]) => !isLive(one) || one.givenUp);
  if (failed.length > 0) return unanswered(state, failed);
  const inOrder = parts.flatMap(({ warehouse }) => asked.filter(([, one]) => one.warehouse === warehouse));
  return inOrder.every(([, one]) => one.state === 'LOCKED') ? [claimed(state, inOrder)] : [];
};

// A warehouse that did not answer, or let a lease run out, may have stock: new plans. Refused: the plans that are left, then the queue.
const unanswered = (state: AllocationState, failed: Asked): readonly AllocationEvent[] => {
  if (failed.some(([, one]) => one.state !== 'REFUSED')) return [ended(state, state.parts)];
  return state.plans.length > inPlay(state.plans).length ? [ended(state, state.parts, true)] : [backorder(state)];
};

const claimed = ({ foId, request, lockRound }: AllocationState, locks: Asked): AllocationEvent => {
  const parts = locks.map(([lockId, { warehouse, fence }]) => ({ warehouse, lockId, fence }));
  return { type: 'AllocationClaimed', data: { foId, round: request!.round, lockRound, ...parts[0]!, parts } };
};

const backorder = (state: AllocationState): AllocationEvent => {
  const { foId, missing } = state;
  const { round, orders } = state.request!;
  return state.backorderedRound === round
    ? { type: 'BackorderKept', data: { foId, round, missing } }
    : { type: 'OrderBackordered', data: { foId, round, orders, missing } };
};

const confirm = (state: AllocationState, { at }: Circumstances): readonly AllocationEvent[] => {
  const parts = partsOf(state);
  const keeps = state.policy.partial === 'keep';
  const isBroken = uncovered(state).length > 0;
  if (isBroken && !keeps) return [ended(state, [])];
  const unasked = parts.filter(([, one]) => one.state === 'LOCKED' && one.open === '');
  if (unasked.length > 0) return unasked.map(([lockId]) => confirmAsked(state, lockId, at, 1));
  if (parts.some(([, one]) => one.state === 'LOCKED')) return [];
  return [isBroken ? ended(state, state.parts) : allocated(state)];
};

const allocated = (state: AllocationState): AllocationEvent => {
  const parts = new Map<string, allocation.AllocatedPart>();
  for (const [lockId, { warehouse, lines, carrier, excludedCarriers, external }] of partsOf(state)) {
    const known = parts.get(warehouse);
    parts.set(
      warehouse,
      known
        ? { ...known, lines: summed([...known.lines, ...lines]), excludedCarriers: [...new Set([...known.excludedCarriers, ...excludedCarriers])] }
        : { warehouse, lockId, lines, excludedCarriers, preferredCarrier: carrier, external },
    );
  }
  const [first] = [...parts.values()];
  const { round, orders } = state.request!;
  return { type: 'OrderAllocated', data: { foId: state.foId, round, warehouse: first!.warehouse, lockId: first!.lockId, orders, items: state.items, parts: [...parts.values()] } };
};

const displaced = (state: AllocationState): readonly AllocationEvent[] =>
  isPromised(state)
    ? partsOf(state)
        .filter(([, one]) => !isLive(one) && one.state !== 'CONSUMED' && one.parcelId === '')
        .map(([, { warehouse, missing, lines }]) => ({ type: 'StockDisplaced', data: { foId: state.foId, warehouse, missing: missing.length > 0 ? missing : lines } }))
    : [];

const head = (state: AllocationState, lockId: string): { lockId: string; foId: string; round: number; warehouse: string } => {
  const { round, warehouse } = state.locks[lockId]!;
  return { lockId, foId: state.foId, round, warehouse };
};

/** The question to a warehouse. The lock's id is made of the fulfilment order, the round and the warehouse, so asking again asks for the same. */
export const lockAsked = (state: AllocationState, { warehouse, lines }: PlanPart, at: string, attempt: number): AllocationQuestion => {
  const { foId, lockRound: round, request } = state;
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
  data: { ...head(state, lockId), fence: state.locks[lockId]!.fence, parcelId: state.locks[lockId]!.parcelId, attempt, at },
});
