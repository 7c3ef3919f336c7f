import './kafka-patch.js';
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import kafkajs from 'kafkajs';
import type { Admin, Kafka, Producer } from 'kafkajs';
import type { Logger } from '@flotilla/event-store';
import { MessageTooLarge, type Bus, type BusAdmin, type BusMessage, type Subscription } from './bus.js';
import { kafkaLog } from './kafka-log.js';
import { subscribeKafka } from './kafka-subscription.js';
import { partitionOf } from './murmur2.js';

export interface BusOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly log: Logger;
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: { readonly mechanism: 'scram-sha-512' | 'scram-sha-256' | 'plain'; readonly username: string; readonly password: string };
  /** Where a broker's advertised address is really reached: a tunnel, or a proxy that a spec hurts. */
  readonly route?: (address: { readonly host: string; readonly port: number }) => { readonly host: string; readonly port: number };
}

// A broker takes record batches of 1 MiB; kafkajs does not split what it is given for a partition.
const largestMessage = 1024 * 1024 - 512;
const largestBatch = 900 * 1024;
const sizeOf = ({ key, value, headers }: BusMessage): number =>
  Object.entries(headers).reduce((sum, [name, text]) => sum + name.length + Buffer.byteLength(text) + 8, Buffer.byteLength(key) + Buffer.byteLength(value) + 40);

/** Connects on first use. kafkajs 2.2.4 as patched; see `DECISIONS.md` for each of its traps. */
export const connectBus = (options: BusOptions): Bus => {
  const kafka = clientOf(options);
  const subscriptions = new Set<Subscription>();
  let producer: Promise<Producer> | undefined;
  let admin: Promise<Admin> | undefined;
  let closed = false;
  const counts = new Map<string, number>();
  let last: Promise<unknown> = Promise.resolve();

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

  const send = async (messages: readonly BusMessage[]): Promise<void> => {
    const client = await producing();
    for (const part of await partsOf(messages, partitions)) await client.sendBatch({ acks: -1, timeout: 30_000, topicMessages: part });
  };

  return {
    publish: async (messages) => {
      for (const message of messages) if (sizeOf(message) > largestMessage) throw new MessageTooLarge(message.topic, message.key, sizeOf(message));
      if (messages.length === 0) return;
      const sent = last.then(() => {
        if (closed) throw new Error('the bus is closed');
        return send(messages);
      });
      last = sent.catch(() => undefined);
      await sent;
    },
    subscribe: async (group, topics, handler, more = {}) => {
      if (closed) throw new Error('the bus is closed');
      const subscription = await subscribeKafka({ kafka, group, topics, handler, log: options.log, ...more });
      subscriptions.add(subscription);
      return { ...subscription, stop: async () => (subscriptions.delete(subscription), await subscription.stop()) };
    },
    admin: adminOf(administering, partitions),
    close: async () => {
      closed = true;
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()));
      await last;
      await Promise.allSettled([producer?.then((client) => client.disconnect()), admin?.then((client) => client.disconnect())]);
    },
  };
};

type TopicMessages = { topic: string; messages: { key: string; value: string | Buffer; headers: Record<string, string>; partition: number }[] }[];

// In order per partition, and no more for any partition than a broker takes at once.
const partsOf = async (messages: readonly BusMessage[], partitions: (topic: string) => Promise<number>): Promise<readonly TopicMessages[]> => {
  const parts: { readonly byTopic: Map<string, TopicMessages[number]>; readonly bytes: Map<string, number> }[] = [];
  const partOfPartition = new Map<string, number>();
  for (const message of messages) {
    const partition = partitionOf(message.key, await partitions(message.topic));
    const name = `${message.topic}/${partition}`;
    const size = sizeOf(message);
    let at = partOfPartition.get(name) ?? 0;
    if ((parts[at]?.bytes.get(name) ?? 0) > 0 && (parts[at]?.bytes.get(name) ?? 0) + size > largestBatch) at += 1;
    partOfPartition.set(name, at);
    const part = (parts[at] ??= { byTopic: new Map(), bytes: new Map() });
    part.bytes.set(name, (part.bytes.get(name) ?? 0) + size);
    const topic = part.byTopic.get(message.topic) ?? { topic: message.topic, messages: [] };
    part.byTopic.set(message.topic, topic);
    topic.messages.push({ key: message.key, value: message.value, headers: { ...message.headers }, partition });
  }
  return parts.map(({ byTopic }) => [...byTopic.values()]);
};

const adminOf = (administering: () => Promise<Admin>, partitions: (topic: string) => Promise<number>): BusAdmin => ({
  partitions,
  createTopics: async (topics) => {
    const client = await administering();
    const there = new Set(await client.listTopics());
    const missing = topics.filter(({ topic }) => !there.has(topic));
    if (missing.length === 0) return;
    await client.createTopics({
      waitForLeaders: true,
      topics: missing.map(({ topic, partitions: numPartitions = 12, config = {} }) => ({ topic, numPartitions, configEntries: Object.entries(config).map(([name, value]) => ({ name, value })) })),
    });
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
    logCreator: kafkaLog(log),
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
