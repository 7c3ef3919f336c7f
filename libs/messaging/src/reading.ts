import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@flotilla/event-store';
import { partitionName, type BatchHandler, type BusRecord, type Next, type ReadAhead, type TopicPartition } from './bus.js';

/** What a client does for the reading: where it fetches, and whether. Nothing is fetched before the first `seek`. */
export interface Fetching {
  /** Fetch the partition from this offset on, also if it is paused; what was fetched before is void. */
  seek(at: TopicPartition, offset: number): void;
  pause(at: TopicPartition): void;
  resume(at: TopicPartition): void;
}

export interface ReadingOptions {
  readonly group: string;
  readonly handler: BatchHandler;
  readonly log: Logger;
  readonly fetching: Fetching;
  /** Partitions handled at the same time. */
  readonly concurrency: number;
  readonly readAhead?: Partial<ReadAhead>;
}

interface Lane {
  readonly at: TopicPartition;
  readonly name: string;
  records: BusRecord[];
  cost: number;
  high: number;
  /** Where fetching goes on. */
  end: number;
  state: 'idle' | 'busy' | 'waiting' | 'stopped';
  paused: boolean;
}

const recordCost = 1024;
const costOf = (records: readonly BusRecord[]): number => records.reduce((sum, { value }) => sum + recordCost + (value?.length ?? 0), 0);
/** How long a new assignment waits for batches that were begun under the old one. */
const handsMs = 5_000;

/**
 * What stands between a client that fetches and the handler, the same for every client: a bounded queue per partition, so
 * that the next messages are fetched while the last are handled; where each partition goes on; pauses. Never throws.
 */
export class Reading {
  /** Counts assignments; what was begun under an older one is void. */
  #generation = 0;
  #assigned: readonly TopicPartition[] = [];
  #lanes = new Map<string, Lane>();
  readonly #ready = new Set<Lane>();
  readonly #hands = new Set<Promise<void>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #limits: ReadAhead;
  #joined = false;
  #ended = false;
  #cost = 0;

  constructor(private readonly is: ReadingOptions) {
    this.#limits = { perPartition: 1024 * 1024, inAll: 16 * 1024 * 1024, ...is.readAhead };
  }

  /** Every partition of the last assignment is read, or stands still because it was told so. */
  running(): boolean {
    return this.#joined && !this.#ended && this.#assigned.every((at) => this.#lanes.has(partitionName(at)));
  }

  /** What is read ahead now, in the measure of `ReadAhead`. */
  get cost(): number {
    return this.#cost;
  }

  /** Whether what was fetched of a partition is wanted. */
  wants(at: TopicPartition): boolean {
    const lane = this.#lanes.get(partitionName(at));
    return lane !== undefined && lane.state !== 'stopped';
  }

  /** A new assignment. Nothing may be fetched until `seek` says from where. */
  join(partitions: readonly TopicPartition[]): void {
    this.lose();
    this.#assigned = partitions;
    this.#joined = true;
    this.is.log.info({ group: this.is.group, partitions: partitions.map(partitionName).join(' ') }, 'partitions assigned');
    void this.#begin(this.#generation, 0);
  }

  /** The assignment is void: what is in hand ends soon, what is read ahead is forgotten. */
  lose(): void {
    this.#generation += 1;
    this.#joined = false;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#lanes = new Map();
    this.#ready.clear();
    this.#cost = 0;
  }

  /** Records that were fetched, in order; `end` is where fetching goes on. */
  arrived(at: TopicPartition, records: readonly BusRecord[], highWatermark: number, end: number): void {
    const lane = this.#lanes.get(partitionName(at));
    if (lane === undefined || lane.state === 'stopped') return;
    lane.high = highWatermark;
    lane.end = end;
    if (records.length === 0) return;
    lane.records.push(...records);
    const cost = costOf(records);
    lane.cost += cost;
    this.#cost += cost;
    if (lane.cost >= this.#share()) this.#pause(lane, true);
    if (lane.state === 'idle') this.#ready.add(lane);
    this.#work();
  }

  /** Waits for the batches in hand; nothing begins any more. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#ready.clear();
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(this.#hands);
    this.lose();
  }

  async #begin(generation: number, failures: number): Promise<void> {
    try {
      if (this.#hands.size > 0) await this.#handsDown();
      const starts = await this.is.handler.assigned(this.#assigned);
      if (generation !== this.#generation || this.#ended) return;
      for (const at of this.#assigned) {
        const name = partitionName(at);
        const start = starts.get(name);
        if (start === undefined) throw new Error(`no start for ${name}`);
        const lane: Lane = { at, name, records: [], cost: 0, high: start.at, end: start.at, state: 'idle', paused: false };
        this.#lanes.set(name, lane);
        this.#follow(lane, start);
      }
    } catch (error) {
      if (generation !== this.#generation || this.#ended) return;
      this.is.log.warn({ group: this.is.group, err: error }, 'could not begin with the assigned partitions; trying again');
      this.#timer(() => void this.#begin(generation, failures + 1), Math.min(5_000, 100 * 2 ** failures));
    }
  }

  async #handsDown(): Promise<void> {
    const over = new AbortController();
    await Promise.race([Promise.all(this.#hands), sleep(handsMs, undefined, { signal: over.signal }).catch(() => undefined)]);
    over.abort();
  }

  #work(): void {
    for (const lane of this.#ready) {
      if (this.#hands.size >= this.is.concurrency || this.#ended) return;
      this.#ready.delete(lane);
      lane.state = 'busy';
      const hand = this.#handle(lane, this.#generation)
        .catch((error: unknown) => this.is.log.error({ ...lane.at, err: error }, 'a partition could not go on'))
        .finally(() => {
          this.#hands.delete(hand);
          this.#work();
        });
      this.#hands.add(hand);
    }
  }

  async #handle(lane: Lane, generation: number): Promise<void> {
    const { at, high } = lane;
    const records = [...lane.records];
    let next: Next;
    try {
      next = await this.is.handler.take({ ...at, highWatermark: high, records }, { ending: () => generation !== this.#generation || this.#ended });
    } catch (error) {
      this.is.log.error({ ...at, err: error }, 'a batch handler threw; the partition waits');
      next = { at: records[0]?.offset ?? 0, waitMs: 1_000 };
    }
    if (generation !== this.#generation) return;
    lane.state = 'idle';
    const known = next.at >= (records[0]?.offset ?? next.at) && next.at <= lane.end;
    this.#keep(lane, known && next.stop !== true ? lane.records.filter(({ offset }) => offset >= next.at) : []);
    if (next.stop === true || (next.waitMs ?? 0) > 0 || !known) this.#follow(lane, next, known);
    else if (lane.records.length > 0) this.#ready.add(lane);
  }

  // Where a partition goes on, other than right behind what was handled.
  #follow(lane: Lane, { at, waitMs = 0, stop = false }: Next, known = false): void {
    if (stop) {
      lane.state = 'stopped';
      this.#pause(lane, true);
      return;
    }
    if (!known) {
      lane.end = at;
      lane.paused = false;
      this.is.fetching.seek(lane.at, at);
    }
    if (waitMs === 0) return this.#go(lane);
    lane.state = 'waiting';
    this.#timer(() => this.#go(lane), waitMs);
  }

  #go(lane: Lane): void {
    if (this.#lanes.get(lane.name) !== lane) return;
    lane.state = 'idle';
    if (lane.records.length > 0) this.#ready.add(lane);
    this.#work();
  }

  #keep(lane: Lane, records: BusRecord[]): void {
    this.#cost -= lane.cost;
    lane.records = records;
    lane.cost = costOf(records);
    this.#cost += lane.cost;
    if (lane.cost <= this.#share() / 2) this.#pause(lane, false); // at half, so that it does not flutter
  }

  #share(): number {
    return Math.min(this.#limits.perPartition, this.#limits.inAll / Math.max(1, this.#assigned.length));
  }

  #pause(lane: Lane, paused: boolean): void {
    if (lane.paused === paused) return;
    lane.paused = paused;
    if (paused) this.is.fetching.pause(lane.at);
    else this.is.fetching.resume(lane.at);
  }

  #timer(work: () => void, ms: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }
}
