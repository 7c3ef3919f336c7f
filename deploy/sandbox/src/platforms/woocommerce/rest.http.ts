import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answer, type Answer } from '../../faults/answer.js';
import type { Faults } from '../../faults/faults.js';
import { writeJson, type Tree } from '../../json.js';
import type { Ledger } from '../../ledger/ledger.js';
import { orderTree, productTree, refundTrees, type WooOrder, type WooShop } from './shop.js';

export interface RestOptions {
  shops: ReadonlyMap<string, WooShop>;
  faults: Faults;
  ledger: Ledger;
  now: () => number;
  /** A tracking number has reached the platform. */
  shipped: (trackingNumber: string) => void;
}

const json = (body: Tree, status = 200, headers: Record<string, string> = {}): Answer => ({ status, body: writeJson(body), headers });
const wrong = (status: number, code: string, message: string): Answer => json({ code, message, data: { status } }, status);
const param = (request: FastifyRequest, name: string): string => (request.params as Record<string, string>)[name] ?? '';
const query = (request: FastifyRequest, name: string): string => (request.query as Record<string, string | undefined>)[name] ?? '';

interface Put {
  status?: string;
  meta_data?: { id?: number; key?: string; value?: unknown }[];
}

/** WooCommerce's REST API v3, as far as an order hub uses it; Basic with the channel's `appKey` as `<consumer key>:<consumer secret>`. */
export function wooApi(app: FastifyInstance, options: RestOptions): void {
  const route = (method: 'GET' | 'POST' | 'PUT', path: string, operation: string, handle: (shop: WooShop, order: WooOrder | undefined, request: FastifyRequest) => Answer): void => {
    app.route({
      method,
      url: `/woocommerce/:channel/wp-json/wc/v3/${path}`,
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        const shop = options.shops.get(param(request, 'channel'));
        const id = param(request, 'id');
        const noted = (status: string): void => void options.ledger.note({ world: 'woocommerce', direction: 'in', kind: operation, channel: param(request, 'channel'), orderId: id, status });
        if (shop === undefined || request.headers.authorization !== `Basic ${Buffer.from(shop.key).toString('base64')}`) {
          const refused = shop === undefined ? wrong(404, 'rest_no_route', 'No route was found matching the URL and request method.') : wrong(401, 'woocommerce_rest_cannot_view', 'Sorry, you cannot list resources.');
          noted(String(refused.status));
          return reply.code(refused.status).type('application/json').send(refused.body);
        }
        const limited = (): Answer => ({ ...wrong(429, 'too_many_requests', 'Too many requests'), headers: { 'retry-after': '1' } });
        return answer({ faults: options.faults, target: 'woocommerce', operation, orderId: id, reply, limited, noted }, () => {
          const order = shop.orders.get(Number(id));
          if (id !== '' && (order === undefined || order.deleted)) return wrong(404, 'woocommerce_rest_shop_order_invalid_id', 'Invalid ID.');
          return handle(shop, order, request);
        });
      },
    });
  };
  // Whoever is cut off asks again for the same time, so that what was given once will be taken.
  const served = (shop: WooShop, order: WooOrder): void => {
    if (order.served) return;
    order.served = true;
    options.ledger.note({ world: 'woocommerce', direction: 'out', kind: 'pulled', channel: shop.channel, orderId: String(order.id), deliveryId: 'pulled', status: 'accepted', announcement: true, way: 'PULL' });
  };
  const bodyOf = (request: FastifyRequest): unknown => JSON.parse(Buffer.isBuffer(request.body) ? request.body.toString() : '{}') as unknown;

  route('GET', 'orders', 'orders.list', (shop, _order, request) => list(shop, request, (order) => served(shop, order)));
  route('GET', 'orders/:id', 'orders.get', (_shop, order) => json(orderTree(order!)));
  route('GET', 'orders/:id/refunds', 'refunds.list', (_shop, order) => json(refundTrees(order!)));
  route('GET', 'orders/:id/notes', 'notes.list', (_shop, order, request) =>
    json(order!.notes.filter(({ customer }) => query(request, 'type') !== 'customer' || customer).map(({ id, note, customer, at }) => ({ id, author: 'system', date_created_gmt: new Date(at).toISOString().slice(0, 19), note, customer_note: customer }))));
  route('POST', 'orders/:id/notes', 'notes.create', (shop, order, request) => {
    const { note, customer_note: customer = false } = bodyOf(request) as { note?: string; customer_note?: boolean };
    if (note === undefined || note === '') return wrong(400, 'rest_missing_callback_param', 'Missing parameter(s): note');
    const made = { id: shop.next(), note, customer, at: options.now() };
    order!.notes.push(made);
    return json({ id: made.id, note, customer_note: customer }, 201);
  });
  const parentOf = (shop: WooShop, request: FastifyRequest): number | undefined => shop.products.get(Number(param(request, 'product')))?.id;
  const batchOf = (shop: WooShop, request: FastifyRequest, parent: number | null): Answer => {
    const { update = [] } = bodyOf(request) as { update?: { id?: number; stock_quantity?: unknown }[] };
    if (update.length > 100) return wrong(413, 'woocommerce_rest_request_entity_too_large', 'Unable to accept more than 100 items for this request.');
    return json({ update: update.map(({ id = 0, stock_quantity: quantity }) => shop.setStock(id, quantity, parent)) });
  };
  const noProduct = (): Answer => wrong(404, 'woocommerce_rest_product_invalid_id', 'Invalid ID.');
  route('GET', 'products', 'products.list', (shop, _order, request) => listProducts(shop, request, null));
  route('POST', 'products/batch', 'products.batch', (shop, _order, request) => batchOf(shop, request, null));
  route('GET', 'products/:product/variations', 'variations.list', (shop, _order, request) => {
    const parent = parentOf(shop, request);
    return parent === undefined ? noProduct() : listProducts(shop, request, parent);
  });
  route('POST', 'products/:product/variations/batch', 'variations.batch', (shop, _order, request) => {
    const parent = parentOf(shop, request);
    return parent === undefined ? noProduct() : batchOf(shop, request, parent);
  });
  route('PUT', 'orders/:id', 'orders.update', (shop, order, request) => {
    const { status, meta_data: meta = [] } = bodyOf(request) as Put;
    if (status !== undefined && !['pending', 'processing', 'on-hold', 'completed', 'cancelled', 'refunded', 'failed'].includes(status)) return wrong(400, 'rest_invalid_param', 'Invalid parameter(s): status');
    shop.putMeta(order!, meta);
    if (status !== undefined && status !== order!.status) shop.setStatus(order!, status);
    const items = order!.meta.find(({ key }) => key === '_wc_shipment_tracking_items')?.value;
    for (const item of Array.isArray(items) ? (items as { tracking_number?: string }[]) : []) if (item.tracking_number !== undefined) options.shipped(item.tracking_number);
    return json(orderTree(order!));
  });
}

/** Products or variations, in pages by id or those that are named. */
function listProducts(shop: WooShop, request: FastifyRequest, parent: number | null): Answer {
  const [size, page] = [Number(query(request, 'per_page') || 10), Number(query(request, 'page') || 1)];
  if (!(size >= 1 && size <= 100) || !(page >= 1)) return wrong(400, 'rest_invalid_param', 'Invalid parameter(s): per_page, page');
  const include = query(request, 'include').split(',').filter((id) => id !== '').map(Number);
  const found = [...shop.products.values()].filter((one) => one.parent === parent && (include.length === 0 || include.includes(one.id))).sort((a, b) => a.id - b.id);
  return json(found.slice((page - 1) * size, page * size).map((one) => productTree(shop, one)), 200, { 'x-wp-total': String(found.length), 'x-wp-totalpages': String(Math.ceil(found.length / size)) });
}

// Both ends of the window are left out; pages are told by headers.
function list(shop: WooShop, request: FastifyRequest, served: (order: WooOrder) => void): Answer {
  const edge = (name: string): number => Date.parse(`${query(request, name)}Z`);
  const [after, before] = [edge('modified_after'), edge('modified_before')];
  const [size, page] = [Number(query(request, 'per_page') || 10), Number(query(request, 'page') || 1)];
  if (!(size >= 1 && size <= 100) || !(page >= 1)) return wrong(400, 'rest_invalid_param', 'Invalid parameter(s): per_page, page');
  const found = [...shop.orders.values()]
    .filter(({ deleted, modifiedAt }) => {
      const second = Math.floor(modifiedAt / 1_000) * 1_000;
      return !deleted && !(second <= after) && !(second >= before);
    })
    .sort((a, b) => a.modifiedAt - b.modifiedAt || a.id - b.id);
  const pages = Math.ceil(found.length / size);
  if (page > Math.max(1, pages)) return wrong(400, 'rest_post_invalid_page_number', 'The page number requested is larger than the number of pages available.');
  const shown = found.slice((page - 1) * size, page * size);
  shown.forEach(served);
  return json(shown.map(orderTree), 200, { 'x-wp-total': String(found.length), 'x-wp-totalpages': String(pages) });
}
