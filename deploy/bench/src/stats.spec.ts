import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lineOf, median, meets, percentile, resultOf } from './stats.ts';

describe('the statistics of benchmarks', () => {
  it('take the middle, whatever the order', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7]);
    expect(median([])).toBeNaN();
    expect(median([10, 9, 100])).toBe(10); // as numbers, not as text
  });

  it('take percentiles between the least and the greatest', () => {
    const values = Array.from({ length: 101 }, (_, n) => n);
    expect([percentile(values, 0), percentile(values, 50), percentile(values, 99), percentile(values, 100), percentile(values, 120)]).toEqual([0, 50, 99, 100, 100]);
    expect(percentile([1, 2], 75)).toBe(1.75);
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 }), fc.integer({ min: 0, max: 100 }), (some, percent) => {
        const found = percentile(some, percent);
        expect(found).toBeGreaterThanOrEqual(Math.min(...some));
        expect(found).toBeLessThanOrEqual(Math.max(...some));
        expect(percentile(some, Math.min(100, percent + 1))).toBeGreaterThanOrEqual(found);
      }),
    );
  });

  it('take the median of the ratios, not the ratio of the medians', () => {
    const result = resultOf('x', 'ops/s', [{ ours: 60, limit: 100 }, { ours: 10, limit: 20 }, { ours: 700, limit: 1_000 }]);
    expect(result).toMatchObject({ name: 'x', unit: 'ops/s', ours: 60, limit: 100, ratio: 0.6 });
    expect(result.runs.map(({ ratio }) => ratio)).toEqual([0.6, 0.5, 0.7]);
  });

  it('leave the rounds as they were given', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('know a goal from both sides', () => {
    expect([meets(0.6, { atLeast: 0.6 }), meets(0.59, { atLeast: 0.6 }), meets(3, { atMost: 3 }), meets(3.01, { atMost: 3 }), meets(Number.NaN, { atMost: 3 })]).toEqual([true, false, true, false, false]);
    const result = resultOf('append-32', 'commands/s', [{ ours: 6_500, limit: 10_000 }, { ours: 7_500, limit: 10_000 }]);
    expect(lineOf(result, { atLeast: 0.6 })).toBe('append-32: 7,000 commands/s of 10,000, ratio 0.70 [0.65–0.75], goal ≥ 0.6: met');
    expect(lineOf(resultOf('hop-p50', 'ms', [{ ours: 9.5, limit: 2.5 }]), { atMost: 3 })).toBe('hop-p50: 9.50 ms of 2.50, ratio 3.80, goal ≤ 3: MISSED');
  });
});
