// Benchmarks against limits that are measured in the same run; docs/benchmarks.md says what and why.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { run, Stop } from '@flotilla/tasks';
import { append } from './append.ts';
import { desk } from './desk.ts';
import { footprint } from './footprint.ts';
import { growth } from './growth.ts';
import { hop } from './hop.ts';
import { lifecycle } from './lifecycle.ts';
import { lock } from './lock.ts';
import { notices } from './notices.ts';
import { rebuild } from './rebuild.ts';
import { shedding } from './shedding.ts';
import { lineOf, type Goal, type Result } from './stats.ts';
import { timers } from './timers.ts';
import { startWorld, type World } from './world.ts';

const benches: Readonly<Record<string, { readonly does: string; readonly goal: Goal; readonly goals?: Readonly<Record<string, Goal>>; readonly measure: (world: World, rounds: number, say: (line: string) => void, options: { readonly minutes: number; readonly orders: number }) => Promise<readonly Result[]> }>> = {
  append: { does: 'commands/s into the event store, 32 and 256 callers, against a raw batched insert and Emmett', goal: { atLeast: 0.6 }, goals: { 'append-32-emmett': { atLeast: 4 }, 'append-256-emmett': { atLeast: 4 } }, measure: append },
  growth: { does: 'what an order costs with --orders stored, lists included, against 10,000 stored', goal: { atMost: 1.1 }, measure: growth },
  rebuild: { does: 'a projection built anew, against a COPY of the events', goal: { atLeast: 0.3 }, measure: rebuild },
  timers: { does: 'an order that sets, calls off and fires timers, with a million pending, against 10,000', goal: { atMost: 1.1 }, measure: timers },
  hop: { does: 'commit → the next service’s handler at half load, against bare kafkajs', goal: { atMost: 3 }, measure: hop },
  lifecycle: { does: 'received → waybilled through the seven processes, against as many bare appends and hops', goal: { atLeast: 0.25 }, measure: lifecycle },
  lock: { does: 'a request for stock → allocated, four warehouses, one of them hot, against one bare round trip', goal: { atMost: 5 }, measure: lock },
  notices: { does: 'a burst of incidents until each of 20 people has it in hand, against ten seconds', goal: { atMost: 1 }, measure: notices },
  shedding: { does: 'webhooks taken in time at five times the knee, against those taken at the knee', goal: { atLeast: 0.9 }, measure: shedding },
  desk: { does: 'the order desk with --orders in it, in Chromium on a processor four times slower: first page, keys and clicks, memory over --minutes', goal: { atMost: 1 }, goals: { 'desk-heap': { atMost: 1.1 } }, measure: desk },
  footprint: { does: 'memory of each service after --minutes at half load, and how long starts take', goal: { atMost: 1 }, measure: footprint },
};

const usage = `npm run bench -- NAME [options]
${Object.entries(benches).map(([name, { does }]) => `  ${name.padEnd(14)}${does}`).join('\n')}
  all           one after the other
  --rounds N    rounds of ours and limit in turn (5)
  --orders N    that growth and desk store (100,000; a million takes some minutes and 8 GB)
  --minutes M   of footprint at half load, of desk while orders come (10)
  --json FILE   write the figures there, too
  Starts a Postgres and a Kafka of its own on data that is thrown away.`;

const readArgs = (argv: readonly string[]): { readonly names: readonly string[]; readonly rounds: number; readonly minutes: number; readonly orders: number; readonly json: string | undefined } | 'help' => {
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], strict: true, allowPositionals: true, options: { json: { type: 'string' }, rounds: { type: 'string', default: '5' }, minutes: { type: 'string', default: '10' }, orders: { type: 'string', default: '100000' }, help: { type: 'boolean', short: 'h' } } });
  } catch (error) {
    throw new Stop(`${(error as Error).message}\n\n${usage}`);
  }
  const { values, positionals } = parsed;
  if (values.help) return 'help';
  const [name = '', ...more] = positionals;
  const names = name === 'all' ? Object.keys(benches) : [name];
  if (more.length > 0 || names.some((one) => !Object.hasOwn(benches, one))) throw new Stop(name === '' ? `Say which benchmark.\n\n${usage}` : `There is no benchmark "${positionals.join(' ')}".\n\n${usage}`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1_000) throw new Stop(`--rounds ${values.rounds} is not a number from 1 to 1000.`);
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= 1_440)) throw new Stop(`--minutes ${values.minutes} is not a number above 0, up to 1440.`);
  const orders = Number(values.orders);
  if (!Number.isInteger(orders) || orders < 20_000 || orders > 1_200_000) throw new Stop(`--orders ${values.orders} is not a number from 20000 to 1200000.`);
  return { names, rounds, minutes, orders, json: values.json };
};

await run(async () => {
  const args = readArgs(process.argv.slice(2));
  if (args === 'help') {
    console.log(usage);
    return;
  }
  console.log('starting Postgres and Kafka …');
  const world = await startWorld();
  const results: Result[] = [];
  const lines: string[] = [];
  for (const name of args.names) {
    const { measure, goal, goals } = benches[name]!;
    const found = await measure(world, args.rounds, (line) => console.log(line), { minutes: args.minutes, orders: args.orders });
    results.push(...found);
    lines.push(...found.map((result) => lineOf(result, goals?.[result.name] ?? goal)));
  }
  console.log(`\n${lines.join('\n')}`);
  if (args.json) writeFileSync(args.json, `${JSON.stringify(results.length === 1 ? results[0] : results, null, 2)}\n`);
});
