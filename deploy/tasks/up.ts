// `npm run up` and `npm run down`.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onEnd, Stop } from './ending.ts';
import { home } from './paths.ts';
import { signIn, startStack } from './stack.ts';
import { build } from './tools.ts';

interface Recorded {
  /** Start time as the system tells it: a pid may have been given to somebody else since. */
  readonly born: string;
  readonly pid: number;
}

const file = join(home, 'up.json');

export async function up(): Promise<number> {
  const earlier = recorded().filter(lives);
  if (earlier.length) throw new Stop('A fleet is already up here: use it, or end it with "npm run down".');
  const code = await build({ quiet: true });
  if (code !== 0) return code;
  const started = Date.now();
  const record = (pids: readonly number[]) => writeFileSync(file, JSON.stringify(pids.flatMap((pid) => (born(pid) ? [{ pid, born: born(pid) }] : []))));
  record([process.pid]);
  onEnd(() => rmSync(file, { force: true }));
  const { run, servers, sandbox, fleet, console: gateway } = await startStack({ console: true, say: (step) => console.log(`starting ${step} …`) });
  record([process.pid, ...Object.values(fleet.pids()), sandbox.pid() ?? 0, gateway?.pid() ?? 0, servers.kafka?.pid ?? 0, servers.postgres?.pid ?? 0].filter(Boolean));
  console.log(`\nUp in ${((Date.now() - started) / 1000).toFixed(1)} s. Logs in .flotilla/logs, addresses in .flotilla/run.json, with the API key that gRPC asks for.`);
  for (const [name, url] of Object.entries(run.http)) console.log(`  ${name.padEnd(12)} ${url}   grpc ${run.grpc[name]}`);
  console.log(`  ${'sandbox'.padEnd(12)} ${run.sandbox}\n  ${'kafka'.padEnd(12)} ${run.kafka}\n\n${signIn(run)}\n\nCtrl-C ends all of it.`);
  await new Promise(() => setInterval(() => {}, 1 << 30));
  return 0;
}

export async function down(): Promise<number> {
  const [main, ...rest] = recorded();
  if (!main || ![main, ...rest].some(lives)) {
    rmSync(file, { force: true });
    console.log('Nothing is up.');
    return 0;
  }
  await stop([main], 40_000);
  // Left only if the task was killed and its reaper too.
  await stop(rest, 20_000);
  rmSync(file, { force: true });
  console.log('Down.');
  return 0;
}

async function stop(processes: readonly Recorded[], graceMs: number): Promise<void> {
  for (const one of processes.filter(lives)) process.kill(one.pid, 'SIGTERM');
  for (const until = Date.now() + graceMs; processes.some(lives) && Date.now() < until; ) await sleep(100);
  for (const one of processes.filter(lives)) process.kill(one.pid, 'SIGKILL');
}

function recorded(): Recorded[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Recorded[]) : [];
}

function lives({ pid, born: then }: Recorded): boolean {
  return born(pid) === then;
}

function born(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || undefined;
  } catch {
    return undefined;
  }
}
