import { describe, expect, it } from '@jest/globals';
import { sizesOf } from './sizes.js';

describe('what goods take', () => {
  it('CAR-02: is asked once for each SKU, also where there are no measures, and again after five minutes', async () => {
    const asked: (readonly string[])[] = [];
    let now = 0;
    const sizes = sizesOf((skus) => {
      asked.push(skus);
      return Promise.resolve({ sizes: skus.filter((sku) => sku !== 'B').map((sku) => ({ sku, lengthMm: 100, widthMm: 20, heightMm: 3 })) });
    }, () => now);
    expect(await sizes(['A', 'B', 'A'])).toEqual(new Map([['A', 6_000]]));
    expect(await sizes(['B', 'C'])).toEqual(new Map([['C', 6_000]]));
    now = 300_000;
    await sizes(['A']);
    expect(asked).toEqual([['A', 'B'], ['C'], ['A']]);
    await sizes(Array.from({ length: 1_500 }, (_, n) => `S${n}`));
    expect(asked.slice(3).map(({ length }) => length)).toEqual([1_000, 500]);
  });
});
