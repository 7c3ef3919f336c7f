import type { Clock } from '@flotilla/values';
import type { allocation as api } from '@flotilla/contracts';
import type { Recorded, Transaction } from '@flotilla/event-store';
import type { Pool } from 'pg';
import type { AllocationEvent } from '../decide/allocation.events.js';
import type { StockEvent } from '../decide/stock.events.js';

interface Missed {
  readonly day: string;
  readonly at: string;
  readonly channel: string;
  readonly sku: string;
  readonly units: number;
}

/**
 * Sold while nothing was available: an order that has to wait for a SKU of which no warehouse has any. Beside it stands how
 * long there had been none: what a faster push of stock to the channel could have spared at most. Follows read.stock.
 */
export const projectOversells =
  (clock: Clock) =>
  async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
    const business = (event: Recorded): string => new Date(clock.toBusinessMs(Date.parse(event.recordedAt))).toISOString();
    const moved = new Map<string, string>();
    const missed: Missed[] = [];
    for (const event of events) {
      if (event.stream.startsWith('stock-')) moved.set((event as unknown as StockEvent).data.sku, business(event));
      else if (event.type === 'OrderBackordered') missed.push(...missedBy(event as unknown as Extract<AllocationEvent, { type: 'OrderBackordered' }>, business(event)));
    }
    if (moved.size > 0) {
      await tx.query(
        `INSERT INTO read.availability AS a
         SELECT m.sku, sum(s.on_hand - s.unsellable - s.held - s.confirmed), m.at FROM jsonb_to_recordset($1) AS m(sku text, at timestamptz) JOIN read.stock s USING (sku) GROUP BY m.sku, m.at
         ON CONFLICT (sku) DO UPDATE SET free = excluded.free, none_since = CASE WHEN a.free > 0 THEN excluded.none_since ELSE a.none_since END`,
        [JSON.stringify([...moved].map(([sku, at]) => ({ sku, at })))],
      );
    }
    if (missed.length === 0) return;
    await tx.query(
      `INSERT INTO read.oversell AS o
       SELECT m.day, m.channel, m.sku, count(*), sum(m.units), max(extract(epoch FROM m.at - coalesce(a.none_since, m.at))::bigint)
         FROM jsonb_to_recordset($1) AS m(day date, at timestamptz, channel text, sku text, units bigint) JOIN read.availability a ON a.sku = m.sku AND a.free <= 0
        GROUP BY 1, 2, 3
       ON CONFLICT (day, channel, sku) DO UPDATE SET orders = o.orders + excluded.orders, units = o.units + excluded.units, longest_seconds = greatest(o.longest_seconds, excluded.longest_seconds)`,
      [JSON.stringify(missed)],
    );
  };

const missedBy = ({ data }: Extract<AllocationEvent, { type: 'OrderBackordered' }>, at: string): readonly Missed[] => {
  const short = new Set(data.missing.map(({ sku }) => sku));
  return data.orders.flatMap(({ channel, lines }) => lines.filter(({ sku }) => short.has(sku)).map(({ sku, quantity }) => ({ day: at.slice(0, 10), at, channel, sku, units: quantity })));
};

/** Oversells by day, channel and SKU, after one of them. */
export const listOversells = async (pool: Pool, filter: { readonly channel: string; readonly fromDay: string; readonly toDay: string }, limit: number, after: readonly string[] | undefined): Promise<readonly api.Oversell[]> => {
  const { rows } = await pool.query<{ day: string; channel: string; sku: string; orders: string; units: string; longest_seconds: string }>(
    `SELECT to_char(day, 'YYYY-MM-DD') AS day, channel, sku, orders, units, longest_seconds FROM read.oversell
      WHERE ($1 = '' OR channel = $1) AND ($2 = '' OR day >= nullif($2, '')::date) AND ($3 = '' OR day <= nullif($3, '')::date)
        AND ($4 = '' OR (day, channel, sku) > (nullif($4, '')::date, $5, $6))
      ORDER BY read.oversell.day, channel, sku LIMIT $7`,
    [filter.channel, filter.fromDay, filter.toDay, ...(after ?? ['', '', '']), limit],
  );
  return rows.map(({ day, channel, sku, orders, units, longest_seconds }) => ({ day, channel, sku, orders: Number(orders), units: Number(units), longestSeconds: Number(longest_seconds) }));
};
