import type { ServiceContext } from '@flotilla/service-kit';
import { BUYERS, buyerSettings, settingsOf } from '../../decide/buyer-settings.decider.js';
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

export const embedded = { type: 'string', description: '1: shown in a frame of the shop’s own site' } as const;

export const linkKeyOf = (ctx: ServiceContext): Uint8Array => Buffer.from((ctx.config as unknown as { FLOTILLA_LINK_KEY: string }).FLOTILLA_LINK_KEY, 'base64');

/** How a page is asked for: in a frame of the shop's own site (`?embed=1`), by whom it may be. */
export interface Framed {
  readonly embed: boolean;
  readonly origins: readonly string[];
}

/** Whoever may show our pages in a frame; nobody may show what was not asked for as one. */
export const framedBy = async (ctx: ServiceContext, embed: string | undefined): Promise<Framed> => {
  if (embed !== '1') return { embed: false, origins: [] };
  const versions = (await ctx.store.folded(buyerSettings, [BUYERS])).get(BUYERS)!.state;
  return { embed: true, origins: settingsOf(versions)!.embedIn };
};

/** The page is the buyer's: not for search engines, not for referrers, in nobody's frame but the shop's, and nothing on it is loaded from anywhere. */
export const html = (reply: PageReply, status: number, language: Language, { origins }: Pick<Framed, 'origins'> = { origins: [] }): PageReply =>
  reply
    .status(status)
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-language', words[language].tag)
    .header('cache-control', 'private, no-cache')
    .header('vary', 'accept-language')
    .header('x-robots-tag', 'noindex, nofollow')
    .header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', `default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors ${origins.length === 0 ? "'none'" : origins.join(' ')}`);
