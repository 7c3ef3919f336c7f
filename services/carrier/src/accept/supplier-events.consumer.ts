import { parseMessage, topics } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Unit } from '@flotilla/event-store';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { parcel } from '../decide/parcel.decider.js';
import { waybill as waybills, waybillIdOf } from '../decide/waybill.decider.js';
import type { CarrierManifest } from '../perform/carriers/carrier.js';
import { carrierOf, isExternalNumber } from '../perform/carriers/foreign.js';
import { floorHandlers } from './floor-handlers.js';

/**
 * Parcels that suppliers have sent (CAR-13). A number that cannot be one, or that another parcel has, is refused: the message is parked
 * for a person, since nobody else can say which of the two is wrong. And what the floor does, which is told on the same topic.
 */
export const supplierEvents = (manifests: ReadonlyMap<string, CarrierManifest>): ServiceConsumer => ({
  name: 'carrier-suppliers',
  topics: [topics.allocation],
  handlers: {
    'flotilla.allocation.v1.SupplierShipped': {
      handle: ({ data }, unit: Unit) => {
        const said = parseMessage('flotilla.allocation.v1.SupplierShipped', data);
        const shipped = { ...said, carrier: carrierOf(said.carrier) };
        const { carrier, waybill, parcelId } = shipped;
        if (!isExternalNumber(manifests, carrier, waybill)) throw new Refused('BAD_REQUEST', `"${waybill.slice(0, 40)}" does not have the form of a number of ${carrier.slice(0, 32)}`);
        const claim = waybillIdOf(carrier, waybill);
        const holder = unit.state(waybills, claim).parcelId;
        if (holder !== '' && holder !== parcelId) throw new Refused('BAD_REQUEST', `${waybill} of ${carrier} belongs to parcel ${holder}`);
        if (unit.run(parcel, parcelId, { type: 'NoteExternal', data: shipped }).length > 0) unit.run(waybills, claim, { type: 'ClaimWaybill', data: { carrier, waybill, parcelId, purchase: 0 } });
      },
    },
    ...floorHandlers,
  },
});
