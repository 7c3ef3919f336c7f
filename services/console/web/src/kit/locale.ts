import { useSyncExternalStore } from 'react';

/** The languages of the console. */
export const locales = ['en', 'zh-CN'] as const;
export type Locale = (typeof locales)[number];

/** One text: `{name}` is filled in; of a plural the form that fits `{n}` is taken. */
export type Text = string | { readonly one?: string; readonly other: string };

/** The words of a page: the same keys in both languages. */
export type Words = Readonly<Record<Locale, Readonly<Record<string, Text>>>>;

export type Values = Readonly<Record<string, string | number>>;

const key = 'flotilla.locale';
const listeners = new Set<() => void>();

const first = (): Locale => {
  const kept = globalThis.localStorage?.getItem(key);
  if (kept === 'en' || kept === 'zh-CN') return kept;
  return globalThis.navigator?.language?.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
};

let current: Locale = first();

/** The language now; what shows text re-renders by `useLocale` or `useWords`. */
export const currentLocale = (): Locale => current;

export const setLocale = (locale: Locale): void => {
  current = locale;
  globalThis.localStorage?.setItem(key, locale);
  if (globalThis.document) document.documentElement.lang = locale;
  for (const tell of listeners) tell();
};

const subscribe = (tell: () => void): (() => void) => {
  listeners.add(tell);
  return () => listeners.delete(tell);
};

export const useLocale = (): Locale => useSyncExternalStore(subscribe, currentLocale);

const plurals = { en: new Intl.PluralRules('en'), 'zh-CN': new Intl.PluralRules('zh-CN') };
const numbers = { en: new Intl.NumberFormat('en'), 'zh-CN': new Intl.NumberFormat('zh-CN') };

/** A text with its values; numbers as the language writes them. */
export const say = (text: Text, locale: Locale, values: Values = {}): string => {
  const template = typeof text === 'string' ? text : plurals[locale].select(Number(values['n'] ?? 0)) === 'one' ? (text.one ?? text.other) : text.other;
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === 'number' ? numbers[locale].format(value) : value;
  });
};

/** Says a word of a page in the language of now. */
export type Say<W extends Words> = (key: keyof W['en'] & string, values?: Values) => string;

/**
 * ```ts
 * export const words = { en: { orders: { one: '{n} order', other: '{n} orders' } }, 'zh-CN': { orders: '{n} 个订单' } } satisfies Words;
 * const t = useWords(words);
 * t('orders', { n: 3 });
 * ```
 */
export const useWords = <W extends Words>(words: W & { readonly 'zh-CN': Readonly<Record<keyof W['en'], Text>> }): Say<W> => {
  const locale = useLocale();
  return (name, values) => say(words[locale][name] ?? name, locale, values);
};

/** The same outside of components: of the language that it is now. */
export const sayNow = <W extends Words>(words: W, name: keyof W['en'] & string, values?: Values): string => say(words[current][name] ?? name, current, values);
