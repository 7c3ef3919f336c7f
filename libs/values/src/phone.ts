import parsePhoneNumberFromString, { type CountryCode } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/min/metadata';
import { normaliseCountry } from './countries.js';

/**
 * `phoneE164('138 0013 8000', 'CN')` = "+8613800138000". `undefined` where no phone can be read: masked digits
 * ("138****8000"), a privacy number with an extension ("13800138000-1234": a relay shared by many buyers, so it names
 * nobody), or a text that is no number. Never throws.
 */
export const phoneE164 = (text: string, country?: string): string | undefined => {
  const trimmed = text.normalize('NFKC').trim();
  if (trimmed.length > 40 || /[*#xX,;]|ext|转|轉/i.test(trimmed) || /\d{7,}\s*-\s*\d{1,5}$/.test(trimmed)) return undefined;
  const region = country === undefined ? undefined : (normaliseCountry(country) as CountryCode | undefined);
  // Read as written; then, if it is a valid number so, as one that lacks only its "+" ("86138…")
  for (const candidate of [trimmed.replace(/^00/, '+'), `+${trimmed.replace(/^\+/, '')}`]) {
    try {
      const parsed = parsePhoneNumberFromString(candidate, region === undefined ? {} : { defaultCountry: region }, metadata);
      if (parsed !== undefined && parsed.isPossible() && parsed.ext === undefined && (parsed.isValid() || candidate === trimmed)) return parsed.number;
    } catch {
      return undefined; // the library promises not to throw; a phone is never a reason to lose an order
    }
  }
  return undefined;
};
