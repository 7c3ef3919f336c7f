import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { home, run, signIn, startSink, startStack, Stop } from '@flotilla/tasks';
import { resting, stillness, verify } from '@flotilla/verify';
import { readArgs, usage } from './args.ts';
import { clockRate, demoEnv, leaseSeconds } from './harness.ts';
import { sail } from './voyage.ts';
import { print } from './summary.ts';

await run(async () => {
  const args = readArgs(process.argv.slice(2));
  if (args === 'help') {
    console.log(usage);
    return 0;
  }
  // Each demo begins at zero, or its sums would count the orders of the one before.
  const dir = join(home, 'demo');
  rmSync(dir, { recursive: true, force: true });
  const started = Date.now();
  const sink = await startSink({ file: join(dir, 'spans.ndjson') });
  const stack = await startStack({
    dir,
    clock: `${started}@${clockRate}`,
    otlp: sink.endpoint,
    console: true,
    say: (step) => console.log(`starting ${step} …`),
    ...demoEnv,
  });
  const startSeconds = (Date.now() - started) / 1_000;
  console.log(`up in ${startSeconds.toFixed(1)} s; a business hour takes a second\n${signIn(stack.run)}\n`);
  const voyage = await sail({ stack, args, leaseSeconds });
  const rested = resting(await stillness({ dir, withinMs: 60_000 }));
  const invariants = [rested, ...(await verify({ dir })).invariants];
  const { done, refused, rows } = voyage.files;
  const summary = { ...voyage.counts, files: { done, refused, rows }, weather: voyage.weather, invariants, startSeconds, seconds: voyage.seconds, ordersPerSecond: args.orders / voyage.seconds };
  console.log(print(summary, { ...stack.run.http, sandbox: stack.run.sandbox, 'a buyer’s page': voyage.page }));
  if (args.json) writeFileSync(args.json, `${JSON.stringify(summary, null, 2)}\n`);
  const broken = invariants.filter(({ holds }) => !holds);
  if (broken.length > 0 || !voyage.settled) {
    throw new Stop(voyage.settled ? `${broken.length} invariants do not hold: ${broken.map(({ name }) => name).join(', ')}.` : `Not every order came to its end within the time; npm run verify and .flotilla/demo/logs tell more.`);
  }
  if (args.once) return 0;
  console.log(`\n${signIn(stack.run)}\nStays up; Ctrl-C ends it.`);
  await sleep(2 ** 31 - 1);
  return 0;
});
