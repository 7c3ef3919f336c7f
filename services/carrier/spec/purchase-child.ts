// What carrier does about one parcel's waybill, in a process of its own that dies where KILL_AT says.
import { randomUUID } from 'node:crypto';
import { createEventStore, runFollowers, runWorkers, silentLogger, workFollower, type EventStore, type Meta, type Performed } from '@flotilla/event-store';
import pg from 'pg';
import { parcelJobs } from '../src/coordinate/parcel-jobs.js';
import type { CarrierPort, Party } from '../src/perform/carriers/carrier.js';
import { carriers } from '../src/perform/carriers/registry.js';
import { buy, type Purchasing } from '../src/perform/purchase.performer.js';
import { voidWaybill } from '../src/perform/void.performer.js';

const { DATABASE = '', KILL_AT = '', TIMEOUT_MS = '1500', CARRIER = 'sf' } = process.env;
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
    // The carrier has answered and nothing is written yet.
    if (answered && KILL_AT === 'after') die();
    return real.execute(task, request);
  },
};
const settings = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('FLOTILLA_')));
const adapter = carriers.find(({ manifest }) => manifest.name === CARRIER);
const port = adapter?.connect({ config: settings, fetch, now: () => new Date() });
if (!adapter || !port) throw new Error(`no carrier ${CARRIER}`);
const mortal: CarrierPort = {
  create: async (order, signal) => {
    if (KILL_AT === 'before') die();
    const answer = await port.create(order, signal);
    answered = true;
    return answer;
  },
  ask: (question, signal) => port.ask(question, signal),
  cancel: async (reference, waybill, signal) => {
    if (KILL_AT === 'before') die();
    const answer = await port.cancel(reference, waybill, signal);
    answered = true;
    return answer;
  },
};
const somebody: Party = { name: '李雷', phone: '13800138000', company: '', country: 'CN', province: '北京市', city: '北京市', district: '朝阳区', postcode: '100020', street: '建国路1号' };
const purchasing: Purchasing = {
  store,
  carriers: new Map([[CARRIER, { manifest: adapter.manifest, port: mortal, masked: new Map() }]]),
  parties: () => Promise.resolve({ sender: somebody, recipient: somebody }),
  clock: { business: () => new Date(), machine: () => new Date() },
  timeoutMs: Number(TIMEOUT_MS),
  graceMs: 250,
  log: silentLogger,
};
const meta = (job: Performed): Meta => ({ correlation: job.correlation, causation: randomUUID(), actor: 'work' });
const buying = (job: Performed): Promise<void> => buy(purchasing, job, meta(job));
const voiding = (job: Performed): Promise<void> => voidWaybill(purchasing, job, meta(job));

await runFollowers({ pool, store: real, followers: [workFollower('work', parcelJobs)], log: silentLogger });
await runWorkers({ pool, performers: { waybill: { perform: buying, resolve: buying }, ask: { perform: buying, resolve: buying }, void: { perform: voiding, resolve: voiding } }, log: silentLogger });
console.log('working');
