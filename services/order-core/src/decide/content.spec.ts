import { describe, expect, it } from '@jest/globals';
import { pickupLocationOf, serviceOf } from './content.js';

describe('ALC-12: what a shipping method asks for', () => {
  it.each([
    ['PICKUP', ['自提', '门店自提', '到店自提：南山店', '到店取货', '门店提货', 'Click & Collect', 'click and collect', 'Local pickup', 'local_pickup', 'Store Pickup', 'In-store pick up', 'Curbside pickup', 'Pick up in store', 'Collect in store', 'Self collection', 'BOPIS', '自提，次日可取']],
    ['SAME_CITY', ['同城配送', '同城速递', '闪送', '美团跑腿', '一小时达', '当日达', 'Same day delivery', 'same-day', 'Same-city courier', 'Local delivery', 'local_delivery', 'Express same day']],
    ['EXPRESS', ['SF Express', 'Express', '顺丰特快', '次日达', '加急', 'Next-day', 'next day air', 'Overnight', 'EXPRESS']],
    ['STANDARD', ['', 'Standard', '普通快递', '包邮', 'Free Shipping', 'Ground', '标快', 'Economy', 'DHL Parcel Shop pickup', '快递柜自提', '菜鸟驿站自提', 'Home pickup & delivery', '上门取件', 'USPS Collectibles rate']],
  ])('ALC-12: %s: %j', (service, methods) => {
    for (const method of methods) expect([method, serviceOf(method)]).toEqual([method, service]);
  });

  it.each([
    ['门店自提：深圳南山店', '深圳南山店'],
    ['门店自提（南山店）', '南山店'],
    ['Local pickup: Soho Store', 'Soho Store'],
    ['Local pickup - Soho', 'Soho'],
    ['Store pickup at Soho Store', 'Soho Store'],
    ['Click & Collect (Soho)', 'Soho'],
    ['自提', ''],
    ['Local pickup', ''],
    ['Standard: free', ''],
  ])('ALC-12: the store of "%s" is "%s"', (method, store) => expect(pickupLocationOf(method)).toBe(store));
});
