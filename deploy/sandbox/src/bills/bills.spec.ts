import { describe, expect, it } from '@jest/globals';
import { readCatalogue } from '../orders/catalogue.js';
import { generateOrder } from '../orders/generate.js';
import { totalsOf, type WorldOrder } from '../orders/order.js';
import { refundUnit } from '../platforms/shopify/changes.js';
import { Account, billText, type BillFormat } from './bills.js';

const catalogue = readCatalogue();
const HOUR = 3_600_000;
const start = Date.parse('2026-11-21T10:00:00Z');
const made = (index: number, paid = true): WorldOrder => generateOrder({ catalogue, seed: 7, salt: 's', index, channel: 'woo', number: index, at: start, wish: { units: 2, paid, domestic: true } });
const yuan = (fen: number): string => (fen / 100).toFixed(2);

describe('bills of payment services', () => {
  it('SET-02: have every payment and refund once, some hours after it, and nothing that was not paid', () => {
    let now = start;
    const account = new Account('wechat-pay', '', () => now);
    const [one, unpaid] = [made(1), made(2, false)];
    for (const order of [one, unpaid]) account.open(order);
    expect(account.bill(1)).toBeUndefined();
    now += 4 * HOUR;
    expect(account.bill(1)).toMatchObject([{ kind: 'charge', order: one.id, amount: totalsOf(one).total }]);
    expect([account.bill(2), account.bill(3)]).toEqual([undefined, undefined]);
    const refund = refundUnit(one, now)!;
    now += 4 * HOUR;
    expect(account.bill(2)).toMatchObject([{ kind: 'refund', order: one.id, amount: -refund.amount }]);
    expect(account.bill(1)).toHaveLength(1);
  });

  it.each<[BillFormat, RegExp]>([['wechat-pay', /^`1,`/], ['alipay', /^#收入合计：1笔/], ['alipay-trade', /^#交易合计：1笔/]])('SET-02: %s names the order as the channel does, and says its own sums', (format, sums) => {
    const account = new Account(format, 'T200P', () => start + 4 * HOUR);
    const order = made(1);
    account.open(order);
    const text = billText(format, account.bill(1)!);
    const lines = text.trim().split('\r\n');
    expect(text).toContain(`T200P${order.id}`);
    expect(lines.find((line) => sums.test(line))).toContain(yuan(totalsOf(order).total));
  });
});
