import type { settlement } from '@flotilla/contracts';
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import type { Line, Verdict } from './line.js';
import type { Fault, StatementEvent } from './statement.events.js';

type Judged = {
  readonly line: Line;
  readonly verdict: Verdict;
  /** What of the line is whose, where it is about several orders. */
  readonly shares?: readonly settlement.LineShare[];
};

export type StatementCommand =
  | { readonly type: 'Receive'; readonly data: settlement.StatementReceived }
  /** What stands in the file from its `from`-th line or fault on. */
  | { readonly type: 'Read'; readonly data: { readonly statementId: string; readonly from: number; readonly lines: readonly Line[]; readonly faults: readonly Fault[] } }
  | { readonly type: 'Parse'; readonly data: settlement.StatementParsed }
  /** The lines from number `from` on, in the order in which the groups are worked off. */
  | { readonly type: 'Settle'; readonly data: { readonly statementId: string; readonly from: number; readonly judged: readonly Judged[]; readonly at: string } }
  /** A line that waited was judged, or one that was flagged is explained by what came later. */
  | { readonly type: 'SettleWaiting'; readonly data: { readonly statementId: string; readonly judged: Judged; readonly at: string } }
  /** A person, or what came later, decided about a flagged line. */
  | { readonly type: 'Resolve'; readonly data: settlement.LineResolved }
  | { readonly type: 'Review'; readonly data: { readonly statementId: string; readonly by: string; readonly reason: string; readonly at: string } }
  | { readonly type: 'Close'; readonly data: { readonly statementId: string; readonly at: string } };

export interface Statement {
  readonly status: 'none' | 'received' | 'parsed' | 'matched' | 'reviewed' | 'closed';
  /** How many lines and faults were read. */
  readonly read: number;
  readonly lines: number;
  /** How many lines were worked off: judged, or set to wait. */
  readonly done: number;
  readonly matched: number;
  readonly flagged: number;
  /** Of the flagged ones. */
  readonly resolved: number;
  readonly faults: number;
  /** What the file says of itself and its rows do not. */
  readonly deviations: number;
}

const evolve = (state: Statement, event: StatementEvent): Statement => {
  switch (event.type) {
    case 'StatementReceived':
      return { ...state, status: 'received', lines: event.data.lines };
    case 'LinesRead':
      return { ...state, read: state.read + event.data.lines.length + event.data.faults.length };
    case 'StatementParsed':
      return { ...state, status: 'parsed', lines: event.data.lines, faults: event.data.faults, deviations: event.data.checks.filter(({ said, found }) => said !== found).length };
    case 'LinesJudged':
      return { ...state, done: state.done + event.data.count };
    case 'LinesTyped': {
      const done = state.done + event.data.lines.length;
      return { ...state, read: state.read + event.data.lines.length, done, status: done === state.lines ? 'parsed' : state.status };
    }
    case 'LineMatched':
      return { ...state, matched: state.matched + 1 };
    case 'LineFlagged':
      return { ...state, flagged: state.flagged + 1 };
    case 'LineResolved':
      return { ...state, resolved: state.resolved + 1 };
    case 'StatementMatched':
      return { ...state, status: 'matched' };
    case 'StatementReviewed':
      return { ...state, status: 'reviewed' };
    case 'StatementClosed':
      return { ...state, status: 'closed' };
    default:
      return state;
  }
};

const said = (statementId: string, { line, verdict, shares = [] }: Judged): readonly StatementEvent[] => {
  const { lineId, kind, amount, fee, net } = line;
  switch (verdict.outcome) {
    case 'MATCHED':
      return [{ type: 'LineMatched', data: { statementId, lineId, orderId: verdict.orderId, kind, amount, fee, net, expected: verdict.expected, shares } }];
    case 'FLAGGED':
      return [{ type: 'LineFlagged', data: { statementId, lineId, orderId: verdict.orderId, cause: verdict.cause, likely: verdict.likely ?? '', amount, expected: verdict.expected } }];
    case 'WAITING':
      return [];
  }
};

/** Adds what follows by itself: matched when no line waits; reviewed and closed at once where there is nothing to look at. */
const onwards = (statementId: string, state: Statement, events: readonly StatementEvent[], at: string): readonly StatementEvent[] => {
  const now = events.reduce(evolve, state);
  const { status, lines, done, matched, flagged, resolved, faults, deviations } = now;
  if (status !== 'parsed' || done < lines || matched + flagged < lines) return events;
  const told: StatementEvent[] = [...events, { type: 'StatementMatched', data: { statementId, matched, flagged, matchedAt: at } }];
  if (flagged > resolved || faults > 0 || deviations > 0) return told;
  return [...told, { type: 'StatementReviewed', data: { statementId, by: 'rule:nothing-to-look-at', reason: '', reviewedAt: at } }, closed(statementId, now, at)];
};

const closed = (statementId: string, { matched, flagged }: Statement, closedAt: string): StatementEvent => ({ type: 'StatementClosed', data: { statementId, matched, flagged, unmatched: 0, closedAt } });

const settle = ({ data: { statementId, from, judged, at } }: Of<StatementCommand, 'Settle'>, state: Statement): readonly StatementEvent[] => {
  if (state.status !== 'parsed' || from !== state.done) return [];
  const waiting = judged.flatMap(({ line, verdict }) => (verdict.outcome === 'WAITING' ? [line.lineId] : []));
  const part: StatementEvent = { type: 'LinesJudged', data: { statementId, count: judged.length, waiting } };
  return onwards(statementId, state, [part, ...judged.flatMap((one) => said(statementId, one))], at);
};

const review = ({ data: { statementId, by, reason, at } }: Of<StatementCommand, 'Review'>, state: Statement): readonly StatementEvent[] => {
  switch (state.status) {
    case 'none':
      throw new Refused('NOT_FOUND', `there is no statement ${statementId}`);
    case 'received':
    case 'parsed':
      throw new Refused('STATEMENT_NOT_MATCHED', `the statement is ${state.status}: ${state.lines - state.matched - state.flagged} of its lines are not judged yet`);
    case 'matched':
      if (state.flagged > state.resolved) throw new Refused('STATEMENT_HAS_OPEN_LINES', `${state.flagged - state.resolved} flagged lines are open; accept or dismiss them with Worklist/Resolve`);
      return [{ type: 'StatementReviewed', data: { statementId, by, reason, reviewedAt: at } }];
    case 'reviewed':
    case 'closed':
      return [];
  }
};

const close = ({ data: { statementId, at } }: Of<StatementCommand, 'Close'>, state: Statement): readonly StatementEvent[] => {
  switch (state.status) {
    case 'none':
      throw new Refused('NOT_FOUND', `there is no statement ${statementId}`);
    case 'received':
    case 'parsed':
    case 'matched':
      throw new Refused('STATEMENT_NOT_REVIEWED', `the statement is ${state.status}; it is closed after it was reviewed`);
    case 'reviewed':
      return [closed(statementId, state, at)];
    case 'closed':
      return [];
  }
};

/** A file of a platform: received, read, its lines judged, reviewed by a person where there is something to look at, closed. */
export const statement: Decider<Statement, StatementCommand, StatementEvent> = {
  category: 'statement',
  initial: { status: 'none', read: 0, lines: 0, done: 0, matched: 0, flagged: 0, resolved: 0, faults: 0, deviations: 0 },
  evolve,
  decide: (command, state) => {
    switch (command.type) {
      case 'Receive':
        return state.status === 'none' ? [{ type: 'StatementReceived', data: command.data }] : [];
      case 'Read': {
        const { from, lines, faults, statementId } = command.data;
        return state.status === 'received' && from === state.read ? [{ type: 'LinesRead', data: { statementId, from, lines, faults } }] : [];
      }
      case 'Parse':
        return state.status === 'received' ? onwards(command.data.statementId, state, [{ type: 'StatementParsed', data: command.data }], command.data.parsedAt) : [];
      case 'Settle':
        return settle(command, state);
      case 'SettleWaiting':
        return onwards(command.data.statementId, state, said(command.data.statementId, command.data.judged), command.data.at);
      case 'Resolve':
        return state.flagged > state.resolved ? [{ type: 'LineResolved', data: command.data }] : [];
      case 'Review':
        return review(command, state);
      case 'Close':
        return close(command, state);
      default:
        return unreachable(command);
    }
  },
};
