import { describe, expect, it } from '@jest/globals';
import { formToken, isFormToken, offerToken, readOfferToken } from './link.js';
import { offerPage, type OfferView } from './page.js';

const key = Buffer.alloc(32, 7);
const lockId = '901e7359-acf3-5dea-b403-e3c7f3600b91';
const now = new Date('2026-11-22T10:00:00.000Z');
const later = new Date('2026-12-22T10:00:00.000Z');
const view: OfferView = {
  language: 'zh', number: '901E7359', supplier: '义乌<店>', stage: 'OFFERED', until: '2026-11-22 20:00 (UTC+8)', lines: [{ sku: 'MUG-1', name: '马克杯', quantity: 2, price: '18.00 CNY' }],
  sum: '36.00 CNY', recipient: ['***', '广东省 深圳市'], masked: true, sent: '', form: 'f', note: '',
};

describe('the page of an offer', () => {
  it('ALC-08: its link leads to it until it ends, and nobody can make or lengthen one', () => {
    const token = offerToken(key, lockId, later);
    expect(readOfferToken(key, token, now)).toBe(lockId);
    expect(readOfferToken(key, token, new Date(later.getTime() + 1_000))).toBeUndefined();
    expect(readOfferToken(Buffer.alloc(32, 8), token, now)).toBeUndefined();
    const forged = Buffer.from(token, 'base64url');
    forged[16] = forged[16]! ^ 1;
    expect(readOfferToken(key, forged.toString('base64url'), now)).toBeUndefined();
    expect([isFormToken(key, token, formToken(key, token)), isFormToken(key, token, 'x'), isFormToken(key, token, '')]).toEqual([true, false, false]);
  });
  it('ALC-08: lists the goods with prices, has no script, escapes what others wrote, and stays small, in both languages', () => {
    for (const language of ['zh', 'en'] as const) {
      const page = offerPage({ ...view, language });
      expect(page).toContain('18.00 CNY');
      expect(page).toContain('noindex');
      expect(page).toContain('&#60;');
      expect(page).not.toMatch(/<script|https?:/);
      expect(Buffer.byteLength(page)).toBeLessThan(50 * 1024);
    }
    expect(offerPage(view)).toContain('value="accept"');
  });
  it('ALC-08: only what may be done can be done on it, and one that is over says so', () => {
    expect(offerPage({ ...view, stage: 'EXPIRED' })).not.toContain('<form');
    expect(offerPage({ ...view, stage: 'EXPIRED' })).toContain('不能再接单');
    expect(offerPage({ ...view, stage: 'ACCEPTED' })).not.toContain('<form');
    expect(offerPage({ ...view, stage: 'READY', masked: false })).toContain('name="waybill"');
  });
});
