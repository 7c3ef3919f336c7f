import type { Unit } from '@flotilla/event-store';
import type { settlement } from '@flotilla/contracts';
import { uuidv5 } from '@flotilla/values';
import type { Line, Verdict, Waiting } from '../decide/line.js';
import { money } from '../decide/money.js';
import { receivable, type ReceivableCommand } from '../decide/receivable.decider.js';
import { reference } from '../decide/reference.decider.js';
import { statement } from '../decide/statement.decider.js';
import { voucher } from '../decide/voucher.decider.js';
import { lineVoucher, refundVoucher, shippedVoucher } from '../decide/vouchers.js';

// | the receivable says | the ledger gets                  | the statement says        |
// | ReceivableShipped   | SHIPPED                          | –                         |
// | ReceivableRefunded  | REFUND                           | –                         |
// | LineTaken, matched  | PAYOUT, or REFUND for a refund   | LineMatched               |
// | LineTaken, flagged  | nothing until a person decides   | LineFlagged               |
// | LineAwaitsRefund    | –                                | nothing: the line waits   |
// All in one unit: no voucher without its line, no line without its order's consent.

const namespace = 'd0c3f2c8-52f5-5f2a-a0c5-0b6f6c1d5a11';

/** How order numbers are compared: platforms and people leave "#" and spaces out. */
export const referenceId = (channel: string, number: string): string => uuidv5(uuidv5(namespace, channel), number.normalize('NFKC').replace(/[\s#]/g, '').toUpperCase());

interface Judged {
  readonly statementId: string;
  readonly line: Line;
  readonly verdict: Verdict;
}

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
        const { statementId, line, verdict } = event.data;
        judged.push({ statementId, line, verdict });
        const posted = verdict.outcome === 'MATCHED' ? lineVoucher(orderId, line, at) : undefined;
        if (posted) post(unit, posted);
        break;
      }
      case 'LineAwaitsRefund':
        judged.push({ statementId: event.data.statementId, line: event.data.line, verdict: { outcome: 'WAITING' } });
        break;
      default:
    }
  }
  return judged;
};

const post = (unit: Unit, posted: settlement.VoucherPosted): boolean => unit.run(voucher, posted.voucherId, { type: 'Post', data: posted }).length > 0;

const tellStatements = (unit: Unit, judged: readonly Judged[], at: string): void => {
  for (const { statementId, line, verdict } of judged) {
    if (verdict.outcome !== 'WAITING') unit.run(statement, statementId, { type: 'SettleWaiting', data: { statementId, judged: { line, verdict }, at } });
  }
};

/** A fact about an order; lines that waited for it are judged at once. */
export const about = (unit: Unit, orderId: string, command: ReceivableCommand, at: string): void => tellStatements(unit, ask(unit, orderId, command, at), at);

/** An order comes into the world, perhaps after its lines. */
export const place = (unit: Unit, command: Extract<ReceivableCommand, { type: 'Open' }>, at: string): void => {
  const { orderId, channel, number } = command.data;
  about(unit, orderId, command, at);
  const id = referenceId(channel, number);
  const { waiting } = unit.state(reference, id);
  if (unit.run(reference, id, { type: 'Take', data: { referenceId: id, orderId } }).length === 0) return;
  for (const [statementId, all] of Map.groupBy(waiting, (one) => one.statementId)) {
    const dueAt = all.map((one) => one.dueAt).toSorted()[0] ?? at;
    tellStatements(unit, ask(unit, orderId, { type: 'TakeLines', data: { orderId, statementId, lines: all.map(({ line }) => line), at, dueAt } }, at), at);
  }
};

// Between the platform and us: no order has to explain it. That it was told before shows in the ledger alone.
const judgeOwn = (unit: Unit, line: Line, at: string): Verdict => {
  const posted = lineVoucher('', line, at);
  const repeated = posted !== undefined && unit.state(voucher, posted.voucherId).posted;
  if (repeated) return { outcome: 'FLAGGED', orderId: '', expected: money(0, line.amount.currency), cause: 'DUPLICATE' };
  if (posted) post(unit, posted);
  return { outcome: 'MATCHED', orderId: '', expected: line.amount };
};

const judgeAlone = (unit: Unit, line: Line, at: string): Verdict => {
  switch (line.kind) {
    case 'ADJUSTMENT':
    case 'PAYOUT':
      return judgeOwn(unit, line, at);
    case 'UNKNOWN':
      return { outcome: 'FLAGGED', orderId: '', expected: money(0, line.amount.currency), cause: 'TYPE_UNKNOWN' };
    case 'CHARGE':
    case 'REFUND':
      return { outcome: 'FLAGGED', orderId: '', expected: money(0, line.amount.currency), cause: 'UNKNOWN_ORDER' };
  }
};

const judgeGroup = (unit: Unit, channel: string, statementId: string, lines: readonly Line[], at: string, dueAt: string): ReadonlyMap<string, Verdict> => {
  const named = lines.filter(({ kind, reference: number }) => number !== '' && (kind === 'CHARGE' || kind === 'REFUND'));
  const verdicts = new Map<string, Verdict>(lines.filter((line) => !named.includes(line)).map((line) => [line.lineId, judgeAlone(unit, line, at)]));
  if (named.length === 0) return verdicts;
  const id = referenceId(channel, named[0]?.reference ?? '');
  const { orderId } = unit.state(reference, id);
  if (orderId !== '') {
    for (const { line, verdict } of ask(unit, orderId, { type: 'TakeLines', data: { orderId, statementId, lines: named, at, dueAt } }, at)) verdicts.set(line.lineId, verdict);
    return verdicts;
  }
  for (const line of named) {
    const waits = unit.run(reference, id, { type: 'Wait', data: { referenceId: id, statementId, line, dueAt } }).length > 0;
    verdicts.set(line.lineId, waits ? { outcome: 'WAITING' } : { outcome: 'FLAGGED', orderId: '', expected: money(0, line.amount.currency), cause: 'DUPLICATE' });
  }
  return verdicts;
};

/** Judges lines `from`… of a statement: whole groups of one order number each. A part that was judged before changes nothing. */
export const settlePart = (unit: Unit, channel: string, statementId: string, from: number, groups: readonly (readonly Line[])[], at: string, dueAt: string): void => {
  const { status, done } = unit.state(statement, statementId);
  if (status !== 'received' || done !== from) return;
  const judged = groups.flatMap((lines) => {
    const verdicts = judgeGroup(unit, channel, statementId, lines, at, dueAt);
    return lines.map((line) => ({ line, verdict: verdicts.get(line.lineId) ?? ({ outcome: 'WAITING' } as const) }));
  });
  unit.run(statement, statementId, { type: 'Settle', data: { statementId, from, judged, at } });
};

/** A line has waited for its order long enough. */
export const giveUpOrder = (unit: Unit, id: string, lineId: string, at: string): void => {
  const waiting = unit.state(reference, id).waiting.find(({ line }) => line.lineId === lineId);
  if (!waiting || unit.run(reference, id, { type: 'GiveUp', data: { lineId } }).length === 0) return;
  tellStatements(unit, [flaggedUnknown(waiting)], at);
};

/** A refund line has waited for its refund long enough. */
export const giveUpRefund = (unit: Unit, orderId: string, lineId: string, at: string): void => about(unit, orderId, { type: 'GiveUp', data: { orderId, lineId } }, at);

const flaggedUnknown = ({ statementId, line }: Waiting): Judged => ({
  statementId, line, verdict: { outcome: 'FLAGGED', orderId: '', expected: money(0, line.amount.currency), cause: 'UNKNOWN_ORDER' },
});
