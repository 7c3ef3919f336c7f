import { bigId } from '../../random.js';
import { totalsOf, type WorldOrder, type WorldRefund } from '../../orders/order.js';

/** A change is always at least a second younger than the one before, since Shopify writes whole seconds. */
export function touch(order: WorldOrder, now: number): number {
  order.updatedAt = Math.max(order.updatedAt + 1_000, now);
  return order.updatedAt;
}

export function pay(order: WorldOrder, now: number): void {
  order.paidAt = touch(order, now);
}

/** The order is off; what was paid goes back, unless goods have already left. */
export function cancel(order: WorldOrder, now: number, reason: string, shipped = false): void {
  order.cancelledAt = touch(order, now);
  order.cancelReason = reason;
  const { total, refunded } = totalsOf(order);
  if (order.paidAt === null || shipped || refunded >= total) return;
  order.refunds.push({ id: bigId('refund', order.id, order.refunds.length), at: order.updatedAt, amount: total - refunded, note: 'Cancelled', lines: [] });
}

/** Takes one unit of a line out of the order and gives its price back; undefined if there is none left to take. */
export function refundUnit(order: WorldOrder, now: number, lineId?: string): WorldRefund | undefined {
  const line = order.lines.find(({ id, currentQuantity }) => (lineId === undefined ? currentQuantity > 1 : id === lineId && currentQuantity > 0));
  if (line === undefined || order.paidAt === null) return undefined;
  const subtotal = Math.floor((line.price * line.quantity - line.discount) / line.quantity);
  const tax = Math.floor(line.tax / line.quantity);
  line.currentQuantity -= 1;
  const id = bigId('refund', order.id, order.refunds.length);
  const refund: WorldRefund = {
    id, at: touch(order, now), amount: subtotal + (order.taxesIncluded ? 0 : tax), note: 'One piece less, as agreed', lines: [{ id: bigId('refund-line', id), lineId: line.id, quantity: 1, subtotal, tax }],
  };
  order.refunds.push(refund);
  return refund;
}

/** The buyer mistyped the house: same city, other street. */
export function amendAddress(order: WorldOrder, now: number, street: string): void {
  touch(order, now);
  if (order.shipTo !== null) order.shipTo = { ...order.shipTo, street };
}

export function amendNote(order: WorldOrder, now: number, note: string): void {
  touch(order, now);
  order.note = note;
}
