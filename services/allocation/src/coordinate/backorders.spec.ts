import { describe, expect, it } from '@jest/globals';
import type { Recorded } from '@flotilla/event-store';
import { request, warehouseAt } from '../../spec/examples.js';
import { nothingYet, type AllocationState } from '../decide/allocation.state.js';
import type { Snapshot } from '../decide/route.js';
import { queueNews, servable } from './backorders.js';

const waiting = (foId: string, quantity: number, changes: Parameters<typeof request>[0] = {}): AllocationState => ({ ...nothingYet, phase: 'BACKORDERED', foId, request: request({ foId, lines: [{ sku: 'A', quantity }], ...changes }) });
const snapshot = (wh1: number, wh2 = 0): Snapshot => ({ warehouses: [warehouseAt('WH1', '广东省'), warehouseAt('WH2', '浙江省')], free: { WH1: { A: wh1 }, WH2: { A: wh2 } }, articles: { A: { nameZh: '', nameEn: '', grams: 0 } } });
const foIds = (...args: Parameters<typeof servable>): readonly string[] => servable(...args).served.map(({ foId }) => foId);
const recorded = (stream: string, type: string, data: object): Recorded => ({ position: 1, stream, version: 1, id: '', type, schemaVersion: 1, recordedAt: '', data, meta: { correlation: '', causation: '', actor: '' }, hash: '' });
const nothing = { entered: [], left: [], gone: [], skus: [], everything: false };

describe('the queue of backorders', () => {
  it('ALC-02: serves in order, as far as the stock goes', () => expect(foIds([waiting('1', 2), waiting('2', 2), waiting('3', 1)], snapshot(4))).toEqual(['1', '2']));
  it('ALC-02: goes past one that does not fit', () => expect(foIds([waiting('1', 5), waiting('2', 2)], snapshot(4))).toEqual(['2']));
  it('gives nobody what was given before, and tells each what is left', () => {
    const { served, left } = servable([waiting('1', 2), waiting('2', 2)], snapshot(3, 2));
    expect(served.map(({ snapshot: { free } }) => free)).toEqual([{ WH1: { A: 3 }, WH2: { A: 2 } }, { WH1: { A: 1 }, WH2: { A: 2 } }]);
    expect(left.free).toEqual({ WH1: { A: 1 }, WH2: { A: 0 } });
  });
  it('ALC-04: what two warehouses are to send together is taken from both', () => {
    const { served, left } = servable([waiting('1', 3), waiting('2', 2), waiting('3', 1)], snapshot(2, 2));
    expect(served.map(({ foId }) => foId)).toEqual(['1', '3']);
    expect(left.free).toEqual({ WH1: { A: 0 }, WH2: { A: 0 } });
  });
  it('ALC-04: of an order that keeps a part, only the rest is looked for', () => {
    const kept = { external: false, warehouse: 'WH2', round: 1, lines: [{ sku: 'A', quantity: 3 }], carrier: '', excludedCarriers: [], state: 'CONFIRMED', fence: 1, open: '', attempt: 1, givenUp: false, why: '', missing: [], parcelId: '' } as const;
    expect(foIds([{ ...waiting('1', 5), locks: { L: kept }, parts: ['L'] }], snapshot(2))).toEqual(['1']);
  });
  it('ORD-01: wakes one that lacks less than it was told, and takes nothing for it', () => {
    const lacking = (quantity: number): AllocationState => ({ ...waiting('1', 5), told: [{ sku: 'A', quantity }] });
    expect(foIds([lacking(5), waiting('2', 2)], snapshot(3))).toEqual(['1', '2']);
    expect(foIds([lacking(2), waiting('2', 2)], snapshot(3))).toEqual(['2']);
  });
  it('ORD-01: what one is told of is not told to the next, in the order of the queue, and nothing that was given', () => {
    const lacking = (foId: string, quantity: number, told = quantity): AllocationState => ({ ...waiting(foId, quantity), told: [{ sku: 'A', quantity: told }] });
    expect(foIds([lacking('1', 5), lacking('2', 5), lacking('3', 5)], snapshot(1))).toEqual(['1']);
    expect(foIds([lacking('1', 5), lacking('2', 5), lacking('3', 5)], snapshot(1, 1))).toEqual(['1', '2']);
    expect(foIds([lacking('1', 5), lacking('2', 2), lacking('3', 5)], snapshot(3))).toEqual(['1', '2']);
    expect(foIds([lacking('1', 2), lacking('2', 5), lacking('3', 5)], snapshot(3))).toEqual(['1', '2']);
    // Who was told of it before does not keep it from the others for ever.
    expect(foIds([lacking('1', 5, 4), lacking('2', 5)], snapshot(1))).toEqual(['2']);
    const { served, left, untold } = servable([lacking('1', 5), lacking('2', 5)], snapshot(3, 1));
    expect(served.map(({ snapshot: { free } }) => free)).toEqual([{ WH1: { A: 3 }, WH2: { A: 1 } }, { WH1: { A: 0 }, WH2: { A: 1 } }]);
    expect([left.free, untold.free]).toEqual([{ WH1: { A: 3 }, WH2: { A: 1 } }, { WH1: { A: 0 }, WH2: { A: 0 } }]);
    // The next page of the queue.
    expect(servable([lacking('3', 5)], left, untold).served).toEqual([]);
  });
  it('asks nobody whom order-core excludes', () => expect(foIds([waiting('1', 1, { excludedWarehouses: ['WH1'] })], snapshot(5))).toEqual([]));
  it('leaves out who is not waiting any more', () => expect(foIds([{ ...waiting('1', 1), phase: 'ASKING' }], snapshot(5))).toEqual([]));

  it('ALC-08: a place of a supplier’s day that comes back is for whatever waits', () => {
    expect(queueNews(recorded('supplierday-S', 'PlaceFreed', { supplier: 'S', lockId: 'L', day: '2026-11-22' }))).toEqual({ ...nothing, everything: true });
    expect(queueNews(recorded('supplierday-S', 'PlaceTaken', { supplier: 'S', lockId: 'L', day: '2026-11-22' }))).toEqual(nothing);
  });
  it('ALC-02: hears of stock that grows, of articles and warehouses, and of who enters and leaves', () => {
    expect(queueNews(recorded('stock-WH1.A', 'HoldReleased', { sku: 'A' }))).toEqual({ ...nothing, skus: ['A'] });
    expect(queueNews(recorded('stock-WH1.A', 'StockHeld', { sku: 'A' }))).toEqual(nothing);
    expect(queueNews(recorded('sku-A', 'ArticleDescribed', { sku: 'A' }))).toEqual({ ...nothing, skus: ['A'] });
    expect(queueNews(recorded('warehouse-WH1', 'WarehouseDescribed', {}))).toEqual({ ...nothing, everything: true });
    expect(queueNews(recorded('lock-L', 'StockLocked', {}))).toEqual(nothing);
    expect(queueNews(recorded('allocation-F', 'OrderBackordered', { foId: 'F' }))).toEqual({ ...nothing, entered: ['F'] });
    expect(queueNews(recorded('allocation-F', 'AllocationPlanned', { foId: 'F' }))).toEqual({ ...nothing, left: ['F'] });
    expect(queueNews(recorded('allocation-F', 'CancelNoted', { foId: 'F' }))).toEqual({ ...nothing, left: ['F'], gone: ['F'] });
    expect(queueNews(recorded('allocation-F', 'RequestNoted', { foId: 'F', round: 2, lines: [{ sku: 'A' }] }))).toEqual({ ...nothing, left: ['F'], skus: ['A'] });
    expect(queueNews(recorded('allocation-F', 'OrderAllocated', { foId: 'F', items: [{ sku: 'A' }] }))).toEqual({ ...nothing, skus: ['A'] });
  });
});
