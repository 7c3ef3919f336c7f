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

/** More of a state is not looked at: it costs its bound. */
const MOST_NODES = 4_000;
const NODE_BYTES = 40;

/** What a plain JSON state takes in memory, about: text and a share for each value. */
const bytesOf = (state: unknown): number => {
  let bytes = 500;
  const left: unknown[] = [state];
  for (let nodes = 0; left.length > 0 && nodes < MOST_NODES; nodes += 1) {
    const value = left.pop();
    bytes += NODE_BYTES;
    if (typeof value === 'string') bytes += value.length;
    else if (Array.isArray(value)) left.push(...value.slice(0, MOST_NODES));
    else if (typeof value === 'object' && value !== null) {
      for (const key in value) left.push((value as Record<string, unknown>)[key]);
    }
  }
  return bytes + left.length * NODE_BYTES;
};

interface Kept {
  base: Baseline;
  bytes: number;
  /** The version at which the bytes were counted. */
  counted: number;
}

/** Baselines by stream, the least recently used leave first: at most so many, and about so many bytes of states. */
export class Baselines {
  readonly #entries = new Map<string, Kept>();
  readonly #doubted = new Set<string>();
  #bytes = 0;
  constructor(
    readonly size: number,
    readonly budget = 16 * 1024 * 1024,
  ) {}

  get(stream: string): Baseline | undefined {
    const entry = this.#entries.get(stream);
    if (entry) {
      this.#entries.delete(stream);
      this.#entries.set(stream, entry);
    }
    return entry?.base;
  }

  /** What is known and not doubted. */
  trusted(stream: string, decider: AnyDecider): Baseline | undefined {
    const entry = this.get(stream);
    return entry?.decider === decider && !this.#doubted.has(stream) ? entry : undefined;
  }

  /** Keeps the newer of two: appends and reads of one process finish in any order. */
  put(stream: string, entry: Baseline): void {
    const known = this.#entries.get(stream);
    if (known && known.base.decider === entry.decider && known.base.version > entry.version) return;
    this.#entries.delete(stream);
    this.#bytes -= known?.bytes ?? 0;
    // Counted anew when it has grown by half: to count costs about what folding an event does.
    const fresh = known === undefined || entry.version >= known.counted * 1.5;
    const kept = { base: entry, bytes: fresh ? bytesOf(entry.state) : known.bytes, counted: fresh ? entry.version : known.counted };
    this.#entries.set(stream, kept);
    this.#bytes += kept.bytes;
    while (this.#entries.size > this.size || (this.#bytes > this.budget && this.#entries.size > 1)) {
      const [oldest, { bytes }] = this.#entries.entries().next().value!;
      this.#entries.delete(oldest);
      this.#doubted.delete(oldest);
      this.#bytes -= bytes;
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

  count(): { readonly known: number; readonly doubted: number; readonly bytes: number } {
    return { known: this.#entries.size, doubted: this.#doubted.size, bytes: this.#bytes };
  }
}
