import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Reading } from '../platform.js';
import { readSubmitted } from './delivery.js';
import { submitted } from './order.js';

const fixture = (name: string): Record<string, unknown> => JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8')) as Record<string, unknown>;
const personal = Buffer.from(JSON.stringify(fixture('personal')));
const read = async (change: object = {}, open: (jwe: string) => Promise<Uint8Array> = () => Promise.resolve(personal)): Promise<Reading> => {
  const readings = await readSubmitted({ topic: submitted, body: Buffer.from(JSON.stringify({ ...fixture('submitted'), ...change })) }, open);
  expect(readings).toHaveLength(1);
  return readings[0]!;
};

describe('an order on the topic', () => {
  it('ING-05: has its opened personal part, its address and its refunds', async () => {
    expect(await read()).toEqual({
      channelOrderId: 'TB-20261121-0007',
      kind: 'announce',
      buyer: 'customer:u-77',
      said: {
        as: 'order',
        order: {
          number: 'TB-0007', placedAt: '2026-11-21T02:00:00.000Z', modifiedAt: '2026-11-21T02:05:00.000Z', payment: 'PAYMENT_STATE_PAID', buyer: { email: '', phone: '13800138000', locale: '' },
          shipTo: { country: 'CN', province: '浙江省', city: '杭州市', district: '西湖区', postcode: '310013', street: '文三路 90 号', company: '', name: '王小明', phone: '13800138000' },
          // One is left; the refund that took the other is told on its own.
          lines: [{ channelLineId: 'L1', channelSku: 'TEA-LJ-250', title: '西湖龙井 250g', quantity: 2, unitPrice: 16800, discount: 1600, requiresShipping: true, grams: 280, attributes: [] }],
          currency: 'CNY', subtotal: 33600, discount: 1600, shipping: 0, tax: 0, total: 32000, remark: '请发顺丰', tags: ['老客户'], shippingMethod: '顺丰', test: false, attributes: [{ name: '礼品卡', value: '生日快乐' }],
        },
        facts: {
          modifiedAt: '2026-11-21T02:05:00.000Z', paid: { paidAt: '2026-11-21T02:01:00.000Z', amount: 32000, currency: 'CNY' }, cancelled: null,
          refunds: [{ refundId: 'R1', state: 'settled', modifiedAt: '2026-11-21T02:05:00.000Z', amount: 16000, currency: 'CNY', lines: [{ channelLineId: 'L1', sku: 'TEA-LJ-250', quantity: 1 }] }],
        },
      },
    });
  });

  it('ING-05: may have no personal part', async () => expect(await read({ personal: '' })).toMatchObject({ buyer: 'order:TB-20261121-0007', said: { order: { shipTo: { city: '杭州市', name: '' } } } }));

  it.each([
    ['NO_ORDER_ID', { channelOrderId: '' }], ['CONTRACT_VIOLATED', { payment: 'maybe' }], ['BAD_INSTANT', { modifiedAt: '' }], ['BAD_INSTANT', { placedAt: 'now' }], ['BAD_CURRENCY', { currency: '' }], ['BAD_AMOUNT', { total: 1.5 }],
    ['BAD_AMOUNT', { total: -1 }], ['BAD_AMOUNT', { total: 2 ** 53 }], ['NO_LINES', { lines: [] }], ['CONTRACT_VIOLATED', { lines: [{ quantity: 1 }] }], ['BAD_QUANTITY', { lines: [{ channelLineId: 'L1' }] }], ['CONTRACT_VIOLATED', { refunds: [{ refundId: 'R', state: 'x' }] }],
    ['BAD_TEXT', { number: 'a\u0000' }],
    ['CONTRACT_VIOLATED', { lines: [{ channelLineId: 'L'.repeat(201), quantity: 1 }] }], ['CONTRACT_VIOLATED', { refunds: [{ refundId: 'R'.repeat(201), state: 'settled' }] }], ['CONTRACT_VIOLATED', { payment: 'constructor' }],
  ])('ING-14: %s when %j', async (reason, change) => expect((await read(change)).said).toMatchObject({ as: 'failure', reason }));

  it('ING-05: carries the platform’s token of a recipient whom it masks, and refuses what is none', async () => {
    const masked = (token: string): Promise<Reading> => read({}, () => Promise.resolve(Buffer.from(JSON.stringify({ ...fixture('personal'), name: '王**', token }))));
    expect((await masked('taobao:1a2b3c==')).said).toMatchObject({ as: 'order', order: { shipTo: { name: '王**', token: 'taobao:1a2b3c==' } } });
    expect((await masked('1a2b3c')).said).toMatchObject({ as: 'failure', reason: 'CONTRACT_VIOLATED' });
  });

  it('ING-14: BAD_PERSONAL where the personal part cannot be opened or is no object', async () => {
    expect((await read({}, () => Promise.reject(new Error('no')))).said).toMatchObject({ as: 'failure', reason: 'BAD_PERSONAL' });
    expect((await read({}, () => Promise.resolve(Buffer.from('"x"')))).said).toMatchObject({ as: 'failure', reason: 'BAD_PERSONAL' });
  });

  it('ING-14: other messages and other data have a reason', async () => {
    const open = (): Promise<Uint8Array> => Promise.resolve(personal);
    expect(await readSubmitted({ topic: submitted, body: Buffer.from('[1]') }, open)).toMatchObject([{ channelOrderId: '', said: { reason: 'BAD_JSON' } }]);
    expect(await readSubmitted({ topic: 'x.y', body: Buffer.from('{"channelOrderId":"7"}') }, open)).toMatchObject([{ channelOrderId: '7', said: { reason: 'UNKNOWN_TOPIC' } }]);
  });
});
