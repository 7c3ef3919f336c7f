import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { digest, isDigest } from './digest.js';
import { meaningOf } from './op-codes.js';
import { readAnswer, readPush } from './routes.js';
import { sf } from './sf.http.js';

const fixture = (name: string): string => readFileSync(`services/tracking/src/sources/sf/fixtures/${name}`, 'utf8');
const route = (over: object = {}) => ({ id: '1', mailno: 'SF1400000000001', orderid: 'p', acceptTime: '2026-11-21 18:00:00', acceptAddress: '深圳市', opCode: '50', remark: '顺丰速运 已收取快件', reasonCode: '', ...over });
const push = (...routes: readonly unknown[]): string => JSON.stringify({ Body: { WaybillRoute: routes } });

describe('SF as a source', () => {
  it('TRK-01: its digest is the one of the vendor’s example', () => {
    const vector = JSON.parse(fixture('sign-vectors.json')) as { msgData: string; timestamp: string; checkword: string; expect: string };
    const checkword = vector.checkword.replace(/^\(.*\) /, '');
    expect(digest(vector.msgData, vector.timestamp, checkword)).toBe(vector.expect);
    expect(isDigest(vector.expect, vector.msgData, vector.timestamp, checkword)).toBe(true);
    for (const wrong of ['', 'x', vector.expect.toLowerCase()]) expect(isDigest(wrong, vector.msgData, vector.timestamp, checkword)).toBe(false);
  });

  it.each([
    ['50', '顺丰速运 已收取快件', '', 'MILESTONE_PICKED_UP'],
    ['54', '', '', 'MILESTONE_PICKED_UP'],
    ['30', '快件在【深圳】完成分拣', '', 'MILESTONE_IN_TRANSIT'],
    ['36', '快件在运输途中', '', 'MILESTONE_IN_TRANSIT'],
    ['44', '正在分配快递员', '', 'MILESTONE_IN_TRANSIT'],
    ['44', '快件交给快递员,正在派送途中', '', 'MILESTONE_OUT_FOR_DELIVERY'],
    ['204', '正在派送途中', '', 'MILESTONE_OUT_FOR_DELIVERY'],
    ['80', '已签收,感谢使用顺丰', '', 'MILESTONE_DELIVERED'],
    ['80', '快件已派送至【丰巢自助柜】,请及时取件', '', 'MILESTONE_READY_FOR_PICKUP'],
    ['80', '快件已派送至菜鸟驿站', '', 'MILESTONE_READY_FOR_PICKUP'],
    ['80', '已从丰巢取出并签收', '', 'MILESTONE_DELIVERED'],
    ['106', '快件清关中', '', 'MILESTONE_CUSTOMS'],
    ['105', '已到达', '205', 'MILESTONE_CUSTOMS'],
    ['70', '派送不成功', '', 'MILESTONE_DELIVERY_FAILED'],
    ['648', '', '', 'MILESTONE_RETURNING'],
    ['8000', '在官网"运单资料&签收图",可查看签收人信息', '', 'MILESTONE_UNSPECIFIED'],
  ])('TRK-01: opCode %s with "%s" %s says %s', (code, text, secondary, milestone) => expect(meaningOf(code, text, secondary)).toEqual({ milestone, known: true }));

  it('TRK-01: a code that nobody knows stays unknown, whatever its text promises', () =>
    expect(meaningOf('7777', '已签收')).toEqual({ milestone: 'MILESTONE_UNSPECIFIED', known: false }));

  it('TRK-01: the vendor’s answer becomes a scan in UTC', () => {
    expect(readAnswer(fixture('routes-answer.json'))).toEqual([
      { carrier: 'sf', waybill: 'SF7444471039325', scan: { scanId: expect.any(String), occurredAt: '2023-09-15T07:46:15.000Z', code: '50', text: '顺丰速运 已收取快件', place: '深圳市', milestone: 'MILESTONE_PICKED_UP', known: true } },
    ]);
  });

  it('TRK-01: a scan is the same scan whether it was pushed or asked for, and another one if anything in it differs', () => {
    const asked = (over: object = {}): string =>
      JSON.stringify({ apiResultCode: 'A1000', apiErrorMsg: '', apiResultData: JSON.stringify({ success: true, errorCode: 'S0000', msgData: { routeResps: [{ mailNo: 'SF1400000000001', routes: [{ ...route(), secondaryStatusCode: '101', ...over }] }] } }) });
    const idOf = (sightings: ReturnType<typeof readPush>): string => (sightings[0] && 'scan' in sightings[0] ? sightings[0].scan.scanId : '');
    const pushed = idOf(readPush(push(route())));
    expect(idOf(readAnswer(asked()))).toBe(pushed);
    for (const other of [{ acceptTime: '2026-11-21 18:00:01' }, { opCode: '54' }, { remark: '已收取' }]) expect(idOf(readAnswer(asked(other)))).not.toBe(pushed);
  });

  it('TRK-01: one entry that cannot be read does not cost the others', () => {
    const read = readPush(push(route({ acceptTime: 'yesterday' }), route(), 'nonsense', route({ opCode: null })));
    expect(read.map((one) => ('scan' in one ? one.scan.code : one.unreadable.replace(/^"yesterday".*/, 'time')))).toEqual(['time', '50', 'not a route', 'no opCode']);
  });

  it('refuses what is not a list of routes, and an answer that is a refusal', () => {
    for (const body of ['', '[]', '{"Body":{}}']) expect(() => readPush(body)).toThrow(expect.objectContaining({ reason: 'BAD_JSON' }));
    expect(() => readAnswer('{"apiResultCode":"A1006","apiErrorMsg":"数字签名无效","apiResultData":""}')).toThrow(expect.objectContaining({ reason: 'UNAVAILABLE' }));
  });

  it('TRK-01: takes a push with the right digest alone', () => {
    const config = { FLOTILLA_SF_URL: 'http://sf.test', FLOTILLA_SF_PARTNER_ID: 'p', FLOTILLA_SF_CHECKWORD: 'secret' };
    const source = sf.connect({ config, outside: { fetch: () => Promise.reject(new Error('not asked')), broken: () => false }, now: () => new Date(0), callback: '' })!;
    const body = (checkword: string): Uint8Array => {
      const msgData = push(route({ remark: '空 格*~(!)' }));
      return Buffer.from(new URLSearchParams({ msgData, timestamp: '1', msgDigest: digest(msgData, '1', checkword) }).toString());
    };
    expect(source.push(body('secret'), {})).toHaveLength(1);
    expect(() => source.push(body('other'), {})).toThrow(expect.objectContaining({ reason: 'BAD_SIGNATURE' }));
    expect(() => source.push(Buffer.from('msgData={}'), {})).toThrow(expect.objectContaining({ reason: 'BAD_SIGNATURE' }));
  });
});
