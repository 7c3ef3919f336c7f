import { describe, expect, it } from '@jest/globals';
import { displacedBy, partsOf, problemOf, sumsOf } from './levels.js';

const level = { warehouse: 'KM1', sku: 'MUG', onHand: 10, unsellable: 1, held: 2, confirmed: 3, free: 4, position: 1, safety: 1, safetyFromPriority: 0, available: 3, inTransit: 0, inbound: [] };

describe('OPS-01: a shelf as it is shown', () => {
  it('divides what is on hand into parts that add up to it', () => {
    const parts = partsOf(level);
    expect(parts.map(({ name, units }) => [name, units])).toEqual([['unsellable', 1], ['confirmed', 3], ['held', 2], ['safety', 1], ['available', 3]]);
    expect(parts.reduce((sum, { units }) => sum + units, 0)).toBe(level.onHand);
  });
  it('never draws less than nothing, also where more is promised than there is', () => {
    expect(partsOf({ ...level, onHand: 2 }).map(({ units }) => units)).toEqual([1, 1, 0, 0, 0]);
  });
  it('adds shelves up and counts those that have nothing for ordinary orders', () => {
    expect(sumsOf([level, { ...level, sku: 'TEA', available: 0 }])).toEqual({ onHand: 20, held: 4, confirmed: 6, available: 3, empty: 1 });
  });
});

describe('OPS-01: an adjustment before it is sent', () => {
  it.each([
    ['nothing to change', { delta: 0, reason: 'FOUND', cause: '' }, 'noUnits'],
    ['half a unit', { delta: 0.5, reason: 'FOUND', cause: '' }, 'notWhole'],
    ['no reason', { delta: 1, reason: '', cause: '' }, 'noReason'],
    ['scrapping what is not set aside', { delta: -2, reason: 'SCRAPPED', cause: '' }, 'noneAside'],
    ['scrapping into being', { delta: 1, reason: 'SCRAPPED', cause: '' }, 'scrapTakes'],
    ['taking back more than is set aside', { delta: 2, reason: 'UNSELLABLE', cause: '' }, 'noneAside'],
    ['less than nothing', { delta: -11, reason: 'LOST', cause: '' }, 'promised'],
    ['two found', { delta: 2, reason: 'FOUND', cause: '' }, undefined],
  ])('%s', (_, adjustment, problem) => {
    expect(problemOf(adjustment, level)).toBe(problem);
  });
  it('says how many promises it would take back', () => {
    expect(displacedBy({ delta: -6 }, level)).toBe(2);
    expect(displacedBy({ delta: 5 }, level)).toBe(0);
  });
});
