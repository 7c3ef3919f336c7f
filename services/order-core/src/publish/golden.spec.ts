import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, published, topics, type carrier, type MessageName, type Messages } from '@flotilla/contracts';
import type { Message } from '@flotilla/decider';
import type { Recorded } from '@flotilla/event-store';
import { parcelIdOf, splitIdOf } from '@flotilla/values';
import type { InputName } from '../coordinate/inputs.js';
import { buyer, content, line, orderId, partOf, shipTo, usd, waybill } from '../../spec/samples.js';
import { World } from '../../spec/world.js';
import type { FulfilmentState } from '../decide/fulfilment.state.js';
import { orderEvents } from './order-events.js';

const golden = fileURLToPath(new URL('../../../../proto/golden/', import.meta.url));
const terms = { rules: { riskLimit: 50_000, paymentMinutes: 30 }, policy: { allocateWhen: 'placed' as const }, carriers: ['sf'] };

type Tell = <Name extends MessageName & InputName>(type: Name, data: Messages[Name] | ((f: FulfilmentState) => Messages[Name])) => void;

const story = (tell: (tell: Tell) => void): readonly Message[] => {
  const world = new World(terms, () => undefined);
  tell((type, data) => void world.hear({ type, data: typeof data === 'function' ? data(world.fulfilment) : data }));
  return world.unit.written;
};

const allocated = (f: FulfilmentState): Messages['flotilla.allocation.v1.OrderAllocated'] => ({
  foId: orderId,
  round: f.round,
  warehouse: 'WH-SZ',
  lockId: 'lock',
  orders: f.plan!.orders,
  items: f.plan!.orders[0]!.lines.map(({ sku, quantity }) => ({ sku, name: sku === 'MUG-1' ? 'Mug' : 'T-shirt', quantity, grams: 350 })),
  parts: [partOf('WH-SZ', f.plan!.orders[0]!.lines.map(({ sku, quantity }) => ({ sku, quantity })))],
});
const parcelId = (attempt: number): string => parcelIdOf(orderId, attempt);
const shipped = (f: FulfilmentState): carrier.ParcelShipped => ({
  parcelId: f.legs[0]!.parcel!.parcelId,
  foId: orderId,
  orders: f.plan!.orders,
  warehouse: 'WH-SZ',
  carrier: 'sf',
  service: 'STANDARD',
  waybill: 'SF1000000002',
  shippedAt: '2026-11-21T12:00:00.000Z',
  shipTo,
  buyer,
  number: '#1001',
  items: f.legs[0]!.items,
  freight: usd(450),
  dueAt: '',
  pickupPlace: '',
});

const delivered = story((tell) => {
  const unpaid = { payment: 'PAYMENT_STATE_UNPAID', paidAt: '', tags: ['vip'], custom: [{ name: 'live_coupon', value: 'LIVE-88' }] } as const;
  tell('flotilla.ingest.v1.ChannelOrderReceived', { order: content(unpaid) });
  tell('flotilla.ingest.v1.ChannelOrderPaid', { orderId, paidAt: '2026-11-21T09:05:00.000Z', modifiedAt: '2026-11-21T09:05:00.000Z', amount: usd(3_500), amountPaid: usd(3_500) });
  tell('flotilla.allocation.v1.OrderAllocated', allocated);
  tell('flotilla.carrier.v1.WaybillIssued', waybill(orderId, parcelId(1), 'SF1000000001', []));
  tell('flotilla.ingest.v1.ChannelOrderAmended', { order: content({ ...unpaid, modifiedAt: '2026-11-21T09:30:00.000Z', shipTo: { ...shipTo, city: 'Salem', postcode: '97301' } }) });
  tell('flotilla.carrier.v1.ParcelChanged', (f) => ({ parcelId: parcelId(1), foId: orderId, changeId: f.legs[0]!.parcel!.change!.changeId }));
  const refund = { orderId, refundId: '9001', amount: usd(1_000) };
  tell('flotilla.ingest.v1.ChannelRefundRequested', { ...refund, modifiedAt: '2026-11-21T10:30:00.000Z' });
  tell('flotilla.carrier.v1.ParcelVoided', { parcelId: parcelId(1), foId: orderId, waybill: 'SF1000000001', reason: 'HELD' });
  const { lineId } = line('2', 'TEE-2', 1);
  tell('flotilla.ingest.v1.ChannelRefundSettled', { ...refund, modifiedAt: '2026-11-21T11:00:00.000Z', lines: [{ lineId, channelLineId: '2', sku: 'TEE-2', quantity: 1 }] });
  tell('flotilla.allocation.v1.OrderAllocated', allocated);
  tell('flotilla.carrier.v1.ParcelShipped', shipped);
  tell('flotilla.ingest.v1.ChannelOrderCancelled', { orderId, cancelledAt: '2026-11-21T12:30:00.000Z', modifiedAt: '2026-11-21T12:30:00.000Z', reason: 'customer' });
  tell('flotilla.tracking.v1.MilestoneReached', { parcelId: parcelId(2), foId: orderId, orders: [], carrier: 'sf', waybill: 'SF1000000002', milestone: 'MILESTONE_DELIVERED', occurredAt: '2026-11-23T08:00:00.000Z', place: '', pushed: false });
  tell('flotilla.settlement.v1.OrderSettled', { orderId, statementId: 'st-1', net: usd(2_400), settledAt: '2026-11-25T08:00:00.000Z' });
});

const cancelled = story((tell) => {
  tell('flotilla.ingest.v1.ChannelOrderReceived', { order: content() });
  tell('flotilla.ingest.v1.ChannelOrderCancelled', { orderId, cancelledAt: '2026-11-21T09:02:00.000Z', modifiedAt: '2026-11-21T09:02:00.000Z', reason: 'customer' });
  tell('flotilla.allocation.v1.StockReleased', { foId: orderId, warehouse: '' });
});

/** Of an order that may ship in parts the shirt is lacking. */
const parted = (() => {
  const world = new World(terms, () => undefined);
  world.allowPartialShipments();
  const before = world.unit.written.length;
  world.hear({ type: 'flotilla.ingest.v1.ChannelOrderReceived', data: { order: content() } });
  world.hear({ type: 'flotilla.allocation.v1.OrderBackordered', data: { foId: orderId, round: 1, orders: [], missing: [{ sku: 'TEE-2', quantity: 1 }] } });
  world.hear({ type: 'flotilla.allocation.v1.OrderAllocated', data: { ...allocated(world.fulfilment), round: 2, items: [], parts: [partOf('WH-SZ', [{ sku: 'MUG-1', quantity: 2 }])] } });
  return world.unit.written.slice(before);
})();

const recorded = ({ type, data }: Message): Recorded => ({ type, data }) as Recorded;
const publishedOf = (events: readonly Message[]) => events.flatMap((event) => orderEvents(recorded(event)));
const said = publishedOf([...delivered, ...cancelled]);
const saidInParts = publishedOf(parted);

describe('what order-core publishes', () => {
  it.each(published[topics.order])('ORD-01: the golden example of %s is what the deciders say', (type) => {
    const example = [...said, ...saidInParts].find((one) => one.type === type);
    const file = `${golden}${type}.json`;
    if (process.env['WRITE_GOLDEN'] === '1') writeFileSync(file, `${JSON.stringify(example?.data, null, 2)}\n`);
    const stored: unknown = JSON.parse(readFileSync(file, 'utf8'));
    expect(example?.data).toEqual(stored);
    expect(parseMessage(type, stored)).toEqual(stored);
  });

  it('ORD-01: goes out under the id of its order, on the one topic', () => {
    expect(new Set(said.map(({ key, topic }) => `${topic} ${key}`))).toEqual(new Set([`${topics.order} ${orderId}`]));
  });

  it('ORD-01: what was split off goes out under its own id, that it was under the id of its order', () => {
    const rest = splitIdOf(orderId, 1);
    expect(saidInParts.map(({ type, key }) => [type.split('.').at(-1), key === rest])).toEqual([
      ['OrderPlaced', false], ['OrderApproved', false], ['AllocationRequested', false], ['OrderSplit', false], ['AllocationRequested', false], ['AllocationRequested', true], ['FulfilmentReleased', false],
    ]);
  });

  it('keeps what only the deciders need', () => {
    const kept = [...delivered, ...cancelled].filter((event) => orderEvents(recorded(event)).length === 0).map(({ type }) => type);
    expect(new Set(kept)).toEqual(
      new Set(['ContentTaken', 'RefundNoted', 'CancellationBegun', 'CancellationRefused', 'SettlementNoted', 'FulfilmentPlanned', 'FulfilmentReplanned', 'StockGranted', 'WaybillNoted', 'ParcelEnded', 'ChangeAnswered', 'MilestoneNoted', 'StockGivenBack']),
    );
  });
});
