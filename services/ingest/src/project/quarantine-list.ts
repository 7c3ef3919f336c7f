import { sqlMigration } from '@flotilla/service-kit';
import type { Recorded, Transaction } from '@flotilla/event-store';
import { uuidv5 } from '@flotilla/values';
import type { ChannelOrderEvent, Delivery } from '../decide/channel-order.events.js';

export const QuarantineTable = sqlMigration('Quarantine', 1763700000003, [
  `CREATE TABLE read.quarantine (
     id uuid PRIMARY KEY, order_id uuid NOT NULL, delivery_id text NOT NULL, channel text NOT NULL, channel_order_id text NOT NULL, reason text NOT NULL, detail text NOT NULL,
     source text NOT NULL, received_at text NOT NULL, payload text NOT NULL, parks boolean NOT NULL, state text NOT NULL, first_position bigint NOT NULL, position bigint NOT NULL)`,
  "CREATE INDEX quarantine_page ON read.quarantine (first_position) WHERE state = 'OPEN'",
]);

export interface QuarantineRow {
  id: string;
  order_id: string;
  delivery_id: string;
  channel: string;
  channel_order_id: string;
  reason: string;
  detail: string;
  source: string;
  received_at: string;
  /** Sealed pieces, separated by spaces. */
  payload: string;
  parks: boolean;
  /** WAITING: behind the one that parks its order; it is not in quarantine itself. */
  state: 'OPEN' | 'WAITING' | 'REPLAYED';
  first_position: number;
  position: number;
}

/** The entry of a delivery. */
export const entryId = (orderId: string, deliveryId: string): string => uuidv5(orderId, deliveryId);

export const projectQuarantine = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const mine = (events as readonly Recorded<ChannelOrderEvent>[]).filter(({ type }) => touching.has(type));
  if (mine.length === 0) return;
  const idOf = ({ data }: Recorded<ChannelOrderEvent>): string => entryId((data as Delivery).orderId, (data as Delivery).deliveryId);
  const { rows } = await tx.query<QuarantineRow>('SELECT * FROM read.quarantine WHERE id = ANY ($1::uuid[])', [[...new Set(mine.map(idOf))]]);
  const byId = new Map(rows.map((row) => [row.id, { ...row, first_position: Number(row.first_position), position: Number(row.position) }]));
  for (const event of mine) {
    const row = byId.get(idOf(event));
    if (row !== undefined && event.position <= row.position) continue;
    const next = applied(row, event, idOf(event));
    if (next !== undefined) byId.set(next.id, { ...next, position: event.position });
  }
  await tx.query(
    `INSERT INTO read.quarantine SELECT * FROM jsonb_populate_recordset(NULL::read.quarantine, $1)
     ON CONFLICT (id) DO UPDATE SET reason = excluded.reason, detail = excluded.detail, parks = excluded.parks, state = excluded.state, first_position = excluded.first_position, position = excluded.position`,
    [JSON.stringify([...byId.values()])],
  );
};

const touching = new Set<string>(['DeliveryQuarantined', 'DeliveryQueued', 'DeliveryApplied', 'QueuedDeliveryQuarantined', 'QuarantineReplayed', 'QuarantineReplayFailed']);

const applied = (row: QuarantineRow | undefined, { type, data, position }: Recorded<ChannelOrderEvent>, id: string): QuarantineRow | undefined => {
  const event = { type, data } as ChannelOrderEvent;
  switch (event.type) {
    case 'DeliveryQuarantined':
      return entry(id, event.data, position, { reason: event.data.reason, detail: event.data.detail, parks: event.data.parks, state: 'OPEN' });
    case 'DeliveryQueued':
      return entry(id, event.data, position, { reason: 'PARKED', detail: '', parks: false, state: 'WAITING' });
    case 'QuarantineReplayFailed':
      return row && { ...row, reason: event.data.reason, detail: event.data.detail };
    case 'QueuedDeliveryQuarantined':
      return row && { ...row, reason: event.data.reason, detail: event.data.detail, parks: event.data.parks, state: 'OPEN', first_position: position };
    case 'QuarantineReplayed':
    case 'DeliveryApplied':
      return row && { ...row, state: 'REPLAYED' };
    default:
      return row;
  }
};

const entry = (id: string, delivery: Delivery, position: number, more: Pick<QuarantineRow, 'reason' | 'detail' | 'parks' | 'state'>): QuarantineRow => ({
  id,
  order_id: delivery.orderId,
  delivery_id: delivery.deliveryId,
  channel: delivery.channel,
  channel_order_id: delivery.channelOrderId,
  source: delivery.source,
  received_at: delivery.receivedAt,
  payload: delivery.raw.join(' '),
  first_position: position,
  position,
  ...more,
});
