import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allocation as api, topics, type Client } from '@flotilla/contracts';
import { eventually } from '@flotilla/testing';
import { request as anyRequest } from '../spec/examples.js';
import { csv, live, type Live } from '../spec/live.js';
import { takePage, type Taken } from './accept/wms/feeds.js';
import { askLock, hear, streamsOfLock } from './coordinate/wms/participant.js';
import { stockId } from './decide/names.js';
import { stock as shelf, type StockState } from './decide/stock.decider.js';
import { locksToDisplace } from './project/live-locks.projection.js';

const run = randomUUID().slice(0, 8);
const LOCKS = 160;
const LONG = { timeoutMs: 60_000 };
const meta = { correlation: run, causation: run, actor: 'spec' };

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

describe('goods that many were promised and that are not there, on real Postgres and Kafka', () => {
  const [local, theirs] = [`L-${run}`, `W-${run}`];
  const hot = `HOT-${run}`;
  const beside = Array.from({ length: LOCKS }, (_, n) => `B${n}-${run}`);
  let fleet: Live;
  let stock: Client<api.StockRpc>;
  const besides = async (site: string): Promise<readonly StockState[]> => [...(await fleet.service.ctx.store.folded(shelf, beside.map((sku) => stockId(site, sku)))).values()].map(({ state }) => state);
  const listed = async (warehouse: string, locks: number): Promise<void> =>
    eventually(async () => expect(await locksToDisplace(fleet.db.pool, { warehouse, sku: hot, units: Number.MAX_SAFE_INTEGER })).toHaveLength(locks), LONG);

  beforeAll(async () => {
    fleet = await live(`listener-${run}`, [topics.allocation]);
    stock = fleet.client(api.Stock);
    await fleet.client(api.Warehouses).import(csv('warehouse,name,country,province,serves,ledger', `${local},仓,CN,广东省,广东省,`, `${theirs},仓,CN,广东省,广东省,WMS`));
    await fleet.client(api.Catalogue).import(csv('sku,name_en', ...[hot, ...beside].map((sku) => `${sku},Goods`)));
  }, 120_000);
  afterAll(() => fleet?.stop(), 60_000);

  it('ALC-02: a count takes back as many locks as it needs, each with all that it holds, however many there are', async () => {
    await stock.import(csv('warehouse,sku,on_hand', `${local},${hot},${2 * LOCKS}`, ...beside.map((sku) => `${local},${sku},1`)));
    const foIds = beside.map(() => randomUUID());
    await fleet.kafka.tell('flotilla.order.v1.AllocationRequested', topics.order, foIds.map((foId, n) => anyRequest({ foId, lines: [{ sku: hot, quantity: 2 }, { sku: beside[n]!, quantity: 1 }], orders: [] })));
    await eventually(() => expect(fleet.kafka.told('OrderAllocated', foIds)).toHaveLength(LOCKS), LONG);
    await listed(local, LOCKS);
    // Three units are two locks, and nobody else is looked at.
    expect(await locksToDisplace(fleet.db.pool, { warehouse: local, sku: hot, units: 3 })).toHaveLength(2);
    expect(await stock.import(csv('warehouse,sku,on_hand', `${local},${hot},39`))).toMatchObject({ accepted: 1, refused: 0 });
    expect(await stock.get({ warehouse: local, sku: hot })).toMatchObject({ onHand: 39, held: 0, confirmed: 38, free: 1 });
    await eventually(() => expect(new Set(fleet.kafka.told('StockDisplaced', foIds).map(({ data }) => (data as { foId: string }).foId)).size).toBe(LOCKS - 19), LONG);
    expect(sum((await besides(local)).map(({ confirmed }) => confirmed))).toBe(19);
    await stock.adjust({ requestId: `a-${run}`, warehouse: local, sku: hot, delta: -39, reason: 'gone' });
    expect(await stock.get({ warehouse: local, sku: hot })).toMatchObject({ onHand: 0, confirmed: 0 });
  }, 180_000);

  it('ALC-09: so does the figure of a warehouse system, and says how many lost their promise', async () => {
    const { store } = fleet.service.ctx;
    const feeding = { store, pool: fleet.db.pool, now: () => new Date() };
    const tell = (figure: number, position: number): Promise<Taken> => takePage(feeding, theirs, { meaning: 'PHYSICAL', sequence: 0, figures: [{ sku: hot, figure, unsellable: 0, position, delta: null }] }, meta);
    await tell(LOCKS, 1);
    await takePage(feeding, theirs, { meaning: 'PHYSICAL', sequence: 0, figures: beside.map((sku) => ({ sku, figure: 1, unsellable: 0, position: 1, delta: null })) }, meta);
    await Promise.all(
      beside.map((sku, n) => {
        const lockId = `${run}-${n}`;
        const lines = [{ sku: hot, quantity: 1 }, { sku, quantity: 1 }];
        return store.execute({
          streams: streamsOfLock(lockId, theirs, lines), meta,
          decide: (unit) => {
            askLock(unit, { lockId, foId: randomUUID(), round: 1, warehouse: theirs, lines, priority: 0 });
            // Of every other one the call is on its way.
            if (n % 2 === 1) hear(unit, lockId, { type: 'BeginCall', data: { call: 1, deadline: '' } }, []);
          },
        });
      }),
    );
    await listed(theirs, LOCKS);
    expect(await tell(20, 3)).toMatchObject({ applied: 1, displaced: LOCKS - 20 });
    expect(await stock.get({ warehouse: theirs, sku: hot })).toMatchObject({ onHand: 20, held: 20, free: 0 });
    expect(sum((await besides(theirs)).map(({ held }) => held))).toBe(20);
  }, 180_000);
});
