import { describe, expect, it } from '@jest/globals';
import { topics, published, type ingest, type MessageName, type Messages } from '@flotilla/contracts';
import { parcelIdOf, splitIdOf } from '@flotilla/values';
import { allowedActions, unreleasable, type Act } from '../decide/actions.js';
import { eachOf, progressOf, type FulfilmentState } from '../decide/fulfilment.state.js';
import { order } from '../decide/order.decider.js';
import { fulfilmentStateOf, orderStateOf, waitsForOf } from '../decide/states.js';
import { lookAtOrder } from '../accept/order-timers.js';
import { actByHand, conduct } from './conduct.js';
import type { InputName } from './inputs.js';
import { actOf, content, line, orderId, partOf, shipTo, usd, waybill } from '../../spec/samples.js';
import { World } from '../../spec/world.js';

const ours = new Set(published[topics.order].map((type) => type.slice('flotilla.order.v1.'.length)));
const later = '2026-11-21T09:30:00.000Z';
const parcel = (attempt: number): string => parcelIdOf(orderId, attempt);

/** Tells order-core one thing after the other; each answers with what is said aloud. */
class Story {
  readonly world = new World({ rules: { riskLimit: 50_000, paymentMinutes: 30 }, policy: { allocateWhen: 'placed' }, carriers: ['sf', 'yto'] }, () => undefined);
  tell<Name extends MessageName & InputName>(type: Name, data: Messages[Name]): readonly string[] {
    return this.world.hear({ type, data }).flatMap((event) => (ours.has(event.type) ? [event.type] : []));
  }
  get waits(): string {
    return waitsForOf(this.world.order, this.world.fulfilment);
  }
  /** Of the order, of its fulfilment, and what is waited for. */
  get states(): readonly string[] {
    return [orderStateOf(this.world.order, this.world.fulfilment), fulfilmentStateOf(this.world.fulfilment), this.waits];
  }
  get last(): unknown {
    return this.world.unit.written.findLast(({ type }) => ours.has(type))?.data;
  }
  received(more: Partial<ingest.ChannelOrder> = {}) {
    return this.tell('flotilla.ingest.v1.ChannelOrderReceived', { order: content(more) });
  }
  amended(more: Partial<ingest.ChannelOrder>) {
    return this.tell('flotilla.ingest.v1.ChannelOrderAmended', { order: content({ modifiedAt: later, ...more }) });
  }
  cancelled() {
    return this.tell('flotilla.ingest.v1.ChannelOrderCancelled', { orderId, cancelledAt: later, modifiedAt: later, reason: 'customer' });
  }
  allocated(warehouse = 'WH1', round?: number, foId = orderId) {
    return this.tell('flotilla.allocation.v1.OrderAllocated', { foId, round: round ?? this.of(foId).round, warehouse, lockId: 'lock', orders: [], items: [], parts: [] });
  }
  /** `[['WH1', 'MUG-1', 2], …]`: one part each. */
  split(...parts: readonly (readonly [string, string, number])[]) {
    const items = parts.map(([, sku]) => ({ sku, name: sku, quantity: 9, grams: 100 }));
    return this.tell('flotilla.allocation.v1.OrderAllocated', {
      foId: orderId, round: this.world.fulfilment.round, warehouse: parts[0]![0], lockId: 'lock', orders: [], items,
      parts: parts.map(([warehouse, sku, quantity]) => partOf(warehouse, [{ sku, quantity }])),
    });
  }
  /** What was said of this kind, in order. */
  all<Name extends string>(type: Name): readonly Record<string, unknown>[] {
    return this.world.unit.written.filter((event) => event.type === type).map(({ data }) => data as Record<string, unknown>);
  }
  backordered(missing: readonly (readonly [string, number])[], foId = orderId) {
    return this.tell('flotilla.allocation.v1.OrderBackordered', { foId, round: this.of(foId).round, orders: [], missing: missing.map(([sku, quantity]) => ({ sku, quantity })) });
  }
  /** One of its fulfilment orders. */
  of(foId: string): FulfilmentState {
    return eachOf(this.world.fulfilment).find((one) => one.foId === foId)!;
  }
  act(act: Act): readonly string[] {
    return this.world.act((unit, { policy, at }) => actByHand(unit, orderId, act, { by: 'desk', at, policy })).flatMap(({ type }) => (ours.has(type) ? [type] : []));
  }
  changeId(leg = 0): string {
    return this.world.fulfilment.legs[leg]!.parcel!.change!.changeId;
  }
  stockReleased(foId = orderId) {
    return this.tell('flotilla.allocation.v1.StockReleased', { foId, warehouse: '' });
  }
  short(warehouse = 'WH1') {
    return this.tell('flotilla.allocation.v1.PickShort', { foId: orderId, warehouse, missing: [] });
  }
  issued(attempt = 1) {
    return this.tell('flotilla.carrier.v1.WaybillIssued', waybill(orderId, parcel(attempt), `SF${attempt}`, []));
  }
  voided(attempt = 1, foId = orderId) {
    return this.tell('flotilla.carrier.v1.ParcelVoided', { parcelId: parcelIdOf(foId, attempt), foId, waybill: '', reason: '' });
  }
  cancelRefused(attempt = 1) {
    return this.tell('flotilla.carrier.v1.CancelRefused', { parcelId: parcel(attempt), foId: orderId, reason: 'SHIPPED' });
  }
  refusedBy(carrier: string, attempt = 1) {
    return this.tell('flotilla.carrier.v1.CarrierRefused', { parcelId: parcel(attempt), foId: orderId, carrier, reason: 'CARRIER_REFUSED', detail: '' });
  }
  shipped(attempt = 1, foId = orderId) {
    const { shipTo: where, buyer } = this.world.fulfilment.plan!;
    return this.tell('flotilla.carrier.v1.ParcelShipped', { parcelId: parcelIdOf(foId, attempt), foId, orders: [], warehouse: 'WH1', carrier: 'sf', service: 'STANDARD', waybill: `SF${attempt}`, shippedAt: later, shipTo: where, buyer, number: '', items: [], freight: usd(1), dueAt: '', pickupPlace: '' });
  }
  milestone(milestone: 'MILESTONE_DELIVERED' | 'MILESTONE_RETURNED', attempt = 1, foId = orderId) {
    return this.tell('flotilla.tracking.v1.MilestoneReached', { parcelId: parcelIdOf(foId, attempt), foId, orders: [], carrier: 'sf', waybill: '', milestone, occurredAt: '2026-11-23T09:00:00.000Z', place: '', pushed: false });
  }
  settled() {
    return this.tell('flotilla.settlement.v1.OrderSettled', { orderId, statementId: 'st', net: usd(1), settledAt: later });
  }
  /** Its timer fires. */
  returnWindowPassed(foId = orderId): readonly string[] {
    return this.world
      .act((unit, terms) => lookAtOrder(`return/${foId}`, { correlation: orderId, causation: '', actor: 'timer' }, () => terms).decide(unit))
      .flatMap(({ type }) => (ours.has(type) ? [type] : []));
  }
  /** What a person may release. */
  get holdsToRelease(): readonly string[] {
    const { order: o, fulfilment: f } = this.world;
    return o.holds.filter((hold) => !unreleasable(hold, f)).map(({ holdId }) => holdId);
  }
  releaseHold(holdId: string): readonly string[] {
    return this.world
      .act((unit, { policy, at }) => actByHand(unit, orderId, actOf('Release', holdId), { by: 'desk', at, policy }))
      .flatMap(({ type }) => (ours.has(type) ? [type] : []));
  }
}

const story = (): Story => new Story();
const released = (): Story => {
  const one = story();
  one.received();
  one.allocated();
  return one;
};
const waybilled = (): Story => {
  const one = released();
  one.issued();
  return one;
};

describe('the way of an order', () => {
  it('ORD-01 ORD-02: from placed to closed, with nothing said twice', () => {
    const one = story();
    expect(one.received()).toEqual(['OrderPlaced', 'OrderApproved', 'AllocationRequested']);
    expect(one.allocated()).toEqual(['FulfilmentReleased']);
    expect(one.issued()).toEqual([]);
    expect(one.waits).toBe('SHIP');
    expect(one.shipped()).toEqual(['FulfilmentShipped']);
    expect(one.milestone('MILESTONE_DELIVERED')).toEqual(['FulfilmentDelivered']);
    expect(one.waits).toBe('SETTLEMENT');
    expect(one.settled()).toEqual(['OrderClosed']);
    expect(one.waits).toBe('');
  });

  it('ORD-01: tracking may be faster than the word that the parcel has left, settlement than both', () => {
    const one = waybilled();
    expect(one.settled()).toEqual([]);
    expect(one.milestone('MILESTONE_DELIVERED')).toEqual([]);
    expect(one.shipped()).toEqual(['FulfilmentShipped', 'FulfilmentDelivered', 'OrderClosed']);
  });

  it('ORD-01: what is delivered and not settled is closed when the return window has passed', () => {
    const one = waybilled();
    one.shipped();
    expect(one.returnWindowPassed()).toEqual([]);
    one.milestone('MILESTONE_DELIVERED');
    expect(one.returnWindowPassed()).toEqual(['OrderClosed']);
    expect(one.settled()).toEqual([]);
  });

  it('ORD-01: what needs no parcel is closed when it is settled', () => {
    const one = story();
    expect(one.received({ lines: [line('4', 'GIFT', 1, { requiresShipping: false })] })).toEqual(['OrderPlaced', 'OrderApproved']);
    expect(one.waits).toBe('SETTLEMENT');
    expect(one.settled()).toEqual(['OrderClosed']);
  });

  it('ORD-02: the address must be complete before anything is released', () => {
    const one = story();
    expect(one.received({ shipTo: { ...shipTo, street: '' } })).toEqual(['OrderPlaced', 'OrderHeld', 'AllocationRequested']);
    expect(one.allocated()).toEqual([]);
    expect(one.waits).toBe('HOLD:ADDRESS');
    expect(one.amended({})).toEqual(['OrderAmended', 'OrderHoldReleased', 'OrderApproved', 'FulfilmentReleased']);
  });
});

describe('a cancellation', () => {
  it('ORD-05: while allocation has not answered gives back what it may have locked; the late answer is ignored', () => {
    const one = story();
    one.received();
    expect(one.cancelled()).toEqual(['OrderCancelRequested', 'FulfilmentCancelled']);
    expect(one.waits).toBe('RELEASE_OF_STOCK');
    expect(one.allocated()).toEqual([]);
    expect(one.stockReleased()).toEqual(['OrderCancelled']);
  });

  it('ORD-05: of a waybilled parcel voids it first, then gives the stock back', () => {
    const one = waybilled();
    expect(one.cancelled()).toEqual(['OrderCancelRequested', 'FulfilmentCancelRequested']);
    expect(one.waits).toBe('VOID');
    expect(one.voided()).toEqual(['FulfilmentCancelled']);
    expect(one.stockReleased()).toEqual(['OrderCancelled']);
    expect(one.last).toMatchObject({ stage: 'WAYBILLED', reason: 'customer' });
  });

  it('ORD-05: of a parcel whose waybill comes meanwhile says so', () => {
    const one = released();
    one.cancelled();
    expect(one.issued()).toEqual([]);
    expect(one.voided()).toEqual(['FulfilmentCancelled']);
    one.stockReleased();
    expect(one.last).toMatchObject({ stage: 'WAYBILLED' });
  });

  it('ORD-05: that loses against the floor becomes an interception, and the order goes on', () => {
    const one = waybilled();
    one.cancelled();
    expect(one.shipped()).toEqual(['FulfilmentShipped', 'InterceptionRequested']);
    expect(one.cancelRefused()).toEqual([]);
    one.milestone('MILESTONE_DELIVERED');
    expect(one.settled()).toEqual(['OrderClosed']);
    expect(one.world.order.cancel).toMatchObject({ refused: 'SHIPPED' });
  });

  it('ORD-05: what has left is stopped on its way by hand, brought back or sent elsewhere; once, and the order stays as it is', () => {
    const one = waybilled();
    const intercept = (to: typeof shipTo | null) => one.world.act((unit, { policy, at }) => actByHand(unit, orderId, { action: 'Intercept', shipTo: to, reason: 'moved' }, { by: 'caller:desk', at, policy })).map(({ type }) => type);
    expect(() => intercept(null)).toThrow(expect.objectContaining({ reason: 'BAD_REQUEST' }));
    one.shipped();
    expect(allowedActions(one.world.order, one.world.fulfilment)).toEqual(['Hold', 'Cancel', 'Intercept']);
    expect(intercept({ ...shipTo, city: 'Salem' })).toEqual(['ActedByHand', 'InterceptionRequested']);
    expect(one.last).toMatchObject({ parcelId: parcel(1), reason: 'moved', shipTo: { city: 'Salem' } });
    expect(() => intercept(null)).toThrow(expect.objectContaining({ reason: 'BAD_REQUEST' }));
    expect(one.states).toEqual(['SHIPPED', 'SHIPPED', 'DELIVERY']);
  });

  it('ORD-05: whose refusal is heard before the parcel’s leaving is an interception all the same', () => {
    const one = waybilled();
    one.cancelled();
    expect(one.cancelRefused()).toEqual(['InterceptionRequested']);
    expect(one.shipped()).toEqual(['FulfilmentShipped']);
  });

  it('ORD-05: of a parcel that the carrier has refused meanwhile has nothing to void', () => {
    const one = released();
    one.cancelled();
    expect(one.refusedBy('sf')).toEqual(['FulfilmentCancelled']);
  });

  it('ORD-05: before anything was asked of anybody is done at once', () => {
    const one = story();
    one.cancelled();
    expect(one.received()).toEqual(['OrderPlaced', 'OrderCancelRequested', 'OrderCancelled']);
    expect(one.last).toMatchObject({ stage: 'NEW' });
  });

  it('ORD-05: of what came back or was lost ends it without a word to allocation: its stock is consumed', () => {
    const one = waybilled();
    one.shipped();
    expect(one.milestone('MILESTONE_RETURNED')).toEqual(['OrderHeld']);
    expect(one.waits).toBe('HOLD:EXCEPTION');
    expect(one.cancelled()).toEqual(['OrderCancelRequested', 'OrderCancelled']);
    expect(one.last).toMatchObject({ stage: 'SHIPPED' });
  });
});

describe('failures come back', () => {
  it('ORD-05: a short shelf starts the next round without that warehouse, after the parcel is voided', () => {
    const one = waybilled();
    expect(one.short()).toEqual(['FulfilmentCancelRequested']);
    expect(one.voided()).toEqual(['AllocationRequested']);
    expect(one.last).toMatchObject({ round: 2, excludedWarehouses: ['WH1'] });
    expect(one.short()).toEqual([]);
    expect(one.allocated('WH2')).toEqual(['FulfilmentReleased']);
    expect(one.last).toMatchObject({ attempt: 2, parcelId: parcel(2), warehouse: 'WH2' });
    expect(one.voided(1)).toEqual([]);
  });

  it('ORD-05: a warehouse whose failure was heard before its promise is left out all the same', () => {
    const one = story();
    one.received();
    expect(one.short('WH1')).toEqual([]);
    expect(one.allocated('WH1')).toEqual(['AllocationRequested']);
    expect(one.last).toMatchObject({ round: 2, excludedWarehouses: ['WH1'] });
  });

  it('ORD-05: a carrier’s refusal goes to the next carrier, the last one’s to a person', () => {
    const one = released();
    expect(one.refusedBy('sf')).toEqual(['FulfilmentReleased']);
    expect(one.last).toMatchObject({ attempt: 2, excludedCarriers: ['sf'] });
    expect(one.refusedBy('yto', 2)).toEqual(['OrderHeld']);
    expect(one.waits).toBe('HOLD:EXCEPTION');
    expect(one.releaseHold('EXCEPTION:1')).toEqual(['OrderHoldReleased', 'FulfilmentReleased']);
    expect(one.last).toMatchObject({ attempt: 3, excludedCarriers: [] });
  });

  it('ORD-05: a lost parcel waits for a person, and for itself', () => {
    const one = waybilled();
    one.shipped();
    expect(one.tell('flotilla.carrier.v1.ParcelLost', { parcelId: parcel(1), foId: orderId, carrier: 'sf', waybill: 'SF1' })).toEqual(['OrderHeld']);
    expect(one.milestone('MILESTONE_DELIVERED')).toEqual(['FulfilmentDelivered', 'OrderHoldReleased']);
  });
});

describe('an order changes on its way', () => {
  it('ORD-05: an address before the release is taken over, after it asked of the carrier', () => {
    const one = story();
    one.received();
    expect(one.amended({ shipTo: { ...shipTo, city: 'Salem' } })).toEqual(['OrderAmended']);
    expect(one.allocated()).toEqual(['FulfilmentReleased']);
    expect(one.last).toMatchObject({ shipTo: { city: 'Salem' } });
    expect(one.amended({ modifiedAt: '2026-11-21T09:40:00.000Z', shipTo: { ...shipTo, city: 'Bend' } })).toEqual(['OrderAmended', 'FulfilmentChangeRequested']);
    expect(one.waits).toBe('CHANGE');
    const changeId = one.changeId();
    expect(one.tell('flotilla.carrier.v1.ParcelChanged', { parcelId: parcel(1), foId: orderId, changeId })).toEqual([]);
    expect(one.waits).toBe('WAYBILL');
  });

  it('ORD-05: what the carrier cannot change is voided and made anew', () => {
    const one = waybilled();
    one.amended({ shipTo: { ...shipTo, city: 'Bend' } });
    const changeId = one.changeId();
    expect(one.tell('flotilla.carrier.v1.ChangeRefused', { parcelId: parcel(1), foId: orderId, changeId, reason: 'NOT_POSSIBLE' })).toEqual(['FulfilmentCancelRequested']);
    expect(one.voided()).toEqual(['FulfilmentReleased']);
    expect(one.last).toMatchObject({ attempt: 2, shipTo: { city: 'Bend' } });
  });

  it('ORD-05: a change that comes after the parcel has left is only noted', () => {
    const one = waybilled();
    one.amended({ shipTo: { ...shipTo, city: 'Bend' } });
    const changeId = one.changeId();
    expect(one.tell('flotilla.carrier.v1.ChangeRefused', { parcelId: parcel(1), foId: orderId, changeId, reason: 'SHIPPED' })).toEqual([]);
    expect(one.shipped()).toEqual(['FulfilmentShipped']);
  });

  it('ORD-05: other lines are a new round, with a parcel voided before', () => {
    const one = waybilled();
    expect(one.amended({ lines: [line('1', 'MUG-1', 1)] })).toEqual(['OrderAmended', 'FulfilmentCancelRequested']);
    expect(one.voided()).toEqual(['AllocationRequested']);
    expect(one.last).toMatchObject({ round: 2, lines: [{ sku: 'MUG-1', quantity: 1 }] });
  });

  it('ORD-01: where the parcel was faster, the order says what was shipped', () => {
    const one = waybilled();
    one.amended({ lines: [line('1', 'MUG-1', 1)] });
    expect(one.shipped()).toEqual(['FulfilmentShipped', 'OrderAmended']);
    expect(one.world.order.lines.map(({ quantity }) => quantity)).toEqual([2, 1]);
  });

  it('ORD-05: a refund under way stops the parcel; withdrawn, it goes out as a new one', () => {
    const one = waybilled();
    const refund = { orderId, refundId: 're-1', amount: usd(100) };
    expect(one.tell('flotilla.ingest.v1.ChannelRefundRequested', { ...refund, modifiedAt: later })).toEqual(['OrderHeld', 'FulfilmentCancelRequested']);
    expect(one.voided()).toEqual([]);
    expect(one.waits).toBe('HOLD:REFUND_IN_PROGRESS');
    expect(one.tell('flotilla.ingest.v1.ChannelRefundWithdrawn', { orderId, refundId: 're-1', modifiedAt: '2026-11-21T09:31:00.000Z' })).toEqual(['OrderHoldReleased', 'FulfilmentReleased']);
    expect(one.last).toMatchObject({ attempt: 2 });
  });
});

/** Two mugs and a T-shirt from two warehouses: parcel 1 from WH1, parcel 2 from WH2. */
const split = (): Story => {
  const one = story();
  one.received();
  one.split(['WH1', 'MUG-1', 2], ['WH2', 'TEE-2', 1]);
  return one;
};
const issuedBoth = (): Story => {
  const one = split();
  one.issued(1);
  one.issued(2);
  return one;
};
const oneLeft = (): Story => {
  const one = issuedBoth();
  one.shipped(1);
  return one;
};
const gaveBack = { reason: 'customer' };
const { lineId: mug } = line('1', 'MUG-1', 2);
const { lineId: shirt } = line('2', 'TEE-2', 1);

describe('an order that several warehouses send', () => {
  it('ALC-04: goes out as one parcel per warehouse, each with its lines and its part of the value, and is closed when all are delivered', () => {
    const one = split();
    expect(one.all('FulfilmentReleased')).toMatchObject([
      { parcelId: parcel(1), attempt: 1, warehouse: 'WH1', orders: [{ lines: [{ lineId: mug, quantity: 2 }] }], items: [{ sku: 'MUG-1', quantity: 2 }], value: { amount: 2_333, currency: 'USD' } },
      { parcelId: parcel(2), attempt: 2, warehouse: 'WH2', orders: [{ lines: [{ lineId: shirt, quantity: 1 }] }], items: [{ sku: 'TEE-2', quantity: 1 }], value: { amount: 1_167, currency: 'USD' } },
    ]);
    one.issued(1);
    expect(one.waits).toBe('WAYBILL');
    one.issued(2);
    expect(one.waits).toBe('SHIP');
    expect(one.shipped(2)).toEqual(['FulfilmentShipped']);
    expect(one.states).toEqual(['PARTIALLY_SHIPPED', 'PARTIALLY_SHIPPED', 'SHIP']);
    expect(one.milestone('MILESTONE_DELIVERED', 2)).toEqual(['FulfilmentDelivered']);
    expect(one.settled()).toEqual([]);
    expect(one.shipped(1)).toEqual(['FulfilmentShipped']);
    expect(one.states).toEqual(['PARTIALLY_DELIVERED', 'PARTIALLY_DELIVERED', 'DELIVERY']);
    expect(one.milestone('MILESTONE_DELIVERED', 1)).toEqual(['FulfilmentDelivered', 'OrderClosed']);
  });

  it('ALC-04: takes a SKU of several lines in their order, so that the shares add up', () => {
    const one = story();
    one.received({ lines: [line('1', 'MUG-1', 2), line('2', 'MUG-1', 2)] });
    one.split(['WH1', 'MUG-1', 3], ['WH2', 'MUG-1', 1]);
    expect(one.all('FulfilmentReleased').map(({ orders }) => (orders as { lines: { quantity: number }[] }[])[0]!.lines.map(({ quantity }) => quantity))).toEqual([[2, 1], [1]]);
  });

  it('ALC-04: parts that are not what was asked for are refused', () => {
    for (const parts of [[['WH1', 'MUG-1', 2]], [['WH1', 'MUG-1', 3], ['WH2', 'TEE-2', 1]]] as const) {
      const one = story();
      one.received();
      expect(() => one.split(...parts)).toThrow(expect.objectContaining({ reason: 'CONTRACT_VIOLATED' }));
    }
  });

  it('ALC-04 ORD-05: cancelled before anything has left, every parcel is voided before the stock is given back', () => {
    const one = issuedBoth();
    expect(one.cancelled()).toEqual(['OrderCancelRequested', 'FulfilmentCancelRequested', 'FulfilmentCancelRequested']);
    expect(one.voided(2)).toEqual([]);
    expect(one.waits).toBe('VOID');
    expect(one.voided(1)).toEqual(['FulfilmentCancelled']);
    expect(one.last).toMatchObject({ ...gaveBack, shipped: [] });
    expect(one.stockReleased()).toEqual(['OrderCancelled']);
  });

  it('ALC-04 ORD-05: a cancel that one parcel has outrun is refused for all: that one is to be stopped on its way, the voided one goes out anew', () => {
    const one = issuedBoth();
    one.cancelled();
    expect(one.voided(2)).toEqual([]);
    expect(one.shipped(1)).toEqual(['FulfilmentShipped', 'InterceptionRequested', 'FulfilmentReleased']);
    expect(one.last).toMatchObject({ attempt: 3, parcelId: parcel(3), warehouse: 'WH2', value: { amount: 1_167 } });
    expect(one.world.order.cancel).toMatchObject({ refused: 'SHIPPED' });
  });

  it('ALC-04 ORD-05: a cancel after one has left leaves the other alone', () => {
    const one = oneLeft();
    expect(one.cancelled()).toEqual(['OrderCancelRequested', 'InterceptionRequested']);
    expect(one.shipped(2)).toEqual(['FulfilmentShipped']);
  });

  it('ALC-04 ORD-05: another address is asked of every parcel that has not left', () => {
    const one = issuedBoth();
    expect(one.amended({ shipTo: { ...shipTo, city: 'Bend' } })).toEqual(['OrderAmended', 'FulfilmentChangeRequested', 'FulfilmentChangeRequested']);
    expect(one.all('FulfilmentChangeRequested')).toMatchObject([{ parcelId: parcel(1), items: [{ sku: 'MUG-1' }] }, { parcelId: parcel(2), items: [{ sku: 'TEE-2' }] }]);
    const [first, second] = [one.changeId(0), one.changeId(1)];
    expect(one.tell('flotilla.carrier.v1.ParcelChanged', { parcelId: parcel(1), foId: orderId, changeId: first })).toEqual([]);
    expect(one.tell('flotilla.carrier.v1.ChangeRefused', { parcelId: parcel(2), foId: orderId, changeId: second, reason: 'NOT_POSSIBLE' })).toEqual(['FulfilmentCancelRequested']);
    expect(one.voided(2)).toEqual(['FulfilmentReleased']);
    expect(one.last).toMatchObject({ attempt: 3, warehouse: 'WH2', shipTo: { city: 'Bend' } });
    one.shipped(1);
    expect(one.amended({ modifiedAt: '2026-11-21T09:50:00.000Z', shipTo: { ...shipTo, city: 'Salem' } })).toEqual(['OrderAmended', 'FulfilmentChangeRequested']);
    expect(one.last).toMatchObject({ parcelId: parcel(3) });
  });

  it('ALC-04 ORD-05: a carrier’s refusal of one parcel is tried again for that one, without that carrier', () => {
    const one = split();
    one.issued(1);
    expect(one.refusedBy('sf', 2)).toEqual(['FulfilmentReleased']);
    expect(one.last).toMatchObject({ attempt: 3, warehouse: 'WH2', excludedCarriers: ['sf'] });
    expect(one.refusedBy('yto', 3)).toEqual(['OrderHeld']);
    expect(one.shipped(1)).toEqual(['FulfilmentShipped']);
    expect(one.waits).toBe('HOLD:EXCEPTION');
    expect(one.releaseHold('EXCEPTION:1')).toEqual(['OrderHoldReleased', 'FulfilmentReleased']);
    expect(one.last).toMatchObject({ attempt: 4, warehouse: 'WH2', excludedCarriers: [] });
  });

  it('ALC-03: what routing says of a part’s carriers goes with its parcel, beside those that refused it', () => {
    const one = story();
    one.received();
    const part = { ...partOf('WH1', [{ sku: 'MUG-1', quantity: 2 }, { sku: 'TEE-2', quantity: 1 }]), excludedCarriers: ['zto', 'sf'], preferredCarrier: 'yto' };
    one.tell('flotilla.allocation.v1.OrderAllocated', { foId: orderId, round: 1, warehouse: 'WH1', lockId: 'lock', orders: [], items: [], parts: [part] });
    expect(one.last).toMatchObject({ excludedCarriers: ['sf', 'zto'], preferredCarrier: 'yto' });
    // Of sf and yto, who could be asked, nobody is left.
    expect(one.refusedBy('yto')).toEqual(['OrderHeld']);
    expect(one.releaseHold('EXCEPTION:1')).toEqual(['OrderHoldReleased', 'FulfilmentReleased']);
    expect(one.last).toMatchObject({ excludedCarriers: ['sf', 'zto'], preferredCarrier: 'yto' });
  });

  it('ALC-08: what a supplier sends is released as such; its own number ships it', () => {
    const one = story();
    one.received();
    const part = { ...partOf('SUP', [{ sku: 'MUG-1', quantity: 2 }, { sku: 'TEE-2', quantity: 1 }]), external: true };
    one.tell('flotilla.allocation.v1.OrderAllocated', { foId: orderId, round: 1, warehouse: 'SUP', lockId: 'lock', orders: [], items: [], parts: [part] });
    expect(one.last).toMatchObject({ warehouse: 'SUP', external: true });
    const { parcelId } = one.last as { readonly parcelId: string };
    expect(one.tell('flotilla.carrier.v1.ParcelShippedExternally', { parcelId, foId: orderId, orders: [], carrier: 'yto', waybill: 'YT1', shippedAt: later, warehouse: 'SUP' })).toContain('FulfilmentShipped');
  });

  it('ALC-04 ORD-05: where the stock of one part is not there, all that has not left is stopped and planned anew without that warehouse', () => {
    const one = issuedBoth();
    expect(one.short('WH2')).toEqual(['FulfilmentCancelRequested', 'FulfilmentCancelRequested']);
    expect(one.voided(2)).toEqual([]);
    // The other one was faster: its stock is gone, and must not be given back.
    expect(one.shipped(1)).toEqual(['FulfilmentShipped', 'AllocationRequested']);
    expect(one.last).toMatchObject({
      round: 2, lines: [{ sku: 'TEE-2', quantity: 1 }], orders: [{ lines: [{ lineId: shirt, quantity: 1 }] }], excludedWarehouses: ['WH2'], shipped: [{ parcelId: parcel(1), warehouse: 'WH1' }], value: { amount: 1_167 },
    });
    expect(one.waits).toBe('ALLOCATION');
    // The same warehouse as of the part that has left.
    expect(one.allocated('WH1')).toEqual(['FulfilmentReleased']);
    expect(one.last).toMatchObject({ attempt: 3, warehouse: 'WH1', orders: [{ lines: [{ lineId: shirt, quantity: 1 }] }], value: { amount: 1_167 } });
    one.shipped(3);
    expect(one.states).toEqual(['SHIPPED', 'SHIPPED', 'DELIVERY']);
  });

  it('ALC-04 ORD-05: the stock of a part that has left cannot fail any more', () => expect(oneLeft().short('WH1')).toEqual([]));

  it('ALC-04 ORD-01: lines that are dropped after one part has left: that part stays in the order, the other is stopped and its stock given back', () => {
    const one = oneLeft();
    expect(one.amended({ lines: [line('1', 'MUG-1', 1)] })).toEqual(['OrderAmended', 'OrderAmended', 'FulfilmentCancelRequested']);
    expect(one.world.order.lines.map(({ quantity }) => quantity)).toEqual([2, 0]);
    expect(one.voided(2)).toEqual(['FulfilmentCancelled']);
    expect(one.last).toMatchObject({ reason: 'nothing_to_ship', shipped: [{ parcelId: parcel(1), warehouse: 'WH1' }] });
    expect(one.states).toEqual(['SHIPPED', 'SHIPPED', 'RELEASE_OF_STOCK']);
    expect(one.stockReleased()).toEqual([]);
    one.milestone('MILESTONE_DELIVERED');
    expect(one.settled()).toEqual(['OrderClosed']);
  });

  it('ORD-05: a line that nobody can name, added when one part was about to leave, is let go by a person; the rest is sent and the order closed', () => {
    const one = issuedBoth();
    const unnamed = [line('1', 'MUG-1', 3), line('3', '', 1)];
    expect(one.amended({ lines: unnamed })).toEqual(['OrderAmended', 'OrderHeld', 'FulfilmentCancelRequested', 'FulfilmentCancelRequested']);
    expect(one.holdsToRelease).toEqual([]);
    one.shipped(1);
    one.voided(2);
    expect(one.states).toEqual(['PARTIALLY_SHIPPED', 'PARTIALLY_SHIPPED', 'HOLD:SKU_UNMATCHED']);
    // A cancel comes too late for what has left, and does not send what has no SKU.
    expect(one.cancelled()).toEqual(['OrderCancelRequested', 'InterceptionRequested']);
    expect(one.holdsToRelease).toEqual(['SKU_UNMATCHED:rule-1']);
    expect(one.releaseHold('SKU_UNMATCHED:rule-1')).toEqual(['OrderHoldReleased', 'OrderAmended', 'AllocationRequested']);
    expect(one.last).toMatchObject({ round: 2, lines: [{ sku: 'MUG-1', quantity: 1 }], shipped: [{ parcelId: parcel(1) }] });
    expect(one.allocated('WH2')).toEqual(['FulfilmentReleased']);
    // The platform repeats the line with every update.
    expect(one.amended({ modifiedAt: '2026-11-21T09:40:00.000Z', lines: unnamed })).toEqual([]);
    one.shipped(3);
    one.milestone('MILESTONE_DELIVERED', 1);
    one.milestone('MILESTONE_DELIVERED', 3);
    expect(one.settled()).toEqual(['OrderClosed']);
  });

  it('ORD-05: where nothing else is left than a line that was let go, the stock is given back', () => {
    const one = oneLeft();
    one.amended({ lines: [line('1', 'MUG-1', 2), line('3', '', 1)] });
    one.voided(2);
    expect(one.releaseHold('SKU_UNMATCHED:rule-1')).toEqual(['OrderHoldReleased', 'OrderAmended', 'FulfilmentCancelled']);
    one.stockReleased();
    expect(one.states).toEqual(['SHIPPED', 'SHIPPED', 'DELIVERY']);
  });

  it('ORD-05: a line that was let go is sent after all if the channel knows its SKU before the rest has left', () => {
    const one = oneLeft();
    const lines = [line('1', 'MUG-1', 2), line('2', 'TEE-2', 2)];
    one.amended({ lines: [...lines, line('3', '', 1)] });
    one.voided(2);
    expect(one.releaseHold('SKU_UNMATCHED:rule-1')).toEqual(['OrderHoldReleased', 'OrderAmended', 'AllocationRequested']);
    expect(one.amended({ modifiedAt: '2026-11-21T09:40:00.000Z', lines: [...lines, line('3', 'CUP-3', 1)] })).toEqual(['OrderAmended', 'AllocationRequested']);
    expect(one.last).toMatchObject({ round: 3, lines: [{ sku: 'CUP-3', quantity: 1 }, { sku: 'TEE-2', quantity: 2 }] });
  });

  it('ALC-04 ORD-01: lines that are added after one part has left are planned with the rest', () => {
    const one = oneLeft();
    expect(one.amended({ lines: [line('1', 'MUG-1', 2), line('2', 'TEE-2', 3)] })).toEqual(['OrderAmended', 'FulfilmentCancelRequested']);
    expect(one.voided(2)).toEqual(['AllocationRequested']);
    expect(one.last).toMatchObject({ round: 2, lines: [{ sku: 'TEE-2', quantity: 3 }], shipped: [{ parcelId: parcel(1) }] });
  });

  it('ALC-04 ORD-05: refunded in full after one part has left, the other is not sent', () => {
    const one = oneLeft();
    expect(one.tell('flotilla.ingest.v1.ChannelRefundSettled', { orderId, refundId: 're-1', amount: usd(3_500), modifiedAt: later, lines: [] })).toEqual(
      ['OrderRefunded', 'OrderAmended', 'OrderCancelRequested', 'InterceptionRequested', 'OrderAmended', 'FulfilmentCancelRequested'],
    );
    expect(one.voided(2)).toEqual(['FulfilmentCancelled']);
  });

  it('ALC-04 ORD-05: a part that is lost is written off by a person when the others have arrived', () => {
    const one = oneLeft();
    one.shipped(2);
    expect(one.tell('flotilla.carrier.v1.ParcelLost', { parcelId: parcel(1), foId: orderId, carrier: 'sf', waybill: '' })).toEqual(['OrderHeld']);
    one.milestone('MILESTONE_DELIVERED', 2);
    expect(one.settled()).toEqual([]);
    expect(one.states).toEqual(['PARTIALLY_DELIVERED', 'PARTIALLY_DELIVERED', 'HOLD:EXCEPTION']);
    expect(one.releaseHold('EXCEPTION:1')).toEqual(['OrderHoldReleased', 'OrderClosed']);
  });

  it('ALC-04 ORD-05: where what has left came back, a cancel stops the rest and gives its stock back', () => {
    const one = oneLeft();
    one.milestone('MILESTONE_RETURNED', 1);
    expect(one.cancelled()).toEqual(['OrderCancelRequested', 'FulfilmentCancelRequested']);
    expect(one.voided(2)).toEqual(['FulfilmentCancelled']);
    expect(one.last).toMatchObject({ shipped: [{ parcelId: parcel(1), warehouse: 'WH1' }] });
    expect(one.stockReleased()).toEqual(['OrderCancelled']);
    expect(one.last).toMatchObject({ stage: 'SHIPPED' });
  });

  it('ALC-04 ORD-05: refunded in full while it was being cancelled, the rest is not sent though the cancel came too late', () => {
    const one = issuedBoth();
    expect(one.cancelled()).toEqual(['OrderCancelRequested', 'FulfilmentCancelRequested', 'FulfilmentCancelRequested']);
    expect(one.tell('flotilla.ingest.v1.ChannelRefundSettled', { orderId, refundId: 're-1', amount: usd(3_500), modifiedAt: later, lines: [] })).toEqual(['OrderRefunded']);
    one.voided(2);
    expect(one.shipped(1)).toEqual(['FulfilmentShipped', 'InterceptionRequested', 'OrderAmended', 'OrderAmended', 'FulfilmentCancelled']);
    expect(one.last).toMatchObject({ shipped: [{ parcelId: parcel(1) }] });
  });

  it('ALC-04 ORD-05: a part that was written off and arrives after the rest was given back is no end: a person sees to the rest', () => {
    const one = oneLeft();
    one.tell('flotilla.carrier.v1.ParcelLost', { parcelId: parcel(1), foId: orderId, carrier: 'sf', waybill: '' });
    expect(one.cancelled()).toEqual(['OrderCancelRequested', 'FulfilmentCancelRequested']);
    expect(one.voided(2)).toEqual(['FulfilmentCancelled']);
    one.milestone('MILESTONE_DELIVERED', 1);
    one.stockReleased();
    one.settled();
    expect([one.waits, one.world.order.closedAt]).toEqual(['HOLD:EXCEPTION', '']);
    expect(one.world.order.holds.map(({ holdId }) => holdId)).toEqual(['EXCEPTION:unsent']);
    expect(one.releaseHold('EXCEPTION:unsent')).toEqual(['OrderHoldReleased', 'OrderClosed']);
  });

  it('ALC-04 ORD-05: what somebody else ships is what has not left', () => {
    const one = oneLeft();
    expect(one.tell('flotilla.carrier.v1.ParcelShippedExternally', { parcelId: 'ext', foId: orderId, orders: [], carrier: 'yto', waybill: 'YT1', shippedAt: later, warehouse: '' })).toEqual(['FulfilmentCancelRequested']);
    expect(one.voided(2)).toEqual(['FulfilmentShipped', 'FulfilmentCancelled']);
    expect(one.world.fulfilment.legs).toMatchObject([{ warehouse: 'WH1' }, { warehouse: '', orders: [{ lines: [{ lineId: shirt, quantity: 1 }] }] }]);
  });
});

const rest = splitIdOf(orderId, 1);
const allow: Act = { action: 'AllowPartial', allowed: true, reason: '' };
const cut = (lineId: string, quantity: number): Act => ({ action: 'Split', foId: '', lines: [{ lineId, quantity }], reason: 'urgent' });
/** The mugs are on their way to the carrier, the shirt is not there yet. */
const parted = (): Story => {
  const one = story();
  one.world.allowPartialShipments();
  one.received();
  one.backordered([['TEE-2', 1]]);
  one.allocated();
  return one;
};
const partedOneLeft = (): Story => {
  const one = parted();
  one.backordered([['TEE-2', 1]], rest);
  expect(one.waits).toBe('BACKORDER');
  one.shipped(1);
  return one;
};

describe('an order that ships in parts', () => {
  it('ORD-01: ships complete unless its channel or the desk allows otherwise', () => {
    const one = story();
    one.received();
    expect(one.backordered([['TEE-2', 1]])).toEqual([]);
    expect(one.states).toEqual(['ALLOCATING', 'BACKORDERED', 'BACKORDER']);
    expect(one.act({ action: 'AllowPartial', allowed: false, reason: '' })).toEqual([]);
    expect(one.act(allow)).toEqual(['OrderSplit', 'AllocationRequested']);
    expect(one.last).toMatchObject({ foId: orderId, round: 2, lines: [{ sku: 'MUG-1', quantity: 2 }] });
  });

  it('ORD-01: what the desk chose for an order stands against the rule of its channel', () => {
    const one = story();
    one.world.allowPartialShipments();
    one.received();
    one.act({ action: 'AllowPartial', allowed: false, reason: '' });
    expect(one.backordered([['TEE-2', 1]])).toEqual([]);
    expect(one.states).toEqual(['ALLOCATING', 'BACKORDERED', 'BACKORDER']);
  });

  it('ORD-01: what is there goes, the rest asks for its stock once the first is answered, and each has its own state', () => {
    const one = story();
    one.world.allowPartialShipments();
    one.received();
    expect(one.backordered([['MUG-1', 1], ['TEE-2', 1]])).toEqual(['OrderSplit', 'AllocationRequested']);
    expect(one.all('OrderSplit')).toMatchObject([{ foId: rest, fromFoId: orderId, part: 1, reason: 'PARTIAL_STOCK', lines: [{ lineId: shirt, quantity: 1 }, { lineId: mug, quantity: 1 }] }]);
    expect(one.allocated()).toEqual(['AllocationRequested', 'FulfilmentReleased']);
    expect(one.all('AllocationRequested').at(-1)).toMatchObject({ foId: rest, round: 1, lines: [{ sku: 'MUG-1', quantity: 1 }, { sku: 'TEE-2', quantity: 1 }], value: { amount: 2_333 } });
    expect(one.all('FulfilmentReleased')).toMatchObject([{ foId: orderId, parcelId: parcel(1), orders: [{ lines: [{ lineId: mug, quantity: 1 }] }], value: { amount: 1_167 } }]);
    expect(one.waits).toBe('ALLOCATION');
    one.backordered([['TEE-2', 1]], rest);
    // Of what waits a part is there again: it is cut once more.
    expect(one.all('OrderSplit').at(-1)).toMatchObject({ foId: splitIdOf(orderId, 2), fromFoId: rest, lines: [{ lineId: shirt, quantity: 1 }] });
    expect(eachOf(one.world.fulfilment).map(fulfilmentStateOf)).toEqual(['RELEASED', 'ALLOCATING', 'PLANNED']);
  });

  it('ORD-01: is cut when a part of what was lacking comes in, once', () => {
    const one = story();
    one.world.allowPartialShipments();
    one.received();
    expect(one.backordered([['MUG-1', 2], ['TEE-2', 1]])).toEqual([]);
    const eased = { foId: orderId, round: 1, missing: [{ sku: 'TEE-2', quantity: 1 }] };
    expect(one.tell('flotilla.allocation.v1.BackorderEased', { ...eased, round: 2 })).toEqual([]);
    expect(one.tell('flotilla.allocation.v1.BackorderEased', eased)).toEqual(['OrderSplit', 'AllocationRequested']);
    expect(one.last).toMatchObject({ foId: orderId, round: 2, lines: [{ sku: 'MUG-1', quantity: 2 }] });
    expect(one.tell('flotilla.allocation.v1.BackorderEased', eased)).toEqual([]);
  });

  it('ORD-01: nothing is cut where all of it is lacking, or nobody has approved it', () => {
    const one = story();
    one.world.allowPartialShipments();
    one.received({ payment: 'PAYMENT_STATE_UNPAID', paidAt: '' });
    expect(one.backordered([['TEE-2', 1]])).toEqual([]);
    const other = story();
    other.world.allowPartialShipments();
    other.received();
    expect(other.backordered([['MUG-1', 2], ['TEE-2', 1]])).toEqual([]);
    expect(other.waits).toBe('BACKORDER');
  });

  it('ORD-01: is partially shipped, partially delivered, and closed when all parts have arrived', () => {
    const one = partedOneLeft();
    expect([one.states[0], one.waits, ...eachOf(one.world.fulfilment).map(fulfilmentStateOf)]).toEqual(['PARTIALLY_SHIPPED', 'BACKORDER', 'SHIPPED', 'BACKORDERED']);
    one.milestone('MILESTONE_DELIVERED');
    expect(one.settled()).toEqual([]);
    expect(one.returnWindowPassed()).toEqual([]);
    expect(one.allocated('WH2', 1, rest)).toEqual(['FulfilmentReleased']);
    expect(one.last).toMatchObject({ foId: rest, parcelId: parcelIdOf(rest, 1), orders: [{ lines: [{ lineId: shirt, quantity: 1 }] }], value: { amount: 1_167 } });
    expect(one.shipped(1, rest)).toEqual(['FulfilmentShipped']);
    expect(orderStateOf(one.world.order, one.world.fulfilment)).toBe('PARTIALLY_DELIVERED');
    expect(one.milestone('MILESTONE_DELIVERED', 1, rest)).toEqual(['FulfilmentDelivered', 'OrderClosed']);
  });

  it('ORD-01: what nobody settles is closed when the return windows of all that has arrived have passed', () => {
    const one = partedOneLeft();
    one.milestone('MILESTONE_DELIVERED');
    expect(one.returnWindowPassed()).toEqual([]);
    one.allocated('WH2', 1, rest);
    one.shipped(1, rest);
    expect(one.milestone('MILESTONE_DELIVERED', 1, rest)).toEqual(['FulfilmentDelivered']);
    expect(one.returnWindowPassed()).toEqual([]);
    expect(one.returnWindowPassed(rest)).toEqual(['OrderClosed']);
    expect(one.returnWindowPassed(rest)).toEqual([]);
  });

  it('ORD-01 ORD-05: what nobody settles is closed though the rest was dropped after the return window of what has arrived', () => {
    const one = partedOneLeft();
    one.milestone('MILESTONE_DELIVERED');
    expect(one.returnWindowPassed()).toEqual([]);
    expect(one.amended({ lines: [line('1', 'MUG-1', 2)] })).toEqual(['OrderAmended', 'FulfilmentCancelled']);
    expect(one.stockReleased(rest)).toEqual(['OrderClosed']);
  });

  it('ORD-01 ORD-05: cancelled before anything has left, every part is stopped, and gives its stock back', () => {
    const one = parted();
    expect(one.cancelled()).toEqual(['OrderCancelRequested', 'FulfilmentCancelRequested']);
    expect(one.voided()).toEqual(['FulfilmentCancelled', 'FulfilmentCancelled']);
    expect(one.all('FulfilmentCancelled')).toMatchObject([{ foId: orderId }, { foId: rest }]);
    expect(one.stockReleased()).toEqual([]);
    expect(one.stockReleased(rest)).toEqual(['OrderCancelled']);
  });

  it('ORD-01 ORD-05: a cancel after one part has left asks to stop that one; the rest is sent when it can be', () => {
    const one = partedOneLeft();
    expect(one.cancelled()).toEqual(['OrderCancelRequested', 'InterceptionRequested']);
    expect(one.allocated('WH2', 1, rest)).toEqual(['FulfilmentReleased']);
  });

  it('ORD-01 ORD-05: a refund of what waits ends its part; what has arrived closes the order', () => {
    const one = partedOneLeft();
    one.milestone('MILESTONE_DELIVERED');
    one.settled();
    const fact = { orderId, refundId: 're', amount: usd(1_000), modifiedAt: later, lines: [{ lineId: shirt, channelLineId: '2', sku: 'TEE-2', quantity: 1 }] };
    expect(one.tell('flotilla.ingest.v1.ChannelRefundSettled', fact)).toEqual(['OrderRefunded', 'OrderAmended', 'FulfilmentCancelled']);
    expect(one.last).toMatchObject({ foId: rest });
    expect(one.stockReleased(rest)).toEqual(['OrderClosed']);
  });

  it('ORD-01 ORD-05: settled when nothing of it is to be shipped any more, it is closed once every part has given its stock back', () => {
    const one = parted();
    expect(one.allocated('WH2', 1, rest)).toEqual(['FulfilmentReleased']);
    expect(one.settled()).toEqual([]);
    expect(one.amended({ lines: [line('4', 'GIFT', 1, { requiresShipping: false })] })).toEqual(['OrderAmended', 'FulfilmentCancelRequested', 'FulfilmentCancelRequested']);
    expect(one.voided()).toEqual(['FulfilmentCancelled']);
    // The parcel of the other part is still on the bench, with its stock.
    expect(one.stockReleased()).toEqual([]);
    expect(one.voided(1, rest)).toEqual(['FulfilmentCancelled']);
    expect(one.stockReleased(rest)).toEqual(['OrderClosed']);
  });

  it('ORD-01 ORD-05: another address reaches every part that has not left', () => {
    const one = parted();
    expect(one.amended({ shipTo: { ...shipTo, city: 'Bend' } })).toEqual(['OrderAmended', 'FulfilmentChangeRequested']);
    one.allocated('WH2', 1, rest);
    expect(one.all('FulfilmentReleased').at(-1)).toMatchObject({ foId: rest, shipTo: { city: 'Bend' } });
  });

  it('ORD-01: more units of a line go with what has no parcel yet', () => {
    const one = parted();
    expect(one.amended({ lines: [line('1', 'MUG-1', 3), line('2', 'TEE-2', 1)] })).toEqual(['OrderAmended', 'AllocationRequested']);
    expect(one.last).toMatchObject({ foId: rest, round: 2, lines: [{ sku: 'MUG-1', quantity: 1 }, { sku: 'TEE-2', quantity: 1 }] });
  });

  it('ORD-01: by hand a part goes first, also of what is on the bench: that parcel is stopped and both are made anew', () => {
    const one = waybilled();
    expect(one.act(cut(shirt, 1))).toEqual(['OrderSplit', 'FulfilmentCancelRequested']);
    expect(one.voided()).toEqual(['AllocationRequested']);
    expect(one.last).toMatchObject({ foId: orderId, round: 2, lines: [{ sku: 'MUG-1', quantity: 2 }] });
    expect(one.allocated()).toEqual(['AllocationRequested', 'FulfilmentReleased']);
    expect(one.allocated('WH2', 1, rest)).toEqual(['FulfilmentReleased']);
    expect(one.last).toMatchObject({ foId: rest, orders: [{ lines: [{ lineId: shirt, quantity: 1 }] }] });
  });

  it('ORD-01: a parcel that left while its order was being cut took all with it, and nothing goes twice', () => {
    const one = waybilled();
    one.act(cut(shirt, 1));
    expect(one.shipped()).toEqual(['FulfilmentShipped']);
    expect(eachOf(one.world.fulfilment).map(({ foId, cancelled }) => [foId, cancelled])).toEqual([[orderId, false], [rest, true]]);
    expect(one.states[0]).toBe('SHIPPED');
  });

  it('ORD-01 ORD-05: an unpaid order of which a part left is given up by its timer, and the rest is not sent', () => {
    const one = story();
    one.received({ payment: 'PAYMENT_STATE_UNPAID', paidAt: '' });
    one.act(cut(shirt, 1));
    one.tell('flotilla.carrier.v1.ParcelShippedExternally', { parcelId: 'theirs', foId: rest, orders: [], carrier: 'yto', waybill: 'YT1', shippedAt: later, warehouse: '' });
    expect(one.waits).toBe('TIMER:PAYMENT');
    one.world.act((unit, { policy, at }) => {
      unit.run(order, orderId, { type: 'LookAtPayment', data: { progress: progressOf(one.world.fulfilment) } });
      conduct(unit, orderId, policy, at);
    });
    expect(one.world.order.lines.map(({ quantity }) => quantity)).toEqual([0, 1]);
    expect(one.waits).toMatch(/RELEASE_OF_STOCK|DELIVERY/);
  });
});
