import { parseMessage, topics } from '@flotilla/contracts';
import type { Handler, Incoming } from '@flotilla/messaging';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { isWarehouse } from '../decide/names.js';
import { node } from '../decide/node.decider.js';
import { warehouse } from '../decide/warehouse.decider.js';

const siteOf = ({ data }: Incoming): string | undefined => {
  const { warehouse: site } = (data ?? {}) as { readonly warehouse?: unknown };
  return typeof site === 'string' && isWarehouse(site) ? site : undefined;
};

const streams: NonNullable<Handler['streams']> = (message) => {
  const site = siteOf(message);
  return site === undefined ? [] : [[node, site]];
};

/** How a node does: deliveries late and in time by tracking, parcels leaving by carrier. Facts that name no node of ours are nobody's. */
export const nodeFacts = (at: () => string): ServiceConsumer => ({
  name: 'allocation-nodes',
  topics: [topics.tracking, topics.parcel],
  handlers: {
    'flotilla.tracking.v1.DeliveryLate': {
      streams: (message) => [...streams(message), ...(siteOf(message) === undefined ? [] : [[warehouse, siteOf(message)!] as const])],
      handle: ({ data }, unit) => {
        const { warehouse: site, foId, parcelId } = parseMessage('flotilla.tracking.v1.DeliveryLate', data);
        const described = isWarehouse(site) ? unit.state(warehouse, site) : null;
        if (described) unit.run(node, site, { type: 'NoteLate', data: { warehouse: site, foId, parcelId, contact: described.contact, at: at() } });
      },
    },
    'flotilla.tracking.v1.DeliveryOnTime': {
      streams,
      handle: ({ data }, unit) => {
        const { warehouse: site, foId, parcelId } = parseMessage('flotilla.tracking.v1.DeliveryOnTime', data);
        if (isWarehouse(site)) unit.run(node, site, { type: 'NoteOnTime', data: { warehouse: site, foId, parcelId, at: at() } });
      },
    },
    'flotilla.carrier.v1.ParcelShipped': {
      streams,
      handle: ({ data }, unit) => {
        const { warehouse: site, foId, parcelId } = parseMessage('flotilla.carrier.v1.ParcelShipped', data);
        if (isWarehouse(site)) unit.run(node, site, { type: 'NoteLeft', data: { warehouse: site, foId, parcelId, at: at() } });
      },
    },
  },
});
