// The work of asking for orders, in a process of its own that dies around its second page, if KILL_AT says so.
import { createHash, randomUUID } from 'node:crypto';
import { createEventStore, runFollowers, runWorkers, silentLogger, workFollower, type EventStore, type Meta, type Performed } from '@flotilla/event-store';
import { businessClock } from '@flotilla/values';
import pg from 'pg';
import { Deliveries } from '../src/accept/deliveries.js';
import { taobao } from '../src/channels/taobao/manifest.js';
import { secretsOf } from '../src/keys/secrets.js';
import { orderPullJobs, orderPullPerformer } from '../src/perform/order-pull.performer.js';

const { DATABASE = '', KILL_AT = '', SHOP_URL = '', SHOP_TOKEN = '', SHOP_SECRET = '' } = process.env;
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('dead');
};
const pool = new pg.Pool({ connectionString: DATABASE, max: 10 });
pool.on('error', () => undefined);
pool.on('connect', (connection) => connection.on('error', () => undefined));
const real = createEventStore({ pool });
let pages = 0;
const store: EventStore = {
  ...real,
  execute: async (task, request) => {
    pages += 1;
    if (pages === 2 && KILL_AT === 'before') die();
    const done = await real.execute(task, request);
    return pages === 2 && KILL_AT === 'after' ? die() : done;
  },
};
// Every process seals with the same keys, as those that share a database do.
const keyOf = (subject: string): Uint8Array => createHash('sha256').update(subject).digest();
const performer = orderPullPerformer({
  platforms: new Map([['taobao', taobao]]),
  channels: { get: (id) => Promise.resolve({ id, platform: 'taobao', apiUrl: SHOP_URL, secret: Buffer.from(SHOP_SECRET), token: SHOP_TOKEN, connectedAt: '' }) },
  deliveries: new Deliveries({ ensure: (subjects) => Promise.resolve(new Map(subjects.map((subject) => [subject, keyOf(subject)]))) }, secretsOf(Buffer.alloc(32, 7)), () => ''),
  ctx: { store, clock: businessClock(''), outside: () => ({ fetch, broken: () => false }) },
}, { pulled: () => undefined, failed: () => undefined });
const meta = (job: Performed): Meta => ({ correlation: job.correlation, causation: randomUUID(), actor: 'work' });

await runFollowers({ pool, store: real, followers: [workFollower('work', orderPullJobs)], log: silentLogger });
await runWorkers({ pool, performers: { 'order-pull': { perform: (job) => performer.perform(job, meta(job)), resolve: (job) => performer.resolve(job, meta(job)) } }, log: silentLogger });
console.log('working');
