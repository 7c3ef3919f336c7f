import type { Clock } from '@flotilla/values';
import type { allocation as api } from '@flotilla/contracts';
import type { Recorded, Transaction } from '@flotilla/event-store';
import type { Pool } from 'pg';
import type { AllocationEvent } from '../decide/allocation.events.js';
import type { StockEvent } from '../decide/stock.events.js';
import type { ToldEvent } from '../decide/told.decider.js';

interface Missed {
  readonly day: string;
  /** Business time, and machine time. */
  readonly at: string;
  readonly known: string;
  readonly foId: string;
  readonly orderId: string;
  readonly channel: string;
  readonly sku: string;
  readonly units: number;
  readonly position: number;
}

type Backordered = Recorded & Extract<AllocationEvent, { type: 'OrderBackordered' }>;

/**
 * Sold while nothing was available: an order that has to wait for a SKU of which no warehouse has any that it may have. Beside it
 * stands how long there had been none, and how long after the last unit had gone its channel accepted a level that knew of it. Follows read.stock.
 */
export const projectOversells =
  (clock: Clock) =>
  async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
    const business = (event: Recorded): string => new Date(clock.toBusinessMs(Date.parse(event.recordedAt))).toISOString();
    const moved = new Map<string, { readonly sku: string; readonly at: string; readonly wall: string }>();
    const missed: Missed[] = [];
    const told: ToldEvent['data'][] = [];
    for (const event of events) {
      if (event.stream.startsWith('stock-')) {
        const { sku } = (event as unknown as StockEvent).data;
        moved.set(sku, { sku, at: business(event), wall: event.recordedAt });
      } else if (event.type === 'OrderBackordered') missed.push(...missedBy(event as unknown as Backordered, business(event)));
      else if (event.stream.startsWith('told-')) told.push((event as unknown as ToldEvent).data);
    }
    if (moved.size > 0) {
      await tx.query(
        `INSERT INTO read.availability AS a (sku, free, none_since, none_at)
         SELECT m.sku, sum(greatest(0, s.on_hand - s.unsellable - s.held - s.confirmed - s.safety)), m.at, m.wall
           FROM jsonb_to_recordset($1) AS m(sku text, at timestamptz, wall timestamptz) JOIN read.stock s USING (sku) GROUP BY m.sku, m.at, m.wall
         ON CONFLICT (sku) DO UPDATE SET free = excluded.free, none_since = CASE WHEN a.free > 0 THEN excluded.none_since ELSE a.none_since END,
           none_at = CASE WHEN a.free > 0 THEN excluded.none_at ELSE a.none_at END`,
        [JSON.stringify([...moved.values()])],
      );
    }
    if (told.length > 0) await hear(told, tx);
    if (missed.length === 0) return;
    const rows = JSON.stringify(missed);
    await tx.query(
      `INSERT INTO read.oversell AS o
       SELECT m.day, m.channel, m.sku, count(*), sum(m.units), max(extract(epoch FROM m.at - coalesce(a.none_since, m.at))::bigint)
         FROM jsonb_to_recordset($1) AS m(day date, at timestamptz, channel text, sku text, units bigint) JOIN read.availability a ON a.sku = m.sku AND a.free <= 0
        GROUP BY 1, 2, 3
       ON CONFLICT (day, channel, sku) DO UPDATE SET orders = o.orders + excluded.orders, units = o.units + excluded.units, longest_seconds = greatest(o.longest_seconds, excluded.longest_seconds)`,
      [rows],
    );
    await tx.query(
      `INSERT INTO read.oversold (fo_id, order_id, channel, sku, units, day, known_at, none_at, told_at, position)
       SELECT m."foId", m."orderId", m.channel, m.sku, sum(m.units), m.day, m.known, coalesce(a.none_at, m.known),
              CASE WHEN t.level <= 0 THEN t.zero_at WHEN t.as_of >= a.none_at THEN t.accepted_at END, m.position
         FROM jsonb_to_recordset($1) AS m("foId" text, "orderId" text, day date, known timestamptz, channel text, sku text, units bigint, position bigint)
         JOIN read.availability a ON a.sku = m.sku AND a.free <= 0
         LEFT JOIN read.channel_told t ON t.channel = m.channel AND t.sku = m.sku
        GROUP BY 1, 2, 3, 4, 6, 7, 8, 9, 10
       ON CONFLICT (fo_id, order_id, sku) DO NOTHING`,
      [rows],
    );
  };

// What channels have accepted: the last word of each (`rose`: something else than nothing stood between), and for sales that were found out before it, that they have heard now.
const hear = async (told: readonly ToldEvent['data'][], tx: Transaction): Promise<void> => {
  const last = new Map<string, ToldEvent['data'] & { readonly zeroAt: string | null; readonly rose: boolean }>();
  for (const one of told) {
    const key = `${one.channel} ${one.sku}`;
    const before = last.get(key);
    last.set(key, { ...one, zeroAt: one.level > 0 ? null : (before?.zeroAt ?? one.acceptedAt), rose: one.level > 0 || (before?.rose ?? false) });
  }
  const columns = 'channel text, sku text, level bigint, "acceptedAt" timestamptz, "asOf" timestamptz';
  await tx.query(
    `INSERT INTO read.channel_told (channel, sku, level, accepted_at, as_of, zero_at)
     SELECT channel, sku, h.level, "acceptedAt", "asOf", CASE WHEN rose THEN "zeroAt" ELSE coalesce(t.zero_at, "zeroAt") END
       FROM jsonb_to_recordset($1) AS h(${columns}, "zeroAt" timestamptz, rose boolean) LEFT JOIN read.channel_told t USING (channel, sku)
     ON CONFLICT (channel, sku) DO UPDATE SET level = excluded.level, accepted_at = excluded.accepted_at, as_of = excluded.as_of, zero_at = excluded.zero_at`,
    [JSON.stringify([...last.values()])],
  );
  await tx.query(
    `UPDATE read.oversold o SET told_at = h.at
       FROM (SELECT u.fo_id, u.order_id, u.sku, min(h."acceptedAt") AS at
               FROM read.oversold u JOIN jsonb_to_recordset($1) AS h(${columns}) ON h.channel = u.channel AND h.sku = u.sku
              WHERE u.told_at IS NULL AND (h.level <= 0 OR h."asOf" >= u.none_at) GROUP BY 1, 2, 3) h
      WHERE o.fo_id = h.fo_id AND o.order_id = h.order_id AND o.sku = h.sku`,
    [JSON.stringify(told)],
  );
};

const missedBy = ({ data, recordedAt, position }: Backordered, at: string): readonly Missed[] => {
  const short = new Set(data.missing.map(({ sku }) => sku));
  return data.orders.flatMap(({ orderId, channel, lines }) =>
    lines.filter(({ sku }) => short.has(sku)).map(({ sku, quantity }) => ({ day: at.slice(0, 10), at, known: recordedAt, foId: data.foId, orderId, channel, sku, units: quantity, position })),
  );
};

interface Filter {
  readonly channel: string;
  readonly fromDay: string;
  readonly toDay: string;
}

/** Oversells by day, channel and SKU, after one of them. */
export const listOversells = async (pool: Pool, filter: Filter, limit: number, after: readonly string[] | undefined): Promise<readonly api.Oversell[]> => {
  const { rows } = await pool.query<{ day: string; channel: string; sku: string; orders: string; units: string; longest_seconds: string; longest_push: string | null; untold: string; after_told: string }>(
    `SELECT to_char(o.day, 'YYYY-MM-DD') AS day, o.channel, o.sku, o.orders, o.units, o.longest_seconds, s.* FROM read.oversell o
      CROSS JOIN LATERAL (SELECT max(${pushMs}) AS longest_push, count(*) FILTER (WHERE told_at IS NULL) AS untold, count(*) FILTER (WHERE told_at <= known_at) AS after_told
                            FROM read.oversold WHERE oversold.day = o.day AND oversold.channel = o.channel AND oversold.sku = o.sku) s
      WHERE ($1 = '' OR o.channel = $1) AND ($2 = '' OR o.day >= nullif($2, '')::date) AND ($3 = '' OR o.day <= nullif($3, '')::date)
        AND ($4 = '' OR (o.day, o.channel, o.sku) > (nullif($4, '')::date, $5, $6))
      ORDER BY o.day, o.channel, o.sku LIMIT $7`,
    [filter.channel, filter.fromDay, filter.toDay, ...(after ?? ['', '', '']), limit],
  );
  return rows.map(({ day, channel, sku, orders, units, longest_seconds, longest_push, untold, after_told }) => ({
    day, channel, sku, orders: Number(orders), units: Number(units), longestSeconds: Number(longest_seconds), longestPushMs: Number(longest_push ?? 0), untold: Number(untold), afterTold: Number(after_told),
  }));
};

// A channel that knew before the last unit had gone (a buffer, say) heard of it in no time.
const pushMs = 'CASE WHEN told_at IS NOT NULL THEN greatest(0, round(extract(epoch FROM told_at - none_at) * 1000)) END';

/** Such sales one by one, the newest first, after one of them (position, order, SKU). */
export const listOversold = async (pool: Pool, filter: Filter, limit: number, after: readonly string[] | undefined): Promise<{ readonly sales: readonly api.Oversold[]; readonly last: readonly string[] | undefined }> => {
  const { rows } = await pool.query<{ fo_id: string; order_id: string; channel: string; sku: string; units: string; known_at: Date; none_at: Date; told_at: Date | null; push: string | null; position: string }>(
    `SELECT *, ${pushMs} AS push FROM read.oversold
      WHERE ($1 = '' OR channel = $1) AND ($2 = '' OR day >= nullif($2, '')::date) AND ($3 = '' OR day <= nullif($3, '')::date)
        AND ($4 = '' OR (-position, order_id, sku) > (-nullif($4, '')::bigint, $5, $6))
      ORDER BY position DESC, order_id, sku LIMIT $7`,
    [filter.channel, filter.fromDay, filter.toDay, ...(after ?? ['', '', '']), limit],
  );
  const last = rows.at(-1);
  return {
    last: last && rows.length === limit ? [last.position, last.order_id, last.sku] : undefined,
    sales: rows.map(({ fo_id: foId, order_id: orderId, channel, sku, units, known_at, none_at, told_at, push }) => ({
      foId, orderId, channel, sku, units: Number(units), knownAt: known_at.toISOString(), noneSince: none_at.toISOString(), toldAt: told_at?.toISOString() ?? '', pushMs: push === null ? -1 : Number(push),
      afterTold: told_at !== null && told_at <= known_at,
    })),
  };
};
