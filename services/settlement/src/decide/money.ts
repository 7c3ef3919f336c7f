import type { common } from '@flotilla/contracts';

export type Money = common.Money;

/** Whether an amount is what was expected, within ±0.5 %. In whole minor units, so that nothing is rounded away. */
export const within = (amount: number, expected: number): boolean => Math.abs(amount - expected) * 1_000 <= Math.abs(expected) * 5;

export const money = (amount: number, currency: string): Money => ({ amount, currency });
