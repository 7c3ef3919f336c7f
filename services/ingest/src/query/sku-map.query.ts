import type { ingest } from '@flotilla/contracts';
import type pg from 'pg';
import type { ItemName } from '../decide/sku-map.events.js';

interface ItemRow {
  channel: string;
  by: string;
  key: string;
  parts: readonly ingest.SkuPart[];
  version: number;
  at: string;
  who: string;
}

/** Mapped items, by name; those of one SKU of ours, if it is given. */
export const listMapped = async (pool: pg.Pool, of: { readonly channel: string; readonly sku: string }, limit: number, after: readonly string[] | undefined): Promise<readonly ingest.MappedItem[]> => {
  const { rows } = await pool.query<ItemRow>(
    `SELECT * FROM read.sku_item WHERE channel = $1 AND parts <> '[]' AND ($2 = '' OR parts @> jsonb_build_array(jsonb_build_object('sku', $2::text))) AND (by, key) > ($3, $4) ORDER BY by, key LIMIT $5`,
    [of.channel, of.sku, after?.[0] ?? '', after?.[1] ?? '', limit],
  );
  return rows.map(({ who, ...row }) => ({ ...row, waiting: 0, mappedBy: who }));
};

/** How many orders wait for an item. */
export const waitingFor = async (pool: pg.Pool, { channel, by, key }: ItemName): Promise<number> => {
  const { rows } = await pool.query<{ waiting: string }>('SELECT count(DISTINCT order_id) AS waiting FROM read.sku_wait WHERE channel = $1 AND by = $2 AND key = $3', [channel, by, key]);
  return Number(rows[0]!.waiting);
};

/** The items that somebody has to map. */
export const listTasks = async (pool: pg.Pool, channel: string, limit: number, after: readonly string[] | undefined): Promise<readonly ingest.SkuTask[]> => {
  const { rows } = await pool.query<{ channel: string; by: string; key: string; item_id: string; channel_sku: string; barcode: string; title: string; orders: string; since: string }>(
    `SELECT channel, by, key, min(item_id) AS item_id, min(channel_sku) AS channel_sku, min(barcode) AS barcode, min(title) AS title, count(DISTINCT order_id) AS orders, min(placed_at) AS since
       FROM read.sku_wait WHERE main AND ($1 = '' OR channel = $1) AND (channel, by, key) > ($2, $3, $4) GROUP BY channel, by, key ORDER BY channel, by, key LIMIT $5`,
    [channel, after?.[0] ?? '', after?.[1] ?? '', after?.[2] ?? '', limit],
  );
  return rows.map((row) => ({ channel: row.channel, by: row.by, key: row.key, itemId: row.item_id, channelSku: row.channel_sku, barcode: row.barcode, title: row.title, orders: Number(row.orders), since: row.since }));
};

/** Orders that wait for an item (`by` "": for any of the channel), in the order in which they came to wait. */
export const waitingOrders = async (pool: pg.Pool, { channel, by, key }: { readonly channel: string; readonly by: string; readonly key: string }, after: readonly [position: number, orderId: string], limit: number): Promise<readonly { readonly orderId: string; readonly position: number }[]> => {
  const { rows } = await pool.query<{ order_id: string; position: string }>(
    `SELECT DISTINCT position, order_id FROM read.sku_wait WHERE channel = $1 AND ($2 = '' AND main OR by = $2 AND key = $3) AND (position, order_id) > ($4, $5::uuid) ORDER BY position, order_id LIMIT $6`,
    [channel, by, key, after[0], after[1], limit],
  );
  return rows.map(({ order_id, position }) => ({ orderId: order_id, position: Number(position) }));
};
