import { describe, expect, it } from '@jest/globals';
import { compile } from '../orders/filter-language.js';
import { backlogOf, barsOf, cancelRates, deskPath, healthOf, heatOf, known, queryOf } from './figures.js';

const at = '2026-11-30T18:00:00.000Z';
const waits = (waitsFor: string, fromHours: number, orders: number, state = 'ALLOCATING') => ({ state, waitsFor, fromHours, toHours: 0, orders, oldest: at });

describe('OPS-02: what opens behind a figure is what it counts', () => {
  it('asks the desk in its own language, within the instants of the count', () => {
    const query = queryOf({ wait: 'BACKORDER', fromHours: 4, toHours: 24, at });
    expect(compile(query)).toEqual({ faults: [], filter: { waitsFor: ['BACKORDER'], waitsSinceBefore: '2026-11-30T14:00:00.000Z', waitsSinceFrom: '2026-11-29T18:00:00.000Z' } });
  });
  it('finds what is in audit without what is held there', () => {
    expect(compile(queryOf({ wait: 'AUDIT' })).faults).toEqual([]);
    expect(compile(queryOf({ wait: 'HOLD' })).filter).toEqual({ waitsFor: ['HOLD'] });
    expect(compile(queryOf({ wait: 'TIMER:PAYMENT' })).filter).toEqual({ waitsFor: ['TIMER:PAYMENT'] });
  });
  it('names a channel and an hour, also one whose name has a space', () => {
    expect(compile(queryOf({ channel: 'my shop', state: 'CANCELLED', placedFrom: '2026-11-30T10:00:00.000Z', placedBefore: '2026-11-30T11:00:00.000Z' }))).toEqual({
      faults: [], filter: { channels: ['my shop'], states: ['CANCELLED'], placedFrom: '2026-11-30T10:00:00.000Z', placedBefore: '2026-11-30T11:00:00.000Z' },
    });
    expect(deskPath({ channel: 'a' })).toBe('/orders?q=channel%3Aa');
  });
});

describe('OPS-02: the backlog', () => {
  const waiting = [waits('HOLD:RISK', 24, 2), waits('HOLD:ADDRESS', 0, 1), waits('BACKORDER', 72, 4), waits('BACKORDER', 1, 1), waits('SHIP', 24, 3)];
  it('is counted by what is waited for and how long, holds together, the largest first', () => {
    expect(backlogOf(waiting)).toEqual([
      { kind: 'BACKORDER', total: 5, byAge: [0, 1, 0, 0, 4, 0] },
      { kind: 'HOLD', total: 3, byAge: [1, 0, 0, 2, 0, 0] },
      { kind: 'SHIP', total: 3, byAge: [0, 0, 0, 3, 0, 0] },
    ]);
  });
  it('says of stock, payment, logistics and people how much waits, and what of it too long', () => {
    expect(healthOf(waiting).map(({ part, total, late }) => [part, total, late])).toEqual([['stock', 5, 4], ['payment', 0, 0], ['logistics', 3, 3], ['people', 3, 2]]);
  });
});

describe('OPS-02: flow', () => {
  const flow = [
    { hour: '2026-11-30T16:00:00.000Z', channel: 'a', placed: 4, cancelled: 1 },
    { hour: '2026-11-30T16:00:00.000Z', channel: 'b', placed: 2, cancelled: 0 },
    { hour: '2026-11-30T17:00:00.000Z', channel: 'a', placed: 1, cancelled: 0 },
  ];
  it('has a bar for every hour, also where nothing came', () => {
    const bars = barsOf(flow, '2026-11-30T14:30:00.000Z', at);
    expect(bars.map(({ from, placed, cancelled }) => [from.slice(11, 13), placed, cancelled])).toEqual([['14', 0, 0], ['15', 0, 0], ['16', 6, 1], ['17', 1, 0]]);
  });
  it('goes by the day where hours would be too many', () => {
    const bars = barsOf(flow, '2026-11-23T18:00:00.000Z', at);
    expect(bars).toHaveLength(7);
    expect(bars.reduce((sum, { placed }) => sum + placed, 0)).toBe(7);
  });
  it('tells the cancel rate of each channel, the highest first', () => {
    expect(cancelRates(flow)).toEqual([{ channel: 'a', placed: 5, cancelled: 1, rate: 0.2 }, { channel: 'b', placed: 2, cancelled: 0, rate: 0 }]);
  });
});

describe('OPS-02: carriers by region', () => {
  const cell = (carrier: string, province: string, parcels: number, late: number) => ({ carrier, country: 'CN', province, parcels, late, medianHours: 30, underWay: 0 });
  it('shows the regions with most parcels, and no cell without parcels', () => {
    const heat = heatOf([cell('sf', '云南省', 10, 1), cell('zto', '云南省', 5, 2), cell('sf', '广东省', 3, 0), cell('zto', '广东省', 0, 0), cell('sf', '西藏自治区', 1, 1)], 2);
    expect(heat.regions.map(({ province }) => province)).toEqual(['云南省', '广东省']);
    expect(heat.cells.map(({ x, y, rate }) => [x, y, rate])).toEqual([[0, 0, 0.1], [0, 1, 0.4], [1, 0, 0]]);
  });
});

describe('OPS-02: sell-through and turnover', () => {
  it('shows nothing where the service knows nothing, and 0 where it knows that it is', () => {
    expect([-1, 0, 2].map((value) => known(value, String))).toEqual(['–', '0', '2']);
  });
});
