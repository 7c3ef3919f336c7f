import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { billText, type Account } from '../bills/bills.js';
import type { Product } from '../orders/catalogue.js';
import { generateOrder, type Wish } from '../orders/generate.js';
import type { WorldOrder } from '../orders/order.js';
import type { FileDesk } from '../platforms/files/files.js';
import type { LiveShop } from '../platforms/generic/live.js';
import { oaidOf, tradeStatus, type TaobaoShop, type Trade } from '../platforms/taobao/shop.js';
import { cancel, refundUnit } from '../platforms/shopify/changes.js';
import { lineId, WooShop, type WooOrder } from '../platforms/woocommerce/shop.js';
import type { WooWebhooks } from '../platforms/woocommerce/webhooks.js';
import { bigId } from '../random.js';
import { BadRequest, body, missing, param, query } from './reply.js';

export interface PlatformsOptions {
  woo: Map<string, WooShop>;
  live: Map<string, LiveShop>;
  account: (channel: string) => Account;
  desk: FileDesk;
  webhooks: WooWebhooks;
  taobao: ReadonlyMap<string, TaobaoShop>;
  catalogue: readonly Product[];
  now: () => number;
}

const wanted = z.strictObject({
  count: z.number().int().min(1).max(1_000).default(1), seed: z.union([z.string(), z.number()]).default(7), paid: z.boolean().default(true), units: z.number().int().min(1).max(100).optional(),
  /** Woo: without its webhook. */
  quiet: z.boolean().default(false), forged: z.boolean().default(false),
});

/** What buyers and merchants do in the shops of WooCommerce and Taobao. */
export function platformsApi(app: FastifyInstance, options: PlatformsOptions): void {
  const { woo, taobao, webhooks, now } = options;
  let drawn = 0;
  const draw = (channel: string, { seed, paid, units }: z.infer<typeof wanted>, domestic?: boolean): WorldOrder => {
    drawn += 1;
    const wish: Wish = { paid, ...(units === undefined ? {} : { units }), ...(domestic === undefined ? {} : { domestic }) };
    return generateOrder({ catalogue: options.catalogue, seed, salt: `${now()}/${drawn}`, index: drawn, channel, number: drawn, at: now(), wish });
  };

  // A shop that is in no file of channels: whoever opens it connects it as well.
  app.put('/_control/shops/:channel', async (request, reply) => {
    const channel = param(request, 'channel');
    const { platform, secret, appKey, skuPrefix } = body(request, z.strictObject({ platform: z.enum(['woocommerce', 'generic']), secret: z.string().min(1), appKey: z.string().default(''), skuPrefix: z.string().max(20).default('') }));
    if (platform === 'generic') options.live.set(channel, { channel, secret });
    else if (!woo.has(channel)) options.woo.set(channel, new WooShop(channel, secret, appKey, now, skuPrefix));
    return reply.code(201).send({ channel, platform });
  });
  app.post('/_control/files/again', async (_request, reply) => {
    const file = await options.desk.again();
    return file === undefined ? missing(reply, 'no file was uploaded yet') : { file };
  });
  app.get('/_control/bills/:channel', async (request, reply) => {
    const account = options.account(param(request, 'channel'));
    const number = Number(query(request, 'batch') ?? account.bills.length + 1);
    const lines = account.bill(number);
    if (lines === undefined) return missing(reply, 'nothing to settle in this batch');
    return reply.type('text/csv; charset=utf-8').headers({ 'x-format': account.format, 'x-lines': String(lines.length) }).send(billText(account.format, lines));
  });

  app.post('/_control/woocommerce/:channel/orders', async (request, reply) => {
    const shop = woo.get(param(request, 'channel'));
    if (shop === undefined) return missing(reply, 'no such shop');
    const asked = body(request, wanted);
    const placed: object[] = [];
    for (let made = 0; made < asked.count; made += 1) {
      const order = shop.place(draw(shop.channel, asked));
      placed.push({ ...shownWoo(shop, order), webhook: asked.quiet ? null : await webhooks.send(shop, order, 'order.created', asked.forged) });
    }
    return reply.code(201).send({ orders: placed });
  });
  app.post('/_control/woocommerce/:channel/webhook', async (request, reply) => {
    const shop = woo.get(param(request, 'channel'));
    if (shop === undefined) return missing(reply, 'no such shop');
    shop.failures = 0;
    return { greeted: await webhooks.greet(shop) };
  });
  app.get('/_control/woocommerce/:channel', async (request, reply) => {
    const shop = woo.get(param(request, 'channel'));
    return shop === undefined ? missing(reply, 'no such shop') : { channel: shop.channel, disabled: shop.disabled, failures: shop.failures, orders: shop.orders.size };
  });
  app.put('/_control/woocommerce/:channel/stock', async (request, reply) => {
    const shop = woo.get(param(request, 'channel'));
    if (shop === undefined) return missing(reply, 'no such shop');
    const { sku, of, available, managed } = body(request, z.strictObject({ sku: z.string().min(1), of: z.string().min(1).optional(), available: z.int().optional(), managed: z.boolean().optional() }));
    const product = [...shop.products.values()].find((one) => one.sku === sku) ?? shop.list(sku, of);
    product.quantity = available ?? product.quantity;
    product.managed = managed ?? product.managed;
    return { product };
  });
  app.get('/_control/woocommerce/:channel/stock', async (request, reply) => {
    const shop = woo.get(param(request, 'channel'));
    if (shop === undefined) return missing(reply, 'no such shop');
    return { products: [...shop.products.values()].filter(({ sku }) => sku === query(request, 'sku')), sets: shop.sets.filter(({ sku }) => sku === query(request, 'sku')) };
  });
  const wooOrder = (path: string, doIt?: (shop: WooShop, order: WooOrder) => 'order.updated' | 'order.deleted'): void => {
    const handle = async (request: Parameters<typeof param>[0], reply: FastifyReply): Promise<unknown> => {
      const shop = woo.get(param(request, 'channel'));
      const order = shop?.orders.get(Number(param(request, 'id')));
      if (shop === undefined || order === undefined) return missing(reply, 'no such order');
      const webhook = doIt === undefined ? null : await webhooks.send(shop, order, doIt(shop, order));
      return { ...shownWoo(shop, order), webhook };
    };
    if (doIt === undefined) app.get(`/_control/woocommerce/:channel/orders/:id${path}`, handle);
    else app.post(`/_control/woocommerce/:channel/orders/:id${path}`, handle);
  };
  wooOrder('');
  wooOrder('/again', () => 'order.updated');
  wooOrder('/pay', (shop, order) => {
    order.world.paidAt ??= now();
    shop.setStatus(order, 'processing');
    return 'order.updated';
  });
  wooOrder('/cancel', (shop, order) => {
    cancel(order.world, now(), 'customer', order.completedAt !== null);
    shop.setStatus(order, order.world.refunds.length > 0 ? 'refunded' : 'cancelled');
    return 'order.updated';
  });
  wooOrder('/refund', (shop, order) => {
    if (refundUnit(order.world, now()) === undefined) throw new BadRequest('nothing is left to refund');
    shop.touch(order);
    return 'order.updated';
  });
  wooOrder('/delete', (_shop, order) => {
    order.deleted = true;
    return 'order.deleted';
  });

  app.post('/_control/taobao/:channel/orders', async (request, reply) => {
    const shop = taobao.get(param(request, 'channel'));
    if (shop === undefined) return missing(reply, 'no such shop');
    const asked = body(request, wanted);
    return reply.code(201).send({ orders: Array.from({ length: asked.count }, () => shownTrade(shop.place(draw(shop.channel, asked, true)))) });
  });
  app.put('/_control/taobao/:channel', async (request, reply) => {
    const shop = taobao.get(param(request, 'channel'));
    if (shop === undefined) return missing(reply, 'no such shop');
    const asked = body(request, z.strictObject({ sessionValid: z.boolean().optional(), renewable: z.boolean().optional(), sessionSeconds: z.int().min(1).optional(), consignHours: z.int().min(0).max(8_760).optional() }));
    shop.sessionValid = asked.sessionValid ?? shop.sessionValid;
    shop.renewable = asked.renewable ?? shop.renewable;
    shop.sessionSeconds = asked.sessionSeconds ?? shop.sessionSeconds;
    shop.consignHours = asked.consignHours ?? shop.consignHours;
    return { channel: shop.channel, sessionValid: shop.sessionValid, renewable: shop.renewable, sessionSeconds: shop.sessionSeconds, trades: shop.trades.size };
  });
  const trade = (path: string, doIt?: (shop: TaobaoShop, found: Trade, asked: { lineId?: string | undefined; fee?: number | undefined; minutes?: number | undefined }) => void): void => {
    const handle = async (request: Parameters<typeof param>[0], reply: FastifyReply): Promise<unknown> => {
      const shop = taobao.get(param(request, 'channel'));
      const found = shop?.trades.get(param(request, 'id'));
      if (shop === undefined || found === undefined) return missing(reply, 'no such trade');
      if (doIt !== undefined) {
        doIt(shop, found, body(request, z.strictObject({ lineId: z.string().optional(), fee: z.int().min(1).optional(), minutes: z.int().min(1).optional() })));
        shop.touch(found);
      }
      return shownTrade(found);
    };
    if (doIt === undefined) app.get(`/_control/taobao/:channel/orders/:id${path}`, handle);
    else app.post(`/_control/taobao/:channel/orders/:id${path}`, handle);
  };
  trade('');
  trade('/pay', (_shop, found) => void (found.world.paidAt ??= now()));
  trade('/cancel', (_shop, found) => void (found.world.cancelledAt ??= now()));
  trade('/freeze', (_shop, found) => void (found.frozen = true));
  trade('/free', (_shop, found) => void (found.frozen = false));
  // It was made, and paid, so long before.
  trade('/age', (_shop, { world }, { minutes = 1 }) => {
    world.createdAt -= minutes * 60_000;
    if (world.paidAt !== null) world.paidAt -= minutes * 60_000;
  });
  trade('/spoil', (_shop, found) => void (found.spoilt = true));
  trade('/mend', (_shop, found) => void (found.spoilt = false));
  trade('/remark', (_shop, found) => void (found.world.note = `改 ${now()}`));
  const refunds = (status: string) => (_shop: TaobaoShop, found: Trade, { lineId: line, fee = null }: { lineId?: string | undefined; fee?: number | null | undefined }): void => {
    const id = line ?? found.world.lines[0]?.id ?? '';
    if (!found.world.lines.some((one) => one.id === id)) throw new BadRequest('no such line');
    found.refunds.set(id, { id: bigId('refund', id), status, fee });
  };
  trade('/ask-refund', refunds('WAIT_SELLER_AGREE'));
  trade('/refund', refunds('SUCCESS'));
}

const shownWoo = (shop: WooShop, order: WooOrder): object => ({
  channel: shop.channel, id: String(order.id), status: order.status, lines: order.world.lines.map((line) => ({ id: String(lineId(order, line)), sku: line.sku, quantity: line.quantity })), notes: order.notes, meta: order.meta,
});

const shownTrade = (trade: Trade): object => ({
  channel: trade.world.channel, id: trade.world.id, status: tradeStatus(trade), oaid: oaidOf(trade.world), name: trade.world.shipTo?.name, modifiedAt: new Date(trade.modifiedAt).toISOString(), lines: trade.world.lines.map(({ id, sku, quantity }) => ({ id, sku, quantity, sent: trade.sent.get(id) ?? null })),
});
