import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, type MessageName, type settlement } from '@flotilla/contracts';
import type { Decider, Message } from '@flotilla/decider';
import fc from 'fast-check';
import { MemoryUnit } from '@flotilla/testing';
import { mostWaiting, type Line, type LineKind } from '../decide/line.js';
import { fx } from '../decide/fx.decider.js';
import { receivable } from '../decide/receivable.decider.js';
import { statement } from '../decide/statement.decider.js';
import { sums, voucher } from '../decide/voucher.decider.js';
import { lineVoucherId } from '../decide/vouchers.js';
import { referenceId } from '../decide/numbers.js';
import { about, acceptLine, dismissLine, giveUpOrder, giveUpRefund, place, settlePart, type Candidates } from './settling.js';

const golden = <Data>(name: string): Data => {
  const data: unknown = JSON.parse(readFileSync(`proto/golden/flotilla.settlement.v1.${name}.json`, 'utf8'));
  expect(parseMessage(`flotilla.settlement.v1.${name}` as MessageName, data)).toEqual(data);
  return data as Data;
};
const channel = 'shopify-demo';
const o = '5a1d0c7e-3b52-5e0f-9c11-7d2e8f4a6b90';
const at = '2026-11-24T09:00:00.000Z';
const dueAt = '2026-11-27T09:00:00.000Z';
const lineOf = (lineId: string, reference: string, amount: number, kind: LineKind = 'CHARGE', fee = 0, fingerprint = lineId): Line => {
  const eur = (minor: number) => ({ amount: minor, currency: 'EUR' });
  return { lineId, row: 2, kind, reference, occurredAt: at, amount: eur(amount), fee: eur(fee), net: eur(amount - fee), fingerprint };
};
const receive = (unit: MemoryUnit, statementId: string, lines: number, parsed: Partial<settlement.StatementParsed> = {}): void => {
  unit.run(statement, statementId, { type: 'Receive', data: { ...golden<settlement.StatementReceived>('StatementReceived'), statementId, lines } });
  unit.run(statement, statementId, { type: 'Parse', data: { ...golden<settlement.StatementParsed>('StatementParsed'), statementId, lines, faults: 0, checks: [], ...parsed } });
};
const order = (unit: MemoryUnit, orderId: string, number: string, total: number): void => place(unit, { type: 'Open', data: { orderId, channel, number, total: { amount: total, currency: 'EUR' }, placedAt: at, paid: true } }, at);
const accountsOf = (unit: MemoryUnit): Readonly<Record<string, number>> => {
  const accounts: Record<string, number> = {};
  for (const { account, amount } of unit.of<settlement.VoucherPosted>('VoucherPosted').flatMap(({ postings }) => postings)) accounts[`${account} ${amount.currency}`] = (accounts[`${account} ${amount.currency}`] ?? 0) + amount.amount;
  return accounts;
};
const balance = (unit: MemoryUnit): ReadonlyMap<string, number> => sums(unit.of<settlement.VoucherPosted>('VoucherPosted').flatMap(({ postings }) => postings));

describe('settling', () => {
  it('SET-01, SET-03, SET-08: an order’s charge is matched, posted, settled and closed as the golden examples say', () => {
    const unit = new MemoryUnit();
    const { statementId } = golden<settlement.StatementReceived>('StatementReceived');
    const matched = golden<settlement.LineMatched>('LineMatched');
    order(unit, matched.orderId, '#1001', 3_000);
    receive(unit, statementId, 1, golden<settlement.StatementParsed>('StatementParsed'));
    settlePart(unit, channel, statementId, 0, [[lineOf(matched.lineId, ' 1001', 3_000, 'CHARGE', 75, 'a-fingerprint')]], at, dueAt);
    for (const name of ['StatementReceived', 'StatementParsed', 'LineMatched', 'StatementMatched', 'StatementReviewed', 'OrderSettled', 'VoucherPosted', 'StatementClosed']) expect(unit.of(name)).toEqual([golden(name)]);
  });

  it('SET-08: a line that deviates is flagged as the golden example says', () => {
    const unit = new MemoryUnit();
    const flagged = golden<settlement.LineFlagged>('LineFlagged');
    order(unit, flagged.orderId, '#1001', 3_100);
    receive(unit, flagged.statementId, 1);
    settlePart(unit, channel, flagged.statementId, 0, [[lineOf(flagged.lineId, '#1001', 3_000)]], at, dueAt);
    expect(unit.of('LineFlagged')).toEqual([flagged]);
    expect(unit.of('VoucherPosted')).toEqual([]);
  });

  it('SET-03: a line waits for its order and is matched when it comes', () => {
    const unit = new MemoryUnit();
    receive(unit, 's', 1);
    settlePart(unit, channel, 's', 0, [[lineOf('l', '#7', 500)]], at, dueAt);
    expect(unit.state(statement, 's')).toMatchObject({ status: 'parsed', matched: 0, flagged: 0 });
    order(unit, o, '#7', 500);
    expect(unit.of<settlement.LineMatched>('LineMatched').map(({ orderId }) => orderId)).toEqual([o]);
    expect(unit.of<settlement.StatementClosed>('StatementClosed')).toMatchObject([{ matched: 1, flagged: 0, unmatched: 0 }]);
  });

  it('SET-03: a line whose order never comes is flagged in the end, once', () => {
    const unit = new MemoryUnit();
    receive(unit, 's', 1);
    settlePart(unit, channel, 's', 0, [[lineOf('l', '#X7', 500)]], at, dueAt);
    giveUpOrder(unit, referenceId(channel, '#X7'), 'l', dueAt);
    giveUpOrder(unit, referenceId(channel, '#X7'), 'l', dueAt);
    expect(unit.of<settlement.LineFlagged>('LineFlagged')).toMatchObject([{ cause: 'UNKNOWN_ORDER', orderId: '' }]);
    expect(unit.of('StatementMatched')).toHaveLength(1);
    expect(unit.of('StatementClosed')).toEqual([]);
  });

  it('SET-03: types lines first: fees of the platform need no order, and what nobody knows is for a person', () => {
    const unit = new MemoryUnit();
    receive(unit, 's', 5);
    const lines = [lineOf('a', '', -500, 'ADJUSTMENT'), lineOf('b', '', -500, 'ADJUSTMENT', 0, 'a'), lineOf('c', '', -900, 'PAYOUT'), lineOf('d', '#1', 3, 'UNKNOWN'), lineOf('e', '', 3)];
    settlePart(unit, channel, 's', 0, lines.map((line) => [line]), at, dueAt);
    expect(unit.of<settlement.LineMatched>('LineMatched').map(({ lineId, kind }) => `${lineId} ${kind}`)).toEqual(['a ADJUSTMENT', 'c PAYOUT']);
    expect(unit.of<settlement.LineFlagged>('LineFlagged').map(({ lineId, cause }) => `${lineId} ${cause}`)).toEqual(['b DUPLICATE', 'd TYPE_UNKNOWN', 'e UNKNOWN_ORDER']);
  });

  it('SET-01: a part that was settled before changes nothing', () => {
    const unit = new MemoryUnit();
    receive(unit, 's', 2);
    settlePart(unit, channel, 's', 0, [[lineOf('a', '#1', 1)]], at, dueAt);
    const before = unit.log.length;
    settlePart(unit, channel, 's', 0, [[lineOf('a', '#1', 1)]], at, dueAt);
    expect(unit.log).toHaveLength(before);
    settlePart(unit, channel, 's', 1, [[lineOf('b', '#2', 1)]], at, dueAt);
    expect(unit.state(statement, 's')).toMatchObject({ status: 'parsed', done: 2 });
  });

  it('SET-03: one payment for several orders is theirs in parts that make it up to the minor unit', () => {
    const unit = new MemoryUnit();
    const orders = ['a0a0a0a0-0000-5000-8000-000000000001', 'a0a0a0a0-0000-5000-8000-000000000002', 'a0a0a0a0-0000-5000-8000-000000000003'];
    for (const [n, id] of orders.entries()) order(unit, id, `#${n + 1}`, [3_333, 3_333, 3_334][n] ?? 0);
    receive(unit, 's', 1);
    settlePart(unit, channel, 's', 0, [[lineOf('l', '#1, #2;#3', 9_999, 'CHARGE', 100)]], at, dueAt);
    const [matched] = unit.of<settlement.LineMatched>('LineMatched');
    expect(matched).toMatchObject({ orderId: '', expected: { amount: 10_000 } });
    expect(matched?.shares.map(({ orderId }) => orderId)).toEqual(orders);
    expect(matched?.shares.reduce((sum, { amount }) => sum + amount.amount, 0)).toBe(9_999);
    expect(unit.of('OrderSettled')).toHaveLength(3);
    const bank = unit.of<settlement.VoucherPosted>('VoucherPosted').flatMap(({ postings }) => postings).filter(({ account }) => account === '1002');
    expect(bank.reduce((sum, { amount }) => sum + amount.amount, 0)).toBe(9_899);
    receive(unit, 's2', 1);
    settlePart(unit, channel, 's2', 0, [[lineOf('l2', '#1, #2;#3', 9_999, 'CHARGE', 100, 'l')]], at, dueAt);
    expect(unit.of<settlement.LineFlagged>('LineFlagged')).toMatchObject([{ lineId: 'l2', cause: 'DUPLICATE' }]);
  });

  it('SET-03: one payment for several orders that does not come to what they owe is flagged as a whole', () => {
    const unit = new MemoryUnit();
    order(unit, o, '#1', 500);
    order(unit, 'a0a0a0a0-0000-5000-8000-000000000002', '#2', 500);
    receive(unit, 's', 2);
    settlePart(unit, channel, 's', 0, [[lineOf('l', '#1,#2', 900)], [lineOf('m', '#1,#9', 900)]], at, dueAt);
    expect(unit.of<settlement.LineFlagged>('LineFlagged').map(({ cause, likely, expected }) => [cause, likely, expected.amount])).toEqual([['AMOUNT_DEVIATION', 'MISSING_LINE', 1_000], ['UNKNOWN_ORDER', '', 0]]);
    expect([...balance(unit)]).toEqual([]);
  });

  it('SET-03: a payment without a number is matched by amount and time where one order fits, or one day, and never by choosing among equals', () => {
    const unit = new MemoryUnit();
    const [a, b, c, d, e] = ['1', '2', '3', '4', '5'].map((n) => `a0a0a0a0-0000-5000-8000-00000000000${n}`) as [string, string, string, string, string];
    for (const [id, total] of [[a, 500], [b, 700], [c, 700], [d, 1_000], [e, 2_000]] as const) order(unit, id, `#${id.slice(-1)}`, total);
    receive(unit, 's', 4);
    const candidates = new Map<string, Candidates>([
      ['one', { singles: [a], days: [] }], ['two', { singles: [b, c], days: [] }], ['day', { singles: [], days: [[d, e]] }], ['none', { singles: [a], days: [[d, e]] }],
    ]);
    settlePart(unit, channel, 's', 0, [[lineOf('one', '', 501)], [lineOf('two', '', 700)], [lineOf('day', '', 3_000)], [lineOf('none', '', 500)]], at, dueAt, candidates);
    expect(unit.of<settlement.LineMatched>('LineMatched').map(({ lineId, orderId, shares }) => [lineId, orderId, shares.length])).toEqual([['one', a, 0], ['day', '', 2]]);
    // What was settled a moment ago is no candidate any more, whatever the read model says.
    expect(unit.of<settlement.LineFlagged>('LineFlagged').map(({ lineId, cause }) => [lineId, cause])).toEqual([['two', 'AMBIGUOUS'], ['none', 'UNKNOWN_ORDER']]);
  });

  it('SET-11: a rate of the day, or of a week before it, converts; none is for a person, and the ledger is in balance in both currencies', () => {
    const unit = new MemoryUnit();
    const rate = golden<settlement.FxRateSet>('FxRateSet');
    unit.run(fx, 'USD-EUR', { type: 'Set', data: rate });
    unit.run(fx, 'USD-EUR', { type: 'Set', data: rate });
    expect(unit.of('FxRateSet')).toEqual([rate]);
    order(unit, o, '#1', 10_000);
    about(unit, o, { type: 'Ship', data: { orderId: o, shippedAt: at } }, at);
    order(unit, 'a0a0a0a0-0000-5000-8000-000000000002', '#2', 10_000);
    receive(unit, 's', 2);
    const usd = (line: Line, occurredAt = at): Line => ({ ...line, occurredAt, amount: { ...line.amount, currency: 'USD' }, fee: { ...line.fee, currency: 'USD' }, net: { ...line.net, currency: 'USD' } });
    settlePart(unit, channel, 's', 0, [[usd(lineOf('l', '#1', 10_833, 'CHARGE', 300))], [usd(lineOf('m', '#2', 10_000), '2026-12-02T00:00:00.000Z')]], at, dueAt);
    expect(unit.of<settlement.LineMatched>('LineMatched').map(({ lineId }) => lineId)).toEqual(['l']);
    expect(unit.of<settlement.LineFlagged>('LineFlagged')).toMatchObject([{ lineId: 'm', cause: 'CURRENCY' }]);
    expect(Object.fromEntries(balance(unit))).toEqual({ EUR: 0, USD: 0 });
    expect(accountsOf(unit)).toEqual({ '1002 USD': 10_533, '1122 EUR': 0, '1221 EUR': 10_000, '1221 USD': -10_833, '6001 EUR': -10_000, '6601 USD': 300 });
  });

  it('SET-03, SET-08: a person accepts a flagged line as the golden example says, once; what it leaves is a difference, the order is settled', () => {
    const unit = new MemoryUnit();
    const resolved = golden<settlement.LineResolved>('LineResolved');
    order(unit, o, '#1', 3_100);
    about(unit, o, { type: 'Ship', data: { orderId: o, shippedAt: at } }, at);
    receive(unit, resolved.statementId, 1);
    const line = lineOf(resolved.lineId, '#1', 3_000);
    settlePart(unit, channel, resolved.statementId, 0, [[line]], at, dueAt);
    const flagged = { statementId: resolved.statementId, line, orderId: o };
    const accept = (): void => acceptLine(unit, flagged, o, resolved.by, resolved.reason, at);
    accept();
    const after = unit.log.length;
    accept();
    expect(unit.log).toHaveLength(after);
    expect(() => dismissLine(unit, flagged, 'caller:x', 'no', at)).toThrow('accepted already');
    expect(unit.of('LineResolved')).toEqual([resolved]);
    expect(unit.of('OrderSettled')).toHaveLength(1);
    expect(accountsOf(unit)).toEqual({ '1002 EUR': 3_000, '1122 EUR': 0, '6001 EUR': -3_100, '6711 EUR': 100 });
  });

  it('SET-03: a line of no order is booked as a difference, or dismissed', () => {
    const unit = new MemoryUnit();
    receive(unit, 's', 2);
    const [a, b] = [lineOf('a', '', 700, 'UNKNOWN'), lineOf('b', '', 300, 'UNKNOWN')];
    settlePart(unit, channel, 's', 0, [[a], [b]], at, dueAt);
    acceptLine(unit, { statementId: 's', line: a, orderId: '' }, '', 'caller:x', 'a gift of the platform', at);
    dismissLine(unit, { statementId: 's', line: b, orderId: '' }, 'caller:x', 'not ours', at);
    expect(accountsOf(unit)).toEqual({ '1002 EUR': 700, '6711 EUR': -700 });
    expect(unit.of<settlement.LineResolved>('LineResolved').map(({ action }) => action)).toEqual(['ACCEPTED', 'DISMISSED']);
  });

  it('SET-03: a part that a person dismissed, or accepted for another order, explains no later one', () => {
    const other = 'a0a0a0a0-0000-5000-8000-000000000002';
    const decided: readonly ((unit: MemoryUnit, line: Line) => void)[] = [
      (unit, line) => dismissLine(unit, { statementId: 's', line, orderId: o }, 'caller:x', 'not ours', at),
      (unit, line) => acceptLine(unit, { statementId: 's', line, orderId: o }, other, 'caller:x', 'the other one’s', at),
      (unit, line) => acceptLine(unit, { statementId: 's', line, orderId: o }, '', 'caller:x', 'nobody’s', at),
    ];
    for (const decide of decided) {
      const unit = new MemoryUnit();
      order(unit, o, '#1', 10_000);
      order(unit, other, '#2', 4_000);
      const [early, late] = [lineOf('early', '#1', 4_000), lineOf('late', '#1', 6_000)];
      receive(unit, 's', 1);
      settlePart(unit, channel, 's', 0, [[early]], at, dueAt);
      decide(unit, early);
      receive(unit, 't', 1);
      settlePart(unit, channel, 't', 0, [[late]], at, dueAt);
      expect(unit.of<settlement.LineFlagged>('LineFlagged').map(({ lineId, likely }) => [lineId, likely])).toEqual([['early', 'MISSING_LINE'], ['late', 'MISSING_LINE']]);
      expect(unit.of('LineResolved')).toHaveLength(1);
      acceptLine(unit, { statementId: 't', line: late, orderId: o }, o, 'caller:x', 'all that comes', at);
      expect(unit.of('LineResolved')).toHaveLength(2);
    }
  });

  it('SET-03, SET-04: a line that was told twice brings its money once, whatever a person says', () => {
    const unit = new MemoryUnit();
    order(unit, o, '#1', 3_000);
    receive(unit, 's', 2);
    const again = lineOf('again', '#1', 3_000, 'CHARGE', 0, 'l');
    settlePart(unit, channel, 's', 0, [[lineOf('l', '#1', 3_000), again]], at, dueAt);
    expect(unit.of<settlement.LineFlagged>('LineFlagged')).toMatchObject([{ lineId: 'again', cause: 'DUPLICATE', orderId: o }]);
    for (const orderId of [o, '']) expect(() => acceptLine(unit, { statementId: 's', line: again, orderId: o }, orderId, 'caller:x', 'paid twice', at)).toThrow('in the books already');
    expect(accountsOf(unit)).toEqual({ '1002 EUR': 3_000, '1122 EUR': -3_000 });
  });

  it('SET-03, SET-04: a line that a person booked before its order was there is not the order’s when it is told again', () => {
    const unit = new MemoryUnit();
    receive(unit, 's', 1);
    const line = lineOf('l', '#1', 3_000);
    settlePart(unit, channel, 's', 0, [[line]], at, dueAt);
    giveUpOrder(unit, referenceId(channel, '#1'), 'l', at);
    receive(unit, 't', 1);
    settlePart(unit, channel, 't', 0, [[lineOf('again', '#1', 3_000, 'CHARGE', 0, 'l')]], at, dueAt);
    acceptLine(unit, { statementId: 's', line, orderId: '' }, '', 'caller:x', 'nobody’s', at);
    order(unit, o, '#1', 3_000);
    expect(unit.of<settlement.LineFlagged>('LineFlagged')).toMatchObject([{ lineId: 'l', cause: 'UNKNOWN_ORDER' }, { lineId: 'again', cause: 'DUPLICATE', orderId: o }]);
    expect(accountsOf(unit)).toEqual({ '1002 EUR': 3_000, '6711 EUR': -3_000 });
  });

  it('SET-03, SET-04: what still comes within the tolerance for a settled order leaves its receivable at zero', () => {
    const unit = new MemoryUnit();
    order(unit, o, '#1', 10_000);
    about(unit, o, { type: 'Ship', data: { orderId: o, shippedAt: at } }, at);
    for (const [statementId, amount] of [['s', 9_960], ['t', 40]] as const) {
      receive(unit, statementId, 1);
      settlePart(unit, channel, statementId, 0, [[lineOf(`l-${statementId}`, '#1', amount)]], at, dueAt);
    }
    expect(unit.of('LineMatched')).toHaveLength(2);
    expect(accountsOf(unit)).toEqual({ '1002 EUR': 10_000, '1122 EUR': 0, '6001 EUR': -10_000, '6711 EUR': 0 });
  });

  it('SET-03: so many lines wait for one order, and what is beyond is for a person', () => {
    const waiting = Array.from({ length: mostWaiting }, (_, n) => ({ statementId: 'r', line: lineOf(`w${n}`, '#7', n), dueAt }));
    class Crowded extends MemoryUnit {
      override state<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string): S {
        return decider.category === 'reference' ? ({ orderId: '', waiting } as S) : super.state(decider, id);
      }
    }
    const unit = new Crowded();
    receive(unit, 's', 1);
    settlePart(unit, channel, 's', 0, [[lineOf('l', '#7', 100)]], at, dueAt);
    expect(unit.of<settlement.LineFlagged>('LineFlagged')).toMatchObject([{ lineId: 'l', cause: 'UNKNOWN_ORDER' }]);
    expect(unit.of('LineAwaitsOrder')).toEqual([]);
  });

  it('SET-11: every line counts at the rate of its own day, and a rate that is too old for one is not used because another line has it', () => {
    const unit = new MemoryUnit();
    for (const [date, rate] of [['2026-11-10', '0.5'], ['2026-11-20', '0.8']] as const) unit.run(fx, 'USD-EUR', { type: 'Set', data: { from: 'USD', to: 'EUR', date, rate, source: 's', by: 'b' } });
    order(unit, o, '#1', 13_000);
    const usd = (lineId: string, occurredAt: string): Line => ({ ...lineOf(lineId, '#1', 10_000), occurredAt, amount: { amount: 10_000, currency: 'USD' }, fee: { amount: 0, currency: 'USD' }, net: { amount: 10_000, currency: 'USD' } });
    receive(unit, 's', 3);
    // The second one is of the 20th where the books are kept, and of the 19th in UTC: then it would count at nothing.
    settlePart(unit, channel, 's', 0, [[usd('a', '2026-11-11T08:00:00.000Z'), usd('b', '2026-11-19T17:00:00.000Z'), usd('c', '2026-11-29T08:00:00.000Z')]], at, dueAt);
    expect(unit.of<settlement.LineMatched>('LineMatched').map(({ lineId }) => lineId)).toEqual(['a', 'b']);
    expect(unit.of<settlement.LineFlagged>('LineFlagged')).toMatchObject([{ lineId: 'c', cause: 'CURRENCY' }]);
    expect(accountsOf(unit)).toMatchObject({ '1221 EUR': 13_000, '1122 EUR': -13_000, '1221 USD': -20_000 });
  });

  it('SET-11: a refund counts at the rate of its payment, in the same statement or a later one, so that nothing is left of an exchange that was undone', () => {
    for (const together of [true, false]) {
      const unit = new MemoryUnit();
      for (const [date, rate] of [['2026-11-10', '0.5'], ['2026-11-20', '0.8']] as const) unit.run(fx, 'USD-EUR', { type: 'Set', data: { from: 'USD', to: 'EUR', date, rate, source: 's', by: 'b' } });
      order(unit, o, '#1', 5_000);
      about(unit, o, { type: 'Refund', data: { orderId: o, refundId: 'r', amount: { amount: 5_000, currency: 'EUR' }, at } }, at);
      const usd = (lineId: string, amount: number, occurredAt: string): Line => ({ ...lineOf(lineId, '#1', 0, amount < 0 ? 'REFUND' : 'CHARGE'), occurredAt, amount: { amount, currency: 'USD' }, fee: { amount: 0, currency: 'USD' }, net: { amount, currency: 'USD' } });
      const [paid, back] = [usd('a', 10_000, '2026-11-11T08:00:00.000Z'), usd('b', -10_000, '2026-11-20T08:00:00.000Z')];
      receive(unit, 's', together ? 2 : 1);
      settlePart(unit, channel, 's', 0, [together ? [paid, back] : [paid]], at, dueAt);
      receive(unit, 't', 1);
      if (!together) settlePart(unit, channel, 't', 0, [[back]], at, dueAt);
      expect(unit.of('LineFlagged')).toEqual([]);
      expect(accountsOf(unit)).toMatchObject({ '1002 USD': 0, '1221 EUR': 0, '1221 USD': 0, '2202 EUR': 0 });
    }
  });

  it('SET-11: a refund line of another currency that waits for its refund keeps its rate', () => {
    const unit = new MemoryUnit();
    unit.run(fx, 'USD-EUR', { type: 'Set', data: { from: 'USD', to: 'EUR', date: at.slice(0, 10), rate: '0.5', source: 's', by: 'b' } });
    order(unit, o, '#1', 10_000);
    receive(unit, 's', 1);
    const usd = { amount: -3_000, currency: 'USD' };
    settlePart(unit, channel, 's', 0, [[{ ...lineOf('l', '#1', 0, 'REFUND'), amount: usd, fee: { ...usd, amount: 0 }, net: usd }]], at, dueAt);
    expect(unit.of('LineMatched')).toEqual([]);
    about(unit, o, { type: 'Refund', data: { orderId: o, refundId: 'r', amount: { amount: 1_500, currency: 'EUR' }, at } }, at);
    expect(unit.of<settlement.LineMatched>('LineMatched').map(({ lineId }) => lineId)).toEqual(['l']);
    expect(accountsOf(unit)).toEqual({ '1002 USD': -3_000, '1122 EUR': 1_500, '1221 EUR': -1_500, '1221 USD': 3_000, '2202 EUR': 0 });
  });

  it('SET-01: a statement with something to look at is reviewed by a person when nothing is open, then closed, and in no other order', () => {
    const unit = new MemoryUnit();
    const review = (): unknown => unit.run(statement, 's', { type: 'Review', data: { statementId: 's', by: 'caller:x', reason: 'seen', at } });
    const close = (): unknown => unit.run(statement, 's', { type: 'Close', data: { statementId: 's', at } });
    expect(review).toThrow('there is no statement');
    unit.run(statement, 's', { type: 'Receive', data: { ...golden<settlement.StatementReceived>('StatementReceived'), statementId: 's', lines: 1 } });
    expect(review).toThrow('the statement is received');
    receive(unit, 's', 1);
    expect(review).toThrow('the statement is parsed');
    expect(close).toThrow('closed after it was reviewed');
    const line = lineOf('l', '', 5, 'UNKNOWN');
    settlePart(unit, channel, 's', 0, [[line]], at, dueAt);
    expect(review).toThrow('1 flagged lines are open');
    expect(close).toThrow('the statement is matched');
    dismissLine(unit, { statementId: 's', line, orderId: '' }, 'caller:x', 'not ours', at);
    review();
    close();
    expect([review(), close()]).toEqual([[], []]);
    expect(unit.log.filter(({ stream }) => stream === 'statement-s').map(({ type }) => type)).toEqual(['StatementReceived', 'StatementParsed', 'LinesJudged', 'LineFlagged', 'StatementMatched', 'LineResolved', 'StatementReviewed', 'StatementClosed']);
  });

  it.each([['rows that could not be read', { faults: 1 }], ['sums that disagree', { checks: [{ what: 'total-amount', currency: 'EUR', said: 2, found: 1 }] }]])('SET-01: a statement with %s is for a person', (_what, parsed) => {
    const unit = new MemoryUnit();
    receive(unit, 's', 1, parsed);
    settlePart(unit, channel, 's', 0, [[lineOf('a', '', -5, 'ADJUSTMENT')]], at, dueAt);
    expect(unit.state(statement, 's').status).toBe('matched');
  });

  it('SET-01: rows are read in parts; one that was read before changes nothing', () => {
    const unit = new MemoryUnit();
    unit.run(statement, 's', { type: 'Receive', data: { ...golden<settlement.StatementReceived>('StatementReceived'), statementId: 's', lines: 2 } });
    const read = (from: number): unknown => unit.run(statement, 's', { type: 'Read', data: { statementId: 's', from, lines: [lineOf(`l${from}`, '#1', 1)], faults: [{ row: 9, reason: 'amount is not an amount in EUR' }] } });
    expect([read(0), read(0), read(2), read(3)].map((events) => (events as unknown[]).length)).toEqual([1, 0, 1, 0]);
  });

  it('SET-04: revenue is the order’s, once, however many parcels leave', () => {
    const unit = new MemoryUnit();
    order(unit, o, '#1', 500);
    for (const shippedAt of [at, dueAt, dueAt]) about(unit, o, { type: 'Ship', data: { orderId: o, shippedAt } }, at);
    expect(unit.of<settlement.VoucherPosted>('VoucherPosted').map(({ cause }) => cause)).toEqual(['SHIPPED']);
  });
});

it('SET-03, SET-04: whatever comes first, the same lines match, the ledger is in balance, and a settled order owes nothing', () => {
  const total = 10_000;
  const facts = {
    placed: (unit: MemoryUnit) => order(unit, o, '#1', total),
    left: (unit: MemoryUnit) => about(unit, o, { type: 'Ship', data: { orderId: o, shippedAt: at } }, at),
    refunded: (unit: MemoryUnit) => about(unit, o, { type: 'Refund', data: { orderId: o, refundId: 'r', amount: { amount: 1_500, currency: 'EUR' }, at } }, at),
    charge: (unit: MemoryUnit) => (receive(unit, 's1', 1), settlePart(unit, channel, 's1', 0, [[lineOf('c', '#1', total, 'CHARGE', 320)]], at, dueAt)),
    back: (unit: MemoryUnit) => (receive(unit, 's2', 1), settlePart(unit, channel, 's2', 0, [[lineOf('r', '#1', -1_500, 'REFUND')]], at, dueAt)),
  };
  const names = Object.keys(facts) as (keyof typeof facts)[];
  fc.assert(
    fc.property(fc.shuffledSubarray(names, { minLength: names.length }), fc.array(fc.constantFrom(...names), { maxLength: 4 }), (sequence, repeats) => {
      const unit = new MemoryUnit();
      for (const name of [...sequence, ...repeats]) facts[name](unit);
      expect([...balance(unit).values()]).toEqual([0]);
      expect(unit.of<settlement.LineMatched>('LineMatched').map(({ lineId }) => lineId).toSorted()).toEqual(['c', 'r']);
      expect(unit.of('LineFlagged')).toEqual([]);
      expect(unit.of('OrderSettled')).toHaveLength(1);
      expect(unit.of('StatementClosed')).toHaveLength(2);
      const accounts = new Map<string, number>();
      for (const { account, amount } of unit.of<settlement.VoucherPosted>('VoucherPosted').flatMap(({ postings }) => postings)) accounts.set(account, (accounts.get(account) ?? 0) + amount.amount);
      expect(Object.fromEntries(accounts)).toEqual({ 1002: 8_180, 1122: 0, 2202: 0, 6001: -8_500, 6601: 320 });
    }),
    { numRuns: 300 },
  );
});

it('SET-03, SET-04: whatever lines come in whatever statements, money is conserved to the minor unit and the ledger is in balance per currency', () => {
  const kinds: readonly LineKind[] = ['CHARGE', 'CHARGE', 'CHARGE', 'REFUND', 'FEE', 'PROMOTION', 'ADJUSTMENT', 'UNKNOWN'];
  const orders = ['a0a0a0a0-0000-5000-8000-000000000001', 'a0a0a0a0-0000-5000-8000-000000000002'];
  const step = fc.oneof(
    fc.record({ do: fc.constant('line' as const), kind: fc.constantFrom(...kinds), amount: fc.constantFrom(10_000, 9_980, 9_960, 4_000, 6_000, 300, 40, 20_000), fee: fc.constantFrom(0, 31), reference: fc.constantFrom('#1', '#2', '#1,#2', '', '#9'), currency: fc.constantFrom('EUR', 'EUR', 'USD') }),
    fc.record({ do: fc.constant('refund' as const), of: fc.nat(1), amount: fc.constantFrom(300, 10_000) }),
    fc.record({ do: fc.constantFrom('again' as const, 'give up' as const), nth: fc.nat(20) }),
    fc.record({ do: fc.constantFrom('ship' as const, 'place' as const), of: fc.nat(1) }),
    fc.record({ do: fc.constantFrom('accept' as const, 'dismiss' as const), nth: fc.nat(20), for: fc.nat(3) }),
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
      const unit = new MemoryUnit();
      unit.run(fx, 'USD-EUR', { type: 'Set', data: { from: 'USD', to: 'EUR', date: at.slice(0, 10), rate: '0.5', source: 's', by: 'b' } });
      const lines = new Map<string, Line>();
      for (const [n, one] of steps.entries()) {
        const orderId = 'of' in one ? (orders[one.of] ?? '') : '';
        if (one.do === 'place') order(unit, orderId, `#${one.of + 1}`, 10_000);
        if (one.do === 'ship') about(unit, orderId, { type: 'Ship', data: { orderId, shippedAt: at } }, at);
        // Not more than it is worth: what was given back beyond that is nobody's receivable.
        if (one.do === 'refund' && unit.state(receivable, orderId).refunds.reduce<number>((sum, { amount }) => sum + amount, one.amount) <= 10_000) about(unit, orderId, { type: 'Refund', data: { orderId, refundId: `r${n}`, amount: { amount: one.amount, currency: 'EUR' }, at } }, at);
        if (one.do === 'again') {
          const before = [...lines.values()][one.nth % Math.max(1, lines.size)];
          if (!before) continue;
          const line = { ...before, lineId: `l${n}` };
          lines.set(line.lineId, line);
          receive(unit, `s${n}`, 1);
          settlePart(unit, channel, `s${n}`, 0, [[line]], at, dueAt);
        }
        if (one.do === 'give up') {
          const waiting = unit.log.filter(({ type }) => type === 'LineAwaitsOrder' || type === 'LineAwaitsRefund').map(({ data }) => data as { readonly referenceId?: string; readonly orderId: string; readonly line: Line });
          const late = waiting[one.nth % Math.max(1, waiting.length)];
          if (late?.referenceId !== undefined) giveUpOrder(unit, late.referenceId, late.line.lineId, at);
          else if (late) giveUpRefund(unit, late.orderId, late.line.lineId, at);
        }
        if (one.do === 'line') {
          const out = one.kind === 'REFUND' || one.kind === 'FEE' || one.kind === 'PROMOTION' ? -1 : 1;
          const cash = (amount: number) => ({ amount, currency: one.currency });
          const line: Line = { ...lineOf(`l${n}`, one.kind === 'ADJUSTMENT' ? '' : one.reference, 1, one.kind), amount: cash(out * one.amount), fee: cash(one.fee), net: cash(out * one.amount - one.fee) };
          lines.set(line.lineId, line);
          receive(unit, `s${n}`, 1);
          settlePart(unit, channel, `s${n}`, 0, [[line]], at, dueAt);
        }
        if (one.do === 'accept' || one.do === 'dismiss') {
          const resolved = new Set(unit.of<settlement.LineResolved>('LineResolved').map(({ lineId }) => lineId));
          const open = unit.of<settlement.LineFlagged>('LineFlagged').filter(({ lineId }) => !resolved.has(lineId));
          const chosen = open[one.nth % Math.max(1, open.length)];
          const line = chosen && lines.get(chosen.lineId);
          if (!chosen || !line) continue;
          const flagged = { statementId: chosen.statementId, line, orderId: chosen.orderId };
          const booked = unit.state(voucher, lineVoucherId(line)).posted;
          // For the order that it was flagged for, for another one, or for none.
          const orderFor = [chosen.orderId, ...orders.filter((orderId) => unit.state(receivable, orderId).total !== null), ''][one.for] ?? '';
          const accept = (): void => acceptLine(unit, flagged, orderFor, 'caller:x', 'r', at);
          const waits = unit.state(receivable, chosen.orderId).waiting.some(({ line: { fingerprint } }) => fingerprint === line.fingerprint);
          if (one.do === 'accept' && (booked || waits)) expect(accept).toThrow(booked ? 'in the books already' : 'waits for its refund');
          if (one.do === 'dismiss' || booked || waits || (line.kind === 'UNKNOWN' && orderFor !== '')) dismissLine(unit, flagged, 'caller:x', 'r', at);
          else accept();
        }
      }
      for (const [currency, sum] of balance(unit)) expect([currency, sum]).toEqual([currency, 0]);
      const accepted = unit.of<settlement.LineResolved>('LineResolved').filter(({ action }) => action !== 'DISMISSED').map(({ lineId }) => lineId);
      const booked = [...unit.of<settlement.LineMatched>('LineMatched').map(({ lineId }) => lineId), ...accepted].map((id) => lines.get(id));
      expect(new Set(booked).size).toBe(booked.length);
      // Every line that was matched or accepted stands in the platform's account with its net, once, and nothing else does.
      for (const currency of ['EUR', 'USD']) {
        const nets = booked.reduce((sum, line) => sum + (line?.net.currency === currency ? line.net.amount : 0), 0);
        expect(accountsOf(unit)[`1002 ${currency}`] ?? 0).toBe(nets);
      }
      // What is settled and has left owes nothing.
      const vouchers = unit.of<settlement.VoucherPosted>('VoucherPosted');
      for (const orderId of orders.filter((id) => unit.state(receivable, id).settled && unit.state(receivable, id).recognised)) {
        const owed = vouchers.filter((one) => one.orderId === orderId).flatMap(({ postings }) => postings).filter(({ account }) => account === '1122');
        expect(owed.reduce((sum, { amount }) => sum + amount.amount, 0)).toBe(0);
      }
      for (const { shares, amount } of unit.of<settlement.LineMatched>('LineMatched')) if (shares.length > 0) expect(shares.reduce((sum, one) => sum + one.amount.amount, 0)).toBe(amount.amount);
    }),
    { numRuns: 300 },
  );
});
