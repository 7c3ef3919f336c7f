import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Party } from '../../carriers/carrier.js';
import { orderCodeOf, readCancelled, readOrdered, readReply, toCancel, toOrder, type KdniaoCustomer } from './kdniao.messages.js';
import { dataSign } from './kdniao.sign.js';

const fixture = JSON.parse(readFileSync(new URL('fixtures/order.response.json', import.meta.url), 'utf8')) as { Order: Record<string, unknown> };
const customer: KdniaoCustomer = { shipperCode: 'ZTO', customerName: 'flotilla', customerPwd: 'secret', sendSite: '', monthCode: '' };
const party: Party = { name: '张三', phone: '13800000000', company: '', country: 'CN', province: '湖北省', city: '襄阳市', district: '襄城区', postcode: '441000', street: '环城东路122号3#楼"甲"座' };
const order = (change: object = {}): Record<string, unknown> => toOrder({ reference: 'p1', service: 'STANDARD', sender: party, recipient: { ...party, phone: '0710-1234567', company: 'A&B' }, items: [{ name: '地毯', quantity: 2, grams: 350 }], grams: 700, orders: [], token: '' }, { ...customer, ...change }) as Record<string, unknown>;
const said = (change: object): ReturnType<typeof readReply> => readReply(JSON.stringify({ EBusinessID: '1350174', Success: false, ResultCode: '105', Reason: '', ...change }), '1350174');
const bought = (change: object = {}, top: object = {}): ReturnType<typeof readOrdered> => readOrdered(said({ Success: true, ResultCode: '100', Order: { ...fixture.Order, OrderCode: orderCodeOf('p1'), ...change }, ...top }), 'p1', 'ZTO');

describe('kdniao’s messages', () => {
  it('CAR-03: phones go without the sign that the gateway refuses, whoever typed it', () => {
    const to = (phone: string): unknown => (toOrder({ reference: 'p1', service: 'STANDARD', sender: { ...party, phone: '+8675589001234' }, recipient: { ...party, phone }, items: [], grams: 1, orders: [], token: '' }, customer) as { Receiver: unknown }).Receiver;
    expect(['+8613800138000', '13800138000', '+86 755-8900 1234', '138****8000'].map(to)).toMatchObject([{ Mobile: '13800138000' }, { Mobile: '13800138000' }, { Tel: '755-89001234' }, { Tel: '138****8000' }]);
  });

  it('CAR-03: signs the text as it is sent: md5 in lower-case hex, in base64', () => expect(dataSign('{"OrderCode":"1"}', 'key')).toBe('YTBkN2JmM2EwMTViZjU2MWE1OTY5YmQwZjZkMjAxOTU='));

  it('CAR-03: an order has a code of its own that fits, the customer’s account, kilograms, and no sign that the gateway refuses', () => {
    expect(orderCodeOf('5f0c2a4e-3f0b-5d4e-9c3a-1a2b3c4d5e6f-c1')).toMatch(/^FL[0-9a-f]{28}$/);
    expect(orderCodeOf('p1')).not.toBe(orderCodeOf('p2'));
    expect(order()).toEqual({
      OrderCode: orderCodeOf('p1'), ShipperCode: 'ZTO', CustomerName: 'flotilla', CustomerPwd: 'secret', PayType: 1, ExpType: 1, Weight: 0.7, Quantity: 1, Volume: 0, Remark: '', IsReturnPrintTemplate: 0,
      Sender: { Name: '张三', Mobile: '13800000000', ProvinceName: '湖北省', CityName: '襄阳市', ExpAreaName: '襄城区', Address: '环城东路122号3＃楼＂甲＂座', PostCode: '441000' },
      Receiver: { Company: 'A＆B', Name: '张三', Tel: '0710-1234567', ProvinceName: '湖北省', CityName: '襄阳市', ExpAreaName: '襄城区', Address: '环城东路122号3＃楼＂甲＂座', PostCode: '441000' },
      Commodity: [{ GoodsName: '地毯', Goodsquantity: 2, GoodsWeight: 0.7 }],
    });
    expect(order({ monthCode: 'M1', sendSite: '深圳' })).toMatchObject({ PayType: 3, MonthCode: 'M1', SendSite: '深圳' });
    expect(toCancel('p1', '73100200300400', customer)).toEqual({ OrderCode: orderCodeOf('p1'), ShipperCode: 'ZTO', ExpNo: '73100200300400', CustomerName: 'flotilla', CustomerPwd: 'secret' });
  });

  it('CAR-03: reads the number and what the label needs, also from a code that was used before', () => {
    const issued = { kind: 'issued', waybill: '73100200300400', routing: { origin: '755', destination: '北京转朝阳', sorting: '520-C03-05 02', matrix: '' } };
    expect(bought()).toEqual(issued);
    expect(bought({}, { ResultCode: '106', Reason: '该订单号已下单成功' })).toEqual(issued);
    expect(bought({}, { Success: 'true' })).toEqual(issued);
  });

  it('CAR-12: only a decision about the parcel is an answer; everything else is unclear', () => {
    for (const body of ['<html>', '', '[]', '"x"', 'null', '{"Success":true}', '{"EBusinessID":"1","Success":true,"ResultCode":"100"}']) expect([body, readReply(body, '1350174').kind]).toEqual([body, 'unclear']);
    for (const [code, reason] of [['104', '签名错误'], ['105', '快递公司接口超时'], ['105', '系统繁忙，请稍后重试'], ['', ''], ['999', '?']]) expect([code, readOrdered(said({ ResultCode: code, Reason: reason }), 'p1', 'ZTO').kind]).toEqual([code, 'unclear']);
    expect(bought({ LogisticCode: '' }).kind).toBe('unclear');
    expect(bought({ LogisticCode: '' }, { ResultCode: '106' }).kind).toBe('unclear');
    expect(bought({ OrderCode: 'another' }).kind).toBe('unclear');
    expect(bought({ ShipperCode: 'YTO' }).kind).toBe('unclear');
    expect(readOrdered(said({ ResultCode: '103', Reason: '格式问题' }), 'p1', 'ZTO')).toEqual({ kind: 'refused', reason: 'CARRIER_REFUSED', detail: '103 格式问题' });
    expect(readOrdered(said({ Reason: '收件地址超区' }), 'p1', 'ZTO')).toMatchObject({ kind: 'refused', reason: 'NOT_DELIVERABLE' });
    expect(readOrdered(said({ Reason: '网点余额不足' }), 'p1', 'ZTO')).toMatchObject({ kind: 'refused', reason: 'CARRIER_REFUSED' });
  });

  it('CAR-12: what is not there is voided; a parcel in the carrier’s hands is not; trouble is neither', () => {
    expect(readCancelled(said({ Success: true, ResultCode: '100' }))).toEqual({ kind: 'voided' });
    for (const reason of ['订单不存在', '该订单已取消']) expect(readCancelled(said({ Reason: reason }))).toEqual({ kind: 'voided' });
    expect(readCancelled(said({ Reason: '快件已揽收' }))).toMatchObject({ kind: 'refused' });
    for (const change of [{ Reason: '系统异常' }, { ResultCode: '104', Reason: '签名错误' }, { ResultCode: '104', Reason: '用户不存在' }, { Reason: '电子面单账号不存在' }]) expect(readCancelled(said(change)).kind).toBe('unclear');
  });
});
