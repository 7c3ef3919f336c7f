import { randomUUID } from 'node:crypto';
import { createEventStore, runFollowers, silentLogger } from '@flotilla/event-store';
import { eventsPerOrder, fill, listPage, orderList, step, storedId } from './orders.ts';
import { resultOf, type Result, type Run } from './stats.ts';
import { poolOf, withClient, type World } from './world.ts';

const small = 10_000;
const courses = 600;
const callers = 32;

interface Stored {
  /** Milliseconds per order, until the list shows the last of them. */
  measure(): Promise<number>;
  close(): Promise<void>;
}

/** A service's database with so many finished orders in it. */
const stored = async (world: World, orders: number, say: (line: string) => void): Promise<Stored> => {
  const { owner, service } = await world.database(`bench_growth_${orders}`);
  const started = performance.now();
  await withClient(owner, (client) => fill(client, new URL(service).username, orders, say));
  say(`growth: ${orders.toLocaleString('en')} orders stored in ${((performance.now() - started) / 1_000).toFixed(0)} s`);
  const pool = poolOf(service);
  const store = createEventStore({ pool });
  await pool.query("INSERT INTO es.checkpoint (name, position) SELECT 'order-list', max(position) FROM es.event");
  const runner = await runFollowers({ pool, store, followers: [orderList], log: silentLogger });
  let old = 0;
  return {
    // Orders that come and go their way; with each, an event for one that was stored long ago and two pages of the order desk.
    measure: async () => {
      const ids = (await pool.query<{ id: string }>(`SELECT ${storedId} AS id FROM generate_series($1::bigint, $2::bigint) i, LATERAL (SELECT 1 + (i * 7919) % ${orders} AS n) s`, [old, (old += courses)])).rows.map(({ id }) => id);
      const start = performance.now();
      let begun = 0;
      let last = 0;
      await Promise.all(
        Array.from({ length: callers }, async () => {
          while (begun < courses) {
            const mine = (begun += 1);
            const id = randomUUID();
            const placedAt = new Date().toISOString();
            for (let i = 0; i < eventsPerOrder; i += 1) ({ position: last } = await store.execute(step(id, placedAt)));
            await store.execute(step(ids[mine] ?? id, placedAt, 'Note'));
            await listPage(pool, 'OrderDelivered', placedAt);
            await listPage(pool, 'OrderDelivered', new Date(Date.now() - (mine % small) * 60_000).toISOString());
          }
        }),
      );
      if (!(await runner.reached(orderList.name, last, 30_000))) throw new Error('the list did not catch up within 30 s');
      return (performance.now() - start) / courses;
    },
    close: async () => {
      await runner.stop();
      await store.close();
      await pool.end();
    },
  };
};

/** What an order costs when many are stored already, against when few are, in turn. Both databases are on one server. */
export const growth = async (world: World, rounds: number, say: (line: string) => void, { orders }: { readonly orders: number }): Promise<readonly Result[]> => {
  const few = await stored(world, small, say);
  const many = await stored(world, orders, say);
  for (const one of [few, many]) await one.measure();
  const runs: Omit<Run, 'ratio'>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const found = new Map<Stored, number>();
    for (const one of round % 2 === 0 ? [many, few] : [few, many]) found.set(one, await one.measure());
    const [ours = 0, limit = 0] = [found.get(many), found.get(few)];
    runs.push({ ours, limit, more: { orders, few: small, events: orders * eventsPerOrder } });
    say(`growth, round ${round + 1}/${rounds}: ${ours.toFixed(2)} ms per order with ${orders.toLocaleString('en')} stored, ${limit.toFixed(2)} ms with ${small.toLocaleString('en')}`);
  }
  for (const one of [few, many]) await one.close();
  return [resultOf(`growth-${orders}`, 'ms', runs)];
};
