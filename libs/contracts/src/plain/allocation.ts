// Generated from proto/ by protoc-gen-plain; do not edit.
import type * as common from './common.js';
import type { ServiceRef } from '../service-ref.js';

export interface OrderAllocated {
  readonly foId: string;
  readonly round: number;
  readonly warehouse: string;
  readonly lockId: string;
  readonly orders: readonly common.OrderShare[];
  /** of the whole fulfilment order */
  readonly items: readonly AllocatedItem[];
  /** one per warehouse, in the order of the plan; warehouse and lock_id above are the first one's */
  readonly parts: readonly AllocatedPart[];
}

/** What one warehouse sends: one parcel. */
export interface AllocatedPart {
  readonly warehouse: string;
  readonly lockId: string;
  readonly lines: readonly common.SkuQuantity[];
  /** kept away from this part by the routing rules */
  readonly excludedCarriers: readonly string[];
  /** what the rules would take; "" = no lane is known */
  readonly preferredCarrier: string;
  /** the warehouse is a supplier that sends it under a number of its own: no waybill is bought */
  readonly external: boolean;
}

export interface AllocatedItem {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  /** of one unit; the stated default where the catalogue knows none */
  readonly grams: number;
}

export interface OrderBackordered {
  readonly foId: string;
  readonly round: number;
  readonly orders: readonly common.OrderShare[];
  /** what the best single warehouse lacks */
  readonly missing: readonly common.SkuQuantity[];
}

/** A fulfilment order still waits, and lacks less than was said before: what is there could be asked for by itself. */
export interface BackorderEased {
  readonly foId: string;
  readonly round: number;
  /** what the best single warehouse lacks now */
  readonly missing: readonly common.SkuQuantity[];
}

/** The confirmed stock of a cancelled fulfilment order is free again. */
export interface StockReleased {
  readonly foId: string;
  /** "" if nothing was locked */
  readonly warehouse: string;
}

/** The shelf held less than the ledger. order-core starts again without this warehouse. */
export interface PickShort {
  readonly foId: string;
  readonly warehouse: string;
  readonly missing: readonly common.SkuQuantity[];
}

/** Stock promised to this fulfilment order turned out not to be there. */
export interface StockDisplaced {
  readonly foId: string;
  readonly warehouse: string;
  readonly missing: readonly common.SkuQuantity[];
}

export interface StockChanged {
  readonly warehouse: string;
  readonly sku: string;
  readonly onHand: number;
  readonly unsellable: number;
  readonly held: number;
  readonly confirmed: number;
  readonly free: number;
  /** of free, kept back from ordinary orders and from channels */
  readonly safety: number;
  /** orders from this priority on may use it; 0 = none may */
  readonly safetyFromPriority: number;
  /** free − safety, from 0 */
  readonly available: number;
  /** announced and not received: no part of the others */
  readonly inTransit: number;
}

export interface SkuChanged {
  readonly sku: string;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly grams: number;
  readonly barcodes: readonly string[];
}

/** A supplier has sent its part and says the number. carrier makes ParcelShippedExternally of it, if the number can be one. */
export interface SupplierShipped {
  readonly foId: string;
  /** of FulfilmentReleased */
  readonly parcelId: string;
  /** the supplier */
  readonly warehouse: string;
  readonly carrier: string;
  readonly waybill: string;
  /** business time */
  readonly shippedAt: string;
  readonly orders: readonly common.OrderShare[];
  /** of the packing video; "" if there is none */
  readonly evidenceSha256: string;
}

/** A supplier has accepted an order that was released to it, and has not sent it in the time that it may take. */
export interface SupplierOverdue {
  readonly foId: string;
  /** the supplier */
  readonly warehouse: string;
  /** of the offer */
  readonly lockId: string;
  readonly parcelId: string;
  /** business time, when it was released to it */
  readonly askedAt: string;
  /** business time */
  readonly dueAt: string;
  /** who is in charge, from its warehouse; "" if nobody is named */
  readonly contact: string;
}

/** That is over. */
export interface SupplierOverdueEnded {
  readonly foId: string;
  readonly warehouse: string;
  readonly lockId: string;
  readonly parcelId: string;
  /** SHIPPED, WITHDRAWN, ASKED_ANEW (another parcel in its place) */
  readonly by: string;
}

/** A supplier has shown how it packed what it sent. */
export interface PackingVideoAttached {
  readonly foId: string;
  /** the supplier */
  readonly warehouse: string;
  /** of the offer */
  readonly lockId: string;
  readonly parcelId: string;
  /** of its bytes, hex; it is stored under this name */
  readonly sha256: string;
  readonly bytes: number;
  /** video/mp4, video/webm, video/quicktime */
  readonly mediaType: string;
  /** business time */
  readonly attachedAt: string;
}

/** A parcel stands in a wave: it is not to be shipped before it is packed. */
export interface PickingStarted {
  readonly foId: string;
  readonly parcelId: string;
  readonly warehouse: string;
  readonly wave: string;
  /** business time */
  readonly at: string;
}

/** It stands in none any more, and was not packed, or not as it has to be now. */
export interface PickingStopped {
  readonly foId: string;
  readonly parcelId: string;
  readonly warehouse: string;
  readonly wave: string;
  /** CANCELLED, CHANGED, SHORT, REFUSED, SHIPPED, WAVE_ENDED */
  readonly because: string;
  /** business time */
  readonly at: string;
}

/** A photo of what is in a parcel that is being packed, or was. */
export interface PackingPhotoAttached {
  readonly foId: string;
  readonly parcelId: string;
  readonly warehouse: string;
  readonly wave: string;
  /** of its bytes, hex; it is stored under this name */
  readonly sha256: string;
  readonly bytes: number;
  /** image/jpeg, image/png, image/webp */
  readonly mediaType: string;
  /** business time */
  readonly attachedAt: string;
}

/** Every unit was scanned for it and it is closed: it may be shipped. */
export interface ParcelPacked {
  readonly foId: string;
  readonly parcelId: string;
  readonly warehouse: string;
  readonly wave: string;
  /** as weighed */
  readonly grams: number;
  /** business time */
  readonly packedAt: string;
}

/** A file in pieces: CSV or XLSX, by its content. */
export interface ImportChunk {
  readonly data: Uint8Array;
}

export interface ImportReport {
  readonly rows: number;
  readonly accepted: number;
  readonly unchanged: number;
  /** at most 100 */
  readonly errors: readonly RowError[];
  readonly refused: number;
}

export interface RowError {
  /** the header is row 1 */
  readonly row: number;
  readonly reason: string;
  readonly detail: string;
  /** as a spreadsheet names it: C17; "" where it is about the whole row */
  readonly cell: string;
}

export interface GetSkuRequest {
  readonly sku: string;
}

export interface SkuSizesRequest {
  /** at most 1,000 */
  readonly skus: readonly string[];
}

export interface SkuSizesResponse {
  readonly sizes: readonly SkuSize[];
}

export interface SkuSize {
  readonly sku: string;
  readonly lengthMm: number;
  readonly widthMm: number;
  readonly heightMm: number;
}

export interface ResolveCodeRequest {
  readonly code: string;
  /** whose bin it may be; "" = no bin is looked for */
  readonly warehouse: string;
}

export interface ResolveCodeResponse {
  /** SKU, BARCODE, BIN; "" where it is none */
  readonly by: string;
  /** more than one of a bin, or of a barcode that several share; at most 20 */
  readonly skus: readonly Sku[];
}

export interface SearchSkusRequest {
  /** at most 50, of at most 200 characters each: one answer each, in their order */
  readonly texts: readonly string[];
  /** of each answer; 0 = 5, at most 50 */
  readonly size: number;
}

export interface SearchSkusResponse {
  readonly matches: readonly SkuMatches[];
}

export interface SkuMatches {
  readonly skus: readonly SkuMatch[];
}

export interface SkuMatch {
  readonly sku: Sku;
  /** SKU, BARCODE, WORDS */
  readonly by: string;
  /** 0 to 1: of WORDS, how much of what was asked the name says */
  readonly score: number;
}

export interface ListSkusRequest {
  readonly page: common.Page;
}

export interface ListSkusResponse {
  readonly skus: readonly Sku[];
  readonly nextToken: string;
}

export interface Sku {
  readonly sku: string;
  readonly nameZh: string;
  readonly nameEn: string;
  /** 0 = unknown */
  readonly grams: number;
  readonly barcodes: readonly string[];
  readonly hsCode: string;
  readonly flags: readonly string[];
}

export interface ListWarehousesRequest {
}

export interface ListWarehousesResponse {
  readonly warehouses: readonly Warehouse[];
}

export interface Warehouse {
  readonly warehouse: string;
  readonly name: string;
  readonly country: string;
  readonly province: string;
  readonly city: string;
  readonly district: string;
  readonly postcode: string;
  readonly street: string;
  readonly contact: string;
  readonly phone: string;
  /** provinces or countries it serves first */
  readonly serves: readonly string[];
  /** OWN, STORE, SUPPLIER, REMOTE; "" = OWN */
  readonly kind: string;
  /** lower is asked first; 0 for own stock */
  readonly tier: number;
  /** how many it takes a day; 0 = no limit */
  readonly dailyOrders: number;
  /** STANDARD, EXPRESS, PICKUP, SAME_CITY; none = STANDARD and EXPRESS */
  readonly services: readonly string[];
  /** BULKY: takes goods with the flag "bulky" */
  readonly flags: readonly string[];
  /** whose midnight ends its day, IANA; "" = Asia/Shanghai */
  readonly timeZone: string;
  /** where its stock is kept: LOCAL, REMOTE (a participant of its own), WMS; "" = LOCAL */
  readonly ledger: string;
}

export interface AdjustStockRequest {
  readonly requestId: string;
  readonly warehouse: string;
  readonly sku: string;
  readonly delta: number;
  /** FOUND, LOST, …; UNSELLABLE sets goods aside (delta < 0) or makes them sellable again; SCRAPPED throws away (delta < 0) what was set aside */
  readonly reason: string;
  /** of UNSELLABLE and SCRAPPED: DAMAGED, EXPIRED, QUALITY, RECALL, … "" = DAMAGED */
  readonly cause: string;
}

export interface SetSafetyRequest {
  readonly requestId: string;
  readonly warehouse: string;
  readonly sku: string;
  readonly units: number;
  /** orders from this priority on may use them; 0 = none may */
  readonly fromPriority: number;
}

export interface GetStockRequest {
  readonly warehouse: string;
  readonly sku: string;
}

export interface ListStockRequest {
  readonly page: common.Page;
  readonly warehouse: string;
  readonly sku: string;
}

export interface ListStockResponse {
  readonly levels: readonly StockLevel[];
  readonly nextToken: string;
}

export interface StockLevel {
  readonly warehouse: string;
  readonly sku: string;
  readonly onHand: number;
  readonly unsellable: number;
  readonly held: number;
  readonly confirmed: number;
  /** on hand, sellable and promised to nobody */
  readonly free: number;
  readonly position: number;
  /** of free, kept back from ordinary orders */
  readonly safety: number;
  /** orders from this priority on may use it; 0 = none may */
  readonly safetyFromPriority: number;
  /** what ordinary orders may have and channels may show: free − safety, from 0 */
  readonly available: number;
  /** announced and not received; no part of on hand or free */
  readonly inTransit: number;
  /** what is in transit, by expected date; at most 20 */
  readonly inbound: readonly InboundLine[];
}

export interface InboundLine {
  readonly inbound: string;
  /** PURCHASE, TRANSFER */
  readonly kind: string;
  /** of TRANSFER */
  readonly fromWarehouse: string;
  readonly sku: string;
  readonly announced: number;
  /** so far, sellable or not */
  readonly received: number;
  readonly expectedAt: string;
}

export interface ListMovementsRequest {
  readonly page: common.Page;
  readonly warehouse: string;
  readonly sku: string;
}

export interface ListMovementsResponse {
  readonly movements: readonly StockMovement[];
  readonly nextToken: string;
}

export interface StockMovement {
  /** of this shelf */
  readonly version: number;
  /** machine time */
  readonly at: string;
  /** COUNTED, ADJUSTED, SET_ASIDE, SCRAPPED, HELD, CONFIRMED, RELEASED, TAKEN, FORECAST, SAFETY_SET, ANNOUNCED, RECEIVED, INBOUND_DIFFERENCE, DISPATCHED */
  readonly type: string;
  /** why, in the words of whoever moved it */
  readonly cause: string;
  /** lock, parcel or inbound; "" if none */
  readonly by: string;
  /** whose lock it was */
  readonly foId: string;
  readonly actor: string;
  /** units that moved */
  readonly quantity: number;
  /** after it */
  readonly onHand: number;
  readonly unsellable: number;
  readonly held: number;
  readonly confirmed: number;
  readonly free: number;
}

export interface AnnounceInboundRequest {
  readonly requestId: string;
  /** a-z, A-Z, 0-9, "_" and "-", at most 60; the purchase or transfer order's number */
  readonly inbound: string;
  /** PURCHASE, TRANSFER; "" = PURCHASE */
  readonly kind: string;
  readonly warehouse: string;
  /** of TRANSFER */
  readonly fromWarehouse: string;
  readonly expectedAt: string;
  /** at most 200 */
  readonly lines: readonly common.SkuQuantity[];
  /** whatever helps to find it */
  readonly reference: string;
}

export interface ReceiveInboundRequest {
  readonly requestId: string;
  readonly inbound: string;
  readonly lines: readonly ReceivedLine[];
  readonly complete: boolean;
  /** of a difference, where it is known */
  readonly reason: string;
}

export interface ReceivedLine {
  readonly sku: string;
  /** arrived, unsellable ones included */
  readonly quantity: number;
  readonly unsellable: number;
  /** of the unsellable; "" = DAMAGED */
  readonly cause: string;
}

export interface EndInboundRequest {
  readonly requestId: string;
  readonly inbound: string;
  readonly reason: string;
}

export interface RequestTransferRequest {
  readonly requestId: string;
  /** its number, as of every inbound */
  readonly inbound: string;
  readonly warehouse: string;
  readonly fromWarehouse: string;
  readonly expectedAt: string;
  /** all of them, at most 200 */
  readonly lines: readonly common.SkuQuantity[];
  readonly reference: string;
}

export interface ShipTransferRequest {
  readonly requestId: string;
  readonly inbound: string;
  /** what leaves; none = all that is requested; a SKU that is not named stays */
  readonly lines: readonly common.SkuQuantity[];
  /** "" = as it was */
  readonly expectedAt: string;
  /** of what does not go */
  readonly reason: string;
}

export interface CancelTransferRequest {
  readonly requestId: string;
  readonly inbound: string;
  readonly reason: string;
}

export interface InboundExplanation {
  readonly inbound: Inbound;
  /** the oldest first, at most the last 200 */
  readonly steps: readonly InboundStep[];
  /** of a transfer that has not left */
  readonly source: readonly TransferSource[];
}

export interface InboundStep {
  readonly version: number;
  /** machine time */
  readonly at: string;
  /** REQUESTED, SHIPPED, ANNOUNCED, RECEIVED, CLOSED, CANCELLED */
  readonly type: string;
  readonly actor: string;
  readonly reason: string;
  /** requested, shipped or announced in all, arrived; of CLOSED the differences */
  readonly lines: readonly common.SkuQuantity[];
}

export interface TransferSource {
  readonly sku: string;
  readonly requested: number;
  readonly onHand: number;
  readonly unsellable: number;
  readonly held: number;
  readonly confirmed: number;
  /** what may leave */
  readonly free: number;
  /** of free: a transfer may take it */
  readonly safety: number;
  /** requested and not free */
  readonly short: number;
}

export interface GetInboundRequest {
  readonly inbound: string;
}

export interface Inbound {
  readonly inbound: string;
  readonly kind: string;
  /** REQUESTED (a transfer that has not left), ANNOUNCED (on its way), PARTLY_RECEIVED, RECEIVED (all of it), CLOSED (with a difference), CANCELLED (nothing came) */
  readonly state: string;
  readonly warehouse: string;
  readonly fromWarehouse: string;
  readonly expectedAt: string;
  readonly reference: string;
  readonly lines: readonly InboundLineState[];
  /** something is still to come, and was expected before now */
  readonly overdue: boolean;
  /** of its end, or of what was not shipped */
  readonly reason: string;
}

export interface InboundLineState {
  readonly sku: string;
  readonly announced: number;
  readonly received: number;
  /** of the received */
  readonly unsellable: number;
  /** received − announced; 0 while more may come */
  readonly difference: number;
  /** of a transfer that was requested; announced is what has left of it */
  readonly requested: number;
}

export interface ListInboundsRequest {
  readonly page: common.Page;
  /** "" = all */
  readonly warehouse: string;
  /** only those of which something is to come */
  readonly open: boolean;
  /** only those that are overdue */
  readonly overdue: boolean;
  /** "" = all */
  readonly kind: string;
  /** "" = all */
  readonly fromWarehouse: string;
}

export interface ListInboundsResponse {
  readonly inbounds: readonly Inbound[];
  readonly nextToken: string;
}

export interface GetAllocationRequest {
  readonly foId: string;
}

export interface Allocation {
  readonly foId: string;
  /** NONE, ENDING, ASKING, CONFIRMING, ALLOCATED, BACKORDERED, DISPLACED, RELEASING, RELEASED, CONSUMED, UNCOVERED */
  readonly state: string;
  readonly round: number;
  /** of the first part */
  readonly warehouse: string;
  readonly locks: readonly Lock[];
  /** claimed, confirmed or consumed: what is, or is to be, the allocation */
  readonly parts: readonly AllocatedPart[];
}

export interface Lock {
  readonly lockId: string;
  readonly round: number;
  readonly warehouse: string;
  /** ASKED, LOCKED, REFUSED, CONFIRMED, EXPIRED, RELEASED, CONSUMED */
  readonly state: string;
  readonly fence: number;
  readonly lines: readonly common.SkuQuantity[];
  /** that left with it; "" if none did */
  readonly parcelId: string;
}

export interface Explanation {
  readonly foId: string;
  readonly rounds: readonly RoundExplained[];
}

export interface RoundExplained {
  readonly round: number;
  readonly candidates: readonly Candidate[];
  readonly outcome: string;
  /** in the order in which they are followed */
  readonly plans: readonly PlanExplained[];
  /** of the routing rules; 0 = built in */
  readonly rulesVersion: number;
  /** the arm that the order belongs to: RULES, LEARNED */
  readonly router: string;
  /** 0 = routers were not compared */
  readonly modelVersion: number;
  /** whether learned figures took part */
  readonly grounded: boolean;
}

export interface PlanExplained {
  readonly parts: readonly ExplainedPart[];
  readonly reason: string;
  /** "" = not followed */
  readonly outcome: string;
}

export interface ExplainedPart {
  readonly warehouse: string;
  readonly lines: readonly common.SkuQuantity[];
  /** "" = not asked */
  readonly outcome: string;
  /** what the rules would take */
  readonly carrier: string;
  readonly excludedCarriers: readonly string[];
}

export interface Candidate {
  readonly warehouse: string;
  /** 0 = excluded */
  readonly rank: number;
  readonly reason: string;
  /** free stock, distance, freight */
  readonly figures: { readonly [key: string]: string };
}

export interface CatalogueRpc {
  readonly import: { readonly kind: 'client_streaming'; readonly input: ImportChunk; readonly output: ImportReport };
  readonly get: { readonly kind: 'unary'; readonly input: GetSkuRequest; readonly output: Sku };
  readonly list: { readonly kind: 'unary'; readonly input: ListSkusRequest; readonly output: ListSkusResponse };
  readonly search: { readonly kind: 'unary'; readonly input: SearchSkusRequest; readonly output: SearchSkusResponse };
  readonly resolve: { readonly kind: 'unary'; readonly input: ResolveCodeRequest; readonly output: ResolveCodeResponse };
  readonly sizes: { readonly kind: 'unary'; readonly input: SkuSizesRequest; readonly output: SkuSizesResponse };
}
export const Catalogue: ServiceRef<CatalogueRpc> = { typeName: 'flotilla.allocation.v1.Catalogue' };

export interface WarehousesRpc {
  readonly import: { readonly kind: 'client_streaming'; readonly input: ImportChunk; readonly output: ImportReport };
  readonly list: { readonly kind: 'unary'; readonly input: ListWarehousesRequest; readonly output: ListWarehousesResponse };
}
export const Warehouses: ServiceRef<WarehousesRpc> = { typeName: 'flotilla.allocation.v1.Warehouses' };

export interface StockRpc {
  readonly import: { readonly kind: 'client_streaming'; readonly input: ImportChunk; readonly output: ImportReport };
  readonly adjust: { readonly kind: 'unary'; readonly input: AdjustStockRequest; readonly output: StockLevel };
  readonly setSafety: { readonly kind: 'unary'; readonly input: SetSafetyRequest; readonly output: StockLevel };
  readonly get: { readonly kind: 'unary'; readonly input: GetStockRequest; readonly output: StockLevel };
  readonly list: { readonly kind: 'unary'; readonly input: ListStockRequest; readonly output: ListStockResponse };
  readonly movements: { readonly kind: 'unary'; readonly input: ListMovementsRequest; readonly output: ListMovementsResponse };
}
export const Stock: ServiceRef<StockRpc> = { typeName: 'flotilla.allocation.v1.Stock' };

/** Goods on their way to a warehouse: a purchase, or a transfer from another warehouse. Not sellable before they are received. */
export interface InboundsRpc {
  readonly announce: { readonly kind: 'unary'; readonly input: AnnounceInboundRequest; readonly output: Inbound };
  readonly import: { readonly kind: 'client_streaming'; readonly input: ImportChunk; readonly output: ImportReport };
  readonly receive: { readonly kind: 'unary'; readonly input: ReceiveInboundRequest; readonly output: Inbound };
  readonly end: { readonly kind: 'unary'; readonly input: EndInboundRequest; readonly output: Inbound };
  readonly requestTransfer: { readonly kind: 'unary'; readonly input: RequestTransferRequest; readonly output: Inbound };
  readonly shipTransfer: { readonly kind: 'unary'; readonly input: ShipTransferRequest; readonly output: Inbound };
  readonly cancelTransfer: { readonly kind: 'unary'; readonly input: CancelTransferRequest; readonly output: Inbound };
  readonly explain: { readonly kind: 'unary'; readonly input: GetInboundRequest; readonly output: InboundExplanation };
  readonly get: { readonly kind: 'unary'; readonly input: GetInboundRequest; readonly output: Inbound };
  readonly list: { readonly kind: 'unary'; readonly input: ListInboundsRequest; readonly output: ListInboundsResponse };
}
export const Inbounds: ServiceRef<InboundsRpc> = { typeName: 'flotilla.allocation.v1.Inbounds' };

export interface AllocationsRpc {
  readonly get: { readonly kind: 'unary'; readonly input: GetAllocationRequest; readonly output: Allocation };
  readonly explain: { readonly kind: 'unary'; readonly input: GetAllocationRequest; readonly output: Explanation };
}
export const Allocations: ServiceRef<AllocationsRpc> = { typeName: 'flotilla.allocation.v1.Allocations' };

export interface ListLocksRequest {
  readonly page: common.Page;
  /** "" = all */
  readonly warehouse: string;
  /** "" = all */
  readonly sku: string;
  /** only those that are not confirmed yet; not together with the two above */
  readonly leased: boolean;
}

export interface ListLocksResponse {
  readonly locks: readonly LiveLock[];
  readonly nextToken: string;
}

/** One lock of a SKU of a warehouse. */
export interface LiveLock {
  readonly lockId: string;
  readonly foId: string;
  readonly warehouse: string;
  readonly sku: string;
  readonly quantity: number;
  /** LOCKED (its lease runs), CONFIRMED; of a warehouse that answers for itself elsewhere as it said last */
  readonly state: string;
  /** machine time; "" = it has no lease any more */
  readonly expiresAt: string;
  readonly priority: number;
  readonly round: number;
  readonly position: number;
}

export interface ListQuestionsRequest {
  readonly page: common.Page;
}

export interface ListQuestionsResponse {
  readonly questions: readonly LockQuestion[];
  readonly nextToken: string;
}

export interface LockQuestion {
  readonly lockId: string;
  readonly foId: string;
  readonly warehouse: string;
  /** LOCK, CONFIRM, RELEASE, CONSUME */
  readonly what: string;
  /** how often it was asked */
  readonly attempt: number;
  /** of the newest asking, machine time */
  readonly since: string;
  /** when it is asked once more */
  readonly againAt: string;
  readonly orders: readonly common.OrderShare[];
}

export interface ListBackordersRequest {
  readonly page: common.Page;
  /** "" = all */
  readonly sku: string;
}

export interface ListBackordersResponse {
  readonly backorders: readonly Backorder[];
  readonly nextToken: string;
  /** in all, counted to 10,000 */
  readonly waiting: number;
}

export interface Backorder {
  readonly foId: string;
  readonly priority: number;
  /** business time */
  readonly orderedAt: string;
  /** what the best single warehouse lacked last */
  readonly missing: readonly common.SkuQuantity[];
  readonly orders: readonly common.OrderShare[];
}

export interface ListHotRequest {
}

export interface ListHotResponse {
  /** the one with most promised units first */
  readonly skus: readonly HotSku[];
}

export interface HotSku {
  readonly sku: string;
  readonly held: number;
  readonly confirmed: number;
  /** over all warehouses */
  readonly available: number;
  /** fulfilment orders in the queue for it */
  readonly waiting: number;
  readonly frozen: boolean;
}

export interface LatenessRequest {
  /** shipped since then, business time; "" = 30 days before now; at most 92 days */
  readonly since: string;
}

export interface LatenessResponse {
  /** by carrier and region, at most 2,000 */
  readonly cells: readonly LatenessCell[];
  readonly since: string;
}

export interface LatenessCell {
  readonly carrier: string;
  readonly country: string;
  readonly province: string;
  /** that were promised for a time which is over, or arrived */
  readonly parcels: number;
  readonly late: number;
  /** from leaving to arriving, of those that arrived */
  readonly medianHours: number;
  /** not arrived, and not late yet */
  readonly underWay: number;
}

export interface TurnoverRequest {
  readonly page: common.Page;
  /** its SKUs, by SKU; "" = warehouses, each as a whole */
  readonly warehouse: string;
  /** today and those before it, by each warehouse's own midnight; 0 = 30, at most 90 */
  readonly days: number;
}

export interface TurnoverResponse {
  /** by warehouse and SKU */
  readonly rows: readonly Turnover[];
  readonly nextToken: string;
  readonly days: number;
}

export interface Turnover {
  readonly warehouse: string;
  /** "" = the warehouse as a whole */
  readonly sku: string;
  /** of those asked for, since its first movement; 0 = nothing was ever counted */
  readonly days: number;
  /** units that left with parcels; transfers are none */
  readonly shipped: number;
  /** units that arrived, by purchase or transfer, sellable or not */
  readonly received: number;
  /** now, sellable or not */
  readonly onHand: number;
  /** of what was on hand at the end of each of these days */
  readonly meanOnHand: number;
  /** shipped / (shipped + on_hand), 0 to 1; -1 = nothing was there to sell */
  readonly sellThrough: number;
  /** on_hand / (shipped / days); -1 = nothing was shipped */
  readonly daysOfCover: number;
  /** a year: shipped / days * 365 / mean_on_hand; -1 = not known: fewer than 7 days, or nothing was on hand */
  readonly turnover: number;
}

export interface LocksRpc {
  readonly list: { readonly kind: 'unary'; readonly input: ListLocksRequest; readonly output: ListLocksResponse };
  readonly listQuestions: { readonly kind: 'unary'; readonly input: ListQuestionsRequest; readonly output: ListQuestionsResponse };
  readonly listBackorders: { readonly kind: 'unary'; readonly input: ListBackordersRequest; readonly output: ListBackordersResponse };
  readonly listHot: { readonly kind: 'unary'; readonly input: ListHotRequest; readonly output: ListHotResponse };
}
export const Locks: ServiceRef<LocksRpc> = { typeName: 'flotilla.allocation.v1.Locks' };

export interface OutcomesRpc {
  readonly lateness: { readonly kind: 'unary'; readonly input: LatenessRequest; readonly output: LatenessResponse };
  readonly turnover: { readonly kind: 'unary'; readonly input: TurnoverRequest; readonly output: TurnoverResponse };
}
export const Outcomes: ServiceRef<OutcomesRpc> = { typeName: 'flotilla.allocation.v1.Outcomes' };

export interface ListNodesRequest {
}

export interface ListNodesResponse {
  readonly nodes: readonly Node[];
}

export interface Node {
  readonly warehouse: string;
  /** TAKING, OUT (breaker), PROBING (half-open), SUSPENDED (by hand) */
  readonly state: string;
  readonly reason: string;
  /** of OUT, business time */
  readonly until: string;
  /** the order that tries it, "" if none does */
  readonly probeFoId: string;
  readonly lateInARow: number;
  /** in its own time zone, YYYY-MM-DD */
  readonly day: string;
  readonly ordersToday: number;
  /** 0 = no limit */
  readonly dailyOrders: number;
}

export interface SuspendNodeRequest {
  readonly requestId: string;
  readonly warehouse: string;
  readonly reason: string;
}

export interface ResumeNodeRequest {
  readonly requestId: string;
  readonly warehouse: string;
  readonly reason: string;
}

export interface ListFreezesRequest {
  readonly page: common.Page;
}

export interface ListFreezesResponse {
  readonly freezes: readonly SkuFreeze[];
  readonly nextToken: string;
}

export interface SkuFreeze {
  readonly sku: string;
  readonly frozen: boolean;
  readonly reason: string;
  /** promises that could not be kept, in the window */
  readonly failed: number;
  /** promises made in it */
  readonly reserved: number;
  readonly since: string;
  /** when the rule looks at it again, "" if only by hand */
  readonly until: string;
}

export interface FreezeSkuRequest {
  readonly requestId: string;
  readonly sku: string;
  readonly reason: string;
}

export interface UnfreezeSkuRequest {
  readonly requestId: string;
  readonly sku: string;
  readonly reason: string;
}

export interface ListOversellsRequest {
  readonly page: common.Page;
  /** "" = all */
  readonly channel: string;
  /** YYYY-MM-DD, UTC; "" = from the beginning */
  readonly fromDay: string;
  readonly toDay: string;
}

export interface ListOversellsResponse {
  readonly oversells: readonly Oversell[];
  readonly nextToken: string;
}

export interface Oversell {
  readonly day: string;
  readonly channel: string;
  readonly sku: string;
  readonly orders: number;
  readonly units: number;
  /** between the last unit going and the order: what a faster push could have spared at most */
  readonly longestSeconds: number;
  /** between the last unit going and the channel's acceptance of it, the longest of these; 0 if it knew before */
  readonly longestPushMs: number;
  /** orders whose channel has not been told yet */
  readonly untold: number;
  /** orders sold although the channel had been told */
  readonly afterTold: number;
}

export interface ListOversoldResponse {
  readonly sales: readonly Oversold[];
  readonly nextToken: string;
}

/** An order that had to wait for a SKU of which nothing was available. */
export interface Oversold {
  readonly foId: string;
  readonly orderId: string;
  readonly channel: string;
  readonly sku: string;
  readonly units: number;
  /** when it was found out, machine time */
  readonly knownAt: string;
  /** when the last unit went, machine time */
  readonly noneSince: string;
  /** when the channel accepted a level that knew of it; "" = not yet */
  readonly toldAt: string;
  /** told_at − none_since, from 0; −1 = not told yet */
  readonly pushMs: number;
  /** the channel had been told before the order was found out */
  readonly afterTold: boolean;
}

/** Three deliveries in a row were late: no orders until then. On catalogue.v1, keyed by warehouse. */
export interface NodeTripped {
  readonly warehouse: string;
  readonly trip: number;
  readonly lateInARow: number;
  readonly until: string;
  /** who is in charge of it */
  readonly contact: string;
}

/** The node takes orders again: its probe left in time, or somebody opened it. */
export interface NodeRestored {
  readonly warehouse: string;
  readonly trip: number;
  readonly by: string;
}

/**
 * Too many promises could not be kept: the SKU is not promised to anybody for now. On catalogue.v1, keyed by SKU (stock.v1 has a
 * message for every movement; who listens for freezes should not have to read them).
 */
export interface SkuFrozen {
  readonly sku: string;
  readonly freeze: number;
  /** RESERVATION_FAILURES, or what somebody wrote */
  readonly reason: string;
  readonly failed: number;
  readonly reserved: number;
  readonly frozenAt: string;
  readonly until: string;
}

export interface SkuUnfrozen {
  readonly sku: string;
  readonly freeze: number;
  /** "rule:count", "rule:time", or an actor */
  readonly by: string;
  readonly unfrozenAt: string;
}

export interface NodesRpc {
  readonly list: { readonly kind: 'unary'; readonly input: ListNodesRequest; readonly output: ListNodesResponse };
  readonly suspend: { readonly kind: 'unary'; readonly input: SuspendNodeRequest; readonly output: Node };
  readonly resume: { readonly kind: 'unary'; readonly input: ResumeNodeRequest; readonly output: Node };
}
export const Nodes: ServiceRef<NodesRpc> = { typeName: 'flotilla.allocation.v1.Nodes' };

export interface FreezesRpc {
  readonly list: { readonly kind: 'unary'; readonly input: ListFreezesRequest; readonly output: ListFreezesResponse };
  readonly freeze: { readonly kind: 'unary'; readonly input: FreezeSkuRequest; readonly output: SkuFreeze };
  readonly unfreeze: { readonly kind: 'unary'; readonly input: UnfreezeSkuRequest; readonly output: SkuFreeze };
}
export const Freezes: ServiceRef<FreezesRpc> = { typeName: 'flotilla.allocation.v1.Freezes' };

/** Sold while nothing was available, per channel and day: how often, how much, and how long the channel had not been told. */
export interface OversellsRpc {
  readonly list: { readonly kind: 'unary'; readonly input: ListOversellsRequest; readonly output: ListOversellsResponse };
  readonly listSales: { readonly kind: 'unary'; readonly input: ListOversellsRequest; readonly output: ListOversoldResponse };
}
export const Oversells: ServiceRef<OversellsRpc> = { typeName: 'flotilla.allocation.v1.Oversells' };

export interface StockPush {
  readonly warehouse: string;
  /** PHYSICAL: sellable goods on the shelf; SELLABLE: what of them is not locked yet */
  readonly meaning: string;
  /** counts this warehouse's pushes, so that a missing one is noticed; 0 = not counted */
  readonly sequence: number;
  readonly figures: readonly StockFigure[];
}

export interface StockFigure {
  readonly sku: string;
  /** a level, or the difference since "previous" */
  readonly quantity: number;
  readonly unsellable: number;
  /** of the other ledger */
  readonly position: number;
  readonly difference: boolean;
  /** the position that a difference follows */
  readonly previous: number;
}

export interface PushReport {
  readonly applied: number;
  /** at or before what was known */
  readonly older: number;
  /** locks that lost their promise */
  readonly displaced: number;
  /** SKUs whose difference does not follow what is known: they wait for a level */
  readonly gaps: readonly string[];
  readonly unknownSkus: readonly string[];
  /** a push before this one never came; the whole list is fetched where the system can be asked */
  readonly missingPush: boolean;
}

export interface ReconcileChunk {
  readonly warehouse: string;
  readonly meaning: string;
  /** of the other ledger when the list was made, where a row has none */
  readonly position: number;
  /** differences are only shown */
  readonly dryRun: boolean;
  readonly data: Uint8Array;
}

export interface DifferenceReport {
  readonly reportId: string;
  readonly warehouse: string;
  readonly meaning: string;
  readonly position: number;
  readonly dryRun: boolean;
  /** machine time */
  readonly at: string;
  readonly rows: number;
  readonly equal: number;
  readonly differing: number;
  /** what is known is newer: neither compared nor applied */
  readonly older: number;
  /** locks that lost their promise */
  readonly displaced: number;
  /** at most 100 */
  readonly errors: readonly RowError[];
  readonly refused: number;
  /** at most 100 from Reconcile, a page from GetReport */
  readonly differences: readonly Difference[];
  readonly nextToken: string;
}

export interface Difference {
  readonly sku: string;
  /** before, in the feed's meaning */
  readonly ours: number;
  /** as told */
  readonly theirs: number;
  /** moved after their position, as known here */
  readonly inFlight: number;
  /** theirs + in_flight − ours */
  readonly difference: number;
  readonly applied: boolean;
  readonly displaced: number;
}

export interface ListReportsRequest {
  readonly page: common.Page;
  /** "" = all */
  readonly warehouse: string;
}

export interface ListReportsResponse {
  /** without their differences */
  readonly reports: readonly DifferenceReport[];
  readonly nextToken: string;
}

export interface GetReportRequest {
  readonly reportId: string;
  readonly page: common.Page;
}

export interface StockFeedsRpc {
  readonly push: { readonly kind: 'unary'; readonly input: StockPush; readonly output: PushReport };
  readonly reconcile: { readonly kind: 'client_streaming'; readonly input: ReconcileChunk; readonly output: DifferenceReport };
  readonly listReports: { readonly kind: 'unary'; readonly input: ListReportsRequest; readonly output: ListReportsResponse };
  readonly getReport: { readonly kind: 'unary'; readonly input: GetReportRequest; readonly output: DifferenceReport };
}
export const StockFeeds: ServiceRef<StockFeedsRpc> = { typeName: 'flotilla.allocation.v1.StockFeeds' };

export interface RuleSet {
  readonly name: string;
  /** CRITERIA, SCORE; "" = CRITERIA */
  readonly ranking: string;
  /** first decides; of STOCK (always first), ARRIVAL, FREIGHT, SERVES, DISTANCE, LOAD; none = STOCK, ARRIVAL, FREIGHT */
  readonly criteria: readonly string[];
  /** of SCORE: the lowest sum wins */
  readonly weights: ScoreWeights;
  /** all that apply, at most 100 */
  readonly rules: readonly RoutingRule[];
  readonly split: SplitPolicy;
  /** what a unit weighs of which nobody knows it; 0 = 500 */
  readonly unknownGrams: number;
  /** in which prices are compared; "" = CNY */
  readonly currency: string;
  readonly exchange: readonly ExchangeRate[];
  readonly handling: readonly HandlingCost[];
  readonly learned: LearnedPolicy;
}

/** Points per unit of each figure; 0 = does not count. */
export interface ScoreWeights {
  /** per unit of the currency (1 yuan), not per minor unit */
  readonly freight: number;
  readonly days: number;
  /** a full node has load 1 */
  readonly load: number;
  readonly tier: number;
  /** 0 same city, 1 same province, 2 same country, 3 abroad */
  readonly distance: number;
  /** per unit of the currency */
  readonly handling: number;
}

/** Kashgar over 3 kg: {"when": {"provinces": ["新疆"], "cities": ["喀什", "Kashgar"], "gramsAbove": 3000}, "exclude": {"carriers": ["yunda", "sto"]}} */
export interface RoutingRule {
  readonly name: string;
  readonly when: Condition;
  readonly exclude: Targets;
  readonly only: Targets;
}

/** All that are given must hold; in a list, one of them. */
export interface Condition {
  readonly countries: readonly string[];
  readonly provinces: readonly string[];
  readonly cities: readonly string[];
  readonly districts: readonly string[];
  /** of the part that one warehouse sends */
  readonly gramsAbove: number;
  /** 0 = no limit */
  readonly gramsUpTo: number;
  /** of the whole order, minor units */
  readonly valueAbove: number;
  /** 0 = no limit */
  readonly valueUpTo: number;
  readonly valueCurrency: string;
  readonly priorityFrom: number;
  readonly services: readonly string[];
  /** shops; of a merge any of them */
  readonly channels: readonly string[];
  /** of the order, in any case of letters: a wish of the buyer, a promotion; any of them */
  readonly tags: readonly string[];
}

export interface Targets {
  readonly carriers: readonly string[];
  readonly warehouses: readonly string[];
}

export interface SplitPolicy {
  readonly forbidden: boolean;
  /** 2 to 5; 0 = 3 */
  readonly maxParts: number;
  /** amount 0 = any; a part's value is its share of the units */
  readonly minValuePerPart: common.Money;
}

/** One unit of this currency in the currency of the rules. */
export interface ExchangeRate {
  readonly currency: string;
  readonly rate: number;
}

export interface HandlingCost {
  readonly warehouse: string;
  /** minor units of the currency of the rules */
  readonly perParcel: number;
}

export interface LearnedPolicy {
  /** of the orders, by the hash of their id */
  readonly sharePercent: number;
  /** a lane with fewer is judged by the rules' figures; 0 = 20 */
  readonly minSamples: number;
}

export interface PutRulesRequest {
  readonly requestId: string;
  readonly rules: RuleSet;
  readonly dryRun: boolean;
}

export interface PutRulesResponse {
  /** 0 = nothing was written */
  readonly version: number;
  readonly problems: readonly RuleProblem[];
}

export interface RuleProblem {
  /** rules[2].when.gramsAbove */
  readonly path: string;
  readonly detail: string;
}

export interface GetRulesRequest {
  /** 0 = those in force */
  readonly version: number;
}

export interface RulesVersion {
  /** 0 = built in */
  readonly version: number;
  readonly active: boolean;
  readonly rules: RuleSet;
  readonly putAt: string;
  readonly putBy: string;
}

export interface ListRulesRequest {
  readonly page: common.Page;
}

export interface ListRulesResponse {
  /** newest first */
  readonly rules: readonly RulesVersion[];
  readonly nextToken: string;
}

export interface ActivateRequest {
  readonly requestId: string;
  /** 0 = back to the built-in rules */
  readonly version: number;
}

export interface Lane {
  readonly carrier: string;
  readonly service: string;
  /** "" = any of the province */
  readonly warehouse: string;
  /** "" = anywhere */
  readonly fromProvince: string;
  readonly toZone: string;
  readonly firstGrams: number;
  /** minor units */
  readonly firstPrice: number;
  /** 0 = nothing above first_grams is carried */
  readonly extraGrams: number;
  readonly extraPrice: number;
  readonly currency: string;
  readonly days: number;
  readonly validFrom: string;
  /** included; "" = open */
  readonly validTo: string;
}

export interface ListLanesRequest {
  readonly page: common.Page;
  /** "" = all */
  readonly carrier: string;
}

export interface ListLanesResponse {
  readonly lanes: readonly Lane[];
  readonly nextToken: string;
  /** of the table */
  readonly version: number;
}

export interface WhatIfRequest {
  /** "" = a week before to */
  readonly from: string;
  /** "" = now */
  readonly to: string;
  /** without a name: the rules of rules_version */
  readonly draft: RuleSet;
  /** 0 = those in force */
  readonly rulesVersion: number;
  /** free at the beginning instead of what was; at most 10,000 */
  readonly stock: readonly PlannedStock[];
}

export interface PlannedStock {
  readonly warehouse: string;
  readonly sku: string;
  readonly free: number;
}

export interface WhatIfResponse {
  /** PROGRESS, CHANGED, RESULT */
  readonly kind: string;
  /** events read */
  readonly done: number;
  readonly total: number;
  readonly changed: ChangedRoute;
  readonly happened: WhatIfFigures;
  readonly draft: WhatIfFigures;
  /** 0 with a draft, or the built-in rules */
  readonly rulesVersion: number;
  readonly lanesVersion: number;
  /** of RESULT: orders that each rule of the draft would have met, by their whole weight */
  readonly matched: readonly RuleMatch[];
}

export interface RuleMatch {
  readonly rule: string;
  readonly orders: number;
}

/** One of the first 100 orders that would have gone another way. */
export interface ChangedRoute {
  readonly foId: string;
  /** warehouses */
  readonly happened: readonly string[];
  readonly draft: readonly string[];
  readonly reason: string;
}

/** Freight and days of both sides are estimated with the same lanes, so that they can be compared; paid and late_delivered are what was measured. */
export interface WhatIfFigures {
  readonly orders: number;
  readonly planned: number;
  /** had to wait at first */
  readonly backordered: number;
  /** still did at the end */
  readonly waiting: number;
  readonly parcels: number;
  readonly splitOrders: number;
  readonly freight: common.Money;
  /** no lane */
  readonly unpricedParcels: number;
  /** of the priced */
  readonly meanDays: number;
  /** expected after the promise */
  readonly late: number;
  readonly paid: common.Money;
  readonly paidParcels: number;
  readonly delivered: number;
  readonly lateDelivered: number;
}

export interface TrainRequest {
  readonly requestId: string;
}

export interface GetModelRequest {
}

export interface RouterModel {
  readonly version: number;
  readonly trainedAt: string;
  /** shipped between */
  readonly from: string;
  readonly to: string;
  readonly samples: number;
  /** the newest, on which it was judged */
  readonly heldBack: number;
  readonly targets: readonly TargetReport[];
  readonly inUse: boolean;
  readonly cells: number;
}

/** Mean absolute errors on the shipments that were held back. */
export interface TargetReport {
  /** COST (minor units), DAYS */
  readonly target: string;
  readonly n: number;
  readonly learnedError: number;
  readonly ruleError: number;
  /** guessing the mean */
  readonly naiveError: number;
  readonly used: boolean;
  readonly why: string;
}

export interface CompareRoutersRequest {
  /** planned between; "" = 90 days before to */
  readonly from: string;
  /** "" = now */
  readonly to: string;
  /** "" = CNY */
  readonly currency: string;
}

export interface CompareRoutersResponse {
  /** RULES, LEARNED */
  readonly arms: readonly RouterArm[];
  /** LEARNED less RULES, minor units */
  readonly costDifference: Estimate;
  /** share */
  readonly lateDifference: Estimate;
  readonly verdict: string;
  readonly currency: string;
}

export interface RouterArm {
  readonly router: string;
  readonly orders: number;
  /** of LEARNED: decided with learned figures; the others fell back to the rules */
  readonly grounded: number;
  /** shipped */
  readonly parcels: number;
  /** per parcel, minor units */
  readonly cost: Estimate;
  readonly delivered: number;
  /** share of the delivered */
  readonly late: Estimate;
  readonly days: Estimate;
}

/** With its 95 % confidence interval. */
export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

export interface RoutingRpc {
  readonly putRules: { readonly kind: 'unary'; readonly input: PutRulesRequest; readonly output: PutRulesResponse };
  readonly getRules: { readonly kind: 'unary'; readonly input: GetRulesRequest; readonly output: RulesVersion };
  readonly listRules: { readonly kind: 'unary'; readonly input: ListRulesRequest; readonly output: ListRulesResponse };
  readonly activate: { readonly kind: 'unary'; readonly input: ActivateRequest; readonly output: RulesVersion };
  readonly importLanes: { readonly kind: 'client_streaming'; readonly input: ImportChunk; readonly output: ImportReport };
  readonly listLanes: { readonly kind: 'unary'; readonly input: ListLanesRequest; readonly output: ListLanesResponse };
  readonly whatIf: { readonly kind: 'server_streaming'; readonly input: WhatIfRequest; readonly output: WhatIfResponse };
  readonly train: { readonly kind: 'unary'; readonly input: TrainRequest; readonly output: RouterModel };
  readonly getModel: { readonly kind: 'unary'; readonly input: GetModelRequest; readonly output: RouterModel };
  readonly compareRouters: { readonly kind: 'unary'; readonly input: CompareRoutersRequest; readonly output: CompareRoutersResponse };
}
export const Routing: ServiceRef<RoutingRpc> = { typeName: 'flotilla.allocation.v1.Routing' };

export interface Supplier {
  /** the warehouse's id */
  readonly supplier: string;
  readonly name: string;
  readonly email: string;
  /** zh, en */
  readonly language: string;
  /** business time in which it answers an offer */
  readonly responseMinutes: number;
  /** how offers reach it: PORTAL and MAIL (a link by e-mail), API, FILE */
  readonly delivery: string;
  readonly apiUrl: string;
  /** the secret's name, never the secret */
  readonly apiSecret: string;
  readonly figures: SupplierFigures;
  /** business time in which it sends what was released to it; 0 = no clock */
  readonly shipHours: number;
  /** of its warehouse: lower is asked first */
  readonly tier: number;
  /** of its warehouse: orders that it takes a day; 0 = no limit */
  readonly dailyOrders: number;
  /** offered on its present day and neither refused nor run out; counted where there is a limit */
  readonly ordersToday: number;
}

/** Of the newest 500 offers of 90 days. */
export interface SupplierFigures {
  /** offered, not answered */
  readonly open: number;
  /** accepted, not shipped */
  readonly toShip: number;
  readonly accepted: number;
  readonly refused: number;
  readonly expired: number;
  /** of those that it answered or let run out */
  readonly acceptanceRate: number;
  /** business time, of those that it answered; 0 if none */
  readonly medianResponseSeconds: number;
  /** shrunk towards what suppliers do on the whole; ranks suppliers of a tier */
  readonly predictedAcceptance: number;
  /** 1 = at once, 0.5 = as long as it may take */
  readonly predictedSpeed: number;
  /** accepted, released, and not sent although its time is over: now */
  readonly overdue: number;
  /** were overdue once, whatever became of them */
  readonly late: number;
  /** of what is released to it, how much it sends in time */
  readonly predictedPunctuality: number;
}

export interface ListSuppliersRequest {
  readonly page: common.Page;
}

export interface ListSuppliersResponse {
  readonly suppliers: readonly Supplier[];
  readonly nextToken: string;
}

export interface GetSupplierRequest {
  readonly supplier: string;
}

export interface ListSupplierOffersRequest {
  readonly page: common.Page;
  readonly supplier: string;
}

export interface ListSupplierOffersResponse {
  readonly offers: readonly SupplierOffer[];
  readonly nextToken: string;
}

export interface SupplierOffer {
  readonly lockId: string;
  readonly foId: string;
  readonly supplier: string;
  /** OFFERED, ACCEPTED, REFUSED, EXPIRED, WITHDRAWN, SHIPPED */
  readonly state: string;
  /** business time */
  readonly offeredAt: string;
  /** accepted, released, and not sent although its time is over */
  readonly overdue: boolean;
  readonly carrier: string;
  readonly waybill: string;
  /** an empty sha256: none */
  readonly video: PackingVideo;
}

export interface PackingVideo {
  /** of its bytes, hex */
  readonly sha256: string;
  readonly bytes: number;
  /** video/mp4, video/webm, video/quicktime: what the bytes are */
  readonly mediaType: string;
  /** business time */
  readonly attachedAt: string;
  /** signed and good for an hour: a person without an account can be shown it */
  readonly url: string;
}

export interface ListSupplierFilesRequest {
  readonly page: common.Page;
  readonly supplier: string;
}

export interface ListSupplierFilesResponse {
  readonly files: readonly SupplierFile[];
  readonly nextToken: string;
}

export interface SupplierFile {
  readonly supplier: string;
  readonly name: string;
  /** of its bytes, hex */
  readonly sha256: string;
  /** business time */
  readonly takenAt: string;
  readonly rows: number;
  readonly applied: number;
  /** said before: nothing changed */
  readonly repeated: number;
  /** parked beside the file, whole, with the reason */
  readonly refused: number;
  /** the first 100 */
  readonly refusals: readonly SupplierFileRow[];
  /** reason why the whole file was parked and no row of it taken; "" if it was read */
  readonly parked: string;
}

export interface SupplierFileRow {
  /** the header is row 1 */
  readonly row: number;
  readonly reason: string;
}

export interface SuppliersRpc {
  readonly import: { readonly kind: 'client_streaming'; readonly input: ImportChunk; readonly output: ImportReport };
  readonly list: { readonly kind: 'unary'; readonly input: ListSuppliersRequest; readonly output: ListSuppliersResponse };
  readonly get: { readonly kind: 'unary'; readonly input: GetSupplierRequest; readonly output: Supplier };
  readonly listOffers: { readonly kind: 'unary'; readonly input: ListSupplierOffersRequest; readonly output: ListSupplierOffersResponse };
  readonly listFiles: { readonly kind: 'unary'; readonly input: ListSupplierFilesRequest; readonly output: ListSupplierFilesResponse };
}
export const Suppliers: ServiceRef<SuppliersRpc> = { typeName: 'flotilla.allocation.v1.Suppliers' };

export interface WaveFilter {
  /** of the waybill; before there is one, what the rules would take; "" = any */
  readonly carrier: string;
  /** where parcels go: provinces or countries; none = anywhere */
  readonly zones: readonly string[];
  /** SMALL (to 1 kg), MEDIUM (to 5 kg), LARGE (to 20 kg), BULKY; none = any */
  readonly sizes: readonly string[];
  readonly fromPriority: number;
  /** cut-off, business time; "" = all */
  readonly releasedBefore: string;
  /** only those that have a waybill */
  readonly waybilled: boolean;
  /** STANDARD, EXPRESS, PICKUP, SAME_CITY; "" = any */
  readonly service: string;
}

export interface MakeWaveRequest {
  readonly requestId: string;
  /** a-z, A-Z, 0-9, "_" and "-", at most 60 */
  readonly wave: string;
  readonly warehouse: string;
  readonly filter: WaveFilter;
  /** 0 = 200, which is the most */
  readonly mostParcels: number;
  /** what cart or shift can take; 0 = no limit */
  readonly mostUnits: number;
  readonly mostGrams: number;
}

export interface Wave {
  readonly wave: string;
  readonly warehouse: string;
  /** NONE, OPEN, ENDED */
  readonly state: string;
  /** business time */
  readonly madeAt: string;
  readonly endedAt: string;
  /** still in it, packed ones included */
  readonly parcels: number;
  readonly packed: number;
  /** taken out: cancelled, changed, short, … */
  readonly left: number;
  /** by bin, then by SKU; what has no bin comes last */
  readonly pickList: readonly PickLine[];
  /** most urgent first */
  readonly contents: readonly WaveParcel[];
  readonly filter: WaveFilter;
}

export interface PickLine {
  readonly sku: string;
  readonly name: string;
  /** wanted by the parcels that are in it */
  readonly quantity: number;
  readonly picked: number;
  /** picked for parcels that have left */
  readonly putBack: number;
  readonly parcels: number;
  /** "" = not known */
  readonly bin: string;
}

export interface WaveParcel {
  readonly parcelId: string;
  readonly foId: string;
  readonly number: string;
  /** PICKING, PACKED, or why it left: CANCELLED, CHANGED, SHORT, REFUSED, SHIPPED, WAVE_ENDED */
  readonly state: string;
  readonly lines: readonly common.SkuQuantity[];
}

export interface GetWaveRequest {
  readonly wave: string;
}

export interface ListWavesRequest {
  readonly page: common.Page;
  /** "" = all */
  readonly warehouse: string;
  /** only those that are open */
  readonly open: boolean;
}

export interface ListWavesResponse {
  /** the newest first, without pick list and contents */
  readonly waves: readonly Wave[];
  readonly nextToken: string;
}

export interface RecordPickRequest {
  readonly requestId: string;
  readonly wave: string;
  readonly sku: string;
  /** more than before; less than 0 puts back */
  readonly quantity: number;
}

export interface ReportShortRequest {
  readonly requestId: string;
  readonly wave: string;
  readonly sku: string;
  readonly missing: number;
  /** whose they are; "" = of the least urgent of the wave */
  readonly parcelId: string;
}

export interface EndWaveRequest {
  readonly requestId: string;
  readonly wave: string;
}

export interface ListFloorParcelsRequest {
  readonly page: common.Page;
  /** "" = all */
  readonly warehouse: string;
  /** WAITING, PICKING, PACKED, …; "" = all */
  readonly state: string;
  readonly wave: string;
}

export interface ListFloorParcelsResponse {
  readonly parcels: readonly FloorParcel[];
  readonly nextToken: string;
}

export interface GetFloorParcelRequest {
  readonly parcelId: string;
}

export interface FloorParcel {
  readonly parcelId: string;
  readonly foId: string;
  readonly number: string;
  readonly warehouse: string;
  /** WAITING (for a wave), PICKING, PACKED, SHORT, CANCELLED, REFUSED (by the carrier), SHIPPED */
  readonly state: string;
  /** that it stands in, or was packed in */
  readonly wave: string;
  readonly carrier: string;
  readonly waybill: string;
  readonly size: string;
  readonly priority: number;
  readonly releasedAt: string;
  readonly lines: readonly FloorLine[];
  /** where the catalogue was asked: Packing/Get, Scan and Pack */
  readonly advice: readonly PackingAdvice[];
  /** of PACKED */
  readonly evidence: PackingEvidence;
  /** of this packing, the first one first */
  readonly photos: readonly PackingPhoto[];
}

export interface FloorLine {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly scanned: number;
}

export interface PackingAdvice {
  /** FRAGILE, LIQUID, VALUABLE, BULKY */
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  /** because of these */
  readonly skus: readonly string[];
}

export interface PackingEvidence {
  /** business time */
  readonly packedAt: string;
  /** who called */
  readonly by: string;
  readonly packer: string;
  /** as weighed */
  readonly grams: number;
  /** of its items, without packaging */
  readonly expectedGrams: number;
  /** codes of the advice that stood there */
  readonly advised: readonly string[];
  /** what was used, in the packer's words */
  readonly packaging: string;
}

export interface PackingPhoto {
  /** of its bytes, hex */
  readonly sha256: string;
  readonly bytes: number;
  /** image/jpeg, image/png, image/webp */
  readonly mediaType: string;
  /** business time */
  readonly attachedAt: string;
  /** who called */
  readonly by: string;
  /** good for an hour; "" in lists, and without a key that signs links */
  readonly url: string;
}

export interface PhotoChunk {
  readonly parcelId: string;
  /** held against the bytes; "" = is not */
  readonly sha256: string;
  readonly data: Uint8Array;
}

export interface ScanRequest {
  readonly requestId: string;
  readonly parcelId: string;
  /** a barcode of the article, or its SKU */
  readonly code: string;
}

export interface PackRequest {
  readonly requestId: string;
  readonly parcelId: string;
  /** as weighed */
  readonly grams: number;
  readonly packer: string;
  readonly packaging: string;
}

export interface WavesRpc {
  readonly make: { readonly kind: 'unary'; readonly input: MakeWaveRequest; readonly output: Wave };
  readonly get: { readonly kind: 'unary'; readonly input: GetWaveRequest; readonly output: Wave };
  readonly list: { readonly kind: 'unary'; readonly input: ListWavesRequest; readonly output: ListWavesResponse };
  readonly recordPick: { readonly kind: 'unary'; readonly input: RecordPickRequest; readonly output: Wave };
  readonly reportShort: { readonly kind: 'unary'; readonly input: ReportShortRequest; readonly output: Wave };
  readonly end: { readonly kind: 'unary'; readonly input: EndWaveRequest; readonly output: Wave };
  readonly importBins: { readonly kind: 'client_streaming'; readonly input: ImportChunk; readonly output: ImportReport };
  readonly listParcels: { readonly kind: 'unary'; readonly input: ListFloorParcelsRequest; readonly output: ListFloorParcelsResponse };
}
export const Waves: ServiceRef<WavesRpc> = { typeName: 'flotilla.allocation.v1.Waves' };

export interface PackingRpc {
  readonly get: { readonly kind: 'unary'; readonly input: GetFloorParcelRequest; readonly output: FloorParcel };
  readonly scan: { readonly kind: 'unary'; readonly input: ScanRequest; readonly output: FloorParcel };
  readonly pack: { readonly kind: 'unary'; readonly input: PackRequest; readonly output: FloorParcel };
  readonly attachPhoto: { readonly kind: 'client_streaming'; readonly input: PhotoChunk; readonly output: FloorParcel };
}
export const Packing: ServiceRef<PackingRpc> = { typeName: 'flotilla.allocation.v1.Packing' };

