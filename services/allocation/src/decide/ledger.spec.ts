import { describe, expect, it } from '@jest/globals';
import { MemoryUnit, specify } from '@flotilla/testing';
import { warehouseAt } from '../../spec/examples.js';
import { byLedger, prepareLedgers } from '../accept/lock-requests.consumer.js';
import { remoteStockHandlers } from '../accept/remote-stock.consumer.js';
import { ledgerOf } from './ledger.js';
import { stock } from './stock.decider.js';
import { freeOf } from './stock.events.js';
import { warehouse } from './warehouse.decider.js';

describe('where a warehouse keeps its ledger', () => {
  const site = warehouseAt('WH1', '广东省');
  it('ALC-09: is LOCAL unless it says otherwise, and never changes', () => {
    expect([ledgerOf(null), ledgerOf(site), ledgerOf({ ledger: 'REMOTE' }), ledgerOf({ ledger: 'WMS' })]).toEqual(['LOCAL', 'LOCAL', 'REMOTE', 'WMS']);
    const { given } = specify(warehouse);
    const described = { type: 'WarehouseDescribed', data: { ...site, ledger: 'WMS' } } as const;
    given(described).when({ type: 'DescribeWarehouse', data: site }).thenRefused('LEDGER_ELSEWHERE');
    given({ type: 'WarehouseDescribed', data: site }).when({ type: 'DescribeWarehouse', data: { ...site, ledger: 'LOCAL' } }).then({ type: 'WarehouseDescribed', data: { ...site, ledger: 'LOCAL' } });
  });

  it('ALC-09: says who answers a question; those of ledgers elsewhere are left alone', async () => {
    const answered: string[] = [];
    const handlers = byLedger({ LOCAL: { ask: { handle: () => void answered.push('here') } }, WMS: { ask: { handle: () => void answered.push('outside') } } });
    const messages = ['a', 'b', 'c', 'd.e', undefined].map((one) => ({ data: { warehouse: one } }) as never);
    const ledgers = await prepareLedgers(async () => new Map([['a', 'LOCAL'], ['b', 'WMS'], ['c', 'REMOTE']] as const))(messages);
    expect(ledgers).toEqual(['LOCAL', 'WMS', 'REMOTE', 'LOCAL', 'LOCAL']);
    messages.forEach((message, index) => handlers['ask']!.handle(message, undefined as never, ledgers[index]));
    expect(answered).toEqual(['here', 'outside', 'here', 'here']);
    expect([true, false, undefined].map((known) => handlers['ask']!.wants!({ data: { warehouse: 'a', answered: known } } as never))).toEqual([false, true, true]);
  });
});

describe('a forecast of stock elsewhere', () => {
  const { given } = specify(stock);
  const told = (asOf: number, onHand: number) => ({ warehouse: 'WH1', sku: 'A', from: 'PARTICIPANT', asOf, at: '', level: { onHand, unsellable: 0, held: 1, confirmed: 1 } }) as const;
  it('ALC-09: is what that ledger said last, by its own position', () => {
    given().when({ type: 'ForecastStock', data: told(3, 5) }).then({ type: 'StockForecast', data: told(3, 5) });
    given({ type: 'StockForecast', data: told(3, 5) }).when({ type: 'ForecastStock', data: told(2, 9) }).thenNothing();
    given({ type: 'StockForecast', data: told(3, 5) }).when({ type: 'ForecastStock', data: told(4, 4) }).then({ type: 'StockForecast', data: told(4, 4) });
  });
  it('ALC-09: a refusal lowers it, unless a level was told later or it is a repeat; a level after it raises it again', () => {
    const unit = new MemoryUnit();
    const head = { lockId: 'l', foId: 'F', round: 1, warehouse: 'WH1' };
    const level = (version: number, time: string, onHand: number): void =>
      remoteStockHandlers['flotilla.allocation.v1.StockChanged']!.handle({ time, source: { version }, data: { warehouse: 'WH1', sku: 'A', onHand, unsellable: 1, held: 0, confirmed: 2, free: onHand - 3 } } as never, unit, 'REMOTE');
    const refusal = (time: string, quantity: number, ledger = 'REMOTE', version = 1): void =>
      remoteStockHandlers['flotilla.lock.v1.StockLockRefused']!.handle({ time, source: { version }, data: { ...head, reason: 'SHORT', free: [{ sku: 'A', quantity }] } } as never, unit, ledger);
    const free = (): number => freeOf(unit.state(stock, 'WH1.A'));
    level(1, '2026-11-22T00:00:01Z', 8);
    refusal('2026-11-22T00:00:01Z', 0);
    refusal('2026-11-22T00:00:02Z', 0, 'LOCAL');
    refusal('2026-11-22T00:00:02Z', 0, 'REMOTE', 2);
    expect(free()).toBe(5);
    refusal('2026-11-22T00:00:02Z', 1);
    expect(free()).toBe(1);
    level(3, '2026-11-22T00:00:04Z', 7);
    refusal('2026-11-22T00:00:03Z', 0);
    level(2, '2026-11-22T00:00:02Z', 3);
    expect(free()).toBe(4);
  });
  it('ALC-02: knows what is kept back and on its way there, by level or by refusal', () => {
    const unit = new MemoryUnit();
    const say = (type: string, version: number, time: string, data: object): void => remoteStockHandlers[`flotilla.${type}`]!.handle({ time, source: { version }, data } as never, unit, 'REMOTE');
    const level = { warehouse: 'WH1', sku: 'A', onHand: 8, unsellable: 0, held: 0, confirmed: 0, free: 8, safety: 2, safetyFromPriority: 5, available: 6, inTransit: 4 };
    say('allocation.v1.StockChanged', 1, '2026-11-22T00:00:01Z', level);
    expect(unit.state(stock, 'WH1.A')).toMatchObject({ onHand: 8, safety: 2, safetyFrom: 5, inTransit: 4 });
    const refused = { lockId: 'l', foId: 'F', round: 1, warehouse: 'WH1', reason: 'SAFETY', free: [{ sku: 'A', quantity: 8 }], kept: [{ sku: 'A', quantity: 7 }] };
    say('lock.v1.StockLockRefused', 1, '2026-11-22T00:00:00Z', refused);
    expect(unit.state(stock, 'WH1.A').safety).toBe(2);
    say('lock.v1.StockLockRefused', 1, '2026-11-22T00:00:02Z', refused);
    expect(unit.state(stock, 'WH1.A')).toMatchObject({ onHand: 8, safety: 7, safetyFrom: 5, inTransit: 4 });
    say('allocation.v1.StockChanged', 2, '2026-11-22T00:00:03Z', { ...level, safety: 0, inTransit: 0 });
    expect(unit.state(stock, 'WH1.A')).toMatchObject({ safety: 0, inTransit: 0 });
  });
  it('ALC-02: keeps the promise too', () => expect(() => stock.decide({ type: 'ForecastStock', data: told(1, 1) }, stock.initial)).toThrow('breaks the promise'));
});
