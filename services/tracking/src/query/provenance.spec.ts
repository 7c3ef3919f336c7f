import { describe, expect, it } from '@jest/globals';
import type { Recorded, Source } from '@flotilla/event-store';
import { specify } from '@flotilla/testing';
import { provenance, type KeptStep } from '../decide/provenance.decider.js';
import type { Claim } from '../decide/shipment.events.js';
import { stepsOf } from './provenance.js';

const [orderId, parcelId] = ['73593e49-01a8-5a48-ba3d-f80693b46afb', '0b9e1e6c-0b1c-5f63-9a0e-2c55e5b5a1d1'];
const claim: Claim = { parcelId, foId: orderId, orders: [], carrier: 'sf', waybill: 'SF1' };
const step = (name: KeptStep['step'], hour: number, id = orderId, detail = ''): KeptStep => ({ id, step: name, at: `2026-11-21T${String(hour).padStart(2, '0')}:00:00.000Z`, detail });
const source = (stream: string, version: number): Source => ({ stream, version, id: `event-${stream}-${version}/0`, hash: `${version}`.repeat(64) });
let version = 0;
const recorded = (type: string, data: object, of?: Source): Recorded =>
  ({ stream: 'shipment-sf.SF1', version: (version += 1), id: `own-${version}`, hash: 'f'.repeat(64), type, data, meta: { correlation: 'c', causation: 'c', actor: 'a', ...(of ? { source: of } : {}) } }) as unknown as Recorded;
const kept = (data: KeptStep, of?: Source): Recorded => recorded('StepKept', data, of);
const { given } = specify(provenance);

describe('where a parcel comes from', () => {
  it('ORD-12: each step is kept once; what is packed anew is kept again', () => {
    given().when({ type: 'KeepStep', data: step('PLACED', 8) }).then({ type: 'StepKept', data: step('PLACED', 8) });
    given({ type: 'StepKept', data: step('PLACED', 8) }).when({ type: 'KeepStep', data: step('PLACED', 9) }).thenNothing();
    given({ type: 'StepKept', data: step('PACKED', 8) }).when({ type: 'KeepStep', data: step('PACKED', 8) }).thenNothing();
    given({ type: 'StepKept', data: step('PACKED', 8) }).when({ type: 'KeepStep', data: step('PACKED', 9) }).then({ type: 'StepKept', data: step('PACKED', 9) });
  });

  it('ORD-12: the steps stand in the order of the way, each with the event that its service wrote; milestones with our own', () => {
    const shipped = [
      recorded('ShipmentDispatched', { ...claim, shippedAt: '2026-11-21T12:00:00.000Z' }, source('parcel-1', 4)),
      recorded('MilestoneReached', { ...claim, milestone: 'MILESTONE_PICKED_UP', occurredAt: '2026-11-21T13:00:00.000Z', place: '深圳市' }),
    ];
    // The time of a release is the machine's, so that it may lie before or behind its neighbours where business time runs faster.
    const before = [kept(step('PACKED', 10, parcelId, 'SZ1'), source('floor-1', 5)), kept(step('PACKED', 11, parcelId, 'SZ1'), source('floor-1', 9)), kept(step('RELEASED', 1, parcelId, 'SZ1'), source('fulfilment-1', 3)), kept(step('PLACED', 8), source('order-1', 2)), kept(step('PAID', 9), source('order-1#1', 2))];
    const steps = stepsOf(claim, shipped, before);
    expect(steps.map(({ step: name, at, detail, event }) => [name, at.slice(11, 13), detail, event?.stream, event?.version])).toEqual([
      ['PLACED', '08', '', 'order-1', 2],
      ['PAID', '09', '', 'order-1', 2],
      ['RELEASED', '01', 'SZ1', 'fulfilment-1', 3],
      ['PACKED', '11', 'SZ1', 'floor-1', 9],
      ['SHIPPED', '12', 'sf', 'parcel-1', 4],
      ['MILESTONE_PICKED_UP', '13', '深圳市', 'shipment-sf.SF1', shipped[1]!.version],
    ]);
    expect([steps[0]!.event, steps[5]!.event]).toEqual([
      { stream: 'order-1', version: 2, id: 'event-order-1-2', hash: '2'.repeat(64) },
      { stream: 'shipment-sf.SF1', version: shipped[1]!.version, id: shipped[1]!.id, hash: 'f'.repeat(64) },
    ]);
  });

  it('ORD-12: of a message without a hash, and of what was stored without its source, no event is named', () => {
    expect(stepsOf(claim, [recorded('ShipmentDispatched', { ...claim, shippedAt: '2026-11-21T12:00:00.000Z' })], [kept(step('PLACED', 8), { ...source('kafka/orders/1', 7), hash: '' })]).map(({ event }) => event)).toEqual([null, null]);
  });

  it('ORD-12: a number that had been another parcel’s tells nothing of that one', () => {
    const other = { ...claim, parcelId: orderId };
    expect(stepsOf(claim, [recorded('ShipmentDispatched', { ...other, shippedAt: '2026-11-21T12:00:00.000Z' }), recorded('MilestoneReached', { ...other, milestone: 'MILESTONE_PICKED_UP', occurredAt: '2026-11-21T13:00:00.000Z', place: '' })], [])).toEqual([]);
  });
});
