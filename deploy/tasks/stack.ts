// Everything together: servers, topics, the sandbox that plays the outside world, and the fleet.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from './checks.ts';
import { onEnd } from './ending.ts';
import { addressesOf, checkBuilt, checkFleetPorts, consolePort, fleetCallers, fleetRoles, nodeProcess, otelEnv, placeFleet, sandboxPort, serviceNames, smtpPort, startFleet, type Fleet, type FleetOptions, type NodeProcess } from './fleet.ts';
import { home } from './paths.ts';
import { loadSecrets, type DemoChannel, type Secrets } from './secrets.ts';
import { startServers, type Servers } from './servers.ts';
import { createTopics } from './topics.ts';

/** The local contract: what `.flotilla/run.json` says. */
export interface Run {
  readonly kafka: string;
  readonly postgres: string;
  readonly http: Readonly<Record<string, string>>;
  readonly grpc: Readonly<Record<string, string>>;
  readonly sandbox: string;
  readonly channels: readonly DemoChannel[];
  /** Where operators sign in, and with which passwords. */
  readonly console?: { readonly url: string; readonly users: Readonly<Record<string, string>> };
  /** FLOTILLA_CLOCK of services and sandbox; "" = the wall. */
  readonly clock: string;
  /** Of an admin, for gRPC: `authorization: Bearer <apiKey>`. */
  readonly apiKey: string;
}

export interface Stack {
  readonly run: Run;
  readonly servers: Servers;
  readonly sandbox: NodeProcess;
  readonly fleet: Fleet;
  readonly console?: NodeProcess;
  readonly secrets: Secrets;
  stop(): Promise<void>;
}

export interface StackOptions extends Pick<FleetOptions, 'services' | 'replicas' | 'clock' | 'otlp' | 'everyEnv' | 'extraEnv' | 'replicaEnv' | 'ways'> {
  /** `.flotilla` by default: data, logs, secrets, run.json. */
  readonly dir?: string;
  readonly ports?: 'dev' | 'free';
  /** Servers that run already, for tests; else started (or taken from the environment in development). */
  readonly servers?: Servers;
  /** Services log in to Kafka as themselves, and may do there what deploy/tasks/kafka-access.json says. */
  readonly secured?: boolean;
  /** The console, too: not where only the services are looked at. */
  readonly console?: boolean;
  readonly sandboxEnv?: Readonly<Record<string, string>>;
  /** Told what is being done, for progress. */
  readonly say?: (step: string) => void;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const dir = options.dir ?? home;
  const ports = options.ports ?? 'dev';
  const say = options.say ?? (() => {});
  checkBuilt(['deploy/sandbox/dist/main.js', ...(options.console ? ['services/console/dist/main.js', 'services/console/web/dist/app/index.html'] : []), ...(options.services ?? serviceNames).map((name) => `services/${name}/dist/main.js`)]);
  if (ports === 'dev') await checkFleetPorts(options);
  const secrets = loadSecrets(dir, fleetRoles, fleetCallers);

  say('Postgres and Kafka');
  const servers = options.servers ?? (await startServers({ dir: join(dir, 'data'), ports, useEnvironment: ports === 'dev', secured: options.secured ?? false }));
  say('topics');
  await createTopics({ brokers: servers.brokers });
  if (servers.securedBrokers) await (await import('./kafka-access.ts')).secureKafka({ brokers: servers.brokers, passwords: secrets.kafka });

  say('sandbox');
  const [port, smtp] = ports === 'dev' ? [sandboxPort, smtpPort] : ((await freePorts(2)) as [number, number]);
  const instances = await placeFleet({ ...options, ports });
  const httpOf = (name: string) => `http://127.0.0.1:${instances.find((instance) => instance.name === name)?.httpPort}`;
  const sandboxUrl = `http://127.0.0.1:${port}`;
  const sandbox = nodeProcess({
    name: 'sandbox',
    main: 'deploy/sandbox/dist/main.js',
    readyUrl: `${sandboxUrl}/readyz`,
    logs: join(dir, 'logs'),
    env: {
      FLOTILLA_HTTP_PORT: String(port),
      FLOTILLA_SMTP_PORT: String(smtp),
      FLOTILLA_INGEST_URL: httpOf('ingest'),
      FLOTILLA_TRACKING_URL: httpOf('tracking'),
      FLOTILLA_CHANNELS_FILE: secrets.channelsFile,
      FLOTILLA_KAFKA_BROKERS: servers.brokers,
      ...(options.clock ? { FLOTILLA_CLOCK: options.clock } : {}),
      ...otelEnv('sandbox', options.otlp),
      ...options.sandboxEnv,
    },
  });
  await sandbox.start();

  say('services');
  const tracking = { FLOTILLA_SMTP_URL: `smtp://127.0.0.1:${smtp}`, FLOTILLA_PUBLIC_URL: httpOf('tracking'), ...options.extraEnv?.tracking };
  const allocation = { FLOTILLA_VIDEO_DIR: join(dir, 'data', 'videos'), ...options.extraEnv?.allocation };
  const fleet = await startFleet({ ...options, instances, extraEnv: { ...options.extraEnv, tracking, allocation }, postgresUrl: servers.postgresUrl, brokers: servers.brokers, ...(servers.securedBrokers ? { securedBrokers: servers.securedBrokers } : {}), sandboxUrl, secrets, ports, logs: join(dir, 'logs') });

  const gateway = options.console ? await startConsole({ options, fleet, secrets, logs: join(dir, 'logs'), port: ports === 'dev' ? consolePort : (await freePorts(1))[0]! }) : undefined;

  const run: Run = { kafka: servers.brokers, postgres: servers.postgresUrl, http: fleet.http, grpc: fleet.grpc, sandbox: sandboxUrl, channels: secrets.channels, clock: options.clock ?? '', apiKey: secrets.apiKey, ...(gateway ? { console: { url: gateway.url, users: secrets.consoleUsers } } : {}) };
  // Whoever started the fleet may call it. Loaded only here, since the tasks run before anything is built.
  const { apiKeyCaller, callAs } = await import('@flotilla/contracts');
  callAs(apiKeyCaller(secrets.apiKey));
  const runFile = join(dir, 'run.json');
  mkdirSync(dir, { recursive: true });
  writeFileSync(runFile, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  const stop = async () => {
    forget();
    rmSync(runFile, { force: true });
    await gateway?.process.stop();
    await fleet.end();
    await sandbox.stop();
    if (!options.servers) await servers.stop();
  };
  const forget = onEnd(stop);
  return { run, servers, sandbox, fleet, ...(gateway ? { console: gateway.process } : {}), secrets, stop };
}

async function startConsole({ options, fleet, secrets, logs, port }: { options: StackOptions; fleet: Fleet; secrets: ReturnType<typeof loadSecrets>; logs: string; port: number }): Promise<{ url: string; process: NodeProcess }> {
  options.say?.('console');
  // Loaded late: in a fresh clone it is built by the task that loads this file.
  const { hashPassword } = await import('@flotilla/values');
  const users = await Promise.all(Object.entries(secrets.consoleUsers).map(async ([role, password]) => ({ user: role, name: role, roles: [role], password: await hashPassword(password) })));
  const url = `http://127.0.0.1:${port}`;
  const process = nodeProcess({
    name: 'console',
    main: 'services/console/dist/main.js',
    preload: ['--import', '@flotilla/service-kit/otel'],
    readyUrl: `${url}/readyz`,
    logs,
    env: {
      FLOTILLA_SERVICE: 'console',
      FLOTILLA_HTTP_PORT: String(port),
      FLOTILLA_CALLER_KEY_FILE: secrets.keyFile('console'),
      FLOTILLA_CONSOLE_KEY: secrets.consoleKey,
      FLOTILLA_CONSOLE_USERS: JSON.stringify(users),
      ...addressesOf((name) => fleet.grpc[name] ?? '127.0.0.1:1'),
      ...(options.clock ? { FLOTILLA_CLOCK: options.clock } : {}),
      ...otelEnv('console', options.otlp),
    },
  });
  await process.start();
  return { url, process };
}

/** Where the console is, for whoever reads the terminal. */
export const signIn = ({ console: found }: Pick<Run, 'console'>): string =>
  found ? `console: ${found.url}   sign in as admin with ${found.users['admin']}   (other roles: run.json)` : '';
