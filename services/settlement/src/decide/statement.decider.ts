import type { settlement } from '@flotilla/contracts';
import { unreachable, type Decider, type Of } from '@flotilla/decider';
import type { Line, Verdict } from './line.js';
import type { StatementEvent } from './statement.events.js';

type Judged = { readonly line: Line; readonly verdict: Verdict };

export type StatementCommand =
  | { readonly type: 'Receive'; readonly data: settlement.StatementReceived }
  /** The lines from number `from` on, in the order in which the file's groups are worked off. */
  | { readonly type: 'Settle'; readonly data: { readonly statementId: string; readonly from: number; readonly judged: readonly Judged[]; readonly at: string } }
  /** A line that waited was judged. */
  | { readonly type: 'SettleWaiting'; readonly data: { readonly statementId: string; readonly judged: Judged; readonly at: string } };

export interface Statement {
  readonly status: 'none' | 'received' | 'matched' | 'closed';
  readonly lines: number;
  /** How many of them were worked off. */
  readonly done: number;
  readonly matched: number;
  readonly flagged: number;
}

const evolve = (state: Statement, event: StatementEvent): Statement => {
  switch (event.type) {
    case 'StatementReceived':
      return { ...state, status: 'received', lines: event.data.lines };
    case 'LinesTyped': {
      const done = state.done + event.data.lines.length;
      return { ...state, done, status: done === state.lines ? 'matched' : state.status };
    }
    case 'LineMatched':
      return { ...state, matched: state.matched + 1 };
    case 'LineFlagged':
      return { ...state, flagged: state.flagged + 1 };
    case 'StatementClosed':
      return { ...state, status: 'closed' };
    default:
      return state;
  }
};

const said = (statementId: string, { line, verdict }: Judged): readonly StatementEvent[] => {
  const { lineId, kind, amount, fee, net } = line;
  switch (verdict.outcome) {
    case 'MATCHED':
      return [{ type: 'LineMatched', data: { statementId, lineId, orderId: verdict.orderId, kind, amount, fee, net, expected: verdict.expected } }];
    case 'FLAGGED':
      return [{ type: 'LineFlagged', data: { statementId, lineId, orderId: verdict.orderId, cause: verdict.cause, amount, expected: verdict.expected } }];
    case 'WAITING':
      return [];
  }
};

const closing = (statementId: string, state: Statement, events: readonly StatementEvent[], at: string): readonly StatementEvent[] => {
  const { status, lines, matched, flagged } = events.reduce(evolve, state);
  return status === 'matched' && matched + flagged === lines ? [...events, { type: 'StatementClosed', data: { statementId, matched, flagged, unmatched: 0, closedAt: at } }] : events;
};

const settle = ({ data: { statementId, from, judged, at } }: Of<StatementCommand, 'Settle'>, state: Statement): readonly StatementEvent[] => {
  if (state.status !== 'received' || from !== state.done) return [];
  const waiting = judged.flatMap(({ line, verdict }) => (verdict.outcome === 'WAITING' ? [line.lineId] : []));
  const typed: StatementEvent = { type: 'LinesTyped', data: { statementId, lines: judged.map(({ line }) => line), waiting } };
  return closing(statementId, state, [typed, ...judged.flatMap((one) => said(statementId, one))], at);
};

/** A file of a platform: received, its lines typed and judged, closed when none waits any more. */
export const statement: Decider<Statement, StatementCommand, StatementEvent> = {
  category: 'statement',
  initial: { status: 'none', lines: 0, done: 0, matched: 0, flagged: 0 },
  evolve,
  decide: (command, state) => {
    switch (command.type) {
      case 'Receive':
        return state.status === 'none' ? [{ type: 'StatementReceived', data: command.data }] : [];
      case 'Settle':
        return settle(command, state);
      case 'SettleWaiting':
        return closing(command.data.statementId, state, said(command.data.statementId, command.data.judged), command.data.at);
      default:
        return unreachable(command);
    }
  },
};
