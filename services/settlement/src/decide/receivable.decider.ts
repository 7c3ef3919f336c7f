import type { settlement } from '@flotilla/contracts';
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import { dayOf } from './days.js';
import { mostWaiting, type Cause, type Likely, type Line, type Rate, type Verdict, type Waiting } from './line.js';
import { converted, money, within, type Money } from './money.js';
import type { ReceivableEvent } from './receivable.events.js';

type Rates = Readonly<Record<string, Rate>>;

export type ReceivableCommand =
  | { readonly type: 'Open'; readonly data: Of<ReceivableEvent, 'ReceivableOpened'>['data'] }
  | { readonly type: 'Amend'; readonly data: { readonly orderId: string; readonly total: Money; readonly at: string } }
  | { readonly type: 'Pay'; readonly data: { readonly orderId: string } }
  | { readonly type: 'Cancel'; readonly data: { readonly orderId: string } }
  | { readonly type: 'Refund'; readonly data: { readonly orderId: string; readonly refundId: string; readonly amount: Money; readonly at: string } }
  | { readonly type: 'Ship'; readonly data: { readonly orderId: string; readonly shippedAt: string } }
  /** All lines of one statement about this order, together: several may make up one amount. `rates`: by line, of its day, where it is in another currency. */
  | { readonly type: 'TakeLines'; readonly data: { readonly orderId: string; readonly statementId: string; readonly lines: readonly Line[]; readonly at: string; readonly dueAt: string; readonly rates?: Rates } }
  /** A person says that a flagged line is this order's, as it is: what it leaves open is written off. */
  | { readonly type: 'Accept'; readonly data: { readonly orderId: string; readonly statementId: string; readonly line: Line; readonly by: string; readonly at: string; readonly rates: Rates } }
  /** A person decided about a charge that deviated: that it is another order's, or nothing at all. */
  | { readonly type: 'EndDispute'; readonly data: { readonly orderId: string; readonly lineId: string } }
  /** What is known of the order's invoice; personal values are sealed. */
  | { readonly type: 'RecordInvoice'; readonly data: settlement.InvoiceRecorded }
  /** A refund line waited long enough. */
  | { readonly type: 'GiveUp'; readonly data: { readonly orderId: string; readonly lineId: string } };

interface RefundOwed {
  readonly refundId: string;
  readonly amount: number;
  readonly paid: boolean;
}

/** A line, and what it counts in the order's currency. */
interface Counted {
  readonly statementId: string;
  readonly line: Line;
  readonly amount: number;
  readonly rate?: Rate;
}

export interface Receivable {
  readonly total: Money | null;
  /** Of the total; what a deviation of just as much most likely is about. */
  readonly shipping: number;
  /** Whose key seals what is personal; "" where the order names nobody. */
  readonly subject: string;
  readonly invoice: settlement.VoucherInvoice;
  readonly paid: boolean;
  readonly cancelled: boolean;
  /** "" until the first parcel left. */
  readonly shippedAt: string;
  readonly recognised: boolean;
  readonly refunds: readonly RefundOwed[];
  readonly charged: number;
  /** At which the newest payment in another currency counted: what goes back of it goes back at the same. */
  readonly rate: Rate | null;
  readonly net: number;
  readonly taken: readonly string[];
  readonly waiting: readonly Waiting[];
  /** Charges that deviate: what comes later may explain them. The newest twenty. */
  readonly disputed: readonly Counted[];
  readonly lastStatement: string;
  readonly settled: boolean;
}

const mostDisputed = 20;

const evolve = (state: Receivable, event: ReceivableEvent): Receivable => {
  switch (event.type) {
    case 'ReceivableOpened':
      return { ...state, total: event.data.total, shipping: event.data.shipping?.amount ?? 0, subject: event.data.subject ?? '', paid: state.paid || event.data.paid };
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
      const { line, verdict, refundIds, statementId, counted = line.amount, rate, deducted = false } = event.data;
      const matched = verdict.outcome === 'MATCHED';
      const brings = matched && (line.kind === 'CHARGE' || (deducted && line.amount.amount < 0));
      const net = rate === undefined ? line.net : converted(line.net, rate);
      const others = state.disputed.filter((one) => one.line.lineId !== line.lineId);
      const disputes = verdict.outcome === 'FLAGGED' && verdict.cause === 'AMOUNT_DEVIATION' && line.kind === 'CHARGE';
      return {
        ...state,
        taken: state.taken.includes(line.fingerprint) ? state.taken : [...state.taken, line.fingerprint],
        waiting: state.waiting.filter((one) => one.line.lineId !== line.lineId),
        charged: state.charged + (brings ? counted.amount : 0),
        rate: matched && line.kind === 'CHARGE' && rate ? rate : state.rate,
        net: state.net + (matched ? net.amount : 0),
        refunds: state.refunds.map((refund) => (refundIds.includes(refund.refundId) ? { ...refund, paid: true } : refund)),
        disputed: disputes ? [...others, { statementId, line, amount: counted.amount, ...(rate ? { rate } : {}) }].slice(-mostDisputed) : others,
        lastStatement: matched ? statementId : state.lastStatement,
      };
    }
    case 'LineAwaitsRefund': {
      const { statementId, line, dueAt, rate } = event.data;
      return { ...state, waiting: [...state.waiting, { statementId, line, dueAt, ...(rate ? { rate } : {}) }] };
    }
    case 'DisputeEnded':
      return { ...state, disputed: state.disputed.filter(({ line }) => line.lineId !== event.data.lineId) };
    case 'InvoiceRecorded': {
      const { number, state: invoiceState, title, taxId } = event.data;
      return { ...state, invoice: { number, state: invoiceState, title, taxId } };
    }
    case 'OrderSettled':
      return { ...state, settled: true };
    default:
      return state;
  }
};

/** What the buyers of this order should bring. An order that was called off unpaid brings nothing. */
const expectedOf = ({ total, cancelled, paid }: Receivable): Money => (total === null ? money(0, '') : cancelled && !paid ? money(0, total.currency) : total);

const sumOf = (counted: readonly Counted[]): number => counted.reduce((sum, { amount }) => sum + amount, 0);

interface Taking {
  readonly refundIds?: readonly string[];
  readonly deducted?: boolean;
  readonly later?: boolean;
}

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

  judged({ statementId, line, amount, rate }: Counted, verdict: Exclude<Verdict, { outcome: 'WAITING' }>, { refundIds = [], deducted, later }: Taking = {}): void {
    const { currency } = expectedOf(this.state);
    this.take({
      type: 'LineTaken',
      data: {
        orderId: this.orderId, statementId, line, verdict, refundIds,
        ...(rate ? { counted: money(amount, currency), rate } : {}), ...(deducted === undefined ? {} : { deducted }), ...(later === undefined ? {} : { later }),
      },
    });
  }

  matched(counted: Counted, expected: number, taking?: Taking): void {
    this.judged(counted, { outcome: 'MATCHED', orderId: this.orderId, expected: money(expected, expectedOf(this.state).currency) }, taking);
  }

  flagged(counted: Counted, cause: Cause, expected: Money, likely: Likely = ''): void {
    this.judged(counted, { outcome: 'FLAGGED', orderId: this.orderId, expected, cause, ...(likely === '' ? {} : { likely }) });
  }

  differs(of: 'RECEIVABLE' | 'REFUND', amount: number, by: string, key: string): void {
    if (amount !== 0) this.take({ type: 'DifferenceAccepted', data: { orderId: this.orderId, of, amount: money(amount, expectedOf(this.state).currency), by, key } });
  }

  /** The last thing of every decision: whether what the order should bring has come, and gone back where it had to. */
  settle(at: string, by = 'rule:tolerance'): readonly ReceivableEvent[] {
    const { settled, total, charged, refunds, cancelled, paid, net, lastStatement } = this.state;
    if (settled || total === null || (cancelled && !paid) || !refunds.every((refund) => refund.paid)) return this.events;
    // A person accepts what is beyond the tolerance.
    if (!within(charged, total.amount) && by === 'rule:tolerance') return this.events;
    this.differs('RECEIVABLE', total.amount - charged, by, 'settled');
    this.take({ type: 'OrderSettled', data: { orderId: this.orderId, statementId: lastStatement, net: money(net, total.currency), settledAt: at } });
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

/** What a deviation of a charge is most likely about; the surest sign first. */
const likelyOf = ({ line, amount, rate }: Counted, due: number, { shipping, refunds }: Receivable, others: { readonly fees: number; readonly promotions: number }): Likely => {
  const off = amount - due;
  const refunded = refunds.filter(({ paid }) => !paid).reduce((sum, refund) => sum + refund.amount, 0);
  if (rate && Math.abs(off) * 20 <= Math.abs(due)) return 'FX';
  if (shipping !== 0 && Math.abs(off) === shipping) return 'FREIGHT';
  if (refunded !== 0 && off === -refunded) return 'PARTIAL_REFUND';
  if (others.promotions !== 0 && Math.abs(off) === Math.abs(others.promotions)) return 'PROMOTION';
  const fee = line.fee.amount === 0 ? others.fees : line.fee.amount;
  if (fee !== 0 && Math.abs(off) === Math.abs(fee)) return 'FEE_CHANGED';
  if (off > 0) return 'OVERPAID';
  // A tenth and more is no fee: something is not there.
  return -off * 10 >= Math.abs(due) ? 'MISSING_LINE' : 'FEE_CHANGED';
};

const charges = (course: Course, lines: readonly Counted[], promotions: readonly Counted[], fees: readonly Counted[]): void => {
  const expected = expectedOf(course.state).amount;
  const { charged, disputed } = course.state;
  const [together, given, earlier] = [sumOf(lines), sumOf(promotions), sumOf(disputed)];
  const fits = (sum: number): boolean => within(charged + sum, expected);
  const all = (deducted: boolean, explained: readonly Counted[]): void => {
    for (const one of [...explained, ...lines]) course.matched(one, lines.length + explained.length === 1 ? expected - charged - (deducted ? given : 0) : one.amount, explained.includes(one) ? { later: true } : {});
    for (const one of promotions) course.matched(one, one.amount, { deducted });
  };
  // Told net of the promotion, or before it: which of the two the order's total is shows in the sum.
  if (lines.length > 0 && fits(together)) return all(false, []);
  if (lines.length > 0 && promotions.length > 0 && fits(together + given)) return all(true, []);
  // Paid in parts: what deviated before and this make up the amount together.
  if (lines.length > 0 && disputed.length > 0 && fits(earlier + together)) return all(false, disputed);
  if (lines.length > 0 && disputed.length > 0 && fits(earlier + together + given)) return all(true, disputed);
  for (const one of lines) {
    const due = expected - course.state.charged;
    if (within(course.state.charged + one.amount, expected)) course.matched(one, due);
    else course.flagged(one, 'AMOUNT_DEVIATION', money(due, expectedOf(course.state).currency), likelyOf(one, due, course.state, { fees: sumOf(fees), promotions: given }));
  }
  for (const one of promotions) course.matched(one, one.amount);
};

/** Which open refunds an amount pays: one of it, or all of them at once; none if it does not fit. */
const refundsPaidBy = (amount: number, refunds: readonly RefundOwed[]): readonly RefundOwed[] => {
  const open = refunds.filter(({ paid }) => !paid);
  const one = open.find((refund) => within(-amount, refund.amount));
  if (one) return [one];
  const sum = open.reduce((all, refund) => all + refund.amount, 0);
  return open.length > 1 && within(-amount, sum) ? open : [];
};

/** Refund lines and the promotions that came back with them. `known`: they wait already. */
const refundLines = (course: Course, orderId: string, lines: readonly Counted[], known: boolean, dueAt: string): void => {
  const [back, promotions] = [lines.filter(({ line }) => line.kind === 'REFUND'), lines.filter(({ line }) => line.kind === 'PROMOTION')];
  const pay = (paying: readonly Counted[], deducted: boolean): boolean => {
    const sum = sumOf(paying);
    const paid = refundsPaidBy(sum, course.state.refunds);
    if (paid.length === 0) return false;
    const owed = paid.reduce((all, { amount }) => all + amount, 0);
    const refundIds = paid.map(({ refundId }) => refundId);
    for (const [n, one] of paying.entries()) course.matched(one, paying.length === 1 ? -owed : one.amount, { refundIds: n === 0 ? refundIds : [], ...(one.line.kind === 'PROMOTION' ? { deducted } : {}) });
    course.differs('REFUND', owed + sum, 'rule:tolerance', paying[0]?.line.lineId ?? '');
    return true;
  };
  if (back.length === 0) {
    for (const one of promotions) course.matched(one, one.amount);
    return;
  }
  if (back.length > 1 || promotions.length > 0) {
    if (promotions.length > 0 && pay([...back, ...promotions], true)) return;
    if (back.length > 1 && pay(back, false)) {
      for (const one of promotions) course.matched(one, one.amount);
      return;
    }
  }
  const waiting = back.filter((one) => !pay([one], false));
  if (waiting.length === 0) for (const one of promotions) course.matched(one, one.amount);
  else if (!known) for (const one of [...waiting, ...promotions]) awaitRefund(course, orderId, one, dueAt);
};

const awaitRefund = (course: Course, orderId: string, one: Counted, dueAt: string): void => {
  const { statementId, line, rate } = one;
  if (course.state.waiting.length < mostWaiting) course.take({ type: 'LineAwaitsRefund', data: { statementId, line, dueAt, orderId, ...(rate ? { rate } : {}) } });
  else course.flagged(one, 'AMOUNT_DEVIATION', money(0, expectedOf(course.state).currency));
};

/** Undefined where it is in another currency and has no rate. */
const count = (statementId: string, line: Line, currency: string, rate: Rate | undefined): Counted | undefined => {
  if (line.amount.currency === currency) return { statementId, line, amount: line.amount.amount };
  return rate && { statementId, line, amount: converted(line.amount, rate).amount, rate };
};

const goesBack = ({ kind, amount }: Line): boolean => kind === 'REFUND' || (kind === 'PROMOTION' && amount.amount >= 0);

/** Which rate a line counts at: its payment's for what goes back of that, else its own. */
const rateFor = (line: Line, own: Rate | undefined, { rate }: Receivable): Rate | undefined => (goesBack(line) && rate?.from === line.amount.currency ? rate : own);

const takeLines = ({ data }: Of<ReceivableCommand, 'TakeLines'>, state: Receivable): readonly ReceivableEvent[] => {
  const { orderId, statementId, lines, at, dueAt, rates = {} } = data;
  const course = new Course(state, orderId);
  const seen = new Set([...state.taken, ...state.waiting.map(({ line }) => line.fingerprint)]);
  const expected = expectedOf(state);
  const counting = (some: readonly Line[]): readonly Counted[] =>
    some.flatMap((line) => {
      const told = seen.has(line.fingerprint);
      seen.add(line.fingerprint);
      const counted = told ? undefined : count(statementId, line, expected.currency, rateFor(line, rates[line.lineId], course.state));
      // No rate of that day: never one to one, and never guessed.
      if (!counted) course.flagged({ statementId, line, amount: line.amount.amount }, told ? 'DUPLICATE' : 'CURRENCY', expected);
      return counted ?? [];
    });
  const fresh = counting(lines.filter((line) => !goesBack(line)));
  const of = (kind: Line['kind']): readonly Counted[] => fresh.filter(({ line }) => line.kind === kind);
  charges(course, of('CHARGE'), of('PROMOTION'), of('FEE'));
  // What a settled order owes is nothing, and stays it: what comes after that, within the tolerance, stands against nothing.
  if (state.settled) course.differs('RECEIVABLE', state.charged - course.state.charged, 'rule:tolerance', of('CHARGE')[0]?.line.lineId ?? '');
  refundLines(course, orderId, counting(lines.filter(goesBack)), false, dueAt);
  for (const one of of('FEE')) course.matched(one, one.amount);
  return course.settle(at);
};

const accept = ({ data: { orderId, statementId, line, by, at, rates } }: Of<ReceivableCommand, 'Accept'>, state: Receivable): readonly ReceivableEvent[] => {
  if (state.total === null) throw new Refused('NOT_FOUND', `settlement knows no order ${orderId}`);
  const course = new Course(state, orderId);
  const counted = count(statementId, line, state.total.currency, rateFor(line, rates[line.lineId], state));
  if (!counted) throw new Refused('NO_FX_RATE', `there is no rate from ${line.amount.currency} to ${state.total.currency} for ${dayOf(line.occurredAt)}; import it with FxRates/Import`);
  const open = state.refunds.filter(({ paid }) => !paid);
  const refundIds = line.kind === 'REFUND' ? open.map(({ refundId }) => refundId) : [];
  course.matched(counted, counted.amount, { later: true, refundIds });
  if (line.kind === 'REFUND') course.differs('REFUND', open.reduce((sum, { amount }) => sum + amount, 0) + counted.amount, by, line.lineId);
  if (line.kind !== 'CHARGE') return course.settle(at);
  // Paid again after it was settled: what is too much stands against nothing.
  if (state.settled) course.differs('RECEIVABLE', -counted.amount, by, line.lineId);
  return course.settle(at, by);
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
  const { currency } = expectedOf(state);
  for (const [statementId, waiting] of Map.groupBy(state.waiting, (one) => one.statementId)) {
    // Those of another currency that were set to wait before their rate was kept are for a person, when they have waited in vain.
    const lines = waiting.flatMap(({ line, rate }) => count(statementId, line, currency, rateFor(line, rate, state)) ?? []);
    refundLines(course, data.orderId, lines, true, '');
  }
  return course.settle(at);
};

const recordInvoice = ({ data }: Of<ReceivableCommand, 'RecordInvoice'>, { total, invoice }: Receivable): readonly ReceivableEvent[] => {
  if (total === null) throw new Refused('NOT_FOUND', `settlement knows no order ${data.orderId}`);
  const same = invoice.number === data.number && invoice.state === data.state && invoice.title === data.title && invoice.taxId === data.taxId;
  return same ? [] : [{ type: 'InvoiceRecorded', data }];
};

const giveUp = ({ data: { orderId, lineId } }: Of<ReceivableCommand, 'GiveUp'>, state: Receivable): readonly ReceivableEvent[] => {
  const waiting = state.waiting.find(({ line }) => line.lineId === lineId);
  if (!waiting) return [];
  const course = new Course(state, orderId);
  const owed = state.refunds.filter(({ paid }) => !paid).reduce((sum, { amount }) => sum + amount, 0);
  const { currency } = expectedOf(state);
  const counted = count(waiting.statementId, waiting.line, currency, rateFor(waiting.line, waiting.rate, state)) ?? { ...waiting, amount: waiting.line.amount.amount };
  course.flagged(counted, 'AMOUNT_DEVIATION', money(owed === 0 ? 0 : -owed, currency), owed === 0 ? '' : 'PARTIAL_REFUND');
  return course.events;
};

/** What one order should bring, and what has come. Statement lines are judged here, so that no two statements can take the same money. */
export const receivable: Decider<Receivable, ReceivableCommand, ReceivableEvent> = {
  category: 'receivable',
  initial: { total: null, shipping: 0, subject: '', invoice: { number: '', state: '', title: '', taxId: '' }, paid: false, cancelled: false, shippedAt: '', recognised: false, refunds: [], charged: 0, rate: null, net: 0, taken: [], waiting: [], disputed: [], lastStatement: '', settled: false },
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
      case 'Accept':
        return accept(command, state);
      case 'EndDispute':
        return state.disputed.some(({ line }) => line.lineId === command.data.lineId) ? [{ type: 'DisputeEnded', data: command.data }] : [];
      case 'RecordInvoice':
        return recordInvoice(command, state);
      case 'GiveUp':
        return giveUp(command, state);
      default:
        return unreachable(command);
    }
  },
};
