import type pg from 'pg';
import { parcelList, rowOf, type ParcelRow } from '../project/parcel-list.projection.js';

export interface Span {
  readonly carrier: string;
  readonly warehouse: string;
  /** Machine time of shipping: from included, until not. */
  readonly from: string;
  readonly until: string;
}

/** Where the log ends now. */
export const endOfLog = async (pool: pg.Pool): Promise<number> => Number((await pool.query<{ end: string }>('SELECT coalesce(max(position), 0) AS end FROM es.event')).rows[0]!.end);

/** Whether the list of parcels has everything up to a position of the log. */
export const listHas = async (pool: pg.Pool, position: number): Promise<boolean> => Number((await pool.query<{ position: string }>('SELECT position FROM es.checkpoint WHERE name = $1', [parcelList.name])).rows[0]?.position ?? 0) >= position;

/** The parcels that left in a span of time, by waybill. */
export const shippedIn = async (pool: pg.Pool, { carrier, warehouse, from, until }: Span, limit: number): Promise<readonly ParcelRow[]> => {
  const { rows } = await pool.query<ParcelRow>(
    `SELECT * FROM read.parcel WHERE state = 'SHIPPED' AND carrier = $1 AND warehouse = $2 AND since >= $3 AND since < $4 ORDER BY waybill, parcel_id LIMIT $5`, [carrier, warehouse, from, until, limit],
  );
  return rows.map(rowOf);
};
