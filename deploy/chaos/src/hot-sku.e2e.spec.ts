import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { callFleet, demoEnv, importSeed, patiently, type FleetClients } from '@flotilla/demo';
import { startStack, type DemoChannel, type ServiceName, type Stack } from '@flotilla/tasks';
import { eventually } from '@flotilla/testing';
import { verifyKafka, type Recount } from '@flotilla/verify';
import { buyByTopic, buyByWebhook, wishes, type Wish } from './buyers.ts';
import { standingOf, stockUp } from './hot-sku.ts';

const buyers = 200;
const units = 50;
const shelves = { 'WH-SZ': 30, 'WH-HZ': 20 };

describe('a hot SKU: 200 buyers, 50 units, at once', () => {
  let dir: string;
  let stack: Stack;
  let fleet: FleetClients;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'flotilla-hot-'));
    chmodSync(dir, 0o755); // Postgres runs as another user where the test is root
    // As in production: warehouses at hand answer in the append that asks.
    stack = await startStack({ dir, ports: 'free', ...demoEnv, extraEnv: { ...demoEnv.extraEnv, allocation: { ...demoEnv.extraEnv.allocation, FLOTILLA_ALLOCATION_AT_HAND: 'true' } } });
    fleet = callFleet(stack.run.grpc);
    await importSeed(fleet);
  }, 180_000);
  afterAll(async () => {
    fleet?.close();
    await stack?.stop();
    rmSync(dir, { recursive: true, force: true });
  }, 60_000);

  const channel = (platform: string): DemoChannel => stack.run.channels.find((one) => one.platform === platform)!;

  /** Everybody buys at once; in the middle a service dies without a word and comes back. Answers once each order has come to rest. */
  const rush = async (sku: string, ways: { readonly webhook: number; readonly topic: number }, victim?: ServiceName): Promise<readonly Wish[]> => {
    await stockUp(fleet, { sku, shelves });
    const posted = wishes(channel('shopify').id, sku, ways.webhook);
    const published = wishes(channel('topic').id, sku, ways.topic);
    const ingest = stack.run.http['ingest']!;
    let answered = 0;
    const answers = Promise.all([
      ...posted.map(async (wish) => ((await buyByWebhook(ingest, channel('shopify'), wish)), (answered += 1))),
      ...(published.length > 0 ? [buyByTopic(ingest, stack.run.kafka, channel('topic'), published).then(() => (answered += published.length))] : []),
    ]);
    if (victim) {
      await eventually(() => answered >= ways.webhook / 4, { timeoutMs: 60_000, everyMs: 5 });
      await stack.fleet.kill9(victim);
      await stack.fleet.start(victim);
    }
    await answers;
    // Everyone was answered, and each order comes to a state.
    expect(answered).toBe(buyers);
    const all = [...posted, ...published];
    await eventually(async () => (await standingOf(fleet, all.map(({ orderId }) => orderId))).underway.length === 0, { timeoutMs: 120_000, everyMs: 300 });
    return all;
  };

  const expectFair = async (sku: string, all: readonly Wish[], gone: readonly string[] = []): Promise<Recount> => {
    const { allocated, backordered, cancelled } = await standingOf(fleet, all.map(({ orderId }) => orderId));
    expect({ allocated: allocated.length, backordered: backordered.length, cancelled: cancelled.length }).toEqual({ allocated: units, backordered: buyers - units - gone.length, cancelled: gone.length });
    // The list of stock is a view, and may know a moment later what order-core has been told already.
    await eventually(
      async () => {
        const { levels } = await patiently(() => fleet.stock.list({ sku, page: { size: 10 } }));
        const sum = (of: (level: (typeof levels)[number]) => number): number => levels.reduce((total, level) => total + of(level), 0);
        expect([sum(({ confirmed }) => confirmed), sum(({ held }) => held), sum(({ free }) => free)]).toEqual([units, 0, 0]);
      },
      { timeoutMs: 20_000, everyMs: 300 },
    );
    // The same counted by somebody who has only the topics.
    return eventually(
      async () => {
        const recounted = await verifyKafka({ dir });
        const mine = recounted.holders.filter((holder) => holder.sku === sku);
        expect(mine.every(({ state, quantity }) => state === 'confirmed' && quantity === 1)).toBe(true);
        expect(mine.map(({ foId }) => foId).sort()).toEqual([...allocated].sort());
        expect(backordered.filter((foId) => recounted.told.get(foId) !== 'OrderBackordered')).toEqual([]);
        return recounted;
      },
      { timeoutMs: 20_000, everyMs: 500 },
    );
  };

  let first: readonly Wish[];

  it('ALC-01, ALC-02: by signed webhook, exactly 50 get one and 150 wait', async () => {
    first = await rush('HOT-WEBHOOK', { webhook: buyers, topic: 0 });
    await expectFair('HOT-WEBHOOK', first);
  }, 180_000);

  it('ALC-01, ALC-02: by the connectors’ topic, exactly 50 get one and 150 wait', async () => {
    await expectFair('HOT-TOPIC', await rush('HOT-TOPIC', { webhook: 0, topic: buyers }));
  }, 180_000);

  it.each(['ingest', 'order-core', 'allocation'] as const)('ALC-01, ALC-02: by both at once, with %s killed in the middle, nobody is promised a unit twice', async (victim) => {
    const sku = `HOT-${victim.toUpperCase()}`;
    await expectFair(sku, await rush(sku, { webhook: buyers / 2, topic: buyers / 2 }, victim));
  }, 180_000);

  it('ALC-02: what buyers give back goes to those who wait, and everything fits in the recount from the topics', async () => {
    const { allocated } = await standingOf(fleet, first.map(({ orderId }) => orderId));
    const gone = allocated.slice(0, 5);
    await Promise.all(gone.map((orderId) => patiently(() => fleet.orders.cancel({ requestId: `regret-${orderId}`, orderId, reason: 'customer' }))));
    await eventually(async () => (await standingOf(fleet, gone)).cancelled.length === gone.length && (await standingOf(fleet, first.map(({ orderId }) => orderId))).allocated.length === units, { timeoutMs: 60_000, everyMs: 300 });
    const { invariants } = await expectFair('HOT-WEBHOOK', first, gone);
    expect(invariants.filter(({ holds }) => !holds)).toEqual([]);
  }, 60_000);
});
