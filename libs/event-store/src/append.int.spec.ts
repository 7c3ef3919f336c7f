import { randomUUID } from 'node:crypto';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import { random, READER, ROLE, urlAs, world, type World } from '../spec/fixture.js';
import pgModule from 'pg';

jest.setTimeout(60_000);

type Write = readonly [stream: string, expected: number, events: number | readonly { readonly d: string; readonly m: string; readonly i?: string }[]];
interface Result {
  readonly ok: boolean;
  readonly stale: boolean;
  readonly conflicts: readonly string[];
  readonly versions: readonly number[];
  readonly position: string | null;
}
type Taken = readonly [unit: number, consumer: string, topic: string, partition: number, from: number, next: number];

const append = async (db: pg.Pool | pg.PoolClient, units: readonly (readonly Write[])[], taken: readonly Taken[] = []): Promise<Result[]> => {
  const writes = units.flatMap((unit, i) => unit.map(([stream, expected, given]) => ({ unit: i + 1, stream, expected, list: typeof given === 'number' ? Array.from({ length: given }, (_, k) => ({ d: `{"n":${k}}`, m: '{}', i: randomUUID() })) : given })));
  const events = writes.flatMap(({ list }) => list);
  const { rows } = await db.query<{ refused: number[] | null; conflicts: number[] | null; stale: number[] | null; versions: string[] | null; position: string | null }>(
    'SELECT * FROM es.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)',
    [
      writes.map(({ unit }) => unit), writes.map(({ stream }) => stream), writes.map(({ stream }) => stream.split('-')[0]), writes.map(({ expected }) => expected), writes.map(({ list }) => list.length),
      events.map(({ i }) => i ?? randomUUID()), events.map(() => 'Tested'), events.map(() => 1), events.map(({ d }) => d), events.map(({ m }) => m),
      ...[0, 1, 2, 3, 4, 5].map((column) => (taken.length === 0 ? null : taken.map((one) => one[column]))),
    ],
  );
  const { refused, conflicts, stale, versions, position } = rows[0]!;
  let at = 0;
  return units.map((unit, i) => {
    const mine = unit.map((write, k) => ({ stream: write[0], index: at + k + 1 }));
    at += unit.length;
    const isStale = stale?.includes(i + 1) ?? false;
    const ok = !isStale && !refused?.includes(i + 1);
    return { ok, stale: isStale, conflicts: mine.filter(({ index }) => conflicts?.includes(index)).map(({ stream }) => stream), versions: mine.map(({ index }) => Number(versions?.[index - 1])), position: ok ? position : null };
  });
};
const brief = (results: readonly Result[]): unknown[] => results.map(({ ok, conflicts, versions }) => [ok, conflicts, versions]);
const codeOf = (promise: Promise<unknown>): Promise<string | undefined> => promise.then(() => undefined, (error: { code: string }) => error.code);

let w: World;
let pool: pg.Pool;
beforeAll(async () => {
  w = await world();
  pool = w.pool;
});
afterAll(() => w.end());

const counts = async (): Promise<unknown> => (await pool.query('SELECT (SELECT count(*) FROM es.event)::int AS events, (SELECT coalesce(sum(version), 0) FROM es.stream)::int AS versions')).rows[0];
const verify = async (db: pg.Pool | pg.PoolClient = pool, stream: string | null = null): Promise<unknown[]> => (await db.query('SELECT * FROM es.verify($1)', [stream])).rows;

describe('es.append', () => {
  it('creates, continues and refuses streams; a refused command leaves the others alone', async () => {
    const first = await append(pool, [[['order-A', 0, 2]], [['order-B', 0, 1]]]);
    expect(brief(first)).toEqual([[true, [], [2]], [true, [], [1]]]);
    expect(first[0]?.position).toBe('3');
    const second = await append(pool, [[['order-A', 1, 1]], [['order-B', 1, 3]], [['order-C', -1, 1]]]);
    expect(brief(second)).toEqual([[false, ['order-A'], [2]], [true, [], [4]], [true, [], [1]]]);
    expect(second[0]?.position).toBeNull();
    expect(brief(await append(pool, [[['order-A', 0, 1]], [['order-C', -1, 2]], [['order-A', 5, 1]], [['order-X', 3, 1]]]))).toEqual([
      [false, ['order-A'], [2]], [true, [], [3]], [false, ['order-A'], [2]], [false, ['order-X'], [0]],
    ]);
  });

  it('writes a unit of several streams whole or not at all, and names every conflict', async () => {
    expect(brief(await append(pool, [[['stock-1', 0, 1], ['stock-2', 0, 1], ['stock-3', 0, 1]], [['order-D', 0, 1]]]))).toEqual([[true, [], [1, 1, 1]], [true, [], [1]]]);
    expect(brief(await append(pool, [[['stock-1', 1, 1], ['stock-2', 0, 1], ['stock-3', 7, 1]], [['order-D', 1, 2]]]))).toEqual([[false, ['stock-2', 'stock-3'], [1, 1, 1]], [true, [], [3]]]);
  });

  it('judges commands one upon the other', async () => {
    expect(brief(await append(pool, [[['stock-1', 1, 1], ['stock-2', 1, 1]], [['stock-2', 2, 1], ['stock-3', 1, 1]], [['stock-3', 1, 1], ['stock-1', 2, 1]], [['stock-1', 2, 4]]]))).toEqual([
      [true, [], [2, 2]], [true, [], [3, 2]], [false, ['stock-3'], [2, 6]], [true, [], [6]],
    ]);
    expect(brief(await append(pool, [[['stock-1', 0, 1]], [['stock-1', 1, 1]]]))).toEqual([[false, ['stock-1'], [6]], [false, ['stock-1'], [6]]]);
    expect(brief(await append(pool, [[['order-K', 0, 1], ['order-K', 1, 2]]]))).toEqual([[true, [], [1, 3]]]);
  });

  it('refuses what was decided upon a refused command, also when another writer reached the version it expects', async () => {
    await append(pool, [[['void-1', 0, 5]]]);
    await append(pool, [[['void-1', 5, 1]]]); // the other writer
    expect(brief(await append(pool, [[['void-1', 5, 1]], [['void-1', 6, 1]], [['void-1', 6, 0], ['void-2', 0, 1]], [['void-2', 1, 1]], [['void-2', 0, 1]]]))).toEqual([
      [false, ['void-1'], [6]], [false, ['void-1'], [6]], [false, ['void-1'], [6, 1]], [false, ['void-2'], [1]], [true, [], [1]],
    ]);
  });

  it('guards with a write of no events', async () => {
    expect(brief(await append(pool, [[['order-D', 3, 0], ['order-E', 0, 1]], [['order-D', 2, 0], ['order-F', 0, 1]], [['order-G', 0, 0], ['order-H', 0, 1]]]))).toEqual([
      [true, [], [3, 1]], [false, ['order-D'], [3, 0]], [true, [], [0, 1]],
    ]);
  });

  it('refuses malformed calls and writes nothing of them', async () => {
    const before = await counts();
    const one = { unit: [1], stream: ['m-1'], type: ['m'], expected: [0] as (number | null)[], n: [1] as (number | null)[], id: [randomUUID()] as string[], eventType: ['T'], schema: [1], data: ['{}'], meta: ['{}'] };
    const two = { ...one, id: [randomUUID(), randomUUID()], eventType: ['T', 'T'], schema: [1, 1], data: ['{}', '{}'], meta: ['{}', '{}'] };
    const call = (given: typeof one): Promise<pg.QueryResult> => pool.query('SELECT * FROM es.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', Object.values(given));
    for (const bad of [
      { ...one, n: [2] }, two, { ...one, meta: [] }, { ...one, n: [null] }, { ...one, stream: [''] }, { ...one, stream: ['has space'] }, { ...one, stream: ['a'.repeat(201)] }, { ...one, n: [-1] },
      { ...one, id: ['no uuid'] }, { ...one, data: ['{'] }, { ...two, unit: [2, 1], stream: ['m-1', 'm-2'], type: ['m', 'm'], expected: [0, 0], n: [1, 1] },
      { ...two, id: [two.id[0]!, two.id[1]!], unit: [1, 1], stream: ['m-1', 'm-1'], type: ['m', 'm'], expected: [0, 1], n: [1, 2] },
    ]) expect([bad, await codeOf(call(bad))]).toEqual([bad, expect.stringMatching(/^(P0001|2.*)$/)]);
    expect(await counts()).toEqual(before);
    expect((await call({ ...one, expected: [null] })).rows[0]).toMatchObject({ refused: [1], conflicts: [1], position: null });
  });

  it('moves an offset with its whole chunk only', async () => {
    const offset = (chunk: readonly Write[], from: number, next: number): Promise<Result[]> => append(pool, [chunk], [[1, 'svc', 'topic', 3, from, next]]);
    const stored = async (): Promise<number> => Number((await pool.query("SELECT next_offset FROM es.consumer_offset WHERE consumer = 'svc'")).rows[0]?.next_offset);
    await offset([['o-1', 0, 1]], 0, 5);
    expect(await stored()).toBe(5);
    expect(await offset([['o-2', 0, 1]], 0, 5)).toMatchObject([{ ok: false, stale: true, conflicts: [], versions: [0] }]);
    const before = await counts();
    expect(brief(await offset([['o-3', 0, 1], ['o-1', 0, 1], ['o-4', 0, 1]], 5, 9))).toEqual([[false, ['o-1'], [0, 1, 0]]]);
    expect([await stored(), await counts()]).toEqual([5, before]);
    expect((await offset([['o-3', 0, 1], ['o-1', 1, 1], ['o-1', 2, 1]], 5, 9)).every(({ ok }) => ok)).toBe(true);
    await offset([], 9, 12);
    expect(await stored()).toBe(12);
    expect(await offset([], 9, 12)).toMatchObject([{ stale: true }]);
    expect(await stored()).toBe(12);
  });

  it('ING-05: chunks of several partitions and commands in one group: each has its own fate', async () => {
    const part = (unit: number, partition: number, from: number, next: number): Taken => [unit, 'many', 'topic', partition, from, next];
    const offsets = async (): Promise<unknown> => (await pool.query("SELECT partition, next_offset::int AS next FROM es.consumer_offset WHERE consumer = 'many' ORDER BY partition")).rows.map((row) => [row.partition, row.next]);
    await append(pool, [[['many-1', 0, 1]], [], [['many-2', 0, 1]]], [part(1, 0, 0, 4), part(2, 1, 7, 9), part(3, 2, 0, 2)]);
    expect(await offsets()).toEqual([[0, 4], [1, 9], [2, 2]]);
    const group = await append(
      pool,
      [[['many-1', 1, 1], ['many-3', 0, 2]], [['many-2', 0, 1], ['many-4', 0, 1]], [['many-5', 0, 1]], [['many-1', 2, 1]], [['many-5', 1, 1]]],
      [part(1, 0, 4, 6), part(2, 1, 9, 10), part(3, 2, 0, 2)],
    );
    expect(group.map(({ ok, stale, conflicts }) => [ok, stale, conflicts])).toEqual([
      [true, false, []], [false, false, ['many-2']], [false, true, []], [true, false, []], [false, false, ['many-5']],
    ]);
    expect(await offsets()).toEqual([[0, 6], [1, 9], [2, 2]]);
    expect((await pool.query("SELECT stream_id, version::int FROM es.stream WHERE stream_id LIKE 'many-%' ORDER BY 1")).rows.map((row) => [row.stream_id, row.version])).toEqual([['many-1', 3], ['many-2', 1], ['many-3', 2]]);
  });

  it('agrees with a sequential model on random batches', async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1e9);
    const rnd = random(seed);
    const int = (n: number): number => Math.floor(rnd() * n);
    const model = new Map<string, number>();
    const offsets = [0, 0, 0];
    const known = new Set<number>(); // partitions of which anything was taken in
    const moved: [number, number][] = [];
    let refused = 0;
    for (let round = 0; round < 400; round += 1) {
      const guess = new Map(model);
      const batch = Array.from({ length: 1 + int(6) }, () =>
        Array.from({ length: 1 + int(3) }, (): readonly [string, number, number] => {
          const stream = `model-${int(12)}`;
          const now = guess.get(stream) ?? 0;
          const events = int(4);
          guess.set(stream, now + events);
          return [stream, rnd() < 0.08 ? -1 : rnd() < 0.1 ? int(now + 2) : now, events];
        }),
      );
      // Some units are chunks, of different partitions; some of those are stale.
      const taken = [0, 1, 2].flatMap((partition): Taken[] => {
        if (rnd() < 0.6 || partition >= batch.length) return [];
        const from = (offsets[partition] ?? 0) - (rnd() < 0.2 ? 1 : 0);
        return from < 0 ? [] : [[partition + 1, 'model', 't', partition, from, from + 1 + int(3)]];
      });
      let state = new Map(model);
      const gone = new Map<string, number>(); // where a refused unit would have begun to write
      const judged = batch.map((unit, i) => {
        const chunk = taken.find(([of]) => of === i + 1);
        const stale = chunk !== undefined && known.has(chunk[3]) && chunk[4] !== offsets[chunk[3]];
        const after = new Map(state);
        const writes = unit.map(([stream, expected, events]) => {
          const now = after.get(stream) ?? 0;
          after.set(stream, now + events);
          return { stream, conflict: expected !== -1 && (expected !== now || expected > (gone.get(stream) ?? Infinity)), version: now + events, from: expected === -1 ? now : expected, events };
        });
        const ok = !stale && writes.every(({ conflict }) => !conflict);
        if (ok) state = after;
        else for (const { stream, from, events } of writes) if (events > 0) gone.set(stream, Math.min(from, gone.get(stream) ?? Infinity));
        if (ok && chunk) {
          known.add(chunk[3]);
          moved.push([chunk[3], chunk[5]]);
        }
        return { ok, writes };
      });
      const end = state;
      const expected = judged.map(({ ok, writes }) => [ok, writes.filter(({ conflict }) => conflict).map(({ stream }) => stream), writes.map(({ stream, version }) => (ok ? version : (end.get(stream) ?? 0)))]);
      refused += expected.filter(([accepted]) => !accepted).length;
      const got = await append(pool, batch, taken);
      expect({ seed, round, batch, taken, got: brief(got) }).toEqual({ seed, round, batch, taken, got: expected });
      for (const [partition, next] of moved.splice(0)) offsets[partition] = next;
      for (const [stream, version] of end) model.set(stream, version);
    }
    expect(refused).toBeGreaterThan(50);
    expect((await pool.query("SELECT partition, next_offset FROM es.consumer_offset WHERE consumer = 'model' ORDER BY partition")).rows.map((row) => Number(row.next_offset))).toEqual(offsets);
    const { rows } = await pool.query<{ stream_id: string; version: string }>("SELECT stream_id, version FROM es.stream WHERE stream_id LIKE 'model-%'");
    expect(new Map(rows.map((row) => [row.stream_id, Number(row.version)]))).toEqual(new Map([...model].filter(([, version]) => version > 0)));
    expect(await verify()).toEqual([]);
  });
});

describe('the hash chain', () => {
  it('keeps data and meta byte for byte and can be recomputed outside', async () => {
    const odd = [{ d: '{"b" : 1.50,"a":1e400, "a":12345678901234567890.10}', m: '{"ü":"\\u00e9€😀\\n"}' }, { d: '[1.0, -0, 1E2]', m: '[]' }, { d: '{"n":\n 1}', m: '{ }' }];
    await append(pool, [[['odd-1', 0, odd]]]);
    const { rows } = await pool.query(
      'SELECT stream_id, version, event_id, (extract(epoch FROM recorded_at) * 1000000)::bigint AS us, type, schema_version, data::text AS data, meta::text AS meta, hash FROM es.event WHERE stream_id = $1 ORDER BY version',
      ['odd-1'],
    );
    expect(rows.map((row) => ({ d: row.data, m: row.meta }))).toEqual(odd);
    let head = Buffer.alloc(0);
    for (const e of rows) {
      head = createHash('sha256').update(head).update([e.stream_id, e.version, e.event_id, e.us, e.type, e.schema_version, e.data, e.meta].join('\n')).digest();
      expect(head.equals(e.hash)).toBe(true);
    }
  });

  it('shows every way of tampering', async () => {
    const b = "stream_id = 'order-B'";
    const tampering: Readonly<Record<string, string>> = {
      'data changed': `UPDATE es.event SET data = '{"n":9}' WHERE ${b} AND version = 2`,
      'a space added': `UPDATE es.event SET data = (data::text || ' ')::json WHERE ${b} AND version = 2`,
      'meta changed': `UPDATE es.event SET meta = '{"actor":"x"}' WHERE ${b} AND version = 2`,
      'time moved by 1 µs': `UPDATE es.event SET recorded_at = recorded_at + '1 microsecond' WHERE ${b} AND version = 2`,
      'type changed': `UPDATE es.event SET type = 'X' WHERE ${b} AND version = 2`,
      'event id changed': `UPDATE es.event SET event_id = gen_random_uuid() WHERE ${b} AND version = 2`,
      'middle event removed': `DELETE FROM es.event WHERE ${b} AND version = 2`,
      'middle removed and renumbered': `DELETE FROM es.event WHERE ${b} AND version = 2; UPDATE es.event SET version = version - 1 WHERE ${b} AND version > 2`,
      'last event removed': `DELETE FROM es.event WHERE ${b} AND version = 4`,
      'last event removed, version set back': `DELETE FROM es.event WHERE ${b} AND version = 4; UPDATE es.stream SET version = 3 WHERE ${b}`,
      'whole stream of events removed': `DELETE FROM es.event WHERE ${b}`,
      'stream row removed': `DELETE FROM es.stream WHERE ${b}`,
      'two events swapped': `UPDATE es.event SET version = version + 100 WHERE ${b} AND version IN (2, 3); UPDATE es.event SET version = CASE version WHEN 102 THEN 3 ELSE 2 END WHERE ${b} AND version > 100`,
      'event moved to another stream': `UPDATE es.event SET stream_id = 'order-A', version = 3 WHERE ${b} AND version = 4`,
      'forged event': `INSERT INTO es.event SELECT nextval('es.event_position'), stream_id, 5, gen_random_uuid(), type, 1, now(), data, meta, sha256(hash) FROM es.event WHERE ${b} AND version = 4; UPDATE es.stream SET version = 5, hash = (SELECT hash FROM es.event WHERE ${b} AND version = 5) WHERE ${b}`,
    };
    const client = await w.owner.connect();
    const missed: string[] = [];
    try {
      for (const [name, sql] of Object.entries(tampering)) {
        await client.query('BEGIN');
        await client.query(sql);
        if ((await verify(client)).length === 0 || (await verify(client, 'order-B')).length === 0) missed.push(name);
        await client.query('ROLLBACK');
      }
      expect(missed).toEqual([]);
      await client.query("SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German'; SET extra_float_digits = 0");
      expect(await verify(client)).toEqual([]);
    } finally {
      client.release(true);
    }
  });
});

describe('roles', () => {
  it('let the service append and read, and change nothing that was recorded', async () => {
    for (const sql of [
      "UPDATE es.event SET type = 'x'", 'DELETE FROM es.event', 'TRUNCATE es.event', "INSERT INTO es.stream VALUES ('a-1', 'a', 1, '')", 'UPDATE es.stream SET version = 1',
      'DELETE FROM es.stream', 'UPDATE es.consumer_offset SET next_offset = 0', 'DELETE FROM es.event_p000', 'UPDATE es.event_p000 SET version = 1',
      "SELECT setval('es.event_position', 1)", 'ALTER TABLE es.event DROP COLUMN hash', 'SELECT es.add_partition(9)', 'DELETE FROM es.checkpoint', 'DELETE FROM es.applied', 'CREATE TABLE es.mine (a int)',
    ]) expect([sql, await codeOf(pool.query(sql))]).toEqual([sql, '42501']);
  });

  it('let verify read everything and write nothing', async () => {
    const reader = new pgModule.Client(urlAs(w.db, READER));
    await reader.connect();
    try {
      expect((await reader.query('SELECT * FROM es.verify()')).rows).toEqual([]);
      for (const table of ['es.event', 'es.stream', 'es.consumer_offset', 'es.checkpoint', 'es.timer', 'es.snapshot', 'es.applied', 'graphile_worker._private_jobs']) {
        expect((await reader.query(`SELECT count(*) FROM ${table}`)).rows).toHaveLength(1);
      }
      expect(await codeOf(reader.query("SELECT * FROM es.append('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')"))).toBe('42501');
      expect(await codeOf(reader.query('DELETE FROM es.timer'))).toBe('42501');
    } finally {
      await reader.end();
    }
  });

  it('keep a stalled session from holding up the writers', async () => {
    const { rows } = await w.owner.query<{ setconfig: string[] }>(
      "SELECT setconfig FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole JOIN pg_database d ON d.oid = s.setdatabase WHERE r.rolname = $1 AND d.datname LIKE 'template_event_store%'",
      [ROLE],
    );
    expect(rows[0]?.setconfig).toEqual(expect.arrayContaining(['transaction_timeout=10s', 'statement_timeout=5s', 'lock_timeout=3s', 'idle_in_transaction_session_timeout=5s']));
  });
});

describe('partitions', () => {
  it('are two ahead, and appends go on into the next one', async () => {
    const parts = async (): Promise<unknown> => (await pool.query("SELECT array_agg(relname::text ORDER BY relname) AS names FROM pg_class WHERE relname ~ '^event_p[0-9]+$'")).rows[0]?.names;
    expect(await parts()).toEqual(['event_p000', 'event_p001', 'event_p002']);
    await w.owner.query("SELECT setval('es.event_position', 9999998)");
    expect((await append(pool, [[['edge-1', 0, 4]]]))[0]?.position).toBe('10000002');
    expect((await pool.query('SELECT es.keep_partitions() AS made')).rows[0]).toEqual({ made: 1 });
    expect(await parts()).toEqual(['event_p000', 'event_p001', 'event_p002', 'event_p003']);
    expect((await w.store.read('edge-1')).map(({ position }) => position)).toEqual([9999999, 10000000, 10000001, 10000002]);
    expect(await verify()).toEqual([]);
  });
});
