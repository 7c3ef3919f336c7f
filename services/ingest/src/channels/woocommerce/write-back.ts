import { digits } from '../exact-json.js';
import { Fields } from '../fields.js';
import type { ChannelApi, Shipment, WrittenBack } from '../platform.js';
import { callWoo, WooFailed, type WooAnswer } from './api.js';
import { nameOf } from './carriers.js';
import { unitsOf } from './refund.js';

/** Ours alone: what of an order has been told, so that it can be read back. */
const ours = '_flotilla_shipments';
/** Where the tracking plugins look. */
const plugins = '_wc_shipment_tracking_items';

interface Told {
  readonly number: string;
  readonly lines: readonly { readonly id: string; readonly quantity: number }[];
}

/**
 * Tells a shipment to WooCommerce, which has no word for it: tracking as meta data (an order is put as a whole, so that this may be repeated), the status
 * when everything has left, and a note to the buyer, unless one with this number is there.
 */
export const writeBack = async (api: ChannelApi, shipment: Shipment): Promise<WrittenBack> => {
  const { channelOrderId: id, waybill, lines } = shipment;
  if (!/^\d{1,20}$/.test(id)) return failed('NOT_FOUND', 'the order’s id is none of WooCommerce’s');
  if (!/^[\w-]{4,64}$/.test(waybill)) return failed('BAD_REQUEST', 'the number is not 4 to 64 letters and digits');
  try {
    const order = read(await callWoo(api, 'GET', `orders/${id}`), 'the order');
    const told = toldOf(order);
    if (!told.some(({ number }) => number === waybill)) {
      const status = order.text('status');
      if (['cancelled', 'refunded', 'failed', 'trash'].includes(status)) return failed('PLATFORM_REFUSED', `the order is ${status} on the platform`);
      const known = new Set(order.list('line_items').map((line) => line.id('id')));
      if (lines.some(({ channelLineId }) => !known.has(channelLineId))) return failed('PLATFORM_REFUSED', 'the order has not all of these lines');
      const refunded = await refundedUnits(api, order);
      read(await callWoo(api, 'PUT', `orders/${id}`, tracked(order, [...told, { number: waybill, lines: lines.map(({ channelLineId, quantity }) => ({ id: channelLineId, quantity })) }], shipment, refunded)), 'its tracking');
    }
    const notes = await callWoo(api, 'GET', `orders/${id}/notes?type=customer`);
    const there = (Array.isArray(notes.body) ? (notes.body as unknown[]) : []).map((note) => Fields.of(note)).find((note) => note?.text('note').includes(waybill));
    if (there !== undefined) return { outcome: 'done', fulfilmentId: there.id('id') };
    const note = read(await callWoo(api, 'POST', `orders/${id}/notes`, { note: noteOf(shipment), customer_note: true }), 'the note');
    return { outcome: 'done', fulfilmentId: note.id('id') };
  } catch (error) {
    if (error instanceof Answered) return error.outcome;
    if (error instanceof WooFailed) return { outcome: 'retry', afterMs: error.afterMs, why: error.why };
    throw error;
  }
};

/** An answer that ends the attempt. */
class Answered extends Error {
  constructor(readonly outcome: WrittenBack) {
    super(outcome.outcome);
  }
}

const failed = (reason: string, detail: string): WrittenBack => ({ outcome: 'failed', reason, detail: detail.slice(0, 300) });

const read = ({ status, body, text }: WooAnswer, what: string): Fields => {
  if (status === 404) throw new Answered(failed('NOT_FOUND', `${what} was answered 404`));
  const fields = status === 200 || status === 201 ? Fields.of(body) : undefined;
  if (fields === undefined) throw new Answered(failed('PLATFORM_REFUSED', `${what} was answered ${status}: ${text}`));
  return fields;
};

const metaOf = (order: Fields, key: string): Fields | undefined => order.list('meta_data').find((meta) => meta.text('key') === key);

const toldOf = (order: Fields): readonly Told[] =>
  (metaOf(order, ours)?.list('value') ?? []).map((one) => ({ number: one.text('number'), lines: one.list('lines').map((line) => ({ id: line.text('id'), quantity: line.quantity('quantity') ?? 0 })) }));

/** By line: what was paid back will not leave. */
const refundedUnits = async (api: ChannelApi, order: Fields): Promise<ReadonlyMap<string, number>> => {
  const units = new Map<string, number>();
  if (order.list('refunds').length === 0) return units;
  const { body } = await callWoo(api, 'GET', `orders/${order.id('id')}/refunds?per_page=100`);
  for (const line of (Array.isArray(body) ? (body as unknown[]) : []).flatMap((refund) => Fields.of(refund)?.list('line_items') ?? []).flatMap(unitsOf)) units.set(line.channelLineId, (units.get(line.channelLineId) ?? 0) + line.quantity);
  return units;
};

/** Everything that was told and this, as it is to stand. The id of meta data that is there keeps it from being added beside. */
const tracked = (order: Fields, told: readonly Told[], { carrier, waybill }: Shipment, refunded: ReadonlyMap<string, number>): object => {
  const existing = metaOf(order, plugins);
  const items = existing?.raw('value');
  const item = { tracking_provider: '', custom_tracking_provider: nameOf(carrier).en, custom_tracking_link: '', tracking_number: waybill, date_shipped: String(Math.floor(Date.now() / 1_000)), tracking_id: waybill };
  const listed = (Array.isArray(items) ? (items as unknown[]) : []).filter((one) => Fields.of(one)?.text('tracking_number') !== waybill);
  const gone = told.flatMap(({ lines }) => lines).reduce((sums, line) => sums.set(line.id, (sums.get(line.id) ?? 0) + line.quantity), new Map(refunded));
  const complete = order.list('line_items').every((line) => (gone.get(line.id('id')) ?? 0) >= (line.quantity('quantity') ?? 0));
  const meta = (key: string, value: unknown): object => {
    const id = metaOf(order, key)?.id('id') ?? '';
    return { ...(id === '' ? {} : { id: digits(id) }), key, value };
  };
  return { meta_data: [meta(ours, told), meta(plugins, [...listed, item])], ...(complete ? { status: 'completed' } : {}) };
};

const noteOf = ({ carrier, waybill }: Shipment): string => {
  const { zh, en } = nameOf(carrier);
  return `您的订单已由${zh}发出，运单号 ${waybill}。Your order was shipped with ${en}, tracking number ${waybill}.`;
};
