// The work of writing back, in a process of its own that dies where KILL_AT says.
import { randomUUID } from 'node:crypto';
import { createEventStore, runFollowers, runWorkers, silentLogger, workFollower, type EventStore, type Meta, type Performed } from '@flotilla/event-store';
import { businessClock } from '@flotilla/values';
import pg from 'pg';
import { shopify } from '../src/channels/shopify/manifest.js';
import { writeBackJobs, writeBackPerformer } from '../src/perform/write-back.performer.js';

const { DATABASE = '', KILL_AT = '', SHOP_URL = '', SHOP_TOKEN = '' } = process.env;
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('dead');
};
const pool = new pg.Pool({ connectionString: DATABASE, max: 10 });
pool.on('error', () => undefined);
pool.on('connect', (connection) => connection.on('error', () => undefined));
const real = createEventStore({ pool });
let answered = false;
const store: EventStore = {
  ...real,
  // The platform has answered and nothing is written yet.
  execute: (task, request) => (answered && KILL_AT === 'after' ? die() : real.execute(task, request)),
};
const mortalFetch: typeof fetch = async (url, init) => {
  if (init?.method === 'POST' && KILL_AT === 'before') die();
  const answer = await fetch(url, init);
  if (init?.method === 'POST') answered = true;
  return answer;
};
const performer = writeBackPerformer({
  platforms: new Map([['shopify', shopify]]),
  channels: { forget: () => undefined, get: (id) => Promise.resolve({ id, platform: 'shopify', apiUrl: SHOP_URL, secret: new Uint8Array(), token: SHOP_TOKEN, connectedAt: '', hasSkuMap: false, mapping: undefined }) },
  ctx: { store, clock: businessClock(''), outside: () => ({ fetch: mortalFetch, broken: () => false }) },
});
const meta = (job: Performed): Meta => ({ correlation: job.correlation, causation: randomUUID(), actor: 'work' });

await runFollowers({ pool, store: real, followers: [workFollower('work', writeBackJobs)], log: silentLogger });
await runWorkers({ pool, performers: { 'write-back': { perform: (job) => performer.perform(job, meta(job)), resolve: (job) => performer.resolve(job, meta(job)) } }, log: silentLogger });
console.log('working');
