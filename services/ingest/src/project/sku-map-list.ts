import { sqlMigration } from '@flotilla/service-kit';
import type { Recorded, Transaction } from '@flotilla/event-store';
import type { ingest } from '@flotilla/contracts';
import type { ChannelOrderEvent } from '../decide/channel-order.events.js';
import { keysOf, mainKeyOf } from '../decide/sku-lines.js';
import type { SkuItemEvent } from '../decide/sku-map.events.js';
import { remapStock } from './stock-list.js';

export const SkuMapTables = sqlMigration('SkuMap', 1764460800001, [
  `CREATE TABLE read.sku_item (
     channel text NOT NULL, by text NOT NULL, key text NOT NULL, parts jsonb NOT NULL, version integer NOT NULL, at text NOT NULL, who text NOT NULL, PRIMARY KEY (channel, by, key))`,
  'CREATE INDEX sku_item_parts ON read.sku_item USING gin (parts jsonb_path_ops)',
  // A row per name that the item of a waiting line may be mapped by; main: the one that its task shows.
  `CREATE TABLE read.sku_wait (
     order_id uuid NOT NULL, channel_line_id text NOT NULL, by text NOT NULL, channel text NOT NULL, key text NOT NULL, main boolean NOT NULL, item_id text NOT NULL, channel_sku text NOT NULL,
     barcode text NOT NULL, title text NOT NULL, placed_at text NOT NULL, position bigint NOT NULL, PRIMARY KEY (order_id, channel_line_id, by))`,
  'CREATE INDEX sku_wait_item ON read.sku_wait (channel, by, key, position)',
  'CREATE INDEX sku_wait_task ON read.sku_wait (channel, by, key) WHERE main',
  'CREATE INDEX sku_wait_channel ON read.sku_wait (channel, position) WHERE main',
]);

/** Units that are left to ship; null: the row is older than this column, and goes with the next whole order. */
export const SkuWaitQuantity = sqlMigration('SkuWaitQuantity', 1764547200003, ['ALTER TABLE read.sku_wait ADD COLUMN line_id uuid, ADD COLUMN quantity bigint']);

// A part of the primary key: an entry of an index takes some 2,700 bytes.
const longestLineId = 200;

/** The SKU map, and the lines that wait for it: those of an order as it was told last that have to be shipped and have no SKU. */
export const projectSkuMap = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  await projectItems(events as readonly Recorded<SkuItemEvent>[], tx);
  await projectWaits(events as readonly Recorded<ChannelOrderEvent>[], tx);
};

const projectItems = async (events: readonly Recorded<SkuItemEvent>[], tx: Transaction): Promise<void> => {
  const last = new Map<string, SkuItemEvent>();
  for (const { stream, type, data } of events) if (stream.startsWith('skuItem-')) last.set(stream, { type, data } as SkuItemEvent);
  if (last.size === 0) return;
  const rows = [...last.values()].map((event) => ({ ...event.data, parts: event.type === 'ItemMapped' ? event.data.parts : [] }));
  await tx.query(
    `INSERT INTO read.sku_item SELECT * FROM jsonb_populate_recordset(NULL::read.sku_item, $1)
     ON CONFLICT (channel, by, key) DO UPDATE SET parts = excluded.parts, version = excluded.version, at = excluded.at, who = excluded.who WHERE sku_item.version < excluded.version`,
    [JSON.stringify(rows)],
  );
  await remapStock(tx, rows);
};

const projectWaits = async (events: readonly Recorded<ChannelOrderEvent>[], tx: Transaction): Promise<void> => {
  const last = new Map<string, { readonly order: ingest.ChannelOrder | null; readonly position: number }>();
  const taken: { order_id: string; line_id: string; quantity: number; position: number }[] = [];
  for (const { type, data, position } of events) {
    const event = { type, data } as ChannelOrderEvent;
    if (event.type === 'ChannelOrderReceived' || event.type === 'ChannelOrderAmended') last.set(event.data.order.orderId, { order: event.data.order, position });
    else if (event.type === 'ChannelOrderCancelled') last.set(event.data.orderId, { order: null, position });
    else if (event.type === 'ChannelRefundSettled') taken.push(...event.data.lines.map(({ lineId, quantity }) => ({ order_id: event.data.orderId, line_id: lineId, quantity, position })));
  }
  if (last.size > 0) {
    await tx.query('DELETE FROM read.sku_wait WHERE order_id = ANY ($1::uuid[])', [[...last.keys()]]);
    const rows = [...last.values()].flatMap(({ order, position }) => (order === null ? [] : waitsOf(order, position)));
    // A cancelled order may be amended, and waits for nothing all the same.
    if (rows.length > 0) await tx.query("INSERT INTO read.sku_wait SELECT w.* FROM jsonb_populate_recordset(NULL::read.sku_wait, $1) w LEFT JOIN read.channel_order o USING (order_id) WHERE coalesce(o.cancelled_at, '') = '' ON CONFLICT DO NOTHING", [JSON.stringify(rows)]);
  }
  if (taken.length > 0) {
    await tx.query(
      `UPDATE read.sku_wait w SET quantity = w.quantity - (SELECT sum(t.quantity) FROM jsonb_to_recordset($1) t(order_id uuid, line_id uuid, quantity bigint, position bigint) WHERE t.order_id = w.order_id AND t.line_id = w.line_id AND t.position > w.position)
        WHERE EXISTS (SELECT FROM jsonb_to_recordset($1) t(order_id uuid, line_id uuid, quantity bigint, position bigint) WHERE t.order_id = w.order_id AND t.line_id = w.line_id AND t.position > w.position)`,
      [JSON.stringify(taken)],
    );
    await tx.query('DELETE FROM read.sku_wait WHERE order_id = ANY ($1::uuid[]) AND quantity <= 0', [[...new Set(taken.map(({ order_id }) => order_id))]]);
  }
};

const waitsOf = (order: ingest.ChannelOrder, position: number): readonly object[] =>
  order.lines
    .filter(({ sku, quantity, requiresShipping }) => sku === '' && quantity > 0 && requiresShipping)
    .flatMap((line) => {
      const { lineId, channelLineId, channelSku, title, itemId, barcode, quantity } = line;
      const main = mainKeyOf(line)?.by;
      const row = { order_id: order.orderId, channel_line_id: channelLineId.length > longestLineId ? lineId : channelLineId, channel: order.channel, item_id: itemId ?? '', channel_sku: channelSku, barcode: barcode ?? '', title, placed_at: order.placedAt, position, line_id: lineId, quantity };
      // An item without any name can be given one on the platform alone; its order is shown all the same.
      return main === undefined ? [{ ...row, by: '', key: '', main: true }] : keysOf(line).map(({ by, key }) => ({ ...row, by, key, main: by === main }));
    });
