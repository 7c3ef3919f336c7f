import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName, Stack } from '@flotilla/tasks';
import { patienceMs, type FleetClients } from './fleet.ts';
import type { World } from './world.ts';

/** What was done to the fleet. */
export interface Weather {
  readonly killed: string[];
  pauses: number;
}

/**
 * Rough weather: while orders come in, every service and the broker are killed with -9, one after the other and each at
 * its share of the run, and started again. Services come back at once; the broker stays away for longer than a lease, so
 * that locks which are granted and not yet confirmed run out. Ends when all of them are back.
 */
export const blow = async (stack: Stack, fleet: FleetClients, world: World, leaseSeconds: number, weather: Weather, say: (line: string) => void): Promise<void> => {
  const victims = ['kafka', 'ingest', 'order-core', 'carrier', 'tracking', 'allocation', 'settlement', 'alerts'] as const satisfies readonly (ServiceName | 'kafka')[];
  const outage = async (victim: (typeof victims)[number]): Promise<void> => {
    say(`kill -9 ${victim}`);
    weather.killed.push(victim);
    await (victim === 'kafka' ? stack.servers.kafka?.kill9() : stack.fleet.kill9(victim));
    await sleep(victim === 'kafka' ? (leaseSeconds + 1) * 1_000 : 500);
    await (victim === 'kafka' ? stack.servers.kafka?.restart() : comeBack(stack, victim));
  };
  const outages: Promise<void>[] = [];
  for (const [index, victim] of victims.entries()) {
    const share = (index + 1) / (victims.length + 1);
    for (;;) {
      const { started, planned, done } = await world.progress();
      if (done || started >= planned * share) break;
      await sleep(100);
    }
    if (victim === 'kafka') await aLockIsHeld(fleet, 10_000);
    outages.push(outage(victim));
  }
  await Promise.all(outages);
};

/** A service that begins while the broker is away ends again with a clear word; whoever runs it starts it once more. */
const comeBack = async (stack: Stack, service: ServiceName): Promise<void> => {
  for (const until = Date.now() + patienceMs; ; await sleep(1_000)) {
    try {
      return await stack.fleet.start(service);
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
};

/** Waits for a moment in which stock is granted and not yet confirmed: those are milliseconds. */
const aLockIsHeld = async (fleet: FleetClients, withinMs: number): Promise<boolean> => {
  for (const until = Date.now() + withinMs; Date.now() < until; await sleep(5)) {
    const { levels } = await fleet.stock.list({ page: { size: 500 } }, { deadlineMs: 1_000 }).catch(() => ({ levels: [] }));
    if (levels.some(({ held }) => held > 0)) return true;
  }
  return false;
};

/**
 * If the broker's outage let no lock expire, stops allocation in the middle of its work for longer than a lease, until one
 * has, or nothing is left to allocate.
 */
export const letALockExpire = async (stack: Stack, fleet: FleetClients, world: World, leaseSeconds: number, weather: Weather, say: (line: string) => void): Promise<void> => {
  const service: ServiceName = 'allocation';
  // Not before all have had their turn.
  while (weather.killed.at(-1) !== 'alerts' && !(await world.progress()).done) await sleep(500);
  for (let idle = 0; idle < 2; ) {
    const { expired = 0 } = await fleet.tally(service).catch(() => ({}) as Record<string, number>);
    if (expired > 0) return;
    if (!(await aLockIsHeld(fleet, 10_000))) {
      idle += 1;
      continue;
    }
    if (!stack.fleet.pids()[service]) continue;
    say(`SIGSTOP ${service} for ${leaseSeconds + 1} s`);
    try {
      stack.fleet.pause(service);
    } catch {
      continue; // killed in this very moment
    }
    weather.pauses += 1;
    await sleep((leaseSeconds + 1) * 1_000);
    if (stack.fleet.pids()[service]) stack.fleet.resume(service);
    await sleep(2_000); // it says what has expired
  }
};
