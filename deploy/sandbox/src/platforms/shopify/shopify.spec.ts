import { describe, expect, it } from '@jest/globals';
import { exactJson, writeJson } from '../../json.js';
import { readCatalogue } from '../../orders/catalogue.js';
import { generateOrder } from '../../orders/generate.js';
import { financialStatus, totalsOf } from '../../orders/order.js';
import { Bucket } from './bucket.js';
import * as changes from './changes.js';
import { orderTree } from './payload.js';
import { Payouts, toCsv } from './payouts.js';
import { Shop, Unprocessable } from './shop.js';
import { sign } from './signature.js';

const catalogue = readCatalogue();
const draw = (index: number, wish = {}) => generateOrder({ catalogue, seed: 7, salt: 's', index, channel: 'shopify-demo', number: 1001 + index, at: Date.parse('2026-11-21T02:00:00Z'), wish });
const shop = () => new Shop('shopify-demo', 'secret', 'token', () => Date.parse('2026-11-21T03:00:00Z'));

describe('Shopify', () => {
  it('ING-01: signs the bytes of the body', () => {
    expect(sign('test-secret', '{"id":1}')).toBe('H19jdkTt0bdVHJbmH87mtfSa7ud+merMEAWsvbbRGkY=');
    expect(sign('test-secret', '{"id": 1}')).not.toBe(sign('test-secret', '{"id":1}'));
  });
  it('writes ids above 2^53 as numbers that survive', () => {
    const order = draw(1);
    const text = writeJson(orderTree(order), { pretty: true, escapedSlashes: true });
    expect(text).toContain(`"id": ${order.id},`);
    expect(text).toContain('gid:\\/\\/shopify\\/Order\\/');
    expect(exactJson(text)).toMatchObject({ id: order.id, line_items: order.lines.map(({ id }) => ({ id })) });
    expect(String((JSON.parse(text) as { id: number }).id)).not.toBe(order.id);
  });
  it('every amount adds up to the total, over 300 orders', () => {
    for (let index = 0; index < 300; index += 1) {
      const order = draw(index);
      const totals = totalsOf(order);
      expect(totals.total).toBe(totals.subtotal + totals.shipping - order.shippingLines.reduce((sum, line) => sum + line.discount, 0) + (order.taxesIncluded ? 0 : totals.tax));
      expect(order.lines.every((line) => Number.isInteger(line.price) && line.price > 0 && line.discount >= 0 && line.discount <= line.price * line.quantity)).toBe(true);
      expect(totals.total).toBeGreaterThan(0);
    }
  });
  it('refunds a unit and cancels the rest to the last cent', () => {
    const order = draw(3, { units: 3 });
    const refund = changes.refundUnit(order, order.updatedAt);
    expect(refund?.lines).toHaveLength(1);
    expect(order.lines.some((line) => line.currentQuantity === line.quantity - 1)).toBe(true);
    expect(financialStatus(order)).toBe('partially_refunded');
    changes.cancel(order, order.updatedAt, 'customer');
    expect(totalsOf(order).refunded).toBe(totalsOf(order).total);
    expect(financialStatus(order)).toBe('refunded');
  });
  it('ING-13: fulfils an order once, and says so in its own words', () => {
    const it = shop();
    const order = it.place(draw(4));
    const id = it.fulfilmentOrderId(order);
    const request = { line_items_by_fulfillment_order: [{ fulfillment_order_id: id }], tracking_info: { number: 'SF1', company: 'Anything Goes' } };
    expect(it.fulfil(request).fulfilment.tracking.company).toBe('Anything Goes');
    expect(() => it.fulfil(request)).toThrow(/already been fulfilled/);
    expect(() => it.fulfil({ line_items_by_fulfillment_order: [{ fulfillment_order_id: 12 }] })).toThrow(Unprocessable);
    const off = it.place({ ...draw(5), cancelledAt: 1 });
    expect(() => it.fulfil({ line_items_by_fulfillment_order: [{ fulfillment_order_id: it.fulfilmentOrderId(off) }] })).toThrow(/cancelled/);
  });
  it('leaks its bucket and tells how long to wait', () => {
    let now = 0;
    const bucket = new Bucket(40, 2, () => now);
    expect(Array.from({ length: 40 }, () => bucket.take().taken).every(Boolean)).toBe(true);
    expect(bucket.take()).toMatchObject({ taken: false, retryAfter: 0.5 });
    now += 500;
    expect(bucket.take().taken).toBe(true);
    expect(bucket.take().taken).toBe(false);
    now += 20_000;
    expect(bucket.take()).toMatchObject({ taken: true, level: 1 });
  });
  it('SET-03: pays out every paid order once, and lets a few lines deviate', () => {
    const it = shop();
    for (let index = 0; index < 20; index += 1) it.place(draw(index, index === 19 ? { paid: false } : {}), index === 0 ? 'short' : index === 1 ? 'over' : 'exact');
    const payouts = new Payouts(it, () => Date.parse('2026-11-23T00:00:00Z'));
    const batch = payouts.batch(1, { odd: true });
    const lines = batch?.lines ?? [];
    expect(lines).toHaveLength(19 + 2);
    expect(lines.map(({ oddity }) => oddity).filter(Boolean).sort()).toEqual(['over', 'repeated', 'short', 'unknown-order']);
    for (const line of lines.filter(({ oddity }) => oddity === 'short' || oddity === 'over')) {
      const world = it.orders.get(line.orderId)?.world;
      const expected = world === null || world === undefined ? 0 : totalsOf(world).total;
      expect(Math.abs(line.amount - expected) / expected).toBeGreaterThan(0.005);
    }
    expect(payouts.batch(2)).toBeUndefined();
    expect(payouts.batch(1)).toBe(batch);
    const order = it.orders.get(lines[5]?.orderId ?? '')?.world;
    if (order === null || order === undefined) throw new Error('an order of the batch');
    changes.cancel(order, order.updatedAt, 'customer');
    expect(payouts.batch(2)?.lines).toEqual([expect.objectContaining({ type: 'refund', amount: -totalsOf(order).total, fee: 0 })]);
  });
  it('writes the payout as the platform does: net is amount less fee', () => {
    const it = shop();
    it.place({ ...draw(0), presentment: null });
    const [head = '', row = ''] = toCsv(new Payouts(it, () => Date.parse('2026-11-23T00:00:00Z')).batch(1) ?? { number: 0, date: 0, offsetMinutes: 0, lines: [] }).split('\n');
    expect(head.split(',')).toHaveLength(17);
    const cells = row.split(',');
    expect(cells).toHaveLength(17);
    expect(cells[0]).toBe('2026-11-21 10:00:00 +0800');
    expect(Number(cells[11])).toBeCloseTo(Number(cells[9]) - Number(cells[10]), 2);
  });
});
