import { describe, expect, it } from '@jest/globals';
import type { Shipment } from '../decide/shipment.decider.js';
import { noticeIdOf, owed } from './notices.js';

const at = (milestone: Shipment['milestone'], status: Shipment['status'] = 'dispatched'): Shipment => ({ status, claim: null, contact: null, milestone, pending: [], seen: [], told: [], heard: null, troubles: [], chosen: [], rated: false, warehouse: '', abroad: false, pickupPlace: '', mistakes: 0, mistakenAt: '', due: null });

describe('the notices that a shipment owes its buyer', () => {
  it('TRK-05: shipped, out for delivery, delivered, and when something goes wrong', () => {
    expect(owed(at('MILESTONE_LABEL_CREATED'), true)).toEqual(['SHIPPED']);
    expect(owed(at('MILESTONE_IN_TRANSIT'), false)).toEqual([]);
    expect(owed(at('MILESTONE_OUT_FOR_DELIVERY'), false)).toEqual(['OUT_FOR_DELIVERY']);
    expect(owed(at('MILESTONE_DELIVERED'), false)).toEqual(['DELIVERED']);
    for (const trouble of ['MILESTONE_DELIVERY_FAILED', 'MILESTONE_EXCEPTION', 'MILESTONE_RETURNING'] as const) expect(owed(at(trouble), false)).toEqual(['EXCEPTION']);
  });

  it('TRK-05: nobody is told that a parcel left when it is there already', () => expect(owed(at('MILESTONE_DELIVERED'), true)).toEqual(['DELIVERED']));

  it('TRK-05: nothing before the parcel has left', () => expect(owed(at('MILESTONE_OUT_FOR_DELIVERY', 'registered'), false)).toEqual([]));

  it('ALC-12: ready for pickup of what waits in our store, and not that it was shipped; of a carrier’s locker nothing', () => {
    const collected = (milestone: Shipment['milestone']): Shipment => ({ ...at(milestone), pickupPlace: '南山店\n深南大道 1 号' });
    expect(owed(collected('MILESTONE_LABEL_CREATED'), true)).toEqual([]);
    expect(owed(collected('MILESTONE_READY_FOR_PICKUP'), false)).toEqual(['READY_FOR_PICKUP']);
    expect(owed(collected('MILESTONE_DELIVERED'), false)).toEqual(['DELIVERED']);
    expect(owed(at('MILESTONE_READY_FOR_PICKUP'), false)).toEqual([]);
  });

  it('TRK-05: one of a kind per parcel', () => {
    const parcel = '0f7c3a52-9d0e-5b1c-8a44-5f0e6f1d2c33';
    expect(noticeIdOf(parcel, 'SHIPPED')).toBe(noticeIdOf(parcel, 'SHIPPED'));
    expect(noticeIdOf(parcel, 'SHIPPED')).not.toBe(noticeIdOf(parcel, 'DELIVERED'));
  });
});
