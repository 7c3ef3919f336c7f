import type { AnyDecider } from '@flotilla/decider';
import type pg from 'pg';
import { remember, type Baseline, type Baselines } from './baseline.js';
import { upcast } from './recorded.js';

interface Row {
  readonly stream_id: string;
  readonly version: string;
  readonly type: string;
  readonly schema_version: number;
  readonly data: unknown;
  readonly source: { readonly stream: string; readonly version: number } | null;
  readonly trace: string | null;
}

// LATERAL: each stream by its key in each partition, from where the fold stands, whatever the planner thinks of the table.
const statement = `
SELECT e.stream_id, e.version, e.type, e.schema_version, e.data, e.meta->'source' AS source, e.meta->>'traceparent' AS trace
  FROM unnest($1::text[], $2::bigint[]) AS w(stream_id, version)
 CROSS JOIN LATERAL (SELECT * FROM es.event e WHERE e.stream_id = w.stream_id AND e.version > w.version ORDER BY e.version) e
 ORDER BY e.stream_id, e.version`;

/** Folds what was appended since the baselines, for all streams in one query, and answers the current state of each. */
export const load = async (
  db: pg.Pool,
  cache: Baselines,
  streams: ReadonlyMap<string, AnyDecider>,
): Promise<ReadonlyMap<string, Baseline>> => {
  const found = new Map<string, Baseline>();
  if (streams.size === 0) return found;
  for (const [stream, decider] of streams) {
    const known = cache.get(stream);
    found.set(stream, known?.decider === decider ? known : { decider, state: decider.initial, version: 0, applied: new Map(), trace: '' });
  }
  const names = [...found.keys()];
  const { rows } = await db.query<Row>({
    name: 'es-load',
    text: statement,
    values: [names, names.map((name) => found.get(name)?.version ?? 0)],
  });
  for (let i = 0; i < rows.length; ) {
    const stream = rows[i]?.stream_id ?? '';
    const base = found.get(stream);
    if (!base) throw new Error(`stream ${stream} was not asked for`);
    let { state, version, trace } = base;
    for (let row = rows[i]; row?.stream_id === stream; row = rows[++i]) {
      version = Number(row.version);
      state = base.decider.evolve(state, { type: row.type, data: upcast(base.decider, row.type, row.schema_version, row.data).data });
      trace = row.trace ?? '';
      if (row.source) remember(base.applied, row.source.stream, row.source.version);
    }
    found.set(stream, { ...base, state, version, trace });
  }
  for (const [stream, base] of found) {
    cache.put(stream, base);
    cache.trust(stream);
  }
  return found;
};
