import { Refused } from '@flotilla/decider';
import { exponent, minorUnits, toInstant } from '@flotilla/values';

const longestText = 16 * 1024;
const longestList = 1_000;

/**
 * Reads what a platform sent, forgiving about forms (numbers as strings, null for missing, "" or {} for an empty list)
 * and strict about values. What cannot be read is Refused with the path of the field and never with its value.
 */
export class Fields {
  private constructor(
    private readonly source: Readonly<Record<string, unknown>>,
    readonly path: string,
  ) {}

  /** `undefined` if it is no object. */
  static of(value: unknown, path = ''): Fields | undefined {
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Fields(value as Record<string, unknown>, path) : undefined;
  }

  /** Nothing in it, so that what is missing can be asked like what is there. */
  static readonly none = new Fields({}, '');

  has(name: string): boolean {
    const value = this.raw(name);
    return value !== null && value !== undefined;
  }

  raw(name: string): unknown {
    return Object.hasOwn(this.source, name) ? this.source[name] : undefined;
  }

  names(): readonly string[] {
    return Object.keys(this.source);
  }

  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  /** Trimmed; "" where missing, null or no plain value. Refused BAD_TEXT, TOO_LARGE. */
  text(name: string): string {
    return storable(this.raw(name), this.at(name));
  }

  /** The same, and "" where it is refused: for what is shown alone, so that one title that cannot be stored does not keep its page from being read. */
  legible(name: string): string {
    try {
      return this.text(name);
    } catch {
      return '';
    }
  }

  /** The first that is not "". */
  firstText(...names: readonly string[]): string {
    for (const name of names) {
      const text = this.text(name);
      if (text !== '') return text;
    }
    return '';
  }

  /** `undefined` where missing. */
  flag(name: string): boolean | undefined {
    const value = this.raw(name);
    if (value === true || value === 'true') return true;
    return value === false || value === 'false' ? false : undefined;
  }

  /** The digits of a numeric id; "" if it is none. */
  id(name: string): string {
    const value = this.raw(name);
    return typeof value === 'string' && /^\d{1,30}$/.test(value.trim()) ? value.trim() : '';
  }

  /** `undefined` where missing. Refused BAD_QUANTITY for what is no whole number from 0 to 1,000,000. */
  quantity(name: string): number | undefined {
    const text = this.text(name);
    if (text === '') return undefined;
    if (!/^\d{1,7}(\.0+)?$/.test(text) || Number(text) > 1_000_000) throw new Refused('BAD_QUANTITY', `${this.at(name)} is not a quantity from 0 to 1000000`);
    return Number(text);
  }

  /** A weight or a similar figure: rounded, 0 where it cannot be read, since nothing depends on it. */
  figure(name: string): number {
    const value = Math.round(Number(this.text(name)));
    return Number.isSafeInteger(value) && value > 0 ? value : 0;
  }

  /** Minor units; `undefined` where missing. Refused BAD_AMOUNT. */
  amount(name: string, currency: string): number | undefined {
    return this.amountOf(this.text(name), name, currency);
  }

  /** The same of a text that was made of the field's. */
  amountOf(text: string, name: string, currency: string): number | undefined {
    if (text === '') return undefined;
    try {
      return minorUnits(text, currency);
    } catch {
      throw new Refused('BAD_AMOUNT', `${this.at(name)} is not an amount from 0 in ${currency} (${exponent(currency)} decimals)`);
    }
  }

  /** ISO, UTC; "" where missing. Refused BAD_INSTANT. */
  instant(name: string): string {
    const text = this.text(name);
    if (text === '') return '';
    try {
      return toInstant(text);
    } catch {
      throw new Refused('BAD_INSTANT', `${this.at(name)} is not a time with an offset, such as 2026-11-21T10:00:00Z`);
    }
  }

  /** `undefined` where it is missing or no object. */
  object(name: string): Fields | undefined {
    return Fields.of(this.raw(name), this.at(name));
  }

  /** The objects of a list; a single object is a list of one; anything else is an empty list. Refused TOO_LARGE. */
  list(name: string): readonly Fields[] {
    return this.items(name).flatMap((item, index) => Fields.of(item, `${this.at(name)}[${index}]`) ?? []);
  }

  /** The plain texts of a list. */
  texts(name: string): readonly string[] {
    return this.items(name).flatMap((item, index) => {
      const text = storable(item, `${this.at(name)}[${index}]`);
      return text === '' ? [] : [text];
    });
  }

  private items(name: string): readonly unknown[] {
    const value = this.raw(name);
    const items = Array.isArray(value) ? (value as unknown[]) : Fields.of(value) !== undefined && Object.keys(value as object).length > 0 ? [value] : [];
    if (items.length > longestList) throw new Refused('TOO_LARGE', `${this.at(name)} has more than ${longestList} entries`);
    return items;
  }
}

/** A plain value as text that can be stored; "" for null, objects and lists. Refused BAD_TEXT, TOO_LARGE. */
export const storable = (value: unknown, path: string): string => {
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value !== 'string') return '';
  // Postgres and UTF-8 have no place for these; kept away from every stored text, and the raw bytes keep the original.
  if (value.includes('\u0000') || !value.isWellFormed()) throw new Refused('BAD_TEXT', `${path} contains U+0000 or half a character`);
  const text = value.trim();
  if (text.length > longestText) throw new Refused('TOO_LARGE', `${path} is longer than ${longestText} characters`);
  return text;
};
