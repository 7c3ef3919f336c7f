// The real Helm, as a library on the JDK: a machine without a helm binary renders the chart just the same.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jarsOf, root, Stop } from '@flotilla/tasks';
import { stringify } from 'yaml';
import { manifestsOf, type Manifest } from './manifests.ts';

export const chartDir = join(root, 'helm', 'flotilla');
export const kubeVersion = '1.34.4';
/** Of a rendering, so that names can be told: the objects are flotilla-<service>. */
export const release = { name: 'flotilla', namespace: 'shop' } as const;

/** Values by a file of the chart, by an object, or both, the object over the file. */
export interface Values {
  readonly file?: string;
  readonly values?: object;
}

export type Rendering = { readonly manifests: readonly Manifest[]; readonly refused?: undefined } | { readonly manifests?: undefined; readonly refused: string };

/** `helm template` for each of these values, and `helm lint --strict`, in one JVM. */
export async function render(wanted: readonly Values[]): Promise<{ readonly renderings: readonly Rendering[]; readonly lint: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-helm-'));
  const cluster = await emptyCluster(join(dir, 'kubeconfig'));
  try {
    const files = wanted.map(({ file, values = {} }, n) => {
      const path = join(dir, `${n}.values.yaml`);
      writeFileSync(path, `${file ? readFileSync(join(chartDir, file), 'utf8') : ''}\n`);
      if (!file) writeFileSync(path, stringify(values));
      else if (Object.keys(values).length > 0) throw new Error('a file or values, not both');
      return path;
    });
    const { dir: jars } = await jarsOf(join(import.meta.dirname, '..', 'helm.pom.xml'), 'Helm');
    // The library leaves hooks out of what it renders: under another name they are objects like all others.
    const copy = join(dir, 'chart');
    cpSync(chartDir, copy, { recursive: true });
    for (const file of globSync('templates/**/*', { cwd: copy, withFileTypes: true }).filter((entry) => entry.isFile())) replaceIn(join(file.parentPath, file.name), hook, unhooked);
    await java(['-cp', join(jars, '*'), join(import.meta.dirname, '..', 'HelmRender.java'), chartDir, copy, dir, kubeVersion, release.name, release.namespace, ...files], join(dir, 'kubeconfig'));
    const renderings = wanted.map((_, n): Rendering => {
      const error = join(dir, `${n}.error`);
      return existsSync(error) ? { refused: readFileSync(error, 'utf8') } : { manifests: manifestsOf(readFileSync(join(dir, `${n}.yaml`), 'utf8').replaceAll(unhooked, hook)) };
    });
    return { renderings, lint: readFileSync(join(dir, 'lint'), 'utf8') };
  } finally {
    cluster.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

const [hook, unhooked] = ['helm.sh/hook', 'unhooked/hook'];

const replaceIn = (file: string, from: string, to: string): void => writeFileSync(file, readFileSync(file, 'utf8').replaceAll(from, to));

function java(args: readonly string[], kubeconfig: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('java', args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, KUBECONFIG: kubeconfig } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => reject(new Stop(`java cannot be run (${error.message}): install a JDK 17.`)));
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`Helm ended with ${code}: ${output.slice(-2_000)}`))));
  });
}

/** The library looks secrets up where the command line's `template` would find none: an API server that has none. */
function emptyCluster(kubeconfig: string): Promise<{ close(): void }> {
  const resources = { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: 'v1', resources: [{ name: 'secrets', singularName: 'secret', namespaced: true, kind: 'Secret', verbs: ['get'] }] };
  const none = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 };
  const server = createServer(({ url = '' }, response) => {
    const found = /^\/api\/v1(\?|$)/.test(url);
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(found ? resources : none));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      const config = { apiVersion: 'v1', kind: 'Config', clusters: [{ name: 'none', cluster: { server: `http://127.0.0.1:${port}` } }], users: [{ name: 'none', user: {} }], contexts: [{ name: 'none', context: { cluster: 'none', user: 'none' } }], 'current-context': 'none' };
      writeFileSync(kubeconfig, JSON.stringify(config), { mode: 0o600 });
      resolve({ close: () => server.close() });
    });
  });
}
