import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, type alerts, type MessageName } from '@flotilla/contracts';
import type { Incoming } from '@flotilla/messaging';
import { MemoryUnit } from '@flotilla/testing';
import { look } from '../coordinate/watching.js';
import { lifecycleEvents } from './lifecycle-events.consumer.js';

const golden = (type: string, over: object = {}): Incoming =>
  ({ type, time: '2026-11-21T09:00:00.000Z', data: { ...(parseMessage(type as MessageName, JSON.parse(readFileSync(`proto/golden/${type}.json`, 'utf8'))) as object), ...over } }) as unknown as Incoming;
const take = (unit: MemoryUnit, ...messages: readonly Incoming[]): void => messages.forEach((message) => lifecycleEvents.handlers[message.type]!.handle(message, unit, undefined));
const later = '2026-12-31T00:00:00.000Z';

describe('ORD-13: the orders of an incident', () => {
  const paidAt = '2026-11-21T09:30:00.000Z';
  const orders = [{ orderId: 'o', channel: 'woo-eu', channelOrderId: '4711' }];
  const placed = (over: object): Incoming => golden('flotilla.order.v1.OrderPlaced', { ...orders[0], ...over });

  it.each([
    ['paid', [placed({ paidAt })]],
    ['unpaid and paid later', [placed({ paidAt: '' }), golden('flotilla.order.v1.OrderPaid', { orderId: 'o', paidAt })]],
  ])('are known of one that was placed %s', (_, messages) => {
    const unit = new MemoryUnit();
    take(unit, ...messages);
    look(unit, 'paid-not-audited', 'o', later);
    expect(unit.of<alerts.IncidentRaised>('IncidentRaised').map((raised) => raised.orders)).toEqual([orders]);
  });
  it('are those of a parcel that nobody picks up', () => {
    const unit = new MemoryUnit();
    take(unit, golden('flotilla.carrier.v1.ParcelShipped', { parcelId: 'p', orders: [{ ...orders[0], lines: [] }] }), golden('flotilla.carrier.v1.ParcelShippedExternally', { parcelId: 'q', orders: [{ ...orders[0], lines: [] }] }));
    for (const parcel of ['p', 'q']) look(unit, 'shipped-not-picked-up', parcel, later);
    expect(unit.of<alerts.IncidentRaised>('IncidentRaised').map((raised) => [raised.subjectId, raised.orders])).toEqual([['p', orders], ['q', orders]]);
  });
});
