import type { AnyDecider } from '@flotilla/decider';
import type pg from 'pg';
import { Applied, unknown, type Baseline, type Baselines } from './baseline.js';
import { EventsArchived } from './errors.js';
import { upcast } from './recorded.js';
import type { Snapshots } from './snapshot.js';

/** In the order of `part`: 0 how far es.applied goes, 1 the snapshot, 2 the events after it, 3 the stream's version. */
interface Row {
  readonly stream_id: string;
  readonly part: number;
  readonly version: string;
  readonly type: string | null;
  readonly schema_version: number;
  readonly data: unknown;
  readonly source: { readonly stream: string; readonly version: number } | null;
  readonly trace: string | null;
}

const statement = 'SELECT stream_id, part, version, type, schema_version, data, source, trace FROM es.load($1, $2, $3)';

/** Which of these sources these streams have applied up to what version (0: none), of those that es.applied knows. */
export const appliedOf = async (db: pg.Pool, pairs: readonly (readonly [stream: string, source: string])[]): Promise<readonly (readonly [stream: string, source: string, version: number])[]> => {
  if (pairs.length === 0) return [];
  const { rows } = await db.query<{ stream_id: string; source: string; version: string }>({
    name: 'es-applied',
    text: `SELECT w.stream_id, w.source, coalesce(a.version, 0) AS version
             FROM unnest($1::text[], $2::text[]) AS w(stream_id, source)
             LEFT JOIN LATERAL (SELECT a.version FROM es.applied a WHERE a.stream_id = w.stream_id AND a.source = w.source OFFSET 0) a ON true`,
    values: [pairs.map(([stream]) => stream), pairs.map(([, source]) => source)],
  });
  return rows.map((row) => [row.stream_id, row.source, Number(row.version)]);
};

/** Folds what was appended since the baselines, for all streams in one query, and answers the current state of each. */
export const load = async (db: pg.Pool, cache: Baselines, snapshots: Snapshots, streams: ReadonlyMap<string, AnyDecider>): Promise<ReadonlyMap<string, Baseline>> => {
  const found = new Map<string, Baseline>();
  if (streams.size === 0) return found;
  for (const [stream, decider] of streams) {
    const known = cache.get(stream);
    found.set(stream, known?.decider === decider ? known : unknown(decider));
  }
  const bases = [...found];
  const { rows } = await db.query<Row>({
    name: 'es-load',
    text: statement,
    values: [bases.map(([name]) => name), bases.map(([, { version }]) => version), bases.map(([, { decider }]) => decider.stateVersion ?? -1)],
  });
  for (let i = 0; i < rows.length; ) {
    const stream = rows[i]?.stream_id ?? '';
    const base = found.get(stream);
    if (!base) throw new Error(`stream ${stream} was not asked for`);
    let { state, version, trace, applied } = base;
    const start = version;
    for (let row = rows[i]; row?.stream_id === stream; row = rows[++i]) {
      if (row.part === 0) {
        applied = new Applied(Number(row.version));
        if (base.decider.stateVersion === undefined) applied.kept = applied.stored;
      } else if (row.part === 1) {
        state = row.data;
        trace = row.trace ?? '';
        applied.kept = Number(row.version);
      } else if (row.part === 3) {
        if (Number(row.version) > version) throw new EventsArchived(stream, version + 1);
      } else {
        // A hole would be folded over in silence: events that were archived, and no snapshot that this version of the code can read.
        if (Number(row.version) !== version + 1) throw new EventsArchived(stream, version + 1);
        state = base.decider.evolve(state, { type: row.type ?? '', data: upcast(base.decider, row.type ?? '', row.schema_version, row.data).data });
        trace = row.trace ?? '';
        if (row.source) applied.remember(row.source.stream, row.source.version, Number(row.version));
      }
      if (row.part === 1 || row.part === 2) version = Number(row.version);
    }
    const current = { ...base, state, version, trace, applied };
    found.set(stream, current);
    if (version > start) snapshots.offer(stream, current);
  }
  for (const [stream, base] of found) {
    cache.put(stream, base);
    cache.trust(stream);
  }
  return found;
};
