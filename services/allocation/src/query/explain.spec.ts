import { describe, expect, it } from '@jest/globals';
import { nothingYet } from '../decide/allocation.state.js';
import type { AllocationEvent } from '../decide/allocation.events.js';
import type { RoutePlan } from '../decide/route.js';
import { explain, toAllocation } from './explain.js';

const at = { foId: 'F', lockId: 'L1', warehouse: 'WH1', round: 1 };
const lines = [{ sku: 'A', quantity: 2 }];
const missing = lines;
const candidates = [{ warehouse: 'WH1', rank: 1, reason: 'STOCK', figures: {} }];
const whole: RoutePlan = { parts: [{ warehouse: 'WH1', lines }], reason: 'STOCK' };
const split: RoutePlan = { parts: [{ warehouse: 'WH1', lines: [{ sku: 'A', quantity: 1 }] }, { warehouse: 'WH2', lines: [{ sku: 'A', quantity: 1 }] }], reason: 'SPLIT' };
const planned = (unknownSkus: readonly string[] = [], ...plans: readonly RoutePlan[]): AllocationEvent => ({
  type: 'AllocationPlanned',
  data: { foId: 'F', round: 1, lockRound: 1, policy: { width: 1, windowMs: 0, partial: 'all' }, plans, candidates, missing: [], unknownSkus, items: [] },
});
const asked = (lockId: string, warehouse: string): AllocationEvent => ({ type: 'LockAsked', data: { lockId, foId: 'F', round: 1, warehouse, lines, priority: 0, attempt: 1, at: '' } });
const refused: AllocationEvent = { type: 'RefusalNoted', data: { ...at, reason: 'SHORT', free: [{ sku: 'A', quantity: 1 }] } };
const allocated = (...parts: readonly string[]): AllocationEvent => ({
  type: 'OrderAllocated',
  data: { foId: 'F', round: 1, warehouse: 'WH1', lockId: 'L1', orders: [], items: [], parts: parts.map((warehouse) => ({ warehouse, lockId: '', lines: [{ sku: 'A', quantity: 1 }], excludedCarriers: [], preferredCarrier: '', external: false })) },
});
const claim = (...parts: readonly string[]): AllocationEvent => ({
  type: 'AllocationClaimed',
  data: { foId: 'F', round: 1, lockRound: 1, warehouse: 'WH1', lockId: 'L1', fence: 1, parts: parts.map((lockId) => ({ warehouse: `WH${lockId.slice(1)}`, lockId, fence: 1 })) },
});
const rounds = (...events: readonly AllocationEvent[]) => explain('F', [planned([], whole, split), asked('L1', 'WH1'), ...events]).rounds;
const outcome = (...events: readonly AllocationEvent[]): string | undefined => rounds(...events).at(-1)?.outcome;

describe('what an allocation says of itself', () => {
  it('ALC-01: explains each round of plans with its candidates and what became of it', () => {
    expect(explain('F', [planned()]).rounds).toMatchObject([{ round: 1, candidates, outcome: 'ASKING', plans: [] }]);
    expect(outcome(refused)).toBe('REFUSED by WH1: SHORT, free there: 1 of A');
    expect(outcome({ type: 'AskGivenUp', data: at })).toBe('UNANSWERED, released');
    expect(outcome(claim('L1'))).toBe('CLAIMED by WH1, not confirmed yet');
    expect(outcome({ type: 'ConfirmGivenUp', data: at })).toBe('CONFIRM UNANSWERED, released');
    expect(outcome({ type: 'ExpiryNoted', data: at })).toBe('EXPIRED at WH1');
    expect(outcome(allocated('WH1'))).toBe('ALLOCATED to WH1');
    expect(outcome({ type: 'OrderBackordered', data: { foId: 'F', round: 1, orders: [], missing } })).toBe('BACKORDERED: 2 of A missing');
    expect(outcome({ type: 'RefusalNoted', data: { ...at, reason: 'SHORT', free: [] } }, ...Array.from({ length: 3 }, (): AllocationEvent => ({ type: 'BackorderKept', data: { foId: 'F', round: 1, missing } })))).toBe('BACKORDERED: 2 of A missing; REFUSED by WH1: SHORT');
    expect(outcome({ type: 'StockDisplaced', data: { ...at, missing } })).toBe('DISPLACED at WH1: 2 of A missing');
    expect(outcome({ type: 'ShippedUncovered', data: { foId: 'F', parcelId: 'P', warehouse: 'WH1' } })).toBe('SHIPPED UNCOVERED from WH1');
    expect(outcome({ type: 'CancelNoted', data: { foId: 'F', reason: 'x' } })).toBe('CANCELLED');
    expect(outcome({ type: 'PlanPostponed', data: { foId: 'F', at: '' } })).toBe('ASKING');
  });
  it('ALC-04: says which plans were followed, by part', () => {
    const opened: readonly AllocationEvent[] = [refused, { type: 'RoundEnded', data: { foId: 'F', lockRound: 1, kept: [], further: true } }, { type: 'RoundOpened', data: { foId: 'F', round: 1, lockRound: 2 } }, asked('L3', 'WH1'), asked('L2', 'WH2')];
    const plans = (...events: readonly AllocationEvent[]) => rounds(...opened, ...events)[0]!.plans.map((plan) => [plan.outcome, ...plan.parts.map((part) => part.outcome)]);
    expect(plans()).toEqual([['REFUSED: SHORT', 'REFUSED: SHORT'], ['ASKED', 'ASKED', 'ASKED']]);
    const confirmed = (['L3', 'L2'] as const).map((lockId): AllocationEvent => ({ type: 'ConfirmationNoted', data: { ...at, lockId, fence: 1 } }));
    expect(plans(claim('L3', 'L2'), ...confirmed, allocated('WH1', 'WH2'))).toEqual([['REFUSED: SHORT', 'REFUSED: SHORT'], ['ALLOCATED', 'CONFIRMED', 'CONFIRMED']]);
    expect(rounds(...opened, ...confirmed, allocated('WH1', 'WH2'))[0]!.outcome).toBe('ALLOCATED to WH1 (1 of A) + WH2 (1 of A)');
    expect(plans({ type: 'RefusalNoted', data: { ...at, lockId: 'L2', warehouse: 'WH2', reason: 'SHORT', free: [] } }, { type: 'ReleaseNoted', data: { ...at, lockId: 'L3', missing: [] } })[1]).toEqual(['REFUSED by WH2: SHORT', 'RELEASED', 'REFUSED: SHORT']);
    expect(rounds(...opened, confirmed[0]!, { type: 'ExpiryNoted', data: { ...at, lockId: 'L2', warehouse: 'WH2' } }, { type: 'RoundEnded', data: { foId: 'F', lockRound: 2, kept: ['L3'], further: false } })[0]!.outcome).toBe('EXPIRED at WH2; kept at WH1');
  });
  it('ALC-03, ALC-05: names the rules, the router, and what each part’s carrier is', () => {
    const plan: RoutePlan = { parts: [{ warehouse: 'WH1', lines, carrier: 'zto', excludedCarriers: ['yunda', 'sto'] }], reason: 'STOCK' };
    const event = planned([], plan) as Extract<AllocationEvent, { type: 'AllocationPlanned' }>;
    expect(explain('F', [{ ...event, data: { ...event.data, rules: 7, router: 'LEARNED', model: 3, grounded: true } }]).rounds[0]).toMatchObject({
      rulesVersion: 7, router: 'LEARNED', modelVersion: 3, grounded: true, plans: [{ parts: [{ warehouse: 'WH1', carrier: 'zto', excludedCarriers: ['yunda', 'sto'] }] }],
    });
  });
  it('ALC-15: names a SKU that nobody knows', () => expect(explain('F', [planned(['Z']), { type: 'OrderBackordered', data: { foId: 'F', round: 1, orders: [], missing } }]).rounds[0]!.outcome).toBe('BACKORDERED: 2 of A missing; UNKNOWN_SKU Z'));
  it('has nothing to explain before a plan', () => expect(explain('F', [{ type: 'CancelNoted', data: { foId: 'F', reason: 'x' } }]).rounds).toEqual([]));
  it('ALC-04: shows its parts and its locks; the warehouse is the first part’s', () => {
    const lock = { warehouse: 'WH1', round: 2, lines, external: false, carrier: 'sf', excludedCarriers: ['sto'], state: 'CONFIRMED', fence: 3, open: '', attempt: 1, givenUp: false, why: '', missing: [], parcelId: '' } as const;
    expect(toAllocation('F', { ...nothingYet, phase: 'ALLOCATED', parts: ['L', 'M'], locks: { M: { ...lock, warehouse: 'WH2', state: 'CONSUMED', parcelId: 'P' }, L: lock } })).toEqual({
      foId: 'F', state: 'ALLOCATED', round: 0, warehouse: 'WH1',
      locks: [{ lockId: 'M', round: 2, warehouse: 'WH2', state: 'CONSUMED', fence: 3, lines, parcelId: 'P' }, { lockId: 'L', round: 2, warehouse: 'WH1', state: 'CONFIRMED', fence: 3, lines, parcelId: '' }],
      parts: [{ warehouse: 'WH1', lockId: 'L', lines, excludedCarriers: ['sto'], preferredCarrier: 'sf', external: false }, { warehouse: 'WH2', lockId: 'M', lines, excludedCarriers: ['sto'], preferredCarrier: 'sf', external: false }],
    });
    expect(toAllocation('F', nothingYet).warehouse).toBe('');
  });
});
