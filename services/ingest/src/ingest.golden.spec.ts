import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, published, topics, type connector, type ingest, type MessageName } from '@flotilla/contracts';
import { fold } from '@flotilla/decider';
import { lineIdOf, orderIdOf, parcelIdOf, subjectIdOf } from '@flotilla/values';
import { readSubmitted } from './channels/connector/delivery.js';
import { submitted } from './channels/connector/order.js';
import { cancellation } from './decide/cancellation.decider.js';
import { channelStock } from './decide/channel-stock.decider.js';
import { channelOrder, type ChannelOrderCommand, type Outcome } from './decide/channel-order.decider.js';
import type { Facts, Refund } from './decide/channel-order.events.js';
import { session, type SessionCommand } from './decide/session.decider.js';
import { shipBy, type ShipByCommand } from './decide/ship-by.decider.js';
import { writeBack, type WriteBackCommand } from './decide/write-back.decider.js';

const golden = (type: string): string => fileURLToPath(new URL(`../../../proto/golden/${type}.json`, import.meta.url));

const channel = 'shopify-demo';
const channelOrderId = '7200145901234567891';
const orderId = orderIdOf(channel, channelOrderId);
const parcelId = parcelIdOf(orderId, 1);
const subject = subjectIdOf(channel, 'customer');
// The shape of a sealed text; what it holds is nobody's.
const sealed = (field: string): string => `sealed.v1.${subject}.${field}.${'Zm9yIHRoZSBjb250cmFjdCBhbG9uZSwgbm8gb25lJ3MgdmFsdWUu'}`;
const eur = (amount: number): { amount: number; currency: string } => ({ amount, currency: 'EUR' });

const order: ingest.ChannelOrder = {
  orderId, channel, platform: 'shopify', channelOrderId, number: '#2041', placedAt: '2026-11-21T08:15:27.000Z', modifiedAt: '2026-11-21T08:15:29.000Z', payment: 'PAYMENT_STATE_UNPAID', paidAt: '',
  buyer: { subject, email: sealed('email'), phone: '', emailIndex: 'kq3vX0yB6mJt1cW9rD2hLA', phoneIndex: '', locale: 'de-DE' },
  shipTo: { country: 'DE', province: 'Schleswig-Holstein', city: 'Kiel', district: '', postcode: '24103', street: sealed('street'), company: '', name: sealed('name'), phone: sealed('phone'), phoneIndex: 'Yb7pQ2sN8uVf5kT0wE4xZg', token: '' },
  lines: [
    { lineId: lineIdOf(orderId, '18200145901234567001'), channelLineId: '18200145901234567001', channelSku: 'TEA-LJ-250', sku: 'TEA-LJ-250', title: 'Longjing - 250 g', quantity: 2, unitPrice: eur(2990), discount: eur(598), total: eur(5382), requiresShipping: true, grams: 280, attributes: [{ name: 'Engraving', value: sealed('text') }], itemId: '48701234567890123', barcode: '', units: 0 },
  ],
  subtotal: eur(5980), discount: eur(598), shipping: eur(490), tax: eur(937), total: eur(5872), remark: sealed('text'), tags: ['VIP'], shippingMethod: 'Standard', test: false, attributes: [{ name: 'gift_message', value: sealed('text') }], custom: [], amountPaid: { amount: 0, currency: '' },
  address: {
    country: 'DE', province: 'Schleswig-Holstein', city: 'Kiel', district: '', code: '', postcode: '24103', confidence: { province: 70, city: 80, district: 0, postcode: 90 }, flags: [], changes: [{ field: 'postcode', from: '24 103', to: '24103' }], phone: 'ABROAD',
  },
  giftMessage: sealed('text'),
};
const facts = (second: number, more: Partial<Facts> = {}): Facts => ({ modifiedAt: `2026-11-21T09:00:0${second}.000Z`, paid: null, cancelled: null, refunds: [], ...more });
const refund = (refundId: string, state: Refund['state'], second: number): Facts =>
  facts(second, { refunds: [{ refundId, state, modifiedAt: facts(second).modifiedAt, amount: 2691, currency: 'EUR', lines: [{ channelLineId: '18200145901234567001', sku: 'TEA-LJ-250', quantity: 1 }] }] });
const outcomes: readonly Outcome[] = [
  { as: 'order', order, fingerprint: 'a', facts: facts(0) },
  { as: 'order', order: { ...order, modifiedAt: '2026-11-21T08:30:00.000Z', shipTo: { ...order.shipTo, city: 'Lübeck', postcode: '23552' } }, fingerprint: 'b', facts: facts(0) },
  { as: 'facts', facts: facts(1, { paid: { paidAt: '2026-11-21T08:20:00.000Z', amount: 5872, currency: 'EUR', told: true } }) },
  { as: 'facts', facts: refund('88001', 'requested', 2) },
  { as: 'facts', facts: refund('88001', 'settled', 3) },
  { as: 'facts', facts: refund('88002', 'requested', 4) },
  { as: 'facts', facts: refund('88002', 'withdrawn', 5) },
  { as: 'facts', facts: facts(6, { cancelled: { cancelledAt: '2026-11-21T09:00:06.000Z', reason: 'customer' } }) },
  { as: 'facts', facts: facts(0, { frozen: { frozen: true, reason: 'risk review of the platform' } }) },
];

const decided = (): ReadonlyMap<string, unknown> => {
  const said = new Map<string, unknown>();
  const keep = (events: readonly { readonly type: string; readonly data: unknown }[]): void => events.forEach(({ type, data }) => said.has(type) || said.set(type, data));
  let state = channelOrder.initial;
  outcomes.forEach((outcome, index) => {
    const command: ChannelOrderCommand = { type: 'ReceiveDelivery', data: { delivery: { orderId, channel, channelOrderId, deliveryId: `d${index}`, kind: 'update', source: 'WEBHOOK', topic: 'orders/updated', sentAt: '', receivedAt: '2026-11-21T09:00:00.000Z', raw: [] }, outcome } };
    const events = channelOrder.decide(command, state);
    keep(events);
    state = fold(channelOrder, events, state);
  });
  const request: WriteBackCommand = { type: 'RequestWriteBack', data: { orderId, channel, channelOrderId, parcelId, carrier: 'sf', waybill: 'SF7444400031887', lines: [], shippedAt: '2026-11-21T10:00:00.000Z', needed: true } };
  const pending = fold(writeBack, writeBack.decide(request, writeBack.initial));
  keep(writeBack.decide({ type: 'RecordSuccess', data: { channelFulfilmentId: '5581234567890123457', at: '2026-11-21T10:00:02.000Z' } }, pending));
  keep(writeBack.decide({ type: 'RecordFailure', data: { reason: 'PLATFORM_REFUSED', detail: 'answered 422: {"errors":["Fulfillment order 1 has an unfulfillable status= cancelled."]}' } }, pending));
  const cancelling = fold(cancellation, cancellation.decide({ type: 'RequestCancellation', data: { orderId, channel, channelOrderId, reason: 'payment_timeout', needed: true } }, cancellation.initial));
  keep(cancellation.decide({ type: 'RecordTold', data: { at: '2026-11-21T10:00:02.000Z' } }, cancelling));
  keep(cancellation.decide({ type: 'RecordRefused', data: { reason: 'PLATFORM_REFUSED', detail: 'answered 422: {"errors":"Cannot cancel order. Order has fulfillments."}', at: '2026-11-21T10:00:02.000Z' } }, cancelling));
  let due = shipBy.initial;
  for (const command of [
    { type: 'NoteShipBy', data: { orderId, channel: 'taobao-demo', channelOrderId: '3180012345678901234', modifiedAt: '2026-11-21T08:20:00.000Z', due: { from: '2026-11-21T08:20:00.000Z', until: '2026-11-23T08:20:00.000Z' }, at: '2026-11-21T08:21:00.000Z' } },
    { type: 'LookAtShipBy', data: { orderId, platform: 'taobao', at: '2026-11-22T22:44:00.000Z' } },
    { type: 'EndShipBy', data: { orderId, at: '2026-11-23T01:00:00.000Z' } },
  ] as const satisfies readonly ShipByCommand[]) {
    const events = shipBy.decide(command, due);
    keep(events);
    due = fold(shipBy, events, due);
  }
  keep(channelStock.decide({ type: 'NoteTold', data: { channel, sku: 'TEA-LJ-250', level: 14, items: ['gid://shopify/InventoryItem/48701234567890123'], available: 30, frozen: false, rulesVersion: 2, since: '2026-11-21T09:00:00.000Z', asOf: '2026-11-21T09:00:00.700Z', acceptedAt: '2026-11-21T09:00:01.250Z' } }, null));
  let standing = session.initial;
  for (const command of [
    { type: 'BeginRenewal', data: { channel: 'taobao-demo', fingerprint: 'a', at: '2026-11-21T09:00:00.000Z', because: 'OVER' } },
    { type: 'RecordRefused', data: { channel: 'taobao-demo', platform: 'taobao', attempt: 1, why: 'TOP 15 isv.invalid-refresh-token: the refresh token is spent; let the seller authorise the app again', at: '2026-11-21T09:00:01.000Z' } },
    { type: 'BeginRenewal', data: { channel: 'taobao-demo', fingerprint: 'b', at: '2026-11-21T10:00:00.000Z', because: 'DUE' } },
    { type: 'RecordRenewed', data: { channel: 'taobao-demo', attempt: 2, fingerprint: 'c', expiresAt: '2026-12-21T10:00:00.000Z', at: '2026-11-21T10:00:01.000Z' } },
  ] as const satisfies readonly SessionCommand[]) {
    const events = session.decide(command, standing);
    keep(events);
    standing = fold(session, events, standing);
  }
  return said;
};

const read = (type: MessageName, example: unknown): unknown => {
  const file = golden(type);
  if (process.env['FLOTILLA_WRITE_GOLDEN'] === 'ingest' && !existsSync(file)) writeFileSync(file, `${JSON.stringify(example, null, 2)}\n`);
  return JSON.parse(readFileSync(file, 'utf8'));
};

describe('golden examples', () => {
  const said = decided();

  it.each(published[topics.ingest])('ING-11: %s is what the deciders say', (type) => {
    const data = said.get(type.replace('flotilla.ingest.v1.', ''));
    expect(data).toBeDefined();
    expect(data).toEqual(read(type, data));
    expect(parseMessage(type, data)).toEqual(data);
  });

  it('ING-05: a submitted order is understood', async () => {
    const example = read(submitted, {
      channel: 'topic-demo', channelOrderId: 'TB-20261121-0007', number: 'TB-0007', placedAt: '2026-11-21T02:00:00.000Z', modifiedAt: '2026-11-21T02:05:00.000Z', payment: 'paid', paidAt: '2026-11-21T02:01:00.000Z',
      cancelledAt: '', cancelReason: '', currency: 'CNY', personal: 'eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSJ9..aXYtMTItYnl0ZXM.c2VhbGVkIHRvIGluZ2VzdA.dGFnLW9mLTE2LWJ5dGVz', country: 'CN', province: '浙江省', city: '杭州市', district: '西湖区',
      postcode: '310013', lines: [{ channelLineId: 'L1', channelSku: 'TEA-LJ-250', title: '西湖龙井 250g', quantity: 2, unitPrice: 16800, discount: 1600, grams: 280 }], discount: 1600, shipping: 0, tax: 0, total: 32000, tags: ['老客户'],
      shippingMethod: '顺丰', refunds: [{ refundId: 'R1', state: 'requested', amount: 16000, lines: [{ lineId: '', channelLineId: 'L1', sku: 'TEA-LJ-250', quantity: 1 }] }],
    } satisfies connector.ChannelOrderSubmitted);
    expect(parseMessage(submitted, example)).toEqual(example);
    const [reading] = await readSubmitted({ topic: submitted, body: Buffer.from(JSON.stringify(example)) }, () => Promise.resolve(Buffer.from('{"name":"王小明"}')));
    expect(reading).toMatchObject({ channelOrderId: 'TB-20261121-0007', said: { as: 'order', order: { total: 32000, shipTo: { name: '王小明' } } } });
  });
});
