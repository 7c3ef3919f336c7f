import type pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { append, isDataError, isTransient, type Judged } from './append.js';
import type { Baselines } from './baseline.js';
import { admit, Desk, keep, type Outcome } from './decide.js';
import { Conflict } from './errors.js';
import type { Gate } from './gate.js';
import type { Executed, Task } from './types.js';

/** Commands of one group: more would only lengthen the append lock. */
const MAX_GROUP = 512;
const MAX_RETRIES = 3;

interface Waiting {
  readonly task: Task<unknown>;
  readonly meta: string;
  readonly resolve: (executed: Executed<unknown>) => void;
  readonly reject: (error: unknown) => void;
  retries: number;
}

type Decision = readonly [Waiting, Outcome];

/**
 * Group commit without linger: while one group is in flight the next one queues. A task refused for a conflict goes in
 * front of the next group in its old order, so that tasks of one caller never overtake each other.
 */
export class Batcher {
  #queue: Waiting[] = [];
  #again: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly db: pg.Pool,
    private readonly cache: Baselines,
    private readonly gate: Gate,
    private readonly appended: (position: number) => void,
  ) {}

  async execute<A>(task: Task<A>): Promise<Executed<A>> {
    if (this.#closed) throw new Error('the event store is closed');
    const meta = admit(task);
    return new Promise<Executed<A>>((resolve, reject) => {
      this.#queue.push({ task, meta, resolve: resolve as Waiting['resolve'], reject, retries: 0 });
      this.#draining ??= this.#drain();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
  }

  async #drain(): Promise<void> {
    await new Promise(setImmediate); // what arrives in the same turn goes in the same group
    while (this.#again.length + this.#queue.length > 0) {
      const attempts = Math.max(0, ...this.#again.map(({ retries }) => retries));
      if (attempts > 1) await sleep(Math.random() * 10 * attempts); // several processes on one hot stream: let another go first
      const group = [...this.#again, ...this.#queue.splice(0, Math.max(1, MAX_GROUP - this.#again.length))];
      this.#again = [];
      await this.gate.pass(attempts > 0, () => this.#commit(group));
    }
    this.#draining = undefined;
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    try {
      const desk = new Desk(this.db, this.cache);
      await desk.prepare(group.map(({ task }) => task));
      const decisions: Decision[] = [];
      for (const waiting of group) {
        const outcome = await desk.decide(waiting.task);
        // A refusal, or nothing to do, is true if all it rests on was just read. Otherwise the append's guards say so.
        if (outcome.fresh && outcome.touched.every(({ events }) => events.length === 0)) settle(waiting, outcome, 0);
        else decisions.push([waiting, outcome]);
      }
      await this.#append(decisions);
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
    }
  }

  /** Answers the decisions that were not written. */
  async #append(decisions: readonly Decision[]): Promise<readonly Decision[]> {
    if (decisions.length === 0) return [];
    let judged: readonly Judged[];
    try {
      judged = await append(this.db, decisions.map(([{ meta }, { touched }]) => ({ touched, meta })));
    } catch (error) {
      for (const [, { touched }] of decisions) for (const { stream } of touched) this.cache.doubt(stream);
      if (isDataError(error) && decisions.length > 1) {
        const half = Math.ceil(decisions.length / 2);
        const refused = await this.#append(decisions.slice(0, half));
        return [...refused, ...(await this.#append(this.#standing(decisions.slice(half), refused)))];
      } else if (isTransient(error)) for (const [waiting] of decisions) this.#retry(waiting, error);
      else for (const [waiting] of decisions) waiting.reject(error);
      return decisions;
    }
    let last = 0;
    const refused: Decision[] = [];
    decisions.forEach(([waiting, outcome], i) => {
      const { accepted = false, conflicts = [], position = 0 } = judged[i] ?? {};
      if (accepted) {
        const wrote = outcome.touched.some(({ events }) => events.length > 0);
        keep(this.cache, outcome.touched);
        if (wrote) last = position;
        settle(waiting, outcome, wrote ? position : 0);
      } else {
        for (const stream of conflicts) this.cache.doubt(stream);
        this.#retry(waiting, new Conflict(conflicts));
        refused.push([waiting, outcome]);
      }
    });
    if (last > 0) this.appended(last);
    return refused;
  }

  /** Those that were not decided upon a refused one; the others are decided again. In one batch es.append sees to it. */
  #standing(decisions: readonly Decision[], refused: readonly Decision[]): readonly Decision[] {
    const gone = new Set(refused.flatMap(([, { touched }]) => touched.filter(({ events }) => events.length > 0).map(({ stream }) => stream)));
    return decisions.filter(([waiting, { touched }]) => {
      const fallen = touched.filter(({ stream, before }) => before.written && gone.has(stream)).map(({ stream }) => stream);
      if (fallen.length === 0) return true;
      for (const { stream, events } of touched) if (events.length > 0) gone.add(stream);
      this.#retry(waiting, new Conflict(fallen));
      return false;
    });
  }

  #retry(waiting: Waiting, error: unknown): void {
    waiting.retries += 1;
    if (waiting.retries > MAX_RETRIES) waiting.reject(error);
    else this.#again.push(waiting);
  }
}

const settle = ({ resolve, reject }: Waiting, outcome: Outcome, position: number): void => {
  if (outcome.ok) resolve({ answer: outcome.answer, position });
  else reject(outcome.error);
};
