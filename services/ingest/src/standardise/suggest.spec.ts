import { describe, expect, it } from '@jest/globals';
import { standardise } from './address.js';
import { understood } from './order.js';
import { suggestions } from './suggest.js';

const empty = { country: 'CN', province: '', city: '', district: '', postcode: '', street: '', phone: '' };
const suggested = (given: Partial<typeof empty>): readonly string[] => {
  const address = { ...empty, ...given };
  return suggestions(address, standardise(address)).map(({ province, city, district }) => [province, city, district].filter((part) => part !== '').join(''));
};

describe('completing an address', () => {
  it('ING-09: goes on within what is known', () => {
    expect(suggested({ province: '浙江省', city: '杭' })).toEqual(['浙江省杭州市']);
    expect(suggested({ province: '浙江省', city: '杭州市', district: '西' })).toEqual(['浙江省杭州市西湖区']);
    expect(suggested({ province: '浙' }).length).toBeGreaterThan(0);
    expect(suggested({ province: '浙江省', city: '杭州市' })).toContain('浙江省杭州市西湖区');
    expect(suggested({ street: '浙江省杭州市' })).toContain('浙江省杭州市滨江区');
    expect(suggested({ province: 'Zhejiang', city: 'Hang' })).toEqual(['浙江省杭州市']);
  });

  it('ING-09: suggests nothing for what is complete, for nothing, and abroad', () => {
    expect(suggested({ street: '浙江省杭州市西湖区文三路1号' })).toEqual([]);
    expect(suggested({})).toEqual([]);
    expect(suggested({ country: 'US', province: 'Cal' })).toEqual([]);
  });
});

describe('what was made of an order', () => {
  const order = {
    number: '1', placedAt: '', modifiedAt: '', payment: 'PAYMENT_STATE_PAID' as const, buyer: { email: '', phone: '', locale: '' }, lines: [], currency: 'CNY', subtotal: 0, discount: 0, shipping: 0, tax: 0, total: 0,
    shippingMethod: '', test: false, attributes: [], tags: ['VIP'], remark: '贺卡写：生日快乐', shipTo: { ...empty, company: '', name: '李雷', street: '浙江省杭州市西湖区文三路1号', phone: '13712340001' },
  };

  it('ING-09: divisions that the street names stand in their fields, and the street as it was given', () => {
    const { shipTo, address } = understood(order, () => []);
    expect(shipTo).toEqual({ ...order.shipTo, province: '浙江省', city: '杭州市', district: '西湖区' });
    expect(address).toMatchObject({ province: '浙江省', city: '杭州市', district: '西湖区', code: '330106', flags: [], phone: 'MOBILE', changes: [{ field: 'province', from: '', to: '浙江省' }, { field: 'city', from: '', to: '杭州市' }, { field: 'district', from: '', to: '西湖区' }] });
  });

  it('ING-09: forms of a name that are one to routing and rate cards stay as the platform writes them', () => {
    const given = { ...order.shipTo, province: 'Zhejiang', city: 'Hangzhou', street: '88 Wensan Road' };
    expect(understood({ ...order, shipTo: given }, () => [])).toMatchObject({ shipTo: given, address: { city: '杭州市', changes: [] } });
  });

  it('ING-16 ING-09: of a masked recipient nothing is changed, and masking is never vague', () => {
    const shipTo = { ...order.shipTo, province: '', city: '杭州市', district: '西湖区', name: '李**', street: '文三路***', phone: '137****0001', token: 'taobao:x' };
    expect(understood({ ...order, shipTo }, () => [])).toMatchObject({ shipTo, address: { province: '浙江省', flags: [], changes: [], phone: 'MASKED' } });
  });

  it('ING-10: wishes stand beside the platform’s tags, and the card’s text apart', () => {
    expect(understood(order, () => ['buyer:gift-card', 'VIP'])).toMatchObject({ tags: ['VIP', 'buyer:gift-card'], giftMessage: '生日快乐' });
    expect(understood(order, () => [])).toMatchObject({ tags: ['VIP'], giftMessage: '' });
  });

  it('ING-09: what is shipped nowhere lacks nothing', () => {
    expect(understood({ ...order, shipTo: { ...order.shipTo, country: '', street: '' } }, () => []).address.flags).toEqual([]);
  });
});
