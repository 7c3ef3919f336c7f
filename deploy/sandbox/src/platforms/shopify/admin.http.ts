import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answer, type Answer } from '../../faults/answer.js';
import type { Faults } from '../../faults/faults.js';
import { exactJson, writeJson, type Tree } from '../../json.js';
import type { Ledger } from '../../ledger/ledger.js';
import { Bucket } from './bucket.js';
import { cancel } from './changes.js';
import { payoutTrees, transactionTrees, type Payouts } from './payouts.js';
import { Unprocessable, type FulfilRequest, type Shop, type ShopOrder } from './shop.js';

export interface AdminOptions {
  shops: ReadonlyMap<string, Shop>;
  payouts: (shop: Shop) => Payouts;
  faults: Faults;
  ledger: Ledger;
  /** How many times faster than two a second the bucket leaks. */
  rateScale: number;
  now: () => number;
  /** The floor has handed this parcel over: its number reached the platform. */
  shipped: (trackingNumber: string, orderId: string) => void;
}

type Handler = (shop: Shop, request: FastifyRequest) => Answer & { orderId?: string };

const json = (body: Tree, status = 200, headers: Record<string, string> = {}): Answer => ({ status, body: writeJson(body), headers });
const errors = (status: number, text: Tree, headers: Record<string, string> = {}): Answer => json({ errors: text }, status, headers);
const param = (request: FastifyRequest, name: string): string => (request.params as Record<string, string>)[name] ?? '';
const textOf = (request: FastifyRequest): string => (Buffer.isBuffer(request.body) ? request.body.toString() : '');
const query = (request: FastifyRequest): Record<string, string | undefined> => request.query as Record<string, string | undefined>;

/** Shopify's Admin API 2025-10, as far as an order hub uses it. */
export function adminApi(app: FastifyInstance, options: AdminOptions): void {
  const buckets = new Map<string, Bucket>();
  const bucketOf = (shop: Shop): Bucket => {
    const bucket = buckets.get(shop.channel) ?? new Bucket(40, 2 * options.rateScale);
    buckets.set(shop.channel, bucket);
    return bucket;
  };
  const limited = (seconds: number): Answer =>
    errors(429, 'Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.', { 'retry-after': seconds.toFixed(1), 'x-shopify-shop-api-call-limit': '40/40' });

  const route = (method: 'GET' | 'POST', path: string, operation: string, handler: Handler): void => {
    app.route({
      method,
      url: `/shopify/:channel/admin/api/2025-10/${path}`,
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        const shop = options.shops.get(param(request, 'channel'));
        const text = textOf(request);
        let orderId = param(request, 'id');
        const noted = (status: string): void =>
          void options.ledger.note({ world: 'shopify', direction: 'in', kind: operation, channel: param(request, 'channel'), orderId, status });
        if (shop === undefined || request.headers['x-shopify-access-token'] !== shop.token) {
          noted('401');
          return reply.code(shop === undefined ? 404 : 401).send(shop === undefined ? '{"errors":"Not Found"}' : '{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}');
        }
        const drop = bucketOf(shop).take();
        if (!drop.taken) {
          noted('429');
          const { status, body, headers } = limited(drop.retryAfter);
          return reply.code(status).headers({ 'content-type': 'application/json', ...headers }).send(body);
        }
        const isOrder = shop.orders.has(orderId);
        return answer({ faults: options.faults, target: 'shopify', operation, orderId: isOrder ? orderId : '', reply, limited: () => limited(2), noted }, () => {
          const answered = guarded(() => handler(shop, request), text);
          orderId = answered.orderId ?? orderId;
          return { ...answered, headers: { 'x-shopify-shop-api-call-limit': `${drop.level}/40`, 'x-shopify-api-version': '2025-10', ...answered.headers } };
        });
      },
    });
  };
  const withOrder = (handle: (order: ShopOrder, shop: Shop, request: FastifyRequest) => Answer): Handler => (shop, request) => {
    const order = shop.orders.get(param(request, 'id'));
    return order === undefined ? errors(404, 'Not Found') : handle(order, shop, request);
  };

  route('GET', 'orders.json', 'orders.list', (shop, request) => listOrders(shop, request));
  route('GET', 'orders/:id.json', 'orders.get', withOrder((order, shop) => ({ status: 200, body: `{"order":${shop.text(order)}}` })));
  route('GET', 'orders/:id/fulfillment_orders.json', 'fulfillment_orders.list', withOrder((order, shop) => json({ fulfillment_orders: shop.fulfilmentOrders(order) })));
  route('GET', 'orders/:id/fulfillments.json', 'fulfillments.list', withOrder((order, shop) => json({ fulfillments: order.fulfilments.map((one) => shop.fulfilmentTree(order, one)) })));
  route('POST', 'fulfillments.json', 'fulfillments.create', (shop, request) => {
    const { fulfillment } = exactJson(textOf(request)) as { fulfillment?: FulfilRequest };
    if (fulfillment === undefined) return errors(400, { fulfillment: 'Required parameter missing or invalid' });
    const { order, fulfilment } = shop.fulfil(fulfillment);
    options.shipped(fulfilment.tracking.number, order.id);
    return { ...json({ fulfillment: shop.fulfilmentTree(order, fulfilment) }, 201), orderId: order.id };
  });
  route('POST', 'fulfillments/:fulfilment/update_tracking.json', 'fulfillments.update_tracking', (shop, request) => {
    const found = shop.find(param(request, 'fulfilment'));
    if (found === undefined) return errors(404, 'Not Found');
    const { fulfillment } = exactJson(textOf(request)) as { fulfillment?: FulfilRequest };
    const { number, company, url } = fulfillment?.tracking_info ?? {};
    const { tracking } = found.fulfilment;
    found.fulfilment.tracking = { number: number ?? tracking.number, company: company ?? tracking.company, url: url ?? tracking.url };
    found.fulfilment.updatedAt = options.now();
    options.shipped(found.fulfilment.tracking.number, found.order.id);
    return { ...json({ fulfillment: shop.fulfilmentTree(found.order, found.fulfilment) }), orderId: found.order.id };
  });
  // Our side cancels: it is put on record, and no webhook follows.
  route('POST', 'orders/:id/cancel.json', 'orders.cancel', withOrder((order, shop, request) => {
    if (order.fulfilments.length > 0) return errors(422, 'Cannot cancel order. Order has fulfillments.');
    const text = textOf(request);
    const body = (text === '' ? {} : exactJson(text)) as { reason?: string; amount?: string };
    const { reason = 'other', amount } = body;
    if (!['customer', 'fraud', 'inventory', 'declined', 'other'].includes(reason)) return errors(422, { reason: ['is not included in the list'] });
    order.cancelRequests.push({ at: new Date().toISOString(), body });
    // Without an amount what was paid stays paid.
    if (order.world !== null && order.world.cancelledAt === null) cancel(order.world, options.now(), reason, amount === undefined);
    return { status: 200, body: `{"order":${shop.text(order)}}` };
  }));
  route('GET', 'shopify_payments/payouts.json', 'payouts.list', (shop) => json({ payouts: payoutTrees(options.payouts(shop).batches) }));
  route('GET', 'shopify_payments/balance/transactions.json', 'transactions.list', (shop, request) =>
    json({ transactions: transactionTrees(options.payouts(shop).batches, query(request)['payout_id']) }));
}

function guarded(handle: () => Answer & { orderId?: string }, text: string): Answer & { orderId?: string } {
  try {
    return handle();
  } catch (error) {
    if (error instanceof Unprocessable) return errors(422, [error.message]);
    if (error instanceof SyntaxError) return errors(400, `Bad request: ${text.slice(0, 60)}`);
    throw error;
  }
}

/** Pages by `updated_at` and id; the next page is told by the Link header alone, as on the platform. */
function listOrders(shop: Shop, request: FastifyRequest): Answer {
  const asked = query(request);
  const cursor = asked['page_info'] === undefined ? undefined : (JSON.parse(Buffer.from(asked['page_info'], 'base64url').toString()) as { min: number; status: string; at: number; id: string });
  const limit = Math.min(250, Math.max(1, Number(asked['limit'] ?? 50) || 50));
  const min = cursor?.min ?? (asked['updated_at_min'] === undefined ? 0 : Date.parse(asked['updated_at_min']));
  if (Number.isNaN(min)) return errors(400, { updated_at_min: 'is invalid' });
  const status = cursor?.status ?? asked['status'] ?? 'open';
  const ids = asked['ids']?.split(',');
  const found = [...shop.orders.values()]
    .map((order) => ({ order, at: shop.updatedAt(order) }))
    .filter(({ order, at }) => at >= min && (ids === undefined || ids.includes(order.id)))
    .filter(({ order }) => status === 'any' || (status === 'cancelled') === shop.cancelled(order))
    .filter(({ order, at }) => cursor === undefined || at > cursor.at || (at === cursor.at && order.id > cursor.id))
    .sort((a, b) => a.at - b.at || (a.order.id < b.order.id ? -1 : 1));
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const headers: Record<string, string> = {};
  if (last !== undefined && found.length > limit) {
    const next = Buffer.from(JSON.stringify({ min, status, at: last.at, id: last.order.id })).toString('base64url');
    const base = `${request.protocol}://${request.headers.host ?? 'localhost'}${request.url.split('?')[0]}`;
    headers['link'] = `<${base}?limit=${limit}&page_info=${next}>; rel="next"`;
  }
  return { status: 200, body: `{"orders":[${page.map(({ order }) => shop.text(order)).join(',')}]}`, headers };
}
