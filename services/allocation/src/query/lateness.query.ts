import type { allocation as api } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Pool } from 'pg';

const usualDays = 30;
const mostDays = 92;
const mostCells = 2_000;
const day = 86_400_000;

/** Since when parcels are looked at: as asked, or thirty days ago. */
export const sinceOf = (since: string, now: Date): string => {
  const from = since === '' ? now.getTime() - usualDays * day : Date.parse(since);
  if (Number.isNaN(from)) throw new Refused('BAD_INSTANT', `"${since.slice(0, 40)}" is no instant such as 2026-11-22T00:00:00Z`);
  if (from < now.getTime() - mostDays * day) throw new Refused('BAD_REQUEST', `since is at most ${mostDays} days ago`);
  return new Date(from).toISOString();
};

/** How parcels with a promise fared, by carrier and region; read along the index of when they left. */
export const lateness = async (pool: Pool, since: string, now: string): Promise<readonly api.LatenessCell[]> => {
  const { rows } = await pool.query<{ carrier: string; country: string; province: string; parcels: number; late: number; hours: string | null; under_way: number }>(
    `SELECT coalesce(carrier, '') AS carrier, coalesce(country, '') AS country, coalesce(province, '') AS province,
            (count(*) FILTER (WHERE delivered_at IS NOT NULL OR due_at < $2))::int AS parcels,
            (count(*) FILTER (WHERE coalesce(delivered_at, $2) > due_at))::int AS late,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM delivered_at - shipped_at)) / 3600 AS hours,
            (count(*) FILTER (WHERE delivered_at IS NULL AND due_at >= $2))::int AS under_way
       FROM read.shipment_outcome WHERE shipped_at >= $1 AND due_at IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT ${mostCells}`,
    [since, now],
  );
  return rows.map(({ hours, under_way: underWay, ...cell }) => ({ ...cell, underWay, medianHours: Math.round(Number(hours ?? 0)) }));
};
