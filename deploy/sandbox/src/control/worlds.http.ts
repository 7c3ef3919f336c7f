import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { CainiaoWaybills } from '../carriers/cainiao/waybills.js';
import type { KdniaoOrders } from '../carriers/kdniao/orders.js';
import type { SfParcel, SfParcels } from '../carriers/sf/parcels.js';
import { exactJson } from '../json.js';
import type { ShopFront } from '../platforms/shopify/front.js';
import type { Inventory } from '../platforms/shopify/inventory.js';
import { toCsv, type Payouts } from '../platforms/shopify/payouts.js';
import type { Shop } from '../platforms/shopify/shop.js';
import { BadRequest, body, missing, pageOf, param, query } from './reply.js';

export interface WorldsOptions {
  shops: ReadonlyMap<string, Shop>;
  front: ShopFront;
  payouts: (shop: Shop) => Payouts;
  inventory: (shop: Shop) => Inventory;
  /** Whether statements are to have lines that do not fit. */
  odd: () => boolean;
  parcels: SfParcels;
  kdniao: KdniaoOrders;
  cainiao: CainiaoWaybills;
  /** A parcel leaves the building, whoever sold its number; undefined: nobody did, or it was cancelled. */
  handOver: (waybill: string) => SfParcel | undefined;
}

/** What buyers, merchants and couriers do in each world. */
export function worldsApi(app: FastifyInstance, options: WorldsOptions): void {
  const { shops, front, parcels } = options;

  app.put('/_control/:platform/orders/:id', async (request, reply) => {
    const platform = param(request, 'platform');
    if (platform !== 'shopify') return missing(reply, `this world has no platform "${platform}"; it has: shopify`);
    const text = Buffer.isBuffer(request.body) ? request.body.toString() : '';
    if (text === '') throw new BadRequest('the body is the raw order');
    const channel = query(request, 'channel');
    const into = channel === undefined ? [...shops.values()] : [shops.get(channel)].filter((shop) => shop !== undefined);
    if (into.length === 0) return missing(reply, 'no such shop');
    for (const shop of into) shop.plant(param(request, 'id'), text);
    return reply.code(201).send({ planted: into.map((shop) => shop.channel) });
  });

  app.get('/_control/shopify/orders/:id', async (request, reply) => {
    const found = front.find(param(request, 'id'));
    if (found === undefined) return missing(reply, 'no such order');
    const { shop, order } = found;
    return {
      channel: shop.channel, id: order.id, number: order.world === null ? null : `#${order.world.number}`, cancelled: shop.cancelled(order), paid: order.world === null ? null : order.world.paidAt !== null,
      fulfilments: order.fulfilments.map(({ id, tracking, lines }) => ({ id, tracking, lines })), cancelRequests: order.cancelRequests, payload: order.planted ?? exactJson(shop.text(order)),
    };
  });

  const act = (name: string, doIt: (found: { shop: Shop; order: NonNullable<ReturnType<ShopFront['find']>>['order'] }, asked: { reason?: string | undefined; lineId?: string | undefined; street?: string | undefined }) => Promise<object>): void => {
    const asked = z.strictObject({ reason: z.enum(['customer', 'fraud', 'inventory', 'declined', 'staff', 'other']).optional(), lineId: z.string().optional(), street: z.string().optional() });
    app.post(`/_control/shopify/orders/:id/${name}`, async (request, reply) => {
      const read = body(request, asked);
      const found = front.find(param(request, 'id'));
      if (found === undefined || found.order.world === null) return missing(reply, 'no such order');
      return doIt(found, read);
    });
  };
  act('cancel', async ({ shop, order }, { reason }) => {
    if (order.world?.cancelledAt !== null) return { cancelled: true, already: true };
    // Planned to be cancelled after shipping, and the platform has not heard of a shipment: it will be, then.
    if (front.waitsForShipment(order.id) && order.fulfilments.length === 0) return { cancelled: false, when: 'fulfilled' };
    await front.cancel(shop, order, reason ?? 'customer');
    return { cancelled: true, already: false };
  });
  act('pay', async ({ shop, order }) => {
    if (order.world !== null) await front.pay(shop, order.world);
    return { paid: true };
  });
  act('refund', async ({ shop, order }, { lineId }) => {
    const refund = order.world === null ? undefined : await front.refundUnit(shop, order.world, lineId);
    if (refund === undefined) throw new BadRequest('nothing to refund: not paid, or no unit left');
    return { refundId: refund.id, amount: refund.amount };
  });
  act('address', async ({ shop, order }, { street }) => {
    if (street === undefined) throw new BadRequest('street is missing');
    if (order.world !== null) await front.amendAddress(shop, order.world, street);
    return { amended: true };
  });

  app.get('/_control/shopify/:channel/payouts.csv', async (request, reply) => {
    const shop = shops.get(param(request, 'channel'));
    if (shop === undefined) return missing(reply, 'no such shop');
    const payouts = options.payouts(shop);
    const ripe = query(request, 'ripe') === 'fulfilled' ? 'fulfilled' : 'paid';
    const batch = payouts.batch(Number(query(request, 'batch') ?? payouts.batches.length + 1), { ripe, odd: options.odd() });
    if (batch === undefined) return missing(reply, 'nothing to pay out in this batch');
    const oddities = batch.lines.filter(({ oddity }) => oddity !== '').length;
    return reply.type('text/csv; charset=utf-8').headers({ 'x-batch': String(batch.number), 'x-lines': String(batch.lines.length), 'x-oddities': String(oddities) }).send(toCsv(batch));
  });

  app.get('/_control/shopify/:channel/stock', async (request, reply) => {
    const shop = shops.get(param(request, 'channel'));
    if (shop === undefined) return missing(reply, 'no such shop');
    const { variants, sets } = options.inventory(shop);
    const sku = query(request, 'sku');
    return { items: variants.filter((variant) => sku === undefined || variant.sku === sku), sets: sets.filter((set) => sku === undefined || set.sku === sku) };
  });
  // The merchant lists something, takes it off, or changes its stock by hand.
  app.put('/_control/shopify/:channel/stock', async (request, reply) => {
    const shop = shops.get(param(request, 'channel'));
    if (shop === undefined) return missing(reply, 'no such shop');
    const asked = body(request, z.strictObject({ sku: z.string().max(100), title: z.string().max(255).optional(), available: z.number().int().optional(), tracked: z.boolean().optional(), stocked: z.boolean().optional(), listed: z.boolean().default(true) }));
    const inventory = options.inventory(shop);
    if (!asked.listed) return { unlisted: inventory.unlist(asked.sku) };
    const variant = inventory.variants.find(({ sku }) => sku === asked.sku) ?? inventory.list({ ...asked, title: asked.title ?? asked.sku });
    if (asked.available !== undefined) variant.available = asked.available;
    if (asked.stocked !== undefined) variant.available = asked.stocked ? (variant.available ?? 0) : null;
    return variant;
  });

  app.post('/_control/sf/handover', async (request, reply) => {
    const { waybill } = body(request, z.strictObject({ waybill: z.string() }));
    const parcel = options.handOver(waybill);
    if (parcel === undefined) return missing(reply, 'no such waybill, or cancelled');
    return { waybill, handedOverAt: new Date(parcel.handedOverAt ?? 0).toISOString(), journey: parcel.journey?.kind };
  });
  app.get('/_control/sf/parcels', async (request) => {
    const { after, limit } = pageOf(request, 500);
    const all = [...parcels.byOrder.values()].slice(after);
    return { count: parcels.byOrder.size, parcels: all.slice(0, limit).map((parcel) => ({ ...parcel, scans: parcels.scans(parcel).length })), next: all.length > limit ? after + limit : null };
  });

  app.post('/_control/kdniao/collect', async (request, reply) => {
    const { waybill } = body(request, z.strictObject({ waybill: z.string() }));
    const order = options.kdniao.collect(waybill);
    return order === undefined ? missing(reply, 'no such waybill, or cancelled') : order;
  });
  app.post('/_control/cainiao/collect', async (request, reply) => {
    const { waybill } = body(request, z.strictObject({ waybill: z.string() }));
    return options.cainiao.collect(waybill) ?? missing(reply, 'no such waybill, or cancelled');
  });
  app.get('/_control/cainiao/waybills', async (request) => {
    const { after, limit } = pageOf(request, 500);
    const all = [...options.cainiao.all.values()].slice(after);
    return { count: options.cainiao.all.size, waybills: all.slice(0, limit), next: all.length > limit ? after + limit : null };
  });
  app.get('/_control/kdniao/orders', async (request) => {
    const { after, limit } = pageOf(request, 500);
    const all = [...options.kdniao.byCode.values()].slice(after);
    return { count: options.kdniao.byCode.size, orders: all.slice(0, limit), next: all.length > limit ? after + limit : null };
  });
}
