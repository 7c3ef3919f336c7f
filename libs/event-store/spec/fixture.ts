import { createHash } from 'node:crypto';
import type { Decider } from '@flotilla/decider';
import { database, type TestDatabase } from '@flotilla/testing';
import pg from 'pg';
import { createEventStore, eventStoreMigrations, migrateEventStore, type EventStore, type Meta, type Task, type Unit } from '../src/index.js';

/** The role that a service logs in as: owns nothing. */
export const ROLE = 'spec_service';
export const READER = 'spec_reader';

const template = {
  name: 'event_store',
  version: createHash('sha256').update(eventStoreMigrations().join()).digest('hex'),
  migrate: async (client: pg.Client): Promise<void> => {
    for (const role of [ROLE, READER]) {
      await client.query(`DO $$ BEGIN CREATE ROLE ${role} LOGIN PASSWORD '${role}'; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`);
    }
    await migrateEventStore(client, { role: ROLE, readers: [READER] });
  },
};

export interface World {
  readonly db: TestDatabase;
  /** As the owner. */
  readonly owner: pg.Pool;
  /** As the service. */
  readonly pool: pg.Pool;
  readonly url: string;
  readonly store: EventStore;
  /** Another process's store upon the same database. */
  another(): { readonly pool: pg.Pool; readonly store: EventStore };
  end(): Promise<void>;
}

export const urlAs = (db: TestDatabase, role: string): string => {
  const url = new URL(db.url);
  url.username = role;
  url.password = role;
  return url.toString();
};

export const world = async (): Promise<World> => {
  const db = await database(undefined, template);
  const url = urlAs(db, ROLE);
  const pools: pg.Pool[] = [];
  const connect = (): pg.Pool => {
    const pool = new pg.Pool({ connectionString: url, max: 12 });
    pool.on('error', () => undefined);
    pool.on('connect', (connection) => connection.on('error', () => undefined));
    pools.push(pool);
    return pool;
  };
  const pool = connect();
  return {
    db,
    owner: db.pool,
    pool,
    url,
    store: createEventStore({ pool }),
    another: () => {
      const other = connect();
      return { pool: other, store: createEventStore({ pool: other }) };
    },
    end: async () => {
      for (const one of pools) await one.end();
      await db.drop();
    },
  };
};

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
