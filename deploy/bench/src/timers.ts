import { randomUUID } from 'node:crypto';
import { createEventStore, runFollowers, runTimers, silentLogger, timerFollower } from '@flotilla/event-store';
import { step } from './orders.ts';
import { percentile, resultOf, type Result, type Run } from './stats.ts';
import { poolOf, withClient, type World } from './world.ts';

const few = 10_000;
const many = 1_000_000;
const courses = 600;
const callers = 32;
/** Of every course one timer is called off by what it waits for and one fires. */
const fires = 'AllocationRequested';
const set = 'OrderPlaced';
const called = 'OrderApproved';

interface Pending {
  /** Milliseconds per order, and how late each timer fired. */
  measure(): Promise<{ readonly ms: number; readonly late: readonly number[] }>;
  close(): Promise<void>;
}

/** A service's database in which so many timers wait for next year. */
const pending = async (world: World, timers: number, say: (line: string) => void): Promise<Pending> => {
  const { owner, service } = await world.database(`bench_timers_${timers}`);
  const started = performance.now();
  await withClient(owner, async (client) => {
    await client.query('SET synchronous_commit = off');
    // Keys and days spread as real ones are.
    await client.query(
      `INSERT INTO es.timer (key, clock, due_at, data, set_by, correlation)
       SELECT 'watch/' || md5('w' || n), CASE WHEN n % 4 = 0 THEN 'machine' ELSE 'business' END, now() + interval '1 year' + (n * 7919 % 1000000) * interval '1 second', '{"watch":"promise","order":"x"}', 1, 'c' FROM generate_series(1, $1::bigint) n`,
      [timers],
    );
    await client.query('VACUUM (ANALYZE) es.timer');
  });
  say(`timers: ${timers.toLocaleString('en')} pending timers stored in ${((performance.now() - started) / 1_000).toFixed(0)} s`);
  const pool = poolOf(service);
  const store = createEventStore({ pool });
  const fired = new Map<string, number>();
  const late: number[] = [];
  let [wanted, full] = [0, (): void => undefined];
  const runner = await runFollowers({
    pool,
    store,
    log: silentLogger,
    followers: [
      timerFollower('bench-timers', ({ type, data, recordedAt }) => {
        const { orderId } = data as { readonly orderId: string };
        if (type === set) return [{ key: `paid/${orderId}`, dueAt: new Date(Date.parse(recordedAt) + 3_600_000).toISOString(), clock: 'business', data: { orderId } }];
        if (type === called) return [{ key: `paid/${orderId}`, dueAt: null, clock: 'business', data: {} }];
        return type === fires ? [{ key: `late/${orderId}`, dueAt: recordedAt, clock: 'machine', data: { orderId } }] : [];
      }),
    ],
  });
  const clocks = { business: () => new Date(), machine: () => new Date() };
  const timersRunning = await runTimers({
    pool,
    clocks,
    log: silentLogger,
    fire: ({ key, dueAt }) => {
      fired.set(key, (fired.get(key) ?? 0) + 1);
      late.push(Date.now() - Date.parse(dueAt));
      if (fired.size === wanted) full();
      return Promise.resolve();
    },
  });
  return {
    measure: async () => {
      late.length = 0;
      wanted = fired.size + courses;
      const all = new Promise<void>((resolve, reject) => {
        full = resolve;
        setTimeout(() => reject(new Error(`${wanted - fired.size} of ${courses} timers did not fire within a minute`)), 60_000).unref();
      });
      const start = performance.now();
      let begun = 0;
      await Promise.all(
        Array.from({ length: callers }, async () => {
          while (begun < courses) {
            begun += 1;
            const id = randomUUID();
            for (let n = 0; n < 3; n += 1) await store.execute(step(id, new Date().toISOString()));
          }
        }),
      );
      await all;
      const ms = (performance.now() - start) / courses;
      const twice = [...fired.values()].filter((times) => times > 1).length;
      const { rows } = await pool.query<{ left: string }>("SELECT count(*) AS left FROM es.timer WHERE key LIKE 'paid/%'");
      if (twice > 0 || rows[0]?.left !== '0') throw new Error(`${twice} timers fired twice, ${rows[0]?.left} were not called off`);
      return { ms, late: [...late] };
    },
    close: async () => {
      await timersRunning.stop();
      await runner.stop();
      await store.close();
      await pool.end();
    },
  };
};

/** What an order costs that sets three timers' worth of changes — one set, one called off, one fired — with a million timers pending, against ten thousand, in turn. */
export const timers = async (world: World, rounds: number, say: (line: string) => void): Promise<readonly Result[]> => {
  const [small, large] = [await pending(world, few, say), await pending(world, many, say)];
  for (const one of [small, large]) await one.measure();
  const runs: Omit<Run, 'ratio'>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const found = new Map<Pending, Awaited<ReturnType<Pending['measure']>>>();
    for (const one of round % 2 === 0 ? [large, small] : [small, large]) found.set(one, await one.measure());
    const [ours, limit] = [found.get(large)!, found.get(small)!];
    const [late, lateFew] = [ours, limit].map((one) => percentile(one.late, 99));
    runs.push({ ours: ours.ms, limit: limit.ms, more: { pending: many, few, late_p99_ms: late!, late_p99_few_ms: lateFew! } });
    say(`timers, round ${round + 1}/${rounds}: ${ours.ms.toFixed(2)} ms per order with ${many.toLocaleString('en')} pending (p99 ${late!.toFixed(0)} ms late), ${limit.ms.toFixed(2)} ms with ${few.toLocaleString('en')} (${lateFew!.toFixed(0)} ms)`);
  }
  for (const one of [small, large]) await one.close();
  return [resultOf('timers-1000000', 'ms', runs)];
};
