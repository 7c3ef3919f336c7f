import { phoneE164 } from '@flotilla/values';

/** VIRTUAL: a platform's relay, which rings the buyer for some weeks. MASKED: the platform shows a part of it. */
export type PhoneKind = 'NONE' | 'MOBILE' | 'LANDLINE' | 'ABROAD' | 'VIRTUAL' | 'MASKED' | 'WRONG';

const chineseMobile = /^(?:\+?(?:00)?86)?(1[3-9]\d{9})$/;
const relay = /^(?:\+?(?:00)?86[\s-]?)?1\d{10}\s*(?:-|,|转|轉|分机|#|;|ext\.?|x)\s*(?:转\s*)?\d{2,6}$/iu;
const withExtension = /^(.*?\d{7,8})\s*(?:-|转|轉|分机|#|ext\.?|x)\s*\d{1,6}$/iu;

/** What kind of number it is; nothing is dialled, so WRONG is only what can be nobody's. */
export const phoneKind = (text: string, country: string): PhoneKind => {
  const phone = text.normalize('NFKC').trim();
  if (phone === '') return 'NONE';
  if (phone.includes('*')) return 'MASKED';
  if (relay.test(phone)) return 'VIRTUAL';
  const digits = phone.replace(/[\s()（）.-]/g, '');
  if (/^\D*(\d)\1+$/.test(digits)) return 'WRONG';
  const inChina = country === '' || country === 'CN';
  if (inChina && chineseMobile.test(digits)) return 'MOBILE';
  // A mobile number with a digit too many or too few: no landline begins so.
  if (inChina && /^1\d*$/.test(digits)) return 'WRONG';
  const plain = inChina ? (withExtension.exec(phone)?.[1] ?? phone) : phone;
  const e164 = phoneE164(plain, country === '' ? 'CN' : country) ?? phoneE164(plain);
  if (e164 === undefined) return 'WRONG';
  if (!e164.startsWith('+86')) return 'ABROAD';
  return chineseMobile.test(e164) ? 'MOBILE' : /^\+861\d{10}$/.test(e164) ? 'WRONG' : 'LANDLINE';
};
