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
  number: row.number,
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

export interface FoundParcels {
  readonly by: string;
  readonly parcels: readonly { readonly parcel: carrier.Parcel; readonly printed: boolean }[];
}

// Each is one index; the first that finds something is what was meant. A number is often printed without its "#".
const ways: readonly { readonly by: string; readonly where: string; readonly value: (code: string) => string | undefined }[] = [
  { by: 'PARCEL', where: 'p.parcel_id = $1', value: (code) => code },
  { by: 'NUMBER', where: "p.number IN ($1, '#' || $1)", value: (code) => code },
  { by: 'ORDER', where: 'p.orders @> $1::jsonb', value: (code) => JSON.stringify([{ channelOrderId: code }]) },
  { by: 'ORDER', where: 'p.orders @> $1::jsonb', value: (code) => (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(code) ? JSON.stringify([{ orderId: code }]) : undefined) },
  { by: 'SKU', where: "p.state = 'WAYBILLED' AND p.items @> $1::jsonb", value: (code) => JSON.stringify([{ sku: code }]) },
];

/** Whose a scanned code is, waybills aside: those have streams of their own. */
export const findParcels = async (pool: pg.Pool, code: string, warehouse: string, most: number): Promise<FoundParcels> => {
  for (const { by, where, value } of ways) {
    const asked = value(code);
    if (asked === undefined) continue;
    const { rows } = await pool.query<ParcelRow & { printed: boolean }>(
      `SELECT * FROM (
         SELECT p.*, EXISTS (SELECT FROM read.print_job j WHERE j.parcel_id = p.parcel_id AND j.state <> 'FAILED' AND j.job->>'document' = 'LABEL' AND j.job->>'waybill' = p.waybill) AS printed
           FROM read.parcel p WHERE ${where} AND ($2 = '' OR p.warehouse = $2)) found
        ORDER BY printed, (jsonb_array_length(items) = 1 AND (items->0->>'quantity')::bigint = 1) DESC, planned_at LIMIT $3`,
      [asked, warehouse, most],
    );
    if (rows.length > 0) return { by, parcels: rows.map(({ printed, ...row }) => ({ parcel: toParcel(rowOf(row)), printed })) };
  }
  return { by: '', parcels: [] };
};

/** Whether a label of this parcel's waybill was printed at a station, or waits to be. */
export const labelPrinted = async (pool: pg.Pool, parcelId: string, waybill: string): Promise<boolean> => {
  const { rowCount } = await pool.query("SELECT FROM read.print_job WHERE parcel_id = $1 AND state <> 'FAILED' AND job->>'document' = 'LABEL' AND job->>'waybill' = $2 LIMIT 1", [parcelId, waybill]);
  return rowCount === 1;
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
