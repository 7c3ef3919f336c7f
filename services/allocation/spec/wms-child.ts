// What allocation does about locks in a warehouse system, in a process of its own that dies where KILL_AT says.
import { randomUUID } from 'node:crypto';
import { createEventStore, runFollowers, runWorkers, silentLogger, workFollower, type EventStore, type Meta, type Performed } from '@flotilla/event-store';
import pg from 'pg';
import { wmsJobs } from '../src/coordinate/wms/jobs.js';
import { carry, type Calling } from '../src/perform/wms/call.performer.js';
import { connectTargets } from '../src/perform/wms/targets.js';
import type { WmsPort } from '../src/perform/wms/wms.js';

const { DATABASE = '', KILL_AT = '', TIMEOUT_MS = '1500', TARGETS = '{}' } = process.env;
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
  execute: (task, request) => {
    // The system has answered and nothing is written yet.
    if (answered && KILL_AT === 'after') die();
    return real.execute(task, request);
  },
};
const mortal = (port: WmsPort): WmsPort => {
  const dying = async <T>(call: () => Promise<T>): Promise<T> => {
    if (KILL_AT === 'before') die();
    const answer = await call();
    answered = true;
    return answer;
  };
  return {
    lock: (order, signal) => dying(() => port.lock(order, signal)),
    confirm: (lockId, fence, signal) => dying(() => port.confirm(lockId, fence, signal)),
    release: (lockId, reason, signal) => dying(() => port.release(lockId, reason, signal)),
    consume: (lockId, fence, parcelId, signal) => dying(() => port.consume(lockId, fence, parcelId, signal)),
    ask: (lockId, signal) => port.ask(lockId, signal),
    stock: (signal) => port.stock(signal),
  };
};
const connections = connectTargets(JSON.parse(TARGETS) as Record<string, unknown>, { fetchOf: () => (url, init) => fetch(url, init), now: () => new Date() });
const systems = new Map([...connections].map(([warehouse, { port }]) => [warehouse, { port: mortal(port), longestPauseMs: 2_000 }]));
const calling: Calling = { store, pool, system: (warehouse) => systems.get(warehouse), now: () => new Date(), leaseMs: 30_000, timeoutMs: Number(TIMEOUT_MS), graceMs: 250, log: silentLogger };
const meta = (job: Performed): Meta => ({ correlation: job.correlation, causation: randomUUID(), actor: 'work' });
const work = (job: Performed): Promise<void> => carry(calling, job, meta(job));

await runFollowers({ pool, store: real, followers: [workFollower('work', wmsJobs)], log: silentLogger });
await runWorkers({ pool, performers: { wms: { perform: work, resolve: work }, 'wms-ask': { perform: work, resolve: work } }, log: silentLogger });
console.log('working');
