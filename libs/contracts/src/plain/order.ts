// Generated from proto/ by protoc-gen-plain; do not edit.
import type * as common from './common.js';
import type { ServiceRef } from '../service-ref.js';

export interface OrderLine {
  readonly lineId: string;
  readonly channelLineId: string;
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  readonly unitPrice: common.Money;
  readonly total: common.Money;
}

export interface OrderPlaced {
  readonly orderId: string;
  readonly channel: string;
  readonly platform: string;
  readonly channelOrderId: string;
  readonly number: string;
  readonly placedAt: string;
  /** "" while unpaid */
  readonly paidAt: string;
  readonly total: common.Money;
  readonly shipping: common.Money;
  readonly discount: common.Money;
  readonly tax: common.Money;
  readonly lines: readonly OrderLine[];
  readonly shipTo: common.Address;
  readonly buyer: common.Buyer;
  /** sealed */
  readonly remark: string;
  readonly tags: readonly string[];
  /** higher is served first; 0 is ordinary */
  readonly priority: number;
  /** "" if paid */
  readonly paymentDueAt: string;
}

export interface OrderAmended {
  readonly orderId: string;
  /** which: shipTo, lines, remark, total */
  readonly fields: readonly string[];
  readonly lines: readonly OrderLine[];
  readonly shipTo: common.Address;
  readonly total: common.Money;
  /** sealed */
  readonly remark: string;
}

export interface OrderPaid {
  readonly orderId: string;
  readonly paidAt: string;
  readonly amount: common.Money;
}

export interface OrderApproved {
  readonly orderId: string;
  readonly approvedAt: string;
  /** "rule:…" or an actor */
  readonly by: string;
}

export interface OrderHeld {
  readonly orderId: string;
  readonly holdId: string;
  /** ADDRESS, RISK, MANUAL, REFUND_IN_PROGRESS, PLATFORM_FREEZE, SKU_UNMATCHED, EXCEPTION */
  readonly type: string;
  /** AUDIT, ALLOCATE, RELEASE, LABEL, SHIP */
  readonly blocks: readonly string[];
  readonly reason: string;
}

export interface OrderHoldReleased {
  readonly orderId: string;
  readonly holdId: string;
  readonly by: string;
}

export interface OrderCancelRequested {
  readonly orderId: string;
  readonly reason: string;
  readonly by: string;
}

/** The order will not be shipped; every compensation is done. */
export interface OrderCancelled {
  readonly orderId: string;
  readonly reason: string;
  /** NEW, AWAITING_PAYMENT, AUDITING, APPROVED, ALLOCATED, RELEASED, WAYBILLED: how far it had come */
  readonly stage: string;
  readonly cancelledAt: string;
}

export interface OrderRefunded {
  readonly orderId: string;
  readonly refundId: string;
  readonly amount: common.Money;
}

/** Delivered and settled (or the return window has passed). */
export interface OrderClosed {
  readonly orderId: string;
  readonly closedAt: string;
}

/** To allocation: lock stock for this fulfilment order. */
export interface AllocationRequested {
  readonly foId: string;
  /** 1, 2, …: raised whenever order-core starts again */
  readonly round: number;
  readonly orders: readonly common.OrderShare[];
  /** summed per SKU */
  readonly lines: readonly common.SkuQuantity[];
  readonly country: string;
  readonly province: string;
  readonly city: string;
  readonly district: string;
  readonly postcode: string;
  readonly priority: number;
  /** delivery promise, "" if none */
  readonly promisedAt: string;
  readonly excludedWarehouses: readonly string[];
  readonly orderedAt: string;
  /** parcels of this fulfilment order that have left: their stock is gone, not to be given back */
  readonly shipped: readonly ShippedPart[];
  /** of the goods, for routing; amount 0 if unknown */
  readonly value: common.Money;
  /** STANDARD, EXPRESS, PICKUP, SAME_CITY */
  readonly service: string;
  /** the store that the buyer chose, by id or name, for PICKUP; "" if none was named */
  readonly pickupLocation: string;
  /** of the order: the buyer's wishes, promotions */
  readonly tags: readonly string[];
}

export interface ShippedPart {
  readonly parcelId: string;
  readonly warehouse: string;
}

/**
 * To carrier and the floor: ship this. parcel_id is uuidv5(fo_id, attempt). A fulfilment order that several warehouses send
 * has one of these per warehouse, each with its share of the orders, its items and its part of the value.
 */
export interface FulfilmentReleased {
  readonly foId: string;
  readonly parcelId: string;
  readonly attempt: number;
  readonly warehouse: string;
  readonly orders: readonly common.OrderShare[];
  readonly items: readonly ParcelItem[];
  readonly shipTo: common.Address;
  /** STANDARD, EXPRESS, PICKUP, SAME_CITY */
  readonly service: string;
  readonly value: common.Money;
  readonly excludedCarriers: readonly string[];
  readonly priority: number;
  /** sealed */
  readonly remark: string;
  /** the order number to print */
  readonly number: string;
  readonly tags: readonly string[];
  /** for the buyer's page and notices */
  readonly buyer: common.Buyer;
  /** what the routing rules would take, if it has a price; "" = the cheapest */
  readonly preferredCarrier: string;
  /** a supplier sends it under a number of its own: carrier plans the parcel and buys nothing */
  readonly external: boolean;
}

export interface ParcelItem {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  /** of one unit */
  readonly grams: number;
}

/** To carrier: the parcel is to change. The answer is ParcelChanged or ChangeRefused. */
export interface FulfilmentChangeRequested {
  readonly foId: string;
  readonly parcelId: string;
  readonly changeId: string;
  readonly shipTo: common.Address;
  readonly service: string;
  readonly items: readonly ParcelItem[];
  readonly orders: readonly common.OrderShare[];
}

/** To carrier: do not ship. The answer is ParcelVoided or CancelRefused. */
export interface FulfilmentCancelRequested {
  readonly foId: string;
  readonly parcelId: string;
  readonly reason: string;
}

/**
 * To allocation: give the stock back of everything that has not left. Said once every parcel is voided or has left, or when
 * the fulfilment order was never released. Nothing more of it will be shipped.
 */
export interface FulfilmentCancelled {
  readonly foId: string;
  readonly reason: string;
  /** parcels that have left: their stock is gone, not to be given back */
  readonly shipped: readonly ShippedPart[];
}

/** The parcel has left; a cancel came too late: try to stop it on its way (carried out by a later issue's carriers). */
export interface InterceptionRequested {
  readonly foId: string;
  readonly parcelId: string;
  readonly reason: string;
}

export interface FulfilmentShipped {
  readonly foId: string;
  readonly parcelId: string;
  readonly shippedAt: string;
}

export interface FulfilmentDelivered {
  readonly foId: string;
  readonly parcelId: string;
  readonly deliveredAt: string;
}

export interface GetOrderRequest {
  readonly orderId: string;
  /** wait until this position of the log is visible; 0 = do not wait */
  readonly atPosition: number;
}

export interface ListOrdersRequest {
  readonly page: common.Page;
  readonly channel: string;
  /** derived state; "" = all */
  readonly state: string;
}

export interface ListOrdersResponse {
  readonly orders: readonly OrderSummary[];
  readonly nextToken: string;
}

export interface OrderSummary {
  readonly orderId: string;
  readonly channel: string;
  readonly channelOrderId: string;
  readonly number: string;
  readonly state: string;
  readonly total: common.Money;
  readonly placedAt: string;
  /** what the order waits for: "HOLD:ADDRESS", "TIMER:PAYMENT", "ALLOCATION", "BACKORDER", …; "" once closed or cancelled */
  readonly waitsFor: string;
  readonly waitsSince: string;
}

export interface Order {
  readonly orderId: string;
  readonly channel: string;
  readonly platform: string;
  readonly channelOrderId: string;
  readonly number: string;
  /** NEW, AWAITING_PAYMENT, AUDITING, APPROVED, ALLOCATING, ALLOCATED, IN_FULFILMENT, PARTIALLY_SHIPPED, SHIPPED, PARTIALLY_DELIVERED, DELIVERED, CLOSED, CANCELLED, REJECTED_RISK */
  readonly state: string;
  readonly placedAt: string;
  readonly paidAt: string;
  readonly total: common.Money;
  readonly lines: readonly OrderLine[];
  readonly shipTo: common.Address;
  readonly buyer: common.Buyer;
  readonly remark: string;
  readonly tags: readonly string[];
  readonly holds: readonly Hold[];
  readonly fulfilments: readonly Fulfilment[];
  readonly allowedActions: readonly string[];
  readonly waitsFor: string;
  readonly waitsSince: string;
  readonly cancelRequested: boolean;
  readonly settled: boolean;
  readonly version: number;
  readonly position: number;
}

export interface Hold {
  readonly holdId: string;
  readonly type: string;
  readonly blocks: readonly string[];
  readonly reason: string;
  readonly since: string;
}

export interface Fulfilment {
  readonly foId: string;
  /** PLANNED, ALLOCATING, BACKORDERED, ALLOCATED, RELEASED, WAYBILLED, PARTIALLY_SHIPPED, SHIPPED, PARTIALLY_DELIVERED, DELIVERED, CANCELLING, CANCELLED */
  readonly state: string;
  /** of the first of its parts, as the next three and milestone */
  readonly warehouse: string;
  readonly parcelId: string;
  readonly carrier: string;
  readonly waybill: string;
  readonly round: number;
  readonly attempt: number;
  readonly milestone: string;
  /** one per warehouse, each a parcel of its own */
  readonly parts: readonly FulfilmentPart[];
}

export interface FulfilmentPart {
  /** "" if somebody else shipped it */
  readonly warehouse: string;
  /** the newest one's; "" before it is released */
  readonly parcelId: string;
  /** "", RELEASED, WAYBILLED, SHIPPED, DELIVERED, VOIDED, REFUSED */
  readonly stage: string;
  readonly carrier: string;
  readonly waybill: string;
  readonly milestone: string;
  readonly orders: readonly common.OrderShare[];
}

export interface ApproveOrderRequest {
  readonly requestId: string;
  readonly orderId: string;
  readonly reason: string;
}

export interface HoldOrderRequest {
  readonly requestId: string;
  readonly orderId: string;
  /** MANUAL, BUYER_REQUEST, RISK, ADDRESS */
  readonly type: string;
  /** empty: the type's default */
  readonly blocks: readonly string[];
  readonly reason: string;
}

export interface ReleaseHoldRequest {
  readonly requestId: string;
  readonly orderId: string;
  readonly holdId: string;
}

export interface CancelOrderRequest {
  readonly requestId: string;
  readonly orderId: string;
  readonly reason: string;
}

/** Clear text, sealed by order-core with the buyer's key before anything is written. */
export interface ChangeAddressRequest {
  readonly requestId: string;
  readonly orderId: string;
  readonly country: string;
  readonly province: string;
  readonly city: string;
  readonly district: string;
  readonly postcode: string;
  readonly street: string;
  readonly company: string;
  readonly name: string;
  readonly phone: string;
}

export interface OrderHistoryRequest {
  readonly orderId: string;
}

export interface OrderHistory {
  readonly events: readonly HistoryEvent[];
}

export interface HistoryEvent {
  readonly stream: string;
  readonly version: number;
  readonly eventId: string;
  readonly type: string;
  readonly recordedAt: string;
  readonly actor: string;
  /** JSON, personal data sealed */
  readonly data: string;
  /** hex */
  readonly hash: string;
  readonly traceId: string;
  /** the foreign event that this one applies, if any */
  readonly sourceStream: string;
  readonly sourceVersion: number;
  readonly sourceEventId: string;
  readonly sourceHash: string;
}

/** The order desk. Every command takes a request_id (a repeat gets the same answer) and answers with the order's new state. */
export interface OrdersRpc {
  readonly get: { readonly kind: 'unary'; readonly input: GetOrderRequest; readonly output: Order };
  readonly list: { readonly kind: 'unary'; readonly input: ListOrdersRequest; readonly output: ListOrdersResponse };
  readonly approve: { readonly kind: 'unary'; readonly input: ApproveOrderRequest; readonly output: Order };
  readonly hold: { readonly kind: 'unary'; readonly input: HoldOrderRequest; readonly output: Order };
  readonly release: { readonly kind: 'unary'; readonly input: ReleaseHoldRequest; readonly output: Order };
  readonly cancel: { readonly kind: 'unary'; readonly input: CancelOrderRequest; readonly output: Order };
  readonly changeAddress: { readonly kind: 'unary'; readonly input: ChangeAddressRequest; readonly output: Order };
  readonly history: { readonly kind: 'unary'; readonly input: OrderHistoryRequest; readonly output: OrderHistory };
}
export const Orders: ServiceRef<OrdersRpc> = { typeName: 'flotilla.order.v1.Orders' };

