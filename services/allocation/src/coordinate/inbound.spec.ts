import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { article, warehouseAt } from '../../spec/examples.js';
import { broken } from '../../spec/invariants.js';
import { MemoryStore } from '../../spec/memory-store.js';
import { Refused } from '@flotilla/decider';
import type { InboundCommand } from '../decide/inbound.decider.js';
import { sku } from '../decide/sku.decider.js';
import { stock } from '../decide/stock.decider.js';
import { warehouse } from '../decide/warehouse.decider.js';
import { moveInbound } from './inbound.js';
import { moveShelf } from './shelf.js';

const opened = (onHand: Readonly<Record<string, number>>): MemoryStore => {
  const store = new MemoryStore(() => '2026-11-21T10:00:00.000Z', false);
  store.execute((unit) => unit.run(sku, 'A', { type: 'DescribeArticle', data: article('A') }));
  for (const [site, units] of Object.entries(onHand)) {
    store.execute((unit) => unit.run(warehouse, site, { type: 'DescribeWarehouse', data: warehouseAt(site, '广东省') }));
    store.execute((unit) => moveShelf(unit, { type: 'CountStock', data: { warehouse: site, sku: 'A', onHand: units, asOf: '' } }, []));
  }
  return store;
};
const transfer = (quantity: number, changes: object = {}): InboundCommand => ({
  type: 'AnnounceInbound', data: { inbound: 'T-1', kind: 'TRANSFER', warehouse: 'WH2', fromWarehouse: 'WH1', expectedAt: '', reference: '', lines: [{ sku: 'A', quantity }], ...changes },
});
const receive = (quantity: number, complete: boolean): InboundCommand => ({ type: 'ReceiveInbound', data: { inbound: 'T-1', received: [{ sku: 'A', quantity, unsellable: 0, cause: '' }], complete, reason: '' } });
const figures = (store: MemoryStore): readonly (readonly number[])[] => ['WH1', 'WH2'].map((site) => {
  const { onHand, inTransit } = store.state(stock, `${site}.A`);
  return [onHand, inTransit];
});

describe('an inbound and its shelves', () => {
  it('ALC-02: a transfer leaves one shelf when it is announced and is on the other when it has arrived', () => {
    const store = opened({ WH1: 10, WH2: 1 });
    store.execute((unit) => moveInbound(unit, transfer(4)));
    expect(figures(store)).toEqual([[6, 0], [1, 4]]);
    store.execute((unit) => moveInbound(unit, transfer(3)));
    expect(figures(store)).toEqual([[7, 0], [1, 3]]);
    store.execute((unit) => moveInbound(unit, receive(1, false)));
    expect(figures(store)).toEqual([[7, 0], [2, 2]]);
    store.execute((unit) => moveInbound(unit, receive(1, true)));
    expect(figures(store)).toEqual([[7, 0], [3, 0]]);
    expect(store.log.filter(({ type }) => type === 'InboundEnded').map(({ data }) => data)).toMatchObject([{ warehouse: 'WH2', announced: 3, received: 2, difference: -1 }]);
    expect(broken(store)).toEqual([]);
  });

  it('ALC-02: a transfer of more than is free, or between places that nobody knows, moves neither shelf', () => {
    const store = opened({ WH1: 2, WH2: 0 });
    for (const [command, reason] of [[transfer(3), 'NEGATIVE_STOCK'], [transfer(1, { warehouse: 'WH9' }), 'UNKNOWN_WAREHOUSE'], [transfer(1, { lines: [{ sku: 'Z', quantity: 1 }] }), 'UNKNOWN_SKU']] as const) {
      expect(() => store.execute((unit) => moveInbound(unit, command))).toThrow(expect.objectContaining({ reason }));
    }
    expect(figures(store)).toEqual([[2, 0], [0, 0]]);
  });

  it('ALC-02: whatever is announced, received and closed in whatever order, no unit is lost or made unless a difference says so', () => {
    const commands = fc.array(fc.oneof(fc.record({ kind: fc.constant('announce' as const), units: fc.nat(6) }), fc.record({ kind: fc.constant('receive' as const), units: fc.nat(4), complete: fc.boolean() }), fc.record({ kind: fc.constant('close' as const) })), { maxLength: 12 });
    fc.assert(
      fc.property(commands, (steps) => {
        const store = opened({ WH1: 10, WH2: 0 });
        for (const step of steps) {
          const command: InboundCommand = step.kind === 'announce' ? transfer(step.units) : step.kind === 'receive' ? receive(step.units, step.complete) : { type: 'CloseInbound', data: { inbound: 'T-1', reason: '' } };
          try {
            store.execute((unit) => moveInbound(unit, command));
          } catch (error) {
            if (!(error instanceof Refused)) throw error;
          }
        }
        const differences = store.log.reduce((sum, { type, data }) => (type === 'InboundEnded' ? sum + (data as { difference: number }).difference : sum), 0);
        const came = store.state(stock, 'WH2.A').inbound['T-1'];
        const surplus = came ? Math.max(0, came.received - came.announced) : 0;
        const [[left], [arrived, way]] = figures(store) as [[number], [number, number]];
        expect(left + arrived + way).toBe(10 + differences + surplus);
        expect(broken(store)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
