import { describe, expect, it } from '@jest/globals';
import type { order } from '@flotilla/contracts';
import { fold } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import { lockIdOf } from '@flotilla/values';
import { FO, request, warehouseAt } from '../../spec/examples.js';
import { allocation, MAX_ASKS, MAX_CONFIRMS, type AllocationCommand } from './allocation.decider.js';
import type { AllocationEvent, Policy } from './allocation.events.js';
import type { LockReply } from './lock.events.js';
import type { Snapshot } from './route.js';

const { given } = specify(allocation);
const T0 = '2026-11-21T10:00:00.000Z';
const T1 = '2026-11-21T10:00:01.000Z';
const sequential: Policy = { width: 1, windowMs: 0, partial: 'all' };
const snapshot = (wh1: number, wh2: number): Snapshot => ({
  warehouses: [warehouseAt('WH1', '广东省'), warehouseAt('WH2', '浙江省')],
  free: { WH1: { A: wh1, B: 9 }, WH2: { A: wh2, B: 9 } },
  articles: { A: { nameZh: '茶', nameEn: 'Tea', grams: 320 }, B: { nameZh: '杯', nameEn: 'Cup', grams: 0 } },
});
const now = (figures: Snapshot | null = snapshot(9, 9), policy = sequential, at = T0) => ({ at, policy, snapshot: figures });

const asks = (figures: Snapshot | null = snapshot(9, 9), policy = sequential, changes: Partial<order.AllocationRequested> = {}): AllocationCommand => ({ type: 'RequestAllocation', data: { request: request(changes), now: now(figures, policy) } });
const head = (warehouse: string, round = 1) => ({ lockId: lockIdOf(FO, round, warehouse), foId: FO, round, warehouse });
const locks = (warehouse: string, round = 1): LockReply => ({ type: 'StockLocked', data: { ...head(warehouse, round), fence: 7, expiresAt: T1, lines: [] } });
const refuses = (warehouse: string, a = 1, round = 1): LockReply => ({ type: 'StockLockRefused', data: { ...head(warehouse, round), reason: 'SHORT', free: [{ sku: 'A', quantity: a }, { sku: 'B', quantity: 9 }], kept: [] } });
const confirms = (warehouse: string, round = 1): LockReply => ({ type: 'StockConfirmed', data: { ...head(warehouse, round), fence: 7 } });
const expires = (warehouse: string, round = 1): LockReply => ({ type: 'StockLockExpired', data: head(warehouse, round) });
const releases = (warehouse: string, round = 1, missing: { sku: string; quantity: number }[] = []): LockReply => ({ type: 'StockReleased', data: { ...head(warehouse, round), missing } });
const consumes = (warehouse: string): LockReply => ({ type: 'StockConsumed', data: { ...head(warehouse), parcelId: 'P' } });
const reply = (one: LockReply, figures: Snapshot | null = snapshot(9, 9), policy = sequential, at = T0): AllocationCommand => ({ type: 'TakeReply', data: { reply: one, now: now(figures, policy, at) } });
const cancel: AllocationCommand = { type: 'CancelAllocation', data: { foId: FO, reason: 'BUYER', shipped: [], now: now() } };
const ship: AllocationCommand = { type: 'ShipAllocation', data: { foId: FO, parcelId: 'P', warehouse: 'WH1', now: now() } };
const look = (warehouse: string, round = 1, figures: Snapshot | null = snapshot(9, 9)): AllocationCommand => ({ type: 'LookAgain', data: { foId: FO, lockId: warehouse === '' ? '' : lockIdOf(FO, round, warehouse), now: now(figures) } });
const serve = (figures: Snapshot): AllocationCommand => ({ type: 'ServeBackorder', data: { foId: FO, now: now(figures) } });

const history = (...commands: readonly AllocationCommand[]): readonly AllocationEvent[] =>
  commands.reduce<readonly AllocationEvent[]>((events, command) => [...events, ...allocation.decide(command, fold(allocation, events))], []);
const decided = (before: readonly AllocationCommand[], command: AllocationCommand): readonly AllocationEvent[] => allocation.decide(command, fold(allocation, history(...before)));
const types = (events: readonly AllocationEvent[]): readonly string[] => events.map((event) => ('warehouse' in event.data && event.type.endsWith('Asked') ? `${event.type} ${event.data.warehouse}` : event.type));
const follows = (before: readonly AllocationCommand[], command: AllocationCommand, ...expected: readonly string[]): void => {
  const events = decided(before, command);
  given(...history(...before)).when(command).then(...events); // plain JSON, deterministic, applicable
  expect(types(events)).toEqual(expected);
};
const times = (count: number, command: AllocationCommand): readonly AllocationCommand[] => Array.from({ length: count }, () => command);

const allocated = [asks(), reply(locks('WH1')), reply(confirms('WH1'))];
const both: Policy = { width: 2, windowMs: 0, partial: 'all' };
const patient: Policy = { width: 2, windowMs: 500, partial: 'all' };

describe('the allocation saga', () => {
  describe('ALC-01: asks, claims, confirms', () => {
    it('plans and asks the best warehouse', () => follows([], asks(), 'RequestNoted', 'AllocationPlanned', 'LockAsked WH1'));
    it('claims the grant and asks to confirm it', () => follows([asks()], reply(locks('WH1')), 'GrantNoted', 'AllocationClaimed', 'ConfirmAsked WH1'));
    it('is allocated only when that is confirmed', () => follows([asks(), reply(locks('WH1'))], reply(confirms('WH1')), 'ConfirmationNoted', 'OrderAllocated'));
    it('says what is in it, with the stated weight where none is known', () => {
      const said = decided(allocated.slice(0, 2), allocated[2]!).at(-1)!;
      expect(said).toMatchObject({
        type: 'OrderAllocated',
        data: { foId: FO, round: 1, warehouse: 'WH1', lockId: lockIdOf(FO, 1, 'WH1'), orders: request().orders, items: [{ sku: 'A', name: '茶', quantity: 2, grams: 320 }, { sku: 'B', name: '杯', quantity: 1, grams: 500 }], parts: [{ warehouse: 'WH1', lockId: lockIdOf(FO, 1, 'WH1'), lines: request().lines }] },
      });
    });
    it('asks the next one when the first refuses', () => follows([asks()], reply(refuses('WH1')), 'RefusalNoted', 'LockAsked WH2'));
    it('goes to the queue when all refuse', () => follows([asks(), reply(refuses('WH1'))], reply(refuses('WH2')), 'RefusalNoted', 'OrderBackordered'));
    it('a repeated request is nothing', () => follows([asks()], asks()));
    it('a repeated grant is nothing', () => follows([asks(), reply(locks('WH1'))], reply(locks('WH1'))));
    it('a repeated confirmation is nothing', () => follows(allocated, reply(confirms('WH1'))));
    it('a grant after the order was confirmed elsewhere is released', () =>
      follows([asks(snapshot(9, 9), both), reply(locks('WH1'), null, both), reply(confirms('WH1')), reply(releases('WH2'))], reply(locks('WH2', 9)), 'GrantNoted', 'ReleaseAsked WH2'));
    it('a confirmation of a lock that nobody knows is released', () => follows([asks()], reply(confirms('WH2', 9)), 'ConfirmationNoted', 'ReleaseAsked WH2'));
    it('the end of a lock that nobody knows is nothing', () => {
      for (const one of [refuses('WH2', 1, 9), expires('WH2', 9), releases('WH2', 9), consumes('WH2')]) follows([asks()], reply(one));
    });
  });

  describe('ALC-01: broadcasts, if the policy says so', () => {
    it('asks as many at once as the width says', () => follows([], asks(snapshot(9, 9), both), 'RequestNoted', 'AllocationPlanned', 'LockAsked WH1', 'LockAsked WH2'));
    it('the first success ends the others, answered or not', () => follows([asks(snapshot(9, 9), both)], reply(locks('WH2')), 'GrantNoted', 'AllocationClaimed', 'ReleaseAsked WH1', 'ConfirmAsked WH2'));
    it('waits for the better one while the window is open', () => follows([asks(snapshot(9, 9), patient)], reply(locks('WH2')), 'GrantNoted'));
    it('claims at once if the best grants', () => follows([asks(snapshot(9, 9), patient), reply(locks('WH2'))], reply(locks('WH1')), 'GrantNoted', 'AllocationClaimed', 'ReleaseAsked WH2', 'ConfirmAsked WH1'));
    it('claims at once if the better one refuses', () => follows([asks(snapshot(9, 9), patient), reply(locks('WH2'))], reply(refuses('WH1')), 'RefusalNoted', 'AllocationClaimed', 'ConfirmAsked WH2'));
    it('claims what there is when the window closes', () =>
      follows([asks(snapshot(9, 9), patient), reply(locks('WH2'))], { type: 'LookAgain', data: { foId: FO, lockId: '', now: now(null, patient, T1) } }, 'AllocationClaimed', 'ReleaseAsked WH1', 'ConfirmAsked WH2'));
  });

  describe('ALC-01: questions without an answer', () => {
    it('puts them again', () => {
      follows([asks()], look('WH1'), 'LockAsked WH1');
      follows([asks(), reply(locks('WH1'))], look('WH1'), 'ConfirmAsked WH1');
      follows([...allocated, cancel], look('WH1'), 'ReleaseAsked WH1');
      follows([...allocated, ship], look('WH1'), 'ConsumeAsked WH1');
    });
    it('counts how often', () => {
      const again = decided([asks()], look('WH1'))[0]!;
      expect(again.data).toMatchObject({ attempt: 2, lockId: lockIdOf(FO, 1, 'WH1') });
    });
    it('looking where nothing is open is nothing', () => {
      follows([], look('WH1'));
      follows(allocated, look('WH1'));
      follows(allocated, look(''));
    });
    it('an ask is given up at last, released, and the next candidate asked', () =>
      follows([asks(), ...times(MAX_ASKS - 1, look('WH1'))], look('WH1'), 'AskGivenUp', 'ReleaseAsked WH1', 'LockAsked WH2'));
    it('while it may still live, there is no other plan', () =>
      follows([asks(), ...times(MAX_ASKS, look('WH1'))], reply(refuses('WH2')), 'RefusalNoted', 'RoundEnded'));
    it('once it has ended there is', () =>
      follows([asks(), ...times(MAX_ASKS, look('WH1')), reply(refuses('WH2'))], reply(releases('WH1')), 'ReleaseNoted', 'AllocationPlanned', 'LockAsked WH1'));
    it('a confirm is given up at last; its release must be acknowledged', () => follows([asks(), reply(locks('WH1')), ...times(MAX_CONFIRMS - 1, look('WH1'))], look('WH1'), 'ConfirmGivenUp', 'ReleaseAsked WH1', 'RoundEnded'));
    it('there is no second winner while that is unanswered, not even if the confirmation comes', () =>
      follows([asks(), reply(locks('WH1')), ...times(MAX_CONFIRMS, look('WH1'))], reply(confirms('WH1'))));
    it('only released, refused or expired opens the next round', () => {
      for (const end of [releases('WH1'), expires('WH1'), refuses('WH1')]) {
        const events = decided([asks(), reply(locks('WH1')), ...times(MAX_CONFIRMS, look('WH1'))], reply(end));
        expect(types(events).slice(1)).toEqual(['AllocationPlanned', 'LockAsked WH1']);
        expect(events.at(-1)!.data).toMatchObject({ round: 2, lockId: lockIdOf(FO, 2, 'WH1') });
      }
    });
  });

  describe('ALC-01: leases', () => {
    it('a winner that has expired opens the next round', () => follows([asks(), reply(locks('WH1'))], reply(expires('WH1')), 'ExpiryNoted', 'RoundEnded', 'AllocationPlanned', 'LockAsked WH1'));
    it('but not before the others have ended', () => follows([asks(snapshot(9, 9), both), reply(locks('WH1'))], reply(expires('WH1')), 'ExpiryNoted', 'RoundEnded'));
    it('a plan without figures is postponed, once', () => {
      follows([asks(), reply(locks('WH1'))], reply(expires('WH1'), null), 'ExpiryNoted', 'RoundEnded', 'PlanPostponed');
      follows([asks(), reply(locks('WH1')), reply(expires('WH1'), null)], look('', 1, null));
      follows([asks(), reply(locks('WH1')), reply(expires('WH1'), null)], look(''), 'AllocationPlanned', 'LockAsked WH1');
    });
    it('figures for other lines are no figures', () => follows([], asks({ ...snapshot(9, 9), articles: { A: null } }), 'RequestNoted', 'PlanPostponed'));
  });

  describe('ALC-02: cancelled, shipped, asked again', () => {
    it('gives everything back, acknowledged, before it says so', () => {
      follows(allocated, cancel, 'CancelNoted', 'ReleaseAsked WH1');
      expect(decided([...allocated, cancel], reply(releases('WH1'))).at(-1)).toEqual({ type: 'StockReleased', data: { foId: FO, warehouse: 'WH1' } });
    });
    it('while asking, too', () => follows([asks()], cancel, 'CancelNoted', 'ReleaseAsked WH1'));
    it('out of the queue at once', () => expect(decided([asks(snapshot(0, 0))], cancel).at(-1)).toEqual({ type: 'StockReleased', data: { foId: FO, warehouse: '' } }));
    it('before anything was seen: a tombstone', () => {
      follows([], cancel, 'CancelNoted', 'StockReleased');
      follows([cancel], asks());
    });
    it('once', () => follows([...allocated, cancel, reply(releases('WH1'))], cancel));
    it('a late grant after it is released', () => follows([asks(snapshot(0, 0)), cancel], reply(locks('WH1', 9)), 'GrantNoted', 'ReleaseAsked WH1'));
    it('consumes what has left', () => {
      follows(allocated, ship, 'ShipmentNoted', 'ConsumeAsked WH1');
      follows([...allocated, ship], reply(consumes('WH1')), 'ConsumptionNoted');
    });
    it('what has left cannot be cancelled or shipped again, nor asked for again by who does not know of it', () => {
      for (const late of [cancel, asks(snapshot(9, 9), sequential, { round: 2 }), ship]) follows([...allocated, ship, reply(consumes('WH1'))], late);
    });
    it('a higher round releases everything first, then plans anew with what is excluded', () => {
      const second = asks(snapshot(9, 9), sequential, { round: 2, excludedWarehouses: ['WH1'] });
      follows(allocated, second, 'RequestNoted', 'ReleaseAsked WH1');
      follows([...allocated, second], reply(releases('WH1')), 'ReleaseNoted', 'AllocationPlanned', 'LockAsked WH2');
    });
    it('an older round is nothing', () => follows([asks(snapshot(9, 9), sequential, { round: 2 })], asks()));
  });

  describe('ALC-02: promises taken back', () => {
    const missing = [{ sku: 'A', quantity: 1 }];
    it('tells order-core what is missing where', () => {
      expect(decided(allocated, reply(releases('WH1', 1, missing))).at(-1)).toEqual({ type: 'StockDisplaced', data: { foId: FO, warehouse: 'WH1', missing } });
    });
    it('waits for the next round', () => follows([...allocated, reply(releases('WH1', 1, missing))], asks(snapshot(9, 9), sequential, { round: 2, excludedWarehouses: ['WH1'] }), 'RequestNoted', 'AllocationPlanned', 'LockAsked WH2'));
    it('before the confirmation it just plans again', () => follows([asks(), reply(locks('WH1'))], reply(releases('WH1', 1, missing)), 'ReleaseNoted', 'RoundEnded', 'AllocationPlanned', 'LockAsked WH1'));
    it('what has left meanwhile is visible as uncovered', () => {
      follows([...allocated, ship], reply(releases('WH1', 1, missing)), 'ReleaseNoted', 'ShippedUncovered');
      follows([...allocated, reply(releases('WH1', 1, missing))], ship, 'ShipmentNoted', 'ShippedUncovered');
    });
  });

  describe('ALC-02: backorders', () => {
    const waiting = [asks(snapshot(1, 0))];
    it('asks nobody when nobody has it, and says what the best lacks', () => {
      follows([], waiting[0]!, 'RequestNoted', 'AllocationPlanned', 'OrderBackordered');
      expect(decided([], waiting[0]!).at(-1)!.data).toMatchObject({ round: 1, missing: [{ sku: 'A', quantity: 1 }] });
    });
    it('says what a warehouse really had', () => expect(decided([asks(), reply(refuses('WH1', 0))], reply(refuses('WH2', 1))).at(-1)!.data).toMatchObject({ missing: [{ sku: 'A', quantity: 1 }] }));
    it('plans again when there seems to be stock', () => follows(waiting, serve(snapshot(2, 0)), 'AllocationPlanned', 'LockAsked WH1'));
    it('ORD-01: tells when less is lacking, once, and stays in the queue', () => {
      const two = [asks(snapshot(0, 0))];
      follows(two, serve(snapshot(1, 0)), 'BackorderEased');
      expect(decided(two, serve(snapshot(1, 0))).at(-1)!.data).toMatchObject({ round: 1, missing: [{ sku: 'A', quantity: 1 }] });
      follows([...two, serve(snapshot(1, 0))], serve(snapshot(1, 0)));
      follows([...two, serve(snapshot(1, 0))], serve(snapshot(0, 0)));
      follows([...two, serve(snapshot(1, 0))], serve(snapshot(2, 0)), 'AllocationPlanned', 'LockAsked WH1');
    });
    it('ORD-01: tells it also when a try of which nobody was told has found as much', () => {
      const tried = [asks(snapshot(0, 0)), serve(snapshot(2, 0)), reply(refuses('WH1', 1, 2))];
      expect(history(...tried).at(-1)).toMatchObject({ type: 'BackorderKept', data: { missing: [{ sku: 'A', quantity: 1 }] } });
      follows(tried, serve(snapshot(1, 0)), 'BackorderEased');
      follows([...tried, serve(snapshot(1, 0))], serve(snapshot(1, 0)));
    });
    it('ORD-01: a try that found less than was told is not told', () => {
      const tried = [asks(snapshot(1, 0)), serve(snapshot(2, 0)), reply(refuses('WH1', 0, 2))];
      expect(history(...tried).at(-1)).toMatchObject({ type: 'BackorderKept', data: { missing: [{ sku: 'A', quantity: 2 }] } });
      follows(tried, serve(snapshot(1, 0)));
    });
    it('stays while there is none', () => follows(waiting, serve(snapshot(0, 1))));
    it('goes back to the queue without telling anyone again', () => follows([...waiting, serve(snapshot(2, 0))], reply(refuses('WH1', 1, 2)), 'RefusalNoted', 'BackorderKept'));
    it('tells of it in the next round', () => follows(waiting, asks(snapshot(0, 0), sequential, { round: 2 }), 'RequestNoted', 'AllocationPlanned', 'OrderBackordered'));
    it('is served only out of the queue', () => follows([asks()], serve(snapshot(9, 9))));
    it('is not served while a late lock lives, and enters the queue again after it', () => {
      follows([...waiting, reply(locks('WH2', 9))], serve(snapshot(9, 9)));
      follows([...waiting, reply(locks('WH2', 9))], reply(releases('WH2', 9)), 'ReleaseNoted', 'BackorderKept');
    });
    it('ALC-15: a SKU that nobody knows is short, with the reason', () => {
      const unknown = { ...snapshot(9, 9), articles: { A: null, B: null } };
      follows([], asks(unknown), 'RequestNoted', 'AllocationPlanned', 'OrderBackordered');
      expect(decided([], asks(unknown))[1]!.data).toMatchObject({ unknownSkus: ['A', 'B'], missing: [{ sku: 'A', quantity: 2 }, { sku: 'B', quantity: 1 }] });
    });
  });
});
