import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import type { Baseline } from './baseline.js';
import { integers, texts } from './binary.js';
import type { Logger } from './logger.js';

/** Events of a stream between two snapshots; a load that folds more takes one at once. */
export const SNAPSHOT_EVERY = 100;
/** Streams whose snapshot waits; more are left out, they get theirs a hundred events later. */
const MAX_WAITING = 1_000;
const BATCH = 50;

/**
 * Keeps snapshots of long streams and writes down which foreign events they have applied, after the commit and beside it: a
 * snapshot that is missing or late costs time only. Committed folds alone come here.
 */
export class Snapshots {
  readonly #waiting = new Map<string, Baseline>();
  #writing: Promise<void> | undefined;

  constructor(
    private readonly db: pg.Pool,
    private readonly log: Logger,
  ) {}

  /** A fold that was committed. Taken if the stream has grown enough since its last one. */
  offer(stream: string, base: Baseline): void {
    if (base.version < base.applied.kept + SNAPSHOT_EVERY) return;
    if (this.#waiting.size >= MAX_WAITING && !this.#waiting.has(stream)) return;
    this.#waiting.set(stream, base);
    this.#writing ??= this.#write();
  }

  /** How many wait: never more than 1,000. */
  waiting(): number {
    return this.#waiting.size;
  }

  /** When those that wait are written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    await new Promise(setImmediate);
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting].slice(0, BATCH);
      for (const [stream, base] of batch) {
        this.#waiting.delete(stream);
        base.applied.kept = base.version; // not again for every event until it is written; if it fails, with the next hundred
      }
      try {
        await this.#store(batch);
      } catch (error) {
        this.log.warn({ err: error, streams: batch.length }, 'snapshots could not be written');
      }
    }
    this.#writing = undefined;
  }

  async #store(batch: readonly (readonly [string, Baseline])[]): Promise<void> {
    const states = batch.flatMap(([stream, { decider, state, version, trace }]) => {
      if (decider.stateVersion === undefined) return [];
      const text = JSON.stringify(state) ?? 'null';
      if (!isDeepStrictEqual(JSON.parse(text), state)) {
        this.log.error({ stream }, 'the state is not plain JSON: no snapshot is taken of it');
        return [];
      }
      return [{ stream, version, text, trace, stateVersion: decider.stateVersion }];
    });
    // Taken now: what is remembered from here on belongs to later versions.
    const applied = batch.map(([stream, { applied: known, version }]) => ({ stream, known, version, recent: new Map(known.recent()) }));
    const rows = applied
      .filter(({ recent, known }) => recent.size > 0 || known.stored > 0)
      .flatMap(({ stream, version, recent }) => [[stream, '', version] as const, ...[...recent].map(([source, to]) => [stream, source, to] as const)])
      .toSorted(([a, b], [c, d]) => (a === c ? (b < d ? -1 : 1) : a < c ? -1 : 1)); // the same order everywhere: no deadlock
    if (states.length + rows.length === 0) return;
    await this.db.query({
      name: 'es-snapshot',
      text: `WITH s AS (
               INSERT INTO es.snapshot AS s (stream_id, version, schema_version, state, trace)
               SELECT * FROM unnest($1::text[], $2::bigint[], $3::int[], $4::json[], $5::text[])
               ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version, schema_version = excluded.schema_version, state = excluded.state, trace = excluded.trace, taken_at = now()
                WHERE (s.schema_version, s.version) < (excluded.schema_version, excluded.version))
             INSERT INTO es.applied AS a (stream_id, source, version) SELECT * FROM unnest($6::text[], $7::text[], $8::bigint[])
             ON CONFLICT (stream_id, source) DO UPDATE SET version = greatest(a.version, excluded.version)`,
      values: [
        texts(states.map(({ stream }) => stream)), integers(states.map(({ version }) => version), 'int8'), integers(states.map(({ stateVersion }) => stateVersion), 'int4'), texts(states.map(({ text }) => text), 'json'), texts(states.map(({ trace }) => trace)),
        texts(rows.map(([stream]) => stream)), texts(rows.map(([, source]) => source)), integers(rows.map(([, , version]) => version), 'int8'),
      ],
    });
    for (const { stream, known, version, recent } of applied) if (rows.some(([name]) => name === stream)) known.settle(recent, version);
  }
}
