import type { AnyDecider } from '@flotilla/decider';

/**
 * What is known of a stream: its fold at a version that was committed, and the highest version of each foreign stream
 * whose event it has applied. A starting point only: the append's version check decides.
 */
export interface Baseline {
  readonly decider: AnyDecider;
  readonly state: unknown;
  readonly version: number;
  /** Only ever holds what is committed and only grows, so baselines of one stream share it. */
  readonly applied: Map<string, number>;
  /** traceparent of the last event, "" if it has none. */
  readonly trace: string;
}

/** Baselines by stream, the least recently used leave first. */
export class Baselines {
  readonly #entries = new Map<string, Baseline>();
  readonly #stale = new Set<string>();
  constructor(readonly size: number) {}

  get(stream: string): Baseline | undefined {
    const entry = this.#entries.get(stream);
    if (entry) {
      this.#entries.delete(stream);
      this.#entries.set(stream, entry);
    }
    return entry;
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
        this.#stale.delete(oldest);
      }
    }
  }

  /** The next use reads what was appended since. */
  doubt(stream: string): void {
    this.#stale.add(stream);
  }

  isDoubted(stream: string): boolean {
    return this.#stale.has(stream);
  }

  trust(stream: string): void {
    this.#stale.delete(stream);
  }
}

export const remember = (applied: Map<string, number>, stream: string, version: number): void => {
  if ((applied.get(stream) ?? 0) < version) applied.set(stream, version);
};
