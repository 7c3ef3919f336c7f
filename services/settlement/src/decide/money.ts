import type { common } from '@flotilla/contracts';
import { exponent } from '@flotilla/values';
import type { Rate } from './line.js';

export type Money = common.Money;

/** Whether an amount is what was expected, within ±0.5 %. In whole minor units, so that nothing is rounded away. */
export const within = (amount: number, expected: number): boolean => Math.abs(amount - expected) * 1_000 <= Math.abs(expected) * 5;

export const money = (amount: number, currency: string): Money => ({ amount, currency });

/** At a rate, half a minor unit rounded away from zero; digit by digit, never through a floating-point number. */
export const converted = ({ amount, currency }: Money, { to, rate }: Rate): Money => {
  const [whole = '0', fraction = ''] = rate.split('.');
  const numerator = BigInt(Math.abs(amount)) * BigInt(whole + fraction) * 10n ** BigInt(exponent(to));
  const denominator = 10n ** BigInt(fraction.length + exponent(currency));
  const rounded = Number((2n * numerator + denominator) / (2n * denominator));
  return { amount: amount < 0 && rounded !== 0 ? -rounded : rounded, currency: to };
};
