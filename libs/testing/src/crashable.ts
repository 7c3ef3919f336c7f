import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A child process that a spec may kill at a chosen moment. */
export interface Crashable {
  readonly pid: number;
  /** All lines of stdout so far. */
  readonly lines: readonly string[];
  /** The first line (past or to come) that matches; fails if the process ends first or at the deadline. */
  line(matching: RegExp | string, timeoutMs?: number): Promise<string>;
  /** A line to its stdin. */
  tell(line: string): void;
  /** SIGKILL: no handler runs, no buffer is flushed. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: alive for the system, silent for everyone else. */
  stop(): void;
  /** SIGCONT after `stop`. */
  resume(): void;
  readonly exited: Promise<number | NodeJS.Signals>;
}

/**
 * Starts a script with this Node. TypeScript runs as it stands: types are stripped, `./x.js` finds `./x.ts`, and
 * `@flotilla/*` finds the sources, so that nothing has to be built first.
 */
export const crashable = (script: string, options: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {}): Crashable => {
  const hooks = fileURLToPath(new URL('../run-typescript.mjs', import.meta.url));
  const flags = ['--experimental-transform-types', '--disable-warning=ExperimentalWarning', '--import', hooks];
  const child = spawn(process.execPath, [...flags, script, ...(options.args ?? [])], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', ...options.env },
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let errors = '';
  let ended: number | NodeJS.Signals | undefined;
  const wake = (): void => waiting.forEach((look) => look());
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    wake();
  });
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)));
  child.stdin.on('error', () => undefined); // told after its death
  const exited = new Promise<number | NodeJS.Signals>((done, failed) => {
    child.on('error', failed);
    child.on('close', (code, signal) => {
      ended = signal ?? code ?? 0;
      done(ended);
      wake();
    });
  });
  return {
    pid: child.pid ?? 0,
    lines,
    exited,
    tell: (line) => void child.stdin.write(`${line}\n`),
    line: (matching, timeoutMs = 20_000) =>
      new Promise((found, failed) => {
        const look = (): void => {
          const hit = lines.find((line) => (typeof matching === 'string' ? line.includes(matching) : matching.test(line)));
          if (hit !== undefined) settle(() => found(hit));
          else if (ended !== undefined) settle(() => failed(new Error(`the child ended (${ended}) without a line like ${matching}: ${errors || lines.slice(-5).join(' | ')}`)));
        };
        const late = setTimeout(() => settle(() => failed(new Error(`no line like ${matching} within ${timeoutMs} ms: ${errors || lines.slice(-5).join(' | ')}`))), timeoutMs);
        const settle = (how: () => void): void => {
          clearTimeout(late);
          waiting.delete(look);
          how();
        };
        waiting.add(look);
        look();
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
};
