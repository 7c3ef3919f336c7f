// `npm test`: everything that must hold, cheapest first, and one line of counts at the end.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkDisk } from './checks.ts';
import { onEnd } from './ending.ts';
import { root } from './paths.ts';
import { build, genTask, lintTask, node, tool } from './tools.ts';

type Level = 'unit' | 'int' | 'e2e' | 'browser' | 'pods';
const titles: Record<Level, string> = { unit: 'unit', int: 'integration (Postgres and Kafka)', e2e: 'end to end (the fleet)', browser: 'in a browser (the fleet and Chromium)', pods: 'as the chart starts it' };

interface Counts {
  passed: number;
  failed: number;
}

/** With one level only that one runs, with `args` for Jest; with all of them build, lint and types come first. */
export async function testTask(levels: readonly Level[], args: readonly string[]): Promise<number> {
  checkDisk(join(root, '.flotilla'));
  const total: Counts = { passed: 0, failed: 0 };
  const step = async (title: string, run: () => Promise<number>): Promise<boolean> => {
    console.log(`\n=== ${title} ===`);
    const ok = (await run()) === 0;
    if (!ok) {
      total.failed += 1;
      console.log(`=== ${title}: failed ===`);
    }
    return ok;
  };
  const built = await step('build', () => build());
  if (built && levels.length > 1) {
    await step('lint', lintTask);
    await step('generated code', () => genTask(['--check']));
    await step('types of the specs', async () => (await tool('typescript/bin/tsc', '-p', 'tsconfig.specs.json')) || tool('typescript/bin/tsc', '-p', 'services/console/spec'));
  }
  if (built) for (const level of levels) await jest(level, args, total);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

/** Integration specs wait more than they work: two parts at once, each with servers of its own. */
async function jest(level: Level, args: readonly string[], total: Counts): Promise<void> {
  console.log(`\n=== ${titles[level]} ===`);
  const parts = level === 'int' && args.every((arg) => arg === '') ? dealt(await specsOf(level), 2).map((files) => ['--runTestsByPath', ...files]) : [args];
  await Promise.all(parts.map((part) => run(level, part, total)));
}

const jestMain = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', join('node_modules', 'jest', 'bin', 'jest.js')];

const specsOf = async (level: Level): Promise<readonly string[]> => {
  const { stdout } = await promisify(execFile)(process.execPath, [...jestMain, '--selectProjects', level, '--listTests', '--json'], { cwd: root });
  return JSON.parse(stdout.slice(stdout.indexOf('['))) as string[];
};

/** Into parts of about the same size; a long spec takes long. */
const dealt = (files: readonly string[], parts: number): readonly (readonly string[])[] => {
  const bySize = files.map((file) => ({ file, size: statSync(file).size })).toSorted((one, other) => other.size - one.size || one.file.localeCompare(other.file));
  const into: string[][] = Array.from({ length: parts }, () => []);
  // There and back again, so that the first part does not always get the longest.
  for (const [at, { file }] of bySize.entries()) into[Math.floor(at / parts) % 2 === 0 ? at % parts : parts - 1 - (at % parts)]!.push(file);
  return into;
};

async function run(level: Level, args: readonly string[], total: Counts): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-jest-'));
  const forget = onEnd(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'results.json');
  const code = await node([
    ...jestMain, '--selectProjects', level, '--passWithNoTests', '--json', `--outputFile=${file}`, ...(level === 'unit' ? [] : ['--runInBand']), ...args,
  ].filter(Boolean));
  const counts = read(file);
  rmSync(dir, { recursive: true, force: true });
  forget();
  total.passed += counts?.passed ?? 0;
  // A suite that does not load has no failed test of its own, and a broken setup leaves no counts at all.
  total.failed += counts ? Math.max(counts.failed, code === 0 ? 0 : 1) : code === 0 ? 0 : 1;
}

function read(file: string): Counts | undefined {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8')) as {
      numPassedTests: number;
      numFailedTests: number;
      testResults: { status: string; assertionResults: unknown[] }[];
    };
    const unloadable = testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0).length;
    return { passed: numPassedTests, failed: numFailedTests + unloadable };
  } catch {
    return undefined;
  }
}
