import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { home, run, Stop } from '@flotilla/tasks';
import { readArgs, usage } from './args.ts';
import { print, verdict } from './report.ts';
import { clearStage, setStage } from './stage.ts';
import { storm } from './storm.ts';

await run(async () => {
  const args = readArgs(process.argv.slice(2));
  if (args === 'help') {
    console.log(usage);
    return 0;
  }
  const dir = join(home, 'chaos');
  clearStage(dir);
  const started = Date.now();
  const stage = await setStage({ dir, ports: args.ports, say: (step) => console.log(`starting ${step} …`) });
  console.log(`up in ${((Date.now() - started) / 1_000).toFixed(1)} s: two of each service; faults for ${args.minutes} min, seed ${args.seed}\n`);
  const report = await storm({ stage, seconds: args.minutes * 60, seed: args.seed, rate: args.rate });
  console.log(print(report));
  if (args.json) writeFileSync(args.json, `${JSON.stringify(report, null, 2)}\n`);
  const against = verdict(report, args.minutes);
  await stage.stop();
  if (against.length > 0) throw new Stop(`${against.join('\n')}\nThe logs are in .flotilla/chaos/logs.`);
  return 0;
});
