import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@flotilla/contracts';
import { kafkaClient, startStack } from '@flotilla/tasks';
import { percentile, resultOf, type Result, type Run } from './stats.ts';
import type { World } from './world.ts';

const goalSeconds = 10;
// As many as a row of the matrix has.
const targets = 20;
/** Incidents of a burst; more than a message lists. */
const burst = 400;
/** Between two messages to one target at least 30 s pass: what of a burst came after the first message left is told then, before the next burst. */
const pauseMs = 65_000;

/** Everybody who is told, at one address. */
const startReceivers = async (heard: (target: string) => void) => {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      heard(request.url ?? '');
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { port: (server.address() as AddressInfo).port, stop: () => new Promise<void>((done) => (server.closeAllConnections(), server.close(() => done()))) };
};

/** From a fact on Kafka to the message in the hands of each of 20 people, a burst of 400 incidents at a time; the three seconds that a burst is collected are in it. */
export const notices = async (world: World, rounds: number, say: (line: string) => void): Promise<readonly Result[]> => {
  const client = process.env['FLOTILLA_KAFKA_CLIENT'];
  let waiting = new Map<string, () => void>();
  const receivers = await startReceivers((target) => waiting.get(target)?.());
  mkdirSync(join(world.dir, 'notices'), { recursive: true });
  const file = join(world.dir, 'notices', 'targets.json');
  const secret = `whsec_${Buffer.from('a secret of the benchmark world').toString('base64')}`;
  writeFileSync(file, JSON.stringify({ targets: Array.from({ length: targets }, (_, n) => ({ name: `person-${n}`, channel: 'webhook', language: n % 2 === 0 ? 'zh' : 'en', roles: ['manager'], url: `http://127.0.0.1:${receivers.port}/${n}`, secret })) }));
  const stack = await startStack({ dir: join(world.dir, 'notices'), ports: 'free', servers: world.servers, services: ['alerts'], everyEnv: { FLOTILLA_LOG_LEVEL: 'warn', FLOTILLA_ALERT_TARGETS_FILE: file, ...(client ? { FLOTILLA_KAFKA_CLIENT: client } : {}) } });
  const producer = kafkaClient(world.brokers, 'bench-notices').producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const tell = async (round: number): Promise<readonly number[]> => {
    const mark = `HOT-${randomUUID().slice(0, 8)}`;
    const start = performance.now();
    const waits: number[] = [];
    const all = new Promise<void>((done, fail) => {
      waiting = new Map(
        Array.from({ length: targets }, (_, n) => {
          const target = `/${n}`;
          const take = (): void => {
            waiting.delete(target);
            waits.push((performance.now() - start) / 1_000);
            if (waiting.size === 0) done();
          };
          return [target, take] as const;
        }),
      );
      setTimeout(() => fail(new Error(`round ${round}: ${waiting.size} of ${targets} were not told within five minutes`)), 300_000).unref();
    });
    const now = new Date().toISOString();
    await producer.send({
      topic: topics.catalogue,
      acks: -1,
      messages: Array.from({ length: burst }, (_, n) => ({
        key: `${mark}-${n}`,
        value: JSON.stringify({ sku: `${mark}-${n}`, freeze: 1, reason: 'BY_HAND', failed: 0, reserved: 0, frozenAt: now, until: '' }),
        headers: { ce_specversion: '1.0', ce_id: `${mark}-${n}/0`, ce_source: `bench-${mark}-${n}`, ce_type: 'flotilla.allocation.v1.SkuFrozen', ce_time: now, sequence: '1', correlation: mark, causation: mark, chainhash: 'ab', 'content-type': 'application/json' },
      })),
    });
    await all;
    return waits;
  };
  await tell(0);
  const runs: Omit<Run, 'ratio'>[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    await sleep(pauseMs);
    const waits = await tell(round);
    const [p50, p99] = [percentile(waits, 50), percentile(waits, 99)];
    runs.push({ ours: p99, limit: goalSeconds, more: { p50, targets, incidents: burst } });
    say(`notices, round ${round}/${rounds}: ${burst} incidents told to ${targets} people, p50 ${p50.toFixed(1)} s, p99 ${p99.toFixed(1)} s`);
  }
  await producer.disconnect();
  await stack.stop();
  await receivers.stop();
  return [resultOf('notices-p99', 's', runs)];
};
