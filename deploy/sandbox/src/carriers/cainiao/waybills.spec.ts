import { describe, expect, it } from '@jest/globals';
import { topSignOf } from './top.http.js';
import { CainiaoRefusal, CainiaoWaybills, type Package } from './waybills.js';

const asked = (change: Partial<Package> = {}): Package => ({ cpCode: 'ZTO', packageId: 'p_1', orders: ['4000000000000000001'], oaid: 'o==', name: '王**', address: '浙江省杭州市西湖区文三路***', ...change });
const refused = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof CainiaoRefusal) return error.subCode;
    throw error;
  }
  return '';
};

describe('Cainiao’s books', () => {
  it('CAR-03: TOP’s signature agrees with the platform’s example', () => {
    const form = new URLSearchParams({ app_key: '12345678', fields: 'num_iid,title,nick,price,num', format: 'json', method: 'taobao.item.seller.get', num_iid: '11223344', session: 'test', sign_method: 'md5', timestamp: '2016-01-01 12:00:00', v: '2.0' });
    expect(topSignOf(form, 'helloworld')).toBe('66987CB115214E59E6EC978214934FB8');
  });

  it('CAR-12: the same trade orders and package get the same number, others another', () => {
    const waybills = new CainiaoWaybills();
    const first = waybills.get(asked());
    expect([first.waybill, waybills.get(asked())]).toEqual([expect.stringMatching(/^75\d{12}$/), first]);
    expect(waybills.get(asked({ packageId: 'p_2' })).waybill).not.toBe(first.waybill);
    expect(waybills.get(asked({ packageId: 'p_3', cpCode: 'SF' })).waybill).toMatch(/^SF2\d{12}$/);
  });

  it('CAR-03: wants the token, a package id of its form, a carrier that it has, and a place within reach', () => {
    const waybills = new CainiaoWaybills();
    expect([{ oaid: '' }, { packageId: 'p-1' }, { cpCode: 'XX' }, { orders: [] }, { address: '不可达村' }].map((change) => refused(() => waybills.get(asked(change))))).toEqual(['isv.oaid-missing', 'isv.package-id-invalid', 'isv.cp-not-subscribed', 'isv.trade-order-list-invalid', 'isv.address-not-reachable']);
    expect(waybills.all.size).toBe(0);
  });

  it('CAR-03: voids once, and not what was collected', () => {
    const waybills = new CainiaoWaybills();
    const { waybill } = waybills.get(asked());
    expect([refused(() => waybills.cancel('YTO', waybill)), refused(() => waybills.cancel('ZTO', waybill)), refused(() => waybills.cancel('ZTO', waybill)), refused(() => waybills.get(asked()))]).toEqual(['isv.waybill-not-exist', '', 'isv.waybill-cancelled', 'isv.waybill-cancelled']);
    const other = waybills.get(asked({ packageId: 'p_2' }));
    other.collected = true;
    expect(refused(() => waybills.cancel('ZTO', other.waybill))).toBe('isv.waybill-collected');
  });
});
