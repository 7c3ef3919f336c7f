import type { ServiceContext } from '@flotilla/service-kit';

type Tally = Record<'statements' | 'closed' | 'lines' | 'matched' | 'flagged' | 'toLookAt' | 'unmatched' | 'receivables' | 'settledOrders' | 'vouchers', number>;

/** Statements and lines, what is settled, what is in the ledger. `flagged` counts since the log began, `toLookAt` those that nobody has decided yet. */
export const tally = async ({ pool }: Pick<ServiceContext, 'pool'>): Promise<Record<string, number>> => {
  const { rows } = await pool.query<Tally>(
    `SELECT s.*, r.*, v.* FROM
       (SELECT count(*)::int AS statements, count(*) FILTER (WHERE state = 'CLOSED')::int AS closed, coalesce(sum(lines), 0)::int AS lines, coalesce(sum(matched), 0)::int AS matched,
               coalesce(sum(flagged), 0)::int AS flagged, coalesce(sum(flagged - resolved), 0)::int AS "toLookAt", coalesce(sum(lines - matched - flagged), 0)::int AS unmatched FROM read.statement) s,
       (SELECT count(*)::int AS receivables, count(settled_at)::int AS "settledOrders" FROM read.receivable) r,
       (SELECT count(*)::int AS vouchers FROM read.voucher) v`,
  );
  return { ...rows[0] };
};
