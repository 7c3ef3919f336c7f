/** Numbers that follow one another: text, digits that count, a check digit behind them if `check` says so, text. */
export interface NumberRange {
  readonly prefix: string;
  readonly digits: number;
  readonly from: number;
  readonly to: number;
  readonly check: '' | 'UPU';
  readonly suffix: string;
}

/** The check digit of the posts' international numbers, over eight digits. */
export const postalCheck = (serial: string): string => {
  const rest = 11 - (Array.from(serial, Number).reduce((total, digit, n) => total + digit * [8, 6, 4, 2, 3, 5, 9, 7][n]!, 0) % 11);
  return String(rest === 10 ? 0 : rest === 11 ? 5 : rest);
};

/** The number at a place of the range, `from` ≤ n ≤ `to`. */
export const numberAt = ({ prefix, digits, check, suffix }: NumberRange, n: number): string => {
  const serial = String(n).padStart(digits, '0');
  return `${prefix}${serial}${check === 'UPU' ? postalCheck(serial) : ''}${suffix}`;
};

/** The range from one number to another; undefined if they do not belong to one. Wrong check digits are none of a range. */
export const rangeOf = (first: string, last: string): NumberRange | undefined => {
  const [, prefix, serial, , suffix] = /^([A-Z]{2})(\d{8})(\d)([A-Z]{2})$/.exec(first) ?? [];
  const range = prefix !== undefined ? { prefix, digits: 8, from: Number(serial), to: Number(last.slice(2, 10)), check: 'UPU' as const, suffix: suffix! } : counted(first, last);
  return range && first.length === last.length && range.from <= range.to && numberAt(range, range.from) === first && numberAt(range, range.to) === last ? range : undefined;
};

// All digits at the end count, up to the fifteen that a number holds exactly.
const counted = (first: string, last: string): NumberRange | undefined => {
  const [, prefix, serial] = /^(.*?)(\d{1,15})$/.exec(first) ?? [];
  return prefix === undefined || serial === undefined ? undefined : { prefix, digits: serial.length, from: Number(serial), to: Number(last.slice(prefix.length)), check: '', suffix: '' };
};

const alike = (a: NumberRange, b: NumberRange): boolean => a.prefix === b.prefix && a.digits === b.digits && a.check === b.check && a.suffix === b.suffix;

/** What of a range is not in the other: all of it, one part, two, or nothing. */
export const without = (range: NumberRange, other: NumberRange): readonly NumberRange[] =>
  alike(range, other) ? [{ ...range, to: Math.min(range.to, other.from - 1) }, { ...range, from: Math.max(range.from, other.to + 1) }].filter(({ from, to }) => from <= to) : [range];

/** Whether a range goes on where the other ends. */
export const follows = (before: NumberRange, after: NumberRange): boolean => alike(before, after) && after.from === before.to + 1;
