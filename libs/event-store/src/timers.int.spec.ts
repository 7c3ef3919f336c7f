import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually as poll, quietLog } from '@flotilla/testing';
import { add, world, type World } from '../spec/fixture.js';
import { runFollowers, runTimers, timerFollower, type DueTimer, type Runner, type TimerChange } from './index.js';

jest.setTimeout(60_000);
const eventually = <T>(attempt: () => T | Promise<T>) => poll(attempt, { timeoutMs: 30_000 });

let w: World;
let runner: Runner;
const START = Date.parse('2026-11-21T00:00:00.000Z');
/** Both clocks stand still until a test moves them. */
const now = { business: START, machine: START };
const clocks = { business: () => new Date(now.business), machine: () => new Date(now.machine) };
const at = (ms: number): string => new Date(START + ms).toISOString();

beforeAll(async () => {
  w = await world();
  // The entry of an event in ledger-timers is the change itself.
  runner = await runFollowers({
    pool: w.pool,
    store: w.store,
    log: quietLog(),
    followers: [timerFollower('timers', (event) => (event.stream === 'ledger-timers' && event.type === 'Added' ? [JSON.parse((event.data as { entry: string }).entry) as TimerChange] : []))],
  });
});
afterAll(async () => {
  await runner.stop();
  await w.end();
});

const set = async (...changes: readonly TimerChange[]): Promise<void> => {
  const done = await Promise.all(changes.map((change) => w.store.execute(add('timers', JSON.stringify(change), { correlation: `order-${change.key}`, traceparent: '00-a-b-01' }))));
  expect(await runner.reached('timers', Math.max(...done.map(({ position }) => position)), 30_000)).toBe(true);
};
const timer = (key: string, dueAt: string | null, clock: TimerChange['clock'] = 'machine', data: unknown = { key }): TimerChange => ({ key, dueAt, clock, data });
const pending = async (like: string): Promise<string[]> => (await w.pool.query('SELECT key FROM es.timer WHERE key LIKE $1 ORDER BY key', [like])).rows.map((row) => row.key as string);

const firing = async (like: RegExp, fire: (timer: DueTimer) => Promise<void> | void = () => undefined, options: { claimMs?: number } = {}) => {
  const fired: DueTimer[] = [];
  const log = quietLog();
  const running = await runTimers({
    pool: w.another().pool, clocks, log, ...options,
    fire: async (due) => {
      if (like.test(due.key)) fired.push(due);
      await fire(due);
    },
  });
  return { fired, log, stop: () => running.stop(), keys: () => fired.map(({ key }) => key) };
};

describe('timers', () => {
  it('ALR-03: fire once when due, not before, and say what caused them', async () => {
    const timers = await firing(/^once/);
    await set(timer('once-1', at(1_000)), timer('once-2', at(500)), timer('once-3', at(60_000)));
    now.machine = START + 1_000;
    await eventually(() => timers.fired.length === 2);
    await eventually(async () => expect(await pending('once%')).toEqual(['once-3']));
    expect(timers.fired.find(({ key }) => key === 'once-1')).toEqual({ key: 'once-1', dueAt: at(1_000), data: { key: 'once-1' }, correlation: 'order-once-1', traceparent: '00-a-b-01' });
    await timers.stop();
    now.machine = START + 60_000;
    const restarted = await firing(/^once/);
    await eventually(() => restarted.keys().includes('once-3'));
    await restarted.stop();
    expect([...timers.keys(), ...restarted.keys()].sort()).toEqual(['once-1', 'once-2', 'once-3']);
  });

  it('ALR-03: are called off or moved by the event they wait for, the last change of a batch wins', async () => {
    await set(timer('off-1', at(70_000)), timer('off-2', at(70_000)), timer('off-3', at(70_000)), timer('off-4', null), timer('off-3', at(90_000)), timer('off-1', null));
    expect(await pending('off%')).toEqual(['off-2', 'off-3']);
    await set(timer('off-2', null));
    const timers = await firing(/^off/);
    now.machine = START + 80_000;
    await set(timer('off-5', at(75_000)));
    await eventually(() => timers.keys().includes('off-5'));
    expect(timers.keys()).toEqual(['off-5']);
    now.machine = START + 90_000;
    await eventually(() => timers.keys().includes('off-3'));
    await timers.stop();
  });

  it('ALR-03: follow the clock they name', async () => {
    const timers = await firing(/^clock/);
    await set(timer('clock-m', at(200_000), 'machine'), timer('clock-b', at(200_000), 'business'));
    now.business = START + 3_600_000; // business time runs ahead
    await eventually(() => timers.fired.length === 1);
    expect(timers.keys()).toEqual(['clock-b']);
    now.machine = START + 200_000;
    await eventually(() => timers.fired.length === 2);
    await timers.stop();
  });

  it('ALR-03: fire again when firing failed, and stay when they are set anew while firing', async () => {
    let failures = 0;
    const timers = await firing(/^again/, async ({ key }) => {
      if (key === 'again-fail' && (failures += 1) < 3) throw new Error('not yet');
      if (key === 'again-set') await set(timer('again-set', at(10 ** 9)));
    });
    await set(timer('again-fail', at(0)), timer('again-set', at(0)));
    await eventually(() => failures === 3);
    await eventually(async () => expect(await pending('again%')).toEqual(['again-set']));
    expect(timers.keys().filter((key) => key === 'again-set')).toHaveLength(1);
    expect(timers.log.lines.filter(({ message }) => message.includes('fire again'))).toHaveLength(2);
    await timers.stop();
  });

  it('ALR-03: many runners fire each timer once; the claim of one that died ends', async () => {
    await set(...Array.from({ length: 300 }, (_, i) => timer(`many-${i}`, at(i))));
    const runners = await Promise.all([firing(/^many/), firing(/^many/), firing(/^many/)]);
    await eventually(async () => expect(await pending('many%')).toEqual([]));
    const keys = runners.flatMap((one) => one.keys());
    expect([keys.length, new Set(keys).size]).toEqual([300, 300]);
    await Promise.all(runners.map((one) => one.stop()));

    await set(timer('dead-1', at(0)));
    await w.pool.query("UPDATE es.timer SET claimed_until = clock_timestamp() + interval '400 ms' WHERE key = 'dead-1'"); // claimed by a process that is no more
    const next = await firing(/^dead/);
    await eventually(() => next.fired.length === 1);
    await next.stop();
  });

  it('ALR-03: fire once however a clock jumps, and late rather than never', async () => {
    const timers = await firing(/^jump/);
    await set(timer('jump-1', at(400_000)), timer('jump-2', at(100 * 86_400_000)));
    now.machine = START + 2 * 86_400_000;
    await eventually(() => timers.keys().includes('jump-1'));
    now.machine = START + 300_000;
    await set(timer('jump-3', at(300_500)));
    await new Promise((resolve) => setTimeout(resolve, 600)); // two looks and more
    expect(timers.keys()).toEqual(['jump-1']);
    now.machine = START + 400_000;
    await eventually(() => timers.keys().includes('jump-3'));
    // The database's own clock was an hour ahead when a process claimed it and died.
    await set(timer('jump-4', at(0)));
    await w.pool.query("UPDATE es.timer SET claimed_until = clock_timestamp() + interval '1 hour' WHERE key = 'jump-4'");
    await eventually(() => timers.keys().includes('jump-4'));
    await timers.stop();
    expect(timers.keys()).toEqual(['jump-1', 'jump-3', 'jump-4']);
    expect(await pending('jump%')).toEqual(['jump-2']);
  });
});
