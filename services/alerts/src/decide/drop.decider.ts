import { unreachable, type Decider, type Of } from '@flotilla/decider';
import type { Line } from './hook-queue.decider.js';

/** One event of a file, by its place in the log. */
interface Added {
  readonly webhookId: string;
  readonly position: number;
  readonly size: number;
}

export type DropCommand =
  /** `now` is machine time; `everySeconds`: how long the first line waits for others. */
  | { readonly type: 'Add'; readonly data: Added & { readonly now: string; readonly everySeconds: number } }
  /** Ends the file, if it is full or its time is over. */
  | { readonly type: 'Close'; readonly data: { readonly webhookId: string; readonly now: string } };

export type DropEvent =
  /** `dueAt`: when the file ends that this line begins; "" = it is not the first. */
  | { readonly type: 'LineAdded'; readonly data: Added & { readonly dueAt: string } }
  /** With as many events before this one in the stream as it has lines. */
  | { readonly type: 'FileClosed'; readonly data: { readonly webhookId: string; readonly name: string; readonly lines: number; readonly at: string } };

/** The file that is being filled. */
export interface Drop {
  readonly lines: number;
  /** Where its first line stands in the log. */
  readonly first: number;
  readonly size: number;
  /** "" = there is none. */
  readonly dueAt: string;
}

/** What the delivery of a file knows of it: `closed`, the version of its stream at which it was closed, behind so many lines. */
export interface FileLines {
  readonly closed: number;
  readonly lines: number;
}

export const mostLines = 1_000;
/** Characters: written in seconds, also over a slow line. */
export const mostSize = 1024 * 1024;

/** An event as it stands in a file; `id` is the webhook-id that it would have by HTTP. */
export const lineOf = ({ deliveryId, type, at, data }: Line): string => `${JSON.stringify({ id: deliveryId, type, timestamp: at, data })}\n`;

/** By the place of its first line, which no other file of whatever drop has, and how many there are: names sort as the events came. */
const nameOf = ({ first, lines }: Drop): string => `flotilla-${String(first).padStart(16, '0')}-${lines}.ndjson`;

const add = ({ data: { now, everySeconds, ...line } }: Of<DropCommand, 'Add'>, { dueAt }: Drop): readonly DropEvent[] => [
  { type: 'LineAdded', data: { ...line, dueAt: dueAt === '' ? new Date(Date.parse(now) + everySeconds * 1_000).toISOString() : '' } },
];

const close = ({ data: { webhookId, now } }: Of<DropCommand, 'Close'>, open: Drop): readonly DropEvent[] => {
  const { lines, size, dueAt } = open;
  if (lines === 0 || (lines < mostLines && size < mostSize && dueAt > now)) return [];
  return [{ type: 'FileClosed', data: { webhookId, name: nameOf(open), lines, at: now } }];
};

/** Collects what goes into one file of a webhook by SFTP: so many events, or those of so many seconds. */
export const drop: Decider<Drop, DropCommand, DropEvent> = {
  category: 'drop',
  initial: { lines: 0, first: 0, size: 0, dueAt: '' },
  stateVersion: 1,
  evolve: (state, event) => {
    switch (event.type) {
      case 'LineAdded': {
        const { position, size, dueAt } = event.data;
        return { lines: state.lines + 1, first: state.first || position, size: state.size + size, dueAt: dueAt || state.dueAt };
      }
      case 'FileClosed':
        return drop.initial;
      default:
        return state;
    }
  },
  decide: (command, state) => {
    switch (command.type) {
      case 'Add':
        return add(command, state);
      case 'Close':
        return close(command, state);
      default:
        return unreachable(command);
    }
  },
};
