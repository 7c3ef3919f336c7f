import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allocation as api, topics, type Client } from '@flotilla/contracts';
import { eventually } from '@flotilla/testing';
import { request as anyRequest } from '../spec/examples.js';
import { csv, live, type Live } from '../spec/live.js';

const run = randomUUID().slice(0, 8);
const LONG = { timeoutMs: 30_000 };

describe('nodes on real Postgres and Kafka', () => {
  const warehouse = `N-${run}`;
  let fleet: Live;
  let nodes: Client<api.NodesRpc>;
  let freezes: Client<api.FreezesRpc>;
  let stock: Client<api.StockRpc>;

  const ask = (foIds: readonly string[], sku: string, changes: Parameters<typeof anyRequest>[0] = {}): Promise<void> =>
    fleet.kafka.tell('flotilla.order.v1.AllocationRequested', topics.order, foIds.map((foId) => anyRequest({ foId, lines: [{ sku, quantity: 1 }], orders: [], ...changes })));
  const fact = (foId: string) => ({ foId, parcelId: `p-${foId}`, warehouse, carrier: 'sf', waybill: 'SF1', dueAt: '2026-11-20T00:00:00.000Z' });
  const allocated = (foIds: readonly string[]): readonly unknown[] => fleet.kafka.said('OrderAllocated').filter(({ foId }) => foIds.includes(String(foId)));
  const count = (sku: string, units: number): Promise<api.ImportReport> => stock.import(csv('warehouse,sku,on_hand', `${warehouse},${sku},${units}`));

  beforeAll(async () => {
    // A business hour takes one and a half seconds, so that two hours out and a day of freeze pass while one looks.
    process.env['FLOTILLA_CLOCK'] = `${new Date().toISOString()}@2400`;
    fleet = await live(`listener-${run}`, [topics.allocation, topics.catalogue], { FLOTILLA_CLOCK: process.env['FLOTILLA_CLOCK'] });
    nodes = fleet.client(api.Nodes);
    freezes = fleet.client(api.Freezes);
    stock = fleet.client(api.Stock);
    const catalogue = fleet.client(api.Catalogue);
    const warehouses = fleet.client(api.Warehouses);
    await warehouses.import(csv('warehouse,name,country,province,contact,serves,daily_orders', `${warehouse},仓,CN,广东省,Chen Wei,广东省,`, `C-${run},小仓,CN,广东省,Chen Wei,广东省,1`));
    await catalogue.import(csv('sku,name_en', ...['LATE', 'SHORT', 'FULL', 'HAND', 'DAY', 'TURN'].map((name) => `${name}-${run},${name}`)));
  }, 120_000);

  afterAll(async () => {
    delete process.env['FLOTILLA_CLOCK'];
    await fleet?.stop();
  }, 60_000);

  it('ALC-06: three late deliveries take a warehouse out; two hours later one order tries it, and its parcel brings it back', async () => {
    const foIds: readonly string[] = Array.from({ length: 3 }, () => randomUUID());
    await count(`LATE-${run}`, 3);
    for (const late of ['1', '2', '3']) await fleet.kafka.tell('flotilla.tracking.v1.DeliveryLate', topics.tracking, [{ ...fact(`${late}-${run}`), knownAt: '2026-11-21T00:00:00.000Z' }]);
    await eventually(async () => expect(fleet.kafka.said('NodeTripped')).toMatchObject([{ warehouse, trip: 1, lateInARow: 3, contact: 'Chen Wei' }]), LONG);
    await ask(foIds, `LATE-${run}`);
    // The breaker says no, and then one of the three is the probe.
    await eventually(async () => expect(fleet.kafka.said('OrderBackordered').filter(({ foId }) => foIds.includes(String(foId))).length).toBeGreaterThanOrEqual(2), LONG);
    await eventually(async () => expect(allocated(foIds)).toHaveLength(1), LONG);
    const node = (await nodes.list({})).nodes.find((one) => one.warehouse === warehouse);
    expect(node).toMatchObject({ warehouse, state: 'PROBING', probeFoId: (allocated(foIds)[0] as { foId: string }).foId });
    await fleet.kafka.tell('flotilla.carrier.v1.ParcelShipped', topics.parcel, [{ ...JSON.parse(JSON.stringify({ orders: [], service: 'STANDARD', shippedAt: '2026-11-22T00:00:00.000Z', items: [] })), ...fact(node!.probeFoId) }]);
    await eventually(async () => expect(fleet.kafka.said('NodeRestored')).toMatchObject([{ warehouse, trip: 1, by: 'rule:probe' }]), LONG);
    await eventually(async () => expect(allocated(foIds)).toHaveLength(3), LONG);
  }, 90_000);

  it('ALC-07: promises that cannot be kept freeze a SKU; it is promised again when its shelf has been counted', async () => {
    const sku = `SHORT-${run}`;
    const first: readonly string[] = Array.from({ length: 3 }, () => randomUUID());
    const later: readonly string[] = [randomUUID()];
    await count(sku, 3);
    await ask(first, sku);
    await eventually(async () => expect(allocated(first)).toHaveLength(3), LONG);
    await count(sku, 0);
    await eventually(async () => expect((await freezes.list({})).freezes).toMatchObject([{ sku, frozen: true, reason: 'RESERVATION_FAILURES', failed: 3, reserved: 3 }]), LONG);
    await stock.adjust({ requestId: `a-${run}`, warehouse, sku, delta: 5, reason: 'found' });
    await ask(later, sku);
    await eventually(async () => expect(fleet.kafka.said('OrderBackordered').filter(({ foId }) => later.includes(String(foId)))).toHaveLength(1), LONG);
    expect(allocated(later)).toEqual([]);
    await count(sku, 4);
    await eventually(async () => expect(fleet.kafka.said('SkuUnfrozen')).toMatchObject([{ sku, freeze: 1, by: 'rule:count' }]), LONG);
    await eventually(async () => expect(allocated(later)).toHaveLength(1), LONG);
  }, 90_000);

  it('ALC-04, ALC-06: a person takes a node out and back in; a bad request says what is wrong with it', async () => {
    const sku = `HAND-${run}`;
    const foIds: readonly string[] = [randomUUID()];
    await count(sku, 5);
    expect(await nodes.suspend({ requestId: `s-${run}`, warehouse, reason: 'stocktaking' })).toMatchObject({ warehouse, state: 'SUSPENDED', reason: 'stocktaking' });
    await ask(foIds, sku);
    await eventually(async () => expect(fleet.kafka.said('OrderBackordered').filter(({ foId }) => foIds.includes(String(foId)))).toHaveLength(1), LONG);
    expect((await nodes.resume({ requestId: `r-${run}`, warehouse, reason: 'done' })).state).toBe('TAKING');
    await eventually(async () => expect(allocated(foIds)).toHaveLength(1), LONG);
    await expect(nodes.suspend({ requestId: '', warehouse, reason: 'x' })).rejects.toThrow(/request/);
    await expect(nodes.suspend({ requestId: 'x', warehouse, reason: '' })).rejects.toThrow(/say why/);
    await expect(nodes.suspend({ requestId: 'x', warehouse: 'nowhere', reason: 'x' })).rejects.toThrow(/no warehouse/);
    await expect(freezes.unfreeze({ requestId: 'x', sku: '', reason: 'x' })).rejects.toThrow(/catalogue/);
  }, 90_000);

  it('ALC-04: a node takes so many orders a day; the next day takes those that wait', async () => {
    const foIds: readonly string[] = [randomUUID(), randomUUID()];
    await stock.import(csv('warehouse,sku,on_hand', `C-${run},DAY-${run},5`));
    await ask([foIds[0]!], `DAY-${run}`);
    await eventually(async () => expect(allocated(foIds)).toHaveLength(1), LONG);
    await eventually(async () => expect((await nodes.list({})).nodes.find((one) => one.warehouse === `C-${run}`)).toMatchObject({ ordersToday: 1, dailyOrders: 1 }), LONG);
    await ask([foIds[1]!], `DAY-${run}`);
    await eventually(async () => expect(fleet.kafka.said('OrderBackordered').filter(({ foId }) => foId === foIds[1])).toHaveLength(1), LONG);
    await eventually(async () => expect(allocated(foIds)).toHaveLength(2), { timeoutMs: 60_000 });
  }, 120_000);

  it('ALC-01: stock that arrives goes to those who wait, by priority and age; who comes later goes behind them, unless more urgent', async () => {
    const sku = `TURN-${run}`;
    const [big, old, young, late, urgent] = Array.from({ length: 5 }, () => randomUUID()) as [string, string, string, string, string];
    await count(sku, 0);
    const at = (minute: number): string => `2026-11-21T00:0${minute}:00.000Z`;
    await ask([big], sku, { orderedAt: at(1), lines: [{ sku, quantity: 50 }] });
    await ask([young], sku, { orderedAt: at(3) });
    await ask([old], sku, { orderedAt: at(2) });
    const waits = (foIds: readonly string[]): number => fleet.kafka.said('OrderBackordered').filter(({ foId }) => foIds.includes(String(foId))).length;
    await eventually(async () => expect(waits([big, old, young])).toBe(3), LONG);
    // Who waits is told at once; the queue follows the log, and whoever is not in it yet is served by the next look.
    await eventually(async () => expect((await fleet.db.pool.query('SELECT FROM read.backorder_queue WHERE skus @> ARRAY[$1]', [sku])).rowCount).toBe(3), LONG);
    await count(sku, 1);
    await eventually(async () => expect([allocated([old]).length, allocated([young]).length]).toEqual([1, 0]), LONG);
    await count(sku, 2);
    await eventually(async () => expect(allocated([young])).toHaveLength(1), LONG);
    // One unit is free, and the big order still waits for fifty: the newcomer enters the queue, and the queue gives it the unit.
    await count(sku, 3);
    await ask([late], sku, { orderedAt: at(4) });
    await eventually(async () => expect([waits([late]), allocated([late]).length]).toEqual([1, 1]), LONG);
    await count(sku, 4);
    await ask([urgent], sku, { orderedAt: at(5), priority: 10 });
    await eventually(async () => expect([waits([urgent]), allocated([urgent]).length]).toEqual([0, 1]), LONG);
    expect(allocated([big])).toEqual([]);
  }, 60_000);

  it('ALC-02: sold while nothing was available is counted per channel, with how long nothing was', async () => {
    const sku = `FULL-${run}`;
    const orders = [{ orderId: randomUUID(), channel: 'shopify-demo', channelOrderId: '1', lines: [{ lineId: 'l', channelLineId: '1', sku, quantity: 2 }] }];
    await count(sku, 1);
    const foId = randomUUID();
    await ask([foId], sku);
    await eventually(async () => expect(allocated([foId])).toHaveLength(1), LONG);
    await ask([randomUUID()], sku, { orders });
    const oversells = fleet.client(api.Oversells);
    const [row] = await eventually(async () => {
      const { oversells: rows } = await oversells.list({ channel: 'shopify-demo' });
      expect(rows).toHaveLength(1);
      return rows;
    }, LONG);
    expect(row).toMatchObject({ channel: 'shopify-demo', sku, orders: 1, units: 2 });
    expect(row!.longestSeconds).toBeGreaterThan(0);
    await expect(oversells.list({ fromDay: 'yesterday' })).rejects.toThrow(/no day/);
  }, 60_000);
});
