import { Refused } from '@flotilla/decider';
import type { order as contract } from '@flotilla/contracts';
import { pageOf, pageToken } from '@flotilla/service-kit';
import type pg from 'pg';
import { orderStates } from '../decide/states.js';

interface Row {
  readonly order_id: string;
  readonly channel: string;
  readonly channel_order_id: string;
  readonly number: string;
  readonly state: string;
  readonly total_amount: string;
  readonly total_currency: string;
  readonly placed_at: string;
  readonly waits_for: string;
  readonly waits_since: string;
}

/** Newest first, by key: a page costs the same wherever it is. */
export const listOrders = async (pool: pg.Pool, { page, channel, state }: contract.ListOrdersRequest): Promise<contract.ListOrdersResponse> => {
  if (state !== '' && !Object.hasOwn(orderStates, state)) throw new Refused('BAD_REQUEST', `state is one of ${Object.keys(orderStates).join(', ')}`);
  const question = ['orders', channel, state];
  const { limit, after } = pageOf(page, question);
  const values: unknown[] = [limit + 1];
  const where = ["placed_at <> ''"];
  const param = (value: unknown): string => `$${values.push(value)}`;
  if (channel !== '') where.push(`channel = ${param(channel)}`);
  if (state !== '') where.push(`state = ${param(state)}`);
  if (after) where.push(`(placed_at, order_id) < (${param(after[0])}, ${param(after[1])})`);
  const { rows } = await pool.query<Row>(
    `SELECT order_id, channel, channel_order_id, number, state, total_amount, total_currency, placed_at, waits_for, waits_since
       FROM read.order_list WHERE ${where.join(' AND ')} ORDER BY placed_at DESC, order_id DESC LIMIT $1`,
    values,
  );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { orders: shown.map(toSummary), nextToken: rows.length > limit && last ? pageToken([last.placed_at, last.order_id], question) : '' };
};

const toSummary = (row: Row): contract.OrderSummary => ({
  orderId: row.order_id,
  channel: row.channel,
  channelOrderId: row.channel_order_id,
  number: row.number,
  state: row.state,
  total: { amount: Number(row.total_amount), currency: row.total_currency },
  placedAt: row.placed_at,
  waitsFor: row.waits_for,
  waitsSince: row.waits_since,
});
