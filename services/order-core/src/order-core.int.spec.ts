import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, ops, order as api, topics, type Client, type ingest, type MessageName, type Messages } from '@flotilla/contracts';
import { rebuild, silentLogger } from '@flotilla/event-store';
import { connectBus, partitionName, toIncoming, type Bus, type Incoming, type Subscription } from '@flotilla/messaging';
import { startForTest, type Call, type Running } from '@flotilla/service-kit';
import { createTopics, testServers } from '@flotilla/tasks';
import { database, eventually, type TestDatabase } from '@flotilla/testing';
import { isSealed, parcelIdOf, seal, splitIdOf } from '@flotilla/values';
import { addressCheck, content, partOf, shipTo, usd, waybill } from '../spec/samples.js';
import { ordersService } from './accept/orders.grpc.js';
import { orderCore } from './order-core.service.js';
import { orderList } from './project/order-list.js';
import { questionsOf } from './query/questions.js';

type Parties = { readonly service: Running; readonly orders: Client<api.OrdersRpc>; readonly tallies: Client<ops.TalliesRpc>; readonly rules: Client<api.ShippingRulesRpc> };

describe('order-core on real Postgres and Kafka', () => {
  let db: TestDatabase;
  let bus: Bus;
  let listening: Subscription;
  let parties: Parties;
  const heard: Incoming[] = [];
  const versions = new Map<string, number>();
  const run = randomUUID().slice(0, 8);

  const message = <Name extends MessageName>(topic: string, type: Name, orderId: string, source: string, data: Messages[Name]) => {
    const stream = `${source}-${orderId}`;
    const version = (versions.get(stream) ?? 0) + 1;
    versions.set(stream, version);
    const hash = createHash('sha256').update(`${stream}/${version}`).digest('hex');
    return {
      topic,
      key: orderId,
      value: JSON.stringify(data),
      headers: {
        'content-type': 'application/json', ce_specversion: '1.0', ce_id: `${stream}-${version}/0`, ce_source: stream, ce_type: type, ce_time: new Date().toISOString(),
        sequence: String(version), correlation: orderId, causation: orderId, chainhash: hash,
      },
    };
  };
  const tell = <Name extends MessageName>(topic: string, type: Name, orderId: string, source: string, data: Messages[Name]): Promise<void> => bus.publish([message(topic, type, orderId, source, data)]);
  const receive = async (orderId: string, more: Partial<ingest.ChannelOrder> = {}): Promise<void> =>
    tell(topics.ingest, 'flotilla.ingest.v1.ChannelOrderReceived', orderId, 'channelOrder', { order: content({ orderId, channel: `shop-${run}`, ...more }) });
  const allocate = (orderId: string): Promise<void> =>
    tell(topics.allocation, 'flotilla.allocation.v1.OrderAllocated', orderId, 'allocation', { foId: orderId, round: 1, warehouse: 'WH1', lockId: 'lock', orders: [], items: [{ sku: 'MUG-1', name: 'Mug', quantity: 2, grams: 300 }], parts: [] });
  const said = (orderId: string): readonly string[] => heard.filter(({ key }) => key === orderId).map(({ type }) => type.slice('flotilla.order.v1.'.length));
  const hears = (orderId: string, ...types: readonly string[]): Promise<unknown> => eventually(() => expect(said(orderId)).toEqual(types), { timeoutMs: 30_000 });
  // google.rpc.Status, in binary: the reason stands in its ErrorInfo.
  const refuses = async (call: Promise<unknown>, reason: string): Promise<void> => {
    const error = await call.then(() => undefined, (failure: { readonly metadata: { get(name: string): readonly (Buffer | string)[] } }) => failure);
    expect(String(error?.metadata.get('grpc-status-details-bin')[0])).toContain(reason);
  };
  const unpaid = { payment: 'PAYMENT_STATE_UNPAID', paidAt: '' } as const;

  beforeAll(async () => {
    const servers = testServers();
    await createTopics({ brokers: servers.brokers, fresh: true });
    db = await database(servers.postgresUrl);
    bus = connectBus({ brokers: [servers.brokers], clientId: 'test', log: silentLogger });
    const service = await startForTest(orderCore, {
      FLOTILLA_DATABASE_URL: db.url,
      FLOTILLA_MIGRATION_DATABASE_URL: db.url,
      FLOTILLA_KAFKA_BROKERS: servers.brokers,
      FLOTILLA_PAYMENT_MINUTES: '0.02',
      FLOTILLA_INDEX_KEY: Buffer.alloc(32, 1).toString('base64'),
    });
    parties = { service, orders: connect(api.Orders, service.grpc), tallies: connect(ops.Tallies, service.grpc, { audience: 'order-core' }), rules: connect(api.ShippingRules, service.grpc) };
    listening = await bus.subscribe(`listener-${run}`, [topics.order], {
      assigned: async (partitions) => new Map(partitions.map((one) => [partitionName(one), { at: 0 }])),
      take: async ({ topic, partition, records }) => {
        heard.push(...records.map((record) => toIncoming({ topic, partition }, record)));
        return { at: records.at(-1)!.offset + 1 };
      },
    });
  }, 120_000);

  afterAll(async () => {
    parties?.orders.close();
    parties?.tallies.close();
    parties?.rules.close();
    await listening?.stop();
    await parties?.service.stop();
    await bus?.close();
    await db?.drop();
  }, 60_000);

  it('ORD-01, ORD-12: an order goes its way, heard twice or not, and its history names what every event applied, with hashes', async () => {
    const id = randomUUID();
    const parcelId = parcelIdOf(id, 1);
    const received = message(topics.ingest, 'flotilla.ingest.v1.ChannelOrderReceived', id, 'channelOrder', { order: content({ orderId: id, channel: `shop-${run}` }) });
    await bus.publish([received, received]);
    await hears(id, 'OrderPlaced', 'OrderApproved', 'AllocationRequested');
    await allocate(id);
    await hears(id, 'OrderPlaced', 'OrderApproved', 'AllocationRequested', 'FulfilmentReleased');
    await tell(topics.parcel, 'flotilla.carrier.v1.WaybillIssued', id, 'parcel', waybill(id, parcelId, 'SF1', []));
    const shipped = message(topics.parcel, 'flotilla.carrier.v1.ParcelShipped', id, 'parcel', {
      parcelId, foId: id, orders: [], warehouse: 'WH1', carrier: 'sf', service: 'STANDARD', waybill: 'SF1', shippedAt: '2026-11-21T12:00:00.000Z', shipTo, buyer: content().buyer, number: '#1001', items: [], freight: usd(1), dueAt: '', pickupPlace: '',
    });
    await bus.publish([shipped, shipped, received]);
    await tell(topics.tracking, 'flotilla.tracking.v1.MilestoneReached', id, 'shipment', { parcelId, foId: id, orders: [], carrier: 'sf', waybill: 'SF1', milestone: 'MILESTONE_DELIVERED', occurredAt: '2026-11-23T12:00:00.000Z', place: '', pushed: false });
    await tell(topics.settlement, 'flotilla.settlement.v1.OrderSettled', id, 'receivable', { orderId: id, statementId: 's', net: usd(1), settledAt: '2026-11-24T12:00:00.000Z' });
    await eventually(async () => expect(await parties.orders.get({ orderId: id })).toMatchObject({ state: 'CLOSED', waitsFor: '', settled: true, allowedActions: [] }), { timeoutMs: 30_000 });
    await hears(id, 'OrderPlaced', 'OrderApproved', 'AllocationRequested', 'FulfilmentReleased', 'FulfilmentShipped', 'FulfilmentDelivered', 'OrderClosed');

    const { events } = await parties.orders.history({ orderId: id });
    expect(new Set(events.map(({ stream }) => stream))).toEqual(new Set([`order-${id}`, `fulfilment-${id}`]));
    expect(events.every(({ hash }) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
    const ships = events.find(({ type }) => type === 'FulfilmentShipped')!;
    expect(ships).toMatchObject({ sourceStream: `parcel-${id}`, sourceVersion: 2, sourceEventId: `parcel-${id}-2/0`, sourceHash: createHash('sha256').update(`parcel-${id}/2`).digest('hex') });
    expect(JSON.parse(ships.data)).toMatchObject({ foId: id, parcelId });
  }, 60_000);

  it('ALC-04, ORD-01: an order that two warehouses send goes out as two parcels, and is closed when both are delivered', async () => {
    const id = randomUUID();
    const [first, second] = [parcelIdOf(id, 1), parcelIdOf(id, 2)];
    const view = (): Promise<api.Order> => parties.orders.get({ orderId: id });
    await receive(id);
    await hears(id, 'OrderPlaced', 'OrderApproved', 'AllocationRequested');
    await tell(topics.allocation, 'flotilla.allocation.v1.OrderAllocated', id, 'allocation', {
      foId: id, round: 1, warehouse: 'WH1', lockId: 'lock-WH1', orders: [],
      items: [{ sku: 'MUG-1', name: 'Mug', quantity: 2, grams: 300 }, { sku: 'TEE-2', name: 'T-shirt', quantity: 1, grams: 200 }],
      parts: [partOf('WH1', [{ sku: 'MUG-1', quantity: 1 }]), partOf('WH2', [{ sku: 'MUG-1', quantity: 1 }, { sku: 'TEE-2', quantity: 1 }])],
    });
    await hears(id, 'OrderPlaced', 'OrderApproved', 'AllocationRequested', 'FulfilmentReleased', 'FulfilmentReleased');
    expect(heard.filter(({ key, type }) => key === id && type.endsWith('FulfilmentReleased')).map(({ data }) => data)).toMatchObject([
      { parcelId: first, warehouse: 'WH1', items: [{ sku: 'MUG-1', name: 'Mug', quantity: 1 }], orders: [{ lines: [{ quantity: 1 }] }] },
      { parcelId: second, warehouse: 'WH2', items: [{ sku: 'MUG-1', quantity: 1 }, { sku: 'TEE-2', quantity: 1 }], orders: [{ lines: [{ quantity: 1 }, { quantity: 1 }] }] },
    ]);
    const leaves = (parcelId: string, warehouse: string, number: string): Promise<void> =>
      tell(topics.parcel, 'flotilla.carrier.v1.ParcelShipped', id, `parcel-${warehouse}`, {
        parcelId, foId: id, orders: [], warehouse, carrier: 'sf', service: 'STANDARD', waybill: number, shippedAt: '2026-11-21T12:00:00.000Z', shipTo, buyer: content().buyer, number: '#1001', items: [], freight: usd(1), dueAt: '', pickupPlace: '',
      });
    const arrives = (parcelId: string, number: string): Promise<void> =>
      tell(topics.tracking, 'flotilla.tracking.v1.MilestoneReached', id, `shipment-${number}`, { parcelId, foId: id, orders: [], carrier: 'sf', waybill: number, milestone: 'MILESTONE_DELIVERED', occurredAt: '2026-11-23T12:00:00.000Z', place: '', pushed: false });
    await leaves(second, 'WH2', 'SF22');
    await eventually(async () => expect(await view()).toMatchObject({ state: 'PARTIALLY_SHIPPED', waitsFor: 'WAYBILL', fulfilments: [{ state: 'PARTIALLY_SHIPPED', parts: [{ parcelId: first, stage: 'RELEASED' }, { parcelId: second, stage: 'SHIPPED', waybill: 'SF22' }] }] }), { timeoutMs: 30_000 });
    await leaves(first, 'WH1', 'SF21');
    await arrives(second, 'SF22');
    await eventually(async () => expect(await view()).toMatchObject({ state: 'PARTIALLY_DELIVERED', waitsFor: 'DELIVERY' }), { timeoutMs: 30_000 });
    await eventually(async () => expect((await parties.orders.list({ state: 'PARTIALLY_DELIVERED' })).orders.map(({ orderId }) => orderId)).toEqual([id]), { timeoutMs: 30_000 });
    await arrives(first, 'SF21');
    await tell(topics.settlement, 'flotilla.settlement.v1.OrderSettled', id, 'receivable', { orderId: id, statementId: 's', net: usd(1), settledAt: '2026-11-24T12:00:00.000Z' });
    await eventually(async () => expect(await view()).toMatchObject({ state: 'CLOSED', waitsFor: '', fulfilments: [{ state: 'DELIVERED', parcelId: first }] }), { timeoutMs: 30_000 });
    await eventually(() => expect(said(id).slice(5)).toEqual(['FulfilmentShipped', 'FulfilmentShipped', 'FulfilmentDelivered', 'FulfilmentDelivered', 'OrderClosed']), { timeoutMs: 30_000 });
  }, 90_000);

  it('ORD-01: an order of a channel that allows it ships in two parts, each with its own stock, parcel and way, and is closed when both have arrived', async () => {
    const { orders, rules } = parties;
    const channel = `parts-${run}`;
    expect(await rules.get({ channel })).toMatchObject({ channel, partialShipments: false, version: 0 });
    const put = { requestId: `rule-${run}`, channel, partialShipments: true };
    expect(await rules.put(put)).toMatchObject({ channel, partialShipments: true, version: 1 });
    expect(await rules.put(put)).toMatchObject({ version: 1 });
    await refuses(rules.put({ ...put, requestId: `odd-${run}`, channel: 'No Channel' }), 'BAD_REQUEST');

    const id = randomUUID();
    const rest = splitIdOf(id, 1);
    const view = (): Promise<api.Order> => orders.get({ orderId: id });
    const lineId = content().lines[1]!.lineId;
    await receive(id, { channel });
    await hears(id, 'OrderPlaced', 'OrderApproved', 'AllocationRequested');
    await tell(topics.allocation, 'flotilla.allocation.v1.OrderBackordered', id, 'allocation', { foId: id, round: 1, orders: [], missing: [{ sku: 'TEE-2', quantity: 1 }] });
    await hears(id, 'OrderPlaced', 'OrderApproved', 'AllocationRequested', 'AllocationRequested', 'OrderSplit');
    await tell(topics.allocation, 'flotilla.allocation.v1.OrderAllocated', id, 'allocation', { foId: id, round: 2, warehouse: 'WH1', lockId: 'lock', orders: [], items: [{ sku: 'MUG-1', name: 'Mug', quantity: 2, grams: 300 }], parts: [] });
    await hears(rest, 'AllocationRequested');
    await tell(topics.allocation, 'flotilla.allocation.v1.OrderBackordered', rest, 'allocation', { foId: rest, round: 1, orders: [], missing: [{ sku: 'TEE-2', quantity: 1 }] });

    const leaves = (foId: string, number: string): Promise<void> =>
      tell(topics.parcel, 'flotilla.carrier.v1.ParcelShipped', foId, `parcel-${number}`, {
        parcelId: parcelIdOf(foId, 1), foId, orders: [], warehouse: 'WH1', carrier: 'sf', service: 'STANDARD', waybill: number, shippedAt: '2026-11-21T12:00:00.000Z', shipTo, buyer: content().buyer, number: '#1001', items: [], freight: usd(1), dueAt: '', pickupPlace: '',
      });
    const arrives = (foId: string, number: string): Promise<void> =>
      tell(topics.tracking, 'flotilla.tracking.v1.MilestoneReached', foId, `shipment-${number}`, { parcelId: parcelIdOf(foId, 1), foId, orders: [], carrier: 'sf', waybill: number, milestone: 'MILESTONE_DELIVERED', occurredAt: '2026-11-23T12:00:00.000Z', place: '', pushed: false });
    await leaves(id, `SFA${run}`);
    await eventually(async () => expect(await view()).toMatchObject({ state: 'PARTIALLY_SHIPPED', waitsFor: 'BACKORDER', fulfilments: [{ foId: id, state: 'SHIPPED' }, { foId: rest, state: 'BACKORDERED', orders: [{ lines: [{ lineId, quantity: 1 }] }] }] }), { timeoutMs: 30_000 });
    // The list finds the order, not its parts, by the parcel of any of them.
    await eventually(async () => expect((await orders.list({ filter: { channels: [channel] } })).orders).toMatchObject([{ orderId: id, state: 'PARTIALLY_SHIPPED', waitsFor: 'BACKORDER' }]), { timeoutMs: 30_000 });
    await arrives(id, `SFA${run}`);
    await tell(topics.settlement, 'flotilla.settlement.v1.OrderSettled', id, 'receivable', { orderId: id, statementId: 's', net: usd(1), settledAt: '2026-11-24T12:00:00.000Z' });

    await tell(topics.allocation, 'flotilla.allocation.v1.OrderAllocated', rest, 'allocation', { foId: rest, round: 1, warehouse: 'WH2', lockId: 'lock-rest', orders: [], items: [{ sku: 'TEE-2', name: 'T-shirt', quantity: 1, grams: 200 }], parts: [] });
    await hears(rest, 'AllocationRequested', 'FulfilmentReleased');
    expect(heard.findLast(({ key }) => key === rest)?.data).toMatchObject({ foId: rest, parcelId: parcelIdOf(rest, 1), warehouse: 'WH2', orders: [{ orderId: id, lines: [{ lineId, quantity: 1 }] }], items: [{ sku: 'TEE-2', quantity: 1 }] });
    expect(await view()).toMatchObject({ state: 'PARTIALLY_SHIPPED', fulfilments: [{ foId: id, state: 'DELIVERED' }, { foId: rest, state: 'RELEASED' }] });
    await leaves(rest, `SFB${run}`);
    await eventually(async () => expect(await view()).toMatchObject({ state: 'PARTIALLY_DELIVERED', waitsFor: 'DELIVERY' }), { timeoutMs: 30_000 });
    await eventually(async () => expect((await orders.list({ filter: { waybill: `SFB${run}` } })).orders.map(({ orderId }) => orderId)).toEqual([id]), { timeoutMs: 30_000 });
    await arrives(rest, `SFB${run}`);
    await hears(rest, 'AllocationRequested', 'FulfilmentReleased', 'FulfilmentShipped', 'FulfilmentDelivered');
    await eventually(async () => expect(await view()).toMatchObject({ state: 'CLOSED', waitsFor: '', fulfilments: [{ state: 'DELIVERED' }, { state: 'DELIVERED' }] }), { timeoutMs: 30_000 });

    const { events } = await orders.history({ orderId: id });
    expect(new Set(events.map(({ stream }) => stream))).toEqual(new Set([`order-${id}`, `fulfilment-${id}`, `fulfilment-${rest}`]));
    expect((await orders.asOf({ orderId: id, position: events.find(({ type }) => type === 'OrderSplit')!.position })).order).toMatchObject({ state: 'ALLOCATING' });
    expect((await orders.overview({ orderId: id })).parcels.map(({ parcelId }) => parcelId).sort()).toEqual([parcelIdOf(id, 1), parcelIdOf(rest, 1)].sort());
  }, 120_000);

  it('ORD-01: the desk cuts an order by hand, as its stock and its parcels allow', async () => {
    const { orders } = parties;
    const id = randomUUID();
    const rest = splitIdOf(id, 1);
    const [mug, shirt] = content().lines.map(({ lineId }) => lineId);
    await receive(id);
    await hears(id, 'OrderPlaced', 'OrderApproved', 'AllocationRequested');
    await refuses(orders.split({ requestId: `s0-${run}`, orderId: id, lines: [{ lineId: mug!, quantity: 3 }] }), 'BAD_QUANTITY');
    await refuses(orders.split({ requestId: `s1-${run}`, orderId: id, lines: [{ lineId: mug!, quantity: 2 }, { lineId: shirt!, quantity: 1 }] }), 'BAD_QUANTITY');
    await refuses(orders.split({ requestId: `s2-${run}`, orderId: id, lines: [] }), 'BAD_REQUEST');
    const cut = { requestId: `s3-${run}`, orderId: id, lines: [{ lineId: mug!, quantity: 1 }], reason: 'urgent' };
    expect(await orders.split(cut)).toMatchObject({ fulfilments: [{ foId: id }, { foId: rest, state: 'PLANNED' }] });
    expect((await orders.split(cut)).fulfilments).toHaveLength(2);
    await hears(id, 'OrderPlaced', 'OrderApproved', 'AllocationRequested', 'OrderSplit', 'AllocationRequested');
    expect(await orders.allowPartial({ requestId: `p-${run}`, orderId: id, allowed: true, reason: 'asked' })).toMatchObject({ partialShipment: 'ALLOWED' });
    expect(await orders.cancel({ requestId: `sc-${run}`, orderId: id })).toMatchObject({ waitsFor: 'RELEASE_OF_STOCK' });
    await tell(topics.allocation, 'flotilla.allocation.v1.StockReleased', id, 'allocation', { foId: id, warehouse: '' });
    await eventually(async () => expect(await orders.get({ orderId: id })).toMatchObject({ state: 'CANCELLED', fulfilments: [{ state: 'CANCELLED' }, { state: 'CANCELLED' }] }), { timeoutMs: 30_000 });
  }, 60_000);

  it('ORD-05: an order that is not paid in time is cancelled by the timer, and its stock comes back', async () => {
    const id = randomUUID();
    await receive(id, unpaid);
    await hears(id, 'OrderPlaced', 'AllocationRequested', 'OrderCancelRequested', 'FulfilmentCancelled');
    expect(heard.find(({ key }) => key === id)?.data).toMatchObject({ orderId: id, paidAt: '' });
    expect(await parties.orders.get({ orderId: id })).toMatchObject({ waitsFor: 'RELEASE_OF_STOCK', cancelRequested: true, allowedActions: [] });
    await tell(topics.allocation, 'flotilla.allocation.v1.StockReleased', id, 'allocation', { foId: id, warehouse: '' });
    await eventually(async () => expect(await parties.orders.get({ orderId: id })).toMatchObject({ state: 'CANCELLED' }), { timeoutMs: 30_000 });
    await eventually(() => expect(said(id)).toContain('OrderCancelled'), { timeoutMs: 30_000 });
    expect(heard.findLast(({ key, type }) => key === id && type.endsWith('OrderCancelled'))?.data).toMatchObject({ reason: 'payment_timeout', stage: 'AWAITING_PAYMENT' });
  }, 60_000);

  it('ORD-02, ORD-05: the desk holds, approves and cancels as the order allows; a repeated request gets the same answer', async () => {
    const { orders } = parties;
    const id = randomUUID();
    await receive(id, { total: usd(6_000_000) });
    await eventually(async () => expect((await orders.get({ orderId: id })).waitsFor).toBe('HOLD:RISK'), { timeoutMs: 30_000 });
    expect((await orders.get({ orderId: id })).allowedActions).toEqual(['Approve', 'Hold', 'Release', 'Cancel', 'ChangeAddress', 'Split', 'AllowPartial']);
    const hold = { requestId: `h-${run}`, orderId: id, type: 'MANUAL', reason: 'asked' };
    const held = await orders.hold(hold);
    expect(held.holds.map(({ type, blocks }) => [type, blocks])).toEqual([['RISK', ['AUDIT', 'ALLOCATE']], ['MANUAL', ['RELEASE', 'LABEL', 'SHIP']]]);
    expect((await orders.hold(hold)).holds).toHaveLength(2);
    await refuses(orders.hold({ ...hold, reason: 'another' }), 'REQUEST_ID_REUSED');
    await refuses(orders.release({ requestId: `r-${run}`, orderId: id, holdId: 'MANUAL:9' }), 'NO_SUCH_HOLD');
    expect(await orders.approve({ requestId: `a-${run}`, orderId: id })).toMatchObject({ state: 'ALLOCATING', waitsFor: 'ALLOCATION' });
    await refuses(orders.approve({ requestId: `b-${run}`, orderId: id }), 'NOT_AUDITABLE');
    await allocate(id);
    await eventually(async () => expect(await orders.get({ orderId: id })).toMatchObject({ state: 'ALLOCATED', waitsFor: 'HOLD:MANUAL' }), { timeoutMs: 30_000 });
    expect(await orders.cancel({ requestId: `c-${run}`, orderId: id, reason: 'asked' })).toMatchObject({ waitsFor: 'RELEASE_OF_STOCK', cancelRequested: true });
    await refuses(orders.cancel({ requestId: `d-${run}`, orderId: id }), 'ORDER_CANCELLED');
    await refuses(orders.get({ orderId: randomUUID() }), 'NOT_FOUND');
    expect(said(id)).not.toContain('FulfilmentReleased');
  }, 60_000);

  it('ORD-02 ING-09 ING-10: an address that no courier finds waits for a person with the reason in two languages; what the buyer wished goes with the parcel. A message of before addresses were read is taken as it was', async () => {
    const { orders } = parties;
    const id = randomUUID();
    const changes = [{ field: 'city', from: '杭州', to: '杭州市' }];
    const address = { ...addressCheck, country: 'CN', province: '浙江省', city: '杭州市', confidence: { province: 99, city: 99, district: 0, postcode: 0 }, flags: ['VAGUE'], changes };
    await receive(id, { shipTo: { ...shipTo, country: 'CN', province: '浙江省', city: '杭州市' }, address, tags: ['buyer:carrier:sf', 'buyer:not:yto'], giftMessage: 'sealed-card' });
    await eventually(async () => expect((await orders.get({ orderId: id })).waitsFor).toBe('HOLD:ADDRESS'), { timeoutMs: 30_000 });
    const held = await orders.get({ orderId: id });
    expect(held).toMatchObject({ state: 'AUDITING', address: { flags: ['VAGUE'], confidence: 99, changes }, giftMessage: 'sealed-card', tags: ['buyer:carrier:sf', 'buyer:not:yto'] });
    expect(held.holds).toMatchObject([{ type: 'ADDRESS', releasable: true, reason: expect.stringMatching(/地址不明确.* \/ a courier cannot find this/) }]);
    await orders.approve({ requestId: `va-${run}`, orderId: id });
    await allocate(id);
    await eventually(async () => expect(await orders.get({ orderId: id })).toMatchObject({ state: 'ALLOCATED', waitsFor: 'HOLD:ADDRESS' }), { timeoutMs: 30_000 });
    await orders.release({ requestId: `vr-${run}`, orderId: id, holdId: held.holds[0]!.holdId, reason: 'the buyer told the way' });
    await eventually(() => expect(said(id)).toContain('FulfilmentReleased'), { timeoutMs: 30_000 });
    expect(heard.findLast(({ key, type }) => key === id && type.endsWith('FulfilmentReleased'))?.data).toMatchObject({ preferredCarrier: 'sf', excludedCarriers: ['yto'], giftMessage: 'sealed-card' });

    const old = randomUUID();
    const { address: _address, giftMessage: _giftMessage, ...before } = content({ orderId: old, channel: `shop-${run}` });
    await tell(topics.ingest, 'flotilla.ingest.v1.ChannelOrderReceived', old, 'channelOrder', { order: before as ingest.ChannelOrder });
    await hears(old, 'OrderPlaced', 'OrderApproved', 'AllocationRequested');
  }, 90_000);

  it('ORD-05: an address that the desk changes, or that a parcel on its way is to go to, is sealed before it is written', async () => {
    const id = randomUUID();
    await receive(id, { shipTo: { ...shipTo, street: '' } });
    await eventually(async () => expect((await parties.orders.get({ orderId: id })).waitsFor).toBe('HOLD:ADDRESS'), { timeoutMs: 30_000 });
    const key = Buffer.alloc(32, 7);
    // The keys are ingest's; this one stands in for it.
    const ctx = { ...parties.service.ctx, seal: async (subject: string, field: Parameters<typeof seal>[2], text: string) => seal(key, subject, field, text) };
    const desk = ordersService(ctx, questionsOf(ctx.pool, () => ctx.clock.business()), () => ({ rules: { riskLimit: 1e9, paymentMinutes: 30 }, policy: { allocateWhen: 'placed' }, carriers: ['sf'], at: '2026-11-21T12:00:00.000Z' }));
    const call: Call = { caller: 'desk', deadline: new Date(), signal: new AbortController().signal, meta: ctx.meta({ actor: 'caller:desk' }), request: ({ requestId }) => ({ caller: 'desk', id: requestId, hash: 'ab' }) };
    const request: api.ChangeAddressRequest = { requestId: `x-${run}`, orderId: id, country: 'China', province: '广东省', city: '深圳市', district: '南山区', postcode: '518000', street: '科技园 1 号', company: '', name: '王小明', phone: '138 0013 8000' };
    const change = desk.handlers['changeAddress'] as unknown as (request: api.ChangeAddressRequest, call: Call) => Promise<api.Order>;
    const answer = await change(request, call);
    expect(answer).toMatchObject({ waitsFor: 'ALLOCATION', holds: [], shipTo: { country: 'CN', city: '深圳市', company: '' } });
    expect([answer.shipTo.street, answer.shipTo.name, answer.shipTo.phone].every(isSealed)).toBe(true);
    const history = JSON.stringify(await parties.orders.history({ orderId: id }));
    for (const clear of ['科技园', '王小明', '13800138000']) expect(history).not.toContain(clear);
    await expect(change({ ...request, requestId: 'y', city: ' ' }, call)).rejects.toMatchObject({ reason: 'BAD_ADDRESS' });

    // Once it has left, the parcel is asked to be sent elsewhere, with the address sealed as well.
    await allocate(id);
    await eventually(async () => expect((await parties.orders.get({ orderId: id })).waitsFor).toBe('WAYBILL'), { timeoutMs: 30_000 });
    const parcelId = parcelIdOf(id, 1);
    await tell(topics.parcel, 'flotilla.carrier.v1.ParcelShipped', id, 'parcel', {
      parcelId, foId: id, orders: [], warehouse: 'WH1', carrier: 'sf', service: 'STANDARD', waybill: 'SF9', shippedAt: '2026-11-21T12:00:00.000Z', shipTo, buyer: content().buyer, number: '#1001', items: [], freight: usd(1), dueAt: '', pickupPlace: '',
    });
    await eventually(async () => expect((await parties.orders.get({ orderId: id })).state).toBe('SHIPPED'), { timeoutMs: 30_000 });
    const elsewhere: api.ChangeAddressRequest = { ...request, requestId: '', orderId: '', street: '滨海大道 9 号' };
    const intercept = desk.handlers['intercept'] as unknown as (request: api.InterceptOrderRequest, call: Call) => Promise<api.Order>;
    await expect(intercept({ requestId: `j-${run}`, orderId: id, reason: 'moved', shipTo: { ...elsewhere, country: 'Nowhere' } }, call)).rejects.toMatchObject({ reason: 'BAD_ADDRESS' });
    await intercept({ requestId: `i-${run}`, orderId: id, reason: 'moved', shipTo: elsewhere }, call);
    await eventually(() => expect(said(id).at(-1)).toBe('InterceptionRequested'), { timeoutMs: 30_000 });
    const asked = heard.findLast(({ key }) => key === id)!.data as api.InterceptionRequested;
    expect(asked).toMatchObject({ foId: id, parcelId, reason: 'moved', shipTo: { country: 'CN', city: '深圳市' } });
    expect(isSealed(asked.shipTo.street)).toBe(true);
    expect(JSON.stringify(await parties.orders.history({ orderId: id }))).not.toContain('滨海大道');
  }, 60_000);

  it('ORD-01: lists by key, page after page, and counts how every order stands; rebuilt from the log it is the same', async () => {
    const { orders, tallies, service } = parties;
    const channel = `pages-${run}`;
    const ids = Array.from({ length: 5 }, () => randomUUID());
    for (const [n, id] of ids.entries()) await receive(id, { channel, placedAt: `2026-11-21T09:0${n}:00.000Z` });
    await Promise.all(ids.map((id) => tell(topics.allocation, 'flotilla.allocation.v1.OrderBackordered', id, 'allocation', { foId: id, round: 1, orders: [], missing: [] })));
    await eventually(async () => expect((await orders.list({ channel, page: { size: 10, token: '' } })).orders.filter(({ waitsFor }) => waitsFor === 'BACKORDER')).toHaveLength(5), { timeoutMs: 30_000 });
    const seen: string[] = [];
    let token = '';
    do {
      const page = await orders.list({ channel, page: { size: 2, token } });
      seen.push(...page.orders.map(({ orderId }) => orderId));
      token = page.nextToken;
    } while (token !== '');
    expect(seen).toEqual(ids.toReversed());
    await refuses(orders.list({ state: 'LOST' }), 'BAD_REQUEST');
    const first = await orders.list({ channel, page: { size: 2, token: '' } });
    await refuses(orders.list({ channel: 'another', page: { size: 2, token: first.nextToken } }), 'BAD_PAGE_TOKEN');

    await allocate(ids[0]!);
    await eventually(async () => expect((await tallies.get({})).counts).toMatchObject({ backordered: 4, backorderedEver: 6, backorderServed: 2 }), { timeoutMs: 30_000 });
    const { counts } = await tallies.get({});
    expect(counts).toMatchObject({ completed: 3, cancelled: 2, 'cancelledAt.AWAITING_PAYMENT': 1, 'cancelledAt.NEW': 0 });
    const rows = async (): Promise<unknown> => (await db.pool.query('SELECT * FROM read.order_list ORDER BY order_id')).rows;
    const before = await rows();
    await service.stop();
    await db.pool.query('TRUNCATE read.order_list');
    await rebuild(db.pool, orderList);
    const servers = testServers();
    const again = await startForTest(orderCore, { FLOTILLA_DATABASE_URL: db.url, FLOTILLA_MIGRATION_DATABASE_URL: db.url, FLOTILLA_KAFKA_BROKERS: servers.brokers });
    parties = { ...parties, service: again };
    await eventually(async () => expect(await rows()).toEqual(before), { timeoutMs: 30_000 });
  }, 90_000);
});
