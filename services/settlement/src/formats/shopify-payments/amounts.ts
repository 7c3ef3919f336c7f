import { minorUnits } from '@flotilla/values';

/** A number as a localised export writes it, as a plain decimal: "1.234,50" in a file with semicolons, "1,234.50" in one with commas. */
export const plainDecimal = (text: string, separator: ',' | ';' | '\t'): string => {
  const trimmed = text.replace(/[\s\u00a0\u202f']/g, '').replace('\u2212', '-');
  if (separator === ';' && /^[+-]?\d{1,3}(\.\d{3})*(,\d+)?$|^[+-]?\d+(,\d+)?$/.test(trimmed)) return trimmed.replaceAll('.', '').replace(',', '.');
  return /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(trimmed) ? trimmed.replaceAll(',', '') : trimmed;
};

/** Minor units of a cell; Refused BAD_AMOUNT if it is none. */
export const cell = (text: string, currency: string, separator: ',' | ';' | '\t'): number => minorUnits(plainDecimal(text, separator), currency, { negative: true });
