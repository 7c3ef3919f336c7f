import { setTimeout as sleep } from 'node:timers/promises';
import { counter, type ServiceContext } from '@flotilla/service-kit';
import { take } from '../sources/take.js';
import { connected } from '../sources/connected.js';
import { sources } from '../sources/registry.js';

const round = 200;
const mostMinutes = 240;
const failedMinutes = 10;
const everyMs = 250;

const polled = counter('flotilla_tracking_polls_total', 'Questions to sources about shipments without news', ['source', 'outcome']);

interface Due {
  readonly carrier: string;
  readonly waybill: string;
}

// Claimed by moving the next look ahead: twice as far as last time, since what brings no news now will hardly bring some at once.
const claim = `
UPDATE read.poll p SET due_at = $1::timestamptz + p.every_minutes * 2 * interval '1 minute', every_minutes = least(p.every_minutes * 2, ${mostMinutes})
  FROM (SELECT carrier, waybill FROM read.poll WHERE due_at <= $1 ORDER BY due_at LIMIT ${round} FOR UPDATE SKIP LOCKED) d
 WHERE p.carrier = d.carrier AND p.waybill = d.waybill RETURNING p.carrier, p.waybill`;

const sooner = `
UPDATE read.poll p SET due_at = least(p.due_at, $1::timestamptz + ${failedMinutes} * interval '1 minute')
  FROM unnest($3::text[]) AS d(waybill) WHERE p.carrier = $2 AND p.waybill = d.waybill`;

const chunks = <T>(all: readonly T[], size: number): readonly (readonly T[])[] => Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));

/** One round: asks for what is due, in calls as large as the source allows. Returns how many shipments were asked for. */
export const pollDue = async (ctx: ServiceContext): Promise<number> => {
  const { rows } = await ctx.pool.query<Due>(claim, [ctx.clock.business().toISOString()]);
  const byCarrier = Map.groupBy(rows, ({ carrier }) => carrier);
  await Promise.all(
    [...byCarrier].flatMap(([carrier, due]) => {
      const source = connected(ctx).get(carrier);
      const size = sources.find(({ manifest }) => manifest.name === carrier)?.manifest.batch ?? 1;
      if (!source) return [];
      return chunks(due.map(({ waybill }) => waybill), size).map(async (waybills) => {
        try {
          const sightings = await source.poll(waybills);
          const { fresh } = await take(ctx, carrier, 'poll', sightings, ctx.meta({ actor: `poll:${carrier}` }));
          polled.inc({ source: carrier, outcome: fresh > 0 ? 'news' : 'none' });
        } catch (error) {
          polled.inc({ source: carrier, outcome: 'failed' });
          ctx.log.warn({ source: carrier, waybills: waybills.length, err: error }, 'a source did not answer; asked again soon');
          await ctx.pool.query(sooner, [ctx.clock.business().toISOString(), carrier, waybills]);
        }
      });
    }),
  );
  return rows.length;
};

/** Asks for shipments without news, round after round. Several processes share the work. */
export const runPolling = (ctx: ServiceContext): { stop(): Promise<void> } => {
  const stopping = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      let asked = 0;
      try {
        asked = await pollDue(ctx);
      } catch (error) {
        ctx.log.error({ err: error }, 'shipments without news could not be looked for; tried again');
      }
      if (asked < round) await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const done = loop();
  return {
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
};
