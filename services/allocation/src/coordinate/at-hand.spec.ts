import { describe, expect, it } from '@jest/globals';
import type { order } from '@flotilla/contracts';
import { lockIdOf } from '@flotilla/values';
import { article, request, warehouseAt } from '../../spec/examples.js';
import { MemoryStore } from '../../spec/memory-store.js';
import { sagaHandlers } from '../accept/saga-events.consumer.js';
import { byLedger, lockRequestHandlers } from '../accept/lock-requests.consumer.js';
import { allocation } from '../decide/allocation.decider.js';
import { stockId } from '../decide/names.js';
import type { Snapshot } from '../decide/route.js';
import { sku } from '../decide/sku.decider.js';
import { stock } from '../decide/stock.decider.js';
import { warehouse } from '../decide/warehouse.decider.js';
import { publish } from '../publish/publish.js';
import { runSaga } from './nodes.js';

const at = '2026-11-22T00:00:00.000Z';
const sites = [warehouseAt('WH1', '广东省'), warehouseAt('WH2', '浙江省'), warehouseAt('WH3', '浙江省')];

/** A database with stock; `believed`: what plans are made of, which may be older. */
const database = (onHand: Readonly<Record<string, number>>, believed = onHand) => {
  const store = new MemoryStore(() => at);
  for (const site of sites) store.execute((unit) => unit.run(warehouse, site.warehouse, { type: 'DescribeWarehouse', data: site }));
  store.execute((unit) => unit.run(sku, 'A', { type: 'DescribeArticle', data: article('A') }));
  for (const [site, units] of Object.entries(onHand)) store.execute((unit) => unit.run(stock, stockId(site, 'A'), { type: 'CountStock', data: { warehouse: site, sku: 'A', onHand: units, asOf: '' } }));
  const snapshot: Snapshot = {
    warehouses: sites,
    free: Object.fromEntries(Object.entries(believed).map(([site, units]) => [site, { A: units }])),
    articles: { A: { nameZh: '', nameEn: 'A', grams: 100 } },
  };
  const ask = (foId: string, quantity: number, atHand: readonly string[], width = 1, changes: Partial<order.AllocationRequested> = {}) => {
    const before = store.log.length;
    const data = { request: request({ foId, lines: [{ sku: 'A', quantity }], ...changes }), now: { at, policy: { width, windowMs: 0, partial: 'all' as const }, snapshot, atHand } };
    store.execute((unit) => runSaga(unit, foId, { type: 'RequestAllocation', data }));
    return store.log.slice(before);
  };
  const level = (site: string) => store.state(stock, stockId(site, 'A'));
  return { store, ask, level };
};
const F = '73593e49-01a8-5a48-ba3d-f80693b46afb';
const G = '901e7359-acf3-5dea-b403-e3c7f3600b91';
const all = ['WH1', 'WH2', 'WH3'];
const types = (events: readonly { readonly type: string }[]): readonly string[] => events.map(({ type }) => type);

describe('warehouses at hand', () => {
  it('ALC-01: ask, grant, claim, confirm and allocation are one append', () => {
    const { store, ask, level } = database({ WH1: 5, WH2: 0, WH3: 0 });
    const events = ask(F, 2, all);
    expect(types(events).toSorted()).toEqual(
      ['RequestNoted', 'AllocationPlanned', 'LockAsked', 'StockLocked', 'StockHeld', 'GrantNoted', 'AllocationClaimed', 'ConfirmAsked', 'StockConfirmed', 'HoldConfirmed', 'ConfirmationNoted', 'OrderAllocated'].toSorted(),
    );
    expect(store.state(allocation, F).phase).toBe('ALLOCATED');
    expect(level('WH1')).toMatchObject({ held: 0, confirmed: 2 });
  });

  it('ALC-01: questions and answers are published; the questions as answered, and no participant answers them again', () => {
    const { store, ask } = database({ WH1: 5 });
    const sent = ask(F, 2, all).flatMap((event) => publish(event));
    const locks = sent.filter(({ type }) => type.startsWith('flotilla.lock.v1.'));
    expect(locks.map(({ type, data }) => [type.slice('flotilla.lock.v1.'.length), (data as { answered?: boolean; noted?: boolean }).answered ?? (data as { noted?: boolean }).noted])).toEqual([['LockStock', true], ['ConfirmStock', true], ['StockLocked', true], ['StockConfirmed', true]]);
    expect(sent.map(({ type }) => type)).toContain('flotilla.allocation.v1.OrderAllocated');
    const before = store.log.length;
    const participant = byLedger({ LOCAL: lockRequestHandlers(() => ({ at, leaseMs: 30_000 })) });
    for (const { type, data, key } of locks) {
      const message = { topic: '', partition: 0, offset: 0, key, id: '', source: { stream: '', version: 0, id: '', hash: '' }, type, time: at, subject: '', correlation: '', causation: '', data };
      const handler = participant[type];
      if (handler && handler.wants?.(message) !== false) store.execute((unit) => handler.handle(message, unit, 'LOCAL'));
    }
    expect(store.log.length).toBe(before);
    const saga = sagaHandlers(() => ({ at, policy: { width: 1, windowMs: 0, partial: 'all' }, business: at, leaseMs: 30_000, atHand: [] }));
    expect(locks.flatMap(({ type, data }) => (saga[type] ? [saga[type].wants!({ data } as never)] : []))).toEqual([false, false]);
  });

  it('ALC-01: a warehouse whose ledger is elsewhere is asked by message', () => {
    const events = database({ WH1: 5 }).ask(F, 2, ['WH2']);
    expect(types(events)).toEqual(['RequestNoted', 'AllocationPlanned', 'LockAsked']);
    expect(events.flatMap((event) => publish(event)).map(({ type }) => type)).toEqual(['flotilla.lock.v1.LockStock']);
  });

  it('ALC-01: figures that were too old lead to the next warehouse at once, and to the queue when none has it', () => {
    const { store, ask, level } = database({ WH1: 1, WH2: 5, WH3: 0 }, { WH1: 9, WH2: 9, WH3: 9 });
    ask(F, 2, all);
    expect(store.state(allocation, F)).toMatchObject({ phase: 'ALLOCATED' });
    expect([level('WH1').confirmed, level('WH2').confirmed]).toEqual([0, 2]);
    ask(G, 4, all);
    expect(store.state(allocation, G).phase).toBe('BACKORDERED');
    expect(['WH1', 'WH2', 'WH3'].map((site) => [level(site).held, level(site).confirmed])).toEqual([[0, 0], [0, 2], [0, 0]]);
  });

  it('ALC-01: asked all at once, one wins and nothing is held at the others', () => {
    const { store, ask, level } = database({ WH1: 5, WH2: 5, WH3: 5 });
    ask(F, 2, all, 3);
    expect(store.state(allocation, F).phase).toBe('ALLOCATED');
    expect(['WH1', 'WH2', 'WH3'].map((site) => level(site).held)).toEqual([0, 0, 0]);
    expect(['WH1', 'WH2', 'WH3'].reduce((sum, site) => sum + level(site).confirmed, 0)).toBe(2);
  });

  it('ALC-01: hearing the answers again changes nothing', () => {
    const { store, ask } = database({ WH1: 5 });
    const replies = ask(F, 2, all).filter(({ stream }) => stream.startsWith('lock-'));
    const before = store.log.length;
    for (const { type, data } of replies) {
      store.execute((unit) => runSaga(unit, F, { type: 'TakeReply', data: { reply: { type, data } as never, now: { at, policy: { width: 1, windowMs: 0, partial: 'all' }, snapshot: null, atHand: all } } }));
    }
    expect(store.log.length).toBe(before);
  });

  it('ALC-04: a split plan is locked and confirmed whole in one append', () => {
    const { store, ask, level } = database({ WH1: 3, WH2: 3, WH3: 0 });
    ask(F, 5, all);
    expect(store.state(allocation, F).phase).toBe('ALLOCATED');
    expect(level('WH1').confirmed + level('WH2').confirmed).toBe(5);
    expect(store.state(allocation, F).locks[lockIdOf(F, store.state(allocation, F).lockRound, 'WH1')]?.state).toBe('CONFIRMED');
  });

  it('ALC-02: a parcel that leaves consumes, a cancel gives back, each in one append', () => {
    const { store, ask, level } = database({ WH1: 5 });
    const now = { at, policy: { width: 1, windowMs: 0, partial: 'all' as const }, snapshot: null, atHand: all };
    ask(F, 2, all);
    store.execute((unit) => runSaga(unit, F, { type: 'ShipAllocation', data: { foId: F, parcelId: 'P', warehouse: 'WH1', now } }));
    expect([store.state(allocation, F).phase, level('WH1').onHand, level('WH1').confirmed]).toEqual(['CONSUMED', 3, 0]);
    ask(G, 2, all);
    store.execute((unit) => runSaga(unit, G, { type: 'CancelAllocation', data: { foId: G, reason: 'x', shipped: [], now } }));
    expect([store.state(allocation, G).phase, level('WH1').onHand, level('WH1').confirmed]).toEqual(['RELEASED', 3, 0]);
  });
});
