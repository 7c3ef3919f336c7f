import { Refused } from '@flotilla/decider';

/** An amount in minor units of an ISO 4217 currency: `{ amount: 1999, currency: 'USD' }` is 19.99 USD. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

// ISO 4217 decimals that are not 2. Every other three-letter code has 2: a currency that starts to exist must not stop an order.
const exponents: Readonly<Record<string, number>> = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
  BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3,
  CLF: 4, UYW: 4,
};

/** How many decimals a currency has: `exponent('JPY')` = 0. Refused BAD_AMOUNT if it is not a three-letter code in capitals. */
export const exponent = (currency: string): number => {
  if (!/^[A-Z]{3}$/.test(currency)) throw new Refused('BAD_AMOUNT', `"${currency}" is not an ISO 4217 currency; give a code such as USD`, { currency });
  return exponents[currency] ?? 2;
};

/**
 * `minorUnits('10.5', 'USD')` = 1050. Read digit by digit, never through a floating-point number. More decimals than
 * the currency has are accepted if they are zeros ("100.00" JPY). Refused BAD_AMOUNT otherwise, and for what is not a
 * plain decimal ("1,000", "1e3", "") or not below 2^53. Negative amounts only with `{ negative: true }`.
 */
export const minorUnits = (text: string, currency: string, options: { readonly negative?: boolean } = {}): number => {
  const refuse = (why: string): never => {
    throw new Refused('BAD_AMOUNT', `"${text.slice(0, 40)}" ${currency} ${why}`, { currency });
  };
  const decimals = exponent(currency);
  const match = /^([+-]?)(\d{1,20})(?:\.(\d{0,20}))?$/.exec(text.trim());
  if (match === null) return refuse('is not a plain decimal such as 10.50');
  const [, sign = '', whole = '', fraction = ''] = match;
  if (sign === '-' && options.negative !== true) return refuse('is negative');
  if (/[1-9]/.test(fraction.slice(decimals))) return refuse(`has more than the ${decimals} decimals of the currency`);
  const amount = Number(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
  if (!Number.isSafeInteger(amount)) return refuse('is too large');
  return sign === '-' && amount !== 0 ? -amount : amount;
};

/** The inverse of `minorUnits`: `decimalText(1050, 'USD')` = "10.50". */
export const decimalText = (amount: number, currency: string): string => {
  const decimals = exponent(currency);
  const digits = String(Math.abs(whole(amount))).padStart(decimals + 1, '0');
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return amount < 0 ? `-${text}` : text;
};

/** For people: `formatMoney(1050, 'USD')` = "10.50 USD". */
export const formatMoney = (amount: number, currency: string): string => `${decimalText(amount, currency)} ${currency}`;

/** The sum, checked: Refused BAD_AMOUNT if it leaves the integers below 2^53. `add()` = 0. */
export const add = (...amounts: readonly number[]): number => amounts.reduce((sum, amount) => whole(sum + whole(amount)), 0);

/** Adds two amounts of one currency; Refused BAD_AMOUNT if the currencies differ. */
export const addMoney = (a: Money, b: Money): Money => {
  if (a.currency !== b.currency) throw new Refused('BAD_AMOUNT', `${a.currency} and ${b.currency} cannot be added; convert one first`);
  return { amount: add(a.amount, b.amount), currency: a.currency };
};

/**
 * Splits an amount by weights so that the parts add up exactly (largest remainder; ties go to the earlier part).
 * `split(100, [1, 1, 1])` = [34, 33, 33]. All weights 0: split evenly. Refused BAD_AMOUNT without weights or with a negative one.
 */
export const split = (amount: number, weights: readonly number[]): readonly number[] => {
  whole(amount);
  if (weights.length === 0) throw new Refused('BAD_AMOUNT', 'an amount cannot be split into no parts');
  if (weights.some((weight) => !Number.isSafeInteger(weight) || weight < 0)) throw new Refused('BAD_AMOUNT', 'weights are integers from 0');
  const given = weights.map(BigInt);
  const shares = given.every((weight) => weight === 0n) ? given.map(() => 1n) : given;
  const total = shares.reduce((sum, share) => sum + share, 0n);
  const absolute = BigInt(Math.abs(amount));
  const parts = shares.map((share, index) => ({ index, part: (absolute * share) / total, rest: (absolute * share) % total }));
  let left = absolute - parts.reduce((sum, { part }) => sum + part, 0n);
  for (const entry of [...parts].sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1))) {
    if (left === 0n) break;
    entry.part += 1n;
    left -= 1n;
  }
  return parts.map(({ part }) => (amount < 0 && part !== 0n ? -Number(part) : Number(part)));
};

const whole = (amount: number): number => {
  if (!Number.isSafeInteger(amount)) throw new Refused('BAD_AMOUNT', `${amount} is not an integer of minor units below 2^53`);
  return amount;
};
