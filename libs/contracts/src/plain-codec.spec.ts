import { describe, expect, it } from '@jest/globals';
import { decodeMessage, encodeMessage, parseMessage, reasonOf, reasons, registry } from './index.js';

describe('plain messages', () => {
  it('fills what is missing, also inside', () => {
    const placed = parseMessage('flotilla.order.v1.OrderPlaced', { orderId: 'o', lines: [{ lineId: 'l', quantity: 2 }] });
    expect(placed.total).toEqual({ amount: 0, currency: '' });
    expect(placed.lines[0]).toMatchObject({ lineId: 'l', quantity: 2, sku: '', unitPrice: { amount: 0, currency: '' } });
    expect(placed.shipTo.street).toBe('');
  });

  it('lets unknown fields through, so that an older reader loses nothing', () => {
    expect(parseMessage('flotilla.order.v1.OrderPaid', { orderId: 'o', newer: { field: 1 } })).toMatchObject({ newer: { field: 1 } });
  });

  it('reads integers as numbers and as strings, as ProtoJSON has them, and writes numbers', () => {
    for (const amount of [9007199254740991, '9007199254740991']) expect(parseMessage('flotilla.common.v1.Money', { amount, currency: 'IDR' })).toEqual({ amount: 9007199254740991, currency: 'IDR' });
  });

  it('refuses what does not fit, and says what and where', () => {
    expect(() => parseMessage('flotilla.order.v1.OrderPaid', { orderId: 5 })).toThrow(/OrderPaid.*order_id.*expected string/);
    expect(() => parseMessage('flotilla.common.v1.Money', { amount: '9007199254740993', currency: 'IDR' })).toThrow(/beyond 2\^53/);
    expect(() => parseMessage('flotilla.order.v1.OrderPaid', [])).toThrow(/OrderPaid/);
  });

  it('reads an enum value that is newer than the reader as unspecified', () => {
    expect(parseMessage('flotilla.tracking.v1.MilestoneReached', { milestone: 'MILESTONE_TELEPORTED' }).milestone).toBe('MILESTONE_UNSPECIFIED');
  });

  it('carries bytes, maps and enums over the wire', () => {
    const tally = registry.getMessage('flotilla.ops.v1.Tally')!;
    expect(decodeMessage(tally, encodeMessage(tally, { counts: { a: 1, b: 2 ** 40 }, position: 7 }))).toEqual({ counts: { a: 1, b: 2 ** 40 }, position: 7, readers: [] });
    const reached = registry.getMessage('flotilla.tracking.v1.ListShipmentsRequest')!;
    expect(decodeMessage(reached, encodeMessage(reached, { milestone: 'MILESTONE_DELIVERED' }))).toEqual({ page: { size: 0, token: '' }, milestone: 'MILESTONE_DELIVERED', troubled: false, carrier: '' });
    const key = registry.getMessage('flotilla.ingest.v1.SubjectKey')!;
    expect(decodeMessage(key, encodeMessage(key, { subject: 's', key: new Uint8Array([1, 2]) }))).toEqual({ subject: 's', key: new Uint8Array([1, 2]) });
  });
});

describe('reasons', () => {
  it('gives every reason a gRPC code, an HTTP status and words in both languages', () => {
    for (const { grpc, http, zh, en } of Object.values(reasons)) {
      expect(grpc).toMatch(/^[A-Z_]+$/);
      expect(http).toBeGreaterThanOrEqual(400);
      expect(zh).toMatch(/[\u4e00-\u9fff]/);
      expect(en.length).toBeGreaterThan(2);
    }
    expect(reasonOf('NO_SUCH_REASON')).toBe(reasons.INTERNAL);
  });
});
