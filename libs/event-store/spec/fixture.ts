import { createHash } from 'node:crypto';
import { database, type TestDatabase } from '@flotilla/testing';
import pg from 'pg';
import { createEventStore, eventStoreMigrations, migrateEventStore, type EventStore } from '../src/index.js';

export * from './ledger.js';

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
