// Everything together: servers, topics, the sandbox that plays the outside world, and the fleet.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from './checks.ts';
import { onEnd } from './ending.ts';
import { checkBuilt, checkFleetPorts, fleetCallers, fleetRoles, nodeProcess, otelEnv, placeFleet, sandboxPort, serviceNames, smtpPort, startFleet, type Fleet, type FleetOptions, type NodeProcess } from './fleet.ts';
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
  readonly sandboxEnv?: Readonly<Record<string, string>>;
  /** Told what is being done, for progress. */
  readonly say?: (step: string) => void;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const dir = options.dir ?? home;
  const ports = options.ports ?? 'dev';
  const say = options.say ?? (() => {});
  checkBuilt(['deploy/sandbox/dist/main.js', ...(options.services ?? serviceNames).map((name) => `services/${name}/dist/main.js`)]);
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

  const run: Run = { kafka: servers.brokers, postgres: servers.postgresUrl, http: fleet.http, grpc: fleet.grpc, sandbox: sandboxUrl, channels: secrets.channels, clock: options.clock ?? '', apiKey: secrets.apiKey };
  // Whoever started the fleet may call it. Loaded only here, since the tasks run before anything is built.
  const { apiKeyCaller, callAs } = await import('@flotilla/contracts');
  callAs(apiKeyCaller(secrets.apiKey));
  const runFile = join(dir, 'run.json');
  mkdirSync(dir, { recursive: true });
  writeFileSync(runFile, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  const stop = async () => {
    forget();
    rmSync(runFile, { force: true });
    await fleet.end();
    await sandbox.stop();
    if (!options.servers) await servers.stop();
  };
  const forget = onEnd(stop);
  return { run, servers, sandbox, fleet, secrets, stop };
}
