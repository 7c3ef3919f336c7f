import { describe, expect, it } from '@jest/globals';
import { check } from './invariant.ts';

describe('an invariant', () => {
  it('holds if everything that was checked is right', () => {
    const one = check('1 stock');
    one.that(true, () => 'never asked');
    expect(one.done()).toEqual({ name: '1 stock', holds: true, checked: 1, faults: [] });
  });

  it('fails if it checked nothing', () => {
    expect(check('1 stock').done()).toEqual({ name: '1 stock', holds: false, checked: 0, faults: ['nothing was there to check'] });
  });

  it('names the first ten faults and counts the rest', () => {
    const one = check('1 stock');
    for (let n = 0; n < 13; n += 1) one.that(n === 12, () => `shelf ${n}`);
    const { holds, checked, faults } = one.done();
    expect([holds, checked, faults.length, faults.at(-1)]).toEqual([false, 13, 11, '… and 2 more']);
  });
});
