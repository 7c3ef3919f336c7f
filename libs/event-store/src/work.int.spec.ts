import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually as poll, quietLog } from '@flotilla/testing';
import { add, world, type World } from '../spec/fixture.js';
import { runFollowers, runWorkers, workFollower, type Job, type Performed, type Performer, type Runner } from './index.js';

jest.setTimeout(60_000);
const eventually = <T>(attempt: () => T | Promise<T>) => poll(attempt, { timeoutMs: 30_000 });

let w: World;
let runner: Runner;
beforeAll(async () => {
  w = await world();
  runner = await runFollowers({
    pool: w.pool,
    store: w.store,
    log: quietLog(),
    followers: [workFollower('work', (event) => (event.stream === 'ledger-intents' && event.type === 'Added' ? [JSON.parse((event.data as { entry: string }).entry) as Job] : []))],
  });
});
afterAll(async () => {
  await runner.stop();
  await w.end();
});

const intend = async (...jobs: readonly Job[]): Promise<void> => {
  const done = await Promise.all(jobs.map((job) => w.store.execute(add('intents', JSON.stringify(job), { correlation: `order-${job.intent}`, traceparent: '00-a-b-01' }))));
  expect(await runner.reached('work', Math.max(...done.map(({ position }) => position)), 30_000)).toBe(true);
};
const job = (kind: string, intent: string, more: Partial<Job> = {}): Job => ({ kind, intent, payload: { intent }, ...more });
const jobs = async (kind: string): Promise<{ key: string; locked: boolean; attempts: number }[]> =>
  (await w.pool.query("SELECT key, locked_by IS NOT NULL AS locked, attempts FROM graphile_worker._private_jobs WHERE key LIKE $1 || ':%' ORDER BY key", [kind])).rows;

const recorder = () => {
  const calls: { how: string; job: Performed }[] = [];
  return { calls, performer: (more: Partial<Performer> = {}): Performer => ({
    perform: (performed) => Promise.resolve(void calls.push({ how: 'perform', job: performed })),
    resolve: (performed) => Promise.resolve(void calls.push({ how: 'resolve', job: performed })),
    ...more,
  }) };
};

describe('work', () => {
  it('CAR-12: performs each intent once, as a role that owns nothing', async () => {
    const { calls, performer } = recorder();
    const workers = await runWorkers({ pool: w.another().pool, performers: { buy: performer() }, log: quietLog() });
    await intend(job('buy', 'i-1'), job('buy', 'i-2', { priority: 5 }), job('buy', 'i-1'), job('unknown', 'i-9'));
    await eventually(() => calls.length === 2);
    await eventually(async () => expect(await jobs('buy')).toEqual([]));
    expect(calls.find(({ job: { intent } }) => intent === 'i-1')).toMatchObject({
      how: 'perform', job: { kind: 'buy', intent: 'i-1', payload: { intent: 'i-1' }, attempt: 1, correlation: 'order-i-1', traceparent: '00-a-b-01' },
    });
    expect(await jobs('unknown')).toEqual([{ key: 'unknown:i-9', locked: false, attempts: 0 }]);
    await workers.stop();
  });

  it('CAR-12: an attempt that threw is resolved, not repeated', async () => {
    const { calls, performer } = recorder();
    let performed = 0;
    const workers = await runWorkers({ pool: w.another().pool, log: quietLog(), performers: { fails: performer({ perform: () => { performed += 1; return Promise.reject(new Error('timeout')); } }) } });
    await intend(job('fails', 'f-1'));
    await eventually(async () => expect(await jobs('fails')).toEqual([{ key: 'fails:f-1', locked: false, attempts: 1 }]));
    await w.owner.query("UPDATE graphile_worker._private_jobs SET run_at = now() WHERE key = 'fails:f-1'"); // its pause is over
    await eventually(() => calls.length === 1);
    await eventually(async () => expect(await jobs('fails')).toEqual([]));
    expect([performed, calls[0]?.how, calls[0]?.job.attempt]).toEqual([1, 'resolve', 2]);
    await workers.stop();
  });

  it('a kind at its limit does not hold up the others', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let slow = 0;
    let most = 0;
    const { calls, performer } = recorder();
    const workers = await runWorkers({
      pool: w.another().pool, log: quietLog(),
      performers: {
        slow: performer({ concurrency: 2, perform: async () => { slow += 1; most = Math.max(most, slow); await gate; slow -= 1; } }),
        quick: performer({ concurrency: 1 }),
      },
    });
    await intend(...Array.from({ length: 8 }, (_, i) => job('slow', `s-${i}`)), ...Array.from({ length: 8 }, (_, i) => job('quick', `q-${i}`)));
    await eventually(() => calls.length === 8);
    expect(slow).toBe(2);
    open();
    await eventually(async () => expect(await jobs('slow')).toEqual([]));
    expect(most).toBe(2);
    await workers.stop();
  });

  it('stopping waits for what is running', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let state = 'none';
    const { performer } = recorder();
    const workers = await runWorkers({ pool: w.another().pool, log: quietLog(), performers: { calm: performer({ perform: async () => { state = 'begun'; await gate; state = 'ended'; } }) } });
    await intend(job('calm', 'c-1'), job('calm', 'c-2', { runAt: '2100-01-01T00:00:00Z' }));
    await eventually(() => state === 'begun');
    const stopped = workers.stop();
    open();
    await stopped;
    expect(state).toBe('ended');
    expect(await jobs('calm')).toEqual([{ key: 'calm:c-2', locked: false, attempts: 0 }]);
  });

  it('workers that lose their lock abort, start again and resolve what they had begun', async () => {
    const { calls, performer } = recorder();
    let aborted = false;
    const workers = await runWorkers({
      pool: w.another().pool, log: quietLog(),
      performers: {
        lost: performer({
          perform: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => { aborted = true; reject(new Error('aborted')); })),
        }),
      },
    });
    await intend(job('lost', 'l-1'));
    await eventually(async () => expect(await jobs('lost')).toEqual([{ key: 'lost:l-1', locked: true, attempts: 1 }]));
    await w.owner.query("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7003 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
    await eventually(() => aborted);
    await eventually(async () => {
      await w.owner.query("UPDATE graphile_worker._private_jobs SET run_at = now() WHERE key = 'lost:l-1' AND locked_by IS NULL");
      return calls.length === 1;
    });
    expect(calls[0]).toMatchObject({ how: 'resolve', job: { attempt: 2 } });
    await workers.stop();
  });

  it('jobs of a dead process come back within seconds; those of a living one stay', async () => {
    const { calls, performer } = recorder();
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    await intend(job('orphan', 'o-1'));
    await w.owner.query("UPDATE graphile_worker._private_jobs SET locked_at = now() - interval '6 seconds', locked_by = 'pool-of-the-dead', attempts = 1 WHERE key = 'orphan:o-1'");
    const living = await runWorkers({ pool: w.another().pool, log: quietLog(), performers: { alive: performer({ perform: () => gate }) } });
    await intend(job('alive', 'a-1'));
    await eventually(async () => expect((await jobs('alive'))[0]?.locked).toBe(true));
    const log = quietLog();
    const workers = await runWorkers({ pool: w.another().pool, log, performers: { orphan: performer() } });
    await eventually(() => calls.length === 1);
    expect(calls[0]).toMatchObject({ how: 'resolve', job: { intent: 'o-1', attempt: 2 } });
    expect((await jobs('alive'))[0]).toEqual({ key: 'alive:a-1', locked: true, attempts: 1 });
    open();
    await living.stop();
    await workers.stop();
    expect(calls).toHaveLength(1);
  });

  it('if one kind cannot begin, those that began end with it: nothing of them works on', async () => {
    const { calls, performer } = recorder();
    const { pool } = w.another();
    const connect = pool.connect.bind(pool) as (...callback: readonly unknown[]) => ReturnType<typeof pool.connect>;
    let connections = 0;
    // The first is for the lock; each kind has one to begin with.
    pool.connect = ((...callback: readonly unknown[]) => (callback.length === 0 && (connections += 1) === 3 ? Promise.reject(new Error('too many connections')) : connect(...callback))) as typeof pool.connect;
    const workers = await runWorkers({ pool, performers: { one: performer(), two: performer(), three: performer() }, log: quietLog() });
    await intend(job('one', 'x-1'), job('two', 'x-2'), job('three', 'x-3'));
    await eventually(() => expect(calls.map(({ job: { intent } }) => intent).sort()).toEqual(['x-1', 'x-2', 'x-3']));
    expect(connections).toBeGreaterThan(3);
    await workers.stop();
    await intend(job('one', 'x-4'), job('two', 'x-5'), job('three', 'x-6'));
    await sleep(2_500); // more than twice as long as a worker waits before it looks again
    expect(calls).toHaveLength(3);
    await w.owner.query("DELETE FROM graphile_worker._private_jobs WHERE key IN ('one:x-4', 'two:x-5', 'three:x-6')");
  });

  it('a kind whose workers end by themselves is worked on again, beside the others', async () => {
    const { calls, performer } = recorder();
    // A job whose end cannot be reported is the end of its worker.
    await w.owner.query(`
      CREATE FUNCTION spec_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
      CREATE TRIGGER spec_refuse BEFORE DELETE ON graphile_worker._private_jobs FOR EACH ROW WHEN (OLD.key LIKE 'ends:%') EXECUTE FUNCTION spec_refuse()`);
    const log = quietLog();
    const workers = await runWorkers({ pool: w.another().pool, log, performers: { ends: performer(), goes: performer() } });
    await intend(job('ends', 'e-1'));
    await eventually(() => calls.length === 1);
    await eventually(() => log.lines.some(({ fields }) => (fields as { err?: Error }).err?.message.startsWith('workers of a kind ended') === true));
    await w.owner.query('DROP TRIGGER spec_refuse ON graphile_worker._private_jobs; DROP FUNCTION spec_refuse()');
    await intend(job('ends', 'e-2'), job('goes', 'e-3'));
    await eventually(() => expect(calls.map(({ job: { intent } }) => intent)).toEqual(expect.arrayContaining(['e-2', 'e-3'])));
    await workers.stop();
  });
});
