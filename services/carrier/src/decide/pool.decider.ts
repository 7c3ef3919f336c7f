import { unreachable, type Decider, type Of } from '@flotilla/decider';
import { follows, numberAt, without, type NumberRange } from './number-range.js';
import type { PoolEvent, PoolsEvent, VoidedRule } from './pool.events.js';

export type PoolCommand =
  /** What is not said of the pool stays as it was. */
  | { readonly type: 'AddNumbers'; readonly data: { readonly carrier: string; readonly warehouse: string; readonly range: NumberRange; readonly low?: number; readonly voided?: VoidedRule } }
  /** The next one goes to a parcel. */
  | { readonly type: 'IssueNumber'; readonly data: { readonly parcelId: string; readonly purchase: number } }
  /** The next one is another parcel's already. */
  | { readonly type: 'SkipNumber'; readonly data: { readonly parcelId: string } }
  | { readonly type: 'GiveBack'; readonly data: { readonly number: string; readonly parcelId: string; readonly printed: boolean } };

export interface Pool {
  readonly carrier: string;
  readonly warehouse: string;
  /** All that ever came, with the place from which numbers are still free. */
  readonly ranges: readonly (NumberRange & { readonly next: number })[];
  /** Given back and free again; used first. */
  readonly returned: readonly string[];
  readonly left: number;
  readonly low: number;
  readonly voided: VoidedRule;
  readonly warned: boolean;
}

/** The number that the pool gives next; undefined if it is empty. */
export const nextNumber = ({ ranges, returned }: Pool): string | undefined => {
  const open = ranges.find(({ next, to }) => next <= to);
  return returned[0] ?? (open && numberAt(open, open.next));
};

const add = ({ data: { carrier, warehouse, range, ...said } }: Of<PoolCommand, 'AddNumbers'>, pool: Pool): readonly PoolEvent[] => {
  const { low = pool.low, voided = pool.voided } = said;
  const ruled: readonly PoolEvent[] = pool.low === low && pool.voided === voided ? [] : [{ type: 'PoolRuled', data: { carrier, warehouse, low, voided } }];
  const added = pool.ranges.reduce<readonly NumberRange[]>((left, known) => left.flatMap((one) => without(one, known)), [range]);
  return [...ruled, ...added.map((one) => ({ type: 'NumbersAdded' as const, data: { carrier, warehouse, range: one, count: one.to - one.from + 1 } }))];
};

const issue = ({ data }: Of<PoolCommand, 'IssueNumber'>, pool: Pool): readonly PoolEvent[] => {
  const number = nextNumber(pool);
  if (number === undefined) throw new Error('the pool is empty');
  const { carrier, warehouse, left, low, warned } = pool;
  return [{ type: 'NumberIssued', data: { number, ...data } }, ...(left - 1 < low && !warned ? [{ type: 'PoolRanLow' as const, data: { carrier, warehouse, left: left - 1 } }] : [])];
};

// Only to the last one: it is the order in which numbers leave, and they left in it.
const joined = (ranges: Pool['ranges'], range: NumberRange): Pool['ranges'] => {
  const last = ranges.at(-1);
  return last && follows(last, range) ? ranges.with(-1, { ...last, to: range.to }) : [...ranges, { ...range, next: range.from }];
};

const taken = (pool: Pool): Pool => {
  const { returned, ranges } = pool;
  if (returned.length > 0) return { ...pool, left: pool.left - 1, returned: returned.slice(1) };
  const open = ranges.findIndex(({ next, to }) => next <= to);
  return { ...pool, left: pool.left - 1, ranges: ranges.map((range, n) => (n === open ? { ...range, next: range.next + 1 } : range)) };
};

/** Stream `pool-<carrier>.<warehouse>`. A number leaves it once; who takes one claims it in the same unit. */
export const pool: Decider<Pool, PoolCommand, PoolEvent> = {
  category: 'pool',
  stateVersion: 2,
  initial: { carrier: '', warehouse: '', ranges: [], returned: [], left: 0, low: 0, voided: 'BURN', warned: false },
  evolve: (state, event) => {
    switch (event.type) {
      case 'NumbersAdded': {
        const { carrier, warehouse, range, count } = event.data;
        return { ...state, carrier, warehouse, ranges: joined(state.ranges, range), left: state.left + count, warned: state.warned && state.left + count < state.low };
      }
      case 'PoolRuled':
        return { ...state, low: event.data.low, voided: event.data.voided, warned: false };
      case 'NumberIssued':
        return taken(state);
      case 'NumberBurnt':
        return event.data.because === 'TAKEN' ? taken(state) : state;
      case 'NumberReturned':
        return { ...state, returned: [...state.returned, event.data.number], left: state.left + 1 };
      case 'PoolRanLow':
        return { ...state, warned: true };
      default:
        return later(event, state);
    }
  },
  decide: (command, state) => {
    switch (command.type) {
      case 'AddNumbers': return add(command, state);
      case 'IssueNumber': return issue(command, state);
      case 'SkipNumber': return [{ type: 'NumberBurnt', data: { number: nextNumber(state) ?? '', parcelId: command.data.parcelId, because: 'TAKEN' } }];
      case 'GiveBack': {
        const { number, parcelId, printed } = command.data;
        return state.voided === 'RECLAIM' && !printed ? [{ type: 'NumberReturned', data: { number, parcelId } }] : [{ type: 'NumberBurnt', data: { number, parcelId, because: 'VOIDED' } }];
      }
      default: return unreachable(command);
    }
  },
};

// Closed for the compiler; an event type of a later version leaves the state as it is.
const later = (_: never, state: Pool): Pool => state;

/** The id of a pool's stream. */
export const poolIdOf = (carrier: string, warehouse: string): string => `${carrier}.${warehouse}`;

export type Pools = Readonly<Record<string, { readonly carrier: string; readonly warehouse: string; readonly open: boolean }>>;
export type PoolsCommand = { readonly type: 'Open' | 'Empty'; readonly data: { readonly carrier: string; readonly warehouse: string } };

/** Stream `pools-all`. It changes seldom, so that plans may rest on it; a pool's own stream changes with each parcel. */
export const pools: Decider<Pools, PoolsCommand, PoolsEvent> = {
  category: 'pools',
  initial: {},
  evolve: (state, { type, data }) => ({ ...state, [poolIdOf(data.carrier, data.warehouse)]: { ...data, open: type === 'PoolOpened' } }),
  decide: ({ type, data }, state) => {
    const known = state[poolIdOf(data.carrier, data.warehouse)];
    const open = type === 'Open';
    return known?.open === open || (!known && !open) ? [] : [{ type: open ? 'PoolOpened' : 'PoolEmptied', data }];
  },
};

export const allPools = 'all';
