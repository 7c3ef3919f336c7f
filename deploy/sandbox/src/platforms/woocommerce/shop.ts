import type { Tree } from '../../json.js';
import { decimal, totalsOf, type WorldAddress, type WorldLine, type WorldOrder, type WorldRefund } from '../../orders/order.js';

export interface Meta {
  id: number;
  key: string;
  value: Tree;
}

/** An order as a WooCommerce shop keeps it. Its ids are small numbers that every shop begins at the same place. */
export interface WooOrder {
  id: number;
  world: WorldOrder;
  status: string;
  modifiedAt: number;
  completedAt: number | null;
  meta: Meta[];
  notes: { id: number; note: string; customer: boolean; at: number }[];
  deleted: boolean;
  /** Somebody who asked for orders was given it. */
  served: boolean;
}

/** A product, or one of the variations of one. */
export interface WooProduct {
  id: number;
  name: string;
  sku: string;
  /** Whether the shop counts it. */
  managed: boolean;
  quantity: number;
  /** Of a variation: the product that it is one of. */
  parent: number | null;
}

/** One shop: its orders, its products, and whether its webhooks are still sent. */
export class WooShop {
  readonly orders = new Map<number, WooOrder>();
  readonly products = new Map<number, WooProduct>();
  /** Levels that were set by the API, oldest first. */
  readonly sets: { sku: string; to: number }[] = [];
  /** In a row. More than five, and the shop sends no more. */
  failures = 0;
  #last = 1_000;
  #lastOther = 50_000;

  /** `skuPrefix`: its own names of products are ours with this in front. */
  constructor(readonly channel: string, readonly secret: string, readonly key: string, private readonly now: () => number, readonly skuPrefix = '') {}

  get disabled(): boolean {
    return this.failures > 5;
  }

  /** For notes and meta data, which count apart from orders. */
  next(): number {
    return (this.#lastOther += 1);
  }

  /** Lists a SKU; `of`: as a variation of the product of that name. */
  list(sku: string, of?: string): WooProduct {
    const parent = of === undefined ? undefined : ([...this.products.values()].find(({ name }) => name === of) ?? this.#product(of, '', null));
    return this.#product(`Product ${sku}`, sku, parent?.id ?? null);
  }

  #product(name: string, sku: string, parent: number | null): WooProduct {
    const product: WooProduct = { id: this.next(), name, sku, managed: true, quantity: 0, parent };
    this.products.set(product.id, product);
    return product;
  }

  /** As a batch has it: what is not there, and what nobody can have, is refused alone. */
  setStock(id: number, quantity: unknown, parent: number | null): Tree {
    const product = this.products.get(id);
    if (product === undefined || product.parent !== parent) return { id, error: { code: 'woocommerce_rest_product_invalid_id', message: 'Invalid ID.', data: { status: 400 } } };
    if (typeof quantity !== 'number' || !Number.isInteger(quantity)) return { id, error: { code: 'rest_invalid_param', message: 'Invalid parameter(s): stock_quantity', data: { status: 400 } } };
    if (product.managed) {
      product.quantity = quantity;
      this.sets.push({ sku: product.sku, to: quantity });
    }
    return productTree(this, product);
  }

  place(world: WorldOrder): WooOrder {
    const order: WooOrder = { id: (this.#last += 1), world, status: world.paidAt === null ? 'pending' : 'processing', modifiedAt: this.now(), completedAt: null, meta: [], notes: [], deleted: false, served: false };
    this.orders.set(order.id, order);
    return order;
  }

  /** Every change is at least a second younger than the one before, since the shop writes whole seconds. */
  touch(order: WooOrder): number {
    order.modifiedAt = Math.max(order.modifiedAt + 1_000, this.now());
    return order.modifiedAt;
  }

  setStatus(order: WooOrder, status: string): void {
    order.status = status;
    if (status === 'completed' && order.completedAt === null) order.completedAt = this.touch(order);
    else this.touch(order);
  }

  /** As `PUT` has it: meta data with a known id is replaced, other is added. */
  putMeta(order: WooOrder, sent: readonly { id?: string | number | undefined; key?: string | undefined; value?: unknown }[]): void {
    for (const { id, key = '', value } of sent) {
      const found = order.meta.find((meta) => id !== undefined && String(meta.id) === String(id));
      if (found !== undefined) found.value = value as Tree;
      else order.meta.push({ id: this.next(), key, value: value as Tree });
    }
    this.touch(order);
  }
}

const gmt = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString().slice(0, 19));

/** The id of one of an order's lines, which refunds name. */
export const lineId = (order: WooOrder, line: WorldLine): number => order.id * 100 + order.world.lines.indexOf(line) + 1;

/** `GET orders/{id}`, and what a webhook says. Sums are of whole lines and without tax. */
export function orderTree(order: WooOrder): Tree {
  const { world } = order;
  const money = (amount: number): string => decimal(amount, world.currency);
  const totals = totalsOf(world);
  const net = (line: WorldLine, discounted: boolean): number => line.price * line.quantity - (discounted ? line.discount : 0) - (world.taxesIncluded ? line.tax : 0);
  const freight = world.shippingLines.reduce((sum, line) => sum + line.price - line.discount - (world.taxesIncluded ? line.tax : 0), 0);
  return {
    id: order.id, parent_id: 0, number: String(order.id), order_key: `wc_order_${order.id}`, created_via: 'checkout', version: '9.4.0', status: order.status, currency: world.currency,
    date_created: gmt(world.createdAt + world.offsetMinutes * 60_000), date_created_gmt: gmt(world.createdAt), date_modified: gmt(order.modifiedAt + world.offsetMinutes * 60_000), date_modified_gmt: gmt(order.modifiedAt),
    discount_total: money(totals.discount), shipping_total: money(freight), total: money(totals.total), total_tax: money(totals.tax), prices_include_tax: world.taxesIncluded, customer_id: Number(world.customerId.slice(-6)), customer_note: world.note ?? '',
    billing: { ...addressTree(world.billing ?? world.shipTo), email: world.email ?? '', phone: world.shipTo?.phone ?? world.phone ?? '' }, shipping: addressTree(world.shipTo), payment_method: 'bacs', payment_method_title: 'Bank transfer',
    date_paid_gmt: gmt(world.paidAt), date_completed_gmt: gmt(order.completedAt), meta_data: order.meta.map(({ id, key, value }) => ({ id, key, value })),
    line_items: world.lines.map((line) => ({
      id: lineId(order, line), name: line.title, product_id: 93, variation_id: 0, quantity: line.quantity, subtotal: money(net(line, false)), total: money(net(line, true)), total_tax: money(line.tax), sku: line.sku,
      price: Number(money(Math.round(net(line, true) / line.quantity))), taxes: [], meta_data: line.properties.map(({ name, value }, at) => ({ id: order.id * 1_000 + at, key: name, value, display_key: name, display_value: value })),
    })),
    shipping_lines: world.shippingLines.map((line, at) => ({ id: order.id * 100 + 50 + at, method_title: line.title, method_id: 'flat_rate', total: money(line.price - line.discount), total_tax: money(line.tax), taxes: [] })),
    tax_lines: [], fee_lines: [], coupon_lines: [], refunds: world.refunds.map((refund) => ({ id: refundId(order, refund), reason: refund.note, total: money(-refund.amount) })),
  };
}

const refundId = (order: WooOrder, refund: WorldRefund): number => order.id * 100 + 80 + order.world.refunds.indexOf(refund);

/** `GET orders/{id}/refunds`: units are negative, and of a line that has an id of its own. */
export function refundTrees(order: WooOrder): Tree {
  const { world } = order;
  return world.refunds.map((refund) => ({
    id: refundId(order, refund), date_created_gmt: gmt(refund.at), amount: decimal(refund.amount, world.currency), reason: refund.note, refunded_by: 1, refunded_payment: false, meta_data: [],
    line_items: refund.lines.map((part, at) => {
      const line = world.lines.find(({ id }) => id === part.lineId);
      const item = refundId(order, refund) * 10 + at;
      return { id: item, name: line?.title ?? '', quantity: -part.quantity, total: decimal(-part.subtotal, world.currency), sku: line?.sku ?? '', meta_data: [{ id: item * 10, key: '_refunded_item_id', value: line === undefined ? '' : String(lineId(order, line)) }] };
    }),
  }));
}

function addressTree(address: WorldAddress | null): { [name: string]: Tree } {
  return {
    first_name: address?.firstName ?? '', last_name: address?.lastName ?? '', company: address?.company ?? '', address_1: address?.street ?? '', address_2: address?.street2 ?? '', city: address?.city ?? '', state: address?.provinceCode ?? '',
    postcode: address?.postcode ?? '', country: address?.country ?? '',
  };
}

/** `GET products`, and a variation of one. */
export function productTree(shop: WooShop, { id, name, sku, managed, quantity, parent }: WooProduct): Tree {
  const variations = [...shop.products.values()].filter((one) => one.parent === id);
  const isVariable = variations.length > 0;
  return {
    id, name, sku, global_unique_id: '', manage_stock: !isVariable && managed, stock_quantity: !isVariable && managed ? quantity : null, stock_status: quantity > 0 ? 'instock' : 'outofstock', backorders: 'no',
    ...(parent === null ? { type: isVariable ? 'variable' : 'simple', variations: variations.map((one) => one.id) } : { parent_id: parent, attributes: [{ id: 1, name: 'Size', option: sku }] }),
  };
}
