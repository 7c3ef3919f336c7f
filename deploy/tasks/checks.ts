// What must be there before anything starts. Each lack is one sentence that says what to do.
import { spawnSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Stop } from './ending.ts';

const neededBytes = 2 * 1024 ** 3;

/** The `java` to run: of JAVA_HOME where set, else of PATH. */
export function checkJava(): string {
  const java = process.env['JAVA_HOME'] ? join(process.env['JAVA_HOME'], 'bin', 'java') : 'java';
  const { error, stdout, stderr, status } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  const where = process.env['JAVA_HOME'] ? `in JAVA_HOME (${process.env['JAVA_HOME']})` : 'on the PATH';
  if (error || status !== 0) throw new Stop(`Kafka needs Java 17 or newer, and there is none ${where}: install a JDK 17 (for example "apt-get install openjdk-17-jdk-headless") or set JAVA_HOME to one, then start again.`);
  const major = Number(/version "(\d+)/.exec(`${stderr}${stdout}`)?.[1] ?? 0);
  if (major < 17) throw new Stop(`Kafka needs Java 17 or newer, and the one ${where} is Java ${major || 'of an unknown version'}: install a JDK 17 or set JAVA_HOME to one, then start again.`);
  return java;
}

export function checkMaven(): void {
  const { error } = spawnSync('mvn', ['-v'], { stdio: 'ignore' });
  if (error) throw new Stop('Maven fetches the jars of Kafka once, and there is no "mvn" on the PATH: install Maven (for example "apt-get install maven"), then start again.');
}

export function checkDisk(dir: string): void {
  mkdirSync(dir, { recursive: true });
  const { bavail, bsize } = statfsSync(dir);
  const free = bavail * bsize;
  if (free < neededBytes) throw new Stop(`Only ${(free / 1024 ** 3).toFixed(1)} GB are free on the disk of ${dir}, and Postgres and Kafka need 2 GB: free some space (deleting .flotilla drops the development data), then start again.`);
}

export interface PortNeed {
  readonly port: number;
  /** Who wants it, for the sentence. */
  readonly what: string;
  /** The environment variable that chooses another one, if there is one. */
  readonly variable?: string;
}

export async function checkPorts(needs: readonly PortNeed[]): Promise<void> {
  const taken = (await Promise.all(needs.map(async (need) => ((await isFree(need.port)) ? [] : [need])))).flat();
  const [first] = taken;
  if (!first) return;
  const list = taken.map(({ port, what }) => `${port} (${what})`).join(', ');
  const variables = [...new Set(taken.flatMap(({ variable }) => variable ?? []))];
  const other = variables.length ? `, or choose another port with ${variables.map((name) => `${name}=<port>`).join(' ')}` : '';
  throw new Stop(`Port ${list} is taken: end what holds it ("npm run down" if it is an earlier fleet)${other}, then start again.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** `n` different ports that nobody listens on now. */
export async function freePorts(n: number): Promise<number[]> {
  const probes = await Promise.all(
    Array.from({ length: n }, () => new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
      const probe = createServer();
      probe.once('error', reject);
      probe.listen(0, '127.0.0.1', () => resolve(probe));
    })),
  );
  const ports = probes.map((probe) => (probe.address() as { port: number }).port);
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}
