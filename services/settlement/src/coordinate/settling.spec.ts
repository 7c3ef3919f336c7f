import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, type MessageName, type settlement } from '@flotilla/contracts';
import fc from 'fast-check';
import { MemoryUnit } from '@flotilla/testing';
import type { Line, LineKind } from '../decide/line.js';
import { statement } from '../decide/statement.decider.js';
import { sums } from '../decide/voucher.decider.js';
import { about, giveUpOrder, place, referenceId, settlePart } from './settling.js';

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
const receive = (unit: MemoryUnit, statementId: string, lines: number): void =>
  void unit.run(statement, statementId, { type: 'Receive', data: { ...golden<settlement.StatementReceived>('StatementReceived'), statementId, lines } });
const order = (unit: MemoryUnit, orderId: string, number: string, total: number): void => place(unit, { type: 'Open', data: { orderId, channel, number, total: { amount: total, currency: 'EUR' }, placedAt: at, paid: true } }, at);
const balance = (unit: MemoryUnit): ReadonlyMap<string, number> => sums(unit.of<settlement.VoucherPosted>('VoucherPosted').flatMap(({ postings }) => postings));

describe('settling', () => {
  it('SET-01, SET-03, SET-08: an order’s charge is matched, posted, settled and closed as the golden examples say', () => {
    const unit = new MemoryUnit();
    const { statementId } = golden<settlement.StatementReceived>('StatementReceived');
    const matched = golden<settlement.LineMatched>('LineMatched');
    order(unit, matched.orderId, '#1001', 3_000);
    receive(unit, statementId, 1);
    settlePart(unit, channel, statementId, 0, [[lineOf(matched.lineId, ' 1001', 3_000, 'CHARGE', 75, 'a-fingerprint')]], at, dueAt);
    for (const name of ['StatementReceived', 'LineMatched', 'OrderSettled', 'VoucherPosted', 'StatementClosed']) expect(unit.of(name)).toEqual([golden(name)]);
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
    expect(unit.state(statement, 's')).toMatchObject({ status: 'matched', matched: 0, flagged: 0 });
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
    expect(unit.of('StatementClosed')).toHaveLength(1);
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
    expect(unit.state(statement, 's').status).toBe('matched');
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
