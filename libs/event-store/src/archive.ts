import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { Refused } from '@flotilla/decider';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { ANCHOR_ID, anchors, logRoot } from './anchor.js';
import { PARTITION_ROWS } from './schema.js';

/** What stands beside an archived partition: enough to check it, to continue the chains across the cut, and to bring it back. */
export interface Manifest {
  readonly database: string;
  readonly partition: number;
  readonly first: number;
  readonly last: number;
  readonly events: number;
  /** Of the COPY text, uncompressed; hex. */
  readonly sha256: string;
  /** The root of the log up to `last`; see `logRoot`. */
  readonly root: string;
  readonly file: string;
  readonly archivedAt: string;
}

/** Why a partition cannot be archived, or an archive not be restored. */
export class NotArchivable extends Refused {
  constructor(message: string) {
    super('EVENTS_ARCHIVED', message);
  }
}

const columns = 'position, stream_id, version, event_id, type, schema_version, recorded_at, data, meta, hash';
const tableOf = (no: number): string => `event_p${String(no).padStart(3, '0')}`;

/** Streams that are looked up by nobody any more: requests and their answers. */
const ENDED_CATEGORIES = ['request'];

/** Partitions that are full, oldest first, with what keeps each from being archived. */
export const archivable = async (db: pg.ClientBase, ended: readonly string[] = []): Promise<readonly { readonly partition: number; readonly why: string | undefined }[]> => {
  const { rows } = await db.query<{ no: number }>(
    `SELECT substring(c.relname FROM 8)::int AS no FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'es.event'::regclass AND (substring(c.relname FROM 8)::bigint + 1) * $1 <= (SELECT last_value + 1 FROM es.event_position) ORDER BY 1`,
    [PARTITION_ROWS],
  );
  const found: { readonly partition: number; readonly why: string | undefined }[] = [];
  for (const { no } of rows) found.push({ partition: no, why: await hindrance(db, no, ended) });
  return found;
};

/**
 * What keeps a partition from being archived. Every follower must be past it, an anchor over it published, and every stream of it
 * covered by a snapshot or ended: its last event is of one of the types `ended`, or it is the record of a request.
 */
const hindrance = async (db: pg.ClientBase, no: number, ended: readonly string[]): Promise<string | undefined> => {
  const table = `es.${tableOf(no)}`;
  const last = Number((await db.query<{ last: string }>(`SELECT coalesce(max(position), 0) AS last FROM ${table}`)).rows[0]?.last);
  const behind = (await db.query<{ name: string }>('SELECT name FROM es.checkpoint WHERE position < $1 ORDER BY name', [last])).rows;
  if (behind.length > 0) return `followers have not read it to the end: ${behind.map(({ name }) => name).join(', ')}`;
  const anchored = (await db.query<{ position: string }>(`SELECT coalesce(max((data->>'position')::bigint), 0) AS position FROM es.event WHERE stream_id = $1`, [`${anchors.category}-${ANCHOR_ID}`])).rows[0];
  if (Number(anchored?.position) < last) return 'no anchor covers it yet: wait for the next one (hourly), its root is what shows a rewrite of the archive';
  const { rows } = await db.query<{ stream_id: string; open: string }>(
    `SELECT min(o.stream_id) AS stream_id, count(*) AS open FROM (
       SELECT e.stream_id, max(e.version) AS version FROM ${table} e GROUP BY e.stream_id) o
       JOIN es.stream st ON st.stream_id = o.stream_id
      WHERE st.stream_type <> ALL ($1)
        AND NOT EXISTS (SELECT FROM es.snapshot s WHERE s.stream_id = o.stream_id AND s.version >= o.version)
        AND NOT EXISTS (SELECT FROM es.event l WHERE l.stream_id = o.stream_id AND l.version = st.version AND l.type = ANY ($2))`,
    [ENDED_CATEGORIES, ended],
  );
  const open = Number(rows[0]?.open);
  return open > 0 ? `${open} streams are neither covered by a snapshot nor ended, ${rows[0]?.stream_id} for one` : undefined;
};

/**
 * Takes the oldest partition out of the log: COPY into `dir` with a manifest, read back and compared; then, in one short transaction, the
 * heads at the cut are kept and the table goes. A crash before leaves everything as it was. Refused as `archivable` says.
 */
export const archivePartition = async (db: pg.Client, options: { readonly dir: string; readonly ended?: readonly string[]; readonly at: string }): Promise<Manifest> => {
  const [oldest] = await archivable(db, options.ended);
  if (!oldest) throw new NotArchivable(`no partition is full yet: each holds ${PARTITION_ROWS.toLocaleString('en')} positions`);
  if (oldest.why) throw new NotArchivable(`partition ${oldest.partition} cannot be archived: ${oldest.why}`);
  const no = oldest.partition;
  const table = `es.${tableOf(no)}`;
  const database = (await db.query<{ name: string }>('SELECT current_database() AS name')).rows[0]?.name ?? '';
  const { first, last, events } = (await db.query<{ first: string; last: string; events: string }>(`SELECT coalesce(min(position), 0) AS first, coalesce(max(position), 0) AS last, count(*) AS events FROM ${table}`)).rows[0]!;
  const { root } = await logRoot(db, { upTo: Number(last) });

  const file = join(options.dir, `${database}-${tableOf(no)}.copy.gz`);
  const hash = createHash('sha256');
  const hashing = new PassThrough();
  hashing.on('data', (chunk: Buffer) => hash.update(chunk));
  await db.query("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET statement_timeout = 0; SET transaction_timeout = 0");
  await pipeline(db.query(copyTo(`COPY (SELECT ${columns} FROM ${table} ORDER BY position) TO STDOUT`)), hashing, createGzip({ level: 6 }), createWriteStream(`${file}.part`));
  await sync(`${file}.part`);
  const sha256 = hash.digest('hex');
  if ((await sha256Of(`${file}.part`)) !== sha256) throw new Error(`${file}.part does not read back as it was written`);
  await rename(`${file}.part`, file);
  const manifest: Manifest = { database, partition: no, first: Number(first), last: Number(last), events: Number(events), sha256, root, file: basename(file), archivedAt: options.at };
  const beside = await open(`${file}.json`, 'w');
  await beside.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
  await beside.sync();
  await beside.close();
  await sync(options.dir);

  // Not CONCURRENTLY: that cannot be one transaction with the heads. It waits for readers, and the appends for it, at most 2 s.
  await db.query('BEGIN');
  try {
    await db.query("SET LOCAL lock_timeout = '2s'");
    await db.query('INSERT INTO es.archive (partition, first, last, events, sha256, root, file, archived_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [no, manifest.first, manifest.last, manifest.events, sha256, root, manifest.file, options.at]);
    await db.query(`INSERT INTO es.archived_head (partition, stream_id, version, hash) SELECT DISTINCT ON (stream_id) $1::int, stream_id, version, hash FROM ${table} ORDER BY stream_id, version DESC`, [no]);
    await db.query(`ALTER TABLE es.event DETACH PARTITION ${table}`);
    await db.query(`DROP TABLE ${table}`);
    await db.query('COMMIT');
  } catch (error) {
    await db.query('ROLLBACK');
    throw error;
  }
  return manifest;
};

/**
 * Brings an archived partition back, the newest first. Refused unless the file is what the manifest and the database say it is; the
 * chains of its streams are recomputed before it is attached.
 */
export const restorePartition = async (db: pg.Client, manifestFile: string): Promise<Manifest> => {
  const manifest = JSON.parse(await readFile(manifestFile, 'utf8')) as Manifest;
  const newest = (await db.query<{ partition: number; sha256: string; file: string }>('SELECT partition, sha256, file FROM es.archive ORDER BY partition DESC LIMIT 1')).rows[0];
  if (!newest) throw new NotArchivable('nothing of this database is archived');
  if (newest.partition !== manifest.partition) throw new NotArchivable(`restore ${newest.file} first: partitions come back newest first, so that no stream has a hole`);
  const file = join(dirname(manifestFile), manifest.file);
  if (newest.sha256 !== manifest.sha256 || (await sha256Of(file)) !== newest.sha256) throw new NotArchivable(`${manifest.file} is not what was archived (its sha256 differs)`);
  const no = manifest.partition;
  const table = `es.${tableOf(no)}`;
  await db.query("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET statement_timeout = 0; SET transaction_timeout = 0");
  await db.query('BEGIN');
  try {
    await db.query(`CREATE TABLE ${table} (LIKE es.event INCLUDING DEFAULTS)`);
    await pipeline(createReadStream(file), createGunzip(), db.query(copyFrom(`COPY ${table} (${columns}) FROM STDIN`)));
    await db.query(`ALTER TABLE ${table} ADD CONSTRAINT bounds CHECK (position >= ${no * PARTITION_ROWS} AND position < ${(no + 1) * PARTITION_ROWS})`);
    await db.query(`CREATE UNIQUE INDEX ON ${table} (stream_id, version)`);
    await db.query('DELETE FROM es.archived_head WHERE partition = $1', [no]);
    await db.query('DELETE FROM es.archive WHERE partition = $1', [no]);
    await db.query("SET LOCAL lock_timeout = '2s'");
    await db.query(`ALTER TABLE es.event ATTACH PARTITION ${table} FOR VALUES FROM (${no * PARTITION_ROWS}) TO (${(no + 1) * PARTITION_ROWS})`);
    await db.query(`ALTER TABLE ${table} DROP CONSTRAINT bounds`);
    const bad = (await db.query<{ stream_id: string; problem: string }>(`SELECT v.stream_id, v.problem FROM (SELECT DISTINCT stream_id FROM ${table}) s CROSS JOIN LATERAL es.verify(s.stream_id) v LIMIT 1`)).rows[0];
    if (bad) throw new NotArchivable(`the chain of ${bad.stream_id} does not hold with this archive: ${bad.problem}`);
    await db.query('COMMIT');
  } catch (error) {
    await db.query('ROLLBACK');
    throw error;
  }
  return manifest;
};

const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), createGunzip(), hash);
  return hash.digest('hex');
};

/** A file, or the entries of a folder, onto the disk. */
const sync = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  await handle.sync().catch(() => undefined); // a folder cannot be synced everywhere
  await handle.close();
};
