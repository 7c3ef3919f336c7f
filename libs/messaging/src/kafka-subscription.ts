import type { Consumer as KafkaConsumer, EachBatchPayload, IHeaders, Kafka } from 'kafkajs';
import type { Logger } from '@flotilla/event-store';
import { partitionName, type BatchHandler, type BusRecord, type Next, type SubscribeOptions, type Subscription, type TopicPartition } from './bus.js';
import { coPartitioned } from './kafka-assigner.js';

interface Parameters extends SubscribeOptions {
  readonly kafka: Kafka;
  readonly group: string;
  readonly topics: readonly string[];
  readonly handler: BatchHandler;
  readonly log: Logger;
}

/** One kafkajs consumer of a group. Its handler never throws into kafkajs: that would rebalance the whole group for ever. */
export const subscribeKafka = async (parameters: Parameters): Promise<Subscription> => {
  const subscription = new KafkaSubscription(parameters);
  await subscription.start();
  return { running: () => subscription.running(), commit: (offsets) => subscription.commit(offsets), stop: () => subscription.stop() };
};

class KafkaSubscription {
  readonly #consumer: KafkaConsumer;
  /** Counts assignments; what was begun under an older one is void. */
  #generation = 0;
  readonly #begun = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #assigned: readonly TopicPartition[] = [];
  #joined = false;
  #stopping = false;

  constructor(private readonly is: Parameters) {
    const sessionTimeout = is.sessionTimeoutMs ?? 30_000;
    this.#consumer = is.kafka.consumer({
      groupId: is.group,
      partitionAssigners: [coPartitioned],
      sessionTimeout,
      rebalanceTimeout: Math.max(60_000, sessionTimeout),
      heartbeatInterval: Math.min(3_000, Math.floor(sessionTimeout / 4)),
      maxWaitTimeInMs: 50,
      minBytes: 1,
      maxBytesPerPartition: 1024 * 1024,
      allowAutoTopicCreation: false,
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 5_000 },
    });
  }

  async start(): Promise<void> {
    const { GROUP_JOIN, CRASH, REBALANCING } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, ({ payload }) => this.#join(payload.memberAssignment));
    this.#consumer.on(REBALANCING, () => void (this.#joined = false));
    this.#consumer.on(CRASH, ({ payload: { error, restart } }) => {
      this.#joined = false;
      if (restart) return this.is.log.warn({ group: this.is.group, err: error }, 'consumer crashed and starts again');
      // kafkajs stays silent from here on although the process lives
      this.is.log.error({ group: this.is.group, err: error }, 'consumer crashed for good');
      this.is.onFatal?.(error);
    });
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...this.is.topics], fromBeginning: true });
    await this.#consumer.run({ autoCommit: false, eachBatchAutoResolve: false, partitionsConsumedConcurrently: this.is.concurrency ?? 4, eachBatch: (payload) => this.#take(payload) });
  }

  running(): boolean {
    return this.#joined && !this.#stopping && this.#assigned.every((partition) => this.#begun.has(partitionName(partition)));
  }

  async commit(offsets: readonly (TopicPartition & { readonly offset: number })[]): Promise<void> {
    if (!this.#joined || offsets.length === 0) return;
    try {
      await this.#consumer.commitOffsets(offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset: String(offset) })));
    } catch (error) {
      this.is.log.debug({ group: this.is.group, err: error }, 'offsets were not committed for lag tools');
    }
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#consumer.stop().catch(() => undefined);
    this.#generation += 1;
    await this.#consumer.disconnect().catch(() => undefined);
  }

  // Runs inside kafkajs's emit, before its first fetch: nothing is read until the handler has said from where.
  #join(assignment: Readonly<Record<string, readonly number[]>>): void {
    const generation = (this.#generation += 1);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#begun.clear();
    this.#assigned = Object.entries(assignment).flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition })));
    this.#consumer.pause(byTopic(this.#assigned));
    this.#joined = true;
    this.is.log.info({ group: this.is.group, partitions: this.#assigned.map(partitionName).join(' ') }, 'partitions assigned');
    void this.#begin(generation, this.#assigned, 0);
  }

  async #begin(generation: number, partitions: readonly TopicPartition[], failures: number): Promise<void> {
    try {
      const starts = await this.is.handler.assigned(partitions);
      if (generation !== this.#generation || this.#stopping) return;
      for (const partition of partitions) {
        const start = starts.get(partitionName(partition));
        if (start === undefined) throw new Error(`no start for ${partitionName(partition)}`);
        this.#consumer.seek({ ...partition, offset: String(start.at) });
        this.#begun.add(partitionName(partition));
        if (start.stop !== true) this.#later(partition, generation, start.waitMs ?? 0);
      }
    } catch (error) {
      if (generation !== this.#generation || this.#stopping) return;
      this.is.log.warn({ group: this.is.group, err: error }, 'could not begin with the assigned partitions; trying again');
      this.#timer(() => void this.#begin(generation, partitions, failures + 1), Math.min(5_000, 100 * 2 ** failures));
    }
  }

  async #take(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const resolveOffset = (offset: string): void => payload.resolveOffset(offset);
    const heartbeat = (): Promise<void> => payload.heartbeat();
    const isRunning = (): boolean => payload.isRunning();
    const isStale = (): boolean => payload.isStale();
    const { topic, partition } = batch;
    const generation = this.#generation;
    if (isStale() || !this.#begun.has(partitionName({ topic, partition }))) return;
    let lost: unknown; // the heartbeat's error, which kafkajs needs to see: it makes it join again
    let next: Next;
    try {
      next = await this.is.handler.take(
        { topic, partition, highWatermark: Number(batch.highWatermark), records: batch.messages.map(toRecord) },
        {
          heartbeat: async () => {
            if (lost === undefined) await heartbeat().catch((error: unknown) => (lost = error));
          },
          ending: () => lost !== undefined || !isRunning() || isStale() || this.#stopping || generation !== this.#generation,
        },
      );
    } catch (error) {
      this.is.log.error({ topic, partition, err: error }, 'a batch handler threw; the partition waits');
      next = { at: Number(batch.firstOffset() ?? 0), waitMs: 1_000 };
    }
    const current = generation === this.#generation;
    // Also backwards: kafkajs reads on behind what is resolved, wherever that is. After another join the seek decides.
    if (current) resolveOffset(String(next.at - 1));
    if (current && (next.stop === true || (next.waitMs ?? 0) > 0)) {
      this.#consumer.pause([{ topic, partitions: [partition] }]);
      if (next.stop !== true) this.#later({ topic, partition }, generation, next.waitMs ?? 0);
    }
    if (lost !== undefined) throw lost;
  }

  #later({ topic, partition }: TopicPartition, generation: number, waitMs: number): void {
    const resume = (): void => {
      if (generation === this.#generation && !this.#stopping) this.#consumer.resume([{ topic, partitions: [partition] }]);
    };
    if (waitMs === 0) resume();
    else this.#timer(resume, waitMs);
  }

  #timer(work: () => void, ms: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }
}

const byTopic = (partitions: readonly TopicPartition[]): { topic: string; partitions: number[] }[] =>
  [...new Set(partitions.map(({ topic }) => topic))].map((topic) => ({ topic, partitions: partitions.filter((one) => one.topic === topic).map(({ partition }) => partition) }));

const toRecord = (message: EachBatchPayload['batch']['messages'][number]): BusRecord => ({
  offset: Number(message.offset),
  key: message.key?.toString('utf8') ?? '',
  value: message.value,
  headers: toHeaders(message.headers ?? {}),
  timestamp: Number(message.timestamp),
});

const toHeaders = (headers: IHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const first = Array.isArray(value) ? value[0] : value;
      return first === undefined ? [] : [[name, first.toString('utf8')]];
    }),
  );
