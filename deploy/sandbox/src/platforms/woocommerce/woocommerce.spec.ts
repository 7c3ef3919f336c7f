import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { readCatalogue } from '../../orders/catalogue.js';
import { generateOrder } from '../../orders/generate.js';
import { refundUnit } from '../shopify/changes.js';
import { lineId, orderTree, refundTrees, WooShop } from './shop.js';
import { wooSign } from './webhooks.js';

const catalogue = readCatalogue();
const now = Date.parse('2026-11-21T10:00:00Z');
const shop = (channel = 'woo'): WooShop => new WooShop(channel, 'secret', 'ck:cs', () => now);
const world = (index: number) => generateOrder({ catalogue, seed: 7, salt: 's', index, channel: 'woo', number: index, at: now, wish: { units: 2 } });
interface Tree { id: number; total: string; total_tax: string; shipping_total: string; line_items: { total: string }[]; refunds: { id: number; total: string }[] }

describe('WooCommerce in the sandbox', () => {
  it('ING-01: signs the bytes in base64', () => expect(wooSign('secret', '{"id":1}')).toBe(createHmac('sha256', 'secret').update('{"id":1}').digest('base64')));

  it('ING-11: numbers the orders of every shop from the same figure on', () => expect([shop('a').place(world(1)).id, shop('b').place(world(2)).id]).toEqual([1_001, 1_001]));

  it('ING-01: writes sums without tax that add up to the total', () => {
    for (let index = 1; index <= 50; index += 1) {
      const tree = orderTree(shop().place(world(index))) as unknown as Tree;
      const sum = [...tree.line_items.map(({ total }) => total), tree.shipping_total, tree.total_tax].reduce((all, text) => all + Math.round(Number(text) * 100), 0);
      expect([index, sum]).toEqual([index, Math.round(Number(tree.total) * 100)]);
    }
  });

  it('ING-11: names refunds without their units, and tells those apart', () => {
    const order = shop().place(world(1));
    refundUnit(order.world, now);
    expect((orderTree(order) as unknown as Tree).refunds).toMatchObject([{ total: expect.stringMatching(/^-/) }]);
    expect(JSON.stringify(orderTree(order))).not.toContain('_refunded_item_id');
    const line = order.world.lines.find(({ currentQuantity, quantity }) => currentQuantity < quantity)!;
    expect(refundTrees(order)).toMatchObject([{ line_items: [{ quantity: -1, meta_data: [{ key: '_refunded_item_id', value: String(lineId(order, line)) }] }] }]);
  });

  it('ING-13: keeps meta data once where its id is sent again', () => {
    const one = shop();
    const order = one.place(world(1));
    one.putMeta(order, [{ key: 'a', value: 1 }]);
    one.putMeta(order, [{ id: order.meta[0]!.id, key: 'a', value: 2 }, { key: 'a', value: 3 }]);
    expect(order.meta.map(({ value }) => value)).toEqual([2, 3]);
  });
});
