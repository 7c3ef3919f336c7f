import { topics, type carrier, type common, type order } from '@flotilla/contracts';
import type { EventStore, Task } from '@flotilla/event-store';
import type { Incoming } from '@flotilla/messaging';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { about, place } from '../coordinate/settling.js';
import { referenceId } from '../decide/numbers.js';
import { receivable } from '../decide/receivable.decider.js';
import { reference } from '../decide/reference.decider.js';
import { voucher } from '../decide/voucher.decider.js';
import { refundVoucherId, shippedVoucherId } from '../decide/vouchers.js';
import { rehearse } from './rehearse.js';

type Handler = ServiceConsumer['handlers'][string];

const numberOf = ({ number, channelOrderId }: order.OrderPlaced): string => (number === '' ? channelOrderId : number);

const ofOrder = (message: Incoming): string => (message.data as { readonly orderId: string }).orderId;

const left: Handler = {
  streams: ({ data }) => (data as { readonly orders: readonly common.OrderShare[] }).orders.flatMap(({ orderId }) => [[receivable, orderId] as const, [voucher, shippedVoucherId(orderId)] as const]),
  handle: ({ data, time }, unit) => {
    const { orders, shippedAt } = data as Pick<carrier.ParcelShipped, 'orders' | 'shippedAt'>;
    // Revenue is the order's, not the parcel's: the first one of an order counts.
    for (const { orderId } of orders) about(unit, orderId, { type: 'Ship', data: { orderId, shippedAt } }, time);
  },
};

const named = (prepared: unknown): Task['streams'] => (prepared ?? []) as Task['streams'];

const handlers: ServiceConsumer['handlers'] = {
  'flotilla.order.v1.OrderPlaced': {
    streams: ({ data }, waiting) => {
      const placed = data as order.OrderPlaced;
      return [[receivable, placed.orderId], [reference, referenceId(placed.channel, numberOf(placed))], ...named(waiting)];
    },
    handle: ({ data, time }, unit) => {
      const placed = data as order.OrderPlaced;
      const { orderId, channel, total, placedAt, paidAt, shipping, buyer } = placed;
      place(unit, { type: 'Open', data: { orderId, channel, number: numberOf(placed), total, placedAt, paid: paidAt !== '', shipping, subject: buyer.subject } }, time);
    },
  },
  'flotilla.order.v1.OrderAmended': {
    streams: (message) => [[receivable, ofOrder(message)]],
    handle: ({ data, time }, unit) => {
      const { orderId, fields, total } = data as order.OrderAmended;
      if (fields.includes('total')) about(unit, orderId, { type: 'Amend', data: { orderId, total, at: time } }, time);
    },
  },
  'flotilla.order.v1.OrderPaid': {
    streams: (message) => [[receivable, ofOrder(message)]],
    handle: (message, unit) => about(unit, ofOrder(message), { type: 'Pay', data: { orderId: ofOrder(message) } }, message.time),
  },
  'flotilla.order.v1.OrderCancelled': {
    streams: (message) => [[receivable, ofOrder(message)]],
    handle: (message, unit) => about(unit, ofOrder(message), { type: 'Cancel', data: { orderId: ofOrder(message) } }, message.time),
  },
  'flotilla.order.v1.OrderRefunded': {
    streams: ({ data }, waiting) => {
      const { orderId, refundId } = data as order.OrderRefunded;
      return [[receivable, orderId], [voucher, refundVoucherId(orderId, refundId)], ...named(waiting)];
    },
    handle: ({ data, time }, unit) => {
      const { orderId, refundId, amount } = data as order.OrderRefunded;
      about(unit, orderId, { type: 'Refund', data: { orderId, refundId, amount, at: time } }, time);
    },
  },
  'flotilla.carrier.v1.ParcelShipped': left,
  'flotilla.carrier.v1.ParcelShippedExternally': left,
};

/** Lines may wait for these, of any number of statements. */
const awaited: ReadonlySet<string> = new Set(['flotilla.order.v1.OrderPlaced', 'flotilla.order.v1.OrderRefunded']);

/** What orders are worth, what was given back, and that they left. */
export const orderEvents = (store: Pick<EventStore, 'folded'>): ServiceConsumer => ({
  name: 'settlement',
  topics: [topics.order, topics.parcel],
  handlers,
  prepare: (messages) => Promise.all(messages.map(async (message) => (awaited.has(message.type) ? rehearse(store, (unit) => handlers[message.type]?.handle(message, unit, undefined)) : []))),
});
