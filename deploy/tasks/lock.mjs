// `npm run lock`: writes package-lock.json after a change of any package.json.
//
// npm makes the lock under the Node of the fleet (else it judges engines by the caller's), in an empty folder (else what happens
// to be installed decides what is locked). npm leaves out optional platform packages that it could not fetch and then refuses its
// own lock in `npm ci` as out of sync; a stub per missing name keeps the lock whole, and each platform installs what it finds.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const manifest = read(join(root, 'package.json'));
const npm = process.env.npm_execpath;
if (!npm) fail('Run this as `npm run lock`.');

const work = mkdtempSync(join(tmpdir(), 'flotilla-lock-'));
try {
  for (const folder of ['', ...workspaces()]) {
    mkdirSync(join(work, folder), { recursive: true });
    copyFileSync(join(root, folder, 'package.json'), join(work, folder, 'package.json'));
  }
  copyFileSync(join(root, '.npmrc'), join(work, '.npmrc'));
  const lockFile = join(work, 'package-lock.json');
  if (existsSync(join(root, 'package-lock.json'))) {
    const old = read(join(root, 'package-lock.json'));
    for (const [name, entry] of Object.entries(old.packages)) if (isStub(name, entry)) delete old.packages[name];
    writeLock(lockFile, old);
  }
  runNpm('install', '--package-lock-only', '--loglevel=error');
  const lock = read(lockFile);
  const added = addStubs(lock);
  writeLock(lockFile, lock);
  runNpm('ci', '--dry-run', '--loglevel=error');
  copyFileSync(lockFile, join(root, 'package-lock.json'));
  console.log(`package-lock.json: ${Object.keys(lock.packages).length} entries, ${added} of them stubs for other platforms.`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function workspaces() {
  return manifest.workspaces.flatMap((glob) => {
    const parent = glob.replace('/*', '');
    return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`).filter((dir) => existsSync(join(root, dir, 'package.json')));
  });
}

/** Node 24: the pinned one where it is installed, else the running one, else fetched through npm. */
function node24() {
  const key = `node-${process.platform}-${process.arch}`;
  const pinned = join(root, 'node_modules', key, 'bin', 'node');
  if (existsSync(pinned)) return [pinned];
  if (Number(process.versions.node.split('.')[0]) >= 24) return [process.execPath];
  const version = manifest.optionalDependencies[key];
  if (!version) fail(`There is no Node 24 for ${key}: run this with Node 24.`);
  return [process.execPath, npm, 'exec', '--yes', `--package=${key}@${version}`, '--', 'node'];
}

function runNpm(...args) {
  const [command, ...before] = node24();
  const { status } = spawnSync(command, [...before, npm, ...args], { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) fail(`npm ${args.join(' ')} failed.`);
}

function isStub(name, entry) {
  return name.includes('node_modules/') && entry.optional && !entry.link && !entry.integrity;
}

function addStubs(lock) {
  const before = Object.keys(lock.packages).length;
  for (const entry of Object.values({ ...lock.packages })) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!/^\d/.test(version) || Object.keys(lock.packages).some((path) => path.endsWith(`node_modules/${name}`))) continue;
      lock.packages[`node_modules/${name}`] = { version, ...platformOf(name), ...(entry.dev ? { dev: true } : {}), optional: true };
    }
  }
  return Object.keys(lock.packages).length - before;
}

/** `@bufbuild/buf-darwin-arm64` → `{ os: ['darwin'], cpu: ['arm64'] }`. */
function platformOf(name) {
  const parts = name.split(/[/\-_.]/);
  const pick = (known) => known.filter((x) => parts.includes(x));
  const os = pick(['darwin', 'linux', 'win32', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'android', 'aix', 'openharmony']);
  if (parts.includes('windows') || parts.includes('win')) os.push('win32');
  const cpu = pick(['x64', 'arm64', 'ia32', 'arm', 's390x', 'ppc64', 'riscv64', 'loong64', 'mips64el']);
  for (const [alias, real] of [['armv7', 'arm'], ['aarch64', 'arm64'], ['armhf', 'arm'], ['ppc64le', 'ppc64'], ['wasm32', 'wasm32'], ['wasm', 'wasm32']]) {
    if (parts.includes(alias)) cpu.push(real);
  }
  const libc = parts.includes('musl') || parts.includes('musleabihf') ? ['musl'] : parts.includes('gnu') || parts.includes('gnueabihf') ? ['glibc'] : [];
  return { ...(cpu.length ? { cpu } : {}), ...(os.length ? { os } : {}), ...(libc.length ? { libc } : {}) };
}

function writeLock(file, lock) {
  const packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
