import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, ingest as api, parseMessage, topics, type Client } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import { connectBus, partitionName, toIncoming, type Bus, type Subscription } from '@flotilla/messaging';
import { startForTest, type Running } from '@flotilla/service-kit';
import { createTopics, testServers } from '@flotilla/tasks';
import { database, eventually, type TestDatabase } from '@flotilla/testing';
import { shopSandbox, shopToken, type ShopSandbox } from '../spec/shop-sandbox.js';
import { ingest } from './ingest.service.js';

const LONG = { timeoutMs: 40_000 };
const PAGE = 100;

describe('stock of channels, on real Postgres and Kafka, against shops over HTTP', () => {
  const run = randomUUID().slice(0, 8);
  const [shop, other, quiet] = [`shop-${run}`, `other-${run}`, `quiet-${run}`];
  const sku = (name: string): string => `${name}-${run}`;
  const SKUS = ['MOVE', 'BURST', 'LATE', 'HAND', 'LEFT', 'ICE', 'NOPLACE', 'FAULTS'].map(sku);
  const [move, burst, late, hand, left, ice, noPlace, faults] = SKUS as [string, string, string, string, string, string, string, string];
  const facts: api.ChannelStockTold[] = [];
  const versions = new Map<string, number>();
  let db: TestDatabase;
  let bus: Bus;
  let service: Running;
  let listening: Subscription;
  let sandbox: ShopSandbox;
  let stock: Client<api.ChannelStockRpc>;
  let channels: Client<api.ChannelsRpc>;
  let env: Record<string, string> = {};

  const start = async (): Promise<void> => {
    service = await startForTest(ingest, env);
    [stock, channels] = [connect(api.ChannelStock, service.grpc), connect(api.Channels, service.grpc)];
  };
  const stop = async (): Promise<void> => {
    stock.close();
    channels.close();
    await service.stop();
  };
  const say = (topic: string, type: string, stream: string, key: string, messages: readonly object[]): Promise<void> =>
    bus.publish(
      messages.map((data) => {
        const version = (versions.get(stream) ?? 0) + 1;
        versions.set(stream, version);
        return {
          topic, key, value: JSON.stringify(data),
          headers: { 'content-type': 'application/json', ce_specversion: '1.0', ce_id: `${stream}-${version}/0`, ce_source: stream, ce_type: type, ce_time: new Date().toISOString(), sequence: String(version), correlation: key, causation: key, chainhash: 'ab' },
        };
      }),
    );
  /** allocation says what is available of a SKU in a warehouse, one level after the other. */
  const available = (of: string, ...levels: readonly number[]): Promise<void> => availableIn('WH1', of, ...levels);
  const availableIn = (warehouse: string, of: string, ...levels: readonly number[]): Promise<void> =>
    say(topics.stock, 'flotilla.allocation.v1.StockChanged', `stock-${warehouse}.${of}`, of, levels.map((level) => parseMessage('flotilla.allocation.v1.StockChanged', { warehouse, sku: of, onHand: level + 3, free: level + 3, safety: 3, available: level })));
  const shows = (where: string, of: string, level: number): Promise<unknown> => eventually(async () => expect([of, await sandbox.shows(where, of)]).toEqual([of, level]), LONG);
  const toldOf = (where: string, of: string): readonly api.ChannelStockTold[] => facts.filter((fact) => fact.channel === where && fact.sku === of);
  const pulled = (where: string, pull: number): Promise<api.PullState> =>
    eventually(async () => {
      const state = await stock.getPull({ channel: where });
      return state.pull >= pull && state.state === 'DONE' && state;
    }, LONG) as Promise<api.PullState>;
  const itemOf = async (where: string, of: string): Promise<api.ChannelItem | undefined> => {
    for (let token = ''; ; ) {
      const page = await stock.listItems({ channel: where, page: { size: PAGE, token } });
      const found = page.items.find((item) => item.sku === of);
      if (found || page.nextToken === '') return found;
      token = page.nextToken;
    }
  };

  beforeAll(async () => {
    const servers = testServers();
    await createTopics({ brokers: servers.brokers, fresh: true });
    db = await database(servers.postgresUrl);
    sandbox = await shopSandbox([shop, other]);
    bus = connectBus({ brokers: [servers.brokers], clientId: 'test', log: silentLogger });
    env = {
      FLOTILLA_DATABASE_URL: db.url, FLOTILLA_MIGRATION_DATABASE_URL: db.url, FLOTILLA_KAFKA_BROKERS: servers.brokers, FLOTILLA_KEK: randomBytes(32).toString('base64'), FLOTILLA_PARKED_KEY: randomBytes(32).toString('base64'), FLOTILLA_STOCK_PUSH_MS: '200',
    };
    await start();
    listening = await bus.subscribe(`stock-spec-${run}`, [topics.ingest], {
      assigned: async (partitions) => new Map(partitions.map((one) => [partitionName(one), { at: 0 }])),
      take: async ({ topic, partition, records }) => {
        for (const { type, data } of records.map((record) => toIncoming({ topic, partition }, record))) {
          if (type.endsWith('.ChannelStockTold')) facts.push(parseMessage('flotilla.ingest.v1.ChannelStockTold', data));
        }
        return { at: records.at(-1)!.offset + 1 };
      },
    });
    for (const id of [shop, other]) {
      await channels.connect({ id, platform: 'shopify', name: id, secret: 'shpss_stock', apiUrl: sandbox.url(id), apiToken: shopToken });
      for (const of of SKUS) await sandbox.put(id, of);
    }
    await channels.connect({ id: quiet, platform: 'topic', name: quiet, secret: 'x' });
    // More than a page.
    for (let n = 0; n < PAGE; n += 1) await sandbox.put(shop, `FILL-${n}-${run}`);
    await sandbox.put(shop, noPlace, { stocked: false });
    for (const of of SKUS) await available(of, 10);
    await eventually(async () => expect((await db.pool.query('SELECT FROM read.supply')).rowCount).toBeGreaterThanOrEqual(SKUS.length), LONG);
  }, 120_000);

  afterEach(() => sandbox.calm());

  afterAll(async () => {
    await stop();
    await listening?.stop();
    await bus?.close();
    await sandbox?.close();
    await db?.drop();
  }, 60_000);

  it('ING-12: what a channel lists is fetched page by page, and goes on where it was after an outage and a restart', async () => {
    await stock.pull({ channel: shop, requestId: 'p1' });
    const done = await pulled(shop, 1);
    expect(done.items).toBeGreaterThan(PAGE);
    // The second page cannot be had before the service has been started anew.
    await sandbox.fault({ kind: 'slow', operation: 'variants.list', ms: 0, count: 1 });
    await sandbox.fault({ kind: 'error-500', operation: 'variants.list', probability: 1 });
    expect(await stock.pull({ channel: shop, requestId: 'p2' })).toMatchObject({ pull: 2, state: 'RUNNING' });
    expect(await stock.pull({ channel: shop, requestId: 'p2' })).toMatchObject({ pull: 2 });
    const called = await sandbox.calls(shop, 'variants.list');
    await eventually(async () => expect(await sandbox.calls(shop, 'variants.list')).toBeGreaterThan(called + 2), LONG);
    expect(await stock.getPull({ channel: shop })).toMatchObject({ pull: 2, state: 'RUNNING', items: PAGE });
    await stop();
    await sandbox.calm();
    await sandbox.fault({ kind: 'rate-limit', operation: 'variants.list', count: 2 });
    await start();
    expect(await pulled(shop, 2)).toMatchObject({ items: done.items, differences: 0 });
    const { rows } = await db.pool.query<{ n: number }>("SELECT count(*)::int AS n FROM es.event WHERE stream_id = $1 AND type = 'PageListed'", [`listing-${shop}`]);
    expect(rows[0]!.n).toBe(2 * Math.ceil(done.items / PAGE));
    const matched = await eventually(async () => {
      const { items } = await stock.listItems({ channel: shop, state: 'MATCHED', page: { size: 500 } });
      expect(items.map((item) => item.sku).toSorted()).toEqual(SKUS.toSorted());
      return items;
    }, LONG);
    expect(matched.find((item) => item.sku === noPlace)).toMatchObject({ shown: -1 });
    expect(await itemOf(shop, `FILL-7-${run}`)).toMatchObject({ state: 'UNKNOWN_SKU', shown: 0 });
    // Nobody has put rules yet: the channel was told nothing.
    expect([await sandbox.sets(shop, move), await sandbox.calls(shop, 'inventory.set')]).toEqual([[], 0]);
    await sandbox.put(shop, `FILL-7-${run}`, { listed: false });
    await stock.pull({ channel: shop, requestId: 'p3' });
    await pulled(shop, 3);
    await eventually(async () => expect((await stock.listItems({ channel: shop, state: 'GONE' })).items.map((item) => item.sku)).toEqual([`FILL-7-${run}`]), LONG);
  }, 120_000);

  it('ING-12: a change is told to every channel within seconds, by its own buffer, share and rules for single SKUs, and leaves a fact', async () => {
    const rules = { buffer: 2, sharePercent: 50, leftOut: [left], skus: [{ sku: hand, cap: 4 }] };
    const tried = await stock.putRules({ channel: shop, rules, dryRun: true });
    expect(tried).toMatchObject({ version: 0, skus: SKUS.length, changes: SKUS.length - 1 });
    expect(tried.preview.find((one) => one.sku === move)).toEqual({ sku: move, available: 10, frozen: false, told: false, shown: 0, level: 4, why: '10 available, 2 kept back, 50 % of 8' });
    expect((await stock.putRules({ channel: shop, rules })).version).toBe(1);
    expect((await stock.putRules({ channel: shop, rules })).version).toBe(1);
    expect((await stock.putRules({ channel: other, rules: { warehouses: ['WH1'] } })).version).toBe(1);
    await shows(shop, move, 4);
    await shows(shop, hand, 4);
    await shows(other, move, 10);
    await shows(shop, left, 0);
    const before = Date.now();
    await available(move, 20);
    await shows(shop, move, 9);
    await shows(other, move, 20);
    await availableIn('WH2', move, 10);
    await shows(shop, move, 14);
    const fact = await eventually(() => toldOf(shop, move).find((one) => one.level === 9) ?? false, LONG);
    expect(fact).toMatchObject({ channel: shop, sku: move, level: 9, available: 20, frozen: false, rulesVersion: 1, items: [(await itemOf(shop, move))!.item] });
    expect(Date.parse(fact.since)).toBeGreaterThanOrEqual(before);
    expect(fact.delayMs).toBe(Date.parse(fact.acceptedAt) - Date.parse(fact.since));
    expect(fact.delayMs).toBeLessThan(10_000);
    await eventually(async () => expect((await stock.listLevels({ channel: shop, sku: move })).levels).toMatchObject([{ told: true, level: 14, waiting: false }]), LONG);
    // The other channel sells from one warehouse.
    expect(await sandbox.shows(other, move)).toBe(20);
    expect(await stock.getRules({ channel: shop })).toMatchObject({ version: 1, rules: { buffer: 2 } });
    expect((await stock.putRules({ channel: shop, rules: { ...rules, buffer: 0 } })).version).toBe(2);
    await shows(shop, move, 15);
    expect(await stock.getRules({ channel: shop, version: 1 })).toMatchObject({ version: 1, rules: { buffer: 2 } });
  }, 120_000);

  it('ING-12: of a burst only newer levels go out, each after the one before, and the last is shown', async () => {
    await available(burst, ...Array.from({ length: 200 }, (_, n) => 400 - n));
    await shows(other, burst, 201);
    const levels = (await sandbox.sets(other, burst)).map(({ to }) => to).filter((to) => to > 10);
    expect(levels.at(-1)).toBe(201);
    expect(levels).toEqual(levels.toSorted((a, b) => b - a));
    expect(levels.length).toBeLessThan(40);
  }, 90_000);

  it('ING-12: limits, outages and lost answers are waited out; a call that takes effect late never brings an older level back', async () => {
    for (const kind of ['rate-limit', 'error-500', 'reset', 'timeout-after-effect'] as const) {
      await sandbox.fault({ kind, operation: 'inventory.set', count: 2, ms: 200 });
      await sandbox.fault({ kind: 'rate-limit', operation: 'inventory.get', count: 2 });
      const level = 50 + kind.length;
      await available(faults, level);
      await shows(other, faults, level);
      await sandbox.calm();
    }
    await eventually(async () => expect((await stock.listLevels({ channel: other, waiting: true })).levels).toEqual([]), LONG);
    // What is owed outlives the process that could not tell it.
    await sandbox.fault({ kind: 'error-500', operation: 'inventory.get', probability: 1 });
    await available(faults, 91);
    await eventually(async () => expect((await stock.listLevels({ channel: other, waiting: true })).levels).toMatchObject([{ sku: faults, waiting: true, why: 'answered 500' }]), LONG);
    await stop();
    await sandbox.calm();
    await start();
    await shows(other, faults, 91);
    await sandbox.fault({ kind: 'late-effect', operation: 'inventory.set', ms: 6_000, count: 2 });
    const sent = await sandbox.calls(other, 'inventory.set');
    await available(late, 3);
    await eventually(async () => expect(await sandbox.calls(other, 'inventory.set')).toBeGreaterThan(sent), LONG);
    await available(late, 77);
    await shows(other, late, 77);
    await shows(shop, late, 38);
    // The calls of before have come in by now, and were refused.
    await new Promise((passed) => setTimeout(passed, 7_000));
    expect([await sandbox.shows(other, late), await sandbox.shows(shop, late)]).toEqual([77, 38]);
    const levels = (await sandbox.sets(other, late)).map(({ to }) => to);
    expect([levels.at(-1), levels.lastIndexOf(3) < levels.indexOf(77)]).toEqual([77, true]);
  }, 180_000);

  it('ING-12: a reconciliation reports what a channel says beside what it should, and corrects it; what is refused says why', async () => {
    await sandbox.put(shop, hand, { available: 99 });
    const reportOnly = async (only: boolean): Promise<void> => {
      const { version } = await stock.putRules({ channel: shop, rules: { ...(await stock.getRules({ channel: shop })).rules, reportOnly: only } });
      await eventually(async () => expect((await db.pool.query('SELECT version FROM read.stock_rules WHERE channel = $1', [shop])).rows).toEqual([{ version }]), LONG);
    };
    await reportOnly(true);
    await eventually(async () => expect((await stock.listLevels({ channel: shop, waiting: true })).levels.map((one) => one.sku)).toEqual([noPlace]), LONG);
    expect((await stock.listLevels({ channel: shop, sku: noPlace })).levels).toMatchObject([{ told: false, waiting: true, why: 'the channel has no such item at this place' }]);
    const { pull } = await stock.pull({ channel: shop, requestId: 'r1' });
    expect(await pulled(shop, pull)).toMatchObject({ differences: 2 });
    const report = await eventually(async () => {
      const { differences } = await stock.listDifferences({ channel: shop });
      expect(differences).toHaveLength(2);
      return differences;
    }, LONG);
    expect(report.find((one) => one.sku === hand)).toMatchObject({ shown: 99, level: 4, underWay: false });
    expect(report.find((one) => one.sku === noPlace)).toMatchObject({ shown: -1, underWay: true });
    expect(await sandbox.shows(shop, hand)).toBe(99);
    await reportOnly(false);
    await stock.pull({ channel: shop, requestId: 'r2' });
    await shows(shop, hand, 4);
    // By hand, for one SKU: the shop stocks it now, and somebody says so.
    await sandbox.put(shop, noPlace, { stocked: true });
    expect(await stock.push({ channel: shop, sku: noPlace, requestId: 's1' })).toEqual({ skus: 1 });
    await shows(shop, noPlace, 5);
    await eventually(async () => expect((await stock.listLevels({ channel: shop, waiting: true })).levels).toEqual([]), LONG);
  }, 120_000);

  it('ALC-07, ING-12: channels are told of a frozen SKU at once, and of what is there when it is not frozen any more', async () => {
    const freeze = (type: 'SkuFrozen' | 'SkuUnfrozen'): Promise<void> => say(topics.catalogue, `flotilla.allocation.v1.${type}`, `freeze-${ice}`, ice, [parseMessage(`flotilla.allocation.v1.${type}`, { sku: ice, freeze: 1 })]);
    await shows(other, ice, 10);
    await freeze('SkuFrozen');
    await Promise.all([shows(other, ice, 0), shows(shop, ice, 0)]);
    await available(ice, 12);
    await eventually(() => expect(toldOf(other, ice).at(-1)).toMatchObject({ level: 0, frozen: true, available: 10 }), LONG);
    await freeze('SkuUnfrozen');
    await Promise.all([shows(other, ice, 12), shows(shop, ice, 6)]);
    await eventually(() => expect(toldOf(other, ice).at(-1)).toMatchObject({ level: 12, frozen: false }), LONG);
  }, 90_000);

  it('ING-12: what cannot be is refused with its reason', async () => {
    await expect(stock.putRules({ channel: 'nobody', rules: {} })).rejects.toThrow(/no channel/);
    await expect(stock.putRules({ channel: quiet, rules: {} })).rejects.toThrow(/stock\.v1/);
    await expect(stock.putRules({ channel: shop, rules: { sharePercent: 101 } })).rejects.toThrow(/share_percent is no whole number from 0 to 100/);
    await expect(stock.putRules({ channel: shop, rules: { skus: [{ sku: 'A' }, { sku: 'A' }] } })).rejects.toThrow(/skus names something twice/);
    await expect(stock.listItems({ channel: shop, state: 'ODD' })).rejects.toThrow(/none of/);
    await expect(stock.push({ channel: shop, sku: 'no sku' })).rejects.toThrow(/no SKU/);
    await expect(stock.getRules({ channel: shop, version: 99 })).rejects.toMatchObject({ code: 5 });
    expect(await stock.getPull({ channel: other })).toMatchObject({ pull: 1, state: 'DONE' });
  }, 30_000);

  it('ING-08, ING-12: an item that the SKU map makes another shows the stock of what it is, and a bundle what its scarcest part is enough for', async () => {
    const mapped = `mapped-${run}`;
    const [one, pack, cup, tea] = ['ODD-ONE', 'PACK', 'CUP', 'TEA'].map(sku) as [string, string, string, string];
    const map = connect(api.SkuMap, service.grpc);
    await channels.connect({ id: mapped, platform: 'shopify', name: mapped, secret: 'shpss_stock', apiUrl: sandbox.url(other), apiToken: shopToken });
    for (const name of [one, pack]) await sandbox.put(other, name);
    await available(cup, 9);
    await available(tea, 20);
    // One before the channel is listed, the other afterwards.
    await map.map({ requestId: 'one', channel: mapped, by: 'SKU', key: one, parts: [{ sku: cup, quantity: 1 }] });
    await eventually(async () => expect((await db.pool.query('SELECT FROM read.sku_item WHERE channel = $1', [mapped])).rowCount).toBe(1), LONG);
    await stock.putRules({ channel: mapped, requestId: 'mapped', rules: { skus: [{ sku: tea, buffer: 3 }], leftOut: SKUS } });
    await shows(other, one, 9);
    await map.map({ requestId: 'pack', channel: mapped, by: 'SKU', key: pack, parts: [{ sku: cup, quantity: 2 }, { sku: tea, quantity: 3 }] });
    await shows(other, pack, 4);
    // 17 of the tea are left over its buffer: enough for five packs.
    await available(cup, 40);
    await shows(other, pack, 5);
    await shows(other, one, 40);
    await available(tea, 5);
    await shows(other, pack, 0);
    const { items } = await stock.listItems({ channel: mapped, state: 'MATCHED', page: { size: 500 } });
    expect(items.map((item) => item.sku)).toEqual(expect.arrayContaining([cup, `2 x ${cup} + 3 x ${tea}`]));
    // The channel shows it before others hear of it.
    await eventually(() => expect(toldOf(mapped, `2 x ${cup} + 3 x ${tea}`).at(-1)).toMatchObject({ level: 0, available: 1 }), LONG);
    // What shows it correctly is no difference.
    const { pull } = await stock.pull({ channel: mapped, requestId: 'again' });
    expect((await pulled(mapped, pull)).differences).toBe(0);
    // A shop's own SKU may be of any script; one that looks like the key of a bundle is none.
    const [foreign, likeKey] = [`杯子 两只 ${run}`, `2 x ${cup} + 3 x ${tea}`];
    for (const name of [foreign, likeKey]) await sandbox.put(other, name, { available: 77 });
    await map.map({ requestId: 'foreign', channel: mapped, by: 'SKU', key: foreign, parts: [{ sku: cup, quantity: 2 }] });
    await stock.pull({ channel: mapped, requestId: 'listed' });
    await pulled(mapped, pull + 1);
    await shows(other, foreign, 20);
    await available(tea, 30);
    await shows(other, pack, 9);
    expect(await sandbox.shows(other, likeKey)).toBe(77);
    const named = async (state: string): Promise<readonly string[]> => (await stock.listItems({ channel: mapped, state, page: { size: 500 } })).items.map((item) => `${item.channelSku}: ${item.sku}`);
    expect(await named('MATCHED')).toEqual(expect.arrayContaining([`${one}: ${cup}`, `${foreign}: 2 x ${cup}`]));
    expect(await named('NO_SKU')).toContain(`${likeKey}: `);
    await map.unmap({ requestId: 'un', channel: mapped, by: 'SKU', key: one });
    await eventually(async () => expect((await stock.listItems({ channel: mapped, state: 'UNKNOWN_SKU', page: { size: 500 } })).items.map((item) => item.sku)).toContain(one), LONG);
    map.close();
  }, 120_000);
});
