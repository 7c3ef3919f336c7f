import { streamOf, type AnyDecider, type Decider, type Message } from '@flotilla/decider';
import type { Baseline } from './baseline.js';
import { checkedStream, checkedType, storableJson } from './text.js';
import type { Source, Task, Unit } from './types.js';

/** A stream as a group or chunk sees it while it decides: committed, or as the tasks before left it. */
export interface Slot extends Baseline {
  /** Which question to the database of this group read it; 0: from the cache, so perhaps behind. */
  readonly read: number;
  /** A task before this one, in the group or in the one in flight, writes it. */
  readonly written: boolean;
}

/** What a unit may see. */
export interface Slots {
  slot(stream: string): Slot | undefined;
  /** The highest version of a source that a stream has applied or is about to; 0 if none, `undefined` if that must be asked for. */
  applied(stream: string, source: string): number | undefined;
}

/** One event that a task decided, as JSON text. */
export interface Decided {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: string;
}

/** What a task read and wrote of one stream. */
export interface Touched {
  readonly stream: string;
  readonly before: Slot;
  readonly after: Slot;
  readonly events: readonly Decided[];
  /** Of these events; JSON text. */
  readonly meta: string;
  /** The foreign event that these events apply. */
  readonly source?: Source;
}

/** Something that a task needs and that is not there yet: a stream, or whether a stream has applied a source. */
export interface Missing {
  readonly stream: string;
  readonly decider: AnyDecider;
  readonly source?: string;
}

/** Thrown out of `decide` when something is missing; the task is decided again when it is there. One for all: a stack costs more than deciding. */
const needs = new Error('something is missing that the task will find when it is decided again');

interface Draft {
  readonly before: Slot;
  state: unknown;
  version: number;
  readonly events: Decided[];
}

/** The unit of one task upon the slots of its group. It changes nothing: `touched()` says what the task wants. */
export class TaskUnit implements Unit {
  readonly #drafts = new Map<string, Draft>();
  /** What was asked for and is not there, even if the task caught the signal. */
  missing: Missing | undefined;

  constructor(
    private readonly slots: Slots,
    private readonly task: Pick<Task<unknown>, 'meta' | 'continues'>,
    /** The task's meta as JSON text. */
    private readonly meta: string,
  ) {}

  state<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string): S {
    return this.#draft(decider, id).state as S;
  }

  version(decider: AnyDecider, id: string): number {
    return this.#draft(decider, id).version;
  }

  run<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string, command: C): readonly E[] {
    const draft = this.#draft(decider, id);
    const { source } = this.task.meta;
    if (source) {
      const stream = streamOf(decider, id);
      const known = this.slots.applied(stream, source.stream);
      if (known === undefined) return this.#need({ stream, decider, source: source.stream });
      if (known >= source.version) return [];
    }
    const events = decider.decide(command, draft.state as S);
    const decided = events.map((event) => ({
      type: checkedType(event.type),
      schemaVersion: decider.schemaVersions?.[event.type as E['type']] ?? 1,
      data: storableJson(event.data, `data of ${event.type}`),
    }));
    draft.events.push(...decided);
    draft.version += events.length;
    draft.state = events.reduce(decider.evolve, draft.state as S);
    return events;
  }

  touched(): readonly Touched[] {
    const { meta } = this.task;
    const trace = this.#trace();
    const text = trace === (meta.traceparent ?? '') ? this.meta : storableJson({ ...meta, traceparent: trace, ...(meta.traceparent ? { request: meta.traceparent } : {}) }, 'meta');
    return [...this.#drafts].map(([stream, { before, state, version, events }]) => {
      if (events.length === 0) return { stream, before, after: before, events, meta: text };
      return { stream, before, after: { ...before, state, version, trace, written: true }, events, meta: text, ...(meta.source ? { source: meta.source } : {}) };
    });
  }

  /** Of the events of this unit. */
  #trace(): string {
    const { continues, meta } = this.task;
    const before = continues && this.slots.slot(streamOf(...continues));
    return before?.trace || (meta.traceparent ?? '');
  }

  #draft(decider: AnyDecider, id: string): Draft {
    const stream = streamOf(decider, id);
    const known = this.#drafts.get(stream);
    if (known) {
      if (known.before.decider !== decider) throw new Error(`two deciders for stream ${stream}`);
      return known;
    }
    const before = this.slots.slot(stream) ?? this.#need({ stream: checkedStream(stream), decider });
    if (before.decider !== decider) throw new Error(`two deciders for stream ${stream}`);
    const draft: Draft = { before, state: before.state, version: before.version, events: [] };
    this.#drafts.set(stream, draft);
    return draft;
  }

  #need(missing: Missing): never {
    this.missing ??= missing;
    throw needs;
  }
}
