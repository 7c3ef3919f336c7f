import type { Unit } from '@flotilla/event-store';
import { uuidv5 } from '@flotilla/values';
import { addressee, type AddresseeCommand, type AddresseeState, type Step } from '../decide/addressee.decider.js';
import { BUYERS, buyerSettings, isTold } from '../decide/buyer-settings.decider.js';
import { rankOf, type Milestone } from '../decide/milestones.js';
import { notice } from '../decide/notice.decider.js';
import { kinds, type Notice, type NoticeKind } from '../decide/notice.events.js';
import { shipment, shipmentId, type Shipment, type ShipmentCommand } from '../decide/shipment.decider.js';
import type { Contact, ShipmentEvent, Waybill } from '../decide/shipment.events.js';

// | the order was approved                           | ACCEPTED          |
// | stands in a wave                                 | PICKING           |
// | is closed, ready to be handed over               | PACKED            |
// | the shipment                                     | the buyer is told |
// | left the building, not yet with the last courier | SHIPPED           |
// | is with the last courier                         | OUT_FOR_DELIVERY  |
// | waits in the store that the buyer chose          | READY_FOR_PICKUP  |
// | delivered                                        | DELIVERED         |
// | attempt failed, problem, on its way back         | EXCEPTION         |
// A carrier's own locker or shop sends its own code and message; what is collected in our store is not told as shipped.
// What is owed follows from the state after all scans of a delivery, so that scans which come together say the last thing alone.

const byMilestone: Partial<Record<Milestone, NoticeKind>> = {
  MILESTONE_OUT_FOR_DELIVERY: 'OUT_FOR_DELIVERY',
  MILESTONE_DELIVERED: 'DELIVERED',
  MILESTONE_DELIVERY_FAILED: 'EXCEPTION',
  MILESTONE_EXCEPTION: 'EXCEPTION',
  MILESTONE_RETURNING: 'EXCEPTION',
};

/** One notice of a kind per parcel, or per order, ever. */
export const noticeIdOf = (id: string, kind: NoticeKind): string => uuidv5(id, `notice-${kind}`);

/** Of what was done before a carrier has the parcel the furthest is owed: of steps that come together only the last is told. */
export const owedBefore = ({ steps }: AddresseeState): Step | undefined => steps.toSorted((a, b) => kinds.indexOf(b.kind) - kinds.indexOf(a.kind))[0];

const ask = (unit: Unit, id: string, kind: NoticeKind, contact: Contact, about: Pick<Notice, 'parcelId' | 'foId' | 'carrier' | 'waybill' | 'occurredAt' | 'pickupPlace'>): void => {
  if (!isTold(unit.state(buyerSettings, BUYERS), kind)) return;
  const noticeId = noticeIdOf(id, kind);
  const { email, phone = '', language, number, country = '' } = contact;
  // A text costs money: whoever has a mailbox is written to there.
  const [medium, to] = email === '' && phone !== '' ? (['SMS', phone] as const) : (['EMAIL', email] as const);
  unit.run(notice, noticeId, { type: 'Request', data: { noticeId, ...about, kind, medium, to, language, number, ...(country === '' ? {} : { country }) } });
};

/** Runs a command of an order, or of a parcel that no carrier has yet, and asks for the notice that follows from it, in the same unit. */
export const before = (unit: Unit, id: string, command: AddresseeCommand): void => {
  if (unit.run(addressee, id, command).length === 0) return;
  const state = unit.state(addressee, id);
  const step = owedBefore(state);
  if (!state.known || !step) return;
  const { parcelId, foId, contact } = state.known;
  ask(unit, id, step.kind, contact, { parcelId, foId, carrier: '', waybill: '', occurredAt: step.at });
};

/** Which notices a shipment in this state owes its buyer; those already asked for among them. */
export const owed = ({ status, milestone, pickupPlace }: Shipment, dispatchedNow: boolean): readonly NoticeKind[] => {
  if (status !== 'dispatched') return [];
  const current = milestone === 'MILESTONE_READY_FOR_PICKUP' && pickupPlace !== '' ? 'READY_FOR_PICKUP' : byMilestone[milestone];
  const shipped = dispatchedNow && pickupPlace === '' && rankOf(milestone) < rankOf('MILESTONE_OUT_FOR_DELIVERY');
  return [...(shipped ? (['SHIPPED'] as const) : []), ...(current ? [current] : [])];
};

/** Runs a command of a shipment and asks for the notices that follow from it, in the same unit. */
export const ship = (unit: Unit, of: Waybill, command: ShipmentCommand): readonly ShipmentEvent[] => {
  const id = shipmentId(of);
  const events = unit.run(shipment, id, command);
  const moved = events.findLast(({ type }) => type === 'MilestoneReached' || type === 'ShipmentDispatched');
  if (!moved) return events;
  const state = unit.state(shipment, id);
  const { claim, contact, pickupPlace } = state;
  if (!claim || !contact) return events;
  const dispatched = events.find(({ type }) => type === 'ShipmentDispatched');
  const occurredAt = moved.type === 'MilestoneReached' ? moved.data.occurredAt : moved.type === 'ShipmentDispatched' ? moved.data.shippedAt : '';
  for (const kind of owed(state, dispatched !== undefined)) {
    const { parcelId, foId, carrier, waybill } = claim;
    ask(unit, parcelId, kind, contact, { parcelId, foId, carrier, waybill, occurredAt, ...(pickupPlace === '' ? {} : { pickupPlace }) });
  }
  return events;
};
