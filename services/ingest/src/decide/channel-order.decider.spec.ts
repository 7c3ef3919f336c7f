import { describe, expect, it } from '@jest/globals';
import type { ingest } from '@flotilla/contracts';
import { fold } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import { lineIdOf, orderIdOf } from '@flotilla/values';
import fc from 'fast-check';
import { channelOrder, type ChannelOrderCommand, type Outcome, type Reread } from './channel-order.decider.js';
import type { ChannelOrderEvent, Delivery, Facts, Refund } from './channel-order.events.js';
import { nowhere } from '../standardise/order.js';

const orderId = orderIdOf('shop', '1');
const { given } = specify(channelOrder);
const eur = (amount: number): { amount: number; currency: string } => ({ amount, currency: 'EUR' });
const at = (second: number): string => `2026-11-01T10:00:${String(second).padStart(2, '0')}.000Z`;

const order = (change: Partial<ingest.ChannelOrder> & { quantity?: number } = {}): ingest.ChannelOrder => {
  const { quantity = 2, ...rest } = change;
  return {
    orderId, channel: 'shop', platform: 'shopify', channelOrderId: '1', number: '#1', placedAt: at(0), modifiedAt: at(1), payment: 'PAYMENT_STATE_UNPAID', paidAt: '',
    buyer: { subject: 's', email: '', phone: '', emailIndex: '', phoneIndex: '', locale: '' },
    shipTo: { country: 'DE', province: '', city: 'Kiel', district: '', postcode: '', street: 'sealed', company: '', name: 'sealed', phone: '', phoneIndex: '', token: '' },
    lines: [{ lineId: lineIdOf(orderId, 'l1'), channelLineId: 'l1', channelSku: 'A', sku: 'A', title: 'A', quantity, unitPrice: eur(1000), discount: eur(100), total: eur(1000 * quantity - 100), requiresShipping: true, grams: 0, attributes: [], itemId: '', barcode: '', units: 0 }],
    subtotal: eur(2000), discount: eur(100), shipping: eur(0), tax: eur(0), total: eur(1900), remark: '', tags: [], shippingMethod: '', test: false, attributes: [], custom: [], amountPaid: { amount: 0, currency: '' }, address: nowhere, giftMessage: '', ...rest,
  };
};
const facts = (change: Partial<Facts> = {}): Facts => ({ modifiedAt: at(1), paid: null, cancelled: null, refunds: [], ...change });
const refund = (change: Partial<Refund> = {}): Refund => ({ refundId: 'r1', state: 'settled', modifiedAt: at(5), amount: 950, currency: 'EUR', lines: [{ channelLineId: 'l1', sku: 'A', quantity: 1 }], ...change });
const content = (change: Partial<ingest.ChannelOrder> & { quantity?: number } = {}, fingerprint = 'f1', more: Partial<Facts> = {}): Outcome => {
  const whole = order(change);
  return { as: 'order', order: whole, fingerprint, facts: facts({ modifiedAt: whole.modifiedAt, ...more }) };
};
const bad: Outcome = { as: 'failure', reason: 'BAD_AMOUNT', detail: 'total_price is missing' };
const delivery = (deliveryId: string, change: Partial<Delivery> = {}): Delivery => ({
  orderId, channel: 'shop', channelOrderId: '1', deliveryId, kind: 'update', source: 'WEBHOOK', topic: 'orders/updated', sentAt: '', receivedAt: at(30), raw: ['sealed'], ...change,
});
const receive = (deliveryId: string, outcome: Outcome, change: Partial<Delivery> = {}): ChannelOrderCommand => ({ type: 'ReceiveDelivery', data: { delivery: delivery(deliveryId, change), outcome } });
const reread = (deliveryId: string, outcome: Outcome): Reread => ({ deliveryId, source: 'WEBHOOK', sentAt: '', outcome });
const replay = (...rereads: Reread[]): ChannelOrderCommand => ({ type: 'ReplayQuarantine', data: { orderId, rereads, corrected: [], by: 'caller:ann', at: at(40) } });
/** What happens when these are handled one after the other. */
const after = (...commands: ChannelOrderCommand[]): readonly ChannelOrderEvent[] => commands.reduce<ChannelOrderEvent[]>((events, command) => [...events, ...channelOrder.decide(command, fold(channelOrder, events))], []);
/** The events of the last command that others hear of, by name. */
const news = (...commands: ChannelOrderCommand[]): readonly string[] => {
  const before = after(...commands.slice(0, -1));
  return channelOrder.decide(commands.at(-1)!, fold(channelOrder, before)).map(({ type }) => type).filter((type) => type.startsWith('Channel'));
};

describe('a channel order', () => {
  it('ING-11: is received once, whole', () => {
    const first = content({}, 'f1', { paid: { paidAt: at(1), amount: 1900, currency: 'EUR' } });
    const d = delivery('d1', { kind: 'announce' });
    given()
      .when({ type: 'ReceiveDelivery', data: { delivery: d, outcome: first } })
      .then(
        { type: 'DeliveryRecorded', data: { ...d, content: { modifiedAt: at(1), source: 'WEBHOOK', sentAt: '', fingerprint: 'f1', payment: 'PAYMENT_STATE_UNPAID' }, facts: first.as === 'order' ? first.facts : facts() } },
        { type: 'ChannelOrderReceived', data: { order: { ...order(), payment: 'PAYMENT_STATE_PAID', paidAt: at(1) } } },
      );
  });

  it('ING-11: a redelivered webhook changes nothing', () => given(...after(receive('d1', content()))).when(receive('d1', content())).thenNothing());

  it('ING-11: another delivery of the same content is recorded, and no news', () => expect(news(receive('d1', content()), receive('d2', content()))).toEqual([]));

  it('ING-11: newer content amends, older content does not', () => {
    expect(news(receive('d1', content()), receive('d2', content({ modifiedAt: at(2) }, 'f2')))).toEqual(['ChannelOrderAmended']);
    expect(news(receive('d1', content()), receive('d2', content({ modifiedAt: at(0) }, 'f2')))).toEqual([]);
  });

  it('ING-11: within one second of the platform’s clock what was sent later is newer, and a webhook knows more than the topic', () => {
    expect(news(receive('d1', content(), { sentAt: at(3) }), receive('d2', content({}, 'f2'), { sentAt: at(4) }))).toEqual(['ChannelOrderAmended']);
    expect(news(receive('d1', content(), { sentAt: at(3) }), receive('d2', content({}, 'f2'), { sentAt: at(2) }))).toEqual([]);
    expect(news(receive('d1', content()), receive('d2', content({}, 'f2'), { source: 'TOPIC', sentAt: at(9) }))).toEqual([]);
  });

  it('ING-11: within one second a webhook holds before a pull, a pull before the topic, the topic before a file', () => {
    const course = ['FILE', 'TOPIC', 'PULL', 'WEBHOOK'] as const;
    for (const [rank, source] of course.entries()) {
      for (const [against, other] of course.entries()) {
        if (rank !== against) expect([source, other, news(receive('d1', content(), { source }), receive('d2', content({}, 'f2'), { source: other }))]).toEqual([source, other, against > rank ? ['ChannelOrderAmended'] : []]);
      }
    }
  });

  it.each(['constructor', '__proto__'])('ING-11: a refund may be called %s', (refundId) => {
    const settled: Outcome = { as: 'facts', facts: facts({ modifiedAt: at(5), refunds: [refund({ refundId })] }) };
    expect(news(receive('d1', content()), receive('d2', settled))).toEqual(['ChannelRefundSettled']);
    expect(news(receive('d1', content()), receive('d2', settled), receive('d3', settled))).toEqual([]);
  });

  it('ING-11: is paid once, also by an older message', () => {
    const paid = { paid: { paidAt: at(0), amount: 1900, currency: 'EUR' } };
    const older = receive('d2', content({ modifiedAt: at(0), payment: 'PAYMENT_STATE_PAID' }, 'f0', paid));
    expect(news(receive('d1', content()), older)).toEqual(['ChannelOrderPaid']);
    expect(news(receive('d1', content()), older, receive('d3', content({ payment: 'PAYMENT_STATE_PAID', modifiedAt: at(3) }, 'f1', paid)))).toEqual([]);
  });

  it('ORD-02: carries what the platform says was paid, whether it is told with the order or as a payment; where it does not say, nothing', () => {
    const paid = (told: boolean): Partial<Facts> => ({ paid: { paidAt: at(2), amount: 1800, currency: 'EUR', ...(told ? { told } : {}) } });
    const none = { amount: 0, currency: '' };
    const said = (...deliveries: readonly ChannelOrderCommand[]): unknown => {
      const state = fold(channelOrder, deliveries.slice(0, -1).reduce<readonly ChannelOrderEvent[]>((all, one) => [...all, ...channelOrder.decide(one, fold(channelOrder, all))], []));
      return channelOrder.decide(deliveries.at(-1)!, state).flatMap<readonly unknown[]>(({ type, data }) => (type === 'ChannelOrderReceived' || type === 'ChannelOrderAmended' ? [[type, data.order.amountPaid]] : type === 'ChannelOrderPaid' ? [[type, data.amount, data.amountPaid]] : []));
    };
    expect(said(receive('d1', content({ payment: 'PAYMENT_STATE_PAID', amountPaid: eur(1800) }, 'f1', paid(true))))).toEqual([['ChannelOrderReceived', eur(1800)]]);
    expect(said(receive('d1', content({ payment: 'PAYMENT_STATE_PAID' }, 'f1', paid(false))))).toEqual([['ChannelOrderReceived', none]]);
    expect(said(receive('d1', content()), receive('d2', { as: 'facts', facts: facts(paid(true)) }))).toEqual([['ChannelOrderPaid', eur(1800), eur(1800)]]);
    expect(said(receive('d1', content()), receive('d2', { as: 'facts', facts: facts(paid(false)) }))).toEqual([['ChannelOrderPaid', eur(1800), none]]);
    // An unpaid content that is newer than the payment does not unsay it.
    expect(said(receive('d1', { as: 'facts', facts: facts(paid(true)) }), receive('d2', content({ modifiedAt: at(1) })))).toEqual([['ChannelOrderReceived', eur(1800)]]);
  });

  it('ING-11: an authorisation amends it, since nothing else would tell', () =>
    expect(news(receive('d1', content()), receive('d2', content({ modifiedAt: at(2), payment: 'PAYMENT_STATE_AUTHORIZED' })))).toEqual(['ChannelOrderAmended']));

  it('ING-11: is cancelled once, whatever comes later', () => {
    const cancelled = { cancelled: { cancelledAt: at(4), reason: 'customer' } };
    expect(news(receive('d1', content({}, 'f1', cancelled)))).toEqual(['ChannelOrderReceived', 'ChannelOrderCancelled']);
    expect(news(receive('d1', content({}, 'f1', cancelled)), receive('d2', content({ modifiedAt: at(9) }, 'f1', cancelled)))).toEqual([]);
  });

  it('ING-11: facts that come before it wait for it', () => {
    const early = receive('d1', { as: 'facts', facts: facts({ refunds: [refund()] }) });
    expect(news(early)).toEqual([]);
    const events = after(early, receive('d2', content()));
    expect(events.map(({ type }) => type)).toEqual(['DeliveryRecorded', 'DeliveryRecorded', 'ChannelOrderReceived', 'ChannelRefundSettled']);
    // The order is told without the unit already, so the refund does not take it off again.
    expect(events[2]).toMatchObject({ data: { order: { lines: [{ quantity: 1, discount: { amount: 50 }, total: { amount: 950 } }] } } });
    expect(events[3]).toMatchObject({ data: { lines: [] } });
  });

  it('ING-11: a refund takes its units off once, whichever message told of it first', () => {
    const whole = receive('d3', content({ modifiedAt: at(6) }, 'f1', { refunds: [refund()] }));
    const events = after(receive('d1', content()), receive('d2', { as: 'facts', facts: facts({ modifiedAt: at(5), refunds: [refund()] }) }), whole);
    expect(events.filter(({ type }) => type.startsWith('Channel')).map(({ type }) => type)).toEqual(['ChannelOrderReceived', 'ChannelRefundSettled']);
    expect(events.at(-2)).toMatchObject({ data: { refundId: 'r1', amount: eur(950), lines: [{ lineId: lineIdOf(orderId, 'l1'), channelLineId: 'l1', sku: 'A', quantity: 1 }] } });
  });

  it('ING-11: a refund is requested, then settled or taken back; settled is final', () => {
    const state = (name: Refund['state'], second: number): ChannelOrderCommand => receive(`r${second}`, { as: 'facts', facts: facts({ modifiedAt: at(second), refunds: [refund({ state: name, modifiedAt: at(second) })] }) });
    expect(news(receive('d1', content()), state('requested', 5))).toEqual(['ChannelRefundRequested']);
    expect(news(receive('d1', content()), state('requested', 5), state('withdrawn', 6))).toEqual(['ChannelRefundWithdrawn']);
    expect(news(receive('d1', content()), state('requested', 5), state('settled', 6))).toEqual(['ChannelRefundSettled']);
    expect(news(receive('d1', content()), state('settled', 6), state('withdrawn', 7))).toEqual([]);
    expect(news(receive('d1', content()), state('withdrawn', 6))).toEqual([]);
  });

  it('ING-11: a line of which nothing is left stays, and nothing of it is shipped', () => {
    const [, received] = after(receive('d1', content({ quantity: 1 }, 'f1', { refunds: [refund()] })));
    expect(received).toMatchObject({ data: { order: { lines: [{ quantity: 0, requiresShipping: false, total: eur(0), discount: eur(0) }] } } });
  });
});

describe('quarantine', () => {
  it('ING-14: what cannot be understood parks its order, and what follows waits behind it', () => {
    given()
      .when(receive('d1', bad))
      .then({ type: 'DeliveryQuarantined', data: { ...delivery('d1'), reason: 'BAD_AMOUNT', detail: 'total_price is missing', parks: true } });
    given(...after(receive('d1', bad)))
      .when(receive('d2', content()))
      .then({ type: 'DeliveryQueued', data: { ...delivery('d2'), behind: 'd1' } });
    given(...after(receive('d1', bad))).when(receive('d1', bad)).thenNothing();
  });

  it('ING-14: an order that is there goes on', () => {
    const events = after(receive('d1', content()), receive('d2', bad), receive('d3', content({ modifiedAt: at(3) }, 'f3')));
    expect(events.map(({ type }) => type)).toEqual(['DeliveryRecorded', 'ChannelOrderReceived', 'DeliveryQuarantined', 'DeliveryRecorded', 'ChannelOrderAmended']);
    expect(events[2]).toMatchObject({ data: { parks: false } });
  });

  it('ING-14: a replay handles all that waited, in order', () => {
    const before = after(receive('d1', bad), receive('d2', content({ modifiedAt: at(2) }, 'f2')), receive('d3', bad));
    const decided = channelOrder.decide(replay(reread('d1', content()), reread('d2', content({ modifiedAt: at(2) }, 'f2')), reread('d3', bad)), fold(channelOrder, before));
    expect(decided.map(({ type }) => type)).toEqual(['QuarantineReplayed', 'DeliveryApplied', 'ChannelOrderReceived', 'DeliveryApplied', 'ChannelOrderAmended', 'QueuedDeliveryQuarantined']);
    expect(fold(channelOrder, [...before, ...decided])).toMatchObject({ parked: null, queue: [], quarantined: ['d3'], told: { received: true } });
  });

  it('ING-14: a replay that fails keeps everything where it is', () => {
    given(...after(receive('d1', bad), receive('d2', content())))
      .when(replay(reread('d1', { as: 'failure', reason: 'NO_LINES', detail: 'none' }), reread('d2', content())))
      .then({ type: 'QuarantineReplayFailed', data: { orderId, deliveryId: 'd1', reason: 'NO_LINES', detail: 'none', by: 'caller:ann', at: at(40) } });
  });

  it('ING-14: one that waited and cannot be read either parks the order again, before the rest', () => {
    const early: Outcome = { as: 'facts', facts: facts() };
    const before = after(receive('d1', bad), receive('d2', bad), receive('d3', content()));
    const decided = channelOrder.decide(replay(reread('d1', early), reread('d2', bad), reread('d3', content())), fold(channelOrder, before));
    expect(fold(channelOrder, [...before, ...decided])).toMatchObject({ parked: 'd2', queue: ['d3'], told: { received: false } });
  });

  it('ING-14: a replay must know all that waits', () =>
    given(...after(receive('d1', bad), receive('d2', content()))).when(replay(reread('d1', content()))).thenRefused('CONFLICT'));

  it('ING-14: a replay twice is one replay, of nothing is refused', () => {
    const before = after(receive('d1', bad));
    given(...before, ...channelOrder.decide(replay(reread('d1', content())), fold(channelOrder, before))).when(replay(reread('d1', content()))).thenNothing();
    given(...before).when(replay(reread('dx', content()))).thenRefused('NOT_FOUND');
  });

  it('ING-14: a delivery whose order becomes known moves there', () => {
    const move: ChannelOrderCommand = { type: 'MoveDelivery', data: { orderId, deliveryId: 'd1', movedTo: 'other', corrected: ['sealed'], by: 'caller:ann', at: at(40) } };
    given(...after(receive('d1', bad))).when(move).then({ type: 'QuarantineReplayed', data: move.data });
    given(...after(receive('d1', bad), move)).when(move).thenNothing();
    given(...after(receive('d1', bad), receive('d2', content()))).when(move).thenRefused('BAD_REQUEST');
  });
});

/** What a consumer of the topic believes, told only by the events. */
interface Belief {
  readonly lines: Readonly<Record<string, number>>;
  readonly fingerprint: string;
  readonly payment: string;
  readonly paid: boolean;
  readonly cancelled: boolean;
  readonly refunds: readonly string[];
  readonly frozen: boolean;
}
const early = ['PAYMENT_STATE_UNPAID', 'PAYMENT_STATE_AUTHORIZED'];
const late = ['PAYMENT_STATE_PARTIALLY_REFUNDED', 'PAYMENT_STATE_REFUNDED'];
const believed = (events: readonly ChannelOrderEvent[]): Belief | null =>
  events.reduce<Belief | null>((belief, event) => {
    switch (event.type) {
      case 'ChannelOrderReceived':
      case 'ChannelOrderAmended': {
        const { lines, shipTo, paidAt, payment } = event.data.order;
        const known = belief ?? { paid: false, cancelled: false, refunds: [], frozen: false };
        return { ...known, payment: late.includes(payment) ? 'PAYMENT_STATE_PAID' : payment, paid: known.paid || paidAt !== '', fingerprint: shipTo.street, lines: Object.fromEntries(lines.map((line) => [line.channelLineId, line.quantity])) };
      }
      case 'ChannelOrderPaid':
        return { ...belief!, paid: true, payment: early.includes(belief!.payment) ? 'PAYMENT_STATE_PAID' : belief!.payment };
      case 'ChannelOrderCancelled':
        return { ...belief!, cancelled: true };
      case 'ChannelFrozen':
        return { ...belief!, frozen: event.data.frozen };
      case 'ChannelRefundSettled': {
        const taken = new Map(event.data.lines.map((line) => [line.channelLineId, line.quantity]));
        const lines = Object.fromEntries(Object.entries(belief!.lines).map(([id, quantity]) => [id, Math.max(0, quantity - (taken.get(id) ?? 0))]));
        return { ...belief!, lines, refunds: [...belief!.refunds, event.data.refundId].toSorted() };
      }
      default:
        return belief;
    }
  }, null);

describe('what of a delivery that cannot be understood', () => {
  const cancelled = { cancelledAt: at(6), reason: 'customer' };
  const unread: Outcome = { as: 'failure', reason: 'BAD_AMOUNT', detail: 'total_price is missing', facts: facts({ modifiedAt: at(6), cancelled }) };

  it('ING-14, ING-11: holds for the order that is there: its goods do not leave', () => {
    given(...after(receive('d1', content()))).when(receive('d2', unread)).then(
      { type: 'DeliveryQuarantined', data: { ...delivery('d2'), reason: 'BAD_AMOUNT', detail: 'total_price is missing', parks: false, facts: facts({ modifiedAt: at(6), cancelled }) } },
      { type: 'ChannelOrderCancelled', data: { orderId, ...cancelled, modifiedAt: at(6) } },
    );
    // Its replay tells nothing twice.
    expect(news(receive('d1', content()), receive('d2', unread), replay(reread('d2', content({ modifiedAt: at(6) }, 'f1', { cancelled }))))).toEqual([]);
  });

  it('ING-14: waits with it where the order is not there yet', () =>
    given().when(receive('d1', unread)).then({ type: 'DeliveryQuarantined', data: { ...delivery('d1'), reason: 'BAD_AMOUNT', detail: 'total_price is missing', parks: true } }));
});

describe('refunds that were asked for', () => {
  const asked = refund({ state: 'requested', lines: [] });
  const list = (second: number, refunds: readonly Refund[] = []): Outcome => ({ as: 'facts', facts: facts({ modifiedAt: at(second), refunds, allRefunds: true }) });

  it('ING-11: and are gone from the platform’s list of all were taken back', () => {
    const before = [receive('d1', content()), receive('d2', { as: 'facts', facts: facts({ modifiedAt: at(5), refunds: [asked] }) })];
    expect(news(...before, receive('d3', list(6)))).toEqual(['ChannelRefundWithdrawn']);
    for (const says of [list(5), list(4), list(6, [asked])]) expect(news(...before, receive('d3', says))).toEqual([]);
    expect(news(...before, receive('d3', { as: 'facts', facts: facts({ modifiedAt: at(6) }) }))).toEqual([]);
  });

  it('ING-11: are let go only after what was paid back is told', () =>
    expect(news(receive('d1', content()), receive('d2', { as: 'facts', facts: facts({ refunds: [{ ...asked, refundId: 'line-l1' }] }) }), receive('d3', { as: 'facts', facts: facts({ modifiedAt: at(6), refunds: [{ ...asked, refundId: 'line-l1', state: 'withdrawn', modifiedAt: at(6) }, refund({ modifiedAt: at(6) })] }) })))
      .toEqual(['ChannelRefundSettled', 'ChannelRefundWithdrawn']));
});

describe('lines that have left', () => {
  const partly = (second: number): Outcome => ({ ...(content({ modifiedAt: at(second) }) as Extract<Outcome, { as: 'order' }>), left: ['l1'] });
  const units = (events: readonly ChannelOrderEvent[]): readonly (readonly [number, boolean])[] => events.flatMap((event) => (event.type === 'ChannelOrderReceived' || event.type === 'ChannelOrderAmended' ? event.data.order.lines.map(({ quantity, requiresShipping }) => [quantity, requiresShipping] as const) : []));

  it('ING-02: before the order was heard of are not shipped again, also when it changes', () => {
    expect(units(after(receive('d1', partly(1))))).toEqual([[0, false]]);
    expect(units(after(receive('d1', partly(1)), receive('d2', content({ modifiedAt: at(2) }, 'f2'))))).toEqual([[0, false], [0, false]]);
    expect(units(after(receive('d1', bad), receive('d2', partly(1)), replay(reread('d1', partly(1)), reread('d2', partly(1)))))).toEqual([[0, false]]);
  });

  it('ING-02: because we sent them change nothing', () => expect(news(receive('d1', content()), receive('d2', partly(2)))).toEqual([]));
});

describe('an order that its platform freezes', () => {
  const word = (second: number, frozen: boolean, whole = false): ChannelOrderCommand =>
    receive(`f${second}${frozen}`, whole ? content({ modifiedAt: at(second) }, 'f1', { frozen: { frozen, reason: 'group' } }) : { as: 'facts', facts: facts({ modifiedAt: at(second), frozen: { frozen, reason: 'group' } }) });

  it('ING-11: is told frozen once, and free again; an older word says nothing', () => {
    expect(news(word(2, true, true))).toEqual(['ChannelOrderReceived', 'ChannelFrozen']);
    expect(news(word(2, true, true), word(3, true, true))).toEqual([]);
    expect(news(word(2, true, true), word(4, false, true))).toEqual(['ChannelFrozen']);
    expect(news(word(4, false, true), word(2, true))).toEqual([]);
    expect(news(word(4, false, true))).toEqual(['ChannelOrderReceived']);
  });
});

describe('deliveries of one order', () => {
  const said = fc.record({
    second: fc.integer({ min: 1, max: 4 }), sent: fc.integer({ min: 0, max: 2 }), street: fc.constantFrom('a', 'b', 'c'), quantity: fc.integer({ min: 3, max: 6 }), whole: fc.boolean(),
    payment: fc.constantFrom('PAYMENT_STATE_UNPAID', 'PAYMENT_STATE_AUTHORIZED', 'PAYMENT_STATE_PARTIALLY_PAID', 'PAYMENT_STATE_PAID', 'PAYMENT_STATE_REFUNDED', 'PAYMENT_STATE_VOIDED'), cancelled: fc.boolean(), refunds: fc.subarray(['r1', 'r2', 'r3']), topic: fc.boolean(), frozen: fc.option(fc.boolean(), { nil: undefined }),
  });

  it('ING-11: in any order and however often come to the same end', () => {
    fc.assert(
      fc.property(
        fc.array(said, { minLength: 1, maxLength: 6 }).chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray([...all.keys()], { minLength: all.length }), fc.array(fc.nat(all.length - 1), { maxLength: 4 }))),
        ([all, shuffled, again]) => {
          const commands = all.map(({ second, sent, street, quantity, whole, payment, cancelled, refunds, topic, frozen }, index) => {
            const more: Partial<Facts> = {
              paid: payment === 'PAYMENT_STATE_PAID' || payment === 'PAYMENT_STATE_REFUNDED' ? { paidAt: at(second), amount: 1, currency: 'EUR' } : null,
              cancelled: cancelled ? { cancelledAt: at(9), reason: 'customer' } : null,
              refunds: refunds.map((refundId) => refund({ refundId })),
              ...(frozen === undefined ? {} : { frozen: { frozen, reason: 'group' } }),
            };
            const { shipTo } = order();
            const outcome: Outcome = whole || index === 0
              ? content({ modifiedAt: at(second), quantity, shipTo: { ...shipTo, street: `${street}${quantity}` }, payment }, `${street}${quantity}`, more)
              : { as: 'facts', facts: facts({ modifiedAt: at(second), ...more }) };
            return receive(`d${index}`, outcome, { sentAt: at(sent), source: topic ? 'TOPIC' : 'WEBHOOK' });
          });
          const straight = after(...commands);
          const mixed = after(...shuffled.map((index) => commands[index]!), ...again.map((index) => commands[index]!));
          expect(believed(mixed)).toEqual(believed(straight));
          expect(fold(channelOrder, mixed).known).toEqual(fold(channelOrder, straight).known);
          expect(mixed.filter(({ type }) => type === 'ChannelOrderReceived')).toHaveLength(1);
        },
      ),
      { numRuns: 500 },
    );
  });
});
