import { describe, expect, it } from '@jest/globals';
import { differenceOf, instantOf, lastMonth, nextStep, openLines, stageOf } from './life.js';

describe('OPS-01: the life of a statement', () => {
  it.each([
    ['PARSED', 3, 0, { step: 'review', blockedBy: 'notMatched' }],
    ['MATCHED', 3, 1, { step: 'review', blockedBy: 'openLines' }],
    ['MATCHED', 3, 3, { step: 'review', blockedBy: undefined }],
    ['REVIEWED', 0, 0, { step: 'close', blockedBy: undefined }],
    ['CLOSED', 0, 0, { step: 'none', blockedBy: undefined }],
  ])('%s with %i flagged and %i decided', (state, flagged, resolved, next) => expect(nextStep({ state, flagged, resolved })).toEqual(next));
  it('knows its stages in order, and lines that are open', () => {
    expect(['RECEIVED', 'MATCHED', 'CLOSED', 'ODD'].map(stageOf)).toEqual([0, 2, 4, 0]);
    expect(openLines({ flagged: 2, resolved: 5 })).toBe(0);
  });
  it('tells a difference only within one currency', () => {
    const cny = (amount: number) => ({ amount, currency: 'CNY' });
    expect(differenceOf({ amount: cny(900), expected: cny(1_000) })).toEqual({ amount: -100, currency: 'CNY' });
    expect(differenceOf({ amount: cny(900), expected: { amount: 100, currency: 'USD' } })).toBeUndefined();
    expect(differenceOf({ amount: cny(900), expected: { amount: 0, currency: '' } })).toBeUndefined();
  });
  it('takes days of the reader: the last one belongs to the period', () => {
    expect(Date.parse(instantOf('2026-11-30', true)!) - Date.parse(instantOf('2026-11-30')!)).toBe(86_400_000);
    expect(instantOf('30.11.2026')).toBeUndefined();
    const { from, until } = lastMonth(new Date(2026, 0, 15));
    expect([new Date(from).getMonth(), new Date(until).getMonth(), new Date(from).getFullYear()]).toEqual([11, 0, 2025]);
  });
});
