import type { ingest } from '@flotilla/contracts';
import type pg from 'pg';
import type { QuarantineRow } from '../project/quarantine-list.js';

// A page ends early rather than break gRPC's limit: payloads may have a megabyte each.
const largestPage = 4 * 1024 * 1024;

type Row = Pick<QuarantineRow, 'id' | 'order_id' | 'channel' | 'channel_order_id' | 'reason' | 'detail' | 'source' | 'received_at' | 'payload'> & { waiting: number; first_position: string };

/** "" = any; times are those at which it came in. */
export interface QuarantineFilter {
  readonly channel: string;
  readonly reason: string;
  readonly source: string;
  readonly channelOrderId: string;
  readonly receivedFrom: string;
  readonly receivedTo: string;
}

const open = `q.state = 'OPEN' AND q.first_position > $1 AND ($2 = '' OR q.channel = $2) AND ($3 = '' OR q.reason = $3) AND ($4 = '' OR q.source = $4) AND ($5 = '' OR q.channel_order_id = $5)
          AND q.received_at >= $6 AND ($7 = '' OR q.received_at < $7)`;
const asked = (after: string, filter: QuarantineFilter): readonly string[] => [after, filter.channel, filter.reason, filter.source, filter.channelOrderId, filter.receivedFrom, filter.receivedTo];

/** What is in quarantine, oldest first; `last` is where the next page begins, `undefined` at the end. */
export const listQuarantine = async (
  pool: pg.Pool,
  page: QuarantineFilter & { readonly limit: number; readonly after: string | undefined },
): Promise<{ readonly entries: readonly ingest.QuarantineEntry[]; readonly last: string | undefined }> => {
  const { rows } = await pool.query<Row>(
    `SELECT * FROM (
       SELECT q.id, q.order_id, q.channel, q.channel_order_id, q.reason, q.detail, q.source, q.received_at, q.payload, q.first_position,
              CASE WHEN q.parks THEN coalesce(o.waiting, 0) ELSE 0 END AS waiting,
              sum(length(q.payload)) OVER (ORDER BY q.first_position) - length(q.payload) AS before
         FROM read.quarantine q LEFT JOIN read.channel_order o USING (order_id)
        WHERE ${open}
        ORDER BY q.first_position LIMIT $8) page
      WHERE before < $9 ORDER BY first_position`,
    [...asked(page.after ?? '0', page), page.limit, largestPage],
  );
  const entries = rows.map((row) => ({
    id: row.id, channel: row.channel, channelOrderId: row.channel_order_id, reason: row.reason, detail: row.detail, source: row.source, receivedAt: row.received_at, waiting: row.waiting, payload: row.payload,
  }));
  const last = rows.at(-1);
  // A page that was cut, by number or by size, may have more behind it.
  const cut = last !== undefined && (await pool.query(`SELECT FROM read.quarantine q WHERE ${open} LIMIT 1`, [...asked(last.first_position, page)])).rowCount === 1;
  return { entries, last: cut ? last.first_position : undefined };
};

/** How many entries each channel has of each reason. */
export const countQuarantine = async (pool: pg.Pool): Promise<readonly ingest.QuarantineCount[]> => {
  const { rows } = await pool.query<ingest.QuarantineCount>(
    "SELECT channel, reason, count(*)::int AS entries, min(received_at) AS oldest FROM read.quarantine WHERE state = 'OPEN' GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 200",
  );
  return rows;
};

/** The ids of the oldest entries of a channel. */
export const entriesOf = async (pool: pg.Pool, { channel, reason, source }: Pick<QuarantineFilter, 'channel' | 'reason' | 'source'>, most: number): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ id: string }>(`SELECT q.id FROM read.quarantine q WHERE ${open} ORDER BY q.first_position LIMIT $8`, [...asked('0', { channel, reason, source, channelOrderId: '', receivedFrom: '', receivedTo: '' }), most]);
  return rows.map(({ id }) => id);
};

/** One of these entries that is of another channel. */
export const entryElsewhere = async (pool: pg.Pool, channel: string, ids: readonly string[]): Promise<string | undefined> => {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM read.quarantine WHERE id = ANY ($1::uuid[]) AND channel <> $2 LIMIT 1', [ids, channel]);
  return rows[0]?.id;
};

/** Also one that was replayed: a repeated replay gets the same answer. */
export const findEntry = async (pool: pg.Pool, id: string): Promise<{ readonly orderId: string; readonly deliveryId: string } | undefined> => {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined;
  const { rows } = await pool.query<{ order_id: string; delivery_id: string }>("SELECT order_id, delivery_id FROM read.quarantine WHERE id = $1 AND state <> 'WAITING'", [id]);
  return rows[0] && { orderId: rows[0].order_id, deliveryId: rows[0].delivery_id };
};
