import { streamOf, type AnyDecider, type Decider, type Message } from '@flotilla/decider';
import type { Baseline } from './baseline.js';
import { checkedStream, checkedType, storableJson } from './text.js';
import type { Task, Unit } from './types.js';

/** A stream as a group or chunk sees it while it decides: committed, or as the tasks before left it. */
export interface Slot extends Baseline {
  /** Foreign events that tasks of this group applied, not yet committed. */
  readonly applying: ReadonlyMap<string, number>;
  /** From the cache, so perhaps behind; else read from the database for this group. */
  readonly cached: boolean;
  /** A task before this one in the group writes it. */
  readonly written: boolean;
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
  /** Of these events, where it is not the task's; JSON text. */
  readonly meta?: string;
}

/** Thrown out of `decide` when a stream is not loaded yet; the task is decided again when it is. */
class NeedsStream extends Error {
  override readonly name = 'NeedsStream';
}

interface Draft {
  readonly before: Slot;
  state: unknown;
  version: number;
  readonly events: Decided[];
}

/** The unit of one task upon the slots of its group. It changes nothing: `touched()` says what the task wants. */
export class TaskUnit implements Unit {
  readonly #drafts = new Map<string, Draft>();
  /** A stream that was asked for and is not loaded, even if the task caught the signal. */
  missing: readonly [string, AnyDecider] | undefined;

  constructor(
    private readonly slots: ReadonlyMap<string, Slot>,
    private readonly task: Pick<Task<unknown>, 'meta' | 'continues'>,
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
      const { applied, applying } = draft.before;
      if (Math.max(applied.get(source.stream) ?? 0, applying.get(source.stream) ?? 0) >= source.version) return [];
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
    const { source } = meta;
    const trace = this.#trace();
    const own = trace === (meta.traceparent ?? '') ? {} : { meta: storableJson({ ...meta, traceparent: trace, ...(meta.traceparent ? { request: meta.traceparent } : {}) }, 'meta') };
    return [...this.#drafts].map(([stream, { before, state, version, events }]) => {
      if (events.length === 0) return { stream, before, after: before, events };
      const applying = source ? new Map(before.applying).set(source.stream, source.version) : before.applying;
      return { stream, before, after: { ...before, state, version, applying, trace, written: true }, events, ...own };
    });
  }

  /** Of the events of this unit. */
  #trace(): string {
    const { continues, meta } = this.task;
    const before = continues && this.slots.get(streamOf(...continues));
    return before?.trace || (meta.traceparent ?? '');
  }

  #draft(decider: AnyDecider, id: string): Draft {
    const stream = checkedStream(streamOf(decider, id));
    const known = this.#drafts.get(stream);
    if (known) {
      if (known.before.decider !== decider) throw new Error(`two deciders for stream ${stream}`);
      return known;
    }
    const before = this.slots.get(stream);
    if (!before) {
      this.missing ??= [stream, decider];
      throw new NeedsStream(stream);
    }
    if (before.decider !== decider) throw new Error(`two deciders for stream ${stream}`);
    const draft: Draft = { before, state: before.state, version: before.version, events: [] };
    this.#drafts.set(stream, draft);
    return draft;
  }
}
