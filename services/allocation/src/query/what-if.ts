import type { allocation as api, common, order } from '@flotilla/contracts';
import type { Recorded } from '@flotilla/event-store';
import type { AllocationEvent } from '../decide/allocation.events.js';
import { summed } from '../decide/names.js';
import { planRoute, type PlanPart, type Site, type Snapshot } from '../decide/route.js';
import type { Lanes } from '../decide/routing/lanes.js';
import type { Model } from '../decide/routing/learn.js';
import type { OutcomeEvent } from '../decide/routing/outcome.decider.js';
import { holds } from '../decide/routing/places.js';
import { gramsOf, quote } from '../decide/routing/quote.js';
import type { Rules } from '../decide/routing/rules.js';
import type { ArticleView, Safety } from '../decide/routing/snapshot.js';
import type { SkuEvent } from '../decide/sku.events.js';
import { freeOf, nothingBeside, type StockEvent } from '../decide/stock.events.js';
import type { WarehouseEvent } from '../decide/warehouse.events.js';
import { siteOf, viewOf } from './snapshot.query.js';

/** The events that a replay reads; all others say nothing to it. */
export const replayed: readonly string[] = [
  'WarehouseDescribed', 'ArticleDescribed', 'StockCounted', 'StockAdjusted', 'StockSetAside', 'StockScrapped', 'StockDispatched', 'StockReceived', 'SafetySet', 'StockForecast', 'StockHeld', 'HoldReleased', 'StockTaken',
  'RequestNoted', 'OrderAllocated', 'OrderBackordered', 'CancelNoted', 'ParcelLeft', 'ParcelArrived',
];

/** What a replay needs of an event. */
export type Replayed = Pick<Recorded, 'stream' | 'type' | 'recordedAt' | 'data'>;

export interface Question {
  readonly from: string;
  readonly to: string;
  /** The rules that are tried. */
  readonly draft: Rules;
  /** Those in force: what happened is priced with them. */
  readonly inForce: Rules;
  readonly lanes: Lanes;
  /** The learned router of today, for a draft that gives it a share. */
  readonly model: Model | null;
  readonly stock: readonly api.PlannedStock[];
}

/** Orders of one replay; more of them would not fit into the memory that one question may take. */
export const MAX_ORDERS = 50_000;
const SHOWN_CHANGES = 100;

export class TooManyOrders extends Error {
  override readonly name = 'TooManyOrders';
}

interface Case {
  readonly request: order.AllocationRequested;
  readonly date: string;
  readonly at: number;
  cancelled: boolean;
  happened: readonly PlanPart[];
  backordered: boolean;
  draft: readonly PlanPart[];
  draftReason: string;
  draftBackordered: boolean;
  paid: number;
  paidParcels: number;
  delivered: number;
  lateDelivered: number;
}

type Stock = Record<string, Record<string, number>>;

/**
 * Replays the log in its order: stock, warehouses and articles as they were, and each new request of the time put to the
 * production router with the rules that are tried. From the beginning of the time on the tried orders take from a stock of their
 * own: what came and went otherwise (counts, adjustments, older orders) happens to it as it did. Breakers, freezes and daily
 * capacities are not replayed.
 */
export class Replay {
  readonly #sites = new Map<string, Site>();
  readonly #articles: Record<string, ArticleView> = {};
  /** As the log says, and as the draft would have it. */
  readonly #was: Stock = {};
  readonly #free: Stock = {};
  readonly #safety: Record<string, Record<string, Safety>> = {};
  readonly #cases = new Map<string, Case>();
  readonly #parcels = new Map<string, { readonly foId: string; readonly dueAt: string }>();
  readonly #matched: number[];
  #waiting: string[] = [];
  #begun = false;

  constructor(private readonly question: Question) {
    this.#matched = question.draft.rules.rules.map(() => 0);
  }

  /** The next event. Throws `TooManyOrders`. */
  take(event: Replayed): void {
    const { from, to } = this.question;
    if (!this.#begun && event.recordedAt >= from) this.#begin();
    // What became of the orders of the time is still read after it, but nothing else changes.
    const within = event.recordedAt <= to;
    const { type } = event;
    if (type === 'WarehouseDescribed') {
      const site = siteOf((event as unknown as WarehouseEvent).data);
      if (within) this.#sites.set(site.warehouse, site);
    } else if (type === 'ArticleDescribed') {
      const { data } = event as unknown as SkuEvent;
      if (within) this.#articles[data.sku] = viewOf(data);
    } else if (event.stream.startsWith('stock-')) {
      if (within) this.#move(event as unknown as StockEvent);
    } else if (event.stream.startsWith('allocation-')) this.#saga(event, within);
    else if (event.stream.startsWith('outcome-')) this.#outcome(event as unknown as OutcomeEvent);
  }

  /** Orders that would have gone another way, the first hundred. */
  changes(): readonly api.ChangedRoute[] {
    const sites = (parts: readonly PlanPart[]): readonly string[] => parts.map(({ warehouse }) => warehouse).toSorted();
    const changed: api.ChangedRoute[] = [];
    for (const [foId, one] of this.#cases) {
      if (changed.length >= SHOWN_CHANGES) break;
      const [happened, draft] = [sites(one.happened), sites(one.draft)];
      if (one.cancelled || happened.join() === draft.join()) continue;
      changed.push({ foId, happened, draft, reason: one.draftReason });
    }
    return changed;
  }

  /** How many orders of the time each rule of the draft would have met, so far. */
  matched(): readonly api.RuleMatch[] {
    return this.question.draft.rules.rules.map(({ name }, at) => ({ rule: name, orders: this.#matched[at]! }));
  }

  /** Both sides, so far. */
  figures(): { readonly happened: api.WhatIfFigures; readonly draft: api.WhatIfFigures } {
    const { currency } = this.question.inForce.rules;
    const cases = [...this.#cases.values()];
    const sum = (pick: (one: Case) => number): number => cases.reduce((total, one) => total + pick(one), 0);
    const measured = { paid: { amount: sum(({ paid }) => paid), currency }, paidParcels: sum(({ paidParcels }) => paidParcels), delivered: sum(({ delivered }) => delivered), lateDelivered: sum(({ lateDelivered }) => lateDelivered) };
    const unmeasured = { paid: { amount: 0, currency }, paidParcels: 0, delivered: 0, lateDelivered: 0 };
    return {
      happened: { ...this.#side(cases, this.question.inForce, ({ happened }) => happened, ({ backordered }) => backordered), ...measured },
      draft: { ...this.#side(cases, this.question.draft, ({ draft }) => draft, ({ draftBackordered }) => draftBackordered), ...unmeasured },
    };
  }

  #begin(): void {
    this.#begun = true;
    for (const { warehouse, sku, free } of this.question.stock) (this.#free[warehouse] ??= {})[sku] = free;
  }

  #move({ type, data }: StockEvent): void {
    const { warehouse, sku, level, beside } = data;
    const { safety, safetyFrom } = beside ?? nothingBeside;
    const lowered = safety < (this.#safety[warehouse]?.[sku]?.safety ?? 0);
    (this.#safety[warehouse] ??= {})[sku] = { safety, safetyFrom };
    const was = (this.#was[warehouse] ??= {});
    const change = freeOf(level) - (was[sku] ?? 0);
    was[sku] = freeOf(level);
    // What orders of the time did is what the draft does otherwise.
    if ((type === 'StockHeld' || type === 'HoldReleased' || type === 'StockTaken') && this.#cases.has(data.foId)) return;
    this.#give(warehouse, [{ sku, quantity: change }]);
    if (change > 0 || lowered) this.#serve();
  }

  #saga(event: Replayed, within: boolean): void {
    const { type, data } = event as unknown as AllocationEvent;
    if (type === 'RequestNoted') {
      if (!within || !this.#begun || data.round > 1 || this.#cases.has(data.foId)) return;
      if (this.#cases.size >= MAX_ORDERS) throw new TooManyOrders();
      const one: Case = {
        // Of the orders a rule asks for the shops alone.
        request: { ...data, orders: [...new Set(data.orders.map(({ channel }) => channel))].map((channel) => ({ orderId: '', channel, channelOrderId: '', lines: [] })) }, date: event.recordedAt.slice(0, 10), at: Date.parse(event.recordedAt), cancelled: false, happened: [], backordered: false,
        draft: [], draftReason: '', draftBackordered: false, paid: 0, paidParcels: 0, delivered: 0, lateDelivered: 0,
      };
      this.#cases.set(data.foId, one);
      this.#match(one.request);
      if (!this.#plan(one)) {
        one.draftBackordered = true;
        this.#waiting.push(data.foId);
      }
      return;
    }
    const one = this.#cases.get(data.foId);
    if (!one) return;
    if (type === 'OrderAllocated') one.happened = data.parts ?? [{ warehouse: data.warehouse, lines: data.items }];
    else if (type === 'OrderBackordered') one.backordered = true;
    else if (type === 'CancelNoted' && within) {
      one.cancelled = true;
      for (const { warehouse, lines } of one.draft) this.#give(warehouse, lines);
      one.draft = [];
      this.#waiting = this.#waiting.filter((foId) => foId !== data.foId);
      this.#serve();
    }
  }

  #outcome({ type, data }: OutcomeEvent): void {
    if (type === 'ParcelLeft') {
      const one = this.#cases.get(data.foId);
      if (!one) return;
      this.#parcels.set(data.parcelId, { foId: data.foId, dueAt: data.dueAt });
      if (data.freight.currency !== this.question.inForce.rules.currency) return;
      one.paid += data.freight.amount;
      one.paidParcels += 1;
      return;
    }
    const parcel = this.#parcels.get(data.parcelId);
    const one = parcel && this.#cases.get(parcel.foId);
    if (!one) return;
    one.delivered += 1;
    if (parcel.dueAt !== '' && data.deliveredAt > parcel.dueAt) one.lateDelivered += 1;
  }

  #give(warehouse: string, lines: readonly common.SkuQuantity[], sign = 1): void {
    const free = (this.#free[warehouse] ??= {});
    for (const { sku, quantity } of lines) free[sku] = (free[sku] ?? 0) + sign * quantity;
  }

  #match(request: order.AllocationRequested): void {
    const { rules: set } = this.question.draft;
    const grams = gramsOf({ set, articles: this.#articles }, request.lines);
    set.rules.forEach(({ when }, at) => (this.#matched[at]! += Number(holds(when, { ...request, grams }))));
  }

  #plan(one: Case): boolean {
    const snapshot: Snapshot = { warehouses: [...this.#sites.values()], free: this.#free, safety: this.#safety, articles: this.#articles, rules: this.question.draft, lanes: this.question.lanes, model: this.question.model, today: one.date };
    const [best] = planRoute(one.request, snapshot).plans;
    if (!best) return false;
    one.draft = best.parts;
    one.draftReason = best.reason;
    for (const { warehouse, lines } of best.parts) this.#give(warehouse, lines, -1);
    return true;
  }

  // Priority, then age, as the queue does; each looks at the stock that the ones before it leave.
  #serve(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting.toSorted((a, b) => this.#cases.get(b)!.request.priority - this.#cases.get(a)!.request.priority);
    this.#waiting = waiting.filter((foId) => !this.#plan(this.#cases.get(foId)!));
  }

  #side(cases: readonly Case[], rules: Rules, parts: (one: Case) => readonly PlanPart[], backordered: (one: Case) => boolean): Omit<api.WhatIfFigures, 'paid' | 'paidParcels' | 'delivered' | 'lateDelivered'> {
    const set = rules.rules;
    const total = { planned: 0, backordered: 0, waiting: 0, parcels: 0, splitOrders: 0, unpricedParcels: 0, late: 0 };
    let [freight, days, timed] = [0, 0, 0];
    for (const one of cases) {
      const { request, cancelled, date, at } = one;
      const sent = parts(one);
      if (backordered(one)) total.backordered += 1;
      if (sent.length === 0) {
        if (!cancelled) total.waiting += 1;
        continue;
      }
      total.planned += 1;
      total.parcels += sent.length;
      if (sent.length > 1) total.splitOrders += 1;
      let slowest = 0;
      for (const { warehouse, lines } of sent) {
        const site = this.#sites.get(warehouse);
        const taken = site && quote({ request, set, lanes: this.question.lanes, articles: this.#articles, date, model: null }, site, summed(lines)).taken;
        if (!taken || taken.freight === null) total.unpricedParcels += 1;
        else freight += taken.freight;
        slowest = Math.max(slowest, taken?.days ?? 0);
      }
      if (slowest > 0) {
        days += slowest;
        timed += 1;
        if (request.promisedAt !== '' && at + slowest * 86_400_000 > Date.parse(request.promisedAt)) total.late += 1;
      }
    }
    return { orders: cases.length, ...total, freight: { amount: freight, currency: set.currency }, meanDays: timed === 0 ? 0 : days / timed };
  }
}
