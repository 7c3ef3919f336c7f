import { Refused } from '@flotilla/decider';
import type { order as contract } from '@flotilla/contracts';
import type { EventStore } from '@flotilla/event-store';
import { pageOf, pageToken } from '@flotilla/service-kit';
import { isUuid } from '@flotilla/values';
import { whyNotInBulk, type Act } from '../decide/actions.js';
import { operation } from '../decide/operation.decider.js';
import { fromKept, type Standing } from '../project/standing.js';
import type { Questions } from './questions.js';

interface Row {
  readonly operation_id: string;
  readonly started: string;
  readonly act: Act;
  readonly total: number;
  readonly done: number;
  readonly refused: number;
  readonly failed: number;
  readonly state: string;
  readonly started_by: string;
  readonly started_at: string;
  readonly ended_at: string;
}

const asked = (act: Act): Pick<contract.Operation, 'action' | 'reason' | 'holdType' | 'blocks'> => ({
  action: act.action,
  reason: 'reason' in act ? act.reason : '',
  holdType: act.action === 'Hold' || act.action === 'Release' ? act.type : '',
  blocks: act.action === 'Hold' ? act.blocks : [],
});

/** As its stream has it now. */
export const operationView = async (store: EventStore, operationId: string): Promise<contract.Operation> => {
  const known = (await store.folded(operation, [knownAs(operationId)])).get(operationId)?.state;
  if (!known?.started) throw new Refused('NOT_FOUND', `there is no operation ${operationId}; list them with Operations/List`);
  const { started, state, done, refused, failed, endedAt } = known;
  return { operationId, ...asked(started.act), state, total: started.total, done, refused, failed, by: started.by, startedAt: started.startedAt, endedAt, refusals: [] };
};

export const listOperations = async (questions: Questions, { page }: contract.ListOperationsRequest): Promise<contract.ListOperationsResponse> => {
  const { limit, after } = pageOf(page, 'operations');
  const behind = after && whole(after, 18);
  const { rows } = await questions.query<Row>('SELECT * FROM read.operation WHERE $2::bigint IS NULL OR started < $2::bigint ORDER BY started DESC LIMIT $1', [limit + 1, behind ?? null]);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    operations: shown.map((row) => ({ operationId: row.operation_id, ...asked(row.act), state: row.state, total: row.total, done: row.done, refused: row.refused, failed: row.failed, by: row.started_by, startedAt: row.started_at, endedAt: row.ended_at, refusals: [] })),
    nextToken: rows.length > limit && last ? pageToken([last.started], 'operations') : '',
  };
};

/** The number that a token of ours holds; Postgres would fail with any other text, or with more digits. */
const whole = ([text = '', ...more]: readonly string[], digits: number): string => {
  if (more.length > 0 || !/^\d+$/.test(text) || text.length > digits) throw new Refused('BAD_PAGE_TOKEN', 'page.token does not belong to this list; start again without a token');
  return text;
};

/** Ids are ours; any other text names nothing, and may be one that Postgres cannot take. */
export const knownAs = (operationId: string): string => {
  if (!isUuid(operationId)) throw new Refused('NOT_FOUND', 'operation_id names no operation; list them with Operations/List');
  return operationId;
};

const outcomes = ['DONE', 'REFUSED', 'FAILED'];

/** In the order in which they came. */
export const listOutcomes = async (questions: Questions, { operationId, page, outcome }: contract.ListOutcomesRequest): Promise<contract.ListOutcomesResponse> => {
  if (outcome !== '' && !outcomes.includes(outcome)) throw new Refused('BAD_REQUEST', `outcome is one of ${outcomes.join(', ')}`);
  const question = ['outcomes', knownAs(operationId), outcome];
  const { limit, after } = pageOf(page, question);
  const values: unknown[] = [limit + 1, operationId, after ? whole(after, 9) : '0'];
  if (outcome !== '') values.push(outcome);
  const { rows } = await questions.query<{ n: number; order_id: string; outcome: string; reason: string; message: string }>(
    `SELECT n, order_id, outcome, reason, message FROM read.operation_outcome WHERE operation_id = $2 AND n > $3::integer${outcome === '' ? '' : ' AND outcome = $4'} ORDER BY n LIMIT $1`,
    values,
  );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { outcomes: shown.map(({ order_id, ...one }) => ({ orderId: order_id, outcome: one.outcome, reason: one.reason, message: one.message })), nextToken: rows.length > limit && last ? pageToken([String(last.n)], question) : '' };
};

/** What would become of these orders if it were done now, by the same table that the decider obeys. */
export const dryRun = async (questions: Questions, act: Act, orderIds: readonly string[]): Promise<contract.Operation> => {
  const refusals = new Map<string, number>();
  const page = 500;
  for (let from = 0; from < orderIds.length; from += page) {
    const ids = orderIds.slice(from, from + page);
    const { rows } = await questions.query<{ order_id: string; standing: Standing }>(`SELECT order_id, standing FROM read.order_list WHERE order_id = ANY ($1) AND placed_at <> ''`, [ids]);
    const standings = new Map(rows.map(({ order_id, standing }) => [order_id, fromKept(standing)]));
    for (const id of ids) {
      const known = standings.get(id);
      const reason = known ? whyNotInBulk(act, id, known.order, known.fulfilment)?.reason : 'NOT_FOUND';
      if (reason !== undefined) refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
    }
  }
  const refused = [...refusals.values()].reduce((sum, orders) => sum + orders, 0);
  return {
    operationId: '', ...asked(act), state: 'DRY_RUN', total: orderIds.length, done: orderIds.length - refused, refused, failed: 0, by: '', startedAt: '', endedAt: '',
    refusals: [...refusals].map(([reason, orders]) => ({ reason, orders })).sort((a, b) => b.orders - a.orders),
  };
};
