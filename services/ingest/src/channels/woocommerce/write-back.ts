import { Refused } from '@flotilla/decider';
import { digits } from '../exact-json.js';
import { Fields } from '../fields.js';
import type { Cancellation, ChannelApi, Shipment, WrittenBack } from '../platform.js';
import { callWoo, WooFailed, type WooAnswer } from './api.js';
import { nameOf } from './carriers.js';
import { metaOf } from './meta.js';
import { unitsOf } from './refund.js';

/** Ours alone: what of an order has been told, so that it can be read back. A name for each shipment, since of two that are put at once under one name the first is lost. */
const ours = '_flotilla_shipment_';
/** Where the tracking plugins look. */
const plugins = '_wc_shipment_tracking_items';

const mostPuts = 5;

const ended = new Set(['cancelled', 'refunded', 'failed', 'trash']);

interface Told {
  readonly number: string;
  readonly carrier: string;
  readonly lines: readonly { readonly id: string; readonly quantity: number }[];
}

/**
 * Tells a shipment to WooCommerce, which has no word for it: tracking as meta data, the status when everything has left, and a note to the buyer, unless one
 * with this number is there. What was put is read again: the plugins' list is one value for all shipments, and of two that are put at once the last one
 * sees that the other is missing there, or that with it everything has left.
 */
export const writeBack = async (api: ChannelApi, shipment: Shipment): Promise<WrittenBack> => {
  const { channelOrderId: id, waybill, lines } = shipment;
  if (!/^\d{1,20}$/.test(id)) return failed('NOT_FOUND', 'the order’s id is none of WooCommerce’s');
  if (!/^[\w-]{4,64}$/.test(waybill)) return failed('BAD_REQUEST', 'the number is not 4 to 64 letters and digits');
  try {
    for (let puts = 0; ; puts += 1) {
      const order = read(await callWoo(api, 'GET', `orders/${id}`), 'the order');
      const told = toldOf(order);
      const mine = { number: waybill, carrier: shipment.carrier, lines: lines.map(({ channelLineId, quantity }) => ({ id: channelLineId, quantity })) };
      const isTold = told.some(({ number }) => number === waybill);
      if (!isTold) {
        const status = order.text('status');
        if (ended.has(status)) return failed('PLATFORM_REFUSED', `the order is ${status} on the platform`);
        const known = new Set(order.list('line_items').map((line) => line.id('id')));
        if (lines.some(({ channelLineId }) => !known.has(channelLineId))) return failed('PLATFORM_REFUSED', 'the order has not all of these lines');
      }
      const missing = changes(order, isTold ? told : [...told, mine], await refundedUnits(api, order), isTold ? undefined : mine);
      if (missing === undefined) break;
      if (puts === mostPuts) return { outcome: 'retry', afterMs: 1_000, why: 'what was put is not there when it is read again' };
      read(await callWoo(api, 'PUT', `orders/${id}`, missing), 'its tracking');
    }
    const notes = await callWoo(api, 'GET', `orders/${id}/notes?type=customer`);
    const there = (Array.isArray(notes.body) ? (notes.body as unknown[]) : []).map((note) => Fields.of(note)).find((note) => note?.text('note').includes(waybill));
    if (there !== undefined) return { outcome: 'done', fulfilmentId: there.id('id') };
    const note = read(await callWoo(api, 'POST', `orders/${id}/notes`, { note: noteOf(shipment), customer_note: true }), 'the note');
    return { outcome: 'done', fulfilmentId: note.id('id') };
  } catch (error) {
    return unanswered(error);
  }
};

/** Puts an order to `cancelled`, unless it is over there already. Nothing is paid back by that: the shop's people refund what was paid. */
export const cancel = async (api: ChannelApi, { channelOrderId: id }: Cancellation): Promise<WrittenBack> => {
  if (!/^\d{1,20}$/.test(id)) return failed('NOT_FOUND', 'the order’s id is none of WooCommerce’s');
  try {
    for (let puts = 0; ; puts += 1) {
      const status = read(await callWoo(api, 'GET', `orders/${id}`), 'the order').text('status');
      if (ended.has(status)) return { outcome: 'done', fulfilmentId: id };
      if (status === 'completed') return failed('PLATFORM_REFUSED', 'the order is completed on the platform');
      if (puts === 2) return { outcome: 'retry', afterMs: 1_000, why: 'the order was put to cancelled and is not when it is read again' };
      read(await callWoo(api, 'PUT', `orders/${id}`, { status: 'cancelled' }), 'its cancellation');
    }
  } catch (error) {
    return unanswered(error);
  }
};

const unanswered = (error: unknown): WrittenBack => {
  if (error instanceof Answered) return error.outcome;
  if (error instanceof WooFailed) return { outcome: 'retry', afterMs: error.afterMs, why: error.why };
  // A field of the platform's that cannot be read.
  if (error instanceof Refused) return failed('PLATFORM_REFUSED', error.message);
  throw error;
};

/** An answer that ends the attempt. */
class Answered extends Error {
  constructor(readonly outcome: WrittenBack) {
    super(outcome.outcome);
  }
}

const failed = (reason: string, detail: string): WrittenBack => ({ outcome: 'failed', reason, detail: detail.slice(0, 300).toWellFormed() });

const read = ({ status, body, text }: WooAnswer, what: string): Fields => {
  if (status === 404) throw new Answered(failed('NOT_FOUND', `${what} was answered 404`));
  const fields = status === 200 || status === 201 ? Fields.of(body) : undefined;
  if (fields === undefined) throw new Answered(failed('PLATFORM_REFUSED', `${what} was answered ${status}: ${text}`));
  return fields;
};

const named = (order: Fields, key: string): Fields | undefined => metaOf(order).find((meta) => meta.raw('key') === key);

const toldOf = (order: Fields): readonly Told[] =>
  metaOf(order).flatMap((meta) => {
    const key = meta.raw('key');
    const value = typeof key === 'string' && key.startsWith(ours) ? meta.object('value') : undefined;
    return value === undefined ? [] : [{ number: value.text('number'), carrier: value.text('carrier'), lines: value.list('lines').map((line) => ({ id: line.text('id'), quantity: line.quantity('quantity') ?? 0 })) }];
  });

/** By line: what was paid back will not leave. */
const refundedUnits = async (api: ChannelApi, order: Fields): Promise<ReadonlyMap<string, number>> => {
  const units = new Map<string, number>();
  if (order.list('refunds').length === 0) return units;
  const { body } = await callWoo(api, 'GET', `orders/${order.id('id')}/refunds?per_page=100`);
  for (const line of (Array.isArray(body) ? (body as unknown[]) : []).flatMap((refund) => Fields.of(refund)?.list('line_items') ?? []).flatMap(unitsOf)) units.set(line.channelLineId, (units.get(line.channelLineId) ?? 0) + line.quantity);
  return units;
};

/** What has to be put so that the order says all that was told; `undefined`: nothing. The id of meta data that is there keeps it from being added beside. */
const changes = (order: Fields, told: readonly Told[], refunded: ReadonlyMap<string, number>, mine: Told | undefined): object | undefined => {
  const existing = named(order, plugins);
  const value = existing?.raw('value');
  const listed = Array.isArray(value) ? (value as unknown[]) : [];
  const numbers = new Set(listed.map((one) => Fields.of(one)?.raw('tracking_number')));
  const unlisted = told.filter(({ number }) => !numbers.has(number)).map(({ number, carrier }) => ({
    tracking_provider: '', custom_tracking_provider: nameOf(carrier).en, custom_tracking_link: '', tracking_number: number, date_shipped: String(Math.floor(Date.now() / 1_000)), tracking_id: number,
  }));
  const gone = told.flatMap(({ lines }) => lines).reduce((sums, line) => sums.set(line.id, (sums.get(line.id) ?? 0) + line.quantity), new Map(refunded));
  const complete = order.list('line_items').every((line) => (gone.get(line.id('id')) ?? 0) >= (line.quantity('quantity') ?? 0));
  // One that was told before is only completed from where it was left: a shop may have statuses of its own for what comes after.
  const completes = complete && (mine !== undefined || order.text('status') === 'processing');
  if (mine === undefined && unlisted.length === 0 && !completes) return undefined;
  const id = existing?.id('id') ?? '';
  const meta = [
    ...(mine === undefined ? [] : [{ key: `${ours}${mine.number}`, value: mine }]),
    ...(unlisted.length === 0 ? [] : [{ ...(id === '' ? {} : { id: digits(id) }), key: plugins, value: [...listed, ...unlisted] }]),
  ];
  return { meta_data: meta, ...(completes ? { status: 'completed' } : {}) };
};

const noteOf = ({ carrier, waybill }: Shipment): string => {
  const { zh, en } = nameOf(carrier);
  return `您的订单已由${zh}发出，运单号 ${waybill}。Your order was shipped with ${en}, tracking number ${waybill}.`;
};
