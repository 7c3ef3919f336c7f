import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { clockRate as demoRate, demoEnv } from '@flotilla/demo';
import { devPorts, onEnd, serviceNames, startServers, startStack, type Servers, type ServiceName, type Stack } from '@flotilla/tasks';
import { tcpProxy, type TcpProxy } from '@flotilla/testing/tcp-proxy';

/** A fleet of two replicas of most services, each service behind proxies of its own to the broker and to the database. */
export interface Stage {
  readonly dir: string;
  readonly stack: Stack;
  readonly servers: Required<Pick<Servers, 'kafka' | 'postgres'>> & Servers;
  readonly toKafka: Readonly<Record<ServiceName, TcpProxy>>;
  readonly toPostgres: Readonly<Record<ServiceName, TcpProxy>>;
  /** Where the database's files are; `small`: a file system of their own that can be filled. */
  readonly disk: { readonly path: string; readonly small: boolean };
  /** Those of which there are two. */
  readonly doubled: readonly ServiceName[];
  /** Names of the processes of a service: `order-core`, `order-core.1`. */
  replicas(service: ServiceName): readonly string[];
  stop(): Promise<void>;
}

const diskMb = 1_536;

/** Shorter than the 30 s of production, so that a pause outlasts it; longer than the demo's, since a storm makes everybody slow. */
const leaseSeconds = 10;

export const setStage = async (options: { readonly dir: string; readonly ports: 'dev' | 'free'; readonly rate?: number; readonly doubled?: readonly ServiceName[]; readonly say: (step: string) => void }): Promise<Stage> => {
  const { dir, say, doubled = serviceNames } = options;
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  const disk = smallDisk(join(dir, 'data', 'postgres'));
  const [postgres, kafka, controller, ...doors] = (await quietPorts(3 + serviceNames.length)) as [number, number, number, ...number[]];
  const ports = options.ports === 'dev' ? devPorts : { postgres, kafka, controller };
  const toKafka = await proxies((n) => doors[n]!);
  const toPostgres = await proxies(() => ports.postgres);
  say('Postgres and Kafka');
  const servers = (await startServers({
    dir: join(dir, 'data'),
    ports,
    kafkaDoors: serviceNames.map((name, n) => ({ port: doors[n]!, advertised: toKafka[name].port })),
    // The small disk holds data and log of writes; what is let go of is used again.
    postgresSettings: { max_wal_size: '256MB', min_wal_size: '80MB' },
  })) as Stage['servers'];
  const stack = await startStack({
    dir,
    ports: options.ports,
    servers,
    clock: `${Date.now()}@${options.rate ?? demoRate}`,
    say,
    replicas: Object.fromEntries(doubled.map((name) => [name, 2])),
    ways: Object.fromEntries(serviceNames.map((name) => [name, { brokers: `127.0.0.1:${toKafka[name].port}`, postgresPort: toPostgres[name].port }])),
    ...demoEnv,
    extraEnv: { ...demoEnv.extraEnv, allocation: { ...demoEnv.extraEnv.allocation, FLOTILLA_ALLOCATION_LEASE_SECONDS: String(leaseSeconds) } },
    // One replica asks its warehouses by message, the other in its own append: both ways, and both at once, have to hold.
    replicaEnv: { 'allocation.1': { FLOTILLA_ALLOCATION_AT_HAND: 'true' } },
  }).catch(async (error: unknown) => {
    await servers.stop();
    disk.free();
    throw error;
  });
  const stop = async (): Promise<void> => {
    forget();
    await stack.stop();
    await servers.stop();
    await Promise.all([...Object.values(toKafka), ...Object.values(toPostgres)].map((proxy) => proxy.close()));
    disk.free();
  };
  const forget = onEnd(stop);
  return { dir, stack, servers, toKafka, toPostgres, disk, doubled, replicas: (service) => (doubled.includes(service) ? [service, `${service}.1`] : [service]), stop };
};

/**
 * Ports below those that the system gives to outgoing connections: a broker that is killed must find its own again, and in a
 * storm there are always connections to spare that would have taken it.
 */
const quietPorts = async (count: number): Promise<readonly number[]> => {
  const found: number[] = [];
  for (let port = randomInt(12_000, 30_000); found.length < count; port += 1) if (await isFree(port)) found.push(port);
  return found;
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });

const proxies = async (target: (n: number) => number): Promise<Record<ServiceName, TcpProxy>> =>
  Object.fromEntries(await Promise.all(serviceNames.map(async (name, n) => [name, await tcpProxy({ target: { port: target(n) } })] as const))) as Record<ServiceName, TcpProxy>;

/** Removes what an earlier run left, also one that was killed. */
export const clearStage = (dir: string): void => {
  spawnSync('umount', ['-l', join(dir, 'data', 'postgres')], { stdio: 'ignore' });
  rmSync(dir, { recursive: true, force: true });
};

/** A disk of memory for the database's folder, where we may mount one; else the folder as it is. */
const smallDisk = (path: string): Stage['disk'] & { free(): void } => {
  mkdirSync(path, { recursive: true, mode: 0o755 });
  const may = process.platform === 'linux' && process.getuid?.() === 0;
  const mounted = may && spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m,mode=0755`, 'flotilla-chaos', path], { stdio: 'ignore' }).status === 0;
  return { path, small: mounted, free: () => void (mounted && spawnSync('umount', ['-l', path], { stdio: 'ignore' })) };
};
