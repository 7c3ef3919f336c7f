import { fold, streamOf, type AnyDecider, type Decider, type Message } from '@flotilla/decider';
import type { Meta, Recorded, Unit } from '@flotilla/event-store';

interface Stream {
  readonly decider: AnyDecider;
  readonly events: Recorded[];
  readonly applied: Map<string, number>;
  state: unknown;
}

/** The event store's rules without its database: units written whole, versions, repeats of a foreign event dropped. */
export class MemoryStore {
  readonly log: Recorded[] = [];
  readonly #streams = new Map<string, Stream>();
  constructor(
    private readonly clock: () => string,
    /** `false`: deciders see every repeat, as if each were new. */
    private readonly dropsRepeats = true,
  ) {}

  /** Decides and writes one task; what it throws writes nothing. */
  execute<A>(decide: (unit: Unit) => A, source?: Meta['source']): A {
    const drafts = new Map<string, { decider: AnyDecider; state: unknown; version: number; events: Message[] }>();
    const draftOf = (decider: AnyDecider, id: string): { decider: AnyDecider; state: unknown; version: number; events: Message[] } => {
      const name = streamOf(decider, id);
      const known = this.#streams.get(name);
      const draft = drafts.get(name) ?? { decider, state: known?.state ?? decider.initial, version: known?.events.length ?? 0, events: [] };
      drafts.set(name, draft);
      return draft;
    };
    const unit: Unit = {
      state: <S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string) => draftOf(decider, id).state as S,
      version: (decider, id) => draftOf(decider, id).version,
      run: <S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string, command: C) => {
        const draft = draftOf(decider, id);
        if (source && this.dropsRepeats && (this.#streams.get(streamOf(decider, id))?.applied.get(source.stream) ?? 0) >= source.version) return [];
        const events = decider.decide(command, draft.state as S);
        draft.state = events.reduce(decider.evolve, draft.state as S);
        draft.version += events.length;
        draft.events.push(...events);
        return events;
      },
    };
    const answer = decide(unit);
    for (const [name, draft] of drafts) this.#write(name, draft.decider, draft.events, draft.state, source);
    return answer;
  }

  #write(name: string, decider: AnyDecider, events: readonly Message[], state: unknown, source: Meta['source']): void {
    if (events.length === 0) return;
    const stream = this.#streams.get(name) ?? { decider, events: [], applied: new Map<string, number>(), state };
    this.#streams.set(name, stream);
    stream.state = state;
    if (source) stream.applied.set(source.stream, Math.max(source.version, stream.applied.get(source.stream) ?? 0));
    for (const event of events) {
      const version = stream.events.length + 1;
      const recorded: Recorded = {
        position: this.log.length + 1,
        stream: name,
        version,
        id: `${name}@${version}`,
        type: event.type,
        schemaVersion: 1,
        recordedAt: this.clock(),
        data: event.data,
        meta: { correlation: '', causation: '', actor: 'sim', ...(source ? { source } : {}) },
        hash: '',
      };
      stream.events.push(recorded);
      this.log.push(recorded);
    }
  }

  state<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string): S {
    return (this.#streams.get(streamOf(decider, id))?.state ?? decider.initial) as S;
  }

  events(stream: string): readonly Recorded[] {
    return this.#streams.get(stream)?.events ?? [];
  }

  /** Streams of a category, by id. */
  all<S, C extends Message, E extends Message>(decider: Decider<S, C, E>): ReadonlyMap<string, S> {
    const prefix = `${decider.category}-`;
    return new Map([...this.#streams].filter(([name]) => name.startsWith(prefix)).map(([name, stream]) => [name.slice(prefix.length), stream.state as S]));
  }

  /** Streams whose events, folded from the first, give another state than the one that was kept. */
  differing(): readonly string[] {
    return [...this.#streams].filter(([, { decider, events, state }]) => JSON.stringify(fold(decider, events as never)) !== JSON.stringify(state)).map(([name]) => name);
  }
}
