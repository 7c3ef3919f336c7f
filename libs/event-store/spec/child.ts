// A service in small: appends, takes in, follows and works until it is killed. CRASH_AT marks the point where it kills itself.
import pg from 'pg';
import { Conflict, createEventStore, runFollowers, runWorkers, silentLogger, workFollower, type Follower } from '../src/index.js';
import { add, ledger, meta } from './ledger.js';

const { URL_OF_DATABASE: url, CRASH_AT: crashAt, RUN: run = '0', LOAD: load } = process.env;
const pool = new pg.Pool({ connectionString: url, max: 20 });
pool.on('error', () => undefined);
pool.on('connect', (connection) => connection.on('error', () => undefined));
const store = createEventStore({ pool });

const crash = (point: string): void => {
  if (crashAt === point) process.kill(process.pid, 'SIGKILL');
};

const inside: Follower = {
  name: 'inside',
  inside: async (events, tx) => {
    await tx.query('INSERT INTO seen SELECT unnest($1::bigint[])', [events.map(({ position }) => position)]);
    crash('inside');
  },
};
const outside: Follower = {
  name: 'outside',
  outside: async (events) => {
    await pool.query('INSERT INTO sent SELECT unnest($1::bigint[])', [events.map(({ position }) => position)]);
    crash('outside');
  },
};
const work = workFollower('work', (event) =>
  event.stream === 'ledger-intents' && event.type === 'Added' ? [{ kind: 'buy', intent: (event.data as { entry: string }).entry, payload: {} }] : [],
);

const buy = (intent: string) => pool.query('INSERT INTO bought VALUES ($1)', [intent]);
/** The outcome, once, whoever finds it out. */
const report = (intent: string) =>
  store.execute({
    streams: [[ledger, 'outcomes']],
    meta,
    decide: (unit) => {
      if (!unit.state(ledger, 'outcomes').entries.includes(intent)) unit.run(ledger, 'outcomes', { type: 'Add', data: { entry: intent } });
    },
  });

await runFollowers({ pool, store, followers: [inside, outside, work], log: silentLogger });
await runWorkers({
  pool,
  log: silentLogger,
  performers: {
    buy: {
      perform: async ({ intent }) => {
        crash('before');
        await buy(intent);
        crash('during');
        await report(intent);
        crash('after');
      },
      // Asks the other side first.
      resolve: async ({ intent }) => {
        const { rowCount } = await pool.query('SELECT FROM bought WHERE intent = $1', [intent]);
        if (rowCount === 0) await buy(intent);
        await report(intent);
        console.log(`resolved ${intent}`);
      },
    },
  },
});
console.log('ready');

if (load) {
  const writing = Array.from({ length: 8 }, async (_, writer) => {
    for (let i = 0; ; i += 1) {
      const entry = `${run}.${writer}.${i}`;
      try {
        await store.execute(add(`crash-${i % 7}`, entry));
        console.log(`acknowledged ${entry}`);
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
      }
    }
  });
  // Three partitions at once: their chunks share appends, on the same streams.
  const taking = [0, 1, 2].map(async (partition) => {
    for (;;) {
      const from = (await store.offset('crash', 'topic', partition)) ?? 0;
      const offsets = { consumer: 'crash', topic: 'topic', partition, from, next: from + 10 };
      await store.intake(Array.from({ length: 10 }, (_, i) => add(`crash-${i % 7}`, `taken.${partition}.${from + i}`)), offsets, Array.from({ length: 10 }, (_, i) => from + i + 1)).catch((error: unknown) => {
        if (!(error instanceof Conflict)) throw error;
      });
    }
  });
  await Promise.all([...writing, ...taking]);
}
