/*
 * Production with one rule broken, each: if the simulation does not notice, it proves nothing about that rule. Nothing is
 * copied; a mutant wraps what production decides, folds, publishes or writes.
 */
import type { AnyDecider } from '@flotilla/decider';
import { lockIdOf } from '@flotilla/values';
import { allocation, type AllocationCommand } from '../src/decide/allocation.decider.js';
import type { AllocationEvent } from '../src/decide/allocation.events.js';
import { isLive, partsOf, type AllocationState } from '../src/decide/allocation.state.js';
import { lock, type LockCommand, type LockState } from '../src/decide/lock.decider.js';
import type { LockEvent, LockReply } from '../src/decide/lock.events.js';
import { stock, type StockCommand, type StockState } from '../src/decide/stock.decider.js';
import type { Level, StockEvent } from '../src/decide/stock.events.js';
import type { Answer, MemoryQueue } from './memory-queue.js';
import { SKUS, type Scenario } from './scenario.js';
import type { Variant } from './world.js';

export interface Mutant {
  readonly name: string;
  /** Whose rule is broken: the table of reliability.md §3.2, or design.md §5. */
  readonly rule: string;
  readonly variant: Variant;
  /** Makes of every seed one in which the rule matters. */
  readonly tuned?: (scenario: Scenario) => Scenario;
}

type Rule<C, S, E> = (command: C, state: S, decided: () => readonly E[]) => readonly E[];
type Fold<S, E> = (state: S, event: E, folded: S) => S;

const changed = <C, S, E>(decider: AnyDecider, decides?: Rule<C, S, E>, folds?: Fold<S, E>): AnyDecider => ({
  ...decider,
  ...(decides ? { decide: (command: C, state: S) => decides(command, state, () => decider.decide(command, state) as readonly E[]) } : {}),
  ...(folds ? { evolve: (state: S, event: E) => folds(state, event, decider.evolve(state, event) as S) } : {}),
});
const locks = (decides?: Rule<LockCommand, LockState, LockEvent>, folds?: Fold<LockState, LockEvent>): Variant => ({ rules: { lock: changed(lock, decides, folds) } });
const sagas = (decides?: Rule<AllocationCommand, AllocationState, AllocationEvent>, folds?: Fold<AllocationState, AllocationEvent>): Variant => ({ rules: { allocation: changed(allocation, decides, folds) } });
const stocks = (decides: Rule<StockCommand, StockState, StockEvent>): Variant => ({ rules: { stock: changed(stock, decides) } });

const both = (...variants: readonly Variant[]): Variant => ({ ...Object.assign({}, ...variants), rules: Object.assign({}, ...variants.map(({ rules }) => rules)) as Record<string, AnyDecider> });

const answered = (reply: LockReply): LockEvent => ({ type: 'LockAnswered', data: { reply } });
const headOf = ({ lockId, foId, round, warehouse }: LockReply['data']) => ({ lockId, foId, round, warehouse });
const levelOf = ({ onHand, unsellable, held, confirmed }: Level): Level => ({ onHand, unsellable, held, confirmed });
const never = '0000';

const noTombstones: Rule<LockCommand, LockState, LockEvent> = (command, state, decided) =>
  state.reply === null && (command.type === 'ReleaseStock' || command.type === 'ConfirmStock' || command.type === 'ConsumeStock') ? decided().map((event) => answered(event as LockReply)) : decided();

const noLeases: Rule<LockCommand, LockState, LockEvent> = (command, state, decided) => {
  switch (command.type) {
    case 'ExpireLock':
      return [];
    case 'LockStock':
    case 'ConfirmStock':
      return lock.decide({ ...command, data: { ...command.data, at: never } } as LockCommand, state);
    default:
      return decided();
  }
};

const lateGrantsIgnored: Rule<AllocationCommand, AllocationState, AllocationEvent> = ({ type, data }, state, decided) =>
  type === 'TakeReply' && data.reply.type === 'StockLocked' && !state.locks[data.reply.data.lockId] ? [] : decided();

type Allocated = Extract<AllocationEvent, { type: 'OrderAllocated' }>['data'];
// What is left out of a part is what carriers need.
const allocatedNow = (state: AllocationState): AllocationEvent => {
  const parts = partsOf(state).map(([lockId, { warehouse, lines }]) => ({ warehouse, lockId, lines })) as unknown as Allocated['parts'];
  const { round, orders } = state.request!;
  return { type: 'OrderAllocated', data: { foId: state.foId, round, warehouse: parts[0]!.warehouse, lockId: parts[0]!.lockId, orders, items: state.items, parts } };
};

type Row = { readonly ordered_at: string };
const reordered = (queue: MemoryQueue, order: (a: Row, b: Row) => number): MemoryQueue['pool'] => {
  const asked = queue.pool as unknown as { query(question: unknown, values?: readonly unknown[]): Promise<Answer> };
  const changed = async (question: unknown, values?: readonly unknown[]): Promise<Answer> => {
    const answer = await asked.query(question, values);
    return typeof question === 'string' ? { rows: (answer.rows as readonly Row[]).toSorted(order) } : answer;
  };
  return { query: changed } as unknown as MemoryQueue['pool'];
};

const impostors = (scenario: Scenario): Scenario => ({ ...scenario, troubles: [...scenario.troubles, ...Array.from({ length: 12 }, (_, pick) => ({ kind: 'impostor', atMs: 200 + pick * 400, pick }) as const)] });
const anyOrder = (scenario: Scenario): Scenario => ({ ...scenario, keepsOrder: false });
// Everywhere a unit is kept back, and lowered to none in the middle.
const sparing = (scenario: Scenario): Scenario => ({
  ...scenario,
  shelves: [
    ...scenario.shelves.filter(({ kind }) => kind !== 'safety'),
    ...scenario.sites.flatMap(({ warehouse }) => SKUS.flatMap((sku) => [{ kind: 'safety', warehouse, sku, atMs: 10, quantity: 2, from: 1 } as const, { kind: 'safety', warehouse, sku, atMs: scenario.healMs / 2, quantity: 0, from: 0 } as const])),
  ],
});
const keeps = (scenario: Scenario): Scenario => ({ ...scenario, policy: { ...scenario.policy, partial: 'keep' } });

// A confirm whose answers get lost, on a lock that lives long.
const deaf = (scenario: Scenario): Scenario => ({ ...scenario, leaseMs: 60_000, weather: { ...scenario.weather, lose: 0.5, late: 0.3, slowestMs: 25_000, die: 0, zombie: 0 } });
// Several warehouses are asked, and a better one is waited for.
const patient = (scenario: Scenario): Scenario => ({ ...scenario, policy: { ...scenario.policy, width: 3, windowMs: 1_500 }, weather: { ...scenario.weather, lose: 0.3 } });
// Old grants turn up when nobody knows of them any more.
const late = (scenario: Scenario): Scenario => ({ ...scenario, keepsOrder: false, weather: { ...scenario.weather, double: 0.5, late: 0.5, slowestMs: 20_000 } });
// Orders that are split and asked for again while their parts leave.
const restless = (scenario: Scenario): Scenario => ({
  ...scenario,
  keepsOrder: false,
  weather: { ...scenario.weather, lose: 0.4 },
  shelves: scenario.shelves.map((one) => (one.kind === 'count' ? { ...one, quantity: 2 } : one)),
  orders: scenario.orders.slice(0, 2).map((one) => ({ ...one, cancelMs: -1, lines: [{ sku: 'A', quantity: 3 }], reactions: one.reactions.map(() => ({ kind: 'ship', afterMs: 60 })), again: Array.from({ length: 8 }, (_, index) => ({ atMs: one.askMs + 150 + index * 400, exclude: '' })) })),
});

const SIM = 'reliability §3.2';
const SAGA = 'design §5';

export const mutants: readonly Mutant[] = [
  // --- the table of the first simulation -------------------------------------------------------------------------------
  {
    name: 'no tombstones, no release of late grants, no leases', rule: SIM, tuned: anyOrder,
    variant: both(locks((command, state, decided) => noTombstones(command, state, () => (state.reply === null ? decided() : noLeases(command, state, decided)))), sagas(lateGrantsIgnored), { timers: (_, changes) => changes.filter(({ key }) => !key.startsWith('lease/')) }),
  },
  { name: 'no tombstones', rule: SIM, tuned: anyOrder, variant: locks(noTombstones) },
  { name: 'no release of late grants', rule: SIM, tuned: late, variant: sagas(lateGrantsIgnored) },
  { name: 'no leases', rule: SIM, variant: locks(noLeases) },
  {
    name: 'another winner while a confirm is unanswered', rule: SIM, tuned: deaf,
    variant: sagas(undefined, (_, event, folded) => (event.type === 'ConfirmGivenUp' ? { ...folded, locks: { ...folded.locks, [event.data.lockId]: { ...folded.locks[event.data.lockId]!, state: 'EXPIRED' } } } : folded)),
  },
  {
    name: 'one phase: the first grant is the allocation', rule: SIM,
    variant: sagas((_, state, decided) => {
      const events = decided();
      const claim = events.findIndex(({ type }) => type === 'AllocationClaimed');
      return claim < 0 ? events : [...events.slice(0, claim + 1), allocatedNow(events.slice(0, claim + 1).reduce(allocation.evolve, state))];
    }),
  },
  {
    name: 'a confirm counts after the lease', rule: SIM,
    variant: locks((command, state, decided) => (command.type === 'ConfirmStock' && state.status === 'LOCKED' ? lock.decide({ ...command, data: { ...command.data, at: never } }, state) : decided())),
  },
  {
    name: 'an expired lock can be confirmed', rule: SIM,
    variant: locks(
      (command, state, decided) => (command.type === 'ConfirmStock' && state.status === 'EXPIRED' ? [{ type: 'StockConfirmed', data: { ...headOf(command.data.ask), fence: state.fence } }] : decided()),
      (state, event, folded) => (event.type === 'StockLockExpired' ? { ...folded, lines: state.lines } : folded),
    ),
  },
  {
    name: 'a lock id without its round', rule: SIM,
    variant: sagas((_command, _state, decided) => decided().map((event) => (event.type === 'LockAsked' ? { ...event, data: { ...event.data, lockId: lockIdOf(event.data.foId, 0, event.data.warehouse) } } : event))),
  },
  {
    name: 'a repeated ask reserves again', rule: SIM,
    variant: locks((command, state, decided) => (command.type === 'LockStock' && state.status === 'LOCKED' ? [{ type: 'StockLocked', data: { ...headOf(command.data.ask), fence: state.fence + 1, expiresAt: state.expiresAt, lines: state.lines } }] : decided())),
  },
  {
    name: 'a repeated release gives back again', rule: SIM,
    variant: locks(
      (command, state, decided) => (command.type === 'ReleaseStock' && state.status === 'RELEASED' ? [{ type: 'StockReleased', data: { ...headOf(command.data.ask), missing: [] } }] : decided()),
      (state, event, folded) => (event.type === 'StockReleased' ? { ...folded, lines: state.lines } : folded),
    ),
  },
  { name: 'save, then send, without an outbox', rule: SIM, variant: { outbox: false } },
  { name: 'a confirmed lock ignores its release', rule: SIM, variant: locks((command, state, decided) => (command.type === 'ReleaseStock' && state.status === 'CONFIRMED' ? [answered(state.reply!)] : decided())) },

  // --- the rules of the design: the participant ------------------------------------------------------------------------
  {
    name: 'demand is not summed per SKU', rule: SAGA,
    variant: locks((command, state, decided) => {
      if (command.type !== 'LockStock' || state.reply !== null) return decided();
      const lines = command.data.ask.lines.flatMap(({ sku, quantity }) => Array.from({ length: quantity }, () => ({ sku, quantity: 1 })));
      const fits = lines.every(({ sku }) => (command.data.free.find((one) => one.sku === sku)?.quantity ?? 0) >= 1);
      return fits ? [{ type: 'StockLocked', data: { ...headOf(command.data.ask), fence: command.data.fence, expiresAt: command.data.expiresAt, lines } }] : decided();
    }),
  },
  { name: 'a lock on several SKUs is not written whole', rule: SAGA, variant: { writes: (drafts) => (drafts.some(({ name }) => name.startsWith('lock-')) && drafts.length > 2 ? drafts.slice(0, -1) : drafts) } },
  { name: 'a lock is written without its stock', rule: SAGA, variant: { writes: (drafts) => (drafts.some(({ name }) => name.startsWith('lock-')) ? drafts.filter(({ name }) => !name.startsWith('stock-')) : drafts) } },
  { name: 'a claim is written upon any version', rule: SAGA, variant: { compares: (stream) => !stream.startsWith('allocation-') } },
  { name: 'a lock is written upon any version', rule: SAGA, variant: { compares: (stream) => !stream.startsWith('lock-') && !stream.startsWith('stock-') } },
  { name: 'a confirm needs no fence', rule: SAGA, tuned: impostors, variant: locks((command, state, decided) => (command.type === 'ConfirmStock' ? lock.decide({ ...command, data: { ...command.data, ask: { ...command.data.ask, fence: state.fence } } }, state) : decided())) },
  { name: 'a consume needs no fence', rule: SAGA, tuned: impostors, variant: locks((command, state, decided) => (command.type === 'ConsumeStock' ? lock.decide({ ...command, data: { ...command.data, ask: { ...command.data.ask, fence: state.fence } } }, state) : decided())) },
  { name: 'a consume needs no confirmation', rule: SAGA, tuned: impostors, variant: locks((command, state, decided) => (command.type === 'ConsumeStock' && state.status === 'LOCKED' ? lock.decide(command, { ...state, status: 'CONFIRMED' }) : decided())) },
  { name: 'a lease is looked at by nobody', rule: SAGA, variant: { timers: (_, changes) => changes.filter(({ key }) => !key.startsWith('lease/')) } },
  { name: 'a released id locks again', rule: SAGA, tuned: anyOrder, variant: locks((command, state, decided) => (command.type === 'LockStock' && (state.status === 'RELEASED' || state.status === 'EXPIRED') ? [{ type: 'StockLocked', data: { ...headOf(command.data.ask), fence: command.data.fence, expiresAt: command.data.expiresAt, lines: command.data.ask.lines } }] : decided())) },
  { name: 'a lost answer is never repeated', rule: SAGA, variant: locks((_command, _state, decided) => decided().filter(({ type }) => type !== 'LockAnswered')) },
  { name: 'a displaced lock keeps what it has', rule: SAGA, variant: locks(undefined, (state, event, folded) => (event.type === 'StockReleased' && event.data.missing.length > 0 ? state : folded)) },
  {
    name: 'a shelf promises what it does not have', rule: SAGA,
    variant: both(
      locks((command, _, decided) => (command.type === 'LockStock' ? lock.decide({ ...command, data: { ...command.data, free: command.data.ask.lines } }, _) : decided())),
      stocks((command, state, decided) => (command.type === 'HoldStock' ? [{ type: 'StockHeld', data: { ...command.data, level: { ...levelOf(state), held: state.held + command.data.quantity } } }] : decided())),
    ),
  },
  {
    name: 'a count does not look at what is promised', rule: SAGA,
    variant: both(
      locks((command, _, decided) => (command.type === 'DisplaceLock' ? [] : decided())),
      stocks((command, state, decided) => (command.type === 'CountStock' ? [{ type: 'StockCounted', data: { ...command.data, was: state.onHand, level: { ...levelOf(state), onHand: command.data.onHand } } }] : decided())),
    ),
  },
  {
    name: 'a lock takes what is kept back', rule: SAGA, tuned: sparing,
    variant: both(
      locks((command, state, decided) => (command.type === 'LockStock' ? lock.decide({ ...command, data: { ...command.data, kept: [] } }, state) : decided())),
      sagas((command, state, decided) => ('now' in command.data && command.data.now.snapshot ? allocation.decide({ ...command, data: { ...command.data, now: { ...command.data.now, snapshot: { ...command.data.now.snapshot, safety: {} } } } } as AllocationCommand, state) : decided())),
    ),
  },
  { name: 'what is announced is on the shelf', rule: SAGA, variant: stocks((command, _, decided) => (command.type === 'AnnounceStock' ? decided().map((event) => ({ ...event, data: { ...event.data, level: { ...event.data.level, onHand: event.data.level.onHand + command.data.quantity } } }) as StockEvent) : decided())) },
  { name: 'what has arrived stays on its way', rule: SAGA, variant: stocks((command, state, decided) => (command.type === 'ReceiveStock' ? decided().map((event) => ({ ...event, data: { ...event.data, beside: { safety: state.safety, safetyFrom: state.safetyFrom, inTransit: state.inTransit } } }) as StockEvent) : decided())) },
  { name: 'goods are taken twice', rule: SAGA, variant: stocks((command, state, decided) => (command.type === 'TakeStock' ? decided().map((event) => ({ ...event, data: { ...event.data, level: { ...event.data.level, onHand: state.onHand - 2 * command.data.quantity } } }) as StockEvent) : decided())) },
  { name: 'an older forecast counts', rule: SAGA, tuned: anyOrder, variant: stocks((command, state, decided) => (command.type === 'ForecastStock' ? stock.decide(command, { ...state, forecastAsOf: 0 }) : decided())) },

  // --- the rules of the design: the saga -------------------------------------------------------------------------------
  {
    name: 'OrderAllocated before all parts are confirmed', rule: SAGA,
    variant: sagas((command, state, decided) => {
      const events = decided();
      if (command.type !== 'TakeReply' || !events.some(({ type }) => type === 'ConfirmationNoted') || events.some(({ type }) => type === 'OrderAllocated' || type === 'RoundEnded')) return events;
      const folded = events.reduce(allocation.evolve, state);
      return folded.phase === 'CONFIRMING' ? [...events, allocatedNow(folded)] : events;
    }),
  },
  {
    name: 'parts of a failed split are not released', rule: SAGA,
    variant: sagas(undefined, (_, event, folded) =>
      event.type === 'RoundEnded' ? { ...folded, locks: Object.fromEntries(Object.entries(folded.locks).map(([lockId, one]) => [lockId, isLive(one) && !event.data.kept.includes(lockId) ? { ...one, state: 'RELEASED' as const, open: '' as const } : one])) } : folded,
    ),
  },
  {
    name: 'what is kept is planned again', rule: SAGA, tuned: keeps,
    variant: sagas((command, state, decided) => {
      const kept = (state.phase === 'ENDING' || state.phase === 'BACKORDERED') && (command.type === 'LookAgain' || command.type === 'ServeBackorder') && state.parts.length > 0;
      return kept ? allocation.decide(command, { ...state, parts: [], locks: Object.fromEntries(Object.entries(state.locks).filter(([lockId]) => !state.parts.includes(lockId))) }) : decided();
    }),
  },
  {
    name: 'an answer about an older round counts', rule: SAGA,
    variant: sagas((command, state, decided) => {
      if (command.type !== 'TakeReply' || command.data.reply.data.round >= state.lockRound) return decided();
      const { reply, now } = command.data;
      const lockId = lockIdOf(state.foId, state.lockRound, reply.data.warehouse);
      return allocation.decide({ type: 'TakeReply', data: { now, reply: { ...reply, data: { ...reply.data, lockId, round: state.lockRound } } as LockReply } }, state);
    }),
  },
  { name: 'a cancel before the request is forgotten', rule: SAGA, variant: sagas(({ type }, state, decided) => (type === 'CancelAllocation' && state.phase === 'NONE' ? [] : decided())) },
  { name: 'a cancel releases nothing', rule: SAGA, variant: sagas((command, state, decided) => (command.type === 'CancelAllocation' && state.phase !== 'NONE' ? decided().filter(({ type }) => type !== 'ReleaseAsked') : decided()), (_, event, folded) => (event.type === 'CancelNoted' ? { ...folded, locks: {} } : folded)) },
  { name: 'a question is put only once', rule: SAGA, variant: sagas(({ type, data }, state, decided) => (type === 'LookAgain' && data.lockId !== '' && state.locks[data.lockId]?.open !== '' ? [] : decided())) },
  { name: 'a question sets no timer', rule: SAGA, variant: { timers: (_, changes) => changes.filter(({ key, dueAt }) => dueAt === null || !key.startsWith('question/')) } },
  { name: 'a window never closes', rule: SAGA, tuned: patient, variant: { timers: (_, changes) => changes.filter(({ key }) => !key.startsWith('window/')) } },
  {
    name: 'every grant begins the window anew', rule: SAGA, tuned: patient,
    variant: sagas(({ type, data }, state, decided) => decided().map((event) => (event.type === 'GrantNoted' && type === 'TakeReply' && state.claimBy !== '' ? { ...event, data: { ...event.data, claimBy: new Date(Date.parse(data.now.at) + state.policy.windowMs).toISOString() } } : event))),
  },
  { name: 'the saga keeps a displaced lock', rule: SAGA, variant: sagas(({ type, data }, _, decided) => (type === 'TakeReply' && data.reply.type === 'StockReleased' && data.reply.data.missing.length > 0 ? [] : decided())) },
  { name: 'a displacement is not said', rule: SAGA, variant: { publish: (_, said) => said.filter(({ type }) => !type.endsWith('.StockDisplaced')) } },
  { name: 'a shipment consumes nothing', rule: SAGA, variant: sagas(({ type }, _, decided) => (type === 'ShipAllocation' ? [] : decided())) },
  { name: 'a higher round releases what has left', rule: SAGA, tuned: restless, variant: sagas(undefined, (_, event, folded) => (event.type === 'RequestNoted' ? { ...folded, locks: Object.fromEntries(Object.entries(folded.locks).map(([lockId, one]) => [lockId, { ...one, parcelId: '' }])) } : folded)) },

  // --- the rules of the design: the queue ------------------------------------------------------------------------------
  { name: 'the queue is served newest first', rule: SAGA, variant: { pool: (queue) => reordered(queue, (a, b) => (a.ordered_at < b.ordered_at ? 1 : -1)) } },
  { name: 'the queue knows no priority', rule: SAGA, variant: { pool: (queue) => reordered(queue, (a, b) => (a.ordered_at < b.ordered_at ? -1 : 1)) } },
  {
    name: 'the queue wakes two orders for one unit', rule: SAGA,
    variant: { queue: (follower) => ({ ...follower, outside: async (events) => {
      await follower.outside(events);
      await follower.outside(events);
    } }) },
  },
  { name: 'stock that comes back wakes nobody', rule: SAGA, variant: { queue: (follower) => ({ ...follower, outside: (events) => follower.outside(events.filter(({ type }) => type !== 'HoldReleased')) }) } },
  { name: 'stock that is counted wakes nobody', rule: SAGA, variant: { queue: (follower) => ({ ...follower, outside: (events) => follower.outside(events.filter(({ type }) => type !== 'StockCounted' && type !== 'StockAdjusted')) }) } },
  { name: 'what is kept back no longer wakes nobody', rule: SAGA, tuned: sparing, variant: { queue: (follower) => ({ ...follower, outside: (events) => follower.outside(events.filter(({ type }) => type !== 'SafetySet')) }) } },
  { name: 'stock that arrives wakes nobody', rule: SAGA, variant: { queue: (follower) => ({ ...follower, outside: (events) => follower.outside(events.filter(({ type }) => type !== 'StockReceived')) }) } },
  { name: 'who enters the queue is not looked at', rule: SAGA, variant: { queue: (follower) => ({ ...follower, outside: (events) => follower.outside(events.filter(({ type }) => type !== 'OrderBackordered')) }) } },
];
