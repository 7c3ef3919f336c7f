// Generated from proto/ by protoc-gen-plain; do not edit.
import type * as common from './common.js';
import type { ServiceRef } from '../service-ref.js';

export interface StatementReceived {
  readonly statementId: string;
  readonly channel: string;
  /** alipay, alipay-trade, amazon-v2, shopify-payments, wechat-pay */
  readonly format: string;
  /** the platform's own number */
  readonly batchNo: string;
  readonly lines: number;
  readonly receivedAt: string;
}

/** All rows were read: how many are lines, how many could not be read, and what the file says of itself. */
export interface StatementParsed {
  readonly statementId: string;
  /** utf-8, utf-16le, utf-16be, gb18030, windows-1252 */
  readonly encoding: string;
  readonly lines: number;
  /** rows that could not be read; with their reasons at Statements/ListFaults */
  readonly faults: number;
  readonly checks: readonly TotalCheck[];
  readonly parsedAt: string;
}

/** A sum or count that the file gives of its rows, and what they come to. In minor units; a count where currency is "". */
export interface TotalCheck {
  readonly what: string;
  readonly currency: string;
  readonly said: number;
  readonly found: number;
}

/** No line waits any more: each is matched or flagged. */
export interface StatementMatched {
  readonly statementId: string;
  readonly matched: number;
  readonly flagged: number;
  readonly matchedAt: string;
}

/** A person has looked at it, or there was nothing to look at. */
export interface StatementReviewed {
  readonly statementId: string;
  /** an actor, or "rule:…" */
  readonly by: string;
  readonly reason: string;
  readonly reviewedAt: string;
}

export interface StatementClosed {
  readonly statementId: string;
  readonly matched: number;
  readonly flagged: number;
  readonly unmatched: number;
  readonly closedAt: string;
}

/** A line is explained by an order, within ±0.5 %. */
export interface LineMatched {
  readonly statementId: string;
  readonly lineId: string;
  readonly orderId: string;
  /** CHARGE, REFUND, FEE, PROMOTION, ADJUSTMENT, PAYOUT */
  readonly kind: string;
  readonly amount: common.Money;
  readonly fee: common.Money;
  readonly net: common.Money;
  readonly expected: common.Money;
  /** where one payment is for several orders; order_id is "" then */
  readonly shares: readonly LineShare[];
}

/** What of a line is whose. The shares of a line make up its amount. */
export interface LineShare {
  readonly orderId: string;
  readonly amount: common.Money;
}

/** A line that a person must look at. */
export interface LineFlagged {
  readonly statementId: string;
  readonly lineId: string;
  /** "" if none was found */
  readonly orderId: string;
  /** AMOUNT_DEVIATION, UNKNOWN_ORDER, CURRENCY, DUPLICATE, TYPE_UNKNOWN, AMBIGUOUS */
  readonly cause: string;
  readonly amount: common.Money;
  readonly expected: common.Money;
  /** what most likely stands behind a deviation: FEE_CHANGED, FREIGHT, FX, PARTIAL_REFUND, PROMOTION, MISSING_LINE, OVERPAID; "" if nothing speaks for anything */
  readonly likely: string;
}

/** What became of a flagged line. */
export interface LineResolved {
  readonly statementId: string;
  readonly lineId: string;
  /** "" if it is about none */
  readonly orderId: string;
  /** ACCEPTED, DISMISSED, MATCHED_LATER */
  readonly action: string;
  readonly reason: string;
  /** an actor, or "rule:…" */
  readonly by: string;
  readonly amount: common.Money;
  readonly resolvedAt: string;
}

/** What the order should bring has come: its receivable stands at zero (or a person accepted the difference). */
export interface OrderSettled {
  readonly orderId: string;
  readonly statementId: string;
  readonly net: common.Money;
  readonly settledAt: string;
}

export interface VoucherPosted {
  readonly voucherId: string;
  /** SHIPPED, PAYOUT, REFUND, FEE, PROMOTION, DIFFERENCE, BOOKED */
  readonly cause: string;
  readonly orderId: string;
  readonly postedAt: string;
  /** sums to zero per currency */
  readonly postings: readonly Posting[];
  /** of its order, as far as it was known when the voucher was posted */
  readonly invoice: VoucherInvoice;
}

export interface VoucherInvoice {
  /** "" where there is none */
  readonly number: string;
  /** REQUESTED, ISSUED, RED, VOID; "" where nothing is known */
  readonly state: string;
  /** sealed */
  readonly title: string;
  /** sealed */
  readonly taxId: string;
}

/** debit > 0, credit < 0, minor units. */
export interface Posting {
  /** 1002 bank, 1122 receivable, 1221 currency exchange, 2202 refunds payable, 6001 revenue, 6601 platform fees, 6602 freight, 6603 promotions, 6711 differences */
  readonly account: string;
  readonly amount: common.Money;
}

/** What one unit of a currency was worth in another on a day. */
export interface FxRateSet {
  readonly from: string;
  readonly to: string;
  /** 2026-11-21 */
  readonly date: string;
  /** decimal text */
  readonly rate: string;
  /** who says so */
  readonly source: string;
  readonly by: string;
}

/** What is known of an order's invoice. The title is a person's or a company's name: sealed. */
export interface InvoiceRecorded {
  readonly orderId: string;
  /** sealed with the buyer's key; "" if none */
  readonly title: string;
  /** sealed: a sole trader's is their own number */
  readonly taxId: string;
  readonly number: string;
  /** REQUESTED, ISSUED, RED (reversed), VOID */
  readonly state: string;
  /** channel, finance */
  readonly source: string;
  readonly recordedAt: string;
}

export interface ImportStatementRequest {
  readonly channel: string;
  /** alipay, alipay-trade, amazon-v2, shopify-payments, wechat-pay, or one that was described; "" is told by the file's bytes */
  readonly format: string;
  readonly fileName: string;
  readonly data: Uint8Array;
}

/**
 * A file with a header and a row per amount of money. Columns are named as headers name them (several names: whichever stands there),
 * compared without case, width, spaces and what stands in brackets. A header that has all named columns is such a file.
 */
export interface StatementMapping {
  /** a-z, 0-9 and "-", at most 40; of no format of the code */
  readonly name: string;
  readonly titleZh: string;
  readonly titleEn: string;
  /** what a file that is not Unicode is encoded in: gb18030, windows-1252; "" = gb18030 */
  readonly legacy: string;
  /** needed */
  readonly occurredAt: readonly string[];
  /** needed: the platform's order number */
  readonly reference: readonly string[];
  /** needed: gross; what leaves us is negative unless something below says so */
  readonly amount: readonly string[];
  /** what left us, without a sign, where it has a column of its own */
  readonly expense: readonly string[];
  /** the column that says whether `amount` came or left */
  readonly direction: readonly string[];
  /** its words for what left: 支出, debit */
  readonly outgoing: readonly string[];
  /** and for what came: 收入, credit; a row with a word of neither is UNKNOWN */
  readonly incoming: readonly string[];
  /** of the same row; added up */
  readonly fees: readonly FeeColumn[];
  /** they are told as what they do to the account: -0.12 is a fee of 0.12 */
  readonly feesSigned: boolean;
  /** compared with amount − fees, row by row */
  readonly net: readonly string[];
  /** its column, or */
  readonly currency: readonly string[];
  /** one for all rows */
  readonly fixedCurrency: string;
  /** the platform's own number of the row, where it has one; a row that comes again is known by it, so it stays from version to version */
  readonly entry: readonly string[];
  /** of the payout or bill; otherwise the statement is named by its days */
  readonly batch: readonly string[];
  /** of times that have none: +08:00 */
  readonly utcOffset: string;
  /** of 03/04/2026: DMY, MDY; "" = such a date is refused */
  readonly dateOrder: string;
  /** the column with the platform's word for what a row is */
  readonly type: readonly string[];
  readonly kinds: readonly KindWord[];
  /** of words that are none of these, and of all rows without such a column; "" = UNKNOWN, for a person */
  readonly otherKind: string;
}

export interface FeeColumn {
  readonly names: readonly string[];
}

export interface KindWord {
  /** compared without case and width */
  readonly word: string;
  /** CHARGE, REFUND, FEE, PROMOTION, ADJUSTMENT, PAYOUT; IGNORED = no money: a subtotal, an opening balance */
  readonly kind: string;
  /** its amounts are written without a sign and left us */
  readonly negated: boolean;
}

/** Of the code. */
export interface StatementFormat {
  readonly name: string;
  readonly titleZh: string;
  readonly titleEn: string;
  /** the columns by which it is known, as files most often name them */
  readonly header: readonly string[];
}

export interface DescribedStatementFormat {
  readonly mapping: StatementMapping;
  readonly version: number;
  readonly putAt: string;
  readonly putBy: string;
}

export interface ListStatementFormatsRequest {
}

export interface ListStatementFormatsResponse {
  readonly formats: readonly StatementFormat[];
  readonly described: readonly DescribedStatementFormat[];
}

export interface PutStatementFormatRequest {
  readonly requestId: string;
  readonly mapping: StatementMapping;
  readonly dryRun: boolean;
  /** a file, or its beginning; at most 256 KiB, and nothing of it is kept */
  readonly sample: Uint8Array;
}

export interface PutStatementFormatResponse {
  /** 0 = nothing was written */
  readonly version: number;
  /** of the sample's first rows, at most 50 */
  readonly lines: readonly StatementLine[];
  readonly faults: readonly RowFault[];
  readonly batchNo: string;
}

export interface RetireStatementFormatRequest {
  readonly requestId: string;
  readonly name: string;
}

export interface RetireStatementFormatResponse {
}

export interface GetStatementRequest {
  readonly statementId: string;
}

export interface ListStatementsRequest {
  readonly page: common.Page;
}

export interface ListStatementsResponse {
  readonly statements: readonly Statement[];
  readonly nextToken: string;
}

export interface Statement {
  readonly statementId: string;
  readonly channel: string;
  readonly format: string;
  readonly batchNo: string;
  /** RECEIVED, PARSED, MATCHED, REVIEWED, CLOSED */
  readonly state: string;
  readonly lines: readonly StatementLine[];
  readonly matched: number;
  readonly flagged: number;
  readonly unmatched: number;
  /** of the flagged ones */
  readonly resolved: number;
  /** rows that could not be read */
  readonly faults: number;
  /** what the file says of itself */
  readonly checks: readonly TotalCheck[];
  readonly encoding: string;
}

export interface ListFaultsRequest {
  readonly statementId: string;
  readonly page: common.Page;
}

export interface ListFaultsResponse {
  readonly faults: readonly RowFault[];
  readonly nextToken: string;
}

export interface RowFault {
  /** of the file, from 1 */
  readonly row: number;
  /** quotes nothing of the row */
  readonly reason: string;
}

export interface ReviewStatementRequest {
  readonly requestId: string;
  readonly statementId: string;
  readonly reason: string;
}

export interface CloseStatementRequest {
  readonly requestId: string;
  readonly statementId: string;
}

export interface ListWorklistRequest {
  readonly page: common.Page;
  /** "" for all */
  readonly channel: string;
  /** "" for all */
  readonly cause: string;
}

export interface ListWorklistResponse {
  readonly lines: readonly WorklistLine[];
  readonly nextToken: string;
}

export interface WorklistLine {
  readonly statementId: string;
  readonly channel: string;
  readonly batchNo: string;
  readonly row: number;
  readonly line: StatementLine;
  /** of what was expected; 0 where nothing was */
  readonly deviationPermille: number;
}

export interface ResolveLineRequest {
  readonly requestId: string;
  readonly lineId: string;
  /** ACCEPT, DISMISS */
  readonly action: string;
  /** whose it is, where the line does not know; "" leaves it as it is */
  readonly orderId: string;
  /** what it is, where the line does not know: CHARGE, REFUND, FEE, PROMOTION; "" leaves it as it is */
  readonly kind: string;
  readonly reason: string;
}

export interface ImportFxRatesRequest {
  readonly source: string;
  readonly data: Uint8Array;
}

export interface ImportFxRatesResponse {
  readonly rates: number;
  readonly changed: number;
}

export interface ListFxRatesRequest {
  readonly page: common.Page;
}

export interface ListFxRatesResponse {
  readonly rates: readonly FxRateSet[];
  readonly nextToken: string;
}

export interface ImportInvoicesRequest {
  readonly data: Uint8Array;
  /** channel, finance; "" is finance */
  readonly source: string;
  /** of rows that name none */
  readonly channel: string;
}

export interface ImportInvoicesResponse {
  readonly recorded: number;
  readonly unchanged: number;
  /** the first hundred */
  readonly faults: readonly RowFault[];
  readonly faulty: number;
}

export interface GetInvoiceRequest {
  readonly orderId: string;
}

/** The title in clear, "" where it was erased. */
export interface Invoice {
  readonly orderId: string;
  readonly title: string;
  readonly taxId: string;
  readonly number: string;
  readonly state: string;
  readonly source: string;
}

export interface ExportBooksRequest {
  /** the first instant of the period */
  readonly from: string;
  /** the first one after it */
  readonly until: string;
}

export interface StatementLine {
  readonly lineId: string;
  readonly kind: string;
  /** the platform's order number */
  readonly reference: string;
  readonly occurredAt: string;
  readonly amount: common.Money;
  readonly fee: common.Money;
  readonly net: common.Money;
  /** OPEN, MATCHED, FLAGGED, ACCEPTED, DISMISSED */
  readonly state: string;
  readonly orderId: string;
  readonly expected: common.Money;
  readonly cause: string;
  readonly likely: string;
  /** the platform's own word for it */
  readonly label: string;
  readonly resolvedBy: string;
  /** the reason that was given */
  readonly resolution: string;
  readonly row: number;
}

export interface ExportStatementRequest {
  readonly statementId: string;
}

export interface ExportChunk {
  readonly data: Uint8Array;
}

export interface TrialBalanceRequest {
}

export interface TrialBalanceResponse {
  readonly balances: readonly AccountBalance[];
}

export interface AccountBalance {
  readonly account: string;
  readonly balance: common.Money;
}

export interface StatementsRpc {
  readonly import: { readonly kind: 'client_streaming'; readonly input: ImportStatementRequest; readonly output: Statement };
  readonly get: { readonly kind: 'unary'; readonly input: GetStatementRequest; readonly output: Statement };
  readonly list: { readonly kind: 'unary'; readonly input: ListStatementsRequest; readonly output: ListStatementsResponse };
  readonly export: { readonly kind: 'server_streaming'; readonly input: ExportStatementRequest; readonly output: ExportChunk };
  readonly listFaults: { readonly kind: 'unary'; readonly input: ListFaultsRequest; readonly output: ListFaultsResponse };
  readonly review: { readonly kind: 'unary'; readonly input: ReviewStatementRequest; readonly output: Statement };
  readonly closeStatement: { readonly kind: 'unary'; readonly input: CloseStatementRequest; readonly output: Statement };
}
export const Statements: ServiceRef<StatementsRpc> = { typeName: 'flotilla.settlement.v1.Statements' };

/** How statements are read that no folder of the code knows: as data, with versions. A new platform's file is read without a deploy. */
export interface StatementFormatsRpc {
  readonly list: { readonly kind: 'unary'; readonly input: ListStatementFormatsRequest; readonly output: ListStatementFormatsResponse };
  readonly put: { readonly kind: 'unary'; readonly input: PutStatementFormatRequest; readonly output: PutStatementFormatResponse };
  readonly retire: { readonly kind: 'unary'; readonly input: RetireStatementFormatRequest; readonly output: RetireStatementFormatResponse };
}
export const StatementFormats: ServiceRef<StatementFormatsRpc> = { typeName: 'flotilla.settlement.v1.StatementFormats' };

/** Flagged lines that nobody has decided about yet. */
export interface WorklistRpc {
  readonly list: { readonly kind: 'unary'; readonly input: ListWorklistRequest; readonly output: ListWorklistResponse };
  readonly resolve: { readonly kind: 'unary'; readonly input: ResolveLineRequest; readonly output: StatementLine };
}
export const Worklist: ServiceRef<WorklistRpc> = { typeName: 'flotilla.settlement.v1.Worklist' };

export interface FxRatesRpc {
  readonly import: { readonly kind: 'client_streaming'; readonly input: ImportFxRatesRequest; readonly output: ImportFxRatesResponse };
  readonly list: { readonly kind: 'unary'; readonly input: ListFxRatesRequest; readonly output: ListFxRatesResponse };
}
export const FxRates: ServiceRef<FxRatesRpc> = { typeName: 'flotilla.settlement.v1.FxRates' };

export interface InvoicesRpc {
  readonly import: { readonly kind: 'client_streaming'; readonly input: ImportInvoicesRequest; readonly output: ImportInvoicesResponse };
  readonly get: { readonly kind: 'unary'; readonly input: GetInvoiceRequest; readonly output: Invoice };
}
export const Invoices: ServiceRef<InvoicesRpc> = { typeName: 'flotilla.settlement.v1.Invoices' };

/** For accounting. */
export interface BooksRpc {
  readonly export: { readonly kind: 'server_streaming'; readonly input: ExportBooksRequest; readonly output: ExportChunk };
}
export const Books: ServiceRef<BooksRpc> = { typeName: 'flotilla.settlement.v1.Books' };

export interface LedgerRpc {
  readonly trialBalance: { readonly kind: 'unary'; readonly input: TrialBalanceRequest; readonly output: TrialBalanceResponse };
}
export const Ledger: ServiceRef<LedgerRpc> = { typeName: 'flotilla.settlement.v1.Ledger' };

