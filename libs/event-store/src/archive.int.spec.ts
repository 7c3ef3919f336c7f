import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { quietLog } from '@flotilla/testing';
import pg from 'pg';
import { add, ledger, meta, task, world, type World } from '../spec/fixture.js';
import { anchorLog, archivable, archivePartition, logRoot, NotArchivable, rebuild, restorePartition, runFollowers, type EventStore, type Manifest } from './index.js';

jest.setTimeout(60_000);
const long = { ...ledger, stateVersion: 1 };
let w: World;
let owner: pg.Client;
let dir: string;
beforeAll(async () => {
  w = await world();
  dir = mkdtempSync(join(tmpdir(), 'archive-'));
  owner = new pg.Client(w.db.url);
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  rmSync(dir, { recursive: true, force: true });
  await w.end();
});

const failure = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => error);
const append = (id: string, entry: string, store: EventStore = w.store) => store.execute({ streams: [[long, id]], meta, decide: (unit) => unit.run(long, id, { type: 'Add', data: { entry } }).length });
const archive = (ended: readonly string[] = ['Closed']): Promise<Manifest> => archivePartition(owner, { dir, ended, at: '2026-11-22T00:00:00.000Z' });
const verify = async (): Promise<unknown> => (await w.owner.query('SELECT * FROM es.verify()')).rows;
const log = async (): Promise<unknown> => (await w.owner.query("SELECT position, stream_id, version, event_id, type, schema_version, extract(epoch FROM recorded_at)::text AS at, data::text, meta::text, encode(hash, 'hex') AS hash FROM es.event ORDER BY position")).rows;
const why = async (): Promise<string | undefined> => (await archivable(owner, ['Closed']))[0]?.why;

describe('the archive', () => {
  let before: unknown;
  let manifest: Manifest;

  it('takes only what is full, read by every follower, anchored, and covered by snapshots or ended', async () => {
    await w.pool.query("INSERT INTO es.checkpoint (name) VALUES ('relay')");
    for (let i = 0; i < 120; i += 40) await Promise.all(Array.from({ length: 40 }, (_, k) => append('open', `${i + k}`)));
    await append('short', 'a');
    await append('ended', '\u00e9€😀 "quoted" \\ \t line');
    await w.store.execute(task((unit) => unit.run(ledger, 'ended', { type: 'Close', data: {} })));
    await w.store.execute(add('req', 'x'), { caller: 'ops', id: 'r-1', hash: 'h' });
    expect(await failure(archive())).toMatchObject({ message: expect.stringContaining('no partition is full') });
    await w.owner.query("SELECT setval('es.event_position', 9999998)");
    await append('short', 'b'); // the last position of the partition
    await Promise.all(['c', 'd'].map((entry) => append('open', entry)));
    expect(await why()).toContain('relay');
    await w.owner.query('UPDATE es.checkpoint SET position = 20000000');
    expect(await why()).toContain('anchor');
    await anchorLog({ pool: w.pool, store: w.store, service: 'spec', at: '2026-11-22T00:00:00.000Z', meta });
    expect(await why()).toMatch(/^[23] streams are neither covered by a snapshot nor ended/);
    expect(await failure(archive())).toBeInstanceOf(NotArchivable);
    await w.store.execute(task((unit) => ['short', 'req'].map((id) => unit.run(ledger, id, { type: 'Close', data: {} }))));
    await w.store.close();
    w = { ...w, store: w.another().store };
    // The snapshot was taken at 100 and more; the events after it up to the end of the partition are not covered.
    const { rows } = await w.pool.query("SELECT version::int FROM es.snapshot WHERE stream_id = 'ledger-open'");
    if (rows[0].version < 120) expect(await why()).toContain('1 streams are neither');
    await w.owner.query("DELETE FROM es.snapshot WHERE stream_id = 'ledger-open'");
    const loader = w.another().store;
    await loader.folded(long, ['open']);
    await loader.close();
    expect(await why()).toBeUndefined();
  });

  it('leaves file and manifest, and the rest of the log whole: chains, root, appends', async () => {
    before = await log();
    const upTo = Number((await w.pool.query('SELECT max(position) AS p FROM es.event')).rows[0].p);
    const root = await logRoot(w.pool, { upTo });
    manifest = await archive();
    expect(manifest).toMatchObject({ partition: 0, first: 1, last: 9_999_999, events: 126 });
    const text = gunzipSync(readFileSync(join(dir, manifest.file))).toString();
    expect(text.split('\n')).toHaveLength(127);
    expect(JSON.parse(readFileSync(join(dir, `${manifest.file}.json`), 'utf8'))).toEqual(manifest);
    expect((await w.pool.query('SELECT min(position) AS p FROM es.event')).rows[0].p).toBe('10000000');
    expect(await verify()).toEqual([]);
    expect(await logRoot(w.pool, { upTo })).toEqual(root);
    const fresh = w.another().store;
    expect((await fresh.folded(long, ['open'])).get('open')?.state.entries).toHaveLength(122);
    await append('open', 'after', fresh);
    await append('new', 'after', fresh);
    expect(await verify()).toEqual([]);
    expect(await anchorLog({ pool: w.pool, store: fresh, service: 'spec', at: '2026-11-22T01:00:00.000Z', meta })).toMatchObject({ root: (await logRoot(w.pool, { upTo: Number((await w.pool.query('SELECT max(position) AS p FROM es.event')).rows[0].p) - 1 })).root });
  });

  it('what was cut off or changed after the cut is still found', async () => {
    for (const sql of ["DELETE FROM es.archived_head WHERE stream_id = 'ledger-ended'", "UPDATE es.archived_head SET hash = '\\x00' WHERE stream_id = 'ledger-open'", "DELETE FROM es.event WHERE stream_id = 'ledger-open'", "UPDATE es.event SET data = '{}' WHERE stream_id = 'ledger-open' AND version = 121"]) {
      await owner.query('BEGIN');
      await owner.query(sql);
      expect([sql, (await owner.query('SELECT * FROM es.verify()')).rows.length > 0]).toEqual([sql, true]);
      await owner.query('ROLLBACK');
    }
  });

  it('an archived stream is refused with a reason, and so are followers that would have to read it', async () => {
    const { store, pool } = w.another();
    for (const ask of [() => store.read('ledger-ended'), () => store.read('ledger-open', { from: 100 }), () => store.folded(ledger, ['ended']), () => store.execute(add('ended', 'late')), () => store.execute(add('req', 'x'), { caller: 'ops', id: 'r-1', hash: 'h' })]) {
      expect(await failure(ask())).toMatchObject({ reason: 'EVENTS_ARCHIVED' });
    }
    expect((await store.read('ledger-open', { from: 121 })).map(({ version }) => version)).toEqual([121, 122, 123]);
    expect(await store.read('ledger-none')).toEqual([]);
    expect(await store.read('ledger-open', { from: 124 })).toEqual([]);
    const follower = { name: 'late', inside: () => Promise.resolve() };
    await expect(rebuild(pool, follower)).rejects.toThrow('archived');
    const lines = quietLog();
    const runner = await runFollowers({ pool, store, followers: [follower], log: lines });
    expect(await runner.reached('late', 1, 1_500)).toBe(false);
    await runner.stop();
    expect(lines.lines.some(({ fields }) => String((fields as { err?: Error }).err?.message).includes('restore'))).toBe(true);
  });

  it('comes back byte for byte; a file that was touched does not', async () => {
    const file = join(dir, manifest.file);
    const good = readFileSync(file);
    writeFileSync(file, gzipSync(gunzipSync(good).toString().replace('quoted', 'Quoted')));
    expect(await failure(restorePartition(owner, `${file}.json`))).toMatchObject({ message: expect.stringContaining('sha256') });
    writeFileSync(file, good);
    expect(await restorePartition(owner, `${file}.json`)).toEqual(manifest);
    expect((await log() as unknown[]).slice(0, (before as unknown[]).length)).toEqual(before);
    expect(await verify()).toEqual([]);
    const { store } = w.another();
    expect((await store.read('ledger-ended')).map(({ version }) => version)).toEqual([1, 2]);
    expect((await store.execute(add('req', 'x'), { caller: 'ops', id: 'r-1', hash: 'h' })).position).toBe(0);
    expect(await failure(restorePartition(owner, `${file}.json`))).toBeInstanceOf(NotArchivable);
  });
});
