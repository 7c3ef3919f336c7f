import { describe, expect, it } from '@jest/globals';
import { fold, type Of } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import { parcelIdOf } from '@flotilla/values';
import { buyer, orderId, partOf, shipTo, usd, waybill } from '../../spec/samples.js';
import { fulfilment, type FulfilmentCommand } from './fulfilment.decider.js';
import type { FulfilmentEvent, Plan } from './fulfilment.events.js';
import { noFulfilment } from './fulfilment.state.js';

const { given } = specify(fulfilment);
const foId = orderId;
const parcelId = parcelIdOf(foId, 1);
const plan: Plan = {
  orders: [{ orderId, channel: 'shopify-demo', channelOrderId: '5001', lines: [{ lineId: 'l1', channelLineId: '1', sku: 'MUG', quantity: 1 }, { lineId: 'l2', channelLineId: '2', sku: 'MUG', quantity: 2 }] }],
  shipTo,
  buyer,
  number: '#1001',
  remark: '',
  tags: [],
  priority: 0,
  service: 'STANDARD',
  value: usd(3_500),
  prices: { l1: 1_000, l2: 2_000 },
  orderedAt: '2026-11-21T09:00:00.000Z',
};
/** The events of these commands, one upon the other. */
const after = (...commands: readonly FulfilmentCommand[]): readonly FulfilmentEvent[] => {
  const events: FulfilmentEvent[] = [];
  for (const command of commands) events.push(...fulfilment.decide(command, events.reduce(fulfilment.evolve, noFulfilment)));
  return events;
};
const planned: FulfilmentCommand = { type: 'PlanFulfilment', data: { foId, plan } };
const allocated = (round: number): FulfilmentCommand => ({ type: 'NoteAllocated', data: { foId, round, warehouse: 'WH1', lockId: 'l', orders: plan.orders, items: [{ sku: 'MUG', name: 'Mug', quantity: 3, grams: 300 }], parts: [partOf('WH1', [{ sku: 'MUG', quantity: 3 }])] } });
const requested: readonly FulfilmentCommand[] = [planned, { type: 'RequestAllocation', data: {} }];
const released: readonly FulfilmentCommand[] = [...requested, allocated(1), { type: 'ReleaseFulfilment', data: {} }];
const issued = (number: string): FulfilmentCommand => ({ type: 'NoteWaybill', data: waybill(foId, parcelId, number, []) });
const voided: FulfilmentCommand = { type: 'NoteVoided', data: { foId, parcelId, waybill: '', reason: 'by hand' } };

describe('a fulfilment order', () => {
  it('ORD-01: asks for the sum of each SKU over its lines', () =>
    given(...after(planned)).when({ type: 'RequestAllocation', data: {} }).then({
      type: 'AllocationRequested',
      data: { foId, round: 1, orders: plan.orders, lines: [{ sku: 'MUG', quantity: 3 }], country: 'US', province: 'OR', city: 'Portland', district: '', postcode: '97201', priority: 0, promisedAt: '', excludedWarehouses: [], orderedAt: plan.orderedAt, shipped: [], value: plan.value, service: plan.service, pickupLocation: '', tags: plan.tags },
    }));

  it('ALC-12: asks where the buyer collects it, and anew when that is another store or it is sent after all', () => {
    const inStore = (pickupLocation: string): FulfilmentCommand => ({ type: 'PlanFulfilment', data: { foId, plan: { ...plan, service: 'PICKUP', pickupLocation } } });
    const replanned = (command: FulfilmentCommand, linesChanged: boolean): FulfilmentEvent => ({ type: 'FulfilmentReplanned', data: { foId, plan: (command as Of<FulfilmentCommand, 'PlanFulfilment'>).data.plan, linesChanged, addressChanged: true } });
    const [asked] = fulfilment.decide({ type: 'RequestAllocation', data: {} }, fold(fulfilment, after(inStore('南山店'))));
    expect(asked).toMatchObject({ type: 'AllocationRequested', data: { service: 'PICKUP', pickupLocation: '南山店' } });
    const waiting = after(inStore('南山店'), { type: 'RequestAllocation', data: {} });
    expect(fulfilment.decide(inStore('福田店'), fold(fulfilment, waiting))).toMatchObject([{ type: 'FulfilmentReplanned', data: { linesChanged: true } }]);
    given(...waiting).when(planned).then(replanned(planned, true));
    given(...after(...requested)).when(inStore('')).then(replanned(inStore(''), true));
    given(...after(...requested)).when({ type: 'PlanFulfilment', data: { foId, plan: { ...plan, service: 'EXPRESS' } } }).then(replanned({ type: 'PlanFulfilment', data: { foId, plan: { ...plan, service: 'EXPRESS' } } }, false));
  });

  it('ORD-01: is asked for once per round', () => given(...after(...requested)).when({ type: 'RequestAllocation', data: {} }).thenNothing());

  it('ORD-05: ignores the answer to a round before', () =>
    given(...after(...requested, { type: 'PlanFulfilment', data: { foId, plan: { ...plan, orders: [{ ...plan.orders[0]!, lines: plan.orders[0]!.lines.slice(0, 1) }] } } }, { type: 'RequestAllocation', data: {} })).when(allocated(1)).thenNothing());

  it('ORD-01: has one parcel at a time', () => {
    given(...after(...released)).when({ type: 'ReleaseFulfilment', data: {} }).thenNothing();
    given(...after(...released)).when({ type: 'RequestAllocation', data: {} }).thenNothing();
    given(...after(...released)).when({ type: 'CancelFulfilment', data: { reason: 'customer' } }).thenNothing();
  });

  it('ORD-01: takes the newest waybill of its parcel, and no other parcel’s', () => {
    given(...after(...released, issued('SF1'))).when(issued('SF1')).thenNothing();
    given(...after(...released, issued('SF1'))).when(issued('SF2')).then({ type: 'WaybillNoted', data: { foId, parcelId, carrier: 'sf', service: 'STANDARD', waybill: 'SF2' } });
    given(...after(...released)).when({ type: 'NoteWaybill', data: waybill(foId, parcelIdOf(foId, 2), 'SF9', []) }).thenNothing();
  });

  it('ORD-05: a parcel that was voided without being asked needs a person; one that was asked does not', () => {
    given(...after(...released)).when(voided).then({ type: 'ParcelEnded', data: { foId, parcelId, how: 'VOIDED', carrier: '', reason: 'by hand', trouble: 'VOIDED' } });
    given(...after(...released, { type: 'RecallParcels', data: { parcelIds: [parcelId], reason: 'HELD' } })).when(voided).then({ type: 'ParcelEnded', data: { foId, parcelId, how: 'VOIDED', carrier: '', reason: 'by hand', trouble: '' } });
  });

  it('ORD-05: a voided parcel hears nothing more of its carrier', () => {
    for (const late of [issued('SF1'), voided, { type: 'NoteCancelRefused', data: { foId, parcelId, reason: 'SHIPPED' } }, { type: 'NoteLost', data: { foId, parcelId, carrier: 'sf', waybill: '' } }] as const) {
      given(...after(...released, voided)).when(late).thenNothing();
    }
  });

  it('ORD-01: milestones go forward, and what was delivered stays so', () => {
    const milestone = (name: 'MILESTONE_PICKED_UP' | 'MILESTONE_IN_TRANSIT' | 'MILESTONE_DELIVERED', occurredAt: string): FulfilmentCommand => ({
      type: 'NoteMilestone',
      data: { foId, parcelId, orders: [], carrier: 'sf', waybill: 'SF1', milestone: name, occurredAt, place: '', pushed: false },
    });
    const moving = after(...released, issued('SF1'), milestone('MILESTONE_IN_TRANSIT', '2026-11-22T10:00:00.000Z'));
    given(...moving).when(milestone('MILESTONE_PICKED_UP', '2026-11-22T09:00:00.000Z')).thenNothing();
    const there = [...moving, ...after(...released, issued('SF1'), milestone('MILESTONE_DELIVERED', '2026-11-23T10:00:00.000Z')).slice(-1)];
    given(...there).when(milestone('MILESTONE_IN_TRANSIT', '2026-11-24T10:00:00.000Z')).thenNothing();
  });

  it('ORD-01: what somebody else shipped counts once our own parcel is stopped, with all that is known of it; our stock is given back', () => {
    const external: FulfilmentCommand = { type: 'NoteShippedExternally', data: { foId, parcelId: 'ext', orders: [], carrier: 'yto', waybill: 'YT1', shippedAt: '2026-11-22T10:00:00.000Z', warehouse: '' } };
    const delivered: FulfilmentCommand = { type: 'NoteMilestone', data: { foId, parcelId: 'ext', orders: [], carrier: 'yto', waybill: 'YT1', milestone: 'MILESTONE_DELIVERED', occurredAt: '2026-11-23T10:00:00.000Z', place: '', pushed: false } };
    given(...after(...released, external)).when({ type: 'ShipExternal', data: {} }).thenNothing();
    given(...after(...released, delivered, external, { type: 'RecallParcels', data: { parcelIds: [parcelId], reason: 'SHIPPED_EXTERNALLY' } }, voided))
      .when({ type: 'ShipExternal', data: {} })
      .then({ type: 'FulfilmentShipped', data: { foId, parcelId: 'ext', shippedAt: '2026-11-22T10:00:00.000Z' } }, { type: 'FulfilmentDelivered', data: { foId, parcelId: 'ext', deliveredAt: '2026-11-23T10:00:00.000Z' } }, { type: 'FulfilmentCancelled', data: { foId, reason: 'shipped_externally', shipped: [] } });
  });
});
