import type { allocation as api } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { DEFAULT_ZONE } from '@flotilla/values';
import type { Pool } from 'pg';
import { isWarehouse } from '../decide/names.js';
import { ratiosOf } from './turnover.js';

const usualDays = 30;
const mostDays = 90;

/** How many days are looked at: as asked, or thirty. */
export const daysOf = (days: number): number => {
  if (days < 0 || days > mostDays) throw new Refused('BAD_REQUEST', `days is 1 to ${mostDays}`);
  return days || usualDays;
};

interface Row {
  readonly warehouse: string;
  readonly sku: string;
  readonly days: number | null;
  readonly shipped: string;
  readonly received: string;
  readonly on_hand: string;
  readonly absent: string;
}

// Of shelves, or wholes, that have `warehouse`, `sku`, `on_hand` and the `today` of their zone: their days within the span, along the key.
const flows = `CROSS JOIN LATERAL (SELECT CASE WHEN min(day) IS NOT NULL THEN greatest(min(day), s.today - $2::int + 1) END AS begin FROM read.stock_flow f WHERE f.warehouse = s.warehouse AND f.sku = s.sku) first
  CROSS JOIN LATERAL (SELECT coalesce(sum(shipped), 0) AS shipped, coalesce(sum(received), 0) AS received, coalesce(sum(net * (day - first.begin)), 0) AS absent
    FROM read.stock_flow f WHERE f.warehouse = s.warehouse AND f.sku = s.sku AND f.day >= first.begin) flow`;
const answered = 's.warehouse, s.sku, s.on_hand, s.today - first.begin + 1 AS days, flow.shipped, flow.received, flow.absent';
const sites = `SELECT warehouse, ($1::timestamptz AT TIME ZONE coalesce(nullif(described->>'timeZone', ''), '${DEFAULT_ZONE}'))::date AS today
  FROM read.warehouse WHERE coalesce(described->>'ledger', '') IN ('', 'LOCAL')`;

/** Warehouses that anything was ever counted in, or SKUs of one, after a key: a page is as many looks along the key of read.stock_flow. */
export const turnover = async (pool: Pool, at: string, days: number, site: string, limit: number, after: string): Promise<readonly api.Turnover[]> => {
  if (site !== '' && !isWarehouse(site)) throw new Refused('UNKNOWN_WAREHOUSE', `warehouse "${site.slice(0, 40)}" is not known`);
  const { rows } = await (site === ''
    ? pool.query<Row>(
        `WITH s AS (SELECT site.*, '' AS sku, stock.on_hand FROM (${sites} AND warehouse > $3 AND EXISTS (SELECT FROM read.stock_flow f WHERE f.warehouse = read.warehouse.warehouse AND f.sku = '') ORDER BY warehouse LIMIT $4) site
           CROSS JOIN LATERAL (SELECT coalesce(sum(on_hand), 0) AS on_hand FROM read.stock WHERE stock.warehouse = site.warehouse) stock)
         SELECT ${answered} FROM s ${flows} ORDER BY s.warehouse`,
        [at, days, after, limit],
      )
    : pool.query<Row>(
        `WITH s AS (SELECT site.*, stock.sku, stock.on_hand FROM (${sites} AND warehouse = $5) site JOIN read.stock USING (warehouse) WHERE stock.sku > $3 ORDER BY stock.sku LIMIT $4)
         SELECT ${answered} FROM s ${flows} ORDER BY s.sku`,
        [at, days, after, limit, site],
      ));
  return rows.map((row) => {
    const counted = { days: row.days ?? 0, shipped: Number(row.shipped), received: Number(row.received), onHand: Number(row.on_hand), absent: Number(row.absent) };
    const { absent: _absent, ...told } = counted;
    return { warehouse: row.warehouse, sku: row.sku, ...told, ...ratiosOf(counted) };
  });
};
