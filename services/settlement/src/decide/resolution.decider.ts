import { Refused, type Decider } from '@flotilla/decider';

export type Action = 'ACCEPTED' | 'DISMISSED' | 'MATCHED_LATER';

interface Resolution {
  readonly lineId: string;
  readonly action: Action;
  readonly by: string;
  readonly reason: string;
}

export interface ResolutionCommand {
  readonly type: 'Decide';
  readonly data: Resolution;
}

export interface ResolutionEvent {
  readonly type: 'LineDecided';
  readonly data: Resolution;
}

/** What was decided about one flagged line: once, by whom and why. A stream of its own, so that a statement need not remember its lines. */
export const resolution: Decider<{ readonly action: Action | '' }, ResolutionCommand, ResolutionEvent> = {
  category: 'resolution',
  initial: { action: '' },
  evolve: (state, event) => (event.type === 'LineDecided' ? { action: event.data.action } : state),
  decide: ({ data }, { action }) => {
    if (action === '') return [{ type: 'LineDecided', data }];
    if (action === data.action) return [];
    throw new Refused('LINE_RESOLVED', `the line is ${action.toLowerCase()} already`);
  },
};
