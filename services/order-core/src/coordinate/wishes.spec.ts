import { describe, expect, it } from '@jest/globals';
import { topics, published, type ingest, type MessageName, type Messages, type order as contract } from '@flotilla/contracts';
import { parcelIdOf } from '@flotilla/values';
import { content, orderId, shipTo, waybill } from '../../spec/samples.js';
import { World } from '../../spec/world.js';
import { waitsForOf } from '../decide/states.js';
import { actByHand } from './conduct.js';
import type { InputName } from './inputs.js';

const aloud = new Set(published[topics.order].map((type) => type.slice('flotilla.order.v1.'.length)));

/** An order whose parcel has its waybill; every word answers with what is said aloud. */
const waybilled = (more: Partial<ingest.ChannelOrder>) => {
  const world = new World({ rules: { riskLimit: 50_000, paymentMinutes: 30 }, policy: { allocateWhen: 'placed' }, carriers: ['sf', 'yto'] }, () => undefined);
  const tell = <Name extends MessageName & InputName>(type: Name, data: Messages[Name]): readonly string[] => world.hear({ type, data }).flatMap((event) => (aloud.has(event.type) ? [event.type] : []));
  tell('flotilla.ingest.v1.ChannelOrderReceived', { order: content(more) });
  tell('flotilla.allocation.v1.OrderAllocated', { foId: orderId, round: 1, warehouse: 'WH1', lockId: 'lock', orders: [], items: [], parts: [] });
  tell('flotilla.carrier.v1.WaybillIssued', waybill(orderId, parcelIdOf(orderId, 1), 'SF1', []));
  return {
    world,
    tell,
    amended: (change: Partial<ingest.ChannelOrder>) => tell('flotilla.ingest.v1.ChannelOrderAmended', { order: content({ ...more, modifiedAt: '2026-11-21T09:30:00.000Z', ...change }) }),
    waits: () => waitsForOf(world.order, world.fulfilment),
    released: () => world.unit.written.filter(({ type }) => type === 'FulfilmentReleased').map(({ data }) => data as contract.FulfilmentReleased),
    byHand: (act: Parameters<typeof actByHand>[2]) => world.act((unit, { policy, at }) => actByHand(unit, orderId, act, { by: 'desk', at, policy })).flatMap(({ type }) => (aloud.has(type) ? [type] : [])),
  };
};

describe('what the buyer writes later', () => {
  it('ING-10 ORD-05: a remark that asks for another address takes the parcel off the bench; when a person has changed it, it goes out anew, as the buyer wishes by now', () => {
    const one = waybilled({ remark: 'sealed-1', tags: [] });
    expect(one.waits()).toBe('SHIP');
    expect(one.amended({ remark: 'sealed-2', tags: ['buyer:address-change', 'buyer:carrier:yto'], giftMessage: 'sealed-card' })).toEqual(['OrderAmended', 'OrderHeld', 'FulfilmentCancelRequested']);
    expect(one.tell('flotilla.carrier.v1.ParcelVoided', { parcelId: parcelIdOf(orderId, 1), foId: orderId, waybill: 'SF1', reason: 'HELD' })).toEqual([]);
    expect(one.waits()).toBe('HOLD:BUYER_REQUEST');
    expect(one.byHand({ action: 'ChangeAddress', shipTo: { ...shipTo, city: 'Salem' } })).toEqual(['OrderAmended', 'OrderHoldReleased', 'FulfilmentReleased']);
    expect(one.released().at(-1)).toMatchObject({ attempt: 2, shipTo: { city: 'Salem' }, preferredCarrier: 'yto', giftMessage: 'sealed-card' });
  });

  it('ING-10: another wish for a carrier stops no parcel that has its waybill', () => {
    const one = waybilled({ remark: 'sealed-1', tags: [] });
    expect(one.amended({ remark: 'sealed-2', tags: ['buyer:not:sf'] })).toEqual(['OrderAmended']);
    expect([one.waits(), one.released()]).toMatchObject(['SHIP', [{ attempt: 1 }]]);
  });

  it('ING-09 ING-10: the same words again, read better, say nothing to anybody', () => {
    const one = waybilled({ remark: 'sealed-1', tags: [], shipTo: { ...shipTo, province: '' } });
    const address = { country: 'US', province: 'Oregon', city: 'Portland', district: '', code: 'US-OR', postcode: '97201', confidence: { province: 92, city: 80, district: 0, postcode: 90 }, flags: ['VAGUE'], changes: [{ field: 'province', from: '', to: 'Oregon' }], phone: 'ABROAD' };
    expect(one.amended({ shipTo: { ...shipTo, province: 'Oregon' }, address, tags: ['buyer:address-change'] })).toEqual([]);
  });
});
