import { topics, type carrier, type common } from '@flotilla/contracts';
import type { Incoming } from '@flotilla/messaging';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { noticeIdOf, ship } from '../coordinate/notices.js';
import { BUYERS, buyerSettings } from '../decide/buyer-settings.decider.js';
import { notice } from '../decide/notice.decider.js';
import { shipment, shipmentId, waybillOf } from '../decide/shipment.decider.js';
import type { Claim } from '../decide/shipment.events.js';
import { sources } from '../sources/registry.js';
import { contactOf } from './contact.js';

const claimOf = (data: { readonly parcelId: string; readonly foId: string; readonly orders: readonly common.OrderShare[]; readonly carrier: string; readonly waybill: string }): Claim => ({
  parcelId: data.parcelId,
  foId: data.foId,
  orders: data.orders,
  ...waybillOf(data.carrier, data.waybill),
});

// An event of carrier names the waybill that it voids, but not whose it is: it is whoever has it for this parcel.
const voidable = ({ waybill }: carrier.ParcelVoided): readonly { readonly carrier: string; readonly waybill: string }[] =>
  waybill === '' ? [] : sources.map(({ manifest }) => waybillOf(manifest.name, waybill));

const shipped = ({ data }: Incoming): carrier.ParcelShipped => data as carrier.ParcelShipped;

/** Parcels that get a waybill, leave, or are called off. */
export const parcelEvents: ServiceConsumer = {
  name: 'tracking',
  topics: [topics.parcel],
  handlers: {
    'flotilla.carrier.v1.WaybillIssued': {
      streams: ({ data }) => [[shipment, shipmentId(claimOf(data as carrier.WaybillIssued))], [buyerSettings, BUYERS]],
      handle: ({ data }, unit) => {
        const issued = data as carrier.WaybillIssued;
        const claim = claimOf(issued);
        ship(unit, claim, { type: 'Register', data: { ...claim, registeredAt: issued.issuedAt } });
      },
    },
    'flotilla.carrier.v1.ParcelShipped': {
      streams: (message) => [
        [shipment, shipmentId(claimOf(shipped(message)))],
        [notice, noticeIdOf(shipped(message).parcelId, 'SHIPPED')],
        [buyerSettings, BUYERS],
      ],
      handle: (message, unit) => {
        const { shippedAt, shipTo, buyer, number, items, warehouse, dueAt, pickupPlace, ...parcel } = shipped(message);
        const claim = claimOf(parcel);
        const phoneIndexes = [...new Set([shipTo.phoneIndex, buyer.phoneIndex])].filter((index) => index !== '');
        const contact = contactOf({ shipTo, buyer, number });
        ship(unit, claim, { type: 'Dispatch', data: { ...claim, shippedAt, contact, country: shipTo.country, phoneIndexes, items, warehouse, dueAt, ...(pickupPlace === '' ? {} : { pickupPlace }) } });
      },
    },
    'flotilla.carrier.v1.ParcelShippedExternally': {
      streams: ({ data }) => [[shipment, shipmentId(claimOf(data as carrier.ParcelShippedExternally))]],
      handle: ({ data }, unit) => {
        const external = data as carrier.ParcelShippedExternally;
        const claim = claimOf(external);
        // Nobody told us who bought it: it can be followed, but nobody can be written to.
        ship(unit, claim, { type: 'Dispatch', data: { ...claim, shippedAt: external.shippedAt, contact: { email: '', language: 'en', number: '' }, country: '', phoneIndexes: [], items: [], warehouse: '', dueAt: '' } });
      },
    },
    'flotilla.carrier.v1.ParcelVoided': {
      streams: ({ data }) => voidable(data as carrier.ParcelVoided).map((of) => [shipment, shipmentId(of)] as const),
      handle: ({ data }, unit) => {
        const voided = data as carrier.ParcelVoided;
        for (const of of voidable(voided)) unit.run(shipment, shipmentId(of), { type: 'Void', data: { ...of, parcelId: voided.parcelId } });
      },
    },
  },
};
