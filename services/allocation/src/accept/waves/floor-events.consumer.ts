import { parseMessage, topics, type MessageName, type Messages, type order } from '@flotilla/contracts';
import type { Handler, Incoming } from '@flotilla/messaging';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { moveParcel } from '../../coordinate/waves.js';
import { floor, type FloorCommand } from '../../decide/waves/floor.decider.js';
import type { FloorItem } from '../../decide/waves/floor.events.js';

/** The streams that this folder's parcels have names for; others are nobody's. */
export const isParcelId = (text: unknown): text is string => typeof text === 'string' && /^[\x21-\x7e]{1,100}$/.test(text);

const bySku = (items: readonly order.ParcelItem[]): readonly FloorItem[] => {
  const found = new Map<string, FloorItem>();
  for (const { sku, name, quantity, grams } of items) found.set(sku, { sku, name, quantity: quantity + (found.get(sku)?.quantity ?? 0), grams });
  return [...found.values()];
};

type OfParcel = { [Name in MessageName as Messages[Name] extends { readonly parcelId: string } ? Name : never]: true };

const about = <Name extends MessageName & keyof OfParcel>(name: Name, toCommand: (data: Messages[Name]) => FloorCommand | undefined): Readonly<Record<string, Handler>> => ({
  [name]: {
    streams: ({ data }: Incoming) => {
      const { parcelId } = (data ?? {}) as { readonly parcelId?: unknown };
      return isParcelId(parcelId) ? [[floor, parcelId]] : [];
    },
    handle: ({ data }, unit) => {
      const message = parseMessage(name, data);
      const { parcelId } = message as { readonly parcelId: string };
      const command = isParcelId(parcelId) ? toCommand(message) : undefined;
      if (command) moveParcel(unit, parcelId, command);
    },
  },
});

/** What becomes of parcels, as far as whoever picks and packs them has to know. `at`: business time. */
export const floorEvents = (at: () => string): ServiceConsumer => ({
  name: 'allocation-floor',
  topics: [topics.order, topics.parcel],
  handlers: {
    // What a supplier sends is picked by the supplier.
    ...about('flotilla.order.v1.FulfilmentReleased', ({ external, parcelId, foId, warehouse, number, priority, service, shipTo, preferredCarrier, items }) =>
      external ? undefined : { type: 'Release', data: { parcelId, foId, warehouse, number, priority, service, country: shipTo.country.toUpperCase(), province: shipTo.province, carrier: preferredCarrier, items: bySku(items), releasedAt: at() } },
    ),
    ...about('flotilla.order.v1.FulfilmentChangeRequested', ({ parcelId, items }) => ({ type: 'ChangeItems', data: { parcelId, items: bySku(items), at: at() } })),
    // Cancelled, displaced or short: order-core calls the parcel off. What carrier sends all the same is told by carrier.
    ...about('flotilla.order.v1.FulfilmentCancelRequested', ({ parcelId }) => ({ type: 'EndParcel', data: { parcelId, how: 'CANCELLED', at: at() } })),
    ...about('flotilla.carrier.v1.ParcelVoided', ({ parcelId }) => ({ type: 'EndParcel', data: { parcelId, how: 'CANCELLED', at: at() } })),
    ...about('flotilla.carrier.v1.CarrierRefused', ({ parcelId }) => ({ type: 'EndParcel', data: { parcelId, how: 'REFUSED', at: at() } })),
    ...about('flotilla.carrier.v1.WaybillIssued', ({ parcelId, carrier, waybill }) => ({ type: 'NoteCarrier', data: { parcelId, carrier, waybill } })),
    ...about('flotilla.carrier.v1.ParcelShipped', ({ parcelId }) => ({ type: 'EndParcel', data: { parcelId, how: 'SHIPPED', at: at() } })),
    ...about('flotilla.carrier.v1.ParcelShippedExternally', ({ parcelId }) => ({ type: 'EndParcel', data: { parcelId, how: 'SHIPPED', at: at() } })),
  },
});
