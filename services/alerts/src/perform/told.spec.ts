import { describe, expect, it } from '@jest/globals';
import type { Message } from '../decide/message.decider.js';
import type { ChannelManifest } from './channels/channel.js';
import { fits, toTold, withoutPersonal } from './told.js';

const item = (rule: string, subjectId: string) => ({ incidentId: subjectId, rule, subjectKind: 'SKU', subjectId, detail: 'count the shelf', detailZh: '请盘点货架', raisedAt: '2026-11-29T08:00:00.000Z', level: 0 });
const message: Message = { messageId: 'm', target: 'chat', severity: 'CRITICAL', items: [item('sku-frozen', 'SKU-1'), item('warehouse-out', 'WH-1'), item('sku-frozen', 'SKU-2')], more: 7, requestedAt: '2026-11-29T08:00:00.000Z' };

describe('ALR-02: what is said', () => {
  it('is one headline and a section per rule, in the target’s language', () => {
    const chinese = toTold(message, 0, 'zh');
    expect(chinese.headline).toBe('【严重告警】SKU 冻结、仓库熔断，共 10 条');
    expect(chinese.sections.map(({ title, items }) => [title, items.map(({ subjectId, detail }) => `${subjectId} ${detail}`)])).toEqual([['SKU 冻结', ['SKU-1 请盘点货架', 'SKU-2 请盘点货架']], ['仓库熔断', ['WH-1 请盘点货架']]]);
    const english = toTold({ ...message, items: message.items.slice(0, 1), more: 0 }, 2, 'en');
    expect([english.headline, english.sections[0]?.items[0]?.detail, english.refusals]).toEqual(['[Critical] SKU frozen: 1 incident', 'count the shelf', 2]);
    const unlisted = { ...message, items: [] };
    expect([toTold(unlisted, 0, 'zh').headline, toTold(unlisted, 0, 'en').headline]).toEqual(['【严重告警】见控制台，共 7 条', '[Critical] see the console: 7 incidents']);
  });
  it('names nobody: phones, addresses and who is in charge are masked, numbers and times are not', () => {
    expect(withoutPersonal('call +86 138 0013 8000 or maria.lopez@example.org')).toBe('call *** 8000 or ***');
    expect(withoutPersonal('3 deliveries in a row were late; no orders until 2026-11-29T08:00:00.000Z. In charge: Chen Wei')).toBe('3 deliveries in a row were late; no orders until 2026-11-29T08:00:00.000Z. In charge: C***');
    expect(withoutPersonal('连续 3 单送达超时，2026-11-29T08:00:00.000Z 前不再派单。负责人：陈伟 13800138000')).toBe('连续 3 单送达超时，2026-11-29T08:00:00.000Z 前不再派单。负责人：陈***');
    expect(withoutPersonal('In charge: nobody is named; import the warehouse with a contact')).toBe('In charge: nobody is named; import the warehouse with a contact');
    expect(withoutPersonal('parcel SF1400000000001 of 12 pieces')).toBe('parcel SF1400000000001 of 12 pieces');
  });
  it('ORD-13: a ticket holds both languages and names nobody', () => {
    const change = { kind: 'acknowledged', sequence: 2, at: '2026-11-29T08:09:00.000Z', level: 1, acknowledgedBy: 'mei@example.org', acknowledgedAt: '2026-11-29T08:09:00.000Z', orders: [{ orderId: 'o', channel: 'woo-eu', channelOrderId: '4321876543210987' }] } as const;
    const asked = { ...item('warehouse-out', 'WH-1'), detail: 'In charge: Chen Wei', detailZh: '负责人：陈伟 13800138000' };
    const { ticket } = toTold({ ...message, items: [asked], more: 0, change }, 0, 'zh');
    expect(ticket).toEqual({ ...change, acknowledgedBy: '***', incidentId: 'WH-1', rule: 'warehouse-out', subjectKind: 'SKU', subjectId: 'WH-1', title: { zh: '仓库熔断', en: 'warehouse out' }, detail: { zh: '负责人：陈***', en: 'In charge: C***' }, raisedAt: '2026-11-29T08:00:00.000Z' });
    expect(toTold(message, 0, 'zh')).not.toHaveProperty('ticket');
    // A ticket's end is no alarm, and an alarm is no ticket: what waits for a target of another kind is given up.
    const [chat, desk] = [false, true].map((tickets) => ({ tickets }) as ChannelManifest);
    expect([fits(message, chat!), fits(message, desk!), fits({ ...message, change }, chat!), fits({ ...message, change }, desk!)]).toEqual([true, false, false, true]);
  });
});
