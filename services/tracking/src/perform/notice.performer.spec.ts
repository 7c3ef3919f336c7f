import { describe, expect, it } from '@jest/globals';
import type { Meta } from '@flotilla/event-store';
import { notTaken, type Handed } from '@flotilla/notify';
import type { ServicePerformer } from '@flotilla/service-kit';
import { memory } from '../../spec/memory.js';
import { consent } from '../decide/consent.decider.js';
import { notice } from '../decide/notice.decider.js';
import type { Notice, NoticeEvent } from '../decide/notice.events.js';
import { noticePerformer } from './notice.performer.js';

const at = '2026-11-29T08:00:00.000Z';
const noticeId = '6f40ad60-3c60-5b7a-8b6d-5f4f0a0c1e21';
const unknown: Handed = { accepted: false, certain: false, final: false, detail: 'HTTP 502' };

const world = (medium: Notice['medium'], address = medium === 'SMS' ? '+8613800138000' : 'buyer@example.org') => {
  const made = memory(at);
  const to = made.seal('buyer', medium === 'SMS' ? 'phone' : 'email', address);
  const asked: Notice = { noticeId, parcelId: 'p', foId: 'f', kind: 'SHIPPED', medium, to, language: 'zh', carrier: 'sf', waybill: 'SF1400000000001', number: '#1', occurredAt: at };
  made.unit.run(notice, noticeId, { type: 'Request', data: asked });
  const refusals: number[] = [];
  const performer = noticePerformer(made.ctx, {
    mailer: made.mailer, quiet: undefined, linkOf: () => 'https://t.example/t/abc', stopLinkOf: () => 'https://t.example/o/abc', codeOf: () => '042137',
    texter: (_notice, _phone, _words, count) => {
      refusals.push(count);
      return Promise.resolve(made.outcomes.shift() ?? { accepted: true });
    },
  });
  const attempt = (): Promise<void> => performer.perform({ payload: { noticeId } } as unknown as Parameters<ServicePerformer['perform']>[0], {} as Meta).catch((error: Error) => expect(error.name).toBe('TryAgain'));
  const settled = (): readonly string[] => made.unit.of<Extract<NoticeEvent, { type: 'NoticeSettled' }>['data']>('NoticeSettled').map(({ outcome }) => outcome);
  return { ...made, refusals, attempt, settled };
};

describe('TRK-05: writing to a buyer', () => {
  it('a text whose answer was lost goes again under the same nonce, one that was refused under another', async () => {
    for (const [first, second] of [[unknown, 0], [notTaken('isv.BUSINESS_LIMIT_CONTROL'), 1]] as const) {
      const { outcomes, attempt, refusals, settled } = world('SMS');
      outcomes.push(first);
      await attempt();
      await attempt();
      expect([refusals, settled()]).toEqual([[0, second], ['ACCEPTED']]);
    }
  });
  it('ING-16: a buyer whom the platform masks is left to the platform: nothing is sent to asterisks', async () => {
    const masked = world('SMS', '*******0000');
    await masked.attempt();
    await masked.attempt();
    expect([masked.refusals, masked.settled()]).toEqual([[], ['LEFT_TO_PLATFORM']]);
  });
  it('one that opts out before the first try is not written to; after it the notice is tried to its end and settled', async () => {
    const before = world('EMAIL');
    before.unit.run(consent, 'buyer', { type: 'OptOut', data: { at } });
    await before.attempt();
    expect([before.mails.length, before.settled()]).toEqual([0, ['OPTED_OUT']]);
    const between = world('EMAIL');
    between.outcomes.push(notTaken('451'));
    await between.attempt();
    between.unit.run(consent, 'buyer', { type: 'OptOut', data: { at } });
    await between.attempt();
    expect([between.mails.length, between.settled()]).toEqual([2, ['ACCEPTED']]);
  });
});
