import { setTimeout as sleep } from 'node:timers/promises';
import { Refused, streamOf } from '@flotilla/decider';
import { Conflict, type EventStore, type Job, type Logger, type Meta, type Performed, type Recorded, type Task, type Unit } from '@flotilla/event-store';
import { isTransient } from '@flotilla/messaging';
import { actByHand, wholeOf } from '../coordinate/conduct.js';
import type { Terms } from '../coordinate/inputs.js';
import { whyNotInBulk } from '../decide/actions.js';
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
  /** Waits between tries; a spec's does not. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Tries at one order that others keep changing; about a quarter of a minute. */
const mostConflicts = 20;
/** Tries at what passes by itself, about forty seconds; then the job is given back. Each time that happens it stays away longer, in the end for hours. */
const mostTries = 12;
/** A random part of it, so that two who stand in each other's way part. */
const pauseMs = (tries: number, mostMs: number): number => Math.min(mostMs, 50 * 2 ** tries) * (0.5 + Math.random() / 2);
const pausing = (ms: number, signal: AbortSignal): Promise<unknown> => sleep(ms, undefined, { signal });

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
 * twice, whoever tries and whatever dies. Several orders share an append; if one of them cannot be decided, or is changed by others just
 * then, those of its portion go one by one, and one that can never be done gets the outcome FAILED.
 */
export const workOff = async ({ store, log, terms, now, pause = pausing }: Work, operationId: string, signal: AbortSignal, meta: Meta): Promise<void> => {
  const stream = streamOf(operation, operationId);

  const attempt = (from: number, orderIds: readonly string[], outcomes: (unit: Unit, state: OperationState) => readonly Outcome[], by: string): Task => ({
    streams: [[operation, operationId], ...orderIds.flatMap((id) => [[order, id], [fulfilment, id]] as const)],
    meta: { ...meta, actor: by, correlation: operationId, causation: operationId },
    decide: (unit) => {
      const state = unit.state(operation, operationId);
      if (over(state) || state.next !== from) return;
      unit.run(operation, operationId, { type: 'NoteOutcomes', data: { from, outcomes: outcomes(unit, state), at: now() } });
    },
  });
  const doing = (unit: Unit, id: string, { started }: OperationState): Outcome =>
    outcomeOf(id, () => {
      const { act, by } = started!;
      const refusal = whyNotInBulk(act, id, unit.state(order, id), wholeOf(unit, id));
      if (refusal) throw new Refused(refusal.reason, refusal.message);
      actByHand(unit, id, act, { ...terms(), by });
    });

  /** Until where it is to go order by order. */
  let careful = 0;
  /** Failures in a row. */
  let tries = 0;
  for (;;) {
    if (signal.aborted) throw new Error('the process stops; the operation goes on in another, or when it is back');
    let next = 0;
    let ids: readonly string[] = [];
    let by = '';
    try {
      const { state } = (await store.folded(operation, [operationId])).get(operationId)!;
      if (!state.started || over(state)) return;
      ({ next } = state);
      ({ by } = state.started);
      const [chosen] = await store.read(stream, { from: Math.floor(next / portion) + 2, limit: 1 });
      const left = (chosen as unknown as Extract<OperationEvent, { readonly type: 'OrdersChosen' }>).data.orderIds.slice(next % portion);
      ids = next < careful ? left.slice(0, 1) : left;
      await store.execute(attempt(next, ids, (unit) => ids.map((id) => doing(unit, id, state)), by));
      tries = 0;
    } catch (error) {
      const conflict = error instanceof Conflict;
      if (ids.length > 1 && (conflict || !isTransient(error))) {
        careful = next + ids.length;
        continue;
      }
      if (isTransient(error) && tries < (conflict ? mostConflicts : mostTries)) {
        await pause(pauseMs(tries, conflict ? 1_000 : 10_000), signal);
        tries += 1;
        continue;
      }
      // It cannot be asked what is to be done, or nothing can be written at all.
      if (ids.length === 0 || (isTransient(error) && !conflict)) throw error;
      log.error({ operation: operationId, order: ids[0], err: error }, 'an order of an operation could not be decided');
      const why = conflict ? { reason: 'CONFLICT', message: 'others kept changing this order; try it again' } : error instanceof Refused ? error : { reason: 'INTERNAL', message: 'this order could not be decided; see the log' };
      const failed: Outcome = { orderId: ids[0]!, outcome: 'FAILED', reason: why.reason, message: why.message };
      await store.execute(attempt(next, [], () => [failed], by));
      tries = 0;
    }
  }
};

export const operationPerformer = (work: Work) => {
  const goOn = ({ intent, signal }: Performed, meta: Meta): Promise<void> => workOff(work, intent, signal, meta);
  // An earlier attempt left its mark in the stream: going on is the same as beginning.
  return { concurrency: 2, perform: goOn, resolve: goOn };
};
