import { setTimeout as sleep } from 'node:timers/promises';
import { Refused } from '@flotilla/decider';
import type { Meta, Task } from '@flotilla/event-store';
import type { ServiceContext } from '@flotilla/service-kit';
import { settlePart, type Candidates } from '../coordinate/settling.js';
import type { Line, LineKind } from '../decide/line.js';
import { numbersOf, referenceId } from '../decide/numbers.js';
import { receivable } from '../decide/receivable.decider.js';
import { reference } from '../decide/reference.decider.js';
import { statement } from '../decide/statement.decider.js';
import { voucher } from '../decide/voucher.decider.js';
import { lineVoucherId } from '../decide/vouchers.js';

export interface MatchConfig {
  /** Business days that a line waits for its order or refund. */
  readonly FLOTILLA_SETTLEMENT_WAIT_DAYS: number;
  /** Business days before a payment without a number within which its order was placed. */
  readonly FLOTILLA_SETTLEMENT_WINDOW_DAYS: number;
}

const partLines = 50;
/** Lines that are at hand at once; no order has more in one statement. */
const pageLines = 500;
const day = 86_400_000;
const shownWithinMs = 20_000;

/** Waits until read models have passed a position of the log. */
export const shown = async ({ pool }: ServiceContext, position: number, names: readonly string[] = ['statements']): Promise<void> => {
  for (const deadline = performance.now() + shownWithinMs; performance.now() < deadline; await sleep(10)) {
    const { rows } = await pool.query<{ position: string }>('SELECT position FROM es.checkpoint WHERE name = ANY ($1)', [names]);
    if (rows.length === names.length && rows.every((row) => Number(row.position) >= position)) return;
  }
  throw new Refused('UNAVAILABLE', 'what was done is written, but cannot be shown yet; ask again in a moment');
};

interface LineRow {
  readonly line_id: string;
  readonly row: number;
  readonly kind: LineKind;
  readonly label: string;
  readonly reference: string;
  readonly occurred_at: Date;
  readonly amount: string;
  readonly fee: string;
  readonly net: string;
  readonly currency: string;
  readonly fingerprint: string;
}

/** A line as it was read. The read model keeps all of it: it is what a statement's own stream would otherwise have to be folded for. */
export const lineOf = (row: LineRow): Line => {
  const money = (amount: string): Line['amount'] => ({ amount: Number(amount), currency: row.currency });
  return {
    lineId: row.line_id, row: row.row, kind: row.kind, label: row.label, reference: row.reference, occurredAt: row.occurred_at.toISOString(),
    amount: money(row.amount), fee: money(row.fee), net: money(row.net), fingerprint: row.fingerprint,
  };
};

interface GroupedLine {
  readonly line: Line;
  readonly group: string;
  readonly n: number;
}

// Lines of one order stand together, wherever they stand in the file; an order of the same lines always comes out the same.
const linesFrom = async ({ pool }: ServiceContext, statementId: string, from: number, after: { readonly group: string; readonly n: number } | undefined): Promise<readonly GroupedLine[]> => {
  const { rows } = await pool.query<LineRow & { group_id: string; n: number }>(
    `SELECT * FROM read.line WHERE statement_id = $1 ${after ? 'AND (group_id, n) > ($2, $3::integer) ORDER BY group_id, n' : 'ORDER BY group_id, n OFFSET $2'} LIMIT ${pageLines}`,
    after ? [statementId, after.group, after.n] : [statementId, from],
  );
  return rows.map((row) => ({ line: lineOf(row), group: row.group_id, n: row.n }));
};

/** Groups that are whole: the last one of a full page may go on after it. */
const wholeGroups = (lines: readonly GroupedLine[]): readonly (readonly GroupedLine[])[] => {
  const groups = [...Map.groupBy(lines, ({ group }) => group).values()];
  return lines.length === pageLines && groups.length > 1 ? groups.slice(0, -1) : groups;
};

const partsOf = (groups: readonly (readonly Line[])[]): readonly (readonly (readonly Line[])[])[] => {
  const parts: (readonly Line[])[][] = [];
  let size = 0;
  for (const group of groups) {
    const last = parts.at(-1);
    if (last && size + group.length <= partLines) {
      last.push(group);
      size += group.length;
    } else {
      parts.push([group]);
      size = group.length;
    }
  }
  return parts;
};

/** By amount and time: which orders a payment without a number may be for. T+0 to T+`window`, of what they still owe. */
const candidatesFor = async ({ pool, config }: ServiceContext<MatchConfig>, channel: string, line: Line): Promise<Candidates> => {
  const values = [channel, line.amount.currency, line.occurredAt, config.FLOTILLA_SETTLEMENT_WINDOW_DAYS, line.amount.amount];
  const owing = `FROM read.receivable WHERE channel = $1 AND currency = $2 AND settled_at IS NULL AND placed_at <= $3::timestamptz AND placed_at > $3::timestamptz - make_interval(days => $4) AND total > charged`;
  const singles = await pool.query<{ order_id: string }>(`SELECT order_id ${owing} AND abs(total - charged - $5) * 1000 <= (total - charged) * 5 ORDER BY order_id LIMIT 20`, values);
  // The platforms' days are China's.
  const days = await pool.query<{ order_ids: string[] }>(
    `SELECT array_agg(order_id ORDER BY order_id) AS order_ids ${owing} GROUP BY (placed_at AT TIME ZONE 'Asia/Shanghai')::date
     HAVING count(*) BETWEEN 2 AND 50 AND abs(sum(total - charged) - $5) * 1000 <= sum(total - charged) * 5 ORDER BY 1 LIMIT 5`,
    values,
  );
  return { singles: singles.rows.map((row) => row.order_id), days: days.rows.map((row) => row.order_ids) };
};

// Two queries for a part: the orders behind all its numbers, then everything that judging its lines may touch. A stream that
// is missing here is loaded while deciding, one by one.
const streamsOf = async (ctx: ServiceContext, channel: string, lines: readonly Line[]): Promise<Task['streams']> => {
  const numbers = [...new Set(lines.flatMap((line) => numbersOf(line.reference).map((number) => referenceId(channel, number))))];
  const orders = [...(await ctx.store.folded(reference, numbers)).values()].flatMap(({ state }) => (state.orderId === '' ? [] : [state.orderId]));
  return [
    ...numbers.map((id) => [reference, id] as const),
    ...orders.map((id) => [receivable, id] as const),
    ...[...new Set(lines.map(lineVoucherId))].map((id) => [voucher, id] as const),
  ];
};

/** Judges what is not judged yet of a parsed statement. Returns the position at which it was done. */
export const matchStatement = async (ctx: ServiceContext<MatchConfig>, statementId: string, after: number, meta: Meta): Promise<number> => {
  let position = after;
  const state = (await ctx.store.folded(statement, [statementId])).get(statementId)?.state;
  if (state?.status !== 'parsed' || state.done >= state.lines) return position;
  await shown(ctx, after, ['statements', 'receivables']);
  const { rows } = await ctx.pool.query<{ channel: string }>('SELECT channel FROM read.statement WHERE statement_id = $1', [statementId]);
  const channel = rows[0]?.channel ?? '';
  const now = ctx.clock.business();
  const dueAt = new Date(now.getTime() + ctx.config.FLOTILLA_SETTLEMENT_WAIT_DAYS * day).toISOString();
  let last: GroupedLine | undefined;
  for (let from = state.done; from < state.lines; ) {
    const groups = wholeGroups(await linesFrom(ctx, statementId, from, last));
    if (groups.length === 0) throw new Error(`statement ${statementId} has ${state.lines} lines, and none after ${from} in the read model`);
    last = groups.at(-1)?.at(-1);
    for (const part of partsOf(groups.map((group) => group.map(({ line }) => line)))) {
      const lines = part.flat();
      const candidates = new Map<string, Candidates>();
      for (const line of lines) if (line.kind === 'CHARGE' && line.reference === '') candidates.set(line.lineId, await candidatesFor(ctx, channel, line));
      const at = from;
      const settled = await ctx.store.execute({
        streams: [[statement, statementId], ...(await streamsOf(ctx, channel, lines))],
        meta,
        decide: (unit) => settlePart(unit, channel, statementId, at, part, now.toISOString(), dueAt, candidates),
      });
      position = Math.max(position, settled.position);
      from += lines.length;
    }
  }
  return position;
};
