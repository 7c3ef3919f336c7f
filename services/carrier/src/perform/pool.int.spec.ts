import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createEventStore, migrateEventStore, silentLogger, type EventStore, type Performed } from '@flotilla/event-store';
import { crashable, database, eventually, type Crashable, type TestDatabase } from '@flotilla/testing';
import pg from 'pg';
import { kdniaoAccount } from '../../spec/fake-kdniao.js';
import { release } from '../../spec/parcels.js';
import { rangeOf } from '../decide/number-range.js';
import { parcel, type Chosen } from '../decide/parcel.decider.js';
import { allPools, pool, pools } from '../decide/pool.decider.js';
import { waybill as waybills, waybillIdOf } from '../decide/waybill.decider.js';
import { giveBack, takeFromPool } from './pool.js';

jest.setTimeout(240_000);

const meta = { correlation: 'spec', causation: 'spec', actor: 'spec' };
const chosen: Chosen = { choice: { carrier: 'yto', service: 'STANDARD', quoted: { amount: 800, currency: 'CNY' }, days: 3, explain: '', pooled: true } };
let db: TestDatabase;
let stores: EventStore[] = [];
let children: Crashable[] = [];
let serial = 0;

const fill = (warehouse: string, first: string, last: string, voided: 'BURN' | 'RECLAIM' = 'BURN'): Promise<unknown> =>
  stores[0]!.execute({
    streams: [[pool, `yto.${warehouse}`], [pools, allPools]], meta,
    decide: (unit) => {
      unit.run(pool, `yto.${warehouse}`, { type: 'AddNumbers', data: { carrier: 'yto', warehouse, range: rangeOf(first, last)!, low: 2, voided } });
      unit.run(pools, allPools, { type: 'Open', data: { carrier: 'yto', warehouse } });
    },
  });
const plan = async (warehouse: string): Promise<string> => {
  const parcelId = `pooled-${(serial += 1)}`;
  await stores[0]!.execute({ streams: [[parcel, parcelId]], meta, decide: (unit) => void unit.run(parcel, parcelId, { type: 'Plan', data: { release: { ...release, parcelId, warehouse }, chosen } }) });
  return parcelId;
};
const job = (parcelId: string, purchase = 1): Performed => ({ payload: { parcelId, purchase, ask: 0 }, signal: new AbortController().signal }) as unknown as Performed;
const take = async (store: EventStore, parcelId: string): Promise<void> => {
  await takeFromPool({ store, clock: { business: () => new Date(), machine: () => new Date() }, log: silentLogger }, job(parcelId), meta);
};
const stateOf = async (parcelId: string) => (await stores[0]!.folded(parcel, [parcelId])).get(parcelId)?.state;

beforeAll(async () => {
  db = await database();
  const client = new pg.Client(db.url);
  await client.connect();
  await migrateEventStore(client, { role: decodeURIComponent(new URL(db.url).username), readers: [] });
  await client.end();
  // Three replicas: each with caches of its own.
  stores = [0, 1, 2].map(() => createEventStore({ pool: db.pool }));
});
afterAll(async () => {
  await Promise.all(children.map((child) => child.kill()));
  await Promise.all(stores.map((store) => store.close()));
  await db.drop();
});

describe('CAR-04: numbers of a pool, on Postgres', () => {
  it('CAR-04: three replicas and every job twice: each parcel has one number, and no number two parcels', async () => {
    await fill('WH1', 'YT1000000000001', 'YT1000000000060');
    const ids = await Promise.all(Array.from({ length: 60 }, () => plan('WH1')));
    // A take that lost the race too often fails, and the job comes back: so it is here.
    const stubborn = async (store: EventStore, id: string): Promise<void> => {
      for (let tries = 0; tries < 50; tries += 1) {
        try {
          return await take(store, id);
        } catch {
          continue;
        }
      }
    };
    await Promise.all(ids.flatMap((id, n) => [stubborn(stores[n % 3]!, id), stubborn(stores[(n + 1) % 3]!, id)]));
    const numbers = await Promise.all(ids.map(async (id) => (await stateOf(id))?.waybill));
    expect(new Set(numbers).size).toBe(60);
    expect(numbers.toSorted()).toEqual(Array.from({ length: 60 }, (_, n) => `YT10000000000${String(n + 1).padStart(2, '0')}`));
    expect((await stores[0]!.read('pool-yto.WH1')).filter(({ type }) => type === 'NumberIssued')).toHaveLength(60);
    // The next one finds it empty: it is refused, and the list of pools says so.
    const late = await plan('WH1');
    await take(stores[1]!, late);
    expect(await stateOf(late)).toMatchObject({ status: 'REFUSED' });
    expect((await stores[0]!.folded(pools, [allPools])).get(allPools)?.state['yto.WH1']).toMatchObject({ open: false });
  });

  it('CAR-04: processes that are killed while they take numbers leave none twice and none lost', async () => {
    await fill('WH2', 'YT2000000000001', 'YT2000000000080');
    const start = (): Crashable => {
      const child = crashable(fileURLToPath(new URL('../../spec/purchase-child.ts', import.meta.url)), { env: { DATABASE: db.url, CARRIER: 'yto', FLOTILLA_KDNIAO_URL: 'http://127.0.0.1:9', ...kdniaoAccount } });
      children.push(child);
      return child;
    };
    const first = start();
    const ids: string[] = [];
    for (let n = 0; n < 40; n += 1) ids.push(await plan('WH2'));
    await eventually(async () => expect((await stores[0]!.read('pool-yto.WH2')).some(({ type }) => type === 'NumberIssued')).toBe(true), { timeoutMs: 30_000 });
    await first.kill(); // in the midst of it
    const [second] = [start(), start()];
    for (let n = 0; n < 40; n += 1) ids.push(await plan('WH2'));
    await second!.kill();
    await eventually(async () => {
      const numbers = await Promise.all(ids.map(async (id) => (await stateOf(id))?.waybill));
      expect(numbers.filter((number) => (number ?? '') !== '')).toHaveLength(80);
      expect(new Set(numbers).size).toBe(80);
    }, { timeoutMs: 150_000 });
    expect((await stores[0]!.folded(pool, ['yto.WH2'])).get('yto.WH2')?.state.left).toBe(0);
  });

  it('CAR-04: a number that another parcel has already is passed over; a voided one comes back only unprinted, and only where the pool says so', async () => {
    await fill('WH3', 'YT3000000000001', 'YT3000000000003', 'RECLAIM');
    const [store] = stores as [EventStore];
    const claim = waybillIdOf('yto', 'YT3000000000001');
    await store.execute({ streams: [[waybills, claim]], meta, decide: (unit) => void unit.run(waybills, claim, { type: 'ClaimWaybill', data: { carrier: 'yto', waybill: 'YT3000000000001', parcelId: 'of-a-file', purchase: 0 } }) });
    const cancelled = async (printed: boolean): Promise<string> => {
      const id = await plan('WH3');
      await take(store, id);
      const { waybill } = (await stateOf(id))!;
      await store.execute({
        streams: [[parcel, id]], meta,
        decide: (unit) => {
          if (printed) unit.run(parcel, id, { type: 'PrintLabel', data: { parcelId: id, waybill, format: 'PDF', size: '100x150', by: 'spec' } });
          unit.run(parcel, id, { type: 'Cancel', data: { foId: release.foId, parcelId: id, reason: 'buyer' } });
        },
      });
      await giveBack({ store, clock: { business: () => new Date(), machine: () => new Date() } }, job(id), meta);
      await giveBack({ store, clock: { business: () => new Date(), machine: () => new Date() } }, job(id), meta); // once more: nothing
      expect((await stateOf(id))?.status).toBe('VOIDED');
      return waybill;
    };
    expect([await cancelled(false), await cancelled(true), await cancelled(false), await cancelled(true)]).toEqual(['YT3000000000002', 'YT3000000000002', 'YT3000000000003', 'YT3000000000003']);
    expect((await store.read('pool-yto.WH3')).map(({ type }) => type).filter((type) => type !== 'NumberIssued')).toEqual(['PoolRuled', 'NumbersAdded', 'NumberBurnt', 'PoolRanLow', 'NumberReturned', 'NumberBurnt', 'NumberReturned', 'NumberBurnt']);
    expect((await store.folded(waybills, [waybillIdOf('yto', 'YT3000000000002')])).get(waybillIdOf('yto', 'YT3000000000002'))?.state.parcelId).not.toBe('');
  });
});
