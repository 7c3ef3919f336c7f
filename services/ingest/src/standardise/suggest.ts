import type { GivenAddress, Standardised } from './address.js';
import { tidy } from './chinese.js';
import { beginning, division, within, type Division, type Level } from './divisions.js';

export interface Suggestion {
  readonly province: string;
  readonly city: string;
  readonly district: string;
  readonly code: string;
}

const most = 20;

const toSuggestion = (one: Division): Suggestion => {
  const above = one.parent === '' ? undefined : division(one.parent);
  const path = [one, above, above === undefined || above.parent === '' ? undefined : division(above.parent)];
  const nameOf = (level: Level): string => path.find((place) => place?.level === level)?.name ?? '';
  return { province: nameOf(0), city: nameOf(1), district: nameOf(2), code: one.code };
};

/** How a partial address of China may go on: the divisions whose name begins as the lowest field that was given, within what is known; or what lies within that. */
export const suggestions = (given: GivenAddress, { region }: Standardised): readonly Suggestion[] => {
  if (given.country !== 'CN' || region.district !== '') return [];
  const typed = [given.province, given.city, given.district].map(tidy);
  const level = typed.findLastIndex((text) => text !== '') as Level | -1;
  const known = region.code;
  // A field that was understood is whole; what begins in the street is free text.
  const started = level === -1 || region[(['province', 'city', 'district'] as const)[level]!] !== '' || typed[level]!.length > 20 ? [] : beginning(typed[level]!, level, known);
  return (started.length > 0 ? started : known === '' ? [] : within(known)).slice(0, most).map(toSuggestion);
};
