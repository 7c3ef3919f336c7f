import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Refused, type Decider } from '@flotilla/decider';
import { world, type World } from '../spec/fixture.js';
import { createEventStore, TaskFailed, type EventStore, type Recorded, type Task } from './index.js';

jest.setTimeout(180_000);

/** A shelf whose every event says upon which it was decided: what is there at a version, not how many there were, shows a ground that never was. */
interface Moved {
  readonly type: 'Moved';
  readonly data: { readonly by: string; readonly upon: string };
}
const shelf: Decider<string, { readonly type: 'Move'; readonly data: { readonly by: string } }, Moved> = {
  category: 'shelf',
  initial: '',
  decide: ({ data: { by } }, upon) => [{ type: 'Moved', data: { by, upon } }],
  evolve: (_, { data: { by } }) => by,
};

const lastingMs = 8_000;

/** The same numbers for a seed. */
const numbers = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

const lost = (): Error => Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.end());

/** A store whose questions are late, fail, or are answered by a connection that breaks after the commit. */
const unlucky = (random: (below: number) => number): EventStore => {
  const { pool } = w.another();
  return createEventStore({
    pool: new Proxy(pool, {
      get: (target, name) =>
        name === 'query'
          ? async (query: { name?: string }) => {
              const luck = random(100);
              if (luck < 60) await new Promise((resolve) => setTimeout(resolve, random(15)));
              if (luck < 6) throw lost();
              if (luck < 9) throw Object.assign(new Error('lock timeout'), { code: '55P03' });
              const answer = await (target.query(query as never) as unknown as Promise<unknown>);
              if (luck > 95) throw lost();
              return answer;
            }
          : Reflect.get(target, name),
    }),
  });
};

describe('rivals upon few streams whose connections break', () => {
  it.each([
    [1, 3, 25],
    [2, 6, 5], // few callers: then a group leaves streams alone
    [3, 6, 5],
  ])('ALC-01, ING-05: decide every event upon the one before it, and each message has its effect once (%i)', async (seed, shelves, callers) => {
    const random = numbers(seed);
    const some = (): readonly string[] => {
      const first = random(shelves);
      return Array.from({ length: 1 + random(2) }, (_, i) => `${seed}.${(first + i) % shelves}`);
    };
    const move = (by: string, on: readonly string[], source?: { readonly stream: string; readonly version: number }): Task<void> => ({
      // Named or not; and one that is named may be left alone.
      streams: [[], on, Array.from({ length: shelves }, (_, i) => `${seed}.${i}`)][random(3)]!.map((id) => [shelf, id]),
      meta: { correlation: 'c', causation: 'c', actor: 'spec', ...(source ? { source: { ...source, id: by, hash: 'aa' } } : {}) },
      decide: (unit) => {
        for (const id of on) unit.run(shelf, id, { type: 'Move', data: { by } });
        if (by.endsWith('!')) throw new Refused('NO', 'no');
      },
    });
    const wanted = new Map<string, readonly string[]>();
    const perhaps = new Map<string, readonly string[]>();
    const until = Date.now() + lastingMs;

    const command = async (store: EventStore, who: string): Promise<void> => {
      for (let i = 0; Date.now() < until; i += 1) {
        const by = `${who}.${i}${random(8) === 0 ? '!' : ''}`;
        const on = some();
        await store.execute(move(by, on)).then(
          () => wanted.set(by, on),
          (error: unknown) => error instanceof Refused || perhaps.set(by, on),
        );
      }
    };
    const partition = async (stores: readonly EventStore[], number: number): Promise<void> => {
      const at = { consumer: `rivals-${seed}`, topic: 'questions', partition: number };
      const source = `source-${seed}.${number}`;
      let next = 0;
      const sent: Task<void>[] = [];
      while (Date.now() < until) {
        while (sent.length < next + 1 + random(6)) {
          const version = sent.length + 1;
          const by = `${source}@${version}`;
          const on = some();
          wanted.set(by, on);
          sent.push(move(by, on, { stream: source, version }));
        }
        // Two owners for a moment, as in a rebalance.
        const owners = random(10) === 0 ? stores : [stores[random(20) === 0 ? 1 - (number % 2) : number % 2]!];
        const part = sent.slice(next);
        await Promise.all(
          owners.map((store) =>
            store.intake(part, { ...at, from: next, next: sent.length }, part.map((_, i) => next + i + 1)).catch((error: unknown) => {
              if (error instanceof TaskFailed) throw error;
            }),
          ),
        );
        next = (await w.store.offset(at.consumer, at.topic, at.partition)) ?? 0;
      }
      for (let version = next + 1; version <= sent.length; version += 1) wanted.delete(`${source}@${version}`); // not taken in any more
    };
    const stores = [unlucky(random), unlucky(random)];
    await Promise.all([...[0, 1, 2, 3].map((number) => partition(stores, number)), ...stores.flatMap((store, s) => Array.from({ length: callers }, (_, i) => String(i)).map((c) => command(store, `command-${seed}.${s}.${c}`)))]);

    const found = new Map<string, string[]>();
    const torn: string[] = [];
    for (let id = 0; id < shelves; id += 1) {
      const events: Recorded[] = [];
      for (let page; page === undefined || page.length > 0; events.push(...page)) page = await w.store.read(`shelf-${seed}.${id}`, { from: events.length + 1 });
      for (const [index, { data }] of events.entries()) {
        const { by, upon } = data as Moved['data'];
        const before = (events[index - 1]?.data as Moved['data'] | undefined)?.by ?? '';
        if (upon !== before) torn.push(`${seed}.${id} v${index + 1}: ${by} was decided upon ${upon}, and ${before} was there`);
        found.set(by, [...(found.get(by) ?? []), `${seed}.${id}`]);
      }
    }
    expect(torn).toEqual([]);
    expect([...wanted].filter(([by, on]) => [...on].sort().join() !== (found.get(by) ?? []).sort().join()).map(([by, on]) => `${by} on ${on.join()}: ${(found.get(by) ?? []).join() || 'nowhere'}`)).toEqual([]);
    expect([...found].filter(([by, on]) => !wanted.has(by) && [...(perhaps.get(by) ?? [])].sort().join() !== [...on].sort().join())).toEqual([]);
    expect(wanted.size).toBeGreaterThan(100);
  });

  it('ALC-01, ING-05: a ground that was never laid is not passed on by a group that names it and leaves it alone', async () => {
    const { pool } = w.another();
    const appends: { go: () => void; fail: () => void }[] = [];
    const held = createEventStore({
      pool: new Proxy(pool, {
        get: (target, name) =>
          name === 'query'
            ? async (query: { name?: string }) => {
                if (query.name === 'es-append') await new Promise<void>((go, fail) => appends.push({ go, fail: () => fail(lost()) }));
                return (await (target.query(query as never) as unknown as Promise<unknown>)) as never;
              }
            : Reflect.get(target, name),
      }),
    });
    const next = async (): Promise<{ go: () => void; fail: () => void }> => {
      for (;;) {
        const one = appends.shift();
        if (one) return one;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    const meta = { correlation: 'c', causation: 'c', actor: 'spec' };
    const on = (by: string, id: string, named: readonly string[] = [id]): Task<void> => ({ streams: named.map((one) => [shelf, one]), meta, decide: (unit) => void unit.run(shelf, id, { type: 'Move', data: { by } }) });
    const [hot, calm] = ['never.hot', 'never.calm'];
    const begun = held.execute(on('begin', hot));
    (await next()).go();
    await begun;

    const phantom = held.execute(on('phantom', hot)).catch((error: Error) => error.message);
    const first = await next();
    const beside = held.execute(on('beside', calm, [hot, calm])); // decided while the first is on its way
    await new Promise((resolve) => setTimeout(resolve, 50));
    first.fail();
    expect(await phantom).toMatch(/terminated/);
    const second = await next();
    const after = held.execute(on('after', hot));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await w.store.execute(on('rival', hot));
    second.go();
    await beside;
    for (let done = false; !done; ) {
      done = await Promise.race([after.then(() => true), new Promise<false>((resolve) => setTimeout(() => resolve(false), 5))]);
      appends.shift()?.go();
    }
    expect((await w.store.read(`shelf-${hot}`)).map(({ data }) => data)).toEqual([{ by: 'begin', upon: '' }, { by: 'rival', upon: 'begin' }, { by: 'after', upon: 'rival' }]);
  });
});
