import { setTimeout as sleep } from 'node:timers/promises';
import { counter, type ServiceContext } from '@flotilla/service-kit';
import { take } from '../sources/take.js';
import type { Waybill } from '../decide/shipment.events.js';
import { connected, followerOf, type Connected } from '../sources/connected.js';

const round = 200;
const mostMinutes = 240;
const failedMinutes = 10;
const everyMs = 250;

const polled = counter('flotilla_tracking_polls_total');

interface Due extends Waybill {
  readonly source: string;
  readonly followed: boolean;
  readonly country: string;
}

// Claimed by moving the next look ahead: twice as far as last time, since what brings no news now will hardly bring some at once.
// One that its source was not told to follow yet is told now and asked for in half an hour.
const claim = `
UPDATE read.poll p SET due_at = $1::timestamptz + p.every_minutes * CASE WHEN p.followed THEN 2 ELSE 1 END * interval '1 minute',
       every_minutes = least(p.every_minutes * CASE WHEN p.followed THEN 2 ELSE 1 END, ${mostMinutes})
  FROM (SELECT carrier, waybill FROM read.poll WHERE due_at <= $1 ORDER BY due_at LIMIT ${round} FOR UPDATE SKIP LOCKED) d
  LEFT JOIN read.shipment s USING (carrier, waybill)
 WHERE p.carrier = d.carrier AND p.waybill = d.waybill RETURNING p.carrier, p.waybill, p.source, p.followed, coalesce(s.country, '') AS country`;

const sooner = `
UPDATE read.poll p SET due_at = least(p.due_at, $1::timestamptz + ${failedMinutes} * interval '1 minute')
  FROM unnest($2::text[], $3::text[]) AS d(carrier, waybill) WHERE p.carrier = d.carrier AND p.waybill = d.waybill`;

const handedOn = `
UPDATE read.poll p SET source = d.source, followed = d.followed, due_at = $1::timestamptz
  FROM jsonb_to_recordset($2::jsonb) AS d(carrier text, waybill text, source text, followed boolean) WHERE p.carrier = d.carrier AND p.waybill = d.waybill`;

const nowFollowed = `
UPDATE read.poll p SET followed = true FROM unnest($1::text[], $2::text[]) AS d(carrier, waybill) WHERE p.carrier = d.carrier AND p.waybill = d.waybill`;

const chunks = <T>(all: readonly T[], size: number): readonly (readonly T[])[] => Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));

const columns = (due: readonly Waybill[]): readonly [readonly string[], readonly string[]] => [due.map(({ carrier }) => carrier), due.map(({ waybill }) => waybill)];

/** Has a source follow these. What it cannot follow goes to the next one in rank, never back, and stays with the last. */
const follow = async (ctx: ServiceContext, source: Connected, due: readonly Due[]): Promise<void> => {
  const refused = (await source.follow?.(due.map(({ carrier, waybill }) => ({ carrier, waybill })))) ?? [];
  const { name } = source.source.manifest;
  const next = refused.flatMap((of) => {
    const { country = '' } = due.find(({ carrier, waybill }) => carrier === of.carrier && waybill === of.waybill) ?? {};
    const by = followerOf(connected(ctx), of.carrier, country, name);
    return by ? [{ ...of, source: by.source, followed: !by.follow }] : [];
  });
  polled.inc({ source: name, outcome: 'followed' }, due.length - refused.length);
  polled.inc({ source: name, outcome: 'cannot follow' }, refused.length);
  await ctx.pool.query(nowFollowed, [...columns(due)]);
  if (next.length > 0) await ctx.pool.query(handedOn, [ctx.clock.business().toISOString(), JSON.stringify(next)]);
};

/** One round: asks for what is due, in calls as large as the source allows. Returns how many shipments were asked for. */
export const pollDue = async (ctx: ServiceContext): Promise<number> => {
  const { rows } = await ctx.pool.query<Due>(claim, [ctx.clock.business().toISOString()]);
  const byCall = Map.groupBy(rows, ({ source, followed }) => `${source} ${followed}`);
  await Promise.all(
    [...byCall.values()].flatMap((due) => {
      const name = due[0]!.source;
      const source = connected(ctx).get(name);
      if (!source) return [];
      return chunks(due, source.source.manifest.batch).map(async (some) => {
        try {
          if (!some[0]!.followed) return await follow(ctx, source, some);
          const sightings = await source.poll(some.map(({ carrier, waybill }) => ({ carrier, waybill })));
          const { fresh } = await take(ctx, name, 'poll', sightings, ctx.meta({ actor: `poll:${name}` }));
          polled.inc({ source: name, outcome: fresh > 0 ? 'news' : 'none' });
        } catch (error) {
          polled.inc({ source: name, outcome: 'failed' });
          ctx.log.warn({ source: name, waybills: some.length, err: error }, 'a source did not answer; asked again soon');
          await ctx.pool.query(sooner, [ctx.clock.business().toISOString(), ...columns(some)]);
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
