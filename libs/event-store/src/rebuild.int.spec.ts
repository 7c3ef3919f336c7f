import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually, quietLog } from '@flotilla/testing';
import { add, ROLE, READER, world, type World } from '../spec/fixture.js';
import { rebuildOnline, runFollowers, timerFollower, workFollower, type Follower } from './index.js';

jest.setTimeout(60_000);
let w: World;
let broken = false;
/** A list with a mistake in it, until `broken` is taken back. */
const list: Follower = {
  name: 'list',
  inside: async (events, tx) => {
    const rows = events.filter(({ stream }) => stream.startsWith('ledger-')).map(({ stream, version, position }) => ({ stream, version: broken ? 0 : version, position }));
    await tx.query({ name: 'list', text: 'INSERT INTO read.list SELECT * FROM json_populate_recordset(NULL::read.list, $1) ON CONFLICT (stream) DO UPDATE SET version = excluded.version, position = excluded.position', values: [JSON.stringify([...new Map(rows.map((row) => [row.stream, row])).values()])] });
    await tx.query('UPDATE read.count SET events = events + $1 WHERE events + $1 > 0', [events.length]);
    await tx.query('INSERT INTO read.count SELECT $1 WHERE NOT EXISTS (SELECT FROM read.count)', [events.length]);
  },
};
const other: Follower = { name: 'other', inside: async (events, tx) => void (await tx.query('INSERT INTO read.other SELECT unnest($1::bigint[])', [events.map(({ position }) => position)])) };

beforeAll(async () => {
  w = await world();
  await w.owner.query(`
    CREATE SCHEMA read; GRANT USAGE ON SCHEMA read TO ${ROLE}, ${READER};
    CREATE TABLE read.list (stream text PRIMARY KEY, version bigint NOT NULL, position bigint NOT NULL);
    CREATE INDEX list_by_version ON read.list (version DESC, stream) WHERE version > 1;
    CREATE TABLE read.count (events bigint NOT NULL); CREATE TABLE read.other (position bigint PRIMARY KEY); CREATE TABLE read.migration (id int);
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA read TO ${ROLE}; GRANT SELECT ON ALL TABLES IN SCHEMA read TO ${READER}`);
});
afterAll(() => w.end());

const rows = async (table: string): Promise<unknown[]> => (await w.pool.query(`SELECT * FROM read.${table} ORDER BY 1`)).rows;
const truth = async (): Promise<unknown[]> => (await w.pool.query("SELECT stream_id AS stream, max(version) AS version, max(position) AS position FROM es.event GROUP BY 1 ORDER BY 1")).rows;
const shape = async (): Promise<unknown> => (await w.owner.query("SELECT tablename, indexname, regexp_replace(indexdef, 'read_next', 'read') AS def FROM pg_indexes WHERE schemaname = 'read' ORDER BY 1, 2")).rows;
const grants = async (): Promise<unknown> => (await w.owner.query("SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants WHERE table_schema = 'read' AND grantee IN ($1, $2) ORDER BY 1, 2, 3", [ROLE, READER])).rows;
const head = async (): Promise<number> => Number((await w.pool.query('SELECT coalesce(max(position), 0) AS p FROM es.event')).rows[0].p);

describe('a rebuild', () => {
  it('is asked for, builds beside the old tables while events go on, and swaps them; its progress can be read', async () => {
    broken = true;
    for (let i = 0; i < 5_000; i += 500) await Promise.all(Array.from({ length: 500 }, (_, k) => w.store.execute(add(`r-${(i + k) % 40}`, 'x'))));
    const log = quietLog();
    const runner = await runFollowers({ pool: w.pool, store: w.store, followers: [list, other], log });
    expect(await runner.reached('list', await head(), 30_000)).toBe(true);
    broken = false;
    const [before, granted, others] = [await shape(), await grants(), await rows('other')];
    expect(await rows('list')).not.toEqual(await truth());

    let writing = true;
    const writer = (async () => {
      for (let i = 0; writing; i += 1) await Promise.all([w.store.execute(add(`r-${i % 40}`, 'y')), w.store.execute(add(`s-${i % 9}`, 'y'))]);
    })();
    await w.pool.query("INSERT INTO es.rebuild (name) VALUES ('list')");
    const state = async () => (await w.pool.query("SELECT state, events::int, position::int, head::int, tables, error FROM es.rebuild WHERE name = 'list'")).rows[0];
    await eventually(async () => ['done', 'failed'].includes((await state()).state), { timeoutMs: 30_000 });
    expect(await state()).toMatchObject({ state: 'done', tables: ['count', 'list'], error: null });
    expect((await state()).events).toBeGreaterThanOrEqual(5_000);
    writing = false;
    await writer;
    expect(await runner.reached('list', await head(), 30_000)).toBe(true);
    expect(await runner.reached('other', await head(), 30_000)).toBe(true);
    await runner.stop();
    expect(await rows('list')).toEqual(await truth());
    expect(Number(((await rows('count'))[0] as { events: string }).events)).toBe(Number((await w.pool.query('SELECT count(*) FROM es.event')).rows[0].count));
    expect((await rows('other')).slice(0, others.length)).toEqual(others);
    expect([await shape(), await grants()]).toEqual([before, granted]);
    expect((await w.owner.query("SELECT to_regnamespace('read_next') AS left")).rows[0].left).toBeNull();
  });

  it('that fails leaves the old tables as they were, and the next one succeeds', async () => {
    const old = await rows('list');
    let calls = 0;
    const failing: Follower = { name: 'list', inside: async (events, tx) => ((calls += 1) > 1 ? Promise.reject(new Error('a mistake')) : (list as Extract<Follower, { inside: unknown }>).inside(events, tx)) };
    await expect(rebuildOnline({ pool: w.pool, store: w.store, follower: failing })).rejects.toThrow('a mistake');
    expect(await rows('list')).toEqual(old);
    const aborted = AbortSignal.abort(new Error('stopping'));
    await expect(rebuildOnline({ pool: w.pool, store: w.store, follower: list, signal: aborted })).rejects.toThrow('stopping');
    expect(await rebuildOnline({ pool: w.pool, store: w.store, follower: list })).toMatchObject({ tables: ['count', 'list'] });
    expect(await rows('list')).toEqual(await truth());
  });

  it('is refused for timers, jobs and what goes outside: it would do things again', async () => {
    for (const follower of [timerFollower('t', () => []), workFollower('w', () => []), { name: 'o', outside: () => Promise.resolve() }]) {
      await expect(rebuildOnline({ pool: w.pool, store: w.store, follower })).rejects.toThrow('cannot be rebuilt');
    }
  });
});
