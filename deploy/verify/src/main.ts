import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { home, run, Stop } from '@flotilla/tasks';
import { resting, stillness, verify, verifyKafka, verifyProvenanceText } from './index.ts';

const usage = `npm run verify -- [options]
  Recomputes the invariants of a running fleet from its logs, Kafka and the sandbox's ledger. Ends with 1 if one is broken,
  or if a service does not come to rest in time.
  --kafka-only  recounts who holds which unit from the topics alone, without databases and services
  --provenance FILE  holds the provenance.json of a buyer's page against the logs, and nothing else
  --as-of T     judges timers as of this instant: for a fleet that was stopped then (now)
  --wait S      waits so many seconds for services that are behind to catch up (10; 0 for a fleet that was stopped)
  --dir D       the fleet's folder (.flotilla, or .flotilla/demo if that is the one that runs)
  --json FILE   write them there, too`;

await run(async () => {
  const { values } = parseArgs({ options: { dir: { type: 'string' }, 'kafka-only': { type: 'boolean' }, provenance: { type: 'string' }, 'as-of': { type: 'string' }, wait: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const dir = values.dir ?? [home, join(home, 'demo')].find((one) => existsSync(join(one, 'run.json'))) ?? home;
  const asOf = values['as-of'] === undefined ? undefined : new Date(values['as-of']);
  if (asOf && Number.isNaN(asOf.getTime())) throw new Stop(`--as-of ${values['as-of']} is no instant, e.g. 2026-11-22T08:00:00Z.`);
  const wait = Number(values.wait ?? (asOf ? 0 : 10));
  if (!Number.isFinite(wait) || wait < 0) throw new Stop(`--wait ${values.wait} is no number of seconds.`);
  if (values.provenance !== undefined && !existsSync(values.provenance)) throw new Stop(`There is no file ${values.provenance}.`);
  // First, since what depends on who is behind may not hold yet.
  const rest = wait > 0 && !values['kafka-only'] && values.provenance === undefined ? [resting(await stillness({ dir, withinMs: wait * 1_000 }))] : [];
  const found = await (values.provenance !== undefined ? verifyProvenanceText({ dir, text: readFileSync(values.provenance, 'utf8') }) : values['kafka-only'] ? verifyKafka({ dir }) : verify({ dir, ...(asOf ? { asOf } : {}) }));
  const invariants = [...rest, ...found.invariants];
  for (const { name, holds, checked, faults } of invariants) {
    console.log(`${holds ? 'holds ' : 'BROKEN'}  ${name} (${checked} checked)`);
    for (const fault of faults) console.log(`          ${fault}`);
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ invariants }, null, 2)}\n`);
  return invariants.every(({ holds }) => holds) ? 0 : 1;
});
