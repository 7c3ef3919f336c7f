import { setTimeout as sleep } from 'node:timers/promises';
import { settlement } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { decimalText } from '@flotilla/values';
import { importStatement } from '../accept/import.js';

/** More lines than this would not fit into an answer; the export has them all. */
const mostLines = 5_000;
const exportPage = 1_000;
const waitMs = 5_000;

interface StatementRow {
  readonly statement_id: string;
  readonly channel: string;
  readonly format: string;
  readonly batch_no: string;
  readonly state: string;
  readonly lines: number;
  readonly matched: number;
  readonly flagged: number;
  readonly position: string;
}

interface LineRow {
  readonly line_id: string;
  readonly row: number;
  readonly kind: string;
  readonly reference: string;
  readonly occurred_at: Date;
  readonly amount: string;
  readonly fee: string;
  readonly net: string;
  readonly currency: string;
  readonly state: string;
  readonly order_id: string;
  readonly expected_amount: string;
  readonly expected_currency: string;
  readonly cause: string;
}

const toLine = (row: LineRow): settlement.StatementLine => ({
  lineId: row.line_id,
  kind: row.kind,
  reference: row.reference,
  occurredAt: row.occurred_at.toISOString(),
  amount: { amount: Number(row.amount), currency: row.currency },
  fee: { amount: Number(row.fee), currency: row.currency },
  net: { amount: Number(row.net), currency: row.currency },
  state: row.state,
  orderId: row.order_id,
  expected: { amount: Number(row.expected_amount), currency: row.expected_currency },
  cause: row.cause,
});

const toStatement = (row: StatementRow, lines: readonly settlement.StatementLine[]): settlement.Statement => ({
  statementId: row.statement_id,
  channel: row.channel,
  format: row.format,
  batchNo: row.batch_no,
  state: row.state,
  lines,
  matched: row.matched,
  flagged: row.flagged,
  unmatched: row.lines - row.matched - row.flagged,
});

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const rowOf = async ({ pool }: ServiceContext, statementId: string): Promise<StatementRow> => {
  const { rows } = uuid.test(statementId) ? await pool.query<StatementRow>('SELECT * FROM read.statement WHERE statement_id = $1', [statementId]) : { rows: [] };
  if (!rows[0]) throw new Refused('NOT_FOUND', `there is no statement ${statementId}; list them with Statements/List`);
  return rows[0];
};

const get = async (ctx: ServiceContext, statementId: string): Promise<settlement.Statement> => {
  const row = await rowOf(ctx, statementId);
  const { rows } = await ctx.pool.query<LineRow>('SELECT * FROM read.line WHERE statement_id = $1 ORDER BY row LIMIT $2', [statementId, mostLines]);
  return toStatement(row, rows.map(toLine));
};

/** Waits until the read model has passed a position of the log, so that a command can answer with what it did. */
const shown = async ({ pool }: ServiceContext, position: number): Promise<void> => {
  for (const deadline = performance.now() + waitMs; performance.now() < deadline; await sleep(10)) {
    const { rows } = await pool.query<{ position: string }>(`SELECT position FROM es.checkpoint WHERE name = 'statements'`);
    if (Number(rows[0]?.position ?? 0) >= position) return;
  }
  throw new Refused('UNAVAILABLE', 'the statement was taken in, but cannot be shown yet; ask for it with Statements/Get or import it again');
};

/** Newest first, without their lines. */
const list = async ({ pool }: ServiceContext, { page }: settlement.ListStatementsRequest): Promise<settlement.ListStatementsResponse> => {
  const { limit, after } = pageOf(page, 'statements');
  const { rows } = await pool.query<StatementRow>('SELECT * FROM read.statement WHERE $1::bigint IS NULL OR position < $1 ORDER BY position DESC LIMIT $2', [after?.[0] ?? null, limit + 1]);
  const shownRows = rows.slice(0, limit);
  const last = shownRows.at(-1);
  return { statements: shownRows.map((row) => toStatement(row, [])), nextToken: rows.length > limit && last ? pageToken([last.position], 'statements') : '' };
};

// A cell that begins like a formula is one for a spreadsheet; numbers are ours and may begin with a minus.
const text = (value: string): string => {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

async function* exported(ctx: ServiceContext, statementId: string): AsyncIterable<settlement.ExportChunk> {
  const { batch_no: batchNo } = await rowOf(ctx, statementId);
  const chunk = (rows: readonly string[]): settlement.ExportChunk => ({ data: Buffer.from(`${rows.join('\r\n')}\r\n`, 'utf8') });
  yield chunk(['batch,row,kind,reference,occurred_at,order_id,amount,fee,net,expected,currency']);
  for (let after = 0; ; ) {
    const { rows } = await ctx.pool.query<LineRow>(`SELECT * FROM read.line WHERE statement_id = $1 AND state = 'MATCHED' AND row > $2 ORDER BY row LIMIT ${exportPage}`, [statementId, after]);
    if (rows.length === 0) return;
    after = rows.at(-1)?.row ?? after;
    yield chunk(
      rows.map((row) => {
        const money = (amount: string): string => decimalText(Number(amount), row.currency);
        return [text(batchNo), row.row, row.kind, text(row.reference), row.occurred_at.toISOString(), row.order_id, money(row.amount), money(row.fee), money(row.net), money(row.expected_amount), row.currency].join(',');
      }),
    );
  }
}

export const statementsGrpc = (ctx: ServiceContext<{ FLOTILLA_SETTLEMENT_WAIT_DAYS: number }>): readonly Served[] => [
  serve(settlement.Statements, {
    import: async (requests, call) => {
      const { statementId, position } = await importStatement(ctx, requests, call);
      await shown(ctx, position);
      return get(ctx, statementId);
    },
    get: ({ statementId }) => get(ctx, statementId),
    list: (request) => list(ctx, request),
    export: ({ statementId }) => exported(ctx, statementId),
  }),
  serve(settlement.Ledger, {
    trialBalance: async () => {
      const { rows } = await ctx.pool.query<{ account: string; currency: string; balance: string }>('SELECT account, currency, balance FROM read.account ORDER BY currency, account');
      return { balances: rows.map(({ account, currency, balance }) => ({ account, balance: { amount: Number(balance), currency } })) };
    },
  }),
];
