import type { ingest } from '@flotilla/contracts';
import type pg from 'pg';
import type { QuarantineRow } from '../project/quarantine-list.js';

// A page ends early rather than break gRPC's limit: payloads may have a megabyte each.
const largestPage = 4 * 1024 * 1024;

type Row = Pick<QuarantineRow, 'id' | 'order_id' | 'channel' | 'channel_order_id' | 'reason' | 'detail' | 'source' | 'received_at' | 'payload'> & { waiting: number; first_position: string };

/** What is in quarantine, oldest first; `last` is where the next page begins, `undefined` at the end. */
export const listQuarantine = async (
  pool: pg.Pool,
  page: { readonly limit: number; readonly after: string | undefined; readonly channel: string },
): Promise<{ readonly entries: readonly ingest.QuarantineEntry[]; readonly last: string | undefined }> => {
  const { rows } = await pool.query<Row>(
    `SELECT * FROM (
       SELECT q.id, q.order_id, q.channel, q.channel_order_id, q.reason, q.detail, q.source, q.received_at, q.payload, q.first_position,
              CASE WHEN q.parks THEN coalesce(o.waiting, 0) ELSE 0 END AS waiting,
              sum(length(q.payload)) OVER (ORDER BY q.first_position) - length(q.payload) AS before
         FROM read.quarantine q LEFT JOIN read.channel_order o USING (order_id)
        WHERE q.state = 'OPEN' AND q.first_position > $1 AND ($2 = '' OR q.channel = $2)
        ORDER BY q.first_position LIMIT $3) page
      WHERE before < $4 ORDER BY first_position`,
    [page.after ?? '0', page.channel, page.limit, largestPage],
  );
  const entries = rows.map((row) => ({
    id: row.id, channel: row.channel, channelOrderId: row.channel_order_id, reason: row.reason, detail: row.detail, source: row.source, receivedAt: row.received_at, waiting: row.waiting, payload: row.payload,
  }));
  const last = rows.at(-1);
  // A page that was cut, by number or by size, may have more behind it.
  const cut = last !== undefined && (await pool.query("SELECT FROM read.quarantine WHERE state = 'OPEN' AND first_position > $1 AND ($2 = '' OR channel = $2) LIMIT 1", [last.first_position, page.channel])).rowCount === 1;
  return { entries, last: cut ? last.first_position : undefined };
};

/** Also one that was replayed: a repeated replay gets the same answer. */
export const findEntry = async (pool: pg.Pool, id: string): Promise<{ readonly orderId: string; readonly deliveryId: string } | undefined> => {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined;
  const { rows } = await pool.query<{ order_id: string; delivery_id: string }>("SELECT order_id, delivery_id FROM read.quarantine WHERE id = $1 AND state <> 'WAITING'", [id]);
  return rows[0] && { orderId: rows[0].order_id, deliveryId: rows[0].delivery_id };
};
