import type { Decider } from '@flotilla/decider';

/** A carrier that is late is so for this long at least: scans in time and late ones come mixed, and nobody is to be told of each. */
export const lateForMs = 60 * 60_000;

export interface LagCommand {
  readonly type: 'Tell';
  /** How long a scan was under way that was known of `at`, and how long it may be. */
  readonly data: { readonly carrier: string; readonly minutes: number; readonly most: number; readonly at: string };
}

export type LagEvent =
  | { readonly type: 'LagBegan'; readonly data: { readonly carrier: string; readonly time: number; readonly minutes: number; readonly at: string } }
  | { readonly type: 'LagEnded'; readonly data: { readonly carrier: string; readonly time: number } };

export interface LagState {
  /** Since when it is late; "" = it is not. */
  readonly since: string;
  /** How many times it was late. */
  readonly times: number;
}

/** Whether the scans of one carrier come late. Every partition reads this stream with every scan, so two events an hour are the most that it gets. */
export const lag: Decider<LagState, LagCommand, LagEvent> = {
  category: 'lag',
  initial: { since: '', times: 0 },
  evolve: (state, event) => {
    switch (event.type) {
      case 'LagBegan':
        return { since: event.data.at, times: event.data.time };
      case 'LagEnded':
        return { ...state, since: '' };
      default:
        return state;
    }
  },
  decide: ({ data: { carrier, minutes, most, at } }, { since, times }) => {
    if (minutes > most) return since === '' ? [{ type: 'LagBegan', data: { carrier, time: times + 1, minutes: Math.round(minutes), at } }] : [];
    return since !== '' && Date.parse(at) - Date.parse(since) >= lateForMs ? [{ type: 'LagEnded', data: { carrier, time: times } }] : [];
  },
};
