import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTopics, databaseOf, kafkaClient, onEnd, serviceNames, urlOf, type Stack } from '@flotilla/tasks';
import { plainTable } from './append.ts';
import { listen, messagesOn, Shop, startFleet } from './fleet.ts';
import { cpuOf, cpuOfTree } from './processes.ts';
import { percentile, resultOf, type Result, type Run } from './stats.ts';
import { withClient, type World } from './world.ts';

const inFlight = 256;
const warmMs = 8_000;
const measuredMs = 12_000;
const stages = serviceNames.length;

/** A way that begins with `place` and ends when `Ends` hears of the id. */
interface Way {
  place(): Promise<string>;
}

/** When each thing began, and who waits for its end. */
class Ends {
  readonly #waiting = new Map<string, () => void>();
  readonly #early = new Set<string>();
  heard = 0;

  readonly hear = (id: string): void => {
    this.heard += 1;
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) this.#early.add(id);
    else waiting();
    this.#waiting.delete(id);
  };

  wait(id: string): Promise<void> {
    if (this.#early.delete(id)) return Promise.resolve();
    return new Promise((done) => this.#waiting.set(id, done));
  }

  get waiting(): number {
    return this.#waiting.size;
  }
}

/**
 * So many on their way at any time, each followed by the next. What is measured begins when as many have come to their end as are on their way: before
 * that the way is only being filled. Answers how many a second came to their end then.
 */
const closedLoop = async (way: Way, ends: Ends, count: number, ms: number, began: () => void = () => undefined): Promise<number> => {
  let stop = Number.POSITIVE_INFINITY;
  const filled = ends.heard + count;
  const lanes = Array.from({ length: count }, async () => {
    while (performance.now() < stop) await ends.wait(await way.place());
  });
  for (const patience = performance.now() + 60_000; ends.heard < filled && performance.now() < patience; ) await sleep(50);
  began();
  const before = ends.heard;
  const start = performance.now();
  await sleep(ms);
  const measured = (ends.heard - before) / ((performance.now() - start) / 1_000);
  stop = 0;
  await Promise.race([Promise.all(lanes), sleep(60_000).then(() => Promise.reject(new Error(`${ends.waiting} orders did not come to their end within 60 s`)))]);
  return measured;
};

/** At a rate, whatever comes of it; answers how long each took, in ms. */
const openLoop = async (way: Way, ends: Ends, perSecond: number, ms: number): Promise<readonly number[]> => {
  const waits: number[] = [];
  const all: Promise<void>[] = [];
  const start = performance.now();
  for (let sent = 0; performance.now() - start < ms; await sleep(2)) {
    for (const due = ((performance.now() - start) * perSecond) / 1_000; sent < due; sent += 1) {
      const began = performance.now();
      all.push(way.place().then((id) => ends.wait(id)).then(() => void waits.push(performance.now() - began)));
    }
  }
  await Promise.race([Promise.all(all), sleep(60_000).then(() => Promise.reject(new Error(`${ends.waiting} orders did not come to their end within 60 s`)))]);
  return waits;
};

/** What an order is made of: events in all databases and their bytes, messages on all topics. */
const countAll = async (world: World): Promise<{ readonly events: number; readonly bytes: number; readonly messages: number; readonly byService: Readonly<Record<string, number>> }> => {
  const byService: Record<string, number> = {};
  let bytes = 0;
  for (const name of serviceNames) {
    await withClient(urlOf(world.servers.postgresUrl, databaseOf(name)), async (client) => {
      const { rows } = await client.query<{ count: number; bytes: number }>('SELECT count(*)::int AS count, coalesce(sum(length(data::text)), 0)::float8 AS bytes FROM es.event');
      byService[name] = rows[0]?.count ?? 0;
      bytes += rows[0]?.bytes ?? 0;
    });
  }
  return { events: Object.values(byService).reduce((sum, one) => sum + one, 0), bytes, messages: await messagesOn(world.brokers), byService };
};

/** As many processes as there are services, a database each; the parcel goes round until it has made its hops. */
const bareChain = async (world: World, order: { readonly events: number; readonly messages: number; readonly bytes: number }, heard: (id: string) => void): Promise<Way & { pids: readonly number[]; stop(): Promise<void> }> => {
  const topics = Array.from({ length: stages + 1 }, (_, stage) => `bare-stage-${stage}`);
  await createTopics({ brokers: world.brokers, wanted: topics.map((name) => ({ name, partitions: 12, retentionMs: -1 })) });
  const children: ChildProcess[] = [];
  for (let stage = 0; stage < stages; stage += 1) {
    const url = urlOf(world.servers.postgresUrl, `bench_bare_${stage}`);
    await withClient(world.servers.postgresUrl, (client) => client.query(`CREATE DATABASE bench_bare_${stage}`));
    await withClient(url, (client) => client.query(plainTable));
    const child = fork(join(import.meta.dirname, 'bare-stage.ts'), [url, world.brokers, String(stage), String(stages)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    onEnd(() => void child.kill());
    children.push(child);
    await new Promise<void>((resolve, reject) => child.once('message', () => resolve()).once('exit', (code) => reject(new Error(`a bare stage ended with ${code}`))));
  }
  const consumer = kafkaClient(world.brokers, 'bench').consumer({ groupId: 'bare-end', maxWaitTimeInMs: 20 });
  await consumer.connect();
  await consumer.subscribe({ topic: topics[stages]!, fromBeginning: true });
  await consumer.run({ autoCommit: false, eachBatch: async ({ batch }) => batch.messages.forEach(({ key }) => heard(key?.toString() ?? '')) });
  const producer = kafkaClient(world.brokers, 'bench').producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const parcel = JSON.stringify({ hop: 0, hops: Math.max(1, Math.round(order.messages)), rows: Math.max(1, Math.round(order.events / order.messages)), body: 'x'.repeat(Math.round(order.bytes / order.events)) });
  let queue: { key: string; value: string }[] = [];
  let sending: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const messages = queue;
      queue = [];
      await producer.send({ topic: topics[0]!, acks: -1, messages });
    }
    sending = undefined;
  };
  return {
    pids: children.map(({ pid }) => pid ?? 0),
    place: async () => {
      const key = randomUUID();
      queue.push({ key, value: parcel });
      await (sending ??= drain());
      return key;
    },
    stop: async () => {
      await consumer.disconnect();
      await producer.disconnect();
      for (const child of children) {
        child.removeAllListeners('exit');
        child.disconnect();
      }
    },
  };
};

const cpuNow = (world: World, pids: readonly number[]): { readonly services: number; readonly postgres: number; readonly kafka: number } => ({
  services: pids.reduce((sum, pid) => sum + cpuOf(pid), 0),
  postgres: cpuOfTree(world.servers.postgres?.pid ?? 0),
  kafka: cpuOf(world.servers.kafka?.pid ?? 0),
});

interface Loaded {
  readonly perSecond: number;
  /** CPU milliseconds per order. */
  readonly cpu: { readonly services: number; readonly postgres: number; readonly kafka: number };
}

const loaded = async (world: World, pids: readonly number[], way: Way, ends: Ends, ms: number): Promise<Loaded> => {
  let before = { cpu: cpuNow(world, pids), heard: ends.heard };
  const perSecond = await closedLoop(way, ends, inFlight, ms, () => (before = { cpu: cpuNow(world, pids), heard: ends.heard }));
  const now = cpuNow(world, pids);
  const orders = ends.heard - before.heard;
  return { perSecond, cpu: { services: ((now.services - before.cpu.services) * 1_000) / orders, postgres: ((now.postgres - before.cpu.postgres) * 1_000) / orders, kafka: ((now.kafka - before.cpu.kafka) * 1_000) / orders } };
};

/** Orders from the platform's webhook to the waybill through the real seven processes, against as many bare appends and hops. */
export const lifecycle = async (world: World, rounds: number, say: (line: string) => void): Promise<readonly Result[]> => {
  const stack: Stack = await startFleet(world, 'lifecycle');
  const ends = new Ends();
  const deaf = await listen(world.brokers, 'order-lifecycle.parcel.v1', 'flotilla.carrier.v1.WaybillIssued', ends.hear);
  const shop = new Shop(stack);
  await closedLoop(shop, ends, 32, warmMs / 2);
  const before = await countAll(world);
  const heard = ends.heard;
  const warm = await closedLoop(shop, ends, inFlight, warmMs);
  await sleep(1_000); // what an order causes after its waybill
  const after = await countAll(world);
  const orders = ends.heard - heard;
  const order = { events: (after.events - before.events) / orders, messages: (after.messages - before.messages) / orders, bytes: (after.bytes - before.bytes) / orders };
  say(`lifecycle: an order is ${order.events.toFixed(1)} events of ${(order.bytes / order.events).toFixed(0)} bytes and ${order.messages.toFixed(1)} messages (${serviceNames.map((name) => `${name} ${(((after.byService[name] ?? 0) - (before.byService[name] ?? 0)) / orders).toFixed(1)}`).join(', ')}); warm at ${warm.toFixed(0)}/s`);
  const bareEnds = new Ends();
  const bare = await bareChain(world, order, bareEnds.hear);
  await closedLoop(bare, bareEnds, inFlight, warmMs / 2);
  const runs: Omit<Run, 'ratio'>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const turn = round % 2 === 0 ? (['ours', 'limit'] as const) : (['limit', 'ours'] as const);
    const found: Partial<Record<'ours' | 'limit', Loaded>> = {};
    for (const side of turn) found[side] = side === 'ours' ? await loaded(world, Object.values(stack.fleet.pids()), shop, ends, measuredMs) : await loaded(world, bare.pids, bare, bareEnds, measuredMs);
    const [ours, limit] = [found.ours!, found.limit!];
    const waits = await openLoop(shop, ends, ours.perSecond / 2, measuredMs / 2);
    const cpu = ours.cpu.services + ours.cpu.postgres + ours.cpu.kafka;
    const limitCpu = limit.cpu.services + limit.cpu.postgres + limit.cpu.kafka;
    runs.push({ ours: ours.perSecond, limit: limit.perSecond, more: { cpuMs: cpu, servicesMs: ours.cpu.services, postgresMs: ours.cpu.postgres, kafkaMs: ours.cpu.kafka, limitCpuMs: limitCpu, halfLoadP50: percentile(waits, 50), halfLoadP99: percentile(waits, 99), events: order.events, messages: order.messages } });
    say(`lifecycle, round ${round + 1}/${rounds}: ${ours.perSecond.toFixed(1)} orders/s, ${cpu.toFixed(1)} ms CPU each (services ${ours.cpu.services.toFixed(1)}, Postgres ${ours.cpu.postgres.toFixed(1)}, Kafka ${ours.cpu.kafka.toFixed(1)}); bare ${limit.perSecond.toFixed(0)}/s, ${limitCpu.toFixed(1)} ms; at half load received → waybilled p50 ${percentile(waits, 50).toFixed(0)} ms, p99 ${percentile(waits, 99).toFixed(0)} ms`);
  }
  await bare.stop();
  shop.close();
  await deaf();
  await stack.stop();
  return [resultOf('lifecycle', 'orders/s', runs)];
};
