import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { guard, onEnd, root, Stop, unguard } from '@flotilla/tasks';

/** Where a program is: as its variable says, beside the clone, or on PATH. */
export const binaryOf = (name: 'promtool' | 'prometheus' | 'otelcol'): string => {
  const said = process.env[name.toUpperCase()];
  const places = [...(said ? [said] : []), join(root, '.flotilla', 'otelcol', 'otelcol-flotilla'), ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name))];
  const found = places.find((place) => existsSync(place) && (place === said || place.split('/').at(-1)!.startsWith(name)));
  if (!found) throw new Stop(`There is no ${name}: set ${name.toUpperCase()} to its path. docs/telemetry.md says where to have it from.`);
  return found;
};

/** Runs a program to its end and shows what it says. */
export const call = (binary: string, args: readonly string[]): number => spawnSync(binary, args, { stdio: 'inherit', cwd: root }).status ?? 1;

/** A program that stays up until the task ends; resolves when `ready` answers 200. */
export const stays = async (binary: string, args: readonly string[], ready: string, env: Readonly<Record<string, string>> = {}): Promise<void> => {
  const child = spawn(binary, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  let words = '';
  child.stderr.on('data', (text: Buffer) => (words = `${words}${text.toString()}`.slice(-4_000)));
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (child.pid) guard(child.pid, 'SIGTERM', 'services');
  onEnd(async () => {
    child.kill('SIGTERM');
    await gone;
    if (child.pid) unguard(child.pid);
  });
  for (const deadline = Date.now() + 60_000; ; await sleep(200)) {
    if (await fetch(ready, { signal: AbortSignal.timeout(2_000) }).then(({ ok }) => ok, () => false)) return;
    if (child.exitCode !== null || Date.now() > deadline) throw new Stop(`${binary} did not start: ${words}`);
  }
};
