import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createEventStore, rebuildOnline } from '@flotilla/event-store';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { eventsPerOrder, fill, orderList } from './orders.ts';
import { resultOf, type Result, type Run } from './stats.ts';
import { poolOf, withClient, type World } from './world.ts';

const orders = 20_000;

/** A projection built anew from the first event, against the same events copied through this process into a bare table. */
export const rebuild = async (world: World, rounds: number, say: (line: string) => void): Promise<readonly Result[]> => {
  const { owner, service } = await world.database('bench_rebuild');
  await withClient(owner, (client) => fill(client, new URL(service).username, orders, say));
  const events = orders * eventsPerOrder;
  const pool = poolOf(service);
  const store = createEventStore({ pool });
  await pool.query("INSERT INTO es.checkpoint (name, position) SELECT 'order-list', max(position) FROM es.event");
  const ours = async (): Promise<number> => (await rebuildOnline({ pool, store, follower: orderList })).events;
  const [out, into] = [new pg.Client(owner), new pg.Client(owner)];
  await Promise.all([out.connect(), into.connect()]);
  await into.query('CREATE TABLE plain_copy (LIKE es.event)');
  const copy = async (): Promise<number> => {
    await into.query('TRUNCATE plain_copy');
    await pipeline(out.query(copyTo('COPY (SELECT * FROM es.event ORDER BY position) TO STDOUT')), new PassThrough(), into.query(copyFrom('COPY plain_copy FROM STDIN')));
    return events;
  };
  const rate = async (work: () => Promise<number>): Promise<number> => {
    const start = performance.now();
    const done = await work();
    if (done !== events) throw new Error(`${done} events of ${events}`);
    return done / ((performance.now() - start) / 1_000);
  };
  for (const one of [ours, copy]) await rate(one);
  const runs: Omit<Run, 'ratio'>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const found = new Map<unknown, number>();
    for (const one of round % 2 === 0 ? [ours, copy] : [copy, ours]) found.set(one, await rate(one));
    runs.push({ ours: found.get(ours) ?? 0, limit: found.get(copy) ?? 0, more: { events } });
    say(`rebuild, round ${round + 1}/${rounds}: ${found.get(ours)?.toFixed(0)} events/s, COPY ${found.get(copy)?.toFixed(0)}`);
  }
  await store.close();
  await Promise.all([pool.end(), out.end(), into.end()]);
  return [resultOf('rebuild', 'events/s', runs)];
};
