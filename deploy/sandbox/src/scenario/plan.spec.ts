import { describe, expect, it } from '@jest/globals';
import { readCatalogue } from '../orders/catalogue.js';
import { generateOrder } from '../orders/generate.js';
import { broken } from './broken.js';
import { makePlan, type PlanOptions } from './plan.js';
import { quotas, ROLES, WAY_ROLES, type Role } from './quotas.js';

const options: PlanOptions = { orders: 500, rate: 50, seed: 7, salt: 's', weather: true, shops: ['shopify-demo'], connector: 'topic-demo', topic: true, firstNumber: 1001 };

describe('the scenario', () => {
  it.each([1, 7, 99, 'x'])('at 500 orders and seed %s every role occurs and at least 80 %% can complete', (seed) => {
    const { entries } = makePlan({ ...options, seed });
    expect(entries).toHaveLength(500);
    expect(new Set(entries.map(({ role }) => role))).toEqual(new Set(Object.keys(ROLES)));
    expect(entries.filter(({ outcome }) => outcome === 'completes').length).toBeGreaterThanOrEqual(400);
    expect(new Set(entries.map(({ channelOrderId }) => channelOrderId)).size).toBe(500);
  });
  it('is the same for the same seed and salt, and mixed otherwise', () => {
    expect(makePlan(options)).toEqual(makePlan(options));
    expect(makePlan({ ...options, seed: 8 }).entries.map(({ role }) => role)).not.toEqual(makePlan(options).entries.map(({ role }) => role));
  });
  it('one order is plain; without weather all are; without the topic none goes there', () => {
    expect(makePlan({ ...options, orders: 1 }).roles).toEqual({ plain: 1 });
    expect(makePlan({ ...options, weather: false })).toMatchObject({ roles: { plain: 500 }, faults: [] });
    expect(makePlan({ ...options, topic: false }).entries.every(({ platform }) => platform === 'shopify')).toBe(true);
  });
  it('the plan knows the ids of the orders that will be made', () => {
    const entry = makePlan(options).entries[17];
    if (entry === undefined) throw new Error('an entry');
    const order = generateOrder({ catalogue: readCatalogue(), seed: 7, salt: 's', index: 17, channel: entry.channel, number: entry.number, at: 0, wish: entry.wish });
    expect(order.id).toBe(entry.channelOrderId);
  });
  it.each([1, 7, 99])('with every way in, all roles of all ways occur at 120 orders and seed %s, and most can complete', (seed) => {
    const ways = { woocommerce: ['woo-demo', 'woo-sh'], taobao: ['taobao-demo'], csv: ['csv-demo'], generic: ['live-demo'], mapped: ['woo-sh'] };
    const { entries } = makePlan({ ...options, orders: 120, seed, ways });
    expect(entries).toHaveLength(120);
    expect(new Set(entries.filter(({ role }) => role !== 'plain').map(({ role }) => role))).toEqual(new Set([...Object.keys(ROLES), ...Object.keys(WAY_ROLES)].filter((role) => role !== 'plain')));
    expect(entries.filter(({ outcome }) => outcome === 'completes').length).toBeGreaterThanOrEqual(85);
    expect(entries.filter(({ role }) => role === 'woo-unmapped').every(({ channel }) => channel === 'woo-sh')).toBe(true);
    // Without weather they come by all ways, too, and plainly; of a shop that is not there none comes.
    const calm = makePlan({ ...options, orders: 100, seed, weather: false, ways: { ...ways, taobao: [] } });
    expect([...new Set(calm.entries.map(({ platform }) => platform))].toSorted()).toEqual(['csv', 'generic', 'shopify', 'woocommerce']);
    expect(calm.entries.every(({ outcome }) => outcome === 'completes')).toBe(true);
  });
  it('percentages can be changed, never beyond all orders', () => {
    expect(quotas(200, { weather: true, mix: { 'short-stock': 10 } }).get('short-stock')).toBe(20);
    const all = quotas(100, { weather: true, mix: { 'both-ways': 100 } });
    expect([...all.values()].reduce((sum, count) => sum + count, 0)).toBe(100);
  });
  it('ING-14: each bad body is bad in its own way', () => {
    const order = generateOrder({ catalogue: readCatalogue(), seed: 1, salt: 's', index: 0, channel: 'c', number: 1, at: 0 });
    const bodyOf = (role: Role): string => broken(role, order).body;
    expect(() => JSON.parse(bodyOf('bad-truncated')) as unknown).toThrow(SyntaxError);
    expect(broken('bad-truncated', order).garbage).toBe(true);
    expect(JSON.parse(bodyOf('bad-lines'))).not.toHaveProperty('line_items');
    expect(JSON.parse(bodyOf('bad-currency'))).toMatchObject({ currency: 'XQZ', total_price_set: { shop_money: { currency_code: 'XQZ' } } });
    expect(JSON.parse(bodyOf('bad-quantity'))).toMatchObject({ line_items: expect.arrayContaining([expect.objectContaining({ quantity: -3 })]) as unknown });
    expect(JSON.parse(bodyOf('bad-amount'))).toMatchObject({ total_price: 'twelve' });
    expect(JSON.parse(bodyOf('bad-address'))).toMatchObject({ shipping_address: null, billing_address: null });
  });
});
