import { describe, expect, it } from '@jest/globals';
import type { order } from '@flotilla/contracts';
import { fold } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import { lockIdOf } from '@flotilla/values';
import { FO, request } from '../../spec/examples.js';
import { allocation, MAX_ASKS, MAX_CONFIRMS, type AllocationCommand } from './allocation.decider.js';
import type { AllocationEvent, Policy } from './allocation.events.js';
import type { AllocationState } from './allocation.state.js';
import type { LockReply } from './lock.events.js';
import type { RoutePlan } from './route.js';

const { given } = specify(allocation);
const at = '2026-11-21T10:00:00.000Z';
const now = { at, policy: { width: 1, windowMs: 0, partial: 'all' } as Policy, snapshot: null };

type Lines = readonly { readonly sku: string; readonly quantity: number }[];
const A = (quantity: number) => ({ sku: 'A', quantity });
const B = (quantity: number) => ({ sku: 'B', quantity });
const way = (parts: Readonly<Record<string, Lines>>): RoutePlan => ({ parts: Object.entries(parts).map(([warehouse, lines]) => ({ warehouse, lines })), reason: '' });
const items = [{ sku: 'A', name: '茶', quantity: 2, grams: 320 }, { sku: 'B', name: '杯', quantity: 1, grams: 500 }];

/** The router's word: these plans, in this order. */
interface Plans {
  readonly partial: Policy['partial'];
  readonly plans: readonly RoutePlan[];
}
type Step = AllocationCommand | Plans;

// Whoever plans has no figures here, so a plan that is owed is postponed; then the router's word is put into the log and a timer looks.
const told = ({ partial, plans }: Plans, state: AllocationState): readonly AllocationEvent[] => {
  const planned: AllocationEvent = {
    type: 'AllocationPlanned',
    data: { foId: FO, round: state.request!.round, lockRound: state.lockRound + 1, policy: { width: 2, windowMs: 0, partial }, plans, candidates: [], missing: [], unknownSkus: [], items },
  };
  return [planned, ...allocation.decide(look(), allocation.evolve(state, planned))];
};
const step = (state: AllocationState, one: Step): readonly AllocationEvent[] => ('plans' in one ? told(one, state) : allocation.decide(one, state));
const history = (...steps: readonly Step[]): readonly AllocationEvent[] => steps.reduce<readonly AllocationEvent[]>((events, one) => [...events, ...step(fold(allocation, events), one)], []);
const decided = (before: readonly Step[], one: Step): readonly AllocationEvent[] => step(fold(allocation, history(...before)), one);
const phase = (...steps: readonly Step[]): string => fold(allocation, history(...steps)).phase;
const types = (events: readonly AllocationEvent[]): readonly string[] => events.map(({ type, data }) => ('warehouse' in data && (type.endsWith('Asked') || type.startsWith('Stock')) ? `${type} ${data.warehouse}` : type));
const outcome = (before: readonly Step[], command: AllocationCommand, ...expected: readonly string[]): readonly AllocationEvent[] => {
  const events = decided(before, command);
  given(...history(...before)).when(command).then(...events); // plain JSON, deterministic, applicable
  expect(types(events)).toEqual(expected);
  return events;
};
const follows = (...args: Parameters<typeof outcome>): void => void outcome(...args);

const asks = (changes: Partial<order.AllocationRequested> = {}): AllocationCommand => ({ type: 'RequestAllocation', data: { request: request(changes), now } });
const look = (warehouse = '', round = 1): AllocationCommand => ({ type: 'LookAgain', data: { foId: FO, lockId: warehouse === '' ? '' : lockIdOf(FO, round, warehouse), now } });
const head = (warehouse: string, round: number) => ({ lockId: lockIdOf(FO, round, warehouse), foId: FO, round, warehouse });
const reply = (one: LockReply): AllocationCommand => ({ type: 'TakeReply', data: { reply: one, now } });
const locks = (warehouse: string, round = 1): AllocationCommand => reply({ type: 'StockLocked', data: { ...head(warehouse, round), fence: 7, expiresAt: at, lines: [] } });
const refuses = (warehouse: string, free: Lines = [], round = 1): AllocationCommand => reply({ type: 'StockLockRefused', data: { ...head(warehouse, round), reason: 'SHORT', free, kept: [] } });
const confirms = (warehouse: string, round = 1): AllocationCommand => reply({ type: 'StockConfirmed', data: { ...head(warehouse, round), fence: 7 } });
const expires = (warehouse: string, round = 1): AllocationCommand => reply({ type: 'StockLockExpired', data: head(warehouse, round) });
const releases = (warehouse: string, round = 1, missing: Lines = []): AllocationCommand => reply({ type: 'StockReleased', data: { ...head(warehouse, round), missing } });
const consumes = (warehouse: string, parcelId: string, round = 1): AllocationCommand => reply({ type: 'StockConsumed', data: { ...head(warehouse, round), parcelId } });
const ships = (parcelId: string, warehouse: string): AllocationCommand => ({ type: 'ShipAllocation', data: { foId: FO, parcelId, warehouse, now } });
const cancel: AllocationCommand = { type: 'CancelAllocation', data: { foId: FO, reason: 'BUYER', shipped: [], now } };

const split = way({ WH1: [A(2)], WH2: [B(1)] });
const all = (...plans: readonly RoutePlan[]): Plans => ({ partial: 'all', plans });
const keep = (...plans: readonly RoutePlan[]): Plans => ({ partial: 'keep', plans });
const asking = [asks(), all(split)];
const claimed = [...asking, locks('WH1'), locks('WH2')];
const allocated = [...claimed, confirms('WH2'), confirms('WH1')];
const keeping = [asks(), keep(split), locks('WH1'), locks('WH2')];
const kept = [...keeping, confirms('WH1'), expires('WH2')];
const secondRound = asks({ round: 2, excludedWarehouses: ['WH2'] });

describe('the allocation saga with split plans', () => {
  describe('ALC-04: asks, claims and confirms every part', () => {
    it('asks all its warehouses at once, each for its lines', () => {
      const asked = decided([asks()], all(split)).slice(1);
      expect(asked.map(({ data }) => data)).toMatchObject([{ warehouse: 'WH1', lines: [A(2)] }, { warehouse: 'WH2', lines: [B(1)] }]);
    });
    it('claims nothing before all have granted', () => follows(asking, locks('WH2'), 'GrantNoted'));
    it('claims all their locks in one event, in the order of the plan', () => {
      const [, claim] = outcome([...asking, locks('WH2')], locks('WH1'), 'GrantNoted', 'AllocationClaimed', 'ConfirmAsked WH1', 'ConfirmAsked WH2');
      const parts = ['WH1', 'WH2'].map((warehouse) => ({ warehouse, lockId: lockIdOf(FO, 1, warehouse), fence: 7 }));
      expect(claim!.data).toEqual({ foId: FO, round: 1, lockRound: 1, ...parts[0], parts });
    });
    it('is not allocated by one confirmation', () => follows(claimed, confirms('WH2'), 'ConfirmationNoted'));
    it('is allocated by all of them, and says who sends what', () => {
      const said = outcome([...claimed, confirms('WH2')], confirms('WH1'), 'ConfirmationNoted', 'OrderAllocated').at(-1)!;
      const parts = [{ warehouse: 'WH1', lockId: lockIdOf(FO, 1, 'WH1'), lines: [A(2)] }, { warehouse: 'WH2', lockId: lockIdOf(FO, 1, 'WH2'), lines: [B(1)] }];
      expect(said.data).toMatchObject({ foId: FO, round: 1, warehouse: 'WH1', lockId: parts[0]!.lockId, orders: request().orders, items, parts });
    });
    it('ALC-03: hands on which carriers are kept away from a part, and which is preferred', () => {
      const barred: RoutePlan = { ...split, parts: split.parts.map((part) => ({ ...part, ...(part.warehouse === 'WH1' ? { carrier: 'zto', excludedCarriers: ['sto', 'yunda'] } : {}) })) };
      const said = history(asks(), all(barred), locks('WH1'), locks('WH2'), confirms('WH1'), confirms('WH2')).at(-1)!;
      expect(said.data).toMatchObject({ parts: [{ warehouse: 'WH1', excludedCarriers: ['sto', 'yunda'], preferredCarrier: 'zto' }, { warehouse: 'WH2', excludedCarriers: [], preferredCarrier: '' }] });
    });
    it('puts each of its questions again', () => {
      follows(asking, look('WH2'), 'LockAsked WH2');
      follows([...claimed, confirms('WH2')], look('WH1'), 'ConfirmAsked WH1');
    });
  });

  describe('ALC-04: works down its plans', () => {
    const whole = (warehouse: string): RoutePlan => way({ [warehouse]: [A(2), B(1)] });
    const other = way({ WH1: [A(1), B(1)], WH3: [A(1)] });
    it('tries every warehouse that may serve all before it splits', () => {
      const before = [asks(), all(whole('WH1'), whole('WH2'), split), refuses('WH2')];
      const asked = outcome(before, refuses('WH1'), 'RefusalNoted', 'RoundEnded', 'RoundOpened', 'LockAsked WH1', 'LockAsked WH2');
      expect(asked.at(-1)!.data).toMatchObject({ round: 2, lockId: lockIdOf(FO, 2, 'WH2'), lines: [B(1)] });
    });
    it('goes on to the next split once the locks of this one have ended', () => {
      const before = [asks(), all(split, other), locks('WH1')];
      follows(before, refuses('WH2'), 'RefusalNoted', 'RoundEnded', 'ReleaseAsked WH1');
      follows([...before, refuses('WH2')], releases('WH1'), 'ReleaseNoted', 'RoundOpened', 'LockAsked WH1', 'LockAsked WH3');
    });
    it('a part that is not answered yet is ended like the others', () => {
      follows([asks(), all(split, other)], refuses('WH2'), 'RefusalNoted', 'RoundEnded', 'ReleaseAsked WH1');
      follows([asks(), all(split, other), refuses('WH2')], locks('WH1'));
    });
    it('goes to the queue when the last is refused, and says what its part lacks', () => {
      const events = outcome([...asking, locks('WH1')], refuses('WH2', []), 'RefusalNoted', 'OrderBackordered', 'ReleaseAsked WH1');
      expect(events[1]!.data).toMatchObject({ missing: [B(1)] });
      follows([...asking, locks('WH1'), refuses('WH2')], releases('WH1'), 'ReleaseNoted', 'BackorderKept');
    });
    it('makes new plans when a part is not answered, once all is over', () => {
      const silent = [...asking, locks('WH1'), ...Array.from({ length: MAX_ASKS - 1 }, () => look('WH2'))];
      follows(silent, look('WH2'), 'AskGivenUp', 'ReleaseAsked WH2', 'RoundEnded', 'ReleaseAsked WH1');
      follows([...silent, look('WH2')], releases('WH1'), 'ReleaseNoted');
      follows([...silent, look('WH2'), releases('WH1')], releases('WH2'), 'ReleaseNoted', 'PlanPostponed');
    });
    it('a grant whose lease ends while the others are waited for: new plans', () => follows([...asking, locks('WH1')], expires('WH1'), 'ExpiryNoted', 'RoundEnded', 'ReleaseAsked WH2'));
  });

  describe('ALC-02: a part fails after others are confirmed, and the policy is "all"', () => {
    it('gives everything back, acknowledged, before it plans again', () => {
      follows([...claimed, confirms('WH1')], expires('WH2'), 'ExpiryNoted', 'RoundEnded', 'ReleaseAsked WH1');
      follows([...claimed, confirms('WH1'), expires('WH2')], releases('WH1'), 'ReleaseNoted', 'PlanPostponed');
    });
    it('does not wait for what is in doubt, but for its end', () => {
      follows(claimed, releases('WH2', 1, [B(1)]), 'ReleaseNoted', 'RoundEnded', 'ReleaseAsked WH1');
      follows([...claimed, releases('WH2', 1, [B(1)])], confirms('WH1'));
    });
  });

  describe('ALC-02: a part fails after others are confirmed, and the policy is "keep"', () => {
    it('keeps what is confirmed and plans the rest', () => {
      const [, ended] = outcome([...keeping, confirms('WH1')], expires('WH2'), 'ExpiryNoted', 'RoundEnded', 'PlanPostponed');
      expect(ended!.data).toMatchObject({ kept: [lockIdOf(FO, 1, 'WH1')], further: false });
      const articles = { A: { nameZh: '', nameEn: 'A', grams: 1 }, B: { nameZh: '', nameEn: 'B', grams: 1 } };
      const site = { warehouse: 'WH3', country: 'CN', province: '', city: '', serves: [] };
      const [planned] = decided(kept, { type: 'LookAgain', data: { foId: FO, lockId: '', now: { ...now, snapshot: { warehouses: [site], free: { WH3: { A: 9, B: 9 } }, articles } } } });
      expect(planned!.data).toMatchObject({ plans: [{ parts: [{ warehouse: 'WH3', lines: [B(1)] }] }] });
    });
    it('waits for what is in doubt', () => {
      follows(keeping, expires('WH2'), 'ExpiryNoted');
      follows([...keeping, expires('WH2')], confirms('WH1'), 'ConfirmationNoted', 'RoundEnded', 'PlanPostponed');
      follows([...keeping, expires('WH2')], expires('WH1'), 'ExpiryNoted', 'RoundEnded', 'PlanPostponed');
    });
    it('a confirm without an answer is ended, acknowledged, before the rest is planned', () => {
      const silent = [...keeping, confirms('WH1'), ...Array.from({ length: MAX_CONFIRMS - 1 }, () => look('WH2'))];
      follows(silent, look('WH2'), 'ConfirmGivenUp', 'ReleaseAsked WH2', 'RoundEnded');
      follows([...silent, look('WH2')], confirms('WH2'));
      follows([...silent, look('WH2')], releases('WH2'), 'ReleaseNoted', 'PlanPostponed');
    });
    it('is allocated when the rest is confirmed, with parts of both rounds', () => {
      const said = outcome([...kept, keep(way({ WH3: [B(1)] })), locks('WH3', 2)], confirms('WH3', 2), 'ConfirmationNoted', 'OrderAllocated').at(-1)!;
      expect(said.data).toMatchObject({ warehouse: 'WH1', items, parts: [{ warehouse: 'WH1', lockId: lockIdOf(FO, 1, 'WH1'), lines: [A(2)] }, { warehouse: 'WH3', lockId: lockIdOf(FO, 2, 'WH3'), lines: [B(1)] }] });
    });
    it('a warehouse that sends in two locks is one part, and its parcel consumes both', () => {
      const twice = [...kept, keep(way({ WH1: [B(1)] })), locks('WH1', 2), confirms('WH1', 2)];
      expect(history(...twice).at(-1)!.data).toMatchObject({ parts: [{ warehouse: 'WH1', lockId: lockIdOf(FO, 1, 'WH1'), lines: [A(2), B(1)] }] });
      follows(twice, ships('P', 'WH1'), 'ShipmentNoted', 'ConsumeAsked WH1', 'ConsumeAsked WH1');
      expect(phase(...twice, ships('P', 'WH1'), consumes('WH1', 'P', 2))).toBe('ALLOCATED');
      expect(phase(...twice, ships('P', 'WH1'), consumes('WH1', 'P', 2), consumes('WH1', 'P'))).toBe('CONSUMED');
    });
    it('a kept part that is taken back while the rest is confirmed is planned again', () => {
      const rest = [...kept, keep(way({ WH3: [B(1)] })), locks('WH3', 2)];
      follows(rest, releases('WH1', 1, [A(1)]), 'ReleaseNoted');
      const [, ended] = outcome([...rest, releases('WH1', 1, [A(1)])], confirms('WH3', 2), 'ConfirmationNoted', 'RoundEnded', 'PlanPostponed');
      expect(ended!.data).toMatchObject({ kept: [lockIdOf(FO, 2, 'WH3')] });
    });

    const waiting = [...kept, keep()];
    it('if the rest has to wait, what is confirmed stays', () => {
      expect(decided(kept, keep()).at(-1)!.type).toBe('OrderBackordered');
      follows(waiting, look('WH1'));
      follows(waiting, { type: 'ServeBackorder', data: { foId: FO, now: { ...now, snapshot: { warehouses: [], free: {}, articles: {} } } } });
    });
    it('a cancel gives it back, and names its warehouse', () => {
      follows(waiting, cancel, 'CancelNoted', 'ReleaseAsked WH1');
      follows([...waiting, cancel], releases('WH1'), 'ReleaseNoted', 'StockReleased WH1');
    });
    it('a higher round gives it back before it plans', () => {
      follows(waiting, secondRound, 'RequestNoted', 'ReleaseAsked WH1');
      follows([...waiting, secondRound], releases('WH1'), 'ReleaseNoted', 'PlanPostponed');
    });
    it('what is taken back while it waits is missing, too, and the queue looks again', () =>
      expect(outcome(waiting, releases('WH1', 1, [A(1)]), 'ReleaseNoted', 'BackorderKept').at(-1)!.data).toMatchObject({ missing: [A(2)] }));
  });

  describe('ALC-02: parcels leave one by one', () => {
    it('a parcel consumes what its own warehouse has', () => follows(allocated, ships('P1', 'WH1'), 'ShipmentNoted', 'ConsumeAsked WH1'));
    it('a parcel of no warehouse is the whole', () => follows(allocated, ships('P', ''), 'ShipmentNoted', 'ConsumeAsked WH1', 'ConsumeAsked WH2'));
    it('is consumed when all parts are', () => {
      const one = [...allocated, ships('P1', 'WH1'), consumes('WH1', 'P1')];
      expect(phase(...one)).toBe('ALLOCATED');
      expect(phase(...one, ships('P2', 'WH2'), consumes('WH2', 'P2'))).toBe('CONSUMED');
    });
    it('a parcel is noted once', () => follows([...allocated, ships('P1', 'WH1')], ships('P1', 'WH1')));
    it('a parcel of a warehouse that is no part of it is uncovered', () => {
      follows(allocated, ships('P9', 'WH9'), 'ShipmentNoted', 'ShippedUncovered');
      expect(phase(...allocated, ships('P9', 'WH9'))).toBe('ALLOCATED');
    });
    it('a cancel gives back what has not left', () => {
      const one = [...allocated, ships('P1', 'WH1')];
      follows(one, cancel, 'CancelNoted', 'ReleaseAsked WH2');
      follows([...one, cancel], releases('WH2'), 'ReleaseNoted');
      follows([...one, cancel, releases('WH2')], consumes('WH1', 'P1'), 'ConsumptionNoted', 'StockReleased WH2');
    });
    it('a cancel names every warehouse that it gives back', () => {
      follows(allocated, cancel, 'CancelNoted', 'ReleaseAsked WH1', 'ReleaseAsked WH2');
      follows([...allocated, cancel, releases('WH1')], releases('WH2'), 'ReleaseNoted', 'StockReleased WH1', 'StockReleased WH2');
    });
    it('a cancel names what has left: that is consumed, though the news of the parcel comes later', () => {
      const late: AllocationCommand = { type: 'CancelAllocation', data: { foId: FO, reason: 'BUYER', shipped: [{ parcelId: 'P1', warehouse: 'WH1' }], now } };
      follows(allocated, late, 'ShipmentNoted', 'CancelNoted', 'ReleaseAsked WH2', 'ConsumeAsked WH1');
      follows([...allocated, late], ships('P1', 'WH1'));
      follows([...allocated, ships('P2', 'WH2')], late, 'ShipmentNoted', 'ConsumeAsked WH1');
    });
    it('nothing is given back once all has left', () => follows([...allocated, ships('P1', 'WH1'), ships('P2', 'WH2')], cancel));
  });

  describe('ALC-02: a higher round names what has left', () => {
    const rest = asks({ round: 2, lines: [B(1)], shipped: [{ parcelId: 'P1', warehouse: 'WH1' }] });
    it('that is consumed, the others are released', () => follows(allocated, rest, 'ShipmentNoted', 'RequestNoted', 'ReleaseAsked WH2', 'ConsumeAsked WH1'));
    it('the news of the parcel comes later, and is none', () => follows([...allocated, rest], ships('P1', 'WH1')));
    it('plans when both have ended', () => {
      follows([...allocated, rest], releases('WH2'), 'ReleaseNoted');
      follows([...allocated, rest, releases('WH2')], consumes('WH1', 'P1'), 'ConsumptionNoted', 'PlanPostponed');
    });
    it('the rest is an allocation of its own', () => {
      const second = [...allocated, rest, releases('WH2'), consumes('WH1', 'P1'), all(way({ WH3: [B(1)] })), locks('WH3', 2), confirms('WH3', 2)];
      expect(history(...second).at(-1)!.data).toMatchObject({ round: 2, warehouse: 'WH3', parts: [{ warehouse: 'WH3', lines: [B(1)] }] });
      expect(phase(...second, ships('P2', 'WH3'), consumes('WH3', 'P2', 2))).toBe('CONSUMED');
    });
    it('a repeated answer about what was consumed before changes nothing of it', () => {
      const second = [...allocated, rest, releases('WH2'), consumes('WH1', 'P1'), all(way({ WH3: [B(1)] })), locks('WH3', 2)];
      follows(second, confirms('WH1'), 'ConfirmationNoted', 'ReleaseAsked WH1');
      follows([...second, confirms('WH1')], consumes('WH1', 'P1'), 'ConsumptionNoted');
      expect(phase(...second, confirms('WH1'), consumes('WH1', 'P1'), confirms('WH3', 2))).toBe('ALLOCATED');
    });
    it('what left after its lock was taken back is uncovered, and the rest is planned', () => {
      follows([...allocated, releases('WH1', 1, [A(2)])], rest, 'ShipmentNoted', 'RequestNoted', 'ReleaseAsked WH2', 'ShippedUncovered');
      follows([...allocated, releases('WH1', 1, [A(2)]), rest], releases('WH2'), 'ReleaseNoted', 'PlanPostponed');
    });
    it('a round that does not know what has left changes nothing', () => follows([...allocated, ships('P1', 'WH1')], secondRound));
  });

  describe('ALC-02: the promise of one part is taken back', () => {
    const gone = [...allocated, releases('WH1', 1, [A(1)])];
    it('names its warehouse; the others stay', () => {
      expect(outcome(allocated, releases('WH1', 1, [A(1)]), 'ReleaseNoted', 'StockDisplaced WH1').at(-1)!.data).toEqual({ foId: FO, warehouse: 'WH1', missing: [A(1)] });
      follows(gone, look('WH2'));
      expect(phase(...gone)).toBe('DISPLACED');
    });
    it('so it does for another part', () => follows(gone, releases('WH2', 1, [B(1)]), 'ReleaseNoted', 'StockDisplaced WH2'));
    it('the next round gives the others back first', () => follows(gone, secondRound, 'RequestNoted', 'ReleaseAsked WH2'));
    it('the others are consumed if they leave', () => {
      follows(gone, ships('P2', 'WH2'), 'ShipmentNoted', 'ConsumeAsked WH2');
      expect(phase(...gone, ships('P2', 'WH2'), consumes('WH2', 'P2'))).toBe('DISPLACED');
    });
    it('its own parcel is uncovered; what is left is an allocation still', () => {
      const left = [...gone, ships('P1', 'WH1')];
      follows(gone, ships('P1', 'WH1'), 'ShipmentNoted', 'ShippedUncovered');
      expect(phase(...left)).toBe('ALLOCATED');
      expect(phase(...left, ships('P2', 'WH2'), consumes('WH2', 'P2'))).toBe('UNCOVERED');
    });
    it('a parcel that left before its stock was taken back is uncovered', () => follows([...allocated, ships('P1', 'WH1')], releases('WH1', 1, [A(1)]), 'ReleaseNoted', 'ShippedUncovered'));
    it('a cancel gives back the others only', () => follows([...gone, cancel], releases('WH2'), 'ReleaseNoted', 'StockReleased WH2'));
  });
});
