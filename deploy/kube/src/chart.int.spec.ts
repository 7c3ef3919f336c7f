import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { root, serviceNames, topics } from '@flotilla/tasks';
import { chartFiles } from '../../tasks/chart.ts';
import { render, type Rendering } from './helm.ts';
import { containerOf, deploymentOf, faultsOf, type Manifest } from './manifests.ts';

const presets = ['values-dev.yaml', 'values-external.yaml', 'values-ha.yaml'] as const;
const working = { secrets: { existing: 'keys' }, kafka: { brokers: 'kafka:9092' }, databases: { host: 'postgres', existingSecret: 'passwords' } };
// What is refused, and by which words.
const refused: readonly (readonly [string, object, RegExp])[] = [
  ['a misspelt value', { ...working, replicaz: 2 }, /replicaz/],
  ['a misspelt value of a row', { ...working, services: { ingest: { replicaz: 2 } } }, /replicaz/],
  ['a service that nobody knows', { ...working, services: { invoices: { main: 'services/invoices/dist/main.js', ports: { http: 1 } } } }, /invoices/],
  ['no database', { ...working, databases: {} }, /name a host, or enable cloudnativepg/],
  ['two databases', { ...working, databases: { ...working.databases, cloudnativepg: { enabled: true } } }, /exclude one another/],
  ['no brokers', { ...working, kafka: {} }, /name brokers, or enable strimzi/],
  ['no secrets', { ...working, secrets: {} }, /secrets: name an existing one/],
  ['more pods than partitions', { ...working, defaults: { autoscaling: { mode: 'keda', max: 13 } } }, /12 partitions/],
  ['two ways of scaling', { ...working, defaults: { autoscaling: { mode: 'hpa,keda' } } }, /mode/],
  ['a grace shorter than the drain', { ...working, terminationGraceSeconds: 20 }, /15 s in which a service drains/],
  ['a question to who is not there', { ...working, services: { alerts: { enabled: false }, console: { enabled: true } } }, /console asks alerts/],
];

describe('the chart helm/flotilla', () => {
  let lint: string;
  const rendered = new Map<string, Rendering>();
  const of = (name: string): readonly Manifest[] => rendered.get(name)?.manifests ?? [];

  beforeAll(async () => {
    const wanted = [...presets.map((file) => ({ file })), { values: working }, ...refused.map(([, values]) => ({ values }))];
    const names = [...presets, 'working', ...refused.map(([name]) => name)];
    const { renderings, lint: said } = await render(wanted);
    lint = said;
    renderings.forEach((rendering, n) => rendered.set(names[n]!, rendering));
  }, 300_000);

  it('OPS-05: passes helm lint --strict', () => {
    expect(lint).toMatch(/^\[INFO\] Chart\.yaml: icon is recommended$/);
  });

  it.each([...presets, 'working'])('OPS-05: %s renders kinds that the API server takes as they are, strictly', (name) => {
    expect(rendered.get(name)?.refused).toBeUndefined();
    expect(of(name).length).toBeGreaterThanOrEqual(40);
    expect(of(name).flatMap(faultsOf)).toEqual([]);
  });

  it('OPS-05: of each kind that it knows one is rendered, or its schema would prove nothing', () => {
    const { kinds } = JSON.parse(readFileSync(join(root, 'deploy', 'kube', 'schemas.json'), 'utf8')) as { kinds: Record<string, unknown> };
    const seen = new Set(presets.flatMap((preset) => of(preset).map(({ apiVersion, kind }) => `${apiVersion}/${kind}`)));
    const withoutFiles = ['v1/ConfigMap', 'monitoring.coreos.com/v1/PrometheusRule'].filter((kind) => !seen.has(kind));
    // Dashboards and rules are rendered where there are files of them.
    expect(Object.keys(kinds).filter((kind) => !seen.has(kind) && !withoutFiles.includes(kind) && !kind.startsWith('gateway.networking.k8s.io/v1beta1'))).toEqual([]);
  });

  it('finds a field that the API server would drop', () => {
    const deployment = structuredClone(deploymentOf(of('working'), 'ingest'));
    deployment.spec.template.spec.containers[0].livenesProbe = {};
    expect(faultsOf(deployment).join()).toContain('livenesProbe');
  });

  it.each(refused)('OPS-05: refuses %s, and says why', (name, _values, why) => {
    expect(rendered.get(name)?.refused).toMatch(why);
  });

  it('has one Deployment, Service, ServiceAccount, PodDisruptionBudget and NetworkPolicy for each of the seven', () => {
    for (const kind of ['Deployment', 'Service', 'ServiceAccount', 'PodDisruptionBudget', 'NetworkPolicy']) {
      const names = of('working').filter((manifest) => manifest.kind === kind).map(({ metadata }) => metadata.name);
      expect(serviceNames.filter((service) => !names.includes(`flotilla-${service}`))).toEqual([]);
    }
  });

  it('gives every pod what the restricted standard wants, and no token', () => {
    const specs = presets.flatMap((preset) => of(preset)).flatMap(({ kind, spec }) => (kind === 'Pod' ? [spec] : kind === 'Deployment' || kind === 'Job' ? [spec.template.spec] : []));
    expect(specs.length).toBeGreaterThan(30);
    for (const spec of specs) {
      expect(spec).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } });
      for (const { securityContext, resources } of spec.containers) {
        expect(securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
        expect(resources.limits.memory).toBeDefined();
      }
    }
  });

  it('gives no service the password of the databases’ owner, and no secret a place in plain text', () => {
    for (const service of serviceNames) {
      const { env } = containerOf(deploymentOf(of('values-ha.yaml'), service));
      expect(env.map(({ name }) => name)).not.toContain('FLOTILLA_MIGRATION_DATABASE_URL');
      expect(env.filter(({ name, valueFrom }) => /KEY|KEK|PASSWORD/.test(name) && !valueFrom?.secretKeyRef)).toEqual([]);
    }
  });

  it('keeps a pod reachable while it is taken out, and longer alive than it drains', () => {
    for (const service of serviceNames) {
      const { spec } = deploymentOf(of('working'), service);
      const { lifecycle, livenessProbe, readinessProbe, startupProbe } = spec.template.spec.containers[0];
      expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(lifecycle.preStop.sleep.seconds + 15);
      expect(spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
      expect([startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.path)).toEqual(['/livez', '/livez', '/readyz']);
    }
  });

  it('spreads over zones and nodes, each revision by itself', () => {
    const { topologySpreadConstraints } = deploymentOf(of('values-ha.yaml'), 'order-core').spec.template.spec;
    expect(topologySpreadConstraints).toEqual(
      [['topology.kubernetes.io/zone', 'DoNotSchedule'], ['kubernetes.io/hostname', 'ScheduleAnyway']].map(([topologyKey, whenUnsatisfiable]) => expect.objectContaining({ topologyKey, whenUnsatisfiable, matchLabelKeys: ['pod-template-hash'] })),
    );
  });

  it('leaves the number of pods to what scales them', () => {
    for (const preset of ['values-external.yaml', 'values-ha.yaml'] as const) expect(serviceNames.map((service) => deploymentOf(of(preset), service).spec.replicas)).toEqual(serviceNames.map(() => undefined));
  });

  it('has KEDA look at each topic of each consumer group, and at topics that there are', () => {
    const known = new Set(topics().map(({ name }) => name));
    for (const service of serviceNames) {
      const scaled = of('values-ha.yaml').find(({ kind, metadata }) => kind === 'ScaledObject' && metadata.name === `flotilla-${service}`)!;
      const triggers = scaled.spec.triggers as { metadata: { consumerGroup: string; topic: string } }[];
      expect(triggers.length).toBeGreaterThan(0);
      expect(triggers.filter(({ metadata }) => !known.has(metadata.topic))).toEqual([]);
    }
  });

  it('lets through what the design has arrows for, and nothing else', () => {
    const policies = of('working').filter(({ kind }) => kind === 'NetworkPolicy');
    const arrows = policies.flatMap(({ metadata, spec }) =>
      ((spec.egress ?? []) as { to?: { podSelector?: { matchLabels: Record<string, string> } }[] }[])
        .flatMap(({ to = [] }) => to.map(({ podSelector }) => podSelector?.matchLabels['app.kubernetes.io/component']))
        .filter((asked) => asked !== undefined)
        .map((asked) => `${metadata.name.replace('flotilla-', '')} -> ${asked}`),
    );
    expect(arrows.sort()).toEqual([...['order-core', 'allocation', 'carrier', 'tracking', 'settlement', 'alerts'].map((service) => `${service} -> ingest`), 'carrier -> allocation', ...['order-core', 'allocation', 'carrier', 'tracking', 'settlement'].map((asked) => `alerts -> ${asked}`)].sort());
    const outside = policies.filter(({ spec }) => JSON.stringify(spec.egress ?? []).includes('ipBlock')).map(({ metadata }) => metadata.name);
    expect(outside.sort()).toEqual(['alerts', 'allocation', 'carrier', 'ingest', 'tracking'].map((service) => `flotilla-${service}`));
    // Nothing is let in without being named.
    expect(policies.find(({ metadata }) => metadata.name === 'flotilla-deny')!.spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'], podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'flotilla' } } });
    // And whoever asks is let in by the one asked.
    for (const [asker, asked] of arrows.map((arrow) => arrow.split(' -> '))) {
      const into = JSON.stringify(policies.find(({ metadata }) => metadata.name === `flotilla-${asked}`)!.spec.ingress);
      expect(into).toContain(`"app.kubernetes.io/component":"${asker}"`);
    }
  });

  it('has the topics of the fleet, one KafkaTopic each', () => {
    const rendering = of('values-ha.yaml').filter(({ kind }) => kind === 'KafkaTopic');
    expect(rendering.map(({ metadata, spec }) => ({ name: metadata.name, partitions: spec.partitions, retentionMs: spec.config['retention.ms'] }))).toEqual([...topics()].map(({ name, partitions, retentionMs }) => ({ name, partitions, retentionMs })));
  });

  it('migrates each database once, before the pods: as a hook, or as a Job of the revision', () => {
    const jobs = (preset: string): readonly Manifest[] => of(preset).filter(({ kind, metadata }) => kind === 'Job' && metadata.name.includes('-migrate-'));
    expect(jobs('values-dev.yaml').map(({ metadata }) => metadata.annotations?.['helm.sh/hook'])).toEqual(serviceNames.map(() => 'pre-install,pre-upgrade'));
    expect(jobs('values-external.yaml').every(({ metadata }) => metadata.annotations === undefined && metadata.name.endsWith('-1'))).toBe(true);
    expect(jobs('values-external.yaml').map((job) => containerOf(job).args.at(-1))).toEqual(serviceNames.map(() => 'migrate'));
  });

  it('is described by what is generated from its values and from the topics', () => {
    for (const [file, text] of Object.entries(chartFiles())) expect([file, readFileSync(join(root, file), 'utf8') === text]).toEqual([file, true]);
  });
});
