import type pg from 'pg';
import { parcelList, rowOf, type ParcelRow } from '../project/parcel-list.projection.js';

export interface Span {
  readonly carrier: string;
  readonly warehouse: string;
  /** Machine time of shipping: from included, until not. */
  readonly from: string;
  readonly until: string;
}

/** Whether the list of parcels has everything that was in the log when it was asked. */
export const listIsWhole = async (pool: pg.Pool): Promise<boolean> => {
  const { rows } = await pool.query<{ whole: boolean | null }>(`SELECT (SELECT position FROM es.checkpoint WHERE name = $1) >= (SELECT coalesce(max(position), 0) FROM es.event) AS whole`, [parcelList.name]);
  return rows[0]?.whole === true;
};

/** The parcels that left in a span of time, by waybill. */
export const shippedIn = async (pool: pg.Pool, { carrier, warehouse, from, until }: Span, limit: number): Promise<readonly ParcelRow[]> => {
  const { rows } = await pool.query<ParcelRow>(
    `SELECT * FROM read.parcel WHERE state = 'SHIPPED' AND carrier = $1 AND warehouse = $2 AND since >= $3 AND since < $4 ORDER BY waybill, parcel_id LIMIT $5`, [carrier, warehouse, from, until, limit],
  );
  return rows.map(rowOf);
};
