import type { Unit } from '@flotilla/event-store';
import type { settlement } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { split, uuidv5 } from '@flotilla/values';
import { dayOf } from '../decide/days.js';
import { fx, pairId, rateOn } from '../decide/fx.decider.js';
import { mostWaiting, type Line, type LineKind, type Rate, type Verdict, type Waiting } from '../decide/line.js';
import { money, within } from '../decide/money.js';
import { numbersOf, referenceId } from '../decide/numbers.js';
import { receivable, type ReceivableCommand } from '../decide/receivable.decider.js';
import { reference } from '../decide/reference.decider.js';
import { resolution, type Action } from '../decide/resolution.decider.js';
import { statement } from '../decide/statement.decider.js';
import { voucher } from '../decide/voucher.decider.js';
import { bookedVoucher, differenceVoucher, lineVoucher, lineVoucherId, noInvoice, refundVoucher, shippedVoucher, type Voucher } from '../decide/vouchers.js';

// | the receivable says   | the ledger gets                        | the statement says            |
// | ReceivableShipped     | SHIPPED                                | –                             |
// | ReceivableRefunded    | REFUND                                 | –                             |
// | LineTaken, matched    | PAYOUT, REFUND, FEE, PROMOTION         | LineMatched, or LineResolved  |
// | LineTaken, flagged    | nothing until a person decides         | LineFlagged                   |
// | LineAwaitsRefund      | –                                      | nothing: the line waits       |
// | DifferenceAccepted    | DIFFERENCE                             | –                             |
// All in one unit: no voucher without its line, no line without its order's consent.

const ofOrders: ReadonlySet<LineKind> = new Set(['CHARGE', 'REFUND', 'FEE', 'PROMOTION']);

interface Judged {
  readonly statementId: string;
  readonly line: Line;
  readonly verdict: Verdict;
  /** It was flagged before. */
  readonly later?: boolean;
  readonly shares?: readonly settlement.LineShare[];
}

/** The rates at which lines of another currency than the order's count, each of its own day. */
const ratesFor = (unit: Unit, orderId: string, lines: readonly Line[]): Readonly<Record<string, Rate>> => {
  const to = unit.state(receivable, orderId).total?.currency ?? '';
  return Object.fromEntries(
    lines.flatMap((line) => {
      const from = line.amount.currency;
      const rate = to === '' || from === to ? undefined : rateOn(unit.state(fx, pairId(from, to)), from, to, dayOf(line.occurredAt));
      return rate ? [[line.lineId, rate]] : [];
    }),
  );
};

/** Runs a command of a receivable and posts what follows from it. Returns what became of lines. */
const ask = (unit: Unit, orderId: string, command: ReceivableCommand, at: string): readonly Judged[] => {
  const judged: Judged[] = [];
  for (const event of unit.run(receivable, orderId, command)) {
    switch (event.type) {
      case 'ReceivableShipped':
        post(unit, shippedVoucher(orderId, event.data.amount, at));
        break;
      case 'ReceivableRefunded':
        post(unit, refundVoucher(orderId, event.data.refundId, event.data.amount, event.data.afterShipping, at));
        break;
      case 'LineTaken': {
        const { statementId, line, verdict, later = false, deducted, rate } = event.data;
        judged.push({ statementId, line, verdict, later });
        const posted = verdict.outcome === 'MATCHED' ? lineVoucher(orderId, line, at, { deducted, rate }) : undefined;
        if (posted) post(unit, posted);
        break;
      }
      case 'LineAwaitsRefund':
        judged.push({ statementId: event.data.statementId, line: event.data.line, verdict: { outcome: 'WAITING' } });
        break;
      case 'DifferenceAccepted':
        post(unit, differenceVoucher(orderId, event.data.of, event.data.amount, event.data.key, at));
        break;
      default:
    }
  }
  return judged;
};

const post = (unit: Unit, posted: Voucher): void => {
  const invoice = posted.orderId === '' ? noInvoice : unit.state(receivable, posted.orderId).invoice;
  unit.run(voucher, posted.voucherId, { type: 'Post', data: { ...posted, invoice } });
};

const tellStatements = (unit: Unit, judged: readonly Judged[], at: string): void => {
  for (const { statementId, line, verdict, later } of judged) {
    if (verdict.outcome === 'WAITING') continue;
    if (later) resolve(unit, statementId, line, { action: 'MATCHED_LATER', orderId: verdict.orderId, by: 'rule:paid-in-parts', reason: '', at });
    else unit.run(statement, statementId, { type: 'SettleWaiting', data: { statementId, judged: { line, verdict }, at } });
  }
};

interface Decision {
  readonly action: Action;
  readonly orderId: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

/** Says what became of a flagged line; false if that was said before. */
const resolve = (unit: Unit, statementId: string, { lineId, amount }: Line, { action, orderId, by, reason, at }: Decision): boolean => {
  if (unit.run(resolution, lineId, { type: 'Decide', data: { lineId, action, by, reason } }).length === 0) return false;
  unit.run(statement, statementId, { type: 'Resolve', data: { statementId, lineId, orderId, action, reason, by, amount, resolvedAt: at } });
  return true;
};

/** A fact about an order; lines that waited for it are judged at once. */
export const about = (unit: Unit, orderId: string, command: ReceivableCommand, at: string): void => tellStatements(unit, ask(unit, orderId, command, at), at);

const takeLines = (unit: Unit, orderId: string, statementId: string, all: readonly Line[], at: string, dueAt: string): readonly Judged[] => {
  const { taken, disputed } = unit.state(receivable, orderId);
  // What a person decided meanwhile about a charge that deviated, or about the same one told again, explains nothing any more.
  for (const { line } of disputed) if (unit.state(resolution, line.lineId).action !== '' || told(unit, line)) unit.run(receivable, orderId, { type: 'EndDispute', data: { orderId, lineId: line.lineId } });
  // Nor does money that a person booked elsewhere before this order was there.
  const elsewhere = new Set(all.filter((line) => !taken.includes(line.fingerprint) && told(unit, line)));
  const lines = all.filter((line) => !elsewhere.has(line));
  return [
    ...[...elsewhere].map((line): Judged => ({ statementId, line, verdict: flag(line, 'DUPLICATE', orderId) })),
    ...(lines.length === 0 ? [] : ask(unit, orderId, { type: 'TakeLines', data: { orderId, statementId, lines, at, dueAt, rates: ratesFor(unit, orderId, lines) } }, at)),
  ];
};

/** An order comes into the world, perhaps after its lines. */
export const place = (unit: Unit, command: Extract<ReceivableCommand, { type: 'Open' }>, at: string): void => {
  const { orderId, channel, number } = command.data;
  about(unit, orderId, command, at);
  const id = referenceId(channel, number);
  const { waiting } = unit.state(reference, id);
  if (unit.run(reference, id, { type: 'Take', data: { referenceId: id, orderId } }).length === 0) return;
  for (const [statementId, all] of Map.groupBy(waiting, (one) => one.statementId)) {
    const dueAt = all.map((one) => one.dueAt).toSorted()[0] ?? at;
    tellStatements(unit, takeLines(unit, orderId, statementId, all.map(({ line }) => line), at, dueAt), at);
  }
};

const flag = (line: Line, cause: 'DUPLICATE' | 'TYPE_UNKNOWN' | 'UNKNOWN_ORDER' | 'AMBIGUOUS', orderId = ''): Verdict => ({ outcome: 'FLAGGED', orderId, expected: money(0, line.amount.currency), cause });

const told = (unit: Unit, line: Line): boolean => unit.state(voucher, lineVoucherId(line)).posted;

// Between the platform and us: no order has to explain it. That it was told before shows in the ledger alone.
const judgeOwn = (unit: Unit, line: Line, at: string): Verdict => {
  if (told(unit, line)) return flag(line, 'DUPLICATE');
  const posted = lineVoucher('', line, at);
  if (posted) post(unit, posted);
  return { outcome: 'MATCHED', orderId: '', expected: line.amount };
};

/** What an order has still to bring; 0 where nothing is owed. */
const restOf = (unit: Unit, orderId: string, currency: string): number => {
  const { total, charged, cancelled, paid, settled } = unit.state(receivable, orderId);
  return total === null || total.currency !== currency || settled || (cancelled && !paid) ? 0 : Math.max(0, total.amount - charged);
};

/** One payment for several orders: each gets its part, and the parts make up the payment to the minor unit. */
const share = (unit: Unit, statementId: string, line: Line, orderIds: readonly string[], at: string, dueAt: string): Judged | undefined => {
  const { currency } = line.amount;
  const rests = orderIds.map((orderId) => restOf(unit, orderId, currency));
  const together = rests.reduce((sum, rest) => sum + rest, 0);
  if (rests.some((rest) => rest === 0) || !within(line.amount.amount, together)) return undefined;
  const [amounts, fees] = [split(line.amount.amount, rests), split(line.fee.amount, rests)];
  if (amounts.some((amount, n) => !within(amount, rests[n] ?? 0))) return undefined;
  const shares = orderIds.map((orderId, n): settlement.LineShare => {
    const [amount, fee] = [amounts[n] ?? 0, fees[n] ?? 0];
    const part: Line = {
      ...line, lineId: n === 0 ? line.lineId : uuidv5(orderId, line.lineId), fingerprint: n === 0 ? line.fingerprint : `${line.fingerprint}/${n}`,
      amount: money(amount, currency), fee: money(fee, currency), net: money(amount - fee, currency),
    };
    takeLines(unit, orderId, statementId, [part], at, dueAt);
    return { orderId, amount: part.amount };
  });
  return { statementId, line, verdict: { outcome: 'MATCHED', orderId: orderIds.length === 1 ? (orderIds[0] ?? '') : '', expected: money(together, currency) }, shares: orderIds.length === 1 ? [] : shares };
};

/** Orders that a charge without a number may be for: by amount and time, as the read model knows them; what they owe is asked of themselves. */
export interface Candidates {
  /** Each of them alone would fit. */
  readonly singles: readonly string[];
  /** All of a day together would. */
  readonly days: readonly (readonly string[])[];
}

const judgeByAmount = (unit: Unit, statementId: string, line: Line, { singles, days }: Candidates, at: string, dueAt: string): Judged => {
  const fitting = singles.filter((orderId) => within(line.amount.amount, restOf(unit, orderId, line.amount.currency) || Number.MAX_SAFE_INTEGER));
  const exact = fitting.filter((orderId) => restOf(unit, orderId, line.amount.currency) === line.amount.amount);
  const chosen = fitting.length === 1 ? fitting : exact.length === 1 ? exact : [];
  const one = chosen.length === 1 ? share(unit, statementId, line, chosen, at, dueAt) : undefined;
  if (one) return one;
  // Two orders of one amount within the window: a person knows more than we do.
  if (fitting.length > 1) return { statementId, line, verdict: flag(line, 'AMBIGUOUS') };
  const whole = days.filter((orderIds) => within(line.amount.amount, orderIds.reduce((sum, orderId) => sum + restOf(unit, orderId, line.amount.currency), 0) || Number.MAX_SAFE_INTEGER));
  const of = whole.length === 1 ? share(unit, statementId, line, whole[0] ?? [], at, dueAt) : undefined;
  return of ?? { statementId, line, verdict: flag(line, whole.length > 1 ? 'AMBIGUOUS' : 'UNKNOWN_ORDER') };
};

const judgeAlone = (unit: Unit, statementId: string, line: Line, candidates: Candidates | undefined, at: string, dueAt: string): Judged => {
  switch (line.kind) {
    // Fees and promotions of no order are the platform's, as any adjustment.
    case 'ADJUSTMENT':
    case 'PAYOUT':
    case 'FEE':
    case 'PROMOTION':
      return { statementId, line, verdict: judgeOwn(unit, line, at) };
    case 'UNKNOWN':
      return { statementId, line, verdict: flag(line, 'TYPE_UNKNOWN') };
    case 'CHARGE':
      if (told(unit, line)) return { statementId, line, verdict: flag(line, 'DUPLICATE') };
      return candidates ? judgeByAmount(unit, statementId, line, candidates, at, dueAt) : { statementId, line, verdict: flag(line, 'UNKNOWN_ORDER') };
    case 'REFUND':
      return { statementId, line, verdict: flag(line, 'UNKNOWN_ORDER') };
  }
};

const judgeSeveral = (unit: Unit, channel: string, statementId: string, line: Line, at: string, dueAt: string): Judged => {
  const numbers = numbersOf(line.reference);
  const orderIds = [...new Set(numbers.map((number) => unit.state(reference, referenceId(channel, number)).orderId))];
  if (told(unit, line)) return { statementId, line, verdict: flag(line, 'DUPLICATE') };
  if (line.kind !== 'CHARGE' || orderIds.includes('')) return { statementId, line, verdict: flag(line, 'UNKNOWN_ORDER') };
  const shared = share(unit, statementId, line, orderIds, at, dueAt);
  if (shared) return shared;
  const together = orderIds.reduce((sum, orderId) => sum + restOf(unit, orderId, line.amount.currency), 0);
  const likely = line.amount.amount < together ? 'MISSING_LINE' : 'OVERPAID';
  return { statementId, line, verdict: { outcome: 'FLAGGED', orderId: '', expected: money(together, line.amount.currency), cause: 'AMOUNT_DEVIATION', likely } };
};

const judgeGroup = (unit: Unit, channel: string, statementId: string, lines: readonly Line[], candidates: ReadonlyMap<string, Candidates>, at: string, dueAt: string): readonly Judged[] => {
  const named = lines.filter(({ kind, reference: number }) => number !== '' && ofOrders.has(kind));
  const alone = lines.filter((line) => !named.includes(line)).map((line) => judgeAlone(unit, statementId, line, candidates.get(line.lineId), at, dueAt));
  const several = named.filter((line) => numbersOf(line.reference).length > 1);
  const single = named.filter((line) => !several.includes(line));
  const judged = [...alone, ...several.map((line) => judgeSeveral(unit, channel, statementId, line, at, dueAt))];
  if (single.length === 0) return judged;
  const id = referenceId(channel, single[0]?.reference ?? '');
  const { orderId } = unit.state(reference, id);
  if (orderId !== '') return [...judged, ...takeLines(unit, orderId, statementId, single, at, dueAt)];
  return [
    ...judged,
    ...single.map((line): Judged => {
      if (unit.state(reference, id).waiting.length >= mostWaiting) return { statementId, line, verdict: flag(line, 'UNKNOWN_ORDER') };
      const waits = unit.run(reference, id, { type: 'Wait', data: { referenceId: id, statementId, line, dueAt } }).length > 0;
      return { statementId, line, verdict: waits ? { outcome: 'WAITING' } : flag(line, 'DUPLICATE') };
    }),
  ];
};

/** Judges lines `from`… of a statement: whole groups of one order number each. A part that was judged before changes nothing. */
export const settlePart = (unit: Unit, channel: string, statementId: string, from: number, groups: readonly (readonly Line[])[], at: string, dueAt: string, candidates: ReadonlyMap<string, Candidates> = new Map()): void => {
  const { status, done } = unit.state(statement, statementId);
  if (status !== 'parsed' || done !== from) return;
  const all = groups.flatMap((lines) => judgeGroup(unit, channel, statementId, lines, candidates, at, dueAt));
  // What the group explains of earlier statements is told after its own lines.
  const own = new Map(all.filter(({ later }) => !later).map((one) => [one.line.lineId, one]));
  const judged = groups.flat().map((line) => ({ line, verdict: own.get(line.lineId)?.verdict ?? ({ outcome: 'WAITING' } as const), shares: own.get(line.lineId)?.shares ?? [] }));
  unit.run(statement, statementId, { type: 'Settle', data: { statementId, from, judged, at } });
  tellStatements(unit, all.filter(({ later }) => later), at);
};

/** A line has waited for its order long enough. */
export const giveUpOrder = (unit: Unit, id: string, lineId: string, at: string): void => {
  const waiting = unit.state(reference, id).waiting.find(({ line }) => line.lineId === lineId);
  if (!waiting || unit.run(reference, id, { type: 'GiveUp', data: { lineId } }).length === 0) return;
  tellStatements(unit, [flaggedUnknown(waiting)], at);
};

/** A refund line has waited for its refund long enough. */
export const giveUpRefund = (unit: Unit, orderId: string, lineId: string, at: string): void => about(unit, orderId, { type: 'GiveUp', data: { orderId, lineId } }, at);

const flaggedUnknown = ({ statementId, line }: Waiting): Judged => ({ statementId, line, verdict: flag(line, 'UNKNOWN_ORDER') });

/** A flagged line as it stands; `orderId`: the order that it was flagged for, "" if for none. */
export interface Flagged {
  readonly statementId: string;
  readonly line: Line;
  readonly orderId: string;
}

/**
 * A person accepts a flagged line: for an order as it is, or, without one, as a difference of the platform's account. Deciding the
 * same again changes nothing. Refused LINE_RESOLVED where its money is in the books already, for whatever, or waits to be.
 */
export const acceptLine = (unit: Unit, { statementId, line, orderId: of }: Flagged, orderId: string, by: string, reason: string, at: string): void => {
  if (unit.state(resolution, line.lineId).action === '') {
    if (told(unit, line)) throw new Refused('LINE_RESOLVED', 'this line is in the books already; dismiss it');
    if (of !== '' && unit.state(receivable, of).waiting.some(({ line: { fingerprint } }) => fingerprint === line.fingerprint)) throw new Refused('LINE_RESOLVED', 'this line was told before and waits for its refund; dismiss it');
  }
  if (!resolve(unit, statementId, line, { action: 'ACCEPTED', orderId, by, reason, at })) return;
  if (orderId === '') return post(unit, bookedVoucher(line, at));
  const rates = ratesFor(unit, orderId, [line]);
  for (const judged of ask(unit, orderId, { type: 'Accept', data: { orderId, statementId, line, by, at, rates } }, at)) {
    if (judged.line.lineId !== line.lineId) tellStatements(unit, [judged], at);
  }
};

/** A person says that a flagged line is to have no consequence: told twice, not ours. */
export const dismissLine = (unit: Unit, { statementId, line }: Flagged, by: string, reason: string, at: string): void =>
  void resolve(unit, statementId, line, { action: 'DISMISSED', orderId: '', by, reason, at });
