import { randomUUIDv7 } from 'node:crypto';
import type pg from 'pg';
import type { Touched } from './unit.js';
import type { Offsets } from './types.js';

/** One command of a batch: what its task touched. */
export interface Entry {
  readonly touched: readonly Touched[];
  /** JSON text. */
  readonly meta: string;
}

/** What the database said about an entry. */
export interface Judged {
  readonly accepted: boolean;
  /** Streams that are not at the version that was expected. */
  readonly conflicts: readonly string[];
  readonly position: number;
}

interface Row {
  readonly accepted: boolean;
  readonly conflict: boolean;
  readonly stream_id: string;
  readonly position: string | null;
}

const encode = (entries: readonly Entry[]): readonly [string, string] => {
  const writes: string[] = [];
  const events: string[] = [];
  entries.forEach(({ touched, meta }, command) => {
    for (const { stream, before, events: decided, meta: own } of touched) {
      writes.push(`{"c":${command + 1},"s":${JSON.stringify(stream)},"t":${JSON.stringify(before.decider.category)},"x":${before.version},"n":${decided.length}}`);
      decided.forEach(({ type, schemaVersion, data }, i) => {
        events.push(`{"w":${writes.length},"o":${i + 1},"i":"${randomUUIDv7()}","t":${JSON.stringify(type)},"v":${schemaVersion},"d":${data},"m":${own ?? meta}}`);
      });
    }
  });
  return [`[${writes.join()}]`, `[${events.join()}]`];
};

/** One round trip, one transaction. Throws what Postgres throws; `40001` if the offset was moved by another owner. */
export const append = async (db: pg.Pool, entries: readonly Entry[], offsets?: Offsets): Promise<readonly Judged[]> => {
  const [writes, events] = encode(entries);
  const { rows } = offsets
    ? await db.query<Row>({
        name: 'es-append-offset',
        text: 'SELECT accepted, conflict, stream_id, position FROM es.append($1, $2, $3, $4, $5, $6, $7)',
        values: [writes, events, offsets.consumer, offsets.topic, offsets.partition, offsets.from, offsets.next],
      })
    : await db.query<Row>({
        name: 'es-append',
        text: 'SELECT accepted, conflict, stream_id, position FROM es.append($1, $2)',
        values: [writes, events],
      });
  let at = 0;
  return entries.map(({ touched }) => {
    const mine = rows.slice(at, (at += touched.length));
    return {
      accepted: mine.every((row) => row.accepted),
      conflicts: mine.filter((row) => row.conflict).map((row) => row.stream_id),
      position: Number(mine[0]?.position ?? 0),
    };
  });
};

/** The command's content is at fault (bad value, a check): nothing of the batch is written, and halving finds the culprit. */
export const isDataError = (error: unknown): boolean => /^(?:22|23)/.test(sqlState(error)) || sqlState(error) === 'P0001';

/** Postgres gave up before writing (lock or statement timeout, deadlock): the same batch may go again. */
export const isTransient = (error: unknown): boolean => ['55P03', '57014', '40P01', '25P04'].includes(sqlState(error));

export const sqlState = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' && error.code.length === 5 ? error.code : '';
