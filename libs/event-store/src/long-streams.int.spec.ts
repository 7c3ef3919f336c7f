import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Decider } from '@flotilla/decider';
import { quietLog } from '@flotilla/testing';
import { add, ledger, meta, random, task, world, type World } from '../spec/fixture.js';
import { createEventStore, type EventStore } from './index.js';

jest.setTimeout(60_000);
let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.end());

type Event = { readonly type: 'Moved'; readonly data: { readonly by: number; readonly key: string } };
/** Remembers the order in which keys first came: a snapshot that reorders them would show. */
interface Shelf {
  readonly sum: number;
  readonly last: string;
  readonly keys: Readonly<Record<string, number>>;
}
const shelf = (stateVersion?: number, factor = 1): Decider<Shelf, { readonly type: 'Move'; readonly data: Event['data'] }, Event> => ({
  category: 'shelf',
  initial: { sum: 0, last: '', keys: {} },
  evolve: (state, { data: { by, key } }) => ({ sum: state.sum + by * factor, last: `${key}${state.last}`.slice(0, 40), keys: { ...state.keys, [key]: (state.keys[key] ?? 0) + 1 } }),
  decide: ({ data }) => [{ type: 'Moved', data }],
  ...(stateVersion === undefined ? {} : { stateVersion }),
});
const kept = shelf(1);
const move = (decider: ReturnType<typeof shelf>, id: string, by: number, key: string) => ({ streams: [[decider, id] as const], meta, decide: (unit: Parameters<Parameters<typeof task>[0]>[0]) => void unit.run(decider, id, { type: 'Move', data: { by, key } }) });
const fill = async (id: string, count: number, decider = kept, store: EventStore = w.store, seed = 1): Promise<void> => {
  const rnd = random(seed);
  for (let i = 0; i < count; i += 50) await Promise.all(Array.from({ length: Math.min(50, count - i) }, () => store.execute(move(decider, id, Math.floor(rnd() * 9) - 4, `k${Math.floor(rnd() * 30)}`))));
};
const snapshotsOf = async (stream: string) => (await w.pool.query('SELECT version::int, schema_version, state FROM es.snapshot WHERE stream_id = $1', [stream])).rows as { version: number; schema_version: number; state: Shelf }[];
/** A store that counts the events that it reads, in a process that knows nothing. */
const cold = () => {
  const { pool } = w.another();
  let rows = 0;
  const store = createEventStore({
    pool: new Proxy(pool, {
      get: (target, name) =>
        name === 'query'
          ? async (query: { name?: string }) => {
              const ask = target.query.bind(target) as unknown as (query: object) => Promise<{ rows: { part?: number }[] }>;
              const result = await ask(query);
              if (query.name === 'es-load') rows += result.rows.filter(({ part }) => part === 2).length;
              return result;
            }
          : Reflect.get(target, name),
    }),
  });
  return { store, rows: () => rows };
};

describe('snapshots', () => {
  it('I6: replay from zero = from any snapshot, taken anywhere', async () => {
    await fill('i6', 430);
    await w.store.close(); // waits for the snapshots
    w = { ...w, store: w.another().store };
    const zero = (await w.another().store.folded(shelf(), ['i6'])).get('i6');
    expect(zero?.version).toBe(430);
    const [taken] = await snapshotsOf('shelf-i6');
    expect(taken?.version).toBeGreaterThanOrEqual(300);
    const events = await w.store.read('shelf-i6');
    const prefix = (n: number) => events.slice(0, n).reduce((state, { type, data }) => kept.evolve(state, { type, data } as Event), kept.initial);
    for (const version of [1, 99, 100, 257, 429, 430]) {
      await w.owner.query("UPDATE es.snapshot SET version = $1, state = $2 WHERE stream_id = 'shelf-i6'", [version, JSON.stringify(prefix(version))]);
      const { store, rows } = cold();
      const found = (await store.folded(kept, ['i6'])).get('i6');
      expect([version, JSON.stringify(found), rows()]).toEqual([version, JSON.stringify(zero), 430 - version]);
      await store.close(); // it has taken a snapshot, which must not come later
    }
  });

  it('a load reads the snapshot and what came after it; without it, all; one that folded much takes one', async () => {
    await fill('long', 260);
    const first = cold();
    await first.store.folded(kept, ['long']);
    expect(first.rows()).toBeLessThan(210);
    await w.owner.query("DELETE FROM es.snapshot WHERE stream_id = 'shelf-long'");
    const second = cold();
    expect((await second.store.folded(kept, ['long'])).get('long')?.version).toBe(260);
    expect(second.rows()).toBe(260);
    await second.store.close();
    expect((await snapshotsOf('shelf-long')).map(({ version }) => version)).toEqual([260]);
  });

  it('of another state version are not used, and an older version does not replace a newer one', async () => {
    await fill('shape', 120);
    const next = shelf(2, 10);
    const newer = cold();
    const sum = (await newer.store.folded(next, ['shape'])).get('shape')?.state.sum ?? Number.NaN;
    expect(newer.rows()).toBe(120);
    await newer.store.close();
    expect((await snapshotsOf('shelf-shape')).map(({ schema_version, state }) => [schema_version, state.sum])).toEqual([[2, sum]]);
    const older = cold();
    expect((await older.store.folded(kept, ['shape'])).get('shape')?.state.sum).toBe(sum / 10);
    await older.store.close();
    expect((await snapshotsOf('shelf-shape')).map(({ schema_version }) => schema_version)).toEqual([2]);
  });

  it('are not taken of states that JSON would change, nor of deciders that do not ask for them', async () => {
    const odd: Decider<{ at: Date }, { type: 'X'; data: object }, { type: 'X'; data: object }> = { category: 'odd', initial: { at: new Date(0) }, evolve: (state) => ({ at: new Date(state.at.getTime() + 1) }), decide: (command) => [command], stateVersion: 1 };
    const lines = quietLog();
    const store = createEventStore({ pool: w.pool, log: lines });
    await Promise.all(Array.from({ length: 130 }, () => store.execute(task((unit) => unit.run(odd, 'a', { type: 'X', data: {} })))));
    await fill('plain', 130, shelf(), store);
    await store.close();
    expect([await snapshotsOf('odd-a'), await snapshotsOf('shelf-plain')]).toEqual([[], []]);
    expect(lines.lines.some(({ message }) => message.includes('not plain JSON'))).toBe(true);
  });

  it('that cannot be written harm nobody', async () => {
    const lines = quietLog();
    const { pool } = w.another();
    const store = createEventStore({
      log: lines,
      pool: new Proxy(pool, { get: (target, name) => (name === 'query' ? (query: { name?: string }) => (query.name === 'es-snapshot' ? Promise.reject(new Error('disk full')) : target.query(query as never)) : Reflect.get(target, name)) }),
    });
    await fill('unlucky', 220, kept, store);
    await store.close();
    expect(lines.lines.filter(({ message }) => message.includes('could not be written')).length).toBeGreaterThan(0);
    expect((await w.another().store.folded(kept, ['unlucky'])).get('unlucky')?.version).toBe(220);
  });
});

describe('what a long stream has applied', () => {
  const from = (n: number, version = 1) => ({ source: { stream: `order-${n}`, version, id: `e${n}-${version}`, hash: 'aa' } });
  const recentOf = async (id: string) => Number((await w.pool.query("SELECT count(*) FROM es.applied WHERE stream_id = $1 AND source <> ''", [`ledger-${id}`])).rows[0].count);

  it('ING-05: stands in es.applied and not in memory, and repeats are dropped for ever, by every process', async () => {
    const first = createEventStore({ pool: w.pool });
    for (let i = 0; i < 450; i += 30) await Promise.all(Array.from({ length: 30 }, (_, k) => first.execute(add('hot', `${i + k}`, from(i + k)))));
    await first.close();
    expect(await recentOf('hot')).toBeGreaterThanOrEqual(300);
    const entries = async () => (await w.another().store.folded(ledger, ['hot'])).get('hot')?.state.entries ?? [];
    expect(await entries()).toHaveLength(450);
    for (const store of [createEventStore({ pool: w.pool }), w.another().store]) {
      // Twice: the fold is not known, then it is. Sources of long ago, of just now, and both in an intake chunk.
      for (let round = 0; round < 2; round += 1) {
        expect(await Promise.all([0, 1, 299, 449].map(async (n) => (await store.execute(add('hot', 'again', from(n)))).position))).toEqual([0, 0, 0, 0]);
      }
      const offset = (await store.offset('long', 't', 0)) ?? 0;
      await store.intake([5, 6, 448].map((n) => add('hot', 'again', from(n))), { consumer: 'long', topic: 't', partition: 0, from: offset, next: offset + 3 });
    }
    expect(await entries()).toHaveLength(450);
    // A task that does not name its stream asks later; newer versions of old sources pass, once.
    const late = { ...add('hot', 'new', from(3, 2)), streams: [] };
    expect((await w.store.execute(late)).position).toBeGreaterThan(0);
    expect((await w.another().store.execute({ ...late })).position).toBe(0);
    expect((await entries()).slice(450)).toEqual(['new']);
  });

  it('agrees with a memory that forgets nothing, over restarts, two processes and snapshots that are deleted', async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1e9);
    const rnd = random(seed);
    const model = new Map<number, number>();
    let stores = [w.another().store, w.another().store];
    let expected = 0;
    for (let round = 0; round < 30; round += 1) {
      if (rnd() < 0.3) {
        await Promise.all(stores.map((store) => store.close()));
        stores = [w.another().store, w.another().store];
      }
      if (rnd() < 0.2) await w.owner.query("DELETE FROM es.snapshot WHERE stream_id LIKE 'ledger-%'");
      const store = stores[round % 2]!;
      const batch = Array.from({ length: 25 }, () => [Math.floor(rnd() * 120), 1 + Math.floor(rnd() * 6)] as const);
      const positions = await Promise.all(batch.map(async ([n, version]) => (await store.execute(add('modelled', `${n}@${version}`, from(n, version)))).position > 0));
      batch.forEach(([n, version], i) => {
        const fresh = (model.get(n) ?? 0) < version;
        if (fresh) {
          model.set(n, version);
          expected += 1;
        }
        expect({ seed, round, n, version, applied: positions[i] }).toEqual({ seed, round, n, version, applied: fresh });
      });
    }
    expect((await w.another().store.folded(ledger, ['modelled'])).get('modelled')?.version).toBe(expected);
  });
});
