import { describe, expect, it } from '@jest/globals';
import { nothingYet } from '../decide/allocation.state.js';
import type { AllocationEvent } from '../decide/allocation.events.js';
import { explain, toAllocation } from './explain.js';

const at = { foId: 'F', lockId: 'L', warehouse: 'WH1', round: 1 };
const missing = [{ sku: 'A', quantity: 2 }];
const planned = (unknownSkus: readonly string[] = []): AllocationEvent => ({
  type: 'AllocationPlanned',
  data: { foId: 'F', round: 1, lockRound: 1, policy: { width: 1, windowMs: 0 }, plans: [{ parts: [{ warehouse: 'WH1', lines: missing }], reason: 'STOCK' }], candidates: [{ warehouse: 'WH1', rank: 1, reason: 'STOCK', figures: {} }], missing: [], unknownSkus, items: [] },
});
const outcome = (...events: readonly AllocationEvent[]): string | undefined => explain('F', [planned(), ...events]).rounds.at(-1)?.outcome;

describe('what an allocation says of itself', () => {
  it('ALC-01: explains each plan with its candidates and what became of it', () => {
    expect(explain('F', [planned()]).rounds).toEqual([{ round: 1, candidates: [{ warehouse: 'WH1', rank: 1, reason: 'STOCK', figures: {} }], outcome: 'ASKING' }]);
    expect(outcome({ type: 'RefusalNoted', data: { ...at, reason: 'SHORT', free: [{ sku: 'A', quantity: 1 }] } })).toBe('REFUSED by WH1: SHORT, free there: 1 of A');
    expect(outcome({ type: 'AskGivenUp', data: at })).toBe('UNANSWERED, released');
    expect(outcome({ type: 'AllocationClaimed', data: { ...at, lockRound: 1, fence: 1 } })).toBe('CLAIMED by WH1, not confirmed yet');
    expect(outcome({ type: 'ConfirmGivenUp', data: at })).toBe('CONFIRM UNANSWERED, released');
    expect(outcome({ type: 'ExpiryNoted', data: at })).toBe('EXPIRED at WH1');
    expect(outcome({ type: 'OrderAllocated', data: { ...at, orders: [], items: [], parts: [{ warehouse: 'WH1', lockId: 'L', lines: missing }] } })).toBe('ALLOCATED to WH1');
    expect(outcome({ type: 'OrderBackordered', data: { foId: 'F', round: 1, orders: [], missing } })).toBe('BACKORDERED: 2 of A missing');
    expect(outcome({ type: 'RefusalNoted', data: { ...at, reason: 'SHORT', free: [] } }, { type: 'BackorderKept', data: { foId: 'F', round: 1, missing } })).toBe('BACKORDERED: 2 of A missing; REFUSED by WH1: SHORT');
    expect(outcome({ type: 'StockDisplaced', data: { ...at, missing } })).toBe('DISPLACED at WH1: 2 of A missing');
    expect(outcome({ type: 'CancelNoted', data: { foId: 'F', reason: 'x' } })).toBe('CANCELLED');
    expect(outcome({ type: 'PlanPostponed', data: { foId: 'F', at: '' } })).toBe('ASKING');
  });
  it('ALC-15: names a SKU that nobody knows', () => expect(explain('F', [planned(['Z']), { type: 'OrderBackordered', data: { foId: 'F', round: 1, orders: [], missing } }]).rounds[0]!.outcome).toBe('BACKORDERED: 2 of A missing; UNKNOWN_SKU Z'));
  it('has nothing to explain before a plan', () => expect(explain('F', [{ type: 'CancelNoted', data: { foId: 'F', reason: 'x' } }]).rounds).toEqual([]));
  it('shows its warehouse and its locks', () => {
    const lock = { warehouse: 'WH1', round: 2, state: 'CONFIRMED', fence: 3, open: '', attempt: 1, givenUp: false, why: '' } as const;
    expect(toAllocation('F', { ...nothingYet, phase: 'ALLOCATED', winner: 'L', locks: { L: lock } })).toEqual({ foId: 'F', state: 'ALLOCATED', round: 0, warehouse: 'WH1', locks: [{ lockId: 'L', round: 2, warehouse: 'WH1', state: 'CONFIRMED', fence: 3 }] });
    expect(toAllocation('F', nothingYet).warehouse).toBe('');
  });
});
