import type { AnyDecider } from '@flotilla/decider';

/**
 * Which foreign events a stream has applied: of each source stream the highest version. What was applied since the last
 * snapshot is here, the rest stands in es.applied, where it is looked up for the sources at hand: a stock stream hears of
 * every order there ever was. Only ever holds what is committed, so the folds of one stream share it.
 */
export class Applied {
  readonly #recent = new Map<string, number>();
  /** The stream's version at its last snapshot. */
  kept = 0;
  /** Up to this version of the stream es.applied has them all; 0: nothing stands there. */
  constructor(public stored = 0) {}

  /** The highest version applied of a source, 0 if none; `undefined`: es.applied must be asked. */
  of(source: string): number | undefined {
    return this.#recent.get(source) ?? (this.stored === 0 ? 0 : undefined);
  }

  /** By the event of the stream's `at`. */
  remember(source: string, version: number, at: number): void {
    if (at > this.stored && (this.#recent.get(source) ?? 0) < version) this.#recent.set(source, version);
  }

  recent(): ReadonlyMap<string, number> {
    return this.#recent;
  }

  /** These were written to es.applied, which now has all up to the stream's version `upTo`. */
  settle(written: ReadonlyMap<string, number>, upTo: number): void {
    for (const [source, version] of written) if (this.#recent.get(source) === version) this.#recent.delete(source);
    this.stored = Math.max(this.stored, upTo);
  }
}

/** What is known of a stream: its fold at a version that was committed. A starting point only: the append's version check decides. */
export interface Baseline {
  readonly decider: AnyDecider;
  readonly state: unknown;
  readonly version: number;
  readonly applied: Applied;
  /** traceparent of the last event, "" if it has none. */
  readonly trace: string;
}

export const unknown = (decider: AnyDecider): Baseline => ({ decider, state: decider.initial, version: 0, applied: new Applied(), trace: '' });

/** Baselines by stream, the least recently used leave first. */
export class Baselines {
  readonly #entries = new Map<string, Baseline>();
  readonly #doubted = new Set<string>();
  constructor(readonly size: number) {}

  get(stream: string): Baseline | undefined {
    const entry = this.#entries.get(stream);
    if (entry) {
      this.#entries.delete(stream);
      this.#entries.set(stream, entry);
    }
    return entry;
  }

  /** What is known and not doubted. */
  trusted(stream: string, decider: AnyDecider): Baseline | undefined {
    const entry = this.get(stream);
    return entry?.decider === decider && !this.#doubted.has(stream) ? entry : undefined;
  }

  /** Keeps the newer of two: appends and reads of one process finish in any order. */
  put(stream: string, entry: Baseline): void {
    const known = this.#entries.get(stream);
    if (known && known.decider === entry.decider && known.version > entry.version) return;
    this.#entries.delete(stream);
    this.#entries.set(stream, entry);
    if (this.#entries.size > this.size) {
      const oldest = this.#entries.keys().next().value;
      if (oldest !== undefined) {
        this.#entries.delete(oldest);
        this.#doubted.delete(oldest);
      }
    }
  }

  /** The next use reads what was appended since. A doubt too many is forgotten: it would only have saved a conflict. */
  doubt(stream: string): void {
    this.#doubted.add(stream);
    if (this.#doubted.size > this.size) this.#doubted.delete(this.#doubted.values().next().value ?? '');
  }

  isDoubted(stream: string): boolean {
    return this.#doubted.has(stream);
  }

  trust(stream: string): void {
    this.#doubted.delete(stream);
  }

  count(): { readonly known: number; readonly doubted: number } {
    return { known: this.#entries.size, doubted: this.#doubted.size };
  }
}
