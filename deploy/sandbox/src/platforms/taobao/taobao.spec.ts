import { describe, expect, it } from '@jest/globals';
import { topSignOf } from '../../carriers/cainiao/top.http.js';
import { readCatalogue } from '../../orders/catalogue.js';
import { generateOrder } from '../../orders/generate.js';
import { writeJson } from '../../json.js';
import { refundTree, TaobaoShop, tradeStatus, tradeTree, type Trade } from './shop.js';

const catalogue = readCatalogue();
let now = Date.parse('2026-11-21T10:00:00.700Z');
const place = (paid = true): { shop: TaobaoShop; trade: Trade } => {
  const shop = new TaobaoShop('tb', 'secret', '12345678:session', () => now);
  return { shop, trade: shop.place(generateOrder({ catalogue, seed: 7, salt: 's', index: 3, channel: 'tb', number: 1, at: now, wish: { paid, domestic: true } })) };
};
const fields = ['tid', 'created', 'receiver_name', 'receiver_address', 'receiver_mobile', 'receiver_state', 'receiver_city', 'oaid', 'orders', 'payment', 'modified', 'pay_time'];

describe('Taobao in the sandbox', () => {
  it('ING-02: signs as TOP’s documentation does', () =>
    expect(topSignOf(new URLSearchParams({ app_key: '12345678', fields: 'num_iid,title,nick,price,num', format: 'json', method: 'taobao.item.seller.get', num_iid: '11223344', session: 'test', sign_method: 'md5', timestamp: '2016-01-01 12:00:00', v: '2.0' }), 'helloworld')).toBe('66987CB115214E59E6EC978214934FB8'));

  it('ING-16: shows nobody in clear, and gives the token only with the fields that it needs', () => {
    const { trade } = place();
    const text = writeJson(tradeTree(trade, fields));
    for (const clear of [trade.world.shipTo!.name, trade.world.shipTo!.street, trade.world.shipTo!.phone!]) expect(text).not.toContain(clear);
    expect(text).toContain(`"tid":${trade.world.id}`);
    expect(tradeTree(trade, fields)).toHaveProperty('oaid');
    expect(tradeTree(trade, fields.filter((name) => name !== 'created'))).not.toHaveProperty('oaid');
  });

  it('ING-02: writes one line as the line, leaves out what is empty, and adds up to the payment', () => {
    const { trade } = place(false);
    const whole = tradeTree(trade, [...fields, 'post_fee']) as unknown as { payment: string; post_fee: string; orders: { order: { divide_order_fee: string } | { divide_order_fee: string }[] } };
    const fen = (text: string): number => Math.round(Number(text) * 100);
    expect([whole.orders.order].flat().reduce((sum, line) => sum + fen(line.divide_order_fee), fen(whole.post_fee))).toBe(fen(whole.payment));
    trade.world.lines = trade.world.lines.slice(0, 1);
    expect(tradeTree(trade, fields)).toMatchObject({ orders: { order: { num: trade.world.lines[0]!.quantity } } });
    expect(tradeTree(trade, fields)).not.toHaveProperty('pay_time');
  });

  it('ING-11: tells a refund with what is paid back; a part of the price closes no line', () => {
    const { shop, trade } = place();
    const [line] = trade.world.lines;
    trade.refunds.set(line!.id, { id: '77001', status: 'SUCCESS', fee: 1230 });
    expect(JSON.parse(writeJson(refundTree(shop, '77001')))).toMatchObject({ refund_id: 77001, status: 'SUCCESS', refund_fee: '12.30' });
    expect(tradeStatus(trade)).toBe('WAIT_SELLER_SEND_GOODS');
    trade.refunds.set(line!.id, { id: '77001', status: 'SUCCESS', fee: null });
    const shown = JSON.parse(writeJson(tradeTree(trade, fields)).replace(/:(\d{16,})/g, ':"$1"')) as { orders: { order: { oid_str: string; status: string; divide_order_fee: string } | { oid_str: string; status: string; divide_order_fee: string }[] } };
    const found = [shown.orders.order].flat().find(({ oid_str: oid }) => oid === line!.id)!;
    expect([found.status, JSON.parse(writeJson(refundTree(shop, '77001')))]).toMatchObject(['TRADE_CLOSED', { refund_fee: found.divide_order_fee }]);
    expect(() => refundTree(shop, '1')).toThrow('不存在');
  });

  it('ING-13: takes a shipment once per line, not while it is frozen, and dates every change a second later', () => {
    const { shop, trade } = place();
    const { id } = trade.world;
    const before = trade.modifiedAt;
    trade.frozen = true;
    expect(() => shop.send(id, [], '75312345678901', 'ZTO')).toThrow('暂不允许发货');
    trade.frozen = false;
    for (const [number, company] of [['a b', 'ZTO'], ['75312345678901', 'zto!']] as const) expect(() => shop.send(id, [], number, company)).toThrow();
    shop.send(id, [], '75312345678901', 'ZTO');
    expect(tradeStatus(trade)).toBe('WAIT_BUYER_CONFIRM_GOODS');
    expect(trade.modifiedAt).toBe(before + 1_000);
    expect(() => shop.send(id, [], '75312345678902', 'ZTO')).toThrow('已发货');
    expect(() => shop.send('1', [], '75312345678902', 'ZTO')).toThrow('不存在');
    now += 1;
  });
});
