import { currentLocale, type Locale } from './locale.js';

const cached = <A extends readonly unknown[], F>(make: (...key: A) => F): ((...key: A) => F) => {
  const kept = new Map<string, F>();
  return (...key) => {
    const name = key.join('|');
    let one = kept.get(name);
    if (one === undefined) kept.set(name, (one = make(...key)));
    return one;
  };
};

const moneyFormat = cached((locale: Locale, currency: string) => new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }));
const numberFormat = cached((locale: Locale) => new Intl.NumberFormat(locale));
const percentFormat = cached((locale: Locale) => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }));
const whenFormat = cached((locale: Locale, form: 'day' | 'time' | 'minute' | 'full') =>
  new Intl.DateTimeFormat(locale, form === 'day' ? { year: 'numeric', month: 'short', day: 'numeric' } : form === 'time' ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } : form === 'minute' ? { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } : { dateStyle: 'medium', timeStyle: 'long', hourCycle: 'h23' }),
);
const unitFormat = cached((locale: Locale, unit: string) => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'narrow' }));

/** `{ amount: 1999, currency: 'USD' }` → "$19.99". Minor units; how many decimals there are, the currency says. "" for none. */
export const formatMoney = (money: { readonly amount: number; readonly currency: string } | undefined, locale: Locale = currentLocale()): string => {
  if (!money || money.currency === '') return '';
  try {
    const format = moneyFormat(locale, money.currency);
    return format.format(money.amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
  } catch {
    return `${money.amount} ${money.currency}`;
  }
};

export const formatNumber = (value: number, locale: Locale = currentLocale()): string => numberFormat(locale).format(value);

/** 0.125 → "12.5%". */
export const formatPercent = (value: number, locale: Locale = currentLocale()): string => percentFormat(locale).format(value);

const known = (iso: string | undefined): Date | undefined => {
  if (!iso) return undefined;
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? undefined : date;
};

/** "Nov 30, 18:05" in the reader's zone, the year only where it is another; "" for none. */
export const formatWhen = (iso: string | undefined, locale: Locale = currentLocale(), now = new Date()): string => {
  const date = known(iso);
  if (!date) return '';
  return date.getFullYear() === now.getFullYear() ? whenFormat(locale, 'minute').format(date) : whenFormat(locale, 'day').format(date);
};

/** With seconds and zone, for titles. */
export const formatExactly = (iso: string | undefined, locale: Locale = currentLocale()): string => {
  const date = known(iso);
  return date ? whenFormat(locale, 'full').format(date) : '';
};

export const formatDay = (iso: string | undefined, locale: Locale = currentLocale()): string => {
  const date = known(iso);
  return date ? whenFormat(locale, 'day').format(date) : '';
};

export const formatTime = (iso: string | undefined, locale: Locale = currentLocale()): string => {
  const date = known(iso);
  return date ? whenFormat(locale, 'time').format(date) : '';
};

const steps = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** 3 h 12 min → "3h 12m": the two largest units, of a minute and less "<1m". */
export const formatSpan = (seconds: number, locale: Locale = currentLocale()): string => {
  let rest = Math.max(0, Math.floor(seconds));
  const parts: string[] = [];
  for (const [unit, size] of steps) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(unitFormat(locale, unit).format(count));
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.length > 0 ? parts.join(locale === 'en' ? ' ' : '') : `<${unitFormat(locale, 'minute').format(1)}`;
};

/** How long ago that was, as `formatSpan`; "" for none. */
export const formatAge = (iso: string | undefined, locale: Locale = currentLocale(), now = Date.now()): string => {
  const date = known(iso);
  return date ? formatSpan((now - date.getTime()) / 1000, locale) : '';
};

/** 1250 → "1.25 kg", 300 → "300 g". */
export const formatGrams = (grams: number, locale: Locale = currentLocale()): string =>
  grams >= 1000 ? new Intl.NumberFormat(locale, { style: 'unit', unit: 'kilogram', maximumFractionDigits: 2 }).format(grams / 1000) : new Intl.NumberFormat(locale, { style: 'unit', unit: 'gram' }).format(grams);

const countries = cached((locale: Locale) => new Intl.DisplayNames(locale, { type: 'region' }));

/** "CN" → "China". */
export const countryName = (code: string, locale: Locale = currentLocale()): string => {
  try {
    return code === '' ? '' : (countries(locale).of(code) ?? code);
  } catch {
    return code;
  }
};

/** Sealed texts are opened by the buyer's key alone; what the console may show of them is that they are there. */
export const isSealed = (text: string | undefined): boolean => text !== undefined && text.startsWith('sealed.v1.');
