import type { Money } from './money.js';

/** What a line is about; typed before it is matched. UNKNOWN is never guessed. */
export type LineKind = 'CHARGE' | 'REFUND' | 'ADJUSTMENT' | 'PAYOUT' | 'UNKNOWN';

/** One line of a statement. `net` = `amount` − `fee`; what leaves us is negative. */
export interface Line {
  readonly lineId: string;
  /** In the file; the header is row 1. */
  readonly row: number;
  readonly kind: LineKind;
  /** The platform's order number; "" if the line is about none. */
  readonly reference: string;
  readonly occurredAt: string;
  readonly amount: Money;
  readonly fee: Money;
  readonly net: Money;
  /** Of everything that stays the same when a platform tells a line again. */
  readonly fingerprint: string;
}

export type Cause = 'AMOUNT_DEVIATION' | 'UNKNOWN_ORDER' | 'CURRENCY' | 'DUPLICATE' | 'TYPE_UNKNOWN';

export type Verdict =
  | { readonly outcome: 'MATCHED'; readonly orderId: string; readonly expected: Money }
  | { readonly outcome: 'FLAGGED'; readonly orderId: string; readonly expected: Money; readonly cause: Cause }
  /** Its order, or its refund, is not there yet. */
  | { readonly outcome: 'WAITING' };

/** A line that waits, and until when. */
export interface Waiting {
  readonly statementId: string;
  readonly line: Line;
  readonly dueAt: string;
}
