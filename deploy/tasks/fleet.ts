// The services as processes: started together, stopped in order, killed one by one where a test wants it.
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkPorts, freePorts } from './checks.ts';
import { createDatabases, databaseOf, urlOf, verifyRole } from './databases.ts';
import { guard, onEnd, Stop, unguard } from './ending.ts';
import { home, root } from './paths.ts';
import type { loadSecrets } from './secrets.ts';

export const serviceNames = ['ingest', 'order-core', 'allocation', 'carrier', 'tracking', 'settlement', 'alerts'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** The database roles that a fleet logs in with; `loadSecrets` makes their passwords. */
export const fleetRoles: readonly string[] = [...serviceNames.map(databaseOf), verifyRole];

/** Who signs calls: each service in its own name, and the console in those of the people who are signed in. */
export const fleetCallers: readonly string[] = [...serviceNames, 'console'];

const httpBase = 8101;
const grpcOffset = 1000;
const replicaStep = 20;
export const consolePort = 8100;
export const sandboxPort = 8110;
export const smtpPort = 8111;

// V8 lets the young generation grow to 100 MB and more where the machine has memory; a service needs a tenth of it.
const nodeFlags = ['--enable-source-maps', '--max-semi-space-size=8', '--max-old-space-size=256'];

const readyMs = 60_000;
const graceMs = 15_000;

export interface FleetOptions {
  /** Of an owner who may create databases and roles. */
  readonly postgresUrl: string;
  readonly brokers: string;
  /** Where services log in as themselves, if the broker asks for it. */
  readonly securedBrokers?: string;
  readonly sandboxUrl: string;
  readonly secrets: ReturnType<typeof loadSecrets>;
  /** `dev`: the port table of the local contract; `free`: any. */
  readonly ports: 'dev' | 'free';
  readonly services?: readonly ServiceName[];
  /** Processes per service, 1 by default. Replica n (from 1) is called `order-core.n`. */
  readonly replicas?: Readonly<Partial<Record<ServiceName, number>>>;
  readonly logs?: string;
  /** `<epoch ms>@<rate>`, one for services and sandbox. */
  readonly clock?: string;
  /** Where spans go, over http/json. */
  readonly otlp?: string;
  /** For every service. */
  readonly everyEnv?: Readonly<Record<string, string>>;
  readonly extraEnv?: Readonly<Partial<Record<ServiceName, Readonly<Record<string, string>>>>>;
  /** Of one replica, by its name (allocation.1). */
  readonly replicaEnv?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** How a service reaches broker and database where that is not straight on: through a proxy. */
  readonly ways?: Readonly<Partial<Record<ServiceName, { readonly brokers: string; readonly postgresPort: number }>>>;
  /** Where each process listens, if that was decided before (`placeFleet`). */
  readonly instances?: readonly Instance[];
}

export interface Fleet {
  readonly http: Readonly<Record<string, string>>;
  readonly grpc: Readonly<Record<string, string>>;
  readonly logs: string;
  /** Of the processes that run now. */
  pids(): Record<string, number>;
  /** Again after stop or kill9; waits until it is ready. */
  start(name: string): Promise<void>;
  /** SIGTERM, 15 s of grace, SIGKILL. */
  stop(name: string): Promise<void>;
  kill9(name: string): Promise<void>;
  /** SIGSTOP and SIGCONT: alive for its peers' sockets, but dead. */
  pause(name: string): void;
  resume(name: string): void;
  end(): Promise<void>;
}

export interface Instance {
  readonly name: string;
  readonly service: ServiceName;
  readonly httpPort: number;
  readonly grpcPort: number;
}

/** Makes databases and roles, starts every process and waits until all are ready. Topics must be there. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const services = options.services ?? serviceNames;
  checkBuilt(services.map((name) => `services/${name}/dist/main.js`));
  const instances = options.instances ?? (await placeFleet(options));
  await createDatabases({ url: options.postgresUrl, services, passwords: options.secrets.passwords });
  const logs = options.logs ?? join(home, 'logs');
  const first = new Map(instances.toReversed().map((instance) => [instance.service, instance]));
  const addresses = addressesOf((name, n) => `127.0.0.1:${first.get(name)?.grpcPort ?? httpBase + n + grpcOffset}`);
  const processes = new Map(
    instances.map((instance) => [
      instance.name,
      nodeProcess({
        name: instance.name,
        main: `services/${instance.service}/dist/main.js`,
        preload: ['--import', '@flotilla/service-kit/otel'],
        readyUrl: `http://127.0.0.1:${instance.httpPort}/readyz`,
        logs,
        env: { ...addresses, ...serviceEnv(instance, options), ...options.everyEnv, ...options.extraEnv?.[instance.service], ...options.replicaEnv?.[instance.name] },
      }),
    ]),
  );
  const of = (name: string): NodeProcess => processes.get(name) ?? never(name, [...processes.keys()]);
  const end = async () => {
    await Promise.all([...processes.values()].map((one) => one.stop()));
  };
  const started = await Promise.allSettled([...processes.values()].map((one) => one.start()));
  const failure = started.find((one) => one.status === 'rejected');
  if (failure) {
    await end();
    throw failure.reason;
  }
  return {
    http: Object.fromEntries(instances.map(({ name, httpPort }) => [name, `http://127.0.0.1:${httpPort}`])),
    grpc: Object.fromEntries(instances.map(({ name, grpcPort }) => [name, `127.0.0.1:${grpcPort}`])),
    logs,
    pids: () => Object.fromEntries([...processes].flatMap(([name, one]) => (one.pid() ? [[name, one.pid()!]] : []))),
    start: (name) => of(name).start(),
    stop: (name) => of(name).stop(),
    kill9: (name) => of(name).kill9(),
    pause: (name) => of(name).send('SIGSTOP'),
    resume: (name) => of(name).send('SIGCONT'),
    end,
  };
}

/** The environment that names every service's gRPC. */
export const addressesOf = (of: (name: ServiceName, at: number) => string): Record<string, string> => Object.fromEntries(serviceNames.map((name, at) => [`FLOTILLA_${upper(name)}_GRPC`, of(name, at)]));

/** Says at once if a port of the development fleet, its sandbox and console included, is taken. */
export async function checkFleetPorts(options: Pick<FleetOptions, 'services' | 'replicas'> & { readonly console?: boolean }): Promise<void> {
  const instances = await placeFleet({ ...options, ports: 'dev' });
  await checkPorts([
    { port: sandboxPort, what: 'sandbox' },
    { port: smtpPort, what: 'sandbox, mail' },
    ...(options.console ? [{ port: consolePort, what: 'console' }] : []),
    ...instances.flatMap(({ name, httpPort, grpcPort }) => [{ port: httpPort, what: `${name}, HTTP` }, { port: grpcPort, what: `${name}, gRPC` }]),
  ]);
}

/** Decides where each process will listen, for those that must know before the fleet is up. */
export async function placeFleet({ ports, replicas, services = serviceNames }: Pick<FleetOptions, 'ports' | 'replicas' | 'services'>): Promise<Instance[]> {
  const wanted = services.flatMap((service) => Array.from({ length: replicas?.[service] ?? 1 }, (_, n) => ({ service, n, name: n ? `${service}.${n}` : service })));
  const free = ports === 'free' ? await freePorts(wanted.length * 2) : [];
  return wanted.map(({ service, n, name }, at) => {
    const fixed = httpBase + serviceNames.indexOf(service) + replicaStep * n;
    return { name, service, httpPort: free[at * 2] ?? fixed, grpcPort: free[at * 2 + 1] ?? fixed + grpcOffset };
  });
}

function serviceEnv({ service, httpPort, grpcPort }: Instance, options: FleetOptions): Record<string, string> {
  const { secrets } = options;
  const way = options.ways?.[service];
  const database = databaseOf(service);
  const reached = new URL(options.postgresUrl);
  if (way) reached.port = String(way.postgresPort);
  return {
    FLOTILLA_SERVICE: service,
    FLOTILLA_HTTP_PORT: String(httpPort),
    FLOTILLA_GRPC_PORT: String(grpcPort),
    FLOTILLA_DATABASE_URL: urlOf(reached.href, database, { user: database, password: secrets.passwords[database] ?? '' }),
    FLOTILLA_MIGRATION_DATABASE_URL: urlOf(options.postgresUrl, database),
    FLOTILLA_KAFKA_BROKERS: way?.brokers ?? options.securedBrokers ?? options.brokers,
    ...(options.securedBrokers && !way ? { FLOTILLA_KAFKA_USER: service, FLOTILLA_KAFKA_PASSWORD: secrets.kafka[service] ?? '' } : {}),
    FLOTILLA_SANDBOX_URL: options.sandboxUrl,
    FLOTILLA_PARKED_KEY: secrets.parkedKey,
    FLOTILLA_ACCESS_FILE: secrets.accessFile,
    FLOTILLA_CALLER_KEY_FILE: secrets.keyFile(service),
    ...(options.clock ? { FLOTILLA_CLOCK: options.clock } : {}),
    ...(service === 'ingest' ? { FLOTILLA_KEK: secrets.kek, FLOTILLA_CHANNELS_FILE: secrets.channelsFile } : {}),
    ...(['ingest', 'order-core', 'carrier', 'tracking'].includes(service) ? { FLOTILLA_INDEX_KEY: secrets.indexKey } : {}),
    ...(service === 'tracking' || service === 'allocation' ? { FLOTILLA_LINK_KEY: secrets.linkKey } : {}),
    ...otelEnv(service, options.otlp),
  };
}

export function otelEnv(service: string, otlp: string | undefined): Record<string, string> {
  if (!otlp) return {};
  return {
    OTEL_SERVICE_NAME: service,
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os',
    OTEL_BSP_MAX_QUEUE_SIZE: '8192',
    OTEL_BSP_SCHEDULE_DELAY: '500',
  };
}

export function checkBuilt(files: readonly string[]): void {
  const missing = files.filter((file) => !existsSync(join(root, file)));
  if (missing.length) throw new Stop(`Not built: ${missing.join(', ')}. Run "npm run build" and start again; if it is built, that part does not exist yet.`);
}

const upper = (name: string): string => name.toUpperCase().replaceAll('-', '_');

function never(name: string, known: readonly string[]): never {
  throw new Error(`there is no process ${name}; there are ${known.join(', ')}`);
}

// --- one process ----------------------------------------------------------------------------------------------------------------

export interface NodeProcess {
  pid(): number | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
  kill9(): Promise<void>;
  send(signal: NodeJS.Signals): void;
}

/**
 * A Node process of ours: log in a file, ready when `readyUrl` answers 200, ended with the task. One that was ready and then
 * ends by itself, or is killed by somebody else, is started again, as a cluster would.
 */
export function nodeProcess(wanted: { name: string; main: string; preload?: readonly string[]; readyUrl: string; logs: string; env: Record<string, string> }): NodeProcess {
  let running: { child: ChildProcess; exited: Promise<void>; gone: () => boolean; forget: () => void } | undefined;
  const log = join(wanted.logs, `${wanted.name}.log`);
  let meantToRun = false;

  const start = async () => {
    meantToRun = true;
    if (running && !running.gone()) return;
    mkdirSync(wanted.logs, { recursive: true });
    const fd = openSync(log, 'a');
    const from = statSync(log).size;
    // Services refuse FLOTILLA_ names they do not know, so none of the caller's own may reach them.
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FLOTILLA_') && name !== 'NODE_OPTIONS'));
    const child = spawn(process.execPath, [...nodeFlags, ...(wanted.preload ?? []), wanted.main], {
      cwd: root,
      detached: true,
      stdio: ['ignore', fd, fd],
      env: { ...inherited, NODE_COMPILE_CACHE: join(home, 'compile-cache'), ...wanted.env },
    });
    closeSync(fd);
    child.unref();
    let over = false;
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => ((over = true), resolve()));
      child.once('error', () => ((over = true), resolve()));
    });
    if (child.pid) guard(child.pid, 'SIGTERM', 'services');
    running = { child, exited, gone: () => over, forget: onEnd(stop) };
    const limit = Date.now() + readyMs;
    for (;;) {
      if (over) throw new Stop(`${wanted.name} did not start: ${lastWords(log, from)} (the whole log is in ${log}).`);
      const missing = await notReady(wanted.readyUrl);
      if (missing === undefined) break;
      if (Date.now() > limit) throw new Stop(`${wanted.name} was not ready within ${readyMs / 1000} s (${wanted.readyUrl}: ${missing.slice(0, 200)}); its log is in ${log}.`);
      await sleep(60);
    }
    void exited.then(() => revive(1_000));
  };

  const revive = async (afterMs: number): Promise<void> => {
    if (!meantToRun) return;
    if (running?.child.pid) unguard(running.child.pid);
    running?.forget();
    await sleep(afterMs);
    if (!meantToRun || (running && !running.gone())) return;
    try {
      await start();
    } catch (error) {
      appendFileSync(log, `${JSON.stringify({ level: 'error', time: new Date().toISOString(), service: wanted.name, msg: `could not be started again: ${(error as Error).message}` })}\n`);
      await revive(Math.min(30_000, afterMs * 2));
    }
  };

  const stop = async () => {
    meantToRun = false;
    if (!running) return;
    const { child, exited, gone, forget } = running;
    if (!gone()) {
      child.ref();
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    }
    forget();
    if (child.pid) unguard(child.pid);
  };

  const kill9 = async () => {
    meantToRun = false;
    if (!running) return;
    running.child.ref();
    if (!running.gone()) running.child.kill('SIGKILL');
    await running.exited;
    running.forget();
    if (running.child.pid) unguard(running.child.pid);
  };

  return {
    pid: () => (running && !running.gone() ? running.child.pid : undefined),
    start,
    stop,
    kill9,
    send: (signal) => void running?.child.kill(signal),
  };
}

/** What the probe says while it is not 200. */
async function notReady(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) });
    const text = await answer.text();
    return answer.ok ? undefined : text;
  } catch {
    return 'no answer';
  }
}

function lastWords(log: string, from: number): string {
  const lines = readFileSync(log).subarray(from).toString().split('\n').filter((line) => line.trim());
  return (lines.find((line) => /\bError\b|"level":"?(50|60|error|fatal)/.test(line)) ?? lines.at(-1) ?? 'it said nothing').slice(0, 400);
}
