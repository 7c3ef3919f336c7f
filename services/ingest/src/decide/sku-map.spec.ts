import { describe, expect, it } from '@jest/globals';
import type { ingest } from '@flotilla/contracts';
import { fold } from '@flotilla/decider';
import { MemoryUnit, specify } from '@flotilla/testing';
import { lineIdOf, orderIdOf } from '@flotilla/values';
import fc from 'fast-check';
import { skusOf } from '../coordinate/skus.js';
import { channelOrder, type ChannelOrderCommand } from './channel-order.decider.js';
import type { ChannelOrderEvent, Facts } from './channel-order.events.js';
import { skuItem } from './sku-item.decider.js';
import { inOurSkus, itemName, plainKey, skuItemId, type Skus } from './sku-lines.js';
import { skuPolicy } from './sku-policy.decider.js';
import { nowhere } from '../standardise/order.js';

const orderId = orderIdOf('shop', '1');
const eur = (amount: number): { amount: number; currency: string } => ({ amount, currency: 'EUR' });
const at = '2026-11-30T10:00:00.000Z';
const line = (change: Partial<ingest.ChannelOrderLine> = {}): ingest.ChannelOrderLine => ({
  lineId: lineIdOf(orderId, 'l1'), channelLineId: 'l1', channelSku: 'SET', sku: 'SET', title: 'Gift set', quantity: 2, unitPrice: eur(1000), discount: eur(100), total: eur(1900), requiresShipping: true, grams: 500, attributes: [], itemId: '77', barcode: '', units: 0, ...change,
});
const order = (change: Partial<ingest.ChannelOrder> = {}): ingest.ChannelOrder => ({
  orderId, channel: 'shop', platform: 'shopify', channelOrderId: '1', number: '#1', placedAt: at, modifiedAt: at, payment: 'PAYMENT_STATE_UNPAID', paidAt: '',
  buyer: { subject: 's', email: '', phone: '', emailIndex: '', phoneIndex: '', locale: '' },
  shipTo: { country: 'DE', province: '', city: 'Kiel', district: '', postcode: '', street: 'sealed', company: '', name: 'sealed', phone: '', phoneIndex: '', token: '' },
  lines: [line()], subtotal: eur(2000), discount: eur(100), shipping: eur(0), tax: eur(0), total: eur(1900), remark: '', tags: [], shippingMethod: '', test: false, attributes: [], custom: [], amountPaid: { amount: 0, currency: '' }, address: nowhere, giftMessage: '', ...change,
});
const facts = (change: Partial<Facts> = {}): Facts => ({ modifiedAt: at, paid: null, cancelled: null, refunds: [], ...change });
const receive = (deliveryId: string, skus: Skus, change: Partial<ingest.ChannelOrder> = {}, fingerprint = 'f'): ChannelOrderCommand => ({
  type: 'ReceiveDelivery',
  data: {
    delivery: { orderId, channel: 'shop', channelOrderId: '1', deliveryId, kind: 'update', source: 'WEBHOOK', topic: '', sentAt: '', receivedAt: at, raw: [] },
    outcome: { as: 'order', order: order(change), fingerprint, facts: facts({ modifiedAt: change.modifiedAt ?? at }), skus },
  },
});
const after = (...commands: ChannelOrderCommand[]): readonly ChannelOrderEvent[] => commands.reduce<ChannelOrderEvent[]>((events, command) => [...events, ...channelOrder.decide(command, fold(channelOrder, events))], []);
const bundle = [{ sku: 'TEA', quantity: 1 }, { sku: 'CUP', quantity: 3 }];
const short = ({ sku, quantity, units, lineId, total }: ingest.ChannelOrderLine): unknown => [sku, quantity, units, lineId, total.amount];
const [first, second] = [lineIdOf(orderId, 'l1'), lineIdOf(orderId, 'l1/CUP')];

describe('an item of a channel', () => {
  const { given } = specify(skuItem);
  const name = { channel: 'shop', by: 'SKU' as const, key: 'SET' };

  it('ING-08: is mapped to SKUs with quantities, every change is a version, the same again is none', () => {
    const mapped = { type: 'ItemMapped' as const, data: { ...name, parts: bundle, version: 1, at, who: 'caller:ann' } };
    given().when({ type: 'MapItem', data: { ...name, parts: bundle, at, who: 'caller:ann' } }).then(mapped);
    given(mapped).when({ type: 'MapItem', data: { ...name, parts: bundle, at, who: 'caller:ann' } }).thenNothing();
    given(mapped).when({ type: 'UnmapItem', data: { ...name, at, who: 'caller:ann' } }).then({ type: 'ItemUnmapped', data: { ...name, version: 2, at, who: 'caller:ann' } });
  });

  it.each([
    ['no parts', [], 'BAD_REQUEST'],
    ['a SKU with a space', [{ sku: 'A B', quantity: 1 }], 'UNKNOWN_SKU'],
    ['no units', [{ sku: 'A', quantity: 0 }], 'BAD_QUANTITY'],
    ['half a unit', [{ sku: 'A', quantity: 0.5 }], 'BAD_QUANTITY'],
    ['a SKU twice', [{ sku: 'A', quantity: 1 }, { sku: 'A', quantity: 1 }], 'BAD_REQUEST'],
    ['fifty-one parts', Array.from({ length: 51 }, (_, n) => ({ sku: `A${n}`, quantity: 1 })), 'BAD_REQUEST'],
  ])('ING-08: with %s is refused', (_what, parts, reason) => given().when({ type: 'MapItem', data: { ...name, parts, at, who: '' } }).thenRefused(reason));

  it('ING-08: is named without regard to width and spaces, by its title also to case', () => {
    expect([plainKey('SKU', ' ＡＢ-1 '), plainKey('NAME', '  Gift　Set  ')]).toEqual(['AB-1', 'gift set']);
    expect(() => itemName('shop', 'COLOUR', 'x')).toThrow('by is one of');
    expect(() => itemName('shop', 'SKU', '  ')).toThrow('1 to 300');
  });
});

describe('an order of a channel with a SKU map', () => {
  it('ING-08: takes what nobody has mapped as it is, unless the channel says that it waits', () => {
    const unit = new MemoryUnit();
    expect(skusOf(unit, order())).toEqual({});
    unit.run(skuPolicy, 'shop', { type: 'PutSkuPolicy', data: { channel: 'shop', unmapped: 'WAIT', at, who: '' } });
    expect(skusOf(unit, order())).toEqual({ l1: null });
    expect(skusOf(new MemoryUnit(), order({ lines: [line({ channelSku: '' })] }))).toEqual({ l1: null });
  });

  it('ING-08: an item is found by its id before its SKU before its barcode before its name', () => {
    const unit = new MemoryUnit();
    for (const [by, key, sku] of [['NAME', 'gift set', 'BY-NAME'], ['BARCODE', '690123', 'BY-BARCODE'], ['SKU', 'SET', 'BY-SKU'], ['ID', '77', 'BY-ID']] as const) {
      unit.run(skuItem, skuItemId({ channel: 'shop', by, key }), { type: 'MapItem', data: { channel: 'shop', by, key, parts: [{ sku, quantity: 1 }], at, who: '' } });
      expect(skusOf(unit, order({ lines: [line({ barcode: '690123' })] }))['l1']).toEqual([{ sku, quantity: 1 }]);
    }
  });

  it('ING-08: a bundle becomes a line per SKU that cost together what it cost', () => {
    const [, received] = after(receive('d1', { l1: bundle }));
    expect(received).toMatchObject({ type: 'ChannelOrderReceived' });
    const { lines } = (received!.data as { order: ingest.ChannelOrder }).order;
    expect(lines.map(short)).toEqual([['TEA', 2, 1, first, 475], ['CUP', 6, 3, second, 1425]]);
    expect(lines.every(({ unitPrice, quantity, discount, total }) => unitPrice.amount * quantity - discount.amount === total.amount)).toBe(true);
  });

  it('ING-08: parts always cost what the line cost', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999 }), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 100 }), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), (price, quantity, percent, units) => {
        const discount = Math.floor((price * quantity * percent) / 100);
        const whole = line({ unitPrice: eur(price), quantity, discount: eur(discount), total: eur(price * quantity - discount) });
        const { lines } = inOurSkus(order({ lines: [whole] }), { l1: units.map((n, index) => ({ sku: `S${index}`, quantity: n })) }, {});
        expect(lines.reduce((sum, { total }) => sum + total.amount, 0)).toBe(whole.total.amount);
        for (const part of lines) expect([part.unitPrice.amount * part.quantity - part.discount.amount, part.discount.amount >= 0]).toEqual([part.total.amount, true]);
      }),
    );
  });

  it('ING-08: waits with its line unmapped, and goes on once, when somebody has mapped it', () => {
    const waiting = after(receive('d1', { l1: null }));
    const told = (waiting[1]!.data as { order: ingest.ChannelOrder }).order;
    expect(told.lines.map(short)).toEqual([['', 2, 0, first, 1900]]);
    const [released, ...more] = channelOrder.decide({ type: 'ApplySkus', data: { order: told, skus: { l1: bundle } } }, fold(channelOrder, waiting));
    expect([released!.type, more]).toEqual(['ChannelOrderAmended', []]);
    const now = (released!.data as { order: ingest.ChannelOrder }).order;
    expect(now.lines.map(short)).toEqual([['TEA', 2, 1, first, 475], ['CUP', 6, 3, second, 1425]]);
    expect(channelOrder.decide({ type: 'ApplySkus', data: { order: now, skus: { l1: bundle } } }, fold(channelOrder, [...waiting, released!]))).toEqual([]);
  });

  it('ING-08: one that was cancelled, or whose item is still unknown, says nothing', () => {
    const waiting = after(receive('d1', { l1: null }));
    const told = (waiting[1]!.data as { order: ingest.ChannelOrder }).order;
    expect(channelOrder.decide({ type: 'ApplySkus', data: { order: told, skus: { l1: null } } }, fold(channelOrder, waiting))).toEqual([]);
    expect(channelOrder.decide({ type: 'ApplySkus', data: { order: told, skus: { l1: bundle } } }, { ...fold(channelOrder, waiting), told: { ...fold(channelOrder, waiting).told, cancelled: true } })).toEqual([]);
  });

  it('ING-08: keeps the mapping that it was told with, also when the map says something else by now', () => {
    const events = after(receive('d1', { l1: bundle }), receive('d2', { l1: [{ sku: 'OTHER', quantity: 1 }] }, { modifiedAt: '2026-11-30T11:00:00.000Z', remark: 'sealed' }, 'g'));
    expect((events.at(-1)!.data as { order: ingest.ChannelOrder }).order.lines.map(({ sku }) => sku)).toEqual(['TEA', 'CUP']);
  });

  it.each<[string, Partial<ingest.ChannelOrderLine>, Partial<ingest.ChannelOrderLine>?]>([
    ['its id', { itemId: '78' }],
    ['its SKU', { channelSku: 'SET-2' }],
    ['its barcode', { barcode: '690999' }],
    ['its title, where it has nothing else', { itemId: '', channelSku: '', title: 'Another set' }, { itemId: '', channelSku: '' }],
  ])('ING-08: a line that is of another item by %s does not keep the old one’s mapping', (_what, change, before = {}) => {
    const other = [{ sku: 'OTHER', quantity: 1 }];
    const events = after(receive('d1', { l1: bundle }, { lines: [line(before)] }), receive('d2', { l1: other }, { modifiedAt: '2026-11-30T11:00:00.000Z', lines: [line(change)] }, 'g'));
    expect((events.at(-1)!.data as { order: ingest.ChannelOrder }).order.lines.map(({ sku }) => sku)).toEqual(['OTHER']);
  });

  it.each(['constructor', 'toString', '__proto__'])('ING-08: a line may be called %s', (channelLineId) => {
    const lines = [line({ channelLineId })];
    expect(inOurSkus(order({ lines }), {}, {}).lines).toMatchObject([{ sku: 'SET' }]);
    const unit = new MemoryUnit();
    unit.run(skuItem, skuItemId({ channel: 'shop', by: 'SKU', key: 'SET' }), { type: 'MapItem', data: { channel: 'shop', by: 'SKU', key: 'SET', parts: bundle, at, who: '' } });
    const events = after(receive('d1', skusOf(unit, order({ lines })), { lines }), receive('d2', {}, { lines, modifiedAt: '2026-11-30T11:00:00.000Z', remark: 'sealed' }, 'g'));
    expect(events.flatMap(({ type, data }) => (type.startsWith('ChannelOrder') ? [(data as { order: ingest.ChannelOrder }).order.lines.map(({ sku }) => sku)] : []))).toEqual([['TEA', 'CUP'], ['TEA', 'CUP']]);
  });

  const many = Array.from({ length: 50 }, (_, n) => ({ sku: `PART-${n}`, quantity: 1 }));
  const large = Array.from({ length: 100 }, (_, n) => line({ channelLineId: `l${n}`, lineId: lineIdOf(orderId, `l${n}`) }));
  const mapped = Object.fromEntries(large.map(({ channelLineId }) => [channelLineId, many]));

  it('ING-08: an order whose bundles are more than a message can carry is quarantined, not told', () => {
    expect(after(receive('d1', mapped, { lines: large }))).toMatchObject([{ type: 'DeliveryQuarantined', data: { reason: 'TOO_LARGE', parks: true } }]);
    const told = fold(channelOrder, after(receive('d1', { l1: bundle })));
    expect(channelOrder.decide(receive('d2', mapped, { lines: large, modifiedAt: '2026-11-30T11:00:00.000Z' }, 'g'), told)).toMatchObject([{ type: 'DeliveryQuarantined', data: { reason: 'TOO_LARGE', parks: false } }]);
  });

  it('ING-14: replayed it is still too large, and goes in when the map says less', () => {
    const parked = fold(channelOrder, after(receive('d1', mapped, { lines: large })));
    const replay = (skus: Skus): ChannelOrderCommand => ({ type: 'ReplayQuarantine', data: { orderId, rereads: [{ deliveryId: 'd1', source: 'WEBHOOK', sentAt: '', outcome: { as: 'order', order: order({ lines: large }), fingerprint: 'f', facts: facts(), skus } }], corrected: [], by: 'caller:ann', at } });
    expect(channelOrder.decide(replay(mapped), parked)).toMatchObject([{ type: 'QuarantineReplayFailed', data: { reason: 'TOO_LARGE' } }]);
    expect(channelOrder.decide(replay({}), parked).map(({ type }) => type)).toEqual(['QuarantineReplayed', 'DeliveryApplied', 'ChannelOrderReceived']);
  });

  it('ING-08: one that waits and would become too large goes on waiting', () => {
    const waiting = after(receive('d1', Object.fromEntries(large.map(({ channelLineId }) => [channelLineId, null])), { lines: large }));
    const told = (waiting[1]!.data as { order: ingest.ChannelOrder }).order;
    expect(channelOrder.decide({ type: 'ApplySkus', data: { order: told, skus: mapped } }, fold(channelOrder, waiting))).toEqual([]);
    expect(channelOrder.decide({ type: 'ApplySkus', data: { order: told, skus: { l1: bundle } } }, fold(channelOrder, waiting))).toHaveLength(1);
  });

  it('ING-08: bytes count, not characters', () => {
    const title = '茶'.repeat(16_000);
    expect(after(receive('d1', {}, { lines: Array.from({ length: 25 }, (_, n) => line({ channelLineId: `l${n}`, title })) }))).toMatchObject([{ type: 'DeliveryQuarantined', data: { reason: 'TOO_LARGE' } }]);
  });

  it('ING-08: a refund of one bundle takes off its parts', () => {
    const refund: ChannelOrderCommand = {
      type: 'ReceiveDelivery',
      data: {
        delivery: { orderId, channel: 'shop', channelOrderId: '1', deliveryId: 'r', kind: 'update', source: 'WEBHOOK', topic: '', sentAt: '', receivedAt: at, raw: [] },
        outcome: { as: 'facts', facts: facts({ refunds: [{ refundId: 'r1', state: 'settled', modifiedAt: at, amount: 950, currency: 'EUR', lines: [{ channelLineId: 'l1', sku: 'SET', quantity: 1 }] }] }) },
      },
    };
    expect(after(receive('d1', { l1: bundle }), refund).at(-1)).toMatchObject({ type: 'ChannelRefundSettled', data: { lines: [{ lineId: first, channelLineId: 'l1', sku: 'TEA', quantity: 1 }, { lineId: second, channelLineId: 'l1', sku: 'CUP', quantity: 3 }] } });
  });

  it('ING-13: the platform hears of a bundle with the parcel that completes it, each unit once', () => {
    const ship = (parcelId: string, ...lines: readonly (readonly [string, number])[]): ChannelOrderCommand => ({ type: 'NoteShipped', data: { orderId, parcelId, lines: lines.map(([lineId, quantity]) => ({ lineId, channelLineId: 'l1', quantity })) } });
    const events = after(receive('d1', { l1: bundle }), ship('p1', [first, 2], [second, 2]), ship('p2', [second, 2]), ship('p3', [second, 2]), ship('p3', [second, 2]));
    expect(events.flatMap((event) => (event.type === 'PartsShipped' ? [event.data.channelLines] : []))).toEqual([[], [{ channelLineId: 'l1', quantity: 1 }], [{ channelLineId: 'l1', quantity: 1 }]]);
  });

  it('ING-13: a line that is one of ours is told as it is shipped', () =>
    expect(after(receive('d1', { l1: [{ sku: 'TEA', quantity: 1 }] }), { type: 'NoteShipped', data: { orderId, parcelId: 'p1', lines: [{ lineId: first, channelLineId: 'l1', quantity: 1 }] } }).some(({ type }) => type === 'PartsShipped')).toBe(false));
});
