import { describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { ledger } from '../spec/fixture.js';
import { Applied, Baselines } from './baseline.js';
import { silentLogger } from './logger.js';
import { Snapshots } from './snapshot.js';
import type { EventStore } from './store.js';
import { Tail } from './tail.js';

const row = (position: number) => ({ position: String(position), stream_id: 'ledger-a', version: String(position), event_id: 'e', type: 'Added', schema_version: 1, recorded_at: new Date(0), data: {}, meta: {}, hash: Buffer.alloc(0) });
const store = { onAppended: () => undefined, lifted: (event: unknown) => event } as unknown as EventStore;

describe('what the event store keeps in memory is bounded:', () => {
  it('OPS-06: pages of the log, however many followers read at however many places', async () => {
    const pool = { query: async ({ values: [after] }: { values: [number] }) => ({ rows: Array.from({ length: 500 }, (_, i) => row(after + i + 1)) }) } as unknown as pg.Pool;
    const tail = new Tail(pool, store, silentLogger);
    const { signal } = new AbortController();
    for (let follower = 0; follower < 60; follower += 1) {
      let at = follower * 1_000_003;
      for (let i = 0; i < 3; i += 1) at = (await tail.next(at, signal)).at(-1)?.position ?? at;
      expect(tail.kept()).toBeLessThanOrEqual(14); // 12, the one in hand and the one read ahead
    }
    tail.stop();
  });

  it('OPS-06: folds, by number and by what they take', () => {
    const budget = 1024 * 1024;
    const cache = new Baselines(1_000, budget);
    const base = (version: number, text: number) => ({ decider: ledger, state: { lines: Array.from({ length: version }, () => 'x'.repeat(text)) }, version, applied: new Applied(), trace: '' });
    for (let i = 0; i < 3_000; i += 1) cache.put(`ledger-small-${i}`, base(1, 10));
    expect(cache.count().known).toBe(1_000);
    for (let i = 0; i < 300; i += 1) cache.put(`ledger-big-${i}`, base(10, 2_000));
    expect(cache.count().bytes).toBeLessThanOrEqual(budget);
    expect(cache.count().known).toBeLessThan(1_000);
    expect(cache.get('ledger-big-299')).toBeDefined();
    for (let version = 11; version < 2_000; version += 1) cache.put('ledger-grows', base(version, 2_000)); // counted again as it grows: one that takes more than all drives the others out
    expect(cache.count().known).toBe(1);
    for (let i = 0; i < 100; i += 1) cache.put(`ledger-after-${i}`, base(1, 10));
    expect(cache.count()).toMatchObject({ known: 100 });
  });

  it('OPS-06: snapshots that wait for a database that does not answer', async () => {
    const snapshots = new Snapshots({ query: () => new Promise(() => undefined) } as unknown as pg.Pool, silentLogger);
    const base = () => ({ decider: { ...ledger, stateVersion: 1 }, state: {}, version: 100, applied: new Applied(), trace: '' });
    for (let i = 0; i < 5_000; i += 1) snapshots.offer(`ledger-${i}`, base());
    expect(snapshots.waiting()).toBe(1_000);
    await new Promise(setImmediate);
    for (let i = 5_000; i < 9_000; i += 1) snapshots.offer(`ledger-${i}`, base());
    expect(snapshots.waiting()).toBe(1_000);
  });
});
