import { describe, expect, it } from '@jest/globals';
import { createRandom } from './random.ts';

describe('the dice of a run', () => {
  const throws = (seed: number): readonly number[] => Array.from({ length: 20 }, () => createRandom(seed)).map((random, n) => (Array.from({ length: n }, () => random.next()), random.int(1, 1_000)));

  it('fall the same for the same seed, and differently for another', () => {
    expect(throws(7)).toEqual(throws(7));
    expect(throws(7)).not.toEqual(throws(8));
  });

  it('shuffle without losing anything', () => {
    const cards = Array.from({ length: 30 }, (_, n) => n);
    const shuffled = createRandom(3).shuffled(cards);
    expect(shuffled).not.toEqual(cards);
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(cards);
  });
});
