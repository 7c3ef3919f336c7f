// Generated from proto/ by protoc-gen-plain; do not edit.
import type * as common from './common.js';
import type { ServiceRef } from '../service-ref.js';

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
}

export interface GetSkuRequest {
  readonly sku: string;
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
}

export interface AdjustStockRequest {
  readonly requestId: string;
  readonly warehouse: string;
  readonly sku: string;
  readonly delta: number;
  readonly reason: string;
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
  readonly free: number;
  readonly position: number;
}

export interface GetAllocationRequest {
  readonly foId: string;
}

export interface Allocation {
  readonly foId: string;
  /** ASKING, CONFIRMING, ENDING, ALLOCATED, BACKORDERED, RELEASING, RELEASED, CONSUMED */
  readonly state: string;
  readonly round: number;
  readonly warehouse: string;
  readonly locks: readonly Lock[];
}

export interface Lock {
  readonly lockId: string;
  readonly round: number;
  readonly warehouse: string;
  /** ASKED, LOCKED, REFUSED, CONFIRMED, EXPIRED, RELEASED, CONSUMED */
  readonly state: string;
  readonly fence: number;
}

export interface Explanation {
  readonly foId: string;
  readonly rounds: readonly RoundExplained[];
}

export interface RoundExplained {
  readonly round: number;
  readonly candidates: readonly Candidate[];
  readonly outcome: string;
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
  readonly get: { readonly kind: 'unary'; readonly input: GetStockRequest; readonly output: StockLevel };
  readonly list: { readonly kind: 'unary'; readonly input: ListStockRequest; readonly output: ListStockResponse };
}
export const Stock: ServiceRef<StockRpc> = { typeName: 'flotilla.allocation.v1.Stock' };

export interface AllocationsRpc {
  readonly get: { readonly kind: 'unary'; readonly input: GetAllocationRequest; readonly output: Allocation };
  readonly explain: { readonly kind: 'unary'; readonly input: GetAllocationRequest; readonly output: Explanation };
}
export const Allocations: ServiceRef<AllocationsRpc> = { typeName: 'flotilla.allocation.v1.Allocations' };

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
}

export interface SkuChanged {
  readonly sku: string;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly grams: number;
  readonly barcodes: readonly string[];
}

