import { Refused } from '@flotilla/decider';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pageOf, pageToken } from './pages.js';

const question = { channel: 'shopify-demo', state: 'OPEN' };
const refusal = (token: string, asked: unknown = question, size = 0): string => {
  try {
    pageOf({ size, token }, asked);
  } catch (error) {
    return error instanceof Refused ? error.reason : 'another error';
  }
  return 'none';
};

describe('pages', () => {
  it('begin at the start, with 50 where nothing is said and 500 at most', () => {
    expect(pageOf({ size: 0, token: '' }, question)).toEqual({ limit: 50, after: undefined });
    expect(pageOf({ size: 7, token: '' }, question).limit).toBe(7);
    expect(pageOf({ size: 1_000_000, token: '' }, question).limit).toBe(500);
    expect(refusal('', question, -1)).toBe('BAD_REQUEST');
  });

  it('go on behind the last key, whatever it holds', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')), { minLength: 1, maxLength: 4 }), (key) => expect(pageOf({ size: 0, token: pageToken(key, question) }, question).after).toEqual(key)));
  });

  it('refuse the token of another question', () => {
    const token = pageToken(['o-1'], question);
    expect(refusal(token)).toBe('none');
    expect(refusal(token, { ...question, state: 'CLOSED' })).toBe('BAD_PAGE_TOKEN');
    expect(refusal(pageToken([], question))).toBe('BAD_PAGE_TOKEN');
  });

  it('refuse whatever is not a token', () => {
    const made = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const token of ['x', '....', made(null), made({}), made(['', 1]), made('text'), pageToken(['o\0'], question), '2', 'bnVsbA']) expect(refusal(token)).toBe('BAD_PAGE_TOKEN');
    fc.assert(fc.property(fc.string(), (token) => expect(['BAD_PAGE_TOKEN', 'none']).toContain(refusal(token))));
  });
});
