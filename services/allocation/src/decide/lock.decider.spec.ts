import { describe, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { lock, type LockCommand } from './lock.decider.js';
import type { LockEvent, LockReply } from './lock.events.js';

const { given } = specify(lock);
const head = { lockId: 'L', foId: 'F', round: 1, warehouse: 'WH1' };
const T0 = '2026-11-21T10:00:00.000Z';
const T20 = '2026-11-21T10:00:20.000Z';
const T30 = '2026-11-21T10:00:30.000Z';
const lines = [{ sku: 'A', quantity: 2 }, { sku: 'B', quantity: 1 }];

const locked: LockReply = { type: 'StockLocked', data: { ...head, fence: 7, expiresAt: T30, lines } };
const refused: LockReply = { type: 'StockLockRefused', data: { ...head, reason: 'SHORT', free: [{ sku: 'A', quantity: 1 }, { sku: 'B', quantity: 9 }], kept: [] } };
const confirmed: LockReply = { type: 'StockConfirmed', data: { ...head, fence: 7 } };
const expired: LockReply = { type: 'StockLockExpired', data: head };
const released: LockReply = { type: 'StockReleased', data: { ...head, missing: [] } };
const consumed: LockReply = { type: 'StockConsumed', data: { ...head, parcelId: 'P' } };
const again = (reply: LockReply): LockEvent => ({ type: 'LockAnswered', data: { reply } });

const ask = (changes: Partial<Extract<LockCommand, { type: 'LockStock' }>['data']> = {}, asked = lines): LockCommand => ({
  type: 'LockStock',
  data: { ask: { ...head, lines: asked, priority: 0 }, free: [{ sku: 'A', quantity: 5 }, { sku: 'B', quantity: 9 }], fence: 7, known: true, at: T0, expiresAt: T30, ...changes },
});
const confirm = (at = T20, fence = 7): LockCommand => ({ type: 'ConfirmStock', data: { ask: { ...head, fence }, at } });
const release: LockCommand = { type: 'ReleaseStock', data: { ask: { ...head, reason: 'NOT_NEEDED' } } };
const consume = (fence = 7): LockCommand => ({ type: 'ConsumeStock', data: { ask: { ...head, fence, parcelId: 'P' } } });
const expire = (at: string): LockCommand => ({ type: 'ExpireLock', data: { at } });
const displace: LockCommand = { type: 'DisplaceLock', data: { missing: [{ sku: 'A', quantity: 1 }] } };
const short = { free: [{ sku: 'A', quantity: 1 }, { sku: 'B', quantity: 9 }] };

describe("a participant's memory of a lock", () => {
  it('ALC-01: locks all lines at once, with a fence and a lease', () => given().when(ask()).then(locked));
  it('ALC-02: two lines of one SKU are one demand', () =>
    given().when(ask({ free: [{ sku: 'A', quantity: 3 }] }, [{ sku: 'A', quantity: 2 }, { sku: 'A', quantity: 2 }])).then({ type: 'StockLockRefused', data: { ...head, reason: 'SHORT', free: [{ sku: 'A', quantity: 3 }], kept: [] } }));
  it('ALC-01: refuses all if one line is short, and says what is there', () => given().when(ask(short)).then(refused));
  it('refuses with the reason that there is no such warehouse', () => given().when(ask({ ...short, known: false })).then({ type: 'StockLockRefused', data: { ...refused.data, reason: 'UNKNOWN_WAREHOUSE', free: short.free } }));
  it('refuses a lock of nothing', () => given().when(ask({}, [])).thenRefused('BAD_QUANTITY'));
  it('refuses a lock of less than nothing', () => given().when(ask({}, [{ sku: 'A', quantity: -1 }])).thenRefused('BAD_QUANTITY'));

  describe('ALC-01: asked again, answers the same and locks nothing', () => {
    it('while it is locked', () => given(locked).when(ask()).then(again(locked)));
    it('when it was refused, even if there is stock by now', () => given(refused).when(ask()).then(again(refused)));
    it('when it is confirmed', () => given(locked, confirmed).when(ask()).then(again(confirmed)));
    it('when it is consumed', () => given(locked, confirmed, consumed).when(ask()).then(again(consumed)));
    it('when it has expired', () => given(locked, expired).when(ask()).then(again(expired)));
    it('when it was released: a late question must not lock', () => given(released).when(ask()).then(again({ type: 'StockLockRefused', data: { ...head, reason: 'RELEASED', free: [], kept: [] } })));
    it('when the lease is over, it ends', () => given(locked).when(ask({ at: T30 })).then(expired));
  });

  describe('ALC-01: confirms', () => {
    it('within the lease', () => given(locked).when(confirm()).then(confirmed));
    it('never after the lease', () => given(locked).when(confirm(T30)).then(expired));
    it('never what has expired', () => given(locked, expired).when(confirm()).then(again(expired)));
    it('never with the fence of another grant', () => given(locked).when(confirm(T20, 6)).then(again(locked)));
    it('once, and says so again', () => given(locked, confirmed).when(confirm(T30)).then(again(confirmed)));
    it('nothing that it never saw, and never will', () => given().when(confirm()).then(expired));
    it('nothing after that tombstone', () => given(expired).when(ask()).then(again(expired)));
  });

  describe('ALC-01: releases', () => {
    it('what is locked', () => given(locked).when(release).then(released));
    it('what is confirmed', () => given(locked, confirmed).when(release).then(released));
    it('what it never saw: a tombstone', () => given().when(release).then(released));
    it('once, and says so again', () => given(locked, released).when(release).then(again(released)));
    it('nothing that has left', () => given(locked, confirmed, consumed).when(release).then(again(consumed)));
    it('nothing that was refused', () => given(refused).when(release).then(again(refused)));
  });

  describe('ALC-02: consumes', () => {
    it('what is confirmed', () => given(locked, confirmed).when(consume()).then(consumed));
    it('once, and says so again', () => given(locked, confirmed, consumed).when(consume()).then(again(consumed)));
    it('nothing that is only locked', () => given(locked).when(consume()).then(again(locked)));
    it('nothing that was displaced', () => given(locked, confirmed, released).when(consume()).then(again(released)));
    it('nothing that it never saw', () => given().when(consume()).then(released));
    it('nothing with the fence of another grant: a person looks', () => given(locked, confirmed).when(consume(6)).thenRefused('CONTRACT_VIOLATED'));
  });

  describe('ALC-01: the lease', () => {
    it('ends by an event', () => given(locked).when(expire(T30)).then(expired));
    it('does not end early', () => given(locked).when(expire(T20)).thenNothing());
    it('is none once confirmed', () => given(locked, confirmed).when(expire(T30)).thenNothing());
    it('ends once', () => given(locked, expired).when(expire(T30)).thenNothing());
    it('is none before a grant', () => given().when(expire(T30)).thenNothing());
  });

  it('ALC-02: takes a promise back and says what is missing', () => given(locked, confirmed).when(displace).then({ type: 'StockReleased', data: { ...head, missing: [{ sku: 'A', quantity: 1 }] } }));
  it('takes nothing back that is over', () => given(locked, released).when(displace).thenNothing());
});
