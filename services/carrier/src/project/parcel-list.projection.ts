import type { Follower, Recorded } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import type { ParcelEvent } from '../decide/parcel.events.js';

/** A parcel as lists and counts show it. `planned_at` is the position of its first event: the key of the list. */
export interface ParcelRow {
  readonly parcel_id: string;
  readonly planned_at: number;
  readonly fo_id: string;
  readonly orders: unknown;
  readonly items: unknown;
  readonly state: string;
  readonly warehouse: string;
  readonly carrier: string;
  readonly service: string;
  readonly waybill: string;
  readonly quoted_amount: number;
  readonly quoted_currency: string;
  readonly explain: string;
  readonly since: string;
  readonly version: number;
  readonly position: number;
  /** A purchase whose outcome is not known at the moment, and ever. */
  readonly unknown_now: boolean;
  readonly unknown_ever: boolean;
  readonly planned: boolean;
  readonly waybilled: boolean;
  readonly reprints: number;
  /** Of the order, as the buyer knows it. */
  readonly number: string;
}

export const ParcelList = sqlMigration('ParcelList', 1763700000001, [
  `CREATE TABLE read.parcel (
     parcel_id text PRIMARY KEY, planned_at bigint NOT NULL, fo_id text NOT NULL, orders jsonb NOT NULL, items jsonb NOT NULL, state text NOT NULL, warehouse text NOT NULL,
     carrier text NOT NULL, service text NOT NULL, waybill text NOT NULL, quoted_amount bigint NOT NULL, quoted_currency text NOT NULL, explain text NOT NULL, since timestamptz NOT NULL,
     version bigint NOT NULL, position bigint NOT NULL, unknown_now boolean NOT NULL, unknown_ever boolean NOT NULL, planned boolean NOT NULL, waybilled boolean NOT NULL, reprints integer NOT NULL)`,
  'CREATE INDEX parcel_by_planned ON read.parcel (planned_at)',
  'CREATE INDEX parcel_by_state ON read.parcel (state, planned_at)',
  'CREATE INDEX parcel_by_warehouse ON read.parcel (warehouse, planned_at)',
  'CREATE INDEX parcel_by_warehouse_and_state ON read.parcel (warehouse, state, planned_at)',
]);

/** What left a warehouse with a carrier, by when: for manifests. */
export const ParcelShippedWhen = sqlMigration('ParcelShippedWhen', 1764460800001, ["CREATE INDEX parcel_by_shipping ON read.parcel (carrier, warehouse, since) WHERE state = 'SHIPPED'"]);

/** What a scanner may read: the order's numbers, and SKUs of what still has to leave. */
export const ParcelFinding = sqlMigration('ParcelFinding', 1764520000002, [
  "ALTER TABLE read.parcel ADD COLUMN number text NOT NULL DEFAULT ''",
  `UPDATE read.parcel p SET number = e.data->>'number' FROM es.event e
    WHERE e.type IN ('ParcelPlanned', 'ExternalParcelPlanned') AND e.stream_id = 'parcel-' || p.parcel_id AND e.data->>'number' IS NOT NULL`,
  "CREATE INDEX parcel_by_number ON read.parcel (number) WHERE number <> ''",
  'CREATE INDEX parcel_of_orders ON read.parcel USING gin (orders jsonb_path_ops)',
  "CREATE INDEX parcel_waiting_for ON read.parcel USING gin (items jsonb_path_ops) WHERE state = 'WAYBILLED'",
]);

const blank = (event: Recorded): ParcelRow => ({
  parcel_id: event.stream.slice('parcel-'.length), planned_at: event.position, fo_id: '', orders: [], items: [], state: '', warehouse: '', carrier: '', service: '', waybill: '', quoted_amount: 0,
  quoted_currency: '', explain: '', since: event.recordedAt, version: 0, position: 0, unknown_now: false, unknown_ever: false, planned: false, waybilled: false, reprints: 0, number: '',
});

/** One event onto a row; pure. Types that it does not know leave the row as it is. */
export const applied = (before: ParcelRow | undefined, recorded: Recorded): ParcelRow => {
  const row = { ...(before ?? blank(recorded)), version: recorded.version, position: recorded.position };
  const to = (state: string, changes: Partial<ParcelRow> = {}): ParcelRow => ({ ...row, ...changes, state, since: state === row.state ? row.since : recorded.recordedAt });
  const event = recorded as unknown as ParcelEvent;
  switch (event.type) {
    case 'ParcelPlanned': {
      const { foId, orders, items, warehouse, number, choice } = event.data;
      return to('PLANNED', { fo_id: foId, orders, items, warehouse, number, planned: true, ...chosen(choice) });
    }
    case 'ExternalParcelPlanned': {
      const { foId, orders, items, warehouse, number, choice } = event.data;
      return to('EXTERNAL', { fo_id: foId, orders, items, warehouse, number, planned: true, ...chosen(choice) });
    }
    case 'ParcelReplanned':
      return to('PLANNED', { orders: event.data.orders, items: event.data.items, ...chosen(event.data.choice) });
    case 'PurchaseBegun':
      return row.state === 'VOIDING' ? row : to('BUYING', { unknown_now: false });
    case 'WaybillUnknown':
      return { ...(row.state === 'VOIDING' ? row : to('UNKNOWN')), unknown_now: true, unknown_ever: true };
    case 'PurchaseSettled':
      return { ...row, unknown_now: false, waybill: event.data.waybill };
    case 'WaybillIssued':
      return to('WAYBILLED', { waybilled: true });
    case 'CancelNoted':
    case 'VoidRequested':
      return to('VOIDING');
    case 'VoidSettled':
      return event.data.outcome === 'REFUSED' ? to('WAYBILLED') : row;
    case 'ParcelVoided':
      return to('VOIDED', { fo_id: event.data.foId });
    case 'CarrierRefused':
      return to('REFUSED', { fo_id: event.data.foId, carrier: event.data.carrier, explain: `${event.data.reason}: ${event.data.detail}` });
    case 'ParcelShipped':
      return to('SHIPPED');
    case 'ParcelShippedExternally': {
      const { foId, orders, warehouse, carrier, waybill } = event.data;
      return to('SHIPPED', { fo_id: foId, orders, warehouse, carrier, waybill, waybilled: true });
    }
    case 'LabelReprinted':
      return { ...row, reprints: row.reprints + 1 };
    default:
      return { ...row, state: row.state || 'PLANNED' };
  }
};

const chosen = ({ carrier, service, quoted, explain }: { readonly carrier: string; readonly service: string; readonly quoted: { readonly amount: number; readonly currency: string }; readonly explain: string }): Partial<ParcelRow> => ({
  carrier, service, explain, quoted_amount: quoted.amount, quoted_currency: quoted.currency,
});

/** Follows the parcels' streams into read.parcel: one read and one write per batch. */
export const parcelList: Follower = {
  name: 'parcel-list',
  inside: async (events, tx) => {
    const ours = events.filter(({ stream }) => stream.startsWith('parcel-'));
    if (ours.length === 0) return;
    const ids = [...new Set(ours.map(({ stream }) => stream.slice('parcel-'.length)))];
    const found = await tx.query<ParcelRow>('SELECT * FROM read.parcel WHERE parcel_id = ANY ($1)', [ids]);
    const rows = new Map(found.rows.map((row) => [row.parcel_id, rowOf(row)]));
    for (const event of ours) {
      const id = event.stream.slice('parcel-'.length);
      rows.set(id, applied(rows.get(id), event));
    }
    await tx.query(upsert, [JSON.stringify([...rows.values()])]);
  },
};

/** The row as it is read: pg gives bigint as text and timestamptz as Date. */
export const rowOf = (row: ParcelRow): ParcelRow => ({
  ...row,
  planned_at: Number(row.planned_at), quoted_amount: Number(row.quoted_amount), version: Number(row.version), position: Number(row.position), since: new Date(row.since).toISOString(),
});

const columns = [
  'parcel_id', 'planned_at', 'fo_id', 'orders', 'items', 'state', 'warehouse', 'carrier', 'service', 'waybill', 'quoted_amount', 'quoted_currency', 'explain', 'since', 'version', 'position',
  'unknown_now', 'unknown_ever', 'planned', 'waybilled', 'reprints', 'number',
] as const satisfies readonly (keyof ParcelRow)[];

const upsert = `INSERT INTO read.parcel (${columns.join(', ')}) SELECT ${columns.join(', ')} FROM json_populate_recordset(NULL::read.parcel, $1)
  ON CONFLICT (parcel_id) DO UPDATE SET ${columns.slice(1).map((column) => `${column} = excluded.${column}`).join(', ')}`;
