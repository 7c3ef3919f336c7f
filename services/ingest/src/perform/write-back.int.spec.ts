import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createEventStore, migrateEventStore, type EventStore } from '@flotilla/event-store';
import { crashable, database, eventually, type Crashable, type TestDatabase } from '@flotilla/testing';
import pg from 'pg';
import { FakeShopify } from '../../spec/fake-shopify.js';
import { writeBack } from '../decide/write-back.decider.js';
import { writeBackId } from '../decide/write-back.events.js';

jest.setTimeout(60_000);

const token = 'shpat_kill';
const fake = new FakeShopify(token);
const channelOrderId = '820982911946154508';
const line = '866550311766439020';
let db: TestDatabase;
let store: EventStore;
let shopUrl = '';
let children: Crashable[] = [];
let number = 0;

beforeAll(async () => {
  db = await database();
  const client = new pg.Client(db.url);
  await client.connect();
  await migrateEventStore(client, { role: decodeURIComponent(new URL(db.url).username), readers: [] });
  await client.end();
  store = createEventStore({ pool: db.pool });
  shopUrl = await fake.start();
});
afterEach(async () => {
  fake.watch = () => undefined;
  await Promise.all(children.map((child) => child.kill()));
  children = [];
});
afterAll(async () => {
  await store.close();
  await fake.stop();
  await db.drop();
});

const start = (killAt = ''): Crashable => {
  const child = crashable(fileURLToPath(new URL('../../spec/write-back-child.ts', import.meta.url)), { env: { DATABASE: db.url, KILL_AT: killAt, SHOP_URL: shopUrl, SHOP_TOKEN: token } });
  children.push(child);
  return child;
};

/** A parcel with two of an order's four units has left: the platform would take the same two again. */
const shipped = async (): Promise<{ id: string; waybill: string }> => {
  const [orderId, parcelId, waybill] = [randomUUID(), randomUUID(), `SF${(number += 1)}`];
  fake.place(channelOrderId, [{ id: line, quantity: 4 }]);
  fake.calls.length = 0;
  const id = writeBackId(parcelId, orderId);
  await store.execute({
    streams: [[writeBack, id]],
    meta: { correlation: orderId, causation: orderId, actor: 'spec' },
    decide: (unit) =>
      void unit.run(writeBack, id, {
        type: 'RequestWriteBack',
        data: { orderId, channel: 'shop', channelOrderId, parcelId, carrier: 'sf', waybill, lines: [{ channelLineId: line, quantity: 2 }], shippedAt: '2026-11-21T09:00:00.000Z', needed: true },
      }),
  });
  return { id, waybill };
};

const status = async (id: string): Promise<string> => (await store.folded(writeBack, [id])).get(id)!.state.status;

/** The platform has it once, and we know it under the platform's id. */
const toldOnce = async (id: string, waybill: string): Promise<void> => {
  await eventually(async () => expect(await status(id)).toBe('done'), { timeoutMs: 40_000 });
  const { fulfilments } = fake.orders.get(channelOrderId)!;
  expect(fulfilments).toMatchObject([{ number: waybill, lines: [{ id: line, quantity: 2 }] }]);
  const outcomes = (await store.read(`writeBack-${id}`)).filter(({ type }) => type === 'WriteBackSucceeded' || type === 'WriteBackFailed');
  expect(outcomes.map(({ data }) => (data as { channelFulfilmentId: string }).channelFulfilmentId)).toEqual([fulfilments[0]!.id]);
  expect(fake.calls.filter((call) => call.startsWith('POST'))).toHaveLength(1);
};

describe('ING-13: a write-back that is killed', () => {
  it('ING-13: before the call: is done by the next process', async () => {
    const { id, waybill } = await shipped();
    expect(await start('before').exited).toBe('SIGKILL');
    expect([await status(id), fake.orders.get(channelOrderId)!.fulfilments.length]).toEqual(['pending', 0]);
    start();
    await toldOnce(id, waybill);
  });

  it('ING-13: during the call, after its effect: is found on the platform and not done again', async () => {
    const { id, waybill } = await shipped();
    const first = start();
    fake.watch = async (moment) => {
      if (moment === 'done') await first.kill();
    };
    await first.exited;
    fake.watch = () => undefined;
    expect(await status(id)).toBe('pending');
    start();
    await toldOnce(id, waybill);
  });

  it('ING-13: after the call, before its outcome is written: is found on the platform and not done again', async () => {
    const { id, waybill } = await shipped();
    expect(await start('after').exited).toBe('SIGKILL');
    expect([await status(id), fake.orders.get(channelOrderId)!.fulfilments.length]).toEqual(['pending', 1]);
    start();
    await toldOnce(id, waybill);
  });
});
