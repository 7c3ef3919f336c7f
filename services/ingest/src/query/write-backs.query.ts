import type { ingest } from '@flotilla/contracts';
import type pg from 'pg';

type Row = Omit<ingest.WriteBack, 'orderId' | 'parcelId' | 'channelOrderId'> & { readonly order_id: string; readonly parcel_id: string; readonly channel_order_id: string; readonly position: string };

/** States that a list is asked for; each stands in the queue's index. */
export const writeBackStates: readonly string[] = ['FAILED', 'UNKNOWN', 'PENDING'] satisfies readonly ingest.WriteBack['state'][];

/** What a platform was told and did not take, or may not have taken; the newest first, after a position. */
export const listWriteBacks = async (
  pool: pg.Pool,
  { states, limit, after }: { readonly states: readonly string[]; readonly limit: number; readonly after: string | undefined },
): Promise<{ readonly writeBacks: readonly ingest.WriteBack[]; readonly last: string | undefined }> => {
  const queued = "state IN ('FAILED', 'UNKNOWN', 'PENDING') AND state = ANY ($1) AND position < $2 ORDER BY position DESC LIMIT $3";
  const { rows } = await pool.query<Row>(
    `SELECT w.kind, w.order_id, w.parcel_id, w.state, w.reason, w.position, coalesce(o.channel, '') AS channel, coalesce(o.channel_order_id, '') AS channel_order_id, coalesce(o.number, '') AS number
       FROM (SELECT * FROM (SELECT 'SHIPMENT' AS kind, order_id, parcel_id::text AS parcel_id, state, reason, position FROM read.write_back WHERE ${queued}) s
             UNION ALL SELECT * FROM (SELECT 'CANCELLATION', order_id, '', state, reason, position FROM read.cancellation WHERE ${queued}) c
             ORDER BY position DESC LIMIT $3) w
       LEFT JOIN read.channel_order o USING (order_id) ORDER BY w.position DESC`,
    [states, after ?? String(Number.MAX_SAFE_INTEGER), limit + 1],
  );
  const shown = rows.slice(0, limit);
  return {
    writeBacks: shown.map(({ kind, order_id: orderId, parcel_id: parcelId, channel, channel_order_id: channelOrderId, number, state, reason }) => ({ kind, orderId, parcelId, channel, channelOrderId, number, state, reason })),
    last: rows.length > limit ? shown.at(-1)!.position : undefined,
  };
};
