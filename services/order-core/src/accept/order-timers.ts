import type { Meta, Recorded, Task, TimerChange } from '@flotilla/event-store';
import { conduct, orderIdOf, wholeOf } from '../coordinate/conduct.js';
import type { Terms } from '../coordinate/inputs.js';
import type { OrderEvent } from '../decide/order.events.js';
import type { FulfilmentEvent } from '../decide/fulfilment.events.js';
import { fulfilment } from '../decide/fulfilment.decider.js';
import { delivered, progressOf } from '../decide/fulfilment.state.js';
import { order } from '../decide/order.decider.js';

type Kind = 'payment' | 'return';
const nameOf = (kind: Kind, id: string): string => `${kind}/${id}`;
const off = (kind: Kind, orderId: string): TimerChange => ({ key: nameOf(kind, orderId), dueAt: null, clock: 'business', data: null });
const on = (kind: Kind, orderId: string, dueAt: string): TimerChange => ({ key: nameOf(kind, orderId), dueAt, clock: 'business', data: { orderId } });

/**
 * Two clocks. Of an order, unpaid: until it is paid, approved as it is, or given up. Of each of its fulfilment orders, delivered: until the return window
 * of the last of its parcels has passed; one that was split off whose order is closed before finds nothing to do.
 */
export const orderTimers =
  (returnWindowDays: number) =>
  (event: Recorded): readonly TimerChange[] => {
    const { type, data } = event as (OrderEvent | FulfilmentEvent) & Recorded;
    const later = (from: string): string => new Date(Date.parse(from) + returnWindowDays * 86_400_000).toISOString();
    switch (type) {
      case 'OrderPlaced':
        return data.paymentDueAt === '' ? [] : [on('payment', data.orderId, data.paymentDueAt)];
      case 'OrderPaid':
      case 'OrderApproved':
      case 'OrderCancelRequested':
        return [off('payment', data.orderId)];
      case 'FulfilmentDelivered':
        return [on('return', data.foId, later(data.deliveredAt))];
      case 'TroubleCleared':
        // What is written off does not arrive: the rest may have been waiting for it only.
        return !data.writtenOffAt ? [] : [on('return', data.foId, later(data.writtenOffAt))];
      case 'OrderClosed':
      case 'OrderCancelled':
        return [off('return', data.orderId)];
      default:
        return [];
    }
  };

/** A timer only says when to look: an order that was paid, or closed, in the meantime stays as it is. */
export const lookAtOrder = (timer: string, meta: Meta, terms: () => Terms): Task => {
  const [kind, key = ''] = timer.split('/');
  return {
    streams: [[order, key], [fulfilment, key]],
    meta,
    decide: (unit) => {
      unit.state(order, key); // first touched, first written
      // What was split off has its own return window, which is kept in mind: when the rest has arrived, or is not sent after all, no timer comes any more.
      const id = orderIdOf(unit, key);
      const { policy, at } = terms();
      if (kind === 'payment') unit.run(order, id, { type: 'LookAtPayment', data: { progress: progressOf(wholeOf(unit, id)) } });
      else unit.run(order, id, { type: 'LookAtReturnWindow', data: { parcels: unit.state(fulfilment, key).legs.filter(delivered).map(({ parcel }) => parcel!.parcelId), at } });
      conduct(unit, id, policy, at);
    },
  };
};
