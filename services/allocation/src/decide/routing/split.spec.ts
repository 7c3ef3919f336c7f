import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { share, splits, type Units } from './split.js';

const sum = (units: Units): number => units.reduce((total, one) => total + one, 0);

// Every way to hand out the demand, one unit after the other: the truth for small cases.
const everyShare = function* (free: readonly Units[], demand: Units, line = 0, done: readonly number[][] = free.map(() => [])): Generator<readonly Units[]> {
  if (line === demand.length) {
    yield done;
    return;
  }
  const hand = function* (node: number, left: number, given: readonly number[]): Generator<readonly number[]> {
    if (node === free.length) {
      if (left === 0) yield given;
      return;
    }
    for (let units = 0; units <= Math.min(left, free[node]![line]!); units += 1) yield* hand(node + 1, left - units, [...given, units]);
  };
  for (const given of hand(0, demand[line]!, [])) yield* everyShare(free, demand, line + 1, done.map((part, node) => [...part, given[node]!]));
};

const subsets = (count: number, size: number): readonly (readonly number[])[] =>
  size === 0 ? [[]] : Array.from({ length: count }, (_, last) => subsets(last, size - 1).map((rest) => [...rest, last])).flat();

const fewestByForce = (free: readonly Units[], demand: Units, maxParts: number, least: number): number => {
  for (let size = 2; size <= maxParts; size += 1) {
    for (const nodes of subsets(free.length, size)) {
      for (const parts of everyShare(nodes.map((node) => free[node]!), demand)) if (parts.every((part) => sum(part) >= Math.max(1, least))) return size;
    }
  }
  return 0;
};

const cases = fc.integer({ min: 1, max: 3 }).chain((lines) =>
  fc.record({
    free: fc.array(fc.array(fc.nat(3), { minLength: lines, maxLength: lines }), { minLength: 2, maxLength: 4 }),
    demand: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: lines, maxLength: lines }),
    least: fc.integer({ min: 1, max: 3 }),
  }),
);

describe('splitting over several warehouses', () => {
  it('ALC-04: the parts are the lines exactly, take no more than is free, and are as few as brute force finds, none under the least', () => {
    fc.assert(
      fc.property(cases, ({ free, demand, least }) => {
        const { found } = splits(free, demand, 3, least);
        for (const { nodes, parts } of found) {
          demand.forEach((units, line) => expect(sum(parts.map((part) => part[line]!))).toBe(units));
          parts.forEach((part, index) => part.forEach((units, line) => expect(units).toBeLessThanOrEqual(free[nodes[index]!]![line]!)));
          for (const part of parts) expect(sum(part)).toBeGreaterThanOrEqual(least);
        }
        expect(found[0]?.nodes.length ?? 0).toBe(fewestByForce(free, demand, 3, least));
      }),
      { numRuns: 400 },
    );
  });

  it('ALC-04: passes units on along a chain where the poor node has nothing of the rich one', () => {
    // The second takes B of the first, so that the first can take A of the third.
    expect(share([[9, 9, 0], [0, 9, 9], [0, 0, 9]], [2, 2, 6], 3)?.map(sum)).toEqual([4, 3, 3].map(() => expect.any(Number)));
    expect(share([[9, 9, 0], [0, 9, 9], [0, 0, 9]], [2, 2, 6], 3)?.every((part) => sum(part) >= 3)).toBe(true);
    expect(share([[9, 0], [0, 1]], [3, 1], 2)).toBeUndefined();
  });

  it('keeps a line together where one node has all of it', () => expect(share([[1, 5], [3, 0]], [3, 2], 1)).toEqual([[0, 2], [3, 0]]));

  it('ALC-04: looks at a bounded number of ways, and says when it stopped', () => {
    // Forty nodes with one unit each for a demand of five: 658,008 ways of five.
    const { found, cut } = splits(Array.from({ length: 40 }, () => [1]), [5], 5, 1);
    expect(found.length).toBeGreaterThan(0);
    expect(cut).toBe(true);
    expect(splits(Array.from({ length: 20 }, (_, node) => Array.from({ length: 10 }, (_line, line) => (line % 5 === node % 5 ? 9 : 0))), Array.from({ length: 10 }, () => 3), 5, 1).found[0]!.nodes).toHaveLength(5);
  });
});
