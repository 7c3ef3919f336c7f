import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNames, type ServiceName, type Stack } from '@flotilla/tasks';
import type { FleetClients } from './fleet.ts';
import type { World } from './world.ts';

/** What was done to the fleet. */
export interface Weather {
  readonly killed: string[];
  pauses: number;
}

/**
 * Rough weather: while orders come in, every service and the broker are killed with -9, one after the other and each at
 * its share of the run, and started again. Ends when all were, or the run is over.
 */
export const blow = async (stack: Stack, world: World, weather: Weather, say: (line: string) => void): Promise<void> => {
  const victims = [...serviceNames, 'kafka'] as const;
  for (const [index, victim] of victims.entries()) {
    const share = (index + 1) / (victims.length + 1);
    for (;;) {
      const { started, planned, done } = await world.progress();
      if (done || started >= planned * share) break;
      await sleep(100);
    }
    say(`kill -9 ${victim}`);
    weather.killed.push(victim);
    await (victim === 'kafka' ? stack.servers.kafka?.kill9() : stack.fleet.kill9(victim));
    await sleep(500);
    await (victim === 'kafka' ? stack.servers.kafka?.restart() : stack.fleet.start(victim));
  }
};

/**
 * Stops allocation in the middle of its work for longer than a lease, until at least one lock has expired: between grant
 * and confirm lie milliseconds, so it may take several tries.
 */
export const letALockExpire = async (stack: Stack, fleet: FleetClients, world: World, leaseSeconds: number, weather: Weather, say: (line: string) => void): Promise<void> => {
  const service: ServiceName = 'allocation';
  while (!(await world.progress()).done) {
    await sleep(1_500);
    const { expired = 0 } = await fleet.tally(service).catch(() => ({}) as Record<string, number>);
    if (expired > 0) return;
    const pid = stack.fleet.pids()[service];
    if (!pid) continue;
    say(`SIGSTOP ${service} for ${leaseSeconds + 1} s`);
    stack.fleet.pause(service);
    weather.pauses += 1;
    await sleep((leaseSeconds + 1) * 1_000);
    stack.fleet.resume(service);
  }
};
