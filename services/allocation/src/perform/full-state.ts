import { setTimeout as sleep } from 'node:timers/promises';
import type { Meta, Recorded } from '@flotilla/event-store';
import { connectBus, toBusMessage, type Bus, type Published } from '@flotilla/messaging';
import type { CommonConfig, ServiceContext } from '@flotilla/service-kit';
import type { Pool } from 'pg';

const PAGE = 500;
const LOOK_MS = 60_000;

interface Row {
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

const toRecorded = ({ position, stream_id: stream, version, event_id: id, type, schema_version: schemaVersion, recorded_at, data, meta, hash }: Row): Recorded => ({
  position: Number(position), stream, version: Number(version), id, type, schemaVersion, recordedAt: recorded_at.toISOString(), data, meta, hash: hash.toString('hex'),
});

// The last word on each stream of a kind. Not one that the relay has not sent yet: sent before those ahead of it, it would turn them around.
const lastWords = async (pool: Pool, category: string, after: string): Promise<readonly Recorded[]> => {
  const { rows } = await pool.query<Row>(
    `SELECT e.position, e.stream_id, e.version, e.event_id, e.type, e.schema_version, e.recorded_at, e.data, e.meta, e.hash
       FROM (SELECT stream_id, version FROM es.stream WHERE stream_id > $1 AND stream_id < $2 ORDER BY stream_id LIMIT $3) s
       JOIN es.event e ON e.stream_id = s.stream_id AND e.version = s.version
      ORDER BY e.stream_id`,
    [after, `${category}.`, PAGE], // "." follows "-"
  );
  return rows.map(toRecorded);
};

/** Says the last word on every stream of these kinds again, as it was said: to whoever has heard it, a repeat. Answers how many. */
export const sayFullState = async ({ pool, bus, publish, categories, signal }: { readonly pool: Pool; readonly bus: Pick<Bus, 'publish'>; readonly publish: (event: Recorded) => readonly Published[]; readonly categories: readonly string[]; readonly signal: AbortSignal }): Promise<number> => {
  const { rows } = await pool.query<{ position: string }>("SELECT position FROM es.checkpoint WHERE name = 'relay'");
  const relayed = Number(rows[0]?.position ?? 0);
  let said = 0;
  for (const category of categories) {
    for (let page = await lastWords(pool, category, `${category}-`); page.length > 0 && !signal.aborted; page = page.length < PAGE ? [] : await lastWords(pool, category, page.at(-1)!.stream)) {
      const messages = page.filter(({ position }) => position <= relayed).flatMap((event) => publish(event).map((published, index) => toBusMessage(event, published, index)));
      await bus.publish(messages);
      said += messages.length;
    }
  }
  return said;
};

/**
 * Full state of stock.v1 and catalogue.v1 every so often, beside the changes: whoever begins to listen later than topics are kept
 * has it within that time. One process does it, whoever claims the time first. Answers how to stop it.
 */
export const repeatFullState = (
  ctx: Pick<ServiceContext, 'pool' | 'log' | 'name'> & { readonly config: Pick<CommonConfig, 'FLOTILLA_KAFKA_CLIENT' | 'FLOTILLA_KAFKA_BROKERS'> },
  { everyMinutes, categories, publish }: { readonly everyMinutes: number; readonly categories: readonly string[]; readonly publish: (event: Recorded) => readonly Published[] },
): (() => Promise<void>) => {
  const { pool, log, name, config } = ctx;
  if (everyMinutes === 0) return () => Promise.resolve();
  const stopping = new AbortController();
  const bus = connectBus({ client: config.FLOTILLA_KAFKA_CLIENT, brokers: config.FLOTILLA_KAFKA_BROKERS.split(','), clientId: `${name}-full-state`, log });
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const { rowCount } = await pool.query("UPDATE read.full_state SET said_at = now() WHERE said_at <= now() - $1 * interval '1 minute'", [everyMinutes]);
        if (rowCount === 1) log.info({ said: await sayFullState({ pool, bus, publish, categories, signal: stopping.signal }) }, 'full state was said');
      } catch (error) {
        log.warn({ err: error }, 'full state could not be said; it is said next time');
      }
      await sleep(Math.min(LOOK_MS, everyMinutes * 60_000), undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const done = loop();
  return async () => {
    stopping.abort();
    await done;
    await bus.close();
  };
};
