import { check, type Invariant } from '../invariant.ts';
import type { Sources } from '../sources.ts';
import type { OrderLife, Parcels } from './lifecycle.ts';

interface Announced {
  readonly channel: string;
  readonly orderId: string;
  readonly deliveryId: string;
  readonly garbage: boolean;
  /** By which way in it was sent; "" where that is not told. */
  readonly way: string;
}

/**
 * What a delivery is called by both sides. An order that was asked for stands for itself, however often it is asked for again; one in a file is of that file.
 */
const nameOf = (way: string, channel: string, { orderId, deliveryId }: { readonly orderId: string; readonly deliveryId: string }): string =>
  way === 'PULL' ? `PULL ${channel}/${orderId}` : way === 'FILE' ? `FILE ${channel}/${orderId} in ${deliveryId.split('/')[0]}` : `${way} ${channel} ${deliveryId}`;

/** What the sandbox says it sent as new orders; empty where there is no sandbox. */
const announced = async (sandbox: string): Promise<readonly Announced[]> => {
  const all: Announced[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const response = await fetch(`${sandbox}/_control/ledger?after=${after}`);
    if (!response.ok) return [];
    const page = (await response.json()) as { entries: (Announced & { direction: string; status: string; announcement: boolean })[]; next: number | null };
    all.push(...page.entries.filter(({ direction, status, announcement }) => direction === 'out' && status === 'accepted' && announcement));
    after = page.next;
  }
  return all;
};

/** Invariant 4, and write-back of 5: every order that a platform sent is one order or parked; every shipment is told once. */
export const intakeInvariants = async (sources: Sources, lives: ReadonlyMap<string, OrderLife>, { shipped }: Parcels): Promise<readonly Invariant[]> => {
  const placed = check('4 every channel order that was understood is placed, exactly once');
  const sent = check('4 every order that a platform sent is placed, a duplicate, or parked');
  const recorded = check('4 what was sent by a way in was recorded by it');
  const told = check('5 every shipped parcel and channel order has one write-back');
  const received = new Map<string, string>();
  const ids = new Map<string, string>();
  const parked = new Set<string>();
  const deliveries = new Set<string>();
  const byWay = new Set<string>();
  const outcomes = new Map<string, string[]>();
  for await (const event of sources.log('ingest')) {
    const data = JSON.parse(event.data) as { orderId: string; parcelId: string; deliveryId: string; source: string; channel: string; channelOrderId: string; parks: boolean; order: { orderId: string; channel: string; channelOrderId: string } };
    switch (event.type) {
      case 'ChannelOrderReceived': {
        const { orderId, channel, channelOrderId } = data.order;
        const name = `${channel}/${channelOrderId}`;
        placed.that(!received.has(orderId) && !ids.has(name), () => `${name} was received twice`);
        received.set(orderId, name);
        ids.set(name, orderId);
        break;
      }
      case 'DeliveryQuarantined':
      case 'DeliveryQueued':
      case 'DeliveryRecorded':
        deliveries.add(data.deliveryId);
        byWay.add(nameOf(data.source, data.channel, { orderId: data.channelOrderId, deliveryId: data.deliveryId }));
        if (event.type === 'DeliveryQuarantined') parked.add(`${data.channel}/${data.channelOrderId}`);
        break;
      case 'WriteBackRequested':
        outcomes.set(`${data.parcelId}/${data.orderId}`, outcomes.get(`${data.parcelId}/${data.orderId}`) ?? []);
        break;
      case 'WriteBackSucceeded':
      case 'WriteBackFailed':
      case 'WriteBackNotNeeded':
        outcomes.set(`${data.parcelId}/${data.orderId}`, [...(outcomes.get(`${data.parcelId}/${data.orderId}`) ?? []), event.type]);
        break;
      default:
    }
  }
  for (const [orderId, name] of received) placed.that(lives.has(orderId), () => `${name} was received, and order-core has no order ${orderId}`);
  for (const [orderId, { channel, channelOrderId }] of lives) placed.that(received.get(orderId) === `${channel}/${channelOrderId}`, () => `order ${orderId} is of ${channel}/${channelOrderId}, which ingest never received`);
  const world = await announced(sources.run.sandbox);
  for (const { channel, orderId, deliveryId, garbage, way } of world) {
    const name = `${channel}/${orderId}`;
    sent.that(garbage ? deliveries.has(deliveryId) : ids.has(name) || parked.has(name), () => `${name} (delivery ${deliveryId}) was accepted, and is neither placed nor parked`);
    if (way !== '') recorded.that(byWay.has(nameOf(way, channel, { orderId, deliveryId })), () => `${name} was sent (${way}, delivery ${deliveryId}), and nothing came in that way`);
  }
  for (const [parcelId, { orders }] of shipped) {
    for (const { orderId } of orders) {
      const found = outcomes.get(`${parcelId}/${orderId}`);
      told.that(found?.length === 1, () => `parcel ${parcelId}, order ${orderId}: ${found ? `${found.length} outcomes of its write-back` : 'no write-back'}`);
    }
  }
  return [placed.done(), sent.done(), recorded.done(), told.done()];
};
