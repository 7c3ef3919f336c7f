import { Refused } from '@flotilla/decider';
import { endOfLog, haveReached, reached, type Meta, type Unit } from '@flotilla/event-store';
import type { ServiceContext } from '@flotilla/service-kit';
import { settlePart, type Candidates } from '../coordinate/settling.js';
import { booksZone } from '../decide/days.js';
import type { Line } from '../decide/line.js';
import { statement } from '../decide/statement.decider.js';
import type { LineRow } from '../project/statements.js';
import { rehearse } from './rehearse.js';

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
/** Lines without a number whose candidates are looked for at once: each is compared with all that is owed within its window, and a statement of SQL has 5 s. */
const askedAtOnce = 5;
/** What is judged by. */
const lists = ['statements', 'receivables'];

/** Waits until read models have passed a position of the log. */
export const shown = async (ctx: Pick<ServiceContext, 'pool'>, position: number, names: readonly string[] = ['statements']): Promise<void> => {
  if (await reached(ctx.pool, names, position, { withinMs: shownWithinMs })) return;
  throw new Refused('UNAVAILABLE', 'what was done is written, but cannot be shown yet; ask again in a moment');
};

/** A line as it was read. The read model keeps all of it: it is what a statement's own stream would otherwise have to be folded for. */
export const lineOf = (row: LineRow): Line => {
  const money = (amount: string): Line['amount'] => ({ amount: Number(amount), currency: row.currency });
  return {
    lineId: row.line_id, row: row.row, kind: row.kind, label: row.label, reference: row.reference, occurredAt: row.occurred_at.toISOString(),
    amount: money(row.amount), fee: money(row.fee), net: money(row.net), fingerprint: row.fingerprint,
  };
};

// A migration may empty the lists while they are read, and they fill again from the beginning of the log: what was read then is not all there is.
const stillWhole = async (ctx: Pick<ServiceContext, 'pool'>, position: number): Promise<void> => {
  if (!(await haveReached(ctx.pool, lists, position))) throw new Refused('UNAVAILABLE', 'the lists of lines and receivables are being made again; what is not matched yet will be matched by itself, or send the file again in a moment');
};

interface GroupedLine {
  readonly line: Line;
  readonly group: string;
  readonly n: number;
}

// Lines of one order stand together, wherever they stand in the file; an order of the same lines always comes out the same.
const linesFrom = async ({ pool }: ServiceContext, statementId: string, from: number, after: { readonly group: string; readonly n: number } | undefined): Promise<readonly GroupedLine[]> => {
  const { rows } = await pool.query<LineRow>(
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

/** By amount and time: which orders payments without a number may be for, by line. T+0 to T+`window`, of what they still owe; what comes closest first. */
const candidatesFor = async (ctx: ServiceContext<MatchConfig>, channel: string, lines: readonly Line[]): Promise<ReadonlyMap<string, Candidates>> => {
  const unnamed = lines.filter(({ kind, reference }) => kind === 'CHARGE' && reference === '');
  const all: (readonly [string, Candidates])[] = [];
  for (let from = 0; from < unnamed.length; from += askedAtOnce) all.push(...(await candidatesOf(ctx, channel, unnamed.slice(from, from + askedAtOnce))));
  return new Map(all);
};

const candidatesOf = async ({ pool, config }: ServiceContext<MatchConfig>, channel: string, unnamed: readonly Line[]): Promise<readonly (readonly [string, Candidates])[]> => {
  const values = [channel, config.FLOTILLA_SETTLEMENT_WINDOW_DAYS, JSON.stringify(unnamed.map(({ lineId, occurredAt, amount: { amount, currency } }) => ({ lineId, at: occurredAt, amount, currency })))];
  const asked = `jsonb_to_recordset($3::jsonb) AS l("lineId" text, at timestamptz, amount bigint, currency text)`;
  const owing = `FROM read.receivable r WHERE r.channel = $1 AND r.currency = l.currency AND settled_at IS NULL AND placed_at <= l.at AND placed_at > l.at - make_interval(days => $2) AND total > charged`;
  const singles = await pool.query<{ line_id: string; order_id: string }>(
    `SELECT l."lineId" AS line_id, s.order_id FROM ${asked} CROSS JOIN LATERAL (
       SELECT order_id, abs(total - charged - l.amount) AS off ${owing} AND abs(total - charged - l.amount) * 1000 <= (total - charged) * 5 ORDER BY off, order_id LIMIT 20) s ORDER BY s.off, s.order_id`,
    values,
  );
  const days = await pool.query<{ line_id: string; order_ids: string[] }>(
    `SELECT l."lineId" AS line_id, d.order_ids FROM ${asked} CROSS JOIN LATERAL (
       SELECT array_agg(order_id ORDER BY order_id) AS order_ids, abs(sum(total - charged) - l.amount) AS off ${owing} GROUP BY (placed_at AT TIME ZONE '${booksZone}')::date
       HAVING count(*) BETWEEN 2 AND 50 AND abs(sum(total - charged) - l.amount) * 1000 <= sum(total - charged) * 5 ORDER BY off, order_ids LIMIT 5) d ORDER BY d.off, d.order_ids`,
    values,
  );
  return unnamed.map(({ lineId }) => [
    lineId,
    { singles: singles.rows.flatMap((row) => (row.line_id === lineId ? [row.order_id] : [])), days: days.rows.flatMap((row) => (row.line_id === lineId ? [row.order_ids] : [])) },
  ]);
};

/** Judges what is not judged yet of a parsed statement. Returns the position at which it was done. */
export const matchStatement = async (ctx: ServiceContext<MatchConfig>, statementId: string, after: number, meta: Meta): Promise<number> => {
  let position = after;
  const state = (await ctx.store.folded(statement, [statementId])).get(statementId)?.state;
  if (state?.status !== 'parsed' || state.done >= state.lines) return position;
  // Whoever takes up what another process left knows no position of it.
  const needed = Math.max(after, await endOfLog(ctx.pool));
  await shown(ctx, needed, lists);
  const { rows } = await ctx.pool.query<{ channel: string; read: number }>('SELECT channel, (SELECT count(*) FROM read.line l WHERE l.statement_id = s.statement_id)::integer AS read FROM read.statement s WHERE statement_id = $1', [statementId]);
  const { channel = '', read = 0 } = rows[0] ?? {};
  if (read !== state.lines) throw new Error(`statement ${statementId} has ${state.lines} lines, and ${read} of them are in the read model`);
  const now = ctx.clock.business();
  const dueAt = new Date(now.getTime() + ctx.config.FLOTILLA_SETTLEMENT_WAIT_DAYS * day).toISOString();
  let last: GroupedLine | undefined;
  for (let from = state.done; from < state.lines; ) {
    const groups = wholeGroups(await linesFrom(ctx, statementId, from, last));
    await stillWhole(ctx, needed);
    if (groups.length === 0) throw new Error(`statement ${statementId} has ${state.lines} lines, and none after ${from} in the read model`);
    last = groups.at(-1)?.at(-1);
    for (const part of partsOf(groups.map((group) => group.map(({ line }) => line)))) {
      const lines = part.flat();
      const candidates = await candidatesFor(ctx, channel, lines);
      if (candidates.size > 0) await stillWhole(ctx, needed);
      const at = from;
      const decide = (unit: Unit): void => settlePart(unit, channel, statementId, at, part, now.toISOString(), dueAt, candidates);
      const settled = await ctx.store.execute({ streams: await rehearse(ctx.store, decide), meta, decide });
      position = Math.max(position, settled.position);
      from += lines.length;
    }
  }
  return position;
};
