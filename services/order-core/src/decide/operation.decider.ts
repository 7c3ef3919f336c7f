import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import type { Act } from './actions.js';

/** What became of one order of an operation. */
export interface Outcome {
  readonly orderId: string;
  readonly outcome: 'DONE' | 'REFUSED' | 'FAILED';
  /** Of the registry; "" if it is done. */
  readonly reason: string;
  readonly message: string;
}

/** Orders that are named in one event, and done in one append unless one of them fails. */
export const portion = 50;
/** Orders of one operation. */
export const mostOrders = 20_000;

export type OperationCommand =
  | { readonly type: 'StartOperation'; readonly data: { readonly operationId: string; readonly act: Act; readonly orderIds: readonly string[]; readonly by: string; readonly at: string } }
  /** `from`: how many had their outcome before these. `at`: machine time. */
  | { readonly type: 'NoteOutcomes'; readonly data: { readonly from: number; readonly outcomes: readonly Outcome[]; readonly at: string } }
  | { readonly type: 'CancelOperation'; readonly data: { readonly operationId: string; readonly by: string; readonly at: string } };

export type OperationEvent =
  | { readonly type: 'OperationStarted'; readonly data: { readonly operationId: string; readonly act: Act; readonly total: number; readonly by: string; readonly startedAt: string } }
  /** The n-th of them is event n + 1 of the stream. */
  | { readonly type: 'OrdersChosen'; readonly data: { readonly operationId: string; readonly orderIds: readonly string[] } }
  | { readonly type: 'OutcomesNoted'; readonly data: { readonly operationId: string; readonly from: number; readonly outcomes: readonly Outcome[] } }
  | { readonly type: 'OperationFinished'; readonly data: { readonly operationId: string; readonly endedAt: string } }
  | { readonly type: 'OperationCancelled'; readonly data: { readonly operationId: string; readonly by: string; readonly endedAt: string } };

export interface OperationState {
  readonly started: { readonly operationId: string; readonly act: Act; readonly total: number; readonly by: string; readonly startedAt: string } | null;
  /** Orders that have their outcome: the next one is the one behind them. */
  readonly next: number;
  readonly done: number;
  readonly refused: number;
  readonly failed: number;
  readonly state: 'RUNNING' | 'FINISHED' | 'CANCELLED';
  readonly endedAt: string;
}

type Decided = readonly OperationEvent[];

const evolve = (state: OperationState, event: OperationEvent): OperationState => {
  switch (event.type) {
    case 'OperationStarted':
      return { ...state, started: event.data };
    case 'OutcomesNoted': {
      const { from, outcomes } = event.data;
      const count = (outcome: Outcome['outcome']): number => outcomes.filter((one) => one.outcome === outcome).length;
      return { ...state, next: from + outcomes.length, done: state.done + count('DONE'), refused: state.refused + count('REFUSED'), failed: state.failed + count('FAILED') };
    }
    case 'OperationFinished':
      return { ...state, state: 'FINISHED', endedAt: event.data.endedAt };
    case 'OperationCancelled':
      return { ...state, state: 'CANCELLED', endedAt: event.data.endedAt };
    case 'OrdersChosen':
    default:
      return state;
  }
};

const start = ({ data: { operationId, act, orderIds, by, at } }: Of<OperationCommand, 'StartOperation'>, state: OperationState): Decided => {
  if (state.started) return [];
  if (orderIds.length === 0) throw new Refused('BAD_REQUEST', 'no order is chosen; give order_ids, or a filter that finds some');
  if (orderIds.length > mostOrders) throw new Refused('TOO_LARGE', `an operation has at most ${mostOrders} orders; narrow the filter`);
  const portions = Array.from({ length: Math.ceil(orderIds.length / portion) }, (_, n) => orderIds.slice(n * portion, (n + 1) * portion));
  return [
    { type: 'OperationStarted', data: { operationId, act, total: orderIds.length, by, startedAt: at } },
    ...portions.map((ids): OperationEvent => ({ type: 'OrdersChosen', data: { operationId, orderIds: ids } })),
  ];
};

/** Whoever comes second with an order finds that it has its outcome. */
const note = ({ data: { from, outcomes, at } }: Of<OperationCommand, 'NoteOutcomes'>, state: OperationState): Decided => {
  const { started } = state;
  if (!started || over(state) || from !== state.next || outcomes.length === 0) return [];
  const { operationId } = started;
  const noted: OperationEvent = { type: 'OutcomesNoted', data: { operationId, from, outcomes } };
  return from + outcomes.length < started.total ? [noted] : [noted, { type: 'OperationFinished', data: { operationId, endedAt: at } }];
};

const cancel = ({ data: { operationId, by, at } }: Of<OperationCommand, 'CancelOperation'>, state: OperationState): Decided => {
  if (!state.started) throw new Refused('NOT_FOUND', `there is no operation ${operationId}; list them with Operations/List`);
  return over(state) ? [] : [{ type: 'OperationCancelled', data: { operationId, by, endedAt: at } }];
};

const decide = (command: OperationCommand, state: OperationState): Decided => {
  switch (command.type) {
    case 'StartOperation':
      return start(command, state);
    case 'NoteOutcomes':
      return note(command, state);
    case 'CancelOperation':
      return cancel(command, state);
    default:
      return unreachable(command);
  }
};

/** Nothing more is to be done. */
export const over = ({ state }: OperationState): boolean => state !== 'RUNNING';

/** Bulk work: what is to be done to which orders, and what became of each. */
export const operation: Decider<OperationState, OperationCommand, OperationEvent> = {
  category: 'operation',
  initial: { started: null, next: 0, done: 0, refused: 0, failed: 0, state: 'RUNNING', endedAt: '' },
  evolve,
  decide,
};
