// `npm run kube`: the chart on a real cluster, with real pods, under load. Every step is checked; the figures go to --json.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { apiKeyCaller, callAs } from '@flotilla/contracts';
import { demoEnv, leaseSeconds, sail } from '@flotilla/demo';
import { freePorts, fleetCallers, fleetRoles, installationSecrets, loadSecrets, nodeProcess, onEnd, root, run, serviceNames, startServers, Stop, type Run, type Stack } from '@flotilla/tasks';
import { resting, stillness, verify } from '@flotilla/verify';
import { stringify } from 'yaml';
import { clusterOf, forward, keepAsking, type Cluster } from './cluster.ts';
import { chartDir } from './helm.ts';
import { buildImage } from './image.ts';
import { serveLag } from './lag-metrics.ts';

const usage = `npm run kube -- --host ADDRESS --load COMMAND [options]
  Installs the chart on the cluster of KUBECONFIG with Postgres, Kafka and the outside world beside it, sends orders through the pods until they are
  closed, meanwhile kills pods and rolls all services to the previous build and back, drains a node, and recomputes the invariants.
  --host ADDRESS   address of this machine that pods reach (and the cluster's firewall lets them)
  --ports LIST     Postgres, Kafka, Kafka's controller, sandbox, mail, Kafka for pods, metrics for the autoscaler: seven free ports (by chance)
  --load COMMAND   brings an image to the nodes: {dir} is the folder that becomes /app, {ref} its name; its entry point is node
  --previous REV   the build that is rolled back to (HEAD^)
  --orders N       (400: under way from the first roll until settlement is scaled)    --rate R  orders a second (0.5)
  --loaded         the nodes have both images from a run before: build none
  --namespace N    (flotilla)    --keep  leave it installed
  --json FILE      write the figures there`;

const release = 'flotilla';
const repository = 'flotilla.local/flotilla';
/** Messages that settlement is behind before it comes back. */
const leastBehind = 100;

await run(async () => {
  const { values } = parseArgs({
    options: { host: { type: 'string' }, ports: { type: 'string' }, load: { type: 'string' }, previous: { type: 'string', default: 'HEAD^' }, orders: { type: 'string', default: '400' }, rate: { type: 'string', default: '0.5' }, namespace: { type: 'string', default: 'flotilla' }, keep: { type: 'boolean', default: false }, loaded: { type: 'boolean', default: false }, json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help || !values.host || !(values.load || values.loaded)) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  const { host, load = '' } = values as { host: string; load?: string };
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-kube-'));
  execFileSync('chmod', ['755', dir]); // Postgres runs as another user where this is root
  const cluster = clusterOf(values.namespace);
  const figures: Record<string, unknown> = {};
  // Also of a run that comes to no good end.
  onEnd(() => {
    console.log(JSON.stringify(figures, null, 2));
    if (values.json) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
  });
  const timed = async <T>(name: string, step: () => Promise<T>): Promise<T> => {
    const started = Date.now();
    console.log(`${name} …`);
    const result = await step();
    const seconds = Math.round((Date.now() - started) / 100) / 10;
    figures[`${name}, s`] = seconds;
    console.log(`  ${seconds} s`);
    return result;
  };

  const node = await cluster.node();
  await cluster.kubectl('create', 'namespace', values.namespace).catch(() => undefined);
  await cluster.kubectl('label', 'namespace', values.namespace, 'pod-security.kubernetes.io/enforce=restricted', '--overwrite');
  if (!values.loaded) await timed('images: this build and the previous one', async () => {
    await bring(join(dir, 'current'), root, 'current', load);
    const source = join(dir, 'source');
    mkdirSync(source);
    execFileSync('sh', ['-c', `git -C "$1" archive "$2" | tar -x -C "$3"`, 'sh', root, values.previous, source]);
    await bring(join(dir, 'previous'), source, 'previous', load);
    rmSync(source, { recursive: true, force: true });
  });

  const made = await installationSecrets(dir);
  const secrets = loadSecrets(dir, fleetRoles, fleetCallers);
  callAs(apiKeyCaller(secrets.apiKey));
  const ports = values.ports ? values.ports.split(',').map(Number) : await freePorts(7);
  const [postgresPort = 0, kafkaPort = 0, controllerPort = 0, sandboxPort = 0, smtpPort = 0, doorPort = 0, lagPort = 0] = ports;
  const servers = await timed('Postgres and Kafka', () => startServers({ dir: join(dir, 'data'), ports: { postgres: postgresPort, kafka: kafkaPort, controller: controllerPort }, kafkaDoors: [{ host, port: doorPort, advertised: doorPort }] }));
  const doors = await Promise.all([postgresPort, sandboxPort, smtpPort].map((port) => forward(host, port)));
  const clock = `${Date.now()}@3600`;
  const owner = new URL(servers.postgresUrl);

  const { keys, databases, access, callers } = made;
  for (const [name, data] of Object.entries({ keys, databases: { ...databases, owner: decodeURIComponent(owner.password) }, access, callers })) await cluster.secret(`flotilla-${name}`, data);
  await cluster.secret('flotilla-channels', { 'channels.json': JSON.stringify(secrets.channels) });
  const smtp = { FLOTILLA_SMTP_URL: `smtp://${host}:${smtpPort}` };
  const own = join(dir, 'values.yaml');
  writeFileSync(
    own,
    stringify({
      image: { repository },
      service: { type: 'NodePort' },
      defaults: { replicas: 2, resources: { requests: { cpu: '20m', memory: '128Mi' }, limits: { memory: '512Mi' } } },
      secrets: { existing: 'flotilla-keys', access: 'flotilla-access', callers: 'flotilla-callers' },
      kafka: { brokers: `${host}:${doorPort}`, ports: [doorPort], topics: { by: 'job', replication: 1, minInSync: 1 } },
      databases: { host, port: postgresPort, owner: decodeURIComponent(owner.username), existingSecret: 'flotilla-databases', create: true },
      sandboxUrl: `http://${host}:${sandboxPort}`,
      // The demo's clock, which no production takes.
      env: { NODE_ENV: 'development', FLOTILLA_CLOCK: clock },
      services: {
        ...Object.fromEntries(serviceNames.map((name) => [name, { env: demoEnv.everyEnv }])),
        ingest: { env: { ...demoEnv.everyEnv, FLOTILLA_CHANNELS_FILE: '/etc/flotilla/channels.json' }, secretFiles: [{ secret: 'flotilla-channels', path: '/etc/flotilla' }] },
        'order-core': { env: { ...demoEnv.everyEnv, ...demoEnv.extraEnv['order-core'] } },
        allocation: { env: { ...demoEnv.everyEnv, ...demoEnv.extraEnv.allocation, ...smtp } },
        tracking: { env: { ...demoEnv.everyEnv, ...smtp, FLOTILLA_PUBLIC_URL: 'http://flotilla-tracking:8105' } },
        alerts: { env: { ...demoEnv.everyEnv, ...smtp } },
      },
    }),
  );
  const values_ = (tag: string): string[] => ['-f', own, '--set', `image.tag=${tag}`, '--wait', '--timeout', '10m'];
  const cleanUp = async (): Promise<void> => {
    if (!values.keep) await cluster.helm('uninstall', release, '--wait').catch(() => undefined);
    doors.forEach((door) => door.close());
    await servers.stop();
  };
  const forget = onEnd(cleanUp);

  const installed = timed('helm install, until every pod is ready', () => cluster.helm('install', release, chartDir, ...values_('current')));
  // The outside world wants to know where the fleet is, and the fleet where the world is: services are there before their pods.
  const run_ = await installed.then(() => addresses(cluster, node.address, { servers, sandboxPort, channels: secrets.channels, apiKey: secrets.apiKey, clock }));
  const sandbox = nodeProcess({
    name: 'sandbox', main: 'deploy/sandbox/dist/main.js', readyUrl: `${run_.sandbox}/readyz`, logs: join(dir, 'logs'),
    env: { FLOTILLA_HTTP_PORT: String(sandboxPort), FLOTILLA_SMTP_PORT: String(smtpPort), FLOTILLA_INGEST_URL: run_.http['ingest']!, FLOTILLA_TRACKING_URL: run_.http['tracking']!, FLOTILLA_ALLOCATION_URL: run_.http['allocation']!, FLOTILLA_CHANNELS_FILE: secrets.channelsFile, FLOTILLA_KAFKA_BROKERS: servers.brokers, FLOTILLA_CLOCK: clock },
  });
  await sandbox.start();
  writeFileSync(join(dir, 'run.json'), `${JSON.stringify(run_, null, 2)}\n`, { mode: 0o600 });
  await timed('helm test', () => cluster.helm('test', release, '--timeout', '3m'));

  const asking = keepAsking(run_.http, run_.grpc, serviceNames);
  const args = { orders: Number(values.orders), rate: Number(values.rate), seed: 7, once: true, calm: true, json: undefined };
  const sailing = sail({ stack: { run: run_ } as Stack, args, leaseSeconds });
  sailing.catch(() => undefined); // awaited below
  await sleep(3_000);
  await timed('roll to the previous build, under load', () => cluster.helm('upgrade', release, chartDir, ...values_('previous')));
  await expectImages(cluster, 'previous');
  await timed('helm rollback to this build, under load', () => cluster.helm('rollback', release, '1', '--wait', '--timeout', '10m'));
  await expectImages(cluster, 'current');
  const asked = await asking.stop();
  figures['questions asked while all services were rolled twice'] = asked.questions;
  figures['of them without an answer'] = asked.failures.length;
  for (const failure of asked.failures.slice(0, 5)) console.log(`  ${failure}`);

  await timed('a pod of each service killed, until all are ready again', async () => {
    for (const service of serviceNames) {
      const [victim] = (await cluster.pods(service)).filter(({ ending }) => !ending);
      await cluster.kubectl('delete', 'pod', victim!.name, '--grace-period=0', '--force');
    }
    for (const service of serviceNames) await cluster.kubectl('rollout', 'status', `deployment/${release}-${service}`, '--timeout=5m');
  });
  await timed('drain against the disruption budget', () => drain(cluster, node, figures));

  const scaled = await timed('settlement scaled by its lag', () => scale(cluster, { host, port: lagPort, brokers: servers.brokers, values: [...values_('current'), '--reuse-values'] }, figures));
  const voyage = await timed('orders until the last one was closed', () => sailing);
  figures['orders'] = voyage.counts.orders;
  figures['parcels'] = voyage.counts.parcels;
  const rested = resting(await stillness({ dir, withinMs: 120_000 }));
  const invariants = [rested, ...(await verify({ dir })).invariants];
  const broken = invariants.filter(({ holds }) => !holds);
  figures['invariants that hold'] = `${invariants.length - broken.length} of ${invariants.length}`;
  figures['restarts of containers'] = (await cluster.pods()).reduce((sum, { restarts }) => sum + restarts, 0);
  for (const { name, faults } of broken) console.log(`BROKEN ${name}\n  ${faults.join('\n  ')}`);
  forget();
  await sandbox.stop();
  await cleanUp();
  const faults = [...broken.map(({ name }) => name), ...(voyage.settled ? [] : ['not every order came to its end']), ...(asked.failures.length > 0 ? [`${asked.failures.length} questions without an answer`] : []), ...(scaled === '' ? [] : [scaled])];
  if (faults.length > 0) throw new Stop(`It does not hold: ${faults.join(', ')}.`);
  rmSync(dir, { recursive: true, force: true });
  return 0;
});

/** Links of the workspace say where they lead from the image's root: what packs the folder may not keep `../..` as it is. */
function rooted(app: string): void {
  for (const entry of readdirSync(app, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    const link = join(entry.parentPath, entry.name);
    const target = readlinkSync(link);
    if (isAbsolute(target)) continue;
    unlinkSync(link);
    symlinkSync(`/app/${relative(app, resolve(entry.parentPath, target))}`, link);
  }
}

async function bring(out: string, source: string, tag: string, load: string): Promise<void> {
  const image = buildImage(out, { source });
  rooted(join(image.dir, 'app'));
  execFileSync('sh', ['-c', load.replaceAll('{dir}', join(image.dir, 'app')).replaceAll('{ref}', `${repository}:${tag}`)], { stdio: ['ignore', 'ignore', 'inherit'] });
  rmSync(out, { recursive: true, force: true });
}

async function addresses(cluster: Cluster, node: string, given: { readonly servers: { readonly brokers: string; readonly postgresUrl: string }; readonly sandboxPort: number; readonly channels: Run['channels']; readonly apiKey: string; readonly clock: string }): Promise<Run> {
  const ports = await cluster.nodePorts();
  const of = (name: string, protocol: string): number => ports[name]?.[protocol] ?? 0;
  return {
    kafka: given.servers.brokers,
    postgres: given.servers.postgresUrl,
    http: Object.fromEntries(serviceNames.map((name) => [name, `http://${node}:${of(name, 'http')}`])),
    grpc: Object.fromEntries(serviceNames.map((name) => [name, `${node}:${of(name, 'grpc')}`])),
    sandbox: `http://127.0.0.1:${given.sandboxPort}`,
    channels: given.channels,
    apiKey: given.apiKey,
    clock: given.clock,
  };
}

async function expectImages(cluster: Cluster, tag: string): Promise<void> {
  const pods = (await cluster.pods()).filter(({ ending }) => !ending);
  const other = pods.filter(({ image }) => image !== `${repository}:${tag}`);
  if (pods.length < serviceNames.length || other.length > 0) throw new Stop(`Not every pod has the build ${tag}: ${other.map(({ name }) => name).join(', ')}.`);
}

/** settlement is away while orders go on: as soon as it is back, what waits for it has the autoscaler bring more pods. Answers what was wrong. */
async function scale(cluster: Cluster, given: { readonly host: string; readonly port: number; readonly brokers: string; readonly values: readonly string[] }, figures: Record<string, unknown>): Promise<string> {
  const deployment = `deployment/${release}-settlement`;
  const metrics = await serveLag(cluster, given);
  try {
    await cluster.helm('upgrade', release, chartDir, ...given.values, '--set', 'services.settlement.autoscaling.mode=hpa,services.settlement.autoscaling.min=1,services.settlement.autoscaling.max=3,services.settlement.autoscaling.lag=20');
    await cluster.kubectl('scale', deployment, '--replicas=0');
    for (const until = Date.now() + 120_000; (await metrics.lag('settlement')) < leastBehind; await sleep(500)) {
      if (Date.now() < until) continue;
      await cluster.kubectl('scale', deployment, '--replicas=1');
      return `settlement fell not even ${leastBehind} messages behind in two minutes: all orders had been sent; give more --orders`;
    }
    figures['messages that settlement was behind'] = await metrics.lag('settlement');
    // Its pods wait at a gate, so that the autoscaler, which looks every fifteen seconds, sees what waits for them before it is taken in.
    const gated = (gates: readonly { readonly name: string }[]): Promise<string> => cluster.kubectl('patch', deployment, '--type=merge', '-p', JSON.stringify({ spec: { template: { spec: { schedulingGates: gates } } } }));
    await gated([{ name: 'flotilla.local/lag' }]);
    await cluster.kubectl('scale', deployment, '--replicas=1');
    let most = 1;
    for (const until = Date.now() + 90_000; most < 3 && Date.now() < until; await sleep(1_000)) most = Math.max(most, Number(await cluster.kubectl('get', deployment, '-o', 'jsonpath={.spec.replicas}')));
    figures['pods of settlement after that'] = most;
    const said = most < 2 ? await cluster.kubectl('describe', 'hpa', `${release}-settlement`) : '';
    await gated([]);
    await cluster.kubectl('rollout', 'status', deployment, '--timeout=5m');
    return said === '' ? '' : `the autoscaler brought no pod more, though settlement was ${String(figures['messages that settlement was behind'])} messages behind; it says:\n${said}`;
  } finally {
    await metrics.stop();
  }
}

/** One pod of each service goes at a time; where there is no other node, the budget keeps the second where it is. */
async function drain(cluster: Cluster, node: { readonly name: string; readonly count: number }, figures: Record<string, unknown>): Promise<void> {
  const selector = 'app.kubernetes.io/component=order-core';
  const said = await cluster.kubectl('drain', node.name, '--ignore-daemonsets', '--delete-emptydir-data', `--pod-selector=${selector}`, '--timeout=25s').then(() => '', (error: Error) => error.message);
  try {
    const left = (await cluster.pods('order-core')).filter(({ ready, ending }) => ready && !ending).length;
    if (left < 1) throw new Stop('A drain took every pod of order-core.');
    if (node.count === 1 && !/disruption budget/i.test(said)) throw new Stop(`The drain of the only node was not held back by a disruption budget: ${said}`);
    figures['pods of order-core that served during the drain'] = left;
  } finally {
    await cluster.kubectl('uncordon', node.name);
  }
  await cluster.kubectl('rollout', 'status', `deployment/${release}-order-core`, '--timeout=5m');
}
