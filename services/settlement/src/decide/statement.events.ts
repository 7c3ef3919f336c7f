import type { settlement } from '@flotilla/contracts';
import type { Line } from './line.js';

export type StatementEvent =
  | { readonly type: 'StatementReceived'; readonly data: settlement.StatementReceived }
  /** A part of its lines was read and judged; those that are named by no other event of the part wait. */
  | { readonly type: 'LinesTyped'; readonly data: { readonly statementId: string; readonly lines: readonly Line[]; readonly waiting: readonly string[] } }
  | { readonly type: 'LineMatched'; readonly data: settlement.LineMatched }
  | { readonly type: 'LineFlagged'; readonly data: settlement.LineFlagged }
  | { readonly type: 'StatementClosed'; readonly data: settlement.StatementClosed };
