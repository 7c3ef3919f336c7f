import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { memory } from '../../../spec/memory.js';
import { BUYERS, buyerSettings } from '../../decide/buyer-settings.decider.js';
import type { Milestone } from '../../decide/milestones.js';
import type { ProvenStep } from '../provenance.js';
import { framedBy, html } from './html.js';
import { linkToken, readLink } from './link.js';
import { parcelPage } from './templates.js';
import { toView, type PageSubject } from './view.js';
import { languageFor, words } from './words.js';

const key = randomBytes(32);
const now = new Date('2026-11-22T08:00:00.000Z');
const scan = (milestone: Milestone, occurredAt: string, text = '快件在运输途中') => ({ milestone, occurredAt, text, place: '深圳市' });
const nothing = { token: 'abc', embed: false, choosing: false, choice: '', rating: false, rated: false, writes: true } as const;
const subject = (over: Partial<PageSubject> = {}): PageSubject => ({
  milestone: 'MILESTONE_IN_TRANSIT', shippedAt: '2026-11-21T08:00:00.000Z', promisedAt: '', carrier: 'sf', waybill: 'SF1400000000001', number: '#1001', country: 'CN', items: [{ name: '龙井 <250g>', quantity: 2 }], pickup: null, asks: nothing, proven: null,
  scans: [scan('MILESTONE_PICKED_UP', '2026-11-21T10:00:00.000Z'), scan('MILESTONE_IN_TRANSIT', '2026-11-22T02:00:00.000Z')], ...over,
});
const view = (over: Partial<PageSubject> = {}, language: 'zh' | 'en' = 'en') => toView(subject(over), 'SF Express', language, now, '{}');

describe('the buyer’s page', () => {
  it('TRK-04: a link opens its parcel and no other', () => {
    fc.assert(
      fc.property(fc.uuid(), (parcelId) => {
        const token = linkToken(key, parcelId);
        expect(token).toHaveLength(43);
        expect(readLink(key, token)).toBe(parcelId);
        expect(readLink(randomBytes(32), token)).toBeUndefined();
      }),
    );
    const token = linkToken(key, randomUUID());
    for (let at = 0; at < token.length; at += 1) expect(readLink(key, token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1))).toBeUndefined();
    for (const wrong of ['', 'x', `${token}A`, token.slice(1), `${token.slice(0, 42)}!`]) expect(readLink(key, wrong)).toBeUndefined();
  });

  it('TRK-04: says one sentence, where it was seen last, and how far it has come', () => {
    const { sentence, detail, stages, pill } = view();
    expect([sentence, detail, pill]).toEqual(['Your parcel is on its way', 'Sun 22 Nov 10:00 · 深圳市', 'On its way']);
    expect(stages.map(({ state }) => state)).toEqual(['done', 'now', 'todo', 'todo']);
    expect(view({ milestone: 'MILESTONE_DELIVERED' }).stages.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
    expect(view({ milestone: 'MILESTONE_LABEL_CREATED', scans: [] }).sentence).toBe('Shipped, waiting for SF Express to scan it');
    expect(view({ milestone: 'MILESTONE_LABEL_CREATED', scans: [], shippedAt: '' }).stages.map(({ state }) => state)).toEqual(['todo', 'todo', 'todo', 'todo']);
  });

  it('TRK-04: says when it was promised for, and that it is late before anybody asks; nothing of it once it has come to an end', () => {
    expect(view().promise).toBeNull();
    expect(view({ promisedAt: '2026-11-24T15:59:59.000Z' }).promise).toEqual({ text: 'Expected by Tue 24 Nov', late: false });
    expect(view({ promisedAt: '2026-11-22T10:00:00.000Z' }, 'zh').promise).toEqual({ text: '预计今天送达', late: false });
    const late = { promisedAt: '2026-11-22T07:00:00.000Z' };
    expect(view(late).promise?.late).toBe(true);
    expect(parcelPage(view(late), 'SF')).toContain('<p class="promise late">Later than we promised.');
    for (const milestone of ['MILESTONE_DELIVERED', 'MILESTONE_RETURNED', 'MILESTONE_RETURNING'] as const) expect(view({ ...late, milestone, scans: [] }).promise).toBeNull();
  });

  it('TRK-04: does not call a delivery failed while the courier is out again', () => {
    const failed = scan('MILESTONE_DELIVERY_FAILED', '2026-11-22T03:00:00.000Z');
    const again = scan('MILESTONE_OUT_FOR_DELIVERY', '2026-11-22T05:00:00.000Z');
    expect(view({ milestone: 'MILESTONE_DELIVERY_FAILED', scans: [failed] })).toMatchObject({ tone: 'trouble', sentence: 'The delivery did not work out' });
    expect(view({ milestone: 'MILESTONE_DELIVERY_FAILED', scans: [failed, again] })).toMatchObject({ tone: 'moving', sentence: 'Out for delivery' });
  });

  it('ALC-12: says that it waits in the store, where, and with which code; the code stands nowhere else', () => {
    const pickup = { code: '042137', place: '南山店\n深南大道 1 号' };
    const ready = { milestone: 'MILESTONE_READY_FOR_PICKUP', scans: [scan('MILESTONE_READY_FOR_PICKUP', '2026-11-22T02:00:00.000Z', '')], pickup } as const;
    expect(view(ready)).toMatchObject({ sentence: 'Ready for pickup', next: 'Show the pickup code 042137 in the store: 南山店, 深南大道 1 号' });
    expect(view(ready, 'zh')).toMatchObject({ sentence: '包裹已到店，等您来取', next: '请到店出示取件码 042137。门店：南山店, 深南大道 1 号', pill: '待取件' });
    expect(view(ready).stages.map(({ label, state }) => `${label} ${state}`)).toEqual(['In preparation done', 'In the store done', 'Ready for pickup now', 'Picked up todo']);
    expect(view({ ...ready, pickup: null }).next).toContain('that the carrier has sent you');
    for (const milestone of ['MILESTONE_LABEL_CREATED', 'MILESTONE_DELIVERED', 'MILESTONE_RETURNED'] as const) expect(parcelPage(view({ ...ready, milestone, scans: [] }), 'own')).not.toContain('042137');
    expect(parcelPage(view(ready), 'own')).toContain('042137');
  });

  it('TRK-04: groups scans by the buyer’s day, newest first, those of one second as recorded', () => {
    const same = '2026-11-22T02:00:00.000Z';
    const { days, zone } = view({ scans: [scan('MILESTONE_PICKED_UP', '2026-11-21T10:00:00.000Z', 'a'), scan('MILESTONE_IN_TRANSIT', same, 'b'), scan('MILESTONE_IN_TRANSIT', same, 'c')] });
    expect(days.map(({ label, entries }) => [label, entries.map(({ original, time }) => `${time} ${original}`)])).toEqual([
      ['Today · Sun 22 Nov', ['10:00 c', '10:00 b']],
      ['Yesterday · Sat 21 Nov', ['18:00 a', '16:00 ']],
    ]);
    expect(zone).toBe('All times are Beijing time');
    expect(view({ country: 'US' }).days[0]?.label).toBe('Yesterday · Sat 21 Nov');
    expect(view({ country: 'US' }).zone).toContain('GMT-5');
  });

  it('TRK-04: is under 50 KB with a hundred scans, needs no script, escapes what others wrote, and tells robots to stay out', () => {
    const scans = Array.from({ length: 100 }, (_, n) => scan('MILESTONE_IN_TRANSIT', new Date(Date.UTC(2026, 10, 1) + n * 3_600_000).toISOString(), '快件到达 <b>【深圳转运中心】</b>'));
    for (const language of ['zh', 'en'] as const) {
      const html = parcelPage(view({ scans }, language), '顺丰速运');
      expect(Buffer.byteLength(html)).toBeLessThan(50 * 1024);
      expect(html).not.toMatch(/<script(?! type="application\/ld\+json")|<b>【| src=|@import/);
      expect(html).toContain('noindex');
      expect(html).toContain(`<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">`);
    }
    expect(parcelPage(view(), 'SF')).toContain('龙井 &lt;250g&gt;');
  });

  it('TRK-05: asks what is to become of what could not be delivered, and how it went; says what was answered, in both languages', () => {
    const page = (asks: Partial<PageSubject['asks']>, language: 'zh' | 'en' = 'en'): string => parcelPage(view({ asks: { ...nothing, ...asks } }, language), 'SF');
    expect(page({})).not.toMatch(/<form/);
    const choosing = page({ choosing: true });
    for (const part of ['action="/t/abc/choice?lang=en"', 'value="FORWARD"', 'value="KEEP"', 'value="RETURN"', 'maxlength="300"']) expect(choosing).toContain(part);
    expect(page({ choosing: true }, 'zh')).toContain('转寄到其他地址');
    // What cannot be sealed is not asked for.
    expect(page({ choosing: true, rating: true, writes: false })).not.toMatch(/FORWARD|<textarea/);
    expect(page({ rating: true, embed: true })).toContain('action="/t/abc/feedback?lang=en&amp;embed=1"');
    for (const language of ['zh', 'en'] as const) for (const choice of ['FORWARD', 'KEEP', 'RETURN'] as const) expect(page({ choice }, language)).toContain(words[language].answers.chosen[choice]);
    expect(page({ rated: true }, 'zh')).toContain('谢谢您的评价');
    expect(Buffer.byteLength(page({ choosing: true, rating: true, choice: 'KEEP', rated: true }))).toBeLessThan(50 * 1024);
  });

  it('ORD-12: says where it comes from, each step with the fingerprint of the event that says so, in both languages and only where the shop shows it', () => {
    const event = (stream: string, hash: string) => ({ stream, version: 1, id: randomUUID(), hash: hash.padEnd(64, '0') });
    const steps: readonly ProvenStep[] = [
      { step: 'PLACED', at: '2026-11-20T08:00:00.000Z', detail: '', event: event('order-1', 'a1b2c3d4e5f6') },
      { step: 'RELEASED', at: '2026-11-20T09:00:00.000Z', detail: 'SZ1', event: event('fulfilment-1', 'b') },
      { step: 'PACKED', at: '2026-11-21T07:00:00.000Z', detail: 'SZ1', event: null },
      { step: 'SHIPPED', at: '2026-11-21T08:00:00.000Z', detail: 'sf', event: event('parcel-1', 'c') },
      { step: 'MILESTONE_DELIVERED', at: '2026-11-22T07:00:00.000Z', detail: '<i>深圳', event: event('shipment-sf.SF1', 'd') },
    ];
    const warehouseNames = [{ warehouse: 'SZ1', zh: '深圳', en: 'Shenzhen & {carrier} <b>' }];
    const page = (language: 'zh' | 'en', proven: PageSubject['proven']): string => parcelPage(view({ proven }, language), 'SF Express');
    const english = page('en', { steps, warehouseNames });
    for (const part of ['Where it comes from', 'Order placed', 'Being prepared in Shenzhen &amp; {carrier} &lt;b&gt;', 'Handed to SF Express', 'Delivered · &lt;i&gt;深圳', '<code>a1b2 c3d4 e5f6</code>', 'href="/t/abc/provenance.json" download="provenance-SF1400000000001.json"', 'Fri 20 Nov 16:00']) expect(english).toContain(part);
    // Of what it was not kept which event said so, no fingerprint is made up.
    expect(english.match(/<code>/g)).toHaveLength(4);
    expect(english).not.toMatch(/SZ1|<script(?! type="application\/ld\+json")/);
    const chinese = page('zh', { steps, warehouseNames: [] });
    for (const part of ['来源与经过', '已下单', '由商家仓库备货', '已打包', '已交给SF Express', '已签收', '下载完整记录']) expect(chinese).toContain(part);
    for (const language of ['zh', 'en'] as const) expect(page(language, null)).not.toMatch(/来源与经过|Where it comes from|provenance/);
    // As many steps as there may be (20 orders in one parcel) beside a hundred scans.
    const scans = Array.from({ length: 100 }, (_, n) => scan('MILESTONE_IN_TRANSIT', new Date(Date.UTC(2026, 10, 1) + n * 3_600_000).toISOString(), '快件到达 <b>【深圳转运中心】</b>'));
    const most = [...Array.from({ length: 20 }, () => [steps[0]!, { ...steps[0]!, step: 'PAID' as const }]).flat(), ...steps.slice(1), ...Array.from({ length: 9 }, () => steps[4]!)];
    for (const language of ['zh', 'en'] as const) expect(Buffer.byteLength(parcelPage(view({ scans, proven: { steps: most, warehouseNames } }, language), '顺丰速运'))).toBeLessThan(50 * 1024);
  });

  it('TRK-04: in a frame of the shop it has no head of its own, and every link and form stays in the frame', () => {
    const embedded = parcelPage(view({ asks: { ...nothing, embed: true } }), 'SF');
    expect(embedded).toContain('<body class=embed>');
    expect(embedded).toContain('href="?lang=zh&amp;embed=1"');
    expect(parcelPage(view(), 'SF')).not.toContain('embed=1');
  });

  it('TRK-04: only whom the shop names may show a page in a frame, and none that was not asked for as one', async () => {
    const { ctx, unit } = memory('2026-11-30T08:00:00.000Z');
    const policy = async (embed: string | undefined): Promise<string> => {
      const headers = new Map<string, string>();
      const reply = { status: () => reply, header: (name: string, value: string) => (headers.set(name, value), reply), send: () => undefined };
      html(reply, 200, 'en', await framedBy(ctx, embed));
      return headers.get('content-security-policy')!.split('; ').at(-1)!;
    };
    expect([await policy(undefined), await policy('1')]).toEqual(["frame-ancestors 'none'", "frame-ancestors 'none'"]);
    unit.run(buyerSettings, BUYERS, { type: 'PutBuyerSettings', data: { notices: ['READY_FOR_PICKUP'], embedIn: ['https://shop.example', 'https://www.shop.example'], provenance: false, warehouseNames: [], at: '', by: '' } });
    expect([await policy('1'), await policy(undefined), await policy('0')]).toEqual(['frame-ancestors https://shop.example https://www.shop.example', "frame-ancestors 'none'", "frame-ancestors 'none'"]);
  });

  it('TRK-04: takes the language that was chosen, else the browser’s, else the order’s', () => {
    expect(languageFor('en', 'zh-CN', 'zh')).toBe('en');
    expect(languageFor(undefined, 'fr;q=0.9, en-GB;q=0.4, zh-TW;q=0.8', 'en')).toBe('zh');
    expect(languageFor('xx', 'fr', 'zh')).toBe('zh');
    expect(languageFor(undefined, undefined, 'en')).toBe('en');
  });
});
