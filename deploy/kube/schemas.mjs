// Strict JSON schemas of the kinds that the chart renders, out of Kubernetes' own swagger.json and the operators' CRDs (all Apache-2.0):
//   node deploy/kube/schemas.mjs swagger.json CRD.yaml...   writes deploy/kube/schemas.json
// Texts are left out, and every object is closed: a field that the API server would drop without a word is a fault.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const kinds = ['apps/v1/Deployment', 'v1/Service', 'v1/ServiceAccount', 'v1/Secret', 'v1/ConfigMap', 'v1/Pod', 'batch/v1/Job', 'policy/v1/PodDisruptionBudget', 'autoscaling/v2/HorizontalPodAutoscaler', 'networking.k8s.io/v1/NetworkPolicy', 'networking.k8s.io/v1/Ingress'];
const custom = ['ScaledObject', 'KafkaNodePool', 'Kafka', 'KafkaTopic', 'Cluster', 'Database', 'HTTPRoute', 'GRPCRoute', 'ServiceMonitor', 'PrometheusRule', 'ExternalSecret'];
const intOrString = { anyOf: [{ type: 'string' }, { type: 'integer' }] };
const quantity = { anyOf: [{ type: 'string' }, { type: 'number' }] };

const closed = (schema) => {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') return intOrString;
  const open = schema['x-kubernetes-preserve-unknown-fields'] || schema['x-kubernetes-embedded-resource'];
  const kept = Object.entries(schema).filter(([name, value]) => !name.startsWith('x-kubernetes') && !(name === 'description' && typeof value === 'string') && !['default', 'format', 'nullable', 'example'].includes(name));
  const result = Object.fromEntries(kept.map(([name, value]) => [name, name === 'properties' ? Object.fromEntries(Object.entries(value).map(([one, inner]) => [one, closed(inner)])) : name === 'enum' || name === 'required' ? value : closed(value)]));
  if (schema.nullable && typeof schema.type === 'string') result.type = [schema.type, 'null'];
  if (result.properties && result.additionalProperties === undefined && !open) result.additionalProperties = false;
  return result;
};

const [swagger, ...crds] = process.argv.slice(2);
const source = JSON.parse(readFileSync(swagger, 'utf8')).definitions;
const definitions = {};
const take = (name) => {
  if (name in definitions) return;
  definitions[name] = name.endsWith('IntOrString') ? intOrString : name.endsWith('Quantity') ? quantity : name.endsWith('FieldsV1') ? {} : closed(source[name]);
  for (const [, inner] of JSON.stringify(definitions[name]).matchAll(/"#\/definitions\/([^"]+)"/g)) take(inner);
};
const result = {};
for (const [name, schema] of Object.entries(source)) {
  for (const { group, version, kind } of schema['x-kubernetes-group-version-kind'] ?? []) {
    const key = `${group === '' ? '' : `${group}/`}${version}/${kind}`;
    if (!kinds.includes(key)) continue;
    take(name);
    result[key] = { $ref: `#/definitions/${name}` };
  }
}
for (const file of crds) {
  for (const document of parseAllDocuments(readFileSync(file, 'utf8'), { schema: 'core', maxAliasCount: -1 })) {
    const crd = document.toJS();
    if (crd?.kind !== 'CustomResourceDefinition' || !custom.includes(crd.spec.names.kind)) continue;
    for (const { name, served, schema } of crd.spec.versions) {
      if (!served) continue;
      const own = closed(schema.openAPIV3Schema);
      own.properties = { ...own.properties, apiVersion: { const: `${crd.spec.group}/${name}` }, kind: { const: crd.spec.names.kind }, metadata: { type: 'object' } };
      result[`${crd.spec.group}/${name}/${crd.spec.names.kind}`] = own;
    }
  }
}
const missing = [...kinds, ...custom].filter((wanted) => !Object.keys(result).some((key) => key === wanted || key.endsWith(`/${wanted}`)));
if (missing.length > 0) throw new Error(`no schema for ${missing.join(', ')}`);
writeFileSync(join(import.meta.dirname, 'schemas.json'), `${JSON.stringify({ definitions, kinds: result })}\n`);
