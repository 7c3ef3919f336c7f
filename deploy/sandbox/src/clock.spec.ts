import { describe, expect, it } from '@jest/globals';
import { atOffset, inBeijing, readClock } from './clock.js';

describe('business time', () => {
  it('runs from its epoch at its rate', () => {
    const epoch = Date.now() - 1_000;
    const clock = readClock(`${new Date(epoch).toISOString()}@3600`);
    expect(clock.business().getTime() - epoch).toBeGreaterThanOrEqual(3_600_000);
    expect(clock.toWallMs(3_600_000)).toBe(1_000);
    expect(readClock(`${epoch}@2`).rate).toBe(2);
    expect(readClock('2999-01-01T00:00:00Z@3600').business().getTime()).toBeLessThanOrEqual(Date.now());
    expect(() => readClock('soon@fast')).toThrow(/FLOTILLA_CLOCK/);
  });
  it('is written with the offset of a shop, and in Beijing without one', () => {
    const at = Date.parse('2026-03-01T02:03:04.900Z');
    expect([atOffset(at, 480), atOffset(at, -210), atOffset(at, 0), inBeijing(at)]).toEqual(['2026-03-01T10:03:04+08:00', '2026-02-28T22:33:04-03:30', '2026-03-01T02:03:04+00:00', '2026-03-01 10:03:04']);
  });
});
