import { describe, expect, it } from '@jest/globals';
import { dataSignOf } from './gateway.http.js';
import { KdniaoOrders, KdniaoRefusal, type Asked } from './orders.js';

const person = { Name: '张三', Mobile: '13800000000', ProvinceName: '浙江省', CityName: '杭州市', Address: '文三路1号' };
const asked = (change: object = {}): Asked => ({ OrderCode: 'A1', ShipperCode: 'ZTO', CustomerName: 'flotilla', CustomerPwd: 'p', Sender: person, Receiver: person, Commodity: [{ GoodsName: 'x' }], ...change });
const refused = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof KdniaoRefusal) return `${error.code} ${error.message}`;
    throw error;
  }
  return '';
};

describe('kdniao’s books', () => {
  it('CAR-03: signs md5 as hex, then base64', () => expect(dataSignOf('{"OrderCode":"1"}', 'key')).toBe('YTBkN2JmM2EwMTViZjU2MWE1OTY5YmQwZjZkMjAxOTU='));

  it('CAR-12: an order code is taken once, and answered with what was bought under it', () => {
    const orders = new KdniaoOrders({ flotilla: 'p' });
    const { order, again } = orders.order(asked());
    expect([again, /^7[3-68]\d{12}$/.test(order.waybill)]).toEqual([false, true]);
    expect(orders.order(asked())).toEqual({ order, again: true });
    expect(orders.order(asked({ OrderCode: 'A2', ShipperCode: 'YTO' })).order.waybill).toMatch(/^YT\d{13}$/);
  });

  it('CAR-03: refuses other people’s accounts, forbidden signs, missing fields and places out of reach', () => {
    const orders = new KdniaoOrders({ flotilla: 'p' });
    expect(refused(() => orders.order(asked({ CustomerPwd: 'q' })))).toContain('105');
    expect(refused(() => orders.order(asked({ Receiver: { ...person, Address: '3#楼' } })))).toContain('103');
    expect(refused(() => orders.order(asked({ Receiver: { ...person, Mobile: '' } })))).toContain('101');
    expect(refused(() => orders.order(asked({ OrderCode: 'x'.repeat(31) })))).toContain('103');
    expect(refused(() => orders.order(asked({ ShipperCode: 'SF' })))).toContain('102');
    expect(refused(() => orders.order(asked({ Receiver: { ...person, Address: '不可达村' } })))).toContain('不可达');
    expect(orders.byCode.size).toBe(0);
  });

  it('CAR-12: calls off with and without the number, but not what the courier has', () => {
    const orders = new KdniaoOrders({ flotilla: 'p' });
    const first = orders.order(asked()).order;
    expect(refused(() => orders.cancel(asked({ ExpNo: 'another' })))).toContain('102');
    orders.cancel(asked({ ExpNo: '' }));
    expect([first.cancelledAt === null, refused(() => orders.cancel(asked())), refused(() => orders.order(asked()))]).toEqual([false, '105 该订单已取消', '105 该订单号已取消']);
    const second = orders.order(asked({ OrderCode: 'A2' })).order;
    orders.collect(second.waybill);
    expect(refused(() => orders.cancel(asked({ OrderCode: 'A2', ExpNo: second.waybill })))).toContain('已揽收');
    expect(refused(() => orders.cancel(asked({ OrderCode: 'A3' })))).toContain('不存在');
  });
});
