import { parseMessage, topics, type carrier } from '@flotilla/contracts';
import type { Unit } from '@flotilla/event-store';
import type { Handler } from '@flotilla/messaging';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { channel } from '../decide/channel.decider.js';
import { channelOrder } from '../decide/channel-order.decider.js';
import { skuPolicy } from '../decide/sku-policy.decider.js';
import { writeBack } from '../decide/write-back.decider.js';
import { writeBackId } from '../decide/write-back.events.js';
import type { Ingest } from '../ingest.parts.js';

type Shipped = Pick<carrier.ParcelShipped, 'parcelId' | 'orders' | 'carrier' | 'waybill' | 'shippedAt'>;

type Line = Shipped['orders'][number]['lines'][number];

const channelLines = (unit: Unit, { id, orderId, parcelId, lines }: { readonly id: string; readonly orderId: string; readonly parcelId: string; readonly lines: readonly Line[] }): readonly { readonly channelLineId: string; readonly quantity: number }[] => {
  const plain = lines.map(({ channelLineId, quantity }) => ({ channelLineId, quantity }));
  // Only a channel with a SKU map has lines that are not the platform's own.
  if (unit.state(skuPolicy, id).version === 0) return plain;
  const [shipped] = unit.run(channelOrder, orderId, { type: 'NoteShipped', data: { orderId, parcelId, lines: lines.map(({ lineId, channelLineId, quantity }) => ({ lineId, channelLineId, quantity })) } });
  return shipped?.type === 'PartsShipped' ? shipped.data.channelLines : plain;
};

/** A parcel has left: every platform whose order is in it must hear of it. */
export const parcelEventsConsumer = ({ platforms }: Ingest): ServiceConsumer => {
  const request = (unit: Unit, { parcelId, orders, carrier: by, waybill, shippedAt }: Shipped): void => {
    for (const { orderId, channel: id, channelOrderId, lines } of orders) {
      const platform = unit.state(channel, id)?.platform ?? '';
      const told = channelLines(unit, { id, orderId, parcelId, lines });
      unit.run(writeBack, writeBackId(parcelId, orderId), {
        type: 'RequestWriteBack',
        data: {
          orderId, channel: id, channelOrderId, parcelId, carrier: by, waybill, shippedAt,
          lines: told,
          // A parcel that completes no unit of a bundle has nothing that the platform knows: the one that does tells of it.
          needed: told.length > 0 && platforms.get(platform)?.writeBack !== undefined,
        },
      });
    }
  };
  const streams: NonNullable<Handler['streams']> = ({ data }) => {
    const { parcelId, orders } = data as Shipped;
    return orders.flatMap(({ orderId, channel: id }) => [[channel, id] as const, [skuPolicy, id] as const, [channelOrder, orderId] as const, [writeBack, writeBackId(parcelId, orderId)] as const]);
  };
  const handler = (name: 'flotilla.carrier.v1.ParcelShipped' | 'flotilla.carrier.v1.ParcelShippedExternally'): Handler => ({
    streams,
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
