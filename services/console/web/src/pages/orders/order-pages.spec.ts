import { describe, expect, it } from '@jest/globals';
import type { order } from '@flotilla/contracts';
import { createOrderPages, merge } from './order-pages.js';

const row = (orderId: string, state = 'NEW'): order.OrderSummary => ({ orderId, state, channel: '', channelOrderId: '', number: orderId, total: { amount: 1, currency: 'CNY' }, placedAt: '', waitsFor: '', waitsSince: '', allowedActions: [], paidAt: '', priority: 0, tags: [], holds: [], custom: [], claimedBy: '', claimedUntil: '' });
const ids = (rows: readonly order.OrderSummary[]): string => rows.map(({ orderId, state }) => (state === 'NEW' ? orderId : `${orderId}:${state}`)).join(' ');
const none = (): boolean => false;

describe('a list that lives and does not move', () => {
  it('OPS-01: a row changes where it stands', () => {
    const { rows, gone, news } = merge([row('a'), row('b')], [row('a'), row('b', 'PAID')], { known: none, whole: true, last: true });
    expect([ids(rows), gone, news]).toEqual(['a b:PAID', [], 0]);
  });
  it('OPS-01: what is new is counted, not shown', () => {
    const { rows, news } = merge([row('a'), row('b')], [row('n'), row('a'), row('b'), row('c')], { known: (id) => id === 'c', whole: false, last: false });
    expect([ids(rows), news]).toEqual(['a b', 1]);
  });
  it('OPS-01: what the question does not find any more stays, and is told', () => {
    const { rows, gone } = merge([row('a'), row('b')], [row('a'), row('c'), row('d')], { known: none, whole: false, last: false });
    expect([ids(rows), gone]).toEqual(['a b', ['b']]);
  });
  it('OPS-01: what was only pushed out of the answer is not called gone', () => {
    const fresh = Array.from({ length: 4 }, (_, n) => row(`n${n}`));
    expect(merge([row('a'), row('b')], fresh, { known: none, whole: false, last: true }).gone).toEqual([]);
  });

  const world = (length: number) => {
    const all = Array.from({ length }, (_, n) => row(`o${String(n).padStart(5, '0')}`));
    const asked: string[] = [];
    const pages = createOrderPages(async (token, size) => {
      asked.push(`${token || 'first'}/${size}`);
      const from = token === '' ? 0 : all.findIndex(({ orderId }) => orderId === token) + 1;
      const orders = all.slice(from, from + size);
      return { orders, nextToken: from + size < all.length ? orders.at(-1)!.orderId : '' };
    }, 10);
    return { all, asked, pages };
  };
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

  it('OPS-01: grows as one scrolls, keeps what is near, and asks again for what was dropped', async () => {
    const { pages } = world(1_000);
    pages.grow();
    for (let n = 0; n < 60; n += 1) {
      await settle();
      pages.state().onRange(Math.max(0, pages.state().count - 12), pages.state().count - 1);
    }
    await settle();
    expect(pages.state().count).toBeGreaterThan(500);
    expect(pages.keys().length).toBeLessThanOrEqual(130);
    expect(pages.state().at(3)).toBeUndefined();
    pages.state().onRange(0, 9);
    await settle();
    await settle();
    expect(pages.state().at(3)?.orderId).toBe('o00003');
    expect(pages.keys().length).toBeLessThanOrEqual(130);
  });

  it('OPS-01: follows changes, and is as new only when it is asked to be', async () => {
    const { all, pages } = world(12);
    pages.grow();
    await settle();
    all.unshift(row('a0000'));
    all[3] = row(all[3]!.orderId, 'CHANGED');
    await pages.refresh();
    expect([pages.state().news, pages.state().at(0)?.orderId, pages.state().at(2)?.state]).toEqual([1, 'o00000', 'CHANGED']);
    await pages.reload();
    expect([pages.state().news, pages.state().at(0)?.orderId]).toEqual([0, 'a0000']);
  });

  it('OPS-01: an error is told, and the next refresh asks again', async () => {
    let broken = true;
    const pages = createOrderPages(async () => {
      if (broken) throw new Error('away');
      return { orders: [row('a')], nextToken: '' };
    });
    pages.grow();
    await settle();
    expect(pages.state().error).toEqual(new Error('away'));
    broken = false;
    await pages.refresh();
    await settle();
    expect([pages.state().error, pages.state().count]).toEqual([undefined, 1]);
  });
});
