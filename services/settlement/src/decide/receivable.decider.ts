import { unreachable, type Decider, type Of } from '@flotilla/decider';
import type { Cause, Line, Verdict, Waiting } from './line.js';
import { money, within, type Money } from './money.js';
import type { ReceivableEvent } from './receivable.events.js';

export type ReceivableCommand =
  | { readonly type: 'Open'; readonly data: Of<ReceivableEvent, 'ReceivableOpened'>['data'] }
  | { readonly type: 'Amend'; readonly data: { readonly orderId: string; readonly total: Money; readonly at: string } }
  | { readonly type: 'Pay'; readonly data: { readonly orderId: string } }
  | { readonly type: 'Cancel'; readonly data: { readonly orderId: string } }
  | { readonly type: 'Refund'; readonly data: { readonly orderId: string; readonly refundId: string; readonly amount: Money; readonly at: string } }
  | { readonly type: 'Ship'; readonly data: { readonly orderId: string; readonly shippedAt: string } }
  /** All lines of one statement about this order, together: several may make up one amount. */
  | { readonly type: 'TakeLines'; readonly data: { readonly orderId: string; readonly statementId: string; readonly lines: readonly Line[]; readonly at: string; readonly dueAt: string } }
  /** A refund line waited long enough. */
  | { readonly type: 'GiveUp'; readonly data: { readonly orderId: string; readonly lineId: string } };

interface RefundOwed {
  readonly refundId: string;
  readonly amount: number;
  readonly paid: boolean;
}

export interface Receivable {
  readonly total: Money | null;
  readonly paid: boolean;
  readonly cancelled: boolean;
  /** "" until the first parcel left. */
  readonly shippedAt: string;
  readonly recognised: boolean;
  readonly refunds: readonly RefundOwed[];
  readonly charged: number;
  readonly net: number;
  readonly taken: readonly string[];
  readonly waiting: readonly Waiting[];
  readonly lastStatement: string;
  readonly settled: boolean;
}

const evolve = (state: Receivable, event: ReceivableEvent): Receivable => {
  switch (event.type) {
    case 'ReceivableOpened':
      return { ...state, total: event.data.total, paid: state.paid || event.data.paid };
    case 'ReceivableAmended':
      return { ...state, total: event.data.total };
    case 'ReceivablePaid':
      return { ...state, paid: true };
    case 'ReceivableCancelled':
      return { ...state, cancelled: true };
    case 'ReceivableRefunded':
      return { ...state, refunds: [...state.refunds, { refundId: event.data.refundId, amount: event.data.amount.amount, paid: false }] };
    case 'ShipmentRemembered':
      return { ...state, shippedAt: event.data.shippedAt };
    case 'ReceivableShipped':
      return { ...state, shippedAt: event.data.shippedAt, recognised: true };
    case 'LineTaken': {
      const { line, verdict, refundIds, statementId } = event.data;
      const matched = verdict.outcome === 'MATCHED';
      return {
        ...state,
        taken: state.taken.includes(line.fingerprint) ? state.taken : [...state.taken, line.fingerprint],
        waiting: state.waiting.filter((one) => one.line.lineId !== line.lineId),
        charged: state.charged + (matched && line.kind === 'CHARGE' ? line.amount.amount : 0),
        net: state.net + (matched ? line.net.amount : 0),
        refunds: state.refunds.map((refund) => (refundIds.includes(refund.refundId) ? { ...refund, paid: true } : refund)),
        lastStatement: matched ? statementId : state.lastStatement,
      };
    }
    case 'LineAwaitsRefund': {
      const { statementId, line, dueAt } = event.data;
      return { ...state, waiting: [...state.waiting, { statementId, line, dueAt }] };
    }
    case 'OrderSettled':
      return { ...state, settled: true };
    default:
      return state;
  }
};

/** What the buyers of this order should bring. An order that was called off unpaid brings nothing. */
const expectedOf = ({ total, cancelled, paid }: Receivable): Money => (total === null ? money(0, '') : cancelled && !paid ? money(0, total.currency) : total);

/** Decides several things after one another, each upon what the one before it left. */
class Course {
  readonly events: ReceivableEvent[] = [];
  constructor(
    public state: Receivable,
    private readonly orderId: string,
  ) {}

  take(event: ReceivableEvent): void {
    this.events.push(event);
    this.state = evolve(this.state, event);
  }

  judged(waiting: { readonly statementId: string; readonly line: Line }, verdict: Exclude<Verdict, { outcome: 'WAITING' }>, refundIds: readonly string[] = []): void {
    this.take({ type: 'LineTaken', data: { orderId: this.orderId, statementId: waiting.statementId, line: waiting.line, verdict, refundIds } });
  }

  flagged(waiting: { readonly statementId: string; readonly line: Line }, cause: Cause, expected: Money): void {
    this.judged(waiting, { outcome: 'FLAGGED', orderId: this.orderId, expected, cause });
  }

  /** The last thing of every decision: whether what the order should bring has come, and gone back where it had to. */
  settle(at: string): readonly ReceivableEvent[] {
    const { settled, total, charged, refunds, cancelled, paid, net, lastStatement } = this.state;
    if (!settled && total !== null && !(cancelled && !paid) && within(charged, total.amount) && refunds.every((refund) => refund.paid)) {
      this.take({ type: 'OrderSettled', data: { orderId: this.orderId, statementId: lastStatement, net: money(net, total.currency), settledAt: at } });
    }
    return this.events;
  }
}

const ship = (course: Course, orderId: string, shippedAt: string): void => {
  const { total, refunds, recognised } = course.state;
  if (recognised || total === null) return;
  // What was refunded before the parcel left is not earned.
  const amount = Math.max(0, total.amount - refunds.reduce((sum, refund) => sum + refund.amount, 0));
  course.take({ type: 'ReceivableShipped', data: { orderId, amount: money(amount, total.currency), shippedAt } });
};

const chargeLines = (course: Course, orderId: string, statementId: string, lines: readonly Line[]): void => {
  const expected = expectedOf(course.state);
  const rest = (): number => expected.amount - course.state.charged;
  const together = lines.reduce((sum, { amount }) => sum + amount.amount, 0);
  // Several lines that make up the amount only together: a payment in parts.
  const whole = within(course.state.charged + together, expected.amount);
  for (const line of lines) {
    const others = whole ? together - line.amount.amount : 0;
    const due = money(rest() - others, expected.currency);
    if (whole || within(line.amount.amount + course.state.charged, expected.amount)) course.judged({ statementId, line }, { outcome: 'MATCHED', orderId, expected: whole && lines.length > 1 ? line.amount : due });
    else course.flagged({ statementId, line }, 'AMOUNT_DEVIATION', due);
  }
};

/** Which open refunds a line pays: one of its amount, or all of them at once; none if it does not fit. */
const refundsPaidBy = (line: Line, refunds: readonly RefundOwed[]): readonly RefundOwed[] => {
  const open = refunds.filter(({ paid }) => !paid);
  const one = open.find(({ amount }) => within(-line.amount.amount, amount));
  if (one) return [one];
  const sum = open.reduce((all, { amount }) => all + amount, 0);
  return open.length > 1 && within(-line.amount.amount, sum) ? open : [];
};

const refundLine = (course: Course, orderId: string, waiting: Waiting, known: boolean): void => {
  const paid = refundsPaidBy(waiting.line, course.state.refunds);
  const currency = expectedOf(course.state).currency;
  const expected = -paid.reduce((sum, { amount }) => sum + amount, 0);
  if (paid.length > 0) course.judged(waiting, { outcome: 'MATCHED', orderId, expected: money(expected, currency) }, paid.map(({ refundId }) => refundId));
  else if (!known) course.take({ type: 'LineAwaitsRefund', data: { ...waiting, orderId } });
};

const takeLines = ({ data }: Of<ReceivableCommand, 'TakeLines'>, state: Receivable): readonly ReceivableEvent[] => {
  const { orderId, statementId, lines, at, dueAt } = data;
  const course = new Course(state, orderId);
  const fresh: Line[] = [];
  const seen = new Set([...state.taken, ...state.waiting.map(({ line }) => line.fingerprint)]);
  const expected = expectedOf(state);
  for (const line of lines) {
    if (seen.has(line.fingerprint)) course.flagged({ statementId, line }, 'DUPLICATE', expected);
    else if (line.amount.currency !== expected.currency) course.flagged({ statementId, line }, 'CURRENCY', expected);
    else fresh.push(line);
    seen.add(line.fingerprint);
  }
  chargeLines(course, orderId, statementId, fresh.filter(({ kind }) => kind === 'CHARGE'));
  for (const line of fresh.filter(({ kind }) => kind === 'REFUND')) refundLine(course, orderId, { statementId, line, dueAt }, false);
  return course.settle(at);
};

const open = ({ data }: Of<ReceivableCommand, 'Open'>, state: Receivable): readonly ReceivableEvent[] => {
  if (state.total !== null) return [];
  const course = new Course(state, data.orderId);
  course.take({ type: 'ReceivableOpened', data });
  if (state.shippedAt !== '') ship(course, data.orderId, state.shippedAt);
  // Nothing to bring: no statement will ever name it.
  return data.total.amount === 0 ? course.settle(data.placedAt) : course.events;
};

const refund = ({ data: { at, ...data } }: Of<ReceivableCommand, 'Refund'>, state: Receivable): readonly ReceivableEvent[] => {
  if (state.refunds.some(({ refundId }) => refundId === data.refundId)) return [];
  const course = new Course(state, data.orderId);
  course.take({ type: 'ReceivableRefunded', data: { ...data, afterShipping: state.recognised } });
  for (const waiting of state.waiting) refundLine(course, data.orderId, waiting, true);
  return course.settle(at);
};

const giveUp = ({ data: { orderId, lineId } }: Of<ReceivableCommand, 'GiveUp'>, state: Receivable): readonly ReceivableEvent[] => {
  const waiting = state.waiting.find(({ line }) => line.lineId === lineId);
  if (!waiting) return [];
  const course = new Course(state, orderId);
  const owed = state.refunds.filter(({ paid }) => !paid).reduce((sum, { amount }) => sum + amount, 0);
  course.flagged(waiting, 'AMOUNT_DEVIATION', money(owed === 0 ? 0 : -owed, expectedOf(state).currency));
  return course.events;
};

/** What one order should bring, and what has come. Statement lines are judged here, so that no two statements can take the same money. */
export const receivable: Decider<Receivable, ReceivableCommand, ReceivableEvent> = {
  category: 'receivable',
  initial: { total: null, paid: false, cancelled: false, shippedAt: '', recognised: false, refunds: [], charged: 0, net: 0, taken: [], waiting: [], lastStatement: '', settled: false },
  evolve,
  decide: (command, state) => {
    switch (command.type) {
      case 'Open':
        return open(command, state);
      case 'Amend': {
        const { orderId, total, at } = command.data;
        if (state.total === null || (state.total.amount === total.amount && state.total.currency === total.currency)) return [];
        const course = new Course(state, orderId);
        course.take({ type: 'ReceivableAmended', data: { orderId, total } });
        return state.charged === 0 ? course.events : course.settle(at);
      }
      case 'Pay':
        return state.paid ? [] : [{ type: 'ReceivablePaid', data: command.data }];
      case 'Cancel':
        return state.cancelled ? [] : [{ type: 'ReceivableCancelled', data: command.data }];
      case 'Refund':
        return refund(command, state);
      case 'Ship': {
        if (state.shippedAt !== '') return [];
        if (state.total === null) return [{ type: 'ShipmentRemembered', data: command.data }];
        const course = new Course(state, command.data.orderId);
        ship(course, command.data.orderId, command.data.shippedAt);
        return course.events;
      }
      case 'TakeLines':
        return takeLines(command, state);
      case 'GiveUp':
        return giveUp(command, state);
      default:
        return unreachable(command);
    }
  },
};
