import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Reading, Said } from '../platform.js';
import { pulledOrder, readDelivery } from './delivery.js';
import { webhooks } from './signature.js';

const fixture = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8'));
const order = (): Record<string, unknown> => fixture('order') as Record<string, unknown>;
const read = (change: Record<string, unknown> = {}, topic = 'order.created'): Reading => readDelivery({ topic, body: Buffer.from(JSON.stringify({ ...order(), ...change })), receivedAt: '2026-11-22T00:00:00.000Z' })[0]!;
const said = (change: Record<string, unknown> = {}, topic?: string): Said => read(change, topic).said;
const line = (change: object): Record<string, unknown> => ({ line_items: [{ ...(order()['line_items'] as object[])[0], ...change }] });

describe('an order of WooCommerce', () => {
  it('ING-01: is an order in our words, with its sums to the last cent', () => {
    expect(read()).toEqual({
      channelOrderId: '727', kind: 'announce', buyer: 'customer:26',
      said: {
        as: 'order',
        order: {
          number: '#2026-727', placedAt: '2026-11-21T10:28:02.000Z', modifiedAt: '2026-11-21T10:28:08.000Z', payment: 'PAYMENT_STATE_PAID', buyer: { email: 'Joerg@Example.com', phone: '+49 431 123456', locale: '' },
          shipTo: { country: 'DE', province: 'SH', city: 'Lübeck', district: '', postcode: '23552', street: 'Hafenweg 7, Hof 2', company: 'Muster GmbH', name: 'Anna Muster', phone: '+49 431 123456' },
          lines: [
            { channelLineId: '315', channelSku: 'TEA-LJ-250', itemId: '93', title: 'Tea - 250 g', quantity: 3, unitPrice: 334, discount: 102, requiresShipping: true, grams: 0, attributes: [{ name: 'Colour', value: 'black' }] },
            { channelLineId: '316', channelSku: 'CUP-GL-350', title: 'Cup', quantity: 1, unitPrice: 900, discount: 0, requiresShipping: true, grams: 0, attributes: [] },
          ],
          currency: 'EUR', subtotal: 1902, discount: 100, shipping: 490, tax: 190, total: 2480, remark: 'Bitte klingeln', tags: [], shippingMethod: 'Flat Rate', test: false, attributes: [{ name: 'Gift', value: 'yes' }],
        },
        facts: { modifiedAt: '2026-11-21T10:28:08.000Z', paid: { paidAt: '2026-11-21T10:28:08.000Z', amount: 2480, currency: 'EUR' }, cancelled: null, refunds: [], allRefunds: true, frozen: { frozen: false, reason: '' } },
      },
    });
  });

  it('ING-01: of a shop that ships to billing addresses alone goes there; one that is collected goes nowhere', () => {
    expect(said({ shipping: { first_name: '', last_name: '', address_1: '', city: '', postcode: '', country: '' } })).toMatchObject({ order: { shipTo: { city: 'Kiel', name: 'Jörg Beispiel' } } });
    expect(said({ shipping_lines: [{ method_id: 'local_pickup', method_title: 'Shop' }] })).toMatchObject({ order: { shippingMethod: 'Local pickup: Shop', shipTo: { city: '', name: '' } } });
  });

  it.each([
    [{ status: 'pending', date_paid_gmt: null }, { payment: 'PAYMENT_STATE_UNPAID' }, { paid: null }],
    [{ status: 'failed', date_paid_gmt: null }, { payment: 'PAYMENT_STATE_UNPAID' }, { cancelled: null }],
    [{ payment_method: 'cod', date_paid_gmt: null }, { payment: 'PAYMENT_STATE_AUTHORIZED' }, { paid: null }],
    [{ status: 'on-hold' }, { payment: 'PAYMENT_STATE_PAID' }, { frozen: { frozen: true, reason: 'on-hold' } }],
    [{ status: 'packing' }, { payment: 'PAYMENT_STATE_PAID' }, { frozen: { frozen: true, reason: 'status packing' } }],
    [{ status: 'cancelled' }, {}, { cancelled: { cancelledAt: '2026-11-21T10:28:08.000Z', reason: 'cancelled' } }],
    [{ status: 'trash', date_paid_gmt: null }, { payment: 'PAYMENT_STATE_VOIDED' }, { cancelled: { reason: 'trash' } }],
    [{ status: 'refunded' }, { payment: 'PAYMENT_STATE_REFUNDED' }, { cancelled: { reason: 'refunded' } }],
    [{ status: 'refunded', date_completed_gmt: '2026-11-21T11:00:00' }, {}, { cancelled: null }],
  ])('ING-01: %j', (change, wanted, facts) => expect(said(change)).toMatchObject({ as: 'order', order: wanted, facts }));

  it('ING-01: that has left, or is a basket, says no order', () => {
    expect(said({ status: 'completed', date_completed_gmt: '2026-11-21T11:00:00' }, 'order.updated')).toMatchObject({ as: 'facts', facts: { paid: { amount: 2480 }, cancelled: null } });
    expect(read({ status: 'checkout-draft', currency: '' })).toMatchObject({ kind: 'update', said: { as: 'facts', facts: { paid: null } } });
  });

  it('ING-11: a refund is asked for until its units are known, and of what had left none are taken off', () => {
    const refunds = [{ id: 740, reason: '', total: '-3.00' }];
    expect(said({ refunds })).toMatchObject({ as: 'order', facts: { refunds: [{ refundId: '740', state: 'requested', amount: 300, lines: [] }] } });
    const settled = { refunds: [{ refundId: '740', state: 'settled', modifiedAt: '2026-11-21T12:00:00.000Z', amount: 300, currency: 'EUR', lines: [{ channelLineId: '315', sku: 'TEA-LJ-250', quantity: 1 }] }] };
    expect(said({ refunds, refund_details: fixture('refunds') }, pulledOrder)).toMatchObject({ as: 'order', order: { lines: [{ quantity: 3 }, {}] }, facts: settled });
    expect(said({ refunds, refund_details: fixture('refunds'), date_completed_gmt: '2026-11-21T11:00:00' })).toMatchObject({ facts: { refunds: [{ state: 'settled', lines: [] }] } });
  });

  it('ING-11: that is deleted is cancelled when that is heard', () =>
    expect(readDelivery({ topic: 'order.deleted', body: Buffer.from('{"id":727}'), receivedAt: '2026-11-22T00:00:00.000Z' })).toMatchObject([{ channelOrderId: '727', kind: 'update', said: { as: 'facts', facts: { cancelled: { cancelledAt: '2026-11-22T00:00:00.000Z', reason: 'deleted' } } } }]));

  it.each([
    ['NO_ORDER_ID', { id: 'x' }], ['BAD_CURRENCY', { currency: 'EURO' }], ['BAD_AMOUNT', { total: '1,00' }], ['BAD_AMOUNT', { total: '-1.00' }], ['BAD_INSTANT', { date_modified_gmt: 'now' }], ['NO_LINES', { line_items: [] }],
    ['CONTRACT_VIOLATED', line({ id: '' })], ['BAD_QUANTITY', line({ quantity: 1.5 })], ['BAD_QUANTITY', line({ quantity: -2 })], ['BAD_TEXT', { customer_note: '\u0000' }], ['BAD_REQUEST', { refunds: [{ total: '-1.00' }] }],
  ])('ING-14: %s when %j', (reason, change) => expect(said(change)).toMatchObject({ as: 'failure', reason }));

  it('ING-14: what plugins keep with it holds nothing up, whatever it is', () => {
    const [many, huge] = [Array.from({ length: 1_200 }, (_, at) => ({ key: `_p${at}`, value: 'x' })), { key: '_builder', value: 'x'.repeat(20_000) }];
    const others = [{ key: 'Long', value: 'x'.repeat(20_000) }, { key: 'Bad', value: 'a\u0000' }, { key: 'Gift', value: 'yes' }];
    expect(said({ meta_data: [...many, huge, ...others] })).toMatchObject({ as: 'order', order: { attributes: [{ name: 'Gift', value: 'yes' }] } });
    expect(said(line({ meta_data: [huge, { key: '_x', value: '\u0000' }, ...others] }))).toMatchObject({ as: 'order', order: { lines: [{ attributes: [{ name: 'Gift', value: 'yes' }] }] } });
  });

  it('ING-14: that cannot be read still says what of it could: it is cancelled', () => {
    expect(said({ status: 'cancelled', customer_note: '\u0000' }, 'order.updated')).toMatchObject({ as: 'failure', reason: 'BAD_TEXT', facts: { cancelled: { reason: 'cancelled' } } });
    expect(said({ total: '1,00' })).not.toHaveProperty('facts');
  });

  it('ING-14: other topics and garbage have a reason', () => {
    expect(read({}, 'product.updated')).toMatchObject({ channelOrderId: '', said: { as: 'failure', reason: 'UNKNOWN_TOPIC' } });
    for (const body of ['[1]', '{', 'webhook_id=5']) expect(readDelivery({ topic: 'order.created', body: Buffer.from(body) })).toMatchObject([{ channelOrderId: '', said: { as: 'failure', reason: 'BAD_JSON' } }]);
  });
});

describe('a webhook of WooCommerce', () => {
  const [secret, body] = [Buffer.from('wc-secret'), Buffer.from('{"id":727}')];
  const signed = (text: Uint8Array, by: Uint8Array = secret): Record<string, string> => ({ 'x-wc-webhook-signature': createHmac('sha256', by).update(text).digest('base64'), 'x-wc-webhook-topic': 'Order.Created' });

  it('ING-01: is signed over its bytes', () => {
    expect(webhooks.verify(secret, signed(body), body)).toBe(true);
    expect(webhooks.topic(signed(body))).toBe('order.created');
    for (const [headers, bytes] of [[signed(body), Buffer.from('{"id":728}')], [signed(body, Buffer.from('other')), body], [{}, body], [{ 'x-wc-webhook-signature': 'AAAA' }, body]] as const) expect(webhooks.verify(secret, headers, bytes)).toBe(false);
    expect(webhooks.verify(new Uint8Array(), signed(body, new Uint8Array()), body)).toBe(false);
  });

  it('ING-01: that greets has no signature and says nothing else', () => {
    expect(webhooks.greets?.({}, Buffer.from('webhook_id=17'))).toBe(true);
    for (const text of ['webhook_id=17&x=1', '{"id":1}', '', 'webhook_id=']) expect(webhooks.greets?.({}, Buffer.from(text))).toBe(false);
    expect(webhooks.greets?.({ 'x-wc-webhook-signature': 'AAAA' }, Buffer.from('webhook_id=17'))).toBe(false);
  });
});
