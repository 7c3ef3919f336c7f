import { streamOf, type AnyDecider } from '@flotilla/decider';
import type pg from 'pg';
import { load } from './load.js';
import { remember, type Baselines } from './baseline.js';
import { requests } from './request.js';
import { checkedStream, storableJson } from './text.js';
import { TaskUnit, type Slot, type Touched } from './unit.js';
import type { Task } from './types.js';

/** What became of a task: its answer or what it threw, and the streams on which that rests. `fresh`: all just read, so that no guard is needed. */
export type Outcome = { readonly touched: readonly Touched[]; readonly fresh: boolean } & (
  | { readonly ok: true; readonly answer: unknown }
  | { readonly ok: false; readonly error: unknown }
);

const none: ReadonlyMap<string, number> = new Map();
// A task that still asks for unknown streams after so many loads names them by something that changes.
const MAX_LOADS = 100;

/** Decides tasks one upon the other, upon cached folds where there are any. Nothing is written. */
export class Desk {
  readonly #slots = new Map<string, Slot>();
  constructor(
    private readonly db: pg.Pool,
    private readonly cache: Baselines,
  ) {}

  /** Loads what the tasks name and the cache does not have (or doubts), in one query. */
  async prepare(tasks: readonly Task<unknown>[]): Promise<void> {
    const missing = new Map<string, AnyDecider>();
    for (const task of tasks) {
      for (const [decider, id] of task.streams) {
        const stream = streamOf(decider, id);
        if (this.#slots.has(stream)) continue;
        const known = this.cache.get(stream);
        if (known?.decider === decider && !this.cache.isDoubted(stream)) {
          this.#slots.set(stream, { ...known, applying: none, cached: true, written: false });
        } else if (decider === requests && !known && !this.cache.isDoubted(stream)) {
          // Nearly every request is new: taken as unanswered, and the append's check says if it was not.
          this.#slots.set(stream, { decider, state: decider.initial, version: 0, applied: new Map(), trace: '', applying: none, cached: true, written: false });
        } else missing.set(stream, decider);
      }
    }
    await this.#load(missing);
  }

  async decide(task: Task<unknown>): Promise<Outcome> {
    for (let loads = 0; ; loads += 1) {
      const unit = new TaskUnit(this.#slots, task);
      let result: { readonly ok: true; readonly answer: unknown } | { readonly ok: false; readonly error: unknown };
      try {
        result = { ok: true, answer: task.decide(unit) };
      } catch (error) {
        result = { ok: false, error };
      }
      if (unit.missing) {
        if (loads >= MAX_LOADS) return { ok: false, error: new Error(`a task asked for more than ${MAX_LOADS} streams that it does not name`), touched: [], fresh: true };
        const [stream, decider] = unit.missing;
        const known = this.cache.get(stream);
        if (known?.decider === decider && !this.cache.isDoubted(stream)) this.#slots.set(stream, { ...known, applying: none, cached: true, written: false });
        else await this.#load(new Map([[stream, decider]]));
        continue;
      }
      const touched = unit.touched();
      const fresh = touched.every(({ before }) => !before.cached && !before.written);
      if (!result.ok) return { ...result, touched: touched.map(({ stream, before }) => ({ stream, before, after: before, events: [] })), fresh };
      for (const { stream, after } of touched) this.#slots.set(stream, after);
      return { ...result, touched, fresh };
    }
  }

  async #load(streams: ReadonlyMap<string, AnyDecider>): Promise<void> {
    for (const [stream, base] of await load(this.db, this.cache, streams)) this.#slots.set(stream, { ...base, applying: none, cached: false, written: false });
  }
}

/** What must be right before a task may join others: else its fault would be theirs. Answers its meta as JSON text; throws `BAD_TEXT`. */
export const admit = (task: Task<unknown>): string => {
  for (const [decider, id] of task.streams) checkedStream(streamOf(decider, id));
  return storableJson(task.meta, 'meta');
};

/** Takes what was committed into the cache. In the order of the commands: a later one may stand on an earlier one. */
export const keep = (cache: Baselines, touched: readonly Touched[]): void => {
  for (const { stream, after, events } of touched) {
    if (events.length === 0) continue;
    for (const [source, version] of after.applying) remember(after.applied, source, version);
    cache.put(stream, { decider: after.decider, state: after.state, version: after.version, applied: after.applied, trace: after.trace });
  }
};
