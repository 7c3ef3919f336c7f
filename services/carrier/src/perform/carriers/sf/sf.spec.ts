import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { isNumberOf, type Party } from '../carrier.js';
import { manifest } from './manifest.js';
import { digest, javaUrlEncode } from './sf.digest.js';
import { sfAccount } from './sf.http.js';
import { readCancelled, readCreated, readFound, readReply, toCancelOrder, toCreateOrder } from './sf.messages.js';

const fixture = (name: string): Record<string, unknown> => JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')) as Record<string, unknown>;
const answered = (errorCode: string, msgData: unknown = null, success = errorCode === 'S0000'): ReturnType<typeof readReply> =>
  readReply(JSON.stringify({ apiResultCode: 'A1000', apiErrorMsg: '', apiResultData: JSON.stringify({ success, errorCode, errorMsg: '说明', msgData }) }));
const bought = { orderId: 'x', filterResult: 2, originCode: '755', destCode: '010', waybillNoInfoList: [{ waybillType: 2, waybillNo: 'SF7444471039326' }, { waybillType: 1, waybillNo: 'SF7444471039325' }] };

describe('SF’s digest', () => {
  it('is that of the vendor’s example', () => {
    const vector = fixture('digest.json') as Record<'msgData' | 'timestamp' | 'checkword' | 'expect', string>;
    expect(digest(vector.msgData, vector.timestamp, vector.checkword.replace(/^\(doc sample\) /, ''))).toBe(vector.expect);
  });

  it('encodes as Java does: space is +, * and . and - and _ stay, ~ and ! and quotes and brackets do not', () =>
    expect(javaUrlEncode("a b*c.d-e_f~g!h'i(j)k中")).toBe('a+b*c.d-e_f%7Eg%21h%27i%28j%29k%E4%B8%AD'));
});

describe('SF’s messages', () => {
  const party: Party = { name: '张三丰', phone: '13800000000', company: '', country: 'CN', province: '湖北省', city: '襄阳市', district: '襄城区', postcode: '441000', street: '环城东路122号' };
  const order = toCreateOrder({ reference: 'p1', service: 'STANDARD', sender: party, recipient: party, items: [{ name: '地毯', quantity: 2, grams: 350 }], grams: 700, orders: [], token: '' }, '7551234567') as Record<string, unknown>;

  it('an order uses the fields of the vendor’s request, with the same types', () => {
    const sample = fixture('create-order.request.json');
    for (const [name, value] of Object.entries(order)) if (name in sample) expect(typeof value).toBe(typeof sample[name]);
    const [sender, receiver] = order['contactInfoList'] as Record<string, unknown>[];
    expect([sender?.['contactType'], receiver?.['contactType']]).toEqual([1, 2]);
    const known = Object.keys((sample['contactInfoList'] as object[])[0]!);
    expect(known.filter((name) => !(name in sender!))).toEqual([]);
    expect(order).toMatchObject({ orderId: 'p1', expressTypeId: 2, totalWeight: 0.7, payMethod: 1, monthlyCard: '7551234567', cargoDetails: [{ name: '地毯', count: 2, weight: 0.7 }] });
    expect(toCancelOrder('p1', 'SF7444471039325')).toMatchObject({ orderId: 'p1', dealType: 2 });
  });

  it('reads the vendor’s envelope, whose apiResultData is a JSON string', () => expect(readReply(JSON.stringify(fixture('envelope.response.json')))).toMatchObject({ kind: 'success', data: { routeResps: [{ mailNo: 'SF7444471039325' }] } }));

  it('takes the mother’s number of several, and what the label needs', () =>
    expect(readCreated(answered('S0000', bought))).toEqual({ kind: 'issued', waybill: 'SF7444471039325', routing: { origin: '755', destination: '010', sorting: '', matrix: '' } }));

  it('CAR-12: only a decision about the parcel is an answer; everything else is unclear', () => {
    for (const body of ['<html>', '[]', '{"apiResultCode":"A1005"}', '{"apiResultCode":"A1006"}', '{"apiResultCode":"A1000","apiResultData":"{"}', '{"apiResultCode":"A1000","apiResultData":""}']) expect(readReply(body).kind).toBe('unclear');
    expect(readCreated(answered('S0003'))).toMatchObject({ kind: 'unclear' });
    expect(readCreated(answered('S0000', { orderId: 'x', filterResult: 1, waybillNoInfoList: null }))).toMatchObject({ kind: 'unclear' });
    expect(readFound(answered('8119'))).toMatchObject({ kind: 'unclear' });
    expect(readFound(answered('8024'))).toEqual({ kind: 'not-known' });
    expect(readCreated(answered('8016'))).toEqual({ kind: 'known' });
    expect(readCreated(answered('1023'))).toEqual({ kind: 'refused', reason: 'CARRIER_REFUSED', detail: '1023 说明' });
    expect(readCreated(answered('S0000', { filterResult: 3 }))).toMatchObject({ kind: 'refused', reason: 'NOT_DELIVERABLE' });
  });

  it('what is void already is voided; a parcel in SF’s hands is not', () => {
    expect(readCancelled(answered('S0000', { resStatus: 2 }))).toEqual({ kind: 'voided' });
    expect(readCancelled(answered('8037'))).toEqual({ kind: 'voided' });
    expect(readCancelled(answered('8252'))).toMatchObject({ kind: 'refused' });
    expect(readCancelled(answered('S0000', { resStatus: 1 }))).toMatchObject({ kind: 'refused' });
  });
});

describe('SF’s account and numbers', () => {
  it('CAR-04: numbers are SF and 13 signs, or the old 12 digits', () => {
    for (const number of ['SF7444471039325', 'SFA444471039325', '444003077898']) expect(isNumberOf(manifest, number)).toBe(true);
    for (const number of ['', 'SF744447103932', 'SF74444710393255', 'sf7444471039325', 'YT7444471039325', '44400307789', 'SF7444471039325 ']) expect(isNumberOf(manifest, number)).toBe(false);
  });

  it('the sandbox has a known account; the real gateway must be named whole', () => {
    expect(sfAccount({ FLOTILLA_SANDBOX_URL: 'http://127.0.0.1:8110' })).toEqual({ url: 'http://127.0.0.1:8110/sf/std/service', partnerId: 'FLOTILLA', checkword: 'sandbox-checkword', monthlyCard: '7551234567' });
    expect(() => sfAccount({ FLOTILLA_SF_URL: 'https://bspgw.sf-express.com/std/service', FLOTILLA_SF_PARTNER_ID: 'X' })).toThrow(/FLOTILLA_SF_CHECKWORD/);
    expect(sfAccount({ FLOTILLA_KDNIAO_APP_KEY: 'another’s' })).toBeUndefined();
  });
});
