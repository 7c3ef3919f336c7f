import { setTimeout as sleep } from 'node:timers/promises';
import { counter, histogram } from '@flotilla/telemetry';
import type pg from 'pg';
import { append, isDataError, gaveUp, type Judged } from './append.js';
import type { Baselines } from './baseline.js';
import { Desk, keep, type Admitted, type Outcome } from './decide.js';
import { Conflict, Overloaded, StaleOffset } from './errors.js';
import { latch } from './latch.js';
import type { Snapshots } from './snapshot.js';
import type { Offsets } from './types.js';
import type { Touched } from './unit.js';

/** Tasks of one group: more would only lengthen the append lock. A larger chunk goes alone. */
const MAX_GROUP = 512;
/** From so many waiting tasks on two groups are made, so that one is decided while the other is written. */
const WORTH_TWO = 64;
/** Tasks that may wait in memory: over a second of work. Those who come then are refused. */
export const MAX_WAITING = 16_384;

/** A command, or the commands of an intake chunk with its offset: written whole or not at all. */
export interface Work {
  readonly tasks: readonly Admitted[];
  readonly offsets?: Offsets;
  /** How often it may be decided. */
  readonly attempts: number;
}

/** What was written: the answers of the tasks, and the position of the group's last event (0 if nothing of this unit was written). */
export interface Done {
  readonly answers: readonly unknown[];
  readonly position: number;
}

/** Task `index` of the unit threw. */
export class Thrown extends Error {
  override readonly name = 'Thrown';
  constructor(
    readonly index: number,
    override readonly cause: unknown,
  ) {
    super('a task threw', { cause });
  }
}

const appendSeconds = histogram('flotilla_append_seconds');
const groupCommands = histogram('flotilla_append_group_commands');
const conflicts = counter('flotilla_append_conflicts_total');

interface Waiting {
  /** When it came, on the monotonic clock. */
  readonly since: number;
  readonly work: Work;
  readonly resolve: (done: Done) => void;
  readonly reject: (error: unknown) => void;
  tries: number;
}

type Decision = readonly [Waiting, Outcome];

/** What became of a group: who was refused, and who is to be told once the next group is on its way. */
interface Landed {
  readonly refused: readonly Decision[];
  readonly tell: readonly (() => void)[];
}

/** A group on its way to the database. */
interface Flight {
  readonly desk: Desk;
  readonly landed: Promise<Landed>;
  down: boolean;
}

/**
 * Group commit without linger, for commands and intake alike: while one group is written the next one is decided upon it. What
 * is refused for a conflict goes in front of the next group in its old order, and so does what was decided upon it: tasks of
 * one process never meet each other as rivals, and never overtake each other.
 */
export class Batcher {
  #queue: Waiting[] = [];
  #again: Waiting[] = [];
  #waiting = 0;
  #arrived = latch();
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly db: pg.Pool,
    private readonly cache: Baselines,
    private readonly snapshots: Snapshots,
    private readonly appended: (position: number) => void,
  ) {}

  submit(work: Work): Promise<Done> {
    return new Promise<Done>((resolve, reject) => {
      if (this.#closed) throw new Error('the event store is closed');
      if (this.#waiting > 0 && this.#waiting + work.tasks.length > MAX_WAITING) throw new Overloaded(this.#waiting);
      this.#waiting += work.tasks.length;
      this.#queue.push({ work, resolve, reject, tries: 0, since: performance.now() });
      this.#arrived.open();
      this.#draining ??= this.#drain();
    });
  }

  /** Tasks that wait or are under way. */
  waiting(): number {
    return this.#waiting;
  }

  /** How long the one that came first has waited to be decided, in ms; 0 = nobody waits. */
  longestWait(): number {
    const first = this.#again[0] ?? this.#queue[0];
    return first ? performance.now() - first.since : 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
  }

  async #drain(): Promise<void> {
    let flying: Flight | undefined;
    for (;;) {
      await new Promise(setImmediate); // what arrives in the same turn goes in the same group
      const tell: (() => void)[] = [];
      if (flying?.down) {
        tell.push(...(await flying.landed).tell);
        flying = undefined;
      }
      if (this.#again.length + this.#queue.length === 0) {
        for (const one of tell) one();
        if (flying) await Promise.race([flying.landed, this.#arrived.promise]);
        else if (tell.length === 0) break;
        continue;
      }
      const tries = Math.max(0, ...this.#again.map((waiting) => waiting.tries));
      if (tries > 1) await sleep(Math.random() * 10 * tries); // several processes on one hot stream: let another go first
      const desk = new Desk(this.db, this.cache, this.snapshots, flying?.desk);
      const decisions = await this.#gather(desk, flying);
      const before = await flying?.landed;
      const { standing, fallen } = this.#sort(decisions, before?.refused ?? []);
      desk.landed([...(before?.refused ?? []), ...fallen].flatMap(([, { touched }]) => written(touched)));
      const flight: Flight = { desk, down: false, landed: this.#write(standing) };
      void flight.landed.then(() => (flight.down = true));
      flying = flight;
      for (const one of [...tell, ...(before?.tell ?? [])]) one();
    }
    this.#draining = undefined;
  }

  /** Decides what waits; while another group is still written, what arrives joins. */
  async #gather(desk: Desk, flying: Flight | undefined): Promise<readonly Decision[]> {
    const chunks = new Set<string>();
    const decisions: Decision[] = [];
    let size = 0;
    const take = async (room: number): Promise<void> => {
      const group = this.#take(room, size === 0, chunks);
      size += group.length === 0 ? MAX_GROUP : group.reduce((sum, { work }) => sum + Math.max(1, work.tasks.length), 0);
      decisions.push(...(await this.#decide(desk, group)));
    };
    await take(flying ? MAX_GROUP : Math.max(WORTH_TWO, Math.min(MAX_GROUP, Math.ceil(this.#size() / 2))));
    while (flying && !flying.down && size < MAX_GROUP && this.#again.length === 0) {
      if (this.#queue.length > 0) await take(MAX_GROUP - size);
      else await Promise.race([flying.landed, this.#arrived.promise]);
    }
    return decisions;
  }

  #size(): number {
    return [this.#again, this.#queue].reduce((sum, list) => list.reduce((count, { work }) => count + work.tasks.length, sum), 0);
  }

  /** The next ones, those that come again first, up to so many tasks but at least one; no two chunks of one partition together. */
  #take(room: number, first: boolean, chunks: Set<string>): readonly Waiting[] {
    const group: Waiting[] = [];
    for (let size = 0; ; ) {
      const from = this.#again.length > 0 ? this.#again : this.#queue;
      const next = from[0];
      if (!next) break;
      const { tasks, offsets } = next.work;
      const chunk = offsets && `${offsets.consumer} ${offsets.topic} ${offsets.partition}`;
      if ((size + tasks.length > room && !(first && size === 0)) || (chunk !== undefined && chunks.has(chunk))) break;
      if (chunk !== undefined) chunks.add(chunk);
      from.shift();
      group.push(next);
      size += Math.max(1, tasks.length);
    }
    if (this.#queue.length === 0) this.#arrived = latch();
    return group;
  }

  async #decide(desk: Desk, group: readonly Waiting[]): Promise<readonly Decision[]> {
    const decisions: Decision[] = [];
    let next = 0;
    try {
      await desk.prepare(group.flatMap(({ work }) => work.tasks));
      for (const waiting of group) {
        const { work } = waiting;
        const decided = desk.decide(work.tasks, () => group.slice(next + 1).flatMap((behind) => behind.work.tasks));
        const outcome = decided instanceof Promise ? await decided : decided;
        next += 1;
        // A refusal, or nothing to do, is true if all it rests on was just read. Otherwise the append's guards say so.
        const settled = outcome.fresh && outcome.touched.every(({ events }) => events.length === 0) && !(outcome.ok && work.offsets);
        if (settled) this.#settle(waiting, outcome, 0);
        else decisions.push([waiting, outcome]);
      }
    } catch (error) {
      // What was decided before the question that failed stays so: the desk has it, and others may be decided upon it.
      for (const waiting of group.slice(next)) this.#reject(waiting, error);
    }
    return decisions;
  }

  async #write(decisions: readonly Decision[]): Promise<Landed> {
    const tell: (() => void)[] = [];
    const refused = await this.#append(decisions, tell);
    return { refused, tell };
  }

  /** Answers the decisions that were not written; those who are to be told of an end join `tell`. */
  async #append(decisions: readonly Decision[], tell: (() => void)[]): Promise<readonly Decision[]> {
    if (decisions.length === 0) return [];
    let judged: readonly Judged[];
    const start = performance.now();
    try {
      judged = await append(this.db, decisions.map(([{ work }, { touched, ok }]) => ({ touched, ...(ok && work.offsets ? { offsets: work.offsets } : {}) })));
    } catch (error) {
      for (const [, { touched }] of decisions) for (const { stream } of touched) this.cache.doubt(stream);
      if (isDataError(error) && decisions.length > 1) {
        const half = Math.ceil(decisions.length / 2);
        const refused = await this.#append(decisions.slice(0, half), tell);
        const { standing, fallen } = this.#sort(decisions.slice(half), refused);
        return [...refused, ...fallen, ...(await this.#append(standing, tell))];
      } else if (gaveUp(error)) for (const [waiting] of decisions) this.#retry(waiting, error);
      else for (const [waiting] of decisions) this.#reject(waiting, error);
      return decisions;
    }
    appendSeconds.observe({}, (performance.now() - start) / 1_000);
    groupCommands.observe({}, decisions.length);
    let last = 0;
    const refused: Decision[] = [];
    decisions.forEach(([waiting, outcome], i) => {
      const { accepted = false, stale = false, conflicts = [], position = 0 } = judged[i] ?? {};
      if (accepted) {
        const wrote = outcome.touched.some(({ events }) => events.length > 0);
        keep(this.cache, this.snapshots, outcome.touched);
        if (wrote) last = position;
        tell.push(() => this.#settle(waiting, outcome, wrote ? position : 0));
        return;
      }
      refused.push([waiting, outcome]);
      if (stale) {
        const { consumer = '', topic = '', partition = 0, from = 0 } = waiting.work.offsets ?? {};
        this.#reject(waiting, new StaleOffset(`${consumer} is not at ${from} of ${topic}/${partition}`));
      } else {
        for (const stream of conflicts) this.cache.doubt(stream);
        this.#retry(waiting, new Conflict(conflicts));
      }
    });
    if (last > 0) tell.push(() => this.appended(last));
    return refused;
  }

  /** Parts those that were decided upon a refused one, which are decided again, from the others. In one group es.append sees to it. */
  #sort(decisions: readonly Decision[], refused: readonly Decision[]): { readonly standing: readonly Decision[]; readonly fallen: readonly Decision[] } {
    if (refused.length === 0) return { standing: decisions, fallen: [] };
    const gone = new Set(refused.flatMap(([, { touched }]) => written(touched)));
    const standing: Decision[] = [];
    const fallen: Decision[] = [];
    for (const decision of decisions) {
      const [waiting, { touched }] = decision;
      const upon = touched.filter(({ stream, before }) => before.written && gone.has(stream)).map(({ stream }) => stream);
      if (upon.length === 0) {
        standing.push(decision);
        continue;
      }
      for (const stream of written(touched)) gone.add(stream);
      fallen.push(decision);
      this.#retry(waiting, new Conflict(upon));
    }
    return { standing, fallen };
  }

  #retry(waiting: Waiting, error: unknown): void {
    waiting.tries += 1;
    conflicts.inc({});
    if (waiting.tries >= waiting.work.attempts) this.#reject(waiting, error);
    else this.#again.push(waiting);
  }

  #settle(waiting: Waiting, outcome: Outcome, position: number): void {
    if (!outcome.ok) return this.#reject(waiting, new Thrown(outcome.index, outcome.error));
    this.#waiting -= waiting.work.tasks.length;
    waiting.resolve({ answers: outcome.answers, position });
  }

  #reject(waiting: Waiting, error: unknown): void {
    this.#waiting -= waiting.work.tasks.length;
    waiting.reject(error);
  }
}

const written = (touched: readonly Touched[]): readonly string[] => touched.filter(({ events }) => events.length > 0).map(({ stream }) => stream);
