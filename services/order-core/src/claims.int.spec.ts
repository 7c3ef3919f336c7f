import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, order as api, topics, type Client } from '@flotilla/contracts';
import { rebuild, silentLogger } from '@flotilla/event-store';
import { connectBus, type Bus } from '@flotilla/messaging';
import { startForTest, type Running } from '@flotilla/service-kit';
import { createTopics, testServers } from '@flotilla/tasks';
import { database, eventually, type TestDatabase } from '@flotilla/testing';
import { content } from '../spec/samples.js';
import { claim, leaseMs } from './decide/claim.decider.js';
import { orderCore } from './order-core.service.js';
import { orderList } from './project/order-list.js';

const as = (user: string) => ({ metadata: { 'x-caller': user } });

describe('claims of the order desk on real Postgres', () => {
  let db: TestDatabase;
  let bus: Bus;
  let service: Running;
  let orders: Client<api.OrdersRpc>;
  const run = randomUUID().slice(0, 8);
  const channel = `claims-${run}`;
  const ids = Array.from({ length: 4 }, (): string => randomUUID());

  const start = async (): Promise<void> => {
    service = await startForTest(orderCore, { FLOTILLA_DATABASE_URL: db.url, FLOTILLA_MIGRATION_DATABASE_URL: db.url, FLOTILLA_KAFKA_BROKERS: testServers().brokers, FLOTILLA_INDEX_KEY: Buffer.alloc(32, 1).toString('base64') });
    orders = connect(api.Orders, service.grpc);
  };
  const received = (orderId: string, n: number) => ({
    topic: topics.ingest,
    key: orderId,
    value: JSON.stringify({ order: content({ orderId, channel, placedAt: `2026-11-21T09:0${n}:00.000Z` }) }),
    headers: {
      'content-type': 'application/json', ce_specversion: '1.0', ce_id: `channelOrder-${orderId}-1/0`, ce_source: `channelOrder-${orderId}`, ce_type: 'flotilla.ingest.v1.ChannelOrderReceived', ce_time: new Date().toISOString(),
      sequence: '1', correlation: orderId, causation: orderId, chainhash: createHash('sha256').update(orderId).digest('hex'),
    },
  });
  const refuses = async (call: Promise<unknown>, ...said: readonly string[]): Promise<void> => {
    const error = await call.then(() => undefined, (failure: { readonly metadata: { get(name: string): readonly (Buffer | string)[] } }) => failure);
    for (const one of said) expect(String(error?.metadata.get('grpc-status-details-bin')[0])).toContain(one);
  };
  const listed = async (filter: object = {}): Promise<readonly (readonly [number, string])[]> =>
    (await orders.list({ filter: { channels: [channel], ...filter }, sort: 'placed_at' })).orders.map(({ orderId, claimedBy }) => [ids.indexOf(orderId), claimedBy]);
  const claims = async (orderId: string): Promise<number> => (await db.pool.query<{ count: number }>('SELECT count(*)::int FROM es.event WHERE stream_id = $1', [`claim-${orderId}`])).rows[0]!.count;
  /** As if it had been claimed so long ago. */
  const claimedBefore = (orderId: string, by: string, ms: number) =>
    service.ctx.store.execute({
      streams: [[claim, orderId]],
      meta: service.ctx.meta({ actor: by }),
      decide: (unit) => void unit.run(claim, orderId, { type: 'ClaimOrder', data: { orderId, by, at: new Date(Date.now() - ms).toISOString(), takeOver: false, reason: '' } }),
    });

  beforeAll(async () => {
    const { brokers, postgresUrl } = testServers();
    await createTopics({ brokers, fresh: true });
    db = await database(postgresUrl);
    bus = connectBus({ brokers: [brokers], clientId: 'test', log: silentLogger });
    await start();
    await bus.publish(ids.map(received));
    await eventually(async () => expect(await listed()).toEqual([[0, ''], [1, ''], [2, ''], [3, '']]), { timeoutMs: 60_000 });
  }, 120_000);

  afterAll(async () => {
    orders?.close();
    await service?.stop();
    await bus?.close();
    await db?.drop();
  }, 60_000);

  it('OPS-01: who works at an order stands in the list and beside the order, is refused to others, and taken over with a reason', async () => {
    const orderId = ids[0]!;
    const before = Date.now();
    const request = { requestId: `a-${run}`, orderId };
    const held = await orders.claim(request, as('ada'));
    expect(held).toMatchObject({ orderId, claimedBy: 'caller:ada' });
    expect(Date.parse(held.claimedUntil)).toBeGreaterThanOrEqual(before + leaseMs);
    expect(Date.parse(held.claimedUntil)).toBeLessThanOrEqual(Date.now() + leaseMs);
    // The answer was lost: the same one again, and nothing more is written.
    expect(await orders.claim(request, as('ada'))).toEqual(held);
    expect(await claims(orderId)).toBe(1);
    await eventually(async () => expect((await orders.list({ filter: { channels: [channel], claimedBy: ['ada'] } })).orders).toMatchObject([{ orderId, claimedBy: 'caller:ada', claimedUntil: held.claimedUntil }]), { timeoutMs: 30_000 });
    expect((await orders.overview({ orderId })).claim).toEqual(held);

    await refuses(orders.claim({ requestId: `b-${run}`, orderId }, as('bob')), 'CLAIMED', 'caller:ada', held.claimedUntil);
    await refuses(orders.claim({ requestId: `c-${run}`, orderId, takeOver: true, reason: '  ' }, as('bob')), 'BAD_REQUEST');
    await refuses(orders.releaseClaim({ requestId: `d-${run}`, orderId }, as('bob')), 'CLAIMED', 'caller:ada');
    expect(await orders.claim({ requestId: `e-${run}`, orderId, takeOver: true, reason: 'Ada is ill' }, as('bob'))).toMatchObject({ claimedBy: 'caller:bob' });
    await eventually(async () => expect(await listed({ claimedBy: ['ada', 'bob'] })).toEqual([[0, 'caller:bob']]), { timeoutMs: 30_000 });
    await refuses(orders.claim({ requestId: `f-${run}`, orderId }, as('ada')), 'CLAIMED', 'caller:bob');

    const renewed = await orders.claim({ requestId: `g-${run}`, orderId }, as('bob'));
    expect(await orders.releaseClaim({ requestId: `h-${run}`, orderId }, as('bob'))).toEqual({ orderId, claimedBy: '', claimedUntil: '' });
    expect(renewed.claimedUntil > held.claimedUntil).toBe(true);
    await eventually(async () => expect(await listed({ claimedBy: ['none'] })).toEqual([[0, ''], [1, ''], [2, ''], [3, '']]), { timeoutMs: 30_000 });
    // Nothing of it is told to anybody else, nor stands in the order's history.
    expect((await orders.history({ orderId })).events.filter(({ stream }) => stream.startsWith('claim-'))).toEqual([]);
    expect(new Set((await db.pool.query<{ type: string }>('SELECT DISTINCT type FROM es.event WHERE stream_id = $1', [`claim-${orderId}`])).rows.map(({ type }) => type))).toEqual(new Set(['OrderClaimed', 'ClaimReleased']));
  }, 90_000);

  it('OPS-01: a claim ends by itself: the list shows it no more, and whoever comes next has it', async () => {
    const orderId = ids[1]!;
    await claimedBefore(orderId, 'caller:ada', leaseMs - 4_000);
    await eventually(async () => expect(await listed({ claimedBy: ['ada'] })).toEqual([[1, 'caller:ada']]), { timeoutMs: 3_000 });
    await refuses(orders.claim({ requestId: `i-${run}`, orderId }, as('bob')), 'CLAIMED');
    await eventually(async () => expect(await listed({ claimedBy: ['none'] })).toContainEqual([1, '']), { timeoutMs: 30_000 });
    expect((await orders.overview({ orderId })).claim).toEqual({ orderId, claimedBy: '', claimedUntil: '' });
    const known = await claims(orderId);
    expect(await orders.releaseClaim({ requestId: `j-${run}`, orderId }, as('ada'))).toEqual({ orderId, claimedBy: '', claimedUntil: '' });
    expect(await claims(orderId)).toBe(known);
    expect(await orders.claim({ requestId: `k-${run}`, orderId }, as('bob'))).toMatchObject({ claimedBy: 'caller:bob' });
  }, 60_000);

  it('OPS-01: what happens to the order leaves the claim as it is, and a list that is made again has it', async () => {
    const orderId = ids[2]!;
    const { claimedUntil } = await orders.claim({ requestId: `l-${run}`, orderId }, as('ada'));
    await orders.hold({ requestId: `m-${run}`, orderId, type: 'MANUAL', reason: 'asked' }, as('bob'));
    const shown = async (): Promise<unknown> => (await orders.list({ filter: { channels: [channel], holds: ['MANUAL'], claimedBy: ['ada'] } })).orders.map((one) => [one.orderId, one.claimedBy, one.claimedUntil]);
    await eventually(async () => expect(await shown()).toEqual([[orderId, 'caller:ada', claimedUntil]]), { timeoutMs: 30_000 });
    orders.close();
    await service.stop();
    await db.pool.query('TRUNCATE read.order_list');
    await rebuild(db.pool, orderList);
    await start();
    await eventually(async () => expect(await shown()).toEqual([[orderId, 'caller:ada', claimedUntil]]), { timeoutMs: 60_000 });
  }, 120_000);

  it('OPS-01: what is no order is claimed by nobody', async () => {
    await refuses(orders.claim({ requestId: `n-${run}` }, as('ada')), 'BAD_REQUEST');
    await refuses(orders.releaseClaim({ requestId: `o-${run}` }, as('ada')), 'BAD_REQUEST');
    await refuses(orders.claim({ requestId: `p-${run}`, orderId: randomUUID() }, as('ada')), 'NOT_FOUND');
    await refuses(orders.releaseClaim({ requestId: `q-${run}`, orderId: randomUUID() }, as('ada')), 'NOT_FOUND');
    await refuses(orders.claim({ requestId: `r-${run}`, orderId: ids[3]!, takeOver: true, reason: 'x'.repeat(501) }, as('ada')), 'TOO_LARGE');
    await refuses(orders.claim({ requestId: `s-${run}`, orderId: ids[3]! }, { metadata: { 'x-caller': 'vic', 'x-caller-roles': 'viewer' } }), 'ROLE_MISSING');
    await orders.claim({ requestId: `t-${run}`, orderId: ids[3]! }, as('ada'));
    await refuses(orders.claim({ requestId: `t-${run}`, orderId: ids[3]!, takeOver: true, reason: 'other words' }, as('ada')), 'REQUEST_ID_REUSED');
  }, 60_000);
});
