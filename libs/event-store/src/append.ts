import type pg from 'pg';
import { integers, texts, uuids } from './binary.js';
import type { Offsets } from './types.js';
import type { Touched } from './unit.js';

/** A unit of a group, written whole or not at all: what a command touched, or all that the commands of a chunk did, with its offsets. */
export interface Entry {
  readonly touched: readonly Touched[];
  readonly offsets?: Offsets;
}

/** What the database said about an entry. */
export interface Judged {
  readonly accepted: boolean;
  /** Another owner moved the offset. */
  readonly stale: boolean;
  /** Streams that are not at the version that was expected. */
  readonly conflicts: readonly string[];
  /** Of the group's last event; 0 if nothing was written. */
  readonly position: number;
}

interface Row {
  readonly position: string | null;
  readonly refused: readonly number[] | null;
  readonly conflicts: readonly number[] | null;
  readonly stale: readonly number[] | null;
}

const encode = (entries: readonly Entry[]): unknown[] => {
  const units: number[] = [];
  const writes: Touched[] = [];
  const types: string[] = [];
  const versions: number[] = [];
  const data: string[] = [];
  const meta: string[] = [];
  const takers: number[] = [];
  const offsets: Offsets[] = [];
  for (const [i, entry] of entries.entries()) {
    for (const write of entry.touched) {
      units.push(i + 1);
      writes.push(write);
      for (const event of write.events) {
        types.push(event.type);
        versions.push(event.schemaVersion);
        data.push(event.data);
        meta.push(write.meta);
      }
    }
    if (!entry.offsets) continue;
    takers.push(i + 1);
    offsets.push(entry.offsets);
  }
  return [
    integers(units, 'int4'),
    texts(writes.map(({ stream }) => stream)),
    texts(writes.map(({ before }) => before.decider.category)),
    integers(writes.map(({ before }) => before.version), 'int8'),
    integers(writes.map(({ events }) => events.length), 'int4'),
    uuids(types.length),
    texts(types),
    integers(versions, 'int2'),
    texts(data, 'json'),
    texts(meta, 'json'),
    ...(takers.length === 0
      ? [null, null, null, null, null, null]
      : [
          integers(takers, 'int4'),
          texts(offsets.map(({ consumer }) => consumer)),
          texts(offsets.map(({ topic }) => topic)),
          integers(offsets.map(({ partition }) => partition), 'int4'),
          integers(offsets.map(({ from }) => from), 'int8'),
          integers(offsets.map(({ next }) => next), 'int8'),
        ]),
  ];
};

const statement = `SELECT position, refused, conflicts, stale FROM es.append(${Array.from({ length: 16 }, (_, i) => `$${i + 1}`).join()})`;

/** One round trip, one transaction. Throws what Postgres throws. */
export const append = async (db: pg.Pool, entries: readonly Entry[]): Promise<readonly Judged[]> => {
  const { rows } = await db.query<Row>({ name: 'es-append', text: statement, values: encode(entries) });
  const row = rows[0];
  if (!row) throw new Error('es.append answered nothing');
  const position = Number(row.position ?? 0);
  if (!row.refused && !row.stale) return entries.map(() => ({ accepted: true, stale: false, conflicts: [], position }));
  const stale = new Set(row.stale);
  const refused = new Set([...(row.refused ?? []), ...stale]);
  const conflicting = new Set(row.conflicts);
  let write = 0;
  return entries.map(({ touched }, i) => ({
    accepted: !refused.has(i + 1),
    stale: stale.has(i + 1),
    conflicts: touched.filter(() => conflicting.has((write += 1))).map(({ stream }) => stream),
    position,
  }));
};

/** The command's content is at fault (bad value, a check): nothing of the group is written, and halving finds the culprit. */
export const isDataError = (error: unknown): boolean => error instanceof RangeError || /^(?:22|23)/.test(sqlState(error)) || sqlState(error) === 'P0001';

/** Postgres gave up before writing (lock or statement timeout, deadlock): the same group may go again. */
export const gaveUp = (error: unknown): boolean => ['55P03', '57014', '40P01', '25P04'].includes(sqlState(error));

export const sqlState = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' && error.code.length === 5 ? error.code : '';
