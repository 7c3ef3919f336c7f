import type { Meta, Recorded, Task, TimerChange } from '@flotilla/event-store';
import { conduct } from '../coordinate/conduct.js';
import type { Terms } from '../coordinate/inputs.js';
import type { OrderEvent } from '../decide/order.events.js';
import { fulfilment } from '../decide/fulfilment.decider.js';
import { progressOf } from '../decide/fulfilment.state.js';
import { order } from '../decide/order.decider.js';

const prefix = 'payment/';

/** An unpaid order has a timer until it is paid, approved as it is, or given up. */
export const paymentTimer = (event: Recorded): readonly TimerChange[] => {
  const { type, data } = event as OrderEvent & Recorded;
  switch (type) {
    case 'OrderPlaced':
      return data.paymentDueAt === '' ? [] : [{ key: prefix + data.orderId, dueAt: data.paymentDueAt, clock: 'business', data: { orderId: data.orderId } }];
    case 'OrderPaid':
    case 'OrderApproved':
    case 'OrderCancelRequested':
      return [{ key: prefix + data.orderId, dueAt: null, clock: 'business', data: null }];
    default:
      return [];
  }
};

/** It only says when to look: an order that was paid in the meantime stays. */
export const lookAtPayment = (key: string, meta: Meta, terms: () => Terms): Task => {
  const id = key.slice(prefix.length);
  return {
    streams: [[order, id], [fulfilment, id]],
    meta,
    decide: (unit) => {
      unit.state(order, id); // first touched, first written
      unit.run(order, id, { type: 'LookAtPayment', data: { progress: progressOf(unit.state(fulfilment, id)) } });
      const { policy, at } = terms();
      conduct(unit, id, policy, at);
    },
  };
};
