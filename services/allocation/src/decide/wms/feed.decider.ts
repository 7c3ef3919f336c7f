import type { Decider } from '@flotilla/decider';

export type WmsFeedCommand = { readonly type: 'TakePush'; readonly data: { readonly warehouse: string; readonly sequence: number } };

/** `GapNoticed`: pushes between the two never came; becomes a job that fetches the whole list. */
export type WmsFeedEvent =
  | { readonly type: 'PushTaken'; readonly data: { readonly warehouse: string; readonly sequence: number } }
  | { readonly type: 'GapNoticed'; readonly data: { readonly warehouse: string; readonly after: number; readonly before: number } };

const decide = ({ data: { warehouse, sequence } }: WmsFeedCommand, last: number): readonly WmsFeedEvent[] => {
  if (sequence <= last) return [];
  const taken: WmsFeedEvent = { type: 'PushTaken', data: { warehouse, sequence } };
  return last > 0 && sequence > last + 1 ? [{ type: 'GapNoticed', data: { warehouse, after: last, before: sequence } }, taken] : [taken];
};

/** A warehouse's pushes: which was the last, and whether any is missing before it. */
export const wmsFeed: Decider<number, WmsFeedCommand, WmsFeedEvent> = {
  category: 'wmsfeed',
  initial: 0,
  evolve: (last, event) => (event.type === 'PushTaken' ? event.data.sequence : last),
  decide,
};
