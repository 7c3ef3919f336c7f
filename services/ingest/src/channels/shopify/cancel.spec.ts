import { describe, expect, it } from '@jest/globals';
import type { ChannelApi, WrittenBack } from '../platform.js';
import { cancel } from './write-back.js';

type Refusal = 'refuses' | 'loses' | 'takes' | 'limits';

/** A shop whose order is cancelled by a POST, which it may refuse, or lose its answer to. */
const shop = (posts: readonly Refusal[], isCancelled = false): { api: ChannelApi; calls: string[]; bodies: unknown[] } => {
  const [calls, bodies]: [string[], unknown[]] = [[], []];
  let cancelled = isCancelled;
  let post = 0;
  const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Promise<Response> => Promise.resolve(new Response(JSON.stringify(body), { status, headers }));
  const fetch: ChannelApi['fetch'] = (url, { method = '', body }) => {
    calls.push(`${method} ${url.replace('http://shop/admin/api/2025-10/', '')}`);
    const order = { order: { id: 7200145901234567891n.toString(), cancelled_at: cancelled ? '2026-12-01T10:00:00Z' : null } };
    if (method === 'GET') return answer(200, order);
    bodies.push(JSON.parse(body as string));
    const what = posts[post++] ?? 'takes';
    if (what === 'refuses') return answer(422, { errors: 'Cannot cancel order. Order has fulfillments.' });
    if (what === 'limits') return answer(429, { errors: 'Exceeded 2 calls per second' }, { 'retry-after': '0.1' });
    cancelled = true;
    return what === 'loses' ? Promise.reject(new TypeError('fetch failed')) : answer(200, order);
  };
  return { api: { url: 'http://shop', token: 't', secret: new Uint8Array(), fetch, wait: () => Promise.resolve() }, calls, bodies };
};

const id = '7200145901234567891';
const path = `orders/${id}`;
const done: WrittenBack = { outcome: 'done', fulfilmentId: id };

describe('an order that is cancelled at Shopify', () => {
  it('ING-13: is cancelled once, with Shopify’s word for the reason, and read before and after', async () => {
    const { api, calls, bodies } = shop([]);
    expect(await cancel(api, { channelOrderId: id, reason: 'fraud' })).toEqual(done);
    expect(await cancel(api, { channelOrderId: id, reason: 'fraud' })).toEqual(done);
    expect(calls).toEqual([`GET ${path}.json`, `POST ${path}/cancel.json`, `GET ${path}.json`, `GET ${path}.json`]);
    // No amount: nothing is paid back.
    expect(bodies).toEqual([{ reason: 'fraud', email: true }]);
    const other = shop([]);
    await cancel(other.api, { channelOrderId: id, reason: 'what a person wrote' });
    expect(other.bodies).toEqual([{ reason: 'other', email: true }]);
  });

  it('ING-13: whose answer is lost is found cancelled, and not cancelled again', async () => {
    const { api, calls } = shop(['loses']);
    expect(await cancel(api, { channelOrderId: id, reason: 'other' })).toMatchObject({ outcome: 'retry' });
    expect(await cancel(api, { channelOrderId: id, reason: 'other' })).toEqual(done);
    expect(calls.filter((call) => call.startsWith('POST'))).toHaveLength(1);
  });

  it('ING-13: waits for the limit; what Shopify refuses is a failure with its words', async () => {
    expect(await cancel(shop(['limits']).api, { channelOrderId: id, reason: 'other' })).toEqual(done);
    expect(await cancel(shop(['refuses']).api, { channelOrderId: id, reason: 'other' })).toMatchObject({ outcome: 'failed', reason: 'PLATFORM_REFUSED', detail: expect.stringContaining('has fulfillments') });
    expect(await cancel(shop([], true).api, { channelOrderId: id, reason: 'other' })).toEqual(done);
  });
});
