import { createHash } from 'node:crypto';
import { Refused } from '@flotilla/decider';

/** Of everything that stays the same when a platform tells a line again. */
export const fingerprint = (...told: readonly unknown[]): string => createHash('sha256').update(JSON.stringify(told)).digest('base64url').slice(0, 22);

/** How column names are compared: files differ in width, case, spaces, and what stands in brackets ("收入金额（+元）"). */
export const plainName = (text: string): string =>
  text.normalize('NFKC').replace(/[`"\ufeff]/g, '').replace(/\([^)]*\)/g, '').replace(/\s+/g, ' ').trim().toLowerCase();

/** A number of an order or a transaction: short, printable, "" where there is none. */
export const number = (column: string, text: string): string => {
  if (text.length > 100 || /[\p{C}\ufffd]/u.test(text)) throw new Refused('BAD_TEXT', `${column} is not a number of an order or a transaction`);
  return text;
};

/** A platform's own word for what a line is: kept for the books, cut to what a book has room for. */
export const label = (text: string): string => text.replace(/[\p{C}\ufffd]/gu, '').slice(0, 80);

export const currencyOf = (column: string, text: string): string => {
  const code = text.toUpperCase();
  if (!/^[A-Z]{3}$/.test(code)) throw new Refused('BAD_CURRENCY', `${column} is not a currency such as EUR`);
  return code;
};
