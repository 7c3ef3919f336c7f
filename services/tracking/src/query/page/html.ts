import type { ServiceContext } from '@flotilla/service-kit';
import { words, type Language } from './words.js';

export interface PageRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly ip: string;
}

export interface PageReply {
  status(code: number): PageReply;
  header(name: string, value: string): PageReply;
  send(body?: string): unknown;
}

/** Every page’s language may be chosen in its address. */
export const lang = { type: 'string', description: 'zh or en; otherwise what Accept-Language wants' } as const;

export const linkKeyOf = (ctx: ServiceContext): Uint8Array => Buffer.from((ctx.config as unknown as { FLOTILLA_LINK_KEY: string }).FLOTILLA_LINK_KEY, 'base64');

/** The page is the buyer's: not for search engines, not for referrers, and nothing on it is loaded from anywhere. */
export const html = (reply: PageReply, status: number, language: Language): PageReply =>
  reply
    .status(status)
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-language', words[language].tag)
    .header('cache-control', 'private, no-cache')
    .header('vary', 'accept-language')
    .header('x-robots-tag', 'noindex, nofollow')
    .header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'");
