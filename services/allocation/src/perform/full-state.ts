import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore, Recorded } from '@flotilla/event-store';
import { connectBus, toBusMessage, type Bus, type Published } from '@flotilla/messaging';
import type { CommonConfig, ServiceContext } from '@flotilla/service-kit';
import type { Pool } from 'pg';

const PAGE = 500;
const LOOK_MS = 60_000;

interface Saying {
  readonly pool: Pool;
  readonly store: Pick<EventStore, 'last'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly publish: (event: Recorded) => readonly Published[];
  readonly categories: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Says the last word on every stream of these kinds again, as it was said: to whoever has heard it, a repeat. Not one that the relay
 * has not sent yet: sent before those ahead of it, it would turn them around. Answers how many. `paged`: after each page.
 */
export const sayFullState = async ({ pool, store, bus, publish, categories, signal }: Saying, paged: () => Promise<unknown> = () => Promise.resolve()): Promise<number> => {
  const { rows } = await pool.query<{ position: string }>("SELECT position FROM es.checkpoint WHERE name = 'relay'");
  const relayed = Number(rows[0]?.position ?? 0);
  let said = 0;
  for (const category of categories) {
    for (let page = await store.last(category, { limit: PAGE }); page.length > 0 && !signal.aborted; page = page.length < PAGE ? [] : await store.last(category, { after: page.at(-1)!.stream, limit: PAGE })) {
      const messages = page.filter(({ position }) => position <= relayed).flatMap((event) => publish(event).map((published, index) => toBusMessage(event, published, index)));
      await bus.publish(messages);
      said += messages.length;
      await paged();
    }
  }
  return said;
};

const HELD = "now() + interval '2 minutes'";

/**
 * Says full state if its time has come and nobody is at it. It counts as said when all of it was: whoever breaks off leaves it to the next, at once or, if it
 * died, when its claim is over. Answers how many; undefined: it is not its time.
 */
export const sayIfDue = async (saying: Saying, everyMinutes: number): Promise<number | undefined> => {
  const { pool, signal } = saying;
  const { rowCount } = await pool.query(`UPDATE read.full_state SET claimed_until = ${HELD} WHERE said_at <= now() - $1 * interval '1 minute' AND claimed_until <= now()`, [everyMinutes]);
  if (rowCount !== 1) return undefined;
  let whole = false;
  try {
    const said = await sayFullState(saying, () => pool.query(`UPDATE read.full_state SET claimed_until = ${HELD}`));
    whole = !signal.aborted;
    return said;
  } finally {
    await pool.query("UPDATE read.full_state SET claimed_until = '-infinity', said_at = CASE WHEN $1 THEN now() ELSE said_at END", [whole]);
  }
};

/**
 * Full state of stock.v1 and catalogue.v1 every so often, beside the changes: whoever begins to listen later than topics are kept
 * has it within that time. One process does it, whoever claims the time first. Answers how to stop it.
 */
export const repeatFullState = (
  ctx: Pick<ServiceContext, 'pool' | 'store' | 'log' | 'name'> & { readonly config: Pick<CommonConfig, 'FLOTILLA_KAFKA_CLIENT' | 'FLOTILLA_KAFKA_BROKERS'> },
  { everyMinutes, categories, publish }: { readonly everyMinutes: number; readonly categories: readonly string[]; readonly publish: (event: Recorded) => readonly Published[] },
): (() => Promise<void>) => {
  const { pool, store, log, name, config } = ctx;
  if (everyMinutes === 0) return () => Promise.resolve();
  const stopping = new AbortController();
  const bus = connectBus({ client: config.FLOTILLA_KAFKA_CLIENT, brokers: config.FLOTILLA_KAFKA_BROKERS.split(','), clientId: `${name}-full-state`, log });
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const said = await sayIfDue({ pool, store, bus, publish, categories, signal: stopping.signal }, everyMinutes);
        if (said !== undefined) log.info({ said }, 'full state was said');
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
