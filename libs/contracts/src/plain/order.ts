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
  /** fields that the channel's mapping declares, by name */
  readonly custom: readonly CustomField[];
  /** sealed; what the buyer wants to stand on a card, "" if none can be told */
  readonly giftMessage: string;
}

export interface CustomField {
  readonly name: string;
  /** a number, an instant, "true" or "false", or text; sealed where the channel's mapping says that it is personal */
  readonly value: string;
}

export interface OrderAmended {
  readonly orderId: string;
  /** which: shipTo, lines, remark (and with it gift_message), tags, total, custom */
  readonly fields: readonly string[];
  readonly lines: readonly OrderLine[];
  readonly shipTo: common.Address;
  readonly total: common.Money;
  /** sealed */
  readonly remark: string;
  readonly custom: readonly CustomField[];
  readonly tags: readonly string[];
  /** sealed */
  readonly giftMessage: string;
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

/** Part of the order goes by a fulfilment order of its own: what it names has its own allocation, its own parcels, its own way. */
export interface OrderSplit {
  readonly orderId: string;
  /** the new one, uuidv5(order_id, "split-<part>") */
  readonly foId: string;
  /** from 1 */
  readonly part: number;
  /** the fulfilment order that its units were taken from */
  readonly fromFoId: string;
  /** PARTIAL_STOCK (the rest can go now), BY_HAND */
  readonly reason: string;
  /** what was taken; later refunds and amendments change what is shipped */
  readonly lines: readonly common.ShareLine[];
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
  /** whom the buyer asks for (a tag buyer:carrier:…), else what the routing rules would take, if it has a price; "" = the cheapest */
  readonly preferredCarrier: string;
  /** a supplier sends it under a number of its own: carrier plans the parcel and buys nothing */
  readonly external: boolean;
  /** sealed; what is to stand on a card, "" if none */
  readonly giftMessage: string;
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

/** The parcel has left; a cancel or another address came too late: try to stop it on its way (carried out by a later issue's carriers). */
export interface InterceptionRequested {
  readonly foId: string;
  readonly parcelId: string;
  readonly reason: string;
  /** where it is to go instead; country "" = back to the sender */
  readonly shipTo: common.Address;
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

export interface GetShippingRuleRequest {
  readonly channel: string;
}

export interface PutShippingRuleRequest {
  readonly requestId: string;
  readonly channel: string;
  readonly partialShipments: boolean;
}

export interface ShippingRule {
  readonly channel: string;
  /** what is there goes first, the rest waits by itself; false, as long as nobody has said so: an order ships complete */
  readonly partialShipments: boolean;
  /** 0 = nobody has set it */
  readonly version: number;
  readonly putAt: string;
  readonly putBy: string;
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
  readonly filter: OrderFilter;
  /** placed_at, total, waits_since, each also with " desc"; "" = "placed_at desc". By total within one currency only */
  readonly sort: string;
}

/** All that is given must hold; of what is repeated one is enough. Not given, 0 or "" asks nothing. */
export interface OrderFilter {
  readonly channels: readonly string[];
  readonly platforms: readonly string[];
  readonly states: readonly string[];
  /** ALLOCATION; "HOLD" is every hold, "HOLD:RISK" one kind */
  readonly waitsFor: readonly string[];
  /** types of holds that are open */
  readonly holds: readonly string[];
  /** what may be done: Approve, Hold, … */
  readonly actions: readonly string[];
  /** from this instant on */
  readonly placedFrom: string;
  readonly placedBefore: string;
  /** waits longer than since then */
  readonly waitsSinceBefore: string;
  /** minor units of the currency, which has to be given */
  readonly totalFrom: number;
  readonly totalTo: number;
  readonly currency: string;
  readonly skus: readonly string[];
  /** words of a product's title */
  readonly product: string;
  readonly tags: readonly string[];
  readonly countries: readonly string[];
  /** STANDARD, EXPRESS, PICKUP, SAME_CITY */
  readonly services: readonly string[];
  readonly warehouses: readonly string[];
  readonly carriers: readonly string[];
  /** of the order, as the buyer knows it, or the channel's own id */
  readonly number: string;
  readonly waybill: string;
  /** clear text; turned into its index at the door, and neither kept nor logged */
  readonly buyerEmail: string;
  /** the same; with its country code, or of the People's Republic of China */
  readonly buyerPhone: string;
  /** the index itself, as orders carry it */
  readonly buyerIndex: string;
  /** one of these holds, too; three levels at most */
  readonly anyOf: readonly OrderFilter[];
  /** none of these holds */
  readonly noneOf: readonly OrderFilter[];
  /** all of these hold */
  readonly custom: readonly CustomFilter[];
  /** province, city or district that it goes to, as its address names them */
  readonly places: readonly string[];
  /** waits since then or later */
  readonly waitsSinceFrom: string;
  /** than so many, whenever it is asked: a saved view stays about "more than two hours" */
  readonly waitsLongerSeconds: number;
  /** than so many */
  readonly waitsShorterSeconds: number;
  /** VAGUE, CONTRADICTION, …: what ingest saw in the platform's address */
  readonly addressFlags: readonly string[];
  /** who works at it now, by name; "none" = nobody */
  readonly claimedBy: readonly string[];
}

/** A custom field of the order by its values, or from … to; with neither: orders that have it. Personal ones are sealed, and not found. */
export interface CustomFilter {
  /** as the channel's mapping declares it: live_coupon */
  readonly name: string;
  /** one of these, without regard to case and width */
  readonly values: readonly string[];
  /** a number, or an instant: this one or more */
  readonly from: string;
  /** this one or less */
  readonly to: string;
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
  readonly allowedActions: readonly string[];
  readonly paidAt: string;
  readonly priority: number;
  readonly tags: readonly string[];
  /** types of the open ones */
  readonly holds: readonly string[];
  /** without those that are sealed */
  readonly custom: readonly CustomField[];
  /** who works at it: caller:ada; "" = nobody, or not any more */
  readonly claimedBy: string;
  /** by the clock of the wall */
  readonly claimedUntil: string;
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
  /** the others, and why not */
  readonly refusedActions: readonly RefusedAction[];
  readonly blockedSteps: readonly BlockedStep[];
  /** all of them, personal ones sealed */
  readonly custom: readonly CustomField[];
  /** ALLOWED or NOT_ALLOWED, as the desk chose for this order; "" = as its channel's shipping rule says */
  readonly partialShipment: string;
  /** of the platform's address; the desk's own is taken as it is */
  readonly address: AddressReading;
  /** sealed; what the buyer wants to stand on a card */
  readonly giftMessage: string;
}

export interface AddressReading {
  /** as ChannelOrder.address has them */
  readonly flags: readonly string[];
  /** percent: the lower one of province and city in China; 100 elsewhere, and where it was not read */
  readonly confidence: number;
  readonly changes: readonly AddressChange[];
}

/** A field in which ship_to carries the standard name instead of what the platform gave. */
export interface AddressChange {
  /** province, city, district, postcode */
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

export interface RefusedAction {
  readonly action: string;
  readonly reason: string;
  readonly message: string;
}

/** A step that holds keep from being taken. */
export interface BlockedStep {
  /** AUDIT, ALLOCATE, RELEASE, LABEL, SHIP */
  readonly step: string;
  /** their ids */
  readonly holds: readonly string[];
}

export interface Hold {
  readonly holdId: string;
  readonly type: string;
  readonly blocks: readonly string[];
  readonly reason: string;
  readonly since: string;
  /** by hand, now */
  readonly releasable: boolean;
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
  /** what it is to ship */
  readonly orders: readonly common.OrderShare[];
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
  readonly reason: string;
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
  /** the version of the order that this event made: for AsOf and Diff */
  readonly position: number;
  /** why, where the event says so */
  readonly reason: string;
}

export interface SplitOrderRequest {
  readonly requestId: string;
  readonly orderId: string;
  /** the fulfilment order to take from; "" = the first one that still has all these units to ship */
  readonly foId: string;
  readonly lines: readonly SplitLine[];
  readonly reason: string;
}

export interface SplitLine {
  readonly lineId: string;
  readonly quantity: number;
}

export interface AllowPartialRequest {
  readonly requestId: string;
  readonly orderId: string;
  readonly allowed: boolean;
  readonly reason: string;
}

export interface ClaimOrderRequest {
  readonly requestId: string;
  readonly orderId: string;
  /** also while somebody else works at it; with a reason */
  readonly takeOver: boolean;
  readonly reason: string;
}

export interface ReleaseClaimRequest {
  readonly requestId: string;
  readonly orderId: string;
  /** needed where it is somebody else's */
  readonly reason: string;
}

/** Who works at an order. It stands in no history of the order, holds nothing up, and ends by itself. */
export interface OrderClaim {
  readonly orderId: string;
  /** caller:ada; "" = nobody */
  readonly claimedBy: string;
  /** by the clock of the wall */
  readonly claimedUntil: string;
}

/** Clear text, sealed as that of ChangeAddress. Without a country the parcels are to come back. */
export interface InterceptOrderRequest {
  readonly requestId: string;
  readonly orderId: string;
  readonly reason: string;
  /** its request_id and order_id are not read */
  readonly shipTo: ChangeAddressRequest;
}

export interface OrderAsOfRequest {
  readonly orderId: string;
  /** an instant, by when events were recorded; or */
  readonly at: string;
  /** of an event of its history */
  readonly position: number;
}

export interface OrderAsOf {
  /** allowed_actions are those of then */
  readonly order: Order;
  /** the last one that it rests on: who, when, why */
  readonly event: HistoryEvent;
  /** how many it rests on */
  readonly events: number;
}

export interface OrderDiffRequest {
  readonly orderId: string;
  readonly fromAt: string;
  /** neither: before its first event */
  readonly fromPosition: number;
  readonly toAt: string;
  /** neither: now */
  readonly toPosition: number;
}

export interface OrderDiff {
  readonly differences: readonly OrderDifference[];
  /** those in between */
  readonly events: readonly HistoryEvent[];
}

export interface OrderDifference {
  /** lines[2].quantity */
  readonly path: string;
  /** JSON; "" = was not there */
  readonly before: string;
  /** JSON; "" = is not there any more */
  readonly after: string;
  /** of the event that changed it last */
  readonly position: number;
}

export interface OrderOverviewRequest {
  readonly orderId: string;
}

export interface OrderOverview {
  readonly order: Order;
  /** all that there ever were, the newest last */
  readonly parcels: readonly ParcelOverview[];
  /** what each warehouse promised in the newest round */
  readonly locks: readonly LockOverview[];
  readonly money: MoneyOverview;
  /** messages to the buyer */
  readonly notices: readonly NoticeOverview[];
  readonly incidents: readonly IncidentOverview[];
  /** what was told to the platform */
  readonly writeBacks: readonly WriteBackOverview[];
  /** the newest last */
  readonly timeline: readonly TimelineEntry[];
  /** what no event tells order-core, and who knows it */
  readonly notHere: readonly string[];
  readonly claim: OrderClaim;
}

export interface ParcelOverview {
  readonly parcelId: string;
  readonly warehouse: string;
  /** 0 if somebody else shipped it */
  readonly attempt: number;
  /** RELEASED, WAYBILLED, SHIPPED, DELIVERED, VOIDED, REFUSED */
  readonly stage: string;
  readonly carrier: string;
  readonly waybill: string;
  readonly milestone: string;
  readonly milestoneAt: string;
  readonly shippedAt: string;
  readonly deliveredAt: string;
  /** when it was asked to be stopped on its way */
  readonly interceptedAt: string;
  readonly lost: boolean;
  readonly troubles: readonly ParcelTrouble[];
  /** of the packing video; allocation keeps it under this name */
  readonly videoSha256: string;
}

export interface ParcelTrouble {
  readonly trouble: string;
  readonly since: string;
  /** "" while it lasts */
  readonly endedAt: string;
  readonly detail: string;
}

export interface LockOverview {
  readonly lockId: string;
  readonly warehouse: string;
  readonly round: number;
  /** GRANTED, FAILED, CONSUMED, RETURNED */
  readonly state: string;
  readonly lines: readonly common.SkuQuantity[];
}

export interface MoneyOverview {
  readonly total: common.Money;
  readonly paidAt: string;
  readonly refunds: readonly RefundOverview[];
  readonly facts: readonly SettlementFact[];
  readonly settledAt: string;
}

export interface RefundOverview {
  readonly refundId: string;
  /** REQUESTED, SETTLED, WITHDRAWN */
  readonly state: string;
  readonly amount: common.Money;
  readonly modifiedAt: string;
}

/** What settlement said of the order: a line of a statement, what is wrong with it, what became of it. */
export interface SettlementFact {
  /** MATCHED, FLAGGED, RESOLVED */
  readonly what: string;
  /** of a matched line; cause of a flagged one; action of a resolved one */
  readonly kind: string;
  readonly statementId: string;
  readonly lineId: string;
  readonly amount: common.Money;
  readonly fee: common.Money;
  readonly net: common.Money;
  readonly recordedAt: string;
}

export interface NoticeOverview {
  readonly noticeId: string;
  readonly parcelId: string;
  readonly kind: string;
  readonly medium: string;
  readonly outcome: string;
  readonly recordedAt: string;
}

export interface IncidentOverview {
  readonly incidentId: string;
  readonly rule: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly severity: string;
  readonly detail: string;
  readonly detailZh: string;
  /** OPEN, ACKNOWLEDGED, CLEARED */
  readonly state: string;
  readonly raisedAt: string;
  readonly clearedAt: string;
  /** who acknowledged it */
  readonly by: string;
}

export interface WriteBackOverview {
  readonly parcelId: string;
  /** SUCCEEDED, FAILED */
  readonly outcome: string;
  readonly reason: string;
  readonly detail: string;
  readonly recordedAt: string;
}

export interface TimelineEntry {
  readonly at: string;
  readonly type: string;
  readonly title: string;
  readonly titleZh: string;
  readonly actor: string;
  readonly reason: string;
  readonly parcelId: string;
  readonly position: number;
  /** of the foreign event behind it, if any */
  readonly sourceStream: string;
}

export interface ExportOrdersRequest {
  readonly filter: OrderFilter;
  readonly sort: string;
  /** of the headings and states: zh-CN; else English */
  readonly language: string;
}

export interface ExportOrdersChunk {
  readonly data: Uint8Array;
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
  readonly intercept: { readonly kind: 'unary'; readonly input: InterceptOrderRequest; readonly output: Order };
  readonly split: { readonly kind: 'unary'; readonly input: SplitOrderRequest; readonly output: Order };
  readonly allowPartial: { readonly kind: 'unary'; readonly input: AllowPartialRequest; readonly output: Order };
  readonly claim: { readonly kind: 'unary'; readonly input: ClaimOrderRequest; readonly output: OrderClaim };
  readonly releaseClaim: { readonly kind: 'unary'; readonly input: ReleaseClaimRequest; readonly output: OrderClaim };
  readonly asOf: { readonly kind: 'unary'; readonly input: OrderAsOfRequest; readonly output: OrderAsOf };
  readonly diff: { readonly kind: 'unary'; readonly input: OrderDiffRequest; readonly output: OrderDiff };
  readonly overview: { readonly kind: 'unary'; readonly input: OrderOverviewRequest; readonly output: OrderOverview };
  readonly export: { readonly kind: 'server_streaming'; readonly input: ExportOrdersRequest; readonly output: ExportOrdersChunk };
}
export const Orders: ServiceRef<OrdersRpc> = { typeName: 'flotilla.order.v1.Orders' };

/** What a merchant decides for the orders of a channel. */
export interface ShippingRulesRpc {
  readonly get: { readonly kind: 'unary'; readonly input: GetShippingRuleRequest; readonly output: ShippingRule };
  readonly put: { readonly kind: 'unary'; readonly input: PutShippingRuleRequest; readonly output: ShippingRule };
}
export const ShippingRules: ServiceRef<ShippingRulesRpc> = { typeName: 'flotilla.order.v1.ShippingRules' };

export interface StartOperationRequest {
  /** demanded, but for a dry run */
  readonly requestId: string;
  /** Approve, Hold, Release, Cancel, Intercept, AllowPartial */
  readonly action: string;
  readonly reason: string;
  /** of Hold: as in Orders/Hold; of Release: all of this type that can be released */
  readonly holdType: string;
  /** of Hold */
  readonly blocks: readonly string[];
  /** these, or */
  readonly orderIds: readonly string[];
  /** all that it finds; 20,000 at most */
  readonly filter: OrderFilter;
  readonly dryRun: boolean;
}

export interface Operation {
  /** "" of a dry run */
  readonly operationId: string;
  readonly action: string;
  readonly reason: string;
  readonly holdType: string;
  readonly blocks: readonly string[];
  /** DRY_RUN, RUNNING, FINISHED, CANCELLED */
  readonly state: string;
  readonly total: number;
  /** of a dry run: would be */
  readonly done: number;
  readonly refused: number;
  readonly failed: number;
  readonly by: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** of a dry run */
  readonly refusals: readonly RefusalCount[];
}

export interface RefusalCount {
  readonly reason: string;
  readonly orders: number;
}

export interface GetOperationRequest {
  readonly operationId: string;
}

export interface ListOperationsRequest {
  readonly page: common.Page;
}

export interface ListOperationsResponse {
  /** the newest first */
  readonly operations: readonly Operation[];
  readonly nextToken: string;
}

export interface ListOutcomesRequest {
  readonly operationId: string;
  readonly page: common.Page;
  /** "" = all */
  readonly outcome: string;
}

export interface ListOutcomesResponse {
  readonly outcomes: readonly Outcome[];
  readonly nextToken: string;
}

export interface Outcome {
  readonly orderId: string;
  /** DONE, REFUSED, FAILED */
  readonly outcome: string;
  /** of the registry */
  readonly reason: string;
  readonly message: string;
}

export interface CancelOperationRequest {
  readonly requestId: string;
  readonly operationId: string;
}

export interface SaveViewRequest {
  readonly requestId: string;
  /** "" = a new one */
  readonly viewId: string;
  readonly name: string;
  /** a buyer's clear text is kept as its index */
  readonly filter: OrderFilter;
  readonly sort: string;
  /** seen by everybody; changed by its owner alone */
  readonly shared: boolean;
}

export interface View {
  readonly viewId: string;
  readonly name: string;
  /** of the built-in ones */
  readonly nameZh: string;
  readonly filter: OrderFilter;
  readonly sort: string;
  readonly shared: boolean;
  /** "" of the built-in ones */
  readonly owner: string;
  /** counted to 10,000 */
  readonly orders: number;
  /** there are more than that */
  readonly more: boolean;
}

export interface RemoveViewRequest {
  readonly requestId: string;
  readonly viewId: string;
}

export interface RemoveViewResponse {
}

export interface ListViewsRequest {
  readonly withoutCounts: boolean;
}

export interface ListViewsResponse {
  readonly views: readonly View[];
}

/** Bulk work: one action on many orders. It goes on after a crash, does no order twice, and has an outcome for each. */
export interface OperationsRpc {
  readonly start: { readonly kind: 'unary'; readonly input: StartOperationRequest; readonly output: Operation };
  readonly get: { readonly kind: 'unary'; readonly input: GetOperationRequest; readonly output: Operation };
  readonly list: { readonly kind: 'unary'; readonly input: ListOperationsRequest; readonly output: ListOperationsResponse };
  readonly listOutcomes: { readonly kind: 'unary'; readonly input: ListOutcomesRequest; readonly output: ListOutcomesResponse };
  readonly cancel: { readonly kind: 'unary'; readonly input: CancelOperationRequest; readonly output: Operation };
}
export const Operations: ServiceRef<OperationsRpc> = { typeName: 'flotilla.order.v1.Operations' };

/** Named filters, with counts. */
export interface ViewsRpc {
  readonly save: { readonly kind: 'unary'; readonly input: SaveViewRequest; readonly output: View };
  readonly remove: { readonly kind: 'unary'; readonly input: RemoveViewRequest; readonly output: RemoveViewResponse };
  readonly list: { readonly kind: 'unary'; readonly input: ListViewsRequest; readonly output: ListViewsResponse };
}
export const Views: ServiceRef<ViewsRpc> = { typeName: 'flotilla.order.v1.Views' };

export interface GetFiguresRequest {
  /** how far back flow is counted; 0 = 24, at most 744 */
  readonly hours: number;
}

export interface OrderFigures {
  /** business time */
  readonly at: string;
  readonly since: string;
  readonly waiting: readonly WaitingOrders[];
  /** by hour and channel, of those placed since then */
  readonly flow: readonly OrderFlow[];
  /** of those placed since then */
  readonly states: readonly StateCount[];
}

/** Orders that wait for the same, equally long. Of Orders/List: `states`, `waits_for`, `waits_since_before` and `waits_since_from`. */
export interface WaitingOrders {
  readonly state: string;
  readonly waitsFor: string;
  /** waiting so long or longer: 0, 1, 4, 24, 72, 168 */
  readonly fromHours: number;
  /** and not so long; 0 = without end */
  readonly toHours: number;
  readonly orders: number;
  readonly oldest: string;
}

export interface OrderFlow {
  /** its beginning, business time */
  readonly hour: string;
  readonly channel: string;
  readonly placed: number;
  /** of these, whenever that was */
  readonly cancelled: number;
}

export interface StateCount {
  readonly state: string;
  readonly orders: number;
}

export interface FiguresRpc {
  readonly get: { readonly kind: 'unary'; readonly input: GetFiguresRequest; readonly output: OrderFigures };
}
export const Figures: ServiceRef<FiguresRpc> = { typeName: 'flotilla.order.v1.Figures' };

