import type { common, order, tracking } from '@flotilla/contracts';
import type { Milestone } from './milestones.js';

/** Which shipment: a waybill is one of its carrier, and a scan may be earlier than the parcel it belongs to. */
export interface Waybill {
  /** Lower case: sf. */
  readonly carrier: string;
  readonly waybill: string;
}

/** Across a border from the mainland, as parcels to Hong Kong, Macau and Taiwan go, too. An unknown country is none. */
export const isAbroad = (country: string): boolean => country !== '' && country !== 'CN';

/** How we know of a scan: the carrier told it, we asked, or our own people said so. */
export type Via = 'push' | 'poll' | 'staff';

/** One scan, as the carrier told it. */
export interface Scan {
  /** Of waybill, time, code and text: the same scan has the same id, however often and by whichever way it comes. */
  readonly scanId: string;
  readonly occurredAt: string;
  readonly code: string;
  /** The carrier's words; phones and names of couriers and signers are masked before they get here. */
  readonly text: string;
  readonly place: string;
  /** MILESTONE_UNSPECIFIED: the code says nothing about progress, or nobody knows what it means. */
  readonly milestone: Milestone;
  /** Whether the source's table knows the code. An unknown one is counted, never guessed. */
  readonly known: boolean;
}

/** A scan as it is kept. */
export interface KeptScan extends Scan {
  readonly via: Via;
  /** Who told it; absent in what was stored when each carrier told its own. */
  readonly source?: string;
  /** The scan of another source that tells the same; kept, and shown once. */
  readonly doubleOf?: string;
  /** It is older than what was known, or came after the end: no news of the parcel. Absent in what was stored before it was asked for. */
  readonly late?: true;
  readonly receivedAt: string;
}

/** Whose parcel it is. */
export interface Claim extends Waybill {
  readonly parcelId: string;
  readonly foId: string;
  readonly orders: readonly common.OrderShare[];
}

/** What notices and the buyer's page need; personal values sealed. */
export interface Contact {
  /** Sealed; "" if there is none. */
  readonly email: string;
  /** Sealed; absent or "" if there is none. Written to where there is no e-mail address. */
  readonly phone?: string;
  /** Sealed; the buyer's own where the parcel went to another phone. A look-up code is sent to it, notices are not. */
  readonly buyerPhone?: string;
  /** Whose night it is; absent in what was stored before anybody asked. */
  readonly country?: string;
  readonly language: 'zh' | 'en';
  readonly number: string;
}

export interface Dispatched extends Claim {
  readonly shippedAt: string;
  readonly contact: Contact;
  readonly country: string;
  readonly phoneIndexes: readonly string[];
  readonly items: readonly order.ParcelItem[];
  /** The node that sent it, "" if unknown. */
  readonly warehouse: string;
  /** When it should be there (business time), "" if nobody promised anything. */
  readonly dueAt: string;
  /** The store where the buyer collects it, name and address; absent or "" if it is brought. */
  readonly pickupPlace?: string;
  /** The carrier reported the end before we said that it left: nothing more to ask for. */
  readonly over: boolean;
}

export type ShipmentEvent =
  | { readonly type: 'ShipmentRegistered'; readonly data: Claim & { readonly registeredAt: string } }
  | { readonly type: 'ShipmentDispatched'; readonly data: Dispatched }
  | { readonly type: 'ShipmentVoided'; readonly data: Waybill & { readonly parcelId: string } }
  | { readonly type: 'ScanRecorded'; readonly data: Waybill & KeptScan }
  | { readonly type: 'ShipmentTroubled'; readonly data: tracking.ShipmentTroubled }
  | { readonly type: 'TroubleEnded'; readonly data: tracking.TroubleEnded }
  /** It was silent and that is no trouble yet: looked at again then. */
  | { readonly type: 'SilenceNoted'; readonly data: Waybill & { readonly nextAt: string } }
  /** Somebody wanted to collect it without the right code. */
  | { readonly type: 'PickupRefused'; readonly data: Waybill & { readonly at: string } }
  | { readonly type: 'ScanUnreadable'; readonly data: Waybill & { readonly scanId: string; readonly detail: string; readonly receivedAt: string } }
  /** Once per trouble that a buyer may decide about. */
  | { readonly type: 'BuyerChose'; readonly data: tracking.BuyerChose }
  /** Once per parcel. */
  | { readonly type: 'FeedbackGiven'; readonly data: tracking.FeedbackGiven }
  | { readonly type: 'MilestoneReached'; readonly data: tracking.MilestoneReached }
  /** At most one of these for a parcel that was promised for a time: none if it arrived before we were told that it left, or came back. */
  | { readonly type: 'DeliveryLate'; readonly data: tracking.DeliveryLate }
  | { readonly type: 'DeliveryOnTime'; readonly data: tracking.DeliveryOnTime };
