import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stillness, verify } from '../../verify/src/index.ts';
import { startTestFleet, type TestFleet } from './harness.ts';
import type { Voyage } from './voyage.ts';

describe('rough weather', () => {
  let fleet: TestFleet;
  let voyage: Voyage;

  beforeAll(async () => {
    fleet = await startTestFleet();
    voyage = await fleet.sail({ orders: 120, rate: 10, seed: 11, calm: false });
  }, 600_000);
  afterAll(() => fleet?.stop(), 60_000);

  it('brings every order to its end, and the sums agree', () => {
    const { orders } = voyage.counts;
    expect(voyage.settled).toBe(true);
    expect(orders.sent).toBe(orders.distinct + orders.duplicates);
    expect(orders.distinct).toBe(orders.placed + orders.parked);
    expect(orders.placed).toBe(orders.completed + orders.cancelled + orders.backordered + orders.held.length);
    expect(orders.distinct).toBe(120);
    expect(orders.completed).toBeGreaterThanOrEqual(90);
  });

  it('had weather: every service and the broker killed, and what the world does', () => {
    const { orders, allocation, parcels, settlement } = voyage.counts;
    expect(voyage.weather['killed -9']).toEqual(['kafka', 'ingest', 'order-core', 'carrier', 'tracking', 'allocation', 'settlement', 'alerts']);
    for (const count of [orders.duplicates, orders.parked, orders.cancelled, parcels.voided, allocation.expired, settlement.flagged, voyage.weather['unknown outcomes'], voyage.weather['backorders served']]) expect(count).toBeGreaterThan(0);
  });

  it('ING-11, ING-13, ING-14, ORD-05, ALC-01, ALC-02, CAR-12, TRK-01, SET-03: keeps every invariant', async () => {
    expect(await stillness({ dir: fleet.dir, withinMs: 60_000 })).toEqual([]);
    const { invariants } = await verify({ dir: fleet.dir });
    expect(invariants.filter(({ holds }) => !holds)).toEqual([]);
    expect(invariants.length).toBeGreaterThan(15);
  }, 120_000);
});
