import type pg from 'pg';

/**
 * Counts since the log began. `distinct`: orders (or garbage that names none) that were announced at least once;
 * announcements = distinct + duplicates, distinct = placed + parked. An order of which only updates came is in none of them. The same by way in, as
 * `announcements.PULL.woo-demo`: an order counts as placed or parked with the way that brought it first, so that these sums agree with the ones above.
 */
export const tally = async (pool: pg.Pool): Promise<Readonly<Record<string, number>>> => {
  const { rows } = await pool.query<Record<string, string>>(`
    SELECT o.*, w.* FROM
      (SELECT coalesce(sum(announcements), 0) AS announcements, coalesce(sum(deliveries), 0) AS deliveries, coalesce(sum(replayed), 0) AS replayed,
              count(*) FILTER (WHERE announcements > 0) AS "distinct",
              count(*) FILTER (WHERE announcements > 0 AND state = 'PLACED') AS placed,
              count(*) FILTER (WHERE announcements > 0 AND state = 'PARKED') AS parked
         FROM read.channel_order) o,
      (SELECT count(*) FILTER (WHERE state = 'DONE') AS "writeBacksDone", count(*) FILTER (WHERE state = 'FAILED') AS "writeBacksFailed",
              count(*) FILTER (WHERE state IN ('PENDING', 'UNKNOWN')) AS "writeBacksPending"
         FROM read.write_back) w`);
  const counts = Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, count]) => [name, Number(count)]));
  const { announcements = 0, deliveries = 0, distinct = 0 } = counts;
  return { ...counts, duplicates: announcements - distinct, updates: deliveries - announcements, ...(await byWay(pool)) };
};

const byWay = async (pool: pg.Pool): Promise<Readonly<Record<string, number>>> => {
  const { rows } = await pool.query<{ way: string; channel: string; announcements: string; placed: string; parked: string }>(`
    SELECT w.way, o.channel, sum(w.n) AS announcements, count(*) FILTER (WHERE o.first_by = w.way AND o.state = 'PLACED') AS placed, count(*) FILTER (WHERE o.first_by = w.way AND o.state = 'PARKED') AS parked
      FROM read.channel_order o CROSS JOIN LATERAL (VALUES ('WEBHOOK', o.by_webhook), ('TOPIC', o.by_topic), ('PULL', o.by_pull), ('FILE', o.by_file)) w(way, n)
     WHERE w.n > 0 GROUP BY 1, 2`);
  return Object.fromEntries(rows.flatMap(({ way, channel, ...counts }) => Object.entries(counts).map(([what, count]) => [`${what}.${way}.${channel}`, Number(count)])));
};
