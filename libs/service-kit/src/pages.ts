import { createHash } from 'node:crypto';
import { Refused } from '@flotilla/decider';
import type { common } from '@flotilla/contracts';

const largest = 500;
const ordinary = 50;

/** Where a page begins: after this key, or at the start. */
export interface PageStart {
  readonly limit: number;
  readonly after: readonly string[] | undefined;
}

const mark = (question: unknown): string => createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 8);

/**
 * Reads a page request. `question` is everything that decides the list (filters, order): a token of another question is
 * refused with BAD_PAGE_TOKEN. Size 0 means 50, more than 500 means 500.
 */
export const pageOf = (page: common.Page, question: unknown): PageStart => {
  if (page.size < 0) throw new Refused('BAD_REQUEST', 'page.size is negative');
  const limit = Math.min(page.size || ordinary, largest);
  if (page.token === '') return { limit, after: undefined };
  try {
    const [marked, ...after] = JSON.parse(Buffer.from(page.token, 'base64url').toString('utf8')) as string[];
    if (marked === mark(question) && after.length > 0 && after.every((part) => typeof part === 'string' && !part.includes('\0'))) return { limit, after };
  } catch {
    // falls through: not a token of ours
  }
  throw new Refused('BAD_PAGE_TOKEN', 'page.token does not belong to this list and these filters; start again without a token');
};

/** The token of the page after this key. */
export const pageToken = (lastKey: readonly string[], question: unknown): string => Buffer.from(JSON.stringify([mark(question), ...lastKey])).toString('base64url');
