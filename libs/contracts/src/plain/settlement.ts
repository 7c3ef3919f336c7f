// Generated from proto/ by protoc-gen-plain; do not edit.
import type * as common from './common.js';
import type { ServiceRef } from '../service-ref.js';

export interface StatementReceived {
  readonly statementId: string;
  readonly channel: string;
  /** shopify-payments */
  readonly format: string;
  /** the platform's own number */
  readonly batchNo: string;
  readonly lines: number;
  readonly receivedAt: string;
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
  /** CHARGE, REFUND, ADJUSTMENT */
  readonly kind: string;
  readonly amount: common.Money;
  readonly fee: common.Money;
  readonly net: common.Money;
  readonly expected: common.Money;
}

/** A line that a person must look at. */
export interface LineFlagged {
  readonly statementId: string;
  readonly lineId: string;
  /** "" if none was found */
  readonly orderId: string;
  /** AMOUNT_DEVIATION, UNKNOWN_ORDER, CURRENCY, DUPLICATE, TYPE_UNKNOWN */
  readonly cause: string;
  readonly amount: common.Money;
  readonly expected: common.Money;
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
  /** SHIPPED, PAYOUT, REFUND */
  readonly cause: string;
  readonly orderId: string;
  readonly postedAt: string;
  /** sums to zero per currency */
  readonly postings: readonly Posting[];
}

/** debit > 0, credit < 0, minor units. */
export interface Posting {
  /** 1122 receivable, 1002 bank, 6001 revenue, 6601 platform fees, 2202 refunds payable, 6602 freight */
  readonly account: string;
  readonly amount: common.Money;
}

export interface ImportStatementRequest {
  readonly channel: string;
  /** shopify-payments */
  readonly format: string;
  readonly fileName: string;
  readonly data: Uint8Array;
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
  /** RECEIVED, MATCHED, REVIEWED, CLOSED */
  readonly state: string;
  readonly lines: readonly StatementLine[];
  readonly matched: number;
  readonly flagged: number;
  readonly unmatched: number;
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
  /** OPEN, MATCHED, FLAGGED */
  readonly state: string;
  readonly orderId: string;
  readonly expected: common.Money;
  readonly cause: string;
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
}
export const Statements: ServiceRef<StatementsRpc> = { typeName: 'flotilla.settlement.v1.Statements' };

export interface LedgerRpc {
  readonly trialBalance: { readonly kind: 'unary'; readonly input: TrialBalanceRequest; readonly output: TrialBalanceResponse };
}
export const Ledger: ServiceRef<LedgerRpc> = { typeName: 'flotilla.settlement.v1.Ledger' };

