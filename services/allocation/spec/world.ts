import type { allocation as api, order } from '@flotilla/contracts';
import type { Recorded } from '@flotilla/event-store';
import type { Incoming } from '@flotilla/messaging';
import { lockRequestHandlers } from '../src/accept/lock-requests.consumer.js';
import { sagaHandlers } from '../src/accept/saga-events.consumer.js';
import { queueNews, servable } from '../src/coordinate/backorders.js';
import { displace, expireLock } from '../src/coordinate/participant.js';
import { timerChanges, type Look } from '../src/coordinate/timers.js';
import { allocation } from '../src/decide/allocation.decider.js';
import type { Policy } from '../src/decide/allocation.events.js';
import { stockId } from '../src/decide/names.js';
import type { Snapshot } from '../src/decide/route.js';
import { sku as article } from '../src/decide/sku.decider.js';
import { stock } from '../src/decide/stock.decider.js';
import { freeOf } from '../src/decide/stock.events.js';
import { warehouse } from '../src/decide/warehouse.decider.js';
import { publish } from '../src/publish/publish.js';
import { MemoryStore } from './memory-store.js';

/** Seeded numbers (mulberry32): the same seed, the same run. */
export const random = (seed: number): (() => number) => {
  let s = seed >>> 0 || 1;
  return () => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** What goes wrong in this run, each as a probability; drawn anew for every seed. */
export interface Faults {
  readonly lose: number;
  readonly duplicate: number;
  readonly slow: number;
  /** The relay sends and then forgets that it did. */
  readonly crashAfterSend: number;
  /** A consumer or the timers stand still for a while. */
  readonly pause: number;
  readonly slowestMs: number;
}

export const calm: Faults = { lose: 0, duplicate: 0, slow: 0, crashAfterSend: 0, pause: 0, slowestMs: 10 };

interface Flying {
  readonly at: number;
  readonly message: Incoming;
}

export interface WorldOptions {
  readonly seed: number;
  readonly faults: Faults;
  readonly policy: Policy;
  readonly leaseMs: number;
  readonly dropsRepeats: boolean;
  readonly sites: readonly api.Warehouse[];
}

/** Saga, participant, relay, timers and queue of production on a bad network, with a clock of its own. */
export class World {
  now = Date.parse('2026-11-21T00:00:00.000Z');
  faults: Faults;
  readonly store: MemoryStore;
  readonly published: Recorded[] = [];
  readonly chance: () => number;
  #flying: Flying[] = [];
  #relayed = 0;
  #followed = 0;
  #sent = 0;
  readonly #timers = new Map<string, { dueAt: number; look: Look }>();
  readonly #waiting = new Set<string>();
  readonly #paused = new Map<string, number>();
  readonly #handlers;
  readonly #prepare: () => Snapshot | null;

  constructor(readonly options: WorldOptions) {
    this.faults = options.faults;
    this.chance = random(options.seed);
    this.store = new MemoryStore(() => this.at(), options.dropsRepeats);
    this.#handlers = {
      ...lockRequestHandlers(() => ({ at: this.at(), leaseMs: options.leaseMs })),
      ...sagaHandlers(() => ({ at: this.at(), policy: options.policy })),
    };
    // Now and then there are no figures at hand when a plan is owed.
    this.#prepare = () => (this.chance() < 0.9 ? this.snapshot() : null);
    for (const site of options.sites) this.store.execute((unit) => unit.run(warehouse, site.warehouse, { type: 'DescribeWarehouse', data: site }));
  }

  at(): string {
    return new Date(this.now).toISOString();
  }

  pick(below: number): number {
    return Math.floor(this.chance() * below);
  }

  /** Everything free, everywhere: what production folds for the SKUs in question. */
  snapshot(): Snapshot {
    const free: Record<string, Record<string, number>> = {};
    for (const [id, level] of this.store.all(stock)) {
      const [site, sku] = id.split('.') as [string, string];
      (free[site] ??= {})[sku] = freeOf(level);
    }
    return { warehouses: this.options.sites, free, articles: Object.fromEntries(this.store.all(article)) };
  }

  count(site: string, sku: string, onHand: number): void {
    this.store.execute((unit) => {
      const before = unit.state(stock, stockId(site, sku));
      const victims = [...this.store.all(allocation).values()].flatMap(({ locks }) => Object.entries(locks)).filter(([, one]) => one.warehouse === site).map(([lockId]) => lockId);
      const lacking = displace(unit, site, sku, before.held + before.confirmed + before.unsellable - onHand, victims);
      if (lacking > 0) return;
      unit.run(stock, stockId(site, sku), { type: 'CountStock', data: { warehouse: site, sku, onHand, asOf: '' } });
    });
  }

  describe(sku: string): void {
    this.store.execute((unit) => unit.run(article, sku, { type: 'DescribeArticle', data: { sku, nameZh: '', nameEn: sku, grams: 0, lengthMm: 0, widthMm: 0, heightMm: 0, barcodes: [], hsCode: '', flags: [] } }));
  }

  /** Somebody else's event: order-core's and carrier's are never lost, only late and repeated. */
  tell(type: string, stream: string, version: number, data: order.AllocationRequested | { readonly foId: string }): void {
    this.#send({ ...this.#message(type, data.foId, data), id: `${stream}@${version}`, source: { stream, version, id: `${stream}@${version}`, hash: '' } }, false);
  }

  /** A little later. */
  step(): void {
    this.now += 1 + this.pick(20);
    this.#relay();
    this.#follow();
    this.#fire();
    this.#deliver();
  }

  /** Whether nothing is under way: no message, no timer, nothing to send or to follow. */
  quiet(): boolean {
    return this.#flying.length === 0 && this.#timers.size === 0 && this.#relayed === this.store.log.length && this.#followed === this.store.log.length;
  }

  /** Goes on to when the next thing is due. */
  skip(): void {
    const due = [...this.#flying.map(({ at }) => at), ...[...this.#timers.values()].map(({ dueAt }) => dueAt)];
    if (due.length > 0) this.now = Math.max(this.now, Math.min(...due));
  }

  waiting(): ReadonlySet<string> {
    return this.#waiting;
  }

  #message(type: string, key: string, data: unknown): Incoming {
    return { topic: '', partition: 0, offset: 0, key, id: '', source: { stream: '', version: 0, id: '', hash: '' }, type, time: this.at(), subject: '', correlation: '', causation: '', data };
  }

  #send(message: Incoming, lossy: boolean): void {
    const { lose, duplicate, slow, slowestMs } = this.faults;
    const copies = lossy && this.chance() < lose ? 0 : this.chance() < duplicate ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) this.#flying.push({ at: this.now + 1 + this.pick(this.chance() < slow ? slowestMs : 10), message });
  }

  #relay(): void {
    while (this.#relayed < this.store.log.length) {
      const event = this.store.log[this.#relayed]!;
      for (const { type, key, data } of publish(event)) {
        if (type.startsWith('flotilla.lock.v1.')) {
          // Questions and answers may be lost, since somebody asks again. A displacement is said unasked, like any other fact.
          const lossy = ((data as { missing?: readonly unknown[] }).missing ?? []).length === 0;
          this.#send({ ...this.#message(type, key, data), id: event.id, source: { stream: event.stream, version: event.version, id: event.id, hash: '' } }, lossy);
        } else if (this.#sent <= this.#relayed) this.published.push(event);
      }
      this.#sent = Math.max(this.#sent, this.#relayed + 1);
      if (this.chance() < this.faults.crashAfterSend) return; // not checkpointed: this one goes out again
      this.#relayed += 1;
    }
  }

  // Timers and queue follow the log in one transaction with their checkpoint: late, but once.
  #follow(): void {
    if (this.#standsStill('followers')) return;
    const foIds = new Set<string>();
    let look = false;
    for (; this.#followed < this.store.log.length; this.#followed += 1) {
      const event = this.store.log[this.#followed]!;
      for (const { key, dueAt, data } of timerChanges(event)) {
        if (dueAt === null) this.#timers.delete(key);
        else this.#timers.set(key, { dueAt: Date.parse(dueAt), look: data as Look });
      }
      const news = queueNews(event);
      for (const foId of [...news.entered, ...news.left]) foIds.add(foId);
      look ||= news.everything || news.skus.length + news.entered.length + news.gone.length > 0;
    }
    for (const foId of foIds) {
      if (this.store.state(allocation, foId).phase === 'BACKORDERED') this.#waiting.add(foId);
      else this.#waiting.delete(foId);
    }
    if (look && this.#waiting.size > 0) this.#serve();
  }

  #serve(): void {
    const order = (foId: string): [number, string] => [-(this.store.state(allocation, foId).request?.priority ?? 0), foId];
    const queue = [...this.#waiting].toSorted((a, b) => order(a)[0] - order(b)[0] || (order(a)[1] < order(b)[1] ? -1 : 1));
    const { served } = servable(queue.map((foId) => this.store.state(allocation, foId)), this.snapshot());
    for (const { foId, snapshot } of served) {
      this.store.execute((unit) => unit.run(allocation, foId, { type: 'ServeBackorder', data: { foId, now: { at: this.at(), policy: this.options.policy, snapshot } } }));
    }
  }

  #fire(): void {
    if (this.#standsStill('timers')) return;
    for (const [key, { dueAt, look }] of this.#timers) {
      if (dueAt > this.now) continue;
      this.#timers.delete(key);
      if (look.kind === 'lease') this.store.execute((unit) => expireLock(unit, look.lockId, this.at()));
      else {
        const lockId = look.kind === 'question' ? look.lockId : '';
        const now = { at: this.at(), policy: this.options.policy, snapshot: this.snapshot() };
        this.store.execute((unit) => unit.run(allocation, look.foId, { type: 'LookAgain', data: { foId: look.foId, lockId, now } }));
      }
    }
  }

  #deliver(): void {
    const due = this.#flying.filter(({ at, message }) => at <= this.now && !this.#standsStill(message.type.startsWith('flotilla.lock.v1.Stock') ? 'saga' : 'participant'));
    if (due.length === 0) return;
    const chosen = due[this.pick(due.length)]!;
    this.#flying = this.#flying.filter((one) => one !== chosen);
    const { message } = chosen;
    const handler = this.#handlers[message.type];
    if (!handler) throw new Error(`nobody handles ${message.type}`);
    const prepared = this.#prepare();
    this.store.execute((unit) => handler.handle(message, unit, prepared), message.source);
  }

  #standsStill(who: string): boolean {
    if (this.chance() < this.faults.pause) this.#paused.set(who, this.now + this.pick(20_000));
    return (this.#paused.get(who) ?? 0) > this.now;
  }
}
