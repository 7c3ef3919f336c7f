// Generated from proto/ by protoc-gen-plain; do not edit.
import type * as common from './common.js';
import type { ServiceRef } from '../service-ref.js';

export type PaymentState =
  | 'PAYMENT_STATE_UNSPECIFIED'
  | 'PAYMENT_STATE_UNPAID'
  | 'PAYMENT_STATE_AUTHORIZED'
  | 'PAYMENT_STATE_PARTIALLY_PAID'
  | 'PAYMENT_STATE_PAID'
  | 'PAYMENT_STATE_PARTIALLY_REFUNDED'
  | 'PAYMENT_STATE_REFUNDED'
  | 'PAYMENT_STATE_VOIDED';

/** A channel order in our words. Personal data is sealed. */
export interface ChannelOrder {
  /** uuidv5(channel, channel_order_id) */
  readonly orderId: string;
  readonly channel: string;
  /** shopify, connector, … */
  readonly platform: string;
  readonly channelOrderId: string;
  /** what merchant and buyer see: "#1001" */
  readonly number: string;
  readonly placedAt: string;
  /** the platform's own clock; decides which content is newest */
  readonly modifiedAt: string;
  readonly payment: PaymentState;
  /** "" while unpaid */
  readonly paidAt: string;
  readonly buyer: common.Buyer;
  readonly shipTo: common.Address;
  readonly lines: readonly ChannelOrderLine[];
  /** of the lines, before discounts */
  readonly subtotal: common.Money;
  readonly discount: common.Money;
  readonly shipping: common.Money;
  readonly tax: common.Money;
  /** the platform's figure, which is the truth */
  readonly total: common.Money;
  /** sealed; what the buyer wrote */
  readonly remark: string;
  readonly tags: readonly string[];
  /** the platform's words */
  readonly shippingMethod: string;
  readonly test: boolean;
  /** values sealed */
  readonly attributes: readonly Attribute[];
  /** fields that the channel's mapping declares, by name */
  readonly custom: readonly CustomValue[];
  /** what the platform says was paid, of an order that is paid; currency "" = it does not say */
  readonly amountPaid: common.Money;
  /** what ship_to was read as */
  readonly address: AddressCheck;
  /** sealed; what the buyer wants to stand on a card, "" if none can be told */
  readonly giftMessage: string;
}

/**
 * What an address was read as. Where a field is sure and others would not take what was given for the same, ship_to carries the standard name, and changes
 * says what was given; street, name and phone always stand as they were given, and so does all of a masked recipient.
 */
export interface AddressCheck {
  /** ISO 3166-1 alpha-2 */
  readonly country: string;
  /** by its standard name; "" where it cannot be told, as of the next two */
  readonly province: string;
  readonly city: string;
  readonly district: string;
  /** GB/T 2260 of the lowest that is known, 330106; ISO 3166-2 outside China, US-CA; "" unknown */
  readonly code: string;
  readonly postcode: string;
  readonly confidence: AddressConfidence;
  /** VAGUE, INCOMPLETE, CONTRADICTION, AMBIGUOUS, UNKNOWN_PLACE, FORMER_NAME, MISSPELT, POSTCODE_WRONG, PHONE_WRONG, PHONE_VIRTUAL */
  readonly flags: readonly string[];
  readonly changes: readonly AddressChange[];
  /** NONE, MOBILE, LANDLINE, ABROAD, VIRTUAL (a platform's relay), MASKED, WRONG */
  readonly phone: string;
}

/** In percent; 0 = cannot be told. */
export interface AddressConfidence {
  readonly province: number;
  readonly city: number;
  readonly district: number;
  readonly postcode: number;
}

export interface AddressChange {
  /** province, city, district, postcode */
  readonly field: string;
  /** as the platform gave it */
  readonly from: string;
  readonly to: string;
}

export interface ChannelOrderLine {
  /** uuidv5(order_id, channel_line_id) */
  readonly lineId: string;
  readonly channelLineId: string;
  /** as the platform wrote it */
  readonly channelSku: string;
  /** ours; "" while unmapped: the order waits until somebody maps the item */
  readonly sku: string;
  readonly title: string;
  /** what is left to ship after edits */
  readonly quantity: number;
  /** before discounts */
  readonly unitPrice: common.Money;
  /** of the whole line */
  readonly discount: common.Money;
  /** unit price × quantity − discount */
  readonly total: common.Money;
  readonly requiresShipping: boolean;
  /** of one unit, as the platform says; 0 = unknown */
  readonly grams: number;
  /** values sealed: gift note, engraving */
  readonly attributes: readonly Attribute[];
  /** the channel's id of the item; "" where it tells none */
  readonly itemId: string;
  readonly barcode: string;
  /**
   * By the SKU map: units of sku in one unit of the channel's line; 0 = the SKU stands as the channel wrote it. A bundle is as many lines as it has
   * SKUs: all have its channel_line_id, the first one the line_id that the line has without a mapping.
   */
  readonly units: number;
}

export interface Attribute {
  readonly name: string;
  /** sealed */
  readonly value: string;
}

/** A custom field of a channel: declared in its mapping, checked against the declaration. */
export interface CustomValue {
  readonly name: string;
  /** numbers and instants in one form, "true" or "false", or text; sealed where the mapping says that it is personal */
  readonly value: string;
}

export interface ChannelOrderReceived {
  readonly order: ChannelOrder;
}

/** The content (address, lines, remark, amounts) changed on the platform; carries the whole order as it is now. */
export interface ChannelOrderAmended {
  readonly order: ChannelOrder;
}

export interface ChannelOrderPaid {
  readonly orderId: string;
  readonly paidAt: string;
  readonly modifiedAt: string;
  readonly amount: common.Money;
  /** what the platform says was paid; currency "" = it does not say, and amount is the order's total */
  readonly amountPaid: common.Money;
}

export interface ChannelOrderCancelled {
  readonly orderId: string;
  readonly cancelledAt: string;
  readonly modifiedAt: string;
  /** the platform's code: customer, fraud, inventory, declined, staff, other */
  readonly reason: string;
}

export interface ChannelRefundRequested {
  readonly orderId: string;
  readonly refundId: string;
  readonly modifiedAt: string;
  readonly amount: common.Money;
}

export interface ChannelRefundSettled {
  readonly orderId: string;
  readonly refundId: string;
  readonly modifiedAt: string;
  readonly amount: common.Money;
  /** units that will not be shipped; empty for money alone */
  readonly lines: readonly common.ShareLine[];
}

export interface ChannelRefundWithdrawn {
  readonly orderId: string;
  readonly refundId: string;
  readonly modifiedAt: string;
}

/** The platform forbids (frozen = true) or allows again to ship. */
export interface ChannelFrozen {
  readonly orderId: string;
  readonly frozen: boolean;
  readonly reason: string;
  readonly modifiedAt: string;
}

/** A shipment has reached its platform. */
export interface WriteBackSucceeded {
  readonly orderId: string;
  readonly channel: string;
  readonly channelOrderId: string;
  readonly parcelId: string;
  readonly carrier: string;
  readonly waybill: string;
  readonly channelFulfilmentId: string;
  readonly acknowledgedAt: string;
}

export interface WriteBackFailed {
  readonly orderId: string;
  readonly channel: string;
  readonly channelOrderId: string;
  readonly parcelId: string;
  /** ErrorInfo reason */
  readonly reason: string;
  readonly detail: string;
}

/** An order that we cancelled is cancelled on its platform, too. */
export interface ChannelCancellationTold {
  readonly orderId: string;
  readonly channel: string;
  readonly channelOrderId: string;
  readonly acknowledgedAt: string;
}

/** Its platform does not take the cancellation: a person has to end the order there. */
export interface ChannelCancellationRefused {
  readonly orderId: string;
  readonly channel: string;
  readonly channelOrderId: string;
  /** ErrorInfo reason */
  readonly reason: string;
  readonly detail: string;
  readonly refusedAt: string;
}

/** Four fifths of the time that the platform gives for shipping an order are over, and not all of it has been told as shipped. */
export interface ChannelShipByNear {
  readonly orderId: string;
  readonly channel: string;
  readonly platform: string;
  readonly channelOrderId: string;
  /** business time, as the two below */
  readonly shipBy: string;
  /** how often this has happened to the order */
  readonly time: number;
  readonly raisedAt: string;
}

/** It was told after all, is not to be shipped any more, or the platform gave more time. */
export interface ChannelShipByOver {
  readonly orderId: string;
  readonly channel: string;
  /** of the raise that is over */
  readonly time: number;
  readonly endedAt: string;
}

/** A channel has accepted a level of a SKU. */
export interface ChannelStockTold {
  readonly channel: string;
  readonly sku: string;
  /** of each of the channel's items of this SKU */
  readonly level: number;
  /** the channel's ids */
  readonly items: readonly string[];
  /** over the warehouses that serve the channel, before buffer, share and cap */
  readonly available: number;
  /** the SKU is frozen: the level is 0 */
  readonly frozen: boolean;
  readonly rulesVersion: number;
  /** of the oldest change that the channel had not been told of, machine time */
  readonly since: string;
  /** of the newest change that this level knows of */
  readonly asOf: string;
  /** machine time */
  readonly acceptedAt: string;
  /** accepted_at − since */
  readonly delayMs: number;
}

/** A channel's session cannot be renewed without people: its orders stop coming when it runs out, if it has not yet. */
export interface ChannelSessionRefused {
  readonly channel: string;
  readonly platform: string;
  /** what to do */
  readonly detail: string;
  /** how often this has happened to the channel */
  readonly time: number;
  /** machine time */
  readonly refusedAt: string;
}

/** It was renewed after all, or people have given another. */
export interface ChannelSessionRestored {
  readonly channel: string;
  /** of the refusal that is over */
  readonly time: number;
  /** machine time */
  readonly restoredAt: string;
}

/** The first one names channel and file; the bytes go on in all of them. */
export interface UploadOrdersRequest {
  readonly channel: string;
  readonly fileName: string;
  readonly data: Uint8Array;
}

export interface UploadedOrders {
  readonly id: string;
  /** RUNNING, DONE, REFUSED */
  readonly state: string;
  /** this file was there before */
  readonly known: boolean;
}

export interface PutFileSourceRequest {
  readonly requestId: string;
  readonly channel: string;
  readonly source: FileSource;
}

export interface GetFileSourceRequest {
  readonly channel: string;
}

/** One of sftp and folder. */
export interface FileSource {
  readonly sftp: SftpFolder;
  /** below FLOTILLA_FILES_DIR */
  readonly folder: string;
  /** 0 = 60 */
  readonly everySeconds: number;
  /** by which its files are read; 0 = by the one in force when a file is taken */
  readonly mappingVersion: number;
  readonly paused: boolean;
}

export interface SftpFolder {
  readonly host: string;
  /** 0 = 22 */
  readonly port: number;
  readonly user: string;
  /** SHA-256 of the server's key, base64, as ssh-keygen -lf shows it */
  readonly hostKey: string;
  readonly path: string;
  /** its name in FLOTILLA_FILE_SECRETS: the secret itself is in the environment alone */
  readonly secret: string;
}

export interface FileSourceState {
  readonly channel: string;
  readonly source: FileSource;
  readonly putAt: string;
  /** why nothing can be taken at present; "" = nothing is wrong */
  readonly problem: string;
  readonly problemSince: string;
}

export interface GetImportRequest {
  readonly id: string;
}

export interface ListImportsRequest {
  readonly page: common.Page;
  /** "" = all */
  readonly channel: string;
}

export interface ListImportsResponse {
  /** the newest first */
  readonly imports: readonly OrderImport[];
  readonly nextToken: string;
}

export interface OrderImport {
  readonly id: string;
  readonly channel: string;
  readonly fileName: string;
  /** CSV, XLSX */
  readonly format: string;
  readonly bytes: number;
  /** RUNNING, DONE, REFUSED */
  readonly state: string;
  /** of REFUSED: the file cannot be read on; rows before that are taken */
  readonly reason: string;
  readonly detail: string;
  /** handled so far, the header not counted */
  readonly rows: number;
  readonly orders: number;
  /** orders that are new */
  readonly accepted: number;
  /** known, and this file has newer content */
  readonly updated: number;
  /** known, and nothing is new */
  readonly duplicate: number;
  readonly quarantined: number;
  readonly receivedAt: string;
  /** "" while it runs */
  readonly endedAt: string;
}

export interface ListImportRowsRequest {
  readonly page: common.Page;
  readonly id: string;
  /** ACCEPTED, UPDATED, DUPLICATE, QUARANTINED; "" = all */
  readonly outcome: string;
}

export interface ListImportRowsResponse {
  /** as they stand in the file */
  readonly rows: readonly ImportedRow[];
  readonly nextToken: string;
}

export interface ImportedRow {
  /** the header is row 1 */
  readonly row: number;
  readonly channelOrderId: string;
  readonly orderId: string;
  /** ACCEPTED, UPDATED, DUPLICATE, QUARANTINED */
  readonly outcome: string;
  readonly reason: string;
  readonly detail: string;
  /** C17, where one is at fault */
  readonly cell: string;
}

/** Files with orders: uploaded to POST /v1/channels/{channel}/orders:import, taken row by row. */
export interface ImportsRpc {
  readonly get: { readonly kind: 'unary'; readonly input: GetImportRequest; readonly output: OrderImport };
  readonly upload: { readonly kind: 'client_streaming'; readonly input: UploadOrdersRequest; readonly output: UploadedOrders };
  readonly list: { readonly kind: 'unary'; readonly input: ListImportsRequest; readonly output: ListImportsResponse };
  readonly listRows: { readonly kind: 'unary'; readonly input: ListImportRowsRequest; readonly output: ListImportRowsResponse };
  readonly putSource: { readonly kind: 'unary'; readonly input: PutFileSourceRequest; readonly output: FileSourceState };
  readonly getSource: { readonly kind: 'unary'; readonly input: GetFileSourceRequest; readonly output: FileSourceState };
}
export const Imports: ServiceRef<ImportsRpc> = { typeName: 'flotilla.ingest.v1.Imports' };

export interface ConnectChannelRequest {
  readonly requestId: string;
  /** a-z, 0-9 and "-", immutable */
  readonly id: string;
  readonly platform: string;
  readonly name: string;
  /** for signatures; sealed at once, never shown again */
  readonly secret: string;
  /** where write-back goes */
  readonly apiUrl: string;
  /** sealed */
  readonly apiToken: string;
}

export interface RenewChannelRequest {
  readonly requestId: string;
  readonly id: string;
  /** "" = as it is */
  readonly secret: string;
  /** "" = as it is */
  readonly apiUrl: string;
  /** "" = as it is */
  readonly apiToken: string;
}

export interface TestChannelRequest {
  readonly id: string;
  /** of one that is not connected yet */
  readonly platform: string;
  /** of a connected one "" = as it is */
  readonly secret: string;
  readonly apiUrl: string;
  readonly apiToken: string;
}

export interface ChannelTest {
  /** everything that the platform has can be used */
  readonly ok: boolean;
  readonly checks: readonly ChannelCheck[];
}

export interface ChannelCheck {
  /** WEBHOOK (its signature can be checked), ORDERS (can be asked for), PRODUCTS (can be listed), FILES (are uploaded), TOPIC (connectors send) */
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** how long the platform took */
  readonly ms: number;
}

export interface GetChannelRequest {
  readonly id: string;
}

export interface ListChannelsRequest {
  readonly page: common.Page;
}

export interface ListChannelsResponse {
  readonly channels: readonly Channel[];
  readonly nextToken: string;
}

export interface Channel {
  readonly id: string;
  readonly platform: string;
  readonly name: string;
  readonly apiUrl: string;
  readonly connectedAt: string;
  readonly lastOrderAt: string;
}

export interface GetChannelOrderRequest {
  /** or: */
  readonly orderId: string;
  readonly channel: string;
  readonly channelOrderId: string;
}

export interface ListChannelOrdersRequest {
  readonly page: common.Page;
  readonly channel: string;
  /** PLACED, PARKED; "" = all */
  readonly state: string;
}

export interface ListChannelOrdersResponse {
  readonly orders: readonly ChannelOrderSummary[];
  readonly nextToken: string;
}

export interface ChannelOrderSummary {
  readonly orderId: string;
  readonly channel: string;
  readonly channelOrderId: string;
  readonly number: string;
  /** PLACED, PARKED */
  readonly state: string;
  readonly modifiedAt: string;
  /** how many messages about it came in, redeliveries of one message not counted */
  readonly deliveries: number;
  /** how many of them announced the order as new */
  readonly announcements: number;
  readonly cancelledAt: string;
  readonly writeBacks: readonly WriteBackState[];
  /** of ours, told to the platform */
  readonly cancellation: CancellationState;
}

export interface CancellationState {
  /** PENDING, DONE, FAILED, UNKNOWN; "" where there is nothing to tell */
  readonly state: string;
  readonly reason: string;
}

export interface WriteBackState {
  readonly parcelId: string;
  /** PENDING, DONE, FAILED, UNKNOWN */
  readonly state: string;
  readonly channelFulfilmentId: string;
  readonly reason: string;
}

export interface ChannelOrderView {
  readonly order: ChannelOrder;
  readonly summary: ChannelOrderSummary;
}

export interface ListQuarantineRequest {
  readonly page: common.Page;
  readonly channel: string;
  /** "" = any */
  readonly reason: string;
  /** WEBHOOK, TOPIC, PULL, FILE; "" = any */
  readonly source: string;
  /** "" = any */
  readonly channelOrderId: string;
  /** at or after; "" = any */
  readonly receivedFrom: string;
  /** before; "" = any */
  readonly receivedTo: string;
}

export interface ListQuarantineResponse {
  readonly entries: readonly QuarantineEntry[];
  readonly nextToken: string;
}

export interface QuarantineEntry {
  readonly id: string;
  readonly channel: string;
  /** "" if not even that could be read */
  readonly channelOrderId: string;
  readonly reason: string;
  readonly detail: string;
  /** WEBHOOK, TOPIC, PULL, FILE */
  readonly source: string;
  readonly receivedAt: string;
  /** later messages of the order, queued behind it */
  readonly waiting: number;
  /** sealed */
  readonly payload: string;
}

export interface ReplayQuarantineRequest {
  readonly requestId: string;
  readonly id: string;
  /** empty: as it is */
  readonly correctedPayload: Uint8Array;
}

export interface ReplayQuarantineResponse {
  readonly orderId: string;
  /** PLACED, PARKED */
  readonly state: string;
  readonly reason: string;
}

export interface OpenQuarantineRequest {
  readonly id: string;
}

export interface QuarantineInput {
  readonly id: string;
  /** "" where it is no text */
  readonly text: string;
  /** as it came, where it is no text */
  readonly payload: Uint8Array;
  /** ids of what stands behind it */
  readonly waiting: readonly string[];
}

export interface CountQuarantineRequest {
}

export interface QuarantineCounts {
  /** the largest first, at most 200 */
  readonly counts: readonly QuarantineCount[];
}

export interface QuarantineCount {
  readonly channel: string;
  readonly reason: string;
  readonly entries: number;
  readonly oldest: string;
}

export interface ReplayManyRequest {
  readonly requestId: string;
  /** "" = any, with ids alone */
  readonly channel: string;
  /** at most 500, of that channel; none: what the filter finds at the time */
  readonly ids: readonly string[];
  /** "" = any */
  readonly reason: string;
  /** WEBHOOK, TOPIC, PULL, FILE; "" = any */
  readonly source: string;
}

export interface GetReplayRequest {
  readonly id: string;
}

export interface BulkReplay {
  readonly id: string;
  readonly channel: string;
  /** RUNNING, DONE */
  readonly state: string;
  /** entries that were found when it began */
  readonly wanted: number;
  /** so far */
  readonly placed: number;
  /** still not understood */
  readonly parked: number;
  /** could not be tried: gone, or the person erased */
  readonly failed: number;
  readonly askedAt: string;
  readonly askedBy: string;
  /** "" while it runs */
  readonly endedAt: string;
}

export interface ListReplayedRequest {
  readonly page: common.Page;
  readonly id: string;
}

export interface ListReplayedResponse {
  /** in the order in which they were handled */
  readonly entries: readonly ReplayedEntry[];
  readonly nextToken: string;
}

export interface ReplayedEntry {
  /** of the quarantine entry */
  readonly id: string;
  readonly orderId: string;
  /** PLACED, PARKED, FAILED */
  readonly state: string;
  readonly reason: string;
}

export interface EraseSubjectRequest {
  readonly requestId: string;
  /** the buyer's, as orders name it; this or an order of theirs */
  readonly subject: string;
  readonly orderId: string;
  /** needed: who asked for it, where that is kept */
  readonly reason: string;
}

export interface ErasedSubject {
  readonly subject: string;
  readonly erasedAt: string;
  readonly erasedBy: string;
}

export interface GetSubjectKeysRequest {
  /** at most 500 */
  readonly subjects: readonly string[];
}

export interface GetSubjectKeysResponse {
  readonly keys: readonly SubjectKey[];
}

export interface SubjectKey {
  readonly subject: string;
  /** empty: erased */
  readonly key: Uint8Array;
}

export interface StockRules {
  /** whose stock the channel may sell; none = all */
  readonly warehouses: readonly string[];
  /** units of each SKU that are kept back */
  readonly buffer: number;
  /** of what is left; 0 = 100 */
  readonly sharePercent: number;
  /** most that is shown of a SKU; 0 = no limit */
  readonly cap: number;
  /** SKUs that are not touched, at most 5,000 */
  readonly leftOut: readonly string[];
  /** other figures for single SKUs, at most 5,000 */
  readonly skus: readonly SkuStockRule[];
  /** the channel's id of the place that has this stock; "" = its first that serves online orders */
  readonly location: string;
  /** nothing is told until rules without this are put */
  readonly paused: boolean;
  /** a pull reports differences and leaves them */
  readonly reportOnly: boolean;
}

export interface SkuStockRule {
  readonly sku: string;
  readonly buffer: number;
  /** 0 = 100 */
  readonly sharePercent: number;
  /** 0 = no limit */
  readonly cap: number;
}

export interface PutStockRulesRequest {
  readonly requestId: string;
  readonly channel: string;
  readonly rules: StockRules;
  readonly dryRun: boolean;
}

export interface PutStockRulesResponse {
  /** 0 = nothing was written */
  readonly version: number;
  /** listed by the channel, and known */
  readonly skus: number;
  /** of them would show another level than the channel was told */
  readonly changes: number;
  /** the first hundred of these, by SKU */
  readonly preview: readonly StockPreview[];
}

export interface StockPreview {
  readonly sku: string;
  /** over the warehouses of these rules */
  readonly available: number;
  readonly frozen: boolean;
  /** the channel was told a level */
  readonly told: boolean;
  /** the last one that it accepted */
  readonly shown: number;
  /** what it would be told */
  readonly level: number;
  /** how the level comes about */
  readonly why: string;
}

export interface GetStockRulesRequest {
  readonly channel: string;
  /** 0 = those in force */
  readonly version: number;
}

export interface StockRulesVersion {
  readonly channel: string;
  readonly version: number;
  readonly rules: StockRules;
  readonly putAt: string;
  readonly putBy: string;
}

export interface PullListingsRequest {
  readonly requestId: string;
  readonly channel: string;
}

export interface GetPullRequest {
  readonly channel: string;
}

export interface PullState {
  readonly channel: string;
  /** 0 = never */
  readonly pull: number;
  /** NEVER, RUNNING, DONE */
  readonly state: string;
  readonly beganAt: string;
  /** "" while it runs */
  readonly endedAt: string;
  /** seen so far */
  readonly items: number;
  /** found so far */
  readonly differences: number;
}

export interface ListStockDifferencesRequest {
  readonly page: common.Page;
  readonly channel: string;
  /** 0 = the newest */
  readonly pull: number;
}

export interface ListStockDifferencesResponse {
  /** by item */
  readonly differences: readonly StockDifference[];
  readonly nextToken: string;
}

export interface StockDifference {
  readonly item: string;
  readonly sku: string;
  /** what the channel said; −1 = it did not say */
  readonly shown: number;
  /** what it should have shown */
  readonly level: number;
  /** it had not been told of the newest change yet: no error */
  readonly underWay: boolean;
}

export interface ListChannelItemsRequest {
  readonly page: common.Page;
  readonly channel: string;
  /** MATCHED, UNKNOWN_SKU (allocation does not know it), NO_SKU (none of ours is known), UNTRACKED, GONE; "" = all but GONE */
  readonly state: string;
}

export interface ListChannelItemsResponse {
  readonly items: readonly ChannelItem[];
  readonly nextToken: string;
}

export interface ChannelItem {
  /** the channel's id of what has stock */
  readonly item: string;
  /** ours, by the SKU map, else the channel's if it can be one; of a bundle what it is made of: 2 x CUP + 1 x TEA; "" if none is known */
  readonly sku: string;
  readonly state: string;
  readonly title: string;
  readonly barcode: string;
  /** the channel's ids */
  readonly product: string;
  readonly variant: string;
  /** what the channel had when it was listed; −1 = it did not say */
  readonly shown: number;
  readonly seenAt: string;
  /** as the channel writes it; "" if it has none */
  readonly channelSku: string;
}

export interface ListChannelLevelsRequest {
  readonly page: common.Page;
  /** "" = all */
  readonly channel: string;
  /** "" = all */
  readonly sku: string;
  /** only what the channel has not been told yet */
  readonly waiting: boolean;
}

export interface ListChannelLevelsResponse {
  /** by channel and SKU */
  readonly levels: readonly ChannelLevel[];
  readonly nextToken: string;
}

export interface ChannelLevel {
  readonly channel: string;
  readonly sku: string;
  readonly told: boolean;
  /** last accepted */
  readonly level: number;
  readonly acceptedAt: string;
  /** of that push */
  readonly delayMs: number;
  readonly waiting: boolean;
  /** when the oldest change happened that the channel was not told of */
  readonly waitsSince: string;
  /** it waits: "" = it is on its way */
  readonly why: string;
  /** in a row that did not succeed */
  readonly tries: number;
}

export interface PushStockRequest {
  readonly requestId: string;
  readonly channel: string;
  /** "" = all */
  readonly sku: string;
}

export interface PushStockResponse {
  readonly skus: number;
}

/** 0 = the usual figure. */
export interface OrderPullRules {
  /** 15 */
  readonly everyMinutes: number;
  /** 5 */
  readonly peakEveryMinutes: number;
  /** 200: it is a peak when the last hour's orders pass so much of the mean of the 24 hours before it */
  readonly peakPercent: number;
  /** 30: fewer orders an hour are no peak */
  readonly peakLeast: number;
  /** 10: every pull begins so much before the last one ended; −1 = none */
  readonly overlapMinutes: number;
  readonly paused: boolean;
}

export interface PutOrderPullRequest {
  readonly requestId: string;
  readonly channel: string;
  readonly rules: OrderPullRules;
}

export interface GetOrderPullRequest {
  readonly channel: string;
}

export interface PullOrdersRequest {
  readonly requestId: string;
  readonly channel: string;
}

export interface OrderPullState {
  readonly channel: string;
  readonly rules: OrderPullRules;
  /** NEVER, RUNNING, ENDED, FAILED */
  readonly state: string;
  /** counts them */
  readonly pull: number;
  /** whatever was changed before this has been taken; "" = nothing yet */
  readonly since: string;
  readonly beganAt: string;
  /** "" while it runs */
  readonly endedAt: string;
  /** "" while it runs, and while it is paused */
  readonly nextAt: string;
  /** taken by the newest pull so far */
  readonly orders: number;
  readonly peak: boolean;
  /** orders placed in the last sixty minutes */
  readonly lastHour: number;
  /** orders an hour, of the 24 full hours before the last */
  readonly trailingMean: number;
  /** why the newest pull came to nothing; the next one begins where it did */
  readonly problem: string;
  /** only people can help */
  readonly blocked: boolean;
}

/** Connected shops. */
export interface ChannelsRpc {
  readonly connect: { readonly kind: 'unary'; readonly input: ConnectChannelRequest; readonly output: Channel };
  readonly renew: { readonly kind: 'unary'; readonly input: RenewChannelRequest; readonly output: Channel };
  readonly get: { readonly kind: 'unary'; readonly input: GetChannelRequest; readonly output: Channel };
  readonly list: { readonly kind: 'unary'; readonly input: ListChannelsRequest; readonly output: ListChannelsResponse };
  readonly test: { readonly kind: 'unary'; readonly input: TestChannelRequest; readonly output: ChannelTest };
  readonly putOrderPull: { readonly kind: 'unary'; readonly input: PutOrderPullRequest; readonly output: OrderPullState };
  readonly getOrderPull: { readonly kind: 'unary'; readonly input: GetOrderPullRequest; readonly output: OrderPullState };
  readonly pullOrders: { readonly kind: 'unary'; readonly input: PullOrdersRequest; readonly output: OrderPullState };
}
export const Channels: ServiceRef<ChannelsRpc> = { typeName: 'flotilla.ingest.v1.Channels' };

/** Orders as their platforms have them. */
export interface ChannelOrdersRpc {
  readonly get: { readonly kind: 'unary'; readonly input: GetChannelOrderRequest; readonly output: ChannelOrderView };
  readonly list: { readonly kind: 'unary'; readonly input: ListChannelOrdersRequest; readonly output: ListChannelOrdersResponse };
}
export const ChannelOrders: ServiceRef<ChannelOrdersRpc> = { typeName: 'flotilla.ingest.v1.ChannelOrders' };

/** Input that could not be understood, kept whole. */
export interface QuarantineRpc {
  readonly list: { readonly kind: 'unary'; readonly input: ListQuarantineRequest; readonly output: ListQuarantineResponse };
  readonly replay: { readonly kind: 'unary'; readonly input: ReplayQuarantineRequest; readonly output: ReplayQuarantineResponse };
  readonly replayMany: { readonly kind: 'unary'; readonly input: ReplayManyRequest; readonly output: BulkReplay };
  readonly getReplay: { readonly kind: 'unary'; readonly input: GetReplayRequest; readonly output: BulkReplay };
  readonly open: { readonly kind: 'unary'; readonly input: OpenQuarantineRequest; readonly output: QuarantineInput };
  readonly count: { readonly kind: 'unary'; readonly input: CountQuarantineRequest; readonly output: QuarantineCounts };
  readonly listReplayed: { readonly kind: 'unary'; readonly input: ListReplayedRequest; readonly output: ListReplayedResponse };
}
export const Quarantine: ServiceRef<QuarantineRpc> = { typeName: 'flotilla.ingest.v1.Quarantine' };

/** The keys that open sealed values. Only for services that must show or print a person's data. */
export interface SubjectKeysRpc {
  readonly get: { readonly kind: 'unary'; readonly input: GetSubjectKeysRequest; readonly output: GetSubjectKeysResponse };
  readonly erase: { readonly kind: 'unary'; readonly input: EraseSubjectRequest; readonly output: ErasedSubject };
}
export const SubjectKeys: ServiceRef<SubjectKeysRpc> = { typeName: 'flotilla.ingest.v1.SubjectKeys' };

/** Stock of channels: what each may show, by rules with versions, and what it has been told. A channel without rules is told nothing. */
export interface ChannelStockRpc {
  readonly putRules: { readonly kind: 'unary'; readonly input: PutStockRulesRequest; readonly output: PutStockRulesResponse };
  readonly getRules: { readonly kind: 'unary'; readonly input: GetStockRulesRequest; readonly output: StockRulesVersion };
  readonly pull: { readonly kind: 'unary'; readonly input: PullListingsRequest; readonly output: PullState };
  readonly getPull: { readonly kind: 'unary'; readonly input: GetPullRequest; readonly output: PullState };
  readonly listDifferences: { readonly kind: 'unary'; readonly input: ListStockDifferencesRequest; readonly output: ListStockDifferencesResponse };
  readonly listItems: { readonly kind: 'unary'; readonly input: ListChannelItemsRequest; readonly output: ListChannelItemsResponse };
  readonly listLevels: { readonly kind: 'unary'; readonly input: ListChannelLevelsRequest; readonly output: ListChannelLevelsResponse };
  readonly push: { readonly kind: 'unary'; readonly input: PushStockRequest; readonly output: PushStockResponse };
}
export const ChannelStock: ServiceRef<ChannelStockRpc> = { typeName: 'flotilla.ingest.v1.ChannelStock' };

export interface Mapping {
  /** of a generic channel; signature_header "" = it takes no webhooks */
  readonly webhook: WebhookSigning;
  /** path of the list of orders in a body; "" = the body is one order */
  readonly orders: string;
  /** path of the lines in an order; for files: nothing, the rows of one order are its lines */
  readonly lines: string;
  readonly fields: readonly FieldRule[];
  readonly custom: readonly CustomField[];
  /** of times without one: "+08:00"; "" = such a time is refused */
  readonly utcOffset: string;
  /** where the order names none */
  readonly currency: string;
}

/** "<header>: <prefix><digest of what is signed>". */
export interface WebhookSigning {
  readonly signatureHeader: string;
  /** HMAC_SHA256, HMAC_SHA1, HMAC_SHA512; "" = HMAC_SHA256 */
  readonly digest: string;
  /** HEX, BASE64; "" = HEX */
  readonly encoding: string;
  /** before the digest: "sha256=" */
  readonly prefix: string;
  /** with {body} and {timestamp}: "{timestamp}.{body}"; "" = {body} */
  readonly signed: string;
  /** needed where {timestamp} is signed; epoch seconds or milliseconds, five minutes off at most */
  readonly timestampHeader: string;
  /** "" = the same bytes are the same delivery */
  readonly deliveryIdHeader: string;
}

export interface FieldRule {
  /**
   * Of the order: channel_order_id, number, placed_at, modified_at, payment, paid_at, cancelled_at, cancel_reason, currency, name, phone, email, buyer_id, company, street,
   * country, province, city, district, postcode, remark, discount, shipping, tax, total, amount_paid, tags, shipping_method. Of a line: line_id, sku, item_id, barcode, title, quantity,
   * unit_price, line_discount, grams.
   */
  readonly field: string;
  /** paths ("receiver.name"), or columns of a file; the first that is not empty; at most 10 */
  readonly from: readonly string[];
  /** CEL over value (text found by from), order and line; "" = the value as it is */
  readonly expression: string;
}

export interface CustomField {
  /** a-z, 0-9 and _; begins with a letter */
  readonly name: string;
  /** TEXT, NUMBER, BOOL, INSTANT */
  readonly type: string;
  readonly from: readonly string[];
  readonly expression: string;
  readonly required: boolean;
  /** one of these; none = any */
  readonly values: readonly string[];
  /** sealed */
  readonly personal: boolean;
}

export interface PutMappingRequest {
  readonly requestId: string;
  readonly channel: string;
  readonly mapping: Mapping;
  readonly dryRun: boolean;
  /** a body, or a file (CSV, XLSX) with its header; at most 256 KiB */
  readonly sample: Uint8Array;
}

export interface PutMappingResponse {
  /** 0 = nothing was written */
  readonly version: number;
  /** of the sample, at most 20 */
  readonly orders: readonly MappedOrder[];
}

export interface GetMappingRequest {
  readonly channel: string;
  /** 0 = the one in force */
  readonly version: number;
}

export interface MappingVersion {
  readonly channel: string;
  readonly version: number;
  readonly mapping: Mapping;
  readonly putAt: string;
  readonly putBy: string;
}

export interface PreviewMappingRequest {
  readonly channel: string;
  /** without fields: the one in force */
  readonly mapping: Mapping;
  readonly sample: Uint8Array;
}

export interface MappingPreview {
  readonly orders: readonly MappedOrder[];
}

export interface RecentOrdersRequest {
  readonly channel: string;
  /** without fields: the one in force */
  readonly mapping: Mapping;
  /** 0 = 20, which is the most */
  readonly size: number;
}

export interface RecentOrders {
  /** the newest first */
  readonly orders: readonly RecentOrder[];
  /** the newest one, as JSON (of a file: its columns and rows), masked; empty where nothing came */
  readonly sample: Uint8Array;
}

export interface RecentOrder {
  readonly orderId: string;
  readonly receivedAt: string;
  /** PLACED, PARKED: what became of it when it came */
  readonly state: string;
  /** by this mapping */
  readonly mapped: MappedOrder;
}

/** What an order of a sample becomes. Of the caller's own sample, so in clear. */
export interface MappedOrder {
  readonly channelOrderId: string;
  /** "" = it would be taken */
  readonly reason: string;
  readonly detail: string;
  readonly fields: readonly MappedField[];
}

export interface MappedField {
  /** lines[0].sku, custom.live_coupon */
  readonly field: string;
  readonly value: string;
  /** the path at which it was found; "" = nowhere */
  readonly from: string;
  /** "" = right */
  readonly reason: string;
  readonly detail: string;
}

/** Where the fields of an order stand in what a channel sends: for files, and for shops without an adapter of their own (platform "generic"). */
export interface MappingsRpc {
  readonly put: { readonly kind: 'unary'; readonly input: PutMappingRequest; readonly output: PutMappingResponse };
  readonly get: { readonly kind: 'unary'; readonly input: GetMappingRequest; readonly output: MappingVersion };
  readonly preview: { readonly kind: 'unary'; readonly input: PreviewMappingRequest; readonly output: MappingPreview };
  readonly recent: { readonly kind: 'unary'; readonly input: RecentOrdersRequest; readonly output: RecentOrders };
}
export const Mappings: ServiceRef<MappingsRpc> = { typeName: 'flotilla.ingest.v1.Mappings' };

export interface RemarkRuleSet {
  readonly carriers: readonly RemarkCarrier[];
  readonly rules: readonly RemarkRule[];
}

export interface RemarkCarrier {
  /** its code: sf */
  readonly carrier: string;
  /** what buyers call it */
  readonly words: readonly string[];
}

/**
 * A pattern is text, compared without regard to case and width, within one clause of the remark. "(a|b)": one of these, one level deep; "…": up to twelve
 * characters, three times at most; "#": a number; "^" and "$": where the clause begins and ends; "{carrier}": the carrier, "{other}": any carrier.
 */
export interface RemarkRule {
  /** buyer:packaging; buyer:carrier:{carrier} where the patterns name one */
  readonly tag: string;
  readonly title: string;
  readonly titleZh: string;
  readonly any: readonly string[];
  /** none of these stands in the same clause */
  readonly unless: readonly string[];
}

/**
 * At most 200 rules with 50 patterns each of 200 characters, 100 carriers with 30 words of 40. A pattern that may be read in more than 40,000 ways is BAD_REQUEST: thirteen
 * for a gap, four for a number, each alternative and each word of a carrier. TOO_LARGE if all, each pattern once for every carrier that it names, make more than 1,000,000 characters.
 */
export interface PutRemarkRulesRequest {
  readonly requestId: string;
  readonly rules: RemarkRuleSet;
  /** checks them, and changes nothing */
  readonly dryRun: boolean;
}

export interface PutRemarkRulesResponse {
  /** 0: a dry run */
  readonly version: number;
}

export interface GetRemarkRulesRequest {
  /** 0 = the one in force */
  readonly version: number;
}

export interface GetRemarkRulesResponse {
  /** 0 = the built-in ones */
  readonly version: number;
  readonly rules: RemarkRuleSet;
  readonly putAt: string;
  readonly putBy: string;
}

export interface TryRemarksRequest {
  /** without rules: those in force */
  readonly rules: RemarkRuleSet;
  /** at most 100, of 2,000 characters */
  readonly remarks: readonly string[];
}

export interface TryRemarksResponse {
  readonly remarks: readonly TaggedRemark[];
}

export interface TaggedRemark {
  readonly tags: readonly string[];
  /** of the tags' rules, in their order */
  readonly titles: readonly string[];
  readonly titlesZh: readonly string[];
}

/** What buyers' remarks mean, as rules: a tag for a remark in which one of a rule's patterns stands. Tags travel on the order; the text stays sealed. */
export interface RemarksRpc {
  readonly putRules: { readonly kind: 'unary'; readonly input: PutRemarkRulesRequest; readonly output: PutRemarkRulesResponse };
  readonly getRules: { readonly kind: 'unary'; readonly input: GetRemarkRulesRequest; readonly output: GetRemarkRulesResponse };
  readonly try: { readonly kind: 'unary'; readonly input: TryRemarksRequest; readonly output: TryRemarksResponse };
}
export const Remarks: ServiceRef<RemarksRpc> = { typeName: 'flotilla.ingest.v1.Remarks' };

export interface PutSkuPolicyRequest {
  readonly requestId: string;
  readonly channel: string;
  /** AS_IS: the channel's SKU is ours; WAIT: the order is received and held until the item is mapped */
  readonly unmapped: string;
}

export interface GetSkuPolicyRequest {
  readonly channel: string;
}

export interface SkuPolicy {
  readonly channel: string;
  /** AS_IS, WAIT */
  readonly unmapped: string;
  /** 0 = nobody has put one */
  readonly version: number;
}

export interface SkuPart {
  /** ours */
  readonly sku: string;
  /** in one unit of the item, 1 to 10,000 */
  readonly quantity: number;
}

export interface MapItemRequest {
  readonly requestId: string;
  readonly channel: string;
  /** SKU, ID, BARCODE, NAME */
  readonly by: string;
  /** compared without regard to width and surrounding spaces, a name also to case */
  readonly key: string;
  /** more than one, or more than one unit: a bundle; at most 50 */
  readonly parts: readonly SkuPart[];
}

export interface UnmapItemRequest {
  readonly requestId: string;
  readonly channel: string;
  readonly by: string;
  readonly key: string;
}

export interface MappedItem {
  readonly channel: string;
  readonly by: string;
  readonly key: string;
  /** none: not mapped any more */
  readonly parts: readonly SkuPart[];
  /** of this item */
  readonly version: number;
  /** orders that waited for it when it was mapped, and go on now */
  readonly waiting: number;
  readonly at: string;
  readonly mappedBy: string;
}

export interface ListMappedItemsRequest {
  readonly page: common.Page;
  readonly channel: string;
  /** ours; "" = any */
  readonly sku: string;
}

export interface ListMappedItemsResponse {
  /** by channel, by, key */
  readonly items: readonly MappedItem[];
  readonly nextToken: string;
}

export interface ImportSkuMapRequest {
  readonly data: Uint8Array;
}

export interface ImportSkuMapResponse {
  readonly items: number;
  /** of them */
  readonly changed: number;
  /** the first 1,000 rows that were left out */
  readonly errors: readonly ImportSkuMapError[];
  readonly leftOut: number;
}

export interface ImportSkuMapError {
  /** the header is row 1 */
  readonly row: number;
  readonly reason: string;
  readonly detail: string;
}

export interface ListSkuTasksRequest {
  readonly page: common.Page;
  /** "" = all */
  readonly channel: string;
}

export interface ListSkuTasksResponse {
  /** by channel, by, key */
  readonly tasks: readonly SkuTask[];
  readonly nextToken: string;
}

/** An item that has to be mapped. */
export interface SkuTask {
  readonly channel: string;
  /** what the item is best named by: its SKU, else its id, its barcode, its name */
  readonly by: string;
  readonly key: string;
  readonly itemId: string;
  readonly channelSku: string;
  readonly barcode: string;
  readonly title: string;
  /** that wait for it */
  readonly orders: number;
  /** when the oldest of them was placed */
  readonly since: string;
}

/** What a channel sells → our SKUs. An item is named by the channel's SKU, its id, a barcode or its name. */
export interface SkuMapRpc {
  readonly putPolicy: { readonly kind: 'unary'; readonly input: PutSkuPolicyRequest; readonly output: SkuPolicy };
  readonly getPolicy: { readonly kind: 'unary'; readonly input: GetSkuPolicyRequest; readonly output: SkuPolicy };
  readonly map: { readonly kind: 'unary'; readonly input: MapItemRequest; readonly output: MappedItem };
  readonly unmap: { readonly kind: 'unary'; readonly input: UnmapItemRequest; readonly output: MappedItem };
  readonly list: { readonly kind: 'unary'; readonly input: ListMappedItemsRequest; readonly output: ListMappedItemsResponse };
  readonly import: { readonly kind: 'client_streaming'; readonly input: ImportSkuMapRequest; readonly output: ImportSkuMapResponse };
  readonly listTasks: { readonly kind: 'unary'; readonly input: ListSkuTasksRequest; readonly output: ListSkuTasksResponse };
}
export const SkuMap: ServiceRef<SkuMapRpc> = { typeName: 'flotilla.ingest.v1.SkuMap' };

export interface ListWriteBacksRequest {
  readonly page: common.Page;
  /** FAILED, UNKNOWN, PENDING; "" = FAILED and UNKNOWN */
  readonly state: string;
}

export interface ListWriteBacksResponse {
  readonly writeBacks: readonly WriteBack[];
  readonly nextToken: string;
}

export interface WriteBack {
  /** SHIPMENT, CANCELLATION */
  readonly kind: string;
  readonly orderId: string;
  /** of SHIPMENT */
  readonly parcelId: string;
  readonly channel: string;
  readonly channelOrderId: string;
  readonly number: string;
  readonly state: string;
  readonly reason: string;
}

export interface WriteBacksRpc {
  readonly list: { readonly kind: 'unary'; readonly input: ListWriteBacksRequest; readonly output: ListWriteBacksResponse };
}
export const WriteBacks: ServiceRef<WriteBacksRpc> = { typeName: 'flotilla.ingest.v1.WriteBacks' };

