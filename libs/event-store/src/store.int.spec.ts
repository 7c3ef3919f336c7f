import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Refused, type Decider } from '@flotilla/decider';
import { add, ledger, LedgerClosed, meta, task, world, type World } from '../spec/fixture.js';
import { Conflict, createEventStore, RequestIdReused, type Task } from './index.js';

jest.setTimeout(60_000);

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.end());

const failure = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => error);
const entries = async (id: string): Promise<readonly string[]> => (await w.another().store.folded(ledger, [id])).get(id)?.state.entries ?? [];
const appends = async (): Promise<number> => Number((await w.pool.query("SELECT count(DISTINCT recorded_at) AS n FROM es.event")).rows[0]?.n);

describe('execute', () => {
  it('answers with the position and records what the unit decided', async () => {
    const { answer, position } = await w.store.execute(add('first', 'x', { traceparent: '00-1-2-01' }));
    expect(answer).toBe(1);
    const [event] = await w.store.read('ledger-first');
    expect(event).toMatchObject({ position, stream: 'ledger-first', version: 1, type: 'Added', schemaVersion: 1, data: { entry: 'x' }, meta: { ...meta, traceparent: '00-1-2-01' } });
    expect(event?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(event?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(event?.recordedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('puts what arrives together into few appends, each command upon the one before it', async () => {
    const before = await appends();
    const answers = await Promise.all(Array.from({ length: 300 }, (_, i) => w.store.execute(add('hot', `${i}`))));
    expect(answers.map(({ answer }) => answer)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
    expect((await appends()) - before).toBeLessThanOrEqual(2);
    expect(await entries('hot')).toEqual(Array.from({ length: 300 }, (_, i) => `${i}`));
  });

  it('refuses alone: the others of the group stand', async () => {
    const bad = ['\u0000', '\ud83d'].map((entry) => failure(w.store.execute(add('mixed', entry))));
    const name = failure(w.store.execute(add('no such name', 'x')));
    const thrown = failure(w.store.execute(task(() => { throw new Refused('NOT_ALLOWED', 'no'); })));
    const good = await Promise.all([w.store.execute(add('mixed', 'a')), w.store.execute(add('mixed', 'b'))]);
    expect((await Promise.all([...bad, name, thrown])).map((error) => (error as Refused).reason)).toEqual(['BAD_TEXT', 'BAD_TEXT', 'BAD_TEXT', 'NOT_ALLOWED']);
    expect(good.map(({ answer }) => answer)).toEqual([1, 2]);
  });

  it('halves a group down to the one command that Postgres refuses', async () => {
    await w.owner.query("ALTER TABLE es.event ADD CONSTRAINT no_bad CHECK (type <> 'Bad')");
    const wide: Decider<null, { type: 'Bad'; data: object }, { type: 'Bad'; data: object }> = { category: 'wide', initial: null, evolve: () => null, decide: (c) => [c] };
    const bad = failure(w.store.execute(task((unit) => unit.run(wide, 'a', { type: 'Bad', data: {} }))));
    const good = await Promise.all(Array.from({ length: 20 }, (_, i) => w.store.execute(add('halved', `${i}`))));
    expect((await bad) as { code: string }).toMatchObject({ code: '23514' });
    await w.owner.query('ALTER TABLE es.event DROP CONSTRAINT no_bad');
    expect(good.map(({ answer }) => answer)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('ALC-01: what was read at two moments is checked before it is believed: two streams that always move together never seem not to', async () => {
    const both = (entry: string): Task<void> => task((unit) => {
      unit.run(ledger, 'twin-a', { type: 'Add', data: { entry } });
      unit.run(ledger, 'twin-b', { type: 'Add', data: { entry } });
    });
    await w.store.execute(both('1'));
    // Between the question for the first stream and that for the second, another process moves both.
    let between = (): Promise<unknown> => w.another().store.execute(both('2'));
    const pool = new Proxy(w.pool, {
      get: (target, name) =>
        name !== 'query'
          ? (Reflect.get(target, name) as unknown)
          : async (query: { readonly name?: string; readonly values?: readonly unknown[] }) => {
              const asks = query.name === 'es-load' && ((query.values?.[0] ?? []) as readonly string[]).includes('ledger-twin-b');
              if (asks) await between();
              if (asks) between = () => Promise.resolve();
              return target.query(query as never);
            },
    });
    const store = createEventStore({ pool });
    const difference = await store.execute({
      ...task((unit) => {
        const [a, b] = ['twin-a', 'twin-b'].map((id) => unit.state(ledger, id).entries.length);
        if (a !== b) throw new Error(`${a} here, ${b} there`);
        return a;
      }),
      streams: [[ledger, 'twin-a']],
    });
    expect(difference.answer).toBe(2);
    await store.close();
  });

  it('loads streams that a task did not name and decides it again', async () => {
    await w.store.execute(add('chain-1', 'chain-2'));
    await w.store.execute(add('chain-2', 'chain-3'));
    const other = w.another().store;
    let runs = 0;
    const { answer } = await other.execute(
      task((unit) => {
        runs += 1;
        const next = unit.state(ledger, unit.state(ledger, 'chain-1').entries[0] ?? '').entries[0] ?? '';
        unit.run(ledger, next, { type: 'Add', data: { entry: 'end' } });
        return next;
      }),
    );
    expect([answer, runs]).toEqual(['chain-3', 4]);
    expect(await entries('chain-3')).toEqual(['end']);
  });

  it('writes a unit over several streams whole or not at all', async () => {
    await w.store.execute({ ...task((unit) => unit.run(ledger, 'u-2', { type: 'Close', data: {} })), streams: [[ledger, 'u-2']] });
    const both = task((unit) => ['u-1', 'u-2'].forEach((id) => unit.run(ledger, id, { type: 'Add', data: { entry: 'x' } })));
    expect(await failure(w.store.execute(both))).toBeInstanceOf(LedgerClosed);
    expect(await entries('u-1')).toEqual([]);
  });

  it('writes nothing and answers position 0 if there is nothing to do', async () => {
    await w.store.execute(task((unit) => unit.run(ledger, 'done', { type: 'Close', data: {} })));
    const before = await appends();
    expect(await w.store.execute(task((unit) => unit.run(ledger, 'done', { type: 'Close', data: {} }).length))).toEqual({ answer: 0, position: 0 });
    expect(await appends()).toBe(before);
  });
});

describe('folds are a baseline only', () => {
  it('a refusal that rests on an old fold is decided again', async () => {
    const other = w.another().store;
    await w.store.execute(task((unit) => unit.run(ledger, 'stale', { type: 'Add', data: { entry: 'a' } })));
    await other.execute(task((unit) => unit.run(ledger, 'stale', { type: 'Close', data: {} })));
    // This store still believes in an open ledger; both an effect and "nothing to do" must see that it is closed.
    expect(await failure(w.store.execute(add('stale', 'b')))).toBeInstanceOf(LedgerClosed);
    await other.execute(add('seen', 'a'));
    expect((await w.store.execute(task((unit) => unit.version(ledger, 'seen')))).answer).toBe(1);
    await other.execute(add('seen', 'b'));
    expect((await w.store.execute(task((unit) => unit.version(ledger, 'seen')))).answer).toBe(2);
    expect((await w.store.folded(ledger, ['seen', 'none'])).get('seen')).toEqual({ state: { entries: ['a', 'b'], closed: false }, version: 2 });
  });

  it('a task decided upon one that is then refused is decided again', async () => {
    const other = w.another().store;
    await w.store.execute(add('base', 'a'));
    await other.execute(add('base', 'b'));
    const closing = w.store.execute(task((unit) => unit.run(ledger, 'base', { type: 'Close', data: {} }).length));
    const after = failure(w.store.execute(add('base', 'c')));
    expect((await closing).answer).toBe(1);
    expect(await after).toBeInstanceOf(LedgerClosed);
    expect(await entries('base')).toEqual(['a', 'b']);
  });

  it('two processes on one hot stream lose and repeat nothing', async () => {
    const stores = [w.another().store, w.another().store, w.another().store];
    const acknowledged = new Set<string>();
    let conflicts = 0;
    await Promise.all(
      stores.flatMap((store, s) =>
        Array.from({ length: 4 }, async (_, c) => {
          for (let i = 0; i < 40; i += 1) {
            const entry = `${s}.${c}.${i}`;
            try {
              await store.execute(add('contended', entry));
              acknowledged.add(entry);
            } catch (error) {
              if (!(error instanceof Conflict)) throw error;
              conflicts += 1;
            }
          }
        }),
      ),
    );
    const stored = await entries('contended');
    expect(acknowledged.size + conflicts).toBe(480);
    expect(new Set(stored).size).toBe(stored.length);
    expect([...stored].sort()).toEqual([...acknowledged].sort());
    for (let s = 0; s < 3; s += 1) for (let c = 0; c < 4; c += 1) {
      const mine = stored.filter((entry) => entry.startsWith(`${s}.${c}.`)).map((entry) => Number(entry.split('.')[2]));
      expect(mine).toEqual([...mine].sort((a, b) => a - b));
    }
  });

  it('gives up after four attempts with Conflict', async () => {
    let attempts = 0;
    const other = w.another();
    const endless: Task<void> = {
      ...add('busy', 'never'),
      decide: (unit) => {
        attempts += 1;
        unit.run(ledger, 'busy', { type: 'Add', data: { entry: 'never' } });
      },
    };
    // Whatever is loaded, another writer has been there before the append comes: told by a store whose load is always behind.
    const behind = createEventStore({
      pool: new Proxy(other.pool, {
        get: (pool, name) =>
          name === 'query'
            ? async (query: { name?: string }) => {
                if (query.name === 'es-append') await w.store.execute(add('busy', `${attempts}`));
                return pool.query(query as never);
              }
            : Reflect.get(pool, name),
      }),
    });
    expect(await failure(behind.execute(endless))).toBeInstanceOf(Conflict);
    expect(attempts).toBe(4);
    expect(await entries('busy')).toEqual(['1', '2', '3', '4']);
  });
});

describe('repeats', () => {
  const source = (version: number) => ({ stream: 'order-77', version, id: `e${version}`, hash: 'aa' });

  it('of a foreign event are dropped by the receiving stream, also by a store that never saw the first', async () => {
    await w.store.execute(add('rep', 'v1', { source: source(1) }));
    await w.store.execute(add('rep', 'v2', { source: source(2) }));
    for (const store of [w.store, w.another().store]) {
      for (const version of [2, 1]) expect((await store.execute(add('rep', `v${version} again`, { source: source(version) }))).position).toBe(0);
    }
    await w.store.execute(add('rep-other', 'v1', { source: source(1) }));
    expect(await entries('rep')).toEqual(['v1', 'v2']);
    expect(await entries('rep-other')).toEqual(['v1']);
  });

  it('of one event in one group count once; a unit may write its stream more than once', async () => {
    const twice = task((unit) => [unit.run(ledger, 'rep-2', { type: 'Add', data: { entry: 'a' } }), unit.run(ledger, 'rep-2', { type: 'Add', data: { entry: 'b' } })].flat().length, { source: source(5) });
    expect((await Promise.all([w.store.execute(twice), w.store.execute(twice)])).map(({ answer }) => answer)).toEqual([2, 0]);
    expect(await entries('rep-2')).toEqual(['a', 'b']);
  });
});

describe('requests', () => {
  const request = (id: string, hash = 'h1') => ({ caller: 'ops', id, hash });

  it('OPS-04: a repeated request gets the same answer and has one effect', async () => {
    const first = await w.store.execute(add('req', 'once'), request('r-1'));
    for (const store of [w.store, w.another().store]) expect((await store.execute(add('req', 'twice'), request('r-1'))).answer).toBe(first.answer);
    expect(await entries('req')).toEqual(['once']);
    expect((await w.store.read('request-ops-r-1')).map(({ type, data }) => ({ type, data }))).toEqual([{ type: 'RequestAnswered', data: { hash: 'h1', answer: 1 } }]);
  });

  it('OPS-04: the same id with another body is REQUEST_ID_REUSED', async () => {
    for (const store of [w.store, w.another().store]) {
      const error = await failure(store.execute(add('req', 'other'), request('r-1', 'h2')));
      expect(error).toBeInstanceOf(RequestIdReused);
      expect((error as RequestIdReused).reason).toBe('REQUEST_ID_REUSED');
    }
  });

  it('OPS-04: one id sent at once to several processes has one effect', async () => {
    const stores = [w.store, w.another().store, w.another().store];
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => stores[i % 3]?.execute(add('race', `${i}`), request('r-2'))));
    expect(new Set(answers.map((one) => one?.answer))).toEqual(new Set([1]));
    expect(await entries('race')).toHaveLength(1);
  });

  it('a refused request may be tried again; an answer of nothing is repeated as nothing', async () => {
    expect(await failure(w.store.execute(task(() => { throw new Refused('LATER', 'later'); }), request('r-3')))).toMatchObject({ reason: 'LATER' });
    expect((await w.store.execute(task((): undefined => undefined), request('r-3'))).answer).toBeUndefined();
    expect((await w.store.execute(task(() => 'never'), request('r-3'))).answer).toBeUndefined();
  });
});

describe('reading', () => {
  it('OPS-06: folds asked for in one turn are one query', async () => {
    await w.store.execute(add('one', 'a'));
    await w.store.execute(add('two', 'b'));
    let queries = 0;
    const pool = new Proxy(w.pool, { get: (target, name) => (name === 'query' ? (query: never) => ((queries += 1), target.query(query)) : (Reflect.get(target, name) as unknown)) });
    const store = createEventStore({ pool });
    const [one, two] = await Promise.all([store.folded(ledger, ['one']), store.folded(ledger, ['two', 'none'])]);
    expect([one.get('one')?.state.entries, two.get('two')?.state.entries, two.get('none')?.version, queries]).toEqual([['a'], ['b'], 0, 1]);
    await store.close();
  });

  it('pages through a stream and lifts old versions of named deciders', async () => {
    for (const entry of ['a', 'b', 'c']) await w.store.execute(add('paged', entry));
    expect((await w.store.read('ledger-paged', { from: 2, limit: 1 })).map(({ version }) => version)).toEqual([2]);
    const next = { ...ledger, schemaVersions: { Added: 2 }, upcasters: { Added: { 1: (data: { entry: string }) => ({ entry: data.entry.toUpperCase() }) } } };
    const store = createEventStore({ pool: w.pool, deciders: [next] });
    expect((await store.read('ledger-paged')).map(({ schemaVersion, data }) => [schemaVersion, data])).toEqual(['A', 'B', 'C'].map((entry) => [2, { entry }]));
    expect((await store.folded(next, ['paged'])).get('paged')?.state.entries).toEqual(['A', 'B', 'C']);
    await w.store.execute(add('page-two', 'x'));
    // The last word on each stream of the category, lifted as well; other categories and what stands before `after` are left out.
    expect((await store.last('ledger', { after: 'ledger-page', limit: 2 })).map(({ stream, version, data }) => [stream, version, data])).toEqual([['ledger-page-two', 1, { entry: 'X' }], ['ledger-paged', 3, { entry: 'C' }]]);
    expect((await store.last('ledger', { after: 'ledger-page', before: 'ledger-paged', limit: 9 })).map(({ stream }) => stream)).toEqual(['ledger-page-two']);
    // Several streams with one question, in the order of the log.
    expect((await store.readAll(['ledger-page-two', 'ledger-paged', 'ledger-never'], { limit: 2 })).map(({ stream, version, data }) => [stream, version, data])).toEqual([['ledger-paged', 1, { entry: 'A' }], ['ledger-paged', 2, { entry: 'B' }], ['ledger-page-two', 1, { entry: 'X' }]]);
    await store.execute(task((unit) => unit.run(next, 'paged', { type: 'Add', data: { entry: 'd' } })));
    expect((await store.read('ledger-paged', { from: 4 }))[0]).toMatchObject({ schemaVersion: 2, data: { entry: 'd' } });
  });

  it('close waits for what was queued and takes no more', async () => {
    const store = createEventStore({ pool: w.pool });
    const last = store.execute(add('closing', 'x'));
    await store.close();
    expect((await last).answer).toBe(1);
    expect(await failure(store.execute(add('closing', 'y')))).toMatchObject({ message: 'the event store is closed' });
  });

  it('OPS-06: more than 16,384 tasks do not wait in memory: the next is refused with OVERLOADED, intake waits', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const other = w.another();
    const store = createEventStore({
      pool: new Proxy(other.pool, {
        get: (pool, name) =>
          name === 'query'
            ? async (query: { name?: string }) => {
                if (query.name === 'es-append') await held;
                return pool.query(query as never);
              }
            : Reflect.get(pool, name),
      }),
    });
    const many = Array.from({ length: 16_384 }, (_, i) => store.execute(task((unit) => unit.version(ledger, `bound-${i % 7}`))));
    expect(await failure(store.execute(add('bounded', 'x')))).toMatchObject({ reason: 'OVERLOADED' });
    const taken = store.intake([add('bounded', 'taken')], { consumer: 'bounded', topic: 't', partition: 0, from: 0, next: 1 });
    release();
    await Promise.all(many);
    await taken;
    expect(await entries('bounded')).toEqual(['taken']);
    await store.close();
  });
});
