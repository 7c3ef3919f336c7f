import { topics, type carrier, type order, type tracking } from '@flotilla/contracts';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { channelFacts } from './channel-facts.js';
import { parcelTroubles } from './parcel-troubles.js';
import { begin, callOff } from '../coordinate/watching.js';
import { rules, type Rule } from '../decide/rules.js';
import { ruleset, RULESET } from '../decide/ruleset.decider.js';
import { watch, watchId } from '../decide/watch.decider.js';

const { paidNotAudited, shippedNotPickedUp, outboundNoNews, promiseNear } = rules;
const settings = [ruleset, RULESET] as const;
const stream = ({ id }: Rule, subject: string) => [watch, watchId({ rule: id, subject })] as const;
const audit = (orderId: string) => stream(paidNotAudited, orderId);

const audited: ServiceConsumer['handlers'][string] = {
  streams: ({ data }) => [audit((data as order.OrderApproved).orderId)],
  handle: (message, unit) => callOff(unit, paidNotAudited, (message.data as order.OrderApproved).orderId, message.type, message.time),
};

/** Clocks over a parcel, and the milestones that call each off: every scan, or being with the last courier. A label is no scan. */
const scanned: readonly tracking.Milestone[] = [
  'MILESTONE_PICKED_UP', 'MILESTONE_IN_TRANSIT', 'MILESTONE_CUSTOMS', 'MILESTONE_OUT_FOR_DELIVERY', 'MILESTONE_READY_FOR_PICKUP', 'MILESTONE_DELIVERY_FAILED',
  'MILESTONE_EXCEPTION', 'MILESTONE_RETURNING', 'MILESTONE_RETURNED', 'MILESTONE_DELIVERED', 'MILESTONE_CANCELLED',
];
const arriving: readonly tracking.Milestone[] = ['MILESTONE_OUT_FOR_DELIVERY', 'MILESTONE_READY_FOR_PICKUP', 'MILESTONE_RETURNING', 'MILESTONE_RETURNED', 'MILESTONE_DELIVERED', 'MILESTONE_CANCELLED'];
const ofParcel: readonly { readonly rule: Rule; readonly until: readonly tracking.Milestone[] }[] = [
  { rule: outboundNoNews, until: scanned },
  { rule: shippedNotPickedUp, until: scanned },
  { rule: promiseNear, until: arriving },
];
const parcelStreams = (parcelId: string) => [...ofParcel.map(({ rule }) => stream(rule, parcelId)), settings];

/** Facts of the others that start clocks and call them off. */
export const lifecycleEvents: ServiceConsumer = {
  name: 'alerts',
  topics: [topics.ingest, topics.order, topics.parcel, topics.tracking],
  handlers: {
    ...channelFacts,
    ...parcelTroubles,
    'flotilla.order.v1.OrderPlaced': {
      streams: ({ data }) => [audit((data as order.OrderPlaced).orderId), settings],
      handle: ({ data }, unit) => {
        const { orderId, paidAt } = data as order.OrderPlaced;
        if (paidAt !== '') begin(unit, paidNotAudited, orderId, paidAt);
      },
    },
    'flotilla.order.v1.OrderPaid': {
      streams: ({ data }) => [audit((data as order.OrderPaid).orderId), settings],
      handle: ({ data }, unit) => {
        const { orderId, paidAt } = data as order.OrderPaid;
        begin(unit, paidNotAudited, orderId, paidAt);
      },
    },
    'flotilla.order.v1.OrderApproved': audited,
    'flotilla.order.v1.OrderCancelled': audited,
    'flotilla.carrier.v1.ParcelShipped': {
      streams: ({ data }) => parcelStreams((data as carrier.ParcelShipped).parcelId),
      handle: ({ data }, unit) => {
        const { parcelId, shippedAt, dueAt, pickupPlace } = data as carrier.ParcelShipped;
        // What is collected in our store is scanned by our own people when it is there.
        if (pickupPlace === '') begin(unit, outboundNoNews, parcelId, shippedAt);
        begin(unit, shippedNotPickedUp, parcelId, shippedAt);
        if (dueAt !== '') begin(unit, promiseNear, parcelId, dueAt, shippedAt);
      },
    },
    'flotilla.carrier.v1.ParcelShippedExternally': {
      streams: ({ data }) => parcelStreams((data as carrier.ParcelShippedExternally).parcelId),
      handle: ({ data }, unit) => {
        const { parcelId, shippedAt } = data as carrier.ParcelShippedExternally;
        begin(unit, outboundNoNews, parcelId, shippedAt);
        begin(unit, shippedNotPickedUp, parcelId, shippedAt);
      },
    },
    'flotilla.tracking.v1.MilestoneReached': {
      streams: ({ data }) => parcelStreams((data as tracking.MilestoneReached).parcelId),
      handle: (message, unit) => {
        const { parcelId, milestone } = message.data as tracking.MilestoneReached;
        for (const { rule, until } of ofParcel) if (until.includes(milestone)) callOff(unit, rule, parcelId, milestone, message.time);
      },
    },
  },
};
