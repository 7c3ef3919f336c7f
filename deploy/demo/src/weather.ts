import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName, Stack } from '@flotilla/tasks';
import { patienceMs, patiently, type FleetClients } from './fleet.ts';
import { askedShops } from './seed.ts';
import type { World } from './world.ts';

/** What was done to the fleet. */
export interface Weather {
  readonly killed: string[];
  pauses: number;
  /** Services that were killed while they were in the middle of this. */
  readonly amid: string[];
  /** The seller's authorisation ran out and was given again. */
  sessions: number;
}

/**
 * Rough weather: while orders come in, every service and the broker are killed with -9, one after the other and each at
 * its share of the run, and started again. Services come back at once; the broker stays away for longer than a lease, so
 * that locks which are granted and not yet confirmed run out. ingest is killed twice: while it asks a shop for orders, and right after it has stored a file.
 * Ends when all of them are back.
 */
export const blow = async (stack: Stack, fleet: FleetClients, world: World, leaseSeconds: number, weather: Weather, say: (line: string) => void): Promise<void> => {
  const victims = ['kafka', 'ingest', 'order-core', 'carrier', 'tracking', 'allocation', 'settlement', 'ingest', 'alerts'] as const satisfies readonly (ServiceName | 'kafka')[];
  const outage = async (victim: (typeof victims)[number]): Promise<void> => {
    say(`kill -9 ${victim}`);
    weather.killed.push(victim);
    await (victim === 'kafka' ? stack.servers.kafka?.kill9() : stack.fleet.kill9(victim));
    await sleep(victim === 'kafka' ? (leaseSeconds + 1) * 1_000 : 500);
    await (victim === 'kafka' ? stack.servers.kafka?.restart() : comeBack(stack, victim));
  };
  const outages: Promise<void>[] = [];
  let ofIngest: Promise<void> | undefined;
  for (const [index, victim] of victims.entries()) {
    const share = (index + 1) / (victims.length + 1);
    for (;;) {
      const { started, planned, done } = await world.progress();
      if (done || started >= planned * share) break;
      await sleep(100);
    }
    if (victim === 'kafka') await aLockIsHeld(fleet, 10_000);
    if (victim === 'ingest') {
      const [amid, comes] = ofIngest === undefined ? ['a pull', () => aPullRuns(fleet, 10_000)] as const : ['a file', () => aFileIsStored(world, 60_000)] as const;
      await ofIngest;
      if (await comes()) weather.amid.push(`ingest in the middle of ${amid}`);
    }
    const gone = outage(victim);
    if (victim === 'ingest') ofIngest = gone;
    outages.push(gone);
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

/** Waits until a shop is being asked for its orders. */
const aPullRuns = async (fleet: FleetClients, withinMs: number): Promise<boolean> => {
  for (const until = Date.now() + withinMs; Date.now() < until; await sleep(3)) {
    const states = await Promise.all(askedShops.map((channel) => fleet.channels.getOrderPull({ channel }, { deadlineMs: 1_000 }).catch(() => undefined)));
    if (states.some((found) => found?.state === 'RUNNING')) return true;
  }
  return false;
};

/** Has a file with orders uploaded: once that is answered it is stored, and its rows are taken after that. */
const aFileIsStored = async (world: World, withinMs: number): Promise<boolean> => {
  for (const until = Date.now() + withinMs; Date.now() < until; await sleep(100)) if (await world.uploadAgain()) return true;
  return false;
};

/** The seller's authorisation at Taobao runs out in mid-run; once ingest says so, somebody gives it again and has the shop asked at once. */
export const letASessionEnd = async (fleet: FleetClients, world: World, weather: Weather, say: (line: string) => void): Promise<void> => {
  const channel = 'taobao-demo';
  for (;;) {
    const { started, planned, done } = await world.progress();
    if (done || started >= planned * 0.35) break;
    await sleep(100);
  }
  await world.authorise(channel, false);
  for (const until = Date.now() + patienceMs; Date.now() < until; await sleep(100)) {
    const { blocked, problem } = await patiently(() => fleet.channels.getOrderPull({ channel }));
    if (!blocked) continue;
    say(`${channel} is not asked any more: ${problem}`);
    await sleep(1_000);
    await world.authorise(channel, true);
    await patiently(() => fleet.channels.pullOrders({ requestId: 'authorised-again', channel }));
    say(`${channel}: authorised again`);
    weather.sessions += 1;
    return;
  }
  throw new Error(`${channel}: the session ran out, and ingest did not say so`);
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
