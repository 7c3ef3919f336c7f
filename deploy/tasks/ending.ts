// What a task has started, it ends: in order on a signal, through the reaper when it is killed itself.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

type Cleanup = () => unknown;

const cleanups: Cleanup[] = [];
let reaper: ChildProcess | undefined;
let ending: Promise<void> | undefined;

/** Runs `cleanup` when the task ends, last registered first. The answer takes it back. */
export function onEnd(cleanup: Cleanup): () => void {
  cleanups.push(cleanup);
  return () => {
    const at = cleanups.indexOf(cleanup);
    if (at >= 0) cleanups.splice(at, 1);
  };
}

/** Runs all cleanups once; later calls wait for the same end. */
export function end(): Promise<void> {
  ending ??= (async () => {
    for (let cleanup = cleanups.pop(); cleanup; cleanup = cleanups.pop()) {
      try {
        await cleanup();
      } catch (error) {
        console.error(String(error));
      }
    }
  })();
  return ending;
}

/** Ctrl-C and SIGTERM end everything in order; a second Ctrl-C leaves the rest to the reaper. */
export function endOnSignals(): void {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  let seen = false;
  for (const [signal, code] of Object.entries(codes)) {
    process.on(signal, () => {
      if (seen) process.exit(code);
      seen = true;
      void end().then(() => process.exit(code));
    });
  }
}

/** A stop for the user: one sentence that says what to do; tasks print it without a stack and exit with 1. */
export class Stop extends Error {
  override readonly name = 'Stop';
}

/** Runs a task's body to its end, with its messages and exit code. */
export async function run(body: () => Promise<number | void>): Promise<never> {
  endOnSignals();
  let code = 0;
  try {
    code = (await body()) ?? 0;
  } catch (error) {
    code = 1;
    console.error(error instanceof Stop ? `\n${error.message}` : error);
  }
  await end();
  process.exit(code);
}

export type Wave = 'servers' | 'services';

/** From now on the process ends with this task, even if the task is killed with SIGKILL. */
export function guard(pid: number, signal: NodeJS.Signals, wave: Wave): void {
  tell(`add ${pid} ${signal} ${wave === 'services' ? 2 : 1}`);
}

export function unguard(pid: number): void {
  if (reaper) tell(`del ${pid}`);
}

function tell(line: string): void {
  if (!reaper) {
    reaper = spawn(process.execPath, [join(import.meta.dirname, 'reaper.mjs')], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/' });
    reaper.unref();
    const pipe = reaper.stdin as unknown as { unref?: () => void };
    pipe.unref?.();
    reaper.stdin?.on('error', () => {});
  }
  reaper.stdin?.write(`${line}\n`);
}
