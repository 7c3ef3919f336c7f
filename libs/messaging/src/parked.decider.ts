import { createHash } from 'node:crypto';
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import type { Source } from '@flotilla/event-store';

// Two kinds of streams: `parked-<consumer>/<topic>/<partition>/<key>` is the queue behind one key, `lot-<consumer>/<topic>/<partition>`
// says which keys of a partition are parked and bounds them. Both are written as one unit.

/** A message as it waits. `payload` is sealed (value and headers); several sealed pieces are joined by a space. */
export interface ParkedMessage {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly id: string;
  readonly type: string;
  readonly source: Source;
  readonly reason: string;
  readonly detail: string;
  readonly payload: string;
}

export type ParkedCommand =
  | { readonly type: 'ParkMessage'; readonly data: ParkedMessage }
  | { readonly type: 'ReplayMessage'; readonly data: { readonly offset: number } }
  | { readonly type: 'DiscardMessage'; readonly data: { readonly offset: number; readonly reason: string; readonly actor: string } };

export type ParkedEvent =
  | { readonly type: 'MessageParked'; readonly data: ParkedMessage }
  | { readonly type: 'MessageReplayed'; readonly data: { readonly offset: number } }
  | { readonly type: 'MessageDiscarded'; readonly data: { readonly offset: number; readonly reason: string; readonly actor: string } };

/** One that waits, without its payload: that is read from the stream (event `version`) when it is needed. */
export interface Waiting {
  readonly version: number;
  readonly offset: number;
  readonly id: string;
  readonly type: string;
  readonly reason: string;
  readonly detail: string;
}

export interface ParkedState {
  readonly version: number;
  /** Oldest first. */
  readonly waiting: readonly Waiting[];
}

const evolveParked = (state: ParkedState, event: ParkedEvent): ParkedState => {
  const version = state.version + 1;
  switch (event.type) {
    case 'MessageParked': {
      const { offset, id, type, reason, detail } = event.data;
      return { version, waiting: [...state.waiting, { version, offset, id, type, reason, detail }] };
    }
    case 'MessageReplayed':
    case 'MessageDiscarded':
      return { version, waiting: state.waiting.filter(({ offset }) => offset !== event.data.offset) };
    default:
      return { ...state, version };
  }
};

// Only the oldest may leave: the others wait for it, in order. Somebody else may have been faster.
const leave = <E extends ParkedEvent>(state: ParkedState, offset: number, event: E): readonly E[] => (state.waiting[0]?.offset === offset ? [event] : []);

/** The queue behind one key. */
export const parked: Decider<ParkedState, ParkedCommand, ParkedEvent> = {
  category: 'parked',
  initial: { version: 0, waiting: [] },
  evolve: evolveParked,
  decide: (command, state) => {
    switch (command.type) {
      case 'ParkMessage':
        return state.waiting.some(({ offset }) => offset === command.data.offset) ? [] : [{ type: 'MessageParked', data: command.data }];
      case 'ReplayMessage':
        return leave(state, command.data.offset, { type: 'MessageReplayed', data: command.data });
      case 'DiscardMessage':
        return leave(state, command.data.offset, { type: 'MessageDiscarded', data: command.data });
      default:
        return unreachable(command);
    }
  },
};

export type LotCommand = { readonly type: 'Take'; readonly data: { readonly key: string; readonly limit: number } } | { readonly type: 'Free'; readonly data: { readonly key: string } };
export type LotEvent = { readonly type: 'Taken' | 'Freed'; readonly data: { readonly key: string } };

export interface LotState {
  /** How many messages wait behind each key. */
  readonly keys: Readonly<Record<string, number>>;
  readonly total: number;
}

/** How many messages of a key wait; 0 = not parked. */
export const waitingFor = (lot: LotState, key: string): number => (Object.hasOwn(lot.keys, key) ? lot.keys[key]! : 0);

const evolveLot = (state: LotState, event: LotEvent): LotState => {
  const { key } = event.data;
  const waiting = waitingFor(state, key) + (event.type === 'Taken' ? 1 : -1);
  const others = Object.entries(state.keys).filter(([name]) => name !== key);
  return { keys: Object.fromEntries(waiting > 0 ? [...others, [key, waiting]] : others), total: state.total + (event.type === 'Taken' ? 1 : -1) };
};

const take = ({ data: { key, limit } }: Of<LotCommand, 'Take'>, state: LotState): readonly LotEvent[] => {
  if (state.total >= limit) throw new Refused('PARKING_LOT_FULL', `${state.total} messages of this partition are parked; replay or discard some`);
  return [{ type: 'Taken', data: { key } }];
};

/** The keys of a partition that are parked. */
export const lot: Decider<LotState, LotCommand, LotEvent> = {
  category: 'lot',
  initial: { keys: {}, total: 0 },
  evolve: evolveLot,
  decide: (command, state) => {
    switch (command.type) {
      case 'Take':
        return take(command, state);
      case 'Free':
        return waitingFor(state, command.data.key) === 0 ? [] : [{ type: 'Freed', data: command.data }];
      default:
        return unreachable(command);
    }
  },
};

/** The id of a partition's lot. */
export const lotId = (consumer: string, topic: string, partition: number): string => `${consumer}/${topic}/${partition}`;

/** How a key stands in a stream's name: as it is where that is readable ASCII, else by its hash. */
export const safeKey = (key: string): string => (/^[A-Za-z0-9_.:@-]{1,64}$/.test(key) ? key : `~${createHash('sha256').update(key).digest('hex').slice(0, 40)}`);

/** The id of a key's queue. */
export const parkedId = (consumer: string, topic: string, partition: number, key: string): string => `${lotId(consumer, topic, partition)}/${safeKey(key)}`;
