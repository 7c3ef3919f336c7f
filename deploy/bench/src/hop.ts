import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEventStore, runFollowers, silentLogger, type EventStore } from '@flotilla/event-store';
import { connectBus, consume, partitionOf, relay, type Bus, type KafkaClient } from '@flotilla/messaging';
import { createTopics } from '@flotilla/tasks';
import kafkajs from 'kafkajs';
import { ask, asked, metaNow, sample, type Asked } from './sample.ts';
import { percentile, resultOf, type Result, type Run } from './stats.ts';
import { poolOf, type World } from './world.ts';

const measuredMs = 4_000;
const largestRate = 4_000;

/** A way from here to a handler elsewhere: `send` begins, `arrived` is called with the id. */
interface Way {
  send(id: string): Promise<void>;
  /** When the way begins: once committed (ours), or once handed over (bare). */
  readonly fromCommit: boolean;
  stop(): Promise<void>;
}

/** What the receiving side did with the messages: chunks, and how long each took to be written. */
interface Chunks {
  count: number;
  messages: number;
  ms: number;
}

const stages = ['relay', 'produce', 'fetch', 'intake'] as const;

/** Where the time of a hop goes, per message: until the relay sends it, the broker has it, it is here, its handler decides. */
class Stages {
  readonly #at = new Map<string, number[]>();
  #waits: number[][] = stages.map(() => []);

  /** Stage 0 is the commit. */
  pass(stage: number, id: string): void {
    const times = this.#at.get(id) ?? [];
    this.#at.set(id, times);
    times[stage] ??= performance.now();
  }

  /** Median and 99th percentile of each stage since the last time, in ms. */
  take(): Readonly<Record<string, number>> {
    for (const times of this.#at.values()) for (const index of stages.keys()) if (times[index] !== undefined && times[index + 1] !== undefined) this.#waits[index]!.push(times[index + 1]! - times[index]!);
    this.#at.clear();
    const waits = this.#waits;
    this.#waits = stages.map(() => []);
    return Object.fromEntries(stages.flatMap((name, index) => [[`${name}P50`, percentile(waits[index]!, 50)], [`${name}P99`, percentile(waits[index]!, 99)]]));
  }
}

const waitFor = async (what: string, ready: () => boolean): Promise<void> => {
  for (const deadline = Date.now() + 30_000; !ready(); await sleep(10)) if (Date.now() > deadline) throw new Error(`${what}: not within 30 s`);
};

/** Ours: command → event in one database → relay → topic → handler's decision in another service's database. */
const throughFlotilla = async (world: World, chunks: Chunks, passed: Stages, arrived: (id: string) => void): Promise<Way> => {
  const topic = 'bench-hop';
  const pools = [poolOf((await world.database('bench_hop_from')).service), poolOf((await world.database('bench_hop_to')).service)] as const;
  const [from, to] = [createEventStore({ pool: pools[0] }), createEventStore({ pool: pools[1] })];
  const watched: EventStore = {
    ...to,
    intake: async (tasks, offsets, after) => {
      const start = performance.now();
      const taken = await to.intake(tasks, offsets, after);
      chunks.count += 1;
      chunks.messages += tasks.length;
      chunks.ms += performance.now() - start;
      return taken;
    },
  };
  const options = { client: (process.env['FLOTILLA_KAFKA_CLIENT'] ?? 'kafkajs') as KafkaClient, brokers: [world.brokers], log: silentLogger };
  const [there, here] = [connectBus({ ...options, clientId: 'from' }), connectBus({ ...options, clientId: 'to' })];
  const sending: Bus = {
    ...there,
    publish: async (messages) => {
      for (const { key } of messages) passed.pass(1, key);
      await there.publish(messages);
      for (const { key } of messages) passed.pass(2, key);
    },
  };
  const receiving: Bus = {
    ...here,
    subscribe: (group, topics, handler, more) =>
      here.subscribe(
        group,
        topics,
        {
          ...handler,
          take: (batch, control) => {
            for (const { key } of batch.records) passed.pass(3, key);
            return handler.take(batch, control);
          },
        },
        more,
      ),
  };
  await sending.admin.createTopics([{ topic }]);
  const runner = await runFollowers({
    pool: pools[0], store: from, log: silentLogger,
    followers: [relay({ bus: sending, publish: (event) => [{ topic, key: (event.data as Asked).orderId, type: 'StockAsked', data: event.data }] })],
  });
  const consumer = await consume({
    bus: receiving, store: watched, consumer: 'bench', topics: [topic], log: silentLogger,
    seal: async (text) => text, open: async (text) => text,
    handlers: {
      StockAsked: {
        streams: (message) => [[sample, message.key]],
        handle: (message, unit) => {
          arrived(message.key);
          passed.pass(4, message.key);
          unit.run(sample, message.key, { type: 'Ask', data: message.data as Asked });
        },
      },
    },
  });
  await waitFor('partitions', () => consumer.ready());
  return {
    fromCommit: true,
    send: async (id) => {
      await from.execute(ask(id, { ...asked(), orderId: id }));
      passed.pass(0, id);
    },
    stop: async () => {
      await consumer.stop();
      await runner.stop();
      await Promise.all([sending.close(), receiving.close(), from.close(), to.close()]);
      await Promise.all(pools.map((pool) => pool.end()));
    },
  };
};

/** The limit: the same bytes from a bare producer to a bare consumer. One send in flight; what queues meanwhile goes together. */
const throughKafkajs = async (world: World, arrived: (id: string) => void): Promise<Way> => {
  const topic = 'bench-bare';
  const kafka = new kafkajs.Kafka({ clientId: 'bare', brokers: [world.brokers], logLevel: kafkajs.logLevel.NOTHING });
  await createTopics({ brokers: world.brokers, wanted: [{ name: topic, partitions: 12, retentionMs: -1 }] });
  const producer = kafka.producer({ allowAutoTopicCreation: false, createPartitioner: () => ({ message }) => partitionOf(String(message.key)) });
  await producer.connect();
  const consumer = kafka.consumer({ groupId: 'bare', maxWaitTimeInMs: 50 });
  let joined = false;
  consumer.on(consumer.events.GROUP_JOIN, () => (joined = true));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 4,
    eachBatch: async ({ batch }) => {
      for (const { key, value } of batch.messages) {
        JSON.parse(value?.toString() ?? 'null');
        arrived(key?.toString() ?? '');
      }
    },
  });
  await waitFor('partitions', () => joined);
  let queue: { key: string; value: string; headers: Record<string, string> }[] = [];
  let sending: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const messages = queue;
      queue = [];
      await producer.send({ topic, acks: -1, messages });
    }
    sending = undefined;
  };
  return {
    fromCommit: false,
    send: async (id) => {
      const { correlation, causation, traceparent = '' } = metaNow();
      queue.push({ key: id, value: JSON.stringify({ ...asked(), orderId: id }), headers: { ce_id: `${randomUUID()}/0`, ce_type: 'StockAsked', ce_source: `sample-${id}`, ce_time: new Date().toISOString(), correlation, causation, traceparent } });
      await (sending ??= drain());
    },
    stop: async () => {
      await consumer.disconnect();
      await producer.disconnect();
    },
  };
};

/** What has begun and what has arrived, since both may be told in either order. */
class Clocks {
  readonly #begun = new Map<string, number>();
  readonly #arrived = new Map<string, number>();
  waits: number[] = [];

  begun(id: string): void {
    this.#note(this.#begun, id);
  }
  readonly arrived = (id: string): void => this.#note(this.#arrived, id);

  #note(where: Map<string, number>, id: string): void {
    if (where.has(id)) return; // a redelivery
    where.set(id, performance.now());
    const [from, to] = [this.#begun.get(id), this.#arrived.get(id)];
    if (from !== undefined && to !== undefined) this.waits.push(Math.max(0, to - from));
  }
}

const go = (way: Way, clocks: Clocks): Promise<void> => {
  const id = randomUUID();
  if (!way.fromCommit) clocks.begun(id);
  return way.send(id).then(() => (way.fromCommit ? clocks.begun(id) : undefined));
};

/** Messages per second that come through when there is always more to do. */
const capacity = async (way: Way, clocks: Clocks, ms: number): Promise<number> => {
  clocks.waits = [];
  const start = performance.now();
  let sent = 0;
  await Promise.all(
    Array.from({ length: 256 }, async () => {
      for (; performance.now() < start + ms; sent += 1) {
        if (sent - clocks.waits.length > 3_000) await sleep(2); // the sender must not run ahead of the whole
        await go(way, clocks);
      }
    }),
  );
  await waitFor('the last messages', () => clocks.waits.length >= sent);
  return sent / ((performance.now() - start) / 1_000);
};

/** Sends at a rate, whatever comes of it, and waits for the last one. */
const atRate = async (way: Way, clocks: Clocks, perSecond: number, ms: number): Promise<readonly number[]> => {
  clocks.waits = [];
  const failures: unknown[] = [];
  const start = performance.now();
  let sent = 0;
  for (;;) {
    const elapsed = performance.now() - start;
    for (const due = (Math.min(elapsed, ms) * perSecond) / 1_000; sent < due; sent += 1) void go(way, clocks).catch((error: unknown) => failures.push(error));
    if (elapsed >= ms) break;
    await sleep(1);
  }
  await waitFor('the last messages', () => failures.length > 0 || clocks.waits.length >= sent);
  if (failures.length > 0) throw failures[0];
  return clocks.waits;
};

/** One hop between two services, at half of what ours can do, against bare kafkajs at the same rate. */
export const hop = async (world: World, rounds: number, say: (line: string) => void): Promise<readonly Result[]> => {
  const clocks = { ours: new Clocks(), limit: new Clocks() };
  const chunks: Chunks = { count: 0, messages: 0, ms: 0 };
  const passed = new Stages();
  const ways = { ours: await throughFlotilla(world, chunks, passed, clocks.ours.arrived), limit: await throughKafkajs(world, clocks.limit.arrived) };
  await atRate(ways.limit, clocks.limit, 500, 1_000);
  await capacity(ways.ours, clocks.ours, 1_500);
  const most = await capacity(ways.ours, clocks.ours, 3_000);
  const rate = Math.min(largestRate, Math.round(most / 2));
  say(`hop: ${most.toFixed(0)} messages/s at most; measured at ${rate}/s`);
  const p50: Omit<Run, 'ratio'>[] = [];
  const p99: Omit<Run, 'ratio'>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? (['ours', 'limit'] as const) : (['limit', 'ours'] as const);
    const waits = { ours: [] as readonly number[], limit: [] as readonly number[] };
    Object.assign(chunks, { count: 0, messages: 0, ms: 0 });
    passed.take();
    for (const side of order) waits[side] = await atRate(ways[side], clocks[side], rate, measuredMs);
    const way = passed.take();
    const at = (percent: number): Omit<Run, 'ratio'> => ({ ours: percentile(waits.ours, percent), limit: percentile(waits.limit, percent), more: { perSecond: rate, most, chunk: chunks.messages / chunks.count, chunkMs: chunks.ms / chunks.count, ...way } });
    p50.push(at(50));
    p99.push(at(99));
    say(`hop, round ${round + 1}/${rounds}: p50 ${at(50).ours.toFixed(2)} ms of ${at(50).limit.toFixed(2)}, p99 ${at(99).ours.toFixed(2)} ms of ${at(99).limit.toFixed(2)} (chunks of ${at(50).more?.['chunk']?.toFixed(1)}, ${at(50).more?.['chunkMs']?.toFixed(1)} ms each; ${stages.map((stage) => `${stage} ${way[`${stage}P50`]!.toFixed(1)}/${way[`${stage}P99`]!.toFixed(1)}`).join(', ')})`);
  }
  await ways.limit.stop();
  await ways.ours.stop();
  return [resultOf('hop-p50', 'ms', p50), resultOf('hop-p99', 'ms', p99)];
};
