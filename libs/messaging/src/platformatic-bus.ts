import { Admin, findErrorBy, ListOffsetTimestamps, ProduceAcks, Producer, stringSerializers } from '@platformatic/kafka';
import type { Bus, BusAdmin, Subscription } from './bus.js';
import type { BusOptions } from './connect-bus.js';
import { patiently } from './patiently.js';
import { baseOptions, withRoute } from './platformatic-connections.js';
import { subscribePlatformatic } from './platformatic-subscription.js';
import { publishing } from './publishing.js';

/** @platformatic/kafka 2.12.1. Its consumer's stream is not used: it knows neither pauses nor seeks of one partition. */
export const connectPlatformatic = (options: BusOptions): Bus => {
  const subscriptions = new Set<Subscription>();
  const counts = new Map<string, number>();
  let closed = false;
  const admin = withRoute(new Admin(baseOptions(options)), options.route);
  const producer = withRoute(
    new Producer({
      ...baseOptions(options),
      retries: 3,
      // One send in flight and acks of all keep order and lose nothing. Before 2.2 its idempotent producer lost messages (#326).
      idempotent: false,
      acks: ProduceAcks.ALL,
      serializers: { key: stringSerializers.key, value: (value?: string | Buffer) => (typeof value === 'string' ? Buffer.from(value) : value), headerKey: stringSerializers.headerKey, headerValue: stringSerializers.headerValue },
    }),
    options.route,
  );

  const partitions = async (topic: string): Promise<number> => {
    const known = counts.get(topic);
    if (known !== undefined) return known;
    const count = (await admin.metadata({ topics: [topic] })).topics.get(topic)?.partitionsCount ?? 0;
    if (count === 0) throw new Error(`topic ${topic} has no partitions`);
    counts.set(topic, count);
    return count;
  };
  const sending = publishing({
    partitions,
    send: async (messages) => void (await producer.send({ messages: messages.map(({ topic, partition, key, value, headers }) => ({ topic, partition, key, value, headers: { ...headers } })) })),
  });

  return {
    publish: (messages) => sending.publish(messages),
    subscribe: async (group, topics, handler, more = {}) => {
      if (closed) throw new Error('the bus is closed');
      const subscription = await subscribePlatformatic({ bus: options, group, topics, handler, log: options.log, ...more });
      subscriptions.add(subscription);
      return { ...subscription, stop: async () => (subscriptions.delete(subscription), await subscription.stop()) };
    },
    admin: adminOf(admin, partitions),
    close: async () => {
      closed = true;
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()));
      await sending.close();
      await Promise.allSettled([producer.close(), admin.close()]);
    },
  };
};

const adminOf = (admin: Admin, partitions: (topic: string) => Promise<number>): BusAdmin => {
  const listed = async (topic: string, count: number, timestamp: bigint): Promise<ReadonlyMap<number, number>> => {
    const [found] = await admin.listOffsets({ topics: [{ name: topic, partitions: Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp })) }] });
    return new Map((found?.partitions ?? []).map(({ partitionIndex, offset }) => [partitionIndex, Number(offset)]));
  };
  return {
    partitions,
    createTopics: async (topics) => {
      const there = new Set(await admin.listTopics());
      const missing = topics.filter(({ topic }) => !there.has(topic));
      for (const { topic, partitions: count = 12, config = {} } of missing) {
        try {
          await admin.createTopics({ topics: [topic], partitions: count, replicas: 1, configs: Object.entries(config).map(([name, value]) => ({ name, value })) });
        } catch (error) {
          if (findErrorBy(error as Error, 'apiId', 'TOPIC_ALREADY_EXISTS') === null) throw error;
        }
      }
      // A leader that is chosen is not one that answers yet.
      for (const { topic, partitions: count = 12 } of missing) await patiently(() => listed(topic, count, ListOffsetTimestamps.LATEST));
    },
    offsets: async (topic) => {
      const count = await partitions(topic);
      const [low, high] = await Promise.all([listed(topic, count, ListOffsetTimestamps.EARLIEST), listed(topic, count, ListOffsetTimestamps.LATEST)]);
      return Array.from({ length: count }, (_, partition) => ({ partition, low: low.get(partition) ?? 0, high: high.get(partition) ?? 0 }));
    },
    committed: async (group, topic) => {
      const count = await partitions(topic);
      const [found] = await admin.listConsumerGroupOffsets({ groups: [{ groupId: group, topics: [{ name: topic, partitionIndexes: Array.from({ length: count }, (_, partition) => partition) }] }] });
      const offsets = new Map(found?.topics.find(({ name }) => name === topic)?.partitions.map(({ partitionIndex, committedOffset }) => [partitionIndex, Number(committedOffset)]));
      return Array.from({ length: count }, (_, partition) => ({ partition, offset: offsets.get(partition) ?? -1 }));
    },
  };
};
