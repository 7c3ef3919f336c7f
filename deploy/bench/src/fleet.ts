// The real fleet with the seed's warehouses and stock, and somebody who places orders as a shop's platform does.
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@flotilla/contracts';
import { callFleet, importSeed } from '@flotilla/demo';
import { kafkaClient, root, startStack, type Stack } from '@flotilla/tasks';
import { orderIdOf } from '@flotilla/values';
import type { World } from './world.ts';

/** Starts servers' topics, sandbox and services; the carrier of the sandbox takes as many calls as come. */
export const startFleet = async (world: World, name: string, options: { readonly everyEnv?: Readonly<Record<string, string>>; readonly console?: boolean } = {}): Promise<Stack> => {
  const client = process.env['FLOTILLA_KAFKA_CLIENT'];
  const stack = await startStack({
    dir: join(world.dir, name),
    ports: 'free',
    console: options.console ?? false,
    servers: world.servers,
    everyEnv: { FLOTILLA_LOG_LEVEL: 'warn', FLOTILLA_SHED_AT: '1', ...(client ? { FLOTILLA_KAFKA_CLIENT: client } : {}), ...options.everyEnv },
    extraEnv: { carrier: { FLOTILLA_CARRIER_RATE: '10000' } },
  });
  const clients = callFleet(stack.run.grpc);
  await importSeed(clients);
  clients.close();
  return stack;
};

const template = readFileSync(join(root, 'deploy', 'seed', 'orders', 'shopify.json'), 'utf8');
const stocked = readFileSync(join(root, 'deploy', 'seed', 'stock.csv'), 'utf8').trim().split('\n').slice(1).map((line) => line.split(',')).filter(([, , onHand]) => Number(onHand) > 10_000).map(([, sku = '']) => sku);

/** A shop whose webhooks are signed and posted over connections that stay open. */
export class Shop {
  readonly #agent: Agent;
  readonly #channel: Stack['run']['channels'][number];
  readonly #url: URL;
  #number = 0;
  readonly #since = Date.now();

  /** `sockets`: connections at most; whoever wants more waits here. */
  constructor(stack: Stack, sockets = 64) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: sockets });
    this.#channel = stack.run.channels.find(({ platform }) => platform === 'shopify')!;
    this.#url = new URL(`/v1/channels/${this.#channel.id}/webhooks`, stack.run.http['ingest']);
  }

  /** Answers the order's id when ingest has accepted it. */
  async place(): Promise<string> {
    const id = this.#next();
    const status = await this.#post(id);
    if (status >= 300) throw new Error(`ingest answered ${status}`);
    return orderIdOf(this.#channel.id, id);
  }

  /** Sends an order and answers the status, whatever it is. */
  send(): Promise<number> {
    return this.#post(this.#next());
  }

  #next(): string {
    return `${this.#since}${String((this.#number += 1)).padStart(6, '0')}`;
  }

  #post(id: string): Promise<number> {
    const number = Number(id.slice(-6));
    const body = template.replaceAll('"{id}"', id).replaceAll('{number}', String(number)).replaceAll('{now}', new Date().toISOString()).replaceAll('TEA-LJ-250', stocked[number % stocked.length] ?? '');
    return new Promise<number>((resolve, reject) => {
      const sent = request(
        this.#url,
        {
          method: 'POST', agent: this.#agent,
          headers: {
            'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'x-shopify-topic': 'orders/create', 'x-shopify-shop-domain': `${this.#channel.id}.myshopify.com`,
            'x-shopify-api-version': '2025-10', 'x-shopify-webhook-id': randomUUID(), 'x-shopify-triggered-at': new Date().toISOString(),
            'x-shopify-hmac-sha256': createHmac('sha256', this.#channel.secret).update(body).digest('base64'),
          },
        },
        (answer) => answer.resume().once('end', () => resolve(answer.statusCode ?? 0)),
      );
      sent.once('error', reject).end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Calls back with the key of every message of a type on a topic, from now on. */
export const listen = async (brokers: string, topic: string, type: string, heard: (key: string) => void): Promise<() => Promise<void>> => {
  const consumer = kafkaClient(brokers, 'bench').consumer({ groupId: `bench-${randomUUID()}`, maxWaitTimeInMs: 20 });
  let joined = false;
  consumer.on(consumer.events.GROUP_JOIN, () => (joined = true));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: false });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const { key, headers } of batch.messages) if (headers?.['ce_type']?.toString() === type) heard(key?.toString() ?? '');
    },
  });
  while (!joined) await sleep(10);
  await sleep(500); // its offsets are asked for after the join
  return () => consumer.disconnect();
};

/** Messages on all topics of the fleet so far. */
export const messagesOn = async (brokers: string): Promise<number> => {
  const admin = kafkaClient(brokers, 'bench').admin();
  await admin.connect();
  try {
    const all = await Promise.all(Object.values(topics).map((topic) => admin.fetchTopicOffsets(topic)));
    return all.flat().reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  } finally {
    await admin.disconnect();
  }
};
