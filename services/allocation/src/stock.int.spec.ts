import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allocation as api, parseMessage, topics, type Client } from '@flotilla/contracts';
import { createEventStore, silentLogger, type Recorded, type Transaction } from '@flotilla/event-store';
import { connectBus, type Incoming } from '@flotilla/messaging';
import { testServers } from '@flotilla/tasks';
import { eventually, type TestDatabase } from '@flotilla/testing';
import { request as anyRequest } from '../spec/examples.js';
import { csv, live, type Live } from '../spec/live.js';
import { sayFullState, sayIfDue } from './perform/full-state.js';
import { projectOversells } from './project/oversell.projection.js';
import { publish } from './publish/publish.js';

const run = randomUUID().slice(0, 8);
const LONG = { timeoutMs: 30_000 };

describe('the stock ledger on real Postgres and Kafka', () => {
  const [site, other] = [`S-${run}`, `T-${run}`];
  let fleet: Live;
  let db: TestDatabase;
  let stock: Client<api.StockRpc>;
  let inbounds: Client<api.InboundsRpc>;
  let oversells: Client<api.OversellsRpc>;
  let catalogue: Client<api.CatalogueRpc>;
  let heard: readonly Incoming[] = [];

  const ask = async (sku: string, quantity: number, changes: Parameters<typeof anyRequest>[0] = {}): Promise<string> => {
    const foId = randomUUID();
    const orders = [{ orderId: foId, channel: 'shopify-demo', channelOrderId: foId, lines: [{ lineId: 'l', channelLineId: '1', sku, quantity }] }];
    await fleet.kafka.tell('flotilla.order.v1.AllocationRequested', topics.order, [anyRequest({ foId, lines: [{ sku, quantity }], orders, ...changes })]);
    return foId;
  };
  const said = (type: string): readonly Record<string, unknown>[] => fleet.kafka.said(type);
  const allocated = (foId: string): boolean => said('OrderAllocated').some((one) => one['foId'] === foId);
  const waits = (foId: string): boolean => said('OrderBackordered').some((one) => one['foId'] === foId);
  const levels = (sku: string): readonly Record<string, unknown>[] => said('StockChanged').filter((one) => one['sku'] === sku);
  const sku = (name: string): string => `${name}-${run}`;

  beforeAll(async () => {
    fleet = await live(`listener-${run}`, [topics.allocation, topics.stock]);
    ({ db, kafka: { heard } } = fleet);
    [stock, inbounds, oversells] = [fleet.client(api.Stock), fleet.client(api.Inbounds), fleet.client(api.Oversells)];
    catalogue = fleet.client(api.Catalogue);
    const warehouses = fleet.client(api.Warehouses);
    await warehouses.import(csv('warehouse,name,country,province,serves,ledger', `${site},仓,CN,广东省,广东省,`, `${other},仓,CN,江苏省,江苏省,`, `R-${run},仓,CN,四川省,四川省,REMOTE`));
    await catalogue.import(csv('sku,name_en', ...['KEEP', 'WAY', 'HURT', 'GONE', 'MOVE', 'BUFFER'].map((name) => `${sku(name)},${name}`)));
  }, 120_000);

  afterAll(() => fleet?.stop(), 60_000);

  it('ALC-02: safety stock is set by import and by call, and is promised to urgent orders alone', async () => {
    const kept = sku('KEEP');
    expect(await stock.import(csv('warehouse,sku,on_hand,safety,safety_from_priority', `${site},${kept},3,2,10`))).toMatchObject({ rows: 1, accepted: 1, refused: 0 });
    expect(await stock.get({ warehouse: site, sku: kept })).toMatchObject({ onHand: 3, free: 3, safety: 2, safetyFromPriority: 10, available: 1, inTransit: 0 });
    // One after the other: two partitions are read side by side.
    const first = await ask(kept, 1);
    await eventually(() => expect(allocated(first)).toBe(true), LONG);
    const second = await ask(kept, 1);
    await eventually(() => expect(waits(second)).toBe(true), LONG);
    const urgent = await ask(kept, 1, { priority: 10 });
    await eventually(() => expect(allocated(urgent)).toBe(true), LONG);
    expect(allocated(second)).toBe(false);
    expect(levels(kept).at(-1)).toMatchObject({ free: 1, safety: 2, safetyFromPriority: 10, available: 0 });
    // Nothing is kept back any more: who waits is served.
    expect(await stock.setSafety({ requestId: `k-${run}`, warehouse: site, sku: kept, units: 0 })).toMatchObject({ safety: 0 });
    await eventually(() => expect(allocated(second)).toBe(true), LONG);
    expect(await stock.import(csv('warehouse,sku,safety', `${site},${kept},4`, `${site},${kept},`, `${site},${kept},x`, `R-${run},${kept},1`, `nowhere,${kept},1`))).toMatchObject({ accepted: 1, unchanged: 1, refused: 3, errors: [{ row: 4, reason: 'BAD_QUANTITY' }, { row: 5, reason: 'LEDGER_ELSEWHERE' }, { row: 6, reason: 'UNKNOWN_WAREHOUSE' }] });
    await expect(stock.setSafety({ warehouse: site, sku: kept, units: -1 })).rejects.toThrow(/whole number/);
    await expect(stock.import(csv('warehouse,sku', `${site},${kept}`)).then(({ errors }) => errors)).resolves.toMatchObject([{ reason: 'BAD_CSV' }]);
  }, 90_000);

  it('ALC-02: goods on their way are shown and not sold; they arrive in parts, and what does not come is a difference', async () => {
    const way = sku('WAY');
    await stock.import(csv('warehouse,sku,on_hand', `${site},${way},0`));
    const announced = await inbounds.announce({ inbound: `PO-${run}`, warehouse: site, expectedAt: '2026-12-01T08:00:00+08:00', lines: [{ sku: way, quantity: 5 }], reference: 'ACME 4711' });
    expect(announced).toMatchObject({ kind: 'PURCHASE', state: 'ANNOUNCED', expectedAt: '2026-12-01T00:00:00.000Z', lines: [{ sku: way, announced: 5, received: 0 }] });
    const waiting = await ask(way, 2);
    await eventually(() => expect(waits(waiting)).toBe(true), LONG);
    expect(await stock.get({ warehouse: site, sku: way })).toMatchObject({ onHand: 0, free: 0, available: 0, inTransit: 5, inbound: [{ inbound: `PO-${run}`, announced: 5, received: 0, expectedAt: '2026-12-01T00:00:00.000Z' }] });
    await eventually(async () => expect((await stock.list({ warehouse: site, sku: way })).levels).toMatchObject([{ inTransit: 5, inbound: [{ inbound: `PO-${run}` }] }]), LONG);
    const receipt = { requestId: `r-${run}`, inbound: `PO-${run}`, lines: [{ sku: way, quantity: 3, unsellable: 1, cause: 'WET' }] };
    expect(await inbounds.receive(receipt)).toMatchObject({ state: 'PARTLY_RECEIVED', lines: [{ received: 3, unsellable: 1 }] });
    expect(await inbounds.receive(receipt)).toMatchObject({ lines: [{ received: 3 }] });
    await eventually(() => expect(allocated(waiting)).toBe(true), LONG);
    expect(await inbounds.end({ inbound: `PO-${run}`, reason: 'lost at sea' })).toMatchObject({ state: 'CLOSED', lines: [{ announced: 5, received: 3, difference: -2 }] });
    expect(await stock.get({ warehouse: site, sku: way })).toMatchObject({ onHand: 3, unsellable: 1, inTransit: 0, inbound: [] });
    const { movements } = await stock.movements({ warehouse: site, sku: way });
    expect(movements.map(({ type, cause, quantity }) => [type, cause, quantity]).filter(([type]) => !['HELD', 'CONFIRMED'].includes(String(type)))).toEqual([
      ['INBOUND_DIFFERENCE', 'lost at sea', -2], ['RECEIVED', '1 unsellable: WET', 3], ['ANNOUNCED', 'purchase', 5], ['COUNTED', 'count', 0],
    ]);
    await expect(inbounds.receive({ ...receipt, requestId: `s-${run}` })).rejects.toThrow(/closed/);
    await expect(inbounds.receive({ ...receipt, requestId: '' })).rejects.toThrow(/request_id/);
    await expect(inbounds.announce({ inbound: 'no spaces', warehouse: site, lines: [{ sku: way, quantity: 1 }] })).rejects.toThrow(/number/);
    await expect(inbounds.announce({ inbound: 'X', warehouse: `R-${run}`, lines: [{ sku: way, quantity: 1 }] })).rejects.toThrow(/elsewhere/);
    await expect(inbounds.get({ inbound: 'nobody' })).rejects.toMatchObject({ code: 5 });
  }, 90_000);

  it('ALC-02: a file of inbounds, with a transfer that leaves its shelf at once', async () => {
    const moved = sku('MOVE');
    await stock.import(csv('warehouse,sku,on_hand', `${site},${moved},6`));
    const file = ['inbound,warehouse,sku,quantity,expected_at,kind,from_warehouse', `TR-${run},${other},${moved},4,2026-12-02T00:00:00Z,transfer,${site}`, `TR2-${run},${other},${moved},9,2026-12-02T00:00:00Z,transfer,${site}`, `PO2-${run},${site},${moved},,2026-12-02T00:00:00Z,,`, `PO3-${run},${site},nothing,1,soon,,`];
    expect(await inbounds.import(csv(...file))).toMatchObject({ rows: 4, accepted: 1, refused: 3, errors: [{ reason: 'NEGATIVE_STOCK' }, { reason: 'BAD_QUANTITY' }, { reason: 'BAD_INSTANT' }] });
    expect(await stock.get({ warehouse: site, sku: moved })).toMatchObject({ onHand: 2 });
    expect(await stock.get({ warehouse: other, sku: moved })).toMatchObject({ onHand: 0, inTransit: 4, inbound: [{ kind: 'TRANSFER', fromWarehouse: site }] });
    await eventually(async () => expect((await inbounds.list({ warehouse: other, open: true })).inbounds.map(({ inbound, state }) => [inbound, state])).toEqual([[`TR-${run}`, 'ANNOUNCED']]), LONG);
    // It is not there by the day that it was announced for; what was never sent is written off.
    expect(await inbounds.announce({ inbound: `TR-${run}`, kind: 'TRANSFER', warehouse: other, fromWarehouse: site, expectedAt: '2020-01-01T00:00:00Z', lines: [{ sku: moved, quantity: 4 }] })).toMatchObject({ overdue: true, state: 'ANNOUNCED' });
    await inbounds.announce({ inbound: `PO9-${run}`, warehouse: other, expectedAt: '2099-01-01T00:00:00Z', lines: [{ sku: moved, quantity: 1 }] });
    await eventually(async () => expect((await inbounds.list({ warehouse: other, overdue: true })).inbounds.map(({ inbound, overdue }) => [inbound, overdue])).toEqual([[`TR-${run}`, true]]), LONG);
    expect(await inbounds.end({ inbound: `PO9-${run}`, reason: 'never sent' })).toMatchObject({ state: 'CANCELLED', overdue: false, lines: [{ difference: -1 }] });
    expect(await inbounds.receive({ requestId: `t-${run}`, inbound: `TR-${run}`, lines: [{ sku: moved, quantity: 4 }] })).toMatchObject({ state: 'RECEIVED' });
    expect(await stock.get({ warehouse: other, sku: moved })).toMatchObject({ onHand: 4, free: 4, inTransit: 0 });
    await eventually(async () => expect((await inbounds.list({ warehouse: other, open: true })).inbounds).toEqual([]), LONG);
  }, 60_000);

  it('ALC-02: an inbound, and a transfer, of two hundred lines are announced, received and ended', async () => {
    const skus = Array.from({ length: 200 }, (_, n) => sku(`LINE${n}`));
    await catalogue.import(csv('sku,name_en', ...skus.map((one) => `${one},Line`)));
    const lines = (quantity: number): { sku: string; quantity: number }[] => skus.map((one) => ({ sku: one, quantity }));
    const levelOf = (where: string, one: string): Promise<api.StockLevel> => stock.get({ warehouse: where, sku: one });
    await inbounds.announce({ inbound: `L1-${run}`, warehouse: site, lines: lines(3) });
    expect(await inbounds.receive({ requestId: `l1-${run}`, inbound: `L1-${run}`, lines: lines(2).slice(0, 150) })).toMatchObject({ state: 'PARTLY_RECEIVED' });
    // Said to be complete: those that did not come are written off, too.
    expect(await inbounds.receive({ requestId: `l2-${run}`, inbound: `L1-${run}`, lines: [{ sku: skus[0]!, quantity: 1 }], complete: true })).toMatchObject({ state: 'CLOSED' });
    expect([await levelOf(site, skus[0]!), await levelOf(site, skus[149]!), await levelOf(site, skus[199]!)]).toMatchObject([{ onHand: 3, inTransit: 0 }, { onHand: 2, inTransit: 0 }, { onHand: 0, inTransit: 0 }]);
    await stock.import(csv('warehouse,sku,on_hand', ...skus.map((one) => `${site},${one},5`)));
    const transfer = { inbound: `L2-${run}`, kind: 'TRANSFER', warehouse: other, fromWarehouse: site };
    await inbounds.announce({ ...transfer, lines: lines(4) });
    await inbounds.announce({ ...transfer, lines: lines(2) });
    expect([await levelOf(site, skus[199]!), await levelOf(other, skus[199]!)]).toMatchObject([{ onHand: 3 }, { onHand: 0, inTransit: 2 }]);
    expect(await inbounds.end({ inbound: `L2-${run}`, reason: 'lost' })).toMatchObject({ state: 'CANCELLED' });
    expect(await levelOf(other, skus[199]!)).toMatchObject({ onHand: 0, inTransit: 0 });
  }, 60_000);

  it('ALC-11: a transfer order is requested, leaves short of what is promised, arrives with damage, and tells how', async () => {
    const moved = sku('SHIFT');
    await catalogue.import(csv('sku,name_en', `${moved},Shift`));
    await stock.import(csv('warehouse,sku,on_hand', `${site},${moved},6`, `${other},${moved},0`));
    const promised = await ask(moved, 2);
    await eventually(() => expect(allocated(promised)).toBe(true), LONG);
    const id = `ORD-${run}`;
    const wanted = { requestId: `o1-${run}`, inbound: id, warehouse: other, fromWarehouse: site, expectedAt: '2099-01-01T00:00:00Z', lines: [{ sku: moved, quantity: 5 }], reference: 'for the sale' };
    expect(await inbounds.requestTransfer(wanted)).toMatchObject({ state: 'REQUESTED', kind: 'TRANSFER', lines: [{ requested: 5, announced: 0 }] });
    expect(await inbounds.requestTransfer(wanted)).toMatchObject({ state: 'REQUESTED' });
    await expect(inbounds.requestTransfer({ ...wanted, expectedAt: '' })).rejects.toThrow(/used/);
    expect(await stock.get({ warehouse: site, sku: moved })).toMatchObject({ onHand: 6, free: 4 });
    expect(await inbounds.explain({ inbound: id })).toMatchObject({ steps: [{ version: 1, type: 'REQUESTED', lines: [{ sku: moved, quantity: 5 }] }], source: [{ sku: moved, requested: 5, onHand: 6, confirmed: 2, free: 4, short: 1 }] });
    await expect(inbounds.shipTransfer({ requestId: `o2-${run}`, inbound: id })).rejects.toThrow(/promised|sellable|NEGATIVE/i);
    const shipping = { requestId: `o3-${run}`, inbound: id, lines: [{ sku: moved, quantity: 4 }], reason: 'two are promised' };
    expect(await inbounds.shipTransfer(shipping)).toMatchObject({ state: 'ANNOUNCED', reason: 'two are promised', lines: [{ requested: 5, announced: 4 }] });
    expect(await inbounds.shipTransfer(shipping)).toMatchObject({ state: 'ANNOUNCED' });
    expect(await stock.get({ warehouse: site, sku: moved })).toMatchObject({ onHand: 2, free: 0 });
    expect(await stock.get({ warehouse: other, sku: moved })).toMatchObject({ onHand: 0, inTransit: 4, inbound: [{ inbound: id, kind: 'TRANSFER' }] });
    await expect(inbounds.cancelTransfer({ inbound: id })).rejects.toThrow(/on its way/);
    await inbounds.receive({ requestId: `o4-${run}`, inbound: id, lines: [{ sku: moved, quantity: 2, unsellable: 1, cause: 'WET' }] });
    expect(await inbounds.receive({ requestId: `o5-${run}`, inbound: id, lines: [{ sku: moved, quantity: 1 }], complete: true, reason: 'one fell off' })).toMatchObject({ state: 'CLOSED', reason: 'one fell off', lines: [{ requested: 5, announced: 4, received: 3, unsellable: 1, difference: -1 }] });
    expect(await stock.get({ warehouse: other, sku: moved })).toMatchObject({ onHand: 3, unsellable: 1, free: 2, inTransit: 0 });
    const { steps, source } = await inbounds.explain({ inbound: id });
    expect(steps.map(({ type, reason, lines: [line] }) => [type, reason, line?.quantity])).toEqual([['REQUESTED', 'for the sale', 5], ['SHIPPED', 'two are promised', 4], ['RECEIVED', '', 2], ['RECEIVED', 'one fell off', 1], ['CLOSED', 'one fell off', -1]]);
    expect(source).toEqual([]);
    // Another is asked for and called off; the list parts them.
    await inbounds.requestTransfer({ ...wanted, requestId: `o6-${run}`, inbound: `ORD2-${run}` });
    const requestedNow = async (): Promise<readonly unknown[]> => (await inbounds.list({ kind: 'TRANSFER', fromWarehouse: site, open: true })).inbounds.map(({ inbound, state }) => [inbound, state]);
    await eventually(async () => expect(await requestedNow()).toContainEqual([`ORD2-${run}`, 'REQUESTED']), LONG);
    expect(await inbounds.cancelTransfer({ requestId: `o7-${run}`, inbound: `ORD2-${run}`, reason: 'bought instead' })).toMatchObject({ state: 'CANCELLED', reason: 'bought instead' });
    await eventually(async () => expect(await requestedNow()).not.toContainEqual([`ORD2-${run}`, 'REQUESTED']), LONG);
    const page = await inbounds.list({ kind: 'TRANSFER', fromWarehouse: site, page: { size: 1 } });
    expect((await inbounds.list({ kind: 'TRANSFER', fromWarehouse: site, page: { size: 50, token: page.nextToken } })).inbounds.map(({ inbound }) => inbound)).not.toContain(page.inbounds[0]!.inbound);
    // A warehouse whose ledger is elsewhere has no message for it.
    await expect(inbounds.requestTransfer({ ...wanted, requestId: `o8-${run}`, inbound: `ORD3-${run}`, warehouse: `R-${run}` })).rejects.toThrow(/elsewhere/);
    await expect(inbounds.explain({ inbound: 'nobody' })).rejects.toMatchObject({ code: 5 });
  }, 90_000);

  it('ALC-02: damaged goods go aside, back and away, each with its cause', async () => {
    const hurt = sku('HURT');
    await stock.import(csv('warehouse,sku,on_hand', `${site},${hurt},5`));
    const adjust = (delta: number, reason: string, cause = ''): Promise<api.StockLevel> => stock.adjust({ requestId: randomUUID(), warehouse: site, sku: hurt, delta, reason, cause });
    expect(await adjust(-3, 'UNSELLABLE', 'WET')).toMatchObject({ onHand: 5, unsellable: 3, free: 2 });
    expect(await adjust(1, 'UNSELLABLE', 'DRIED')).toMatchObject({ onHand: 5, unsellable: 2, free: 3 });
    expect(await adjust(-2, 'SCRAPPED', 'MOULD')).toMatchObject({ onHand: 3, unsellable: 0, free: 3 });
    await expect(adjust(-1, 'SCRAPPED')).rejects.toThrow(/unsellable/);
    await expect(adjust(1, 'SCRAPPED')).rejects.toThrow(/whole number/);
    const first = await stock.movements({ warehouse: site, sku: hurt, page: { size: 2 } });
    const rest = await stock.movements({ warehouse: site, sku: hurt, page: { size: 2, token: first.nextToken } });
    expect([...first.movements, ...rest.movements].map(({ type, cause, quantity, free }) => [type, cause, quantity, free])).toEqual([['SCRAPPED', 'MOULD', -2, 3], ['SET_ASIDE', 'DRIED', -1, 3], ['SET_ASIDE', 'WET', 3, 2], ['COUNTED', 'count', 5, 5]]);
    expect(rest.nextToken).toBe('');
    await expect(stock.movements({ warehouse: site, sku: 'nothing' })).rejects.toMatchObject({ code: 5 });
  }, 60_000);

  it('ALC-02: beside each sale of what was not there stands when its channel had heard', async () => {
    const [gone, buffered] = [sku('GONE'), sku('BUFFER')];
    const pushed = (of: string, level: number, asOf: string, acceptedAt: string): Promise<void> =>
      fleet.kafka.tell('flotilla.ingest.v1.ChannelStockTold', topics.ingest, [parseMessage('flotilla.ingest.v1.ChannelStockTold', { channel: 'shopify-demo', sku: of, level, since: asOf, asOf, acceptedAt, delayMs: 5 })], `shopify-demo/${of}`);
    await stock.import(csv('warehouse,sku,on_hand', `${site},${gone},1`, `${site},${buffered},1`));
    const long = new Date(Date.now() - 60_000).toISOString();
    await pushed(buffered, 0, long, long);
    await pushed(gone, 1, long, long);
    await eventually(async () => expect((await db.pool.query('SELECT FROM read.channel_told')).rowCount).toBe(2), LONG);
    for (const one of [gone, buffered]) {
      const last = await ask(one, 1);
      await eventually(() => expect(allocated(last)).toBe(true), LONG);
    }
    const [late, anyway] = [await ask(gone, 2), await ask(buffered, 1)];
    const sales = async (): Promise<Record<string, api.Oversold>> => Object.fromEntries((await oversells.listSales({ channel: 'shopify-demo' })).sales.filter((one) => [gone, buffered].includes(one.sku)).map((one) => [one.foId, one]));
    await eventually(async () => expect(Object.keys(await sales()).toSorted()).toEqual([late, anyway].toSorted()), LONG);
    const before = await sales();
    expect(before[late]).toMatchObject({ sku: gone, units: 2, toldAt: '', pushMs: -1, afterTold: false });
    // The channel had been told of none before the last unit went: a buffer.
    expect(before[anyway]).toMatchObject({ sku: buffered, toldAt: long, pushMs: 0, afterTold: true });
    const since = Date.parse(before[late]!.noneSince);
    // A level from before the last unit went says nothing of it.
    await pushed(gone, 1, new Date(since - 1_000).toISOString(), new Date(since + 500).toISOString());
    await pushed(gone, 0, new Date(since).toISOString(), new Date(since + 1_500).toISOString());
    await eventually(async () => expect((await sales())[late]).toMatchObject({ pushMs: 1_500 }), LONG);
    const rows = (await oversells.list({ channel: 'shopify-demo' })).oversells;
    expect(rows.find((one) => one.sku === gone)).toMatchObject({ orders: 1, units: 2, longestPushMs: 1_500, untold: 0 });
    expect(rows.find((one) => one.sku === buffered)).toMatchObject({ orders: 1, longestPushMs: 0, untold: 0, afterTold: 1 });
    const page = await oversells.listSales({ channel: 'shopify-demo', page: { size: 1 } });
    const next = await oversells.listSales({ channel: 'shopify-demo', page: { size: 1, token: page.nextToken } });
    expect([...page.sales, ...next.sales].map(({ foId }) => foId).toSorted()).toEqual([late, anyway].toSorted()); // two partitions: either may be the newer one
    await expect(oversells.listSales({ toDay: 'x' })).rejects.toThrow(/no day/);
  }, 90_000);

  it('ALC-02, ING-12: full state is the last word on every shelf and SKU again, which changes nothing for whoever has it', async () => {
    const { rows } = await db.pool.query<{ n: number }>("SELECT count(*)::int AS n FROM es.stream WHERE stream_id LIKE 'stock-%' OR stream_id LIKE 'sku-%' OR stream_id LIKE 'freeze-%'");
    const before = new Map(heard.filter(({ topic }) => topic === topics.stock).map((message) => [message.source.stream, message.source.version]));
    await eventually(async () => {
      const { rows: places } = await db.pool.query<{ behind: boolean }>("SELECT (SELECT position FROM es.checkpoint WHERE name = 'relay') < (SELECT max(position) FROM es.event WHERE stream_id LIKE 'stock-%') AS behind");
      expect(places[0]!.behind).toBe(false);
    }, LONG);
    const from = heard.length;
    const bus = connectBus({ brokers: [testServers().brokers], clientId: 'test', log: silentLogger });
    const said = await sayFullState({ pool: db.pool, store: createEventStore({ pool: db.pool }), bus, publish, categories: ['stock', 'sku', 'freeze'], signal: new AbortController().signal });
    await bus.close();
    expect(said).toBe(rows[0]!.n);
    await eventually(() => expect(heard.slice(from).filter(({ topic }) => topic === topics.stock).length).toBe(before.size), LONG);
    for (const message of heard.slice(from).filter(({ topic }) => topic === topics.stock)) expect([message.source.stream, message.source.version]).toEqual([message.source.stream, before.get(message.source.stream)]);
  }, 60_000);

  it('ALC-02, ING-12: full state counts as said when all of it was, and whoever broke off leaves it to another', async () => {
    const saying = { pool: db.pool, store: createEventStore({ pool: db.pool }), publish, categories: ['stock', 'sku'], signal: new AbortController().signal };
    const saidAt = async (): Promise<Date> => (await db.pool.query<{ said_at: Date }>('SELECT said_at FROM read.full_state')).rows[0]!.said_at;
    expect(await sayIfDue({ ...saying, bus: { publish: () => Promise.reject(new Error('not its time')) } }, 60)).toBeUndefined();
    await db.pool.query("UPDATE read.full_state SET said_at = now() - interval '2 hours'");
    const long = await saidAt();
    await expect(sayIfDue({ ...saying, bus: { publish: () => Promise.reject(new Error('the broker is gone')) } }, 60)).rejects.toThrow('the broker is gone');
    const stopped = new AbortController();
    await sayIfDue({ ...saying, signal: stopped.signal, bus: { publish: async () => stopped.abort() } }, 60);
    expect(await saidAt()).toEqual(long);
    // While one is at it no other is, and one that died meanwhile keeps nobody from it for long.
    let messages = 0;
    const meanwhile: (number | undefined)[] = [];
    const bus = { publish: async (all: readonly unknown[]) => { messages += all.length; meanwhile.push(await sayIfDue({ ...saying, bus: { publish: () => Promise.reject(new Error('twice')) } }, 60)); } };
    await db.pool.query("UPDATE read.full_state SET claimed_until = now() + interval '1 minute'");
    expect(await sayIfDue({ ...saying, bus }, 60)).toBeUndefined();
    await db.pool.query("UPDATE read.full_state SET claimed_until = now() - interval '1 second'");
    expect(await sayIfDue({ ...saying, bus }, 60)).toBe(messages);
    expect([messages > 0, new Set(meanwhile)]).toEqual([true, new Set([undefined])]);
    expect((await saidAt()).getTime()).toBeGreaterThan(long.getTime());
    expect(await sayIfDue({ ...saying, bus }, 60)).toBeUndefined();
  }, 60_000);

  it('ALC-02: a channel that had something again knows of nothing only since it was told of it anew, however the news is batched', async () => {
    const told = (level: number, minute: number): Recorded => {
      const at = `2026-11-22T10:0${minute}:00.000Z`;
      return { stream: 'told-shop.Z', type: 'ChannelTold', recordedAt: at, position: minute, data: { channel: 'shop', sku: `Z-${run}`, level, since: at, asOf: at, acceptedAt: at, delayMs: 0 } } as unknown as Recorded;
    };
    const project = projectOversells(fleet.service.ctx.clock);
    const zeroAt = async (...batches: readonly (readonly Recorded[])[]): Promise<string | undefined> => {
      await db.pool.query('DELETE FROM read.channel_told WHERE sku = $1', [`Z-${run}`]);
      for (const batch of batches) await project(batch, db.pool as unknown as Transaction);
      return (await db.pool.query<{ zero_at: Date | null }>('SELECT zero_at FROM read.channel_told WHERE sku = $1', [`Z-${run}`])).rows[0]!.zero_at?.toISOString();
    };
    const [none, some, again, still] = [told(0, 1), told(5, 2), told(0, 3), told(0, 4)];
    const anew = '2026-11-22T10:03:00.000Z';
    for (const batches of [[[none], [some], [again], [still]], [[none], [some, again, still]], [[none, some, again], [still]], [[none, some, again, still]], [[none, some], [again, still]]]) expect(await zeroAt(...batches)).toBe(anew);
    expect(await zeroAt([none], [told(0, 2), told(-1, 3)])).toBe('2026-11-22T10:01:00.000Z');
    expect(await zeroAt([none], [again, told(2, 4)])).toBeUndefined();
  }, 60_000);
});
