import { describe, expect, it } from '@jest/globals';
import { funnelOf, leaseOf, perMinute } from './saga.js';

describe('OPS-01: the lock room', () => {
  it('counts a lease down to nothing, never below', () => {
    const now = Date.parse('2026-11-30T18:00:00.000Z');
    expect(leaseOf('2026-11-30T18:00:15.000Z', now, 30)).toEqual({ seconds: 15, share: 0.5 });
    expect(leaseOf('2026-11-30T17:59:00.000Z', now, 30)).toEqual({ seconds: 0, share: 0 });
    expect(leaseOf('2026-11-30T18:02:00.000Z', now, 30).share).toBe(1);
  });
  it('makes a funnel of the tally: what was answered, granted, confirmed, and left', () => {
    const stages = funnelOf({ locked: 90, refused: 10, expired: 2, confirmed: 85, released: 5, consumed: 70 });
    expect(stages.map(({ name, count, share }) => [name, count, share])).toEqual([['answered', 100, 1], ['locked', 90, 0.9], ['confirmed', 85, 0.85], ['consumed', 70, 0.7]]);
    expect(stages.flatMap(({ lost }) => lost)).toEqual([{ name: 'refused', count: 10 }, { name: 'expired', count: 2 }, { name: 'released', count: 5 }]);
  });
  it('is empty, and no division by nothing, before the first question', () => {
    expect(funnelOf({}).every(({ count, share, lost }) => count === 0 && share === 0 && lost.length === 0)).toBe(true);
  });
  it('tells a pace only from two counts of one log', () => {
    expect(perMinute({ at: 0, count: 10 }, { at: 30_000, count: 40 })).toBe(60);
    expect(perMinute(undefined, { at: 1, count: 1 })).toBeUndefined();
    expect(perMinute({ at: 0, count: 10 }, { at: 30_000, count: 4 })).toBeUndefined();
  });
});
