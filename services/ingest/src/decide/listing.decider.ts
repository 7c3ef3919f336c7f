import { unreachable, type Decider, type Of } from '@flotilla/decider';
import type { Difference, ListedItem, ListingEvent } from './listing.events.js';

export type ListingCommand =
  /** Not while one is running, unless that has come to no further page for an hour. */
  | { readonly type: 'BeginPull'; readonly data: { readonly channel: string; readonly at: string } }
  /** The page that begins at `from`. */
  | { readonly type: 'NotePage'; readonly data: { readonly channel: string; readonly pull: number; readonly from: string; readonly next: string; readonly location: string; readonly items: readonly ListedItem[]; readonly differences: readonly Difference[]; readonly at: string } }
  | { readonly type: 'AskPush'; readonly data: { readonly channel: string; readonly sku: string; readonly at: string } };

/** The newest pull, and where it is: whoever goes on with it begins at `next`. */
export interface Listing {
  readonly pull: number;
  readonly running: boolean;
  readonly next: string;
  readonly items: number;
  readonly differences: number;
  readonly beganAt: string;
  /** When it came to its last page, or began. */
  readonly movedAt: string;
  readonly endedAt: string;
}

const initial: Listing = { pull: 0, running: false, next: '', items: 0, differences: 0, beganAt: '', movedAt: '', endedAt: '' };

// Its job comes back ever more seldom, up to six hours later, and may wait for a channel that has had no API since.
const STALLED_MS = 3_600_000;

const isUnderWay = ({ running, movedAt }: Listing, at: string): boolean => running && Date.parse(at) - Date.parse(movedAt) < STALLED_MS;

const evolve = (state: Listing, { type, data }: ListingEvent): Listing => {
  switch (type) {
    case 'PullBegun':
      return { ...initial, pull: data.pull, running: true, beganAt: data.at, movedAt: data.at };
    case 'PageListed':
      return { ...state, next: data.next, movedAt: data.at, items: state.items + data.items.length, differences: state.differences + data.differences.length };
    case 'PullEnded':
      return { ...state, running: false, endedAt: data.at };
    default:
      return state;
  }
};

// A page that is noted already was read by another process, too.
const note = ({ data: { from, ...page } }: Of<ListingCommand, 'NotePage'>, state: Listing): readonly ListingEvent[] => {
  if (!state.running || page.pull !== state.pull || from !== state.next) return [];
  const listed: ListingEvent = { type: 'PageListed', data: page };
  if (page.next !== '') return [listed];
  const { items, differences } = evolve(state, listed);
  return [listed, { type: 'PullEnded', data: { channel: page.channel, pull: page.pull, items, differences, at: page.at } }];
};

const decide = (command: ListingCommand, state: Listing): readonly ListingEvent[] => {
  switch (command.type) {
    case 'BeginPull':
      return isUnderWay(state, command.data.at) ? [] : [{ type: 'PullBegun', data: { ...command.data, pull: state.pull + 1 } }];
    case 'NotePage':
      return note(command, state);
    case 'AskPush':
      return [{ type: 'PushAsked', data: command.data }];
    default:
      return unreachable(command);
  }
};

/** What a channel lists, fetched page by page, and what it showed of our stock then. */
export const listing: Decider<Listing, ListingCommand, ListingEvent> = { category: 'listing', initial, evolve, decide };
