import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, type tracking } from '@flotilla/contracts';
import { fold } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import fc from 'fast-check';
import { mostAttempts, notice, type NoticeCommand } from './notice.decider.js';
import type { Notice, NoticeEvent } from './notice.events.js';

const golden = JSON.parse(readFileSync('proto/golden/flotilla.tracking.v1.NoticeSettled.json', 'utf8')) as tracking.NoticeSettled;
const { outcome: _outcome, ...head } = golden;
const data = { ...head, to: 'sealed.v1.s.email.x', language: 'zh', carrier: 'sf', waybill: 'SF1400000000001', number: '#1001', occurredAt: '2026-11-22T05:00:00.000Z' } as Notice;
const at = '2026-11-22T05:00:02.000Z';
const requested: NoticeEvent = { type: 'NoticeRequested', data };
const attempted = (attempt: number): NoticeEvent => ({ type: 'NoticeAttempted', data: { noticeId: data.noticeId, attempt, at } });
const failed = (attempt: number, certain: boolean, final = false): NoticeEvent => ({ type: 'NoticeAttemptFailed', data: { noticeId: data.noticeId, attempt, certain, final, detail: '451' } });
const settled = (outcome: string): NoticeEvent => ({ type: 'NoticeSettled', data: { ...head, outcome } });
const fail = (certain: boolean, final = false) => ({ type: 'Fail', data: { certain, final, detail: '451' } }) as const;
const attempt = { type: 'Attempt', data: { at } } as const;
const { given } = specify(notice);

describe('a notice', () => {
  it('TRK-05: accepted by the provider, as the contract’s golden example says', () => {
    given(requested, attempted(1)).when({ type: 'Accept', data: {} }).then({ type: 'NoticeSettled', data: golden });
    expect(parseMessage('flotilla.tracking.v1.NoticeSettled', golden)).toEqual(golden);
  });

  it('TRK-05: is asked for once', () => {
    given().when({ type: 'Request', data }).then(requested);
    given(requested).when({ type: 'Request', data }).thenNothing();
  });

  it('TRK-05: without an address it is settled at once, for all to see', () =>
    given().when({ type: 'Request', data: { ...data, to: '' } }).then({ type: 'NoticeRequested', data: { ...data, to: '' } }, settled('NO_ADDRESS')));

  it('TRK-05: is tried once more after a refusal that may pass, then failed', () => {
    given(requested, attempted(1)).when(fail(true)).then(failed(1, true));
    given(requested, attempted(1), failed(1, true)).when(attempt).then(attempted(2));
    given(requested, attempted(1), failed(1, true), attempted(2)).when(fail(true)).then(failed(2, true), settled('FAILED'));
  });

  it('TRK-05: is not tried again where that would be in vain', () =>
    given(requested, attempted(1)).when(fail(true, true)).then(failed(1, true, true), settled('FAILED')));

  it('TRK-05: where nobody knows whether the provider took it, it ends as unknown', () => {
    given(requested, attempted(1), failed(1, false), attempted(2)).when(fail(true)).then(failed(2, true), settled('UNKNOWN'));
    given(requested, attempted(1), attempted(2)).when(attempt).then(settled('UNKNOWN'));
  });

  it('says nothing more once it is settled', () => {
    given(requested, attempted(1), settled('ACCEPTED')).when(attempt).thenNothing();
    given(requested, attempted(1), settled('ACCEPTED')).when(fail(false)).thenNothing();
    given(requested, settled('NO_ADDRESS')).when({ type: 'NoAddress', data: {} }).thenNothing();
  });
});

it('TRK-05: whatever happens and whenever the process dies, nobody is written to more than twice and one outcome stands', () => {
  const commands = fc.array(fc.constantFrom<NoticeCommand>({ type: 'Request', data }, attempt, { type: 'Accept', data: {} }, fail(true), fail(false), fail(true, true), { type: 'NoAddress', data: {} }));
  fc.assert(
    fc.property(commands, (all) => {
      const log: NoticeEvent[] = [];
      for (const command of all) log.push(...notice.decide(command, fold(notice, log)));
      expect(log.filter(({ type }) => type === 'NoticeAttempted').length).toBeLessThanOrEqual(mostAttempts);
      expect(log.filter(({ type }) => type === 'NoticeSettled').length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 300 },
  );
});
