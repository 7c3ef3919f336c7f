import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { article, FO, request, warehouseAt } from '../../../spec/examples.js';
import { MemoryStore } from '../../../spec/memory-store.js';
import { sagaHandlers } from '../../accept/saga-events.consumer.js';
import { supplierRequestHandlers } from '../../accept/suppliers/requests.js';
import { allocation } from '../../decide/allocation.decider.js';
import type { Snapshot } from '../../decide/route.js';
import { stock } from '../../decide/stock.decider.js';
import { freeOf } from '../../decide/stock.events.js';
import { offer, type OfferCommand } from '../../decide/suppliers/offer.decider.js';
import { supplierDay } from '../../decide/suppliers/day.decider.js';
import { supplier } from '../../decide/suppliers/supplier.decider.js';
import { warehouse } from '../../decide/warehouse.decider.js';
import { publish } from '../../publish/publish.js';
import { siteOf } from '../../query/snapshot.query.js';
import { timerChanges } from '../timers.js';
import { act, askShipping, declareStock, lookAtOffer } from './participant.js';
import { offerTimers } from './timers.js';

const SUPPLIERS = ['S1', 'S2'];
const SLA_MINUTES = 60;
const START = Date.parse('2026-11-22T08:00:00.000Z');
const lines = [{ sku: 'A', quantity: 2 }];
const policy = { width: 2, windowMs: 0, partial: 'all' } as const;

/** A saga, two suppliers and all that is under way between them, which arrives in any order, twice, or late. One clock for both. */
class Trade {
  ms = START;
  readonly store = new MemoryStore(() => this.at());
  readonly mail: { readonly type: string; readonly data: unknown }[] = [];
  readonly timers = new Map<string, { readonly dueAt: string; readonly data: unknown }>();
  readonly #sites = SUPPLIERS.map((id, tier) => warehouseAt(id, '浙江省', { kind: 'SUPPLIER', ledger: 'SUPPLIER', tier }));
  readonly #handlers = { ...supplierRequestHandlers(() => this.at()), ...sagaHandlers(() => ({ at: this.at(), policy })) };
  #heard = 0;

  constructor(dailyOrders: readonly number[] = [0, 0]) {
    for (const [index, site] of this.#sites.entries()) this.store.execute((unit) => unit.run(warehouse, site.warehouse, { type: 'DescribeWarehouse', data: { ...site, dailyOrders: dailyOrders[index]! } }));
    for (const id of SUPPLIERS) {
      this.store.execute((unit) => unit.run(supplier, id, { type: 'DescribeSupplier', data: { supplier: id, name: id, email: 'a@b.test', language: 'zh', responseMinutes: SLA_MINUTES, delivery: 'PORTAL', apiUrl: '', apiSecret: '', shipHours: 48 } }));
      this.store.execute((unit) => declareStock(unit, id, 'A', 10));
    }
    this.hear('flotilla.order.v1.AllocationRequested', request({ lines }));
  }

  at = (): string => new Date(this.ms).toISOString();
  saga = () => this.store.state(allocation, FO);
  offers = () => [...this.store.all(offer)].map(([id, state]) => ({ id, ...state }));

  snapshot(): Snapshot {
    const free = Object.fromEntries(SUPPLIERS.map((id) => [id, { A: freeOf(this.store.state(stock, `${id}.A`)) }]));
    return { warehouses: this.#sites.map(siteOf), free, articles: { A: article('A') } };
  }

  hear(type: string, data: unknown): void {
    const message = { topic: '', partition: 0, offset: 0, key: '', id: '', source: { stream: '', version: 0, id: '', hash: '' }, type, time: this.at(), subject: '', correlation: '', causation: '', data };
    this.store.execute((unit) => this.#handlers[type]?.handle(message, unit, this.snapshot()));
    this.#post();
  }

  says(id: string, command: OfferCommand): void {
    this.store.execute((unit) => act(unit, id, command));
    this.#post();
  }

  /** order-core lets its parcel go. */
  releases(site: string): void {
    const shipTo = { country: 'CN', province: '', city: '', district: '', postcode: '', street: '', company: '', name: '', phone: '', phoneIndex: '', token: '' };
    this.store.execute((unit) => askShipping(unit, { foId: FO, warehouse: site, parcelId: 'P', orders: [], shipTo, number: '' }, this.at()));
    this.#post();
  }

  cancel = (): void => this.hear('flotilla.order.v1.FulfilmentCancelled', { foId: FO, reason: 'BUYER', shipped: [] });

  deliver(index: number, twice: boolean): void {
    const [message] = this.mail.splice(index % Math.max(1, this.mail.length), 1);
    if (!message) return;
    this.hear(message.type, message.data);
    if (twice) this.hear(message.type, message.data);
  }

  pass(ms: number): void {
    this.ms += ms;
    for (const [key, { dueAt, data }] of this.timers) {
      if (dueAt > this.at()) continue;
      this.timers.delete(key);
      const look = data as { readonly kind: string; readonly lockId: string };
      if (look.kind === 'offer' || look.kind === 'shipping') {
        const { kind } = look;
        this.store.execute((unit) => lookAtOffer(unit, look.lockId, kind, this.at()));
        this.#post();
      } else {
        this.store.execute((unit) => unit.run(allocation, FO, { type: 'LookAgain', data: { foId: FO, lockId: look.lockId ?? '', now: { at: this.at(), policy, snapshot: this.snapshot() } } }));
        this.#post();
      }
    }
  }

  #post(): void {
    for (; this.#heard < this.store.log.length; this.#heard += 1) {
      const event = this.store.log[this.#heard]!;
      this.mail.push(...publish(event).filter(({ type }) => type.startsWith('flotilla.lock.')));
      for (const { key, dueAt, data } of [...timerChanges(event), ...offerTimers(event)]) {
        if (dueAt === null) this.timers.delete(key);
        else this.timers.set(key, { dueAt, data });
      }
    }
  }
}

const quiet = (trade: Trade): void => {
  for (let turn = 0; turn < 60; turn += 1) {
    while (trade.mail.length > 0) trade.deliver(0, false);
    if (turn % 2 === 1) trade.pass(30_000);
  }
};
const by = 'supplier:S';

describe('failover of suppliers', () => {
  it('ALC-08: the one whose time is over is followed by the next; the first is not asked again, and its acceptance is too late', () => {
    const trade = new Trade();
    quiet(trade);
    const [first] = trade.offers();
    expect([first?.status, trade.offers()]).toEqual(['OFFERED', [expect.objectContaining({ head: expect.objectContaining({ warehouse: 'S1' }) })]]);
    trade.pass(SLA_MINUTES * 60_000);
    quiet(trade);
    const second = trade.offers().find(({ head }) => head?.warehouse === 'S2')!;
    expect([trade.offers().length, second.status, trade.offers()[0]!.status]).toEqual([2, 'OFFERED', 'EXPIRED']);
    trade.says(first!.id, { type: 'AcceptOffer', data: { by, at: trade.at() } });
    trade.says(second.id, { type: 'AcceptOffer', data: { by, at: trade.at() } });
    quiet(trade);
    expect([trade.saga().phase, trade.store.log.findLast(({ type }) => type === 'OrderAllocated')?.data]).toMatchObject(['ALLOCATED', { warehouse: 'S2', parts: [{ warehouse: 'S2', external: true }] }]);
    expect(freeOf(trade.store.state(stock, 'S1.A'))).toBe(10);
  });

  it('ALC-08: when none takes it, it waits in the queue, and nobody is asked for ever', () => {
    const trade = new Trade();
    for (let round = 0; round < 3; round += 1) {
      quiet(trade);
      trade.pass(SLA_MINUTES * 60_000);
    }
    quiet(trade);
    expect([trade.saga().phase, trade.offers().map(({ status }) => status)]).toEqual(['BACKORDERED', ['EXPIRED', 'EXPIRED']]);
  });

  it('ALC-08: a saga that is told to wait does not give up; it asks again when the time is over', () => {
    const trade = new Trade();
    quiet(trade);
    const asked = trade.store.log.filter(({ type }) => type === 'LockAsked').length;
    trade.pass((SLA_MINUTES - 45) * 60_000);
    quiet(trade);
    expect([trade.saga().phase, trade.store.log.filter(({ type }) => type === 'LockAsked').length]).toEqual(['ASKING', asked]);
  });

  it('ALC-08: an offer beyond the capacity of a supplier’s day goes to the next; one that is refused gives its place back, one that is accepted keeps it', () => {
    const trade = new Trade([1, 0]);
    const other = '0c1d2e3f-4a5b-5c6d-8e7f-9a0b1c2d3e4f';
    trade.hear('flotilla.order.v1.AllocationRequested', request({ foId: other, lines }));
    quiet(trade);
    const places = () => trade.offers().map(({ head, status }) => [head?.foId, head?.warehouse, status]);
    expect(places().filter(([, , status]) => status === 'OFFERED')).toEqual([[FO, 'S1', 'OFFERED'], [other, 'S2', 'OFFERED']]);
    expect(trade.store.log.filter(({ type }) => type === 'RefusalNoted').map(({ data }) => data)).toMatchObject([{ foId: other, reason: 'FULL' }]);
    const first = trade.offers().find(({ head }) => head?.foId === FO)!;
    expect(trade.store.state(supplierDay, 'S1').taken).toBe(1);
    trade.says(first.id, { type: 'RefuseOffer', data: { by, at: trade.at(), reason: 'PRICE' } });
    expect(trade.store.state(supplierDay, 'S1').taken).toBe(0);
    trade.hear('flotilla.order.v1.AllocationRequested', request({ foId: `${other.slice(0, -1)}e`, lines }));
    quiet(trade);
    const third = trade.offers().find(({ head, status }) => head?.warehouse === 'S1' && status === 'OFFERED')!;
    trade.says(third.id, { type: 'AcceptOffer', data: { by, at: trade.at() } });
    quiet(trade);
    expect([trade.offers().find(({ id }) => id === third.id)?.status, trade.store.state(supplierDay, 'S1').taken]).toEqual(['CONFIRMED', 1]);
  });

  it('ALC-08: accepted, released and not sent, it is overdue when its time is over, and stays the supplier’s; sent, that ends', () => {
    const trade = new Trade();
    quiet(trade);
    const [first] = trade.offers();
    trade.says(first!.id, { type: 'AcceptOffer', data: { by, at: trade.at() } });
    quiet(trade);
    trade.releases('S1');
    const told = () => trade.store.log.flatMap(publish).filter(({ type }) => type.includes('SupplierOverdue')).map(({ type, data }) => [type.split('.').at(-1), (data as { by?: string }).by]);
    trade.pass(48 * 3_600_000 - 1);
    expect(told()).toEqual([]);
    trade.pass(1);
    quiet(trade);
    trade.pass(48 * 3_600_000);
    expect([told(), trade.saga().phase, trade.offers()[0]!.status]).toEqual([[['SupplierOverdue', undefined]], 'ALLOCATED', 'CONFIRMED']);
    trade.says(first!.id, { type: 'ShipOffer', data: { by, at: trade.at(), carrier: 'sf', waybill: 'SF1400000000001', evidenceSha256: '' } });
    expect(told()).toEqual([['SupplierOverdue', undefined], ['SupplierOverdueEnded', 'SHIPPED']]);
  });

  it('ALC-08: whatever is late, repeated or overtaken: one offer at a time, never two that are confirmed, and nothing is left open', () => {
    const step = fc.oneof(
      ...Array.from({ length: 4 }, () => fc.record({ kind: fc.constant('deliver' as const), index: fc.nat(20), twice: fc.boolean() })),
      fc.record({ kind: fc.constantFrom('accept' as const, 'refuse' as const), index: fc.nat(4) }),
      fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1_000, 5_000, 1_800_000, 3_700_000) }),
      fc.record({ kind: fc.constant('cancel' as const), index: fc.nat(9) }),
    );
    let [allocated, failedOver] = [0, 0];
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const trade = new Trade();
        const judge = (): void => {
          const offers = trade.offers();
          expect(offers.filter(({ status }) => status === 'CONFIRMED').length).toBeLessThanOrEqual(1);
          // A question that comes after the saga has given it up still makes an offer, until the withdrawal arrives behind it.
          const { locks } = trade.saga();
          const isWanted = (id: string): boolean => locks[id] !== undefined && !locks[id].givenUp && locks[id].open !== 'RELEASE';
          expect(offers.filter(({ id, status }) => (status === 'OFFERED' || status === 'ACCEPTED' || status === 'CONFIRMED') && isWanted(id)).length).toBeLessThanOrEqual(1);
          for (const { id, status, until } of offers) if (status === 'OFFERED') expect(trade.timers.get(`offer/${id}`)?.dueAt).toBe(until);
        };
        for (const one of steps) {
          if (one.kind === 'deliver') trade.deliver(one.index, one.twice);
          else if (one.kind === 'pass') trade.pass(one.ms);
          else if (one.kind === 'cancel') {
            if (one.index === 0) trade.cancel();
          } else {
            const offers = trade.offers();
            const chosen = offers[one.index % Math.max(1, offers.length)];
            if (chosen) trade.says(chosen.id, one.kind === 'accept' ? { type: 'AcceptOffer', data: { by, at: trade.at() } } : { type: 'RefuseOffer', data: { by, at: trade.at(), reason: 'PRICE' } });
          }
          judge();
        }
        for (let round = 0; round < 4; round += 1) {
          quiet(trade);
          judge();
          trade.pass(SLA_MINUTES * 60_000);
        }
        quiet(trade);
        expect(['ALLOCATED', 'BACKORDERED', 'RELEASED']).toContain(trade.saga().phase);
        const confirmed = trade.offers().filter(({ status }) => status === 'CONFIRMED');
        expect(confirmed.length).toBe(trade.saga().phase === 'ALLOCATED' ? 1 : 0);
        const held = SUPPLIERS.reduce((all, id) => all + trade.store.state(stock, `${id}.A`).held + trade.store.state(stock, `${id}.A`).confirmed, 0);
        expect(held).toBe(confirmed.length * 2);
        allocated += confirmed.length;
        failedOver += Number(trade.offers().length > 1);
      }),
      { numRuns: 300 },
    );
    expect(Math.min(allocated, failedOver)).toBeGreaterThan(20);
  });
});
