// Jars of a pom (Kafka’s, Helm’s), copied once by Maven: from its local repository where they are there, else from the network.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { checkMaven } from './checks.ts';
import { Stop } from './ending.ts';
import { home } from './paths.ts';

// Pinned: without a version Maven asks the network for the newest one, also offline.
const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

export interface Jars {
  readonly dir: string;
  readonly classPath: string;
}

const kafkaPom = join(import.meta.dirname, 'kafka.pom.xml');
const place = (pom: string): string => join(home, 'jars', createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 16));

const pending = new Map<string, Promise<Jars>>();

/** Says at once if the jars must be fetched and cannot be. */
export function checkJars(): void {
  if (!existsSync(join(place(kafkaPom), '.done'))) checkMaven();
}

export const kafkaJars = (): Promise<Jars> => jarsOf(kafkaPom, 'Kafka');

/** The jars of this pom; `what` they are, for people. */
export function jarsOf(pom: string, what: string): Promise<Jars> {
  const found = pending.get(pom) ?? find(pom, what);
  pending.set(pom, found);
  return found;
}

async function find(pom: string, what: string): Promise<Jars> {
  const dir = place(pom);
  if (!existsSync(join(dir, '.done'))) await copy(pom, dir, what);
  const jars = readdirSync(dir).filter((file) => file.endsWith('.jar')).sort();
  return { dir, classPath: jars.map((jar) => join(dir, jar)).join(delimiter) };
}

async function copy(pom: string, dir: string, what: string): Promise<void> {
  checkMaven();
  // Another task may copy at the same time: each fills a folder of its own, and the first to finish gives it its name.
  const own = `${dir}.${process.pid}`;
  mkdirSync(own, { recursive: true });
  try {
    const args = ['-q', '-B', '-ntp', '-f', pom, goal, `-DoutputDirectory=${own}`, '-DincludeScope=runtime'];
    if ((await maven(['-o', ...args])).code !== 0) {
      console.error(`Fetching ${what} with Maven (once; some 40 MB) …`);
      const { code, output } = await maven(args);
      if (code !== 0) throw new Stop(`Maven could not fetch the jars of ${what}: check the network (or Maven's settings.xml) and start again. Maven says: ${reason(output)}`);
    }
    writeFileSync(join(own, '.done'), '');
    try {
      renameSync(own, dir);
    } catch (error) {
      if (!existsSync(join(dir, '.done'))) throw error;
    }
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

function maven(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('mvn', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

function reason(output: string): string {
  return output.split('\n').find((line) => line.startsWith('[ERROR]'))?.slice(8, 400) ?? 'nothing';
}
