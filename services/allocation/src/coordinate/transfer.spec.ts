import { describe, expect, it } from '@jest/globals';
import { Refused } from '@flotilla/decider';
import fc from 'fast-check';
import { article, warehouseAt } from '../../spec/examples.js';
import { broken } from '../../spec/invariants.js';
import { MemoryStore } from '../../spec/memory-store.js';
import type { InboundCommand } from '../decide/inbound.decider.js';
import { lock } from '../decide/lock.decider.js';
import { sku } from '../decide/sku.decider.js';
import { stock } from '../decide/stock.decider.js';
import type { StockEvent } from '../decide/stock.events.js';
import { warehouse } from '../decide/warehouse.decider.js';
import { moveInbound } from './inbound.js';
import { answerConfirm, answerLock } from './participant.js';
import { moveShelf } from './shelf.js';

const AT = '2026-11-21T10:00:00.000Z';
const [SITES, SKUS] = [['WH1', 'WH2'], ['A', 'B']];

const opened = (onHand: number): MemoryStore => {
  const store = new MemoryStore(() => AT, false);
  for (const one of SKUS) store.execute((unit) => unit.run(sku, one, { type: 'DescribeArticle', data: article(one) }));
  for (const site of SITES) {
    store.execute((unit) => unit.run(warehouse, site, { type: 'DescribeWarehouse', data: warehouseAt(site, '广东省') }));
    for (const one of SKUS) store.execute((unit) => moveShelf(unit, { type: 'CountStock', data: { warehouse: site, sku: one, onHand, asOf: '' } }, []));
  }
  return store;
};
const lines = (quantities: readonly number[]): { sku: string; quantity: number }[] => quantities.map((quantity, index) => ({ sku: SKUS[index]!, quantity }));
const request = (inbound: string, quantities: readonly number[], from = 'WH1'): InboundCommand => ({ type: 'RequestTransfer', data: { inbound, kind: 'TRANSFER', warehouse: from === 'WH1' ? 'WH2' : 'WH1', fromWarehouse: from, expectedAt: '', reference: '', lines: lines(quantities) } });
const ship = (inbound: string, quantities: readonly number[]): InboundCommand => ({ type: 'ShipTransfer', data: { inbound, lines: lines(quantities), expectedAt: '', reason: '' } });
const hold = (store: MemoryStore, lockId: string, site: string, quantities: readonly number[]): void =>
  void store.execute((unit) => answerLock(unit, { lockId, foId: `fo-${lockId}`, round: 1, warehouse: site, lines: lines(quantities).filter(({ quantity }) => quantity > 0), priority: 0 }, { at: AT, leaseMs: 30_000 }));
const shelf = (store: MemoryStore, site: string, one: string) => store.state(stock, `${site}.${one}`);

describe('a transfer order and its shelves', () => {
  it('ALC-11: moves nothing when it is requested or cancelled; when it leaves it is off one shelf and on its way to the other, and sold by neither', () => {
    const store = opened(10);
    store.execute((unit) => moveInbound(unit, request('T-1', [4, 2])));
    expect([shelf(store, 'WH1', 'A'), shelf(store, 'WH2', 'A')]).toMatchObject([{ onHand: 10, inTransit: 0 }, { onHand: 10, inTransit: 0 }]);
    store.execute((unit) => moveInbound(unit, ship('T-1', [3, 0])));
    expect([shelf(store, 'WH1', 'A'), shelf(store, 'WH2', 'A'), shelf(store, 'WH1', 'B')]).toMatchObject([{ onHand: 7 }, { onHand: 10, inTransit: 3 }, { onHand: 10 }]);
    store.execute((unit) => moveInbound(unit, ship('T-1', [3, 0])));
    expect(shelf(store, 'WH1', 'A').onHand).toBe(7);
    store.execute((unit) => moveInbound(unit, request('T-2', [1, 1], 'WH2')));
    store.execute((unit) => moveInbound(unit, { type: 'CancelTransfer', data: { inbound: 'T-2', reason: '' } }));
    expect(shelf(store, 'WH2', 'B')).toMatchObject({ onHand: 10 });
    expect(broken(store)).toEqual([]);
  });

  it('ALC-11: what is held or confirmed does not leave, and a shipment that would need it moves nothing at all', () => {
    const store = opened(5);
    hold(store, 'held', 'WH1', [2, 0]);
    hold(store, 'confirmed', 'WH1', [1, 0]);
    store.execute((unit) => answerConfirm(unit, { lockId: 'confirmed', foId: 'fo-confirmed', round: 1, warehouse: 'WH1', fence: store.state(lock, 'confirmed').fence }, { at: AT, leaseMs: 30_000 }));
    store.execute((unit) => moveInbound(unit, request('T-1', [3, 3])));
    expect(() => store.execute((unit) => moveInbound(unit, ship('T-1', [])))).toThrow(expect.objectContaining({ reason: 'NEGATIVE_STOCK' }));
    expect([shelf(store, 'WH1', 'B').onHand, shelf(store, 'WH2', 'B').inTransit]).toEqual([5, 0]);
    store.execute((unit) => moveInbound(unit, ship('T-1', [2, 3])));
    expect(shelf(store, 'WH1', 'A')).toMatchObject({ onHand: 3, held: 2, confirmed: 1 });
    expect(broken(store)).toEqual([]);
  });

  it('ALC-11: whatever is requested, shipped, received, ended and locked in whatever order, the warehouses and what is on its way have every unit, but for differences that were told', () => {
    const id = fc.constantFrom('T-1', 'T-2');
    const two = fc.array(fc.nat(5), { minLength: 2, maxLength: 2 });
    const steps = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('request' as const), id, two }),
        fc.record({ kind: fc.constant('ship' as const), id, two }),
        fc.record({ kind: fc.constant('receive' as const), id, two, broken: fc.boolean(), complete: fc.boolean() }),
        fc.record({ kind: fc.constantFrom('end' as const, 'cancel' as const), id }),
        fc.record({ kind: fc.constant('lock' as const), site: fc.constantFrom(...SITES), two }),
      ),
      { maxLength: 25 },
    );
    let [shipped, refused] = [0, 0];
    fc.assert(
      fc.property(steps, (all) => {
        const store = opened(8);
        for (const [inbound, from] of [['T-1', 'WH1'], ['T-2', 'WH2']] as const) store.execute((unit) => moveInbound(unit, request(inbound, [4, 3], from)));
        for (const [index, step] of all.entries()) {
          try {
            if (step.kind === 'lock') hold(store, `lock-${index}`, step.site, step.two);
            else {
              const command: InboundCommand =
                step.kind === 'request'
                  ? request(step.id, step.two, step.id === 'T-1' ? 'WH1' : 'WH2')
                  : step.kind === 'ship'
                    ? ship(step.id, step.two)
                    : step.kind === 'receive'
                      ? { type: 'ReceiveInbound', data: { inbound: step.id, received: lines(step.two).map((line) => ({ ...line, unsellable: step.broken ? line.quantity : 0, cause: '' })), complete: step.complete, reason: '' } }
                      : { type: step.kind === 'end' ? 'CloseInbound' : 'CancelTransfer', data: { inbound: step.id, reason: '' } };
              store.execute((unit) => moveInbound(unit, command));
              if (step.kind === 'ship') shipped += 1;
            }
          } catch (error) {
            if (!(error instanceof Refused)) throw error;
            refused += 1;
          }
        }
        for (const one of SKUS) {
          const shelves = SITES.map((site) => shelf(store, site, one));
          const here = shelves.reduce((sum, { onHand, inTransit }) => sum + onHand + inTransit, 0);
          const told = store.log.reduce((sum, event) => (event.type === 'InboundEnded' && (event.data as { sku: string }).sku === one ? sum + (event as unknown as Extract<StockEvent, { type: 'InboundEnded' }>).data.difference : sum), 0);
          // More than was sent has come, and nobody has ended it yet.
          const surplus = shelves.flatMap(({ inbound }) => Object.values(inbound)).reduce((sum, { announced, received }) => sum + Math.max(0, received - announced), 0);
          expect(here).toBe(16 + told + surplus);
          for (const { onHand, unsellable, held, confirmed } of shelves) expect(held + confirmed).toBeLessThanOrEqual(onHand - unsellable);
        }
        expect(broken(store)).toEqual([]);
      }),
      { numRuns: 200, seed: 11 },
    );
    expect([shipped > 50, refused > 100]).toEqual([true, true]);
  });
});
