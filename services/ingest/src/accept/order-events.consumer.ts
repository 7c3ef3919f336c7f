import { parseMessage, topics, type order } from '@flotilla/contracts';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { cancellation } from '../decide/cancellation.decider.js';
import { channel } from '../decide/channel.decider.js';
import { channelOrder } from '../decide/channel-order.decider.js';
import { shipBy } from '../decide/ship-by.decider.js';
import type { Ingest } from '../ingest.parts.js';

const endedThere = new Set(['PAYMENT_STATE_VOIDED', 'PAYMENT_STATE_REFUNDED']);

/** An order is not sent any more: its platform hears of it, unless it was the one who said so. */
export const orderEventsConsumer = ({ platforms, ctx }: Ingest): ServiceConsumer => ({
  name: 'ingest-cancellations',
  topics: [topics.order],
  handlers: {
    'flotilla.order.v1.OrderCancelRequested': {
      wants: ({ data }) => (data as { readonly by?: unknown }).by === 'channel',
      streams: ({ data }) => [[cancellation, (data as order.OrderCancelRequested).orderId]],
      handle: ({ data }, unit) => {
        const { orderId } = parseMessage('flotilla.order.v1.OrderCancelRequested', data);
        unit.run(cancellation, orderId, { type: 'NoteKnown', data: { orderId } });
      },
    },
    'flotilla.order.v1.OrderCancelled': {
      // And the channel's, which the order names: there are few, and they are at hand.
      streams: ({ data }) => [channelOrder, cancellation, shipBy].map((decider) => [decider, (data as order.OrderCancelled).orderId] as const),
      handle: ({ data }, unit) => {
        const { orderId, reason } = parseMessage('flotilla.order.v1.OrderCancelled', data);
        const { told, known } = unit.state(channelOrder, orderId);
        // Nothing that came in here.
        if (told.from === undefined) return;
        const { channel: id, channelOrderId } = told.from;
        const needed = known.cancelled === null && !endedThere.has(told.payment) && platforms.get(unit.state(channel, id)?.platform ?? '')?.cancel !== undefined;
        unit.run(cancellation, orderId, { type: 'RequestCancellation', data: { orderId, channel: id, channelOrderId, reason: reason.slice(0, 200).toWellFormed(), needed } });
        unit.run(shipBy, orderId, { type: 'EndShipBy', data: { orderId, at: ctx.clock.business().toISOString() } });
      },
    },
  },
});
