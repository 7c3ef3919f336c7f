import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNames, type ServiceName } from '@flotilla/tasks';
import type { TcpProxy } from '@flotilla/testing/tcp-proxy';
import type { Random } from './random.ts';
import { republish } from './republish.ts';
import type { Stage } from './stage.ts';

/** Something that goes wrong. `strike` ends when it is over and what was broken is whole again; it answers a word on what it did. */
export interface Fault {
  readonly kind: string;
  readonly strike: (stage: Stage, random: Random) => Promise<string>;
}

const killedMs = [300, 4_000] as const;
const pausedMs = [2_000, 13_000] as const;
const networkMs = [2_000, 8_000] as const;
const fullMs = 6_000;
const zoneMs = [12_000, 18_000] as const;

const someone = (random: Random): ServiceName => random.pick(serviceNames);

/**
 * A service that begins while broker or database are away ends again with a clear word; whoever runs it starts it once more. A broker
 * that is started on a machine with nothing to spare takes minutes.
 */
export const comeBack = async (start: () => Promise<void>): Promise<void> => {
  for (const until = Date.now() + 600_000; ; await sleep(500)) {
    try {
      return await start();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
};

const kill = (service: ServiceName): Fault => ({
  kind: `kill -9 ${service}`,
  strike: async (stage, random) => {
    const name = random.pick(stage.replicas(service));
    await stage.stack.fleet.kill9(name);
    await sleep(random.int(...killedMs));
    await comeBack(() => stage.stack.fleet.start(name));
    return name;
  },
});

const pause = (service: ServiceName): Fault => ({
  kind: `SIGSTOP ${service}`,
  strike: async (stage, random) => {
    const name = random.pick(stage.replicas(service));
    const ms = random.int(...pausedMs);
    stage.stack.fleet.pause(name);
    await sleep(ms);
    stage.stack.fleet.resume(name);
    return `${name} for ${ms} ms`;
  },
});

const killServer = (which: 'kafka' | 'postgres'): Fault => ({
  kind: `kill -9 ${which}`,
  strike: async ({ servers }, random) => {
    await servers[which].kill9();
    await sleep(random.int(...killedMs));
    await comeBack(() => servers[which].restart());
    return '';
  },
});

/** A server and all its processes: Postgres has one per connection. */
const family = (pid: number): readonly number[] => {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
    } catch {
      return false;
    }
  });
  return [pid, ...children.map(Number)];
};

const signal = (pids: readonly number[], name: NodeJS.Signals): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It ended in between.
    }
  }
};

const pauseServer = (which: 'kafka' | 'postgres'): Fault => ({
  kind: `SIGSTOP ${which}`,
  strike: async ({ servers }, random) => {
    const ms = random.int(...pausedMs);
    const pids = family(servers[which].pid);
    signal(pids, 'SIGSTOP');
    await sleep(ms);
    signal(pids, 'SIGCONT');
    return `for ${ms} ms`;
  },
});

const network = (what: string, to: 'toKafka' | 'toPostgres', hurt: (proxy: TcpProxy, random: Random) => void): Fault => ({
  kind: `${what} to ${to === 'toKafka' ? 'kafka' : 'postgres'}`,
  strike: async (stage, random) => {
    const service = someone(random);
    const ms = random.int(...networkMs);
    const proxy = stage[to][service];
    hurt(proxy, random);
    await sleep(ms);
    // A connection that lost bytes does not go on: it ends, as it would after a real outage. A slow one only gets faster.
    if (what !== 'slow connection') proxy.cut();
    proxy.heal();
    return `${service} for ${ms} ms`;
  },
});

const messages = (kind: string, order: 'as they stood' | 'shuffled'): Fault => ({
  kind,
  strike: async ({ servers }, random) => {
    const { topic, records } = await republish(servers.brokers, random, order);
    return `${records} of ${topic}`;
  },
});

export const rebalance: Fault = {
  kind: 'rebalance',
  strike: async (stage, random) => {
    const name = `${random.pick(stage.doubled)}.1`;
    await stage.stack.fleet.stop(name);
    await sleep(500);
    await comeBack(() => stage.stack.fleet.start(name));
    return `${name} left and came again`;
  },
};

/** Two zones have one replica of everything each; one of them goes dark for longer than a consumer may be silent, and comes back all at once. */
const zoneLost: Fault = {
  kind: 'zone lost',
  strike: async (stage, random) => {
    const zone = random.pick([0, 1]);
    const names = stage.doubled.map((service) => stage.replicas(service)[zone]!);
    const ms = random.int(...zoneMs);
    await Promise.all(names.map((name) => stage.stack.fleet.kill9(name)));
    await sleep(ms);
    await Promise.all(names.map((name) => comeBack(() => stage.stack.fleet.start(name))));
    return `${names.length} processes for ${ms} ms`;
  },
};

/** Fills a file system to the last block; deleting the answer's file frees it. */
const fill = (dir: string): string => {
  const file = join(dir, 'ballast');
  const fd = openSync(file, 'w');
  const block = Buffer.alloc(1 << 20);
  try {
    for (let size = block.length; size >= 512; ) {
      try {
        writeSync(fd, block, 0, size);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        size = Math.floor(size / 8);
      }
      if (statfsSync(dir).bavail === 0 && size < 4_096) break;
    }
  } finally {
    closeSync(fd);
  }
  return file;
};

/** Where no disk of its own can be filled, Postgres may not make files grow: what it is told then is EFBIG instead of ENOSPC. */
const limitFiles = (pid: number, bytes: string): void => {
  for (const one of family(pid)) spawnSync('prlimit', ['--pid', String(one), `--fsize=${bytes}:`], { stdio: 'ignore' });
};

const diskFull: Fault = {
  kind: 'disk full',
  strike: async ({ servers, disk }) => {
    if (disk.small) {
      const ballast = fill(disk.path);
      await sleep(fullMs);
      rmSync(ballast);
    } else {
      limitFiles(servers.postgres.pid, '65536');
      await sleep(fullMs);
      limitFiles(servers.postgres.pid, 'unlimited');
    }
    // It gives up when its log of writes cannot grow, and is started again by whoever runs it.
    const gaveUp = !alive(servers.postgres.pid);
    if (gaveUp) await comeBack(() => servers.postgres.restart());
    return `${disk.small ? 'a file system of its own' : 'a limit on the size of files'}${gaveUp ? '; Postgres ended and was started again' : ''}`;
  },
};

const alive = (pid: number): boolean => {
  try {
    return !/^\S+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

/** Everything that can go wrong here. */
export const faults: readonly Fault[] = [
  ...serviceNames.map(kill),
  ...serviceNames.map(pause),
  killServer('kafka'),
  killServer('postgres'),
  pauseServer('kafka'),
  pauseServer('postgres'),
  ...(['toKafka', 'toPostgres'] as const).flatMap((to) => [
    network('slow connection', to, (proxy, random) => proxy.delay(random.int(50, 400))),
    network('cut connection', to, (proxy) => proxy.cut()),
    network('one-way connection', to, (proxy, random) => proxy.oneWay(random.pick(['up', 'down']))),
  ]),
  messages('duplicated messages', 'as they stood'),
  messages('reordered messages', 'shuffled'),
  rebalance,
  zoneLost,
  diskFull,
];
