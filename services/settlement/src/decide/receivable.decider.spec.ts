import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { fold } from '@flotilla/decider';
import type { Cause, Likely, Line, LineKind, Rate } from './line.js';
import { receivable } from './receivable.decider.js';
import type { ReceivableEvent } from './receivable.events.js';

const orderId = '5a1d0c7e-3b52-5e0f-9c11-7d2e8f4a6b90';
const at = '2026-11-24T09:00:00.000Z';
const dueAt = '2026-11-27T09:00:00.000Z';
const eur = (amount: number) => ({ amount, currency: 'EUR' });
const opened: ReceivableEvent = { type: 'ReceivableOpened', data: { orderId, channel: 'c', number: '#1', total: eur(10_000), placedAt: at, paid: true } };
const line = (id: string, amount: number, kind: LineKind = 'CHARGE', currency = 'EUR'): Line => ({
  lineId: id, row: 2, kind, reference: '#1', occurredAt: at, amount: { amount, currency }, fee: { amount: 0, currency }, net: { amount, currency }, fingerprint: `f-${id}`,
});
const take = (...lines: readonly Line[]) => ({ type: 'TakeLines', data: { orderId, statementId: 's', lines, at, dueAt } }) as const;
const matched = (one: Line, expected: number, refundIds: readonly string[] = []): ReceivableEvent => ({
  type: 'LineTaken', data: { orderId, statementId: 's', line: one, verdict: { outcome: 'MATCHED', orderId, expected: eur(expected) }, refundIds },
});
const flagged = (one: Line, cause: Cause, expected: number, likely?: Likely): ReceivableEvent => ({
  type: 'LineTaken', data: { orderId, statementId: 's', line: one, verdict: { outcome: 'FLAGGED', orderId, expected: eur(expected), cause, ...(likely ? { likely } : {}) }, refundIds: [] },
});
const differs = (amount: number, by = 'rule:tolerance', key = 'settled', of: 'RECEIVABLE' | 'REFUND' = 'RECEIVABLE'): ReceivableEvent => ({ type: 'DifferenceAccepted', data: { orderId, of, amount: eur(amount), by, key } });
const withData = (event: ReceivableEvent, extra: object): ReceivableEvent => ({ ...event, data: { ...event.data, ...extra } }) as ReceivableEvent;
const settled = (net: number, statementId = 's', settledAt = at): ReceivableEvent => ({ type: 'OrderSettled', data: { orderId, statementId, net: eur(net), settledAt } });
const refund = (refundId: string, amount: number) => ({ type: 'Refund', data: { orderId, refundId, amount: eur(amount), at } }) as const;
const refunded = (refundId: string, amount: number, afterShipping = false): ReceivableEvent => ({ type: 'ReceivableRefunded', data: { orderId, refundId, amount: eur(amount), afterShipping } });
const shipped = (amount: number): ReceivableEvent => ({ type: 'ReceivableShipped', data: { orderId, amount: eur(amount), shippedAt: at } });
const { given } = specify(receivable);

describe('a receivable', () => {
  it.each([[10_000], [10_050], [9_950]])('SET-03: a charge of %i matches what 10,000 should bring, within ±0.5 %', (amount) =>
    given(opened).when(take(line('a', amount))).then(matched(line('a', amount), 10_000), ...(amount === 10_000 ? [] : [differs(10_000 - amount)]), settled(amount)));

  it.each([[10_051, 'OVERPAID'], [9_949, 'FEE_CHANGED'], [9_870, 'FEE_CHANGED'], [10_090, 'OVERPAID'], [9_000, 'MISSING_LINE']] as const)('SET-03: a charge of %i deviates, most likely %s', (amount, likely) =>
    given(opened).when(take(line('a', amount))).then(flagged(line('a', amount), 'AMOUNT_DEVIATION', 10_000, likely)));

  it('SET-03: a deviation of just the freight, the fee, an open refund or the promotion says so', () => {
    const freight = withData(opened, { shipping: eur(800) });
    given(freight).when(take(line('a', 9_200))).then(flagged(line('a', 9_200), 'AMOUNT_DEVIATION', 10_000, 'FREIGHT'));
    given(freight).when(take(line('a', 10_800))).then(flagged(line('a', 10_800), 'AMOUNT_DEVIATION', 10_000, 'FREIGHT'));
    const net = { ...line('a', 9_700), fee: eur(300), net: eur(9_400) };
    given(opened).when(take(net)).then(flagged(net, 'AMOUNT_DEVIATION', 10_000, 'FEE_CHANGED'));
    given(opened, refunded('r1', 1_500)).when(take(line('a', 8_500))).then(flagged(line('a', 8_500), 'AMOUNT_DEVIATION', 10_000, 'PARTIAL_REFUND'));
    const promotion = line('p', -700, 'PROMOTION');
    given(opened).when(take(line('a', 9_300), promotion)).then(flagged(line('a', 9_300), 'AMOUNT_DEVIATION', 10_000, 'PROMOTION'), matched(promotion, -700));
  });

  it('SET-03: several lines may make up one amount', () => {
    const [a, b] = [line('a', 4_000), line('b', 6_000)];
    given(opened).when(take(a, b)).then(matched(a, 4_000), matched(b, 6_000), settled(10_000));
    given(opened).when(take(a)).then(flagged(a, 'AMOUNT_DEVIATION', 10_000, 'MISSING_LINE'));
  });

  it('SET-03: a part that deviated is explained by the part that comes in a later statement', () => {
    const [a, b] = [line('a', 4_000), line('b', 6_000)];
    const before = flagged(a, 'AMOUNT_DEVIATION', 10_000, 'MISSING_LINE');
    given(opened, before).when(take(b)).then(withData(matched(a, 4_000), { later: true }), matched(b, 6_000), settled(10_000));
    given(opened, before).when(take(line('c', 5_000))).then(flagged(line('c', 5_000), 'AMOUNT_DEVIATION', 10_000, 'MISSING_LINE'));
  });

  it('SET-03: a promotion is a cost where the order’s total is before it, and a part of the total where it is after it', () => {
    const promotion = line('p', -500, 'PROMOTION');
    given(opened).when(take(line('a', 10_000), promotion)).then(matched(line('a', 10_000), 10_000), withData(matched(promotion, -500), { deducted: false }), settled(9_500));
    given(opened).when(take(line('a', 10_500), promotion)).then(matched(line('a', 10_500), 10_500), withData(matched(promotion, -500), { deducted: true }), settled(10_000));
  });

  it('SET-03: an order of many amounts, with fees, is matched as a whole', () => {
    const lines = [line('a', 9_000), line('b', 900), line('c', 100), line('f', -1_350, 'FEE')] as const;
    given(opened).when(take(...lines)).then(matched(lines[0], 9_000), matched(lines[1], 900), matched(lines[2], 100), matched(lines[3], -1_350), settled(8_650));
  });

  it('SET-03: a refund in several amounts, net of the promotion that came back, pays one refund', () => {
    const [back, tax, promotion] = [line('r', -1_400, 'REFUND'), line('t', -200, 'REFUND'), line('p', 100, 'PROMOTION')];
    const charge = matched(line('c', 10_000), 10_000);
    given(opened, refunded('r1', 1_500), charge)
      .when(take(back, tax, promotion))
      .then(matched(back, -1_400, ['r1']), matched(tax, -200), withData(matched(promotion, 100), { deducted: true }), settled(8_500));
    given(opened, refunded('r1', 1_600), charge).when(take(back, tax)).then(matched(back, -1_400, ['r1']), matched(tax, -200), settled(8_400));
    given(opened).when(take(back, tax)).then(
      { type: 'LineAwaitsRefund', data: { orderId, statementId: 's', line: back, dueAt } }, { type: 'LineAwaitsRefund', data: { orderId, statementId: 's', line: tax, dueAt } },
    );
  });

  it('SET-11: another currency is counted at the rate of its day, and a rest after that is most likely the rate', () => {
    const usd = line('a', 10_833, 'CHARGE', 'USD');
    const rate: Rate = { from: 'USD', to: 'EUR', date: '2026-11-24', rate: '0.9231' };
    const at24 = (one: Line, of?: Rate) => ({ type: 'TakeLines', data: { orderId, statementId: 's', lines: [one], at, dueAt, rates: of ? { [one.lineId]: of } : {} } }) as const;
    given(opened).when(at24(usd, rate)).then(withData(matched(usd, 10_000), { counted: eur(10_000), rate }), settled(10_000));
    const off = line('b', 11_200, 'CHARGE', 'USD');
    given(opened).when(at24(off, rate)).then(withData(flagged(off, 'AMOUNT_DEVIATION', 10_000, 'FX'), { counted: eur(10_339), rate }));
    given(opened).when(at24(usd)).then(flagged(usd, 'CURRENCY', 10_000));
  });

  it('SET-03: a person accepts a deviation, and what it leaves open is a difference with a name to it', () => {
    const short = line('a', 9_000);
    const accept = { type: 'Accept', data: { orderId, statementId: 's', line: short, by: 'caller:finance', at, rates: {} } } as const;
    given(opened, flagged(short, 'AMOUNT_DEVIATION', 10_000)).when(accept).then(withData(matched(short, 9_000), { later: true }), differs(1_000, 'caller:finance'), settled(9_000));
    given().when(accept).thenRefused('NOT_FOUND');
    const usd = { ...accept, data: { ...accept.data, line: line('u', 1, 'CHARGE', 'USD') } };
    given(opened).when(usd).thenRefused('NO_FX_RATE');
    given(opened, matched(line('c', 10_000), 10_000), settled(10_000)).when(accept).then(withData(matched(short, 9_000), { later: true }), differs(-9_000, 'caller:finance', 'a'));
  });

  it('SET-03: a deviation that is decided elsewhere is forgotten, once', () => {
    const [a, b] = [line('a', 4_000), line('b', 6_000)];
    const before = flagged(a, 'AMOUNT_DEVIATION', 10_000, 'MISSING_LINE');
    const end = { type: 'EndDispute', data: { orderId, lineId: 'a' } } as const;
    const ended: ReceivableEvent = { type: 'DisputeEnded', data: end.data };
    given(opened, before).when(end).then(ended);
    given(opened, before, ended).when(end).thenNothing();
    given(opened, before, ended).when(take(b)).then(flagged(b, 'AMOUNT_DEVIATION', 10_000, 'MISSING_LINE'));
  });

  it('SET-03: twenty deviations of one order are remembered, not more', () => {
    const many = Array.from({ length: 25 }, (_, n) => flagged(line(`x${n}`, 100), 'AMOUNT_DEVIATION', 10_000));
    expect(fold(receivable, [opened, ...many]).disputed.map(({ line: { lineId } }) => lineId)).toEqual(Array.from({ length: 20 }, (_, n) => `x${n + 5}`));
  });

  it('SET-03: a line that is told again is a duplicate, in the same statement and in another one', () => {
    const [a, again] = [line('a', 10_000), { ...line('a', 10_000), lineId: 'again' }];
    given(opened).when(take(a, again)).then(flagged(again, 'DUPLICATE', 10_000), matched(a, 10_000), settled(10_000));
    given(opened, matched(a, 10_000), settled(10_000)).when(take(again)).then(flagged(again, 'DUPLICATE', 10_000));
  });

  it('SET-03: another currency is never converted by guessing', () => {
    const usd = line('a', 10_000, 'CHARGE', 'USD');
    given(opened).when(take(usd)).then(flagged(usd, 'CURRENCY', 10_000));
  });

  it('SET-03: a refund line pays one refund, or all of them; until it is there the order is not settled', () => {
    const [charge, back] = [line('c', 10_000), line('r', -1_500, 'REFUND')];
    given(opened, refunded('r1', 1_500)).when(take(charge)).then(matched(charge, 10_000));
    given(opened, refunded('r1', 1_500), matched(charge, 10_000)).when(take(back)).then(matched(back, -1_500, ['r1']), settled(8_500));
    given(opened, refunded('r1', 500), refunded('r2', 1_000), matched(charge, 10_000)).when(take(back)).then(matched(back, -1_500, ['r1', 'r2']), settled(8_500));
  });

  it('SET-03: a refund line that comes before its refund waits for it, and is flagged when it waited in vain', () => {
    const back = line('r', -1_500, 'REFUND');
    const waits: ReceivableEvent = { type: 'LineAwaitsRefund', data: { orderId, statementId: 's', line: back, dueAt } };
    given(opened).when(take(back)).then(waits);
    given(opened, waits).when(refund('r1', 1_500)).then(refunded('r1', 1_500), matched(back, -1_500, ['r1']));
    given(opened, waits).when(refund('r1', 900)).then(refunded('r1', 900));
    given(opened, waits).when({ type: 'GiveUp', data: { orderId, lineId: 'r' } }).then(flagged(back, 'AMOUNT_DEVIATION', 0));
    given(opened).when({ type: 'GiveUp', data: { orderId, lineId: 'r' } }).thenNothing();
  });

  it('SET-04: earns when the first parcel leaves, once, less what was given back before', () => {
    const ship = { type: 'Ship', data: { orderId, shippedAt: at } } as const;
    given(opened).when(ship).then(shipped(10_000));
    given(opened, shipped(10_000)).when(ship).thenNothing();
    given(opened, refunded('r1', 1_500)).when(ship).then(shipped(8_500));
    given().when(ship).then({ type: 'ShipmentRemembered', data: { orderId, shippedAt: at } });
    given({ type: 'ShipmentRemembered', data: { orderId, shippedAt: at } }).when({ type: 'Open', data: opened.data as never }).then(opened, shipped(10_000));
    given(opened, shipped(10_000)).when(refund('r1', 100)).then(refunded('r1', 100, true));
  });

  it('an order that brings nothing is settled at once; one that was called off unpaid expects nothing', () => {
    const free = { orderId, channel: 'c', number: '#1', total: eur(0), placedAt: at, paid: true };
    given().when({ type: 'Open', data: free }).then({ type: 'ReceivableOpened', data: free }, settled(0, ''));
    const unpaid: ReceivableEvent = { type: 'ReceivableOpened', data: { ...(opened.data as typeof free), total: eur(10_000), paid: false } };
    given(unpaid, { type: 'ReceivableCancelled', data: { orderId } }).when(take(line('a', 10_000))).then(flagged(line('a', 10_000), 'AMOUNT_DEVIATION', 0, 'OVERPAID'));
  });

  it('repeats change nothing', () => {
    given(opened).when({ type: 'Open', data: opened.data as never }).thenNothing();
    given(opened, refunded('r1', 5)).when(refund('r1', 5)).thenNothing();
    given(opened).when({ type: 'Pay', data: { orderId } }).thenNothing();
    given(opened).when({ type: 'Amend', data: { orderId, total: eur(10_000), at } }).thenNothing();
    given(opened).when({ type: 'Amend', data: { orderId, total: eur(9_000), at } }).then({ type: 'ReceivableAmended', data: { orderId, total: eur(9_000) } });
  });
});
