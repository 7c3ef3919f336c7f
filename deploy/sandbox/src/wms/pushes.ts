import { randomUUID } from 'node:crypto';
import { sleep } from '../clock.js';
import { SENDING, type Faults } from '../faults/faults.js';
import type { Ledger } from '../ledger/ledger.js';
import type { House } from './house.js';
import { signPush } from './signature.js';

export type Meaning = 'PHYSICAL' | 'SELLABLE';

const TRIES = 20;

/** Tells a fleet of every change of stock, some milliseconds later, until it is accepted. */
export class StockPushes {
  readonly #stopped = new AbortController();
  readonly #pending = new Map<House, { skus: Set<string>; meaning: Meaning }>();
  readonly #told = new Map<string, number>();
  readonly #sequences = new Map<House, number>();
  #held: (() => void)[] = [];

  constructor(private readonly options: { allocationUrl: string; secret: string; faults: Faults; ledger: Ledger }) {}

  /** From now on the house's changes are pushed: levels, or differences if `deltas`. */
  follow(house: House, meaning: Meaning, deltas: boolean): void {
    house.changed = (skus) => {
      const waiting = this.#pending.get(house);
      if (waiting) return skus.forEach((sku) => waiting.skus.add(sku));
      this.#pending.set(house, { skus: new Set(skus), meaning });
      setTimeout(() => void this.#push(house, deltas), 20).unref();
    };
  }

  stop(): void {
    this.#stopped.abort();
    for (const release of this.#held.splice(0)) release();
  }

  async #push(house: House, deltas: boolean): Promise<void> {
    const pending = this.#pending.get(house);
    this.#pending.delete(house);
    if (!pending) return;
    const sequence = (this.#sequences.get(house) ?? 0) + 1;
    this.#sequences.set(house, sequence);
    const items = [...pending.skus].map((sku) => {
      const { physical, unsellable, position } = house.shelf(sku);
      const quantity = pending.meaning === 'PHYSICAL' ? physical : house.sellable(sku);
      const key = `${house.id}/${sku}`;
      const [before, previous] = [this.#told.get(key), this.#told.get(`${key}@`) ?? 0];
      this.#told.set(key, quantity).set(`${key}@`, position);
      return deltas && before !== undefined ? { sku, delta: quantity - before, unsellable, position, previous } : { sku, quantity, unsellable, position };
    });
    await this.#send(house.id, JSON.stringify({ meaning: pending.meaning, sequence, items }));
  }

  async #send(warehouse: string, body: string): Promise<void> {
    const { faults, ledger } = this.options;
    const { signal } = this.#stopped;
    const id = `msg_${randomUUID()}`;
    const note = (status: string): void => void ledger.note({ world: 'wms', direction: 'out', kind: 'stock.push', channel: warehouse, deliveryId: id, status });
    const fault = faults.strike('wms', 'stock.push', SENDING, warehouse);
    if (fault?.kind === 'drop') return note('dropped');
    if (fault?.kind === 'slow') await sleep(fault.ms ?? 1_000, signal);
    // Held back until another has gone out, or for a second if none does.
    if (fault?.kind === 'reorder') await Promise.race([new Promise<void>((resolve) => this.#held.push(resolve)), sleep(1_000, signal)]);
    for (let attempt = 0; attempt < TRIES && !signal.aborted; attempt += 1) {
      const status = await this.#attempt(warehouse, id, body);
      if (fault?.kind === 'duplicate' && attempt === 0) await this.#attempt(warehouse, id, body);
      if (fault?.kind !== 'reorder') for (const release of this.#held.splice(0)) release();
      note(status >= 200 && status < 300 ? 'accepted' : status === 0 ? 'no answer' : `refused ${status}`);
      if (status >= 200 && status < 300) return;
      await sleep(Math.min(3_000, 100 * 2 ** attempt), signal);
    }
  }

  async #attempt(warehouse: string, id: string, body: string): Promise<number> {
    const timestamp = String(Math.floor(Date.now() / 1_000));
    try {
      const response = await fetch(`${this.options.allocationUrl}/v1/warehouses/${encodeURIComponent(warehouse)}/stock`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signPush(this.options.secret, id, timestamp, body) },
        signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(5_000)]),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    }
  }
}
