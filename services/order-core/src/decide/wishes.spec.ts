import { describe, expect, it } from '@jest/globals';
import { fold } from '@flotilla/decider';
import type { allocation, order } from '@flotilla/contracts';
import { buyer, orderId, partOf, shipTo, usd } from '../../spec/samples.js';
import { fulfilment, type FulfilmentCommand } from './fulfilment.decider.js';
import type { FulfilmentEvent, Plan } from './fulfilment.events.js';
import { noFulfilment } from './fulfilment.state.js';

const plan: Plan = {
  orders: [{ orderId, channel: 'shopify-demo', channelOrderId: '5001', lines: [{ lineId: 'l1', channelLineId: '1', sku: 'MUG', quantity: 1 }] }],
  shipTo, buyer, number: '#1001', remark: '', tags: [], priority: 0, service: 'STANDARD', value: usd(1_000), prices: { l1: 1_000 }, orderedAt: '2026-11-21T09:00:00.000Z',
};
const events = (commands: readonly FulfilmentCommand[], before: readonly FulfilmentEvent[] = []): readonly FulfilmentEvent[] =>
  commands.reduce<readonly FulfilmentEvent[]>((all, command) => [...all, ...fulfilment.decide(command, all.reduce(fulfilment.evolve, noFulfilment))], before);
const released = (tags: readonly string[], part: Partial<allocation.AllocatedPart> = {}, more: Partial<Plan> = {}): readonly FulfilmentEvent[] =>
  events([
    { type: 'PlanFulfilment', data: { foId: orderId, plan: { ...plan, tags, ...more } } },
    { type: 'RequestAllocation', data: {} },
    { type: 'NoteAllocated', data: { foId: orderId, round: 1, warehouse: 'WH1', lockId: 'l', orders: plan.orders, items: [{ sku: 'MUG', name: 'Mug', quantity: 1, grams: 300 }], parts: [{ ...partOf('WH1', [{ sku: 'MUG', quantity: 1 }]), ...part }] } },
    { type: 'ReleaseFulfilment', data: {} },
  ]);
const last = (all: readonly FulfilmentEvent[]): order.FulfilmentReleased => all.findLast(({ type }) => type === 'FulfilmentReleased')!.data as order.FulfilmentReleased;
const carriers = (tags: readonly string[], part: Partial<allocation.AllocatedPart> = {}): readonly unknown[] => {
  const { preferredCarrier, excludedCarriers } = last(released(tags, part));
  return [preferredCarrier, excludedCarriers];
};

describe('what the buyer wishes', () => {
  it('ING-10: the carrier that is wished for is preferred before the one that routing would take; without a wish routing’s is', () => {
    expect(carriers(['vip', 'buyer:carrier:sf'], { preferredCarrier: 'yto' })).toEqual(['sf', []]);
    expect(carriers(['vip'], { preferredCarrier: 'yto' })).toEqual(['yto', []]);
    // Either will do: routing chooses between them.
    expect(carriers(['buyer:carrier:sf', 'buyer:carrier:jd'], { preferredCarrier: 'jd' })).toEqual(['jd', []]);
  });

  it('ING-10: a carrier that is not wanted is kept away, also where routing would take it', () => {
    expect(carriers(['buyer:not:yto', 'buyer:not:sto'], { preferredCarrier: 'yto', excludedCarriers: ['jt'] })).toEqual(['', ['jt', 'sto', 'yto']]);
    expect(carriers(['buyer:not:sf', 'buyer:carrier:sf'])).toEqual(['sf', []]);
  });

  it('ING-10: a wish does not bring back whom the routing rules keep away', () => expect(carriers(['buyer:carrier:sf', 'buyer:carrier:jd'], { excludedCarriers: ['sf'], preferredCarrier: 'yto' })).toEqual(['jd', ['sf']]));

  it('ING-10: one that nobody can keep goes to a person, who may let it go; what routing says stays', () => {
    const before = released(['buyer:not:yto'], { excludedCarriers: ['jt'] });
    const refused = events([{ type: 'NoteCarrierRefused', data: { refused: { foId: orderId, parcelId: last(before).parcelId, carrier: 'sf', reason: 'NO_RATE', detail: '' }, carriers: ['sf', 'yto'] } }], before);
    expect(refused.at(-1)).toMatchObject({ type: 'ParcelEnded', data: { trouble: 'CARRIER' } });
    const again = events([{ type: 'ClearTrouble', data: { trouble: 1, at: '2026-11-21T10:00:00.000Z' } }, { type: 'ReleaseFulfilment', data: {} }], refused);
    expect(last(again)).toMatchObject({ attempt: 2, excludedCarriers: ['jt'] });
  });

  it('ING-10: the card’s text goes with the parcel, sealed; a plan of before has none', () => {
    expect(last(released([], {}, { giftMessage: 'sealed-card' })).giftMessage).toBe('sealed-card');
    expect(last(released([])).giftMessage).toBe('');
  });

  it('ING-10: a remark that is changed counts from the next parcel on, and stops none', () => {
    const before = released([]);
    const [replanned] = fulfilment.decide({ type: 'PlanFulfilment', data: { foId: orderId, plan: { ...plan, tags: ['buyer:carrier:sf'] } } }, fold(fulfilment, before));
    expect(replanned).toMatchObject({ type: 'FulfilmentReplanned', data: { linesChanged: false, addressChanged: false } });
  });
});
