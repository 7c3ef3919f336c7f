import type { Decider } from '@flotilla/decider';
import type { Meta, Task, Unit } from '../src/index.js';

export const meta: Meta = { correlation: 'order-1', causation: 'cmd-1', actor: 'spec' };

/** Everything that was added, in order; refuses after `Close`. */
export interface Ledger {
  readonly entries: readonly string[];
  readonly closed: boolean;
}
export type LedgerCommand = { readonly type: 'Add'; readonly data: { readonly entry: string } } | { readonly type: 'Close'; readonly data: Record<string, never> };
export type LedgerEvent = { readonly type: 'Added'; readonly data: { readonly entry: string } } | { readonly type: 'Closed'; readonly data: Record<string, never> };

export class LedgerClosed extends Error {}

export const ledger: Decider<Ledger, LedgerCommand, LedgerEvent> = {
  category: 'ledger',
  initial: { entries: [], closed: false },
  evolve: (state, event) => (event.type === 'Added' ? { ...state, entries: [...state.entries, event.data.entry] } : { ...state, closed: true }),
  decide: (command, state) => {
    if (command.type === 'Close') return state.closed ? [] : [{ type: 'Closed', data: {} }];
    if (state.closed) throw new LedgerClosed('closed');
    return [{ type: 'Added', data: command.data }];
  },
};

export const add = (id: string, entry: string, with_: Partial<Meta> = {}): Task<number> => ({
  streams: [[ledger, id]],
  meta: { ...meta, ...with_ },
  decide: (unit) => {
    unit.run(ledger, id, { type: 'Add', data: { entry } });
    return unit.version(ledger, id);
  },
});

export const task = <A>(decide: (unit: Unit) => A, with_: Partial<Meta> = {}): Task<A> => ({ streams: [], meta: { ...meta, ...with_ }, decide });

/** Small and seeded: a failure names the seed that repeats it. */
export const random = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};
