import type { carrier, common, order } from '@flotilla/contracts';

/** What of a parcel may change before it ships. */
export interface ParcelContent {
  readonly shipTo: common.Address;
  /** STANDARD or EXPRESS. */
  readonly service: string;
  readonly items: readonly order.ParcelItem[];
  readonly orders: readonly common.OrderShare[];
}

/** The carrier chosen by the rate cards, and why. */
export interface Choice {
  readonly carrier: string;
  readonly service: string;
  readonly quoted: common.Money;
  readonly days: number;
  /** What the goods take, mm³, as far as the catalogue had measures; absent where it had none. */
  readonly cubicMm?: number;
  /** The number comes out of the warehouse's pool of the carrier; absent: it is bought. */
  readonly pooled?: true;
  readonly explain: string;
}

/** No carrier covers the parcel: who was asked first, and why not. */
export interface NoChoice {
  readonly carrier: string;
  readonly reason: string;
  readonly detail: string;
}

export interface ParcelPlan extends ParcelContent {
  readonly parcelId: string;
  readonly foId: string;
  readonly warehouse: string;
  readonly number: string;
  readonly remark: string;
  readonly buyer: common.Buyer;
  readonly value: common.Money;
  readonly excludedCarriers: readonly string[];
  /** Absent in plans of before routing said so. */
  readonly preferredCarrier?: string;
  /** Tags of the buyer's remark, and sealed what is to stand on a card; each absent if there is none. */
  readonly wishes?: readonly string[];
  readonly giftMessage?: string;
  readonly priority: number;
  readonly choice: Choice;
}

/** What the carrier said about where its network takes the parcel; printed large on the label. */
export interface Routing {
  readonly origin: string;
  readonly destination: string;
  /** The sorting code of the carrier's label, "" if it sent none. */
  readonly sorting: string;
  /** What the carrier wants in the two-dimensional code, "" if nothing. */
  readonly matrix: string;
}

/** Why a waybill is being voided, which is also what comes after it. */
export type VoidCause = 'CANCEL' | 'CHANGE' | 'BAD_NUMBER';

interface Purchase {
  readonly parcelId: string;
  /** 1 for the first waybill of the parcel; each change buys another. */
  readonly purchase: number;
}

/** Where a parcel is on the floor; NONE: in no wave, and shipped without one; SHORT: goods of it are missing, and order-core calls it off. */
export type Floor = 'NONE' | 'PICKING' | 'SHORT' | 'PACKED';

/** Events that stay inside. A purchase is begun with WaybillRequested and has exactly one PurchaseSettled; VoidRequested has one VoidSettled. */
export type ParcelWorkEvent =
  | { readonly type: 'ParcelPlanned'; readonly data: ParcelPlan }
  /** A supplier sends it under a number of its own: nothing is bought, its number is waited for. */
  | { readonly type: 'ExternalParcelPlanned'; readonly data: ParcelPlan }
  | { readonly type: 'ParcelReplanned'; readonly data: ParcelContent & { readonly parcelId: string; readonly choice: Choice; readonly changeIds: readonly string[] } }
  | { readonly type: 'WaybillRequested'; readonly data: Purchase & { readonly reference: string; readonly priority: number } }
  | { readonly type: 'PurchaseBegun'; readonly data: Purchase & { readonly call: number; /** Machine time after which the call has no effect any more. */ readonly deadline: string } }
  | { readonly type: 'WaybillUnknown'; readonly data: Purchase & { readonly ask: number; readonly askAfter: string; readonly detail: string } }
  | { readonly type: 'PurchaseSettled'; readonly data: Purchase & { readonly outcome: 'ISSUED' | 'REFUSED' | 'ABANDONED'; readonly waybill: string; readonly routing: Routing; /** Sealed by the platform, for its own print component; absent or "" where we draw the label. */ readonly printData?: string; readonly detail: string } }
  | { readonly type: 'VoidRequested'; readonly data: Purchase & { readonly reference: string; readonly carrier: string; readonly waybill: string; readonly because: VoidCause } }
  | { readonly type: 'VoidUnknown'; readonly data: Purchase & { readonly waybill: string; readonly attempt: number; readonly after: string; readonly detail: string } }
  | { readonly type: 'VoidSettled'; readonly data: Purchase & { readonly waybill: string; readonly outcome: 'VOIDED' | 'REFUSED'; readonly detail: string } }
  | { readonly type: 'CancelNoted'; readonly data: { readonly parcelId: string; readonly foId: string; readonly reason: string } }
  | { readonly type: 'ChangeNoted'; readonly data: { readonly parcelId: string; readonly foId: string; readonly changeId: string; readonly content: ParcelContent; readonly choice: Choice | null } }
  /** What allocation says of the floor: PICKING stands in a wave and is not to be shipped before it is packed. */
  | { readonly type: 'FloorNoted'; readonly data: { readonly parcelId: string; readonly floor: Floor; readonly wave: string } }
  | { readonly type: 'ParcelWeighed'; readonly data: { readonly parcelId: string; readonly grams: number } }
  | { readonly type: 'LabelPrinted' | 'LabelReprinted'; readonly data: { readonly parcelId: string; readonly waybill: string; readonly format: string; readonly size: string; readonly by: string; readonly count: number; /** Why it is printed (again), as said; absent where nobody said. */ readonly reason?: string } };

/** Events that the fleet reads; their data is the contract message. */
export type ParcelPublicEvent =
  | { readonly type: 'WaybillIssued'; readonly data: carrier.WaybillIssued }
  | { readonly type: 'ParcelShipped'; readonly data: carrier.ParcelShipped }
  | { readonly type: 'ParcelShippedExternally'; readonly data: carrier.ParcelShippedExternally }
  | { readonly type: 'ParcelVoided'; readonly data: carrier.ParcelVoided }
  | { readonly type: 'CancelRefused'; readonly data: carrier.CancelRefused }
  | { readonly type: 'ParcelChanged'; readonly data: carrier.ParcelChanged }
  | { readonly type: 'ChangeRefused'; readonly data: carrier.ChangeRefused }
  | { readonly type: 'CarrierRefused'; readonly data: carrier.CarrierRefused };

export type ParcelEvent = ParcelWorkEvent | ParcelPublicEvent;

/** How the carrier knows a purchase: the parcel's id, and for each change another number behind it. */
export const referenceOf = (parcelId: string, purchase: number): string => (purchase === 1 ? parcelId : `${parcelId}-c${purchase - 1}`);
