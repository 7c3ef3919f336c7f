import type pg from 'pg';
import { rowOf, type ParcelRow } from '../project/parcel-list.projection.js';

export interface Span {
  readonly carrier: string;
  readonly warehouse: string;
  /** Machine time of shipping: from included, until not. */
  readonly from: string;
  readonly until: string;
}

/** The parcels that left in a span of time, by waybill. */
export const shippedIn = async (pool: pg.Pool, { carrier, warehouse, from, until }: Span, limit: number): Promise<readonly ParcelRow[]> => {
  const { rows } = await pool.query<ParcelRow>(
    `SELECT * FROM read.parcel WHERE state = 'SHIPPED' AND carrier = $1 AND warehouse = $2 AND since >= $3 AND since < $4 ORDER BY waybill, parcel_id LIMIT $5`, [carrier, warehouse, from, until, limit],
  );
  return rows.map(rowOf);
};
