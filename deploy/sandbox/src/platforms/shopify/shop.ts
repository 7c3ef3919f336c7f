import { atOffset } from '../../clock.js';
import { Digits, exactJson, writeJson, type Branch, type Tree } from '../../json.js';
import type { WorldOrder } from '../../orders/order.js';
import { bigId } from '../../random.js';
import { touch } from './changes.js';
import { orderTree } from './payload.js';

/** What the payments of an order look like on the statement: as charged, or not. */
export type Settles = 'exact' | 'short' | 'over';

/** An order as a shop keeps it: made here, or planted as text by a test. */
export interface ShopOrder {
  id: string;
  world: WorldOrder | null;
  planted: string | null;
  settles: Settles;
  fulfilments: Fulfilment[];
  /** How many cancellations our side asked for by the API. */
  cancelRequests: { at: string; body: unknown }[];
}

export interface Fulfilment {
  id: string;
  createdAt: number;
  updatedAt: number;
  tracking: { number: string; company: string; url: string };
  lines: { lineId: string; quantity: number }[];
  notify: boolean;
}

interface PlantedOrder {
  id: string;
  name?: string;
  updated_at?: string;
  cancelled_at?: string | null;
  line_items?: { id: string | number; quantity?: number; current_quantity?: number }[];
}

/** What Shopify answers 422 with. */
export class Unprocessable extends Error {}

/** One shop: its orders, fulfilment orders and fulfilments. */
export class Shop {
  readonly orders = new Map<string, ShopOrder>();
  /** Told of what orders take. */
  sold: (sku: string, quantity: number) => void = () => undefined;
  readonly #byFulfilmentOrder = new Map<string, ShopOrder>();
  readonly #byFulfilment = new Map<string, ShopOrder>();

  constructor(readonly channel: string, readonly secret: string, readonly token: string, private readonly now: () => number) {}

  get domain(): string {
    return `${this.channel}.myshopify.com`;
  }

  place(world: WorldOrder, settles: Settles = 'exact'): ShopOrder {
    const order: ShopOrder = { id: world.id, world, planted: null, settles, fulfilments: [], cancelRequests: [] };
    this.#keep(order);
    for (const { sku, quantity } of world.lines) this.sold(sku, quantity);
    return order;
  }

  /** Keeps a raw payload for the next pull, byte for byte. */
  plant(id: string, text: string): ShopOrder {
    const known = this.orders.get(id);
    const order: ShopOrder = { id, world: null, planted: text, settles: 'exact', fulfilments: known?.fulfilments ?? [], cancelRequests: known?.cancelRequests ?? [] };
    this.#keep(order);
    return order;
  }

  #keep(order: ShopOrder): void {
    this.orders.set(order.id, order);
    this.#byFulfilmentOrder.set(this.fulfilmentOrderId(order), order);
    for (const { id } of order.fulfilments) this.#byFulfilment.set(id, order);
  }

  updatedAt(order: ShopOrder): number {
    if (order.world !== null) return order.world.updatedAt;
    const at = Date.parse(parsed(order).updated_at ?? '');
    return Number.isNaN(at) ? 0 : at;
  }

  cancelled(order: ShopOrder): boolean {
    return order.world === null ? (parsed(order).cancelled_at ?? null) !== null : order.world.cancelledAt !== null;
  }

  text(order: ShopOrder): string {
    if (order.planted !== null) return order.planted;
    if (order.world === null) throw new Error('an order is made here or planted');
    const tree: Branch = { ...orderTree(order.world), fulfillments: order.fulfilments.map((fulfilment) => this.fulfilmentTree(order, fulfilment)) };
    if (order.fulfilments.length > 0) tree['fulfillment_status'] = this.#open(order).every(({ left }) => left === 0) ? 'fulfilled' : 'partial';
    return writeJson(tree, { pretty: false, escapedSlashes: false });
  }

  /** The one fulfilment order of an order. */
  fulfilmentOrderId(order: ShopOrder): string {
    return bigId('fulfillment-order', this.channel, order.id);
  }

  fulfilmentOrders(order: ShopOrder): Tree {
    const id = this.fulfilmentOrderId(order);
    const lines = this.#open(order);
    const status = this.cancelled(order) ? 'cancelled' : lines.every(({ left }) => left === 0) ? 'closed' : order.fulfilments.length > 0 ? 'in_progress' : 'open';
    return [{
      id: new Digits(id), shop_id: 548380009, order_id: new Digits(order.id), assigned_location_id: 24826418, request_status: 'unsubmitted', status,
      supported_actions: status === 'open' || status === 'in_progress' ? ['create_fulfillment'] : [], fulfillment_holds: [], delivery_method: null,
      line_items: lines.map(({ lineId, quantity, left }) => ({
        id: new Digits(bigId('fulfillment-order-line', id, lineId)), shop_id: 548380009, fulfillment_order_id: new Digits(id), quantity, line_item_id: new Digits(lineId), fulfillable_quantity: left,
      })),
    }];
  }

  /** Creates a fulfilment by Shopify's rules; throws Unprocessable in its words. */
  fulfil(request: FulfilRequest): { order: ShopOrder; fulfilment: Fulfilment } {
    const [group] = request.line_items_by_fulfillment_order ?? [];
    if (group === undefined) throw new Unprocessable('line_items_by_fulfillment_order is missing');
    const id = String(group.fulfillment_order_id);
    const order = this.#byFulfilmentOrder.get(id);
    if (order === undefined) throw new Unprocessable(`Fulfillment order does not exist: ${id}`);
    if (this.cancelled(order)) throw new Unprocessable(`Fulfillment order ${id} has an unfulfillable status= cancelled.`);
    const open = this.#open(order);
    if (open.every(({ left }) => left === 0)) throw new Unprocessable(`Fulfillment order ${id} has already been fulfilled.`);
    const asked = group.fulfillment_order_line_items ?? [];
    const lines = open.flatMap(({ lineId, left }) => {
      const part = asked.find((item) => String(item.id) === bigId('fulfillment-order-line', id, lineId));
      const quantity = asked.length === 0 ? left : (part?.quantity ?? 0);
      if (quantity > left) throw new Unprocessable(`Invalid fulfillment order line item quantity requested: ${quantity} of ${left}.`);
      return quantity > 0 ? [{ lineId, quantity }] : [];
    });
    if (lines.length === 0) throw new Unprocessable('The fulfillment order line items are not in the fulfillment order.');
    const { number = '', company = '', url = '' } = request.tracking_info ?? {};
    const fulfilment: Fulfilment = {
      id: bigId('fulfillment', order.id, order.fulfilments.length), createdAt: this.now(), updatedAt: this.now(), lines, notify: request.notify_customer === true,
      tracking: { number: number ?? '', company: company ?? '', url: url ?? '' },
    };
    order.fulfilments.push(fulfilment);
    this.#byFulfilment.set(fulfilment.id, order);
    if (order.world !== null) touch(order.world, this.now());
    return { order, fulfilment };
  }

  find(fulfilmentId: string): { order: ShopOrder; fulfilment: Fulfilment } | undefined {
    const order = this.#byFulfilment.get(fulfilmentId);
    const fulfilment = order?.fulfilments.find(({ id }) => id === fulfilmentId);
    return order === undefined || fulfilment === undefined ? undefined : { order, fulfilment };
  }

  fulfilmentTree(order: ShopOrder, fulfilment: Fulfilment): Branch {
    const { number, company, url } = fulfilment.tracking;
    const index = order.fulfilments.indexOf(fulfilment) + 1;
    const name = order.world === null ? (parsed(order).name ?? '') : `#${order.world.number}`;
    return {
      id: new Digits(fulfilment.id), admin_graphql_api_id: `gid://shopify/Fulfillment/${fulfilment.id}`, order_id: new Digits(order.id), status: 'success', service: 'manual',
      created_at: atOffset(fulfilment.createdAt, 0), updated_at: atOffset(fulfilment.updatedAt, 0), tracking_company: company, shipment_status: null, location_id: 24826418, origin_address: null,
      line_items: fulfilment.lines.map(({ lineId, quantity }) => ({ id: new Digits(lineId), quantity })),
      tracking_number: number, tracking_numbers: number === '' ? [] : [number], tracking_url: url, tracking_urls: url === '' ? [] : [url], receipt: {}, name: `${name}.${index}`,
    };
  }

  #open(order: ShopOrder): { lineId: string; quantity: number; left: number }[] {
    const done = (lineId: string): number => order.fulfilments.flatMap(({ lines }) => lines).reduce((sum, line) => (line.lineId === lineId ? sum + line.quantity : sum), 0);
    const lines =
      order.world === null
        ? (parsed(order).line_items ?? []).map((line) => ({ id: String(line.id), quantity: line.current_quantity ?? line.quantity ?? 0 }))
        : order.world.lines.map(({ id, currentQuantity }) => ({ id, quantity: currentQuantity }));
    return lines.map(({ id, quantity }) => ({ lineId: id, quantity, left: Math.max(0, quantity - done(id)) }));
  }
}

export interface FulfilRequest {
  line_items_by_fulfillment_order?: { fulfillment_order_id: string | number; fulfillment_order_line_items?: { id: string | number; quantity: number }[] | null }[];
  tracking_info?: { number?: string | null; company?: string | null; url?: string | null } | null;
  notify_customer?: boolean | null;
}

const parsed = (order: ShopOrder): PlantedOrder => {
  try {
    return exactJson(order.planted ?? '{}') as PlantedOrder;
  } catch {
    // A test may plant what cannot be read; it is then served as it is.
    return { id: order.id };
  }
};
