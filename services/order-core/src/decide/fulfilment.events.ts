import type { allocation, common, order } from '@flotilla/contracts';

interface Fact<Type extends string, Data> {
  readonly type: Type;
  readonly data: Data;
}

/** What is to be shipped and where to: the part of its orders that a fulfilment order knows. */
export interface Plan {
  readonly orders: readonly common.OrderShare[];
  readonly shipTo: common.Address;
  readonly buyer: common.Buyer;
  readonly number: string;
  readonly remark: string;
  /** Sealed; absent if the buyer wants no card. */
  readonly giftMessage?: string;
  readonly tags: readonly string[];
  readonly priority: number;
  readonly service: string;
  /** The store that the buyer chose; absent if none is named. */
  readonly pickupLocation?: string;
  readonly value: common.Money;
  /** Line → its total in minor units: a parcel with some of the lines has its part of the value. */
  readonly prices: Readonly<Record<string, number>>;
  readonly orderedAt: string;
}

/** What one warehouse sends, as a parcel of its own. */
export interface Part {
  readonly warehouse: string;
  readonly lockId: string;
  /** Its share of the orders; null, in what was stored before there were parts: all that was asked for. */
  readonly orders: readonly common.OrderShare[] | null;
  readonly items: readonly allocation.AllocatedItem[];
  /** Carriers that the routing rules keep away from it, and the one that they would take ("" = none). */
  readonly barredCarriers: readonly string[];
  readonly preferredCarrier: string;
  /** A supplier sends it under a number of its own; absent = carrier buys the waybill. */
  readonly external?: boolean;
}

export type TroubleKind = 'CARRIER' | 'VOIDED' | 'LOST' | 'RETURNED';

/** Facts of a fulfilment order. Those named as in flotilla.order.v1 are published as they are, the others stay in the stream. */
export type FulfilmentEvent =
  | Fact<'AllocationRequested', order.AllocationRequested>
  | Fact<'FulfilmentReleased', order.FulfilmentReleased>
  | Fact<'FulfilmentChangeRequested', order.FulfilmentChangeRequested>
  | Fact<'FulfilmentCancelRequested', order.FulfilmentCancelRequested>
  | Fact<'FulfilmentCancelled', order.FulfilmentCancelled>
  | Fact<'InterceptionRequested', order.InterceptionRequested>
  | Fact<'FulfilmentShipped', order.FulfilmentShipped>
  | Fact<'FulfilmentDelivered', order.FulfilmentDelivered>
  /** `split`: what was split off its order, and as which of its parts, from 1; absent = the order's own. */
  | Fact<'FulfilmentPlanned', { readonly foId: string; readonly plan: Plan; readonly split?: { readonly orderId: string; readonly part: number } }>
  | Fact<'FulfilmentReplanned', { readonly foId: string; readonly plan: Plan; readonly linesChanged: boolean; readonly addressChanged: boolean }>
  /** Ended without a word to anybody: allocation was never asked, or what was shipped will not arrive. */
  | Fact<'FulfilmentAbandoned', { readonly foId: string; readonly reason: string }>
  | Fact<'StockGranted', { readonly foId: string; readonly round: number; readonly parts: readonly Part[] }>
  | Fact<'StockAwaited', { readonly foId: string; readonly round: number; readonly missing: readonly common.SkuQuantity[] }>
  | Fact<'StockFailed', { readonly foId: string; readonly warehouse: string; readonly cause: 'PICK_SHORT' | 'DISPLACED' }>
  | Fact<'StockGivenBack', { readonly foId: string; readonly warehouse: string }>
  | Fact<'WaybillNoted', { readonly foId: string; readonly parcelId: string; readonly carrier: string; readonly service: string; readonly waybill: string }>
  | Fact<'ParcelEnded', { readonly foId: string; readonly parcelId: string; readonly how: 'VOIDED' | 'REFUSED'; readonly carrier: string; readonly reason: string; readonly trouble: TroubleKind | '' }>
  | Fact<'RecallRefused', { readonly foId: string; readonly parcelId: string; readonly reason: string }>
  | Fact<'ChangeAnswered', { readonly foId: string; readonly parcelId: string; readonly changeId: string; readonly refused: string }>
  | Fact<'MilestoneNoted', { readonly foId: string; readonly parcelId: string; readonly milestone: string; readonly occurredAt: string; readonly place: string; readonly trouble: TroubleKind | '' }>
  | Fact<'ParcelMissed', { readonly foId: string; readonly parcelId: string }>
  | Fact<'ExternalParcelNoted', { readonly foId: string; readonly parcelId: string; readonly carrier: string; readonly waybill: string; readonly shippedAt: string }>
  /** `writtenOffAt`: business time, if what is written off is a parcel that will not arrive; else "". */
  | Fact<'TroubleCleared', { readonly foId: string; readonly trouble: number; readonly writtenOffAt: string }>;
