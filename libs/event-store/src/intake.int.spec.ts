import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Refused } from '@flotilla/decider';
import { add, ledger, LedgerClosed, task, world, type World } from '../spec/fixture.js';
import { Conflict, createEventStore, StaleOffset, TaskFailed, type EventStore, type Offsets, type Task } from './index.js';

jest.setTimeout(60_000);

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.end());

const chunk = (consumer: string, from: number, next: number): Offsets => ({ consumer, topic: 'order.v1', partition: 3, from, next });
const offset = (consumer: string, store: EventStore = w.store): Promise<number | undefined> => store.offset(consumer, 'order.v1', 3);
const failure = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => error);
const entries = async (id: string): Promise<readonly string[]> => (await w.another().store.folded(ledger, [id])).get(id)?.state.entries ?? [];

describe('intake', () => {
  it('ING-05: writes the chunk and the offset together; a redelivered chunk changes nothing', async () => {
    expect(await offset('plain')).toBeUndefined();
    await w.store.intake([add('p-1', 'a'), add('p-1', 'b'), add('p-2', 'c')], chunk('plain', 0, 3));
    expect(await offset('plain')).toBe(3);
    for (const store of [w.store, w.another().store]) expect(await failure(store.intake([add('p-1', 'a')], chunk('plain', 0, 3)))).toBeInstanceOf(StaleOffset);
    expect(await failure(w.store.intake([], chunk('plain', 2, 9)))).toBeInstanceOf(StaleOffset);
    await w.store.intake([], chunk('plain', 3, 9));
    await w.store.intake([task((unit) => unit.state(ledger, 'p-1'))], chunk('plain', 9, 10));
    expect([await offset('plain'), await entries('p-1'), await entries('p-2')]).toEqual([10, ['a', 'b'], ['c']]);
  });

  it('a task that throws is named and nothing is written', async () => {
    const refuse = task(() => { throw new Refused('NO', 'no'); });
    const error = await failure(w.store.intake([add('f', 'a'), refuse, add('f', 'b')], chunk('fails', 0, 3)));
    expect(error).toBeInstanceOf(TaskFailed);
    expect(error).toMatchObject({ index: 1, next: 0, cause: { reason: 'NO' } });
    expect([await offset('fails'), await entries('f')]).toEqual([undefined, []]);
    expect(await failure(w.store.intake([add('f', 'a'), add('f', '\u0000')], chunk('fails', 0, 3)))).toMatchObject({ index: 1, cause: { reason: 'BAD_TEXT' } });
    expect(await failure(w.store.intake([add('f', 'a'), { ...add('f', 'b'), streams: [[ledger, 'a b']] }], chunk('fails', 0, 3)))).toMatchObject({ index: 1, cause: { reason: 'BAD_TEXT' } });
    await w.store.intake([add('f', 'a'), add('f', 'b')], chunk('fails', 0, 3));
    expect(await entries('f')).toEqual(['a', 'b']);
  });

  it('a failure that rests on an old fold is not believed', async () => {
    const other = w.another().store;
    await other.execute(add('behind', 'one'));
    await w.store.folded(ledger, ['behind']);
    await other.execute(add('behind', 'two'));
    const strict: Task<void> = task((unit) => {
      if (unit.version(ledger, 'behind') < 2) throw new Refused('TOO_EARLY', 'too early');
    });
    await w.store.intake([strict], chunk('old', 0, 1));
    expect(await offset('old')).toBe(1);
    await other.execute(task((unit) => unit.run(ledger, 'behind', { type: 'Close', data: {} })));
    expect(await failure(w.store.intake([add('behind', 'x')], chunk('old', 1, 2)))).toMatchObject({ index: 0, cause: expect.any(LedgerClosed) });
  });

  it('ING-05: repeats and reordering of foreign events change nothing', async () => {
    const from = (stream: string, version: number) => add('repeated', `${stream}@${version}`, { source: { stream, version, id: `${stream}${version}`, hash: 'aa' } });
    const sent = [from('order-a', 1), from('order-b', 1), from('order-a', 1), from('order-a', 2), from('order-b', 1), from('order-a', 1), from('order-b', 2), from('order-a', 2)];
    await w.store.intake(sent, chunk('repeats', 0, 8));
    await w.another().store.intake([...sent].reverse(), chunk('repeats', 8, 16));
    await w.store.intake([from('order-a', 3)], chunk('repeats', 16, 17));
    expect(await entries('repeated')).toEqual(['order-a@1', 'order-b@1', 'order-a@2', 'order-b@2', 'order-a@3']);
  });

  it('everything is there once while others hammer the same streams, and the offset is exact', async () => {
    const rivals = [w.another().store, w.another().store];
    const acknowledged = new Map<string, string>();
    let stop = false;
    const hammering = rivals.map(async (store, r) => {
      for (let i = 0; !stop; i += 1) {
        const entry = `rival-${r}-${i}`;
        const id = `h-${i % 6}`;
        await store.execute(add(id, entry)).then(
          () => acknowledged.set(entry, id),
          (error: unknown) => {
            if (!(error instanceof Conflict)) throw error;
          },
        );
      }
    });
    const size = 20;
    for (let c = 0; c < 25; c += 1) {
      const tasks = Array.from({ length: size }, (_, i) => add(`h-${i % 6}`, `taken-${c * size + i}`));
      const after = tasks.map((_, i) => c * size + i + 1);
      for (let from = c * size; from < (c + 1) * size; ) {
        const rest = from - c * size;
        await w.store.intake(tasks.slice(rest), chunk('hammered', from, (c + 1) * size), after.slice(rest)).catch((error: unknown) => {
          if (!(error instanceof Conflict)) throw error;
        });
        from = (await offset('hammered')) ?? 0;
      }
    }
    stop = true;
    await Promise.all(hammering);
    for (let i = 0; i < 25 * size; i += 1) acknowledged.set(`taken-${i}`, `h-${(i % size) % 6}`);
    const stored = (await Promise.all(Array.from({ length: 6 }, async (_, i) => (await entries(`h-${i}`)).map((entry) => [entry, `h-${i}`] as const)))).flat();
    expect(await offset('hammered')).toBe(25 * size);
    expect(stored).toHaveLength(acknowledged.size);
    expect(new Map(stored)).toEqual(acknowledged);
    for (let i = 0; i < 6; i += 1) {
      const taken = stored.filter(([entry, id]) => id === `h-${i}` && entry.startsWith('taken')).map(([entry]) => Number(entry.slice(6)));
      expect(taken).toEqual([...taken].sort((a, b) => a - b));
    }
    expect((await w.pool.query('SELECT * FROM es.verify()')).rows).toEqual([]);
  });

  it('halves a chunk that never gets through whole', async () => {
    const other = w.another();
    let appends = 0;
    const unlucky = createEventStore({
      pool: new Proxy(other.pool, {
        get: (pool, name) =>
          name === 'query'
            ? async (query: { name?: string; values?: readonly Buffer[] }) => {
                // Someone else writes the second half's stream before every append that carries both halves.
                const writes = query.values?.[1] ?? Buffer.alloc(0);
                if (query.name === 'es-append' && writes.includes('left') && writes.includes('right')) await w.store.execute(add('right', `rival ${(appends += 1)}`));
                return pool.query(query as never);
              }
            : Reflect.get(pool, name),
      }),
    });
    await unlucky.intake([add('left', '0'), add('left', '1'), add('right', '2'), add('right', '3')], chunk('halved', 0, 4), [1, 2, 3, 4]);
    expect([appends, await offset('halved'), await entries('left'), await entries('right')]).toEqual([3, 4, ['0', '1'], ['rival 1', 'rival 2', 'rival 3', '2', '3']]);
  });

  describe('of several partitions at once', () => {
    const part = (consumer: string, partition: number, from: number, next: number): Offsets => ({ consumer, topic: 'order.v1', partition, from, next });
    const offsets = async (consumer: string): Promise<unknown> => (await w.pool.query('SELECT partition, next_offset::int AS next FROM es.consumer_offset WHERE consumer = $1 ORDER BY partition', [consumer])).rows.map((row) => [row.partition, row.next]);
    const instants = async (): Promise<number> => Number((await w.pool.query("SELECT count(DISTINCT recorded_at) AS n FROM es.event WHERE stream_id LIKE 'ledger-many-%'")).rows[0]?.n);

    it('ING-05: goes in one append with the commands that arrive meanwhile; all see the same hot stream in order', async () => {
      const store = w.another().store;
      const chunks = Array.from({ length: 12 }, (_, p) => store.intake([add('many-hot', `${p}.0`), add(`many-${p}`, 'x'), add('many-hot', `${p}.1`)], part('many', p, 0, 3)));
      const command = store.execute(add('many-hot', 'command'));
      await Promise.all([...chunks, command]);
      expect(await offsets('many')).toEqual(Array.from({ length: 12 }, (_, p) => [p, 3]));
      expect(await entries('many-hot')).toEqual([...Array.from({ length: 12 }, (_, p) => [`${p}.0`, `${p}.1`]).flat(), 'command']);
      expect(await instants()).toBeLessThanOrEqual(2);
    });

    it('ING-05: a zombie’s chunk and one that fails do not spoil the others', async () => {
      const store = w.another().store;
      await store.intake([add('fate-0', 'a')], part('fates', 0, 0, 1));
      const refuse = task(() => { throw new Refused('NO', 'no'); });
      const results = await Promise.allSettled([
        store.intake([add('fate-1', 'a')], part('fates', 1, 0, 1)),
        store.intake([add('fate-hot', 'zombie'), add('fate-2', 'a')], part('fates', 0, 0, 1)),
        store.intake([add('fate-hot', 'after the zombie')], part('fates', 2, 0, 1)),
        store.intake([add('fate-hot', 'fails'), refuse], part('fates', 3, 0, 2)),
        store.intake([add('fate-hot', 'after the failure'), add('fate-3', 'a')], part('fates', 4, 0, 1)),
        store.intake([add('fate-4', '\u0000')], part('fates', 5, 0, 1)),
      ]);
      expect(results.map((one) => (one.status === 'fulfilled' ? 'done' : (one.reason as Error).name))).toEqual(['done', 'StaleOffset', 'done', 'TaskFailed', 'done', 'TaskFailed']);
      expect(await offsets('fates')).toEqual([[0, 1], [1, 1], [2, 1], [4, 1]]);
      expect([await entries('fate-hot'), await entries('fate-2')]).toEqual([['after the zombie', 'after the failure'], []]);
    });

    it('ING-05: a chunk in conflict is decided again alone', async () => {
      const other = w.another();
      let groups = 0;
      const decided = [0, 0, 0];
      const counted = (p: number): Task<void> => ({ ...add(`alone-${p}`, 'x'), decide: (unit) => void ((decided[p]! += 1), unit.run(ledger, `alone-${p}`, { type: 'Add', data: { entry: `${unit.version(ledger, `alone-${p}`)}` } })) });
      const unlucky = createEventStore({
        pool: new Proxy(other.pool, {
          get: (pool, name) =>
            name === 'query'
              ? async (query: { name?: string }) => {
                  if (query.name === 'es-append' && (groups += 1) === 1) await w.store.execute(add('alone-1', 'rival'));
                  return pool.query(query as never);
                }
              : Reflect.get(pool, name),
        }),
      });
      await Promise.all([0, 1, 2].map((p) => unlucky.intake([counted(p)], part('alone', p, 0, 1))));
      expect([decided, groups, await entries('alone-1')]).toEqual([[1, 2, 1], 2, ['rival', '1']]);
      expect(await offsets('alone')).toEqual([[0, 1], [1, 1], [2, 1]]);
    });

    it('what was decided upon a group that failed is decided again, in order', async () => {
      const other = w.another();
      let fail = true;
      const store = createEventStore({
        pool: new Proxy(other.pool, {
          get: (pool, name) =>
            name === 'query'
              ? async (query: { name?: string }) => {
                  if (query.name === 'es-append' && fail) {
                    fail = false;
                    await new Promise((resolve) => setTimeout(resolve, 50)); // time for the next group to be decided upon this one
                    throw Object.assign(new Error('lock timeout'), { code: '55P03' });
                  }
                  return pool.query(query as never);
                }
              : Reflect.get(pool, name),
        }),
      });
      const first = store.intake([add('flying', 'a'), add('flying', 'b')], part('flying', 0, 0, 2));
      await new Promise((resolve) => setTimeout(resolve, 10));
      const second = store.intake([add('flying', 'c')], part('flying', 1, 0, 1));
      const third = store.execute(add('flying', 'd'));
      await Promise.all([first, second, third]);
      expect([await entries('flying'), (await third).answer, await offsets('flying')]).toEqual([['a', 'b', 'c', 'd'], 4, [[0, 2], [1, 1]]]);
    });

    it('ING-05: a chunk of which a question failed has applied nothing, whatever is in flight meanwhile', async () => {
      const other = w.another();
      let fail = true;
      const again = Promise.withResolvers<void>();
      const store = createEventStore({
        pool: new Proxy(other.pool, {
          get: (pool, name) =>
            name === 'query'
              ? async (query: { name?: string; values?: readonly unknown[] }) => {
                  if (query.name === 'es-load' && fail && JSON.stringify(query.values).includes('asked-later')) {
                    fail = false;
                    throw Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
                  }
                  if (query.name === 'es-append') await Promise.race([again.promise, new Promise((resolve) => setTimeout(resolve, 500))]);
                  return pool.query(query as never);
                }
              : Reflect.get(pool, name),
        }),
      });
      const messages = [
        add('applied', 'a', { source: { stream: 'order-q', version: 1, id: 'q1', hash: 'aa' } }),
        task((unit) => void unit.run(ledger, 'asked-later', { type: 'Add', data: { entry: 'b' } })),
      ];
      const command = store.execute(add('beside', 'x')); // in flight while the chunk comes again
      expect(await failure(store.intake(messages, part('applied', 0, 0, 2)))).toMatchObject({ code: 'ECONNRESET' });
      const second = store.intake(messages, part('applied', 0, 0, 2));
      setTimeout(() => again.resolve(), 100);
      await Promise.all([command, second]);
      expect([await entries('applied'), await entries('asked-later'), await entries('beside'), await offsets('applied')]).toEqual([['a'], ['b'], ['x'], [[0, 2]]]);
    });
  });
});
