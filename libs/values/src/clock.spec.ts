import { describe, expect, it } from '@jest/globals';
import { businessClock } from './clock.js';

const epoch = Date.parse('2026-11-21T00:00:00Z');

describe('the two clocks', () => {
  it('agree where no speed is set', () => {
    const clock = businessClock('', { now: () => epoch });
    expect([clock.business(), clock.machine(), clock.rate, clock.toWallMs(5)]).toEqual([new Date(epoch), new Date(epoch), 1, 5]);
  });

  it('business time runs faster from the epoch on, machine time is the wall', () => {
    const clock = businessClock('2026-11-21T00:00:00Z@60', { now: () => epoch + 60_000 });
    expect(clock.business().toISOString()).toBe('2026-11-21T01:00:00.000Z');
    expect(clock.machine().toISOString()).toBe('2026-11-21T00:01:00.000Z');
    expect(clock.toWallMs(epoch + 3_600_000)).toBe(epoch + 60_000);
  });

  it('two processes with the same text show the same time; before the epoch it is the wall', () => {
    const [a, b] = [businessClock(`${epoch}@0.5`, { now: () => epoch + 10 }), businessClock('2026-11-21T00:00:00Z@0.5', { now: () => epoch + 10 })];
    expect(a.business()).toEqual(b.business());
    const early = businessClock(`${epoch}@9`, { now: () => epoch - 100 });
    expect(early.business().getTime()).toBe(epoch - 100);
    expect(early.toWallMs(epoch - 50)).toBe(epoch - 50);
  });

  it('another rate is refused in production, a bad text everywhere', () => {
    expect(() => businessClock(`${epoch}@2`, { production: true })).toThrow('rate 1');
    expect(businessClock(`${epoch}@1`, { production: true }).rate).toBe(1);
    for (const bad of ['@2', 'yesterday@2', `${epoch}@0`, `${epoch}@-1`, `${epoch}`, `${epoch}@1.2.3`]) expect(() => businessClock(bad)).toThrow('FLOTILLA_CLOCK');
  });
});
