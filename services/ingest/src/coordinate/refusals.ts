import { topics, type connector } from '@flotilla/contracts';
import type { Recorded } from '@flotilla/event-store';
import type { Published } from '@flotilla/messaging';
import type { ChannelOrderEvent } from '../decide/channel-order.events.js';

/** For a relay's `publish`: tells a connector what of its topic could not be understood. `[]` for every other event; what a platform sent is answered by its own way in. */
export const refusals = (event: Recorded): readonly Published[] => {
  const { type, data } = event as unknown as ChannelOrderEvent;
  if (type !== 'DeliveryQuarantined' || data.source !== 'TOPIC') return [];
  const { channel, channelOrderId, orderId, deliveryId, topic, sentAt, receivedAt, reason, detail, parks } = data;
  return [
    {
      topic: topics.channelOrdersRefused,
      key: `${channel}/${channelOrderId}`,
      type: 'flotilla.connector.v1.ChannelOrderRefused',
      data: { channel, channelOrderId, orderId, deliveryId, type: topic, sentAt, reason, detail, waits: parks, refusedAt: receivedAt } satisfies connector.ChannelOrderRefused,
    },
  ];
};
