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
});
