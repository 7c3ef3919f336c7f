import type { AnyDecider, Decider, Message } from '@flotilla/decider';

/** Where a foreign event that is being applied came from: its stream, version, id and chain hash (hex). */
export interface Source {
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  readonly hash: string;
}

/** Stored with every event. `traceparent` is the creation context (W3C). */
export interface Meta {
  readonly correlation: string;
  readonly causation: string;
  readonly actor: string;
  readonly traceparent?: string;
  /** The trace of the call, where its events continue another (`Task.continues`). */
  readonly request?: string;
  readonly source?: Source;
}

/** An event as it is stored and read. `position` orders the whole log of a database; `version` its stream, from 1. */
export interface Recorded<E extends Message = Message> {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  readonly type: E['type'];
  readonly schemaVersion: number;
  readonly recordedAt: string;
  readonly data: E['data'];
  readonly meta: Meta;
  readonly hash: string;
}

/**
 * What a task sees of the streams while it decides. Whatever it reads is guarded by its version in the append; a
 * stream that was not named in `streams` is loaded and the task decided again.
 */
export interface Unit {
  /** The folded state, with what this unit has already decided. */
  state<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string): S;
  /** 0 = the stream does not exist. */
  version(decider: AnyDecider, id: string): number;
  /**
   * Decides a command and takes its events into the unit. If the unit applies a foreign event (`meta.source`) that this
   * stream had applied before the unit began, the answer is `[]`: repeats are dropped by the receiving stream.
   * Throws what the decider throws (`Refused`).
   */
  run<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string, command: C): readonly E[];
}

/** One command with all its streams: written whole or not at all. `decide` may run again after a conflict. */
export interface Task<Answer = void> {
  /** Streams that will be needed, loaded in one query with those of the others in the group. */
  readonly streams: readonly (readonly [AnyDecider, string])[];
  readonly meta: Meta;
  /**
   * A call from outside about something that is under way (a scan of a parcel, a key at a desk): what follows from it joins
   * the trace of this stream's last event, so that one trace tells the whole way. Must be among `streams`.
   */
  readonly continues?: readonly [AnyDecider, string];
  readonly decide: (unit: Unit) => Answer;
}

/** A request that may be repeated: the same id and body get the same answer, another body REQUEST_ID_REUSED. */
export interface Request {
  readonly caller: string;
  readonly id: string;
  /** Of the request's bytes; hex. */
  readonly hash: string;
}

export interface Executed<Answer> {
  readonly answer: Answer;
  /** Of the group's last event; 0 if nothing was written. A query may wait for it. */
  readonly position: number;
}

/** The partition and the offsets that an intake chunk covers. */
export interface Offsets {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly next: number;
}
