import { parseMessage, topics } from '@flotilla/contracts';
import type { Incoming } from '@flotilla/messaging';
import type { ServiceConsumer } from '@flotilla/service-kit';
import type { Task } from '@flotilla/event-store';
import { isSku } from '../decide/names.js';
import { provinceKey } from '../decide/routing/places.js';
import { outcome } from '../decide/routing/outcome.decider.js';
import { sku as article } from '../decide/sku.decider.js';
import { litresOf } from '../decide/sku.events.js';

// Not checked yet: a message that is none is refused when it is handled.
const parcelOf = ({ data }: Incoming): string | undefined => {
  const { parcelId } = (data ?? {}) as { readonly parcelId?: unknown };
  return typeof parcelId === 'string' && /^[\x21-\x7e]{1,100}$/.test(parcelId) ? parcelId : undefined;
};

const articlesOf = ({ data }: Incoming): Task['streams'] => {
  const { items } = (data ?? {}) as { readonly items?: unknown };
  const skus = Array.isArray(items) ? items.flatMap((item: { readonly sku?: unknown } | null) => (typeof item?.sku === 'string' && isSku(item.sku) ? [item.sku] : [])) : [];
  return [...new Set(skus)].map((one) => [article, one] as const);
};

// What others write must not stop what follows the log: a time that is none is not known, a weight that cannot be is 0.
const instantOf = (text: string): string => (/^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text)) ? new Date(text).toISOString() : '');
const weightOf = (grams: number): number => (Number.isSafeInteger(grams) && grams >= 0 ? grams : 0);

const streams = (message: Incoming): Task['streams'] => {
  const parcelId = parcelOf(message);
  return parcelId === undefined ? [] : [[outcome, parcelId]];
};

/** What parcels cost and when they arrive: what the learned router learns from. */
export const outcomes: ServiceConsumer = {
  name: 'allocation-outcomes',
  topics: [topics.parcel, topics.tracking],
  handlers: {
    'flotilla.carrier.v1.ParcelShipped': {
      streams: (message) => [...streams(message), ...articlesOf(message)],
      handle: (message, unit) => {
        if (parcelOf(message) === undefined) return;
        const { parcelId, foId, warehouse, carrier, service, shipTo, items, freight, shippedAt, dueAt } = parseMessage('flotilla.carrier.v1.ParcelShipped', message.data);
        const country = shipTo.country.toUpperCase();
        const grams = weightOf(items.reduce((sum, item) => sum + item.quantity * item.grams, 0));
        const litres = items.reduce((sum, { sku, quantity }) => sum + quantity * (isSku(sku) ? litresOf(unit.state(article, sku)) : 0), 0);
        unit.run(outcome, parcelId, { type: 'NoteDeparture', data: { parcelId, foId, warehouse, carrier, service, country, province: provinceKey(country, shipTo.province), grams, litres, freight, shippedAt: instantOf(shippedAt), dueAt: instantOf(dueAt) } });
      },
    },
    'flotilla.tracking.v1.MilestoneReached': {
      streams,
      handle: (message, unit) => {
        if (parcelOf(message) === undefined) return;
        const { parcelId, foId, milestone, occurredAt } = parseMessage('flotilla.tracking.v1.MilestoneReached', message.data);
        if (milestone === 'MILESTONE_DELIVERED') unit.run(outcome, parcelId, { type: 'NoteArrival', data: { parcelId, foId, deliveredAt: instantOf(occurredAt) } });
      },
    },
  },
};
