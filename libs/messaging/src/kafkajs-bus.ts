import './kafkajs-patch.js';
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import kafkajs from 'kafkajs';
import type { Admin, Kafka, Producer } from 'kafkajs';
import type { Bus, BusAdmin, Subscription } from './bus.js';
import type { BusOptions } from './connect-bus.js';
import { kafkajsLog } from './kafkajs-log.js';
import { subscribeKafkajs } from './kafkajs-subscription.js';
import { patiently } from './patiently.js';
import { publishing, type PlacedMessage } from './publishing.js';

/** kafkajs 2.2.4 as patched; see `DECISIONS.md` for each of its traps. */
export const connectKafkajs = (options: BusOptions): Bus => {
  const kafka = clientOf(options);
  const subscriptions = new Set<Subscription>();
  let producer: Promise<Producer> | undefined;
  let admin: Promise<Admin> | undefined;
  let closed = false;
  const counts = new Map<string, number>();

  const connected = <C extends { connect(): Promise<void> }>(client: C, failed: () => void): Promise<C> =>
    client.connect().then(
      () => client,
      (error: unknown) => {
        failed(); // so that the next call tries again
        throw error;
      },
    );
  const producing = (): Promise<Producer> =>
    // Not idempotent: after a lost answer kafkajs reuses the sequence number, the broker takes the next batch for a
    // duplicate, and kafkajs reports it as stored. One send in flight and acks of all keep order and lose nothing.
    (producer ??= connected(kafka.producer({ idempotent: false, allowAutoTopicCreation: false, createPartitioner: () => ({ message }) => message.partition!, retry: { retries: 3, initialRetryTime: 100 } }), () => (producer = undefined)));
  const administering = (): Promise<Admin> => (admin ??= connected(kafka.admin(), () => (admin = undefined)));

  const partitions = async (topic: string): Promise<number> => {
    const known = counts.get(topic);
    if (known !== undefined) return known;
    const { topics } = await (await administering()).fetchTopicMetadata({ topics: [topic] });
    const count = topics[0]?.partitions.length ?? 0;
    if (count === 0) throw new Error(`topic ${topic} has no partitions`);
    counts.set(topic, count);
    return count;
  };

  const sending = publishing({
    partitions,
    send: async (messages) => {
      const client = await producing();
      await client.sendBatch({ acks: -1, timeout: 30_000, topicMessages: byTopic(messages) });
    },
  });

  return {
    publish: (messages) => sending.publish(messages),
    subscribe: async (group, topics, handler, more = {}) => {
      if (closed) throw new Error('the bus is closed');
      const subscription = await subscribeKafkajs({ kafka, group, topics, handler, log: options.log, ...more });
      subscriptions.add(subscription);
      return { ...subscription, stop: async () => (subscriptions.delete(subscription), await subscription.stop()) };
    },
    admin: adminOf(administering, partitions),
    close: async () => {
      closed = true;
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()));
      await sending.close();
      await Promise.allSettled([producer?.then((client) => client.disconnect()), admin?.then((client) => client.disconnect())]);
    },
  };
};

const byTopic = (messages: readonly PlacedMessage[]): { topic: string; messages: { key: string; value: string | Buffer; headers: Record<string, string>; partition: number }[] }[] =>
  [...Map.groupBy(messages, ({ topic }) => topic)].map(([topic, of]) => ({ topic, messages: of.map(({ key, value, headers, partition }) => ({ key, value, headers: { ...headers }, partition })) }));

const adminOf = (administering: () => Promise<Admin>, partitions: (topic: string) => Promise<number>): BusAdmin => ({
  partitions,
  createTopics: async (topics) => {
    const client = await administering();
    const there = new Set(await client.listTopics());
    const missing = topics.filter(({ topic }) => !there.has(topic));
    if (missing.length === 0) return;
    await client.createTopics({
      waitForLeaders: false, // it gives up where a broker does not know yet what the controller has made
      topics: missing.map(({ topic, partitions: numPartitions = 12, config = {} }) => ({ topic, numPartitions, configEntries: Object.entries(config).map(([name, value]) => ({ name, value })) })),
    });
    for (const { topic } of missing) await patiently(() => client.fetchTopicOffsets(topic));
  },
  offsets: async (topic) =>
    (await (await administering()).fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) })).sort((a, b) => a.partition - b.partition),
  committed: async (group, topic) => {
    const [found] = await (await administering()).fetchOffsets({ groupId: group, topics: [topic] });
    return (found?.partitions ?? []).map(({ partition, offset }) => ({ partition, offset: Number(offset) })).sort((a, b) => a.partition - b.partition);
  },
});

const clientOf = ({ brokers, clientId, log, ssl, sasl, route }: BusOptions): Kafka =>
  new kafkajs.Kafka({
    clientId,
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.INFO,
    logCreator: kafkajsLog(log),
    connectionTimeout: 3_000,
    retry: { retries: 8, initialRetryTime: 100, maxRetryTime: 5_000 },
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl: sasl as never }), // one member of kafkajs's union of mechanisms
    ...(route === undefined
      ? {}
      : {
          socketFactory: ({ host, port, ssl: tls, onConnect }) => {
            const to = route({ host, port });
            const socket = tls ? connectTls({ ...tls, ...to, ...(isIP(host) ? {} : { servername: host }) }, onConnect) : connectTcp(to, onConnect);
            return socket.setKeepAlive(true, 60_000);
          },
        }),
  });
