import { topics, type allocation, type common, type order } from '@flotilla/contracts';
import type { Unit } from '@flotilla/event-store';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { before, noticeIdOf } from '../coordinate/notices.js';
import { addressee } from '../decide/addressee.decider.js';
import { BUYERS, buyerSettings, isTold, settingsOf } from '../decide/buyer-settings.decider.js';
import { notice } from '../decide/notice.decider.js';
import type { EarlyKind } from '../decide/notice.events.js';
import { provenance, type KeptStep } from '../decide/provenance.decider.js';
import { contactOf } from './contact.js';

const settings = [buyerSettings, BUYERS] as const;
const streams = (id: string, ...kinds: readonly EarlyKind[]) => [[addressee, id] as const, settings, ...kinds.map((kind) => [notice, noticeIdOf(id, kind)] as const)];

// A shop that tells none of these writes nothing for them either.
const told = (unit: Unit, ...kinds: readonly EarlyKind[]): boolean => kinds.some((kind) => isTold(unit.state(buyerSettings, BUYERS), kind));

const take = (unit: Unit, id: string, kind: EarlyKind, at: string): void => {
  if (told(unit, kind)) before(unit, id, { type: 'Take', data: { id, kind, at } });
};

const kept = (id: string) => [provenance, id] as const;

// Nor where it is not shown to anybody. No time: it has not happened yet (an order that is not paid).
const keep = (unit: Unit, step: KeptStep): void => {
  if (Number.isFinite(Date.parse(step.at)) && settingsOf(unit.state(buyerSettings, BUYERS))!.provenance) unit.run(provenance, step.id, { type: 'KeepStep', data: step });
};

/** A wrong phone was put right: the message must not go to a stranger. */
const correct = (unit: Unit, id: string, shipTo: common.Address): void => {
  const { known } = unit.state(addressee, id);
  if (known && shipTo.phone !== '') before(unit, id, { type: 'Know', data: { ...known, contact: { ...known.contact, phone: shipTo.phone, country: shipTo.country } } });
};

/** What becomes of an order until a carrier has its parcel. */
export const orderSteps: ServiceConsumer = {
  name: 'tracking-steps',
  topics: [topics.order, topics.allocation],
  handlers: {
    'flotilla.order.v1.OrderPlaced': {
      streams: ({ data }) => [...streams((data as order.OrderPlaced).orderId, 'ACCEPTED'), kept((data as order.OrderPlaced).orderId)],
      handle: ({ data }, unit) => {
        const placed = data as order.OrderPlaced;
        const { orderId, placedAt, paidAt } = placed;
        keep(unit, { id: orderId, step: 'PLACED', at: placedAt, detail: '' });
        keep(unit, { id: orderId, step: 'PAID', at: paidAt, detail: '' });
        if (told(unit, 'ACCEPTED')) before(unit, orderId, { type: 'Know', data: { id: orderId, parcelId: '', foId: orderId, contact: contactOf(placed) } });
      },
    },
    'flotilla.order.v1.OrderPaid': {
      streams: ({ data }) => [settings, kept((data as order.OrderPaid).orderId)],
      handle: ({ data }, unit) => keep(unit, { id: (data as order.OrderPaid).orderId, step: 'PAID', at: (data as order.OrderPaid).paidAt, detail: '' }),
    },
    'flotilla.order.v1.OrderAmended': {
      streams: ({ data }) => streams((data as order.OrderAmended).orderId, 'ACCEPTED'),
      handle: ({ data }, unit) => {
        const { orderId, fields, shipTo } = data as order.OrderAmended;
        if (fields.includes('shipTo')) correct(unit, orderId, shipTo);
      },
    },
    'flotilla.order.v1.OrderApproved': {
      streams: ({ data }) => streams((data as order.OrderApproved).orderId, 'ACCEPTED'),
      handle: ({ data }, unit) => take(unit, (data as order.OrderApproved).orderId, 'ACCEPTED', (data as order.OrderApproved).approvedAt),
    },
    'flotilla.order.v1.FulfilmentReleased': {
      streams: ({ data }) => [...streams((data as order.FulfilmentReleased).parcelId, 'PICKING', 'PACKED'), kept((data as order.FulfilmentReleased).parcelId)],
      handle: ({ data, time }, unit) => {
        const released = data as order.FulfilmentReleased;
        const { parcelId, foId, warehouse } = released;
        keep(unit, { id: parcelId, step: 'RELEASED', at: time, detail: warehouse });
        if (told(unit, 'PICKING', 'PACKED')) before(unit, parcelId, { type: 'Know', data: { id: parcelId, parcelId, foId, contact: contactOf(released) } });
      },
    },
    'flotilla.order.v1.FulfilmentChangeRequested': {
      streams: ({ data }) => streams((data as order.FulfilmentChangeRequested).parcelId, 'PICKING', 'PACKED'),
      handle: ({ data }, unit) => correct(unit, (data as order.FulfilmentChangeRequested).parcelId, (data as order.FulfilmentChangeRequested).shipTo),
    },
    'flotilla.allocation.v1.PickingStarted': {
      streams: ({ data }) => streams((data as allocation.PickingStarted).parcelId, 'PICKING'),
      handle: ({ data }, unit) => take(unit, (data as allocation.PickingStarted).parcelId, 'PICKING', (data as allocation.PickingStarted).at),
    },
    'flotilla.allocation.v1.ParcelPacked': {
      streams: ({ data }) => [...streams((data as allocation.ParcelPacked).parcelId, 'PACKED'), kept((data as allocation.ParcelPacked).parcelId)],
      handle: ({ data }, unit) => {
        const { parcelId, warehouse, packedAt } = data as allocation.ParcelPacked;
        keep(unit, { id: parcelId, step: 'PACKED', at: packedAt, detail: warehouse });
        take(unit, parcelId, 'PACKED', packedAt);
      },
    },
  },
};
