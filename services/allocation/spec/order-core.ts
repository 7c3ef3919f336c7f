import type { allocation, order } from '@flotilla/contracts';
import { namespace, uuidv5 } from '@flotilla/values';
import { request } from './examples.js';
import type { OrderPlan, Reaction, Scenario } from './scenario.js';

interface Part {
  readonly warehouse: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

interface Fo {
  readonly plan: OrderPlan;
  readonly foId: string;
  version: number;
  round: number;
  end: 'open' | 'shipped' | 'cancelled';
  excluded: readonly string[];
  /** Of the allocation that is in force. */
  parts: Part[];
  readonly shipped: (Part & { readonly parcelId: string })[];
  reactions: number;
}

/** The id of the order with this index, in the scenario of this seed. */
export const foIdOf = (seed: number, index: number): string => uuidv5(namespace, `simulated-${seed}-${index}`);

export interface Surroundings {
  /** Puts a message of order-core's or carrier's on its way to the saga. */
  readonly tell: (type: string, stream: string, version: number, data: { readonly foId: string }) => void;
  readonly later: (ms: number, what: () => void) => void;
  readonly at: () => string;
}

/** order-core and carrier as far as allocation can see them: rounds, cancels and shipments; no parcel is both voided and shipped. */
export class OrderCore {
  readonly fos: readonly Fo[];
  readonly heard = new Set<string>();
  readonly #byId: ReadonlyMap<string, Fo>;

  constructor(
    { seed, orders }: Scenario,
    readonly around: Surroundings,
  ) {
    this.fos = orders.map((plan) => ({ plan, foId: foIdOf(seed, plan.index), version: 0, round: 0, end: 'open', excluded: [], parts: [], shipped: [], reactions: 0 }));
    this.#byId = new Map(this.fos.map((fo) => [fo.foId, fo]));
  }

  /** What it does by itself, and when. */
  begin(): void {
    for (const fo of this.fos) {
      const { askMs, cancelMs, again } = fo.plan;
      this.around.later(askMs, () => this.#first(fo));
      if (cancelMs >= 0) this.around.later(cancelMs, () => this.#cancel(fo));
      for (const { atMs, exclude } of again) {
        this.around.later(atMs, () => {
          if (fo.round > 0) this.#ask(fo, exclude === '' ? [] : [exclude]);
        });
      }
    }
  }

  /** An event of allocation's; at least once, so a repeat is dropped. */
  hear(id: string, type: string, data: { readonly foId: string }): void {
    if (this.heard.has(id)) return;
    this.heard.add(id);
    const fo = this.#byId.get(data.foId);
    if (fo === undefined || fo.end !== 'open') return;
    if (type === 'flotilla.allocation.v1.OrderAllocated') this.#allocated(fo, data as allocation.OrderAllocated);
    if (type === 'flotilla.allocation.v1.StockDisplaced') {
      const { warehouse } = data as allocation.StockDisplaced;
      fo.parts = [];
      this.#ask(fo, fo.plan.elsewhere ? [warehouse] : []);
    }
  }

  #allocated(fo: Fo, { round, parts }: allocation.OrderAllocated): void {
    if (round !== fo.round) return;
    const reaction: Reaction = fo.plan.reactions[fo.reactions] ?? { kind: 'keep', afterMs: 0 };
    fo.reactions += 1;
    fo.parts = parts.map(({ warehouse, lines }) => ({ warehouse, lines }));
    const stillSo = (what: () => void): (() => void) => () => {
      if (fo.round === round) what();
    };
    switch (reaction.kind) {
      case 'ship':
        // One parcel per part, each when it is packed.
        fo.parts.forEach((part, index) => this.around.later(reaction.afterMs * (index + 1), stillSo(() => this.#ship(fo, part))));
        break;
      case 'cancel':
        this.around.later(reaction.afterMs, stillSo(() => this.#cancel(fo)));
        break;
      case 'again':
        this.around.later(reaction.afterMs, stillSo(() => this.#ask(fo, [])));
        break;
      case 'keep':
        break;
    }
  }

  #first(fo: Fo): void {
    if (fo.round === 0) this.#ask(fo, []);
  }

  #ask(fo: Fo, excluded: readonly string[]): void {
    if (fo.end !== 'open') return;
    fo.round += 1;
    fo.version += 1;
    fo.excluded = excluded;
    fo.parts = [];
    const { foId, plan } = fo;
    const asked = request({
      foId, round: fo.round, orders: [], lines: this.#left(fo), province: plan.province, city: '', district: '', postcode: '', priority: plan.priority, excludedWarehouses: excluded,
      orderedAt: new Date(Date.UTC(2026, 10, 20) + plan.askMs).toISOString(), shipped: this.#shippedParts(fo),
    });
    this.around.tell('flotilla.order.v1.AllocationRequested', `fulfilment-${foId}`, fo.version, asked);
  }

  // What has not left yet; the first request has the lines as they were ordered.
  #left({ plan, shipped }: Fo): readonly { readonly sku: string; readonly quantity: number }[] {
    if (shipped.length === 0) return plan.lines;
    const left = new Map<string, number>();
    for (const { sku, quantity } of plan.lines) left.set(sku, (left.get(sku) ?? 0) + quantity);
    for (const { lines } of shipped) for (const { sku, quantity } of lines) left.set(sku, (left.get(sku) ?? 0) - quantity);
    return [...left].filter(([, quantity]) => quantity > 0).map(([sku, quantity]) => ({ sku, quantity }));
  }

  #cancel(fo: Fo): void {
    if (fo.end !== 'open') return;
    fo.end = 'cancelled';
    fo.version += 1;
    const cancelled: order.FulfilmentCancelled = { foId: fo.foId, reason: 'BUYER', shipped: this.#shippedParts(fo) };
    this.around.tell('flotilla.order.v1.FulfilmentCancelled', `fulfilment-${fo.foId}`, fo.version, cancelled);
  }

  #shippedParts({ shipped }: Fo): readonly order.ShippedPart[] {
    return shipped.map(({ parcelId, warehouse }) => ({ parcelId, warehouse }));
  }

  // Whatever is not to leave any more is voided before anything else is asked for; so a parcel leaves of the newest allocation only.
  #ship(fo: Fo, part: Part): void {
    if (fo.end !== 'open' || !fo.parts.includes(part)) return;
    const parcelId = uuidv5(fo.foId, `parcel-${fo.shipped.length + 1}`);
    fo.parts = fo.parts.filter((one) => one !== part);
    fo.shipped.push({ ...part, parcelId });
    if (fo.parts.length === 0) fo.end = 'shipped';
    this.around.tell('flotilla.carrier.v1.ParcelShipped', `parcel-${parcelId}`, 1, { foId: fo.foId, parcelId, warehouse: part.warehouse } as { foId: string });
  }
}
