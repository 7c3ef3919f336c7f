import { describe, expect, it } from '@jest/globals';
import type { EventStore, Recorded } from '@flotilla/event-store';
import { MemoryUnit } from '@flotilla/testing';
import { content, orderId } from '../../spec/samples.js';
import { inputs } from '../coordinate/inputs.js';
import { orderDiff } from './order-history.js';

/** The log of an order that people act upon again and again; `reads` counts how often an event of it is looked at. */
const long = (events: number) => {
  const unit = new MemoryUnit();
  inputs['flotilla.ingest.v1.ChannelOrderReceived'](unit, { order: content({ orderId }) }, { rules: { riskLimit: 50_000, paymentMinutes: 30 }, policy: { allocateWhen: 'placed' }, carriers: ['sf'], at: '2026-11-21T10:00:00.000Z' });
  const first = unit.log.filter(({ stream }) => stream.startsWith('order-'));
  let reads = 0;
  const of = (stream: string, version: number, { type, data }: { readonly type: string; readonly data: unknown }): Recorded => ({
    stream, version, id: `${stream}/${version}`, schemaVersion: 1, recordedAt: new Date(Date.parse('2026-11-21T10:00:00.000Z') + version * 1_000).toISOString(), data, meta: { correlation: '', causation: '', actor: 'ada' }, hash: '', position: version,
    get type() {
      reads += 1;
      return type;
    },
  });
  const all = [...first, ...Array.from({ length: events - first.length }, () => ({ type: 'ActedByHand', data: { orderId, action: 'Hold', reason: 'asked' } }))].map((event, n) => of(`order-${orderId}`, n + 1, event));
  const store = { read: (stream: string, { from = 1, limit = 1_000 }: { readonly from?: number; readonly limit?: number }) => Promise.resolve(all.filter((event) => event.stream === stream && event.version >= from).slice(0, limit)) } as unknown as EventStore;
  return { store, reads: () => reads };
};
const whole = { orderId, fromAt: '', fromPosition: 1, toAt: '', toPosition: 0 };

describe('what changed between two states', () => {
  it('ORD-12: looks at each event a few times, however many there are', async () => {
    const { store, reads } = long(1_500);
    expect((await orderDiff(store, whole)).events).toHaveLength(1_499);
    expect(reads()).toBeLessThan(10 * 1_500);
  });

  it('ORD-12: compares no more than two thousand events', async () => {
    await expect(orderDiff(long(2_002).store, whole)).rejects.toMatchObject({ reason: 'TOO_LARGE' });
    expect((await orderDiff(long(2_001).store, whole)).events).toHaveLength(2_000);
  });
});
