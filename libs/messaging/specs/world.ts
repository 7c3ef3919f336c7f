// What the specs on real servers share: topics, a database, a receiving stream, and a hand that publishes.
import { randomBytes } from 'node:crypto';
import type { Decider, Of } from '@flotilla/decider';
import { createEventStore, migrateEventStore, type EventStore, type Recorded } from '@flotilla/event-store';
import { database, quietLog, type TestDatabase } from '@flotilla/testing';
import { connectBus, type Bus, type BusOptions, type ConsumeOptions, type Handler } from '../src/index.js';

export const brokers = (): string[] => (process.env['FLOTILLA_TEST_KAFKA_BROKERS'] ?? '').split(',');
export const unique = (prefix: string): string => `${prefix}-${randomBytes(4).toString('hex')}`;

export const newDatabase = (): Promise<TestDatabase> =>
  database(undefined, { name: 'messaging', version: '1', migrate: (client) => migrateEventStore(client, { role: client.user ?? 'flotilla', readers: [] }) });

export const newBus = (more: Partial<BusOptions> = {}): Bus => connectBus({ brokers: brokers(), clientId: unique('spec'), log: quietLog(), ...more });

type TallyCommand = { readonly type: 'Add'; readonly data: { readonly n: number } };
type TallyEvent = { readonly type: 'Added'; readonly data: { readonly n: number } };
/** The receiving stream: keeps what it was told, in order, with no guard of its own against repeats. */
export const tally: Decider<{ readonly seen: readonly number[] }, TallyCommand, TallyEvent> = {
  category: 'tally',
  initial: { seen: [] },
  evolve: (state, event) => ({ seen: [...state.seen, event.data.n] }),
  decide: (command: Of<TallyCommand, 'Add'>) => [{ type: 'Added', data: command.data }],
};

export const adding: Handler = {
  streams: (message) => [[tally, message.key]],
  handle: (message, unit) => void unit.run(tally, message.key, { type: 'Add', data: { n: (message.data as { n: number }).n } }),
};

export const seenBy = async (store: EventStore, keys: readonly string[]): Promise<Record<string, readonly number[]>> => {
  const found = await store.folded(tally, keys);
  return Object.fromEntries(keys.map((key) => [key, found.get(key)?.state.seen ?? []]));
};

/** As a stored event of stream `source-<key>` would be relayed. */
export const eventOf = (key: string, version: number): Recorded => ({
  position: version, stream: `source-${key}`, version, id: `${key}-${version}`, type: 'Told', schemaVersion: 1, recordedAt: '2026-11-21T00:00:00.000Z', data: { n: version },
  meta: { correlation: `c-${key}`, causation: 'x', actor: 'spec', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }, hash: `${version}`,
});

export const seal = async (text: string): Promise<string> => `sealed.v1.spec.raw.${Buffer.from(text).toString('base64url')}`;
export const open = async (text: string): Promise<string> => Buffer.from(text.split('.').at(-1) ?? '', 'base64url').toString();

export const newStore = (db: TestDatabase): EventStore => createEventStore({ pool: db.pool });

/** What `consume` needs, with the parts that a spec does not care about. */
export const consuming = (parts: Pick<ConsumeOptions, 'bus' | 'store' | 'consumer' | 'topics'> & Partial<ConsumeOptions>): ConsumeOptions => ({
  handlers: { Told: adding }, seal, open, log: quietLog(), ...parts, subscribe: { sessionTimeoutMs: 6_000, ...parts.subscribe },
});
