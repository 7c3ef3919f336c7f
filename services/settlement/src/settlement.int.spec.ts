import { randomUUID } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, parseMessage, settlement as api, topics, type Client } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import { connectBus, partitionName, type Bus } from '@flotilla/messaging';
import { startForTest, type Running } from '@flotilla/service-kit';
import { createTopics, testServers } from '@flotilla/tasks';
import { database, eventually } from '@flotilla/testing';
import { formats } from './formats/registry.js';
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
  let worklist: Client<api.WorklistRpc>;
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
      { deadlineMs: 100_000 },
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
    worklist = connect(api.Worklist, service.grpc);
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
    worklist?.close();
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
    expect(first).toMatchObject({ state: 'PARSED', batchNo: '4711', encoding: 'utf-8', matched: 1, flagged: 2, unmatched: 1, faults: 0 });
    await expect(statements.review({ requestId: randomUUID(), statementId: first.statementId, reason: 'too early' })).rejects.toMatchObject({ code: 9, message: expect.stringContaining('not judged yet') });
    expect(await upload(file, 'shopify-payments', 10_000)).toEqual(first);
    const late = await place('#3', 500);
    const matched = await eventually(async () => {
      const now = await statements.get({ statementId: first.statementId });
      expect(now.state).toBe('MATCHED');
      return now;
    });
    expect(matched).toMatchObject({ matched: 2, flagged: 2, resolved: 0, unmatched: 0 });
    await expect(statements.closeStatement({ requestId: randomUUID(), statementId: first.statementId })).rejects.toMatchObject({ code: 9 });
    await expect(statements.review({ requestId: randomUUID(), statementId: first.statementId, reason: 'seen' })).rejects.toMatchObject({ code: 9, message: expect.stringContaining('2 flagged lines are open') });
    // Page by page, as large as they are wished for.
    const open: api.WorklistLine[] = [];
    for (let token = ''; ; ) {
      const page = await worklist.list({ page: { size: 1, token }, channel, cause: '' });
      open.push(...page.lines);
      token = page.nextToken;
      if (token === '') break;
    }
    const mine = open.filter(({ statementId }) => statementId === first.statementId);
    expect(mine.map(({ line, deviationPermille }) => [line?.cause, line?.likely, deviationPermille]).toSorted()).toEqual([['AMOUNT_DEVIATION', 'FEE_CHANGED', -13], ['DUPLICATE', '', 0]]);
    const of = (cause: string): string => mine.find(({ line }) => line?.cause === cause)?.line?.lineId ?? '';
    await expect(worklist.resolve({ requestId: '', lineId: of('DUPLICATE'), action: 'DISMISS', orderId: '', kind: '', reason: 'told twice' })).rejects.toMatchObject({ code: 3 });
    await expect(worklist.resolve({ requestId: randomUUID(), lineId: of('DUPLICATE'), action: 'DISMISS', orderId: '', kind: '', reason: ' ' })).rejects.toMatchObject({ code: 3 });
    await expect(worklist.resolve({ requestId: randomUUID(), lineId: randomUUID(), action: 'DISMISS', orderId: '', kind: '', reason: 'x' })).rejects.toMatchObject({ code: 5 });
    const dismissal = { requestId: randomUUID(), lineId: of('DUPLICATE'), action: 'DISMISS', orderId: '', kind: '', reason: 'told twice' };
    expect(await worklist.resolve(dismissal)).toMatchObject({ state: 'DISMISSED', resolution: 'told twice', resolvedBy: expect.stringMatching(/^caller:/) });
    expect(await worklist.resolve(dismissal)).toMatchObject({ state: 'DISMISSED' });
    expect(await worklist.resolve({ requestId: randomUUID(), lineId: of('AMOUNT_DEVIATION'), action: 'ACCEPT', orderId: '', kind: '', reason: 'the fee was raised' })).toMatchObject({ state: 'ACCEPTED', orderId: short });
    await expect(worklist.resolve({ requestId: randomUUID(), lineId: of('AMOUNT_DEVIATION'), action: 'DISMISS', orderId: '', kind: '', reason: 'no' })).rejects.toMatchObject({ code: 9 });
    expect(await statements.review({ requestId: randomUUID(), statementId: first.statementId, reason: 'all explained' })).toMatchObject({ state: 'REVIEWED', resolved: 2 });
    expect(await statements.closeStatement({ requestId: randomUUID(), statementId: first.statementId })).toMatchObject({ state: 'CLOSED' });
    await eventually(() => {
      const all = said.filter(({ key }) => [first.statementId, good, late, short].includes(key)).map(({ type, data }) => `${type} ${data.cause ?? ''}`.trim());
      expect(all.toSorted()).toEqual([
        'LineFlagged AMOUNT_DEVIATION', 'LineFlagged DUPLICATE', 'LineMatched', 'LineMatched', 'LineResolved', 'LineResolved', 'OrderSettled', 'OrderSettled', 'OrderSettled', 'StatementClosed', 'StatementMatched', 'StatementParsed',
        'StatementReceived', 'StatementReviewed', 'VoucherPosted DIFFERENCE', 'VoucherPosted PAYOUT', 'VoucherPosted PAYOUT', 'VoucherPosted PAYOUT', 'VoucherPosted SHIPPED',
      ]);
    });
    const balances = await eventually(async () => {
      const { balances: all } = await ledger.trialBalance({});
      expect(all).toHaveLength(5);
      return all;
    });
    expect(balances.reduce((sum, { balance }) => sum + balance.amount, 0)).toBe(0);
    let csv = '';
    for await (const { data } of statements.export({ statementId: first.statementId })) csv += Buffer.from(data).toString('utf8');
    expect(csv.split('\r\n').slice(1, -1).map((line) => line.split(',')[3])).toEqual(['#1', '#2', '#3']);
    expect((await statements.list({})).statements.map(({ statementId }) => statementId)).toContain(first.statementId);
  }, 60_000);

  it('SET-03: a line whose order never comes is flagged when it waited long enough', async () => {
    const { statementId } = await upload(fileOf(row('charge', '#X9', '1.00', '0.10', '0.90')));
    const closed = await eventually(async () => {
      const now = await statements.get({ statementId });
      expect(now.state).toBe('MATCHED');
      return now;
    }, { timeoutMs: 20_000 });
    expect(linesOf(closed)).toEqual(['#X9 FLAGGED UNKNOWN_ORDER']);
  }, 40_000);

  it('SET-01, SET-02: a file of which nothing can be read leaves nothing', async () => {
    const before = (await db.pool.query('SELECT FROM es.event')).rowCount;
    await expect(upload(fileOf(row('charge', '#1', 'x', '0', 'x')))).rejects.toMatchObject({ code: 3, message: expect.stringContaining('row 2') });
    await expect(upload(Buffer.from('a,b\n1,2\n'))).rejects.toMatchObject({ code: 3 });
    await expect(upload(fileOf(row('charge', '#1', '1.00', '0', '1.00')), 'other')).rejects.toMatchObject({ code: 3 });
    await expect(upload(fileOf(row('charge', '#1', '1.00', '0', '1.00')), 'alipay')).rejects.toMatchObject({ code: 3, message: expect.stringContaining('this is a file of shopify-payments') });
    await expect(upload(Buffer.alloc(65 * 1024 * 1024, 'x\n'), '', 1024 * 1024)).rejects.toMatchObject({ code: 3, message: expect.stringContaining('64 MiB') });
    await expect(statements.import([])).rejects.toMatchObject({ code: 3 });
    expect((await db.pool.query('SELECT FROM es.event')).rowCount).toBe(before);
  }, 20_000);

  it('SET-01: five thousand lines are taken in, and what was exported before is a duplicate', async () => {
    const numbers = Array.from({ length: 5_000 }, (_, n) => row('adjustment', '', `-${n + 1}.00`, '0.00', `-${n + 1}.00`));
    expect(await upload(fileOf(...numbers), 'shopify-payments', 64 * 1024)).toMatchObject({ state: 'CLOSED', matched: 5_000, flagged: 0 });
    expect(await upload(fileOf(...numbers.slice(0, 3), row('adjustment', '', '-0.01', '0.00', '-0.01')))).toMatchObject({ matched: 1, flagged: 3 });
  }, 120_000);

  it('SET-01, SET-02: every format is taken in, told by its bytes; bad rows are reported, and the statement is for a person', async () => {
    for (const { name } of formats) {
      for (const file of globSync(`services/settlement/src/formats/${name}/fixtures/*`).filter((one) => !one.endsWith('.json'))) {
        const expected = JSON.parse(readFileSync(`${file}.expected.json`, 'utf8')) as { rows: readonly string[]; batchNo: string };
        const taken = await upload(readFileSync(file), '');
        expect(taken).toMatchObject({ format: name, batchNo: expected.batchNo, faults: 0 });
        expect(taken.lines.map(({ kind, row: n }) => `${n} ${kind}`)).toEqual(expected.rows.map((line) => line.replace(/^(\d+)(\/\w+)? (\w+) .*/, '$1 $3')));
      }
    }
    const bad = fileOf(row('adjustment', '', '-7.77', '0.00', '-7.77'), row('adjustment', '', 'x', '0.00', 'x'), row('adjustment', '', '1.00', '0.00', '2.00'));
    const taken = await upload(bad, '');
    expect(taken).toMatchObject({ state: 'MATCHED', matched: 1, flagged: 0, faults: 2 });
    const { faults, nextToken } = await statements.listFaults({ statementId: taken.statementId, page: { size: 1, token: '' } });
    expect(faults).toEqual([{ row: 3, reason: 'Amount is not an amount in EUR' }]);
    expect((await statements.listFaults({ statementId: taken.statementId, page: { size: 1, token: nextToken } })).faults).toEqual([{ row: 4, reason: 'Net is not Amount − Fee' }]);
    expect(await statements.review({ requestId: randomUUID(), statementId: taken.statementId, reason: 'two lines of no worth' })).toMatchObject({ state: 'REVIEWED' });
  }, 60_000);

  it('SET-03: a payment without a number finds the one order of its amount within its window', async () => {
    const [orderId, early] = [await place('#A1', 77_701), await place('#A2', 88_801)];
    await known(orderId, early);
    const [soon, before] = [new Date(Date.now() + 3 * 86_400_000), new Date(Date.now() - 3 * 86_400_000)].map((at) => at.toISOString().replace('T', ' ').slice(0, 19)) as [string, string];
    const taken = await upload(fileOf(row('charge', '', '777.01', '1.00', '776.01', `${soon} +0000`), row('charge', '', '888.01', '1.00', '887.01', `${before} +0000`)));
    expect(taken.lines.map(({ state, cause, orderId: of }) => [state, cause, of])).toEqual([['MATCHED', '', orderId], ['FLAGGED', 'UNKNOWN_ORDER', '']]);
  }, 40_000);

  it('SET-01: the same file again, in other pieces and with its format named, is the same statement and adds nothing to it', async () => {
    const file = fileOf(...Array.from({ length: 450 }, (_, n) => row('adjustment', '', `-${n + 1}.50`, '0.00', `-${n + 1}.50`)));
    const taken = await upload(file, '', 1_000_000);
    expect(taken).toMatchObject({ state: 'CLOSED', matched: 450 });
    const about = async (): Promise<unknown> => (await db.pool.query('SELECT type, count(*)::int FROM es.event WHERE stream_id = $1 GROUP BY type ORDER BY type', [`statement-${taken.statementId}`])).rows;
    const before = await about();
    expect(before).toContainEqual({ type: 'LinesRead', count: 3 });
    expect(await upload(file, 'shopify-payments', 77)).toEqual(taken);
    expect(await about()).toEqual(before);
  }, 40_000);
});
