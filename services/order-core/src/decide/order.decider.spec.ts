import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { splitIdOf } from '@flotilla/values';
import { fold, type Of } from '@flotilla/decider';
import type { ingest } from '@flotilla/contracts';
import { actOf, content, line, orderId, shipTo, usd } from '../../spec/samples.js';
import { actions, type Act } from './actions.js';
import { markOf } from './content.js';
import { noFulfilment, type FulfilmentState } from './fulfilment.state.js';
import { order, type OrderCommand } from './order.decider.js';
import type { OrderEvent, Progress } from './order.events.js';
import { noOrder } from './order.state.js';

const { given } = specify(order);
const at = '2026-11-21T09:01:00.000Z';
const rules = { riskLimit: 50_000, paymentMinutes: 30 };

const take = (more: Partial<ingest.ChannelOrder> = {}, progress: Progress = 'NONE'): OrderCommand => ({ type: 'TakeContent', data: { content: content(more), rules, at, progress } });
/** The events of an order that was placed like this. */
const placed = (more: Partial<ingest.ChannelOrder> = {}): readonly OrderEvent[] => order.decide(take(more), noOrder);
const unpaid = { payment: 'PAYMENT_STATE_UNPAID', paidAt: '' } as const;
const cancelled: ingest.ChannelOrderCancelled = { orderId, cancelledAt: at, modifiedAt: at, reason: 'customer' };
const heldBy = (holdId: string, type: string, blocks: readonly string[], reason: string): OrderEvent => ({ type: 'OrderHeld', data: { orderId, holdId, type, blocks, reason } });
const released = (holdId: string, by: string): OrderEvent => ({ type: 'OrderHoldReleased', data: { orderId, holdId, by } });
const asked = (reason: string, by: string, stage: Of<OrderEvent, 'CancellationBegun'>['data']['stage']): readonly OrderEvent[] => [
  { type: 'OrderCancelRequested', data: { orderId, reason, by } },
  { type: 'CancellationBegun', data: { orderId, stage } },
];
const approved: OrderEvent = { type: 'OrderApproved', data: { orderId, approvedAt: at, by: 'rule:auto' } };
const amended = (fields: readonly string[], more: Partial<Of<OrderEvent, 'OrderAmended'>['data']>): OrderEvent => {
  const { lines, total, remark } = (placed()[0] as Of<OrderEvent, 'OrderPlaced'>).data;
  return { type: 'OrderAmended', data: { orderId, fields, lines, shipTo, total, remark, custom: [], tags: [], giftMessage: '', ...more } };
};
const taken = (more: Partial<ingest.ChannelOrder>, to: typeof shipTo | null = null): OrderEvent => ({
  type: 'ContentTaken',
  data: { orderId, modifiedAt: content(more).modifiedAt, mark: markOf(content(more)), unshipped: [], service: 'STANDARD', shipTo: to } });
const later = '2026-11-21T09:30:00.000Z';

describe('an order is placed', () => {
  it('ORD-01: once, whatever is redelivered', () => given(...placed()).when(take()).thenNothing());

  it('ORD-05: an unpaid one has half an hour from when it was placed', () =>
    given().when(take(unpaid)).then({ type: 'OrderPlaced', data: { ...(placed(unpaid)[0] as Of<OrderEvent, 'OrderPlaced'>).data, paidAt: '', paymentDueAt: '2026-11-21T09:30:00.000Z' } }, taken(unpaid)));

  it('ORD-05: an old one that is heard of late has half an hour from then', () => {
    const [event] = placed({ ...unpaid, placedAt: '2026-11-20T09:00:00.000Z' });
    given().when(take({ ...unpaid, placedAt: '2026-11-20T09:00:00.000Z' })).then({ type: 'OrderPlaced', data: { ...(event as Of<OrderEvent, 'OrderPlaced'>).data, paymentDueAt: '2026-11-21T09:31:00.000Z' } }, taken({ ...unpaid, placedAt: '2026-11-20T09:00:00.000Z' }));
  });

  it('ORD-02: with a hold where the address lacks something', () =>
    given(...placed({ shipTo: { ...shipTo, city: '' } }))
      .when(take({ modifiedAt: later }))
      .then(amended(['shipTo'], {}), taken({ modifiedAt: later }, shipTo), released('ADDRESS:rule-1', 'rule:address')));

  it('ALC-12: without an address where the buyer collects it; with a hold once it is to be sent after all', () => {
    const nowhere = { ...shipTo, country: '', province: '', city: '', street: '', name: '' };
    const collected = { shipTo: nowhere, shippingMethod: '门店自提：南山店' };
    const [, noted, ...holds] = placed(collected);
    expect(holds).toEqual([]);
    expect(noted).toMatchObject({ type: 'ContentTaken', data: { service: 'PICKUP', pickupLocation: '南山店' } });
    const sent = order.decide(take({ ...collected, shippingMethod: 'Standard', modifiedAt: later }), fold(order, placed(collected)));
    expect(sent.at(-1)).toMatchObject({ type: 'OrderHeld', data: { type: 'ADDRESS' } });
    const again = order.decide(take({ ...collected, modifiedAt: '2026-11-21T09:40:00.000Z' }), fold(order, [...placed(collected), ...sent]));
    expect(again.at(-1)).toMatchObject({ type: 'OrderHoldReleased', data: { by: 'rule:address' } });
  });

  it('ORD-02: with a hold where a SKU is unknown, until the channel knows it', () =>
    given(...placed({ lines: [line('1', '', 2), line('2', 'TEE-2', 1)] }))
      .when(take({ modifiedAt: later, lines: [line('1', 'MUG-1', 2, { title: 'Item ' }), line('2', 'TEE-2', 1)] }))
      .then(amended(['lines'], { lines: [{ ...(placed()[0] as Of<OrderEvent, 'OrderPlaced'>).data.lines[0]!, title: 'Item ' }, (placed()[0] as Of<OrderEvent, 'OrderPlaced'>).data.lines[1]!] }), taken({ modifiedAt: later, lines: [line('1', 'MUG-1', 2, { title: 'Item ' }), line('2', 'TEE-2', 1)] }), released('SKU_UNMATCHED:rule-1', 'rule:sku_unmatched')));

  it('ORD-02: with a hold for a person where the total is high', () => {
    const events = placed({ total: usd(5_000_000) });
    given(...events.slice(0, 2)).when({ type: 'HoldOrder', data: { holdId: 'RISK:rule-1', type: 'RISK', blocks: ['AUDIT', 'ALLOCATE'], reason: 'the total reaches 50000 USD' } }).then(events[2]!);
  });

  it('ORD-05: what was said before is applied then: cancelled at once', () =>
    given({ type: 'FactRemembered', data: { orderId, fact: { type: 'NoteCancelled', data: cancelled } } }).when(take()).then(...placed().slice(0, 2), ...asked('customer', 'channel', 'NEW')));

  it('ORD-05: one that arrives refunded is never begun', () => given().when(take({ payment: 'PAYMENT_STATE_REFUNDED' })).then(...placed({ payment: 'PAYMENT_STATE_REFUNDED' }).slice(0, 2), ...asked('refunded', 'channel', 'NEW')));
});

describe('an order changes', () => {
  it('ORD-01: an older content changes nothing', () => given(...placed({ modifiedAt: later })).when(take({ shipTo: { ...shipTo, city: 'Salem' } })).thenNothing());

  it('ORD-05: the desk’s address is not undone by a content that repeats the platform’s', () =>
    given(...placed(), amended(['shipTo'], { shipTo: { ...shipTo, city: 'Salem' } })).when(take({ modifiedAt: later })).then(taken({ modifiedAt: later })));

  it('ORD-05: what has left keeps its lines and its address', () =>
    given(...placed(), approved)
      .when(take({ modifiedAt: later, shipTo: { ...shipTo, city: 'Salem' }, lines: [line('1', 'MUG-1', 1)], total: usd(2_500) }, 'SHIPPED'))
      .then(amended(['total'], { total: usd(2_500) }), taken({ modifiedAt: later, shipTo: { ...shipTo, city: 'Salem' }, lines: [line('1', 'MUG-1', 1)], total: usd(2_500) }, { ...shipTo, city: 'Salem' })));

  it('ORD-01: a refund takes out its units once, and is heard once', () => {
    const refund = { orderId, refundId: 're-1', modifiedAt: later, amount: usd(1_000), lines: [{ lineId: line('2', '', 1).lineId, channelLineId: '2', sku: 'TEE-2', quantity: 1 }] };
    const command: OrderCommand = { type: 'NoteRefundSettled', data: { fact: refund, progress: 'NONE' } };
    const { lines } = (placed()[0] as Of<OrderEvent, 'OrderPlaced'>).data;
    const events: readonly OrderEvent[] = [
      { type: 'RefundNoted', data: { orderId, refundId: 're-1', state: 'SETTLED', modifiedAt: later, amount: usd(1_000), lines: refund.lines } },
      { type: 'OrderRefunded', data: { orderId, refundId: 're-1', amount: usd(1_000) } },
      amended(['lines'], { lines: [lines[0]!, { ...lines[1]!, quantity: 0 }] }),
    ];
    given(...placed()).when(command).then(...events);
    given(...placed(), ...events).when(command).thenNothing();
    // A content that is told after it is net of it.
    given(...placed(), ...events).when(take({ modifiedAt: '2026-11-21T09:31:00.000Z', lines: [line('1', 'MUG-1', 2)] })).then(taken({ modifiedAt: '2026-11-21T09:31:00.000Z', lines: [line('1', 'MUG-1', 2)] }));
  });
});

describe('what was paid', () => {
  const told = (amount: number, currency = 'USD'): OrderEvent => ({ type: 'AmountPaidNoted', data: { orderId, amount: { amount, currency } } });
  const amountHold = (n: number, reason: string): OrderEvent => heldBy(`AMOUNT:rule-${n}`, 'AMOUNT', ['AUDIT', 'ALLOCATE'], reason);
  const short = { amountPaid: usd(3_400) };
  const paying = (amount: number, amountPaid = usd(amount)): OrderCommand => ({ type: 'NotePaid', data: { fact: { orderId, paidAt: later, modifiedAt: later, amount: usd(amount), amountPaid }, rules, progress: 'NONE' } });
  const paidNow = (amount: number): OrderEvent => ({ type: 'OrderPaid', data: { orderId, paidAt: later, amount: usd(amount) } });

  it('ORD-02: holds the order for a person where it is not the total, and tells both figures', () => {
    const [first] = placed(short);
    given().when(take(short)).then(first!, told(3_400), taken(short), amountHold(1, '34.00 USD was paid, the total is 35.00 USD'));
    given().when(take({ amountPaid: usd(3_600) })).then(first!, told(3_600), taken({ amountPaid: usd(3_600) }), amountHold(1, '36.00 USD was paid, the total is 35.00 USD'));
    given().when(take({ amountPaid: { amount: 3_500, currency: 'EUR' } })).then(first!, told(3_500, 'EUR'), taken({ amountPaid: { amount: 3_500, currency: 'EUR' } }), amountHold(1, '35.00 EUR was paid, the total is 35.00 USD'));
  });

  it.each<[string, Partial<ingest.ChannelOrder>]>([
    ['the platform does not say what was paid', {}],
    ['it is the total', { amountPaid: usd(3_500) }],
    ['it is not paid yet', { ...unpaid, amountPaid: usd(0) }],
    ['a part was paid back', { payment: 'PAYMENT_STATE_PARTIALLY_REFUNDED', amountPaid: usd(2_500) }],
  ])('ORD-02: is no question where %s', (_why, more) => given().when(take(more)).then(placed(more)[0]!, taken(more)));

  it('ORD-02: what is to be sent before it is paid waits for a person where the merchant wants that, until it is approved or paid', () => {
    const onDelivery: Partial<ingest.ChannelOrder> = { payment: 'PAYMENT_STATE_AUTHORIZED', paidAt: '' };
    const strict = { ...rules, auditUnpaid: true };
    const placedSo = (with_: typeof rules): readonly OrderEvent[] => order.decide({ type: 'TakeContent', data: { content: content(onDelivery), rules: with_, at, progress: 'NONE' } }, noOrder);
    expect(placedSo(rules).map(({ type }) => type)).toEqual(['OrderPlaced', 'ContentTaken']);
    const events = placedSo(strict);
    expect(events.at(-1)).toMatchObject({ type: 'OrderHeld', data: { type: 'PAYMENT', holdId: 'PAYMENT:rule-1', blocks: ['AUDIT', 'ALLOCATE'], reason: expect.stringMatching(/货到付款.*cash on delivery/) } });
    given(...events).when({ type: 'ApproveOrder', data: { by: 'ada', at } }).then(released('PAYMENT:rule-1', 'ada'), { type: 'OrderApproved', data: { orderId, approvedAt: at, by: 'ada' } });
    const kept: OrderEvent = { type: 'PromiseKept', data: { orderId } };
    given(...events).when(paying(3_500)).then(kept, released('PAYMENT:rule-1', 'rule:payment'));
    given(...events, kept, released('PAYMENT:rule-1', 'rule:payment')).when(paying(3_500)).thenNothing();
    expect(order.decide({ type: 'TakeContent', data: { content: content({ ...onDelivery, modifiedAt: later, remark: 'x' }), rules: strict, at, progress: 'NONE' } }, fold(order, [...events, released('PAYMENT:rule-1', 'ada')])).map(({ type }) => type)).toEqual(['OrderAmended', 'ContentTaken']);
  });

  it('ORD-02: may differ by what the merchant lets pass', () => {
    const within = (amountTolerance: number): readonly OrderEvent[] => order.decide({ type: 'TakeContent', data: { content: content(short), rules: { ...rules, amountTolerance }, at, progress: 'NONE' } }, noOrder);
    expect(within(0.99).at(-1)).toMatchObject({ type: 'OrderHeld' });
    expect(within(1).at(-1)).toMatchObject({ type: 'ContentTaken' });
  });

  it('ORD-02: holds it also where the payment comes later, before anything follows from it', () => {
    given(...placed(unpaid)).when(paying(3_400)).then(paidNow(3_400), told(3_400), amountHold(1, '34.00 USD was paid, the total is 35.00 USD'));
    given(...placed(unpaid)).when(paying(3_500)).then(paidNow(3_500));
    given(...placed(unpaid)).when(paying(3_500, { amount: 0, currency: '' })).then(paidNow(3_500));
    const early = order.decide(take(unpaid), fold(order, order.decide(paying(3_400), noOrder)));
    expect(early.map(({ type }) => type)).toEqual(['OrderPlaced', 'ContentTaken', 'OrderPaid', 'AmountPaidNoted', 'OrderHeld']);
  });

  it('ORD-02: lets the order go when the figures agree, and asks again only when one of them changes', () => {
    given(...placed(short)).when(take({ modifiedAt: later, amountPaid: usd(3_500) })).then(told(3_500), taken({ modifiedAt: later, amountPaid: usd(3_500) }), released('AMOUNT:rule-1', 'rule:amount'));
    given(...placed(short)).when(take({ modifiedAt: later, ...short, total: usd(3_400) })).then(amended(['total'], { total: usd(3_400) }), taken({ modifiedAt: later, ...short, total: usd(3_400) }), released('AMOUNT:rule-1', 'rule:amount'));
    const looked = [...placed(short), released('AMOUNT:rule-1', 'ada')];
    given(...looked).when(take({ modifiedAt: later, ...short, remark: 'x' })).then(amended(['remark'], { remark: 'x' }), taken({ modifiedAt: later, ...short, remark: 'x' }));
    given(...looked).when(take({ modifiedAt: later, amountPaid: usd(3_300) })).then(told(3_300), taken({ modifiedAt: later, amountPaid: usd(3_300) }), amountHold(2, '33.00 USD was paid, the total is 35.00 USD'));
  });

  it('ORD-02: is nothing that an approval answers: it is refused with both figures until somebody has let the order go', () => {
    const approve: OrderCommand = { type: 'ActByHand', data: { orderId, act: { action: 'Approve', reason: '' }, fulfilment: noFulfilment, by: 'ada', at } };
    given(...placed(short)).when(approve).thenRefused('HELD');
    expect(() => order.decide(approve, fold(order, placed(short)))).toThrow('AMOUNT:rule-1 (34.00 USD was paid, the total is 35.00 USD) blocks the audit');
    expect(order.decide(approve, fold(order, [...placed(short), released('AMOUNT:rule-1', 'ada')])).map(({ type }) => type)).toEqual(['ActedByHand', 'OrderApproved']);
  });

  it('ORD-02: a payment that an older version remembered says nothing of it', () => {
    const { amountPaid: _, ...fact } = (paying(3_400) as Of<OrderCommand, 'NotePaid'>).data.fact;
    const before: OrderEvent = { type: 'FactRemembered', data: { orderId, fact: { type: 'NotePaid', data: fact as ingest.ChannelOrderPaid } } };
    expect(order.decide(take(unpaid), fold(order, [before])).map(({ type }) => type)).toEqual(['OrderPlaced', 'ContentTaken', 'OrderPaid']);
  });
});

describe('custom fields', () => {
  const custom = [{ name: 'live_coupon', value: 'LIVE-88' }];
  const [withCoupon] = placed({ custom }) as readonly [Of<OrderEvent, 'OrderPlaced'>];
  const again = { modifiedAt: later, custom: [{ name: 'live_coupon', value: 'LIVE-99' }] };

  it('ING-07: stand in OrderPlaced, and in OrderAmended when one of them changes', () => {
    expect(withCoupon.data.custom).toEqual(custom);
    given(...placed({ custom })).when(take(again)).then(amended(['custom'], { custom: again.custom }), taken(again));
    given(...placed({ custom })).when(take({ modifiedAt: later, custom, remark: 'x' })).then(amended(['remark'], { remark: 'x', custom }), taken({ modifiedAt: later, custom, remark: 'x' }));
    given(...placed({ custom }), amended(['custom'], { custom: again.custom }), taken(again)).when(take({ ...again, custom: [], modifiedAt: '2026-11-21T09:31:00.000Z' })).then(amended(['custom'], { custom: [] }), taken({ ...again, custom: [], modifiedAt: '2026-11-21T09:31:00.000Z' }));
  });

  it('ING-07: change also where everything has left: what was agreed on is no part of the parcel', () =>
    given(...placed({ custom })).when(take(again, 'SHIPPED')).then(amended(['custom'], { custom: again.custom }), taken(again)));
});

describe('a cancellation', () => {
  it.each([
    ['AWAITING_PAYMENT', placed(unpaid), 'ALLOCATED'],
    ['AUDITING', placed(), 'ALLOCATED'],
    ['APPROVED', [...placed(), approved], 'NONE'],
    ['ALLOCATED', [...placed(), approved], 'ALLOCATED'],
    ['RELEASED', [...placed(), approved], 'RELEASED'],
    ['WAYBILLED', [...placed(), approved], 'WAYBILLED'],
    ['SHIPPED', [...placed(), approved], 'SHIPPED'],
  ] as const)('ORD-05: is taken at any stage: %s', (stage, events, progress) =>
    given(...events).when({ type: 'NoteCancelled', data: { fact: cancelled, progress } }).then(...asked('customer', 'channel', stage)));

  it('ORD-05: is asked once by the platform', () =>
    given(...placed(), ...asked('customer', 'channel', 'AUDITING'), { type: 'CancellationRefused', data: { orderId, reason: 'SHIPPED' } }).when({ type: 'NoteCancelled', data: { fact: cancelled, progress: 'SHIPPED' } }).thenNothing());

  it('ORD-05: follows a refund of everything', () => {
    const fact = { orderId, refundId: 're-1', modifiedAt: later, amount: usd(3_500), lines: [] };
    given(...placed())
      .when({ type: 'NoteRefundSettled', data: { fact, progress: 'NONE' } })
      .then({ type: 'RefundNoted', data: { orderId, refundId: 're-1', state: 'SETTLED', modifiedAt: later, amount: usd(3_500), lines: [] } }, { type: 'OrderRefunded', data: { orderId, refundId: 're-1', amount: usd(3_500) } }, ...asked('refunded', 'channel', 'AUDITING'));
  });

  it('ORD-05: comes from the payment timer only while the order is unpaid', () => {
    given(...placed(unpaid)).when({ type: 'LookAtPayment', data: { progress: 'ALLOCATED' } }).then(...asked('payment_timeout', 'timer:payment', 'AWAITING_PAYMENT'));
    given(...placed()).when({ type: 'LookAtPayment', data: { progress: 'ALLOCATED' } }).thenNothing();
  });

  it('ORD-05: money that comes too late is kept in mind', () =>
    given(...placed(unpaid), ...asked('payment_timeout', 'timer:payment', 'AWAITING_PAYMENT'))
      .when({ type: 'NotePaid', data: { fact: { orderId, paidAt: later, modifiedAt: later, amount: usd(3_500), amountPaid: usd(3_500) }, rules, progress: 'NONE' } })
      .then({ type: 'LatePaymentNoted', data: { orderId, paidAt: later, amount: usd(3_500) } }));
});

describe('by hand', () => {
  const act = (how: Act, fulfilment = noFulfilment): OrderCommand => ({ type: 'ActByHand', data: { orderId, act: how, fulfilment, by: 'caller:desk', at } });
  const byHand = (action: string, reason: string): OrderEvent => ({ type: 'ActedByHand', data: { orderId, action, reason, by: 'caller:desk' } });
  const risk = heldBy('RISK:rule-1', 'RISK', ['AUDIT', 'ALLOCATE'], 'much');
  const manual = (n: number): OrderEvent => heldBy(`MANUAL:${n}`, 'MANUAL', ['RELEASE', 'LABEL', 'SHIP'], 'asked');

  it('ORD-02 ORD-16: an approval keeps who and why, and answers what the risk rules asked; a second one is refused', () => {
    const events = [byHand('Approve', 'asked'), released('RISK:rule-1', 'caller:desk'), { type: 'OrderApproved', data: { orderId, approvedAt: at, by: 'caller:desk' } }] as const;
    given(...placed(), risk).when(act(actOf('Approve'))).then(...events);
    given(...placed(), risk, ...events).when(act(actOf('Approve'))).thenRefused('NOT_AUDITABLE');
    given(...placed(unpaid)).when(act(actOf('Approve'))).thenRefused('NOT_AUDITABLE');
    given(...placed(), manual(1), heldBy('MANUAL:2', 'MANUAL', ['AUDIT'], 'asked')).when(act(actOf('Approve'))).thenRefused('HELD');
  });

  it('ORD-05: a hold blocks the steps that it names', () =>
    given(...placed()).when(act({ action: 'Hold', type: 'MANUAL', blocks: ['RELEASE'], reason: 'asked' })).then(byHand('Hold', 'asked'), heldBy('MANUAL:1', 'MANUAL', ['RELEASE'], 'asked')));

  it('ORD-05 ORD-16: one hold is released, or all of a type', () => {
    given(...placed(), manual(1), manual(2), risk).when(act({ action: 'Release', holdId: 'MANUAL:2', type: '', reason: 'looked at' })).then(byHand('Release', 'looked at'), released('MANUAL:2', 'caller:desk'));
    given(...placed(), manual(1), manual(2), risk).when(act({ action: 'Release', holdId: '', type: 'MANUAL', reason: '' })).then(byHand('Release', ''), released('MANUAL:1', 'caller:desk'), released('MANUAL:2', 'caller:desk'));
    given(...placed(), risk).when(act({ action: 'Release', holdId: '', type: 'MANUAL', reason: '' })).thenRefused('NO_SUCH_HOLD');
  });

  it('ORD-05: the address that stands already is no change', () => {
    given(...placed()).when(act({ action: 'ChangeAddress', shipTo })).thenRefused('BAD_REQUEST'); // nothing is planned
    const planned = { ...noFulfilment, foId: orderId, plan: { orders: [] } } as unknown as FulfilmentState;
    given(...placed()).when(act({ action: 'ChangeAddress', shipTo }, planned)).thenNothing();
    given(...placed()).when(act(actOf('ChangeAddress'), planned)).then(byHand('ChangeAddress', ''), amended(['shipTo'], { shipTo: { ...shipTo, city: 'Salem' } }));
  });

  it('ORD-16: of an order that nobody placed, that is closed or being cancelled nothing is taken', () => {
    for (const action of actions) {
      given().when(act(actOf(action))).thenRefused('NOT_FOUND');
      given(...placed(), { type: 'OrderClosed', data: { orderId, closedAt: at } }).when(act(actOf(action))).thenRefused('ORDER_CLOSED');
      given(...placed(), ...asked('customer', 'channel', 'AUDITING')).when(act(actOf(action))).thenRefused('ORDER_CANCELLED');
    }
  });
});

describe('an order that ships in parts', () => {
  const [mug, shirt] = [line('1', 'MUG-1', 2), line('2', 'TEE-2', 1)];
  const shareOf = ({ lineId, channelLineId, sku }: typeof mug, quantity: number) => ({ lineId, channelLineId, sku, quantity });
  const split = (part: number, fromFoId: string, reason: string, ...lines: readonly ReturnType<typeof shareOf>[]): OrderEvent => ({ type: 'OrderSplit', data: { orderId, foId: splitIdOf(orderId, part), part, fromFoId, reason, lines } });
  const planning = (foId: string, ...lines: readonly ReturnType<typeof shareOf>[]): FulfilmentState => ({ ...noFulfilment, foId, plan: { orders: [{ orderId, channel: 'shopify-demo', channelOrderId: '5001', lines }] } }) as unknown as FulfilmentState;
  const act = (how: Act, fulfilment: FulfilmentState): OrderCommand => ({ type: 'ActByHand', data: { orderId, act: how, fulfilment, by: 'caller:desk', at } });
  const cut = (quantity: number, foId = '', { lineId } = mug): Act => ({ action: 'Split', foId, lines: [{ lineId, quantity }], reason: 'asked' });
  const byHand = (action: string): OrderEvent => ({ type: 'ActedByHand', data: { orderId, action, reason: 'asked', by: 'caller:desk' } });

  it('ORD-01: what is lacking gets a fulfilment order of its own, each part another', () => {
    const lines = [shareOf(shirt, 1)];
    given(...placed()).when({ type: 'SplitOrder', data: { from: orderId, lines } }).then(split(1, orderId, 'PARTIAL_STOCK', ...lines));
    given(...placed(), split(1, orderId, 'PARTIAL_STOCK', ...lines)).when({ type: 'SplitOrder', data: { from: orderId, lines: [shareOf(mug, 1)] } }).then(split(2, orderId, 'PARTIAL_STOCK', shareOf(mug, 1)));
    given(...placed(), ...asked('customer', 'channel', 'APPROVED')).when({ type: 'SplitOrder', data: { from: orderId, lines } }).thenNothing();
  });

  it('ORD-01: by hand, what is named goes by itself; something must stay, and no unit be taken that is not there', () => {
    const whole = planning(orderId, shareOf(mug, 2), shareOf(shirt, 1));
    given(...placed()).when(act(cut(1), whole)).then(byHand('Split'), split(1, orderId, 'BY_HAND', shareOf(mug, 1)));
    for (const quantity of [0, 3, -1, 0.5]) given(...placed()).when(act(cut(quantity), whole)).thenRefused('BAD_QUANTITY');
    given(...placed()).when(act(cut(1, 'another'), whole)).thenRefused('BAD_QUANTITY');
    given(...placed()).when(act({ action: 'Split', foId: '', lines: [], reason: '' }, whole)).thenRefused('BAD_REQUEST');
    given(...placed()).when(act({ action: 'Split', foId: '', lines: [{ lineId: mug.lineId, quantity: 1 }, { lineId: mug.lineId, quantity: 1 }], reason: '' }, whole)).thenRefused('BAD_REQUEST');
    given(...placed()).when(act({ action: 'Split', foId: '', lines: [{ lineId: mug.lineId, quantity: 2 }, { lineId: shirt.lineId, quantity: 1 }], reason: '' }, whole)).thenRefused('BAD_QUANTITY');
    given(...placed()).when(act(cut(1), planning(orderId, shareOf(shirt, 1)))).thenRefused('BAD_REQUEST');
  });

  it('ORD-01: is cut ten times at most', () => {
    const parts = Array.from({ length: 10 }, (_, n) => split(n + 1, orderId, 'BY_HAND', shareOf(mug, 1)));
    given(...placed(), ...parts).when(act(cut(1), planning(orderId, shareOf(mug, 2)))).thenRefused('TOO_LARGE');
    given(...placed(), ...parts).when({ type: 'SplitOrder', data: { from: orderId, lines: [shareOf(mug, 1)] } }).thenNothing();
  });

  it('ORD-01: whether it may is chosen for the order by hand, once', () => {
    const open = planning(orderId, shareOf(mug, 2));
    const chosen = (allowed: boolean): OrderEvent => ({ type: 'PartialChosen', data: { orderId, allowed } });
    given(...placed()).when(act(actOf('AllowPartial'), open)).then(byHand('AllowPartial'), chosen(true));
    given(...placed(), chosen(true)).when(act(actOf('AllowPartial'), open)).thenNothing();
    given(...placed(), chosen(true)).when(act({ action: 'AllowPartial', allowed: false, reason: 'asked' }, open)).then(byHand('AllowPartial'), chosen(false));
  });

  it('ORD-01 ORD-05: of one that nobody paid nothing more is sent once a part has left', () => {
    const dropped = amended(['lines'], { lines: (placed()[0] as Of<OrderEvent, 'OrderPlaced'>).data.lines.map((one) => ({ ...one, quantity: 0 })) });
    const refused = { type: 'CancellationRefused', data: { orderId, reason: 'SHIPPED' } } as const;
    given(...placed(unpaid), ...asked('payment_timeout', 'timer:payment', 'SHIPPED')).when({ type: 'RefuseCancel', data: { reason: 'SHIPPED', rest: true } }).then(refused, dropped);
    given(...placed(), ...asked('customer', 'channel', 'SHIPPED')).when({ type: 'RefuseCancel', data: { reason: 'SHIPPED', rest: true } }).then(refused);
  });
});

describe('holds', () => {
  it('ORD-02: an approval answers what the risk rules asked', () => {
    const risk = heldBy('RISK:rule-1', 'RISK', ['AUDIT', 'ALLOCATE'], 'much');
    given(...placed(), risk).when({ type: 'ApproveOrder', data: { by: 'caller:desk', at } }).then(released('RISK:rule-1', 'caller:desk'), { type: 'OrderApproved', data: { orderId, approvedAt: at, by: 'caller:desk' } });
  });

  it('ORD-05: a refund under way holds the parcel until it is withdrawn', () => {
    const asks = { orderId, refundId: 're-1', modifiedAt: at, amount: usd(100) };
    const hold = heldBy('REFUND_IN_PROGRESS:re-1', 'REFUND_IN_PROGRESS', ['LABEL', 'SHIP'], 'refund re-1 is asked for');
    const noted: OrderEvent = { type: 'RefundNoted', data: { orderId, refundId: 're-1', state: 'REQUESTED', modifiedAt: at, amount: usd(100), lines: [] } };
    given(...placed()).when({ type: 'NoteRefundRequested', data: { fact: asks, progress: 'NONE' } }).then(noted, hold);
    given(...placed(), noted, hold)
      .when({ type: 'NoteRefundWithdrawn', data: { fact: { orderId, refundId: 're-1', modifiedAt: later }, progress: 'NONE' } })
      .then({ type: 'RefundNoted', data: { orderId, refundId: 're-1', state: 'WITHDRAWN', modifiedAt: later, amount: usd(0), lines: [] } }, released('REFUND_IN_PROGRESS:re-1', 'channel'));
  });

  it('ORD-05: the platform’s newest word on a freeze counts', () =>
    given(...placed(), { type: 'FreezeNoted', data: { orderId, frozen: false, modifiedAt: later } }).when({ type: 'NoteFrozen', data: { fact: { orderId, frozen: true, reason: '', modifiedAt: at }, progress: 'NONE' } }).thenNothing());
});
