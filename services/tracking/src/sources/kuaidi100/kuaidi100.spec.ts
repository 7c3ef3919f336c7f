import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readAnswer, readPush, readSubscription } from './results.js';
import { isSign, sign } from './sign.js';
import { meaningOf } from './states.js';

const param = readFileSync('services/tracking/src/sources/kuaidi100/fixtures/push.json', 'utf8').trim();
const scans = (json: string) => readPush(json).map((one) => ('scan' in one ? [one.scan.occurredAt, one.scan.milestone, one.scan.place] : [one.unreadable]));

describe('Kuaidi100 as a source', () => {
  it('TRK-01: signs with upper-case MD5 of the parts, and believes nothing else', () => {
    // echo -n 'abc' | md5sum
    expect(sign('a', 'b', 'c')).toBe('900150983CD24FB0D6963F7D28E17F72');
    expect(isSign('900150983cd24fb0d6963f7d28e17f72', 'abc')).toBe(true);
    for (const wrong of ['', 'x', sign('abd')]) expect(isSign(wrong, 'abc')).toBe(false);
  });
  it('TRK-01: reads a push oldest first, in Beijing’s time, by the scans’ own codes, without people', () => {
    expect(scans(param)).toEqual([
      ['2026-11-28T02:01:20.000Z', 'MILESTONE_PICKED_UP', '浙江,杭州市'],
      ['2026-11-28T13:30:20.000Z', 'MILESTONE_IN_TRANSIT', '广东,广州市'],
      ['2026-11-29T02:31:47.000Z', 'MILESTONE_OUT_FOR_DELIVERY', '广东,深圳市'],
    ]);
    expect(readPush(param).every(({ carrier, waybill }) => carrier === 'zto' && waybill === '76123456789012')).toBe(true);
    expect(JSON.stringify(readPush(param))).not.toMatch(/王小明|13900001111/);
  });
  it('TRK-01: without codes only the newest scan has the parcel’s state', () => {
    const bare = JSON.parse(param) as { lastResult: { data: { statusCode?: string }[] } };
    for (const one of bare.lastResult.data) delete one.statusCode;
    expect(scans(JSON.stringify(bare)).map(([, milestone]) => milestone)).toEqual(['MILESTONE_UNSPECIFIED', 'MILESTONE_UNSPECIFIED', 'MILESTONE_OUT_FOR_DELIVERY']);
  });
  it.each([
    ['1', 'MILESTONE_PICKED_UP'], ['102', 'MILESTONE_UNSPECIFIED'], ['0', 'MILESTONE_IN_TRANSIT'], ['1001', 'MILESTONE_IN_TRANSIT'], ['5', 'MILESTONE_OUT_FOR_DELIVERY'], ['501', 'MILESTONE_READY_FOR_PICKUP'],
    ['304', 'MILESTONE_DELIVERED'], ['14', 'MILESTONE_DELIVERY_FAILED'], ['2', 'MILESTONE_EXCEPTION'], ['13', 'MILESTONE_EXCEPTION'], ['6', 'MILESTONE_RETURNING'], ['4', 'MILESTONE_RETURNED'], ['11', 'MILESTONE_CUSTOMS'],
  ])('TRK-01: state %s says %s', (state, milestone) => expect(meaningOf(state)).toEqual({ milestone, known: true }));
  it('TRK-01: a state that nobody knows stays unknown', () => expect(meaningOf('999')).toEqual({ milestone: 'MILESTONE_UNSPECIFIED', known: false }));
  it('TRK-01: one odd scan costs the others nothing; a carrier that is none of ours is kept as unreadable', () => {
    const odd = { ...(JSON.parse(param) as object), lastResult: { nu: 'X1234', com: 'zhongtong', state: '0', data: [{ time: '2026-11-31 10:00:00', context: 'x' }, 'nonsense', { time: '2026-11-28 10:00:00', context: 'y' }] } };
    expect(scans(JSON.stringify(odd)).map(([first]) => first)).toEqual(['2026-11-28T02:00:00.000Z', 'not a scan', expect.stringContaining('does not exist')]);
    expect(readPush(JSON.stringify({ status: 'polling', lastResult: { nu: 'X1234', com: 'unheardof', data: [] } }))).toMatchObject([{ waybill: '', unreadable: expect.stringContaining('unheardof') }]);
    expect(readPush('{"status":"abort","message":"3天查询无记录"}')).toEqual([]);
    for (const bad of ['', '[]', '{"lastResult":5}']) expect(() => readPush(bad)).toThrow(expect.objectContaining({ reason: 'BAD_JSON' }));
  });
  it('TRK-01: an answer has the scans of the push under the same ids; no result is none, a no is an error', () => {
    expect(readAnswer(JSON.stringify((JSON.parse(param) as { lastResult: object }).lastResult))).toEqual(readPush(param));
    expect(readAnswer('{"result":false,"returnCode":"500","message":"查询无结果"}')).toEqual([]);
    expect(() => readAnswer('{"result":false,"returnCode":"503","message":"验证签名失败"}')).toThrow(expect.objectContaining({ reason: 'UNAVAILABLE' }));
    expect([readSubscription('{"result":true,"returnCode":"200"}'), readSubscription('{"result":false,"returnCode":"501"}'), readSubscription('{"result":false,"returnCode":"701"}')]).toEqual(['there', 'there', 'impossible']);
    expect(() => readSubscription('{"result":false,"returnCode":"600"}')).toThrow(expect.objectContaining({ reason: 'UNAVAILABLE' }));
  });
});
