import { fold, streamOf, type AnyDecider, type Decider, type Message } from '@flotilla/decider';
import type { EventStore, Meta, Recorded, Source, Task, Unit } from '@flotilla/event-store';

interface Stream {
  readonly name: string;
  readonly decider: AnyDecider;
  readonly events: Recorded[];
  readonly applied: Map<string, number>;
  state: unknown;
  /** The version at which it was folded anew from its first event. */
  refoldedAt: number;
}

interface Draft {
  readonly decider: AnyDecider;
  readonly name: string;
  readonly id: string;
  /** The version that was read: what is written is written upon it. */
  readonly read: number;
  state: unknown;
  events: readonly Message[];
}

/** What a task decided, upon which versions; nothing of it is written yet. */
export interface Proposal<A = unknown> {
  readonly answer: A;
  readonly drafts: ReadonlyMap<string, Draft>;
  readonly source: Source | undefined;
  /** By the clock of the process that decided; what is appended may be recorded later. */
  readonly decidedAt: string;
}

/** What may be other than in production: the mutants' way in. */
export interface StoreChanges {
  /** Rules that stand in for those of a category. */
  readonly rules?: Readonly<Record<string, AnyDecider>>;
  /** Whether a stream's version is compared when its events are written; all are. */
  readonly compares?: (stream: string) => boolean;
  /** What of a unit is written; all of it. */
  readonly writes?: <T extends { readonly name: string }>(drafts: readonly T[]) => readonly T[];
}

/** The event store's rules without its database: units written whole, versions compared, repeats of a foreign event dropped. */
export class MemoryStore {
  readonly log: Recorded[] = [];
  readonly #categories = new Map<string, Map<string, Stream>>();
  readonly #clock: () => string;
  readonly #dropsRepeats: boolean;
  readonly #changes: StoreChanges;

  /** `dropsRepeats` false: deciders see every repeat, as if each were new. */
  constructor(clock: () => string, dropsRepeats = true, changes: StoreChanges = {}) {
    this.#clock = clock;
    this.#dropsRepeats = dropsRepeats;
    this.#changes = changes;
  }

  /** Decides a task upon the streams as they are now. */
  decide<A>(decide: (unit: Unit) => A, source?: Meta['source']): Proposal<A> {
    const drafts = new Map<string, Draft>();
    const draftOf = (asked: AnyDecider, id: string): Draft => {
      const name = streamOf(asked, id);
      let draft = drafts.get(name);
      if (draft === undefined) {
        const decider = this.#changes.rules?.[asked.category] ?? asked;
        const known = this.#stream(decider.category, id);
        draft = { decider, name, id, read: known?.events.length ?? 0, state: known === undefined ? decider.initial : known.state, events: [] };
        drafts.set(name, draft);
      }
      return draft;
    };
    const unit: Unit = {
      state: <S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string) => draftOf(decider, id).state as S,
      version: (decider, id) => {
        const { read, events } = draftOf(decider, id);
        return read + events.length;
      },
      run: <S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string, command: C) => {
        const draft = draftOf(decider, id);
        if (source && this.hasApplied(decider, id, source)) return [];
        const events = (draft.decider as Decider<S, C, E>).decide(command, draft.state as S);
        if (events.length === 0) return events;
        draft.state = events.reduce((draft.decider as Decider<S, C, E>).evolve, draft.state as S);
        draft.events = draft.events.length === 0 ? events : [...draft.events, ...events];
        return events;
      },
    };
    const answer = decide(unit);
    return { answer, drafts, source, decidedAt: this.#clock() };
  }

  /** Writes what was decided, whole; or nothing, if a stream that it read has moved meanwhile. Answers what was written, or `undefined`. */
  commit({ drafts, source }: Proposal): readonly Recorded[] | undefined {
    const from = this.log.length;
    for (const { decider, name, id, read } of drafts.values()) {
      if ((this.#stream(decider.category, id)?.events.length ?? 0) !== read && this.#changes.compares?.(name) !== false) return undefined;
    }
    const written = [...drafts.values()].filter(({ events }) => events.length > 0);
    for (const draft of this.#changes.writes?.(written) ?? written) this.#write(draft, source);
    return this.log.slice(from);
  }

  /** Decides and writes one task; what it throws writes nothing. */
  execute<A>(decide: (unit: Unit) => A, source?: Meta['source']): A {
    const proposal = this.decide(decide, source);
    this.commit(proposal);
    return proposal.answer;
  }

  #write({ decider, name, id, state, events }: Draft, source: Meta['source']): void {
    let stream = this.#stream(decider.category, id);
    if (stream === undefined) {
      stream = { name, decider, events: [], applied: new Map(), state, refoldedAt: 0 };
      const known = this.#categories.get(decider.category);
      if (known === undefined) this.#categories.set(decider.category, new Map([[id, stream]]));
      else known.set(id, stream);
    }
    stream.state = state;
    if (source) stream.applied.set(source.stream, Math.max(source.version, stream.applied.get(source.stream) ?? 0));
    const meta = { correlation: '', causation: source?.id ?? '', actor: 'sim', ...(source ? { source } : {}) };
    const recordedAt = this.#clock();
    for (const { type, data } of events) {
      const version = stream.events.length + 1;
      const recorded: Recorded = { position: this.log.length + 1, stream: name, version, id: `${name}@${version}`, type, schemaVersion: 1, recordedAt, data, meta, hash: '' };
      stream.events.push(recorded);
      this.log.push(recorded);
    }
  }

  #stream(category: string, id: string): Stream | undefined {
    return this.#categories.get(category)?.get(id);
  }

  /** Whether a stream would drop this foreign event as a repeat. */
  hasApplied(decider: AnyDecider, id: string, source: Pick<Source, 'stream' | 'version'>): boolean {
    return this.#dropsRepeats && (this.#stream(decider.category, id)?.applied.get(source.stream) ?? 0) >= source.version;
  }

  state<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string): S {
    const stream = this.#stream(decider.category, id);
    return (stream === undefined ? decider.initial : stream.state) as S;
  }

  events(stream: string): readonly Recorded[] {
    const dash = stream.indexOf('-');
    return this.#stream(stream.slice(0, dash), stream.slice(dash + 1))?.events ?? [];
  }

  /** Streams of a category, by id. */
  all<S, C extends Message, E extends Message>(decider: Decider<S, C, E>): ReadonlyMap<string, S> {
    return new Map([...(this.#categories.get(decider.category) ?? [])].map(([id, { state }]) => [id, state as S]));
  }

  /** Streams whose events, folded from the first as they come out of a database, give another state than the one that was kept. */
  differing(): readonly string[] {
    const asRead = ({ type, data }: Recorded): Message => ({ type, data: JSON.parse(JSON.stringify(data)) as unknown });
    return this.#compared((stream) => fold(stream.decider, stream.events.map(asRead) as unknown as readonly never[]));
  }

  /** What a restart does: folds are made again from the log. Answers the streams where that made a difference. */
  refold(): readonly string[] {
    return this.#compared((stream) => {
      if (stream.refoldedAt === stream.events.length) return stream.state;
      stream.refoldedAt = stream.events.length;
      const state: unknown = fold(stream.decider, stream.events as unknown as readonly never[]);
      return state;
    });
  }

  #compared(folded: (stream: Stream) => unknown): readonly string[] {
    const found: string[] = [];
    for (const streams of this.#categories.values()) {
      for (const stream of streams.values()) {
        const again = folded(stream);
        if (again === stream.state) continue;
        if (JSON.stringify(again) !== JSON.stringify(stream.state)) found.push(stream.name);
        stream.state = again;
      }
    }
    return found;
  }
}

/** The part of the event store that allocation uses outside its consumers. `execute` is the world's: it may die there. */
export const asEventStore = (store: MemoryStore, execute: <A>(task: Task<A>) => A): EventStore => {
  const only: Pick<EventStore, 'execute' | 'folded' | 'read'> = {
    execute: async (task) => ({ answer: execute(task), position: store.log.length }),
    folded: async (decider, ids) => new Map(ids.map((id) => [id, { state: store.state(decider, id), version: store.events(streamOf(decider, id)).length }])),
    read: async (stream, { from = 1, limit = 1_000 } = {}) => store.events(stream).slice(from - 1, from - 1 + limit),
  };
  return only as EventStore;
};
