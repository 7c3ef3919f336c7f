import { fold, streamOf } from '@flotilla/decider';
import type { Recorded } from '@flotilla/event-store';
import type { ServiceContext } from '@flotilla/service-kit';
import { subjectOf } from '@flotilla/values';
import type { Milestone } from '../decide/milestones.js';
import { shipment, shipmentId, type Shipment } from '../decide/shipment.decider.js';
import type { Claim, Contact, ShipmentEvent, Waybill } from '../decide/shipment.events.js';
import { numberKey, type ShipmentRow } from '../project/shipments.js';

/** A parcel whose label was changed has several waybills: the one that was not voided, else the newest. */
const preferred = 'ORDER BY voided, position DESC LIMIT 1';

export const shipmentOfParcel = async ({ pool }: ServiceContext, parcelId: string): Promise<ShipmentRow | undefined> =>
  (await pool.query<ShipmentRow>(`SELECT * FROM read.shipment WHERE parcel_id = $1 ${preferred}`, [parcelId])).rows[0];

export const shipmentOfWaybill = async ({ pool }: ServiceContext, waybill: string): Promise<ShipmentRow | undefined> =>
  (await pool.query<ShipmentRow>(`SELECT * FROM read.shipment WHERE waybill = $1 ${preferred}`, [waybill])).rows[0];

/** Those that left with this order number; numbers of different shops may be the same. */
export const shipmentsOfNumber = async ({ pool }: ServiceContext, number: string): Promise<readonly ShipmentRow[]> => {
  const key = numberKey(number);
  if (key === '') return [];
  return (await pool.query<ShipmentRow>('SELECT * FROM read.shipment WHERE number_key = $1 AND shipped_at IS NOT NULL ORDER BY position LIMIT 50', [key])).rows;
};

/** Those that left to this phone, by its index; the newest first. */
export const shipmentsOfPhone = async ({ pool }: ServiceContext, index: string, most: number): Promise<readonly ShipmentRow[]> =>
  (await pool.query<ShipmentRow>('SELECT * FROM read.shipment WHERE phone_indexes @> ARRAY[$1::text] AND shipped_at IS NOT NULL AND NOT voided AND parcel_id IS NOT NULL ORDER BY position DESC LIMIT $2', [index, most])).rows;

/** Whom each of these went to, in their order. */
export const contactsOf = async ({ store }: ServiceContext, rows: readonly Waybill[]): Promise<readonly (Contact | null)[]> => {
  const ids = rows.map(shipmentId);
  const states = await store.folded(shipment, ids);
  return ids.map((id) => states.get(id)?.state.contact ?? null);
};

/** Whose mailbox a parcel has; "" if it has none. */
export const mailboxOf = (contact: Contact | null | undefined): string => (contact && contact.email !== '' ? subjectOf(contact.email) : '');

export interface RecordedScan {
  readonly occurredAt: string;
  readonly code: string;
  readonly text: string;
  readonly place: string;
  readonly milestone: Milestone;
}

/** A shipment as its own stream tells it. */
export interface Journey {
  readonly claim: Claim | null;
  readonly state: Shipment;
  readonly milestone: Milestone;
  readonly shippedAt: string;
  readonly deliveredAt: string;
  /** The store where the buyer collects it, "" if it is brought. */
  readonly pickupPlace: string;
  /** Oldest first; those of one second as they were recorded. */
  readonly scans: readonly RecordedScan[];
  readonly recorded: readonly Recorded[];
}

export const journeyOf = async ({ store }: ServiceContext, of: Waybill): Promise<Journey> => {
  const recorded = await store.read(streamOf(shipment, shipmentId(of)));
  const events = recorded as unknown as readonly ShipmentEvent[];
  const state = fold(shipment, events);
  const { claim, milestone, pickupPlace } = state;
  const left = events.find((event) => event.type === 'ShipmentDispatched');
  const arrived = events.find((event) => event.type === 'MilestoneReached' && event.data.milestone === 'MILESTONE_DELIVERED');
  return {
    claim,
    state,
    milestone,
    pickupPlace,
    shippedAt: left?.type === 'ShipmentDispatched' ? left.data.shippedAt : '',
    deliveredAt: arrived?.type === 'MilestoneReached' ? arrived.data.occurredAt : '',
    scans: scansIn(events),
    recorded,
  };
};

const scansIn = (events: readonly ShipmentEvent[]): readonly RecordedScan[] =>
  events
    .flatMap(({ type, data }) => (type === 'ScanRecorded' && data.doubleOf === undefined ? [{ occurredAt: data.occurredAt, code: data.code, text: data.text, place: data.place, milestone: data.milestone }] : []))
    .toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : a.occurredAt > b.occurredAt ? 1 : 0));
