import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allocation as api, topics, type Client } from '@flotilla/contracts';
import { eventually } from '@flotilla/testing';
import { request as anyRequest } from '../spec/examples.js';
import { csv, live, type Live } from '../spec/live.js';

const run = randomUUID().slice(0, 8);
const LONG = { timeoutMs: 30_000 };

describe('the lock room on real Postgres and Kafka', () => {
  const site = `L-${run}`;
  const [hot, away] = [`HOT-${run}`, `AWAY-${run}`];
  let fleet: Live;
  let locks: Client<api.LocksRpc>;

  const ask = async (sku: string, quantity: number, changes: Parameters<typeof anyRequest>[0] = {}): Promise<string> => {
    const foId = randomUUID();
    const orders = [{ orderId: foId, channel: 'shopify-demo', channelOrderId: `no-${foId}`, lines: [{ lineId: 'l', channelLineId: '1', sku, quantity }] }];
    await fleet.kafka.tell('flotilla.order.v1.AllocationRequested', topics.order, [anyRequest({ foId, lines: [{ sku, quantity }], orders, ...changes })]);
    return foId;
  };

  beforeAll(async () => {
    fleet = await live(`room-${run}`, [topics.allocation]);
    locks = fleet.client(api.Locks);
    await fleet.client(api.Warehouses).import(csv('warehouse,name,country,province,serves', `${site},仓,CN,广东省,广东省`));
    await fleet.client(api.Catalogue).import(csv('sku,name_en', `${hot},Hot`, `${away},Away`));
    await fleet.client(api.Stock).import(csv('warehouse,sku,on_hand', `${site},${hot},5`, `${site},${away},0`));
  }, 120_000);

  afterAll(() => fleet?.stop(), 60_000);

  it('OPS-01: shows what holds stock, of which order, the newest first and in pages', async () => {
    const orders = [await ask(hot, 2), await ask(hot, 3)];
    const listed = await eventually(async () => {
      const answer = await locks.list({ sku: hot });
      return answer.locks.length === 2 && answer.locks.every(({ state }) => state === 'CONFIRMED') && answer.locks;
    }, LONG);
    expect(new Set(listed.map(({ foId }) => foId))).toEqual(new Set(orders));
    expect(listed.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(5);
    expect(listed[0]!.position).toBeGreaterThan(listed[1]!.position);
    expect(listed.every(({ warehouse, expiresAt }) => warehouse === site && expiresAt === '')).toBe(true);
    const first = await locks.list({ warehouse: site, page: { size: 1 } });
    const second = await locks.list({ warehouse: site, page: { size: 1, token: first.nextToken } });
    expect([...first.locks, ...second.locks].map(({ lockId }) => lockId)).toEqual(listed.map(({ lockId }) => lockId));
    expect((await locks.list({ sku: away })).locks).toEqual([]);
    // Confirmed ones have no lease any more.
    expect((await locks.list({ leased: true })).locks).toEqual([]);
    await expect(locks.list({ leased: true, sku: hot })).rejects.toMatchObject({ code: 3 });
  }, 60_000);

  it('OPS-01: shows who waits in the order in which they are served, with what they lack; and what everybody wants', async () => {
    const later = await ask(away, 2, { orderedAt: '2026-11-21T10:00:00.000Z' });
    await eventually(async () => expect((await locks.listBackorders({ sku: away })).waiting).toBe(1), LONG);
    const urgent = await ask(away, 1, { priority: 50, orderedAt: '2026-11-21T11:00:00.000Z' });
    const { backorders } = await eventually(async () => {
      const answer = await locks.listBackorders({ sku: away });
      return answer.waiting === 2 && answer;
    }, LONG);
    expect(backorders.map(({ foId, priority, orders, missing }) => [foId, priority, orders[0]!.channelOrderId, missing])).toEqual([
      [urgent, 50, `no-${urgent}`, [{ sku: away, quantity: 1 }]],
      [later, expect.any(Number), `no-${later}`, [{ sku: away, quantity: 2 }]],
    ]);
    const first = await locks.listBackorders({ sku: away, page: { size: 1 } });
    expect((await locks.listBackorders({ sku: away, page: { size: 1, token: first.nextToken } })).backorders.map(({ foId }) => foId)).toEqual([later]);
    expect((await locks.listBackorders({ sku: hot })).waiting).toBe(0);
    await eventually(async () => {
      const { skus } = await locks.listHot({});
      expect(skus.find(({ sku }) => sku === hot)).toMatchObject({ held: 0, confirmed: 5, available: 0, waiting: 0, frozen: false });
      expect(skus.find(({ sku }) => sku === away)).toMatchObject({ confirmed: 0, waiting: 2 });
    }, LONG);
  }, 60_000);

  it('OPS-02: parcels are counted as late by carrier and region: those that came after their time, or whose time is over', async () => {
    const { pool } = fleet.db;
    const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();
    const row = (id: string, carrier: string, province: string, shipped: number, due: number, arrived: number | null): readonly unknown[] => [`${id}-${run}`, 'fo', carrier, 'CN', province, ago(shipped), ago(due), arrived === null ? null : ago(arrived)];
    for (const values of [row('1', 'sf', '云南省', 48, 10, 20), row('2', 'sf', '云南省', 48, 10, 2), row('3', 'sf', '云南省', 48, 10, null), row('4', 'sf', '云南省', 4, -20, null), row('5', 'zto', '广东省', 24 * 60, 24 * 58, 24 * 59)]) {
      await pool.query('INSERT INTO read.shipment_outcome (parcel_id, fo_id, carrier, country, province, shipped_at, due_at, delivered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [...values]);
    }
    const outcomes = fleet.client(api.Outcomes);
    expect((await outcomes.lateness({})).cells).toEqual([{ carrier: 'sf', country: 'CN', province: '云南省', parcels: 3, late: 2, medianHours: 37, underWay: 1 }]);
    expect((await outcomes.lateness({ since: ago(24 * 61) })).cells.map(({ carrier, late }) => [carrier, late])).toEqual([['sf', 2], ['zto', 0]]);
    await expect(outcomes.lateness({ since: ago(24 * 100) })).rejects.toMatchObject({ code: 3 });
    await expect(outcomes.lateness({ since: 'soon' })).rejects.toMatchObject({ code: 3 });
  }, 30_000);

  it('OPS-02: tells what was shipped and received by warehouse and SKU, from the log, in pages', async () => {
    const [store, bare] = [`T-${run}`, `U-${run}`];
    const [sold, kept] = [`SOLD-${run}`, `KEPT-${run}`];
    const outcomes = fleet.client(api.Outcomes);
    const stock = fleet.client(api.Stock);
    const inbounds = fleet.client(api.Inbounds);
    await fleet.client(api.Warehouses).import(csv('warehouse,name,country,province,serves,ledger,time_zone', `${store},仓,CN,广东省,西藏自治区,,Asia/Shanghai`, `${bare},仓,CN,广东省,西藏自治区,REMOTE,`));
    await fleet.client(api.Catalogue).import(csv('sku,name_en', `${sold},Sold`, `${kept},Kept`));
    await stock.import(csv('warehouse,sku,on_hand', `${store},${sold},8`, `${store},${kept},4`));
    await inbounds.announce({ inbound: `P-${run}`, warehouse: store, lines: [{ sku: sold, quantity: 2 }] });
    await inbounds.receive({ requestId: `p-${run}`, inbound: `P-${run}`, lines: [{ sku: sold, quantity: 2 }] });
    await stock.adjust({ requestId: `a-${run}`, warehouse: store, sku: kept, delta: -1, reason: 'LOST' });
    const whole = async () => (await outcomes.turnover({ days: 7, page: { size: 500 } })).rows.find(({ warehouse }) => warehouse === store);
    await eventually(async () => expect(await whole()).toEqual({ warehouse: store, sku: '', days: 1, shipped: 0, received: 2, onHand: 13, meanOnHand: 13, sellThrough: 0, daysOfCover: -1, turnover: -1 }), LONG);
    // As if the warehouse had been there for ten days and had shipped on the last but one.
    await fleet.db.pool.query(`INSERT INTO read.stock_flow SELECT $1, sku, current_date - ago, shipped, 0, net FROM unnest(ARRAY['', $2]) AS sku, (VALUES (20, 0, 10), (2, 6, -6)) AS flow(ago, shipped, net)`, [store, sold]);
    const rows = await whole();
    expect(rows).toMatchObject({ days: 7, shipped: 6, received: 2, onHand: 13 });
    expect(rows!.sellThrough).toBeCloseTo(6 / 19, 6);
    expect(rows!.daysOfCover).toBeCloseTo((13 * 7) / 6, 6);
    expect(rows!.turnover).toBeGreaterThan(0);
    const first = await outcomes.turnover({ warehouse: store, days: 7, page: { size: 1 } });
    const second = await outcomes.turnover({ warehouse: store, days: 7, page: { size: 1, token: first.nextToken } });
    expect([...first.rows, ...second.rows].map(({ sku, shipped, onHand, days }) => [sku, shipped, onHand, days])).toEqual([[kept, 0, 3, 1], [sold, 6, 10, 7]]);
    // A ledger elsewhere, and a warehouse that nobody knows, have no figures; bad spans and pages of another list are refused.
    expect((await outcomes.turnover({ page: { size: 500 } })).rows.some(({ warehouse }) => warehouse === bare)).toBe(false);
    expect(await outcomes.turnover({ warehouse: 'nobody' })).toEqual({ rows: [], nextToken: '', days: 30 });
    await expect(outcomes.turnover({ days: 91 })).rejects.toMatchObject({ code: 3 });
    await expect(outcomes.turnover({ days: -1 })).rejects.toMatchObject({ code: 3 });
    await expect(outcomes.turnover({ warehouse: "x'; --" })).rejects.toThrow(/not known/);
    await expect(outcomes.turnover({ warehouse: store, days: 30, page: { token: first.nextToken } })).rejects.toThrow(/page.token/);
  }, 60_000);
});

// A fleet of its own, when the other one is gone: two services in one consumer group would share the orders.
describe('the lock room and a warehouse that says nothing', () => {
  let quiet: Live;
  beforeAll(async () => {
    quiet = await live(`mute-${run}`, [topics.allocation], { FLOTILLA_ALLOCATION_REMOTE_LEDGERS: 'true' });
  }, 120_000);
  afterAll(() => quiet?.stop(), 60_000);

  it('OPS-01: a question that nobody answers stands there until it is answered, with how often it was put', async () => {
    const mute = `R-${run}`;
    const sku = `MUTE-${run}`;
    // A participant of its own that is not there: it is forecast to have goods, and says nothing.
    await quiet.client(api.Warehouses).import(csv('warehouse,name,country,province,serves,ledger', `${mute},仓,CN,四川省,四川省,REMOTE`));
    await quiet.client(api.Catalogue).import(csv('sku,name_en', `${sku},Mute`));
    await quiet.kafka.tell('flotilla.allocation.v1.StockChanged', topics.stock, [{ warehouse: mute, sku, onHand: 4, unsellable: 0, held: 0, confirmed: 0, free: 4, safety: 0, safetyFromPriority: 0, available: 4, inTransit: 0 }], sku);
    await eventually(async () => expect((await quiet.client(api.Stock).list({ sku })).levels).toHaveLength(1), LONG);
    const foId = randomUUID();
    const orders = [{ orderId: foId, channel: 'shopify-demo', channelOrderId: 'no-mute', lines: [{ lineId: 'l', channelLineId: '1', sku, quantity: 1 }] }];
    await quiet.kafka.tell('flotilla.order.v1.AllocationRequested', topics.order, [anyRequest({ foId, lines: [{ sku, quantity: 1 }], orders })]);
    const room = quiet.client(api.Locks);
    const question = await eventually(async () => (await room.listQuestions({})).questions.find((one) => one.foId === foId && one.attempt > 1) ?? false, LONG);
    expect(question).toMatchObject({ warehouse: mute, what: 'LOCK', orders: [{ channelOrderId: 'no-mute' }] });
  }, 90_000);
});
