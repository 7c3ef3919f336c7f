import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allocation as api, connect, topics, type Client, type lock as wire } from '@flotilla/contracts';
import { startForTest, type Running } from '@flotilla/service-kit';
import { testServers } from '@flotilla/tasks';
import { database, eventually, type TestDatabase } from '@flotilla/testing';
import { request as anyRequest } from '../spec/examples.js';
import { csv, live, type Live } from '../spec/live.js';
import { participantService } from './participant.service.js';

const run = randomUUID().slice(0, 8);
const FAR = `far-${run}`;
const SKU = `TEA-${run}`;
const fos = (count: number): readonly string[] => Array.from({ length: count }, () => randomUUID());

describe('a participant with a database of its own', () => {
  let fleet: Live;
  let theirDb: TestDatabase;
  let far: Running | undefined;
  let allocations: Client<api.AllocationsRpc>;
  let forecast: Client<api.StockRpc>;

  const startFar = (): Promise<Running> =>
    startForTest(participantService(`far-${run}`), {
      FLOTILLA_DATABASE_URL: theirDb.url, FLOTILLA_MIGRATION_DATABASE_URL: theirDb.url, FLOTILLA_KAFKA_BROKERS: testServers().brokers,
      FLOTILLA_PARTICIPANT: `far-${run}`, FLOTILLA_PARTICIPANT_WAREHOUSES: FAR, FLOTILLA_ALLOCATION_LEASE_SECONDS: '10',
    });
  const stockThere = <T>(ask: (client: Client<api.StockRpc>) => Promise<T>): Promise<T> => {
    const client = connect(api.Stock, far!.grpc, { audience: `participant-far-${run}` });
    return ask(client).finally(() => client.close());
  };
  const count = (onHand: number): Promise<api.ImportReport> => stockThere((client) => client.import(csv('warehouse,sku,on_hand', `${FAR},${SKU},${onHand}`)));
  const ask = (foIds: readonly string[]): Promise<void> =>
    fleet.kafka.tell('flotilla.order.v1.AllocationRequested', topics.order, foIds.map((foId) => anyRequest({ foId, lines: [{ sku: SKU, quantity: 1 }], orders: [] })));
  const allocated = (foIds: readonly string[]): Promise<unknown> => eventually(() => expect(fleet.kafka.told('OrderAllocated', foIds)).toHaveLength(foIds.length), { timeoutMs: 40_000 });

  beforeAll(async () => {
    fleet = await live(`listener-${run}`, [topics.allocation, topics.lockRequests, topics.lockReplies, topics.stock], { FLOTILLA_ALLOCATION_REMOTE_LEDGERS: 'true' });
    theirDb = await database(testServers().postgresUrl);
    far = await startFar();
    allocations = fleet.client(api.Allocations);
    forecast = fleet.client(api.Stock);
    const [ours, theirs, catalogue] = [fleet.client(api.Warehouses), connect(api.Warehouses, far.grpc, { audience: `participant-far-${run}` }), fleet.client(api.Catalogue)];
    const site = ['warehouse,name,country,province,serves,ledger', `${FAR},远仓,CN,云南省,,REMOTE`];
    await Promise.all([ours.import(csv(...site)), theirs.import(csv(...site)), catalogue.import(csv('sku,name_zh,grams', `${SKU},茶,100`))]).finally(() => theirs.close());
    // It learns from the topic which SKUs there are.
    await eventually(async () => expect(await count(5)).toMatchObject({ accepted: 1, refused: 0 }), { timeoutMs: 40_000 });
    await eventually(async () => expect(await forecast.get({ warehouse: FAR, sku: SKU })).toMatchObject({ onHand: 5, free: 5 }), { timeoutMs: 40_000 });
  }, 120_000);

  afterAll(async () => {
    await Promise.all([fleet?.stop(), far?.stop()]);
    await theirDb?.drop();
  }, 60_000);

  it('ALC-09, ALC-01: an order is allocated where the stock is kept elsewhere, and the forecast here is what is there', async () => {
    const [fo] = fos(1) as [string];
    await ask([fo]);
    await allocated([fo]);
    expect((await allocations.get({ foId: fo })).warehouse).toBe(FAR);
    expect(await stockThere((client) => client.get({ warehouse: FAR, sku: SKU }))).toMatchObject({ onHand: 5, confirmed: 1, free: 4 });
    await eventually(async () => expect(await forecast.get({ warehouse: FAR, sku: SKU })).toMatchObject({ onHand: 5, confirmed: 1, free: 4 }));
    // The fleet hears of its stock once: from its own ledger.
    const events = await fleet.service.ctx.store.read(`stock-${FAR}.${SKU}`);
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['StockForecast']));
    expect(fleet.kafka.heard.filter(({ type, data }) => type.endsWith('.StockChanged') && (data as { sku: string }).sku === SKU)).toHaveLength(events.length);
  }, 60_000);

  it('ALC-09: its shelf is counted there and not here', async () => {
    const report = await forecast.import(csv('warehouse,sku,on_hand', `${FAR},${SKU},99`));
    expect(report).toMatchObject({ accepted: 0, refused: 1, errors: [{ row: 2, reason: 'LEDGER_ELSEWHERE' }] });
  });

  it('ALC-01: stopped and started again in the middle, it locks nothing twice and leaves nothing locked', async () => {
    const before = fos(2);
    await ask(before);
    await far!.stop();
    far = undefined;
    const during = fos(4);
    await ask(during); // four for what is left: two at most
    await eventually(() => expect(fleet.kafka.told('LockStock', during).length).toBeGreaterThanOrEqual(2), { timeoutMs: 40_000 });
    far = await startFar();
    const all = [...before, ...during];
    await eventually(() => expect(fleet.kafka.told('OrderAllocated', all)).toHaveLength(4), { timeoutMs: 60_000 });
    await eventually(async () => expect(await stockThere((client) => client.get({ warehouse: FAR, sku: SKU }))).toMatchObject({ onHand: 5, held: 0, confirmed: 5, free: 0 }), { timeoutMs: 40_000 });
    const granted = fleet.kafka.told('StockLocked', all).map(({ data }) => (data as wire.StockLocked).lockId);
    const streams = await Promise.all([...new Set(granted)].map((lockId) => far!.ctx.store.read(`lock-${lockId}`)));
    for (const events of streams) expect(events.filter(({ type }) => type === 'StockLocked')).toHaveLength(1);
    expect(await fleet.service.ctx.store.read(`lock-${granted[0]}`)).toEqual([]);
  }, 120_000);

  it('ALC-02, ALC-09: a count there below what is promised displaces an order here', async () => {
    await count(4);
    await eventually(() => expect(fleet.kafka.heard.filter(({ type }) => type.endsWith('.StockDisplaced')).map(({ data }) => data)).toMatchObject([{ warehouse: FAR, missing: [{ sku: SKU, quantity: 1 }] }]), { timeoutMs: 40_000 });
    await eventually(async () => expect(await forecast.get({ warehouse: FAR, sku: SKU })).toMatchObject({ onHand: 4, confirmed: 4, free: 0 }));
  }, 60_000);
});
