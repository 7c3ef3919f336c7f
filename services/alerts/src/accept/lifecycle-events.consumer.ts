import { topics, type carrier, type order, type tracking } from '@flotilla/contracts';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { begin, callOff } from '../coordinate/watching.js';
import { rules } from '../decide/rules.js';
import { watch, watchId } from '../decide/watch.decider.js';

const { paidNotAudited, shippedNotPickedUp } = rules;
const audit = (orderId: string) => [watch, watchId({ rule: paidNotAudited.id, subject: orderId })] as const;
const pickup = (parcelId: string) => [watch, watchId({ rule: shippedNotPickedUp.id, subject: parcelId })] as const;

const audited: ServiceConsumer['handlers'][string] = {
  streams: ({ data }) => [audit((data as order.OrderApproved).orderId)],
  handle: (message, unit) => callOff(unit, paidNotAudited, (message.data as order.OrderApproved).orderId, message.type, message.time),
};

/** Facts of the others that start clocks and call them off. */
export const lifecycleEvents: ServiceConsumer = {
  name: 'alerts',
  topics: [topics.order, topics.parcel, topics.tracking],
  handlers: {
    'flotilla.order.v1.OrderPlaced': {
      streams: ({ data }) => [audit((data as order.OrderPlaced).orderId)],
      handle: ({ data }, unit) => {
        const { orderId, paidAt } = data as order.OrderPlaced;
        if (paidAt !== '') begin(unit, paidNotAudited, orderId, paidAt);
      },
    },
    'flotilla.order.v1.OrderPaid': {
      streams: ({ data }) => [audit((data as order.OrderPaid).orderId)],
      handle: ({ data }, unit) => {
        const { orderId, paidAt } = data as order.OrderPaid;
        begin(unit, paidNotAudited, orderId, paidAt);
      },
    },
    'flotilla.order.v1.OrderApproved': audited,
    'flotilla.order.v1.OrderCancelled': audited,
    'flotilla.carrier.v1.ParcelShipped': {
      streams: ({ data }) => [pickup((data as carrier.ParcelShipped).parcelId)],
      handle: ({ data }, unit) => {
        const { parcelId, shippedAt } = data as carrier.ParcelShipped;
        begin(unit, shippedNotPickedUp, parcelId, shippedAt);
      },
    },
    'flotilla.tracking.v1.MilestoneReached': {
      streams: ({ data }) => [pickup((data as tracking.MilestoneReached).parcelId)],
      handle: (message, unit) => {
        const { parcelId, milestone } = message.data as tracking.MilestoneReached;
        // A label is no scan: nobody has the parcel yet.
        if (milestone !== 'MILESTONE_LABEL_CREATED') callOff(unit, shippedNotPickedUp, parcelId, milestone, message.time);
      },
    },
  },
};
