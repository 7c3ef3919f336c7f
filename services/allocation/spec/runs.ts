import type { AllocationEvent } from '../src/decide/allocation.events.js';
import type { Phase } from '../src/decide/allocation.state.js';
import type { LockEvent } from '../src/decide/lock.events.js';
import type { StockEvent } from '../src/decide/stock.events.js';
import { invariants, type Invariant } from './audit.js';
import { mutants } from './mutants.js';
import { scenarioOf, roles, type Role, type Scenario } from './scenario.js';
import { shrink } from './shrink.js';
import { story, type Told } from './story.js';
import { World, type Variant } from './world.js';

export interface Failure {
  readonly seed: number;
  readonly invariant: Invariant;
  readonly what: string;
}

/** What came of a number of runs. */
export interface Tally {
  readonly runs: number;
  readonly steps: number;
  /** The longest time from healing to rest, in simulated ms. */
  readonly restMs: number;
  readonly checked: Readonly<Record<string, number>>;
  readonly occurred: Readonly<Record<string, number>>;
  /** The first run that failed; nothing was run after it. */
  readonly failure: Failure | null;
}

export const nothingRun: Tally = { runs: 0, steps: 0, restMs: 0, checked: {}, occurred: {}, failure: null };

const summed = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> => {
  const out = { ...a };
  for (const [key, count] of Object.entries(b)) out[key] = (out[key] ?? 0) + count;
  return out;
};

export const together = (a: Tally, b: Tally): Tally => ({
  runs: a.runs + b.runs,
  steps: a.steps + b.steps,
  restMs: Math.max(a.restMs, b.restMs),
  checked: summed(a.checked, b.checked),
  occurred: summed(a.occurred, b.occurred),
  failure: a.failure && b.failure ? (a.failure.seed < b.failure.seed ? a.failure : b.failure) : (a.failure ?? b.failure),
});

interface Cast {
  readonly variant: Variant;
  readonly scenario: (seed: number) => Scenario;
}

/** Production itself, in the scenarios that are tuned for a mutant. */
export const controlOf = (mutant: string): string => `production for: ${mutant}`;

// Production, or what a mutant makes of it.
const castOf = (cast: string): Cast => {
  if (cast === '') return { variant: {}, scenario: scenarioOf };
  const one = mutants.find(({ name }) => name === cast || controlOf(name) === cast);
  if (one === undefined) throw new Error(`no mutant "${cast}"`);
  return {
    variant: one.name === cast ? one.variant : {},
    // By message, where each rule is needed.
    scenario: (seed) => ({ ...(one.tuned?.(scenarioOf(seed)) ?? scenarioOf(seed)), atHand: false }),
  };
};

/** Runs seeds one after the other, up to the first that fails. */
export const runSeeds = async (from: number, count: number, mutant = ''): Promise<Tally> => {
  const { variant, scenario } = castOf(mutant);
  const checked = new Map<string, number>();
  const occurred = new Map<string, number>();
  const add = (to: Map<string, number>, more: ReadonlyMap<string, number>): void => {
    for (const [key, times] of more) to.set(key, (to.get(key) ?? 0) + times);
  };
  let runs = 0;
  let steps = 0;
  let restMs = 0;
  let failure: Failure | null = null;
  for (let seed = from; seed < from + count && failure === null; seed += 1) {
    const world = new World(scenario(seed), variant);
    const outcome = await world.run();
    runs += 1;
    steps += outcome.steps;
    restMs = Math.max(restMs, outcome.restMs);
    add(checked, outcome.checked);
    add(occurred, outcome.occurred);
    const [violation] = outcome.violations;
    if (violation) failure = { seed, invariant: violation.invariant, what: world.named(violation.what) };
  }
  return { runs, steps, restMs, checked: Object.fromEntries(checked), occurred: Object.fromEntries(occurred), failure };
};

/** The story of a seed that fails, shrunk to what the failure needs. */
export const explain = async (seed: number, mutant = ''): Promise<string> => {
  const { variant, scenario } = castOf(mutant);
  const whole = scenario(seed);
  const first = await new World(whole, variant, undefined, true).run();
  const invariant = first.violations[0]?.invariant;
  if (invariant === undefined) return `seed ${seed} holds every invariant`;
  const before = { ...whole, fates: first.fates };
  const small = await shrink(before, async (one) => (await new World(one, variant).run()).violations[0]?.invariant === invariant);
  const told: Told[] = [];
  const world = new World(small, variant, told);
  const { violations } = await world.run();
  return story({ scenario: small, before, violations, told, named: (text) => world.named(text), nameOf: (data) => world.nameOf(data) });
};

// Closed lists: a type that is added must be named here, or the specs do not compile. 1: it must occur; 0: it cannot here, another spec has it.
const saga = {
  RequestNoted: 1, CancelNoted: 1, ShipmentNoted: 1, GrantNoted: 1, RefusalNoted: 1, ConfirmationNoted: 1, ExpiryNoted: 1, ReleaseNoted: 1, ConsumptionNoted: 1,
  LockAsked: 1, ConfirmAsked: 1, ReleaseAsked: 1, ConsumeAsked: 1, AllocationPlanned: 1, PlanPostponed: 1, AskGivenUp: 1, ConfirmGivenUp: 1, RoundEnded: 1,
  RoundOpened: 1, PendingNoted: 0, AllocationClaimed: 1, BackorderKept: 1, BackorderEased: 0, ShippedUncovered: 1, OrderAllocated: 1, OrderBackordered: 1, StockReleased: 1, StockDisplaced: 1,
} as const satisfies Record<AllocationEvent['type'], 0 | 1>;
const locks = { StockLocked: 1, StockLockRefused: 1, StockConfirmed: 1, StockLockExpired: 1, StockReleased: 1, StockConsumed: 1, LockAnswered: 1 } as const satisfies Record<LockEvent['type'], 0 | 1>;
const stocks = { StockCounted: 1, StockAdjusted: 1, StockSetAside: 1, StockScrapped: 1, SafetySet: 1, StockAnnounced: 1, StockDispatched: 1, StockReceived: 1, InboundEnded: 1, StockHeld: 1, HoldConfirmed: 1, HoldReleased: 1, StockForecast: 1, StockTaken: 1 } as const satisfies Record<StockEvent['type'], 0 | 1>;
// `true`: it may be there at rest. The others are passed through; NONE is before everything.
const phases = { ENDING: false, ASKING: false, CONFIRMING: false, RELEASING: false, DISPLACED: false, ALLOCATED: true, BACKORDERED: true, RELEASED: true, CONSUMED: true, UNCOVERED: true } as const satisfies Record<Exclude<Phase, 'NONE'>, boolean>;
const pauses = Object.fromEntries(roles.map((role) => [role, 1])) as Record<Role, 1>;

const occurring = (types: Readonly<Record<string, 0 | 1>>): readonly string[] => Object.entries(types).filter(([, must]) => must === 1).map(([type]) => type);

/** What must have occurred, or it is not covered: every event, every phase, every kind of fault, and what makes a run worth its time. */
export const sometimes: readonly string[] = [
  ...occurring(saga).map((type) => `allocation ${type}`),
  ...occurring(locks).map((type) => `lock ${type}`),
  ...occurring(stocks).map((type) => `stock ${type}`),
  ...Object.entries(phases).map(([phase, rests]) => `${rests ? 'rests' : 'passes'} ${phase}`),
  ...Object.keys(pauses).map((role) => `fault: pause of ${role}`),
  ...['lost', 'doubled', 'late', 'overtaken', 'crash', 'zombie', 'zombie refused', 'stale figures', 'impostor', 'forged message parked'].map((kind) => `fault: ${kind}`),
  ...['before append', 'after append', 'before send', 'after send', 'serving', 'before firing', 'after firing'].map((when) => `fault: dies ${when}`),
  'a split plan is claimed', 'parts are kept', 'a part has left when a higher round comes', 'a cancel comes before the request', 'a remote warehouse grants', 'a lock is displaced', 'two orders are woken by one look', 'a lock is refused for what is kept back', 'an urgent order is promised what is kept back',
];

/** From so many runs on, what never occurred counts as a failure. */
export const ENOUGH = 5_000;

/** What is wrong with a tally as a whole: invariants that checked nothing, things that never occurred. */
export const lacking = ({ runs, checked, occurred }: Tally): readonly string[] =>
  runs < ENOUGH
    ? []
    : [
        ...Object.keys(invariants).filter((name) => (checked[name] ?? 0) === 0).map((name) => `${name} was never checked`),
        ...sometimes.filter((name) => (occurred[name] ?? 0) === 0).map((name) => `never: ${name}`),
      ];
