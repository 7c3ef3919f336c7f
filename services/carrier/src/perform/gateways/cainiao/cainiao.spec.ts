import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { maskedBy, type Party } from '../../carriers/carrier.js';
import { readApplied, readCancelled, readReply, toApply } from './cainiao.messages.js';
import { topSign, topTime } from './top.sign.js';

const method = 'cainiao.waybill.ii.get';
const fixture = readFileSync(new URL('fixtures/get.response.json', import.meta.url), 'utf8');
const printed = (data: object): string => JSON.stringify({ cainiao_waybill_ii_get_response: { modules: { waybill_cloud_print_response: { object_id: 'p1_c1', waybill_code: '75310020030040', print_data: JSON.stringify(data) } } } });
const masked: Party = { name: '王**', phone: '138****0000', company: '', country: 'CN', province: '浙江省', city: '杭州市', district: '西湖区', postcode: '', street: '文三路***' };
const failed = (code: number, sub_code = '', sub_msg = ''): ReturnType<typeof readReply> => readReply(JSON.stringify({ error_response: { code, msg: 'm', sub_code, sub_msg } }), method);

describe('Cainiao’s e-waybills', () => {
  it('CAR-03: TOP’s signature is HMAC-MD5 over sorted names and values, without what is empty; its clock is China’s', () => {
    const params = { method: 'taobao.item.get', app_key: '12345678', b: '2', a: '中', empty: '', sign: 'x' };
    expect(topSign(params, 'helloworld')).toBe('CEF097909638550756CD510F0729E99C');
    expect(topSign({ ...params, empty: 'x' }, 'helloworld')).not.toBe(topSign(params, 'helloworld'));
    expect(topTime(new Date('2026-11-21T18:30:05.123Z'))).toBe('2026-11-22 02:30:05');
  });

  it('CAR-03: asks with the platform’s token, the trade orders and a package id that it takes; print data sealed', () => {
    expect(maskedBy('taobao:1zZ+a:b==')).toEqual({ platform: 'taobao', token: '1zZ+a:b==' });
    expect(['', undefined, 'x'].map((token) => maskedBy(token).platform)).toEqual(['', '', '']);
    const order = { reference: 'p1-c1', service: 'STANDARD', sender: { ...masked, name: '仓', phone: '0755-1234' }, recipient: masked, items: [{ name: '杯', quantity: 2, grams: 350 }], grams: 700, orders: [{ channel: 'taobao-demo', channelOrderId: '4000000000000000001' }], token: 'oaid==' };
    expect(toApply(order, { cpCode: 'ZTO', userId: '22', templateUrl: 't' })).toMatchObject({
      cp_code: 'ZTO', need_encrypt: true, sender: { phone: '0755-1234', address: { province: '浙江省', detail: '文三路***' } },
      trade_order_info_dtos: [{ object_id: 'p1_c1', order_info: { order_channels_type: 'TB', trade_order_list: ['4000000000000000001'] }, package_info: { id: 'p1_c1', weight: 700, items: [{ name: '杯', count: 2 }] }, recipient: { oaid: 'oaid==', tid: '4000000000000000001', mobile: '138****0000' } }],
    });
  });

  it('CAR-03: reads one element as object or list, what the label needs, and keeps no print data in clear', () => {
    expect(readApplied(readReply(fixture, method), 'p1-c1')).toEqual({ kind: 'issued', waybill: '75310020030040', routing: { origin: '754004', destination: '北京转朝阳', sorting: '520-C03-05', matrix: '' } });
    const sealed = { encryptedData: 'AES:x', signature: 'MD:y', templateURL: 't' };
    expect(readApplied(readReply(printed(sealed), method), 'p1-c1')).toMatchObject({ kind: 'issued', printData: JSON.stringify(sealed) });
    expect(readApplied(readReply(printed({ ...sealed, data: { recipient: { name: '王小明' } } }), method), 'p1-c1')).not.toHaveProperty('printData');
    expect(readApplied(readReply(fixture, method), 'p2').kind).toBe('unclear');
  });

  it('CAR-12: the platform’s own faults, the session and the signature are unclear; only what the service decided is an answer', () => {
    for (const [code, sub] of [[7, ''], [25, ''], [27, ''], [15, ''], [15, 'isp.remote-service-timeout'], [15, 'isv.call-limited']] as const) expect([code, sub, failed(code, sub).kind]).toEqual([code, sub, 'unclear']);
    for (const body of ['', '<html>', '[]', '{}', '{"cainiao_waybill_ii_cancel_response":{}}']) expect([body, readReply(body, method).kind]).toEqual([body, 'unclear']);
    expect(readApplied(failed(15, 'isv.x', '收件地址不可达'), 'p1')).toEqual({ kind: 'refused', reason: 'NOT_DELIVERABLE', detail: '15 isv.x 收件地址不可达' });
    expect(readApplied(failed(15, 'isv.x', '余额不足'), 'p1')).toMatchObject({ kind: 'refused', reason: 'CARRIER_REFUSED' });
    expect(readApplied({ kind: 'said', data: {} }, 'p1').kind).toBe('unclear');
    const cancelled = (data: object): ReturnType<typeof readCancelled> => readCancelled({ kind: 'said', data: data as Record<string, unknown> });
    expect([cancelled({ cancel_result: true }), cancelled({ cancel_result: 'true' }), cancelled({ cancel_result: false }), cancelled({})].map(({ kind }) => kind)).toEqual(['voided', 'voided', 'refused', 'unclear']);
    expect([readCancelled(failed(15, 'isv.y', '面单已取消')).kind, readCancelled(failed(15, 'isv.y', '面单已揽收')).kind]).toEqual(['voided', 'refused']);
  });
});
