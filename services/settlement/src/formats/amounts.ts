import { Refused } from '@flotilla/decider';
import { minorUnits } from '@flotilla/values';
import type { Separator } from './format.js';

const refuse = (why: string): never => {
  throw new Refused('BAD_AMOUNT', why);
};

/** Which of "," and "." a number uses for its decimals, where that can be seen: "12,50", "1.234,5", "1,234.50". */
export const decimalMark = (text: string): ',' | '.' | undefined => {
  const [comma, dot] = [text.lastIndexOf(','), text.lastIndexOf('.')];
  if (comma >= 0 && dot >= 0) return comma > dot ? ',' : '.';
  if (comma >= 0 && /,\d{1,2}$|,\d{4,}$/.test(text)) return ',';
  return dot >= 0 && /\.\d{1,2}$|\.\d{4,}$/.test(text) ? '.' : undefined;
};

const shapes = { ',': /^[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d*)?$/, '.': /^[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?$/ } as const;

/**
 * A number as an export writes it, as a plain decimal: "1.234,50", "1,234.50", "1 234,50", "¥12.00", "−3", "(3.00)", "3.00-".
 * "1,234" alone is told by `mark` (learned from other cells of the file), then by the separator: a file with semicolons has decimal commas.
 */
export const plainDecimal = (text: string, separator: Separator, mark?: ',' | '.'): string => {
  if (/^-?\d{1,15}\.\d\d$/.test(text)) return text; // most of them
  let bare = text.normalize('NFKC').replace(/[\s'’¥$€£]/gu, '').replaceAll('\u2212', '-');
  if (/^\(.*\)$/.test(bare)) bare = `-${bare.slice(1, -1)}`;
  if (/^[^-+]+-$/.test(bare)) bare = `-${bare.slice(0, -1)}`;
  const decimals = decimalMark(bare) ?? mark ?? (separator === ';' ? ',' : '.');
  if (!shapes[decimals].test(bare)) return bare;
  return decimals === ',' ? bare.replaceAll('.', '').replace(',', '.') : bare.replaceAll(',', '');
};

/** Minor units of a cell. Refusals name no content: a shifted column may hold a buyer's account. */
export const cell = (column: string, text: string, currency: string, separator: Separator, mark?: ',' | '.'): number => {
  try {
    return minorUnits(plainDecimal(text, separator, mark), currency, { negative: true });
  } catch {
    return refuse(`${column} is not an amount in ${/^[A-Z]{3}$/.test(currency) ? currency : 'a known currency'}`);
  }
};

const scale = 5;

/**
 * A fee that is told more finely than money is: in 10⁻⁵ of the unit, so that a total over many rows can be checked exactly, and
 * in minor units, half a unit rounded away from zero.
 */
export const fineCell = (column: string, text: string, currency: string): { readonly fine: number; readonly minor: number } => {
  const match = /^([+-]?)(\d{1,10})(?:\.(\d{0,5})0*)?$/.exec(plainDecimal(text, ','));
  if (!match || currency !== 'CNY') return refuse(`${column} is not an amount in CNY`);
  const [, sign = '', whole = '', fraction = ''] = match;
  const fine = Number(whole + fraction.padEnd(scale, '0'));
  const minor = Math.floor((fine + 500) / 1_000);
  return sign === '-' && fine !== 0 ? { fine: -fine, minor: minor === 0 ? 0 : -minor } : { fine, minor };
};
