import { topics, type alerts, type carrier, type order, type tracking } from '@flotilla/contracts';
import type { Unit } from '@flotilla/event-store';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { channelFacts } from './channel-facts.js';
import { parcelTroubles } from './parcel-troubles.js';
import { tellLag } from '../coordinate/lagging.js';
import { begin, callOff } from '../coordinate/watching.js';
import { count, handling, type Count } from '../decide/count.decider.js';
import { lag } from '../decide/lag.decider.js';
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

const paid = (unit: Unit, orderId: string, paidAt: string, placed: alerts.IncidentOrder | null): void => {
  begin(unit, paidNotAudited, orderId, paidAt, placed ? { orders: [placed] } : {});
  unit.run(handling, orderId, { type: 'Pay', data: { at: paidAt } });
};

const shipped = (unit: Unit, orders: readonly { readonly orderId: string }[], at: string): void => {
  for (const orderId of new Set(orders.map((one) => one.orderId))) unit.run(handling, orderId, { type: 'Ship', data: { at } });
};
const handled = (orders: readonly { readonly orderId: string }[]) => orders.map(({ orderId }) => [handling, orderId] as const);

const counted = (unit: Unit, id: string, data: Count): void => void unit.run(count, id, { type: 'Count', data });

/** One stream for both: a parcel is in time or late, once. */
const delivery = (part: 0 | 1): ServiceConsumer['handlers'][string] => ({
  streams: ({ data }) => [[count, `delivery.${(data as tracking.DeliveryLate).parcelId}`]],
  handle: ({ data }, unit) => {
    const { parcelId, ...of } = data as tracking.DeliveryLate | tracking.DeliveryOnTime;
    counted(unit, `delivery.${parcelId}`, { measure: 'DELIVERY', at: 'knownAt' in of ? of.knownAt : of.deliveredAt, part, whole: 1, currency: '' });
  },
});

/** Facts of the others that start clocks and call them off. */
export const lifecycleEvents: ServiceConsumer = {
  name: 'alerts',
  topics: [topics.ingest, topics.order, topics.parcel, topics.tracking],
  handlers: {
    ...channelFacts,
    ...parcelTroubles,
    'flotilla.order.v1.OrderPlaced': {
      streams: ({ data }) => [audit((data as order.OrderPlaced).orderId), settings, [handling, (data as order.OrderPlaced).orderId], [count, `sales.${(data as order.OrderPlaced).orderId}`]],
      handle: ({ data }, unit) => {
        const { orderId, channel, channelOrderId, placedAt, paidAt, total } = data as order.OrderPlaced;
        const placed = { orderId, channel, channelOrderId };
        if (paidAt === '') unit.run(handling, orderId, { type: 'Place', data: placed });
        else paid(unit, orderId, paidAt, placed);
        if (total) counted(unit, `sales.${orderId}`, { measure: 'COST', at: placedAt, part: 0, whole: total.amount, currency: total.currency });
      },
    },
    'flotilla.order.v1.OrderPaid': {
      streams: ({ data }) => [audit((data as order.OrderPaid).orderId), settings, [handling, (data as order.OrderPaid).orderId]],
      handle: ({ data }, unit) => {
        const { orderId, paidAt } = data as order.OrderPaid;
        paid(unit, orderId, paidAt, unit.state(handling, orderId).order);
      },
    },
    'flotilla.order.v1.OrderApproved': audited,
    'flotilla.order.v1.OrderCancelled': audited,
    'flotilla.carrier.v1.ParcelShipped': {
      streams: ({ data }) => {
        const { parcelId, orders } = data as carrier.ParcelShipped;
        return [...parcelStreams(parcelId), ...handled(orders), [count, `freight.${parcelId}`]];
      },
      handle: ({ data }, unit) => {
        const { parcelId, orders, shippedAt, dueAt, pickupPlace, freight } = data as carrier.ParcelShipped;
        // What is collected in our store is scanned by our own people when it is there.
        if (pickupPlace === '') begin(unit, outboundNoNews, parcelId, shippedAt, { orders });
        begin(unit, shippedNotPickedUp, parcelId, shippedAt, { orders });
        if (dueAt !== '') begin(unit, promiseNear, parcelId, dueAt, { since: shippedAt, orders });
        shipped(unit, orders, shippedAt);
        if (freight && freight.amount !== 0) counted(unit, `freight.${parcelId}`, { measure: 'COST', at: shippedAt, part: freight.amount, whole: 0, currency: freight.currency });
      },
    },
    'flotilla.carrier.v1.ParcelShippedExternally': {
      streams: ({ data }) => {
        const { parcelId, orders } = data as carrier.ParcelShippedExternally;
        return [...parcelStreams(parcelId), ...handled(orders)];
      },
      handle: ({ data }, unit) => {
        const { parcelId, orders, shippedAt } = data as carrier.ParcelShippedExternally;
        begin(unit, outboundNoNews, parcelId, shippedAt, { orders });
        begin(unit, shippedNotPickedUp, parcelId, shippedAt, { orders });
        shipped(unit, orders, shippedAt);
      },
    },
    'flotilla.tracking.v1.DeliveryOnTime': delivery(1),
    'flotilla.tracking.v1.DeliveryLate': delivery(0),
    'flotilla.tracking.v1.MilestoneReached': {
      streams: ({ data }) => [...parcelStreams((data as tracking.MilestoneReached).parcelId), [lag, (data as tracking.MilestoneReached).carrier]],
      handle: (message, unit) => {
        const { parcelId, milestone, carrier: name, occurredAt, pushed } = message.data as tracking.MilestoneReached;
        for (const { rule, until } of ofParcel) if (until.includes(milestone)) callOff(unit, rule, parcelId, milestone, message.time);
        if (pushed) tellLag(unit, name, occurredAt, message.time);
      },
    },
  },
};
