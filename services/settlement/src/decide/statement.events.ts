import type { settlement } from '@flotilla/contracts';
import type { Line } from './line.js';

/** A row that could not be read, and why; the reason quotes nothing of it. */
export interface Fault {
  readonly row: number;
  readonly reason: string;
}

export type StatementEvent =
  | { readonly type: 'StatementReceived'; readonly data: settlement.StatementReceived }
  /** A part of its rows, in the order of the file. */
  | { readonly type: 'LinesRead'; readonly data: { readonly statementId: string; readonly from: number; readonly lines: readonly Line[]; readonly faults: readonly Fault[] } }
  | { readonly type: 'StatementParsed'; readonly data: settlement.StatementParsed }
  /** A part of its lines was judged; those that are named by no other event of the part wait. */
  | { readonly type: 'LinesJudged'; readonly data: { readonly statementId: string; readonly count: number; readonly waiting: readonly string[] } }
  /** Read and judged at once, as it was done before statements were read in parts. */
  | { readonly type: 'LinesTyped'; readonly data: { readonly statementId: string; readonly lines: readonly Line[]; readonly waiting: readonly string[] } }
  | { readonly type: 'LineMatched'; readonly data: settlement.LineMatched }
  | { readonly type: 'LineFlagged'; readonly data: settlement.LineFlagged }
  | { readonly type: 'LineResolved'; readonly data: settlement.LineResolved }
  | { readonly type: 'StatementMatched'; readonly data: settlement.StatementMatched }
  | { readonly type: 'StatementReviewed'; readonly data: settlement.StatementReviewed }
  | { readonly type: 'StatementClosed'; readonly data: settlement.StatementClosed };
