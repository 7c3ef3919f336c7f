import { gauge, type ServiceContext } from '@flotilla/service-kit';
import { waits } from '../decide/states.js';

const count = gauge('flotilla_orders_waiting');
const age = gauge('flotilla_orders_waiting_age_seconds');

/** Holds of all types are one: what they are called is for the desk. */
const all = ['HOLD', ...waits.map((wait) => wait.replace('TIMER:', ''))];

/** Shows in /metrics what the orders under way wait for, also what none does, until the answer is called. */
export const showWaits = ({ pool, clock }: Pick<ServiceContext, 'pool' | 'clock'>): (() => void) => {
  const ask = async (): Promise<ReadonlyMap<string, { readonly orders: number; readonly since: string }>> => {
    // Orders that wait for nothing are most of them, and not in this index.
    const { rows } = await pool.query<{ wait: string; orders: number; since: string }>(
      `SELECT CASE WHEN waits_for LIKE 'HOLD:%' THEN 'HOLD' ELSE replace(waits_for, 'TIMER:', '') END AS wait, count(*)::int AS orders, min(waits_since) AS since
         FROM read.order_list WHERE placed_at <> '' AND waits_for <> '' GROUP BY 1`,
    );
    return new Map(rows.map((row) => [row.wait, row]));
  };
  const ends = [
    count(async (set) => {
      const found = await ask();
      for (const wait of all) set({ for: wait }, found.get(wait)?.orders ?? 0);
    }),
    age(async (set) => {
      const found = await ask();
      const now = clock.business().getTime();
      for (const wait of all) {
        const since = Date.parse(found.get(wait)?.since ?? '');
        set({ for: wait }, Number.isNaN(since) ? 0 : Math.max(0, now - since) / 1_000);
      }
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
};
