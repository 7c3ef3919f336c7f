import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ClearOrder, Reading } from '../platform.js';
import { readDelivery } from './delivery.js';
import { webhooks } from './signature.js';
import { stock } from './stock.js';

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`));
const only = (body: Uint8Array | string, topic = 'orders/create'): Reading => {
  const readings = readDelivery({ topic, body: typeof body === 'string' ? Buffer.from(body) : body });
  expect(readings).toHaveLength(1);
  return readings[0]!;
};
const orderIn = (reading: Reading): ClearOrder => {
  if (reading.said.as !== 'order') throw new Error(`not an order: ${JSON.stringify(reading.said)}`);
  return reading.said.order;
};
const reasonOf = (reading: Reading): string => (reading.said.as === 'failure' ? reading.said.reason : `understood as ${reading.said.as}`);
/** The smallest order, with something else in it. */
const small = (change: object): string =>
  JSON.stringify({ id: 1, created_at: '2026-11-01T00:00:00Z', currency: 'USD', total_price: '5.00', line_items: [{ id: 2, sku: 'S', title: 'T', quantity: 1, price: '5.00' }], ...change });

describe('what Shopify lists', () => {
  const listed = async (product: string, variant: string): Promise<string> => {
    const node = { id: 'gid://shopify/ProductVariant/7', title: variant, product: { id: 'gid://shopify/Product/9', title: product }, inventoryItem: { id: 'gid://shopify/InventoryItem/8' } };
    const answer = { data: { productVariants: { nodes: [node], pageInfo: { hasNextPage: false } } } };
    const page = await stock.list({ url: 'http://shop', token: 't', secret: new Uint8Array(), wait: () => Promise.resolve(), fetch: () => Promise.resolve(new Response(JSON.stringify(answer))) }, { from: '', location: '1' });
    return page.outcome === 'page' ? page.items[0]!.title : page.why;
  };
  const line = { id: 2, sku: 'S', quantity: 1, price: '5.00' };

  it.each([
    ['Longjing', '250 g', { title: 'Longjing', variant_title: '250 g' }, 'Longjing - 250 g'],
    ['Longjing', '250 g', { title: '', name: 'Longjing - 250 g', variant_title: '250 g' }, 'Longjing - 250 g'],
    ['Teapot', 'Default Title', { title: 'Teapot', variant_title: null }, 'Teapot'],
    // Its L is another than its XL.
    ['Shirt XL', 'L', { title: 'Shirt XL', variant_title: 'L' }, 'Shirt XL - L'],
  ])('ING-08, ING-12: %s in %s is called as in orders, so that the SKU map knows it in both', async (product, variant, inOrder, title) => {
    expect([await listed(product, variant), orderIn(only(small({ line_items: [{ ...line, ...inOrder }] }))).lines[0]!.title]).toEqual([title, title]);
  });

  it('ING-12: no title is cut within a character', async () => expect((await listed(`${'a'.repeat(499)}🎁`, '')).isWellFormed()).toBe(true));
});

describe('a Shopify order', () => {
  it('ING-01: has big ids, shop money, discounts, several shipping lines, remark, properties and tags', () => {
    const reading = only(fixture('order-two-currencies'));
    expect(reading).toMatchObject({ channelOrderId: '7200145901234567891', kind: 'announce', buyer: 'customer:6601234567890123457' });
    expect(orderIn(reading)).toEqual({
      number: '#2041', placedAt: '2026-11-03T08:15:27.000Z', modifiedAt: '2026-11-03T08:15:29.000Z', payment: 'PAYMENT_STATE_PAID',
      buyer: { email: 'Greta.Lind@example.se', phone: '+46701740605', locale: 'sv-SE' },
      shipTo: { country: 'SE', province: '', city: 'Umeå', district: '', postcode: '903 26', street: 'Storgatan 14, lgh 1203', company: 'Lind & Söner AB', name: 'Greta Lind', phone: '070-174 06 05' },
      lines: [
        { channelLineId: '18200145901234567001', channelSku: 'TEA-LJ-250', title: 'Longjing - 250 g', quantity: 2, unitPrice: 2990, discount: 598, requiresShipping: true, grams: 280, attributes: [{ name: 'Engraving', value: 'Till Elsa' }] },
        { channelLineId: '18200145901234567002', channelSku: 'POT-01', title: 'Teapot', quantity: 1, unitPrice: 2290, discount: 229, requiresShipping: true, grams: 900, attributes: [] },
      ],
      currency: 'EUR', subtotal: 8270, discount: 827, shipping: 420, tax: 1380, total: 9243, remark: 'Ring the upper bell 🔔, please', tags: ['wholesale', 'VIP'],
      shippingMethod: 'Standard, Fragile', test: false, attributes: [{ name: 'gift_message', value: 'Grattis Elsa!' }],
    });
    expect(reading.said).toMatchObject({ facts: { paid: { paidAt: '2026-11-03T08:15:26.000Z', amount: 9243, currency: 'EUR' }, cancelled: null, refunds: [] } });
  });

  it.each<[string, object, number | undefined]>([
    ['nothing is outstanding', { total_outstanding: '0.00' }, 500],
    ['a part is, though the platform calls it paid', { total_outstanding: '1.20' }, 380],
    ['more was paid than it costs', { total_outstanding: '-0.50' }, 550],
    ['an edit made it cheaper', { total_outstanding: '-2.00', current_total_price: '3.00' }, 500],
    ['it is said in the words of GraphQL', { total_outstanding_set: { shop_money: { amount: '1.00' } } }, 400],
    ['nothing is said of it', {}, undefined],
    ['it is not paid yet', { financial_status: 'pending', total_outstanding: '5.00' }, undefined],
    ['a part was paid back', { financial_status: 'partially_refunded', total_outstanding: '0.00' }, undefined],
  ])('ORD-02: tells what was paid where %s', (_which, change, amountPaid) => {
    const { said } = only(small({ financial_status: 'paid', ...change }));
    expect(said.as === 'order' ? [said.order.amountPaid, said.facts.paid?.told] : said).toEqual([amountPaid, amountPaid === undefined ? undefined : true]);
    if (amountPaid !== undefined) expect(said).toMatchObject({ facts: { paid: { amount: amountPaid } } });
  });

  it('ING-01: may be wrapped, by a guest, in yen, with numbers for texts, texts for numbers and an object for a list', () => {
    const reading = only(fixture('order-yen-guest'));
    expect(reading).toMatchObject({ channelOrderId: '5123456789012', buyer: 'email:k.sato@example.jp' });
    expect(orderIn(reading)).toMatchObject({
      number: '#77', placedAt: '2026-10-30T14:59:59.000Z', modifiedAt: '2026-10-30T14:59:59.000Z', payment: 'PAYMENT_STATE_UNPAID', total: 5480, subtotal: 4980, shipping: 500, tax: 0, discount: 0,
      buyer: { email: 'k.sato@example.jp', phone: '' },
      shipTo: { country: 'JP', province: '京都府', city: '京都市中京区', postcode: '604-8005', street: '河原町通三条上る1-2', name: '健一 佐藤', phone: '075-213-1111' },
      lines: [{ channelLineId: '9001', channelSku: 'CUP-2', title: 'Cup', quantity: 2, unitPrice: 2490, requiresShipping: true }],
      tags: ['new', 'kyoto'], attributes: [{ name: 'delivery_time', value: '18-20' }],
    });
  });

  it('ING-01: of the shop’s own counter has no customer and no address, and a gift card is not shipped', () => {
    const reading = only(fixture('order-counter'));
    expect(reading.buyer).toBe('order:4450001');
    expect(orderIn(reading)).toMatchObject({
      shipTo: { country: '', street: '', name: '' }, buyer: { email: '', phone: '' }, remark: '',
      lines: [{ channelSku: 'TEA-1', requiresShipping: true }, { channelSku: '', requiresShipping: false, unitPrice: 5000 }], total: 6000, shipping: 0,
    });
  });

  it('ALC-12: an order without an address whose shipping line is called like a location is collected there', () => {
    const tree = JSON.parse(fixture('order-counter').toString()) as Readonly<Record<string, unknown>>;
    const method = (line: object, more: object = {}): string => orderIn(only(Buffer.from(JSON.stringify({ ...tree, shipping_lines: [line], ...more })))).shippingMethod;
    expect(method({ title: 'SantaVenera', code: 'SantaVenera' })).toBe('Local pickup: SantaVenera');
    expect(method({ title: 'SantaVenera', code: 'SantaVenera' }, { shipping_address: { city: 'Valletta', country_code: 'MT' } })).toBe('SantaVenera');
    expect(method({ title: 'Standard', code: 'Standard' })).toBe('Standard');
    expect(method({ title: 'Somewhere', code: 'STANDARD' })).toBe('Somewhere');
  });

  it('ING-11: carries its refunds as facts: what was cancelled is taken off, what was returned had been shipped', () => {
    const { said } = only(fixture('order-refunded'), 'orders/updated');
    expect(said).toMatchObject({
      as: 'order',
      order: { total: 10000, payment: 'PAYMENT_STATE_PARTIALLY_REFUNDED', lines: [{ channelLineId: '11', quantity: 4, discount: 1000 }, { channelLineId: '12', quantity: 1 }] },
      facts: {
        refunds: [
          { refundId: '501', state: 'settled', amount: 3750, currency: 'USD', modifiedAt: '2026-11-02T10:00:00.000Z', lines: [{ channelLineId: '11', sku: 'A', quantity: 1 }, { channelLineId: '12', sku: 'B', quantity: 1 }] },
          { refundId: '502', state: 'requested', amount: 1250, modifiedAt: '2026-11-04T10:00:00.000Z', lines: [] },
        ],
      },
    });
  });

  it('ING-11: refunds/create is a patch of its order', () => {
    const reading = only(fixture('refund'), 'refunds/create');
    expect(reading).toMatchObject({ channelOrderId: '88001', kind: 'update', said: { as: 'facts', facts: { refunds: [{ refundId: '501', amount: 3750, state: 'settled' }], paid: null } } });
  });

  it.each([
    ['pending', 'PAYMENT_STATE_UNPAID', false], ['authorized', 'PAYMENT_STATE_AUTHORIZED', false], ['partially_paid', 'PAYMENT_STATE_PARTIALLY_PAID', false], ['paid', 'PAYMENT_STATE_PAID', true],
    ['partially_refunded', 'PAYMENT_STATE_PARTIALLY_REFUNDED', true], ['refunded', 'PAYMENT_STATE_REFUNDED', true], ['voided', 'PAYMENT_STATE_VOIDED', false], ['expired', 'PAYMENT_STATE_VOIDED', false],
    ['something_new', 'PAYMENT_STATE_UNSPECIFIED', false], [null, 'PAYMENT_STATE_UNPAID', false],
  ])('ING-01: financial_status %s is %s', (status, payment, paid) => {
    const { said } = only(small({ financial_status: status }));
    expect(said).toMatchObject({ order: { payment } });
    expect(said.as === 'order' && said.facts.paid !== null).toBe(paid);
  });

  it.each([
    [['Cash on Delivery (COD)'], 'PAYMENT_STATE_AUTHORIZED'], [['cod'], 'PAYMENT_STATE_AUTHORIZED'], [['货到付款'], 'PAYMENT_STATE_AUTHORIZED'],
    [['manual'], 'PAYMENT_STATE_UNPAID'], [['Cash on Delivery (COD)', 'visa'], 'PAYMENT_STATE_UNPAID'], [['codeforge'], 'PAYMENT_STATE_UNPAID'], [[], 'PAYMENT_STATE_UNPAID'],
  ])('ORD-02: an order that waits for money by %j is %s', (ways, payment) =>
    expect(orderIn(only(small({ financial_status: 'pending', payment_gateway_names: ways })))).toMatchObject({ payment }));

  it('ING-01: what costs nothing is paid', () =>
    expect(orderIn(only(small({ total_price: '0.00', line_items: [{ id: 2, quantity: 1, price: '0.00' }] })))).toMatchObject({ payment: 'PAYMENT_STATE_PAID' }));

  it('ING-11: a cancelled order says when and why', () => {
    const { said } = only(small({ cancelled_at: '2026-11-02T01:00:00+01:00', cancel_reason: 'customer' }), 'orders/cancelled');
    expect(said).toMatchObject({ facts: { cancelled: { cancelledAt: '2026-11-02T00:00:00.000Z', reason: 'customer' } } });
  });

  it('ING-01: an added line raises the total, a refund does not lower it', () => {
    expect(orderIn(only(small({ current_total_price: '9.00' }))).total).toBe(900);
    expect(orderIn(only(small({ current_total_price: '1.00' }))).total).toBe(500);
  });

  it('ING-01: amounts may stand in shop_money alone, never in presentment_money', () => {
    const set = (amount: string): object => ({ shop_money: { amount, currency_code: 'USD' }, presentment_money: { amount: '999.99', currency_code: 'CAD' } });
    const order = orderIn(only(small({ currency: null, total_price: null, total_price_set: set('7.50'), total_shipping_price_set: set('2.50'), line_items: [{ id: 2, quantity: 1, price_set: set('5.00') }] })));
    expect(order).toMatchObject({ currency: 'USD', total: 750, shipping: 250, lines: [{ unitPrice: 500 }] });
  });

  it('ING-01: of a list stands for itself, and a line’s part of every discount counts before what was given to the line', () => {
    const line = (id: number, amount: string): object => ({ id, sku: 'S', title: 'T', quantity: 1, price: '5.00', total_discount: '0.00', discount_allocations: [{ amount }] });
    const orders = [small({ line_items: [line(2, '0.34'), line(3, '0.33')] }), small({ id: 7 })].map((text): unknown => JSON.parse(text));
    const readings = readDelivery({ topic: '', body: Buffer.from(JSON.stringify({ orders })) });
    expect(readings.map((reading) => [reading.channelOrderId, orderIn(reading).lines.map(({ discount }) => discount)])).toEqual([['1', [34, 33]], ['7', [0]]]);
  });

  it('ING-01: a line without an id is named by its place', () =>
    expect(orderIn(only(small({ line_items: [{ id: null, sku: 'A', quantity: 1, price: '1' }, { admin_graphql_api_id: 'gid://shopify/LineItem/7', quantity: 1, price: '1' }] }))).lines.map(({ channelLineId }) => channelLineId)).toEqual(['#1', '7']));

  it('ING-01: a BOM, escaped slashes and unknown fields are no obstacle', () => {
    const body = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(small({ landing_site: '\u0000', nested: { deep: ['x'] }, note: 'a/b' }).replaceAll('/', '\\/'))]);
    expect(orderIn(only(body)).remark).toBe('a/b');
  });

  it('ING-11: an order edit and a fulfilment name their order and say nothing new', () => {
    expect(only('{"order_edit":{"id":1,"order_id":820982911946154508,"line_items":{"additions":[{"id":1,"delta":1}],"removals":[]}}}', 'orders/edited')).toMatchObject({ channelOrderId: '820982911946154508', said: { as: 'facts' } });
    expect(only('{"id":5,"order_id":88001,"status":"success","tracking_number":"SF1"}', 'fulfillments/create')).toMatchObject({ channelOrderId: '88001', kind: 'update', said: { as: 'facts', facts: { refunds: [] } } });
  });

  it('ING-01: in GraphQL’s words is the same order', () => {
    const money = (amount: string): object => ({ shopMoney: { amount, currencyCode: 'USD' } });
    const node = {
      id: 'gid://shopify/Order/5001', name: '#1001', createdAt: '2026-03-15T12:00:00Z', updatedAt: '2026-03-16T12:00:00Z', displayFinancialStatus: 'PAID', currencyCode: 'USD', totalPriceSet: money('98.00'), note: 'hi',
      totalDiscountsSet: money('2.00'), shippingAddress: { firstName: 'Ann', lastName: 'Lee', address1: '1 Main', city: 'Austin', provinceCode: 'TX', zip: '78701', countryCodeV2: 'US', countryCode: 'US' }, customAttributes: [{ key: 'gift', value: 'yes' }],
      refunds: [{ id: 'gid://shopify/Refund/7001', createdAt: '2026-03-17T12:00:00Z', totalRefundedSet: money('25.00'), refundLineItems: { edges: [{ node: { lineItem: { id: 'gid://shopify/LineItem/9001', sku: 'W' }, quantity: 1, restockType: 'return' } }] } }],
      lineItems: { edges: [{ node: { id: 'gid://shopify/LineItem/9001', sku: 'W', title: 'Widget', quantity: 2, originalUnitPriceSet: money('50.00'), totalDiscountSet: money('2.00') } }] },
    };
    const page = { orders: { edges: [{ node }, { node: { ...node, id: 'gid://shopify/Order/5002' } }] } };
    const [first, second] = readDelivery({ topic: '', body: Buffer.from(JSON.stringify({ data: page })) });
    expect(readDelivery({ topic: '', body: Buffer.from(JSON.stringify(page)) })).toEqual([first, second]);
    expect(first).toMatchObject({ channelOrderId: '5001', kind: 'announce' });
    expect(orderIn(first!)).toMatchObject({ total: 9800, remark: 'hi', attributes: [{ name: 'gift', value: 'yes' }], shipTo: { country: 'US', name: 'Ann Lee' }, lines: [{ channelLineId: '9001', quantity: 2, unitPrice: 5000, discount: 200 }] });
    expect(first!.said).toMatchObject({ facts: { refunds: [{ refundId: '7001', amount: 2500, lines: [] }] } });
    expect(second?.channelOrderId).toBe('5002');
  });
});

describe('garbage', () => {
  it.each([
    ['BAD_JSON', 'not json at all'], ['BAD_JSON', ''], ['BAD_JSON', '[]'], ['BAD_JSON', '"text"'], ['BAD_JSON', 'null'], ['BAD_JSON', `${'['.repeat(100_000)}`], ['BAD_JSON', `{"id":1,"x":${'['.repeat(70)}${']'.repeat(70)}}`],
    ['NO_ORDER_ID', '{}'], ['NO_ORDER_ID', small({ id: 'abc' })], ['NO_ORDER_ID', small({ id: -5 })], ['NO_ORDER_ID', small({ id: 1.5 })], ['NO_ORDER_ID', '{"ping":true}'],
    ['NO_LINES', small({ line_items: [] })], ['NO_LINES', small({ line_items: null })], 
    ['BAD_AMOUNT', small({ total_price: 'many' })], ['BAD_AMOUNT', small({ total_price: '-5.00' })], ['BAD_AMOUNT', small({ total_price: null })], ['BAD_AMOUNT', small({ total_price: '5.005' })], ['BAD_AMOUNT', small({ currency: 'JPY', total_price: '5.50' })],
    ['BAD_AMOUNT', small({ line_items: [{ id: 2, quantity: 1 }] })], ['BAD_CURRENCY', small({ currency: 'EURO' })], ['BAD_CURRENCY', small({ currency: null })],
    ['BAD_QUANTITY', small({ line_items: [{ id: 2, quantity: -1, price: '1' }] })], ['BAD_QUANTITY', small({ line_items: [{ id: 2, quantity: 1.5, price: '1' }] })], ['BAD_QUANTITY', small({ line_items: [{ id: 2, price: '1' }] })],
    ['BAD_INSTANT', small({ created_at: 'yesterday' })], ['BAD_INSTANT', small({ created_at: null })], ['BAD_INSTANT', small({ updated_at: '2026-02-30T00:00:00Z' })],
    ['BAD_TEXT', small({ note: 'a\u0000b' })], ['BAD_TEXT', small({}).replace('"T"', '"\\ud800"')], ['TOO_LARGE', small({ note: 'x'.repeat(20_000) })],
    ['TOO_LARGE', small({ line_items: Array.from({ length: 1_001 }, (_, id) => ({ id, quantity: 1, price: '1' })) })],
  ])('ING-14: has the reason %s', (reason, body) => expect(reasonOf(only(body))).toBe(reason));

  it('ING-14: bytes that are no UTF-8 have a reason', () => expect(reasonOf(only(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])))).toBe('BAD_TEXT'));
  it('ING-14: a topic that says nothing about orders has a reason', () => expect(reasonOf(only('{"id":1,"title":"T"}', 'products/update'))).toBe('UNKNOWN_TOPIC'));

  it('ING-14: the reason never quotes what was sent', () => {
    for (const body of ['{"name": Maria Lopez}', small({ total_price: 'Maria Lopez' }), small({ created_at: 'Maria Lopez' }), small({ currency: 'Maria Lopez' }), small({ line_items: [{ id: 2, quantity: 'Maria Lopez', price: '1' }] })]) {
      expect(JSON.stringify(only(body))).not.toContain('Maria');
    }
  });
});

describe('a Shopify signature', () => {
  const body = fixture('order-two-currencies');
  const secret = Buffer.from('shpss_test');
  const signed = { 'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64') };

  it('ING-01: comes with its topic in a header of its own', () => expect(webhooks.topic({ ...signed, 'x-shopify-topic': 'Orders/Cancelled' })).toBe('orders/cancelled'));

  it('ING-01: is over the bytes as they were sent', () => {
    expect(webhooks.verify(secret, signed, body)).toBe(true);
    expect(webhooks.verify(secret, signed, Buffer.from(JSON.stringify(JSON.parse(body.toString()))))).toBe(false);
  });

  it('ING-01: matches a vector computed by other means', () =>
    // printf 'hello' | openssl dgst -sha256 -hmac secret -binary | base64
    expect(webhooks.verify(Buffer.from('secret'), { 'x-shopify-hmac-sha256': 'iKqz7ejTrflNJquQ07r9SiCDBww7zOnAFO4EpEOEfAs=' }, Buffer.from('hello'))).toBe(true));

  it.each([[{}], [{ 'x-shopify-hmac-sha256': '' }], [{ 'x-shopify-hmac-sha256': 'AAAA' }], [{ 'x-shopify-hmac-sha256': [signed['x-shopify-hmac-sha256'], 'x'] }], [{ 'x-shopify-hmac-sha256': `${signed['x-shopify-hmac-sha256'].slice(0, -2)}A=` }]])(
    'ING-01: %j is none',
    (headers) => expect(webhooks.verify(secret, headers, body)).toBe(false),
  );

  it('ING-01: under another secret, or none, is none', () => {
    expect(webhooks.verify(Buffer.from('other'), signed, body)).toBe(false);
    expect(webhooks.verify(Buffer.alloc(0), { 'x-shopify-hmac-sha256': createHmac('sha256', '').update(body).digest('base64') }, body)).toBe(false);
  });
});
