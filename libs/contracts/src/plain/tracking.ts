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
  /** the source told it by itself, having told of this parcel before: how late it came is the source's doing */
  readonly pushed: boolean;
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
  /** "" of ACCEPTED: there is no parcel yet */
  readonly parcelId: string;
  /** of ACCEPTED the order's id */
  readonly foId: string;
  readonly noticeId: string;
  /** ACCEPTED, PICKING, PACKED, SHIPPED, OUT_FOR_DELIVERY, READY_FOR_PICKUP, DELIVERED, EXCEPTION */
  readonly kind: string;
  /** EMAIL, SMS */
  readonly medium: string;
  /** ACCEPTED, FAILED, UNKNOWN, NO_ADDRESS, OPTED_OUT, LEFT_TO_PLATFORM (which masks the buyer) */
  readonly outcome: string;
}

/** The buyer has said on the parcel's page what is to become of it, now that it could not be delivered: once per trouble. A person sees to it. */
export interface BuyerChose {
  readonly parcelId: string;
  readonly foId: string;
  readonly orders: readonly common.OrderShare[];
  readonly carrier: string;
  readonly waybill: string;
  /** of ShipmentTroubled: FAILED_ATTEMPT, OTHER */
  readonly trouble: string;
  /** of ShipmentTroubled */
  readonly time: number;
  /** FORWARD (to another address), KEEP (it is collected where it lies), RETURN */
  readonly choice: string;
  /** sealed; "" unless FORWARD */
  readonly address: string;
  /** business time */
  readonly chosenAt: string;
}

/** The buyer has said how it went, once per delivered parcel. */
export interface FeedbackGiven {
  readonly parcelId: string;
  readonly foId: string;
  readonly orders: readonly common.OrderShare[];
  readonly carrier: string;
  readonly waybill: string;
  /** that sent it; "" if unknown */
  readonly warehouse: string;
  /** 1 to 5 */
  readonly rating: number;
  /** sealed; "" if there are none */
  readonly words: string;
  /** business time */
  readonly givenAt: string;
}

export interface PutBuyerSettingsRequest {
  readonly requestId: string;
  /** the kinds that buyers are told: ACCEPTED, PICKING, PACKED, SHIPPED, OUT_FOR_DELIVERY, READY_FOR_PICKUP (always), DELIVERED, EXCEPTION */
  readonly notices: readonly string[];
  /** origins whose pages may show ours in a frame: https://shop.example; none = nobody may */
  readonly embedIn: readonly string[];
  /** buyers are shown where their parcel comes from, each step with the fingerprint of the event that says so */
  readonly provenance: boolean;
  /** how warehouses are called there; one that is not named stays "a warehouse of the shop" */
  readonly warehouseNames: readonly PublicName[];
}

/** What the public may know of a warehouse: a city, say; never its address. */
export interface PublicName {
  readonly warehouse: string;
  readonly zh: string;
  readonly en: string;
}

export interface GetBuyerSettingsRequest {
  /** 0 = the one in force */
  readonly version: number;
}

export interface BuyerSettingsVersion {
  /** 0 = as built in */
  readonly version: number;
  readonly notices: readonly string[];
  readonly embedIn: readonly string[];
  readonly putAt: string;
  readonly putBy: string;
  readonly provenance: boolean;
  readonly warehouseNames: readonly PublicName[];
}

export interface ListFeedbackRequest {
  readonly page: common.Page;
  /** those of at most so many stars; 0 = all */
  readonly maxRating: number;
}

export interface ListFeedbackResponse {
  /** the newest first */
  readonly feedback: readonly GivenFeedback[];
  readonly nextToken: string;
}

export interface GivenFeedback {
  readonly parcelId: string;
  readonly carrier: string;
  readonly waybill: string;
  readonly warehouse: string;
  readonly rating: number;
  /** "" also once the person was erased */
  readonly words: string;
  readonly givenAt: string;
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
  /** only those with which something is wrong now */
  readonly troubled: boolean;
  /** "" = all */
  readonly carrier: string;
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
  /** what the buyer wants done about what went wrong; of Get and Record alone */
  readonly choices: readonly BuyerChoice[];
  /** what is wrong with it now */
  readonly troubles: readonly OpenTrouble[];
}

export interface OpenTrouble {
  /** as of ShipmentTroubled */
  readonly trouble: string;
  readonly since: string;
}

export interface BuyerChoice {
  readonly trouble: string;
  readonly time: number;
  /** FORWARD, KEEP, RETURN */
  readonly choice: string;
  /** where to, in clear; "" also once the person was erased */
  readonly address: string;
  readonly chosenAt: string;
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
  /** PENDING, ACCEPTED, FAILED, UNKNOWN, NO_ADDRESS, OPTED_OUT, LEFT_TO_PLATFORM */
  readonly state: string;
}

export interface ShipmentsRpc {
  readonly get: { readonly kind: 'unary'; readonly input: GetShipmentRequest; readonly output: Shipment };
  readonly list: { readonly kind: 'unary'; readonly input: ListShipmentsRequest; readonly output: ListShipmentsResponse };
  readonly record: { readonly kind: 'unary'; readonly input: RecordRequest; readonly output: Shipment };
}
export const Shipments: ServiceRef<ShipmentsRpc> = { typeName: 'flotilla.tracking.v1.Shipments' };

/** What buyers are told, and who may show their pages: data, version by version. */
export interface BuyerSettingsRpc {
  readonly put: { readonly kind: 'unary'; readonly input: PutBuyerSettingsRequest; readonly output: BuyerSettingsVersion };
  readonly get: { readonly kind: 'unary'; readonly input: GetBuyerSettingsRequest; readonly output: BuyerSettingsVersion };
}
export const BuyerSettings: ServiceRef<BuyerSettingsRpc> = { typeName: 'flotilla.tracking.v1.BuyerSettings' };

/** What buyers say of their parcels on the page. */
export interface FeedbackRpc {
  readonly list: { readonly kind: 'unary'; readonly input: ListFeedbackRequest; readonly output: ListFeedbackResponse };
}
export const Feedback: ServiceRef<FeedbackRpc> = { typeName: 'flotilla.tracking.v1.Feedback' };

