import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { stock, type StockCommand } from './stock.decider.js';
import { freeOf, promisable, type Level, type StockEvent } from './stock.events.js';

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

  it('ALC-02: goods set aside are made sellable again, or thrown away, each with its cause', () => {
    const damaged: StockEvent = { type: 'StockSetAside', data: { ...place, quantity: 2, reason: 'WATER DAMAGE', level: level(5, 0, 0, 2) } };
    given(counted(5)).when({ type: 'SetAside', data: { ...place, quantity: 2, reason: 'WATER DAMAGE' } }).then(damaged);
    given(counted(5), damaged).when({ type: 'SetAside', data: { ...place, quantity: -1, reason: 'REPACKED' } }).then({ type: 'StockSetAside', data: { ...place, quantity: -1, reason: 'REPACKED', level: level(5, 0, 0, 1) } });
    given(counted(5), damaged).when({ type: 'ScrapStock', data: { ...place, quantity: 2, reason: 'EXPIRED' } }).then({ type: 'StockScrapped', data: { ...place, quantity: 2, reason: 'EXPIRED', level: level(3) } });
    given(counted(5), damaged).when({ type: 'ScrapStock', data: { ...place, quantity: 3, reason: 'EXPIRED' } }).thenRefused('NEGATIVE_STOCK');
    given(counted(5), damaged).when({ type: 'ScrapStock', data: { ...place, quantity: -1, reason: 'x' } }).thenRefused('BAD_QUANTITY');
    given(counted(5)).when({ type: 'ScrapStock', data: { ...place, quantity: 0, reason: 'x' } }).thenNothing();
  });

  describe('safety stock', () => {
    const kept: StockEvent = { type: 'SafetySet', data: { ...place, was: 0, level: level(5), beside: { safety: 3, safetyFrom: 10, inTransit: 0 } } };
    const set = (units: number, from = 0): StockCommand => ({ type: 'SetSafety', data: { ...place, units, from } });
    it('ALC-02: is kept back from orders below its priority, and is no part of the level', () => {
      given(counted(5)).when(set(3, 10)).then(kept);
      const state = [counted(5), kept].reduce(stock.evolve, stock.initial);
      expect([freeOf(state), promisable(state), promisable(state, 9), promisable(state, 10)]).toEqual([5, 2, 2, 5]);
      expect(promisable({ ...state, safetyFrom: 0 }, 99)).toBe(2);
      expect(promisable({ ...state, onHand: 2 })).toBe(0);
    });
    it('ALC-02: stands beside every movement after it, until it is none', () => {
      given(counted(5), kept).when({ type: 'HoldStock', data: { ...share, priority: 0 } }).then({ ...held, data: { ...held.data, beside: { safety: 3, safetyFrom: 10, inTransit: 0 } } } as StockEvent);
      given(counted(5), kept).when(set(0)).then({ type: 'SafetySet', data: { ...place, was: 3, level: level(5) } });
    });
    it('ALC-02: may be more than there is, and takes no promise back', () => given(counted(5), held).when(set(9)).then({ type: 'SafetySet', data: { ...place, was: 0, level: level(5, 2), beside: { safety: 9, safetyFrom: 0, inTransit: 0 } } }));
    it('ALC-02: the same again changes nothing; less than none, or half a unit, is refused', () => {
      given(counted(5), kept).when(set(3, 10)).thenNothing();
      for (const units of [-1, 0.5]) given().when(set(units)).thenRefused('BAD_QUANTITY');
      given().when(set(1, -1)).thenRefused('BAD_QUANTITY');
    });
  });

  describe('stock on its way', () => {
    const announced = (quantity: number, inTransit = quantity, was: Level = level(5)): StockEvent => ({ type: 'StockAnnounced', data: { ...place, inbound: 'PO-1', kind: 'PURCHASE', fromWarehouse: '', quantity, expectedAt: '', level: was, beside: { safety: 0, safetyFrom: 0, inTransit } } });
    const announce = (quantity: number): StockCommand => ({ type: 'AnnounceStock', data: { ...place, inbound: 'PO-1', kind: 'PURCHASE', fromWarehouse: '', quantity, expectedAt: '' } });
    const receive = (quantity: number, unsellable = 0, inbound = 'PO-1'): StockCommand => ({ type: 'ReceiveStock', data: { ...place, inbound, quantity, unsellable, reason: unsellable > 0 ? 'DAMAGED' : '' } });
    const received = (quantity: number, unsellable: number, after: Level, inTransit: number): StockEvent => ({
      type: 'StockReceived', data: { ...place, inbound: 'PO-1', quantity, unsellable, reason: unsellable > 0 ? 'DAMAGED' : '', level: after, ...(inTransit > 0 ? { beside: { safety: 0, safetyFrom: 0, inTransit } } : {}) },
    });
    it('ALC-02: is on no shelf before it is received', () => {
      given(counted(5)).when(announce(7)).then(announced(7));
      given(counted(5), announced(7)).when({ type: 'HoldStock', data: { ...share, quantity: 6, priority: 99 } }).thenRefused('SHORT');
      given(counted(5), announced(7)).when(announce(7)).thenNothing();
      given(counted(5), announced(7)).when(announce(4)).then(announced(4));
    });
    it('ALC-02: arrives in parts, some of it damaged; what is still to come stays in transit', () => {
      given(counted(5), announced(7)).when(receive(4, 1)).then(received(4, 1, level(9, 0, 0, 1), 3));
      given(counted(5), announced(7), received(4, 1, level(9, 0, 0, 1), 3)).when(receive(3)).then(received(3, 0, level(12, 0, 0, 1), 0));
      given(counted(5), announced(7), received(4, 1, level(9, 0, 0, 1), 3)).when(announce(3)).thenRefused('BAD_QUANTITY');
    });
    it('ALC-02: ends with the difference between what was announced and what came', () => {
      const end: StockCommand = { type: 'EndInbound', data: { ...place, inbound: 'PO-1', reason: 'lost on the way' } };
      given(counted(5), announced(7), received(4, 1, level(9, 0, 0, 1), 3)).when(end).then({ type: 'InboundEnded', data: { ...place, inbound: 'PO-1', announced: 7, received: 4, difference: -3, reason: 'lost on the way', level: level(9, 0, 0, 1) } });
      given(counted(5)).when(end).thenNothing();
    });
    it('ALC-02: what nobody announced is not received, nor more damaged than came', () => {
      given(counted(5)).when(receive(1)).thenRefused('NOT_FOUND');
      given(counted(5), announced(7)).when(receive(1, 2)).thenRefused('BAD_QUANTITY');
      given(counted(5), announced(7)).when(receive(-1)).thenRefused('BAD_QUANTITY');
      given(counted(5), announced(7)).when(receive(0)).thenNothing();
    });
    it('ALC-02: leaves its shelf for another warehouse only if nobody was promised it', () => {
      const dispatch = (quantity: number): StockCommand => ({ type: 'DispatchStock', data: { ...place, inbound: 'T-1', toWarehouse: 'WH2', quantity } });
      given(counted(5), held).when(dispatch(3)).then({ type: 'StockDispatched', data: { ...place, inbound: 'T-1', toWarehouse: 'WH2', quantity: 3, level: level(2, 2) } });
      given(counted(5), held).when(dispatch(4)).thenRefused('NEGATIVE_STOCK');
      given(counted(5)).when(dispatch(-2)).then({ type: 'StockDispatched', data: { ...place, inbound: 'T-1', toWarehouse: 'WH2', quantity: -2, level: level(7) } });
      given(counted(5)).when(dispatch(0)).thenNothing();
    });
  });

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
