// `npm run rebuild`: asks a running service to build projections anew, and tells how it goes.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { run, Stop } from './ending.ts';
import { serviceNames } from './fleet.ts';
import { ownerUrl } from './owner.ts';

const usage = `npm run rebuild -- --service S [--projection P]
  Builds projections of a running service anew from its log, beside the old tables, and swaps them when they have caught up.
  Nothing is done outside again: followers of timers, jobs, tasks and messages are refused.
  --service S      ${serviceNames.join(', ')}
  --projection P   one follower; without it those that can be rebuilt are listed, with where they are
  --database URL   of the database's owner, instead of the fleet that runs here`;

interface Row {
  readonly state: 'requested' | 'running' | 'done' | 'failed';
  readonly position: string;
  readonly head: string;
  readonly events: string;
  readonly tables: readonly string[];
  readonly error: string | null;
}

const follow = async (db: pg.Client, name: string): Promise<void> => {
  const since = Date.now();
  for (let told = ''; ; await sleep(500)) {
    const { state, position, head, events, tables, error } = (await db.query<Row>('SELECT state, position, head, events, tables, error FROM es.rebuild WHERE name = $1', [name])).rows[0]!;
    const seconds = (Date.now() - since) / 1_000;
    if (state === 'failed') throw new Stop(`${name} was not rebuilt, its old tables stand: ${error}`);
    if (state === 'done') return console.log(`${name}: done, ${events} events in ${seconds.toFixed(1)} s; new: ${tables.map((table) => `read.${table}`).join(', ')}`);
    if (state === 'requested' && seconds > 15) throw new Stop(`Nobody takes up the rebuild of ${name}: is the service running, and does it have a follower of this name?`);
    const line = state === 'requested' ? `${name}: waits for its leader` : `${name}: ${Number(head) === 0 ? 0 : Math.floor((Number(position) / Number(head)) * 100)} % (${events} events, position ${position} of ${head})`;
    if (line !== told) console.log(line);
    told = line;
  }
};

await run(async () => {
  let values;
  try {
    ({ values } = parseArgs({ options: { service: { type: 'string' }, projection: { type: 'string' }, database: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }));
  } catch (error) {
    throw new Stop(`${(error as Error).message}\n\n${usage}`);
  }
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const { service = '', projection } = values;
  if (!values.database && !serviceNames.some((name) => name === service)) throw new Stop(`Say which service.\n\n${usage}`);
  const db = new pg.Client(values.database ?? ownerUrl(service));
  await db.connect();
  try {
    if (projection === undefined) {
      const { rows } = await db.query<{ name: string; position: string }>('SELECT name, position FROM es.checkpoint ORDER BY name');
      console.log(`followers of ${service}, and the position each has read to (timers, work, relay and reactors refuse):\n${rows.map(({ name, position }) => `  ${name.padEnd(24)}${position}`).join('\n')}`);
      return 0;
    }
    const { rowCount } = await db.query('SELECT FROM es.checkpoint WHERE name = $1', [projection]);
    if (!rowCount) throw new Stop(`${service} has no follower "${projection}"; without --projection they are listed.`);
    await db.query("INSERT INTO es.rebuild (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET state = 'requested', requested_at = now(), position = 0, head = 0, events = 0, error = NULL WHERE rebuild.state <> 'running'", [projection]);
    await follow(db, projection);
  } finally {
    await db.end();
  }
  return 0;
});
