import { streamOf, type AnyDecider, type Decider, type Message } from '@flotilla/decider';
import type pg from 'pg';
import { Baselines, type Baseline } from './baseline.js';
import { Batcher, Thrown } from './batcher.js';
import { admit } from './decide.js';
import { EventsArchived } from './errors.js';
import { intake } from './intake.js';
import { load } from './load.js';
import { silentLogger, type Logger } from './logger.js';
import { eventColumns, lift, toRecorded, type EventRow } from './recorded.js';
import { answeringOnce } from './request.js';
import { Snapshots } from './snapshot.js';
import { checkedStream } from './text.js';
import type { Executed, Offsets, Recorded, Request, Task } from './types.js';

export interface EventStoreOptions {
  readonly pool: pg.Pool;
  /** Folded streams that are kept in memory, 20,000 unless told, of about 32 MiB of states. */
  readonly cacheSize?: number;
  /** Those whose old event versions `read`, followers and reactors should see lifted; the store folds with any. */
  readonly deciders?: readonly AnyDecider[];
  readonly log?: Logger;
}

export interface EventStore {
  /**
   * Decides and appends one task, grouped with those that arrive meanwhile. Rejects with what `decide` throws, with
   * `Conflict` after four attempts, or with Postgres's error: then it is unknown whether the task was written, and a
   * caller that cannot tell repeats it with a `request`. With 16,384 tasks waiting it rejects with `OVERLOADED`.
   */
  execute<A>(task: Task<A>, request?: Request): Promise<Executed<A>>;
  /**
   * Appends the tasks of a chunk and moves the offset to `offsets.next`, all or nothing, grouped with the chunks of other
   * partitions and with commands that arrive meanwhile. `after[i]` is the offset behind
   * task i: with it a chunk that meets three conflicts is halved (then the first half may stand when the second fails).
   * Rejects with `StaleOffset` if another owner moved the offset, `TaskFailed` if a task threw, `Conflict` if halving and
   * patience did not help.
   */
  intake(tasks: readonly Task<unknown>[], offsets: Offsets, after?: readonly number[]): Promise<{ readonly position: number }>;
  /** The next offset of a partition; `undefined` if nothing was ever taken in. */
  offset(consumer: string, topic: string, partition: number): Promise<number | undefined>;
  /** The current state and version of streams, by id; what is asked for in one turn is one query, whatever the deciders. Absent streams have the initial state and version 0. */
  folded<S, C extends Message, E extends Message>(
    decider: Decider<S, C, E>,
    ids: readonly string[],
  ): Promise<Map<string, { readonly state: S; readonly version: number }>>;
  /** Events of a stream in order, from version `from` (1), at most `limit` (1,000). `EVENTS_ARCHIVED` if the first of them were archived. */
  read(stream: string, options?: { readonly from?: number; readonly limit?: number }): Promise<readonly Recorded[]>;
  /** The same of several streams with one question, in the order of the log; at most `limit` of each. */
  readAll(streams: readonly string[], options?: { readonly limit?: number }): Promise<readonly Recorded[]>;
  /** The last event of each stream of a category, in the order of their names, behind the stream `after` and before the stream `before`; at most `limit`. */
  last(category: string, options: { readonly after?: string; readonly before?: string; readonly limit: number }): Promise<readonly Recorded[]>;
  /** Calls back after every append of this process with the position of its last event. */
  onAppended(listener: (position: number) => void): void;
  /** Commands that wait or are being written, and how long the one that came first has waited to be decided, in ms. */
  queue(): { readonly waiting: number; readonly longestMs: number };
  /** The event with its data in the version written today, if its decider was named in `deciders`. */
  lifted(event: Recorded): Recorded;
  /** Takes no more tasks and waits for those in the queue. The pool stays open. */
  close(): Promise<void>;
}

const COMMAND_ATTEMPTS = 4;

/** Streams' events from a version on are not all there: nothing is missing of one that has not come so far, else they are archived. */
const refuseArchived = async (pool: pg.Pool, streams: readonly string[], from: number): Promise<void> => {
  const { rows } = await pool.query<{ stream_id: string }>('SELECT stream_id FROM es.archived_head WHERE stream_id = ANY ($1) AND version >= $2 LIMIT 1', [streams, from]);
  if (rows[0]) throw new EventsArchived(rows[0].stream_id, from);
};

/** The event store upon a pool of the service's role. */
export const createEventStore = ({ pool, cacheSize = 20_000, deciders = [], log = silentLogger }: EventStoreOptions): EventStore => {
  const cache = new Baselines(cacheSize);
  const listeners: ((position: number) => void)[] = [];
  const appended = (position: number): void => {
    for (const listener of listeners) queueMicrotask(() => listener(position)); // one that throws must not look like a failed append
  };
  const snapshots = new Snapshots(pool, log);
  let asking: { readonly streams: Map<string, AnyDecider>; readonly found: Promise<ReadonlyMap<string, Baseline>> } | undefined;
  const foldTogether = (wanted: ReadonlyMap<string, AnyDecider>): Promise<ReadonlyMap<string, Baseline>> => {
    if (!asking) {
      const streams = new Map<string, AnyDecider>();
      const found = Promise.resolve().then(() => {
        asking = undefined;
        return load(pool, cache, snapshots, streams);
      });
      asking = { streams, found };
    }
    for (const [stream, decider] of wanted) asking.streams.set(stream, decider);
    return asking.found;
  };
  const batcher = new Batcher(pool, cache, snapshots, appended);
  const byCategory = new Map(deciders.map((decider) => [decider.category, decider]));

  const lifted = (event: Recorded): Recorded => {
    const decider = byCategory.get(event.stream.slice(0, event.stream.indexOf('-')));
    return decider ? lift(decider, event) : event;
  };

  return {
    async execute<A>(task: Task<A>, request?: Request) {
      try {
        const { answers, position } = await batcher.submit({ tasks: [admit(request ? answeringOnce(task, request) : task)], attempts: COMMAND_ATTEMPTS });
        return { answer: answers[0] as A, position };
      } catch (error) {
        throw error instanceof Thrown ? error.cause : error;
      }
    },

    intake: (tasks, offsets, after) => intake(batcher, tasks, offsets, after),

    async offset(consumer, topic, partition) {
      const { rows } = await pool.query<{ next_offset: string }>({
        name: 'es-offset',
        text: 'SELECT next_offset FROM es.consumer_offset WHERE consumer = $1 AND topic = $2 AND partition = $3',
        values: [consumer, topic, partition],
      });
      return rows[0] && Number(rows[0].next_offset);
    },

    async folded<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, ids: readonly string[]) {
      const streams = new Map(ids.map((id) => [checkedStream(streamOf(decider, id)), decider as AnyDecider]));
      const found = await foldTogether(streams);
      return new Map(
        ids.map((id) => {
          const { state = decider.initial, version = 0 } = found.get(streamOf(decider, id)) ?? {};
          return [id, { state: state as S, version }];
        }),
      );
    },

    async read(stream, { from = 1, limit = 1000 } = {}) {
      const { rows } = await pool.query<EventRow>({
        name: 'es-read',
        text: `SELECT ${eventColumns} FROM es.event WHERE stream_id = $1 AND version >= $2 ORDER BY version LIMIT $3`,
        values: [stream, from, limit],
      });
      if (Number(rows[0]?.version) !== from) await refuseArchived(pool, [stream], from);
      return rows.map((row) => lifted(toRecorded(row)));
    },

    async readAll(streams, { limit = 1000 } = {}) {
      const { rows } = await pool.query<EventRow>({
        name: 'es-read-all',
        text: `SELECT ${eventColumns} FROM es.event WHERE stream_id = ANY ($1) AND version <= $2 ORDER BY position`,
        values: [streams, limit],
      });
      const begun = new Set(rows.flatMap(({ stream_id, version }) => (Number(version) === 1 ? [stream_id] : [])));
      const headless = streams.filter((stream) => !begun.has(stream));
      if (headless.length > 0) await refuseArchived(pool, headless, 1);
      return rows.map((row) => lifted(toRecorded(row)));
    },

    async last(category, { after = '', before = '', limit }) {
      const { rows } = await pool.query<EventRow>({
        name: 'es-last',
        text: `SELECT ${eventColumns} FROM es.event JOIN (SELECT stream_id, version FROM es.stream WHERE stream_id > $1 AND stream_id < $2 ORDER BY stream_id LIMIT $3) AS heads USING (stream_id, version) ORDER BY stream_id`,
        values: [after || `${category}-`, before || `${category}.`, limit], // "." follows "-"
      });
      return rows.map((row) => lifted(toRecorded(row)));
    },

    onAppended(listener) {
      listeners.push(listener);
    },

    queue: () => ({ waiting: batcher.waiting(), longestMs: batcher.longestWait() }),

    lifted,
    async close() {
      await batcher.close();
      await snapshots.settled();
    },
  };
};
