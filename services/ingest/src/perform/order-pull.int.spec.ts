import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createEventStore, migrateEventStore, type EventStore } from '@flotilla/event-store';
import { crashable, database, eventually, type Crashable, type TestDatabase } from '@flotilla/testing';
import { orderIdOf } from '@flotilla/values';
import pg from 'pg';
import { platformsSandbox, type PlatformsSandbox, type SandboxOrder } from '../../spec/platforms-sandbox.js';
import { orderPull } from '../decide/order-pull.decider.js';

jest.setTimeout(90_000);

const shops = ['before', 'after', 'two'].map((id) => ({ id, platform: 'taobao', secret: 'top-secret', appKey: '12345678:session-1' }));
const increment = 'taobao.trades.sold.increment.get';
let db: TestDatabase;
let store: EventStore;
let sandbox: PlatformsSandbox;
let children: Crashable[] = [];

beforeAll(async () => {
  db = await database();
  const client = new pg.Client(db.url);
  await client.connect();
  await migrateEventStore(client, { role: decodeURIComponent(new URL(db.url).username), readers: [] });
  await client.end();
  store = createEventStore({ pool: db.pool });
  sandbox = await platformsSandbox(shops, 'http://127.0.0.1:9');
});
afterEach(async () => {
  await Promise.all(children.map((child) => child.kill()));
  children = [];
});
afterAll(async () => {
  await store.close();
  await sandbox.close();
  await db.drop();
});

const start = (shop: string, killAt = ''): Crashable => {
  const child = crashable(fileURLToPath(new URL('../../spec/order-pull-child.ts', import.meta.url)), { env: { DATABASE: db.url, KILL_AT: killAt, SHOP_URL: sandbox.url('taobao', shop), SHOP_TOKEN: '12345678:session-1', SHOP_SECRET: 'top-secret' } });
  children.push(child);
  return child;
};

/** Three pages of trades, and the intent to ask for them. */
const begun = async (channel: string): Promise<readonly SandboxOrder[]> => {
  const made = await sandbox.make('taobao', channel, { count: 85 });
  const now = new Date().toISOString();
  await store.execute({ streams: [[orderPull, channel]], meta: { correlation: randomUUID(), causation: randomUUID(), actor: 'spec' }, decide: (unit) => void unit.run(orderPull, channel, { type: 'BeginOrderPull', data: { channel, at: now, start: now, longestMs: 86_400_000, asked: true } }) });
  return made;
};

/** Pages and totals that were given: the sandbox limits who asks too often, and such a call comes again. */
const answered = async (channel: string): Promise<number> => (await sandbox.calls(channel, increment)).filter((status) => status === '200').length;

const state = async (channel: string) => (await store.folded(orderPull, [channel])).get(channel)!.state;

/** Every trade is received once, and every page was noted once. */
const takenOnce = async (channel: string, made: readonly SandboxOrder[]): Promise<void> => {
  await eventually(async () => expect(await state(channel)).toMatchObject({ status: 'ended', orders: 85 }), { timeoutMs: 60_000 });
  const streams = made.map(({ id }) => `channelOrder-${orderIdOf(channel, id)}`);
  const { rows } = await db.pool.query<{ type: string; n: number }>(
    `SELECT type, count(*)::int AS n FROM es.event WHERE (stream_id = ANY ($1) AND type IN ('ChannelOrderReceived', 'DeliveryRecorded')) OR (stream_id = $2 AND type IN ('OrderPagePulled', 'OrderPullEnded')) GROUP BY type ORDER BY type`,
    [streams, `orderPull-${channel}`],
  );
  expect(rows).toEqual([{ type: 'ChannelOrderReceived', n: 85 }, { type: 'DeliveryRecorded', n: 85 }, { type: 'OrderPagePulled', n: 3 }, { type: 'OrderPullEnded', n: 1 }]);
};

describe('ING-02: a pull that is killed', () => {
  it('ING-02: before its page is written: the next process asks for that page again, and goes on', async () => {
    const made = await begun('before');
    expect(await start('before', 'before').exited).toBe('SIGKILL');
    expect(await state('before')).toMatchObject({ status: 'running', orders: 5, next: '2' });
    start('before');
    await takenOnce('before', made);
  });

  it('ING-02: after its page is written: the next process goes on behind it', async () => {
    const made = await begun('after');
    expect(await start('after', 'after').exited).toBe('SIGKILL');
    expect(await state('after')).toMatchObject({ status: 'running', orders: 45, next: '1' });
    start('after');
    await takenOnce('after', made);
    // The total once, and each of three pages once.
    expect(await answered('after')).toBe(4);
  });

  it('ING-02: two processes: one asks, and each page is asked for once', async () => {
    const made = await begun('two');
    start('two');
    start('two');
    await takenOnce('two', made);
    expect(await answered('two')).toBe(4);
  });
});
