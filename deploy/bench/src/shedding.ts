import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStack, type Stack } from '@flotilla/tasks';
import { Shop } from './fleet.ts';
import { resultOf, type Result, type Run } from './stats.ts';
import type { World } from './world.ts';

const measuredMs = 5_000;
/** Until the gate has seen the load. */
const warmMs = 2_000;
/** An answer that comes later is none: Shopify waits for so long. */
const deadlineMs = 5_000;
/** Requests under way at once, at most: what comes then counts as offered and lost. */
const mostUnderWay = 4_000;

interface Seen {
  readonly offered: number;
  readonly goodput: number;
  readonly refused: number;
  /** Of what was taken, the time that 99 of 100 took at most. */
  readonly p99: number;
}

/** Sends at a rate, whatever comes of it; what was begun after the warm-up counts. */
const offer = async (shop: Shop, perSecond: number): Promise<Seen> => {
  const times: number[] = [];
  let [refused, underWay, sent, offered] = [0, 0, 0, 0];
  const one = async (counts: boolean): Promise<void> => {
    const start = performance.now();
    underWay += 1;
    const status = await shop.send().catch(() => 0);
    underWay -= 1;
    if (!counts) return;
    if (status === 503) refused += 1;
    else if (status >= 200 && status < 300 && performance.now() - start <= deadlineMs) times.push(performance.now() - start);
  };
  const start = performance.now();
  for (;;) {
    const elapsed = performance.now() - start;
    const counts = elapsed >= warmMs;
    for (const due = (Math.min(elapsed, warmMs + measuredMs) * perSecond) / 1_000; sent < due; sent += 1) {
      if (counts) offered += 1;
      if (underWay < mostUnderWay) void one(counts);
    }
    if (elapsed >= warmMs + measuredMs) break;
    await sleep(1);
  }
  for (const until = performance.now() + deadlineMs; underWay > 0 && performance.now() < until; ) await sleep(20);
  times.sort((a, b) => a - b);
  return { offered: (offered * 1_000) / measuredMs, goodput: (times.length * 1_000) / measuredMs, refused: (refused * 1_000) / measuredMs, p99: times[Math.floor(times.length * 0.99)] ?? Number.NaN };
};

/** What comes through when so many callers send one after the other. */
const closed = async (shop: Shop, callers: number, ms: number): Promise<number> => {
  const until = performance.now() + ms;
  let taken = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < until) {
        if ((await shop.send()) < 300) taken += 1;
        else await sleep(100);
      }
    }),
  );
  return (taken * 1_000) / ms;
};

/** ingest alone: what it publishes waits in Kafka, and takes no CPU of anybody. */
const startIngest = (world: World, shedAt: string): Promise<Stack> =>
  startStack({ dir: join(world.dir, 'shedding'), ports: 'free', servers: world.servers, services: ['ingest'], everyEnv: { FLOTILLA_LOG_LEVEL: 'error', FLOTILLA_SHED_AT: shedAt } });

const told = (times: string, { offered, goodput, refused, p99 }: Seen): string =>
  `${times.padStart(5)} × the knee: ${offered.toFixed(0).padStart(5)}/s offered, ${goodput.toFixed(0).padStart(4)}/s taken in time, ${refused.toFixed(0).padStart(5)}/s refused, p99 of the taken ${p99.toFixed(0)} ms`;

/** Signed webhooks into one ingest, from half of what it takes to five times as much, against the most that it took on the way up. */
export const shedding = async (world: World, rounds: number, say: (line: string) => void): Promise<readonly Result[]> => {
  const runs: Omit<Run, 'ratio'>[] = [];
  const stack = await startIngest(world, '');
  const shop = new Shop(stack, 1_000);
  await closed(shop, 8, 3_000); // the JIT
  await sleep(2_000);
  let last = 0;
  for (let round = 0; round < rounds; round += 1) {
    const guess = await closed(shop, 32, 4_000);
    await sleep(2_000);
    const up: Seen[] = [];
    for (const times of [0.5, 0.75, 1, 1.25]) up.push(await offer(shop, times * guess));
    const knee = Math.max(...up.map(({ goodput }) => goodput));
    say(`shedding, round ${round + 1}/${rounds}: the knee is at ${knee.toFixed(0)} webhooks/s`);
    for (const seen of up) say(told((seen.offered / knee).toFixed(2), seen));
    const beyond: [string, Seen][] = [];
    for (const times of [2, 3, 4, 5]) {
      const seen = await offer(shop, times * knee);
      say(told(String(times), seen));
      beyond.push([`at${times}x`, seen]);
    }
    runs.push({ ours: beyond.at(-1)![1].goodput, limit: knee, more: { ...Object.fromEntries(beyond.map(([name, { goodput }]) => [name, goodput / knee])), p99At5x: beyond.at(-1)![1].p99 } });
    last = knee;
    await sleep(2_000);
  }
  shop.close();
  await stack.stop();
  const open = await startIngest(world, '1');
  const other = new Shop(open, 1_000);
  await closed(other, 8, 3_000);
  say(`without it (FLOTILLA_SHED_AT=1): ${told('5', await offer(other, 5 * last)).trim()}`);
  other.close();
  await open.stop();
  return [resultOf('shedding-5x', 'webhooks/s', runs)];
};
