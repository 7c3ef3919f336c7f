// What an adapter of Prometheus does in a cluster that has one: the chart's HPA asks for `flotilla_consumer_lag_messages` of a service, and is told what the broker knows.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaClient } from '@flotilla/tasks';
import { parse, stringify } from 'yaml';
import type { Cluster } from './cluster.ts';
import { chartDir } from './helm.ts';

const group = 'external.metrics.k8s.io';
const apiVersion = `${group}/v1beta1`;

/** Serves the API on host:port and registers it with the cluster until it is stopped. `lag`: messages that a service has not taken in. */
export async function serveLag(cluster: Cluster, { host, port, brokers }: { readonly host: string; readonly port: number; readonly brokers: string }): Promise<{ lag(service: string): Promise<number>; stop(): Promise<void> }> {
  const { services } = parse(readFileSync(join(chartDir, 'values.yaml'), 'utf8')) as { services: Record<string, { groups?: Record<string, string[]> }> };
  const admin = kafkaClient(brokers).admin();
  await admin.connect();
  const lag = async (service: string): Promise<number> => {
    let behind = 0;
    for (const [groupId, topics] of Object.entries(services[service]?.groups ?? {})) {
      for (const { topic, partitions } of await admin.fetchOffsets({ groupId, topics })) {
        const ends = new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]));
        for (const { partition, offset } of partitions) behind += Math.max(0, (ends.get(partition) ?? 0) - Math.max(0, Number(offset)));
      }
    }
    return behind;
  };

  const dir = mkdtempSync(join(tmpdir(), 'flotilla-lag-'));
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=lag', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    const answer = (body: unknown): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const url = new URL(request.url ?? '/', 'https://lag');
    if (!url.pathname.endsWith('/flotilla_consumer_lag_messages')) return answer({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersion, resources: [{ name: 'flotilla_consumer_lag_messages', singularName: '', namespaced: true, kind: 'ExternalMetricValueList', verbs: ['get'] }] });
    const service = /service_name=([a-z-]+)/.exec(url.searchParams.get('labelSelector') ?? '')?.[1] ?? '';
    lag(service).then(
      (value) => answer({ kind: 'ExternalMetricValueList', apiVersion, metadata: {}, items: [{ metricName: 'flotilla_consumer_lag_messages', metricLabels: { service_name: service }, timestamp: new Date().toISOString(), value: String(value) }] }),
      () => void response.writeHead(503).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));

  const name = 'flotilla-lag';
  const manifests = [
    { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ name: 'https', port: 443, targetPort: port }] } },
    { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name, labels: { 'kubernetes.io/service-name': name } }, addressType: 'IPv4', ports: [{ name: 'https', port, protocol: 'TCP' }], endpoints: [{ addresses: [host], conditions: { ready: true } }] },
    { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: `v1beta1.${group}` }, spec: { group, version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true, service: { name, namespace: cluster.namespace } } },
  ];
  const file = join(dir, 'metrics.yaml');
  writeFileSync(file, manifests.map((manifest) => stringify(manifest)).join('---\n'));
  await cluster.kubectl('apply', '-f', file);
  await cluster.kubectl('wait', '--for=condition=Available', `apiservice/v1beta1.${group}`, '--timeout=60s');
  return {
    lag,
    stop: async () => {
      await cluster.kubectl('delete', '-f', file, '--ignore-not-found');
      server.closeAllConnections();
      server.close();
      await admin.disconnect();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
