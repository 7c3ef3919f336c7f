import { Refused } from '@flotilla/decider';
import { toInstant } from '@flotilla/values';

const zones: Readonly<Record<string, string>> = {
  UTC: 'Z', GMT: 'Z', BST: '+01:00', CET: '+01:00', CEST: '+02:00', MEZ: '+01:00', MESZ: '+02:00', JST: '+09:00', CST: '+08:00', AEST: '+10:00', AEDT: '+11:00', EST: '-05:00', EDT: '-04:00', PST: '-08:00', PDT: '-07:00',
};

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dashed = (year: string, month: string, day: string): string => `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
const monthOf = (word: string): string => String(months.indexOf(word.slice(0, 3).toLowerCase()) + 1);

/**
 * An instant as statements write it: ISO, "2026-03-02 14:23:00 UTC", "02.03.2026 14:23:00 UTC", "2026/03/02 14:23:00 JST", 
 * "21 Nov 2026", and what old WeChat bills make of it ("2014-11-1016：33：45"). "03/02/2026" is refused unless `order` says which of
 * the two is the month.
 */
export const instant = (column: string, text: string, offset?: string, order = ''): string => {
  let iso = text
    .normalize('NFKC')
    .trim()
    .replace(/^(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?!\d)/, (_all, year: string, month: string, day: string) => dashed(year, month, day))
    .replace(/^(\d{1,2})\.(\d{1,2})\.(\d{4})/, (_all, day: string, month: string, year: string) => dashed(year, month, day))
    .replace(/^(\d{1,2})[- ](jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[-, ]{1,2}(\d{4})/i, (_all, day: string, month: string, year: string) => dashed(year, monthOf(month), day))
    .replace(/^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6} (\d{1,2}), ?(\d{4}),?/i, (_all, month: string, day: string, year: string) => dashed(year, monthOf(month), day))
    .replace(/^(\d{1,2})[/-](\d{1,2})[/-](\d{4})/, (all, first: string, second: string, year: string) => (order === '' ? all : order === 'MDY' ? dashed(year, first, second) : dashed(year, second, first)))
    .replace(/^(\d{4}-\d\d-\d\d)(\d\d:)/, '$1 $2')
    .replace(/^(\d{4}-\d\d-\d\d) (\d:)/, '$1 0$2');
  const zone = / ([A-Z]{3,4})$/.exec(iso);
  if (zone?.[1] !== undefined && zones[zone[1]] !== undefined) iso = iso.replace(/ [A-Z]{3,4}$/, zones[zone[1]] ?? '');
  try {
    return toInstant(iso, offset);
  } catch {
    const why = /^\d{1,2}\/\d{1,2}\/\d{4}/.test(iso) ? 'which number is the month cannot be told' : /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?$/.test(iso) ? 'it has no offset from UTC' : 'such as 2026-11-21 10:00:00';
    throw new Refused('BAD_INSTANT', `${column} is not a time (${why})`);
  }
};
