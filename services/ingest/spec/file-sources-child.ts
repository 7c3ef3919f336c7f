// Looks for files in a process of its own that dies where KILL_AT says so: before or after the append that says that a file is there.
import { createEventStore, silentLogger, type EventStore } from '@flotilla/event-store';
import { businessClock } from '@flotilla/values';
import pg from 'pg';
import { watchFiles } from '../src/accept/imports/file-sources.js';
import { SubjectKeyRing } from '../src/keys/subject-keys.js';

const { DATABASE = '', KILL_AT = '', KEK = '', FILES_DIR = '' } = process.env;
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('dead');
};

const pool = new pg.Pool({ connectionString: DATABASE, max: 10 });
const real = createEventStore({ pool });
const store: EventStore = {
  ...real,
  execute: async (task, request) => {
    if (!task.streams.some(([{ category }]) => category === 'orderImport')) return real.execute(task, request);
    if (KILL_AT === 'before') die();
    await real.execute(task, request);
    return die();
  },
};
const meta = () => ({ correlation: 'spec', causation: 'spec', actor: 'spec' });
watchFiles({ ctx: { store, pool, clock: businessClock(''), meta, log: silentLogger }, keys: new SubjectKeyRing(pool, Buffer.from(KEK, 'base64')) }, { secrets: {}, filesDir: FILES_DIR, settleMs: 0 });
console.log('looking');
