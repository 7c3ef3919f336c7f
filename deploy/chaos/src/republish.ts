import { topics } from '@flotilla/contracts';
import { kafkaClient } from '@flotilla/tasks';
import type { Message } from 'kafkajs';
import type { Random } from './random.ts';

const many = 200;

/** Topics whose every reader must live with repeats. */
const repeatable = [topics.channelOrders, topics.ingest, topics.order, topics.allocation, topics.parcel, topics.tracking, topics.lockRequests, topics.lockReplies, topics.stock, topics.settlement];

/**
 * Copies real records of a random partition once more to its end, from an old offset on, under the same keys and headers:
 * as they stood, or in another order. Answers how many, and of which topic.
 */
export const republish = async (brokers: string, random: Random, order: 'as they stood' | 'shuffled'): Promise<{ readonly topic: string; readonly records: number }> => {
  const kafka = kafkaClient(brokers, 'chaos-republisher');
  const admin = kafka.admin();
  await admin.connect();
  const full: { topic: string; partition: number; low: number; high: number }[] = [];
  for (const topic of repeatable) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) if (Number(high) - Number(low) >= 3) full.push({ topic, partition, low: Number(low), high: Number(high) });
  }
  await admin.disconnect();
  if (full.length === 0) return { topic: '', records: 0 };
  const topic = random.pick([...new Set(full.map((one) => one.topic))]);
  const { partition, low, high } = random.pick(full.filter((one) => one.topic === topic));
  const from = random.int(low, Math.max(low, high - many));
  const copies = await read(kafka, { topic, partition, from, to: Math.min(high, from + many) });
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    await producer.send({ topic, acks: -1, messages: order === 'shuffled' ? random.shuffled(copies) : copies });
  } finally {
    await producer.disconnect();
  }
  return { topic, records: copies.length };
};

const read = async (kafka: ReturnType<typeof kafkaClient>, { topic, partition, from, to }: { topic: string; partition: number; from: number; to: number }): Promise<Message[]> => {
  const consumer = kafka.consumer({ groupId: `chaos-republisher-${process.pid}-${Date.now()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const found: Message[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      void consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          if (batch.partition !== partition) return;
          for (const { offset, key, value, headers } of batch.messages) {
            if (Number(offset) >= from && Number(offset) < to) found.push({ partition, key, value, ...(headers ? { headers } : {}) });
          }
          if (Number(batch.messages.at(-1)?.offset ?? -1) + 1 >= to) resolve();
        },
      });
      consumer.seek({ topic, partition, offset: String(from) });
    });
  } finally {
    await consumer.disconnect();
  }
  return found;
};
