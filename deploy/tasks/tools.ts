// The tools of the workspace, run as Node programs: npx and npm would cost half a second each.
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onEnd, Stop } from './ending.ts';
import { root } from './paths.ts';

/** Runs Node on a file of the repository; the answer is its exit code. */
export function node(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
    const exited = new Promise<void>((done) => child.once('close', () => done()));
    // Ctrl-C reaches the child from the terminal; other signals only through us. Either way its own end is awaited.
    const forget = onEnd(async () => {
      child.kill('SIGTERM');
      await exited;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      forget();
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

export const tool = (path: string, ...args: string[]): Promise<number> => node([join('node_modules', path), ...args]);

/** `tsc -b` and the web app: builds what changed. */
export async function build({ quiet = false } = {}): Promise<number> {
  const started = Date.now();
  const code = (await tool('typescript/bin/tsc', '-b')) || (await node(['services/console/web/build.mjs']));
  if (!quiet && code === 0) console.log(`built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return code;
}

/** A task that is a program of its own, run from its sources. */
export function program(name: string, file: string): (args: string[]) => Promise<number> {
  return async (args) => {
    if (!existsSync(join(root, file))) throw new Stop(`"npm run ${name}" is not there yet: ${file} is missing.`);
    const code = await build({ quiet: true });
    if (code !== 0) return code;
    return node(['--disable-warning=ExperimentalWarning', file, ...args]);
  };
}

export async function lintTask(): Promise<number> {
  return tool('oxlint/bin/oxlint', '--type-aware', '--deny-warnings');
}

/** The contracts as the last release published them. */
export const released = 'proto/released.binpb';
const asyncApiFile = 'docs/asyncapi.json';

/**
 * Generates what follows from elsewhere: code, AsyncAPI and the pages of docs/api from proto/, parts of the chart. With --check it only says whether what is
 * committed is that, and whether the contracts still read what the last release wrote; --release makes these contracts the last release, with --breaking
 * although they break the one before.
 */
export async function genTask(args: readonly string[] = []): Promise<number> {
  const lint = await tool('@bufbuild/buf/bin/buf', 'lint');
  if (lint !== 0) return lint;
  const broken = args.includes('--release') && args.includes('--breaking') ? 0 : await tool('@bufbuild/buf/bin/buf', 'breaking', '--against', released);
  if (broken !== 0) {
    console.error(`These contracts break what others hold of ${released}: a new version of the package beside the old one does not; "npm run gen -- --release --breaking" does it all the same.`);
    return broken;
  }
  if (args.includes('--release')) return tool('@bufbuild/buf/bin/buf', 'build', '-o', released);
  if (!args.includes('--check')) {
    const code = (await tool('@bufbuild/buf/bin/buf', 'generate')) || (await build({ quiet: true }));
    if (code === 0) for (const [file, text] of Object.entries(await written())) writeFileSync(join(root, file), text);
    return code;
  }
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-gen-'));
  try {
    const code = await tool('@bufbuild/buf/bin/buf', 'generate', '-o', dir);
    if (code !== 0) return code;
    const stale = ['libs/contracts/src/gen', 'libs/contracts/src/plain', 'docs/api'].flatMap((part) => different(part, dir));
    for (const [file, text] of Object.entries(await written())) if (read(join(root, file)) !== text) stale.push(file);
    if (stale.length > 0) console.error(`What is generated is behind its source: run "npm run gen" and commit ${stale.join(', ')}`);
    return stale.length > 0 ? 1 : 0;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

// Loaded late: the contracts that they read are built from what may just have been generated.
const written = async (): Promise<Readonly<Record<string, string>>> => ({ [asyncApiFile]: (await import('./asyncapi.ts')).asyncApi(), ...(await import('./chart.ts')).chartFiles() });

/** Files that stand in only one of the two trees, or differ. */
function different(path: string, other: string): string[] {
  const files = (base: string) => globSync('**/*.{ts,md}', { cwd: join(base, path) });
  return [...new Set([...files(root), ...files(other)])].filter((file) => read(join(root, path, file)) !== read(join(other, path, file))).map((file) => join(path, file));
}

const read = (file: string): string | undefined => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
