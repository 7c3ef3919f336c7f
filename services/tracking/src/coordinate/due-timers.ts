import type { Recorded, TimerChange } from '@flotilla/event-store';
import { isFinal } from '../decide/milestones.js';
import { shipmentId } from '../decide/shipment.decider.js';
import type { ShipmentEvent } from '../decide/shipment.events.js';

const timer = (id: string, dueAt: string | null): TimerChange => ({ key: `due/${id}`, dueAt, clock: 'business', data: dueAt === null ? null : { id } });

/** A parcel that left is looked at when it should be there; one that arrived, or comes back, is not. */
export const dueTimers = (event: Recorded): readonly TimerChange[] => {
  const { type, data } = event as unknown as ShipmentEvent;
  switch (type) {
    case 'ShipmentDispatched':
      return data.dueAt && !data.over ? [timer(shipmentId(data), data.dueAt)] : [];
    case 'MilestoneReached':
      return isFinal(data.milestone) ? [timer(shipmentId(data), null)] : [];
    case 'DeliveryLate':
      return [timer(shipmentId(data), null)];
    default:
      return [];
  }
};
