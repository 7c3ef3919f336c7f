import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { formToken, isFormToken, offerToken, readOfferToken, readVideoToken, videoToken } from './link.js';
import { offerPage, type OfferView } from './page.js';
import { rangeOf } from '../media.controller.js';

const key = Buffer.alloc(32, 7);
const lockId = '901e7359-acf3-5dea-b403-e3c7f3600b91';
const now = new Date('2026-11-22T10:00:00.000Z');
const later = new Date('2026-12-22T10:00:00.000Z');
const view: OfferView = {
  language: 'zh', number: '901E7359', supplier: '义乌<店>', stage: 'OFFERED', until: '2026-11-22 20:00 (UTC+8)', lines: [{ sku: 'MUG-1', name: '马克杯', quantity: 2, price: '18.00 CNY' }],
  sum: '36.00 CNY', recipient: ['***', '广东省 深圳市'], masked: true, sent: '', video: null, form: 'f', note: '',
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
  it('ALC-08: what was sent can be shown by a video, in both languages, where videos are kept', () => {
    const sent = { ...view, stage: 'SHIPPED', video: { attached: ['4.0 MiB'], action: '/s/t/video?form=f', mostMebibytes: 200 } } as const;
    for (const [language, hint] of [['zh', '已上传（4.0 MiB）'], ['en', 'Attached (4.0 MiB)']] as const) {
      expect(offerPage({ ...sent, language })).toContain('enctype="multipart/form-data" action="/s/t/video?form=f"');
      expect(offerPage({ ...sent, language })).toContain(hint);
    }
    expect(offerPage({ ...sent, video: null })).not.toContain('<form');
    expect(offerPage({ ...sent, stage: 'ACCEPTED' })).not.toContain('type="file"');
  });
  it('ALC-08: the link of a video leads to it until it ends, and nobody can make one', () => {
    const sha256 = createHash('sha256').update('x').digest('hex');
    const token = videoToken(key, sha256, later);
    expect(readVideoToken(key, token, now)).toBe(sha256);
    expect(readVideoToken(key, token, new Date(later.getTime() + 1_000))).toBeUndefined();
    expect(readVideoToken(Buffer.alloc(32, 8), token, now)).toBeUndefined();
    expect(readVideoToken(key, offerToken(key, lockId, later), now)).toBeUndefined();
  });
  it('ALC-08: players ask for a part of it', () => {
    expect([rangeOf('bytes=0-9', 100), rangeOf('bytes=90-', 100), rangeOf('bytes=-5', 100), rangeOf('bytes=50-999', 100), rangeOf('bytes=100-', 100), rangeOf(undefined, 100), rangeOf('bytes=0-1,4-5', 100)]).toEqual([
      { start: 0, end: 9 }, { start: 90, end: 99 }, { start: 95, end: 99 }, { start: 50, end: 99 }, 'none', undefined, undefined,
    ]);
  });
  it('ALC-08: only what may be done can be done on it, and one that is over says so', () => {
    expect(offerPage({ ...view, stage: 'EXPIRED' })).not.toContain('<form');
    expect(offerPage({ ...view, stage: 'EXPIRED' })).toContain('不能再接单');
    expect(offerPage({ ...view, stage: 'ACCEPTED' })).not.toContain('<form');
    expect(offerPage({ ...view, stage: 'READY', masked: false })).toContain('name="waybill"');
  });
});
