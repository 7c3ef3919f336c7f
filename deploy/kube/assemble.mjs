// What an image has, laid out in a folder: the built services, what they need at run time, a list of all of it.
//   node deploy/kube/assemble.mjs OUT        (after npm ci and tsc -b, as the Dockerfile does)
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const out = resolve(process.argv[2] ?? '');
const copy = (file) => {
  mkdirSync(dirname(join(out, file)), { recursive: true });
  cpSync(file, join(out, file), { recursive: true });
};
const manifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const npm = (...args) => {
  const { status, stdout } = spawnSync('npm', args, { cwd: out, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with ${status}`);
  return stdout;
};

rmSync(out, { recursive: true, force: true });
const folders = globSync(['libs/*', 'services/*', 'deploy/*']).filter((folder) => existsSync(join(folder, 'package.json')));
for (const file of ['package.json', 'package-lock.json', '.npmrc', ...folders.map((folder) => join(folder, 'package.json'))]) copy(file);

// Services and the libraries that they stand on.
const byName = new Map(folders.map((folder) => [manifest(folder).name, folder]));
const taken = new Set(folders.filter((folder) => folder.startsWith('services/')));
for (const folder of taken) for (const name of Object.keys(manifest(folder).dependencies ?? {})) if (byName.has(name)) taken.add(byName.get(name));
npm('ci', '--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--include-workspace-root=false', ...[...taken].flatMap((folder) => ['-w', folder]));

for (const folder of taken) for (const file of globSync([`${folder}/dist/**/*.{js,js.map}`, `${folder}/*.mjs`, `${folder}/web/dist/**`])) copy(file);
copy('services/carrier/src/perform/labels/templates');
// The Jobs of the chart, which Node runs as they stand.
for (const name of ['prepare.ts', 'ask-all.ts', 'databases.ts', 'topics.ts', 'topics.json', 'kafka.ts']) copy(join('deploy/tasks', name));

writeFileSync(join(out, 'sbom.cdx.json'), npm('sbom', '--sbom-format=cyclonedx', '--omit=dev', '--omit=optional', ...[...taken].flatMap((folder) => ['-w', folder])));

// What was not taken is gone from the image, and so are links to it.
for (const folder of folders) if (!taken.has(folder) && folder !== 'deploy/tasks') rmSync(join(out, folder), { recursive: true, force: true });
const scope = join(out, 'node_modules', '@flotilla');
for (const name of readdirSync(scope)) if (lstatSync(join(scope, name)).isSymbolicLink() && !existsSync(join(scope, name))) rmSync(join(scope, name));
