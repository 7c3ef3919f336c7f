import { sqlMigration } from '@flotilla/service-kit';
import type { Recorded, Transaction } from '@flotilla/event-store';
import type { ChannelOrderEvent, Delivery } from '../decide/channel-order.events.js';

export const ChannelOrderTable = sqlMigration('ChannelOrders', 1763700000002, [
  `CREATE TABLE read.channel_order (
     order_id uuid PRIMARY KEY, channel text NOT NULL, channel_order_id text NOT NULL, number text NOT NULL, state text NOT NULL, modified_at text NOT NULL,
     deliveries int NOT NULL, announcements int NOT NULL, replayed int NOT NULL, waiting int NOT NULL, cancelled_at text NOT NULL,
     first_position bigint NOT NULL, position bigint NOT NULL)`,
  'CREATE INDEX channel_order_page ON read.channel_order (first_position DESC) WHERE state IN (\'PLACED\', \'PARKED\')',
  'CREATE INDEX channel_order_channel ON read.channel_order (channel, first_position DESC)',
  'CREATE INDEX channel_order_name ON read.channel_order (channel, channel_order_id)',
]);

/** By which way it was announced, and how often. */
export const ChannelOrderWays = sqlMigration('ChannelOrderWays', 1764547200010, [
  `ALTER TABLE read.channel_order ADD COLUMN first_by text NOT NULL DEFAULT '', ADD COLUMN by_webhook int NOT NULL DEFAULT 0, ADD COLUMN by_topic int NOT NULL DEFAULT 0,
     ADD COLUMN by_pull int NOT NULL DEFAULT 0, ADD COLUMN by_file int NOT NULL DEFAULT 0`,
]);

export interface ChannelOrderRow {
  order_id: string;
  channel: string;
  channel_order_id: string;
  number: string;
  /** SEEN: only facts so far, the order itself has not come. MOVED: it was another order's delivery. */
  state: 'SEEN' | 'PLACED' | 'PARKED' | 'MOVED';
  modified_at: string;
  deliveries: number;
  announcements: number;
  replayed: number;
  waiting: number;
  cancelled_at: string;
  first_position: number;
  position: number;
  /** The way in by which it was announced first; "": by none yet. */
  first_by: '' | Delivery['source'];
  by_webhook: number;
  by_topic: number;
  by_pull: number;
  by_file: number;
}

/** Loads the rows that a batch touches, applies its events, writes them back: two statements, however many events. */
export const projectChannelOrders = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const mine = events.filter(({ stream }) => stream.startsWith('channelOrder-')) as readonly Recorded<ChannelOrderEvent>[];
  if (mine.length === 0) return;
  const idOf = ({ stream }: Recorded): string => stream.slice('channelOrder-'.length);
  const { rows } = await tx.query<ChannelOrderRow>('SELECT * FROM read.channel_order WHERE order_id = ANY ($1::uuid[])', [[...new Set(mine.map(idOf))]]);
  const byId = new Map(rows.map((row) => [row.order_id, { ...row, first_position: Number(row.first_position), position: Number(row.position) }]));
  for (const event of mine) {
    const id = idOf(event);
    const row = byId.get(id) ?? { ...empty, order_id: id, first_position: event.position };
    // A rebuild meets rows that have seen these events.
    if (event.position > row.position) byId.set(id, { ...applied(row, event), position: event.position });
  }
  await tx.query(
    `INSERT INTO read.channel_order SELECT * FROM jsonb_populate_recordset(NULL::read.channel_order, $1)
     ON CONFLICT (order_id) DO UPDATE SET channel = excluded.channel, channel_order_id = excluded.channel_order_id, number = excluded.number, state = excluded.state,
       modified_at = excluded.modified_at, deliveries = excluded.deliveries, announcements = excluded.announcements, replayed = excluded.replayed,
       waiting = excluded.waiting, cancelled_at = excluded.cancelled_at, position = excluded.position,
       first_by = excluded.first_by, by_webhook = excluded.by_webhook, by_topic = excluded.by_topic, by_pull = excluded.by_pull, by_file = excluded.by_file`,
    [JSON.stringify([...byId.values()])],
  );
};

const byNone = { first_by: '', by_webhook: 0, by_topic: 0, by_pull: 0, by_file: 0 } as const;

const empty: Omit<ChannelOrderRow, 'order_id' | 'first_position'> = {
  channel: '', channel_order_id: '', number: '', state: 'SEEN', modified_at: '', deliveries: 0, announcements: 0, replayed: 0, waiting: 0, cancelled_at: '', position: 0, ...byNone,
};

const waysOf = { WEBHOOK: 'by_webhook', TOPIC: 'by_topic', PULL: 'by_pull', FILE: 'by_file' } as const satisfies Record<Delivery['source'], keyof ChannelOrderRow>;

/** What is asked for is there as often as it is asked for: it announces an order once, also if it was told of as one that has left meanwhile. */
const announced = (row: ChannelOrderRow, { kind, source }: Delivery): ChannelOrderRow => {
  if (source === 'PULL' ? row.by_pull > 0 || (kind !== 'announce' && row.announcements === 0) : kind !== 'announce') return row;
  const way = waysOf[source];
  return { ...row, announcements: row.announcements + 1, first_by: row.first_by || source, [way]: row[way] + 1 };
};

const applied = (row: ChannelOrderRow, event: Recorded<ChannelOrderEvent>): ChannelOrderRow => {
  const { type, data } = { type: event.type, data: event.data } as ChannelOrderEvent;
  switch (type) {
    case 'DeliveryRecorded':
    case 'DeliveryQuarantined':
    case 'DeliveryQueued': {
      const counted = announced({ ...row, channel: data.channel, channel_order_id: row.channel_order_id || data.channelOrderId, deliveries: row.deliveries + 1 }, data);
      if (type === 'DeliveryQueued') return { ...counted, waiting: row.waiting + 1 };
      return type === 'DeliveryQuarantined' && data.parks ? { ...counted, state: 'PARKED' } : counted;
    }
    case 'QuarantineReplayed':
      if (data.movedTo !== '') return { ...row, state: 'MOVED', deliveries: 0, announcements: 0, ...byNone, replayed: row.replayed + 1 };
      return { ...row, state: row.state === 'PARKED' ? 'SEEN' : row.state, replayed: row.replayed + 1 };
    case 'DeliveryApplied':
      return data.waited ? { ...row, waiting: row.waiting - 1 } : row;
    case 'QueuedDeliveryQuarantined':
      return { ...row, waiting: row.waiting - 1, state: data.parks ? 'PARKED' : row.state };
    case 'ChannelOrderReceived':
    case 'ChannelOrderAmended':
      return { ...row, state: 'PLACED', number: data.order.number, modified_at: data.order.modifiedAt > row.modified_at ? data.order.modifiedAt : row.modified_at };
    case 'ChannelOrderCancelled':
      return { ...row, cancelled_at: data.cancelledAt };
    default:
      return row;
  }
};
