import { streamOf, type AnyDecider } from '@flotilla/decider';
import type pg from 'pg';
import { unknown, type Baseline, type Baselines } from './baseline.js';
import { appliedOf, load } from './load.js';
import { requests } from './request.js';
import type { Snapshots } from './snapshot.js';
import { checkedStream, storableJson } from './text.js';
import type { Task } from './types.js';
import { TaskUnit, type Missing, type Slot, type Slots, type Touched } from './unit.js';

/** A task that may join others, with its meta as JSON text. */
export interface Admitted {
  readonly task: Task<unknown>;
  readonly meta: string;
}

/** What became of the tasks of a unit: their answers or what one of them threw, and the streams on which that rests. `fresh`: all just read, by one question, so that no guard is needed. */
export type Outcome = { readonly touched: readonly Touched[]; readonly fresh: boolean } & (
  | { readonly ok: true; readonly answers: readonly unknown[] }
  | { readonly ok: false; readonly error: unknown; readonly index: number }
);

type Result = { readonly ok: true; readonly answer: unknown } | { readonly ok: false; readonly error: unknown };

/** How often a task is tried beforehand, to learn what it will need together with those before it. */
const MAX_PROBES = 3;

// A task that still asks for something after so many loads names it by something that changes.
const MAX_LOADS = 100;

/** Decides units one upon the other, upon cached folds where there are any and upon what the group in flight decided. Nothing is written. */
export class Desk {
  readonly #slots = new Map<string, Slot>();
  /** Of streams and sources, beyond what their folds know: what units of this desk apply, and what es.applied answered. */
  readonly #applying = new Map<string, Map<string, number>>();
  readonly #seen: Slots = { slot: (stream) => this.#slots.get(stream), applied: (stream, source) => this.#applied(stream, source) };
  readonly #probed = new WeakMap<Admitted, number>();
  #flying: Desk | undefined;
  #questions = 0;

  constructor(
    private readonly db: pg.Pool,
    private readonly cache: Baselines,
    private readonly snapshots: Snapshots,
    flying?: Desk,
  ) {
    this.#flying = flying;
  }

  /**
   * The group in flight has come down. What was decided upon it stays decided, but for what was refused of it and what fell with that: these
   * streams are no ground for others — also where this desk has only looked at them — nor is it true that they are about to apply anything.
   */
  landed(gone: readonly string[]): void {
    this.#flying = undefined;
    for (const stream of gone) {
      this.#slots.delete(stream);
      this.#applying.delete(stream);
    }
  }

  /** Loads what the tasks name and the cache does not have (or doubts), in one query each for streams and sources. */
  async prepare(tasks: readonly Admitted[]): Promise<void> {
    const missing = new Map<string, AnyDecider>();
    for (const { task } of tasks) {
      for (const [decider, id] of task.streams) {
        const stream = streamOf(decider, id);
        if (!this.#known(stream, decider)) missing.set(stream, decider);
      }
    }
    await this.#load(missing);
    const asked: (readonly [string, string])[] = [];
    for (const { task } of tasks) {
      const source = task.meta.source?.stream;
      if (source === undefined) continue;
      for (const [decider, id] of task.streams) {
        const stream = streamOf(decider, id);
        if (this.#slots.has(stream) && this.#applied(stream, source) === undefined) asked.push([stream, source]);
      }
    }
    await this.#ask(asked);
  }

  /**
   * The tasks of a unit, one upon the other. If one throws, none of them has happened; what they read is guarded as it was before the unit. At once if
   * nothing is missing; else what the units behind it will miss is loaded in the same question.
   */
  decide(unit: readonly Admitted[], behind: () => readonly Admitted[] = () => []): Outcome | Promise<Outcome> {
    const [only] = unit;
    if (unit.length !== 1 || !only) return this.#several(unit, behind);
    const { touched, result, missing } = this.#try(only, this.#seen);
    if (!touched) return this.#several(unit, behind, missing);
    if (!result.ok) return { ok: false, error: result.error, index: 0, touched: touched.map(guard), fresh: fresh(touched) };
    for (const { stream, after, source, events } of touched) {
      this.#slots.set(stream, after);
      if (source && events.length > 0) this.#apply(stream, source.stream, source.version);
    }
    return { ok: true, answers: [result.answer], touched, fresh: fresh(touched) };
  }

  async #several(unit: readonly Admitted[], behind: () => readonly Admitted[], first?: Missing): Promise<Outcome> {
    if (first) await this.#fetch(first, behind());
    const own = new Map<string, Slot>();
    const before = new Map<string, Touched>();
    const writes: Touched[] = [];
    const answers: unknown[] = [];
    const undo: (() => void)[] = [];
    const back = (): void => {
      for (const one of undo.toReversed()) one();
    };
    const seen: Slots = { slot: (stream) => own.get(stream) ?? this.#slots.get(stream), applied: (stream, source) => this.#applied(stream, source) };
    for (const [index, admitted] of unit.entries()) {
      let { touched, result, missing } = this.#try(admitted, seen);
      for (let loads = 0; !touched; loads += 1) {
        if (loads >= MAX_LOADS) [touched, result] = [[], { ok: false, error: new Error(`a task asked for more than ${MAX_LOADS} streams that it does not name`) }];
        else {
          if (missing) {
            await this.#fetch(missing, [...unit.slice(index + 1), ...behind()]).catch((error: unknown) => {
              back();
              throw error;
            });
          }
          ({ touched, result, missing } = this.#try(admitted, seen));
        }
      }
      for (const one of touched) if (!before.has(one.stream)) before.set(one.stream, guard(one));
      if (!result.ok) {
        back();
        return { ok: false, error: result.error, index, touched: [...before.values()], fresh: fresh([...before.values()]) };
      }
      answers.push(result.answer);
      writes.push(...touched);
      for (const { stream, after, source, events } of touched) {
        own.set(stream, after);
        if (source && events.length > 0) undo.push(this.#apply(stream, source.stream, source.version));
      }
    }
    for (const [stream, slot] of own) this.#slots.set(stream, slot);
    return { ok: true, answers, touched: writes, fresh: fresh([...before.values()]) };
  }

  /** Decides a task once; without `touched` something is missing. */
  #try({ task, meta }: Admitted, seen: Slots): { readonly touched?: readonly Touched[]; readonly result: Result; readonly missing?: Missing } {
    const unit = new TaskUnit(seen, task, meta);
    let result: Result;
    try {
      result = { ok: true, answer: task.decide(unit) };
    } catch (error) {
      result = { ok: false, error };
    }
    return unit.missing ? { result, missing: unit.missing } : { result, touched: unit.touched() };
  }

  /** Loads what is missing, and what a try of the tasks behind says that they miss, too. */
  async #fetch(missing: Missing, behind: readonly Admitted[]): Promise<void> {
    const all = [missing];
    for (const admitted of behind) {
      const probes = this.#probed.get(admitted) ?? 0;
      if (probes >= MAX_PROBES) continue;
      const { missing: also } = this.#try(admitted, this.#seen);
      this.#probed.set(admitted, also ? probes + 1 : MAX_PROBES);
      if (also) all.push(also);
    }
    const streams = new Map<string, AnyDecider>();
    const asked: (readonly [string, string])[] = [];
    for (const { stream, decider, source } of all) {
      if (source !== undefined) asked.push([stream, source]);
      else if (!this.#known(stream, decider)) streams.set(stream, decider);
    }
    await this.#load(streams);
    await this.#ask(asked);
  }

  #known(stream: string, decider: AnyDecider): boolean {
    if (this.#slots.has(stream)) return true;
    const flying = this.#flying === undefined ? undefined : this.#flying.#slots.get(stream);
    if (flying?.written) {
      this.#slots.set(stream, { ...flying, read: 0 });
      return true;
    }
    const known = this.cache.trusted(stream, decider) ?? (decider === requests && !this.cache.get(stream) && !this.cache.isDoubted(stream)
      ? unknown(decider) // Nearly every request is new: taken as unanswered, and the append's check says if it was not.
      : undefined);
    if (known) this.#take(stream, known, 0);
    return known !== undefined;
  }

  async #load(streams: ReadonlyMap<string, AnyDecider>): Promise<void> {
    if (streams.size === 0) return;
    const loaded = await load(this.db, this.cache, this.snapshots, streams);
    this.#questions += 1;
    for (const [stream, base] of loaded) this.#take(stream, base, this.#questions);
  }

  #applied(stream: string, source: string): number | undefined {
    const here = Math.max(this.#applying.get(stream)?.get(source) ?? -1, (this.#flying === undefined ? undefined : this.#flying.#applying.get(stream)?.get(source)) ?? -1);
    const before = this.#slots.get(stream)?.applied.of(source);
    return here < 0 ? before : Math.max(here, before ?? 0);
  }

  #apply(stream: string, source: string, version: number): () => void {
    const known = this.#applying.get(stream) ?? new Map<string, number>();
    this.#applying.set(stream, known);
    const before = known.get(source);
    known.set(source, Math.max(version, before ?? 0));
    return () => (before === undefined ? void known.delete(source) : void known.set(source, before));
  }

  /** Whether streams have applied sources, of which only es.applied knows. */
  async #ask(pairs: readonly (readonly [string, string])[]): Promise<void> {
    for (const [stream, source, version] of await appliedOf(this.db, pairs)) this.#apply(stream, source, version);
  }

  #take(stream: string, base: Baseline, read: number): void {
    this.#slots.set(stream, { ...base, read, written: false });
  }
}

const guard = (touched: Touched): Touched => ({ ...touched, after: touched.before, events: [] });

// Two questions see two moments: another process may have written between them, and what was read never held together.
const fresh = (touched: readonly Touched[]): boolean => touched.every(({ before }) => before.read > 0 && before.read === touched[0]?.before.read && !before.written);

/** What must be right before a task may join others: else its fault would be theirs. Throws `BAD_TEXT`. */
export const admit = (task: Task<unknown>): Admitted => {
  for (const [decider, id] of task.streams) checkedStream(streamOf(decider, id));
  return { task, meta: storableJson(task.meta, 'meta') };
};

/** Takes what was committed into the cache. In the order of the units: a later one may stand on an earlier one. */
export const keep = (cache: Baselines, snapshots: Snapshots, touched: readonly Touched[]): void => {
  for (const { stream, after, events, source } of touched) {
    if (events.length === 0) continue;
    if (source) after.applied.remember(source.stream, source.version, after.version);
    const base: Baseline = { decider: after.decider, state: after.state, version: after.version, applied: after.applied, trace: after.trace };
    cache.put(stream, base);
    snapshots.offer(stream, base);
  }
};
