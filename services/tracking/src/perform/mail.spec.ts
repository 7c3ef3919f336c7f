import { expect, it } from '@jest/globals';
import { kinds, type Notice } from '../decide/notice.events.js';
import { toMail } from './mail.js';

const notice: Notice = {
  noticeId: '6f40ad60-3c60-5b7a-8b6d-5f4f0a0c1e21', parcelId: 'p', foId: 'f', kind: 'SHIPPED', medium: 'EMAIL', to: 'sealed', language: 'en', carrier: 'sf', waybill: 'SF1400000000001', number: '#1001<', occurredAt: '2026-11-21T08:00:00.000Z',
};

it('TRK-05: a mail says what happened in the buyer’s language, leads to the page, and is the same message when sent again', () => {
  const english = toMail(notice, 'SF Express', 'https://t.example/t/abc');
  expect(english.subject).toBe('Your order #1001< is on its way');
  expect(english.text).toContain('https://t.example/t/abc');
  expect(english.html).toContain('#1001&#60;');
  expect(english.html).not.toContain('#1001<');
  expect(english.messageId).toBe('<6f40ad60-3c60-5b7a-8b6d-5f4f0a0c1e21@notices.flotilla>');
  expect(toMail(notice, 'SF Express', 'https://t.example/t/abc')).toEqual(english);
  for (const kind of kinds) expect(toMail({ ...notice, kind, language: 'zh' }, '顺丰速运', 'https://t.example/t/abc').subject).toMatch(/^您的订单 #1001< /);
});

it('TRK-05: before a carrier has it a mail names none', () => {
  for (const language of ['zh', 'en'] as const) {
    const mail = toMail({ ...notice, kind: 'ACCEPTED', parcelId: '', carrier: '', waybill: '', language }, '', 'https://t.example/track');
    expect(mail.text + mail.html!).not.toMatch(/运单号|Waybill/);
    expect(mail.text).toContain('https://t.example/track');
  }
});

it('TRK-05: a mail says how to end such mails, for people and for mail programs', () => {
  const stop = 'https://t.example/o/xyz?a=1&b=2';
  const mail = toMail(notice, 'SF Express', 'https://t.example/t/abc', undefined, stop);
  expect([mail.unsubscribe, mail.text.includes(`Stop these messages: ${stop}`), mail.html!.includes('https://t.example/o/xyz?a=1&#38;b=2')]).toEqual([stop, true, true]);
  expect(toMail({ ...notice, language: 'zh' }, '顺丰速运', 'https://t.example/t/abc', undefined, stop).text).toContain('不再接收包裹通知');
});

it('ALC-12: ready for pickup names the code and the store, in both languages', () => {
  const collecting = { code: '042137', place: '南山店 <1>\n深南大道 1 号' };
  const english = toMail({ ...notice, kind: 'READY_FOR_PICKUP' }, 'Shop delivery', 'https://t.example/t/abc', collecting);
  expect(english.subject).toBe('Your order #1001< is ready for pickup');
  expect(english.text).toContain('Pickup code: 042137\nStore: 南山店 <1>, 深南大道 1 号\n');
  expect(english.html).toContain('南山店 &#60;1&#62;, 深南大道 1 号');
  const chinese = toMail({ ...notice, kind: 'READY_FOR_PICKUP', language: 'zh' }, '自营配送', 'https://t.example/t/abc', collecting);
  expect(chinese.subject).toBe('您的订单 #1001< 可以自提了');
  expect(chinese.text).toContain('取件码: 042137');
});
