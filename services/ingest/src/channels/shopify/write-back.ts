import { bytesOf } from '../bounded.js';
import { digits, parseExact } from '../exact-json.js';
import { Fields } from '../fields.js';
import type { Cancellation, ChannelApi, Shipment, WrittenBack } from '../platform.js';
import { companyOf } from './carriers.js';
import { plan, told, type Group } from './fulfilment-plan.js';

export const apiVersion = '2025-10';
const deadlineMs = 10_000;
const mostWaits = 20;

/**
 * Tells a shipment to Shopify. The order's fulfilments are read before anything is posted, so that it may be repeated
 * after any loss: what carries the waybill already is done and is not posted again.
 */
export const writeBack = async (api: ChannelApi, shipment: Shipment): Promise<WrittenBack> => {
  try {
    const order = `orders/${shipment.channelOrderId}`;
    const before = told((await get(api, `${order}/fulfillments.json`)).list('fulfillments'), shipment);
    if (before.fulfilmentIds.length > 0 && before.left.length === 0) return done(before.fulfilmentIds);
    const groups = plan((await get(api, `${order}/fulfillment_orders.json`)).list('fulfillment_orders'), before.left);
    // Units that were refunded on the way have nothing left to fulfil; the buyer has the number all the same.
    if (groups.length === 0 && before.fulfilmentIds.length > 0) return done(before.fulfilmentIds);
    if (groups.length === 0) return failed('the platform has nothing left to fulfil of these lines: cancelled, on hold, or fulfilled under another number');
    const ids = [...before.fulfilmentIds];
    for (const group of groups) {
      const posted = await post(api, shipment, group);
      if ('refused' in posted) {
        // Perhaps refused because an earlier attempt, still on its way when we looked, has arrived since.
        const after = told((await get(api, `${order}/fulfillments.json`)).list('fulfillments'), shipment);
        return after.fulfilmentIds.length > 0 && after.left.length === 0 ? done(after.fulfilmentIds) : failed(posted.refused);
      }
      ids.push(posted.id);
    }
    return done(ids);
  } catch (error) {
    if (error instanceof Answered) return error.outcome;
    return { outcome: 'retry', afterMs: 1_000, why: `no answer: ${(error as Error).name}` };
  }
};

/**
 * Cancels an order that Shopify has not fulfilled any of, unless it is cancelled there; the buyer gets Shopify's mail about it. Without an amount nothing is paid back by that,
 * and without `restock` its stock stays as it is: levels are told.
 */
export const cancel = async (api: ChannelApi, { channelOrderId: id, reason }: Cancellation): Promise<WrittenBack> => {
  if (!/^\d{1,30}$/.test(id)) return failed('the order’s id is none of Shopify’s', 'NOT_FOUND');
  let refused = '';
  try {
    for (let posts = 0; ; posts += 1) {
      const order = (await get(api, `orders/${id}.json`)).object('order');
      if (order === undefined) return { outcome: 'retry', afterMs: 1_000, why: 'the answer has no order' };
      if (order.text('cancelled_at') !== '') return done([id]);
      // Read again, since an earlier attempt, still on its way when we looked, may have arrived since.
      if (refused !== '') return failed(refused);
      if (posts === 2) return { outcome: 'retry', afterMs: 1_000, why: 'the order was cancelled and is not shown as cancelled' };
      const answer = await call(api, `orders/${id}/cancel.json`, { method: 'POST', body: JSON.stringify({ reason: reasons.has(reason) ? reason : 'other', email: true }) });
      if (answer.status !== 200 && answer.status !== 201) refused = `answered ${answer.status}: ${answer.text}`;
    }
  } catch (error) {
    if (error instanceof Answered) return error.outcome;
    return { outcome: 'retry', afterMs: 1_000, why: `no answer: ${(error as Error).name}` };
  }
};

const reasons = new Set(['customer', 'fraud', 'inventory', 'declined']);

/** An answer that ends the attempt. */
class Answered extends Error {
  constructor(readonly outcome: WrittenBack) {
    super(outcome.outcome);
  }
}

const done = (ids: readonly string[]): WrittenBack => ({ outcome: 'done', fulfilmentId: [...new Set(ids)].filter((id) => id !== '').join(',') });

const failed = (detail: string, reason = 'PLATFORM_REFUSED'): WrittenBack => ({ outcome: 'failed', reason, detail: detail.slice(0, 300) });

const get = async (api: ChannelApi, path: string): Promise<Fields> => {
  const answer = await call(api, path, { method: 'GET' });
  if (answer.status === 200) return answer.body;
  throw new Answered(failed(`GET of the order was answered ${answer.status}`, answer.status === 404 ? 'NOT_FOUND' : 'PLATFORM_REFUSED'));
};

const post = async (api: ChannelApi, shipment: Shipment, group: Group): Promise<{ id: string } | { refused: string }> => {
  const fulfillment = {
    line_items_by_fulfillment_order: group.orders.map((order) => ({
      fulfillment_order_id: digits(order.fulfilmentOrderId),
      fulfillment_order_line_items: order.lines.map((line) => ({ id: digits(line.id), quantity: line.quantity })),
    })),
    tracking_info: { number: shipment.waybill, company: companyOf(shipment.carrier) },
    notify_customer: true,
  };
  const answer = await call(api, 'fulfillments.json', { method: 'POST', body: JSON.stringify({ fulfillment }) });
  if (answer.status === 200 || answer.status === 201) return { id: answer.body.object('fulfillment')?.id('id') ?? '' };
  return { refused: `answered ${answer.status}: ${answer.text}` };
};

/**
 * Limits and outages are never an outcome; a wrong token is repaired by people, so the work waits for that too. A call that
 * met the limit had no effect and is made again alone: with hundreds of shipments at once, beginning anew each time would
 * spend the bucket on reading.
 */
const call = async (api: ChannelApi, path: string, init: RequestInit): Promise<{ status: number; body: Fields; text: string }> => {
  for (let waits = 0; ; waits += 1) {
    const answer = await api.fetch(`${api.url.replace(/\/+$/, '')}/admin/api/${apiVersion}/${path}`, {
      ...init,
      headers: { 'content-type': 'application/json', accept: 'application/json', 'x-shopify-access-token': api.token },
      signal: AbortSignal.timeout(deadlineMs),
    });
    const bytes = await bytesOf(answer);
    const { status } = answer;
    if (status === 429) {
      const afterMs = retryAfterMs(answer.headers.get('retry-after'));
      if (waits === mostWaits) throw new Answered({ outcome: 'retry', afterMs, why: 'the platform limits the rate' });
      // Spread out, so that all who met one limit do not meet the next together.
      await api.wait(afterMs * (1 + Math.random()));
      continue;
    }
    if (status >= 500 || status === 408 || status === 401 || status === 403) throw new Answered({ outcome: 'retry', afterMs: 1_000, why: `answered ${status}` });
    return { status, body: bodyOf(bytes), text: new TextDecoder().decode(bytes).replace(/[^\x20-\x7e]+/g, ' ') };
  }
};

const retryAfterMs = (header: string | null): number => {
  const seconds = header === null ? NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(Math.max(seconds * 1_000, 100), 10_000) : 1_000;
};

const bodyOf = (bytes: Uint8Array): Fields => {
  try {
    return Fields.of(parseExact(bytes)) ?? Fields.none;
  } catch {
    return Fields.none;
  }
};
