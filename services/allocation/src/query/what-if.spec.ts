import { describe, expect, it } from '@jest/globals';
import type { allocation as api, order } from '@flotilla/contracts';
import { article, request, warehouseAt } from '../../spec/examples.js';
import { noLanes } from '../decide/routing/lanes.js';
import { lanes } from '../decide/routing/lanes.decider.js';
import { routingRule, ruleSet, type Rules } from '../decide/routing/rules.js';
import { Replay, type Question, type Replayed } from './what-if.js';

const lane = (warehouse: string, firstPrice: number, days: number): api.Lane => ({
  carrier: 'sf', service: 'STANDARD', warehouse, fromProvince: '', toZone: 'CN', firstGrams: 1_000, firstPrice, extraGrams: 1_000, extraPrice: 100, currency: 'CNY', days, validFrom: '2026-01-01', validTo: '',
});
const rules = (changes: Partial<api.RuleSet> = {}, version = 1): Rules => ({ version, rules: ruleSet(changes) });
const [from, to] = ['2026-11-10T00:00:00.000Z', '2026-11-17T00:00:00.000Z'];
const question: Question = { from, to, draft: rules({ criteria: ['STOCK', 'FREIGHT'] }, 0), inForce: rules(), lanes: lanes.evolve(noLanes, { type: 'LanesSet', data: { lanes: [lane('FAST', 1_500, 1), lane('CHEAP', 900, 4)] } }), model: null, stock: [] };
const [before, early, later, after] = ['2026-11-09T00:00:00.000Z', '2026-11-11T00:00:00.000Z', '2026-11-12T00:00:00.000Z', '2026-11-18T00:00:00.000Z'];

const told = (stream: string, type: string, data: unknown, recordedAt = early): Replayed => ({ stream: `${stream}-x`, type, recordedAt, data });
const free = (warehouse: string, onHand: number, type = 'StockCounted', recordedAt = before, extra: object = {}): Replayed =>
  told('stock', type, { warehouse, sku: 'A', level: { onHand, unsellable: 0, held: 0, confirmed: 0 }, ...extra }, recordedAt);
const asked = (foId: string, quantity: number, changes: Partial<order.AllocationRequested> = {}, at = early): Replayed => told('allocation', 'RequestNoted', request({ foId, lines: [{ sku: 'A', quantity }], ...changes }), at);
const allocated = (foId: string, warehouse: string, quantity: number): Replayed => told('allocation', 'OrderAllocated', { foId, warehouse, parts: [{ warehouse, lockId: 'l', lines: [{ sku: 'A', quantity }] }] });
const world = [
  told('warehouse', 'WarehouseDescribed', warehouseAt('FAST', '广东省'), before),
  told('warehouse', 'WarehouseDescribed', warehouseAt('CHEAP', '浙江省'), before),
  told('sku', 'ArticleDescribed', article('A', { grams: 400 }), before),
];
const replay = (events: readonly Replayed[], changes: Partial<Question> = {}): Replay => {
  const one = new Replay({ ...question, ...changes });
  for (const event of [...world, ...events]) one.take(event);
  return one;
};
const draft = (events: readonly Replayed[], changes: Partial<Question> = {}): api.WhatIfFigures => replay(events, changes).figures().draft;

describe('ALC-14: what another rule would have done', () => {
  it('ALC-14: prices both sides with the same lanes, and shows who would have sent it instead', () => {
    const one = replay([free('FAST', 9), free('CHEAP', 9), asked('F', 2), allocated('F', 'FAST', 2)]);
    expect(one.figures()).toMatchObject({ happened: { orders: 1, planned: 1, parcels: 1, freight: { amount: 1_500 }, meanDays: 1 }, draft: { planned: 1, freight: { amount: 900 }, meanDays: 4 } });
    expect(one.changes()).toMatchObject([{ foId: 'F', happened: ['FAST'], draft: ['CHEAP'] }]);
  });
  it('ALC-14: counts the orders that each rule would have met, by shop and weight, too', () => {
    const heavy = routingRule('heavy', { gramsAbove: 700 }, { exclude: { carriers: ['sf'] } });
    const shop = routingRule('of a shop', { channels: ['woo'] }, { only: { warehouses: ['CHEAP'] } });
    const of = (channel: string): Partial<order.AllocationRequested> => ({ orders: [{ orderId: 'o', channel, channelOrderId: '1', lines: [] }] });
    const one = replay([free('FAST', 9), free('CHEAP', 9), asked('F', 1, of('woo')), asked('G', 2, of('shop')), asked('G', 2, { round: 2 })], { draft: rules({ rules: [heavy, shop] }, 0) });
    expect(one.matched()).toEqual([{ rule: 'heavy', orders: 1 }, { rule: 'of a shop', orders: 1 }]);
    expect(one.figures().draft).toMatchObject({ orders: 2 });
  });
  it('ALC-14: only the requests of the time, and each once', () => {
    expect(draft([free('FAST', 9), asked('old', 1, {}, before), asked('F', 1), asked('F', 1, { round: 2 }), asked('new', 1, {}, after)]).orders).toBe(1);
  });
  it('ALC-14: the tried orders take from the stock that they leave one another', () => expect(draft([free('CHEAP', 3), asked('F', 2), asked('G', 2)])).toMatchObject({ planned: 1, backordered: 1, waiting: 1 }));
  it('ALC-14: what orders of the time did to the stock is left out, what older ones do is not', () => {
    const held = (foId: string): Replayed => free('CHEAP', 1, 'StockHeld', early, { foId });
    expect(draft([free('CHEAP', 3), asked('F', 2), held('F'), asked('G', 1)])).toMatchObject({ planned: 2 });
    expect(draft([free('CHEAP', 3), asked('F', 2), held('old'), asked('G', 1)])).toMatchObject({ planned: 1, waiting: 1 });
  });
  it('ALC-14: leaves what was kept back to those who might have it', () => {
    const kept = (safety: number, at = before): Replayed => free('CHEAP', 3, 'SafetySet', at, { beside: { safety, safetyFrom: 5, inTransit: 0 } });
    expect(draft([free('CHEAP', 3), kept(2), asked('F', 2), asked('VIP', 2, { priority: 5 })])).toMatchObject({ planned: 1, waiting: 1 });
    expect(draft([free('CHEAP', 3), kept(2), asked('F', 2), kept(0, later)])).toMatchObject({ planned: 1, backordered: 1, waiting: 0 });
  });
  it('ALC-14: stock that arrives serves those that wait, by priority', () => {
    const late = replay([free('CHEAP', 0), asked('F', 2), asked('VIP', 2, { priority: 5 }), free('CHEAP', 2, 'StockAdjusted', later, { delta: 2 })]);
    expect(late.figures().draft).toMatchObject({ planned: 1, backordered: 2, waiting: 1 });
    expect(late.changes().map(({ foId }) => foId)).toEqual(['VIP']);
  });
  it('ALC-14: a cancelled order gives its stock back and waits no more', () => {
    const cancelled = told('allocation', 'CancelNoted', { foId: 'F', reason: 'BUYER' }, later);
    expect(draft([free('CHEAP', 2), asked('F', 2), asked('G', 2), cancelled])).toMatchObject({ planned: 1, backordered: 1, waiting: 0 });
  });
  it('ALC-14: a stock plan is what is free at the beginning instead', () => {
    const stock = [{ warehouse: 'FAST', sku: 'A', free: 1 }, { warehouse: 'CHEAP', sku: 'A', free: 1 }];
    expect(draft([free('CHEAP', 9), asked('F', 2)], { stock })).toMatchObject({ parcels: 2, splitOrders: 1, freight: { amount: 2_400 }, meanDays: 4 });
  });
  it('ALC-14: late is what would arrive after the promise', () => {
    const promised = asked('F', 1, { promisedAt: '2026-11-14T00:00:00.000Z' });
    expect(replay([free('FAST', 9), free('CHEAP', 9), promised, allocated('F', 'FAST', 1)]).figures()).toMatchObject({ happened: { late: 0 }, draft: { late: 1 } });
  });
  it('ALC-14: what was measured stands beside it, also if it became known after the time', () => {
    const left = told('outcome', 'ParcelLeft', { parcelId: 'P', foId: 'F', freight: { amount: 1_640, currency: 'CNY' }, dueAt: later }, early);
    const arrived = told('outcome', 'ParcelArrived', { parcelId: 'P', foId: 'F', deliveredAt: after }, after);
    expect(replay([free('FAST', 9), asked('F', 1), allocated('F', 'FAST', 1), left, arrived]).figures().happened).toMatchObject({ paid: { amount: 1_640, currency: 'CNY' }, paidParcels: 1, delivered: 1, lateDelivered: 1 });
  });
  it('ALC-14: a parcel without a lane is counted, not guessed', () => expect(draft([free('CHEAP', 9), asked('F', 1, { country: 'US' })])).toMatchObject({ planned: 1, unpricedParcels: 1, freight: { amount: 0 } }));
});
