// Generated from proto/ by protoc-gen-plain; do not edit.
import type * as common from './common.js';
import type { ServiceRef } from '../service-ref.js';

export type Milestone =
  | 'MILESTONE_UNSPECIFIED'
  | 'MILESTONE_LABEL_CREATED'
  | 'MILESTONE_PICKED_UP'
  | 'MILESTONE_IN_TRANSIT'
  | 'MILESTONE_CUSTOMS'
  | 'MILESTONE_OUT_FOR_DELIVERY'
  | 'MILESTONE_READY_FOR_PICKUP'
  | 'MILESTONE_DELIVERY_FAILED'
  | 'MILESTONE_EXCEPTION'
  | 'MILESTONE_RETURNING'
  | 'MILESTONE_RETURNED'
  | 'MILESTONE_DELIVERED'
  | 'MILESTONE_CANCELLED';

/** The parcel has come further. Milestones never go back; raw scans stay in tracking's own stream. */
export interface MilestoneReached {
  readonly parcelId: string;
  readonly foId: string;
  readonly orders: readonly common.OrderShare[];
  readonly carrier: string;
  readonly waybill: string;
  readonly milestone: Milestone;
  readonly occurredAt: string;
  readonly place: string;
}

/** The parcel is not there when it should be: said once, as soon as it is known. allocation counts these per warehouse. */
export interface DeliveryLate {
  readonly parcelId: string;
  readonly foId: string;
  readonly warehouse: string;
  readonly carrier: string;
  readonly waybill: string;
  readonly dueAt: string;
  /** due_at has passed, or it was delivered after it */
  readonly knownAt: string;
}

/** Delivered by the time it was due. */
export interface DeliveryOnTime {
  readonly parcelId: string;
  readonly foId: string;
  readonly warehouse: string;
  readonly carrier: string;
  readonly waybill: string;
  readonly dueAt: string;
  readonly deliveredAt: string;
}

/** Something is wrong with a parcel: said once, until it has ended. A person, or the exception desk, has to look after it. */
export interface ShipmentTroubled {
  readonly parcelId: string;
  readonly foId: string;
  readonly orders: readonly common.OrderShare[];
  readonly carrier: string;
  readonly waybill: string;
  /** NO_PICKUP, STALLED, CUSTOMS_HOLD, FAILED_ATTEMPT, RETURNED, LOST, DAMAGED, OTHER */
  readonly trouble: string;
  /** the how-manieth of its kind for this parcel, from 1 */
  readonly time: number;
  /** of the scan that tells it, or since when nobody has told anything */
  readonly since: string;
  /** the carrier's words, people masked; "" if it is known by silence */
  readonly detail: string;
  readonly place: string;
}

/** The parcel has come further: what was wrong is over. */
export interface TroubleEnded {
  readonly parcelId: string;
  readonly foId: string;
  readonly carrier: string;
  readonly waybill: string;
  readonly trouble: string;
  readonly time: number;
  readonly endedAt: string;
}

/** A message to the buyer was handed to the provider, or finally was not. */
export interface NoticeSettled {
  readonly parcelId: string;
  readonly foId: string;
  readonly noticeId: string;
  /** SHIPPED, OUT_FOR_DELIVERY, READY_FOR_PICKUP, DELIVERED, EXCEPTION */
  readonly kind: string;
  /** EMAIL, SMS */
  readonly medium: string;
  /** ACCEPTED, FAILED, UNKNOWN, NO_ADDRESS, OPTED_OUT */
  readonly outcome: string;
}

export interface RecordRequest {
  readonly requestId: string;
  /** own */
  readonly carrier: string;
  readonly waybill: string;
  /** READY_FOR_PICKUP, OUT_FOR_DELIVERY, DELIVERED, DELIVERY_FAILED, RETURNED */
  readonly milestone: Milestone;
  readonly place: string;
  readonly note: string;
  /** what the buyer shows; needed for DELIVERED of a parcel that is picked up */
  readonly pickupCode: string;
}

export interface GetShipmentRequest {
  /** or: */
  readonly parcelId: string;
  readonly waybill: string;
}

export interface ListShipmentsRequest {
  readonly page: common.Page;
  /** unspecified = all */
  readonly milestone: Milestone;
}

export interface ListShipmentsResponse {
  readonly shipments: readonly Shipment[];
  readonly nextToken: string;
}

export interface Shipment {
  readonly parcelId: string;
  readonly foId: string;
  readonly orders: readonly common.OrderShare[];
  readonly carrier: string;
  readonly waybill: string;
  readonly milestone: Milestone;
  readonly shippedAt: string;
  readonly deliveredAt: string;
  /** oldest first */
  readonly scans: readonly Scan[];
  readonly notices: readonly Notice[];
  /** the buyer's page, signed */
  readonly pageUrl: string;
}

export interface Scan {
  readonly occurredAt: string;
  /** the carrier's own */
  readonly code: string;
  /** the carrier's own words */
  readonly text: string;
  readonly place: string;
  readonly milestone: Milestone;
}

export interface Notice {
  readonly noticeId: string;
  readonly kind: string;
  readonly medium: string;
  /** PENDING, ACCEPTED, FAILED, UNKNOWN, NO_ADDRESS, OPTED_OUT */
  readonly state: string;
}

export interface ShipmentsRpc {
  readonly get: { readonly kind: 'unary'; readonly input: GetShipmentRequest; readonly output: Shipment };
  readonly list: { readonly kind: 'unary'; readonly input: ListShipmentsRequest; readonly output: ListShipmentsResponse };
  readonly record: { readonly kind: 'unary'; readonly input: RecordRequest; readonly output: Shipment };
}
export const Shipments: ServiceRef<ShipmentsRpc> = { typeName: 'flotilla.tracking.v1.Shipments' };

