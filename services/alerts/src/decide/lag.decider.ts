import type { Decider } from '@flotilla/decider';

/** So many scans in a row have to come in time before a carrier is no longer late: single ones come in between. */
export const punctualAgain = 10;

export interface LagCommand {
  readonly type: 'Tell';
  /** How long a scan was under way, and how long it may be. */
  readonly data: { readonly carrier: string; readonly minutes: number; readonly most: number };
}

export type LagEvent =
  | { readonly type: 'LagBegan'; readonly data: { readonly carrier: string; readonly time: number; readonly minutes: number } }
  | { readonly type: 'LagCounted'; readonly data: { readonly carrier: string; readonly punctual: number } }
  | { readonly type: 'LagEnded'; readonly data: { readonly carrier: string; readonly time: number } };

export interface LagState {
  readonly late: boolean;
  /** How many times it was late. */
  readonly times: number;
  /** Scans in a row that came in time, while it is late. */
  readonly punctual: number;
}

/** Whether the scans of one carrier come late. Writes nothing as long as nothing changes. */
export const lag: Decider<LagState, LagCommand, LagEvent> = {
  category: 'lag',
  initial: { late: false, times: 0, punctual: 0 },
  evolve: (state, event) => {
    switch (event.type) {
      case 'LagBegan':
        return { late: true, times: event.data.time, punctual: 0 };
      case 'LagCounted':
        return { ...state, punctual: event.data.punctual };
      case 'LagEnded':
        return { ...state, late: false, punctual: 0 };
      default:
        return state;
    }
  },
  decide: ({ data: { carrier, minutes, most } }, { late, times, punctual }) => {
    const isLate = minutes > most;
    if (!late) return isLate ? [{ type: 'LagBegan', data: { carrier, time: times + 1, minutes: Math.round(minutes) } }] : [];
    if (isLate) return punctual === 0 ? [] : [{ type: 'LagCounted', data: { carrier, punctual: 0 } }];
    return punctual + 1 < punctualAgain ? [{ type: 'LagCounted', data: { carrier, punctual: punctual + 1 } }] : [{ type: 'LagEnded', data: { carrier, time: times } }];
  },
};
