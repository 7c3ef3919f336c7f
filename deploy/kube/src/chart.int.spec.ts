import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { fleetCallers, root, serviceNames, topics } from '@flotilla/tasks';
import { parse } from 'yaml';
import { chartFiles } from '../../tasks/chart.ts';
import { kafkaAccess } from '../../tasks/kafka-access.ts';
import { render, type Rendering } from './helm.ts';
import { containerOf, deploymentOf, faultsOf, type Manifest } from './manifests.ts';

const presets = ['values-dev.yaml', 'values-external.yaml', 'values-ha.yaml'] as const;
const working = { secrets: { existing: 'keys', access: 'access', callers: 'callers' }, kafka: { brokers: 'kafka:9092' }, databases: { host: 'postgres', existingSecret: 'passwords' } };
const secured = { ...working, kafka: { brokers: 'kafka:9094', ports: [9094], usersSecret: 'kafka-users', tls: true, triggerAuthentication: 'kafka-login', topics: { by: 'none' } }, defaults: { autoscaling: { mode: 'keda' } } };
// What is refused, and by which words.
const refused: readonly (readonly [string, object, RegExp])[] = [
  ['a misspelt value', { ...working, replicaz: 2 }, /replicaz/],
  ['a misspelt value of a row', { ...working, services: { ingest: { replicaz: 2 } } }, /replicaz/],
  ['a service that nobody knows', { ...working, services: { invoices: { main: 'services/invoices/dist/main.js', ports: { http: 1 } } } }, /invoices/],
  ['no database', { ...working, databases: {} }, /name a host, or enable cloudnativepg/],
  ['two databases', { ...working, databases: { ...working.databases, cloudnativepg: { enabled: true } } }, /exclude one another/],
  ['no brokers', { ...working, kafka: {} }, /name brokers, or enable strimzi/],
  ['no secrets', { ...working, secrets: {} }, /secrets: name existing, access and callers/],
  ['keys without those who may call', { ...working, secrets: { existing: 'keys' } }, /secrets: name existing, access and callers/],
  ['External Secrets without a store', { ...working, secrets: { external: { enabled: true } } }, /name the store/],
  ['users of Kafka who would have to make topics', { ...working, kafka: { brokers: 'kafka:9092', usersSecret: 'kafka' } }, /no user of kafka.usersSecret may make topics/],
  ['KEDA that may not ask the broker', { ...working, kafka: { brokers: 'kafka:9092', usersSecret: 'kafka', topics: { by: 'none' } }, defaults: { autoscaling: { mode: 'keda' } } }, /name triggerAuthentication/],
  ['more pods than partitions', { ...working, defaults: { autoscaling: { mode: 'keda', max: 13 } } }, /12 partitions/],
  ['two ways of scaling', { ...working, defaults: { autoscaling: { mode: 'hpa,keda' } } }, /mode/],
  ['a grace shorter than the drain', { ...working, terminationGraceSeconds: 20 }, /15 s in which a service drains/],
  ['a question to who is not there', { ...working, services: { alerts: { enabled: false } } }, /console asks alerts/],
];

// Groups that a service has only where its environment asks for them, and what they alone read.
const optional = new Set(['allocation-forecast', 'allocation-floor']);
const onlyWhenAsked = new Set(['allocation stock.v1']);

describe('the chart helm/flotilla', () => {
  let lint: string;
  const rendered = new Map<string, Rendering>();
  const of = (name: string): readonly Manifest[] => rendered.get(name)?.manifests ?? [];

  beforeAll(async () => {
    const wanted = [...presets.map((file) => ({ file })), { values: working }, { values: secured }, ...refused.map(([, values]) => ({ values }))];
    const names = [...presets, 'working', 'secured', ...refused.map(([name]) => name)];
    const { renderings, lint: said } = await render(wanted);
    lint = said;
    renderings.forEach((rendering, n) => rendered.set(names[n]!, rendering));
  }, 300_000);

  it('OPS-05: passes helm lint --strict', () => {
    expect(lint).toMatch(/^\[INFO\] Chart\.yaml: icon is recommended$/);
  });

  it.each([...presets, 'working', 'secured'])('OPS-05: %s renders kinds that the API server takes as they are, strictly', (name) => {
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

  it('has one Deployment, Service, ServiceAccount, PodDisruptionBudget and NetworkPolicy for each of the seven and the console', () => {
    for (const kind of ['Deployment', 'Service', 'ServiceAccount', 'PodDisruptionBudget', 'NetworkPolicy']) {
      const names = of('working').filter((manifest) => manifest.kind === kind).map(({ metadata }) => metadata.name);
      expect(fleetCallers.filter((service) => !names.includes(`flotilla-${service}`))).toEqual([]);
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
    for (const service of fleetCallers) {
      const { env } = containerOf(deploymentOf(of('values-ha.yaml'), service));
      expect(env.map(({ name }) => name)).not.toContain('FLOTILLA_MIGRATION_DATABASE_URL');
      expect(env.filter(({ name, valueFrom }) => /(KEY|KEK|USERS|PASSWORD)$/.test(name) && !valueFrom?.secretKeyRef)).toEqual([]);
    }
  });

  it('keeps a pod reachable while it is taken out, and longer alive than it drains', () => {
    for (const service of fleetCallers) {
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

  it('OPS-07: gives a pod who may call and its own private key as files, and no key of another', () => {
    for (const service of fleetCallers) {
      const { volumes } = deploymentOf(of('working'), service).spec.template.spec as { volumes: { name: string }[] };
      const own = { secret: { name: 'callers', items: [{ key: `${service}.json`, path: 'caller.json' }] } };
      const access = { secret: { name: 'access', items: [{ key: 'access.json', path: 'access.json' }] } };
      // Who is called by nobody over gRPC need not know who may.
      expect(volumes.filter((volume) => JSON.stringify(volume).includes('secret'))).toEqual([{ name: 'calls', projected: { defaultMode: 0o440, sources: service === 'console' ? [own] : [access, own] } }]);
    }
    const test = of('working').find(({ kind }) => kind === 'Pod')!;
    expect(test.spec.volumes).toEqual([{ name: 'calls', projected: { defaultMode: 0o440, sources: [{ secret: { name: 'callers', items: [{ key: 'test.json', path: 'caller.json' }] } }] } }]);
    expect(of('values-external.yaml').filter(({ kind }) => kind === 'ExternalSecret').map(({ metadata, spec }) => [metadata.name, spec.dataFrom[0].extract.key])).toEqual(['access', 'callers', 'keys'].map((part) => [`flotilla-${part}`, `flotilla-${part}`]));
  });

  it('OPS-07: logs in to brokers that ask for it as the service itself, by TLS, and lets KEDA do so', () => {
    for (const service of serviceNames) {
      const { env } = containerOf(deploymentOf(of('secured'), service));
      expect(env.filter(({ name }) => /^FLOTILLA_KAFKA_(USER|PASSWORD|TLS)$/.test(name))).toEqual([
        { name: 'FLOTILLA_KAFKA_USER', value: service },
        { name: 'FLOTILLA_KAFKA_PASSWORD', valueFrom: { secretKeyRef: { name: 'kafka-users', key: service } } },
        { name: 'FLOTILLA_KAFKA_TLS', value: 'true' },
      ]);
    }
    const triggers = of('secured').filter(({ kind }) => kind === 'ScaledObject').flatMap(({ spec }) => spec.triggers as { authenticationRef?: object }[]);
    expect(triggers.length).toBeGreaterThan(20);
    expect(triggers.every(({ authenticationRef }) => JSON.stringify(authenticationRef) === '{"name":"kafka-login"}')).toBe(true);
  });

  it('OPS-05: the console has a host of its own, and neither a database nor Kafka', () => {
    const [route] = of('values-ha.yaml').filter(({ kind, metadata }) => kind === 'HTTPRoute' && metadata.name === 'flotilla-console');
    expect(route!.spec).toMatchObject({ hostnames: ['console.flotilla.example'], rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs: [{ name: 'flotilla-console', port: 8100 }] }] });
    const ingress = of('values-external.yaml').find(({ kind }) => kind === 'Ingress')!;
    expect((ingress.spec.rules as { host: string }[]).find(({ host }) => host === 'console.flotilla.example')).toMatchObject({ http: { paths: [{ path: '/', backend: { service: { name: 'flotilla-console', port: { name: 'http' } } } }] } });
    expect(containerOf(deploymentOf(of('values-ha.yaml'), 'console')).env.map(({ name }) => name).filter((name) => /DATABASE|KAFKA|GRPC_PORT|PARKED|REFLECTION|ACCESS/.test(name))).toEqual([]);
    // Without a group there is no lag to scale by: its number is told.
    expect(deploymentOf(of('values-ha.yaml'), 'console').spec.replicas).toBe(3);
  });

  it('OPS-05: lists every consumer group of the services, with its topics', () => {
    const { services } = parse(readFileSync(join(root, 'helm', 'flotilla', 'values.yaml'), 'utf8')) as { services: Record<string, { groups?: Record<string, string[]> }> };
    for (const service of serviceNames) {
      const read = new Set(Object.values(services[service]!.groups ?? {}).flat());
      expect([service, [...read].toSorted()]).toEqual([service, kafkaAccess()[service]!.reads.filter((topic) => !onlyWhenAsked.has(`${service} ${topic}`)).toSorted()]);
      const files = globSync(`services/${service}/src/**/*.ts`, { cwd: root }).filter((file) => !/\.spec\.ts$|participant\.service\.ts$/.test(file));
      const named = files.flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(/name: '([a-z-]+)',\s+topics(?:: |:)/g)].map((match) => match[1]!));
      expect([service, named.filter((name) => !optional.has(name) && !services[service]!.groups![name])]).toEqual([service, []]);
    }
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
    expect(arrows.sort()).toEqual([...['order-core', 'allocation', 'carrier', 'tracking', 'settlement', 'alerts'].map((service) => `${service} -> ingest`), ...serviceNames.map((asked) => `console -> ${asked}`), 'carrier -> allocation', ...['order-core', 'allocation', 'carrier', 'tracking', 'settlement'].map((asked) => `alerts -> ${asked}`)].sort());
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
