import { describe, expect, it } from '@jest/globals';
import { Ledger, type Noted } from './ledger.js';

const webhook = (deliveryId: string, orderId: string, more: Partial<Noted> = {}): Noted => ({
  world: 'shopify', direction: 'out', kind: 'webhook orders/create', channel: 'a', orderId, deliveryId, status: 'accepted', announcement: true, ...more,
});

describe('the ledger', () => {
  it('ING-02: counts what was sent by way and channel, and an order of two shops with one number twice', () => {
    const ledger = new Ledger();
    const pulled = (channel: string): void => void ledger.note({ world: 'woocommerce', direction: 'out', kind: 'pulled', channel, orderId: '1001', deliveryId: 'pulled', status: 'accepted', announcement: true, way: 'PULL' });
    for (const channel of ['woo-a', 'woo-b', 'woo-a']) pulled(channel);
    ledger.note({ world: 'woocommerce', direction: 'out', kind: 'webhook order.created', channel: 'woo-a', orderId: '1001', deliveryId: 'd', status: 'accepted', announcement: true, way: 'WEBHOOK' });
    expect(ledger.summary()).toMatchObject({ sent: 3, distinct: 2, duplicates: 1, redelivered: 1, byWay: { 'PULL.woo-a': 1, 'PULL.woo-b': 1, 'WEBHOOK.woo-a': 1 } });
  });

  it('ING-11: counts announcements by delivery and orders by channel and id', () => {
    const ledger = new Ledger();
    for (const noted of [
      webhook('w1', '1', { status: 'no answer' }),
      webhook('w1', '1'),
      webhook('w1', '1'),
      webhook('w2', '1'),
      webhook('c1', '1', { world: 'connector', kind: 'ChannelOrderSubmitted' }),
      webhook('w3', '1', { channel: 'b' }),
      webhook('w4', '2', { garbage: true }),
      webhook('u1', '1', { kind: 'webhook orders/updated', announcement: false }),
      webhook('f1', '3', { status: 'refused 401', announcement: false, forged: true }),
      webhook('f2', '3', { announcement: false, forged: true }),
      webhook('w5', '4', { status: 'refused 400' }),
      { world: 'sf', direction: 'out', kind: 'RoutePushService', deliveryId: 'r1', status: 'accepted' } as const,
    ]) ledger.note(noted);
    expect(ledger.summary()).toMatchObject({ sent: 5, distinct: 3, duplicates: 2, updates: 1, forged: 1, forgedAccepted: 1, redelivered: 1, entries: 12 });
  });
  it('pages', () => {
    const ledger = new Ledger();
    for (let i = 0; i < 5; i += 1) ledger.note(webhook(`w${i}`, `${i}`));
    const first = ledger.page(0, 3);
    expect(first.entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(ledger.page(first.next ?? 0, 3)).toMatchObject({ next: null, entries: [{ seq: 4 }, { seq: 5 }] });
  });
});
