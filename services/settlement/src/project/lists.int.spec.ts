import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Workbook } from '@cj-tech-master/excelts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Decider, Message } from '@flotilla/decider';
import { createEventStore, runFollowers, silentLogger } from '@flotilla/event-store';
import { migrate, type MigrationClass } from '@flotilla/service-kit';
import { testServers } from '@flotilla/tasks';
import { database, eventually } from '@flotilla/testing';
import { matchStatement } from '../accept/match.js';
import { exportBooks } from '../query/books.js';
import { tally } from '../query/tally.js';
import { settlement } from '../settlement.service.js';
import { ledgerTables, receivables } from './ledger.js';
import { statements, statementTables } from './statements.js';

type Said = { readonly type: 'Say'; readonly data: readonly Message[] };
/** A stream as it was written by whatever version. */
const anything = (category: string): Decider<null, Said, Message> => ({ category, initial: null, evolve: () => null, decide: ({ data }) => data });
const [statementStream, receivableStream] = [anything('statement'), anything('receivable')];

describe('the lists of settlement on real Postgres', () => {
  let db: Awaited<ReturnType<typeof database>>;
  const bring = (migrations: readonly MigrationClass[]): Promise<void> => migrate({ ownerUrl: db.url, role: new URL(db.url).username, reader: 'nobody', migrations });

  beforeAll(async () => {
    db = await database(testServers().postgresUrl);
  }, 60_000);
  afterAll(() => db?.drop(), 60_000);

  it('SET-01, SET-03: lines and receivables of before have what today’s columns ask, from the log', async () => {
    await bring([statementTables, ledgerTables]);
    const store = createEventStore({ pool: db.pool });
    const [statementId, lineId, orderId] = [randomUUID(), randomUUID(), randomUUID()];
    const [at, amount] = ['2026-11-21T09:00:00.000Z', { amount: 3_000, currency: 'EUR' }];
    const line = { lineId, row: 2, kind: 'CHARGE', reference: '#1', occurredAt: at, amount, fee: { amount: 0, currency: 'EUR' }, net: amount, fingerprint: 'once' };
    const verdict = { outcome: 'MATCHED', orderId, expected: amount };
    const { position } = await store.execute({
      streams: [],
      meta: { correlation: 'c', causation: 'c', actor: 'spec' },
      decide: (unit) => {
        unit.run(receivableStream, orderId, { type: 'Say', data: [{ type: 'ReceivableOpened', data: { orderId, channel: 'shop', number: '#1', total: amount, placedAt: at, paid: true } }, { type: 'LineTaken', data: { orderId, statementId, line, verdict, refundIds: [] } }, { type: 'OrderSettled', data: { orderId, statementId, net: amount, settledAt: at } }] });
        unit.run(statementStream, statementId, { type: 'Say', data: [{ type: 'StatementReceived', data: { statementId, channel: 'shop', format: 'shopify-payments', batchNo: '1', lines: 1, receivedAt: at } }, { type: 'LinesTyped', data: { statementId, lines: [line], waiting: [] } }, { type: 'LineMatched', data: { statementId, lineId, orderId, kind: 'CHARGE', amount, fee: line.fee, net: amount, expected: amount } }, { type: 'StatementClosed', data: { statementId, matched: 1, flagged: 0, unmatched: 0, closedAt: at } }] });
      },
    });
    // As these were listed then.
    await db.pool.query(`INSERT INTO read.statement VALUES ($1, 'shop', 'shopify-payments', '1', 'CLOSED', 1, 1, 1, 0, $2, 1)`, [statementId, at]);
    await db.pool.query(`INSERT INTO read.line VALUES ($1, $2, 2, 'CHARGE', '#1', $3, 3000, 0, 3000, 'EUR', 'MATCHED', $4, 3000, 'EUR', '')`, [statementId, lineId, at, orderId]);
    await db.pool.query(`INSERT INTO read.receivable VALUES ($1, 'shop', '#1', 3000, 'EUR', $2)`, [orderId, at]);
    await db.pool.query(`INSERT INTO es.checkpoint (name, position) VALUES ('statements', $1), ('receivables', $1), ('finance', $1)`, [position]);
    await bring(settlement.migrations);
    const runner = await runFollowers({ pool: db.pool, store, followers: [statements, receivables], log: silentLogger });
    try {
      await eventually(async () => expect((await db.pool.query(`SELECT min(position)::int AS position FROM es.checkpoint WHERE name IN ('statements', 'receivables')`)).rows).toEqual([{ position }]));
    } finally {
      await runner.stop();
    }
    const one = async (sql: string): Promise<readonly unknown[]> => (await db.pool.query(sql)).rows;
    expect(await one('SELECT state, matched, lines FROM read.statement')).toEqual([{ state: 'CLOSED', matched: 1, lines: 1 }]);
    expect(await one('SELECT fingerprint, group_id <> $$$$ AS grouped, state FROM read.line')).toEqual([{ fingerprint: 'once', grouped: true, state: 'MATCHED' }]);
    expect(await one('SELECT charged::int AS charged, placed_at IS NOT NULL AS placed, settled_at IS NOT NULL AS settled FROM read.receivable')).toEqual([{ charged: 3_000, placed: true, settled: true }]);
  }, 60_000);

  it('SET-03, ALR-04: the tally tells the lines that wait for a decision from all that were ever flagged', async () => {
    const id = randomUUID();
    await db.pool.query(`INSERT INTO read.statement (statement_id, channel, format, batch_no, state, lines, matched, flagged, resolved, received_at, position) VALUES ($1, 'shop', 'shopify-payments', '2', 'MATCHED', 7, 1, 6, 4, now(), 2)`, [id]);
    expect(await tally({ pool: db.pool })).toMatchObject({ flagged: 6, toLookAt: 2, unmatched: 0 });
    await db.pool.query('DELETE FROM read.statement WHERE statement_id = $1', [id]);
  });

  it('SET-05: what is posted while the books are read is in none of their sheets', async () => {
    const post = (count: number): Promise<unknown> =>
      db.pool.query(`INSERT INTO read.posting SELECT '2026-10-05T00:00:00Z'::timestamptz + n * interval '1 second', gen_random_uuid(), 0, 'SHIPPED', '', '1122', 100, 'EUR', '' FROM generate_series(1, $1::integer) n`, [count]);
    await post(2_500);
    const books = exportBooks({ pool: db.pool, open: (texts) => Promise.resolve(texts.map(() => '')) }, { from: '2026-10-01', until: '2026-11-01' });
    const chunks: Uint8Array[] = [];
    let added = false;
    for await (const { data } of books) {
      chunks.push(data);
      // The first page of vouchers is out, and the sums are not asked for yet.
      if (!added && chunks.reduce((sum, { length }) => sum + length, 0) > 10_000) {
        added = true;
        await post(1_000);
      }
    }
    expect(added).toBe(true);
    const workbook = new Workbook();
    await workbook.xlsx.load(Buffer.concat(chunks));
    expect(workbook.getWorksheet('凭证 Vouchers')?.rowCount).toBe(2_501);
    expect(workbook.getWorksheet('汇总 Summary')?.getRow(2).getCell(5).value).toBe(2_500);
  }, 60_000);

  it('SET-05: an export that is too late before it has its connection gives that back', async () => {
    let released = 0;
    const connect = async () => {
      await sleep(300);
      const client = await db.pool.connect();
      const release = client.release.bind(client);
      return Object.assign(client, { release: () => ((released += 1), release()) });
    };
    const slow = { query: db.pool.query.bind(db.pool), connect } as unknown as typeof db.pool;
    const read = async (): Promise<void> => {
      for await (const _ of exportBooks({ pool: slow, open: (texts) => Promise.resolve(texts.map(() => '')) }, { from: '2026-10-01', until: '2026-11-01' }, 100)) continue;
    };
    await expect(read()).rejects.toThrow('not read in time');
    expect(released).toBe(1);
  }, 60_000);

  it('SET-05: an export may be read for longer than the service’s sessions may stand still', async () => {
    const connect = async () => {
      const client = await db.pool.connect();
      await client.query(`SET transaction_timeout = '1s'; SET idle_in_transaction_session_timeout = '1s'`);
      const release = client.release.bind(client);
      // Not for others: the guards are this session's for good.
      return Object.assign(client, { release: () => release(true) });
    };
    const guarded = { query: db.pool.query.bind(db.pool), connect } as unknown as typeof db.pool;
    let size = 0;
    for await (const { data } of exportBooks({ pool: guarded, open: (texts) => Promise.resolve(texts.map(() => '')) }, { from: '2026-10-01', until: '2026-11-01' })) {
      if (size === 0) await sleep(1_500);
      size += data.length;
    }
    expect(size).toBeGreaterThan(10_000);
  }, 60_000);

  it('SET-05: an export that is left in the middle gives its connection back, and a third one at once is refused', async () => {
    const begin = () => exportBooks({ pool: db.pool, open: (texts) => Promise.resolve(texts.map(() => '')) }, { from: '2026-10-01', until: '2026-11-01' })[Symbol.asyncIterator]();
    const [one, two] = [begin(), begin()];
    for (const books of [one, two]) expect((await books.next()).done).toBe(false);
    await expect(begin().next()).rejects.toMatchObject({ reason: 'OVERLOADED' });
    for (const books of [one, two]) await books.return?.();
    expect(db.pool.totalCount).toBe(db.pool.idleCount);
    const again = begin();
    expect((await again.next()).done).toBe(false);
    await again.return?.();
  }, 60_000);

  it('SET-05: an export whose reader stands still lets others in after a while, and says so when it is read on', async () => {
    const begin = (withinMs: number) => exportBooks({ pool: db.pool, open: (texts) => Promise.resolve(texts.map(() => '')) }, { from: '2026-10-01', until: '2026-11-01' }, withinMs)[Symbol.asyncIterator]();
    const [one, two] = [begin(2_000), begin(2_000)];
    for (const books of [one, two]) expect((await books.next()).done).toBe(false);
    await eventually(async () => {
      const third = begin(60_000);
      expect((await third.next()).done).toBe(false);
      await third.return?.();
    });
    for (const books of [one, two]) {
      const rest = async (): Promise<void> => {
        while (!(await books.next()).done);
      };
      await expect(rest()).rejects.toMatchObject({ reason: 'UNAVAILABLE', message: expect.stringContaining('not read in time') });
    }
    expect(db.pool.totalCount).toBe(db.pool.idleCount);
  }, 60_000);

  it('SET-01: a statement that was left is not matched from lists that are still being made', async () => {
    const store = createEventStore({ pool: db.pool });
    const [statementId, lineId] = [randomUUID(), randomUUID()];
    const [at, amount] = ['2026-11-21T09:00:00.000Z', { amount: -100, currency: 'EUR' }];
    const line = { lineId, row: 2, kind: 'ADJUSTMENT', reference: '', occurredAt: at, amount, fee: { amount: 0, currency: 'EUR' }, net: amount, fingerprint: 'left' };
    const meta = { correlation: 'c', causation: 'c', actor: 'spec' };
    await store.execute({
      streams: [],
      meta,
      decide: (unit) =>
        void unit.run(statementStream, statementId, {
          type: 'Say',
          data: [
            { type: 'StatementReceived', data: { statementId, channel: 'shop', format: 'shopify-payments', batchNo: '3', lines: 1, receivedAt: at } },
            { type: 'LinesRead', data: { statementId, from: 0, lines: [line], faults: [] } },
            { type: 'StatementParsed', data: { statementId, encoding: 'utf-8', lines: 1, faults: 0, checks: [], parsedAt: at } },
          ],
        }),
    });
    await db.pool.query(`UPDATE es.checkpoint SET position = 0, epoch = epoch + 1 WHERE name IN ('statements', 'receivables')`);
    await db.pool.query('TRUNCATE read.statement, read.line, read.receivable');
    const ctx = { pool: db.pool, store, clock: { business: () => new Date(at), machine: () => new Date(at) }, config: { FLOTILLA_SETTLEMENT_WAIT_DAYS: 3, FLOTILLA_SETTLEMENT_WINDOW_DAYS: 7 } } as unknown as Parameters<typeof matchStatement>[0];
    const matching = matchStatement(ctx, statementId, 0, meta).then(() => 'matched');
    await sleep(300);
    const runner = await runFollowers({ pool: db.pool, store, followers: [statements, receivables], log: silentLogger });
    try {
      expect(await matching).toBe('matched');
    } finally {
      await runner.stop();
    }
    const { rows } = await db.pool.query('SELECT type FROM es.event WHERE stream_id = $1 ORDER BY version', [`statement-${statementId}`]);
    expect(rows.map(({ type }) => type as string)).toEqual(['StatementReceived', 'LinesRead', 'StatementParsed', 'LinesJudged', 'LineMatched', 'StatementMatched', 'StatementReviewed', 'StatementClosed']);
  }, 60_000);
});
