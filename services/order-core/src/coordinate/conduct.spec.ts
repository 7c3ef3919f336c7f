import { describe, expect, it } from '@jest/globals';
import { topics, published, type ingest, type MessageName, type Messages } from '@flotilla/contracts';
import { parcelIdOf } from '@flotilla/values';
import { progressOf } from '../decide/fulfilment.state.js';
import { order } from '../decide/order.decider.js';
import { waitsForOf } from '../decide/states.js';
import { conduct } from './conduct.js';
import type { InputName } from './inputs.js';
import { content, line, orderId, shipTo, usd, waybill } from '../../spec/samples.js';
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
  allocated(warehouse = 'WH1', round = this.world.fulfilment.round) {
    return this.tell('flotilla.allocation.v1.OrderAllocated', { foId: orderId, round, warehouse, lockId: 'lock', orders: [], items: [], parts: [] });
  }
  /** `[['WH1', 'MUG-1', 2], …]`: one part each. */
  split(...parts: readonly (readonly [string, string, number])[]) {
    const items = parts.map(([, sku]) => ({ sku, name: sku, quantity: 9, grams: 100 }));
    return this.tell('flotilla.allocation.v1.OrderAllocated', {
      foId: orderId, round: this.world.fulfilment.round, warehouse: parts[0]![0], lockId: 'lock', orders: [], items,
      parts: parts.map(([warehouse, sku, quantity]) => ({ warehouse, lockId: `lock-${warehouse}`, lines: [{ sku, quantity }] })),
    });
  }
  /** What was said of this kind, in order. */
  all<Name extends string>(type: Name): readonly Record<string, unknown>[] {
    return this.world.unit.written.filter((event) => event.type === type).map(({ data }) => data as Record<string, unknown>);
  }
  changeId(leg = 0): string {
    return this.world.fulfilment.legs[leg]!.parcel!.change!.changeId;
  }
  stockReleased() {
    return this.tell('flotilla.allocation.v1.StockReleased', { foId: orderId, warehouse: '' });
  }
  short(warehouse = 'WH1') {
    return this.tell('flotilla.allocation.v1.PickShort', { foId: orderId, warehouse, missing: [] });
  }
  issued(attempt = 1) {
    return this.tell('flotilla.carrier.v1.WaybillIssued', waybill(orderId, parcel(attempt), `SF${attempt}`, []));
  }
  voided(attempt = 1) {
    return this.tell('flotilla.carrier.v1.ParcelVoided', { parcelId: parcel(attempt), foId: orderId, waybill: '', reason: '' });
  }
  cancelRefused(attempt = 1) {
    return this.tell('flotilla.carrier.v1.CancelRefused', { parcelId: parcel(attempt), foId: orderId, reason: 'SHIPPED' });
  }
  refusedBy(carrier: string, attempt = 1) {
    return this.tell('flotilla.carrier.v1.CarrierRefused', { parcelId: parcel(attempt), foId: orderId, carrier, reason: 'CARRIER_REFUSED', detail: '' });
  }
  shipped(attempt = 1) {
    const { shipTo: where, buyer } = this.world.fulfilment.plan!;
    return this.tell('flotilla.carrier.v1.ParcelShipped', { parcelId: parcel(attempt), foId: orderId, orders: [], warehouse: 'WH1', carrier: 'sf', service: 'STANDARD', waybill: `SF${attempt}`, shippedAt: later, shipTo: where, buyer, number: '', items: [], freight: usd(1), dueAt: '' });
  }
  milestone(milestone: 'MILESTONE_DELIVERED' | 'MILESTONE_RETURNED', attempt = 1) {
    return this.tell('flotilla.tracking.v1.MilestoneReached', { parcelId: parcel(attempt), foId: orderId, orders: [], carrier: 'sf', waybill: '', milestone, occurredAt: '2026-11-23T09:00:00.000Z', place: '' });
  }
  settled() {
    return this.tell('flotilla.settlement.v1.OrderSettled', { orderId, statementId: 'st', net: usd(1), settledAt: later });
  }
  returnWindowPassed(): readonly string[] {
    return this.world
      .act((unit, { policy, at }) => {
        unit.run(order, orderId, { type: 'LookAtReturnWindow', data: { progress: progressOf(this.world.fulfilment), at } });
        conduct(unit, orderId, policy, at);
      })
      .flatMap(({ type }) => (ours.has(type) ? [type] : []));
  }
  releaseHold(holdId: string): readonly string[] {
    return this.world
      .act((unit, { policy, at }) => {
        unit.run(order, orderId, { type: 'ReleaseHold', data: { holdId, by: 'desk' } });
        conduct(unit, orderId, policy, at);
      })
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
