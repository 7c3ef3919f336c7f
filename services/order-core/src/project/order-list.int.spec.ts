import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEventStore, runFollowers, silentLogger, type Follower, type Transaction } from '@flotilla/event-store';
import { migrate, type MigrationClass } from '@flotilla/service-kit';
import { testServers } from '@flotilla/tasks';
import { database, eventually } from '@flotilla/testing';
import { splitIdOf } from '@flotilla/values';
import { content, orderId } from '../../spec/samples.js';
import { actByHand, wholeOf } from '../coordinate/conduct.js';
import { inputs, type InputName, type Terms } from '../coordinate/inputs.js';
import { fulfilment } from '../decide/fulfilment.decider.js';
import { order } from '../decide/order.decider.js';
import { orderCore } from '../order-core.service.js';
import { orderList, OrderSplits } from './order-list.js';
import { fromKept, type Standing } from './standing.js';

describe('the list of orders on real Postgres', () => {
  let db: Awaited<ReturnType<typeof database>>;
  const bring = (migrations: readonly MigrationClass[]): Promise<void> => migrate({ ownerUrl: db.url, role: new URL(db.url).username, reader: 'nobody', migrations });
  const position = async (): Promise<unknown> => (await db.pool.query(`SELECT position::int FROM es.checkpoint WHERE name = 'order-list'`)).rows[0];

  beforeAll(async () => {
    db = await database(testServers().postgresUrl);
  }, 60_000);
  afterAll(() => db?.drop(), 60_000);

  it('ORD-01: is not made again while the beginning of the log is archived: the migration says what to do, and leaves all as it was', async () => {
    await bring(orderCore.migrations.filter((one) => one !== OrderSplits));
    await db.pool.query(`INSERT INTO es.checkpoint (name, position) VALUES ('order-list', 7)`);
    await db.pool.query(`INSERT INTO es.archive (partition, first, last, events, sha256, root, file, archived_at) VALUES (0, 1, 5, 5, '', '', 'es.event_0', now())`);
    await expect(bring(orderCore.migrations)).rejects.toThrow(/restore the partitions \(npm run restore\)/);
    expect(await position()).toEqual({ position: 7 });
    expect((await db.pool.query(`SELECT to_regclass('read.order_split') AS split`)).rows).toEqual([{ split: null }]);
    await db.pool.query('DELETE FROM es.archive');
    await bring(orderCore.migrations);
    expect(await position()).toEqual({ position: 0 });
  });

  it('ORD-01: what was split off is of its order, by one question for a page, and each fulfilment order is kept once', async () => {
    const store = createEventStore({ pool: db.pool });
    const terms: Terms = { rules: { riskLimit: 50_000, paymentMinutes: 30 }, policy: { allocateWhen: 'placed' }, carriers: ['sf'], at: '2026-11-21T09:01:00.000Z' };
    const meta = { correlation: 'c', causation: 'c', actor: 'spec' };
    const rest = splitIdOf(orderId, 1);
    const hear = (foId: string, type: InputName, data: unknown) =>
      store.execute({ streams: [[order, orderId], [fulfilment, foId]], meta, decide: (unit) => (inputs[type] as (unit: unknown, data: unknown, terms: Terms) => void)(unit, data, terms) });
    const batches: string[][] = [];
    const watched: Follower = {
      name: 'order-list',
      inside: (events, tx) => {
        const asked: string[] = [];
        batches.push(asked);
        return (orderList as Extract<Follower, { inside: unknown }>).inside(events, { query: (text: string, values: unknown[]) => (asked.push(text), tx.query(text, values)) } as unknown as Transaction);
      },
    };
    const runner = await runFollowers({ pool: db.pool, store, followers: [watched], log: silentLogger });
    try {
      await hear(orderId, 'flotilla.ingest.v1.ChannelOrderReceived', { order: content() });
      await hear(orderId, 'flotilla.allocation.v1.OrderBackordered', { foId: orderId, round: 1, orders: [], missing: [{ sku: 'TEE-2', quantity: 1 }] });
      await store.execute({ streams: [[order, orderId]], meta, decide: (unit) => actByHand(unit, orderId, { action: 'AllowPartial', allowed: true, reason: '' }, { by: 'desk', at: terms.at, policy: terms.policy }) });
      const { position: granted } = await hear(orderId, 'flotilla.allocation.v1.OrderAllocated', { foId: orderId, round: 2, warehouse: 'WH1', lockId: 'lock', orders: [], items: [], parts: [] });
      expect(await runner.reached('order-list', granted, 20_000)).toBe(true);
      const known = batches.length;
      const { position: last } = await hear(rest, 'flotilla.allocation.v1.OrderBackordered', { foId: rest, round: 1, orders: [], missing: [{ sku: 'TEE-2', quantity: 1 }] });
      expect(await runner.reached('order-list', last, 20_000)).toBe(true);
      expect(batches.slice(known).map((asked) => asked.map((text) => text.trim().split(' ')[0]))).toEqual([['SELECT', 'INSERT']]);
    } finally {
      await runner.stop();
    }
    await eventually(async () => expect((await db.pool.query('SELECT order_id, waits_for FROM read.order_list')).rows).toEqual([{ order_id: orderId, waits_for: 'BACKORDER' }]));
    const [row] = (await db.pool.query<{ standing: Standing }>('SELECT standing FROM read.order_list')).rows;
    expect([row!.standing.fulfilment.legs, row!.standing.fulfilment.of?.map(({ foId }) => foId)]).toEqual([[], [orderId, rest]]);
    let whole: unknown;
    await store.execute({ streams: [[order, orderId]], meta, decide: (unit) => void (whole = wholeOf(unit, orderId)) });
    expect(fromKept(row!.standing).fulfilment).toEqual(whole);
  }, 60_000);
});
