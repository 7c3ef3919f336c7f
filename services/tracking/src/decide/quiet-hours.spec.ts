import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { consent } from './consent.decider.js';
import { notice } from './notice.decider.js';
import type { Notice, NoticeEvent } from './notice.events.js';
import { quietUntil, toQuietHours } from './quiet-hours.js';

describe('TRK-05: quiet hours', () => {
  const night = { from: 22, to: 8 };
  it.each([
    ['22-8', night], ['13-15', { from: 13, to: 15 }], ['8-8', undefined], ['24-8', undefined], ['night', undefined], ['', undefined],
  ])('"%s" is %j', (text, expected) => expect(toQuietHours(text)).toEqual(expected));
  it.each([
    ['CN', '2026-11-29T14:00:00.000Z', '2026-11-30T00:00:00.000Z'], // 22:00 in Beijing
    ['CN', '2026-11-29T23:59:59.999Z', '2026-11-30T00:00:00.000Z'],
    ['CN', '2026-11-30T00:00:00.000Z', undefined],
    ['', '2026-11-29T15:00:00.000Z', '2026-11-30T00:00:00.000Z'], // nobody said where: Beijing's
    ['US', '2026-11-29T14:00:00.000Z', undefined], // 9 in New York
    ['US', '2026-11-30T04:10:00.000Z', '2026-11-30T13:00:00.000Z'],
    ['IN', '2026-11-29T17:00:00.000Z', '2026-11-30T02:30:00.000Z'], // half an hour off
    ['US', '2026-03-08T04:00:00.000Z', '2026-03-08T12:00:00.000Z'], // the night without two o'clock
    ['US', '2026-11-01T03:00:00.000Z', '2026-11-01T13:00:00.000Z'], // the night with it twice
  ])('in "%s" at %s end at %s', (country, now, until) => expect(quietUntil(night, country, now)).toBe(until));
  it('may be in the middle of the day', () => expect([quietUntil({ from: 13, to: 15 }, 'CN', '2026-11-29T05:30:00.000Z'), quietUntil({ from: 13, to: 15 }, 'CN', '2026-11-29T07:00:00.000Z')]).toEqual(['2026-11-29T07:00:00.000Z', undefined]));
});

describe('TRK-05: a notice at night, and one that nobody wants', () => {
  const data: Notice = { noticeId: 'n', parcelId: 'p', foId: 'f', kind: 'SHIPPED', medium: 'SMS', to: 'sealed', language: 'zh', carrier: 'sf', waybill: 'SF1', number: '#1', occurredAt: '2026-11-29T14:00:00.000Z' };
  const { given } = specify(notice);
  const until = '2026-11-30T00:00:00.000Z';
  const requested: NoticeEvent = { type: 'NoticeRequested', data };
  const postponed: NoticeEvent = { type: 'NoticePostponed', data: { noticeId: 'n', until } };
  const due: NoticeEvent = { type: 'NoticeDue', data: { noticeId: 'n', at: until } };
  const attempted: NoticeEvent = { type: 'NoticeAttempted', data: { noticeId: 'n', attempt: 1, at: until } };
  const declined: NoticeEvent = { type: 'NoticeSettled', data: { parcelId: 'p', foId: 'f', noticeId: 'n', kind: 'SHIPPED', medium: 'SMS', outcome: 'OPTED_OUT' } };
  const attempt = { type: 'Attempt', data: { at: until } } as const;
  const postpone = { type: 'Postpone', data: { until } } as const;

  it('is postponed once, not written before the night is over, and then', () => {
    given(requested).when(postpone).then(postponed);
    given(requested, postponed).when(postpone).thenNothing();
    given(requested, postponed).when(attempt).thenNothing();
    given(requested, postponed).when({ type: 'Wake', data: { at: '2026-11-29T23:59:59.999Z' } }).thenNothing();
    given(requested, postponed).when({ type: 'Wake', data: { at: until } }).then(due);
    given(requested, postponed, due).when({ type: 'Wake', data: { at: until } }).thenNothing();
    given(requested, postponed, due).when(attempt).then(attempted);
  });
  it('that was tried is tried to its end, whatever the hour', () => given(requested, attempted).when(postpone).thenNothing());
  it('is settled as declined, unless it was on its way', () => {
    given(requested).when({ type: 'Decline', data: {} }).then(declined);
    given(requested, attempted).when({ type: 'Decline', data: {} }).thenNothing();
    given(requested, declined).when(attempt).thenNothing();
  });
});

describe('TRK-05: consent', () => {
  const { given } = specify(consent);
  const at = '2026-11-29T14:00:00.000Z';
  const [out, back] = [{ type: 'OptedOut', data: { at } }, { type: 'OptedIn', data: { at } }] as const;
  it('is withdrawn and given again, each once', () => {
    given().when({ type: 'OptOut', data: { at } }).then(out);
    given(out).when({ type: 'OptOut', data: { at } }).thenNothing();
    given(out).when({ type: 'OptIn', data: { at } }).then(back);
    given().when({ type: 'OptIn', data: { at } }).thenNothing();
    given(out, back).when({ type: 'OptOut', data: { at } }).then(out);
  });
});
