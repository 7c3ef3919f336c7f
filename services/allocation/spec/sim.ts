import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { invariants } from './audit.js';
import { Pool, simulate } from './pool.js';
import { lacking, sometimes } from './runs.js';

const EVERY_MS = 5_000;

const whole = (name: string, text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    console.error(`--${name} is "${text}", not a whole number from 1`);
    process.exit(2);
  }
  return value;
};

const { values } = (() => {
  try {
    return parseArgs({ options: { seeds: { type: 'string', default: '20000' }, from: { type: 'string', default: '1' }, workers: { type: 'string' }, json: { type: 'string' } } });
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
})();
const seeds = whole('seeds', values.seeds);
const from = whole('from', values.from);
const pool = new Pool(values.workers === undefined ? undefined : whole('workers', values.workers));

console.log(`${seeds} schedules from seed ${from} on ${pool.size} threads: the saga, participants, timers and queue of production on a bad network`);
const started = performance.now();
const before = process.cpuUsage();
let told = started;
const tally = await simulate(pool, from, seeds, ({ runs }) => {
  const now = performance.now();
  if (now - told < EVERY_MS) return;
  told = now;
  const perSecond = (runs * 1_000) / (now - started);
  console.log(`${String(runs).padStart(8)} of ${seeds}   ${perSecond.toFixed(0)}/s   ${((seeds - runs) / perSecond).toFixed(0)} s to go`);
});
const seconds = (performance.now() - started) / 1_000;
// Of all threads: what the machine would do if it had nothing else to do.
const { user, system } = process.cpuUsage(before);
const cpuSeconds = (user + system) / 1_000_000;

const missing = lacking(tally);
const text = tally.failure === null ? '' : await pool.explain(tally.failure.seed);
await pool.close();

for (const [name, says] of Object.entries(invariants)) console.log(`${tally.failure?.invariant === name ? 'BROKEN' : 'holds '}  ${String(tally.checked[name] ?? 0).padStart(11)} ×  ${name.padEnd(14)}  ${says}`);
console.log(`${tally.runs} runs, ${tally.steps} steps in ${seconds.toFixed(1)} s: ${(tally.runs / seconds).toFixed(0)}/s (${(tally.runs / cpuSeconds).toFixed(0)} per CPU second); rest at most ${(tally.restMs / 1_000).toFixed(0)} simulated s after the healing`);
for (const one of missing) console.log(`FAILED  ${one}`);
if (tally.failure !== null) console.log(`\n${text}`);

if (values.json !== undefined) {
  const report = {
    from, seeds, runs: tally.runs, steps: tally.steps, seconds: Math.round(seconds * 10) / 10, perSecond: Math.round(tally.runs / seconds), cpuSeconds: Math.round(cpuSeconds), perCpuSecond: Math.round(tally.runs / cpuSeconds), threads: pool.size,
    invariants: Object.keys(invariants).map((name) => ({ name, holds: tally.failure?.invariant !== name && !missing.includes(`${name} was never checked`), checked: tally.checked[name] ?? 0 })),
    sometimes: Object.fromEntries(sometimes.map((name) => [name, tally.occurred[name] ?? 0])),
    lacking: missing, failure: tally.failure, story: text,
  };
  writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
}
process.exitCode = tally.failure === null && missing.length === 0 ? 0 : 1;
