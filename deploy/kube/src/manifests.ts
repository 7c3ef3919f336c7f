// What the chart renders, as far as specs look at it, and whether the API server would take it as it is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parseAllDocuments } from 'yaml';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  // Each kind has a shape of its own; the schemas know them.
  readonly spec: any;
  readonly data?: Readonly<Record<string, string>>;
}

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
  readonly timeoutSeconds: number;
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
}

export interface Container {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: readonly EnvVar[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

export const manifestsOf = (text: string): Manifest[] =>
  parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    const manifest = document.toJS() as Manifest | null;
    return manifest ? [manifest] : [];
  });

const { definitions, kinds } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'schemas.json'), 'utf8')) as { definitions: object; kinds: Record<string, { $ref?: string }> };
// Patterns of resource definitions are RE2's, which set flags inside.
const re2 = Object.assign((pattern: string, flags: string): RegExp => new RegExp(pattern.replaceAll('(?i)', ''), pattern.includes('(?i)') ? `${flags}i` : flags), { code: 'new RegExp' });
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, code: { regExp: re2 } });
ajv.addSchema({ definitions }, 'kubernetes');
const compiled = new Map<string, ValidateFunction>();

/** What the API server, validating strictly, would find wrong; nothing if it is right. */
export function faultsOf(manifest: Manifest): readonly string[] {
  const key = `${manifest.apiVersion}/${manifest.kind}`;
  const schema = kinds[key];
  if (!schema) return [`${key} is a kind without a schema`];
  const check = compiled.get(key) ?? ajv.compile(schema.$ref ? { $ref: `kubernetes${schema.$ref}` } : schema);
  compiled.set(key, check);
  if (check(manifest as unknown)) return [];
  return (check.errors ?? []).map(({ instancePath, message, params }) => `${key} ${manifest.metadata?.name}: ${instancePath} ${message} ${JSON.stringify(params)}`);
}

/** The environment that a kubelet would give this container: secrets of the same rendering, `$(NAME)` put in. */
export function environmentOf(container: Pick<Container, 'env'>, manifests: readonly Manifest[]): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const { name, value, valueFrom } of container.env) {
    const reference = valueFrom?.secretKeyRef;
    if (reference) {
      const secret = manifests.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === reference.name)?.data?.[reference.key];
      if (secret === undefined) throw new Error(`${name}: the rendering has no key ${reference.key} in a secret ${reference.name}`);
      env[name] = Buffer.from(secret, 'base64').toString();
    } else {
      env[name] = (value ?? '').replace(/\$\(([A-Z_]+)\)/g, (whole, other: string) => env[other] ?? whole);
    }
  }
  return env;
}

/** The folders that a kubelet would mount from secrets of the same rendering. */
export const mountsOf = (pod: Manifest['spec'], manifests: readonly Manifest[]): readonly { readonly path: string; readonly mode: number; readonly files: Readonly<Record<string, Buffer>> }[] =>
  ((pod.volumes ?? []) as { name: string; projected?: { defaultMode: number; sources: { secret: { name: string; items: { key: string; path: string }[] } }[] } }[]).flatMap(({ name, projected }) => {
    if (!projected) return [];
    const files = projected.sources.flatMap(({ secret }) =>
      secret.items.map(({ key, path }) => {
        const data = manifests.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === secret.name)?.data?.[key];
        if (data === undefined) throw new Error(`${name}: there is no key ${key} in a secret ${secret.name}`);
        return [path, Buffer.from(data, 'base64')] as const;
      }),
    );
    const { mountPath } = (pod.containers[0].volumeMounts as { name: string; mountPath: string }[]).find((mount) => mount.name === name)!;
    return [{ path: mountPath, mode: projected.defaultMode, files: Object.fromEntries(files) }];
  });

export const deploymentOf = (manifests: readonly Manifest[], service: string): Manifest => {
  const found = manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.labels?.['app.kubernetes.io/component'] === service);
  if (!found) throw new Error(`the rendering has no Deployment of ${service}`);
  return found;
};

export const containerOf = (manifest: Manifest): Container => manifest.spec.template.spec.containers[0] as Container;
