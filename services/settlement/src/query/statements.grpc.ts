import { settlement } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { csvRow, decimalText, isUuid } from '@flotilla/values';
import { importStatement } from '../accept/import.js';
import { shown, type MatchConfig } from '../accept/match.js';
import { closeStatement, resolveLine, reviewStatement } from '../accept/resolve.js';
import type { LineRow } from '../project/statements.js';

/** More lines than this would not fit into an answer; the export has them all. */
const mostLines = 5_000;
const exportPage = 1_000;

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
  readonly resolved: number;
  readonly faults: number;
  readonly checks: readonly settlement.TotalCheck[];
  readonly encoding: string;
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
  likely: row.likely,
  label: row.label,
  resolvedBy: row.resolved_by,
  resolution: row.resolution,
  row: row.row,
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
  resolved: row.resolved,
  faults: row.faults,
  checks: row.checks,
  encoding: row.encoding,
});

const rowOf = async ({ pool }: ServiceContext, statementId: string): Promise<StatementRow> => {
  const { rows } = isUuid(statementId) ? await pool.query<StatementRow>('SELECT * FROM read.statement WHERE statement_id = $1', [statementId]) : { rows: [] };
  if (!rows[0]) throw new Refused('NOT_FOUND', `there is no statement ${statementId}; list them with Statements/List`);
  return rows[0];
};

const get = async (ctx: ServiceContext, statementId: string): Promise<settlement.Statement> => {
  const row = await rowOf(ctx, statementId);
  const { rows } = await ctx.pool.query<LineRow>('SELECT * FROM read.line WHERE statement_id = $1 ORDER BY n LIMIT $2', [statementId, mostLines]);
  return toStatement(row, rows.map(toLine));
};

/** Newest first, without their lines. */
const list = async ({ pool }: ServiceContext, { page }: settlement.ListStatementsRequest): Promise<settlement.ListStatementsResponse> => {
  const { limit, after } = pageOf(page, 'statements');
  const { rows } = await pool.query<StatementRow>('SELECT * FROM read.statement WHERE $1::bigint IS NULL OR position < $1 ORDER BY position DESC LIMIT $2', [after?.[0] ?? null, limit + 1]);
  const shownRows = rows.slice(0, limit);
  const last = shownRows.at(-1);
  return { statements: shownRows.map((row) => toStatement(row, [])), nextToken: rows.length > limit && last ? pageToken([last.position], 'statements') : '' };
};

async function* exported(ctx: ServiceContext, statementId: string): AsyncIterable<settlement.ExportChunk> {
  const { batch_no: batchNo } = await rowOf(ctx, statementId);
  const chunk = (rows: readonly string[]): settlement.ExportChunk => ({ data: Buffer.from(`${rows.join('\r\n')}\r\n`, 'utf8') });
  yield chunk(['batch,row,kind,reference,occurred_at,order_id,amount,fee,net,expected,currency']);
  for (let after = -1; ; ) {
    const { rows } = await ctx.pool.query<LineRow>(`SELECT * FROM read.line WHERE statement_id = $1 AND state IN ('MATCHED', 'ACCEPTED') AND n > $2 ORDER BY n LIMIT ${exportPage}`, [statementId, after]);
    if (rows.length === 0) return;
    after = rows.at(-1)?.n ?? after;
    yield chunk(
      rows.map((row) => {
        const money = (amount: string): string => decimalText(Number(amount), row.currency);
        return csvRow([batchNo, String(row.row), row.kind, row.reference, row.occurred_at.toISOString(), row.order_id, money(row.amount), money(row.fee), money(row.net), money(row.expected_amount), row.currency]);
      }),
    );
  }
}

const faults = async (ctx: ServiceContext, { statementId, page }: settlement.ListFaultsRequest): Promise<settlement.ListFaultsResponse> => {
  await rowOf(ctx, statementId);
  const { limit, after } = pageOf(page, ['faults', statementId]);
  const { rows } = await ctx.pool.query<settlement.RowFault>('SELECT row, reason FROM read.fault WHERE statement_id = $1 AND row > $2 ORDER BY row LIMIT $3', [statementId, Number(after?.[0] ?? 0), limit + 1]);
  const page1 = rows.slice(0, limit);
  const last = page1.at(-1);
  return { faults: page1, nextToken: rows.length > limit && last ? pageToken([String(last.row)], ['faults', statementId]) : '' };
};

interface OpenRow extends LineRow {
  readonly statement_id: string;
  readonly channel: string;
  readonly batch_no: string;
  readonly at: string;
}

const worklist = async ({ pool }: ServiceContext, { page, channel, cause }: settlement.ListWorklistRequest): Promise<settlement.ListWorklistResponse> => {
  const { limit, after } = pageOf(page, ['worklist', channel, cause]);
  const { rows } = await pool.query<OpenRow>(
    `SELECT l.*, s.channel, s.batch_no, l.occurred_at::text AS at FROM read.line l JOIN read.statement s USING (statement_id)
      WHERE l.state = 'FLAGGED' AND ($1 = '' OR s.channel = $1) AND ($2 = '' OR l.cause = $2) AND ($3::timestamptz IS NULL OR (l.occurred_at, l.line_id) > ($3, $4::uuid))
      ORDER BY l.occurred_at, l.line_id LIMIT $5`,
    [channel, cause, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  const open = rows.slice(0, limit);
  const last = open.at(-1);
  return {
    lines: open.map((row) => ({
      statementId: row.statement_id, channel: row.channel, batchNo: row.batch_no, row: row.row, line: toLine(row),
      // A deviation is shown as what it is of the expected; in another currency it would say nothing.
      deviationPermille: Number(row.expected_amount) === 0 || row.expected_currency !== row.currency ? 0 : Math.trunc(((Number(row.amount) - Number(row.expected_amount)) * 1_000) / Math.abs(Number(row.expected_amount))),
    })),
    nextToken: rows.length > limit && last ? pageToken([last.at, last.line_id], ['worklist', channel, cause]) : '',
  };
};

const resolvedLine = async ({ pool }: ServiceContext, lineId: string): Promise<settlement.StatementLine> => {
  const { rows } = await pool.query<LineRow>('SELECT * FROM read.line WHERE line_id = $1', [lineId]);
  if (!rows[0]) throw new Refused('NOT_FOUND', `there is no line ${lineId}`);
  return toLine(rows[0]);
};

export const statementsGrpc = (ctx: ServiceContext<MatchConfig>): readonly Served[] => [
  serve(settlement.Statements, {
    import: async (requests, call) => {
      const { statementId, position } = await importStatement(ctx, requests, call);
      await shown(ctx, position);
      return get(ctx, statementId);
    },
    get: ({ statementId }) => get(ctx, statementId),
    list: (request) => list(ctx, request),
    export: ({ statementId }) => exported(ctx, statementId),
    listFaults: (request) => faults(ctx, request),
    review: async (request, call) => {
      await shown(ctx, await reviewStatement(ctx, request, call));
      return get(ctx, request.statementId);
    },
    closeStatement: async (request, call) => {
      await shown(ctx, await closeStatement(ctx, request, call));
      return get(ctx, request.statementId);
    },
  }),
  serve(settlement.Worklist, {
    list: (request) => worklist(ctx, request),
    resolve: async (request, call) => {
      const { lineId, position } = await resolveLine(ctx, request, call);
      await shown(ctx, position);
      return resolvedLine(ctx, lineId);
    },
  }),
  serve(settlement.Ledger, {
    trialBalance: async () => {
      const { rows } = await ctx.pool.query<{ account: string; currency: string; balance: string }>('SELECT account, currency, balance FROM read.account ORDER BY currency, account');
      return { balances: rows.map(({ account, currency, balance }) => ({ account, balance: { amount: Number(balance), currency } })) };
    },
  }),
];
