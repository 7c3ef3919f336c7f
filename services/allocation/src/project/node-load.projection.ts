import { DEFAULT_ZONE, type Clock } from '@flotilla/values';
import type { Recorded, Transaction } from '@flotilla/event-store';
import type { Pool } from 'pg';
import type { AllocationEvent } from '../decide/allocation.events.js';

const QUARTER_MS = 15 * 60_000;

/** Orders that nodes were given, by quarter of an hour of business time; given back ones stay counted: the work was planned. */
export const projectNodeLoad =
  (clock: Clock) =>
  async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
    const loads = new Map<string, { warehouse: string; quarter: string; orders: number }>();
    for (const event of events.filter(({ stream, type }) => type === 'OrderAllocated' && stream.startsWith('allocation-'))) {
      const { data } = event as unknown as Extract<AllocationEvent, { type: 'OrderAllocated' }>;
      const quarter = new Date(Math.floor(clock.toBusinessMs(Date.parse(event.recordedAt)) / QUARTER_MS) * QUARTER_MS).toISOString();
      // Written before allocations had parts: one warehouse.
      for (const warehouse of data.parts?.map((part) => part.warehouse) ?? [data.warehouse]) {
        const key = `${warehouse} ${quarter}`;
        loads.set(key, { warehouse, quarter, orders: (loads.get(key)?.orders ?? 0) + 1 });
      }
    }
    if (loads.size === 0) return;
    await tx.query(
      `INSERT INTO read.node_load SELECT * FROM jsonb_populate_recordset(NULL::read.node_load, $1)
       ON CONFLICT (warehouse, quarter) DO UPDATE SET orders = read.node_load.orders + excluded.orders`,
      [JSON.stringify([...loads.values()])],
    );
  };

/** What each node was given on its present day, by its own midnight. */
export const loadToday = async (pool: Pool, zones: Readonly<Record<string, string>>, at: string): Promise<Readonly<Record<string, { readonly day: string; readonly orders: number }>>> => {
  const { rows } = await pool.query<{ warehouse: string; day: string; orders: string }>(
    `SELECT z.warehouse, to_char($2::timestamptz AT TIME ZONE z.zone, 'YYYY-MM-DD') AS day, coalesce(sum(l.orders), 0) AS orders
       FROM jsonb_to_recordset($1) AS z(warehouse text, zone text)
       LEFT JOIN read.node_load l ON l.warehouse = z.warehouse AND l.quarter >= date_trunc('day', $2::timestamptz AT TIME ZONE z.zone) AT TIME ZONE z.zone
      GROUP BY 1, 2`,
    [JSON.stringify(Object.entries(zones).map(([warehouse, zone]) => ({ warehouse, zone: zone || DEFAULT_ZONE }))), at],
  );
  return Object.fromEntries(rows.map(({ warehouse, day, orders }) => [warehouse, { day, orders: Number(orders) }]));
};
