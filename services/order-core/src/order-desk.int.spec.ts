import { createHash, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, order as api, topics, type Client, type ingest, type MessageName, type Messages } from '@flotilla/contracts';
import { createEventStore, rebuild, silentLogger } from '@flotilla/event-store';
import { connectBus, type Bus } from '@flotilla/messaging';
import { startForTest, type Running } from '@flotilla/service-kit';
import { createTopics, testServers } from '@flotilla/tasks';
import { crashable, database, eventually, type TestDatabase } from '@flotilla/testing';
import { blindIndex, parcelIdOf, seal } from '@flotilla/values';
import { addressCheck, buyer, content, line, shipTo, usd, waybill } from '../spec/samples.js';
import { workOff } from './accept/operation-work.js';
import { operation } from './decide/operation.decider.js';
import { orderCore } from './order-core.service.js';
import { deskLists } from './project/desk-lists.js';
import { everything, type Filter } from './query/order-filter.js';
import { orderPage, sortOf } from './query/order-list.js';

const indexKey = Buffer.alloc(32, 1);

describe('the order desk on real Postgres and Kafka', () => {
  let db: TestDatabase;
  let bus: Bus;
  let service: Running;
  let desk: { readonly orders: Client<api.OrdersRpc>; readonly operations: Client<api.OperationsRpc>; readonly views: Client<api.ViewsRpc> };
  const versions = new Map<string, number>();
  const run = randomUUID().slice(0, 8);

  const message = <Name extends MessageName>(topic: string, type: Name, key: string, stream: string, data: Messages[Name]) => {
    const version = (versions.get(stream) ?? 0) + 1;
    versions.set(stream, version);
    return {
      topic,
      key,
      value: JSON.stringify(data),
      headers: {
        'content-type': 'application/json', ce_specversion: '1.0', ce_id: `${stream}-${version}/0`, ce_source: stream, ce_type: type, ce_time: new Date().toISOString(),
        sequence: String(version), correlation: key, causation: key, chainhash: createHash('sha256').update(`${stream}/${version}`).digest('hex'),
      },
    };
  };
  const received = (orderId: string, more: Partial<ingest.ChannelOrder> = {}) =>
    message(topics.ingest, 'flotilla.ingest.v1.ChannelOrderReceived', orderId, `channelOrder-${orderId}`, { order: content({ orderId, channel: `shop-${run}`, ...more }) });
  const refuses = async (call: Promise<unknown>, reason: string): Promise<void> => {
    const error = await call.then(() => undefined, (failure: { readonly metadata: { get(name: string): readonly (Buffer | string)[] } }) => failure);
    expect(String(error?.metadata.get('grpc-status-details-bin')[0])).toContain(reason);
  };
  const start = (): Promise<Running> => {
    const { brokers } = testServers();
    return startForTest(orderCore, { FLOTILLA_DATABASE_URL: db.url, FLOTILLA_MIGRATION_DATABASE_URL: db.url, FLOTILLA_KAFKA_BROKERS: brokers, FLOTILLA_INDEX_KEY: indexKey.toString('base64') });
  };
  const dial = (): void => {
    desk = { orders: connect(api.Orders, service.grpc), operations: connect(api.Operations, service.grpc), views: connect(api.Views, service.grpc) };
  };
  const hangUp = (): void => Object.values(desk).forEach((client) => client.close());
  /** Orders that wait for a person because of their total. */
  const risky = async (count: number, channel: string): Promise<readonly string[]> => {
    const ids = Array.from({ length: count }, () => randomUUID());
    await bus.publish(ids.map((id, n) => received(id, { channel, total: usd(6_000_000), placedAt: new Date(Date.parse('2026-11-21T09:00:00.000Z') + n * 1_000).toISOString(), tags: n === count - 1 ? ['vip'] : [] })));
    await eventually(async () => expect((await desk.orders.list({ filter: { channels: [channel], waitsFor: ['HOLD:RISK'] }, page: { size: 500 } })).orders).toHaveLength(count), { timeoutMs: 60_000 });
    return ids;
  };
  const outcomesOf = async (operationId: string): Promise<readonly api.Outcome[]> => {
    const all: api.Outcome[] = [];
    for (let token = ''; ; ) {
      const page = await desk.operations.listOutcomes({ operationId, page: { size: 100, token } });
      all.push(...page.outcomes);
      if ((token = page.nextToken) === '') return all;
    }
  };
  const events = async (type: string, ids: readonly string[]): Promise<number> => {
    const { rows } = await db.pool.query<{ count: number }>('SELECT count(*)::int FROM es.event WHERE type = $1 AND stream_id = ANY ($2)', [type, ids.map((id) => `order-${id}`)]);
    return rows[0]!.count;
  };

  beforeAll(async () => {
    const { brokers, postgresUrl } = testServers();
    await createTopics({ brokers, fresh: true });
    db = await database(postgresUrl);
    bus = connectBus({ brokers: [brokers], clientId: 'test', log: silentLogger });
    service = await start();
    dial();
  }, 120_000);

  afterAll(async () => {
    if (desk) hangUp();
    await service?.stop();
    await bus?.close();
    await db?.drop();
  }, 60_000);

  it('ORD-16, ORD-02: a batch audit counts first, then gives every order its outcome, those of high priority first; nothing is done twice', async () => {
    const channel = `audit-${run}`;
    const ids = await risky(120, channel);
    await desk.orders.hold({ requestId: `h-${run}`, orderId: ids[3]!, type: 'MANUAL', blocks: ['AUDIT'], reason: 'asked' });
    await eventually(async () => expect((await desk.orders.list({ filter: { channels: [channel], holds: ['MANUAL'] } })).orders.map(({ orderId, allowedActions }) => [orderId, allowedActions])).toEqual([[ids[3], ['Hold', 'Release', 'Cancel', 'ChangeAddress', 'Split', 'AllowPartial']]]), { timeoutMs: 30_000 });

    const request = { requestId: `op-${run}`, action: 'Approve', reason: 'called the buyers', filter: { channels: [channel] } };
    expect(await desk.operations.start({ ...request, dryRun: true })).toMatchObject({ operationId: '', state: 'DRY_RUN', total: 120, done: 119, refused: 1, refusals: [{ reason: 'HELD', orders: 1 }] });
    expect(await events('OrderApproved', ids)).toBe(0);
    const { operationId } = await desk.operations.start(request);
    expect((await desk.operations.start(request)).operationId).toBe(operationId);
    await eventually(async () => expect(await desk.operations.get({ operationId })).toMatchObject({ state: 'FINISHED', total: 120, done: 119, refused: 1, failed: 0, by: 'caller:service:spec', reason: 'called the buyers' }), { timeoutMs: 60_000 });
    await eventually(async () => expect(await outcomesOf(operationId)).toHaveLength(120), { timeoutMs: 30_000 });
    const outcomes = await outcomesOf(operationId);
    expect(outcomes[0]).toMatchObject({ orderId: ids[119], outcome: 'DONE' });
    expect(new Set(outcomes.map(({ orderId }) => orderId))).toEqual(new Set(ids));
    expect((await desk.operations.listOutcomes({ operationId, outcome: 'REFUSED' })).outcomes).toEqual([{ orderId: ids[3], outcome: 'REFUSED', reason: 'HELD', message: expect.stringContaining('MANUAL') }]);
    expect((await desk.operations.list({})).operations.map((one) => one.operationId)).toContain(operationId);
    expect(await events('OrderApproved', ids)).toBe(119);
    const { events: history } = await desk.orders.history({ orderId: ids[0]! });
    expect(history.find(({ type }) => type === 'ActedByHand')).toMatchObject({ actor: 'caller:service:spec', reason: 'called the buyers' });

    // Two that work at the same operation, and one that comes back when all is done.
    const again = await desk.operations.start({ requestId: `again-${run}`, action: 'Hold', holdType: 'MANUAL', reason: 'stock-take', orderIds: ids });
    const { ctx } = service;
    const terms = () => ({ rules: { riskLimit: 1e9, paymentMinutes: 30 }, policy: { allocateWhen: 'placed' as const }, carriers: ['sf'], at: ctx.clock.business().toISOString() });
    const work = { store: ctx.store, log: silentLogger, terms, now: () => ctx.clock.machine().toISOString() };
    await Promise.all([0, 1, 2].map(() => workOff(work, again.operationId, new AbortController().signal, ctx.meta())));
    expect(await desk.operations.get({ operationId: again.operationId })).toMatchObject({ state: 'FINISHED', done: 120 });
    expect(await events('OrderHeld', ids)).toBe(120 + 1 + 120);
    await workOff(work, again.operationId, new AbortController().signal, ctx.meta());
    expect(await events('OrderHeld', ids)).toBe(241);
    expect((await desk.orders.get({ orderId: ids[0]! })).blockedSteps).toEqual(['RELEASE', 'LABEL', 'SHIP'].map((step) => ({ step, holds: [expect.stringMatching(/^MANUAL:/)] })));

    // Released by type, and cancelled, in bulk.
    const released = await desk.operations.start({ requestId: `release-${run}`, action: 'Release', holdType: 'MANUAL', reason: 'counted', orderIds: ids });
    await eventually(async () => expect(await desk.operations.get({ operationId: released.operationId })).toMatchObject({ state: 'FINISHED', done: 120 }), { timeoutMs: 30_000 });
    const cancelled = await desk.operations.start({ requestId: `cancel-${run}`, action: 'Cancel', reason: 'recall', orderIds: [...ids.slice(0, 2), randomUUID(), ids[0]!] });
    await eventually(async () => expect(await desk.operations.get({ operationId: cancelled.operationId })).toMatchObject({ state: 'FINISHED', total: 3, done: 2, refused: 1 }), { timeoutMs: 30_000 });
    await eventually(async () => expect((await outcomesOf(cancelled.operationId)).map(({ outcome, reason }) => [outcome, reason])).toEqual([['DONE', ''], ['DONE', ''], ['REFUSED', 'NOT_FOUND']]), { timeoutMs: 30_000 });

    // What it did is no reason to refuse its repeat: the answer was lost, not the work.
    const lost = { requestId: `lost-${run}`, action: 'Cancel', reason: 'recall', filter: { channels: [channel], actions: ['Cancel'], placedFrom: '2026-11-21T09:00:05.000Z', placedBefore: '2026-11-21T09:00:07.000Z' } };
    const first = await desk.operations.start(lost);
    await eventually(async () => expect(await desk.operations.get({ operationId: first.operationId })).toMatchObject({ state: 'FINISHED', done: 2 }), { timeoutMs: 60_000 });
    await eventually(async () => expect((await desk.orders.list({ filter: lost.filter })).orders).toEqual([]), { timeoutMs: 30_000 });
    expect((await desk.operations.start(lost)).operationId).toBe(first.operationId);
    await refuses(desk.operations.start({ ...lost, requestId: `found-${run}` }), 'BAD_REQUEST');
  }, 240_000);

  it('ORD-02: an order of which another amount was paid than it costs is not approved by itself nor in bulk, and both figures are told', async () => {
    const channel = `paid-${run}`;
    const ids = Array.from({ length: 3 }, (): string => randomUUID());
    await bus.publish([
      received(ids[0]!, { channel, amountPaid: usd(3_400) }),
      received(ids[1]!, { channel, amountPaid: usd(3_500) }),
      received(ids[2]!, { channel, payment: 'PAYMENT_STATE_UNPAID', paidAt: '' }),
      message(topics.ingest, 'flotilla.ingest.v1.ChannelOrderPaid', ids[2]!, `channelOrder-${ids[2]}`, { orderId: ids[2]!, paidAt: '2026-11-21T09:05:00.000Z', modifiedAt: '2026-11-21T09:05:00.000Z', amount: usd(9_900), amountPaid: usd(9_900) }),
    ]);
    await eventually(async () => expect((await desk.orders.list({ filter: { channels: [channel], waitsFor: ['HOLD:AMOUNT'] } })).orders.map(({ orderId }) => orderId).toSorted()).toEqual([ids[0]!, ids[2]!].toSorted()), { timeoutMs: 30_000 });
    expect(await events('OrderApproved', ids)).toBe(1);
    const { operationId } = await desk.operations.start({ requestId: `amount-${run}`, action: 'Approve', filter: { channels: [channel], states: ['AUDITING'] } });
    await eventually(async () => expect(await desk.operations.get({ operationId })).toMatchObject({ state: 'FINISHED', total: 2, done: 0, refused: 2 }), { timeoutMs: 60_000 });
    await eventually(async () => expect((await outcomesOf(operationId)).map(({ reason, message: why }) => [reason, why.split('was paid')[0]]).toSorted()).toEqual([['HELD', 'AMOUNT:rule-1 (34.00 USD '], ['HELD', 'AMOUNT:rule-1 (99.00 USD ']]), { timeoutMs: 30_000 });
    const [hold] = (await desk.orders.get({ orderId: ids[0]! })).holds;
    expect(hold).toMatchObject({ type: 'AMOUNT', releasable: true, reason: '34.00 USD was paid, the total is 35.00 USD' });
    await desk.orders.release({ requestId: `amount-r-${run}`, orderId: ids[0]!, holdId: hold!.holdId, reason: 'paid the rest in the shop' });
    // Nothing else is to be asked: the rules approve it.
    await eventually(async () => expect(await events('OrderApproved', ids)).toBe(2), { timeoutMs: 30_000 });
  }, 120_000);

  it('ORD-16: one order that cannot be decided costs the others nothing', async () => {
    const ids = await risky(7, `fault-${run}`);
    const { ctx } = service;
    const broken = randomUUID();
    // The door lets no such id in; an order whose events are archived fails in the same way.
    await ctx.store.execute({
      streams: [[operation, broken]],
      meta: ctx.meta({ actor: 'caller:test' }),
      decide: (unit) => void unit.run(operation, broken, { type: 'StartOperation', data: { operationId: broken, act: { action: 'Cancel', reason: 'x' }, orderIds: [...ids.slice(0, 3), 'no stream’s name', ...ids.slice(3)], by: 'caller:test', at: ctx.clock.machine().toISOString() } }),
    });
    await eventually(async () => expect(await desk.operations.get({ operationId: broken })).toMatchObject({ state: 'FINISHED', total: 8, done: 7, failed: 1 }), { timeoutMs: 60_000 });
    await eventually(async () => expect((await desk.operations.listOutcomes({ operationId: broken, outcome: 'FAILED' })).outcomes).toHaveLength(1), { timeoutMs: 30_000 });
    expect(await events('OrderCancelRequested', ids)).toBe(7);
  }, 120_000);

  it('ORD-16: killed before, during and after an append it goes on where it was, in another process or when the service is back; cancelled, it does no more', async () => {
    const ids = await risky(400, `crash-${run}`);
    hangUp();
    await service.stop();
    const operationId = randomUUID();
    const store = createEventStore({ pool: db.pool });
    const at = new Date().toISOString();
    await store.execute({ streams: [[operation, operationId]], meta: { correlation: '', causation: '', actor: 'caller:test' }, decide: (unit) => void unit.run(operation, operationId, { type: 'StartOperation', data: { operationId, act: { action: 'Approve', reason: 'checked' }, orderIds: ids, by: 'caller:test', at } }) });
    // Called off before anybody began with it.
    const never = randomUUID();
    await store.execute({
      streams: [[operation, never]],
      meta: { correlation: '', causation: '', actor: 'caller:test' },
      decide: (unit) => {
        unit.run(operation, never, { type: 'StartOperation', data: { operationId: never, act: { action: 'Hold', type: 'MANUAL', blocks: ['SHIP'], reason: 'x' }, orderIds: ids, by: 'caller:test', at } });
        unit.run(operation, never, { type: 'CancelOperation', data: { operationId: never, by: 'caller:test', at } });
      },
    });
    await store.close();
    const child = fileURLToPath(new URL('../spec/operation-child.ts', import.meta.url));
    const approved: number[] = [];
    for (const moment of ['before 2', 'during 2', 'after 2']) {
      expect(await crashable(child, { env: { DATABASE: db.url, OPERATION: operationId, DIE: moment } }).exited).toBe('SIGKILL');
      approved.push(await events('OrderApproved', ids));
    }
    expect(approved[0]).toBe(50);
    expect([100, 150]).toContain(approved[1]);
    expect(approved[2]).toBe(approved[1]! + 100);
    service = await start();
    dial();
    await eventually(async () => expect(await desk.operations.get({ operationId })).toMatchObject({ state: 'FINISHED', done: 400, refused: 0 }), { timeoutMs: 180_000 });
    expect(await events('OrderApproved', ids)).toBe(400);
    expect(await desk.operations.get({ operationId: never })).toMatchObject({ state: 'CANCELLED', total: 400, done: 0 });
    expect(await events('OrderHeld', ids)).toBe(400);
    await eventually(async () => expect((await outcomesOf(operationId)).map(({ orderId }) => orderId)).toEqual(ids), { timeoutMs: 60_000 });

    const { operationId: second } = await desk.operations.start({ requestId: `c2-${run}`, action: 'Hold', holdType: 'MANUAL', reason: 'by mistake', orderIds: ids });
    const ended = await desk.operations.cancel({ requestId: `c3-${run}`, operationId: second });
    expect(['CANCELLED', 'FINISHED']).toContain(ended.state);
    expect(await events('OrderHeld', ids)).toBe(400 + ended.done);
    await refuses(desk.operations.cancel({ requestId: `c4-${run}`, operationId: randomUUID() }), 'NOT_FOUND');
    const rows = async (): Promise<unknown> => (await db.pool.query('SELECT * FROM read.operation ORDER BY started')).rows;
    await eventually(async () => expect(await rows()).toEqual(expect.arrayContaining([expect.objectContaining({ operation_id: second, state: ended.state })])), { timeoutMs: 30_000 });
    const known = await rows();
    await db.pool.query('TRUNCATE read.operation, read.operation_outcome, read.order_view');
    hangUp();
    await service.stop();
    await rebuild(db.pool, deskLists);
    service = await start();
    dial();
    await eventually(async () => expect(await rows()).toEqual(known), { timeoutMs: 120_000 });
  }, 480_000);

  it('ORD-16: bulk work says what it needs', async () => {
    const { operations } = desk;
    const orderIds = [randomUUID()];
    await refuses(operations.start({ action: 'Approve', orderIds }), 'REQUEST_ID_REQUIRED');
    await refuses(operations.start({ requestId: 'x', action: 'Approve' }), 'BAD_REQUEST');
    await refuses(operations.start({ requestId: 'x', action: 'ChangeAddress', orderIds }), 'BAD_REQUEST');
    await refuses(operations.start({ requestId: 'x', action: 'Release', orderIds }), 'BAD_REQUEST');
    await refuses(operations.start({ requestId: 'x', action: 'Approve', orderIds: ['nobody’s'] }), 'BAD_REQUEST');
    await refuses(operations.start({ requestId: 'x', action: 'Approve', filter: { anyOf: [{}] } }), 'BAD_REQUEST');
    for (const odd of ['', 'x']) await refuses(operations.get({ operationId: odd }), 'NOT_FOUND');
    await refuses(operations.get({ operationId: 'a\0b' }), 'BAD_TEXT');
    await refuses(operations.start({ requestId: 'x', action: 'Approve', orderIds, filter: { states: ['AUDITING'] } }), 'BAD_REQUEST');
    await refuses(operations.start({ requestId: 'x', action: 'Approve', orderIds: Array.from({ length: 20_001 }, () => randomUUID()) }), 'TOO_LARGE');
    await refuses(operations.start({ requestId: 'x', action: 'Approve', filter: { channels: ['nobody’s'] } }), 'BAD_REQUEST');
  }, 60_000);

  it('ORD-11: orders are found by what they are, page after page, counted by saved views and exported', async () => {
    const channel = `find-${run}`;
    const email = blindIndex(indexKey, 'email', `ada-${run}@example.com`);
    const phone = blindIndex(indexKey, 'phone', '+8613800138000');
    const ids = Array.from({ length: 6 }, (): string => randomUUID());
    const placedAt = (n: number): string => `2026-11-22T09:0${n}:00.000Z`;
    await bus.publish([
      received(ids[0]!, { channel, placedAt: placedAt(0), number: '=1+1', lines: [line('1', `SILK-${run}`, 1, { title: '夏季新款真丝围巾' })], total: usd(1_000) }),
      received(ids[1]!, { channel, placedAt: placedAt(1), tags: ['VIP'], buyer: { ...buyer, emailIndex: email }, total: usd(2_000) }),
      received(ids[2]!, { channel, placedAt: placedAt(2), shipTo: { ...shipTo, phoneIndex: phone }, total: usd(3_000) }),
      received(ids[3]!, { channel, placedAt: placedAt(3), total: usd(6_000_000) }),
      received(ids[4]!, { channel, placedAt: placedAt(4), payment: 'PAYMENT_STATE_UNPAID', paidAt: '', total: { amount: 4_000, currency: 'CNY' } }),
      received(ids[5]!, { channel, placedAt: placedAt(5), channelOrderId: `ref-${run}`, shipTo: { ...shipTo, country: 'DE', city: 'Kiel' }, address: { ...addressCheck, country: 'DE', flags: ['POSTCODE_WRONG'] }, total: usd(5_000) }),
    ]);
    const found = async (filter: object, sort = 'placed_at'): Promise<readonly number[]> => (await desk.orders.list({ filter: { channels: [channel], ...filter }, sort })).orders.map(({ orderId }) => ids.indexOf(orderId));
    await eventually(async () => expect(await found({})).toEqual([0, 1, 2, 3, 4, 5]), { timeoutMs: 30_000 });
    await eventually(async () => expect(await found({ waitsFor: ['ALLOCATION'] })).toEqual([0, 1, 2, 5]), { timeoutMs: 30_000 });
    expect(await found({ product: '真丝围巾' })).toEqual([0]);
    expect(await found({ skus: [`silk-${run}`] })).toEqual([0]);
    expect(await found({ number: '=1+1' })).toEqual([0]);
    expect(await found({ tags: ['vip'] })).toEqual([1]);
    expect(await found({ buyerEmail: `Ada-${run}@example.com` })).toEqual([1]);
    expect(await found({ buyerIndex: email })).toEqual([1]);
    expect(await found({ buyerPhone: '138 0013 8000' })).toEqual([2]);
    expect(await found({ states: ['AUDITING'] })).toEqual([3]);
    expect(await found({ waitsFor: ['HOLD'] })).toEqual([3]);
    expect(await found({ holds: ['RISK'], actions: ['Approve'] })).toEqual([3]);
    expect(await found({ states: ['AWAITING_PAYMENT', 'AUDITING'] }, 'placed_at desc')).toEqual([4, 3]);
    expect(await found({ waitsFor: ['TIMER:PAYMENT'] })).toEqual([4]);
    expect(await found({ countries: ['DE'] })).toEqual([5]);
    expect(await found({ places: ['kiel'] })).toEqual([5]);
    expect(await found({ places: ['Kiel', '西湖区'], addressFlags: ['POSTCODE_WRONG'] })).toEqual([5]);
    expect(await found({ addressFlags: ['VAGUE'] })).toEqual([]);
    expect(await found({ number: `ref-${run}` })).toEqual([5]);
    expect(await found({ placedFrom: placedAt(2), placedBefore: '2026-11-22T17:05:00+08:00' })).toEqual([2, 3, 4]);
    expect(await found({ currency: 'USD', totalFrom: 2_000, totalTo: 5_000 }, 'total desc')).toEqual([5, 2, 1]);
    expect(await found({ anyOf: [{ tags: ['vip'] }, { countries: ['DE'] }], noneOf: [{ buyerEmail: `ada-${run}@example.com` }] })).toEqual([5]);
    expect(await found({ skus: ["' OR 1=1 --"] })).toEqual([]);

    const pages: number[] = [];
    for (let token = ''; ; ) {
      const page = await desk.orders.list({ filter: { channels: [channel] }, sort: 'waits_since', page: { size: 2, token } });
      pages.push(...page.orders.map(({ orderId }) => ids.indexOf(orderId)));
      if ((token = page.nextToken) === '') break;
      await refuses(desk.orders.list({ filter: { channels: [channel], states: ['CLOSED'] }, sort: 'waits_since', page: { size: 2, token } }), 'BAD_PAGE_TOKEN');
    }
    expect(pages.toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    const half = await desk.orders.list({ filter: { channels: [channel], currency: 'USD' }, sort: 'total', page: { size: 2, token: '' } });
    expect((await desk.orders.list({ filter: { channels: [channel], currency: 'USD' }, sort: 'total', page: { size: 3, token: half.nextToken } })).orders.map(({ total }) => total.amount)).toEqual([3_000, 5_000, 6_000_000]);
    await refuses(desk.orders.list({ sort: 'total' }), 'BAD_REQUEST');
    // What comes, and what happens, between two pages moves nothing.
    const [firstPage, fresh] = [await desk.orders.list({ filter: { channels: [channel] }, page: { size: 3, token: '' } }), randomUUID()];
    await bus.publish([received(fresh, { channel, placedAt: placedAt(9) })]);
    await desk.orders.cancel({ requestId: `p-${run}`, orderId: ids[4]!, reason: 'asked' });
    await eventually(async () => expect((await desk.orders.list({ filter: { channels: [channel] } })).orders.map(({ orderId }) => orderId)).toContain(fresh), { timeoutMs: 30_000 });
    const rest = await desk.orders.list({ filter: { channels: [channel] }, page: { size: 50, token: firstPage.nextToken } });
    expect([...firstPage.orders, ...rest.orders].map(({ orderId }) => ids.indexOf(orderId))).toEqual([5, 4, 3, 2, 1, 0]);

    const chunks: Uint8Array[] = [];
    for await (const { data } of desk.orders.export({ filter: { channels: [channel] }, sort: 'placed_at', language: 'zh-CN' })) chunks.push(data);
    const csv = Buffer.concat(chunks).toString('utf8');
    const rows = csv.split('\r\n');
    expect(rows).toHaveLength(1 + 7 + 1);
    expect(rows[0]).toBe('\uFEFF订单,订单号,店铺,平台订单号,状态,等待,等待自,金额,币种,下单时间,付款时间,优先级,标签,冻结,可用操作');
    expect(rows[1]).toContain("'=1+1");
    expect(rows[4]).toContain('待审核,HOLD:RISK');
    expect(rows[5]).toContain(',40.00,CNY,');
    for (const sealed of [shipTo.name, shipTo.street, buyer.email]) expect(csv).not.toContain(sealed);

    const mine = { metadata: { 'x-caller': `ada-${run}` } };
    const saved = await desk.views.save({ requestId: `v-${run}`, name: 'Ada’s', filter: { channels: [channel], buyerEmail: `ada-${run}@example.com` }, sort: 'placed_at' }, mine);
    expect(saved).toMatchObject({ owner: `ada-${run}`, filter: { buyerEmail: '', buyerIndex: email } });
    const shared = await desk.views.save({ requestId: `w-${run}`, name: 'Shop', filter: { channels: [channel] }, shared: true }, mine);
    await eventually(async () => expect((await desk.views.list({}, mine)).views.filter(({ owner }) => owner !== '').map(({ name, orders, more }) => [name, orders, more])).toEqual([['Ada’s', 1, false], ['Shop', 7, false]]), { timeoutMs: 30_000 });
    const { views } = await desk.views.list({}, { metadata: { 'x-caller': 'bob' } });
    expect(views.map(({ name }) => name)).toEqual(['To audit', 'Held', 'Exceptions', 'Risk review', 'Awaiting payment', 'Backordered', 'To ship', 'Shop']);
    expect(views.find(({ viewId }) => viewId === 'unpaid')!.orders).toBeGreaterThanOrEqual(1);
    await refuses(desk.views.save({ requestId: `y-${run}`, viewId: shared.viewId, name: 'mine now', filter: {} }, { metadata: { 'x-caller': 'bob' } }), 'NOT_FOUND');
    // The last view that one may save, asked for twice since its answer was lost.
    const many = { metadata: { 'x-caller': `many-${run}` } };
    await Promise.all(Array.from({ length: 49 }, (_, n) => desk.views.save({ requestId: `many-${n}-${run}`, name: `View ${n}`, filter: { channels: [channel] } }, many)));
    await eventually(async () => expect((await desk.views.list({ withoutCounts: true }, many)).views.filter(({ owner }) => owner === `many-${run}`)).toHaveLength(49), { timeoutMs: 30_000 });
    const fiftieth = { requestId: `many-50-${run}`, name: 'The last one', filter: { channels: [channel] } };
    const { viewId: last } = await desk.views.save(fiftieth, many);
    await eventually(async () => expect((await desk.views.list({ withoutCounts: true }, many)).views.map(({ viewId }) => viewId)).toContain(last), { timeoutMs: 30_000 });
    expect(await desk.views.save(fiftieth, many)).toMatchObject({ viewId: last, name: 'The last one' });
    await refuses(desk.views.save({ ...fiftieth, requestId: `many-51-${run}` }, many), 'TOO_LARGE');
    await desk.views.remove({ requestId: `z-${run}`, viewId: saved.viewId }, mine);
    await eventually(async () => expect((await desk.views.list({ withoutCounts: true }, mine)).views.map(({ name }) => name)).not.toContain('Ada’s'), { timeoutMs: 30_000 });
    expect(JSON.stringify((await db.pool.query(`SELECT data FROM es.event WHERE type = 'ViewSaved'`)).rows)).not.toContain('example.com');
  }, 120_000);

  it('ING-07: custom fields are on the order’s events, shown, found by an index and exported; personal ones stay sealed', async () => {
    const channel = `live-${run}`;
    const ids = Array.from({ length: 4 }, (): string => randomUUID());
    const card = seal(Buffer.alloc(32, 7), buyer.subject, 'text', '330106199001011234');
    const at = (n: number): string => `2026-11-23T09:0${n}:00.000Z`;
    const custom = (coupon: string, room: string, more: ingest.ChannelOrder['custom'] = []): ingest.ChannelOrder['custom'] => [{ name: 'live_coupon', value: coupon }, { name: 'live_room', value: room }, ...more];
    await bus.publish([
      received(ids[0]!, { channel, placedAt: at(0), custom: custom('LIVE-88', '42', [{ name: 'id_card', value: card }]) }),
      received(ids[1]!, { channel, placedAt: at(1), custom: custom('=1+1', '-7', [{ name: 'ends', value: '2026-12-01T00:00:00.000Z' }]) }),
      received(ids[2]!, { channel, placedAt: at(2), custom: custom('LIVE-99', '9.5') }),
      received(ids[3]!, { channel, placedAt: at(3) }),
    ]);
    const found = async (...asked: readonly object[]): Promise<readonly number[]> => (await desk.orders.list({ filter: { channels: [channel], custom: asked as never }, sort: 'placed_at' })).orders.map(({ orderId }) => ids.indexOf(orderId));
    await eventually(async () => expect(await found()).toEqual([0, 1, 2, 3]), { timeoutMs: 30_000 });
    expect(await found({ name: 'live_coupon', values: ['live-88'] })).toEqual([0]);
    expect(await found({ name: 'live_coupon', values: ['LIVE-88', 'LIVE-99'] }, { name: 'live_room', from: '1' })).toEqual([0, 2]);
    expect(await found({ name: 'live_room' })).toEqual([0, 1, 2]);
    expect(await found({ name: 'live_room', from: '-10', to: '10' })).toEqual([1, 2]);
    expect(await found({ name: 'ends', from: '2026-11-30T00:00:00+08:00', to: '2026-12-31T00:00:00Z' })).toEqual([1]);
    // What no number is, is in no range; what is sealed, nobody finds.
    expect(await found({ name: 'live_coupon', from: '0' })).toEqual([]);
    for (const asked of [{ name: 'id_card' }, { name: 'id_card', values: [card] }]) expect(await found(asked)).toEqual([]);
    expect((await desk.orders.list({ filter: { channels: [channel], noneOf: [{ custom: [{ name: 'live_room' }] }] } })).orders.map(({ orderId }) => orderId)).toEqual([ids[3]]);
    expect((await desk.orders.list({ filter: { channels: [channel], custom: [{ name: 'live_room', values: ['42'] }] } })).orders[0]!.custom).toEqual(custom('LIVE-88', '42'));
    // All of it in one call, and on the event that everybody hears; nobody’s card in clear.
    expect((await desk.orders.overview({ orderId: ids[0]! })).order.custom).toEqual(custom('LIVE-88', '42', [{ name: 'id_card', value: card }]));
    const { rows: [event] } = await db.pool.query<{ data: { custom: unknown } }>(`SELECT data FROM es.event WHERE type = 'OrderPlaced' AND stream_id = $1`, [`order-${ids[0]}`]);
    expect(event!.data.custom).toEqual(custom('LIVE-88', '42', [{ name: 'id_card', value: card }]));

    await bus.publish([message(topics.ingest, 'flotilla.ingest.v1.ChannelOrderAmended', ids[3]!, `channelOrder-${ids[3]}`, { order: content({ orderId: ids[3]!, channel, placedAt: at(3), modifiedAt: at(4), custom: custom('LATE', '1') }) })]);
    await eventually(async () => expect(await found({ name: 'live_coupon', values: ['late'] })).toEqual([3]), { timeoutMs: 30_000 });

    const exported = async (filter: object): Promise<readonly string[]> => {
      const chunks: Uint8Array[] = [];
      for await (const { data } of desk.orders.export({ filter, sort: 'placed_at' })) chunks.push(data);
      return Buffer.concat(chunks).toString('utf8').split('\r\n');
    };
    const [heading, ...lines] = await exported({ channels: [channel] });
    expect(heading).toMatch(/,Allowed,ends,live_coupon,live_room$/);
    expect(lines.slice(0, 4).map((one) => one.split(',').slice(-3))).toEqual([['', 'LIVE-88', '42'], ['2026-12-01T00:00:00.000Z', "'=1+1", '-7'], ['', 'LIVE-99', '9.5'], ['', 'LATE', '1']]);
    expect(lines.join()).not.toContain(card);
    expect((await exported({ channels: [`find-${run}`] }))[0]).toMatch(/,Allowed$/);
  }, 90_000);

  it('ORD-12, ORD-13, ORD-05: an order as it was, what changed since, and everything about it in one call', async () => {
    const id = randomUUID();
    const parcelId = parcelIdOf(id, 1);
    const tell = <Name extends MessageName>(topic: string, type: Name, source: string, data: Messages[Name]): Promise<void> => bus.publish([message(topic, type, id, `${source}-${id}`, data)]);
    await bus.publish([received(id, { total: usd(6_000_000) })]);
    await eventually(async () => expect((await desk.orders.get({ orderId: id })).waitsFor).toBe('HOLD:RISK'), { timeoutMs: 30_000 });
    const held = await desk.orders.get({ orderId: id });
    expect(held).toMatchObject({ holds: [{ releasable: true }], blockedSteps: [{ step: 'AUDIT' }, { step: 'ALLOCATE' }], refusedActions: [{ action: 'Intercept', reason: 'BAD_REQUEST' }] });
    await desk.orders.approve({ requestId: `oa-${run}`, orderId: id, reason: 'known buyer' }, { metadata: { 'x-caller': 'ada' } });
    await tell(topics.allocation, 'flotilla.allocation.v1.OrderAllocated', 'allocation', { foId: id, round: 1, warehouse: 'WH1', lockId: 'lock-1', orders: [], items: [{ sku: 'MUG-1', name: 'Mug', quantity: 2, grams: 300 }], parts: [] });
    await eventually(async () => expect((await desk.orders.get({ orderId: id })).waitsFor).toBe('WAYBILL'), { timeoutMs: 30_000 });
    await tell(topics.parcel, 'flotilla.carrier.v1.WaybillIssued', 'parcel', waybill(id, parcelId, 'SF77', []));
    await tell(topics.parcel, 'flotilla.carrier.v1.ParcelShipped', 'parcel', {
      parcelId, foId: id, orders: [], warehouse: 'WH1', carrier: 'sf', service: 'STANDARD', waybill: 'SF77', shippedAt: '2026-11-21T12:00:00.000Z', shipTo, buyer, number: '#1001', items: [], freight: usd(1), dueAt: '', pickupPlace: '',
    });
    await eventually(async () => expect((await desk.orders.get({ orderId: id })).state).toBe('SHIPPED'), { timeoutMs: 30_000 });
    const shipped = await desk.orders.get({ orderId: id });
    expect(shipped.allowedActions).toEqual(['Hold', 'Cancel', 'Intercept']);
    // Half an address is no wish to have it back.
    await refuses(desk.orders.intercept({ requestId: `half-${run}`, orderId: id, shipTo: { name: 'Ada' } }), 'BAD_ADDRESS');
    // What has left is not cancelled in bulk, and a dry run says so.
    const recall = { action: 'Cancel', reason: 'recall', orderIds: [id] };
    await eventually(async () => expect(await desk.operations.start({ ...recall, dryRun: true })).toMatchObject({ done: 0, refusals: [{ reason: 'ALREADY_SHIPPED', orders: 1 }] }), { timeoutMs: 30_000 });
    expect(await desk.orders.intercept({ requestId: `oi-${run}`, orderId: id, reason: 'moved' })).toMatchObject({ state: 'SHIPPED', allowedActions: ['Hold', 'Cancel'] });
    await refuses(desk.orders.intercept({ requestId: `oj-${run}`, orderId: id, reason: 'moved' }), 'BAD_REQUEST');

    await tell(topics.tracking, 'flotilla.tracking.v1.NoticeSettled', 'shipment', { parcelId, foId: id, noticeId: 'n-1', kind: 'SHIPPED', medium: 'EMAIL', outcome: 'ACCEPTED' });
    const trouble = { parcelId, foId: id, carrier: 'sf', waybill: 'SF77', trouble: 'STALLED', time: 1 };
    await tell(topics.tracking, 'flotilla.tracking.v1.ShipmentTroubled', 'shipment', { ...trouble, orders: [], since: '2026-11-25T12:00:00.000Z', detail: '', place: '' });
    await tell(topics.tracking, 'flotilla.tracking.v1.TroubleEnded', 'shipment', { ...trouble, endedAt: '2026-11-26T12:00:00.000Z' });
    const incidentId = randomUUID();
    const raised = { incidentId, rule: 'tracking-break', subjectKind: 'PARCEL', subjectId: parcelId, severity: 'WARNING', detail: 'no news', detailZh: '无物流', raisedAt: '2026-11-25T12:00:01.000Z', orders: [] };
    await bus.publish([
      message(topics.alerts, 'flotilla.alerts.v1.IncidentRaised', parcelId, `incident-${incidentId}`, raised),
      message(topics.alerts, 'flotilla.alerts.v1.IncidentAcknowledged', parcelId, `incident-${incidentId}`, { incidentId, subjectId: parcelId, by: 'caller:bob', acknowledgedAt: '2026-11-25T12:10:00.000Z' }),
      // Of a SKU, whose name is no id: nobody's, and it keeps nothing from going on.
      message(topics.alerts, 'flotilla.alerts.v1.IncidentRaised', '围巾 1', `incident-sku-${run}`, { ...raised, incidentId: randomUUID(), subjectKind: 'SKU', subjectId: '围巾 1' }),
    ]);
    const matched = { statementId: 'st-1', lineId: 'l-1', orderId: id, kind: 'CHARGE', amount: usd(6_000_000), fee: usd(90_000), net: usd(5_910_000), expected: usd(6_000_000), shares: [] };
    const matching = message(topics.settlement, 'flotilla.settlement.v1.LineMatched', 'st-1', `statement-${run}`, matched);
    await bus.publish([matching, matching]);
    // Of one receivable, told under the keys of two statements: the later one is heard first.
    const [early, late] = ['st-2', 'st-3'].map((statementId) => message(topics.settlement, 'flotilla.settlement.v1.LineMatched', statementId, `receivable-${id}`, { ...matched, statementId, lineId: `of-${statementId}` }));
    await bus.publish([late!]);
    await eventually(async () => expect((await desk.orders.overview({ orderId: id })).money.facts.map(({ lineId }) => lineId)).toContain('of-st-3'), { timeoutMs: 30_000 });
    await bus.publish([early!]);
    await eventually(async () => expect((await desk.orders.overview({ orderId: id })).money.facts.map(({ lineId }) => lineId)).toContain('of-st-2'), { timeoutMs: 30_000 });
    await bus.publish([message(topics.settlement, 'flotilla.settlement.v1.LineMatched', 'st-1', `statement-${run}`, { ...matched, lineId: 'l-2', orderId: '', shares: [{ orderId: id, amount: usd(5) }, { orderId: randomUUID(), amount: usd(6) }] })]);
    await tell(topics.ingest, 'flotilla.ingest.v1.WriteBackFailed', 'writeBack', { orderId: id, channel: '', channelOrderId: '', parcelId, reason: 'PLATFORM_REFUSED', detail: 'carrier unknown' });

    await eventually(async () => {
      const all = await desk.orders.overview({ orderId: id });
      expect(all).toMatchObject({
        order: { orderId: id, state: 'SHIPPED', allowedActions: ['Hold', 'Cancel'] },
        parcels: [{ parcelId, warehouse: 'WH1', attempt: 1, stage: 'SHIPPED', carrier: 'sf', waybill: 'SF77', shippedAt: '2026-11-21T12:00:00.000Z', troubles: [{ trouble: 'STALLED', endedAt: '2026-11-26T12:00:00.000Z' }] }],
        locks: [{ lockId: 'lock-1', warehouse: 'WH1', round: 1, state: 'CONSUMED', lines: [{ sku: 'MUG-1', quantity: 2 }, { sku: 'TEE-2', quantity: 1 }] }],
        notices: [{ noticeId: 'n-1', kind: 'SHIPPED', outcome: 'ACCEPTED' }],
        incidents: [{ incidentId, state: 'ACKNOWLEDGED', by: 'caller:bob', detailZh: '无物流' }],
        writeBacks: [{ outcome: 'FAILED', reason: 'PLATFORM_REFUSED' }],
        money: { total: usd(6_000_000) },
      });
      expect(all.money.facts.map(({ lineId, amount, net }) => [lineId, amount, net]).sort()).toEqual([['l-1', usd(6_000_000), usd(5_910_000)], ['l-2', usd(5), { amount: 0, currency: '' }], ['of-st-2', usd(6_000_000), usd(5_910_000)], ['of-st-3', usd(6_000_000), usd(5_910_000)]]);
      expect(all.parcels[0]!.interceptedAt).not.toBe('');
      expect(all.notHere.length).toBeGreaterThan(0);
      expect(all.timeline.map(({ titleZh }) => titleZh)).toEqual(expect.arrayContaining(['下单', '审核通过', '已发货', '请求拦截', '已通知买家', '告警', '对账', '平台回写']));
      expect(all.timeline.find(({ type }) => type === 'ActedByHand')).toMatchObject({ actor: 'caller:ada', reason: 'known buyer' });
    }, { timeoutMs: 30_000 });

    // As it was.
    const then = await desk.orders.asOf({ orderId: id, position: held.position });
    expect(then.order).toEqual(held);
    expect(then).toMatchObject({ events: 4, event: { type: 'FulfilmentPlanned', actor: expect.any(String), sourceStream: `channelOrder-${id}` } });
    const { events: history } = await desk.orders.history({ orderId: id });
    expect(new Set(history.map(({ stream }) => stream.split('-')[0]))).toEqual(new Set(['order', 'fulfilment', 'dossier']));
    expect(history.find(({ type }) => type === 'OrderHeld')).toMatchObject({ reason: expect.stringContaining('the total reaches') });
    const ship = history.find(({ type }) => type === 'FulfilmentShipped')!;
    expect((await desk.orders.asOf({ orderId: id, at: ship.recordedAt })).order).toMatchObject({ state: 'SHIPPED', allowedActions: ['Hold', 'Cancel', 'Intercept'] });
    await refuses(desk.orders.asOf({ orderId: id, at: '2020-01-01T00:00:00Z' }), 'NOT_FOUND');
    await refuses(desk.orders.asOf({ orderId: id }), 'BAD_REQUEST');
    await refuses(desk.orders.asOf({ orderId: id, at: 'then' }), 'BAD_INSTANT');
    // What changed, and which event changed it.
    const { differences, events: between } = await desk.orders.diff({ orderId: id, fromPosition: held.position, toPosition: shipped.position });
    const of = (path: string) => differences.find((one) => one.path === path);
    expect(of('state')).toMatchObject({ before: '"AUDITING"', after: '"SHIPPED"', position: ship.position });
    expect(of('holds[0].type')).toMatchObject({ before: '"RISK"', after: '' });
    expect(of('fulfilments[0].waybill')).toMatchObject({ before: '""', after: '"SF77"' });
    expect(differences.map(({ path }) => path)).not.toContain('total.amount');
    expect(between.map(({ type }) => type)).toEqual(expect.arrayContaining(['ActedByHand', 'OrderApproved', 'FulfilmentShipped']));
    expect((await desk.orders.diff({ orderId: id, fromPosition: shipped.position, toPosition: shipped.position })).differences).toEqual([]);
    await refuses(desk.orders.diff({ orderId: id, fromPosition: shipped.position, toPosition: held.position }), 'BAD_REQUEST');
  }, 120_000);

  it('ORD-11: with fifty thousand orders no usual question reads them all', async () => {
    const timed = process.env['FLOTILLA_DESK_ORDERS'] !== undefined;
    const many = Number(process.env['FLOTILLA_DESK_ORDERS'] ?? 50_000);
    // A shop's year: the newest are under way. A session of the service's may take five seconds for a statement; this one takes what it needs.
    const seed = await db.pool.connect();
    await seed.query('SET statement_timeout = 0; SET transaction_timeout = 0');
    await seed.query(`
      INSERT INTO read.order_list (order_id, channel, channel_order_id, number, state, total_amount, total_currency, placed_at, waits_for, waits_since, cancel_stage, backordered, served, interceptions, platform, paid_at, priority, tags, holds, allowed, custom, standing)
      SELECT gen_random_uuid(), 'bulk-' || n % 20, n::text, '#' || n, CASE WHEN n > ${many - 1_000} THEN 'AUDITING' WHEN n > ${many - 5_000} THEN 'SHIPPED' ELSE 'CLOSED' END, n % 9000, CASE WHEN n % 3 = 0 THEN 'USD' ELSE 'CNY' END,
             to_char(timestamp '2026-01-01' + n * interval '${Math.round(21_000_000 / many)} seconds', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), CASE WHEN n > ${many - 1_000} THEN 'HOLD:RISK' WHEN n > ${many - 5_000} THEN 'DELIVERY' ELSE '' END,
             to_char(timestamp '2026-01-02' + n * interval '${Math.round(21_000_000 / many)} seconds', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '', false, false, 0, 'shopify', '', 0, '{}', CASE WHEN n > ${many - 1_000} THEN '{RISK}'::text[] ELSE '{}' END, CASE WHEN n > ${many - 1_000} THEN '{Approve,Hold}'::text[] WHEN n > ${many - 5_000} THEN '{Hold}' ELSE '{}' END,
             json_build_array(json_build_object('name', 'live_room', 'value', (n % 500)::text)), '{}'
        FROM generate_series(1, ${many}) n`);
    await seed.query(`
      INSERT INTO read.order_facets (order_id, facets)
      SELECT order_id, ARRAY['sku:s' || (channel_order_id::int % 2000), 'tag:t' || (channel_order_id::int % 40), 'word:mug', 'buyer:b' || (channel_order_id::int % 30000), 'waybill:w' || channel_order_id, 'number:' || number, 'country:cn', 'custom:live_room', 'custom:live_room=' || (channel_order_id::int % 500)]
        FROM read.order_list WHERE channel LIKE 'bulk-%'`);
    await seed.query('VACUUM (ANALYZE) read.order_list, read.order_facets');
    const questions: readonly (readonly [Partial<Filter>, string])[] = [
      [{}, ''], [{}, 'placed_at'], [{ channels: ['bulk-3'] }, ''], [{ states: ['AUDITING'] }, ''], [{ states: ['AUDITING', 'SHIPPED'] }, 'placed_at'], [{ channels: ['bulk-3'], states: ['CLOSED'] }, ''],
      ...[[{ name: 'live_room', values: ['77'] }], [{ name: 'live_room', values: ['77', '78'] }], [{ name: 'live_room' }], [{ name: 'live_room', from: '10', to: '20' }], [{ name: 'live_room', values: ['77'] }, { name: 'live_room', from: '10' }]].map(
        (custom) => [{ custom: custom.map((one) => ({ values: [], from: '', to: '', ...one })) }, ''] as const,
      ),
      [{ custom: [{ name: 'live_room', values: ['77'], from: '', to: '' }], states: ['AUDITING'] }, ''],
      [{ waitsFor: ['HOLD:RISK'] }, ''], [{ waitsFor: ['HOLD'] }, 'waits_since'], [{ waitsFor: ['DELIVERY'] }, 'waits_since'], [{ waitsSinceBefore: '2026-08-25T00:00:00.000Z' }, 'waits_since'], [{ holds: ['RISK'] }, 'waits_since'],
      [{ actions: ['Approve'] }, ''], [{ actions: ['Hold'] }, ''], [{ actions: ['Approve'], tags: ['t7'] }, ''], [{ placedFrom: '2026-02-01T00:00:00.000Z', placedBefore: '2026-02-02T00:00:00.000Z' }, ''],
      [{ currency: 'USD', totalFrom: 8_000 }, 'total desc'], [{ currency: 'CNY' }, 'total'], [{ skus: ['S7'] }, ''], [{ skus: ['s7', 's8'] }, 'placed_at'], [{ tags: ['t7'] }, ''], [{ product: 'mug' }, ''], [{ buyerIndex: 'b77' }, ''], [{ waybill: 'W4711' }, ''], [{ number: '#4711' }, ''],
      [{ tags: ['t7'], states: ['AUDITING'] }, ''], [{ tags: ['t7'], waitsFor: ['HOLD'] }, 'waits_since'], [{ skus: ['s7'], waitsFor: ['DELIVERY'] }, 'waits_since'], [{ skus: ['s7'], states: ['CLOSED'] }, ''], [{ skus: ['s7'], channels: ['bulk-7'] }, ''], [{ noneOf: [{ ...everything, tags: ['t7'] }], states: ['SHIPPED'] }, ''],
      [{ claimedBy: ['ada'] }, ''], [{ claimedBy: ['ada', 'bob'] }, 'waits_since'], [{ claimedBy: ['none'] }, ''], [{ claimedBy: ['none'], waitsFor: ['HOLD'] }, 'waits_since'], [{ claimedBy: ['ada', 'none'], states: ['AUDITING'] }, 'placed_at'], [{ claimedBy: ['ada'], tags: ['t7'] }, ''],
    ];
    try {
      for (const [more, by] of questions) {
        const filter = { ...everything, ...more };
        const { text, values } = orderPage(filter, sortOf(by, filter), 51, new Date());
        const { rows } = await seed.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${timed ? '(ANALYZE, TIMING OFF)' : ''} ${text}`, values);
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        expect({ more, by, plan }).toEqual({ more, by, plan: expect.not.stringContaining('Seq Scan') });
        if (timed) process.stdout.write(`${/Execution Time: ([\d.]+)/.exec(plan)?.[1]} ms  ${JSON.stringify(more)} ${by}\n`);
      }
    } finally {
      seed.release(true);
    }
    // Page upon page, by the key of the one before.
    const { text, values } = orderPage(everything, { by: 'placed_at', descending: true }, 51, new Date(), ['2026-03-01T00:00:00.000Z', 'x']);
    expect((await db.pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values)).rows.map((row) => row['QUERY PLAN']).join('\n')).not.toContain('Seq Scan');
    // Counts stand for a moment.
    await eventually(async () => expect((await desk.views.list({})).views.find(({ viewId }) => viewId === 'held')!.orders).toBeGreaterThanOrEqual(1_000), { timeoutMs: 60_000 });
    // More than one operation may have.
    await refuses(desk.operations.start({ requestId: `big-${run}`, action: 'Hold', holdType: 'MANUAL', filter: { states: ['CLOSED'] } }), 'TOO_LARGE');
  }, 1_200_000);

  it('OPS-02: figures count what waits and what came in, and the desk finds the same', async () => {
    const channel = `figures-${run}`;
    const ids = await risky(6, channel);
    await desk.orders.cancel({ requestId: `f-${run}`, orderId: ids[0]!, reason: 'spec' });
    await eventually(async () => expect((await desk.orders.list({ filter: { channels: [channel], states: ['CANCELLED'] } })).orders).toHaveLength(1), { timeoutMs: 30_000 });
    const figures = connect(api.Figures, service.grpc);
    // The same answer stands for some seconds.
    const counted = await eventually(async () => {
      const answer = await figures.get({ hours: 31 * 24 });
      return answer.flow.some((one) => one.channel === channel && one.cancelled === 1) && answer;
    }, { timeoutMs: 30_000 });
    expect(counted.flow.filter((one) => one.channel === channel)).toEqual([{ hour: '2026-11-21T09:00:00.000Z', channel, placed: 6, cancelled: 1 }]);
    const waiting = counted.waiting.filter(({ waitsFor }) => waitsFor === 'HOLD:RISK');
    const asked = async (one: api.WaitingOrders): Promise<number> => {
      const ago = (hours: number): string => (hours === 0 ? '' : new Date(Date.parse(counted.at) - hours * 3_600_000).toISOString());
      let found = 0;
      for (let token: string | undefined; token !== ''; ) {
        const page = await desk.orders.list({ filter: { states: [one.state], waitsFor: [one.waitsFor], waitsSinceBefore: ago(one.fromHours), waitsSinceFrom: ago(one.toHours) }, page: { size: 500, token: token ?? '' } });
        found += page.orders.length;
        token = page.nextToken;
      }
      return found;
    };
    expect(waiting.length).toBeGreaterThan(0);
    for (const one of waiting) expect(await asked(one)).toBe(one.orders);
    expect(counted.states.find(({ state }) => state === 'CANCELLED')?.orders).toBeGreaterThan(0);
    await expect(figures.get({ hours: 745 })).rejects.toMatchObject({ code: 3 });
    figures.close();
  }, 120_000);
});
