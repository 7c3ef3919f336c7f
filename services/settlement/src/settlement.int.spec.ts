import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, parseMessage, settlement as api, topics, type Client } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import { connectBus, partitionName, type Bus } from '@flotilla/messaging';
import { startForTest, type Running } from '@flotilla/service-kit';
import { createTopics, testServers } from '@flotilla/tasks';
import { database, eventually } from '@flotilla/testing';
import { settlement } from './settlement.service.js';

const channel = `shopify-${process.pid}`;
const header = 'Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Payout ID,Available On,Amount,Fee,Net,Checkout,Payment Method Name,Presentment Amount,Presentment Currency,Currency';
const row = (type: string, number: string, amount: string, fee: string, net: string, at = '2026-11-20 10:00:00 +0800', currency = 'EUR'): string =>
  [at, type, number, 'visa', 'online', 'paid', '2026-11-21', '4711', '2026-11-21', amount, fee, net, '', 'card', amount, currency, currency].join(',');
const fileOf = (...rows: readonly string[]): Buffer => Buffer.from(`${[header, ...rows].join('\n')}\n`);

describe('settlement on real Postgres and Kafka', () => {
  let bus: Bus;
  let service: Running;
  let statements: Client<api.StatementsRpc>;
  let ledger: Client<api.LedgerRpc>;
  let db: Awaited<ReturnType<typeof database>>;
  const said: { type: string; key: string; data: { readonly cause?: string } }[] = [];

  const tell = (topic: string, type: string, stream: string, sequence: number, key: string, data: object): Promise<void> =>
    bus.publish([
      {
        topic, key, value: JSON.stringify(data),
        headers: { ce_specversion: '1.0', ce_id: `${randomUUID()}/0`, ce_source: stream, ce_type: type, ce_time: new Date().toISOString(), sequence: String(sequence), correlation: 'c', causation: 'c', chainhash: 'ab', 'content-type': 'application/json' },
      },
    ]);
  const place = async (number: string, amount: number): Promise<string> => {
    const orderId = randomUUID();
    const at = new Date().toISOString();
    const data = parseMessage('flotilla.order.v1.OrderPlaced', { orderId, channel, channelOrderId: number, number, placedAt: at, paidAt: at, total: { amount, currency: 'EUR' } });
    await tell(topics.order, 'flotilla.order.v1.OrderPlaced', `order-${orderId}`, 1, orderId, data);
    return orderId;
  };
  const known = (...orderIds: readonly string[]): Promise<unknown> =>
    eventually(async () => expect((await db.pool.query('SELECT FROM read.receivable WHERE order_id = ANY ($1)', [orderIds])).rowCount).toBe(orderIds.length));
  const upload = (data: Buffer, format = 'shopify-payments', size = 100): Promise<api.Statement> =>
    statements.import(
      Array.from({ length: Math.max(1, Math.ceil(data.length / size)) }, (_, n) => ({ ...(n === 0 ? { channel, format, fileName: 'payout.csv' } : {}), data: data.subarray(n * size, (n + 1) * size) })),
      { deadlineMs: 20_000 },
    );
  const linesOf = (statement: api.Statement): readonly string[] => statement.lines.map(({ reference, state, cause }) => [reference, state, cause].filter((part) => part !== '').join(' '));

  beforeAll(async () => {
    const servers = testServers();
    await createTopics({ brokers: servers.brokers, fresh: true });
    db = await database(servers.postgresUrl);
    bus = connectBus({ brokers: [servers.brokers], clientId: 'test', log: silentLogger });
    service = await startForTest(settlement, {
      FLOTILLA_DATABASE_URL: db.url, FLOTILLA_MIGRATION_DATABASE_URL: db.url, FLOTILLA_KAFKA_BROKERS: servers.brokers, FLOTILLA_CLOCK: `${Date.now()}@86400`, FLOTILLA_SETTLEMENT_WAIT_DAYS: '5',
    });
    statements = connect(api.Statements, service.grpc);
    ledger = connect(api.Ledger, service.grpc);
    await bus.subscribe(`settlement-spec-${process.pid}`, [topics.settlement], {
      assigned: (all) => Promise.resolve(new Map(all.map((at) => [partitionName(at), { at: 0 }]))),
      take: (batch) => {
        for (const { key, value, headers } of batch.records) said.push({ type: (headers['ce_type'] ?? '').split('.').at(-1) ?? '', key, data: JSON.parse(value?.toString('utf8') ?? '{}') as { cause?: string } });
        return Promise.resolve({ at: (batch.records.at(-1)?.offset ?? -1) + 1 });
      },
    });
  }, 60_000);

  afterAll(async () => {
    statements?.close();
    ledger?.close();
    await service?.stop();
    await bus?.close();
    await db?.drop();
  }, 60_000);

  it('SET-01, SET-03, SET-04, SET-08: a statement is taken in, its lines matched or flagged, the orders settled, the ledger in balance', async () => {
    const [good, short] = [await place('#1', 3_000), await place('#2', 10_000)];
    await known(good, short);
    const parcelId = randomUUID();
    await tell(topics.parcel, 'flotilla.carrier.v1.ParcelShipped', `parcel-${parcelId}`, 1, good, parseMessage('flotilla.carrier.v1.ParcelShipped', { parcelId, foId: good, shippedAt: new Date().toISOString(), orders: [{ orderId: good, channel, channelOrderId: '#1', lines: [] }] }));
    const file = fileOf(row('charge', '#1', '30.00', '0.75', '29.25'), row('charge', '#2', '98.70', '3.00', '95.70'), row('charge', '#1', '30.00', '0.75', '29.25'), row('charge', '#3', '5.00', '0.40', '4.60'));
    const first = await upload(file);
    expect(linesOf(first)).toEqual(['#1 MATCHED', '#2 FLAGGED AMOUNT_DEVIATION', '#1 FLAGGED DUPLICATE', '#3 OPEN']);
    expect(first).toMatchObject({ state: 'MATCHED', batchNo: '4711', matched: 1, flagged: 2, unmatched: 1 });
    expect(await upload(file, 'shopify-payments', 10_000)).toEqual(first);
    const late = await place('#3', 500);
    const closed = await eventually(async () => {
      const now = await statements.get({ statementId: first.statementId });
      expect(now.state).toBe('CLOSED');
      return now;
    });
    expect(closed).toMatchObject({ matched: 2, flagged: 2, unmatched: 0 });
    await eventually(() => {
      const mine = said.filter(({ key }) => [first.statementId, good, late].includes(key)).map(({ type, data }) => `${type} ${data.cause ?? ''}`.trim());
      expect(mine.toSorted()).toEqual(['LineFlagged AMOUNT_DEVIATION', 'LineFlagged DUPLICATE', 'LineMatched', 'LineMatched', 'OrderSettled', 'OrderSettled', 'StatementClosed', 'StatementReceived', 'VoucherPosted PAYOUT', 'VoucherPosted PAYOUT', 'VoucherPosted SHIPPED']);
    });
    const balances = await eventually(async () => {
      const { balances: all } = await ledger.trialBalance({});
      expect(all).toHaveLength(4);
      return all;
    });
    expect(balances.reduce((sum, { balance }) => sum + balance.amount, 0)).toBe(0);
    let csv = '';
    for await (const { data } of statements.export({ statementId: first.statementId })) csv += Buffer.from(data).toString('utf8');
    expect(csv.split('\r\n').slice(1, -1).map((line) => line.split(',')[3])).toEqual(['#1', '#3']);
    expect((await statements.list({})).statements.map(({ statementId }) => statementId)).toContain(first.statementId);
  }, 60_000);

  it('SET-03: a line whose order never comes is flagged when it waited long enough', async () => {
    const { statementId } = await upload(fileOf(row('charge', '#X9', '1.00', '0.10', '0.90')));
    const closed = await eventually(async () => {
      const now = await statements.get({ statementId });
      expect(now.state).toBe('CLOSED');
      return now;
    }, { timeoutMs: 20_000 });
    expect(linesOf(closed)).toEqual(['#X9 FLAGGED UNKNOWN_ORDER']);
  }, 40_000);

  it('SET-01: a file that cannot be read whole leaves nothing', async () => {
    const before = (await db.pool.query('SELECT FROM es.event')).rowCount;
    await expect(upload(fileOf(row('charge', '#1', 'x', '0', 'x')))).rejects.toMatchObject({ code: 3, message: expect.stringContaining('row 2') });
    await expect(upload(Buffer.from('a,b\n1,2\n'))).rejects.toMatchObject({ code: 3 });
    await expect(upload(fileOf(row('charge', '#1', '1.00', '0', '1.00')), 'other')).rejects.toMatchObject({ code: 3 });
    await expect(statements.import([])).rejects.toMatchObject({ code: 3 });
    expect((await db.pool.query('SELECT FROM es.event')).rowCount).toBe(before);
  }, 20_000);

  it('SET-01: five thousand lines are taken in, and what was exported before is a duplicate', async () => {
    const numbers = Array.from({ length: 5_000 }, (_, n) => row('adjustment', '', `-${n + 1}.00`, '0.00', `-${n + 1}.00`));
    expect(await upload(fileOf(...numbers), 'shopify-payments', 64 * 1024)).toMatchObject({ state: 'CLOSED', matched: 5_000, flagged: 0 });
    expect(await upload(fileOf(...numbers.slice(0, 3), row('adjustment', '', '-0.01', '0.00', '-0.01')))).toMatchObject({ matched: 1, flagged: 3 });
  }, 60_000);
});
