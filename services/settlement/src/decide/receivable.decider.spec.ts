import { describe, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import type { Cause, Line, LineKind } from './line.js';
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
const flagged = (one: Line, cause: Cause, expected: number): ReceivableEvent => ({
  type: 'LineTaken', data: { orderId, statementId: 's', line: one, verdict: { outcome: 'FLAGGED', orderId, expected: eur(expected), cause }, refundIds: [] },
});
const settled = (net: number, statementId = 's', settledAt = at): ReceivableEvent => ({ type: 'OrderSettled', data: { orderId, statementId, net: eur(net), settledAt } });
const refund = (refundId: string, amount: number) => ({ type: 'Refund', data: { orderId, refundId, amount: eur(amount), at } }) as const;
const refunded = (refundId: string, amount: number, afterShipping = false): ReceivableEvent => ({ type: 'ReceivableRefunded', data: { orderId, refundId, amount: eur(amount), afterShipping } });
const shipped = (amount: number): ReceivableEvent => ({ type: 'ReceivableShipped', data: { orderId, amount: eur(amount), shippedAt: at } });
const { given } = specify(receivable);

describe('a receivable', () => {
  it.each([[10_000], [10_050], [9_950]])('SET-03: a charge of %i matches what 10,000 should bring, within ±0.5 %', (amount) =>
    given(opened).when(take(line('a', amount))).then(matched(line('a', amount), 10_000), settled(amount)));

  it.each([[10_051], [9_949], [9_870], [10_090]])('SET-03: a charge of %i deviates', (amount) =>
    given(opened).when(take(line('a', amount))).then(flagged(line('a', amount), 'AMOUNT_DEVIATION', 10_000)));

  it('SET-03: several lines may make up one amount', () => {
    const [a, b] = [line('a', 4_000), line('b', 6_000)];
    given(opened).when(take(a, b)).then(matched(a, 4_000), matched(b, 6_000), settled(10_000));
    given(opened).when(take(a)).then(flagged(a, 'AMOUNT_DEVIATION', 10_000));
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
    given(unpaid, { type: 'ReceivableCancelled', data: { orderId } }).when(take(line('a', 10_000))).then(flagged(line('a', 10_000), 'AMOUNT_DEVIATION', 0));
  });

  it('repeats change nothing', () => {
    given(opened).when({ type: 'Open', data: opened.data as never }).thenNothing();
    given(opened, refunded('r1', 5)).when(refund('r1', 5)).thenNothing();
    given(opened).when({ type: 'Pay', data: { orderId } }).thenNothing();
    given(opened).when({ type: 'Amend', data: { orderId, total: eur(10_000), at } }).thenNothing();
    given(opened).when({ type: 'Amend', data: { orderId, total: eur(9_000), at } }).then({ type: 'ReceivableAmended', data: { orderId, total: eur(9_000) } });
  });
});
