import { unreachable, type Decider } from '@flotilla/decider';
import type { Waiting } from './line.js';
import type { ReferenceEvent } from './reference.events.js';

export type ReferenceCommand =
  /** An order has this number. */
  | { readonly type: 'Take'; readonly data: { readonly referenceId: string; readonly orderId: string } }
  /** A line names an order that is not there yet. */
  | { readonly type: 'Wait'; readonly data: Waiting & { readonly referenceId: string } }
  | { readonly type: 'GiveUp'; readonly data: { readonly lineId: string } };

export interface Reference {
  /** "" while no order has this number. */
  readonly orderId: string;
  readonly waiting: readonly Waiting[];
}

const evolve = (state: Reference, event: ReferenceEvent): Reference => {
  switch (event.type) {
    case 'ReferenceTaken':
      return { orderId: event.data.orderId, waiting: [] };
    case 'LineAwaitsOrder': {
      const { statementId, line, dueAt } = event.data;
      return { ...state, waiting: [...state.waiting, { statementId, line, dueAt }] };
    }
    case 'LineGivenUp':
      return { ...state, waiting: state.waiting.filter(({ line }) => line.lineId !== event.data.lineId) };
    default:
      return state;
  }
};

/** An order number of a channel: which order has it, and which lines wait for one that will. Where a line and its order meet, whichever comes first. */
export const reference: Decider<Reference, ReferenceCommand, ReferenceEvent> = {
  category: 'reference',
  initial: { orderId: '', waiting: [] },
  evolve,
  decide: ({ type, data }, { orderId, waiting }) => {
    switch (type) {
      case 'Take':
        // A number that is given twice stays the first one's: a line cannot say which of them it means.
        return orderId === '' ? [{ type: 'ReferenceTaken', data }] : [];
      case 'Wait':
        return orderId !== '' || waiting.some(({ line }) => line.fingerprint === data.line.fingerprint) ? [] : [{ type: 'LineAwaitsOrder', data }];
      case 'GiveUp':
        return waiting.some(({ line }) => line.lineId === data.lineId) ? [{ type: 'LineGivenUp', data }] : [];
      default:
        return unreachable(type);
    }
  },
};
