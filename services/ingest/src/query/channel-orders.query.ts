import { parseMessage, type ingest } from '@flotilla/contracts';
import type { EventStore, Recorded } from '@flotilla/event-store';
import type pg from 'pg';
import { reduced } from '../decide/channel-order.decider.js';
import type { ChannelOrderEvent } from '../decide/channel-order.events.js';
import type { ChannelOrderRow } from '../project/channel-order-list.js';
import type { CancellationRow, WriteBackRow } from '../project/write-back-list.js';

const shown = (row: ChannelOrderRow, writeBacks: readonly WriteBackRow[], cancellations: readonly CancellationRow[]): ingest.ChannelOrderSummary => ({
  orderId: row.order_id,
  channel: row.channel,
  channelOrderId: row.channel_order_id,
  number: row.number,
  state: row.state,
  modifiedAt: row.modified_at,
  deliveries: row.deliveries,
  announcements: row.announcements,
  cancelledAt: row.cancelled_at,
  writeBacks: writeBacks
    .filter(({ order_id, state }) => order_id === row.order_id && state !== 'NOT_NEEDED')
    .map(({ parcel_id, state, fulfilment_id, reason }) => ({ parcelId: parcel_id, state, channelFulfilmentId: fulfilment_id, reason })),
  cancellation: cancellations.filter(({ order_id, state }) => order_id === row.order_id && state !== 'NOT_NEEDED').map(({ state, reason }) => ({ state, reason }))[0] ?? { state: '', reason: '' },
});

const withWriteBacks = async (pool: pg.Pool, rows: readonly ChannelOrderRow[]): Promise<readonly ingest.ChannelOrderSummary[]> => {
  const { rows: writeBacks } = await pool.query<WriteBackRow>('SELECT * FROM read.write_back WHERE order_id = ANY ($1::uuid[]) ORDER BY parcel_id', [rows.map(({ order_id }) => order_id)]);
  const { rows: cancellations } = await pool.query<CancellationRow>('SELECT * FROM read.cancellation WHERE order_id = ANY ($1::uuid[])', [rows.map(({ order_id }) => order_id)]);
  return rows.map((row) => shown(row, writeBacks, cancellations));
};

export const findSummary = async (pool: pg.Pool, orderId: string): Promise<ingest.ChannelOrderSummary | undefined> => {
  const { rows } = await pool.query<ChannelOrderRow>('SELECT * FROM read.channel_order WHERE order_id = $1', [orderId]);
  return (await withWriteBacks(pool, rows))[0];
};

/** Placed and parked ones, the newest first. */
export const listSummaries = async (
  pool: pg.Pool,
  page: { readonly limit: number; readonly after: string | undefined; readonly channel: string; readonly state: string },
): Promise<{ readonly orders: readonly ingest.ChannelOrderSummary[]; readonly last: string | undefined }> => {
  const { rows } = await pool.query<ChannelOrderRow>(
    `SELECT * FROM read.channel_order WHERE state IN ('PLACED', 'PARKED') AND ($1 = '' OR channel = $1) AND ($2 = '' OR state = $2) AND first_position < $3
      ORDER BY first_position DESC LIMIT $4`,
    [page.channel, page.state, page.after ?? String(Number.MAX_SAFE_INTEGER), page.limit + 1],
  );
  const shownRows = rows.slice(0, page.limit);
  return { orders: await withWriteBacks(pool, shownRows), last: rows.length > page.limit ? String(shownRows.at(-1)!.first_position) : undefined };
};

/** The order as it was told last, with the facts that came after it; empty but for its names while it is parked. `version`: of its stream when it was read. */
export const readOrder = async (store: Pick<EventStore, 'read'>, { orderId, channel, channelOrderId }: Pick<ingest.ChannelOrderSummary, 'orderId' | 'channel' | 'channelOrderId'>): Promise<{ readonly order: ingest.ChannelOrder; readonly version: number }> => {
  let order: ingest.ChannelOrder = parseMessage('flotilla.ingest.v1.ChannelOrder', { orderId, channel, channelOrderId });
  for (let version = 0; ; ) {
    const events = (await store.read(`channelOrder-${orderId}`, { from: version + 1, limit: 500 })) as readonly Recorded<ChannelOrderEvent>[];
    for (const { type, data } of events) order = told(order, { type, data } as ChannelOrderEvent);
    version = events.at(-1)?.version ?? version;
    if (events.length < 500) return { order, version };
  }
};

const told = (order: ingest.ChannelOrder, event: ChannelOrderEvent): ingest.ChannelOrder => {
  switch (event.type) {
    case 'ChannelOrderReceived':
    case 'ChannelOrderAmended':
      // Stored by an older version it lacks the newest fields.
      return parseMessage('flotilla.ingest.v1.ChannelOrder', event.data.order);
    case 'ChannelOrderPaid':
      return { ...order, payment: 'PAYMENT_STATE_PAID', paidAt: event.data.paidAt };
    case 'ChannelRefundSettled': {
      const taken = new Map(event.data.lines.map(({ lineId, quantity }) => [lineId, quantity]));
      return { ...order, lines: order.lines.map((line) => reduced(line, Math.max(0, line.quantity - (taken.get(line.lineId) ?? 0)))) };
    }
    default:
      return order;
  }
};
