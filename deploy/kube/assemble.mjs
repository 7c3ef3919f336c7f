// What an image has, laid out in a folder: the built services, what they need at run time, a list of all of it.
//   node deploy/kube/assemble.mjs OUT        (after npm ci and tsc -b, as the Dockerfile does)
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const out = resolve(process.argv[2] ?? '');
const copy = (file) => {
  mkdirSync(dirname(join(out, file)), { recursive: true });
  cpSync(file, join(out, file), { recursive: true });
};
const manifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

const write = (file, content) => {
  mkdirSync(dirname(join(out, file)), { recursive: true });
  writeFileSync(join(out, file), `${JSON.stringify(content, null, 1)}\n`);
};

// Services and the libraries that they stand on.
const folders = globSync(['libs/*', 'services/*', 'deploy/*']).filter((folder) => existsSync(join(folder, 'package.json')));
const byName = new Map(folders.map((folder) => [manifest(folder).name, folder]));
const taken = new Set(folders.filter((folder) => folder.startsWith('services/')));
for (const folder of taken) for (const name of Object.keys(manifest(folder).dependencies ?? {})) if (byName.has(name)) taken.add(byName.get(name));

// A workspace of these alone, by the versions of the lock: npm would bring what the other workspaces need, too.
rmSync(out, { recursive: true, force: true });
const workspaces = [...taken].sort();
const { devDependencies: _dev, optionalDependencies: _optional, scripts: _scripts, ...root } = manifest('.');
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === '') lock.packages[''] = { name: root.name, version: root.version, workspaces };
  else if (entry.link ? !taken.has(entry.resolved) : folders.some((folder) => !taken.has(folder) && `${path}/`.startsWith(`${folder}/`))) delete lock.packages[path];
  else if (taken.has(path)) delete entry.devDependencies;
}
write('package.json', { ...root, workspaces });
write('package-lock.json', lock);
copy('.npmrc');
for (const folder of taken) {
  const { devDependencies: _, ...own } = manifest(folder);
  write(join(folder, 'package.json'), own);
}
const { status } = spawnSync('npm', ['ci', '--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'], { cwd: out, stdio: ['ignore', 'ignore', 'inherit'] });
if (status !== 0) throw new Error(`npm ci ended with ${status}`);

for (const folder of taken) for (const file of globSync([`${folder}/dist/**/*.{js,js.map}`, `${folder}/*.mjs`, `${folder}/web/dist/**`])) copy(file);
copy('services/carrier/src/perform/labels/templates');
// The Jobs of the chart, which Node runs as they stand.
for (const name of ['prepare.ts', 'ask-all.ts', 'databases.ts', 'topics.ts', 'topics.json', 'kafka.ts']) copy(join('deploy/tasks', name));

// A list of all of it, CycloneDX: npm itself keeps what it installed in a lock of its own.
const { packages } = JSON.parse(readFileSync(join(out, 'node_modules', '.package-lock.json'), 'utf8'));
const components = Object.entries(packages)
  .filter(([path, { link }]) => !link && path.includes('node_modules/'))
  .map(([path, { name = path.split('node_modules/').at(-1), version, license, integrity }]) => ({
    type: 'library', name, version, purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(license ? { licenses: [{ expression: license }] } : {}),
    ...(integrity?.startsWith('sha512-') ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.slice(7), 'base64').toString('hex') }] } : {}),
  }));
const component = { type: 'application', name: root.name, version: root.version };
write('sbom.cdx.json', { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata: { component }, components });
