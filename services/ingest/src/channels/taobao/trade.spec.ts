import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Reading, Said } from '../platform.js';
import { topSign, topTime } from './top.js';
import { readTrade } from './trade.js';

const text = readFileSync(join(import.meta.dirname, 'fixtures', 'trade.json'), 'utf8');
type Trade = Record<string, unknown> & { orders: { order: Record<string, unknown>[] } };
const trade = (): Trade => (JSON.parse(text.replace(/: (\d{16,})/g, ': "$1"')) as { trade_fullinfo_get_response: { trade: Trade } }).trade_fullinfo_get_response.trade;
const read = (change: Record<string, unknown> = {}): Reading => readTrade({ topic: '', body: Buffer.from(JSON.stringify({ ...trade(), ...change })) })[0]!;
const said = (change: Record<string, unknown> = {}): Said => read(change).said;
const line = (change: Record<string, unknown>): Record<string, unknown> => ({ orders: { order: [{ ...trade().orders.order[0], ...change }, trade().orders.order[1]] } });

describe('a trade of Taobao', () => {
  it('ING-02, ING-16: is an order in our words, its recipient masked and named by the token; ids above 2^53 stay', () => {
    expect(readTrade({ topic: '', body: Buffer.from(text) })).toEqual([
      {
        channelOrderId: '3180012345678901234', kind: 'announce', buyer: 'customer:AAHk5d-EAAeGwJedwSHpg8bT',
        said: {
          as: 'order',
          order: {
            number: '3180012345678901234', placedAt: '2026-11-21T10:00:00.000Z', modifiedAt: '2026-11-21T10:01:31.000Z', payment: 'PAYMENT_STATE_PAID', buyer: { email: '', phone: '*******5678', locale: 'zh-CN' },
            shipTo: { country: 'CN', province: '浙江省', city: '杭州市', district: '西湖区', postcode: '310013', street: '北山街道文三路**号***室', company: '', name: '王**', phone: '*******5678', token: 'taobao:1kDnRyN0ZCaRrF7Zia4pSbLkRrFqQ==' },
            lines: [
              { channelLineId: '3180012345678901235', channelSku: 'TEA-LJ-250', itemId: '100018587597', title: '西湖龙井 - 规格:250g', quantity: 2, unitPrice: 10000, discount: 2740, requiresShipping: true, grams: 0, attributes: [] },
              { channelLineId: '3180012345678901236', channelSku: 'CUP-GL-350', title: '玻璃杯', quantity: 1, unitPrice: 2500, discount: 0, requiresShipping: true, grams: 0, attributes: [] },
            ],
            currency: 'CNY', subtotal: 22500, discount: 2740, shipping: 800, tax: 0, total: 20560, amountPaid: 20560, remark: '请发顺丰', tags: ['绿旗'], shippingMethod: 'express', test: false, attributes: [{ name: 'seller_memo', value: '老客户送贺卡' }],
          },
          facts: { modifiedAt: '2026-11-21T10:01:31.000Z', paid: { paidAt: '2026-11-21T10:01:30.000Z', amount: 20560, currency: 'CNY', told: true }, cancelled: null, refunds: [], frozen: { frozen: false, reason: '' } },
        },
      },
    ]);
  });

  it('ING-02: with one line has an object where a list is meant', () => expect(said({ orders: { order: trade().orders.order[1] } })).toMatchObject({ as: 'order', order: { lines: [{ channelLineId: '3180012345678901236' }] } }));

  it.each([
    [{ status: 'WAIT_BUYER_PAY', pay_time: '' }, { payment: 'PAYMENT_STATE_UNPAID' }, { paid: null }],
    [{ type: 'cod', pay_time: '' }, { payment: 'PAYMENT_STATE_AUTHORIZED' }, { paid: null }],
    [{ step_trade_status: 'FRONT_PAID_FINAL_NOPAID' }, { payment: 'PAYMENT_STATE_PARTIALLY_PAID' }, { paid: null }],
    [{ status: 'PAID_FORBID_CONSIGN' }, { payment: 'PAYMENT_STATE_PAID' }, { frozen: { frozen: true, reason: 'PAID_FORBID_CONSIGN' } }],
    [{ is_sh_ship: true }, {}, { frozen: { frozen: true, reason: 'is_sh_ship' } }],
    [{ status: 'SOMETHING_NEW' }, { payment: 'PAYMENT_STATE_PAID' }, { frozen: { frozen: true, reason: 'status SOMETHING_NEW' } }],
    [{ status: 'TRADE_CLOSED', end_time: '2026-11-22 08:00:00' }, {}, { cancelled: { cancelledAt: '2026-11-22T00:00:00.000Z', reason: 'refunded' } }],
    [{ status: 'TRADE_CLOSED_BY_TAOBAO', pay_time: '' }, { payment: 'PAYMENT_STATE_VOIDED' }, { paid: null, cancelled: { cancelledAt: '2026-11-21T10:01:31.000Z', reason: 'unpaid' } }],
  ])('ING-02: %j', (change, order, facts) => expect(said(change)).toMatchObject({ as: 'order', order, facts }));

  it('ING-02: that has left says facts alone, so that nobody ships it again', () =>
    expect(read({ status: 'TRADE_FINISHED' })).toMatchObject({ kind: 'update', said: { as: 'facts', facts: { paid: { amount: 20560 }, frozen: { frozen: false } } } }));

  it.each([
    ['SUCCESS', { status: 'TRADE_CLOSED' }, 'settled', [{ channelLineId: '3180012345678901235', sku: 'TEA-LJ-250', quantity: 2 }]],
    ['SUCCESS', { status: 'TRADE_CLOSED', consign_time: '2026-11-22 08:00:00' }, 'settled', []],
    ['SUCCESS', { status: 'WAIT_SELLER_SEND_GOODS' }, 'settled', []],
  ])('ING-11: a refund %s of a line %j is %s, with what was paid back, and the request is over', (refundStatus, change, state, lines) =>
    expect(said({ ...line({ refund_status: refundStatus, refund_id: '77001', ...change }), refund_details: [{ refund_id: '77001', refund_fee: '12.30' }] })).toMatchObject({
      as: 'order', order: { lines: [{ quantity: 2 }, {}] }, facts: { refunds: [{ refundId: 'line-3180012345678901235', state: 'withdrawn' }, { refundId: '77001', state, amount: 1230, currency: 'CNY', lines }] },
    }));

  it.each([['WAIT_SELLER_AGREE', 'requested'], ['SELLER_REFUSE_BUYER', 'withdrawn'], ['CLOSED', 'withdrawn'], ['SUCCESS', 'requested']])('ING-11: a refund %s whose sum is not known is %s, by its line: of two, the line shows the newer alone', (refundStatus, state) => {
    for (const id of ['77001', '77002']) {
      const found = said(line({ refund_status: refundStatus, refund_id: id, status: 'TRADE_CLOSED' }));
      expect(found).toMatchObject({ as: 'order', facts: { refunds: [{ refundId: 'line-3180012345678901235', state, amount: 17260, currency: 'CNY', lines: [] }] } });
    }
  });

  it('ING-02: of which a line was closed unpaid has nothing of it; lines that have left are told', () => {
    expect(said(line({ status: 'TRADE_CLOSED_BY_TAOBAO' }))).toMatchObject({ as: 'order', order: { lines: [{ quantity: 0 }, { quantity: 1 }], subtotal: 2500 } });
    expect(said({ status: 'SELLER_CONSIGNED_PART', ...line({ status: 'WAIT_BUYER_CONFIRM_GOODS', consign_time: '2026-11-22 08:00:00' }) })).toMatchObject({ as: 'order', left: ['3180012345678901235'], order: { lines: [{ quantity: 2 }, { quantity: 1 }] } });
  });

  it('ING-14: a refusal is no word about the order, so that it does not park what the next pull brings', () =>
    expect(read({ refused: 'TOP 15 isv.trade-not-exist' })).toMatchObject({ channelOrderId: '', said: { as: 'failure', reason: 'PLATFORM_REFUSED', detail: expect.stringContaining('3180012345678901234') } }));

  it('ING-14: whose order cannot be read still says what of it could', () =>
    expect(said({ status: 'TRADE_CLOSED', oaid: 'x y' })).toMatchObject({ as: 'failure', facts: { cancelled: { reason: 'refunded' } } }));

  it.each([
    ['NO_ORDER_ID', { tid: 'x' }], ['BAD_INSTANT', { modified: 'yesterday' }], ['BAD_INSTANT', { created: '2026-02-30 00:00:00' }], ['BAD_AMOUNT', { payment: '1.234' }], ['BAD_AMOUNT', { payment: '' }], ['NO_LINES', { orders: '' }],
    ['BAD_QUANTITY', line({ num: -1 })], ['CONTRACT_VIOLATED', line({ oid: '' })], ['BAD_ADDRESS', { oaid: '' }], ['CONTRACT_VIOLATED', { oaid: 'x y' }], ['BAD_TEXT', { buyer_message: 'a\u0000' }], ['PLATFORM_REFUSED', { refused: 'TOP 15 isv.trade-not-exist' }],
  ])('ING-14: %s when %j', (reason, change) => expect(said(change)).toMatchObject({ as: 'failure', reason }));

  it('ING-16: of a recipient who is not masked needs no token', () =>
    expect(said({ oaid: '', receiver_name: '王小明', receiver_mobile: '13812345678', receiver_address: '文三路 1 号' })).toMatchObject({ as: 'order', order: { shipTo: { name: '王小明' } } }));
});

describe('TOP', () => {
  // The example of TOP's documentation.
  const params = { app_key: '12345678', fields: 'num_iid,title,nick,price,num', format: 'json', method: 'taobao.item.seller.get', num_iid: '11223344', session: 'test', timestamp: '2016-01-01 12:00:00', v: '2.0' };

  it('ING-02: is signed as its documentation says, empty values left out', () => {
    expect(topSign({ ...params, sign_method: 'md5', empty: '', sign: 'X' }, 'helloworld')).toBe('66987CB115214E59E6EC978214934FB8');
    expect(topSign({ ...params, sign_method: 'hmac' }, 'helloworld')).toMatch(/^[0-9A-F]{32}$/);
    expect(topTime(new Date('2026-11-21T18:30:00.500Z'))).toBe('2026-11-22 02:30:00');
  });
});
