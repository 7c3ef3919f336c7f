import type pg from 'pg';

/** Every stage at which a cancellation may have begun is counted, also where it is zero. */
const stages = ['NEW', 'AWAITING_PAYMENT', 'AUDITING', 'APPROVED', 'ALLOCATED', 'RELEASED', 'WAYBILLED', 'SHIPPED'];

interface Row {
  readonly state: string;
  readonly wait: string;
  readonly cancel_stage: string;
  readonly orders: number;
  readonly backordered: number;
  readonly served: number;
  readonly interceptions: number;
}

/** Counts of orders: how they ended, what the others wait for. `placed` = completed + cancelled + everything that is under way. */
export const tallyOrders = async (pool: pg.Pool): Promise<Readonly<Record<string, number>>> => {
  const { rows } = await pool.query<Row>(
    `SELECT state, split_part(waits_for, ':', 1) AS wait, cancel_stage, count(*)::int AS orders,
            (count(*) FILTER (WHERE backordered))::int AS backordered, (count(*) FILTER (WHERE served))::int AS served, sum(interceptions)::int AS interceptions
       FROM read.order_list WHERE placed_at <> '' GROUP BY 1, 2, 3`,
  );
  const sum = (of: (row: Row) => number, where: (row: Row) => boolean = () => true): number => rows.filter(where).reduce((total, row) => total + of(row), 0);
  const orders = (where: (row: Row) => boolean): number => sum((row) => row.orders, where);
  return {
    placed: orders(() => true),
    completed: orders(({ state }) => state === 'CLOSED'),
    cancelled: orders(({ cancel_stage }) => cancel_stage !== ''),
    backordered: orders(({ wait }) => wait === 'BACKORDER'),
    held: orders(({ wait }) => wait === 'HOLD'),
    backorderedEver: sum((row) => row.backordered),
    backorderServed: sum((row) => row.served),
    interceptions: sum((row) => row.interceptions),
    ...Object.fromEntries(stages.map((stage) => [`cancelledAt.${stage}`, orders(({ cancel_stage }) => cancel_stage === stage)])),
  };
};
