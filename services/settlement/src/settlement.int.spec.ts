import { randomUUID } from 'node:crypto';
import { Workbook } from '@cj-tech-master/excelts';
import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, grpcDefinition, ingest, parseMessage, settlement as api, topics, type Client } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import { connectBus, partitionName, type Bus } from '@flotilla/messaging';
import { startForTest, type Running } from '@flotilla/service-kit';
import { createTopics, testServers } from '@flotilla/tasks';
import { database, eventually } from '@flotilla/testing';
import { newKey } from '@flotilla/values';
import grpc from '@grpc/grpc-js';
import { formats } from './formats/registry.js';
import { settlement } from './settlement.service.js';

const channel = `shopify-${process.pid}`;
const header = 'Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Payout ID,Available On,Amount,Fee,Net,Checkout,Payment Method Name,Presentment Amount,Presentment Currency,Currency';
const row = (type: string, number: string, amount: string, fee: string, net: string, at = '2026-11-20 10:00:00 +0800', currency = 'EUR'): string =>
  [at, type, number, 'visa', 'online', 'paid', '2026-11-21', '4711', '2026-11-21', amount, fee, net, '', 'card', amount, currency, currency].join(',');
const fileOf = (...rows: readonly string[]): Buffer => Buffer.from(`${[header, ...rows].join('\n')}\n`);

const subject = '5b0c0c1e-6c1f-5a7e-9d0a-1f2e3d4c5b6a';
const key = newKey();

/** What settlement asks of ingest: the buyers' keys. */
const startKeys = async (keys: grpc.Server): Promise<string> => {
  keys.addService(grpcDefinition(ingest.SubjectKeys), {
    get: ({ request }: { request: ingest.GetSubjectKeysRequest }, answer: grpc.sendUnaryData<ingest.GetSubjectKeysResponse>) => answer(null, { keys: request.subjects.filter((one) => one === subject).map((one) => ({ subject: one, key })) }),
  });
  const port = await new Promise<number>((resolve, reject) => keys.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))));
  return `127.0.0.1:${port}`;
};

describe('settlement on real Postgres and Kafka', () => {
  let bus: Bus;
  let service: Running;
  let statements: Client<api.StatementsRpc>;
  let worklist: Client<api.WorklistRpc>;
  let ledger: Client<api.LedgerRpc>;
  let rates: Client<api.FxRatesRpc>;
  let invoices: Client<api.InvoicesRpc>;
  let books: Client<api.BooksRpc>;
  let described: Client<api.StatementFormatsRpc>;
  const keys = new grpc.Server();
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
    const data = parseMessage('flotilla.order.v1.OrderPlaced', { orderId, channel, channelOrderId: number, number, placedAt: at, paidAt: at, total: { amount, currency: 'EUR' }, buyer: { subject, email: '', phone: '', emailIndex: '', phoneIndex: '', locale: '' } });
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

  let env: Readonly<Record<string, string>> = {};
  const restart = async (): Promise<void> => {
    service = await startForTest(settlement, env);
    statements = connect(api.Statements, service.grpc);
    worklist = connect(api.Worklist, service.grpc);
    ledger = connect(api.Ledger, service.grpc);
    rates = connect(api.FxRates, service.grpc);
    invoices = connect(api.Invoices, service.grpc);
    books = connect(api.Books, service.grpc);
    described = connect(api.StatementFormats, service.grpc);
  };

  beforeAll(async () => {
    const servers = testServers();
    await createTopics({ brokers: servers.brokers, fresh: true });
    db = await database(servers.postgresUrl);
    bus = connectBus({ brokers: [servers.brokers], clientId: 'test', log: silentLogger });
    env = {
      FLOTILLA_DATABASE_URL: db.url, FLOTILLA_MIGRATION_DATABASE_URL: db.url, FLOTILLA_KAFKA_BROKERS: servers.brokers, FLOTILLA_CLOCK: `${Date.now()}@86400`, FLOTILLA_SETTLEMENT_WAIT_DAYS: '5', FLOTILLA_INGEST_GRPC: await startKeys(keys),
    };
    await restart();
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
    for (const client of [ledger, rates, invoices, books, described]) client?.close();
    keys.forceShutdown();
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
  }, 60_000);

  it('SET-02: a format that was described reads a file without a deploy, is one version however often it is put, and none after it was retired', async () => {
    const order = await place('M-1', 5_000);
    await known(order);
    const mapping: api.StatementMapping = {
      name: 'marketplace', titleZh: '市场对账单', titleEn: 'Marketplace transactions', legacy: '', occurredAt: ['Date'], reference: ['Order'], amount: ['Amount'], expense: [], direction: [], outgoing: [], incoming: [], fees: [], feesSigned: false, net: [], currency: ['Currency'], fixedCurrency: '',
      entry: ['Number'], batch: ['Payout'], utcOffset: '+08:00', dateOrder: 'DMY', type: ['What'], kinds: [{ word: 'Sale', kind: 'CHARGE', negated: false }, { word: 'Commission', kind: 'FEE', negated: true }], otherKind: '',
    };
    const file = Buffer.from('Number,Date,What,Order,Amount,Currency,Payout\nT1,20/11/2026,Sale,M-1,50.00,EUR,P-9\nT2,20/11/2026,Commission,M-1,5.00,EUR,P-9\n');
    await expect(upload(file, '')).rejects.toMatchObject({ code: 3, message: expect.stringContaining('StatementFormats/Put') });
    await expect(described.put({ mapping: { ...mapping, name: 'alipay' } })).rejects.toMatchObject({ code: 3, message: expect.stringContaining('format of the code') });
    const tried = await described.put({ mapping, dryRun: true, sample: file });
    expect(tried).toMatchObject({ version: 0, batchNo: 'P-9', faults: [], lines: [{ row: 2, kind: 'CHARGE', reference: 'M-1', amount: { amount: 5_000, currency: 'EUR' } }, { row: 3, kind: 'FEE', label: 'Commission', amount: { amount: -500, currency: 'EUR' } }] });
    expect((await described.list({})).described).toEqual([]);
    for (let n = 0; n < 2; n += 1) expect(await described.put({ requestId: 'put-marketplace', mapping })).toMatchObject({ version: 1 });
    expect(await described.list({})).toMatchObject({ formats: formats.map(({ name }) => ({ name })), described: [{ version: 1, mapping }] });
    expect(await upload(file, '')).toMatchObject({ format: 'marketplace@1', batchNo: 'P-9', state: 'CLOSED', matched: 2, flagged: 0 });
    expect(await upload(file, 'marketplace')).toMatchObject({ format: 'marketplace@1', matched: 2 });
    // Described anew, the same file is another statement, and its lines are known.
    expect(await described.put({ mapping: { ...mapping, titleEn: 'Marketplace' } })).toMatchObject({ version: 2 });
    expect(await upload(file, '')).toMatchObject({ format: 'marketplace@2', matched: 0, flagged: 2, lines: [{ cause: 'DUPLICATE' }, { cause: 'DUPLICATE' }] });
    for (let n = 0; n < 2; n += 1) await described.retire({ requestId: 'retire-marketplace', name: 'marketplace' });
    await expect(described.retire({ name: 'marketplace' })).rejects.toMatchObject({ code: 5 });
    await expect(upload(file, '')).rejects.toMatchObject({ code: 3 });
  });

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

  it('SET-03: among many orders that would do, the one of exactly its amount is found', async () => {
    // Sixty within half a per cent, one of them to the cent: whichever id comes first.
    const orderIds = await Promise.all(Array.from({ length: 60 }, (_, n) => place(`#E${n}`, 444_400 + n)));
    await known(...orderIds);
    const soon = new Date(Date.now() + 3 * 86_400_000).toISOString().replace('T', ' ').slice(0, 19);
    const taken = await upload(fileOf(...[0, 30, 59].map((n) => row('charge', '', `4444.${String(n).padStart(2, '0')}`, '0.00', `4444.${String(n).padStart(2, '0')}`, `${soon} +0000`))));
    expect(taken.lines.map(({ state, orderId }) => [state, orderId])).toEqual([0, 30, 59].map((n) => ['MATCHED', orderIds[n]]));
  }, 40_000);

  it('SET-03: an order is settled by whatever many lines waited for it', async () => {
    const { statementId, unmatched } = await upload(fileOf(...Array.from({ length: 150 }, (_, n) => row('charge', '#W1', '1.00', '0.00', '1.00', `2026-11-20 10:${String(Math.floor(n / 60)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')} +0800`))));
    expect(unmatched).toBe(150);
    await place('#W1', 15_000);
    await eventually(async () => expect(await statements.get({ statementId })).toMatchObject({ state: 'CLOSED', matched: 150, unmatched: 0 }), { timeoutMs: 60_000 });
  }, 90_000);

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

  it('SET-01: a matching that is cut off in the middle goes on with the same file, and every line is judged and booked once', async () => {
    const lines = 1_500;
    const file = fileOf(...Array.from({ length: lines }, (_, n) => row('adjustment', '', `-${n + 1}.25`, '0.00', `-${n + 1}.25`)));
    const judged = async (): Promise<number> => (await db.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM es.event WHERE type = 'LinesJudged'`)).rows[0]?.n ?? 0;
    const before = await judged();
    const cut = upload(file, '', 1_000_000).then(
      () => 'whole',
      () => 'cut off',
    );
    await eventually(async () => expect(await judged()).toBeGreaterThan(before), { timeoutMs: 40_000, everyMs: 5 });
    await db.pool.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()').catch(() => undefined);
    await cut;
    const taken = await eventually(() => upload(file, '', 1_000_000), { timeoutMs: 60_000 });
    expect(taken).toMatchObject({ state: 'CLOSED', matched: lines, flagged: 0 });
    const { rows } = await db.pool.query<{ lines: number; told: number }>(`SELECT count(DISTINCT data->>'lineId')::int AS lines, count(*)::int AS told FROM es.event WHERE stream_id = $1 AND type = 'LineMatched'`, [`statement-${taken.statementId}`]);
    expect(rows).toEqual([{ lines, told: lines }]);
  }, 180_000);

  const usd = async (number: string, amount: number): Promise<api.Statement> => {
    await known(await place(number, amount));
    return upload(fileOf(row('charge', number, '20.00', '0.00', '20.00', '2026-11-20 10:00:00 +0000', 'USD')), '');
  };

  it('SET-11: a payment in another currency is for a person until there is a rate; rates come dated, from a file, whole or not at all', async () => {
    expect(linesOf(await usd('#F1', 1_846))).toEqual(['#F1 FLAGGED CURRENCY']);
    const file = (...lines: readonly string[]): Buffer => Buffer.from(`from,to,date,rate\n${lines.join('\n')}\n`);
    const send = (data: Buffer): Promise<api.ImportFxRatesResponse> => rates.import([{ source: 'ecb', data: data.subarray(0, 20) }, { source: '', data: data.subarray(20) }]);
    for (const [line, why] of [['USD,EUR,2026-11-19,0', 'rate is not'], ['USD,EUR,2026-11-19,1e3', 'rate is not'], ['USD,USD,2026-11-19,1', 'two currencies'], ['USD,EUR,2026-02-30,0.9', 'does not exist'], ['USD,EUR,19.11.2026,0.9', 'date is not a day'], ['"', 'quotes']] as const) {
      await expect(send(file('USD,EUR,2026-11-18,0.9', line))).rejects.toMatchObject({ code: 3, message: expect.stringContaining(why) });
    }
    await expect(send(Buffer.from('a,b\n1,2\n'))).rejects.toMatchObject({ code: 3, message: expect.stringContaining('columns are missing: from, to, date, rate') });
    await expect(rates.import([{ source: '', data: file('USD,EUR,2026-11-19,0.9231') }])).rejects.toMatchObject({ code: 3 });
    expect((await rates.list({})).rates).toEqual([]);
    expect(await send(file('USD,EUR,2026-11-19,0.9231', 'USD,EUR,2026-11-01,0.9'))).toEqual({ rates: 2, changed: 2 });
    expect(await send(file('USD,EUR,2026-11-19,0.9231'))).toEqual({ rates: 1, changed: 0 });
    expect((await rates.list({ page: { size: 1, token: '' } })).rates).toMatchObject([{ from: 'USD', to: 'EUR', date: '2026-11-01', rate: '0.9', source: 'ecb' }]);
    expect(linesOf(await usd('#F2', 1_846))).toEqual(['#F2 MATCHED']);
    const off = await usd('#F3', 1_800);
    expect(off.lines).toMatchObject([{ state: 'FLAGGED', cause: 'AMOUNT_DEVIATION', likely: 'FX' }]);
    await eventually(() => expect(said.filter(({ type, key: of }) => type === 'FxRateSet' && of === 'USD-EUR')).toHaveLength(2));
  }, 60_000);

  it('SET-11, SET-05: invoice data is sealed, carried to vouchers and to the books, which are the same bytes whenever they are asked for', async () => {
    const [orderId, other] = [await place('#I1', 4_200), await place('#I2', 100)];
    await known(orderId, other);
    const file = `channel,order,title,tax id,number,state\n${channel},#I1,测试茶业有限公司,91310000MA1FL0AB2C,26312000000123456789,issued\n${channel},#nobody,A,,,requested\n${channel},#I2,B,,,issued\n${channel},#I2,=HYPERLINK,,,requested\n`;
    const send = (text: string): Promise<api.ImportInvoicesResponse> => invoices.import([{ source: 'finance', channel: '', data: Buffer.from(text) }]);
    expect(await send(file)).toEqual({ recorded: 2, unchanged: 0, faulty: 2, faults: [{ row: 4, reason: 'an invoice that was issued has a number' }, { row: 3, reason: 'settlement knows no such order' }] });
    expect(await send(file)).toMatchObject({ recorded: 0, unchanged: 2 });
    await expect(invoices.import([{ source: 'rumour', channel: '', data: Buffer.from(file) }])).rejects.toMatchObject({ code: 3 });
    await expect(invoices.get({ orderId: randomUUID() })).rejects.toMatchObject({ code: 5 });
    await eventually(async () => expect(await invoices.get({ orderId })).toEqual({ orderId, title: '测试茶业有限公司', taxId: '91310000MA1FL0AB2C', number: '26312000000123456789', state: 'ISSUED', source: 'finance' }));
    await tell(topics.parcel, 'flotilla.carrier.v1.ParcelShipped', `parcel-${orderId}`, 1, orderId, parseMessage('flotilla.carrier.v1.ParcelShipped', { parcelId: randomUUID(), foId: orderId, shippedAt: new Date().toISOString(), orders: [{ orderId, channel, channelOrderId: '#I1', lines: [] }] }));
    await upload(fileOf(row('charge', '#I1', '40.00', '1.00', '39.00')), '');
    await eventually(() => expect(said.filter(({ type, key: of }) => type === 'VoucherPosted' && of === orderId).map(({ data }) => (data as unknown as api.VoucherPosted).invoice)).toEqual([{ number: '26312000000123456789', state: 'ISSUED', title: expect.stringMatching(/^sealed\.v1\./), taxId: expect.stringMatching(/^sealed\.v1\./) }]));
    const stored = (await db.pool.query<{ data: string }>(`SELECT data::text AS data FROM es.event WHERE stream_id = $1`, [`receivable-${orderId}`])).rows.map(({ data }) => data).join('');
    expect(stored).toContain('26312000000123456789');
    expect(stored).not.toMatch(/测试茶业|MA1FL0AB2C/);

    const period = { from: '2020-01-01T00:00:00Z', until: '2020-02-01T00:00:00Z' };
    const exported = async (request: api.ExportBooksRequest): Promise<Buffer> => {
      const chunks: Uint8Array[] = [];
      for await (const { data } of books.export(request, { deadlineMs: 60_000 })) chunks.push(data);
      return Buffer.concat(chunks);
    };
    await expect(exported({ from: period.until, until: period.from })).rejects.toMatchObject({ code: 3 });
    await expect(exported({ from: 'x', until: period.from })).rejects.toMatchObject({ code: 3 });
    const all = { from: '2026-01-01', until: '2027-01-01' };
    const { rows: days } = await db.pool.query<{ from: string; until: string }>(`SELECT (min(posted_at) - interval '1 day')::date::text AS "from", (greatest(max(posted_at), (SELECT max(received_at) FROM read.statement)) + interval '1 day')::date::text AS until FROM read.posting`);
    const span = days[0] ?? all;
    // What was told a moment ago may come to the lists between two of them.
    const first = await eventually(async () => {
      const [one, other] = [await exported(span), await exported(span)];
      expect(other.equals(one)).toBe(true);
      return one;
    });
    const workbook = new Workbook();
    await workbook.xlsx.load(first);
    const rowsOf = (name: string): readonly (readonly unknown[])[] => {
      const rows: unknown[][] = [];
      workbook.getWorksheet(name)?.eachRow((one) => rows.push((one.values as unknown[]).slice(1)));
      return rows;
    };
    const vouchers = rowsOf('凭证 Vouchers');
    const mine = vouchers.filter((one) => one[4] === '#I1');
    expect(mine.map((one) => [one[5], one[6], one[8] ?? 0, one[9] ?? 0, one[11], one[13], one[14]])).toEqual([
      ['1122', '应收账款', 42, 0, '26312000000123456789', '测试茶业有限公司', '91310000MA1FL0AB2C'], ['6001', '主营业务收入', 0, 42, '26312000000123456789', '测试茶业有限公司', '91310000MA1FL0AB2C'],
    ]);
    expect(String(mine[0]?.[15])).toContain('金额偏差超过±0.5% Amount deviates (费率变动 fee changed): 待处理 open');
    const { balances } = await ledger.trialBalance({});
    const summary = rowsOf('汇总 Summary').slice(1);
    expect(summary.map((one) => `${String(one[0])} ${String(one[3])} ${Math.round(Number(one[6]) * 100)}`).toSorted()).toEqual(balances.map(({ account, balance }) => `${account} ${balance?.currency} ${balance?.amount}`).toSorted());
    const notes = rowsOf('异常 Exceptions').slice(1);
    expect(notes.some((one) => one[3] === '#I1' && one[5] === 40 && one[6] === 42)).toBe(true);
    expect(notes.some((one) => one[10] === 'Net is not Amount − Fee' && one[2] === 4)).toBe(true);

    // Of the same events, read again from the first one.
    await service.stop();
    for (const table of ['statement', 'line', 'fault', 'account', 'voucher', 'receivable', 'fx_rate', 'invoice', 'posting']) await db.pool.query(`TRUNCATE read.${table}`);
    await db.pool.query(`DELETE FROM es.checkpoint WHERE name IN ('statements', 'ledger', 'receivables', 'finance')`);
    await restart();
    // The lists are filled one beside the other: the books are the same when the last of them is there.
    await eventually(async () => expect((await exported(span)).equals(first)).toBe(true), { timeoutMs: 90_000 });
  }, 180_000);
});
