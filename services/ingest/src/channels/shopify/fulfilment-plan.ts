import type { Fields } from '../fields.js';
import type { Shipment } from '../platform.js';

/** One POST: the lines of one location (Shopify refuses a fulfilment over several). */
export interface Group {
  readonly orders: readonly { readonly fulfilmentOrderId: string; readonly lines: readonly { readonly id: string; readonly quantity: number }[] }[];
}

export interface Told {
  /** Fulfilments that carry our waybill already. */
  readonly fulfilmentIds: readonly string[];
  /** What of the shipment they do not cover. */
  readonly left: Shipment['lines'];
}

const dead = new Set(['cancelled', 'error', 'failure']);

/** What the platform has been told of this shipment: `fulfillments` of the order against waybill and lines. */
export const told = (fulfilments: readonly Fields[], shipment: Shipment): Told => {
  const ours = fulfilments.filter((one) => !dead.has(one.text('status')) && (one.text('tracking_number') === shipment.waybill || one.texts('tracking_numbers').includes(shipment.waybill)));
  const covered = new Map<string, number>();
  for (const line of ours.flatMap((one) => one.list('line_items'))) covered.set(line.id('id'), (covered.get(line.id('id')) ?? 0) + (line.quantity('quantity') ?? 0));
  const whole = ours.some((one) => one.list('line_items').length === 0);
  const left = shipment.lines.map((line) => ({ ...line, quantity: whole ? 0 : line.quantity - (covered.get(line.channelLineId) ?? 0) })).filter((line) => line.quantity > 0);
  return { fulfilmentIds: ours.map((one) => one.id('id')), left };
};

/** Which fulfilment orders take the lines that are left, as far as they can. */
export const plan = (fulfilmentOrders: readonly Fields[], left: Shipment['lines']): readonly Group[] => {
  const wanted = new Map(left.map((line) => [line.channelLineId, line.quantity]));
  const groups = new Map<string, Group['orders'][number][]>();
  for (const order of fulfilmentOrders.filter((one) => ['open', 'in_progress', 'scheduled'].includes(one.text('status')))) {
    const lines = order.list('line_items').flatMap((line) => {
      const open = wanted.get(line.id('line_item_id')) ?? 0;
      const quantity = Math.min(open, line.quantity('fulfillable_quantity') ?? line.quantity('quantity') ?? 0);
      if (quantity === 0) return [];
      wanted.set(line.id('line_item_id'), open - quantity);
      return [{ id: line.id('id'), quantity }];
    });
    if (lines.length === 0) continue;
    const location = order.text('assigned_location_id');
    groups.set(location, [...(groups.get(location) ?? []), { fulfilmentOrderId: order.id('id'), lines }]);
  }
  return [...groups.values()].map((orders) => ({ orders }));
};
