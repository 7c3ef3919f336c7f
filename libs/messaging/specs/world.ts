// What the specs on real servers share: topics, a database, and a hand that publishes.
import { randomBytes } from 'node:crypto';
import { createEventStore, migrateEventStore, type EventStore, type Recorded } from '@flotilla/event-store';
import { database, quietLog, type TestDatabase } from '@flotilla/testing';
import { connectBus, type Bus, type BusOptions } from '../src/index.js';
import { tally } from './receiver.js';

export * from './receiver.js';

export const brokers = (): string[] => (process.env['FLOTILLA_TEST_KAFKA_BROKERS'] ?? '').split(',');
export const unique = (prefix: string): string => `${prefix}-${randomBytes(4).toString('hex')}`;

export const newDatabase = (): Promise<TestDatabase> =>
  database(undefined, { name: 'messaging', version: '1', migrate: (client) => migrateEventStore(client, { role: client.user ?? 'flotilla', readers: [] }) });

export const newBus = (more: Partial<BusOptions> = {}): Bus => connectBus({ brokers: brokers(), clientId: unique('spec'), log: quietLog(), ...more });

export const seenBy = async (store: EventStore, keys: readonly string[]): Promise<Record<string, readonly number[]>> => {
  const found = await store.folded(tally, keys);
  return Object.fromEntries(keys.map((key) => [key, found.get(key)?.state.seen ?? []]));
};

/** As a stored event of stream `source-<key>` would be relayed. */
export const eventOf = (key: string, version: number): Recorded => ({
  position: version, stream: `source-${key}`, version, id: `${key}-${version}`, type: 'Told', schemaVersion: 1, recordedAt: '2026-11-21T00:00:00.000Z', data: { n: version },
  meta: { correlation: `c-${key}`, causation: 'x', actor: 'spec', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }, hash: `${version}`,
});

export const newStore = (db: TestDatabase): EventStore => createEventStore({ pool: db.pool });
