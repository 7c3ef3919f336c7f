import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@flotilla/event-store';
import type { ServiceContext } from '@flotilla/service-kit';
import { namespace, uuidv5 } from '@flotilla/values';
import type { PoolClient } from 'pg';
import type { ChannelApi, LevelsSet, StockPort } from '../channels/platform.js';
import type { ConnectedChannel } from '../accept/connected-channels.js';
import { channelStock } from '../decide/channel-stock.decider.js';
import { listing } from '../decide/listing.decider.js';
import { levelOf } from '../decide/stock-level.js';
import type { Ingest } from '../ingest.parts.js';
import { rulesOf, standingOf, type Standing } from '../query/stock.query.js';
import { channelApi } from './channel-api.js';

const LOOK_MS = 250;
const PULLS_LOOK_MS = 30_000;
const LONGEST_BACKOFF_MS = 60_000;
/** What a channel refuses is told again so much later, or when somebody asks for it. */
const REFUSED_MS = 600_000;
/** A call without an answer may take effect so much later. */
const UNSURE_MS = 60_000;
/** Advisory locks: one process tells a channel at a time, so that no older level overtakes a newer one. */
const LOCKS = 7101;

/** What of the service this needs. */
export type Pushing = Pick<Ingest, 'platforms'> & { readonly ctx: Pick<ServiceContext, 'store' | 'pool' | 'clock' | 'outside' | 'meta'> & { readonly log: Logger }; readonly channels: Pick<Ingest['channels'], 'get'> };

interface Due {
  readonly sku: string;
  readonly since: Date | null;
  readonly as_of: Date;
  readonly forced: boolean;
  readonly tries: number;
}

/**
 * Tells channels what they are owed, the newest only; begins pulls when their time has come. Answers how to stop it. One connection holds
 * the locks of all channels that this process tells; when it is lost, so are they, and what is under way ends.
 */
export const pushStock = (parts: Pushing, { everyMs, pullHours }: { readonly everyMs: number; readonly pullHours: number }): (() => Promise<void>) => {
  const { ctx } = parts;
  const stopping = new AbortController();
  const rest = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal }).catch(() => undefined);

  const lead = async (locks: PoolClient, signal: AbortSignal): Promise<void> => {
    const busy = new Map<string, Promise<void>>();
    const tell = async (channel: string): Promise<void> => {
      try {
        const { rows } = await locks.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1, hashtext($2)) AS got', [LOCKS, channel]);
        // Another process tells it.
        if (!rows[0]!.got) return await rest(1_000, signal);
        while (!signal.aborted && (await tellBatch(parts, channel, signal))) await rest(everyMs, signal);
        await locks.query('SELECT pg_advisory_unlock($1, hashtext($2))', [LOCKS, channel]);
      } catch (error) {
        if (!signal.aborted) ctx.log.warn({ err: error, channel }, 'a channel could not be told its stock; it is told soon');
        await rest(2_000, signal);
        await locks.query('SELECT pg_advisory_unlock($1, hashtext($2))', [LOCKS, channel]).catch(() => undefined);
      } finally {
        busy.delete(channel);
      }
    };
    let pullsLookedFor = -PULLS_LOOK_MS;
    try {
      for (; !signal.aborted; await rest(LOOK_MS, signal)) {
        const { rows } = await ctx.pool.query<{ channel: string }>(`SELECT DISTINCT channel FROM read.stock_due WHERE ${isDue}`);
        for (const { channel } of rows) if (!busy.has(channel)) busy.set(channel, tell(channel));
        if (performance.now() - pullsLookedFor < PULLS_LOOK_MS) continue;
        pullsLookedFor = performance.now();
        await beginPulls(parts, pullHours);
      }
    } finally {
      await Promise.all(busy.values());
    }
  };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      let locks: PoolClient | undefined;
      const lost = new AbortController();
      try {
        locks = await ctx.pool.connect();
        locks.on('error', () => lost.abort());
        await lead(locks, AbortSignal.any([stopping.signal, lost.signal]));
      } catch (error) {
        if (stopping.signal.aborted) return;
        ctx.log.warn({ err: error }, 'channels could not be told their stock; they are soon');
        await rest(2_000, stopping.signal);
      } finally {
        // Its locks go with it.
        locks?.release(true);
      }
    }
  };
  const done = loop();
  return async () => {
    stopping.abort();
    await done;
  };
};

const isDue = '((since IS NOT NULL AND not_before <= now()) OR recheck_at <= now())';

const beginPulls = async ({ ctx }: Pushing, hours: number): Promise<void> => {
  if (hours === 0) return;
  const { rows } = await ctx.pool.query<{ channel: string }>(
    `SELECT channel FROM read.stock_rules r LEFT JOIN read.listing_pull p USING (channel)
      WHERE NOT coalesce((r.rules->>'paused')::boolean, false) AND (p.channel IS NULL OR coalesce(nullif(p.ended_at, ''), p.began_at)::timestamptz < now() - $1 * interval '1 hour')`,
    [hours],
  );
  for (const { channel } of rows) {
    await ctx.store.execute({ streams: [[listing, channel]], meta: ctx.meta({ correlation: `listing-${channel}` }), decide: (unit) => void unit.run(listing, channel, { type: 'BeginPull', data: { channel, at: ctx.clock.machine().toISOString() } }) });
  }
};

/** Tells a channel the oldest of what it is owed; false: nothing more can be told at present. */
const tellBatch = async (parts: Pushing, channel: string, signal: AbortSignal): Promise<boolean> => {
  const { ctx } = parts;
  const shop = await parts.channels.get(channel);
  const port = parts.platforms.get(shop?.platform ?? '')?.stock;
  const due = await takeUp(parts, channel, port?.batch ?? 100);
  if (due.length === 0) return false;
  const inForce = await rulesOf(ctx.pool, channel);
  const standing = inForce === undefined ? [] : await standingOf(ctx.pool, channel, inForce.rules.warehouses, due.map(({ sku }) => sku));
  const levels = standing.filter(({ items }) => items.length > 0).flatMap((stands) => {
    const { level } = levelOf(inForce!.rules, stands.parts);
    return level === undefined ? [] : [{ ...stands, level, debt: due.find(({ sku }) => sku === stands.sku)! }];
  });
  const owed = levels.filter(({ level, told, debt: { forced, since } }) => forced || since === null || level !== told);
  await settle(parts, channel, due.map(({ sku }) => sku).filter((sku) => !owed.some((one) => one.sku === sku)));
  if (owed.length === 0) return true;
  if (shop === undefined || port === undefined || shop.apiUrl === '') {
    await postpone(parts, channel, owed.map(({ debt }) => ({ debt, why: 'the channel has no API for its stock; connect it with api_url and api_token' })), REFUSED_MS);
    return true;
  }
  return set(parts, { shop, port, rules: inForce!, owed, signal });
};

type Owed = Standing & { readonly level: number; readonly debt: Due };

const set = async (parts: Pushing, { shop, port, rules, owed, signal }: { readonly shop: ConnectedChannel; readonly port: StockPort; readonly rules: NonNullable<Awaited<ReturnType<typeof rulesOf>>>; readonly owed: readonly Owed[]; readonly signal: AbortSignal }): Promise<boolean> => {
  const { ctx } = parts;
  const { location } = rules.rules;
  const levels = owed.flatMap(({ items, level }) => items.map((item) => ({ item, level })));
  const answered = await setAll(port, channelApi(ctx, shop, signal), location || owed[0]!.location, levels);
  if (answered.outcome === 'retry') {
    await postpone(parts, shop.id, owed.map(({ debt }) => ({ debt, why: answered.why })), answered.afterMs, answered.unsure);
    return false;
  }
  const acceptedAt = ctx.clock.machine().toISOString();
  const whyNot = ({ items }: Owed): string => items.flatMap((item) => answered.refused.get(item) ?? []).join('; ');
  const refused = owed.filter((one) => whyNot(one) !== '');
  const accepted = owed.filter((one) => whyNot(one) === '');
  await Promise.all(
    accepted.map(async ({ sku, items, level, available, frozen, told, debt: { since, as_of } }) => {
      // Looked at again, and it was as it should be.
      if (level === told && !items.some((item) => answered.changed.includes(item))) return;
      // A bundle's key is no name of a stream.
      const id = `${shop.id}.${sku.includes(' ') ? uuidv5(namespace, sku) : sku}`;
      const data = { channel: shop.id, sku, level, items, available, frozen, rulesVersion: rules.version, since: since?.toISOString() ?? acceptedAt, asOf: as_of.toISOString(), acceptedAt };
      await ctx.store.execute({ streams: [[channelStock, id]], meta: ctx.meta({ correlation: `channelStock-${id}` }), decide: (unit) => void unit.run(channelStock, id, { type: 'NoteTold', data }) });
    }),
  );
  await settle(parts, shop.id, accepted.map(({ sku }) => sku));
  await postpone(parts, shop.id, refused.map((one) => ({ debt: one.debt, why: whyNot(one).slice(0, 300) })), REFUSED_MS);
  return true;
};

/** Sets levels in as many calls as they need: a SKU may have several items. What was set before a call that has to be made later is found set then. */
export const setAll = async (port: StockPort, api: ChannelApi, location: string, levels: readonly { readonly item: string; readonly level: number }[]): Promise<LevelsSet> => {
  const changed: string[] = [];
  const refused = new Map<string, string>();
  for (let first = 0; first < levels.length; first += port.batch) {
    const answered = await port.set(api, { location, levels: levels.slice(first, first + port.batch), reference: `gid://flotilla/StockPush/${randomUUID()}` });
    if (answered.outcome === 'retry') return answered;
    changed.push(...answered.changed);
    for (const [item, why] of answered.refused) refused.set(item, why);
  }
  return { outcome: 'set', changed, refused };
};

/** The oldest debts of a channel. What changes from now on is a debt of its own. */
const takeUp = async ({ ctx }: Pushing, channel: string, most: number): Promise<readonly Due[]> => {
  const { rows } = await ctx.pool.query<Due>(
    `UPDATE read.stock_due d SET next_since = NULL FROM (SELECT sku FROM read.stock_due WHERE channel = $1 AND ${isDue} ORDER BY since, sku LIMIT $2 FOR UPDATE SKIP LOCKED) due
      WHERE d.channel = $1 AND d.sku = due.sku RETURNING d.sku, d.since, d.as_of, d.forced, d.tries`,
    [channel, most],
  );
  return rows;
};

/** These have been told, or need not be. */
const settle = async ({ ctx }: Pushing, channel: string, skus: readonly string[]): Promise<void> => {
  if (skus.length === 0) return;
  await ctx.pool.query(
    `WITH gone AS (DELETE FROM read.stock_due WHERE channel = $1 AND sku = ANY ($2) AND next_since IS NULL AND coalesce(recheck_at <= now(), true))
     UPDATE read.stock_due SET since = next_since, forced = false, tries = 0, why = '', not_before = now(), recheck_at = CASE WHEN recheck_at > now() THEN recheck_at END
      WHERE channel = $1 AND sku = ANY ($2) AND (next_since IS NOT NULL OR recheck_at > now())`,
    [channel, skus],
  );
};

/** These are told later, and why. `unsure`: the channel may have taken them all the same. */
const postpone = async ({ ctx }: Pushing, channel: string, due: readonly { readonly debt: Due; readonly why: string }[], afterMs: number, unsure = false): Promise<void> => {
  if (due.length === 0) return;
  const tries = 1 + Math.max(...due.map(({ debt }) => debt.tries));
  const pauseMs = Math.max(afterMs, Math.min(LONGEST_BACKOFF_MS, 500 * 2 ** Math.min(tries, 10)));
  await ctx.pool.query(
    `UPDATE read.stock_due d SET tries = d.tries + 1, why = p.why, since = coalesce(d.since, now()), not_before = now() + $4 * interval '1 millisecond',
            recheck_at = CASE WHEN $5 THEN now() + $6 * interval '1 millisecond' WHEN d.recheck_at > now() THEN d.recheck_at END
       FROM unnest($2::text[], $3::text[]) AS p (sku, why) WHERE d.channel = $1 AND d.sku = p.sku`,
    [channel, due.map(({ debt }) => debt.sku), due.map(({ why }) => why), pauseMs, unsure, UNSURE_MS],
  );
};
