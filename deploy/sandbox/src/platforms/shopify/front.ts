import { randomUUID } from 'node:crypto';
import { writeJson } from '../../json.js';
import type { WorldOrder, WorldRefund } from '../../orders/order.js';
import * as changes from './changes.js';
import { orderTree, refundTree } from './payload.js';
import type { Shop, ShopOrder } from './shop.js';
import type { Delivered, Delivery, Webhooks } from './webhooks.js';

/** What happens in shops, and the webhooks that tell of it. */
export class ShopFront {
  readonly #cancelWhenShipped = new Set<string>();

  constructor(private readonly options: { shops: ReadonlyMap<string, Shop>; webhooks: Webhooks; now: () => number }) {}

  find(orderId: string): { shop: Shop; order: ShopOrder } | undefined {
    for (const shop of this.options.shops.values()) {
      const order = shop.orders.get(orderId);
      if (order !== undefined) return { shop, order };
    }
    return undefined;
  }

  /** A webhook of its own: a new id, the order as it is at this moment. */
  delivery(shop: Shop, order: WorldOrder, topic: string, body = writeJson(orderTree(order), order.hand)): Delivery {
    return { shop, topic, webhookId: randomUUID(), eventId: randomUUID(), body, orderId: order.id, triggeredAt: new Date(this.options.now()).toISOString() };
  }

  send(delivery: Delivery): Promise<Delivered> {
    return this.options.webhooks.send(delivery);
  }

  async pay(shop: Shop, order: WorldOrder): Promise<void> {
    if (order.paidAt !== null) return;
    changes.pay(order, this.options.now());
    await this.send(this.delivery(shop, order, 'orders/paid'));
  }

  /** Cancels and says so; a second time changes nothing. */
  async cancel(shop: Shop, order: ShopOrder, reason: string): Promise<void> {
    const { world } = order;
    if (world === null || world.cancelledAt !== null) return;
    changes.cancel(world, this.options.now(), reason, order.fulfilments.length > 0);
    await this.send(this.delivery(shop, world, 'orders/cancelled'));
  }

  giveUp(): void {
    this.options.webhooks.giveUp();
  }

  /** Cancels once a shipment has been written back: before that the platform would refuse the write-back. */
  cancelWhenShipped(orderId: string): void {
    this.#cancelWhenShipped.add(orderId);
  }

  waitsForShipment(orderId: string): boolean {
    return this.#cancelWhenShipped.has(orderId);
  }

  shipped(orderId: string): void {
    if (!this.#cancelWhenShipped.delete(orderId)) return;
    const found = this.find(orderId);
    if (found !== undefined) void this.cancel(found.shop, found.order, 'customer');
  }

  async refundUnit(shop: Shop, order: WorldOrder, lineId?: string): Promise<WorldRefund | undefined> {
    const refund = changes.refundUnit(order, this.options.now(), lineId);
    if (refund === undefined) return undefined;
    await this.send(this.delivery(shop, order, 'refunds/create', writeJson(refundTree(order, refund), order.hand)));
    await this.send(this.delivery(shop, order, 'orders/updated'));
    return refund;
  }

  async amendAddress(shop: Shop, order: WorldOrder, street: string): Promise<void> {
    changes.amendAddress(order, this.options.now(), street);
    await this.send(this.delivery(shop, order, 'orders/updated'));
  }
}
