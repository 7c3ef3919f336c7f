import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { stock, type StockCommand } from './stock.decider.js';
import type { Level, StockEvent } from './stock.events.js';

const { given } = specify(stock);
const place = { warehouse: 'WH1', sku: 'A' };
const share = { ...place, lockId: 'L', foId: 'F', quantity: 2 };
const level = (onHand: number, held = 0, confirmed = 0, unsellable = 0): Level => ({ onHand, unsellable, held, confirmed });
const counted = (onHand: number, asOf = ''): StockEvent => ({ type: 'StockCounted', data: { ...place, was: 0, asOf, level: level(onHand) } });
const held: StockEvent = { type: 'StockHeld', data: { ...share, priority: 0, level: level(5, 2) } };
const confirmed: StockEvent = { type: 'HoldConfirmed', data: { ...share, level: level(5, 0, 2) } };
const count = (onHand: number, asOf = ''): StockCommand => ({ type: 'CountStock', data: { ...place, onHand, asOf } });
const adjust = (delta: number): StockCommand => ({ type: 'AdjustStock', data: { ...place, delta, reason: 'found' } });
const aside = (quantity: number): StockCommand => ({ type: 'SetAside', data: { ...place, quantity, reason: 'wet' } });

describe('stock of a SKU in a warehouse', () => {
  it('ALC-02: takes over what was counted', () => given().when(count(5)).then(counted(5)));
  it('ALC-02: the same count again changes nothing', () => given(counted(5)).when(count(5)).thenNothing());
  it('a first count of none is still a count', () => given().when(count(0)).then(counted(0)));
  it('a count older than the last one changes nothing', () => given(counted(5, '2026-11-21T10:00:00.000Z')).when(count(9, '2026-11-21T09:00:00.000Z')).thenNothing());
  it('refuses to count below nothing', () => given().when(count(-1)).thenRefused('BAD_QUANTITY'));
  it('refuses half a unit', () => given().when(count(1.5)).thenRefused('BAD_QUANTITY'));
  it('adjusts by a difference', () => given(counted(5)).when(adjust(2)).then({ type: 'StockAdjusted', data: { ...place, delta: 2, reason: 'found', level: level(7) } }));
  it('an adjustment by nothing is nothing', () => given(counted(5)).when(adjust(0)).thenNothing());
  it('refuses an adjustment that is no whole number', () => given(counted(5)).when(adjust(0.5)).thenRefused('BAD_QUANTITY'));
  it('refuses to have less than nothing on hand', () => given(counted(5)).when(adjust(-6)).thenRefused('NEGATIVE_STOCK'));
  it('ALC-02: refuses to count promised goods away', () => given(counted(5), held).when(count(1)).thenRefused('NEGATIVE_STOCK'));
  it('sets goods aside, which stay on hand', () => given(counted(5)).when(aside(2)).then({ type: 'StockSetAside', data: { ...place, quantity: 2, reason: 'wet', level: level(5, 0, 0, 2) } }));
  it('sets nothing aside that is promised', () => given(counted(5), held).when(aside(4)).thenRefused('NEGATIVE_STOCK'));
  it('takes back no more than was set aside', () => given(counted(5)).when(aside(-1)).thenRefused('NEGATIVE_STOCK'));
  it('setting nothing aside is nothing', () => given(counted(5)).when(aside(0)).thenNothing());
  it('refuses to set half a unit aside', () => given(counted(5)).when(aside(0.5)).thenRefused('BAD_QUANTITY'));
  it('ALC-02: holds what is free', () => given(counted(5)).when({ type: 'HoldStock', data: { ...share, priority: 0 } }).then(held));
  it('ALC-02: refuses to hold more than is free, whoever has checked before', () => given(counted(5), held).when({ type: 'HoldStock', data: { ...share, quantity: 4, priority: 0 } }).thenRefused('SHORT'));
  it('confirms a hold', () => given(counted(5), held).when({ type: 'ConfirmHold', data: share }).then(confirmed));
  it('releases a hold', () =>
    given(counted(5), held).when({ type: 'ReleaseHold', data: { ...share, from: 'held', cause: 'EXPIRED' } }).then({ type: 'HoldReleased', data: { ...share, from: 'held', cause: 'EXPIRED', level: level(5) } }));
  it('releases what was confirmed', () =>
    given(counted(5), held, confirmed).when({ type: 'ReleaseHold', data: { ...share, from: 'confirmed', cause: 'CANCELLED' } }).then({ type: 'HoldReleased', data: { ...share, from: 'confirmed', cause: 'CANCELLED', level: level(5) } }));
  it('ALC-02: what has left is neither on hand nor confirmed', () =>
    given(counted(5), held, confirmed).when({ type: 'TakeStock', data: { ...share, parcelId: 'P' } }).then({ type: 'StockTaken', data: { ...share, parcelId: 'P', level: level(3) } }));

  it('ALC-02: a movement that would break the promise is never written, even if the coordinator is wrong', () => {
    const state = stock.evolve(stock.initial, counted(5));
    for (const command of [
      { type: 'ConfirmHold', data: share },
      { type: 'ReleaseHold', data: { ...share, from: 'confirmed', cause: '' } },
      { type: 'TakeStock', data: { ...share, parcelId: 'P' } },
      { type: 'HoldStock', data: { ...share, quantity: -1, priority: 0 } },
    ] as const) {
      expect(() => stock.decide(command, state)).toThrow('breaks the promise');
    }
  });
});
