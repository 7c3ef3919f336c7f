import { randomUUID } from 'node:crypto';
import { createEventStore, runFollowers, runWorkers, silentLogger, workFollower, type EventStore, type Job, type Performed, type Recorded } from '@flotilla/event-store';
import type { ServicePerformer } from '@flotilla/service-kit';
import pg from 'pg';

const { DATABASE = '', KILL_AT = '' } = process.env;

const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('dead');
};

/** Works at one kind of job in a process of its own, which dies `before` or `after` its n-th append if KILL_AT says so. */
export const dyingWorker = async (of: {
  readonly kind: string;
  readonly jobs: (event: Recorded) => readonly Job[];
  readonly diesAt: number;
  readonly performer: (store: EventStore, pool: pg.Pool) => ServicePerformer;
}): Promise<void> => {
  const pool = new pg.Pool({ connectionString: DATABASE, max: 10 });
  pool.on('error', () => undefined);
  pool.on('connect', (connection) => connection.on('error', () => undefined));
  const real = createEventStore({ pool });
  let appends = 0;
  const store: EventStore = {
    ...real,
    execute: async (task, request) => {
      const last = (appends += 1) === of.diesAt;
      if (last && KILL_AT === 'before') die();
      const done = await real.execute(task, request);
      return last && KILL_AT === 'after' ? die() : done;
    },
  };
  const { perform, resolve } = of.performer(store, pool);
  const meta = (job: Performed) => ({ correlation: job.correlation, causation: randomUUID(), actor: 'work' });
  await runFollowers({ pool, store: real, followers: [workFollower('work', of.jobs)], log: silentLogger });
  await runWorkers({ pool, performers: { [of.kind]: { perform: (job) => perform(job, meta(job)), resolve: (job) => resolve(job, meta(job)) } }, log: silentLogger });
  console.log('working');
};
