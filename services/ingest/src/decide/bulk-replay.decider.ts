import { unreachable, type Decider, type Of } from '@flotilla/decider';

/** What became of one entry. FAILED: it could not be tried. */
export interface Replayed {
  readonly entry: string;
  readonly orderId: string;
  readonly state: 'PLACED' | 'PARKED' | 'FAILED';
  readonly reason: string;
}

export type BulkReplayEvent =
  | { readonly type: 'BulkReplayBegun'; readonly data: { readonly id: string; readonly channel: string; readonly entries: readonly string[]; readonly at: string; readonly who: string } }
  | { readonly type: 'EntryReplayed'; readonly data: Replayed & { readonly id: string; readonly at: string } };

export type BulkReplayCommand =
  | { readonly type: 'BeginBulkReplay'; readonly data: { readonly id: string; readonly channel: string; readonly entries: readonly string[]; readonly at: string; readonly who: string } }
  | { readonly type: 'NoteReplayed'; readonly data: Replayed & { readonly id: string; readonly at: string } };

/** null: not begun. */
export type BulkReplay = {
  readonly channel: string;
  readonly entries: readonly string[];
  /** How many of them were handled, in order. */
  readonly done: number;
  readonly placed: number;
  readonly parked: number;
  readonly failed: number;
  readonly at: string;
  readonly who: string;
  readonly lastAt: string;
} | null;

const evolve = (state: BulkReplay, event: BulkReplayEvent): BulkReplay => {
  if (event.type === 'BulkReplayBegun') {
    const { channel, entries, at, who } = event.data;
    return { channel, entries, done: 0, placed: 0, parked: 0, failed: 0, at, who, lastAt: at };
  }
  if (state === null) return state;
  const count = { PLACED: 'placed', PARKED: 'parked', FAILED: 'failed' } as const;
  const name = count[event.data.state];
  return { ...state, done: state.done + 1, [name]: state[name] + 1, lastAt: event.data.at };
};

const note = ({ data }: Of<BulkReplayCommand, 'NoteReplayed'>, state: BulkReplay): readonly BulkReplayEvent[] =>
  // A second worker may have handled it, too: it is the same entry, and a replay that is repeated does nothing.
  state === null || state.entries[state.done] !== data.entry ? [] : [{ type: 'EntryReplayed', data }];

const decide = (command: BulkReplayCommand, state: BulkReplay): readonly BulkReplayEvent[] => {
  switch (command.type) {
    case 'BeginBulkReplay':
      return state === null ? [{ type: 'BulkReplayBegun', data: command.data }] : [];
    case 'NoteReplayed':
      return note(command, state);
    default:
      return unreachable(command);
  }
};

/** Many entries of the quarantine handled again, one after the other. */
export const bulkReplay: Decider<BulkReplay, BulkReplayCommand, BulkReplayEvent> = { category: 'bulkReplay', initial: null, evolve, decide };
