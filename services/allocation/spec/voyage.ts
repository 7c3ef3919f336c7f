import type { order } from '@flotilla/contracts';
import { publish } from '../src/publish/publish.js';
import { lockRequestHandlers } from '../src/accept/lock-requests.consumer.js';
import { sagaHandlers } from '../src/accept/saga-events.consumer.js';
import { expireLock } from '../src/coordinate/participant.js';
import { moveShelf } from '../src/coordinate/shelf.js';
import { allocation } from '../src/decide/allocation.decider.js';
import { lock } from '../src/decide/lock.decider.js';
import type { Snapshot } from '../src/decide/route.js';
import { sku } from '../src/decide/sku.decider.js';
import { stock } from '../src/decide/stock.decider.js';
import { freeOf } from '../src/decide/stock.events.js';
import { warehouse } from '../src/decide/warehouse.decider.js';
import { article, warehouseAt } from './examples.js';
import { MemoryStore } from './memory-store.js';

export const T0 = '2026-11-21T09:00:01.000Z';

/** Saga and participant without a network: whatever one says, the other hears at once. What was said is kept, in order. */
export class Voyage {
  readonly said: { readonly topic: string; readonly key: string; readonly type: string; readonly data: unknown }[] = [];
  readonly store = new MemoryStore(() => T0);
  readonly #site = warehouseAt('WH-SZ', '广东省');
  readonly #handlers = {
    ...lockRequestHandlers(() => ({ at: T0, leaseMs: 30_000 })),
    ...sagaHandlers(() => ({ at: T0, policy: { width: 1, windowMs: 0, partial: 'all' } })),
  };
  #told = 0;
  #heard = 0;

  constructor(onHand: Readonly<Record<string, number>>) {
    this.store.execute((unit) => unit.run(warehouse, 'WH-SZ', { type: 'DescribeWarehouse', data: this.#site }));
    for (const [one, count] of Object.entries(onHand)) {
      this.store.execute((unit) => unit.run(sku, one, { type: 'DescribeArticle', data: article(one, one === 'MUG-1' ? { nameZh: '马克杯', nameEn: 'Mug', barcodes: ['6901230040009'] } : { nameZh: 'T恤', nameEn: 'T-shirt' }) }));
      this.count(one, count);
    }
    this.#pass(false);
  }

  count(one: string, onHand: number): void {
    this.store.execute((unit) => moveShelf(unit, { type: 'CountStock', data: { warehouse: 'WH-SZ', sku: one, onHand, asOf: '' } }, [...this.store.all(lock).keys()]));
  }

  /** A message arrives; with `passing`, everything that follows from it does, too. */
  tell(type: string, data: order.AllocationRequested | { readonly foId: string }, passing = true): this {
    this.#told += 1;
    this.#hear(type, data, { stream: 'test', version: this.#told, id: '', hash: '' });
    this.#pass(passing);
    return this;
  }

  /** The queue looks at one that waits. */
  serve(foId: string): this {
    this.store.execute((unit) => unit.run(allocation, foId, { type: 'ServeBackorder', data: { foId, now: { at: T0, policy: { width: 1, windowMs: 0, partial: 'all' }, snapshot: this.#snapshot() } } }));
    return this.pass();
  }

  /** The lease of every lock is over. */
  expire(): this {
    for (const lockId of this.store.all(lock).keys()) this.store.execute((unit) => expireLock(unit, lockId, '2026-11-21T09:01:00.000Z'));
    this.#pass(true);
    return this;
  }

  pass(): this {
    this.#pass(true);
    return this;
  }

  find(type: string): unknown {
    return this.said.findLast((one) => one.type === type)?.data;
  }

  phase(foId: string): string {
    return this.store.state(allocation, foId).phase;
  }

  #hear(type: string, data: unknown, source: { stream: string; version: number; id: string; hash: string }): void {
    const message = { topic: '', partition: 0, offset: 0, key: '', id: '', source, type, time: T0, subject: '', correlation: '', causation: '', data };
    const handler = this.#handlers[type]!;
    if (handler.wants?.(message) !== false) this.store.execute((unit) => handler.handle(message, unit, this.#snapshot()), source);
  }

  #snapshot(): Snapshot {
    const free = Object.fromEntries([...this.store.all(stock)].map(([id, level]) => [id.split('.')[1]!, freeOf(level)]));
    return { warehouses: [this.#site], free: { 'WH-SZ': free }, articles: Object.fromEntries(this.store.all(sku)) };
  }

  #pass(passing: boolean): void {
    for (; this.#heard < this.store.log.length; this.#heard += 1) {
      const event = this.store.log[this.#heard]!;
      for (const one of publish(event)) {
        this.said.push(one);
        if (passing && this.#handlers[one.type]) this.#hear(one.type, one.data, { stream: event.stream, version: event.version, id: event.id, hash: '' });
      }
    }
  }
}
