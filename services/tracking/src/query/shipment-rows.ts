import type { ServiceContext } from '@flotilla/service-kit';
import type { Milestone } from '../decide/milestones.js';
import type { ShipmentEvent } from '../decide/shipment.events.js';
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

export interface RecordedScan {
  readonly occurredAt: string;
  readonly code: string;
  readonly text: string;
  readonly place: string;
  readonly milestone: Milestone;
}

/** The scans of a shipment from its own stream, oldest first; those of one second as they were recorded. */
export const scansOf = async ({ store }: ServiceContext, { carrier, waybill }: { readonly carrier: string; readonly waybill: string }): Promise<readonly RecordedScan[]> => {
  const events = (await store.read(`shipment-${carrier}.${waybill}`)) as unknown as readonly ShipmentEvent[];
  return events
    .flatMap(({ type, data }) => (type === 'ScanRecorded' ? [{ occurredAt: data.occurredAt, code: data.code, text: data.text, place: data.place, milestone: data.milestone }] : []))
    .toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : a.occurredAt > b.occurredAt ? 1 : 0));
};
