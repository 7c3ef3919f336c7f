import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Decider } from '@flotilla/decider';
import { database } from '@flotilla/testing';
import pg from 'pg';
import { createEventStore, migrateEventStore, type EventStore } from './index.js';

type Noted = { readonly type: 'Noted'; readonly data: { readonly n: number } };
const diary: Decider<number, { readonly type: 'Note'; readonly data: { readonly n: number } }, Noted> = {
  category: 'diary', initial: 0, evolve: (sum, { data }) => sum + data.n, decide: ({ data }) => [{ type: 'Noted', data }],
};
const trace = (of: string): string => `00-${of.repeat(32)}-${of.repeat(16)}-01`;

describe('a call from outside about something under way', () => {
  let db: Awaited<ReturnType<typeof database>>;
  let store: EventStore;
  const note = (id: string, traceparent: string, continues: boolean): Promise<unknown> =>
    store.execute({ streams: [[diary, id]], meta: { correlation: 'c', causation: 'c', actor: 'a', traceparent }, ...(continues ? { continues: [diary, id] as const } : {}), decide: (unit) => unit.run(diary, id, { type: 'Note', data: { n: 1 } }) });
  const traces = async (id: string): Promise<unknown> => (await store.read(`diary-${id}`)).map(({ meta: { traceparent, request } }) => [traceparent, request]);

  beforeAll(async () => {
    db = await database(process.env['FLOTILLA_TEST_DATABASE_URL']!);
    const owner = new pg.Client(db.url);
    await owner.connect();
    await migrateEventStore(owner, { role: new URL(db.url).username, readers: [] });
    await owner.end();
    store = createEventStore({ pool: db.pool });
  }, 30_000);
  afterAll(async () => {
    await store.close();
    await db.drop();
  });

  it('OPS-03: joins the trace of its stream, and keeps the call’s own', async () => {
    await note('joined', trace('a'), true);
    await note('joined', trace('b'), true);
    await note('joined', trace('c'), true);
    expect(await traces('joined')).toEqual([[trace('a'), undefined], [trace('a'), trace('b')], [trace('a'), trace('c')]]);
  });

  it('OPS-03: joins it also when another process wrote the stream', async () => {
    const other = createEventStore({ pool: db.pool });
    await note('shared', trace('a'), false);
    await other.execute({ streams: [[diary, 'shared']], continues: [diary, 'shared'], meta: { correlation: 'c', causation: 'c', actor: 'a', traceparent: trace('b') }, decide: (unit) => unit.run(diary, 'shared', { type: 'Note', data: { n: 1 } }) });
    await other.close();
    expect(await traces('shared')).toEqual([[trace('a'), undefined], [trace('a'), trace('b')]]);
  });

  it('OPS-03: joins it as a request, too', async () => {
    await note('asked', trace('a'), false);
    await store.execute({ streams: [[diary, 'asked']], continues: [diary, 'asked'], meta: { correlation: 'c', causation: 'c', actor: 'a', traceparent: trace('b') }, decide: (unit) => unit.run(diary, 'asked', { type: 'Note', data: { n: 1 } }) }, { caller: 'me', id: 'r1', hash: 'h' });
    expect(await traces('asked')).toEqual([[trace('a'), undefined], [trace('a'), trace('b')]]);
  });

  it('goes its own way without', async () => {
    await note('apart', trace('a'), false);
    await note('apart', trace('b'), false);
    expect(await traces('apart')).toEqual([[trace('a'), undefined], [trace('b'), undefined]]);
  });
});
