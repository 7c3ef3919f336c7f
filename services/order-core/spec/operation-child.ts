// A process that works at an operation and dies at a chosen moment: "before" or "after" its n-th append, or never.
import { createEventStore, silentLogger, type EventStore } from '@flotilla/event-store';
import pg from 'pg';
import { workOff } from '../src/accept/operation-work.js';

const { DATABASE: url = '', OPERATION: operation = '', DIE = 'never 0' } = process.env;
const [when, n] = DIE.split(' ');
const store = createEventStore({ pool: new pg.Pool({ connectionString: url, max: 4 }) });

let appends = 0;
const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
};
const dying: EventStore = {
  ...store,
  execute: async (task, request) => {
    appends += 1;
    const mine = appends === Number(n);
    if (mine && when === 'before') return die();
    // Killed while the append is on its way: whether it was written is not known.
    if (mine && when === 'during') setImmediate(() => void die());
    const done = await store.execute(task, request);
    return mine && when === 'after' ? die() : done;
  },
};

const terms = () => ({ rules: { riskLimit: 1e9, paymentMinutes: 30 }, policy: { allocateWhen: 'placed' as const }, carriers: ['sf'], at: new Date().toISOString() });
await workOff({ store: dying, log: silentLogger, terms, now: () => new Date().toISOString() }, operation, new AbortController().signal, { correlation: operation, causation: operation, actor: 'child' });
process.stdout.write('done\n');
process.exit(0);
