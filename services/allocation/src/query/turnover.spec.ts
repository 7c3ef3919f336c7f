import { describe, expect, it } from '@jest/globals';
import type { Recorded } from '@flotilla/event-store';
import { dayOf } from '@flotilla/values';
import { flowsOf } from '../project/stock-flow.projection.js';
import { daysOf } from './turnover.query.js';
import { ratiosOf } from './turnover.js';

const counted = { days: 30, shipped: 0, received: 0, onHand: 0, absent: 0 };

describe('OPS-02: sell-through, cover and turnover', () => {
  it('says nothing of a shelf that has nothing and ships nothing', () => {
    expect(ratiosOf(counted)).toEqual({ meanOnHand: 0, sellThrough: -1, daysOfCover: -1, turnover: -1 });
  });
  it('knows that goods that nobody wants are sold by 0 %, and not how long they last', () => {
    expect(ratiosOf({ ...counted, onHand: 10 })).toEqual({ meanOnHand: 10, sellThrough: 0, daysOfCover: -1, turnover: 0 });
  });
  it('knows that what is sold out is sold through, and covers no day', () => {
    // 20 at first, all of them taken on the fifth day of ten: four ends of days with 20, six with none.
    expect(ratiosOf({ days: 10, shipped: 20, received: 0, onHand: 0, absent: -20 * 4 })).toEqual({ meanOnHand: 8, sellThrough: 1, daysOfCover: 0, turnover: 91.25 });
  });
  it('counts the mean by the ends of days, with what came from its day on', () => {
    // 10 of before; 20 more on the third day of ten, 5 shipped on the last.
    expect(ratiosOf({ days: 10, shipped: 5, received: 20, onHand: 25, absent: 20 * 2 - 5 * 9 })).toEqual({ meanOnHand: 25.5, sellThrough: 5 / 30, daysOfCover: 50, turnover: ((5 / 10) * 365) / 25.5 });
  });
  it('makes no year of fewer days than seven, and nothing of none', () => {
    expect(ratiosOf({ ...counted, days: 6, shipped: 6, onHand: 6 }).turnover).toBe(-1);
    expect(ratiosOf({ ...counted, days: 7, shipped: 7, onHand: 7 }).turnover).toBeCloseTo(52.14, 2);
    expect(ratiosOf({ ...counted, days: 0, onHand: 3 })).toEqual({ meanOnHand: 3, sellThrough: 0, daysOfCover: -1, turnover: -1 });
  });
  it('refuses spans that are none', () => {
    expect([daysOf(0), daysOf(1), daysOf(90)]).toEqual([30, 1, 90]);
    expect(() => daysOf(-1)).toThrow(/1 to 90/);
    expect(() => daysOf(91)).toThrow(/1 to 90/);
  });
});

describe('OPS-02: movements by the day of their warehouse', () => {
  const at = (recordedAt: string, warehouse: string, type: string, data: object): Recorded => ({ stream: `stock-${warehouse}.A`, type, recordedAt, data: { warehouse, sku: 'A', level: { onHand: 0 }, ...data } }) as unknown as Recorded;
  const zones: Readonly<Record<string, string>> = { SH: '', NY: 'America/New_York' };
  const flows = (...events: readonly Recorded[]) => flowsOf(events, (site, recordedAt) => dayOf(recordedAt, zones[site]!));

  it('ends a day at its own midnight', () => {
    const rows = flows(at('2026-11-30T15:59:00.000Z', 'SH', 'StockTaken', { quantity: 1 }), at('2026-11-30T16:01:00.000Z', 'SH', 'StockTaken', { quantity: 2 }), at('2026-11-30T16:01:00.000Z', 'NY', 'StockTaken', { quantity: 4 }));
    expect(rows.filter(({ sku }) => sku === 'A').map(({ warehouse, day, shipped, net }) => [warehouse, day, shipped, net])).toEqual([['SH', '2026-11-30', 1, -1], ['SH', '2026-12-01', 2, -2], ['NY', '2026-11-30', 4, -4]]);
  });
  it('counts parcels as shipped and arrivals as received; transfers that leave, counts and waste only change what is on hand', () => {
    const when = '2026-11-30T10:00:00.000Z';
    const rows = flows(
      at(when, 'SH', 'StockCounted', { was: 2, level: { onHand: 12 } }), at(when, 'SH', 'StockReceived', { quantity: 5 }), at(when, 'SH', 'StockTaken', { quantity: 3 }), at(when, 'SH', 'StockDispatched', { quantity: 4 }),
      at(when, 'SH', 'StockScrapped', { quantity: 1 }), at(when, 'SH', 'StockAdjusted', { delta: -2 }), at(when, 'SH', 'StockHeld', { quantity: 1 }), at(when, 'SH', 'StockForecast', {}),
    );
    expect(rows).toEqual(['', 'A'].map((sku) => ({ warehouse: 'SH', sku, day: '2026-11-30', shipped: 3, received: 5, net: 5 })));
  });
});
