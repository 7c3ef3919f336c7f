import { sqlMigration } from '@flotilla/service-kit';
import type { Recorded, Transaction } from '@flotilla/event-store';
import type { OrderImportEvent, TakenRow } from '../decide/order-import.decider.js';

export const OrderImportTables = sqlMigration('OrderImports', 1764460800003, [
  `CREATE TABLE read.order_import (
     id uuid PRIMARY KEY, channel text NOT NULL, file_name text NOT NULL, format text NOT NULL, bytes bigint NOT NULL, upload uuid NOT NULL, state text NOT NULL, reason text NOT NULL, detail text NOT NULL,
     rows bigint NOT NULL, orders bigint NOT NULL, accepted bigint NOT NULL, updated bigint NOT NULL, duplicate bigint NOT NULL, quarantined bigint NOT NULL, received_at text NOT NULL, ended_at text NOT NULL,
     first_position bigint NOT NULL, position bigint NOT NULL)`,
  'CREATE INDEX order_import_page ON read.order_import (first_position DESC)',
  `CREATE TABLE read.import_row (
     import_id uuid NOT NULL, row integer NOT NULL, channel_order_id text NOT NULL, order_id uuid NOT NULL, outcome text NOT NULL, reason text NOT NULL, detail text NOT NULL, cell text NOT NULL, PRIMARY KEY (import_id, row))`,
  'CREATE INDEX import_row_outcome ON read.import_row (import_id, outcome, row)',
]);

export interface ImportRow {
  id: string;
  channel: string;
  file_name: string;
  format: string;
  bytes: number;
  upload: string;
  state: 'RUNNING' | 'DONE' | 'REFUSED';
  reason: string;
  detail: string;
  rows: number;
  orders: number;
  accepted: number;
  updated: number;
  duplicate: number;
  quarantined: number;
  received_at: string;
  ended_at: string;
  first_position: number;
  position: number;
}

export const projectImports = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const mine = events.filter(({ stream }) => stream.startsWith('orderImport-')) as readonly Recorded<OrderImportEvent>[];
  if (mine.length === 0) return;
  const { rows: known } = await tx.query<ImportRow>('SELECT * FROM read.order_import WHERE id = ANY ($1::uuid[])', [[...new Set(mine.map(({ data }) => data.id))]]);
  const numbers = ['bytes', 'rows', 'orders', 'accepted', 'updated', 'duplicate', 'quarantined', 'first_position', 'position'] as const;
  const byId = new Map(known.map((row) => [row.id, { ...row, ...Object.fromEntries(numbers.map((name) => [name, Number(row[name])])) } as ImportRow]));
  for (const event of mine) {
    const before = byId.get(event.data.id);
    if (before !== undefined && event.position <= before.position) continue;
    const after = applied(before, event);
    if (after !== undefined) byId.set(after.id, { ...after, position: event.position });
  }
  await tx.query(
    `INSERT INTO read.order_import SELECT * FROM jsonb_populate_recordset(NULL::read.order_import, $1)
     ON CONFLICT (id) DO UPDATE SET upload = excluded.upload, file_name = excluded.file_name, state = excluded.state, reason = excluded.reason, detail = excluded.detail, rows = excluded.rows, orders = excluded.orders,
       accepted = excluded.accepted, updated = excluded.updated, duplicate = excluded.duplicate, quarantined = excluded.quarantined, received_at = excluded.received_at, ended_at = excluded.ended_at,
       first_position = excluded.first_position, position = excluded.position`,
    [JSON.stringify([...byId.values()])],
  );
  for (const { type, data } of mine as readonly { readonly type: string; readonly data: unknown }[]) {
    if (type !== 'ImportRowsTaken') continue;
    const { id, rows } = data as { readonly id: string; readonly rows: readonly TakenRow[] };
    // What is no row number can be no row here, and must not stop the lists for all others.
    const taken = rows.filter(({ row }) => Number.isInteger(row) && row > 0 && row < 2 ** 31);
    await tx.query(
      `INSERT INTO read.import_row SELECT $1::uuid, t.row, t."channelOrderId", t."orderId", t.outcome, t.reason, t.detail, t.cell
         FROM jsonb_to_recordset($2) AS t(row integer, "channelOrderId" text, "orderId" uuid, outcome text, reason text, detail text, cell text) ON CONFLICT DO NOTHING`,
      [id, JSON.stringify(taken)],
    );
  }
};

const applied = (row: ImportRow | undefined, { type, data, position }: Recorded<OrderImportEvent>): ImportRow | undefined => {
  const event = { type, data } as OrderImportEvent;
  switch (event.type) {
    case 'ImportReceived': {
      const { id, channel, fileName, format, bytes, upload, receivedAt } = event.data;
      return { id, channel, file_name: fileName, format, bytes, upload, state: 'RUNNING', reason: '', detail: '', rows: 0, orders: 0, accepted: 0, updated: 0, duplicate: 0, quarantined: 0, received_at: receivedAt, ended_at: '', first_position: position, position };
    }
    case 'ImportRowsTaken': {
      if (row === undefined) return row;
      const orders = new Map(event.data.rows.map((one) => [one.orderId, one.outcome]));
      const counted = (outcome: string): number => [...orders.values()].filter((one) => one === outcome).length;
      return {
        ...row, rows: row.rows + event.data.rows.length, orders: row.orders + orders.size, accepted: row.accepted + counted('ACCEPTED'), updated: row.updated + counted('UPDATED'),
        duplicate: row.duplicate + counted('DUPLICATE'), quarantined: row.quarantined + counted('QUARANTINED'),
      };
    }
    case 'ImportDone':
      return row && { ...row, state: 'DONE', ended_at: event.data.at };
    case 'ImportRefused':
      return row && { ...row, state: 'REFUSED', reason: event.data.reason, detail: event.data.detail, ended_at: event.data.at };
    default:
      return row;
  }
};
