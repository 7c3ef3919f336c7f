import type { ingest } from '@flotilla/contracts';
import type pg from 'pg';
import type { SuppliedPart } from '../decide/stock-level.js';
import { isSupplied } from '../project/stock-keys.js';

/** How a SKU that allocation knows, or a bundle of such SKUs, stands with a channel. */
export interface Standing {
  /** Of a bundle what it is made of (`stockKeyOf`). */
  readonly sku: string;
  readonly parts: readonly SuppliedPart[];
  /** The channel's items of it that have stock; none if it lists none, as far as is known. */
  readonly items: readonly string[];
  /** The channel's place that has this stock. */
  readonly location: string;
  /** Of a bundle: as many as its scarcest part is enough for, and whether any of its SKUs is frozen. */
  readonly available: number;
  readonly frozen: boolean;
  /** The last level that the channel accepted. */
  readonly told: number | undefined;
  /** When; "" if never. */
  readonly toldAt: string;
}

/** By SKU; `skus` null: all that the channel lists. Those that allocation does not know are left out. */
export const standingOf = async (pool: Pick<pg.Pool, 'query'>, channel: string, warehouses: readonly string[], skus: readonly string[] | null): Promise<readonly Standing[]> => {
  const { rows } = await pool.query<{ sku: string; parts: readonly SuppliedPart[]; items: string[] | null; location: string | null; told: string | null; told_at: string | null }>(
    `SELECT w.sku, p.parts, i.items, i.location, l.level AS told, l.accepted_at AS told_at
       FROM (SELECT unnest($3::text[]) AS sku UNION SELECT sku FROM read.channel_item WHERE $3::text[] IS NULL AND channel = $1 AND tracked AND NOT gone AND sku <> '') w
       JOIN LATERAL (
         SELECT bool_and(s.known > 0) AS known, jsonb_agg(jsonb_build_object('sku', q.sku, 'quantity', q.quantity, 'available', s.available, 'frozen', EXISTS (SELECT FROM read.frozen_sku f WHERE f.sku = q.sku)) ORDER BY q.sku) AS parts
           FROM (SELECT b.sku, b.quantity FROM read.stock_bundle b WHERE b.key = w.sku UNION ALL SELECT w.sku, 1 WHERE NOT EXISTS (SELECT FROM read.stock_bundle b WHERE b.key = w.sku)) q
          CROSS JOIN LATERAL (SELECT count(*) AS known, coalesce(sum(available) FILTER (WHERE cardinality($2::text[]) = 0 OR warehouse = ANY ($2)), 0) AS available FROM read.supply WHERE sku = q.sku) s
       ) p ON p.known
      CROSS JOIN LATERAL (SELECT array_agg(item ORDER BY item) AS items, max(location) AS location FROM read.channel_item WHERE channel = $1 AND sku = w.sku AND tracked AND NOT gone AND sku <> '') i
       LEFT JOIN read.channel_level l ON l.channel = $1 AND l.sku = w.sku
      ORDER BY w.sku`,
    [channel, warehouses, skus],
  );
  return rows.map(({ sku, parts, items, location, told, told_at }) => ({ sku, parts, items: items ?? [], location: location ?? '', available: Math.min(...parts.map((part) => Math.floor(part.available / part.quantity))), frozen: parts.some((part) => part.frozen), told: told === null ? undefined : Number(told), toldAt: told_at ?? '' }));
};

/** The rules in force. */
export const rulesOf = async (pool: Pick<pg.Pool, 'query'>, channel: string): Promise<{ readonly version: number; readonly rules: ingest.StockRules } | undefined> =>
  (await pool.query<{ version: number; rules: ingest.StockRules }>('SELECT version, rules FROM read.stock_rules WHERE channel = $1', [channel])).rows[0];

const stateOf = `CASE WHEN gone THEN 'GONE' WHEN sku = '' THEN 'NO_SKU' WHEN NOT tracked THEN 'UNTRACKED' WHEN ${isSupplied} THEN 'MATCHED' ELSE 'UNKNOWN_SKU' END`;

/** What a channel lists, by its item's id. */
export const listItems = async (pool: pg.Pool, filter: { readonly channel: string; readonly state: string }, limit: number, after: string | undefined): Promise<readonly ingest.ChannelItem[]> => {
  const { rows } = await pool.query<{ item: string; sku: string; state: string; title: string; barcode: string; product: string; variant: string; shown: string | null; seen_at: string; channel_sku: string }>(
    `SELECT * FROM (SELECT i.*, ${stateOf} AS state FROM read.channel_item i WHERE channel = $1 AND item > $2) i
      WHERE CASE WHEN $3 = '' THEN state <> 'GONE' ELSE state = $3 END ORDER BY item LIMIT $4`,
    [filter.channel, after ?? '', filter.state, limit],
  );
  return rows.map(({ item, sku, state, title, barcode, product, variant, shown, seen_at, channel_sku }) => ({ item, sku, state, title, barcode, product, variant, shown: shown === null ? -1 : Number(shown), seenAt: seen_at, channelSku: channel_sku }));
};

/** What channels were told, and what waits, by channel and SKU. */
export const listLevels = async (pool: pg.Pool, filter: { readonly channel: string; readonly sku: string; readonly waiting: boolean }, limit: number, after: readonly string[] | undefined): Promise<readonly ingest.ChannelLevel[]> => {
  const { rows } = await pool.query<{ channel: string; sku: string; level: string | null; accepted_at: string | null; delay_ms: string | null; since: Date | null; why: string | null; tries: number | null }>(
    `SELECT channel, sku, l.level, l.accepted_at, l.delay_ms, d.since, d.why, d.tries
       FROM read.channel_level l FULL JOIN (SELECT * FROM read.stock_due WHERE since IS NOT NULL) d USING (channel, sku)
      WHERE ($1 = '' OR channel = $1) AND ($2 = '' OR sku = $2) AND (NOT $3 OR d.since IS NOT NULL) AND ($4 = '' OR (channel, sku) > ($4, $5)) ORDER BY channel, sku LIMIT $6`,
    [filter.channel, filter.sku, filter.waiting, ...(after ?? ['', '']), limit],
  );
  return rows.map(({ channel, sku, level, accepted_at, delay_ms, since, why, tries }) => ({
    channel, sku, told: level !== null, level: Number(level ?? 0), acceptedAt: accepted_at ?? '', delayMs: Number(delay_ms ?? 0), waiting: since !== null, waitsSince: since?.toISOString() ?? '', why: why ?? '', tries: tries ?? 0,
  }));
};

/** What a pull found, by item. */
export const listDifferences = async (pool: pg.Pool, channel: string, pull: number, limit: number, after: string | undefined): Promise<readonly ingest.StockDifference[]> => {
  const { rows } = await pool.query<{ item: string; sku: string; shown: string | null; level: string; under_way: boolean }>(
    `SELECT item, sku, shown, level, under_way FROM read.stock_difference WHERE channel = $1 AND item > $3
        AND pull = CASE WHEN $2 = 0 THEN (SELECT pull FROM read.listing_pull WHERE channel = $1) ELSE $2 END ORDER BY item LIMIT $4`,
    [channel, pull, after ?? '', limit],
  );
  return rows.map(({ item, sku, shown, level, under_way }) => ({ item, sku, shown: shown === null ? -1 : Number(shown), level: Number(level), underWay: under_way }));
};
