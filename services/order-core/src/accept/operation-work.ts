import { Refused, streamOf } from '@flotilla/decider';
import { Conflict, type EventStore, type Job, type Logger, type Meta, type Performed, type Recorded, type Task, type Unit } from '@flotilla/event-store';
import { actByHand } from '../coordinate/conduct.js';
import type { Terms } from '../coordinate/inputs.js';
import { fulfilment } from '../decide/fulfilment.decider.js';
import { operation, over, portion, type OperationEvent, type OperationState, type Outcome } from '../decide/operation.decider.js';
import { order } from '../decide/order.decider.js';

export const operationKind = 'operation';

export const operationJobs = (event: Recorded): readonly Job[] => {
  if (event.type !== 'OperationStarted') return [];
  const { operationId } = event.data as Extract<OperationEvent, { readonly type: 'OperationStarted' }>['data'];
  return [{ kind: operationKind, intent: operationId, payload: null }];
};

interface Work {
  readonly store: EventStore;
  readonly log: Logger;
  readonly terms: () => Terms;
  /** Machine time. */
  readonly now: () => string;
}

/** What passes by itself: the job comes back, and goes on where it was. */
const passing = (error: unknown): boolean => {
  const { code, reason } = error as { readonly code?: unknown; readonly reason?: unknown };
  return error instanceof Conflict || reason === 'OVERLOADED' || typeof code === 'string';
};

/** An outcome for this order. What is not a refusal of the table is thrown on: nothing of this unit may be written then. */
const outcomeOf = (orderId: string, act: () => void): Outcome => {
  try {
    act();
    return { orderId, outcome: 'DONE', reason: '', message: '' };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { orderId, outcome: 'REFUSED', reason: error.reason, message: error.message };
  }
};

/**
 * Works an operation off, from where its stream stands. An order's events and its outcome are one append, so that none is done
 * twice, whoever tries and whatever dies. Several orders share an append; if one of them cannot be decided, those of its portion go one
 * by one, and that one gets the outcome FAILED.
 */
export const workOff = async ({ store, log, terms, now }: Work, operationId: string, signal: AbortSignal, meta: Meta): Promise<void> => {
  const stream = streamOf(operation, operationId);
  const stateNow = async (): Promise<OperationState> => (await store.folded(operation, [operationId])).get(operationId)!.state;

  const attempt = (from: number, orderIds: readonly string[], outcome: (unit: Unit, orderId: string, state: OperationState) => Outcome, by: string): Task => ({
    streams: [[operation, operationId], ...orderIds.flatMap((id) => [[order, id], [fulfilment, id]] as const)],
    meta: { ...meta, actor: by, correlation: operationId, causation: operationId },
    decide: (unit) => {
      const state = unit.state(operation, operationId);
      if (over(state) || state.next !== from) return;
      const outcomes = orderIds.map((id) => outcome(unit, id, state));
      unit.run(operation, operationId, { type: 'NoteOutcomes', data: { from, outcomes, at: now() } });
    },
  });
  const doing = (unit: Unit, id: string, { started }: OperationState): Outcome => outcomeOf(id, () => actByHand(unit, id, started!.act, { ...terms(), by: started!.by }));

  /** Until where it is to go order by order. */
  let careful = 0;
  for (let state = await stateNow(); state.started && !over(state); state = await stateNow()) {
    if (signal.aborted) throw new Error('the process stops; the operation goes on in another, or when it is back');
    const { next, started } = state;
    const [chosen] = await store.read(stream, { from: Math.floor(next / portion) + 2, limit: 1 });
    const left = (chosen as unknown as Extract<OperationEvent, { readonly type: 'OrdersChosen' }>).data.orderIds.slice(next % portion);
    const ids = next < careful ? left.slice(0, 1) : left;
    try {
      await store.execute(attempt(next, ids, doing, started.by));
    } catch (error) {
      if (passing(error)) throw error;
      if (ids.length > 1) {
        careful = next + ids.length;
        continue;
      }
      log.error({ operation: operationId, order: ids[0], err: error }, 'an order of an operation could not be decided');
      const { reason, message } = error instanceof Refused ? error : { reason: 'INTERNAL', message: 'this order could not be decided; see the log' };
      await store.execute({ ...attempt(next, [], doing, started.by), decide: (unit) => void unit.run(operation, operationId, { type: 'NoteOutcomes', data: { from: next, outcomes: [{ orderId: ids[0]!, outcome: 'FAILED', reason, message }], at: now() } }) });
    }
  }
};

export const operationPerformer = (work: Work) => {
  const goOn = ({ intent, signal }: Performed, meta: Meta): Promise<void> => workOff(work, intent, signal, meta);
  // An earlier attempt left its mark in the stream: going on is the same as beginning.
  return { concurrency: 2, perform: goOn, resolve: goOn };
};
