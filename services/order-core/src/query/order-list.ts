import { Refused } from '@flotilla/decider';
import type { order as contract } from '@flotilla/contracts';
import { pageOf, pageToken, type ServiceContext } from '@flotilla/service-kit';
import type { Action } from '../decide/actions.js';
import { orderStates, type OrderStateName } from '../decide/states.js';
import { conditionsOf, filterOf, unclaimed, type Filter } from './order-filter.js';
import type { Questions } from './questions.js';

interface Row {
  readonly order_id: string;
  readonly channel: string;
  readonly channel_order_id: string;
  readonly number: string;
  readonly state: string;
  readonly total_amount: string;
  readonly total_currency: string;
  readonly placed_at: string;
  readonly paid_at: string;
  readonly waits_for: string;
  readonly waits_since: string;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly holds: readonly string[];
  readonly allowed: readonly string[];
  readonly custom: readonly contract.CustomField[];
  readonly claimed: boolean;
  readonly claimed_by: string;
  readonly claimed_until: Date;
}

const columns = 'o.order_id, o.channel, o.channel_order_id, o.number, o.state, o.total_amount, o.total_currency, o.placed_at, o.paid_at, o.waits_for, o.waits_since, o.priority, o.tags, o.holds, o.allowed, o.custom, o.claimed_until > now() AS claimed, o.claimed_by, o.claimed_until';

/** What a list may be sorted by; its key ends with the order's id, so that it is no order's twice. */
const sorts = {
  placed_at: { column: 'o.placed_at', key: (row: Row) => row.placed_at, type: 'text' },
  total: { column: 'o.total_amount', key: (row: Row) => String(row.total_amount), type: 'bigint' },
  waits_since: { column: 'o.waits_since', key: (row: Row) => row.waits_since, type: 'text' },
} as const;

export interface Sort {
  readonly by: keyof typeof sorts;
  readonly descending: boolean;
}

export const sortOf = (sort: string, filter: Filter): Sort => {
  const [, by = '', down] = /^(\w+)( desc)?$/.exec(sort || 'placed_at desc') ?? [];
  if (!Object.hasOwn(sorts, by)) throw new Refused('BAD_REQUEST', `sort is one of ${Object.keys(sorts).join(', ')}, each also with " desc"`);
  if (by === 'total' && filter.currency === '') throw new Refused('BAD_REQUEST', 'amounts are compared within one currency: give filter.currency');
  return { by: by as keyof typeof sorts, descending: down !== undefined };
};

/** The statement of one page. By key: a page costs the same wherever it is, and what is added meanwhile moves nothing. */
export const orderPage = (filter: Filter, { by, descending }: Sort, limit: number, now: Date, after?: readonly string[]): { readonly text: string; readonly values: unknown[] } => {
  const values: unknown[] = [limit];
  const param = (value: unknown): string => `$${values.push(value)}`;
  const { column, type } = sorts[by];
  // Of several states, each one's own page, and of these the first: else the planner walks all orders from the oldest on until it finds one of a queue.
  const several = by === 'placed_at' && filter.states.length > 1;
  const conditions = ["o.placed_at <> ''", ...(by === 'waits_since' ? ["o.waits_for <> ''"] : []), ...(several ? ['o.state = s.state'] : []), ...conditionsOf(several ? { ...filter, states: [] } : filter, param, now)];
  if (after) {
    if (after.length !== 2 || (type === 'bigint' && !/^-?\d{1,18}$/.test(after[0]!))) throw new Refused('BAD_PAGE_TOKEN', 'page.token does not belong to this list; start again without a token');
    conditions.push(`(${column}, o.order_id) ${descending ? '<' : '>'} (${param(after[0])}::${type}, ${param(after[1])})`);
  }
  const where = conditions.join(' AND ');
  const direction = descending ? 'DESC' : 'ASC';
  const order = `ORDER BY ${column} ${direction}, o.order_id ${direction} LIMIT $1`;
  const page = `SELECT ${columns} FROM ${tablesOf(filter, where)} WHERE ${where} ${order}`;
  return { text: several ? `SELECT o.* FROM unnest(${param([...new Set(filter.states)])}::text[]) AS s(state) CROSS JOIN LATERAL (${page}) o ${order}` : page, values };
};

/** Orders in these states wait for somebody here: there are few of them, however many orders there ever were. */
const queues: readonly string[] = ['AWAITING_PAYMENT', 'AUDITING', 'APPROVED', 'ALLOCATING', 'ALLOCATED', 'IN_FULFILMENT'] satisfies readonly OrderStateName[];

/** Weeks of orders wait for a buyer's door and for money; the rest of what is waited for is a queue. */
const longWaits: readonly string[] = ['DELIVERY', 'SETTLEMENT'];
/** All else may still be done to whatever is on its way. */
const queueActions: readonly string[] = ['Approve', 'Release'] satisfies readonly Action[];

const all = (values: readonly string[], ask: (value: string) => boolean): boolean => values.length > 0 && values.every(ask);

const inQueue = ({ states, waitsFor, holds, actions, claimedBy }: Filter): boolean =>
  holds.length > 0 || all(claimedBy, (name) => name !== unclaimed) || all(waitsFor, (wait) => !longWaits.includes(wait)) || all(actions, (action) => queueActions.includes(action)) || all(states, (state) => queues.includes(state));

/**
 * Of a queue each order's facets are looked up. Left to itself the planner would rather read the facets of all orders once a facet is not
 * rare; where there is no queue it finds the better of the two by itself.
 */
const tablesOf = (filter: Filter, where: string): string => {
  if (!where.includes('f.facets')) return 'read.order_list o';
  return inQueue(filter) ? 'read.order_list o JOIN LATERAL (SELECT facets FROM read.order_facets WHERE order_id = o.order_id OFFSET 0) f ON true' : 'read.order_list o JOIN read.order_facets f USING (order_id)';
};

/** How many there are, counted no further than `most` + 1. */
export const countOrders = async (questions: Questions, filter: Filter, most: number): Promise<number> => {
  const values: unknown[] = [most + 1];
  const where = ["o.placed_at <> ''", ...conditionsOf(filter, (value) => `$${values.push(value)}`, questions.now())].join(' AND ');
  const { rows } = await questions.query<{ orders: number }>(`SELECT count(*)::int AS orders FROM (SELECT FROM ${tablesOf(filter, where)} WHERE ${where} LIMIT $1) AS found`, values);
  return rows[0]!.orders;
};

/** Those of high priority first, then the oldest; no more than `most` + 1. */
export const chosenOrders = async (questions: Questions, filter: Filter, most: number): Promise<readonly string[]> => {
  const { text, values } = orderPage(filter, { by: 'placed_at', descending: false }, most + 1, questions.now());
  const { rows } = await questions.query<Row>(text, values);
  return rows.toSorted((a, b) => b.priority - a.priority).map(({ order_id }) => order_id);
};

/** What a question of the desk needs. */
export interface Desk {
  readonly ctx: Pick<ServiceContext, 'index'>;
  readonly questions: Questions;
}

export const listOrders = async ({ ctx, questions }: Desk, { page, channel, state, filter: asked, sort: by }: contract.ListOrdersRequest): Promise<contract.ListOrdersResponse> => {
  if (state !== '' && !Object.hasOwn(orderStates, state)) throw new Refused('BAD_REQUEST', `state is one of ${Object.keys(orderStates).join(', ')}`);
  const filter = filterOf(asked, ctx);
  const sort = sortOf(by, filter);
  // The first two fields are older than the filter; both are obeyed.
  const whole: Filter = { ...filter, channels: both(filter.channels, channel), states: both(filter.states, state) };
  const question = ['orders', whole, sort];
  const { limit, after } = pageOf(page, question);
  const { text, values } = orderPage(whole, sort, limit + 1, questions.now(), after);
  const { rows } = await questions.query<Row>(text, values);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { orders: shown.map(toSummary), nextToken: rows.length > limit && last ? pageToken([sorts[sort.by].key(last), last.order_id], question) : '' };
};

const both = (values: readonly string[], value: string): readonly string[] => (value === '' ? values : values.length === 0 || values.includes(value) ? [value] : ['']);

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
  allowedActions: row.allowed,
  paidAt: row.paid_at,
  priority: row.priority,
  tags: row.tags,
  holds: row.holds,
  custom: row.custom,
  claimedBy: row.claimed ? row.claimed_by : '',
  claimedUntil: row.claimed ? row.claimed_until.toISOString() : '',
});

/** The whole list, page by page; nothing is held open in between. */
export async function* allOrders(questions: Questions, filter: Filter, sort: Sort): AsyncGenerator<readonly contract.OrderSummary[]> {
  const size = 500;
  const now = questions.now();
  for (let after: readonly string[] | undefined; ; ) {
    const { text, values } = orderPage(filter, sort, size, now, after);
    const { rows } = await questions.query<Row>(text, values);
    if (rows.length > 0) yield rows.map(toSummary);
    const last = rows.at(-1);
    if (!last || rows.length < size) return;
    after = [sorts[sort.by].key(last), last.order_id];
  }
}
