// Start of every task: runs on Node 20 with nothing installed, installs from the lockfile when it changed, then hands over to the
// pinned Node 24. Nothing here may come from node_modules.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), '..', '..');
const stampFile = join(root, 'node_modules', '.flotilla-install');
const lockFile = join(root, '.flotilla-install.lock');
const staleLockMs = 15 * 60_000;

await install();
handOver(process.argv.slice(2));

async function install() {
  if (installed()) return;
  await takeLock();
  try {
    if (installed()) return;
    const started = Date.now();
    console.error('Installing packages from the lockfile (once; about half a minute) …');
    const npm = process.env.npm_execpath;
    const args = ['ci', '--prefer-offline', '--include=dev', '--include=optional', '--engine-strict=false', '--loglevel=error', '--no-audit', '--no-fund'];
    const { status, error } = npm
      ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
      : spawnSync('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
    if (status !== 0) fail(`The packages could not be installed${error ? ` (${error.message})` : ''}: read npm's words above, check the network and the disk, and start again.`);
    writeFileSync(stampFile, stamp());
    console.error(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
  } finally {
    rmSync(lockFile, { force: true });
  }
}

function installed() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp();
}

/** Everything that decides what `npm ci` installs; a changed script or export of a manifest is no reason. */
function stamp() {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', '.npmrc']) hash.update(file).update(readFileSync(join(root, file)));
  for (const file of ['package.json', ...manifests()]) {
    const { name, workspaces, dependencies, devDependencies, optionalDependencies, peerDependencies, overrides, allowScripts, bin } = JSON.parse(readFileSync(join(root, file), 'utf8'));
    hash.update(JSON.stringify([file, name, workspaces, dependencies, devDependencies, optionalDependencies, peerDependencies, overrides, allowScripts, bin]));
  }
  return `${process.platform}-${process.arch}-${hash.digest('hex')}`;
}

function manifests() {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return workspaces
    .map((glob) => glob.replace('/*', ''))
    .filter((parent) => existsSync(join(root, parent)))
    .flatMap((parent) => readdirSync(join(root, parent)).sort().map((name) => `${parent}/${name}/package.json`))
    .filter((file) => existsSync(join(root, file)));
}

/** Two tasks in a fresh clone install once: the second waits here. Not inside node_modules, which `npm ci` deletes. */
async function takeLock() {
  for (let told = false; ; ) {
    try {
      closeSync(openSync(lockFile, 'wx'));
      process.once('exit', () => rmSync(lockFile, { force: true }));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') fail(`Cannot write in ${root} (${error.code}): check the folder's rights and the disk.`);
    }
    const age = Date.now() - (statSync(lockFile, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > staleLockMs) rmSync(lockFile, { force: true });
    if (!told) console.error('Another task is installing; waiting for it …');
    told = true;
    await sleep(300);
  }
}

function handOver(args) {
  const bin = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin');
  const pinned = join(bin, process.platform === 'win32' ? 'node.exe' : 'node');
  const node = existsSync(pinned) ? pinned : Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : undefined;
  if (!node) fail(`There is no packaged Node 24 for ${process.platform} ${process.arch}: install Node 24 and start again with it.`);
  const path = [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].filter(Boolean).join(delimiter);
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, 'deploy', 'tasks', 'task.mjs'), ...args], { stdio: 'inherit', env: { ...process.env, PATH: path } });
  // The terminal sends SIGINT to the whole group by itself; the others reach only this process.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

function fail(sentence) {
  rmSync(lockFile, { force: true });
  console.error(sentence);
  process.exit(1);
}
