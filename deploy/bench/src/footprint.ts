import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '@flotilla/tasks';
import { Shop, startFleet, listen } from './fleet.ts';
import { cpuOf, rssOf } from './processes.ts';
import { resultOf, type Result } from './stats.ts';
import type { World } from './world.ts';

const megabytes = 250;
const aloneSeconds = 3;
const togetherSeconds = 10;
const inFlight = 64;
const capacityMs = 15_000;
const idleMs = 10_000;

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
};

/** Ready again after a stop, on databases that are there: one after the other with nothing else starting, then all at once. */
const starts = async ({ fleet }: Stack, say: (line: string) => void): Promise<{ readonly alone: Readonly<Record<string, number>>; readonly together: number }> => {
  const names = Object.keys(fleet.http);
  await Promise.all(names.map((name) => fleet.stop(name)));
  const alone: Record<string, number> = {};
  for (const name of names) {
    alone[name] = await timed(() => fleet.start(name));
    await fleet.stop(name);
  }
  const together = await timed(() => Promise.all(names.map((name) => fleet.start(name))));
  say(`footprint: start alone ${names.map((name) => `${name} ${alone[name]!.toFixed(1)} s`).join(', ')}; all seven ${together.toFixed(1)} s`);
  return { alone, together };
};

/** How many orders a second come through when there is always more to do. */
const capacity = async (shop: Shop, heard: () => number, failed: (error: unknown) => void): Promise<number> => {
  const before = heard();
  const start = performance.now();
  let sent = 0;
  while (performance.now() - start < capacityMs) {
    if (sent - (heard() - before) < inFlight) {
      sent += 1;
      void shop.place().catch(failed);
    } else await sleep(5);
  }
  return (heard() - before) / (capacityMs / 1_000);
};

/** Memory of each service after minutes at half load, and how long services take to be ready. */
export const footprint = async (world: World, _rounds: number, say: (line: string) => void, { minutes }: { readonly minutes: number }): Promise<readonly Result[]> => {
  const stack = await startFleet(world, 'footprint');
  const { alone, together } = await starts(stack, say);
  const names = Object.keys(stack.fleet.http);
  const rss = (): Record<string, number> => Object.fromEntries(Object.entries(stack.fleet.pids()).map(([name, pid]) => [name, rssOf(pid)]));
  const table = (of: Readonly<Record<string, number>>, unit: string): string => names.map((name) => `${name} ${(of[name] ?? 0).toFixed(0)}`).join(', ') + ` ${unit}`;
  const cpuBefore = Object.fromEntries(Object.entries(stack.fleet.pids()).map(([name, pid]) => [name, cpuOf(pid)]));
  const kafkaBefore = cpuOf(world.servers.kafka?.pid ?? 0);
  await sleep(idleMs);
  const idle = Object.fromEntries(Object.entries(stack.fleet.pids()).map(([name, pid]) => [name, ((cpuOf(pid) - (cpuBefore[name] ?? 0)) * 1_000) / (idleMs / 1_000)]));
  const kafkaIdle = ((cpuOf(world.servers.kafka?.pid ?? 0) - kafkaBefore) * 1_000) / (idleMs / 1_000);
  const fresh = rss();
  say(`footprint: idle ${table(fresh, 'MB')}; ${table(idle, 'ms CPU per second')}, Kafka ${kafkaIdle.toFixed(0)}`);
  let heard = 0;
  const deaf = await listen(world.brokers, 'order-lifecycle.parcel.v1', 'flotilla.carrier.v1.WaybillIssued', () => (heard += 1));
  const shop = new Shop(stack);
  const failures: unknown[] = [];
  const failed = (error: unknown): void => void failures.push(error);
  const rate = Math.max(1, (await capacity(shop, () => heard, failed)) / 2);
  say(`footprint: ${(rate * 2).toFixed(0)} orders/s at most; ${minutes} minutes at ${rate.toFixed(0)}/s`);
  const start = performance.now();
  const series: Record<string, number>[] = [];
  for (let sent = 0, said = 1; performance.now() - start < minutes * 60_000; await sleep(5)) {
    for (const due = ((performance.now() - start) * rate) / 1_000; sent < due; sent += 1) void shop.place().catch(failed);
    if (failures.length > 0) throw failures[0];
    if (performance.now() - start > said * 60_000 * (minutes / 10)) {
      series.push(rss());
      said += 1;
      say(`footprint: after ${((performance.now() - start) / 60_000).toFixed(1)} min, ${sent} orders: ${table(series.at(-1)!, 'MB')}`);
    }
  }
  const last = rss();
  shop.close();
  await deaf();
  await stack.stop();
  return [
    resultOf('footprint-rss', 'MB', names.map((name) => ({ ours: last[name] ?? 0, limit: megabytes, more: { idle: fresh[name] ?? 0, idleCpuMsPerSecond: idle[name] ?? 0, ordersPerSecond: rate } }))),
    resultOf('footprint-start-alone', 's', names.map((name) => ({ ours: alone[name] ?? 0, limit: aloneSeconds }))),
    resultOf('footprint-start-all', 's', [{ ours: together, limit: togetherSeconds }]),
  ];
};
