import type { alerts } from '@flotilla/contracts';
import { unreachable, type Decider, type Of } from '@flotilla/decider';
import type { Begun, Watch, WatchEvent } from './watch.events.js';

export type WatchCommand =
  /** The fact that starts the clock. */
  | { readonly type: 'Begin'; readonly data: Begun }
  /** The fact that it waits for. */
  | { readonly type: 'CallOff'; readonly data: Watch & { readonly by: string } }
  /** The timer is due. It only says when to look. */
  | { readonly type: 'Look'; readonly data: Watch & { readonly now: string } };

export type WatchState = ({ readonly status: 'none' | 'calledOff' | 'fired'; readonly dueAt: '' } | { readonly status: 'watching'; readonly dueAt: string }) & { readonly orders: readonly alerts.IncidentOrder[] };

const evolve = (state: WatchState, event: WatchEvent): WatchState => {
  switch (event.type) {
    case 'WatchBegun':
      return { status: 'watching', dueAt: event.data.dueAt, orders: event.data.orders ?? [] };
    case 'WatchCalledOff':
      return { status: 'calledOff', dueAt: '', orders: [] };
    case 'WatchFired':
      return { status: 'fired', dueAt: '', orders: [] };
    default:
      return state;
  }
};

// The fact that calls it off may come first (its topic is another one): then the clock never starts.
const begin = ({ data }: Of<WatchCommand, 'Begin'>, { status }: WatchState): readonly WatchEvent[] => (status === 'none' ? [{ type: 'WatchBegun', data }] : []);

const callOff = ({ data }: Of<WatchCommand, 'CallOff'>, { status }: WatchState): readonly WatchEvent[] => (status === 'calledOff' ? [] : [{ type: 'WatchCalledOff', data }]);

const look = ({ data: { now, ...watch } }: Of<WatchCommand, 'Look'>, state: WatchState): readonly WatchEvent[] =>
  state.status === 'watching' && state.dueAt <= now ? [{ type: 'WatchFired', data: { ...watch, at: now } }] : [];

/** One rule's clock over one subject: begun once, ended once. */
export const watch: Decider<WatchState, WatchCommand, WatchEvent> = {
  category: 'watch',
  initial: { status: 'none', dueAt: '', orders: [] },
  stateVersion: 2,
  evolve,
  decide: (command, state) => {
    switch (command.type) {
      case 'Begin':
        return begin(command, state);
      case 'CallOff':
        return callOff(command, state);
      case 'Look':
        return look(command, state);
      default:
        return unreachable(command);
    }
  },
};

/** Stream id of a watch. */
export const watchId = ({ rule, subject }: Watch): string => `${rule}.${subject}`;
