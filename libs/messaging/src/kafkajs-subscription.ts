import type { Consumer as KafkaConsumer, EachBatchPayload, IHeaders, Kafka } from 'kafkajs';
import type { Logger } from '@flotilla/event-store';
import type { BatchHandler, BusRecord, SubscribeOptions, Subscription, TopicPartition } from './bus.js';
import { coPartitioned } from './kafkajs-assigner.js';
import { Reading } from './reading.js';

interface Parameters extends SubscribeOptions {
  readonly kafka: Kafka;
  readonly group: string;
  readonly topics: readonly string[];
  readonly handler: BatchHandler;
  readonly log: Logger;
}

/**
 * One kafkajs consumer of a group. What it fetches is handed to a `Reading` at once: kafkajs fetches again only when all
 * that it fetched was taken off it, and an error in its handler would rebalance the whole group for ever.
 */
export const subscribeKafkajs = async ({ kafka, group, topics, handler, log, sessionTimeoutMs = 30_000, concurrency = 12, readAhead = {}, onFatal }: Parameters): Promise<Subscription> => {
  const consumer: KafkaConsumer = kafka.consumer({
    groupId: group,
    partitionAssigners: [coPartitioned],
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: Math.max(60_000, sessionTimeoutMs),
    heartbeatInterval: Math.min(3_000, Math.floor(sessionTimeoutMs / 4)),
    // All partitions with room are in every fetch, so a long one delays nothing but a partition that is read again after a
    // pause. Each fetch names every partition anew: at 50 ms the fleet's idle ones kept a third of a core of the broker busy.
    maxWaitTimeInMs: 250,
    minBytes: 1,
    maxBytes: 4 * 1024 * 1024,
    maxBytesPerPartition: 256 * 1024,
    allowAutoTopicCreation: false,
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 5_000 },
  });
  const one = ({ topic, partition }: TopicPartition): { topic: string; partitions: number[] }[] => [{ topic, partitions: [partition] }];
  const reading = new Reading({
    group, handler, log, concurrency, readAhead,
    fetching: {
      seek: (at, offset) => {
        consumer.seek({ ...at, offset: String(offset) });
        consumer.resume(one(at));
      },
      pause: (at) => consumer.pause(one(at)),
      resume: (at) => consumer.resume(one(at)),
    },
  });
  const { GROUP_JOIN, CRASH, REBALANCING } = consumer.events;
  // Runs inside kafkajs's emit, before its first fetch: nothing is read until the handler has said from where.
  consumer.on(GROUP_JOIN, ({ payload: { memberAssignment } }) => {
    consumer.pause(Object.entries(memberAssignment).map(([topic, partitions]) => ({ topic, partitions: [...partitions] })));
    reading.join(Object.entries(memberAssignment).flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition }))));
  });
  consumer.on(REBALANCING, () => reading.lose());
  consumer.on(CRASH, ({ payload: { error, restart } }) => {
    reading.lose();
    if (restart) return log.warn({ group, err: error }, 'consumer crashed and starts again');
    // kafkajs stays silent from here on although the process lives
    log.error({ group, err: error }, 'consumer crashed for good');
    onFatal?.(error);
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: async (payload) => {
      const { batch } = payload;
      const at = { topic: batch.topic, partition: batch.partition };
      if (!payload.isStale() && reading.wants(at)) {
        reading.arrived(at, batch.messages.map(toRecord), Number(batch.highWatermark), Number(batch.lastOffset()) + 1);
        payload.resolveOffset(batch.lastOffset());
      }
      await payload.heartbeat(); // its error is kafkajs's own: it makes it join again
    },
  });
  let stopped: Promise<void> | undefined;
  return {
    running: () => stopped === undefined && reading.running(),
    commit: async (offsets) => {
      if (!reading.running() || offsets.length === 0) return;
      try {
        await consumer.commitOffsets(offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset: String(offset) })));
      } catch (error) {
        log.debug({ group, err: error }, 'offsets were not committed for lag tools');
      }
    },
    stop: () =>
      (stopped ??= (async () => {
        await reading.end();
        await consumer.stop().catch(() => undefined);
        await consumer.disconnect().catch(() => undefined);
      })()),
  };
};

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
