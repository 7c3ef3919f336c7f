import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { blindIndex, newKey, open } from '@flotilla/values';
import { readDelivery } from '../channels/shopify/delivery.js';
import { openRaw, sealRaw } from './raw.js';
import { understood } from '../standardise/order.js';
import { contentText, sealOrder } from './sealing.js';

const [reading] = readDelivery({ topic: 'orders/create', body: readFileSync(join(import.meta.dirname, '../channels/shopify/fixtures/order-two-currencies.json')) });
const clear = reading!.said.as === 'order' ? reading!.said.order : undefined;
const subject = '4b5f7f0e-1f6a-5f0e-8a53-9b7f6f0d1c2e';
const key = newKey();
const indexKey = newKey();
const owner = { orderId: '0c4a2f6c-7f24-5b0e-9f0e-111111111111', channel: 'shop', platform: 'shopify', channelOrderId: '7200145901234567891', subject, key, index: (kind: 'phone' | 'email', value: string) => blindIndex(indexKey, kind, value) };

const read = understood(clear!, () => ['buyer:gift-card']);

describe('an order that leaves the door', () => {
  it('ING-01: has every personal value sealed, and nothing of them in clear', () => {
    const text = JSON.stringify(sealOrder(clear!, owner, read));
    for (const personal of ['Greta', 'Lind', 'example.se', '070-174', '46701740605', 'Storgatan', '1203', 'Söner', 'upper bell', 'Grattis', 'Till Elsa']) expect(text).not.toContain(personal);
    for (const readable of ['SE', 'Umeå', '903 26', 'TEA-LJ-250', 'Longjing', 'gift_message', 'Engraving']) expect(text).toContain(readable);
  });

  it('ING-01: opens with the subject’s key alone, and is found by its indexes', () => {
    const sealed = sealOrder(clear!, owner, read);
    const keyOf = (of: string): Uint8Array | undefined => (of === subject ? key : undefined);
    const { shipTo, buyer } = sealed;
    expect([shipTo.name, shipTo.street, shipTo.phone, shipTo.company, buyer.email, sealed.remark, sealed.lines[0]!.attributes[0]!.value].map((text) => open(keyOf, text))).toEqual([
      'Greta Lind', 'Storgatan 14, lgh 1203', '070-174 06 05', 'Lind & Söner AB', 'Greta.Lind@example.se', 'Ring the upper bell 🔔, please', 'Till Elsa',
    ]);
    expect(shipTo.phoneIndex).toBe(blindIndex(indexKey, 'phone', '+46701740605'));
    expect(buyer.phoneIndex).toBe(shipTo.phoneIndex);
    expect(buyer.emailIndex).toBe(blindIndex(indexKey, 'email', 'greta.lind@example.se'));
  });

  it('ING-11: is the same content when only its times and payment differ', () => {
    expect(contentText({ ...clear!, modifiedAt: '2027-01-01T00:00:00.000Z', payment: 'PAYMENT_STATE_REFUNDED' })).toBe(contentText(clear!));
    expect(contentText({ ...clear!, remark: 'other' })).not.toBe(contentText(clear!));
  });

  it('ORD-02: is another content when another amount was paid than it costs, and says what was paid', () => {
    expect(contentText({ ...clear!, amountPaid: clear!.total })).toBe(contentText(clear!));
    expect(contentText({ ...clear!, amountPaid: clear!.total - 1 })).not.toBe(contentText(clear!));
    expect(sealOrder({ ...clear!, amountPaid: 9000 }, owner, read).amountPaid).toEqual({ amount: 9000, currency: 'EUR' });
    expect(sealOrder(clear!, owner, read).amountPaid).toEqual({ amount: 0, currency: '' });
  });
});

describe('raw bytes', () => {
  it('ING-14: come back as they were, also a megabyte of noise', () => {
    const noise = Buffer.alloc(1024 * 1024, 0).map((_, index) => (index * 2654435761) >>> 13);
    for (const bytes of [Buffer.alloc(0), Buffer.from([0xff, 0x00, 0x7b]), noise]) {
      const pieces = sealRaw(key, subject, bytes);
      expect(Buffer.compare(Buffer.from(openRaw(() => key, pieces)!), bytes)).toBe(0);
    }
    expect(openRaw(() => undefined, sealRaw(key, subject, noise))).toBeUndefined();
  });
});
