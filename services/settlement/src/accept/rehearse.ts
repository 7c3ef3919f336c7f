import { streamOf, type AnyDecider, type Decider, type Message } from '@flotilla/decider';
import type { EventStore, Task, Unit } from '@flotilla/event-store';

interface Known {
  readonly state: unknown;
  readonly version: number;
}

/** What is decided upon what is known; a stream that is not known yet is taken as empty and noted. */
class Rehearsal implements Unit {
  readonly missing = new Map<string, readonly [AnyDecider, string]>();
  readonly #drafts = new Map<string, Known>();
  constructor(private readonly known: ReadonlyMap<string, Known>) {}

  state<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string): S {
    return this.#draft(decider, id).state as S;
  }

  version(decider: AnyDecider, id: string): number {
    return this.#draft(decider, id).version;
  }

  run<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string, command: C): readonly E[] {
    const { state, version } = this.#draft(decider, id);
    const events = decider.decide(command, state as S);
    this.#drafts.set(streamOf(decider, id), { state: events.reduce(decider.evolve, state as S), version: version + events.length });
    return events;
  }

  #draft(decider: AnyDecider, id: string): Known {
    const stream = streamOf(decider, id);
    const draft = this.#drafts.get(stream) ?? this.known.get(stream);
    if (draft) return draft;
    this.missing.set(stream, [decider, id]);
    const empty = { state: decider.initial as unknown, version: 0 };
    this.#drafts.set(stream, empty);
    return empty;
  }
}

const mostPasses = 20;

/**
 * The streams that a decision needs where they follow from one another (a number's order, its charges that deviated, their statements):
 * decided on trial until nothing more is missing, with one query for all that a trial missed. A unit may ask for a hundred streams that it
 * does not name, and one statement has more.
 */
export const rehearse = async (store: Pick<EventStore, 'folded'>, decide: (unit: Unit) => void): Promise<Task['streams']> => {
  const known = new Map<string, Known>();
  const streams: (readonly [AnyDecider, string])[] = [];
  for (let passes = 0; passes < mostPasses; passes += 1) {
    const trial = new Rehearsal(known);
    try {
      decide(trial);
    } catch {
      // Upon what was not known yet; if it is refused all the same, then where it counts.
    }
    const missing = [...trial.missing.values()];
    if (missing.length === 0) break;
    streams.push(...missing);
    const found = [...Map.groupBy(missing, ([decider]) => decider)].map(async ([decider, all]) => [decider, await store.folded(decider, all.map(([, id]) => id))] as const);
    for (const [decider, states] of await Promise.all(found)) for (const [id, one] of states) known.set(streamOf(decider, id), one);
  }
  return streams;
};
