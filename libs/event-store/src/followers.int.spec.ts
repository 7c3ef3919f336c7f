import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Refused } from '@flotilla/decider';
import { eventually as poll, quietLog } from '@flotilla/testing';
import type pg from 'pg';
import { add, ledger, meta, task, world, type World } from '../spec/fixture.js';
import { ANCHOR_ID, anchorLog, anchors, logRoot, reactor, rebuild, runFollowers, timerFollower, workFollower, type Follower, type Recorded, type Runner } from './index.js';

jest.setTimeout(60_000);
const eventually = <T>(attempt: () => T | Promise<T>) => poll(attempt, { timeoutMs: 30_000 });

let w: World;
let runners: Runner[] = [];
const run = async (world: { pool: pg.Pool; store: World['store'] }, followers: readonly Follower[], log = quietLog()): Promise<Runner> => {
  const runner = await runFollowers({ ...world, followers, log });
  runners.push(runner);
  return runner;
};
beforeAll(async () => {
  w = await world();
  await w.owner.query('CREATE TABLE seen (no bigserial, follower text, position bigint, id uuid, entry text)');
  await w.owner.query('GRANT ALL ON seen, seen_no_seq TO PUBLIC');
});
beforeEach(() => {
  runners = [];
});
afterAll(() => w.end());
const stopAll = async (): Promise<void> => {
  await Promise.all(runners.map((runner) => runner.stop()));
};

/** Projects the log into `seen`; only the table's rows say how often an event took effect. */
const projection = (name: string, hook: (events: readonly Recorded[]) => Promise<void> | void = () => undefined): Follower => ({
  name,
  inside: async (events, tx) => {
    await tx.query('INSERT INTO seen (follower, position, id, entry) SELECT $1, * FROM unnest($2::bigint[], $3::uuid[], $4::text[])', [name, events.map((e) => e.position), events.map((e) => e.id), events.map((e) => JSON.stringify(e.data))]);
    await hook(events);
  },
});
const seen = async (name: string): Promise<number[]> => (await w.pool.query('SELECT position FROM seen WHERE follower = $1 ORDER BY no', [name])).rows.map((row) => Number(row.position));
const log = async (from = 0): Promise<number[]> => (await w.pool.query('SELECT position FROM es.event WHERE position > $1 ORDER BY position', [from])).rows.map((row) => Number(row.position));
const head = async (): Promise<number> => Number((await w.pool.query('SELECT coalesce(max(position), 0) AS p FROM es.event')).rows[0].p);
const checkpointOf = async (name: string): Promise<{ position: string; epoch: string }> => (await w.pool.query('SELECT position, epoch FROM es.checkpoint WHERE name = $1', [name])).rows[0];

describe('followers', () => {
  it('see every event once and in order, under 16 writers, rollbacks and open transactions', async () => {
    const outside: number[] = [];
    const lines = quietLog();
    const runner = await run(w, [projection('in'), { name: 'out', outside: (events) => Promise.resolve(void outside.push(...events.map(({ position }) => position))) }], lines);
    const others = [w.another(), w.another()];
    await Promise.all(
      Array.from({ length: 16 }, async (_, writer) => {
        const { store, pool } = [w, ...others][writer % 3] ?? w;
        for (let i = 0; i < 25; i += 1) {
          await store.execute(add(`w-${writer % 5}`, `${writer}.${i}`)).catch(() => undefined);
          if (writer % 4 !== 0) continue;
          const client = await pool.connect();
          try {
            await client.query('BEGIN');
            await client.query("SELECT es.append('{1}', ARRAY[$1], '{raw}', '{0}', '{1}', ARRAY[gen_random_uuid()], '{Raw}', '{1}', '{\"{}\"}', '{\"{}\"}')", [`raw-${writer}-${i}`]);
            await client.query(i % 2 ? 'ROLLBACK' : 'COMMIT');
          } finally {
            client.release();
          }
        }
      }),
    );
    const end = await head();
    expect(await runner.reached('in', end, 30_000)).toBe(true);
    expect(await runner.reached('out', end, 30_000)).toBe(true);
    expect(await runner.reached('in', end + 1, 30)).toBe(false);
    const all = await log();
    expect(all.length).toBeGreaterThan(200);
    expect(lines.lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect(await seen('in')).toEqual(all);
    expect(outside).toEqual(all);
    expect(runner.positions().get('in')).toBe(end);
    await stopAll();
  });

  it('are led by one process at a time; when it stops or its connection dies another takes over', async () => {
    const before = await head();
    const log1 = quietLog();
    const a = w.another();
    const b = w.another();
    const first = await run(a, [projection('led')], log1);
    await eventually(() => log1.lines.some(({ message }) => message.includes('led here')));
    const log2 = quietLog();
    const second = await run(b, [projection('led')], log2);
    await w.store.execute(add('lead', '1'));
    expect(await first.reached('led', await head(), 30_000)).toBe(true);
    expect(await second.reached('led', await head(), 30_000)).toBe(true); // read from the database
    expect(log2.lines.filter(({ message }) => message.includes('led here'))).toEqual([]);

    await w.owner.query("SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = 7002 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())");
    await w.store.execute(add('lead', '2'));
    expect(await first.reached('led', await head(), 30_000)).toBe(true);
    await first.stop();
    await w.store.execute(add('lead', '3'));
    expect(await second.reached('led', await head(), 30_000)).toBe(true);
    await eventually(() => log2.lines.some(({ message }) => message.includes('led here')));
    await second.stop();
    expect((await seen('led')).filter((position) => position > before)).toEqual(await log(before));
    expect(new Set(await seen('led')).size).toBe((await seen('led')).length);
  });

  it('a leader that lost its lock without noticing cannot move the checkpoint, inside or outside', async () => {
    await w.store.execute(add('zombie', '1'));
    const rows: Record<string, unknown[]> = { inside: [], outside: [] };
    for (const kind of ['inside', 'outside'] as const) {
      const name = `fence-${kind}`;
      let open = (): void => undefined;
      const gate = new Promise<void>((resolve) => (open = resolve));
      let stuck = false;
      const slow = (events: readonly Recorded[]): Promise<void> => {
        stuck = true;
        rows[kind]?.push(events.length);
        return gate;
      };
      const follower: Follower = kind === 'inside' ? projection(name, slow) : { name, outside: slow };
      const runner = await run(w.another(), [follower]);
      await eventually(() => stuck);
      // What the next leader does first, while this one hangs in its handler. An inside follower's row lock makes it wait.
      const takeover = w.owner.query("UPDATE es.checkpoint SET epoch = epoch + 1, owner = 'next' WHERE name = $1", [name]);
      if (kind === 'outside') await takeover;
      open();
      await takeover;
      const end = await head();
      await eventually(async () => Number((await checkpointOf(name)).position) === end);
      await runner.stop();
      const { epoch, position } = await checkpointOf(name);
      expect(Number(position)).toBe(await head());
      // Outside: the batch was repeated under a new epoch, since its first checkpoint was refused.
      expect([kind, Number(epoch) >= (kind === 'outside' ? 3 : 2), (rows[kind]?.length ?? 0) >= (kind === 'outside' ? 2 : 1)]).toEqual([kind, true, true]);
      if (kind === 'inside') expect(new Set(await seen(name)).size).toBe((await seen(name)).length);
    }
  });

  it('a commit whose answer is lost is not done again, also of those that shared it', async () => {
    const other = w.another();
    let lost = 0;
    type Any = (...all: unknown[]) => unknown;
    const of = (target: object, name: string | symbol): unknown => {
      const found: unknown = Reflect.get(target, name);
      return typeof found === 'function' ? (found as Any).bind(target) : found;
    };
    const losing = (client: pg.PoolClient): Any => async (...question) => {
      const answer = await (of(client, 'query') as Any)(...question);
      if (question[0] !== 'COMMIT' || lost > 0) return answer;
      lost += 1;
      throw Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
    };
    const broken = new Proxy(other.pool, {
      get: (pool, name) =>
        name === 'connect' ? async () => new Proxy(await pool.connect(), { get: (client, member) => (member === 'query' ? losing(client) : of(client, member)) }) : of(pool, name),
    });
    const names = ['together-1', 'together-2', 'together-3'];
    const runner = await run({ ...other, pool: broken }, names.map((name) => projection(name)));
    const { position } = await w.store.execute(add('committed', 'once'));
    for (const name of names) expect(await runner.reached(name, position, 30_000)).toBe(true);
    const all = await log();
    expect(lost).toBe(1);
    for (const name of names) expect(await seen(name)).toEqual(all);
    await stopAll();
  });

  it('a handler that throws is tried again, its transaction undone, while the others go on', async () => {
    const lines = quietLog();
    let failures = 0;
    const poisoned = await w.store.execute(add('poison', 'bad'));
    const runner = await run(w, [
      projection('healthy'),
      projection('failing', (events) => {
        if (events.some(({ position }) => position === poisoned.position) && failures < 3) {
          failures += 1;
          throw new Error('not yet');
        }
      }),
    ], lines);
    expect(await runner.reached('healthy', poisoned.position, 30_000)).toBe(true);
    expect(await runner.reached('failing', poisoned.position, 30_000)).toBe(true);
    expect(failures).toBe(3);
    expect(await seen('failing')).toEqual(await log());
    expect(lines.lines.filter(({ level, message }) => level === 'error' && message.includes('try again')).length).toBeGreaterThanOrEqual(2); // the first time with others, then at once by itself
    await stopAll();
  });

  it('a projection is rebuilt from zero while it is led; timers, jobs and outside followers refuse', async () => {
    const name = 'rebuilt';
    const follower = projection(name);
    const runner = await run(w.another(), [follower]);
    expect(await runner.reached(name, await head(), 30_000)).toBe(true);
    await rebuild(w.pool, follower, async (tx) => void (await tx.query('DELETE FROM seen WHERE follower = $1', [name])));
    await w.store.execute(add('rebuild', 'x'));
    const end = await head();
    await eventually(async () => expect(Number((await checkpointOf(name)).position)).toBe(end));
    expect(await seen(name)).toEqual(await log());
    await stopAll();
    for (const one of [timerFollower('t', () => []), workFollower('w', () => []), { name: 'o', outside: () => Promise.resolve() }]) {
      await expect(rebuild(w.pool, one)).rejects.toThrow('cannot be rebuilt');
    }
  });

  it('a follower far behind reads page by page; more followers than one are served by the same pages', async () => {
    await Promise.all(Array.from({ length: 1_500 }, (_, i) => w.store.execute(add(`bulk-${i % 50}`, `${i}`))));
    const fresh = w.another();
    let queries = 0;
    const counting = new Proxy(fresh.pool, {
      get: (pool, name) =>
        name === 'query'
          ? (query: { name?: string }, values?: unknown) => {
              if (query.name === 'es-tail') queries += 1;
              return pool.query(query as never, values as never);
            }
          : typeof Reflect.get(pool, name) === 'function' ? Reflect.get(pool, name).bind(pool) : Reflect.get(pool, name),
    });
    const names = ['far-1', 'far-2', 'far-3', 'far-4'];
    const sizes: number[] = [];
    const runner = await run({ pool: counting, store: fresh.store }, names.map((name) => ({ name, inside: (events) => Promise.resolve(void sizes.push(events.length)) })));
    const end = await head();
    for (const name of names) expect(await runner.reached(name, end, 30_000)).toBe(true);
    expect(Math.max(...sizes)).toBe(500);
    expect(queries).toBeLessThan(40);
    await stopAll();
  });
});

describe('reactor', () => {
  const copy = (event: Recorded, id = 'copy'): ReturnType<typeof add> =>
    add(id, (event.data as { entry: string }).entry, { source: { stream: event.stream, version: event.version, id: event.id, hash: event.hash } });

  it('turns own events into tasks, in order and once, also when its checkpoint was lost', async () => {
    const other = w.another();
    const reacting = reactor('copier', other.store, (event) => (event.stream === 'ledger-origin' && event.type === 'Added' ? [copy(event), copy(event, 'copy-2')] : []));
    const runner = await run(other, [reacting]);
    await Promise.all(Array.from({ length: 120 }, (_, i) => w.store.execute(add('origin', `${i}`))));
    expect(await runner.reached('copier', await head(), 30_000)).toBe(true);
    await runner.stop();
    await w.owner.query("UPDATE es.checkpoint SET position = 0 WHERE name = 'copier'");
    const again = await run(other, [reacting]);
    await w.store.execute(add('origin', 'last'));
    expect(await again.reached('copier', await head(), 30_000)).toBe(true);
    await again.stop();
    const expected = [...Array.from({ length: 120 }, (_, i) => `${i}`), 'last'];
    const copies = await w.store.folded(ledger, ['origin', 'copy', 'copy-2']);
    for (const id of ['origin', 'copy', 'copy-2']) expect(copies.get(id)?.state.entries).toEqual(expected);
  });

  it('stops at a refusal, or leaves that task out if it is told how', async () => {
    const refusals: string[] = [];
    const tasks = (event: Recorded): ReturnType<typeof add>[] =>
      event.stream !== 'ledger-risky' || event.type !== 'Added'
        ? []
        : (event.data as { entry: string }).entry === 'bad' ? [task((): number => { throw new Refused('NO', 'no'); })] : [copy(event, 'safe')];
    const lines = quietLog();
    for (const entry of ['a', 'bad', 'b']) await w.store.execute(add('risky', entry));
    const strict = await run(w.another(), [reactor('strict', w.store, tasks)], lines);
    await eventually(() => lines.lines.filter(({ level }) => level === 'error').length >= 2);
    await strict.stop();
    expect(Number((await checkpointOf('strict')).position)).toBeLessThan(await head());
    const lenient = await run(w.another(), [reactor('lenient', w.store, tasks, (error, event) => refusals.push(`${error.reason} v${event.version}`))]);
    expect(await lenient.reached('lenient', await head(), 30_000)).toBe(true);
    await lenient.stop();
    expect(refusals).toEqual(['NO v2']);
    expect((await w.another().store.folded(ledger, ['safe'])).get('safe')?.state.entries).toEqual(['a', 'b']);
  });
});

describe('anchors', () => {
  it('ORD-12: show a rewrite of an event with all later hashes', async () => {
    const options = { pool: w.pool, store: w.store, service: 'spec', at: '2026-11-21T00:00:00.000Z', meta };
    await w.store.execute(add('anchored', 'true'));
    const first = await anchorLog(options);
    expect(first).toMatchObject({ service: 'spec', events: (await log()).length - 1, root: (await logRoot(w.pool, { upTo: first?.position ?? 0 })).root });
    expect(await anchorLog(options)).toBeUndefined();
    await w.store.execute(add('anchored', 'also true'));
    const second = await anchorLog(options);
    expect(second?.root).toBe((await logRoot(w.pool, { upTo: second?.position ?? 0 })).root);
    expect((await w.store.folded(anchors, [ANCHOR_ID])).get(ANCHOR_ID)?.state).toEqual(second);

    await w.owner.query(`
      UPDATE es.event SET data = '{"entry":"false"}', hash = '' WHERE stream_id = 'ledger-anchored' AND version = 1;
      UPDATE es.event e SET hash = sha256(convert_to(es.canonical(stream_id, version, event_id, recorded_at, type, schema_version, data, meta), 'UTF8')) WHERE stream_id = 'ledger-anchored' AND version = 1;
      UPDATE es.event e SET hash = sha256((SELECT hash FROM es.event WHERE stream_id = 'ledger-anchored' AND version = 1) || convert_to(es.canonical(stream_id, version, event_id, recorded_at, type, schema_version, data, meta), 'UTF8')) WHERE stream_id = 'ledger-anchored' AND version = 2;
      UPDATE es.stream SET hash = (SELECT hash FROM es.event WHERE stream_id = 'ledger-anchored' AND version = 2) WHERE stream_id = 'ledger-anchored'`);
    expect((await w.pool.query("SELECT * FROM es.verify('ledger-anchored')")).rows).toEqual([]); // the chain alone does not see it
    expect((await logRoot(w.pool, { upTo: first?.position ?? 0 })).root).not.toBe(first?.root);
  });
});
