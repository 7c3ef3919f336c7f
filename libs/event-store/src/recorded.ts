import type { AnyDecider } from '@flotilla/decider';
import type { Meta, Recorded } from './types.js';

/** A row of es.event as `pg` reads it: bigint as text, json parsed. */
export interface EventRow {
  readonly position: string;
  readonly stream_id: string;
  readonly version: string;
  readonly event_id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly recorded_at: Date;
  readonly data: unknown;
  readonly meta: Meta;
  readonly hash: Buffer;
}

export const eventColumns = 'position, stream_id, version, event_id, type, schema_version, recorded_at, data, meta, hash';

export const toRecorded = (row: EventRow): Recorded => ({
  position: Number(row.position),
  stream: row.stream_id,
  version: Number(row.version),
  id: row.event_id,
  type: row.type,
  schemaVersion: row.schema_version,
  recordedAt: row.recorded_at.toISOString(),
  data: row.data,
  meta: row.meta,
  hash: row.hash.toString('hex'),
});

/** The data of an event in the version in which its type is written now. */
export const upcast = (decider: AnyDecider, type: string, version: number, data: unknown): { readonly version: number; readonly data: unknown } => {
  const steps = decider.upcasters?.[type];
  let lifted = data;
  let at = version;
  for (let step = steps?.[at]; step; step = steps?.[at]) {
    lifted = step(lifted as never);
    at += 1;
  }
  return { version: at, data: lifted };
};

/** The event as its decider writes it today; as it is if nothing has to be lifted. */
export const lift = (decider: AnyDecider, event: Recorded): Recorded => {
  const { version, data } = upcast(decider, event.type, event.schemaVersion, event.data);
  return version === event.schemaVersion ? event : { ...event, schemaVersion: version, data };
};
