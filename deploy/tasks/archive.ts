// `npm run archive`, `npm run restore`: partitions of a service's log out of its database and back.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { archivable, archivePartition, NotArchivable, restorePartition } from '@flotilla/event-store';
import pg from 'pg';
import { run, Stop } from './ending.ts';
import { serviceNames } from './fleet.ts';
import { ownerUrl } from './owner.ts';
import { home } from './paths.ts';

const usage = {
  archive: `npm run archive -- --service S [--to DIR] [--ended TYPE,TYPE] [--list]
  Takes the oldest full partition of a service's log out of its database: COPY, gzip, manifest with sha256 and the root of the log.
  --service S     ${serviceNames.join(', ')}
  --to DIR        where file and manifest go (.flotilla/archive)
  --ended A,B     last events after which a stream is looked up no more: it needs no snapshot
  --list          only says which partitions are full, and what keeps them from being archived
  --database URL  of the database's owner, instead of the fleet that runs here`,
  restore: `npm run restore -- --service S --from FILE.copy.gz.json
  Brings an archived partition back, the newest first; the file is compared with the manifest and the database, its chains are recomputed.
  --database URL  of the database's owner, instead of the fleet that runs here`,
};

await run(async () => {
  const [command, ...argv] = process.argv.slice(2);
  if (command !== 'archive' && command !== 'restore') throw new Stop(`There is no command "${command}".`);
  let values;
  try {
    ({ values } = parseArgs({ args: argv, options: { service: { type: 'string' }, to: { type: 'string', default: join(home, 'archive') }, from: { type: 'string' }, ended: { type: 'string', default: '' }, list: { type: 'boolean' }, database: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }));
  } catch (error) {
    throw new Stop(`${(error as Error).message}\n\n${usage[command]}`);
  }
  if (values.help) {
    console.log(usage[command]);
    return 0;
  }
  const { service = '' } = values;
  if (!values.database && !serviceNames.some((name) => name === service)) throw new Stop(`Say which service.\n\n${usage[command]}`);
  const db = new pg.Client(values.database ?? ownerUrl(service));
  await db.connect();
  try {
    const ended = values.ended.split(',').filter((type) => type !== '');
    if (command === 'restore') {
      if (!values.from) throw new Stop(`Say which manifest.\n\n${usage.restore}`);
      const { partition, events } = await restorePartition(db, values.from);
      console.log(`partition ${partition} is back: ${events} events; its file stays where it is.`);
    } else if (values.list) {
      const found = await archivable(db, ended);
      console.log(found.length === 0 ? 'no partition is full yet' : found.map(({ partition, why }) => `partition ${partition}: ${why ?? 'can be archived'}`).join('\n'));
    } else {
      mkdirSync(values.to, { recursive: true });
      const { partition, events, first, last, file, sha256 } = await archivePartition(db, { dir: values.to, ended, at: new Date().toISOString() });
      console.log(`partition ${partition} is archived: ${events} events, positions ${first} to ${last}\n${join(values.to, file)} (sha256 ${sha256})\n${join(values.to, `${file}.json`)} is its manifest: keep both`);
    }
  } catch (error) {
    if (error instanceof NotArchivable) throw new Stop(error.message);
    throw error;
  } finally {
    await db.end();
  }
  return 0;
});
