import type { common, ingest, order, settlement } from '@flotilla/contracts';
import type { AddressReading } from './address.js';

interface Fact<Type extends string, Data> {
  readonly type: Type;
  readonly data: Data;
}

/** How far the parcels of an order have come, as seen from the order. */
export type Progress = 'NONE' | 'ALLOCATED' | 'RELEASED' | 'WAYBILLED' | 'PARTIALLY_SHIPPED' | 'SHIPPED' | 'DELIVERED' | 'LOST' | 'RETURNED';

/** How far an order had come when its cancellation was asked for. */
export type Stage = 'NEW' | 'AWAITING_PAYMENT' | 'AUDITING' | 'APPROVED' | 'ALLOCATED' | 'RELEASED' | 'WAYBILLED' | 'SHIPPED';

/** What may be said of an order before its content is known, as it arrived. */
export type EarlyFact =
  | Fact<'NotePaid', ingest.ChannelOrderPaid>
  | Fact<'NoteCancelled', ingest.ChannelOrderCancelled>
  | Fact<'NoteRefundRequested', ingest.ChannelRefundRequested>
  | Fact<'NoteRefundSettled', ingest.ChannelRefundSettled>
  | Fact<'NoteRefundWithdrawn', ingest.ChannelRefundWithdrawn>
  | Fact<'NoteFrozen', ingest.ChannelFrozen>
  | Fact<'NoteSettled', settlement.OrderSettled>;

/** What was taken from the platform's content beside what OrderPlaced or OrderAmended say. */
export interface ContentTaken {
  readonly orderId: string;
  readonly modifiedAt: string;
  /** Of the content as it came: a platform may date two alike. */
  readonly mark: string;
  /** Lines that need no parcel. */
  readonly unshipped: readonly string[];
  readonly service: string;
  /** The store that the buyer collects it from, as the platform names it; absent if none is named. */
  readonly pickupLocation?: string;
  /** The platform's address, if it is another than in its content before; the desk may have set a third. */
  readonly shipTo: common.Address | null;
  /** How that was read, or the address that the order was placed with; absent if it was not, and where the address is the one of before. */
  readonly address?: AddressReading;
  /** It is to be sent before it is paid; absent where it is not. */
  readonly promised?: true;
}

export interface RefundNoted {
  readonly orderId: string;
  readonly refundId: string;
  readonly state: 'REQUESTED' | 'SETTLED' | 'WITHDRAWN';
  readonly modifiedAt: string;
  readonly amount: common.Money;
  readonly lines: readonly common.ShareLine[];
}

/** Why part of an order goes by a fulfilment order of its own. */
export type SplitReason = 'PARTIAL_STOCK' | 'BY_HAND';

/** Facts of an order. Those named as in flotilla.order.v1 are published as they are, the others stay in the stream. */
export type OrderEvent =
  | Fact<'OrderPlaced', order.OrderPlaced>
  | Fact<'OrderAmended', order.OrderAmended>
  | Fact<'OrderPaid', order.OrderPaid>
  | Fact<'OrderApproved', order.OrderApproved>
  | Fact<'OrderHeld', order.OrderHeld>
  | Fact<'OrderHoldReleased', order.OrderHoldReleased>
  | Fact<'OrderCancelRequested', order.OrderCancelRequested>
  | Fact<'OrderCancelled', order.OrderCancelled>
  | Fact<'OrderRefunded', order.OrderRefunded>
  | Fact<'OrderClosed', order.OrderClosed>
  | Fact<'OrderSplit', order.OrderSplit>
  | Fact<'FactRemembered', { readonly orderId: string; readonly fact: EarlyFact }>
  | Fact<'ContentTaken', ContentTaken>
  | Fact<'LatePaymentNoted', order.OrderPaid>
  /** What the platform says was paid, where that is not what was known: the total, or what it said before. */
  /** What was promised is paid. */
  | Fact<'PromiseKept', { readonly orderId: string }>
  | Fact<'AmountPaidNoted', { readonly orderId: string; readonly amount: common.Money }>
  | Fact<'RefundNoted', RefundNoted>
  | Fact<'FreezeNoted', { readonly orderId: string; readonly frozen: boolean; readonly modifiedAt: string }>
  | Fact<'CancellationBegun', { readonly orderId: string; readonly stage: Stage }>
  | Fact<'CancellationRefused', { readonly orderId: string; readonly reason: string }>
  | Fact<'SettlementNoted', { readonly orderId: string; readonly statementId: string; readonly settledAt: string }>
  /** Somebody did this by hand; what came of it follows. */
  | Fact<'ActedByHand', { readonly orderId: string; readonly action: string; readonly reason: string; readonly by: string }>
  /** By hand, for this order: whether what is there may go before what is lacking. */
  | Fact<'PartialChosen', { readonly orderId: string; readonly allowed: boolean }>
  /** Delivered, and the buyer can no longer send it back without a reason; without `parcels`, all of it. */
  | Fact<'ReturnWindowPassed', { readonly orderId: string; readonly at: string; readonly parcels?: readonly string[] }>;
