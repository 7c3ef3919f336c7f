import type { Money } from './money.js';

/** What a line is about; typed before it is matched. UNKNOWN is never guessed. */
export type LineKind = 'CHARGE' | 'REFUND' | 'FEE' | 'PROMOTION' | 'ADJUSTMENT' | 'PAYOUT' | 'UNKNOWN';

/** One line of a statement. `net` = `amount` − `fee`; what leaves us is negative. */
export interface Line {
  readonly lineId: string;
  /** In the file; the header is row 1. */
  readonly row: number;
  readonly kind: LineKind;
  /** The platform's own word for it; absent in what was stored before it was kept. */
  readonly label?: string;
  /** The platform's order number; "" if the line is about none. */
  readonly reference: string;
  readonly occurredAt: string;
  readonly amount: Money;
  readonly fee: Money;
  readonly net: Money;
  /** Of everything that stays the same when a platform tells a line again. */
  readonly fingerprint: string;
}

export type Cause = 'AMOUNT_DEVIATION' | 'UNKNOWN_ORDER' | 'CURRENCY' | 'DUPLICATE' | 'TYPE_UNKNOWN' | 'AMBIGUOUS';

/** What most likely stands behind a deviation; "" where nothing speaks for anything. */
export type Likely = '' | 'FEE_CHANGED' | 'FREIGHT' | 'FX' | 'PARTIAL_REFUND' | 'PROMOTION' | 'MISSING_LINE' | 'OVERPAID';

/** What one unit of `from` was worth in `to` on a day. As decimal text: a rate is never a floating-point number. */
export interface Rate {
  readonly from: string;
  readonly to: string;
  readonly date: string;
  readonly rate: string;
}

export type Verdict =
  | { readonly outcome: 'MATCHED'; readonly orderId: string; readonly expected: Money }
  | { readonly outcome: 'FLAGGED'; readonly orderId: string; readonly expected: Money; readonly cause: Cause; readonly likely?: Likely }
  /** Its order, or its refund, is not there yet. */
  | { readonly outcome: 'WAITING' };

/** A line that waits, and until when. */
export interface Waiting {
  readonly statementId: string;
  readonly line: Line;
  readonly dueAt: string;
  /** At which it counts, where its order is of another currency. */
  readonly rate?: Rate;
}

/** Lines that wait for one order or its refunds: as many as can be judged at once. What is beyond is for a person. */
export const mostWaiting = 1_000;
