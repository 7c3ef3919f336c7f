import { Refused } from '@flotilla/decider';
import { toInstant } from '@flotilla/values';
import type { Fields } from '../fields.js';

/** `date_…_gmt` are UTC, without an offset; "" where missing. Refused BAD_INSTANT. */
export const gmt = (of: Fields, name: string): string => {
  const text = of.text(name);
  if (text === '') return '';
  try {
    return toInstant(text, '+00:00');
  } catch {
    throw new Refused('BAD_INSTANT', `${of.at(name)} is not a time such as 2026-11-21T10:00:00`);
  }
};
