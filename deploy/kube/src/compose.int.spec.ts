import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { root, serviceNames } from '@flotilla/tasks';
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
}

const layer = (name: string): Readonly<Record<string, ComposeService>> => (parse(readFileSync(join(root, 'deploy', 'compose', `${name}.yaml`), 'utf8'), { merge: true }) as { services: Record<string, ComposeService> }).services;
const core = layer('core');
const services = layer('services');
const observability = layer('observability');

describe('the Compose files beside the chart', () => {
  let manifests: readonly Manifest[];
  beforeAll(async () => {
    const values = { secrets: { generate: true }, otlpEndpoint: 'http://collector:4318', kafka: { brokers: 'kafka:9092', topics: { by: 'job', replication: 1, minInSync: 1 } }, databases: { host: 'postgres', create: true } };
    const { renderings } = await render([{ values }]);
    if (renderings[0]!.refused !== undefined) throw new Error(renderings[0]!.refused);
    manifests = renderings[0]!.manifests;
  }, 240_000);

  // A secret of the chart is a variable of the shell here, and the release's name stands before every host.
  const plain = (value: string): string => value.replaceAll(/\$\{[A-Z_]+:\?\}|\$\([A-Z_]+\)/g, '<secret>').replace(/^flotilla-([a-z-]+:\d+)$/, '$1');
  const chartEnv = (manifest: Manifest): Record<string, string> =>
    Object.fromEntries(containerOf(manifest).env.filter(({ name }) => /^(FLOTILLA|OTEL)_/.test(name) && name !== 'OTEL_RESOURCE_ATTRIBUTES').map(({ name, value }) => [name, value === undefined ? '<secret>' : plain(value)]));

  it.each(serviceNames)('OPS-05: %s has the environment, arguments and ports that the chart renders', (service) => {
    const composed = { ...services[service]!.environment, ...observability[service]!.environment };
    const deployment = deploymentOf(manifests, service);
    // Migrations are Jobs in a cluster, and the services' own here.
    const { FLOTILLA_MIGRATION_DATABASE_URL: migration, ...env } = Object.fromEntries(Object.entries(composed).map(([name, value]) => [name, plain(value)]));
    expect(env).toEqual(chartEnv(deployment));
    const job = manifests.find(({ kind, metadata }) => kind === 'Job' && metadata.name === `flotilla-migrate-${service}`)!;
    expect(migration).toBe(chartEnv(job)['FLOTILLA_MIGRATION_DATABASE_URL']);
    expect(services[service]!.command).toEqual(containerOf(deployment).args);
    expect(services[service]!.ports).toEqual(containerOf(deployment).ports.map(({ containerPort }) => `${containerPort}:${containerPort}`));
    const { securityContext } = deployment.spec.template.spec;
    expect(services[service]).toMatchObject({ user: `${securityContext.runAsUser}:${securityContext.runAsGroup}`, read_only: true });
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
