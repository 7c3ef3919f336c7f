// Generated from proto/ by protoc-gen-plain; do not edit.
import type * as common from './common.js';
import type * as order from './order.js';
import type { ServiceRef } from '../service-ref.js';

export interface ImportChunk {
  readonly data: Uint8Array;
}

export interface ImportReport {
  readonly rows: number;
  readonly accepted: number;
  readonly unchanged: number;
  readonly errors: readonly RowError[];
  readonly refused: number;
}

export interface RowError {
  readonly row: number;
  readonly reason: string;
  readonly detail: string;
}

export interface Suspension {
  /** made of what it is about */
  readonly id: string;
  /** "*" = all */
  readonly carrier: string;
  /** as zones of rate cards: a province of China, US, US/California, "*" */
  readonly region: string;
  /** of the region, "" = all; only for DELIVER */
  readonly city: string;
  /** COLLECT, DELIVER, BOTH */
  readonly way: string;
  /** RFC 3339, or China's time; "" = now */
  readonly from: string;
  /** "" = until it is lifted */
  readonly until: string;
  readonly reason: string;
}

export interface LiftSuspensionRequest {
  readonly id: string;
}

export interface ListSuspensionsRequest {
}

export interface ListSuspensionsResponse {
  readonly suspensions: readonly Suspension[];
}

export interface ListPoolsRequest {
}

export interface ListPoolsResponse {
  readonly pools: readonly Pool[];
}

export interface Pool {
  readonly carrier: string;
  readonly warehouse: string;
  readonly left: number;
  /** below it people are warned */
  readonly low: number;
  /** BURN, RECLAIM: what becomes of a number whose parcel was voided before its label was printed */
  readonly voided: string;
  /** "" = empty */
  readonly next: string;
}

export interface GetParcelRequest {
  /** or: */
  readonly parcelId: string;
  readonly waybill: string;
}

export interface ListParcelsRequest {
  readonly page: common.Page;
  /** PLANNED, BUYING, UNKNOWN, WAYBILLED, SHIPPED, VOIDING, VOIDED, REFUSED */
  readonly state: string;
  readonly warehouse: string;
}

export interface ListParcelsResponse {
  readonly parcels: readonly Parcel[];
  readonly nextToken: string;
}

export interface FindParcelsRequest {
  readonly code: string;
  /** "" = all */
  readonly warehouse: string;
  /** 0 = 20, at most 100 */
  readonly size: number;
}

export interface FindParcelsResponse {
  /** WAYBILL, PARCEL, NUMBER, ORDER, SKU; "" where nothing was found */
  readonly by: string;
  /** Of a SKU those whose label was not printed first, of them those that are nothing but one unit of it, then the oldest. */
  readonly parcels: readonly FoundParcel[];
}

export interface FoundParcel {
  readonly parcel: Parcel;
  /** its label was, or waits to be */
  readonly printed: boolean;
}

export interface Parcel {
  readonly parcelId: string;
  readonly foId: string;
  readonly orders: readonly common.OrderShare[];
  readonly state: string;
  readonly warehouse: string;
  readonly carrier: string;
  readonly service: string;
  readonly waybill: string;
  readonly items: readonly order.ParcelItem[];
  readonly quoted: common.Money;
  /** why this carrier */
  readonly explain: string;
  readonly waitsSince: string;
  readonly version: number;
  readonly position: number;
  /** of the order, as the buyer knows it */
  readonly number: string;
}

export interface ShipParcelRequest {
  readonly requestId: string;
  /** or the scanned waybill: */
  readonly parcelId: string;
  readonly waybill: string;
  /** 0 = not weighed */
  readonly weighedGrams: number;
}

export interface ReportNumberRequest {
  readonly requestId: string;
  readonly parcelId: string;
  readonly carrier: string;
  readonly waybill: string;
  /** RFC 3339 */
  readonly shippedAt: string;
}

export interface LabelRequest {
  readonly parcelId: string;
  /** PDF (default), ZPL; PLATFORM of a recipient whom the platform masks: JSON for its print component */
  readonly format: string;
  /** 100x150 (default), 76x130 */
  readonly size: string;
  /** why it is printed again; kept with it */
  readonly reason: string;
  /** to be looked at: the recipient is masked, and nothing is printed */
  readonly preview: boolean;
}

export interface GetManifestRequest {
  readonly carrier: string;
  readonly warehouse: string;
  /** RFC 3339; when the parcel was shipped */
  readonly from: string;
  /** over for two seconds; "" = two seconds ago */
  readonly until: string;
}

export interface Manifest {
  /** made of the numbers: the same parcels, the same id */
  readonly id: string;
  readonly carrier: string;
  readonly warehouse: string;
  readonly from: string;
  readonly until: string;
  /** by waybill */
  readonly parcels: readonly ManifestParcel[];
  readonly grams: number;
  /** to be signed by both */
  readonly pdf: Uint8Array;
}

export interface ManifestParcel {
  readonly parcelId: string;
  readonly waybill: string;
  readonly number: string;
  /** province and city */
  readonly place: string;
  readonly grams: number;
}

export interface PrintBatchRequest {
  /** LABELS (default), PACKING_SLIPS, PICK_LIST (one per warehouse, every SKU once), CARDS (a card to the recipient with `text`) */
  readonly kind: string;
  /** at most 1,000, in the order of the pages */
  readonly parcelIds: readonly string[];
  /** of labels: 100x150 (default), 76x130 */
  readonly size: string;
  /** why, for labels that were printed before; kept with each */
  readonly reason: string;
  /** of CARDS: at most 300 characters; printed and never kept; "" = what each buyer asked for, and none for those who did not */
  readonly text: string;
}

export interface PrintBatchPart {
  readonly done: number;
  readonly total: number;
  /** the next piece of the PDF */
  readonly data: Uint8Array;
  /** a parcel that was left out */
  readonly parcelId: string;
  readonly reason: string;
  readonly detail: string;
}

export interface LabelResponse {
  readonly data: Uint8Array;
  readonly contentType: string;
}

export interface QuoteRequest {
  readonly fromProvince: string;
  readonly country: string;
  readonly province: string;
  readonly grams: number;
  readonly service: string;
  /** what it takes in mm³; 0 = unknown, and weight alone counts */
  readonly cubicMm: number;
}

export interface QuoteResponse {
  /** cheapest first */
  readonly quotes: readonly Quote[];
}

export interface Quote {
  readonly carrier: string;
  readonly service: string;
  readonly price: common.Money;
  readonly days: number;
  readonly rule: string;
}

export interface ParcelsRpc {
  readonly get: { readonly kind: 'unary'; readonly input: GetParcelRequest; readonly output: Parcel };
  readonly list: { readonly kind: 'unary'; readonly input: ListParcelsRequest; readonly output: ListParcelsResponse };
  readonly find: { readonly kind: 'unary'; readonly input: FindParcelsRequest; readonly output: FindParcelsResponse };
  readonly ship: { readonly kind: 'unary'; readonly input: ShipParcelRequest; readonly output: Parcel };
  readonly label: { readonly kind: 'unary'; readonly input: LabelRequest; readonly output: LabelResponse };
  readonly importNumbers: { readonly kind: 'client_streaming'; readonly input: ImportChunk; readonly output: ImportReport };
  readonly reportNumber: { readonly kind: 'unary'; readonly input: ReportNumberRequest; readonly output: Parcel };
  readonly printBatch: { readonly kind: 'server_streaming'; readonly input: PrintBatchRequest; readonly output: PrintBatchPart };
}
export const Parcels: ServiceRef<ParcelsRpc> = { typeName: 'flotilla.carrier.v1.Parcels' };

export interface ManifestsRpc {
  readonly get: { readonly kind: 'unary'; readonly input: GetManifestRequest; readonly output: Manifest };
}
export const Manifests: ServiceRef<ManifestsRpc> = { typeName: 'flotilla.carrier.v1.Manifests' };

/** Numbers that a carrier's branch gave a warehouse in advance; used of carriers that have no account here. */
export interface PoolsRpc {
  readonly import: { readonly kind: 'client_streaming'; readonly input: ImportChunk; readonly output: ImportReport };
  readonly list: { readonly kind: 'unary'; readonly input: ListPoolsRequest; readonly output: ListPoolsResponse };
}
export const Pools: ServiceRef<PoolsRpc> = { typeName: 'flotilla.carrier.v1.Pools' };

/** Where a carrier does not collect or deliver for a time: weather, a strike, a closed road; or, without an end, at all. It is not chosen there meanwhile. */
export interface SuspensionsRpc {
  readonly import: { readonly kind: 'client_streaming'; readonly input: ImportChunk; readonly output: ImportReport };
  readonly put: { readonly kind: 'unary'; readonly input: Suspension; readonly output: Suspension };
  readonly lift: { readonly kind: 'unary'; readonly input: LiftSuspensionRequest; readonly output: Suspension };
  readonly list: { readonly kind: 'unary'; readonly input: ListSuspensionsRequest; readonly output: ListSuspensionsResponse };
}
export const Suspensions: ServiceRef<SuspensionsRpc> = { typeName: 'flotilla.carrier.v1.Suspensions' };

export interface RateCardsRpc {
  readonly import: { readonly kind: 'client_streaming'; readonly input: ImportChunk; readonly output: ImportReport };
  readonly quote: { readonly kind: 'unary'; readonly input: QuoteRequest; readonly output: QuoteResponse };
}
export const RateCards: ServiceRef<RateCardsRpc> = { typeName: 'flotilla.carrier.v1.RateCards' };

export interface WaybillIssued {
  readonly parcelId: string;
  readonly foId: string;
  readonly orders: readonly common.OrderShare[];
  /** sf */
  readonly carrier: string;
  readonly service: string;
  readonly waybill: string;
  /** freight by the rate card */
  readonly quoted: common.Money;
  readonly issuedAt: string;
}

export interface ParcelShipped {
  readonly parcelId: string;
  readonly foId: string;
  readonly orders: readonly common.OrderShare[];
  readonly warehouse: string;
  readonly carrier: string;
  readonly service: string;
  readonly waybill: string;
  readonly shippedAt: string;
  readonly shipTo: common.Address;
  readonly buyer: common.Buyer;
  readonly number: string;
  readonly items: readonly order.ParcelItem[];
  readonly freight: common.Money;
  /** when the carrier's lane says that it should be there, "" if unknown */
  readonly dueAt: string;
  /** where the buyer collects it: the store's name and its address, one line each; "" unless the service is PICKUP */
  readonly pickupPlace: string;
}

export interface ParcelVoided {
  readonly parcelId: string;
  readonly foId: string;
  /** "" if none was ever issued */
  readonly waybill: string;
  readonly reason: string;
}

export interface CancelRefused {
  readonly parcelId: string;
  readonly foId: string;
  /** SHIPPED */
  readonly reason: string;
}

export interface ParcelChanged {
  readonly parcelId: string;
  readonly foId: string;
  readonly changeId: string;
}

export interface ChangeRefused {
  readonly parcelId: string;
  readonly foId: string;
  readonly changeId: string;
  /** SHIPPED, NOT_POSSIBLE */
  readonly reason: string;
}

/** No waybill from this carrier. order-core starts again with the carrier excluded. */
export interface CarrierRefused {
  readonly parcelId: string;
  readonly foId: string;
  readonly carrier: string;
  readonly reason: string;
  readonly detail: string;
}

export interface ParcelLost {
  readonly parcelId: string;
  readonly foId: string;
  readonly carrier: string;
  readonly waybill: string;
}

/** A parcel that somebody else labelled: supplier, 3PL, platform warehouse, file. */
export interface ParcelShippedExternally {
  readonly parcelId: string;
  readonly foId: string;
  readonly orders: readonly common.OrderShare[];
  readonly carrier: string;
  readonly waybill: string;
  readonly shippedAt: string;
  /** whose stock it took; "" if none of ours */
  readonly warehouse: string;
}

export interface StationPrinter {
  /** LABEL, PACKING_SLIP, CARD */
  readonly document: string;
  /** as the station's agent calls it */
  readonly printer: string;
  /** ZPL, PDF; of all but labels PDF */
  readonly format: string;
  /** of labels: 100x150 (default), 76x130 */
  readonly size: string;
}

export interface PutStationRequest {
  readonly requestId: string;
  /** a-z, 0-9 and "-", at most 40 */
  readonly station: string;
  readonly name: string;
  /** "" = any */
  readonly warehouse: string;
  /** at most one per document */
  readonly printers: readonly StationPrinter[];
}

export interface PrintStation {
  readonly station: string;
  readonly name: string;
  readonly warehouse: string;
  readonly printers: readonly StationPrinter[];
  readonly hasToken: boolean;
  /** what its agent says of itself; "" = none was ever here */
  readonly agent: string;
  /** printers that the agent has */
  readonly offered: readonly string[];
  /** when the agent asked last, machine time */
  readonly seenAt: string;
  /** jobs that are not settled */
  readonly waiting: number;
}

export interface ListPrintStationsRequest {
}

export interface ListPrintStationsResponse {
  /** by id */
  readonly stations: readonly PrintStation[];
}

export interface IssueStationTokenRequest {
  readonly station: string;
}

export interface StationToken {
  readonly station: string;
  readonly token: string;
}

export interface PrintRequest {
  readonly requestId: string;
  readonly station: string;
  readonly parcelId: string;
  /** LABEL, PACKING_SLIP, CARD; none = all that the station has a printer for, but cards */
  readonly documents: readonly string[];
  /** why it is printed again; kept with the job, at most 200 characters */
  readonly reason: string;
}

export interface PrintResponse {
  readonly jobs: readonly PrintJob[];
}

export interface DropPrintJobRequest {
  readonly requestId: string;
  readonly jobId: string;
  readonly reason: string;
}

export interface PrintJob {
  /** <parcel>.<document>.<copy> */
  readonly jobId: string;
  readonly parcelId: string;
  readonly document: string;
  /** 1 for the first; a reprint is another one */
  readonly copy: number;
  readonly station: string;
  readonly printer: string;
  readonly format: string;
  readonly size: string;
  /** QUEUED, SENT, PRINTED, FAILED */
  readonly state: string;
  /** of FAILED: PRINTER, REFUSED (there was nothing to print), UNKNOWN (it may have been printed), DROPPED */
  readonly because: string;
  readonly detail: string;
  /** of the order, as the buyer knows it */
  readonly number: string;
  readonly waybill: string;
  /** of a reprint */
  readonly reason: string;
  readonly by: string;
  /** machine time, as all of these */
  readonly queuedAt: string;
  readonly sentAt: string;
  readonly settledAt: string;
  /** how often it was given to an agent */
  readonly attempts: number;
}

export interface ListPrintJobsRequest {
  readonly page: common.Page;
  /** "" = all */
  readonly station: string;
  /** "" = all */
  readonly state: string;
  /** "" = all */
  readonly parcelId: string;
}

export interface ListPrintJobsResponse {
  /** the newest first */
  readonly jobs: readonly PrintJob[];
  readonly nextToken: string;
}

export interface PollPrintRequest {
  readonly station: string;
  readonly token: string;
  /** of the agent's memory of what it was given; another one after that was lost */
  readonly journal: string;
  /** name and version */
  readonly agent: string;
  readonly printers: readonly string[];
  /** until they are answered; repeating them is nothing */
  readonly outcomes: readonly PrintOutcome[];
  /** jobs that it was given and has not settled: they are not given again */
  readonly holds: readonly string[];
  /** at most 25,000 */
  readonly waitMs: number;
}

export interface PrintOutcome {
  readonly jobId: string;
  /** PRINTED, FAILED (certainly not printed), UNKNOWN (it had begun, and then stopped) */
  readonly outcome: string;
  readonly detail: string;
}

export interface PollPrintResponse {
  /** the oldest first */
  readonly jobs: readonly PrintJob[];
}

export interface FetchDocumentRequest {
  readonly station: string;
  readonly token: string;
  readonly journal: string;
  readonly jobId: string;
}

export interface PrintDocument {
  readonly data: Uint8Array;
  readonly contentType: string;
}

export interface PrintingRpc {
  readonly putStation: { readonly kind: 'unary'; readonly input: PutStationRequest; readonly output: PrintStation };
  readonly listStations: { readonly kind: 'unary'; readonly input: ListPrintStationsRequest; readonly output: ListPrintStationsResponse };
  readonly issueToken: { readonly kind: 'unary'; readonly input: IssueStationTokenRequest; readonly output: StationToken };
  readonly print: { readonly kind: 'unary'; readonly input: PrintRequest; readonly output: PrintResponse };
  readonly drop: { readonly kind: 'unary'; readonly input: DropPrintJobRequest; readonly output: PrintJob };
  readonly list: { readonly kind: 'unary'; readonly input: ListPrintJobsRequest; readonly output: ListPrintJobsResponse };
  readonly poll: { readonly kind: 'unary'; readonly input: PollPrintRequest; readonly output: PollPrintResponse };
  readonly fetch: { readonly kind: 'unary'; readonly input: FetchDocumentRequest; readonly output: PrintDocument };
}
export const Printing: ServiceRef<PrintingRpc> = { typeName: 'flotilla.carrier.v1.Printing' };

