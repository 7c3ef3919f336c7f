import { describe, expect, it } from '@jest/globals';
import { Refused } from '@flotilla/decider';
import fc from 'fast-check';
import { add, addMoney, decimalText, exponent, formatMoney, minorUnits, split } from './money.js';

const reasonOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof Refused) return error.reason;
    throw error;
  }
  return 'nothing';
};

describe('money', () => {
  it.each([
    ['10.5', 'USD', 1050], ['0', 'USD', 0], ['0.01', 'EUR', 1], ['007.10', 'USD', 710], ['12.', 'USD', 1200], ['1980', 'JPY', 1980], ['1980.00', 'JPY', 1980],
    ['10000', 'IDR', 1000000], ['1.234', 'KWD', 1234], ['19.990000', 'USD', 1999], ['90071992547409.91', 'USD', Number.MAX_SAFE_INTEGER],
  ])('reads %s %s as %i', (text, currency, amount) => expect(minorUnits(text, currency)).toBe(amount));

  it.each([
    ['10.505', 'USD'], ['1,000', 'USD'], ['1e3', 'USD'], ['', 'USD'], ['.5', 'USD'], ['0.5', 'JPY'], ['90071992547409.92', 'USD'], ['-1', 'USD'], ['NaN', 'USD'],
    ['10', 'usd'], ['10', 'DOLLAR'], ['٣', 'USD'],
  ])('refuses %s %s', (text, currency) => expect(reasonOf(() => minorUnits(text, currency))).toBe('BAD_AMOUNT'));

  it('reads a negative amount only where the caller allows it', () => {
    expect(minorUnits('-3.20', 'USD', { negative: true })).toBe(-320);
    expect(Object.is(minorUnits('-0', 'USD', { negative: true }), 0)).toBe(true);
  });

  it('knows the decimals of a currency', () => {
    expect(['USD', 'JPY', 'KRW', 'VND', 'CLP', 'ISK', 'BHD', 'CLF', 'IDR'].map(exponent)).toEqual([2, 0, 0, 0, 0, 0, 3, 4, 2]);
  });

  it('writes what it reads, for every amount', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom('USD', 'JPY', 'KWD', 'CLF'), (amount, currency) => {
        expect(minorUnits(decimalText(amount, currency), currency, { negative: true })).toBe(amount === 0 ? 0 : amount);
      }),
    );
    expect(formatMoney(-5, 'USD')).toBe('-0.05 USD');
  });

  it('adds exactly or refuses', () => {
    expect(add(1, 2, -4)).toBe(-1);
    expect(reasonOf(() => add(Number.MAX_SAFE_INTEGER, 1))).toBe('BAD_AMOUNT');
    expect(reasonOf(() => add(0.1))).toBe('BAD_AMOUNT');
    expect(addMoney({ amount: 1, currency: 'USD' }, { amount: 2, currency: 'USD' })).toEqual({ amount: 3, currency: 'USD' });
    expect(reasonOf(() => addMoney({ amount: 1, currency: 'USD' }, { amount: 2, currency: 'EUR' }))).toBe('BAD_AMOUNT');
  });

  it('splits by largest remainder', () => {
    expect(split(100, [1, 1, 1])).toEqual([34, 33, 33]);
    expect(split(-100, [1, 1, 1])).toEqual([-34, -33, -33]);
    expect(split(5, [0, 0])).toEqual([3, 2]);
    expect(split(7, [0, 3])).toEqual([0, 7]);
    expect(reasonOf(() => split(1, []))).toBe('BAD_AMOUNT');
    expect(reasonOf(() => split(1, [-1, 2]))).toBe('BAD_AMOUNT');
  });

  it('splits without losing a cent, and never more than one off the exact share', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 20 }), (amount, weights) => {
        const parts = split(amount, weights);
        expect(parts.reduce((sum, part) => sum + BigInt(part), 0n)).toBe(BigInt(amount));
        const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
        if (total > 0n) {
          parts.forEach((part, i) => {
            const off = BigInt(part) * total - BigInt(amount) * BigInt(weights[i]!);
            expect(off > -total && off < total).toBe(true);
          });
        }
      }),
    );
  });
});
