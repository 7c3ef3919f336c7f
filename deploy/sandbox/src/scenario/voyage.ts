import { randomUUID } from 'node:crypto';
import { sleep, type Clock } from '../clock.js';
import type { Publisher } from '../connector/publisher.js';
import { encrypt, personalOf, toSubmitted, type ChannelOrderSubmitted } from '../connector/submitted.js';
import { writeJson } from '../json.js';
import type { WorldOrder } from '../orders/order.js';
import * as changes from '../platforms/shopify/changes.js';
import type { ShopFront } from '../platforms/shopify/front.js';
import { orderTree } from '../platforms/shopify/payload.js';
import type { Shop, ShopOrder } from '../platforms/shopify/shop.js';
import type { Delivery } from '../platforms/shopify/webhooks.js';
import { broken } from './broken.js';
import type { PlanEntry } from './plan.js';

/** The right payload for an order whose announcement could not be understood. */
export interface Correction {
  role: string;
  channel: string;
  channelOrderId: string;
  source: 'WEBHOOK' | 'TOPIC' | 'PULL';
  payload: string;
}

export interface Sea {
  clock: Clock;
  front: ShopFront;
  publisher: Publisher;
  corrections: Correction[];
  signal: AbortSignal;
}

/** Longest pause on the wall between two steps of an order: a slow business clock must not hold up a run. */
const LONGEST_PAUSE_MS = 4_000;
const MINUTE = 60_000;

/** One order sent on its way, as its role wants it. Resolves when all that the world does by itself is accepted. */
export async function sail(entry: PlanEntry, order: WorldOrder, place: { shop: Shop; kept: ShopOrder } | undefined, sea: Sea): Promise<void> {
  const { front, clock } = sea;
  const now = (): number => clock.business().getTime();
  const pause = (businessMs: number): Promise<void> => sleep(Math.min(clock.toWallMs(businessMs), LONGEST_PAUSE_MS), sea.signal);
  if (place === undefined) return entry.role === 'bad-topic' ? badTopic(order, sea) : void (await publish(order, sea, true));
  const { shop, kept } = place;
  const text = (): string => writeJson(orderTree(order), order.hand);
  const sent = async (delivery: Delivery): Promise<void> => {
    const { accepted, status, attempts } = await front.send(delivery);
    if (!accepted) throw new Error(`${delivery.topic} was not accepted: ${status === 0 ? 'no answer' : status}, ${attempts} attempts`);
  };
  const send = (topic: string, body?: string): Promise<void> => sent(front.delivery(shop, order, topic, body));
  const created = text();

  switch (entry.role) {
    case 'repeat-same-id': {
      const delivery = front.delivery(shop, order, 'orders/create');
      await sent(delivery);
      await pause(3 * MINUTE);
      return sent(delivery);
    }
    case 'repeat-new-id':
      await send('orders/create', created);
      return send('orders/create', created);
    case 'both-ways': {
      const ways = [() => send('orders/create', created), async () => void (await publish(order, sea, false))];
      // Half of them at once, so that the two ways race.
      if (entry.index % 2 === 0) await Promise.all(ways.map((way) => way()));
      else for (const way of ways) await way();
      return;
    }
    case 'paid-before-create':
      changes.pay(order, now());
      await send('orders/paid');
      return send('orders/create', created);
    case 'updated-before-create':
      changes.amendNote(order, now(), `${order.note ?? ''} ★`.trim());
      await send('orders/updated');
      return send('orders/create', created);
    case 'stale-update': {
      await send('orders/create', created);
      changes.amendNote(order, now(), 'first thought');
      const older = text();
      changes.amendNote(order, now(), 'second thought');
      await send('orders/updated');
      return send('orders/updated', older);
    }
    case 'address-amended':
      await send('orders/create', created);
      await pause(MINUTE);
      return front.amendAddress(shop, order, `${order.shipTo?.district ?? ''}文昌街${(entry.index % 90) + 1}号幸福里小区6号楼2单元501室`);
    case 'paid-later':
      await send('orders/create', created);
      await pause(8 * MINUTE);
      return front.pay(shop, order);
    case 'cancel-before-create':
      changes.cancel(order, now(), 'customer');
      await send('orders/cancelled');
      return send('orders/create', created);
    case 'cancel-with-create': {
      const creating = send('orders/create', created);
      await Promise.all([creating, front.cancel(shop, kept, 'fraud')]);
      return;
    }
    case 'cancel-after-payment':
      await send('orders/create', created);
      await pause(2 * MINUTE);
      await front.pay(shop, order);
      return front.cancel(shop, kept, 'customer');
    case 'refund-line':
      await send('orders/create', created);
      await pause(2 * MINUTE);
      await front.refundUnit(shop, order);
      return;
    case 'forged': {
      // Someone without the secret changes the address.
      const forgery = { ...order, shipTo: order.shipTo === null ? null : { ...order.shipTo, street: 'PO Box 1337' } };
      await front.send({ ...front.delivery(shop, forgery, 'orders/create'), forged: true });
      return send('orders/create', created);
    }
    case 'cancel-on-shipped':
      front.cancelWhenShipped(order.id);
      return send('orders/create', created);
    case 'bad-truncated':
    case 'bad-lines':
    case 'bad-currency':
    case 'bad-quantity':
    case 'bad-amount':
    case 'bad-address': {
      const { body, garbage } = broken(entry.role, order);
      await sent({ ...front.delivery(shop, order, 'orders/create', body), garbage });
      sea.corrections.push({ role: entry.role, channel: shop.channel, channelOrderId: order.id, source: 'WEBHOOK', payload: created });
      return;
    }
    default:
      return send('orders/create', created);
  }
}

async function publish(order: WorldOrder, sea: Sea, withDistrict: boolean): Promise<ChannelOrderSubmitted> {
  const data = toSubmitted(order, await encrypt(personalOf(order), await sea.publisher.key()), withDistrict);
  await submit(data, order, sea);
  return data;
}

async function submit(data: ChannelOrderSubmitted, order: WorldOrder, sea: Sea): Promise<void> {
  if (!(await sea.publisher.publish({ id: randomUUID(), data, time: new Date(order.updatedAt).toISOString() }))) throw new Error('publishing was stopped');
}

async function badTopic(order: WorldOrder, sea: Sea): Promise<void> {
  const data = toSubmitted(order, await encrypt(personalOf(order), await sea.publisher.key()), true);
  const wrong = { ...data, currency: 'XQZ', lines: data.lines.map((line) => ({ ...line, quantity: -line.quantity })) };
  await submit(wrong, order, sea);
  sea.corrections.push({ role: 'bad-topic', channel: order.channel, channelOrderId: order.id, source: 'TOPIC', payload: JSON.stringify(data) });
}
