import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, type allocation, type MessageName, type order } from '@flotilla/contracts';
import type { Incoming } from '@flotilla/messaging';
import { MemoryUnit } from '@flotilla/testing';
import { BUYERS, buyerSettings } from '../decide/buyer-settings.decider.js';
import { kinds, type Notice } from '../decide/notice.events.js';
import type { KeptStep } from '../decide/provenance.decider.js';
import { orderSteps } from './order-steps.consumer.js';

const at = '2026-11-21T08:00:00.000Z';
const golden = (type: string, over: object = {}): Incoming =>
  ({ type, time: at, data: { ...(parseMessage(type as MessageName, JSON.parse(readFileSync(`proto/golden/${type}.json`, 'utf8'))) as object), ...over } }) as unknown as Incoming;
const take = (unit: MemoryUnit, ...messages: readonly Incoming[]): void => messages.forEach((message) => orderSteps.handlers[message.type]?.handle(message, unit, undefined));
const putting = (notices: readonly string[], provenance: boolean): MemoryUnit => {
  const unit = new MemoryUnit();
  unit.run(buyerSettings, BUYERS, { type: 'PutBuyerSettings', data: { notices: ['READY_FOR_PICKUP', ...notices], embedIn: [], provenance, warehouseNames: [], at, by: 'mei' } });
  return unit;
};
const telling = (...notices: readonly string[]): MemoryUnit => putting(notices, false);
const asked = (unit: MemoryUnit): readonly string[] => unit.of<Notice>('NoticeRequested').map(({ kind }) => kind);
const [placed, approved, released, picking, packed] = ['order.v1.OrderPlaced', 'order.v1.OrderApproved', 'order.v1.FulfilmentReleased', 'allocation.v1.PickingStarted', 'allocation.v1.ParcelPacked'].map((name) => golden(`flotilla.${name}`)) as [Incoming, Incoming, Incoming, Incoming, Incoming];

describe('what becomes of an order before a carrier has it', () => {
  it.each(Object.keys(orderSteps.handlers))('TRK-05: takes the golden example of %s, naming every stream it needs, and nothing comes of it twice', (type) => {
    const unit = putting(kinds, true);
    take(unit, ...[placed, released].filter((message) => message.type !== type), golden(type));
    const named = new Set(orderSteps.handlers[type]?.streams?.(golden(type)).map(([{ category }, id]) => `${category}-${id}`));
    const before = unit.log.length;
    take(unit, golden(type));
    expect(unit.log).toHaveLength(before);
    const lone = putting(kinds, true);
    take(lone, golden(type));
    for (const { stream } of lone.log.slice(1)) expect(named).toContain(stream);
  });

  it('TRK-05: the buyer is told that it is accepted, picked and packed, each once, in one language', () => {
    const unit = telling(...kinds);
    take(unit, placed, approved, released, picking, packed, approved, picking);
    expect(asked(unit)).toEqual(['ACCEPTED', 'PICKING', 'PACKED']);
    const [first, second] = unit.of<Notice>('NoticeRequested');
    const { orderId } = placed.data as order.OrderPlaced;
    const { parcelId, foId, buyer } = released.data as order.FulfilmentReleased;
    expect(first).toMatchObject({ parcelId: '', foId: orderId, medium: 'EMAIL', to: buyer.email, language: 'en', number: '#1001', carrier: '', waybill: '', country: 'US' });
    expect(second).toMatchObject({ parcelId, foId });
  });

  it('TRK-05: a step may be known before whom it concerns; of those that come together the last is told', () => {
    const unit = telling(...kinds);
    take(unit, approved, packed, picking, placed, released);
    expect(asked(unit)).toEqual(['ACCEPTED', 'PACKED']);
  });

  it('TRK-05: an address that was put right is the one that is written to', () => {
    const unit = telling(...kinds);
    const mailless = golden(placed.type, { buyer: { ...(placed.data as order.OrderPlaced).buyer, email: '' } });
    const { shipTo } = placed.data as order.OrderPlaced;
    take(unit, mailless, golden('flotilla.order.v1.OrderAmended', { orderId: (placed.data as order.OrderPlaced).orderId, fields: ['shipTo'], shipTo: { ...shipTo, phone: 'another' } }), approved);
    expect(unit.of<Notice>('NoticeRequested')).toMatchObject([{ kind: 'ACCEPTED', medium: 'SMS', to: 'another' }]);
  });

  it('TRK-05: so is one that was put right after the parcel was released', () => {
    const unit = telling(...kinds);
    const { buyer, parcelId, shipTo } = released.data as order.FulfilmentReleased;
    take(unit, golden(released.type, { buyer: { ...buyer, email: '' } }), golden('flotilla.order.v1.FulfilmentChangeRequested', { parcelId, shipTo: { ...shipTo, phone: 'another' } }), packed);
    expect(unit.of<Notice>('NoticeRequested')).toMatchObject([{ kind: 'PACKED', medium: 'SMS', to: 'another' }]);
  });

  it('TRK-05: a shop that does not tell of it writes nothing for it', () => {
    const unit = telling('SHIPPED', 'PACKED');
    take(unit, placed, approved, released, picking, packed);
    expect(asked(unit)).toEqual(['PACKED']);
    const silent = new MemoryUnit();
    take(silent, placed, approved, released, picking, packed);
    expect(silent.log).toEqual([]);
  });

  it('ORD-12: where a parcel comes from is kept step by step where the shop shows it, each once, and nothing of the buyer with it', () => {
    const { orderId, placedAt } = placed.data as order.OrderPlaced;
    const { parcelId, warehouse } = released.data as order.FulfilmentReleased;
    const unpaid = golden(placed.type, { paidAt: '' });
    const paid = golden('flotilla.order.v1.OrderPaid', { orderId, paidAt: '2026-11-21T09:05:00.000Z' });
    const { packedAt, parcelId: packedId } = packed.data as allocation.ParcelPacked;
    const unit = putting([], true);
    take(unit, unpaid, paid, released, packed, unpaid, paid, released, packed, golden(packed.type, { packedAt: '2026-11-22T09:00:00.000Z' }));
    expect(unit.log.slice(1)).toEqual([
      { stream: `provenance-${orderId}`, type: 'StepKept', data: { id: orderId, step: 'PLACED', at: placedAt, detail: '' } },
      { stream: `provenance-${orderId}`, type: 'StepKept', data: { id: orderId, step: 'PAID', at: '2026-11-21T09:05:00.000Z', detail: '' } },
      { stream: `provenance-${parcelId}`, type: 'StepKept', data: { id: parcelId, step: 'RELEASED', at, detail: warehouse } },
      { stream: `provenance-${packedId}`, type: 'StepKept', data: { id: packedId, step: 'PACKED', at: packedAt, detail: (packed.data as allocation.ParcelPacked).warehouse } },
      { stream: `provenance-${packedId}`, type: 'StepKept', data: { id: packedId, step: 'PACKED', at: '2026-11-22T09:00:00.000Z', detail: (packed.data as allocation.ParcelPacked).warehouse } },
    ]);
  });

  it('ORD-12: an order that was paid when it was placed is both by one event; one whose time nobody can read is neither', () => {
    const unit = putting([], true);
    take(unit, golden(placed.type, { paidAt: '2026-11-21T09:00:00.000Z' }));
    expect(unit.of<KeptStep>('StepKept').map(({ step, at: when }) => [step, when])).toEqual([['PLACED', (placed.data as order.OrderPlaced).placedAt], ['PAID', '2026-11-21T09:00:00.000Z']]);
    const unread = putting([], true);
    take(unread, golden(placed.type, { placedAt: 'yesterday', paidAt: '' }));
    expect(unread.of('StepKept')).toEqual([]);
  });

  it('ORD-12: where it is not shown nothing of it is kept', () => {
    const unit = telling();
    take(unit, placed, golden('flotilla.order.v1.OrderPaid'), released, packed);
    expect(unit.of('StepKept')).toEqual([]);
  });
});
