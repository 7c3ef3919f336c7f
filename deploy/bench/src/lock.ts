import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { allocation, connect, topics } from '@flotilla/contracts';
import { createTopics, kafkaClient, root, startStack } from '@flotilla/tasks';
import { orderIdOf } from '@flotilla/values';
import { listen } from './fleet.ts';
import { percentile, resultOf, type Result, type Run } from './stats.ts';
import { warmed } from './warm.ts';
import type { World } from './world.ts';

const perSecond = 40;
const measuredMs = 8_000;
/** Rounds of warming up, at most: two minutes and a half. */
const mostWarming = 18;
const articles = 20;
/** Of ten requests so many are for the hot warehouse's province. */
const hot = 7;
const provinces = ['浙江省', '广东省', '四川省', '辽宁省'] as const;

const example = JSON.parse(readFileSync(join(root, 'proto', 'golden', 'flotilla.order.v1.AllocationRequested.json'), 'utf8')) as Readonly<Record<string, unknown>>;

const csv = (head: string, rows: readonly (readonly (string | number)[])[]): { data: Uint8Array }[] => [{ data: Buffer.from(`${[head, ...rows.map((row) => row.join(','))].join('\n')}\n`) }];

/** Four warehouses, each for its own province, with all articles in each. */
const stockUp = async (address: string): Promise<void> => {
  const clients = { warehouses: connect(allocation.Warehouses, address), catalogue: connect(allocation.Catalogue, address), stock: connect(allocation.Stock, address) };
  const skus = Array.from({ length: articles }, (_, n) => `ART-${n}`);
  const options = { deadlineMs: 30_000 };
  await clients.warehouses.import(csv('warehouse,name,country,province,city,district,postcode,street,contact,phone,serves', provinces.map((province, n) => [`WH-${n}`, `仓${n}`, 'CN', province, '市', '区', '100000', '路1号', '张三', '+8613800138000', [province, ...provinces.filter((other) => other !== province)].join(';')])), options);
  await clients.catalogue.import(csv('sku,name_zh,name_en,grams,length_mm,width_mm,height_mm,barcodes,hs_code,flags', skus.map((sku) => [sku, '物', 'thing', 300, 100, 100, 100, '', '', ''])), options);
  await clients.stock.import(csv('warehouse,sku,on_hand', provinces.flatMap((_, n) => skus.map((sku) => [`WH-${n}`, sku, 1_000_000]))), options);
  for (const client of Object.values(clients)) client.close();
};

const requested = (n: number): { readonly foId: string; readonly value: string } => {
  const channelOrderId = `${Date.now()}${n}`;
  const foId = orderIdOf('bench', channelOrderId);
  const sku = `ART-${n % articles}`;
  const line = { lineId: randomUUID(), channelLineId: '1', sku, quantity: 1 };
  const province = n % 10 < hot ? provinces[0] : provinces[1 + (n % 3)];
  return {
    foId,
    // The golden example, so that a field which the contract gains does not have to be added here.
    value: JSON.stringify({
      ...example, foId, orders: [{ orderId: foId, channel: 'bench', channelOrderId, lines: [line] }], lines: [{ sku, quantity: 1 }], country: 'CN', province, city: '市', district: '', postcode: '100000',
      orderedAt: new Date().toISOString(),
    }),
  };
};

/** Sends at a rate, whatever comes of it; ms from handing over to the answer. */
const atRate = async (ask: (n: number) => Promise<string>, answered: (id: string) => Promise<void>): Promise<readonly number[]> => {
  const waits: number[] = [];
  const all: Promise<void>[] = [];
  const start = performance.now();
  for (let sent = 0; performance.now() - start < measuredMs; await sleep(2)) {
    for (const due = ((performance.now() - start) * perSecond) / 1_000; sent < due; sent += 1) {
      const began = performance.now();
      all.push(ask(sent).then((id) => answered(id)).then(() => void waits.push(performance.now() - began)));
    }
  }
  await Promise.race([Promise.all(all), sleep(60_000).then(() => Promise.reject(new Error('not every request was answered within 60 s')))]);
  return waits;
};

/** Who waits for the answer to an id; either may come first. */
const answers = () => {
  const waiting = new Map<string, () => void>();
  const early = new Set<string>();
  return {
    hear: (id: string): void => {
      const done = waiting.get(id);
      if (done === undefined) early.add(id);
      else done();
      waiting.delete(id);
    },
    wait: (id: string): Promise<void> => (early.delete(id) ? Promise.resolve() : new Promise((done) => waiting.set(id, done))),
  };
};

/** The limit: a message there, and one back. */
const echo = async (world: World) => {
  const kafka = kafkaClient(world.brokers, 'bench-echo');
  await createTopics({ brokers: world.brokers, wanted: ['bench-ask', 'bench-answer'].map((name) => ({ name, partitions: 12, retentionMs: -1 })) });
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const consumer = kafka.consumer({ groupId: 'bench-echo', maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topic: 'bench-ask', fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: 12,
    eachBatch: async ({ batch }) => void (await producer.send({ topic: 'bench-answer', acks: -1, messages: batch.messages.map(({ key, value, headers = {} }) => ({ key, value, headers })) })),
  });
  return { producer, stop: () => Promise.all([consumer.disconnect(), producer.disconnect()]) };
};

/** A request for stock until the order is allocated — four warehouses, one of them hot — against one bare round trip through Kafka. */
export const lock = async (world: World, rounds: number, say: (line: string) => void): Promise<readonly Result[]> => {
  const client = process.env['FLOTILLA_KAFKA_CLIENT'];
  const stack = await startStack({ dir: join(world.dir, 'lock'), ports: 'free', servers: world.servers, services: ['allocation'], everyEnv: { FLOTILLA_LOG_LEVEL: 'warn', ...(client ? { FLOTILLA_KAFKA_CLIENT: client } : {}) } });
  await stockUp(stack.run.grpc['allocation']!);
  const { producer, stop } = await echo(world);
  const [decided, echoed] = [answers(), answers()];
  const deaf = [await listen(world.brokers, topics.allocation, 'flotilla.allocation.v1.OrderAllocated', decided.hear), await listen(world.brokers, 'bench-answer', 'Ask', echoed.hear)];
  const sending = (topic: string, type: string) => async (n: number): Promise<string> => {
    const { foId, value } = requested(n);
    await producer.send({ topic, acks: -1, messages: [{ key: foId, value, headers: { ce_specversion: '1.0', ce_id: randomUUID(), ce_type: type, ce_source: `bench/${foId}`, ce_time: new Date().toISOString(), ce_subject: foId, 'content-type': 'application/json' } }] });
    return foId;
  };
  const ways = { ours: [sending(topics.order, 'flotilla.order.v1.AllocationRequested'), decided.wait], limit: [sending('bench-ask', 'Ask'), echoed.wait] } as const;
  for (const side of ['ours', 'limit'] as const) say(`lock: ${side} is warm after ${await warmed(async () => percentile(await atRate(...ways[side]), 50), mostWarming)} rounds`);
  const [p50, p99]: [Omit<Run, 'ratio'>[], Omit<Run, 'ratio'>[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const turn = round % 2 === 0 ? (['ours', 'limit'] as const) : (['limit', 'ours'] as const);
    const waits = { ours: [] as readonly number[], limit: [] as readonly number[] };
    for (const side of turn) waits[side] = await atRate(...ways[side]);
    const at = (percent: number): Omit<Run, 'ratio'> => ({ ours: percentile(waits.ours, percent), limit: percentile(waits.limit, percent), more: { perSecond } });
    p50.push(at(50));
    p99.push(at(99));
    say(`lock, round ${round + 1}/${rounds}: p50 ${at(50).ours.toFixed(1)} ms of ${at(50).limit.toFixed(1)}, p99 ${at(99).ours.toFixed(1)} ms of ${at(99).limit.toFixed(1)}`);
  }
  for (const end of deaf) await end();
  await stop();
  await stack.stop();
  return [resultOf('lock-p99', 'ms', p99), resultOf('lock-p50', 'ms', p50)];
};
