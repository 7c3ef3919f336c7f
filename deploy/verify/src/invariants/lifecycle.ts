import { check, type Invariant } from '../invariant.ts';
import type { Sources } from '../sources.ts';

interface Share {
  readonly orderId: string;
  readonly lines: readonly { readonly lineId: string; readonly sku: string; readonly quantity: number }[];
}

type Asked = '' | 'ALLOCATION' | 'WAYBILL' | 'DELIVERY' | 'SETTLEMENT' | 'VOID' | 'RELEASE_OF_STOCK' | 'ENDED';

/** One of the order's own id, and those that were split off. */
export interface FulfilmentLife {
  /** The newest thing that was asked of a player and has no answer; ENDED: nothing of it is to come. */
  asked: Asked;
  /** Those that were released and not ended: several warehouses may send one. */
  readonly parcels: Map<string, 'asked' | 'shipped' | 'delivered'>;
}

export interface OrderLife {
  readonly channel: string;
  readonly channelOrderId: string;
  state: 'open' | 'cancelled' | 'closed';
  readonly holds: Set<string>;
  unpaid: boolean;
  approved: boolean;
  readonly fulfilments: Map<string, FulfilmentLife>;
  /** Line → the most units that it ever had. */
  readonly ordered: Map<string, number>;
}

/** order-core's log and its own fulfilment events, folded without its deciders. */
export const orderLives = async (sources: Sources): Promise<ReadonlyMap<string, OrderLife>> => {
  const lives = new Map<string, OrderLife>();
  const ofSplit = new Map<string, string>();
  const name = (life: OrderLife, lines: string): void => {
    for (const { lineId, quantity } of lines as unknown as Share['lines']) life.ordered.set(lineId, Math.max(quantity, life.ordered.get(lineId) ?? 0));
  };
  for await (const event of sources.log('order-core')) {
    const data = JSON.parse(event.data) as Record<string, string> & { holdId: string };
    if (event.type === 'OrderPlaced') {
      const placed: OrderLife = { channel: data['channel']!, channelOrderId: data['channelOrderId']!, state: 'open', holds: new Set(), unpaid: data['paidAt'] === '', approved: false, fulfilments: new Map(), ordered: new Map() };
      name(placed, data['lines']!);
      lives.set(data['orderId']!, placed);
      continue;
    }
    // A fulfilment order has the id of its order, unless it was split off.
    const foId = data['foId'] ?? '';
    const life = lives.get(data['orderId'] ?? ofSplit.get(foId) ?? foId);
    if (!life) continue;
    const fulfilment = life.fulfilments.get(foId) ?? { asked: '', parcels: new Map() };
    if (foId !== '') life.fulfilments.set(foId, fulfilment);
    switch (event.type) {
      case 'OrderSplit':
        ofSplit.set(foId, data['orderId']!);
        break;
      case 'OrderAmended':
        name(life, data['lines']!);
        break;
      case 'OrderPaid':
        life.unpaid = false;
        break;
      case 'OrderApproved':
        life.approved = true;
        break;
      case 'OrderHeld':
        life.holds.add(data.holdId);
        break;
      case 'OrderHoldReleased':
        life.holds.delete(data.holdId);
        break;
      case 'OrderCancelled':
        life.state = 'cancelled';
        break;
      case 'OrderClosed':
        life.state = 'closed';
        break;
      case 'AllocationRequested':
        fulfilment.asked = 'ALLOCATION';
        break;
      case 'FulfilmentReleased':
        fulfilment.asked = 'WAYBILL';
        fulfilment.parcels.set(data['parcelId']!, 'asked');
        break;
      case 'FulfilmentAbandoned':
      case 'StockGivenBack':
        if ([...fulfilment.parcels.values()].every((stage) => stage === 'delivered')) fulfilment.asked = 'ENDED';
        break;
      case 'ParcelEnded':
        fulfilment.parcels.delete(data['parcelId']!);
        break;
      case 'FulfilmentCancelRequested':
        fulfilment.asked = 'VOID';
        break;
      case 'FulfilmentCancelled':
        fulfilment.asked = 'RELEASE_OF_STOCK';
        break;
      case 'FulfilmentShipped':
        fulfilment.asked = 'DELIVERY';
        fulfilment.parcels.set(data['parcelId']!, 'shipped');
        break;
      case 'FulfilmentDelivered':
        fulfilment.asked = 'SETTLEMENT';
        fulfilment.parcels.set(data['parcelId']!, 'delivered');
        break;
      default:
    }
  }
  return lives;
};

export interface Parcels {
  readonly invariants: readonly Invariant[];
  readonly shipped: ReadonlyMap<string, { readonly foId: string; readonly orders: readonly Share[]; readonly lines: Share['lines'] }>;
  /** Parcel → its waybill. */
  readonly waybilled: ReadonlyMap<string, string>;
  readonly voided: ReadonlySet<string>;
  /** Purchases and voids under way. */
  readonly open: ReadonlySet<string>;
}

/** Invariant 2, over all fulfilment orders of an order: no unit of it leaves twice. */
export const unitsInvariant = (lives: ReadonlyMap<string, OrderLife>, { shipped }: Pick<Parcels, 'shipped'>): Invariant => {
  const once = check('2 no line of an order left with more units than it ever had');
  const left = new Map<string, number>();
  for (const { orders } of shipped.values()) for (const { orderId, lines } of orders) for (const { lineId, quantity } of lines) left.set(`${orderId}/${lineId}`, (left.get(`${orderId}/${lineId}`) ?? 0) + quantity);
  for (const [key, quantity] of left) {
    const [orderId, lineId] = key.split('/') as [string, string];
    const ordered = lives.get(orderId)?.ordered.get(lineId) ?? 0;
    once.that(quantity <= ordered, () => `order ${orderId}, line ${lineId}: ${quantity} have left, ${ordered} were ordered`);
  }
  return once.done();
};

/** Invariant 5, carrier's part: one parcel, one waybill; void and ship exclude one another; each intent one outcome. */
export const parcelInvariants = async (sources: Sources): Promise<Parcels> => {
  const single = check('5 every shipped parcel has one waybill, and no waybill two parcels');
  const exclusive = check('5 no parcel is both voided and shipped');
  const intents = check('5 every purchase and every void at a carrier has one outcome');
  const shipped = new Map<string, { foId: string; orders: readonly Share[]; lines: Share['lines'] }>();
  const owners = new Map<string, string>();
  const live = new Map<string, string>();
  const voided = new Set<string>();
  const outcomes = new Map<string, number>();
  for await (const event of sources.log('carrier')) {
    // Out of a pool a number may come again, once its voided parcel has let it go: no label of it was ever printed.
    if (event.type === 'WaybillReleased' && event.stream.startsWith('waybill-')) {
      const { carrier, waybill } = JSON.parse(event.data) as { carrier: string; waybill: string };
      owners.delete(`${carrier} ${waybill}`);
    }
    if (!event.stream.startsWith('parcel-')) continue;
    const data = JSON.parse(event.data) as { parcelId: string; foId: string; carrier: string; waybill: string; orders: readonly Share[]; purchase: number };
    switch (event.type) {
      case 'WaybillIssued': {
        const number = `${data.carrier} ${data.waybill}`;
        single.that((owners.get(number) ?? data.parcelId) === data.parcelId, () => `waybill ${number} belongs to ${owners.get(number)} and ${data.parcelId}`);
        owners.set(number, data.parcelId);
        live.set(data.parcelId, data.waybill);
        break;
      }
      case 'ParcelShipped':
        single.that(live.get(data.parcelId) === data.waybill, () => `parcel ${data.parcelId} shipped under ${data.waybill}, its waybill is ${live.get(data.parcelId) ?? 'none'}`);
        shipped.set(data.parcelId, { foId: data.foId, orders: data.orders, lines: data.orders.flatMap(({ lines }) => lines) });
        break;
      case 'ParcelVoided':
        voided.add(data.parcelId);
        break;
      case 'WaybillRequested':
        outcomes.set(`purchase ${data.parcelId}/${data.purchase}`, 0);
        break;
      case 'VoidRequested':
        outcomes.set(`void ${data.parcelId}/${data.purchase}`, 0);
        break;
      case 'PurchaseSettled':
        outcomes.set(`purchase ${data.parcelId}/${data.purchase}`, (outcomes.get(`purchase ${data.parcelId}/${data.purchase}`) ?? 0) + 1);
        break;
      case 'VoidSettled':
        outcomes.set(`void ${data.parcelId}/${data.purchase}`, (outcomes.get(`void ${data.parcelId}/${data.purchase}`) ?? 0) + 1);
        break;
      default:
    }
  }
  for (const parcelId of [...shipped.keys(), ...voided]) exclusive.that(!(shipped.has(parcelId) && voided.has(parcelId)), () => `parcel ${parcelId} was voided and shipped`);
  const jobs = new Set((await sources.query<{ key: string | null }>('carrier', 'SELECT key FROM graphile_worker._private_jobs')).map(({ key }) => key ?? ''));
  const open = new Set<string>();
  for (const [intent, count] of outcomes) {
    if (count === 0) open.add(intent.split(/[ /]/)[1]!);
    intents.that(count === 1 || (count === 0 && jobs.size > 0), () => `${intent}: ${count === 0 ? 'no outcome, and no job that would bring one' : `${count} outcomes`}`);
  }
  return { invariants: [single.done(), exclusive.done(), intents.done()], shipped, waybilled: live, voided, open };
};
