// `npm test`: everything that must hold, cheapest first, and one line of counts at the end.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { checkDisk } from './checks.ts';
import { chromiumPath } from './chromium.ts';
import { onEnd } from './ending.ts';
import { root } from './paths.ts';
import { build, genTask, lintTask, node, tool } from './tools.ts';

type Level = 'unit' | 'int' | 'e2e' | 'browser' | 'pods';
const titles: Record<Level, string> = { unit: 'unit', int: 'integration (Postgres and Kafka)', e2e: 'end to end (the fleet)', browser: 'in a browser (the fleet and Chromium)', pods: 'as the chart starts it' };

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** Of a level so many spec files may fail and be looked at again; more are a fault that needs no second look. */
const secondLooks = 2;

/** With one level only that one runs, with `args` for Jest; with all of them build, lint and types come first. */
export async function testTask(levels: readonly Level[], args: readonly string[]): Promise<number> {
  checkDisk(join(root, '.flotilla'));
  const total = { passed: 0, failed: 0 };
  const uneven: string[] = [];
  const left: string[] = [];
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
  for (const level of built ? levels : []) {
    if (level === 'browser' && levels.length > 1 && !existsSync(chromiumPath)) {
      left.push(`${titles.browser}: there is no Chromium at ${chromiumPath}; "apt-get install chromium", or name one with FLOTILLA_TEST_CHROMIUM, and "npm run test:browser"`);
      continue;
    }
    const outcome = await jest(level, args);
    for (const { passed, failed } of outcome.files.values()) {
      total.passed += passed;
      total.failed += failed;
    }
    uneven.push(...outcome.uneven);
  }
  for (const file of uneven) console.log(`\n${file} failed beside the others and passed by itself; what failed stands above`);
  for (const what of left) console.log(`\nnot run: ${what}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

/**
 * Integration specs wait more than they work: two parts at once, each with servers of its own. A spec file with servers that fails among all of them
 * is run once more with the machine to itself: what passes then is named at the end, what fails again has failed.
 */
async function jest(level: Level, args: readonly string[]): Promise<{ readonly files: ReadonlyMap<string, Counts>; readonly uneven: readonly string[] }> {
  console.log(`\n=== ${titles[level]} ===`);
  const whole = args.every((arg) => arg === '');
  const parts = level === 'int' && whole ? dealt(await specsOf(level), 2).map((files) => ['--runTestsByPath', ...files]) : [args];
  const files = new Map((await Promise.all(parts.map((part) => run(level, part)))).flatMap((of) => [...of]));
  const failed = [...files].filter(([, counts]) => counts.failed > 0).map(([file]) => file);
  const uneven: string[] = [];
  if (!whole || level === 'unit' || failed.length > secondLooks || failed.includes(setup)) return { files, uneven };
  for (const file of failed) {
    console.log(`\n=== once more by itself: ${file} ===`);
    const again = await run(level, ['--runTestsByPath', file]);
    for (const [name, counts] of again) files.set(name, counts);
    if (files.get(file)?.failed === 0 && !again.has(setup)) uneven.push(file);
  }
  return { files, uneven };
}

const jestMain = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', join('node_modules', 'jest', 'bin', 'jest.js')];

const specsOf = async (level: Level): Promise<readonly string[]> => {
  const { stdout } = await promisify(execFile)(process.execPath, [...jestMain, '--selectProjects', level, '--listTests', '--json'], { cwd: root });
  return JSON.parse(stdout.slice(stdout.indexOf('['))) as string[];
};

/** Seconds of spec files that wait for long, as last seen; of the others their size says about how long they take. */
const waits: Readonly<Record<string, number>> = {
  'services/ingest/src/platforms.int.spec.ts': 390, 'services/allocation/src/perform/wms/wms.int.spec.ts': 140, 'services/alerts/src/notices.int.spec.ts': 125, 'services/carrier/src/perform/purchase.int.spec.ts': 105,
  'libs/messaging/src/consume.int.spec.ts': 75, 'services/alerts/src/drops.int.spec.ts': 65, 'services/ingest/src/file-sources.int.spec.ts': 65, 'libs/messaging/src/bus.int.spec.ts': 50,
};
const bytesPerSecond = 1_000;

/** Into parts that take about as long as each other: the longest file first, each to the part that has the least. */
const dealt = (files: readonly string[], parts: number): readonly (readonly string[])[] => {
  const long = files.map((file) => ({ file, seconds: waits[relative(root, file)] ?? statSync(file).size / bytesPerSecond })).toSorted((one, other) => other.seconds - one.seconds || one.file.localeCompare(other.file));
  const into = Array.from({ length: parts }, () => ({ seconds: 0, files: [] as string[] }));
  for (const { file, seconds } of long) {
    const part = into.toSorted((one, other) => one.seconds - other.seconds)[0]!;
    part.files.push(file);
    part.seconds += seconds;
  }
  return into.map((part) => part.files);
};

/** Stands for what is no file's: servers that did not start, a Jest that died. */
const setup = 'set-up';

/** What became of each spec file, by its path in the repository. */
async function run(level: Level, args: readonly string[]): Promise<Map<string, Counts>> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-jest-'));
  const forget = onEnd(() => rmSync(dir, { recursive: true, force: true }));
  const results = join(dir, 'results.json');
  const code = await node([
    ...jestMain, '--selectProjects', level, '--passWithNoTests', '--json', `--outputFile=${results}`, ...(level === 'unit' ? ['--maxWorkers=100%'] : ['--runInBand']), ...args,
  ].filter(Boolean));
  const files = read(results);
  rmSync(dir, { recursive: true, force: true });
  forget();
  // A broken set-up leaves no counts at all, or none that failed.
  if (code !== 0 && [...files.values()].every(({ failed }) => failed === 0)) files.set(setup, { passed: 0, failed: 1 });
  return files;
}

function read(results: string): Map<string, Counts> {
  try {
    const { testResults } = JSON.parse(readFileSync(results, 'utf8')) as { testResults: { name: string; status: string; assertionResults: { status: string }[] }[] };
    return new Map(testResults.map(({ name, status, assertionResults }) => {
      const of = (wanted: string): number => assertionResults.filter((result) => result.status === wanted).length;
      // A suite that does not load has no failed test of its own.
      return [relative(root, name), { passed: of('passed'), failed: status === 'failed' ? Math.max(of('failed'), 1) : of('failed') }];
    }));
  } catch {
    return new Map();
  }
}
