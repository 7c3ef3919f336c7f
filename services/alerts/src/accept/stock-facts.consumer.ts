import { topics, type allocation } from '@flotilla/contracts';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { alarmStream, raise, silence } from '../coordinate/watching.js';
import { alarms } from '../decide/rules.js';

const out = ({ warehouse, trip }: Pick<allocation.NodeTripped, 'warehouse' | 'trip'>) => ({ rule: alarms.warehouseOut, subject: warehouse, time: trip });
const frozen = ({ sku, freeze }: Pick<allocation.SkuFrozen, 'sku' | 'freeze'>) => ({ rule: alarms.skuFrozen, subject: sku, time: freeze });

// Each parcel is asked for once: the next one of the same order has an id of its own.
const unsent = ({ parcelId }: Pick<allocation.SupplierOverdue, 'parcelId'>) => ({ rule: alarms.supplierLate, subject: parcelId, time: 1 });

/** Facts of allocation that are alarms themselves: a warehouse out of the candidates, a SKU that is not promised any more, a supplier that does not send. */
export const stockFacts: ServiceConsumer = {
  name: 'alerts-stock',
  topics: [topics.catalogue, topics.allocation],
  handlers: {
    'flotilla.allocation.v1.NodeTripped': {
      streams: ({ data }) => [alarmStream(out(data as allocation.NodeTripped))],
      handle: ({ data, time }, unit) => {
        const tripped = data as allocation.NodeTripped;
        const { lateInARow, until, contact } = tripped;
        raise(unit, out(tripped), `${lateInARow} deliveries in a row were late; no orders until ${until}. In charge: ${contact || 'nobody is named; import the warehouse with a contact'}`, time);
      },
    },
    'flotilla.allocation.v1.NodeRestored': {
      streams: ({ data }) => [alarmStream(out(data as allocation.NodeRestored))],
      handle: ({ data, time }, unit) => silence(unit, out(data as allocation.NodeRestored), time),
    },
    'flotilla.allocation.v1.SkuFrozen': {
      streams: ({ data }) => [alarmStream(frozen(data as allocation.SkuFrozen))],
      handle: ({ data, time }, unit) => {
        const { failed, reserved, reason, until } = data as allocation.SkuFrozen;
        const why = reserved > 0 ? `${failed} of ${reserved} promises could not be kept` : reason;
        raise(unit, frozen(data as allocation.SkuFrozen), `${why}; not promised to anybody ${until ? `until ${until}` : 'until somebody unfreezes it'}: count the shelf`, time);
      },
    },
    'flotilla.allocation.v1.SkuUnfrozen': {
      streams: ({ data }) => [alarmStream(frozen(data as allocation.SkuUnfrozen))],
      handle: ({ data, time }, unit) => silence(unit, frozen(data as allocation.SkuUnfrozen), time),
    },
    'flotilla.allocation.v1.SupplierOverdue': {
      streams: ({ data }) => [alarmStream(unsent(data as allocation.SupplierOverdue))],
      handle: ({ data }, unit) => {
        const { warehouse, foId, askedAt, dueAt, contact, parcelId } = data as allocation.SupplierOverdue;
        raise(unit, unsent({ parcelId }), `supplier ${warehouse} has had order ${foId} since ${askedAt} and was to send it by ${dueAt}: ask it, or cancel. In charge: ${contact || 'nobody is named; import its warehouse with a contact'}`, dueAt);
      },
    },
    'flotilla.allocation.v1.SupplierOverdueEnded': {
      streams: ({ data }) => [alarmStream(unsent(data as allocation.SupplierOverdueEnded))],
      handle: ({ data, time }, unit) => silence(unit, unsent(data as allocation.SupplierOverdueEnded), time),
    },
  },
};
