import type { settlement } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Call, ServiceContext } from '@flotilla/service-kit';
import { isUuid } from '@flotilla/values';
import { acceptLine, dismissLine } from '../coordinate/settling.js';
import type { Line, LineKind } from '../decide/line.js';
import { receivable } from '../decide/receivable.decider.js';
import { resolution } from '../decide/resolution.decider.js';
import { statement } from '../decide/statement.decider.js';
import { voucher } from '../decide/voucher.decider.js';
import { lineVoucherId } from '../decide/vouchers.js';
import type { LineRow } from '../project/statements.js';
import { lineOf } from './match.js';

const kinds: readonly string[] = ['CHARGE', 'REFUND', 'FEE', 'PROMOTION'] satisfies readonly LineKind[];

const needed = (requestId: string, reason: string): void => {
  if (requestId === '') throw new Refused('REQUEST_ID_REQUIRED', 'give the request an id, so that it can be repeated');
  if (reason.trim() === '' || reason.length > 500) throw new Refused('BAD_REQUEST', 'give a reason of at most 500 characters');
};

/** A person decides about a flagged line. Returns the line's id and the position at which it was decided. */
export const resolveLine = async (ctx: ServiceContext, request: settlement.ResolveLineRequest, call: Call): Promise<{ readonly lineId: string; readonly position: number }> => {
  const { lineId, action, reason } = request;
  needed(request.requestId, reason);
  if (action !== 'ACCEPT' && action !== 'DISMISS') throw new Refused('BAD_REQUEST', 'the action is ACCEPT or DISMISS');
  if (request.kind !== '' && !kinds.includes(request.kind)) throw new Refused('BAD_REQUEST', `the kind is one of ${kinds.join(', ')}`);
  const { rows } = isUuid(lineId) ? await ctx.pool.query<LineRow>('SELECT * FROM read.line WHERE line_id = $1', [lineId]) : { rows: [] };
  const [row] = rows;
  if (!row) throw new Refused('NOT_FOUND', `there is no line ${lineId}; list the open ones with Worklist/List`);
  if (row.state === 'OPEN' || row.state === 'MATCHED') throw new Refused('LINE_NOT_FLAGGED', `the line is ${row.state.toLowerCase()}; only flagged lines are decided by hand`);
  const line: Line = request.kind === '' ? lineOf(row) : { ...lineOf(row), kind: request.kind as LineKind };
  const orderId = request.orderId || row.order_id;
  if (action === 'ACCEPT' && orderId !== '' && line.kind === 'UNKNOWN') throw new Refused('BAD_REQUEST', `say what the line is to the order: ${kinds.join(', ')}`);
  const flagged = { statementId: row.statement_id, line, orderId: row.order_id };
  const by = call.meta.actor;
  const at = ctx.clock.business().toISOString();
  const done = await ctx.store.execute(
    {
      streams: [[statement, row.statement_id], [resolution, lineId], [voucher, lineVoucherId(line)], ...[...new Set([orderId, row.order_id])].flatMap((id) => (id === '' ? [] : [[receivable, id] as const]))],
      meta: call.meta,
      decide: (unit) => (action === 'ACCEPT' ? acceptLine(unit, flagged, orderId, by, reason, at) : dismissLine(unit, flagged, by, reason, at)),
    },
    call.request(request),
  );
  return { lineId, position: done.position };
};

/** A person has looked at a statement, or closes it. */
export const reviewStatement = async (ctx: ServiceContext, request: settlement.ReviewStatementRequest, call: Call): Promise<number> => {
  needed(request.requestId, request.reason);
  const { statementId, reason } = request;
  const at = ctx.clock.business().toISOString();
  const data = { statementId, by: call.meta.actor, reason, at };
  const { position } = await ctx.store.execute({ streams: [[statement, statementId]], meta: call.meta, decide: (unit) => void unit.run(statement, statementId, { type: 'Review', data }) }, call.request(request));
  return position;
};

export const closeStatement = async (ctx: ServiceContext, request: settlement.CloseStatementRequest, call: Call): Promise<number> => {
  if (request.requestId === '') throw new Refused('REQUEST_ID_REQUIRED', 'give the request an id, so that it can be repeated');
  const { statementId } = request;
  const at = ctx.clock.business().toISOString();
  const { position } = await ctx.store.execute({ streams: [[statement, statementId]], meta: call.meta, decide: (unit) => void unit.run(statement, statementId, { type: 'Close', data: { statementId, at } }) }, call.request(request));
  return position;
};
