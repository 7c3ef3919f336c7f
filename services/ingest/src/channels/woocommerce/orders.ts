import { Fields } from '../fields.js';
import type { Arrived, ChannelApi, OrdersPort, OrdersPulled } from '../platform.js';
import { callWoo, WooFailed } from './api.js';
import { pulledOrder } from './delivery.js';

const pageSize = 50;

/**
 * What webhooks left out: a shop sends each once, and stops for good after five that failed. By when orders were modified, from the last page to the
 * first, since one that is modified meanwhile leaves the window and the others move up. Refunds are asked for with their units, which no webhook has.
 */
export const orders: OrdersPort = {
  longestWindowMs: 7 * 24 * 3_600_000,
  pull: async (api, { from, to, next }): Promise<OrdersPulled> => {
    try {
      const page = next === '' ? Number((await list(api, from, to, 1)).headers.get('x-wp-totalpages') ?? Number.NaN) : Number(next);
      if (!Number.isSafeInteger(page) || page < 0) throw new WooFailed('later', 'X-WP-TotalPages is no number');
      if (page === 0) return { outcome: 'page', orders: [], next: '' };
      const { body } = await list(api, from, to, page);
      const found: Arrived[] = [];
      for (const order of Array.isArray(body) ? (body as unknown[]) : []) found.push({ topic: pulledOrder, body: Buffer.from(JSON.stringify(await withRefunds(api, order))) });
      return { outcome: 'page', orders: found, next: page === 1 ? '' : String(page - 1) };
    } catch (error) {
      if (!(error instanceof WooFailed)) throw error;
      return error.kind === 'later' ? { outcome: 'retry', afterMs: error.afterMs, why: error.why } : { outcome: 'blocked', why: error.why };
    }
  },
};

// Both ends are left out of the window, and the shop's clock has seconds.
const list = async (api: ChannelApi, from: string, to: string, page: number): ReturnType<typeof callWoo> => {
  const edge = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString().slice(0, 19);
  const answer = await callWoo(api, 'GET', `orders?${new URLSearchParams({ modified_after: edge(from, -1_000), modified_before: edge(to, 1_000), dates_are_gmt: 'true', orderby: 'modified', order: 'asc', per_page: String(pageSize), page: String(page) }).toString()}`);
  // A page that is gone since it was counted: what was on it has moved up.
  if (answer.status === 400 && page > 1 && Fields.of(answer.body)?.raw('code') === 'rest_post_invalid_page_number') return { ...answer, body: [] };
  if (answer.status !== 200) throw new WooFailed('people', `the list of orders was answered ${answer.status}; is this the address of the shop, and its REST API on?`);
  return answer;
};

const withRefunds = async (api: ChannelApi, order: unknown): Promise<unknown> => {
  const fields = Fields.of(order);
  const named = fields?.raw('refunds');
  const id = fields?.id('id') ?? '';
  if (id === '' || !Array.isArray(named) || named.length === 0) return order;
  const answer = await callWoo(api, 'GET', `orders/${id}/refunds?per_page=100`);
  return answer.status === 200 && Array.isArray(answer.body) ? { ...(order as object), refund_details: answer.body as unknown[] } : order;
};
