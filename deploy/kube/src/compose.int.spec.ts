import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { composeFiles, fleetCallers, installationSecrets, root } from '@flotilla/tasks';
import { parse } from 'yaml';
import { render } from './helm.ts';
import { containerOf, deploymentOf, type Manifest } from './manifests.ts';

interface ComposeService {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly secrets?: readonly { readonly source: string; readonly target: string }[];
}

const layer = (name: string): Readonly<Record<string, ComposeService>> => (parse(readFileSync(join(root, 'deploy', 'compose', `${name}.yaml`), 'utf8'), { merge: true }) as { services: Record<string, ComposeService> }).services;
const core = layer('core');
const services = layer('services');
const observability = layer('observability');
const secretFiles = (parse(readFileSync(join(root, 'deploy', 'compose', 'services.yaml'), 'utf8'), { merge: true }) as { secrets: Record<string, { file: string }> }).secrets;

describe('the Compose files beside the chart', () => {
  let manifests: readonly Manifest[];
  beforeAll(async () => {
    const values = { secrets: { existing: 'keys', access: 'access', callers: 'callers' }, otlpEndpoint: 'http://collector:4318', kafka: { brokers: 'kafka:9092', topics: { by: 'job', replication: 1, minInSync: 1 } }, databases: { host: 'postgres', create: true, existingSecret: 'databases' } };
    const { renderings } = await render([{ values }]);
    if (renderings[0]!.refused !== undefined) throw new Error(renderings[0]!.refused);
    manifests = renderings[0]!.manifests;
  }, 240_000);

  // A secret of the chart is a variable of the shell here, and the release's name stands before every host.
  const plain = (value: string): string => value.replaceAll(/\$\{[A-Z_]+:\?\}|\$\([A-Z_]+\)/g, '<secret>').replace(/^flotilla-([a-z-]+:\d+)$/, '$1');
  const chartEnv = (manifest: Manifest): Record<string, string> =>
    Object.fromEntries(containerOf(manifest).env.filter(({ name }) => /^(FLOTILLA|OTEL)_/.test(name) && name !== 'OTEL_RESOURCE_ATTRIBUTES').map(({ name, value }) => [name, value === undefined ? '<secret>' : plain(value)]));

  it.each(fleetCallers)('OPS-05: %s has the environment, arguments and ports that the chart renders', (service) => {
    const composed = { ...services[service]!.environment, ...observability[service]!.environment };
    const deployment = deploymentOf(manifests, service);
    // Migrations are Jobs in a cluster, and the services' own here.
    const { FLOTILLA_MIGRATION_DATABASE_URL: migration, ...env } = Object.fromEntries(Object.entries(composed).map(([name, value]) => [name, plain(value)]));
    expect(env).toEqual(chartEnv(deployment));
    const job = manifests.find(({ kind, metadata }) => kind === 'Job' && metadata.name === `flotilla-migrate-${service}`);
    expect(migration).toBe(job && chartEnv(job)['FLOTILLA_MIGRATION_DATABASE_URL']);
    expect(job === undefined).toBe(service === 'console');
    expect(services[service]!.command).toEqual(containerOf(deployment).args);
    expect(services[service]!.ports).toEqual(containerOf(deployment).ports.map(({ containerPort }) => `${containerPort}:${containerPort}`));
    const { securityContext } = deployment.spec.template.spec;
    expect(services[service]).toMatchObject({ user: `${securityContext.runAsUser}:${securityContext.runAsGroup}`, read_only: true });
  });

  it.each(fleetCallers)('OPS-05: %s has the files of the calls where the chart mounts them, and no key of another', (service) => {
    const pod = deploymentOf(manifests, service).spec.template.spec;
    const { mountPath } = (pod.containers[0].volumeMounts as { name: string; mountPath: string }[]).find(({ name }) => name === 'calls')!;
    const { sources } = (pod.volumes as { name: string; projected?: { sources: { secret: { name: string; items: { key: string; path: string }[] } }[] } }[]).find(({ name }) => name === 'calls')!.projected!;
    const mounted = sources.flatMap(({ secret }) => secret.items.map(({ key, path }) => ({ from: secret.name === 'access' ? `./secrets/${key}` : `./secrets/callers/${key}`, target: `${mountPath}/${path}` })));
    expect(services[service]!.secrets!.map(({ source, target }) => ({ from: `./${secretFiles[source]!.file}`, target }))).toEqual(mounted);
  });

  it('OPS-05: npm run secrets writes every file and variable that Compose wants', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'flotilla-compose-'));
    const files = await installationSecrets(dir).then(composeFiles).finally(() => rmSync(dir, { recursive: true, force: true }));
    expect(Object.values(secretFiles).map(({ file }) => file).filter((file) => !files[file])).toEqual([]);
    const written = [...files['.env']!.matchAll(/^([A-Z_]+)=(?:'.+'|[\w-]+)$/gm)].map((match) => match[1]!);
    expect(written.toSorted()).toEqual([...readFileSync(join(root, 'deploy', 'compose', '.env.example'), 'utf8').matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1]!).toSorted());
  });

  it.each(['databases', 'topics'])('OPS-05: prepares %s as the chart’s Job does', (part) => {
    const job = manifests.find(({ kind, metadata }) => kind === 'Job' && metadata.name === `flotilla-${part}`)!;
    const { args, env } = containerOf(job);
    expect(core[part]!.command).toEqual(args);
    const names = env.map(({ name }) => name).filter((name) => name !== 'OWNER_PASSWORD');
    expect(Object.keys(core[part]!.environment ?? {}).sort()).toEqual(names.sort());
    for (const { name, value } of env) if (value !== undefined) expect([name, plain(core[part]!.environment![name]!)]).toEqual([name, plain(value)]);
  });

  it('names every variable in .env.example, and no image without a version', () => {
    const files = ['core', 'services', 'observability'].map((name) => readFileSync(join(root, 'deploy', 'compose', `${name}.yaml`), 'utf8')).join('\n');
    const wanted = new Set([...files.matchAll(/\$\{([A-Z_]+):\?\}/g)].map((match) => match[1]!));
    const given = readFileSync(join(root, 'deploy', 'compose', '.env.example'), 'utf8').split('\n').flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []);
    expect(given.toSorted()).toEqual([...wanted].sort());
    const images = [core, services, observability].flatMap((one) => Object.values(one)).flatMap(({ image }) => image ?? []);
    expect(images.filter((image) => !/:[\w.]+$/.test(image) || image.endsWith(':latest'))).toEqual([]);
  });
});
