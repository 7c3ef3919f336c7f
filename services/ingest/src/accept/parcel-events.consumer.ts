import { parseMessage, topics, type carrier } from '@flotilla/contracts';
import type { Unit } from '@flotilla/event-store';
import type { Handler } from '@flotilla/messaging';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { channel } from '../decide/channel.decider.js';
import { writeBack } from '../decide/write-back.decider.js';
import { writeBackId } from '../decide/write-back.events.js';
import type { Ingest } from '../ingest.parts.js';

type Shipped = Pick<carrier.ParcelShipped, 'parcelId' | 'orders' | 'carrier' | 'waybill' | 'shippedAt'>;

/** A parcel has left: every platform whose order is in it must hear of it. */
export const parcelEventsConsumer = ({ platforms }: Ingest): ServiceConsumer => {
  const request = (unit: Unit, { parcelId, orders, carrier: by, waybill, shippedAt }: Shipped): void => {
    for (const { orderId, channel: id, channelOrderId, lines } of orders) {
      const platform = unit.state(channel, id)?.platform ?? '';
      unit.run(writeBack, writeBackId(parcelId, orderId), {
        type: 'RequestWriteBack',
        data: {
          orderId, channel: id, channelOrderId, parcelId, carrier: by, waybill, shippedAt,
          lines: lines.map(({ channelLineId, quantity }) => ({ channelLineId, quantity })),
          needed: platforms.get(platform)?.writeBack !== undefined,
        },
      });
    }
  };
  const handler = (name: 'flotilla.carrier.v1.ParcelShipped' | 'flotilla.carrier.v1.ParcelShippedExternally'): Handler => ({
    handle: (message, unit) => request(unit, parseMessage(name, message.data)),
  });
  return {
    name: 'ingest-write-back',
    topics: [topics.parcel],
    handlers: {
      'flotilla.carrier.v1.ParcelShipped': handler('flotilla.carrier.v1.ParcelShipped'),
      'flotilla.carrier.v1.ParcelShippedExternally': handler('flotilla.carrier.v1.ParcelShippedExternally'),
    },
  };
};
