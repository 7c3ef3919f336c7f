import { describe, expect, it } from '@jest/globals';
import { fold, type Of } from '@flotilla/decider';
import type { ingest } from '@flotilla/contracts';
import { addressCheck, content, orderId, shipTo } from '../../spec/samples.js';
import { noFulfilment, type FulfilmentState } from './fulfilment.state.js';
import { order, type OrderCommand } from './order.decider.js';
import type { OrderEvent } from './order.events.js';
import { noOrder } from './order.state.js';

const at = '2026-11-21T09:01:00.000Z';
const later = (n: number): string => `2026-11-21T09:3${n}:00.000Z`;
const rules = { riskLimit: 50_000, paymentMinutes: 30, address: { flags: ['VAGUE', 'CONTRADICTION'], confidence: 80 } } as const;
const inHangzhou = { ...shipTo, country: 'CN', province: '浙江省', city: '杭州市', district: '西湖区', postcode: '' };
const read = (more: Partial<ingest.AddressCheck> = {}): ingest.AddressCheck => ({ ...addressCheck, country: 'CN', province: '浙江省', city: '杭州市', district: '西湖区', confidence: { province: 99, city: 99, district: 99, postcode: 0 }, ...more });
const vague = read({ flags: ['VAGUE', 'PHONE_VIRTUAL'] });

const take = (more: Partial<ingest.ChannelOrder> = {}): OrderCommand => ({ type: 'TakeContent', data: { content: content({ shipTo: inHangzhou, address: read(), ...more }), rules, at, progress: 'NONE' } });
const decided = (events: readonly OrderEvent[], command: OrderCommand): readonly OrderEvent[] => order.decide(command, fold(order, events));
const placed = (more: Partial<ingest.ChannelOrder> = {}): readonly OrderEvent[] => order.decide(take(more), noOrder);
const held = (events: readonly OrderEvent[]): readonly Of<OrderEvent, 'OrderHeld'>['data'][] => events.flatMap((event) => (event.type === 'OrderHeld' ? [event.data] : []));
const act = (how: Of<OrderCommand, 'ActByHand'>['data']['act']): OrderCommand => ({ type: 'ActByHand', data: { orderId, act: how, fulfilment: { ...noFulfilment, foId: orderId, plan: { orders: [] } } as unknown as FulfilmentState, by: 'caller:desk', at } });
const kinds = (events: readonly OrderEvent[]): readonly string[] => events.map(({ type }) => type);

describe('an address that a person must look at', () => {
  it('ING-09 ORD-02: one that no courier finds is held with the reason in both languages, and nothing of it is changed', () => {
    const events = placed({ address: vague });
    expect(held(events)).toMatchObject([{ holdId: 'ADDRESS:rule-1', type: 'ADDRESS', blocks: ['RELEASE', 'LABEL'] }]);
    expect(held(events)[0]!.reason).toMatch(/地址不明确.* \/ a courier cannot find this/);
    expect(fold(order, events).shipTo).toEqual(inHangzhou);
  });

  it('ING-09 ORD-02: every flag that the rules name is a reason, those that they do not name are none', () => {
    expect(held(placed({ address: read({ flags: ['VAGUE', 'CONTRADICTION'] }) }))[0]!.reason).toMatch(/地址不明确.*互相矛盾.* \/ .*cannot find this.*cannot all be right/);
    expect(held(placed({ address: read({ flags: ['MISSPELT', 'PHONE_VIRTUAL', 'POSTCODE_WRONG'] }) }))).toEqual([]);
    expect(held(placed({ address: read() }))).toEqual([]);
  });

  it('ING-09 ORD-02: in China one whose province or city is less sure than the rules want is held; abroad nobody knows them all', () => {
    const unsure = { province: 95, city: 70, district: 0, postcode: 0 };
    expect(held(placed({ address: read({ confidence: unsure }) }))[0]!.reason).toMatch(/不能确定.* \/ where this is cannot be told/);
    expect(held(placed({ address: read({ country: 'FR', confidence: { province: 0, city: 80, district: 0, postcode: 90 } }) }))).toEqual([]);
  });

  it('ING-16 ORD-02: a recipient whom the platform masks is never held for it, nor what the buyer collects', () => {
    expect(held(placed({ address: vague, shipTo: { ...inHangzhou, token: 'taobao:x' } }))).toEqual([]);
    expect(held(placed({ address: vague, shippingMethod: '门店自提：南山店' }))).toEqual([]);
  });

  it('ORD-02: what is missing is named in both languages', () =>
    expect(held(placed({ shipTo: { ...inHangzhou, city: '', name: '' }, address: vague }))[0]!.reason).toBe('地址缺少城市、收件人 / the address lacks city, name'));

  it('ING-09 ORD-02: the hold ends when the platform’s address can be found, when a person sets another, or lets it pass; and what a person let pass is held again only when it changes', () => {
    const events = placed({ address: vague });
    const street = `${shipTo.street.slice(0, -4)}BBBB`;
    expect(decided(events, take({ modifiedAt: later(1), shipTo: { ...inHangzhou, street } })).at(-1)).toMatchObject({ type: 'OrderHoldReleased', data: { holdId: 'ADDRESS:rule-1', by: 'rule:address' } });
    const byDesk = decided(events, act({ action: 'ChangeAddress', shipTo: { ...inHangzhou, street } }));
    expect(kinds(byDesk)).toEqual(['ActedByHand', 'OrderAmended', 'OrderHoldReleased']);
    // The platform goes on to say what it said before: the desk's address stands, and nobody is asked about it.
    expect(kinds(decided([...events, ...byDesk], take({ modifiedAt: later(1), address: vague })))).toEqual(['ContentTaken']);
    const passed = [...events, ...decided(events, act({ action: 'Release', holdId: 'ADDRESS:rule-1', type: '', reason: 'the buyer told the way' }))];
    const repeated = decided(passed, take({ modifiedAt: later(1), address: vague }));
    expect(kinds(repeated)).toEqual(['ContentTaken']);
    expect(held(decided([...passed, ...repeated], take({ modifiedAt: later(2), address: vague, shipTo: { ...inHangzhou, street } })))).toHaveLength(1);
  });
});

describe('an order that was taken in before addresses were read', () => {
  // The platform gave the street alone; then nothing of it was read.
  const given = { ...inHangzhou, province: '', district: '', postcode: '31OO12' };
  const before = placed({ shipTo: given, address: addressCheck, tags: ['spring'] });
  const changes = [{ field: 'province', from: '', to: '浙江省' }, { field: 'district', from: '', to: '西湖区' }, { field: 'postcode', from: '31OO12', to: '310012' }];
  const now = { shipTo: { ...inHangzhou, postcode: '310012' }, address: read({ flags: ['VAGUE'], changes }), tags: ['spring', 'buyer:carrier:sf', 'buyer:address-change'], giftMessage: 'sealed' };

  it('ING-09 ING-10: is not amended because its address and its remark are read by now', () => {
    const again = decided(before, take({ ...now, modifiedAt: later(1) }));
    expect(again).toEqual([expect.objectContaining({ type: 'ContentTaken', data: expect.objectContaining({ shipTo: null }) })]);
    expect(fold(order, [...before, ...again])).toMatchObject({ shipTo: given, holds: [], placed: { tags: ['spring'] } });
  });

  it('ING-09: what the platform changed beside it is amended alone', () => {
    const again = decided(before, take({ ...now, modifiedAt: later(1), total: { amount: 100, currency: 'USD' } }));
    expect(again).toEqual([expect.objectContaining({ type: 'OrderAmended', data: expect.objectContaining({ fields: ['total'], shipTo: given }) }), expect.objectContaining({ type: 'ContentTaken' })]);
  });

  it('ING-09: another address is one, as it is read now; and better readings of that one are not', () => {
    const moved = decided(before, take({ ...now, modifiedAt: later(1), shipTo: { ...now.shipTo, city: '宁波市' } }));
    expect(moved[0]).toMatchObject({ type: 'OrderAmended', data: { fields: ['shipTo'], shipTo: { province: '浙江省', city: '宁波市' } } });
    expect(held(moved)).toHaveLength(1);
    const better = decided([...before, ...moved], take({ modifiedAt: later(2), shipTo: { ...now.shipTo, province: '', district: '', city: '宁波市', postcode: '31OO12' }, address: read({ changes: [] }), tags: now.tags, giftMessage: 'sealed' }));
    expect(kinds(better)).toEqual(['ContentTaken']);
  });
});

describe('a remark', () => {
  const asking = { remark: 'sealed-1', tags: ['vip', 'buyer:address-change'] };

  it('ING-10: that asks for another address is held for a person before anything leaves', () => {
    const [hold] = held(placed(asking));
    expect(hold).toMatchObject({ holdId: 'BUYER_REQUEST:rule-1', type: 'BUYER_REQUEST', blocks: ['RELEASE', 'LABEL', 'SHIP'] });
    expect(hold!.reason).toMatch(/改收货信息.* \/ the buyer’s remark asks for another address/);
  });

  it('ING-10: that is changed tags the order anew, with the card’s text; the hold comes and goes with it', () => {
    const events = placed({ tags: ['vip'] });
    const changed = decided(events, take({ ...asking, giftMessage: 'sealed-card', modifiedAt: later(1) }));
    expect(changed[0]).toMatchObject({ type: 'OrderAmended', data: { fields: ['remark', 'tags'], tags: asking.tags, giftMessage: 'sealed-card' } });
    expect(held(changed)).toMatchObject([{ type: 'BUYER_REQUEST' }]);
    const after = [...events, ...changed];
    expect(fold(order, after).placed).toMatchObject({ tags: asking.tags, giftMessage: 'sealed-card' });
    const back = decided(after, take({ remark: 'sealed-2', tags: ['vip', 'buyer:carrier:sf'], modifiedAt: later(2) }));
    expect(kinds(back)).toEqual(['OrderAmended', 'ContentTaken', 'OrderHoldReleased']);
    expect(fold(order, [...after, ...back])).toMatchObject({ holds: [], placed: { tags: ['vip', 'buyer:carrier:sf'], giftMessage: '' } });
  });

  it('ING-10: whoever sets another address by hand has answered it; the platform’s repeats ask nobody again', () => {
    const events = placed(asking);
    const byDesk = decided(events, act({ action: 'ChangeAddress', shipTo: { ...inHangzhou, city: '宁波市' } }));
    expect(kinds(byDesk)).toEqual(['ActedByHand', 'OrderAmended', 'OrderHoldReleased']);
    expect(held(decided([...events, ...byDesk], take({ ...asking, modifiedAt: later(1) })))).toEqual([]);
  });
});
