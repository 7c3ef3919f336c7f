import { reasons } from '@flotilla/contracts/reasons';
import { currentLocale, type Locale } from './locale.js';
import type { RpcError } from './rpc.js';

/** Reasons that only the console has. */
const own: Readonly<Record<string, { readonly en: string; readonly zh: string }>> = {
  OFFLINE: { en: 'no connection to the console', zh: '无法连接控制台' },
  FORBIDDEN: { en: 'your role does not allow this', zh: '您的角色无权进行此操作' },
};

/** The registry's words for a reason, in the language of now: "the parcel has left already". */
export const reasonText = (reason: string, locale: Locale = currentLocale()): string => {
  const known = own[reason] ?? (reasons as Readonly<Record<string, { readonly en: string; readonly zh: string }>>)[reason];
  return known ? (locale === 'zh-CN' ? known.zh : known.en) : reason;
};

/** A sentence for people, and the service's own words where they say more. */
export const errorText = (error: RpcError, locale: Locale = currentLocale()): { readonly title: string; readonly detail: string } => {
  const title = reasonText(error.reason, locale);
  const detail = [error.message, ...error.violations.map(({ field, description }) => `${field}: ${description}`)].filter((text) => text !== '' && text !== title).join('; ');
  return { title: title.charAt(0).toUpperCase() + title.slice(1), detail };
};
