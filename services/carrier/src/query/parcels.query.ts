import type { carrier } from '@flotilla/contracts';
import type pg from 'pg';
import { rowOf, type ParcelRow } from '../project/parcel-list.projection.js';

const toParcel = (row: ParcelRow): carrier.Parcel => ({
  parcelId: row.parcel_id,
  foId: row.fo_id,
  orders: row.orders as carrier.Parcel['orders'],
  state: row.state,
  warehouse: row.warehouse,
  carrier: row.carrier,
  service: row.service,
  waybill: row.waybill,
  items: row.items as carrier.Parcel['items'],
  quoted: { amount: row.quoted_amount, currency: row.quoted_currency },
  explain: row.explain,
  waitsSince: row.since,
  version: row.version,
  position: row.position,
});

export interface ListedParcels {
  readonly parcels: readonly carrier.Parcel[];
  /** The key of the last one if there may be more. */
  readonly last: string | undefined;
}

/** Parcels in the order in which they were planned, after a key; "" = whatever state or warehouse. */
export const listParcels = async (pool: pg.Pool, filter: { readonly state: string; readonly warehouse: string }, limit: number, after: string | undefined): Promise<ListedParcels> => {
  const values: unknown[] = [after ?? '0', limit];
  const conditions = ['planned_at > $1'];
  for (const [column, value] of Object.entries({ state: filter.state, warehouse: filter.warehouse })) if (value !== '') conditions.push(`${column} = $${values.push(value)}`);
  const { rows } = await pool.query<ParcelRow>(`SELECT * FROM read.parcel WHERE ${conditions.join(' AND ')} ORDER BY planned_at LIMIT $2`, values);
  const last = rows.length === limit ? rows.at(-1)?.planned_at : undefined;
  return { parcels: rows.map((row) => toParcel(rowOf(row))), last: last === undefined ? undefined : String(last) };
};

/** Counts since the log began. `unknownNow` and `voiding` are of this moment. */
export const tallyParcels = async (pool: pg.Pool): Promise<Readonly<Record<string, number>>> => {
  const { rows } = await pool.query<Record<string, string | null>>(
    `SELECT count(*) FILTER (WHERE planned) AS planned, count(*) FILTER (WHERE waybilled) AS waybilled, count(*) FILTER (WHERE state = 'VOIDED') AS voided,
            count(*) FILTER (WHERE state = 'SHIPPED') AS shipped, count(*) FILTER (WHERE state = 'REFUSED') AS refused, count(*) FILTER (WHERE unknown_ever) AS "unknownEver",
            count(*) FILTER (WHERE unknown_now) AS "unknownNow", count(*) FILTER (WHERE state = 'VOIDING') AS voiding, coalesce(sum(reprints), 0) AS reprints
       FROM read.parcel`,
  );
  return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, count]) => [name, Number(count)]));
};
