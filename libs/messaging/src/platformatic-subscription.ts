import { Consumer, findErrorBy, type RecordsBatch } from '@platformatic/kafka';
import type { Logger } from '@flotilla/event-store';
import { partitionName, type BatchHandler, type BusRecord, type SubscribeOptions, type Subscription, type TopicPartition } from './bus.js';
import { coPartitionedName, shareOut } from './co-partitioned.js';
import type { BusOptions } from './connect-bus.js';
import { baseOptions, fetchConnections, withRoute } from './platformatic-connections.js';
import { Reading } from './reading.js';

interface Parameters extends SubscribeOptions {
  readonly bus: BusOptions;
  readonly group: string;
  readonly topics: readonly string[];
  readonly handler: BatchHandler;
  readonly log: Logger;
}

type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>;

interface Position {
  readonly at: TopicPartition;
  offset: number;
  paused: boolean;
}

// Long, since it does not delay: all partitions with room are in every fetch, whether they are handled or not.
const maxWaitMs = 500;
const fetchBytes = 4 * 1024 * 1024;
const partitionBytes = 256 * 1024;
const rejoinMs = 1_000;
const isControl = 32;

/** One member of a group. Heartbeats run on a timer of the client's, on a connection of their own. */
export const subscribePlatformatic = async (parameters: Parameters): Promise<Subscription> => {
  const member = new Member(parameters);
  await member.start();
  return { running: () => member.running(), commit: (offsets) => member.commit(offsets), stop: () => member.stop() };
};

class Member {
  readonly #consumer: Consumer;
  readonly #connections: ReturnType<typeof fetchConnections>;
  readonly #reading: Reading;
  readonly #positions = new Map<string, Position>();
  /** Brokers with a fetch in flight. */
  readonly #fetching = new Set<number>();
  #failures = 0;
  #planned = false;
  #rejoin: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly is: Parameters) {
    const { bus, group, handler, log, sessionTimeoutMs: sessionTimeout = 30_000, concurrency = 12, readAhead = {} } = is;
    this.#consumer = withRoute(
      new Consumer({
        ...baseOptions(bus),
        groupId: group,
        autocommit: false,
        sessionTimeout,
        rebalanceTimeout: Math.max(60_000, sessionTimeout),
        heartbeatInterval: Math.min(3_000, Math.floor(sessionTimeout / 4)),
        protocols: [{ name: coPartitionedName, version: 1 }],
        partitionAssigner: (_current, members, topics, metadata) => {
          const shares = shareOut(
            [...members.values()].map((member) => ({ memberId: member.memberId, topics: new Set(member.topics ?? topics) })),
            [...topics].map((topic) => ({ topic, partitions: Array.from({ length: metadata.topics.get(topic)?.partitionsCount ?? 0 }, (_, partition) => partition) })),
          );
          return [...shares].map(([memberId, share]) => ({ memberId, assignments: new Map(Object.entries(share).map(([topic, partitions]) => [topic, { topic, partitions }])) }));
        },
      }),
      bus.route,
    );
    this.#connections = fetchConnections(bus);
    this.#reading = new Reading({
      group, handler, log, concurrency, readAhead,
      fetching: {
        seek: (at, offset) => {
          this.#positions.set(partitionName(at), { at, offset, paused: false });
          this.#plan();
        },
        pause: (at) => this.#pause(at, true),
        resume: (at) => this.#pause(at, false),
      },
    });
  }

  async start(): Promise<void> {
    const consumer = this.#consumer;
    consumer.on('consumer:group:rebalance', () => this.#lose());
    consumer.on('consumer:group:join', ({ assignments }) => {
      this.#positions.clear();
      this.#reading.join((assignments ?? []).flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition }))));
    });
    consumer.on('error', (error: Error) => this.#failed(error));
    consumer.topics.trackAll(...this.is.topics);
    try {
      await consumer.joinGroup();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  running(): boolean {
    return this.#stopped === undefined && this.#reading.running();
  }

  async commit(offsets: readonly (TopicPartition & { readonly offset: number })[]): Promise<void> {
    if (!this.#reading.running() || offsets.length === 0) return;
    try {
      await this.#consumer.commit({ offsets: offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset: BigInt(offset), leaderEpoch: -1 })) });
    } catch (error) {
      this.is.log.debug({ group: this.is.group, err: error }, 'offsets were not committed for lag tools');
    }
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      clearTimeout(this.#rejoin);
      await this.#reading.end();
      this.#positions.clear();
      await this.#consumer.close(true).catch((error: unknown) => this.is.log.debug({ group: this.is.group, err: error }, 'the group was not left in order'));
      await this.#connections.close().catch(() => undefined);
    })());
  }

  #lose(): void {
    this.#positions.clear();
    this.#reading.lose();
  }

  // The client gives up joining after some attempts, and heartbeats end with it. Only what a person must mend is fatal.
  #failed(error: Error): void {
    if (this.#stopped !== undefined) return;
    this.#lose();
    if (findErrorBy(error, 'code', 'PLT_KFK_AUTHENTICATION') !== null || ['GROUP_AUTHORIZATION_FAILED', 'TOPIC_AUTHORIZATION_FAILED'].some((id) => findErrorBy(error, 'apiId', id) !== null)) {
      this.is.log.error({ group: this.is.group, err: error }, 'consumer crashed for good');
      this.is.onFatal?.(error);
      return;
    }
    this.is.log.warn({ group: this.is.group, err: error }, 'the group could not be joined; trying again');
    clearTimeout(this.#rejoin);
    this.#rejoin = setTimeout(() => {
      this.#consumer.joinGroup().catch((again: Error) => this.#failed(again));
    }, rejoinMs);
  }

  #pause(at: TopicPartition, paused: boolean): void {
    const position = this.#positions.get(partitionName(at));
    if (position === undefined || position.paused === paused) return;
    position.paused = paused;
    if (!paused) this.#plan();
  }

  // What is sought in one turn goes in one fetch.
  #plan(): void {
    if (this.#planned || this.#stopped !== undefined) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      void this.#fetchAll();
    });
  }

  async #fetchAll(): Promise<void> {
    const wanted = [...this.#positions.values()].filter(({ paused }) => !paused);
    if (wanted.length === 0 || this.#stopped !== undefined) return;
    try {
      const { topics } = await this.#consumer.metadata({ topics: [...this.is.topics] });
      const byLeader = Map.groupBy(wanted, ({ at }) => topics.get(at.topic)?.partitions[at.partition]?.leader ?? -1);
      for (const [leader, positions] of byLeader) if (leader >= 0 && !this.#fetching.has(leader)) void this.#fetch(leader, positions, new Map([...topics].map(([topic, { id }]) => [topic, id])));
      if (byLeader.has(-1)) this.#again(new Error('a partition has no leader'));
    } catch (error) {
      this.#again(error);
    }
  }

  async #fetch(leader: number, positions: readonly Position[], ids: ReadonlyMap<string, string>): Promise<void> {
    this.#fetching.add(leader);
    const asked = new Map(positions.map((position) => [partitionName(position.at), position.offset]));
    const names = new Map([...ids].map(([topic, id]) => [id, topic]));
    try {
      const topics = [...Map.groupBy(positions, ({ at }) => at.topic)].map(([topic, of]) => ({
        topicId: ids.get(topic) ?? '',
        partitions: of.map(({ at, offset }) => ({ partition: at.partition, currentLeaderEpoch: -1, fetchOffset: BigInt(offset), lastFetchedEpoch: -1, partitionMaxBytes: partitionBytes })),
      }));
      const response = await this.#consumer.fetch({ node: leader, topics, minBytes: 1, maxBytes: fetchBytes, maxWaitTime: maxWaitMs, connectionPool: this.#connections });
      this.#failures = 0;
      this.#arrive(response, names, asked);
    } catch (error) {
      const { response } = error as { readonly response?: FetchResponse };
      if (response !== undefined && findErrorBy(error as Error, 'apiId', 'OFFSET_OUT_OF_RANGE') !== null) this.#outOfRange(response, names, asked);
      else this.#again(error);
    } finally {
      this.#fetching.delete(leader);
      if (this.#failures === 0) this.#plan();
    }
  }

  #arrive(response: FetchResponse, names: ReadonlyMap<string, string>, asked: ReadonlyMap<string, number>): void {
    for (const { topicId, partitions } of response.responses) {
      const topic = names.get(topicId);
      for (const { partitionIndex: partition, errorCode, highWatermark, records } of topic === undefined ? [] : partitions) {
        const at = { topic: topic!, partition };
        const position = this.#positions.get(partitionName(at));
        // Sought anew while the fetch was under way, or a fetch session's leftover: not what is wanted now.
        if (errorCode !== 0 || position === undefined || position.offset !== asked.get(partitionName(at))) continue;
        const last = records?.at(-1);
        if (last === undefined) continue;
        const from = position.offset;
        position.offset = Number(last.firstOffset) + last.lastOffsetDelta + 1;
        this.#reading.arrived(at, records!.flatMap((batch) => toRecords(batch, from)), Number(highWatermark), position.offset);
      }
    }
  }

  // Retention overtook us, or the topic is another one: from its beginning on, and the handler sees the gap.
  #outOfRange(response: FetchResponse, names: ReadonlyMap<string, string>, asked: ReadonlyMap<string, number>): void {
    this.#arrive(response, names, asked);
    for (const { topicId, partitions } of response.responses) {
      const topic = names.get(topicId);
      for (const { partitionIndex: partition, errorCode, logStartOffset } of topic === undefined ? [] : partitions) {
        if (errorCode === 0) continue;
        const position = this.#positions.get(partitionName({ topic: topic!, partition }));
        if (position !== undefined && position.offset === asked.get(partitionName(position.at))) position.offset = Math.max(0, Number(logStartOffset));
      }
    }
  }

  #again(error: unknown): void {
    if (this.#stopped !== undefined) return;
    this.#failures += 1;
    this.is.log[this.#failures > 5 ? 'warn' : 'debug']({ group: this.is.group, err: error }, 'a fetch failed; trying again');
    setTimeout(() => this.#plan(), Math.min(2_000, 50 * 2 ** Math.min(this.#failures, 6))).unref();
  }
}

const toRecords = (batch: RecordsBatch, from: number): BusRecord[] => {
  if ((batch.attributes & isControl) !== 0) return [];
  const first = Number(batch.firstOffset);
  const time = Number(batch.firstTimestamp);
  return batch.records
    .filter(({ offsetDelta }) => first + offsetDelta >= from)
    .map(({ offsetDelta, timestampDelta, key, value, headers }) => ({
      offset: first + offsetDelta,
      key: key?.toString('utf8') ?? '',
      value,
      headers: Object.fromEntries(headers.map(([name, text]) => [name?.toString('utf8') ?? '', text?.toString('utf8') ?? ''])),
      timestamp: time + Number(timestampDelta),
    }));
};
