import { describe, expect, it } from '@jest/globals';
import { reasons } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { actOf, content, orderId } from '../../spec/samples.js';
import { World } from '../../spec/world.js';
import { actions, allowedActions, permit, refusalOf } from './actions.js';
import { fulfilmentStateOf, fulfilmentStates, orderStateOf, orderStates, waitsForOf } from './states.js';

const world = (when: 'placed' | 'paid' | 'approved' = 'placed'): World => new World({ rules: { riskLimit: 50_000, paymentMinutes: 30 }, policy: { allocateWhen: when }, carriers: ['sf'] }, () => undefined);
const unpaid = { payment: 'PAYMENT_STATE_UNPAID', paidAt: '' } as const;

describe('states', () => {
  it('ORD-01: one table names every state in Chinese and English', () => {
    for (const names of [...Object.values(orderStates), ...Object.values(fulfilmentStates)]) {
      expect(names.zh).toMatch(/\p{Script=Han}/u);
      expect(names.en).toMatch(/^[A-Z][a-z]/);
    }
    expect(Object.keys(orderStates)).toEqual(['NEW', 'AWAITING_PAYMENT', 'AUDITING', 'APPROVED', 'ALLOCATING', 'ALLOCATED', 'IN_FULFILMENT', 'PARTIALLY_SHIPPED', 'SHIPPED', 'PARTIALLY_DELIVERED', 'DELIVERED', 'CLOSED', 'CANCELLED', 'REJECTED_RISK']);
  });

  it('ORD-01: an order’s state is derived from its own facts and its fulfilment', () => {
    const one = world();
    const seen = (): readonly string[] => [orderStateOf(one.order, one.fulfilment), fulfilmentStateOf(one.fulfilment), waitsForOf(one.order, one.fulfilment)];
    expect(seen()).toEqual(['NEW', 'PLANNED', '']);
    one.hear({ type: 'flotilla.ingest.v1.ChannelOrderReceived', data: { order: content(unpaid) } });
    expect(seen()).toEqual(['AWAITING_PAYMENT', 'ALLOCATING', 'TIMER:PAYMENT']);
    one.hear({ type: 'flotilla.ingest.v1.ChannelOrderPaid', data: { orderId, paidAt: '2026-11-21T09:05:00.000Z', modifiedAt: '2026-11-21T09:05:00.000Z', amount: { amount: 3_500, currency: 'USD' } } });
    expect(seen()).toEqual(['ALLOCATING', 'ALLOCATING', 'ALLOCATION']);
    one.hear({ type: 'flotilla.allocation.v1.OrderBackordered', data: { foId: orderId, round: 1, orders: [], missing: [] } });
    expect(seen()).toEqual(['ALLOCATING', 'BACKORDERED', 'BACKORDER']);
    one.hear({ type: 'flotilla.allocation.v1.OrderAllocated', data: { foId: orderId, round: 1, warehouse: 'WH1', lockId: 'l', orders: [], items: [], parts: [] } });
    expect(seen()).toEqual(['IN_FULFILMENT', 'RELEASED', 'WAYBILL']);
  });

  it('ORD-02: when stock is asked for is the merchant’s choice', () => {
    const rounds = (['placed', 'paid', 'approved'] as const).map((when) => {
      const one = world(when);
      one.hear({ type: 'flotilla.ingest.v1.ChannelOrderReceived', data: { order: content(unpaid) } });
      const before = one.fulfilment.round;
      one.hear({ type: 'flotilla.ingest.v1.ChannelOrderPaid', data: { orderId, paidAt: '2026-11-21T09:05:00.000Z', modifiedAt: '2026-11-21T09:05:00.000Z', amount: { amount: 3_500, currency: 'USD' } } });
      return [before, one.fulfilment.round];
    });
    expect(rounds).toEqual([[1, 1], [0, 1], [0, 1]]);
  });
});

describe('what the desk may do', () => {
  it('ORD-05: is served with the order, and everything else is refused with a reason', () => {
    const one = world();
    one.hear({ type: 'flotilla.ingest.v1.ChannelOrderReceived', data: { order: content(unpaid) } });
    expect(allowedActions(one.order, one.fulfilment)).toEqual(['Hold', 'Cancel', 'ChangeAddress', 'Split', 'AllowPartial']);
    for (const action of actions) {
      const refusal = refusalOf(action, one.order, one.fulfilment);
      if (refusal) {
        expect(Object.keys(reasons)).toContain(refusal.reason);
        expect(() => permit(actOf(action), orderId, one.order, one.fulfilment)).toThrow(new Refused(refusal.reason, refusal.message));
      } else expect(() => permit(actOf(action), orderId, one.order, one.fulfilment)).not.toThrow();
    }
  });

  it('ORD-05: what the platform holds only the platform releases', () => {
    const one = world();
    one.hear({ type: 'flotilla.ingest.v1.ChannelOrderReceived', data: { order: content() } });
    one.hear({ type: 'flotilla.ingest.v1.ChannelFrozen', data: { orderId, frozen: true, reason: '', modifiedAt: '2026-11-21T10:00:00.000Z' } });
    expect(allowedActions(one.order, one.fulfilment)).not.toContain('Release');
    expect(() => permit(actOf('Release', one.order.holds[0]!.holdId), orderId, one.order, one.fulfilment)).toThrow(expect.objectContaining({ reason: 'NO_SUCH_HOLD' }));
  });

  it('ORD-05: an unknown order and an unknown hold are errors', () => {
    const one = world();
    expect(() => permit(actOf('Hold'), orderId, one.order, one.fulfilment)).toThrow(expect.objectContaining({ reason: 'NOT_FOUND' }));
    one.hear({ type: 'flotilla.ingest.v1.ChannelOrderReceived', data: { order: content({ total: { amount: 6_000_000, currency: 'USD' } }) } });
    expect(() => permit(actOf('Release', 'MANUAL:9'), orderId, one.order, one.fulfilment)).toThrow(expect.objectContaining({ reason: 'NO_SUCH_HOLD' }));
  });
});
