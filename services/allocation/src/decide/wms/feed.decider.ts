import type { Decider, Of } from '@flotilla/decider';

/** `WantWholeList`: it is time to compare everything. */
export type WmsFeedCommand =
  | { readonly type: 'WantWholeList'; readonly data: { readonly warehouse: string; readonly at: string } }
  | { readonly type: 'TakePush'; readonly data: { readonly warehouse: string; readonly sequence: number } };

/** `GapNoticed`: pushes between the two never came. That and `WholeListWanted` become jobs that fetch the whole list. */
export type WmsFeedEvent =
  | { readonly type: 'WholeListWanted'; readonly data: { readonly warehouse: string; readonly at: string } }
  | { readonly type: 'PushTaken'; readonly data: { readonly warehouse: string; readonly sequence: number } }
  | { readonly type: 'GapNoticed'; readonly data: { readonly warehouse: string; readonly after: number; readonly before: number } };

const takePush = ({ data: { warehouse, sequence } }: Of<WmsFeedCommand, 'TakePush'>, last: number): readonly WmsFeedEvent[] => {
  if (sequence <= last) return [];
  const taken: WmsFeedEvent = { type: 'PushTaken', data: { warehouse, sequence } };
  return last > 0 && sequence > last + 1 ? [{ type: 'GapNoticed', data: { warehouse, after: last, before: sequence } }, taken] : [taken];
};

/** A warehouse's pushes: which was the last, and whether any is missing before it. */
export const wmsFeed: Decider<number, WmsFeedCommand, WmsFeedEvent> = {
  category: 'wmsfeed',
  initial: 0,
  evolve: (last, event) => (event.type === 'PushTaken' ? event.data.sequence : last),
  decide: (command, last) => (command.type === 'TakePush' ? takePush(command, last) : [{ type: 'WholeListWanted', data: command.data }]),
};
