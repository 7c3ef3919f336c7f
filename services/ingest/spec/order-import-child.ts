// The work of taking a file's orders, in a process of its own that dies where KILL_AT says: before or after its third append.
import { randomUUID } from 'node:crypto';
import { createEventStore, runFollowers, runWorkers, silentLogger, workFollower, type EventStore, type Meta, type Performed } from '@flotilla/event-store';
import { businessClock } from '@flotilla/values';
import pg from 'pg';
import { ConnectedChannels } from '../src/accept/connected-channels.js';
import { Deliveries } from '../src/accept/deliveries.js';
import { platforms } from '../src/channels/registry.js';
import { secretsOf } from '../src/keys/secrets.js';
import { SubjectKeyRing } from '../src/keys/subject-keys.js';
import { orderImportJobs, orderImportPerformer } from '../src/perform/order-import.performer.js';

const { DATABASE = '', KILL_AT = '', KEK = '' } = process.env;
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('dead');
};
const pool = new pg.Pool({ connectionString: DATABASE, max: 10 });
pool.on('error', () => undefined);
pool.on('connect', (connection) => connection.on('error', () => undefined));
const real = createEventStore({ pool });
let appends = 0;
const store: EventStore = {
  ...real,
  execute: async (task, request) => {
    const third = (appends += 1) === 3;
    if (third && KILL_AT === 'before') die();
    const done = await real.execute(task, request);
    if (third && KILL_AT === 'after') die();
    return done;
  },
};
const kek = Buffer.from(KEK, 'base64');
const [secrets, keys] = [secretsOf(kek), new SubjectKeyRing(pool, kek)];
const performer = orderImportPerformer({
  ctx: { store, pool, clock: businessClock(''), log: silentLogger } as unknown as Parameters<typeof orderImportPerformer>[0]['ctx'],
  keys,
  channels: new ConnectedChannels(store, secrets),
  platforms: platforms(() => Promise.reject(new Error('not asked'))),
  deliveries: new Deliveries(keys, secrets, () => ''),
});
const meta = (job: Performed): Meta => ({ correlation: job.correlation, causation: randomUUID(), actor: 'work' });

await runFollowers({ pool, store: real, followers: [workFollower('work', orderImportJobs)], log: silentLogger });
await runWorkers({ pool, performers: { 'order-import': { perform: (job) => performer.perform(job, meta(job)), resolve: (job) => performer.resolve(job, meta(job)) } }, log: silentLogger });
console.log('working');
