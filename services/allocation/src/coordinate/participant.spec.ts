import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { broken } from '../../spec/invariants.js';
import { MemoryStore } from '../../spec/memory-store.js';
import { article, warehouseAt } from '../../spec/examples.js';
import { lock } from '../decide/lock.decider.js';
import { sku } from '../decide/sku.decider.js';
import { stock } from '../decide/stock.decider.js';
import { freeOf } from '../decide/stock.events.js';
import { warehouse } from '../decide/warehouse.decider.js';
import { answerConfirm, answerConsume, answerLock, answerRelease, expireLock } from './participant.js';
import { LocksNeeded, moveShelf } from './shelf.js';

const LEASE = 30_000;
const at = (seconds: number): string => new Date(Date.parse('2026-11-21T10:00:00.000Z') + seconds * 1_000).toISOString();

const opened = (skus: Readonly<Record<string, number>>): MemoryStore => {
  const store = new MemoryStore(() => at(0), false);
  store.execute((unit) => unit.run(warehouse, 'WH1', { type: 'DescribeWarehouse', data: warehouseAt('WH1', '广东省') }));
  for (const [one, onHand] of Object.entries(skus)) {
    store.execute((unit) => unit.run(sku, one, { type: 'DescribeArticle', data: article(one) }));
    store.execute((unit) => unit.run(stock, `WH1.${one}`, { type: 'CountStock', data: { warehouse: 'WH1', sku: one, onHand, asOf: '' } }));
  }
  return store;
};
const ask = (lockId: string, lines: readonly { sku: string; quantity: number }[]) => ({ lockId, foId: `fo-${lockId}`, round: 1, warehouse: 'WH1', lines, priority: 0 });
const head = (lockId: string) => ({ lockId, foId: `fo-${lockId}`, round: 1, warehouse: 'WH1' });
const fenceOf = (store: MemoryStore, lockId: string): number => store.state(lock, lockId).fence;

describe('a warehouse with its own ledger', () => {
  it('ALC-02: the last units go to one of two, and the loser learns what is there', () => {
    const store = opened({ A: 3 });
    for (const id of ['one', 'two']) store.execute((unit) => answerLock(unit, ask(id, [{ sku: 'A', quantity: 2 }]), { at: at(0), leaseMs: LEASE }));
    expect(store.state(lock, 'one').status).toBe('LOCKED');
    expect(store.state(lock, 'two').reply).toEqual({ type: 'StockLockRefused', data: { ...head('two'), reason: 'SHORT', free: [{ sku: 'A', quantity: 1 }], kept: [] } });
  });

  it('ALC-02: a lock on several SKUs holds all or none', () => {
    const store = opened({ A: 5, B: 0 });
    store.execute((unit) => answerLock(unit, ask('one', [{ sku: 'A', quantity: 1 }, { sku: 'B', quantity: 1 }]), { at: at(0), leaseMs: LEASE }));
    expect(store.state(lock, 'one').status).toBe('REFUSED');
    expect(store.state(stock, 'WH1.A').held).toBe(0);
  });

  it('ALC-02: what is kept back is locked by nobody below its priority, and the loser learns that it is there', () => {
    const store = opened({ A: 3 });
    const lockFor = (id: string, priority: number): void => void store.execute((unit) => answerLock(unit, { ...ask(id, [{ sku: 'A', quantity: 2 }]), priority }, { at: at(0), leaseMs: LEASE }));
    store.execute((unit) => moveShelf(unit, { type: 'SetSafety', data: { warehouse: 'WH1', sku: 'A', units: 2, from: 5 } }, []));
    lockFor('ordinary', 4);
    expect(store.state(lock, 'ordinary').reply).toEqual({ type: 'StockLockRefused', data: { ...head('ordinary'), reason: 'SAFETY', free: [{ sku: 'A', quantity: 3 }], kept: [{ sku: 'A', quantity: 2 }] } });
    lockFor('urgent', 5);
    expect(store.state(lock, 'urgent').status).toBe('LOCKED');
    lockFor('late', 5);
    expect(store.state(lock, 'late').reply).toMatchObject({ data: { reason: 'SHORT', free: [{ sku: 'A', quantity: 1 }], kept: [] } });
    expect(broken(store)).toEqual([]);
  });

  it('names the reason when there is no such warehouse', () => {
    const store = new MemoryStore(() => at(0));
    store.execute((unit) => answerLock(unit, ask('one', [{ sku: 'A', quantity: 1 }]), { at: at(0), leaseMs: LEASE }));
    expect(store.state(lock, 'one').reply).toMatchObject({ type: 'StockLockRefused', data: { reason: 'UNKNOWN_WAREHOUSE' } });
  });

  it('ALC-01: each grant on a shelf has a higher fence', () => {
    const store = opened({ A: 3 });
    for (const id of ['one', 'two']) store.execute((unit) => answerLock(unit, ask(id, [{ sku: 'A', quantity: 1 }]), { at: at(0), leaseMs: LEASE }));
    expect(fenceOf(store, 'two')).toBeGreaterThan(fenceOf(store, 'one'));
  });

  it('ALC-02: a count below what is promised displaces locks in the order given, and no more than needed', () => {
    const store = opened({ A: 3, B: 3 });
    for (const id of ['old', 'mid', 'new']) {
      store.execute((unit) => answerLock(unit, ask(id, [{ sku: 'A', quantity: 1 }, { sku: 'B', quantity: 1 }]), { at: at(0), leaseMs: LEASE }));
      store.execute((unit) => answerConfirm(unit, { ...head(id), fence: fenceOf(store, id) }, { at: at(1), leaseMs: LEASE }));
    }
    const count = { type: 'CountStock', data: { warehouse: 'WH1', sku: 'A', onHand: 2, asOf: '' } } as const;
    expect(() => store.execute((unit) => moveShelf(unit, count, []))).toThrow(LocksNeeded);
    expect(store.execute((unit) => moveShelf(unit, count, ['new', 'mid', 'old']))).toBe(true);
    expect(store.state(lock, 'new').reply).toEqual({ type: 'StockReleased', data: { ...head('new'), missing: [{ sku: 'A', quantity: 1 }] } });
    expect([store.state(lock, 'mid').status, store.state(lock, 'old').status]).toEqual(['CONFIRMED', 'CONFIRMED']);
    expect(freeOf(store.state(stock, 'WH1.B'))).toBe(1);
    expect(broken(store)).toEqual([]);
  });

  it('refuses shelves of warehouses and SKUs that nobody knows', () => {
    const store = opened({ A: 1 });
    const adjust = (site: string, one: string) => () => store.execute((unit) => moveShelf(unit, { type: 'AdjustStock', data: { warehouse: site, sku: one, delta: 1, reason: 'x' } }, []));
    expect(adjust('WH9', 'A')).toThrow('no warehouse');
    expect(adjust('WH1', 'Z')).toThrow('not in the catalogue');
  });

  it('ALC-01, ALC-02: whatever is asked, repeated and reordered: nothing negative, live locks add up, what expired is never confirmed', () => {
    const id = fc.constantFrom('l1', 'l2', 'l3', 'l4', 'l5');
    const lines = fc.array(fc.record({ sku: fc.constantFrom('A', 'B'), quantity: fc.integer({ min: 1, max: 3 }) }), { minLength: 1, maxLength: 3 });
    const step = fc.oneof(
      fc.record({ kind: fc.constant('ask' as const), id, lines }),
      fc.record({ kind: fc.constantFrom('confirm' as const, 'release' as const, 'consume' as const, 'expire' as const), id }),
      fc.record({ kind: fc.constant('count' as const), sku: fc.constantFrom('A', 'B'), onHand: fc.integer({ min: 0, max: 6 }) }),
      fc.record({ kind: fc.constant('aside' as const), sku: fc.constantFrom('A', 'B'), quantity: fc.integer({ min: -2, max: 2 }) }),
      fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 40 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const store = opened({ A: 4, B: 4 });
        let now = 0;
        const expired = new Set<string>();
        const released = new Set<string>();
        const attempt = (work: () => unknown): void => {
          try {
            work();
          } catch (error) {
            if (!(error instanceof Error) || error.name !== 'Refused') throw error; // anything but a refusal is a fault
          }
        };
        for (const one of steps) {
          const terms = { at: at(now), leaseMs: LEASE };
          const victims = [...store.all(lock).keys()];
          switch (one.kind) {
            case 'ask':
              attempt(() => store.execute((unit) => answerLock(unit, ask(one.id, one.lines), terms)));
              break;
            case 'confirm':
              attempt(() => store.execute((unit) => answerConfirm(unit, { ...head(one.id), fence: fenceOf(store, one.id) }, terms)));
              break;
            case 'release': {
              const before = [...store.all(stock).values()];
              attempt(() => store.execute((unit) => answerRelease(unit, { ...head(one.id), reason: 'x' })));
              if (released.has(one.id)) expect([...store.all(stock).values()]).toEqual(before);
              released.add(one.id);
              break;
            }
            case 'consume':
              attempt(() => store.execute((unit) => answerConsume(unit, { ...head(one.id), fence: fenceOf(store, one.id), parcelId: 'P' })));
              break;
            case 'expire':
              attempt(() => store.execute((unit) => expireLock(unit, one.id, at(now))));
              break;
            case 'count':
              attempt(() => store.execute((unit) => moveShelf(unit, { type: 'CountStock', data: { warehouse: 'WH1', sku: one.sku, onHand: one.onHand, asOf: '' } }, victims)));
              break;
            case 'aside':
              attempt(() => store.execute((unit) => moveShelf(unit, { type: 'SetAside', data: { warehouse: 'WH1', sku: one.sku, quantity: one.quantity, reason: 'x' } }, victims)));
              break;
            case 'wait':
              now += one.seconds;
              break;
          }
          expect(broken(store)).toEqual([]);
          for (const [lockId, { status }] of store.all(lock)) {
            if (status === 'EXPIRED') expired.add(lockId);
            if (expired.has(lockId)) expect(status).toBe('EXPIRED');
          }
        }
        expect(store.differing()).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
