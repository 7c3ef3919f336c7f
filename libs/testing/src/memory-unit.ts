import { fold, streamOf, type AnyDecider, type Decider, type Message } from '@flotilla/decider';
import type { Unit } from '@flotilla/event-store';

/** Streams in memory, for specs of what runs over several of them. */
export class MemoryUnit implements Unit {
  readonly log: { readonly stream: string; readonly type: string; readonly data: unknown }[] = [];
  readonly #streams = new Map<string, Message[]>();

  state<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string): S {
    return fold(decider, (this.#streams.get(streamOf(decider, id)) ?? []) as unknown as readonly E[]);
  }

  version(decider: AnyDecider, id: string): number {
    return this.#streams.get(streamOf(decider, id))?.length ?? 0;
  }

  run<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string, command: C): readonly E[] {
    const events = decider.decide(command, this.state(decider, id));
    const stream = streamOf(decider, id);
    this.#streams.set(stream, [...(this.#streams.get(stream) ?? []), ...events]);
    this.log.push(...events.map(({ type, data }) => ({ stream, type, data })));
    return events;
  }

  /** The data of all events of a type, in order. */
  of<Data>(type: string): readonly Data[] {
    return this.log.flatMap((event) => (event.type === type ? [event.data as Data] : []));
  }
}
