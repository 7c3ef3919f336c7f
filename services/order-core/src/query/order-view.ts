import { Refused, streamOf } from '@flotilla/decider';
import type { order as contract } from '@flotilla/contracts';
import type { EventStore, Recorded } from '@flotilla/event-store';
import { actions, allowedActions, over, refusalOf, unreleasable } from '../decide/actions.js';
import { claimAt, type Claim } from '../decide/claim.decider.js';
import { bare } from '../decide/content.js';
import { fulfilment } from '../decide/fulfilment.decider.js';
import { eachOf, shippedBy, type FulfilmentState, type Leg } from '../decide/fulfilment.state.js';
import { order } from '../decide/order.decider.js';
import { blocking, steps } from '../decide/order.state.js';
import { fulfilmentStateOf, orderStateOf } from '../decide/states.js';
import { advance, nowhere, type Standing } from '../project/standing.js';

/** The streams of an order and of its fulfilment orders, in the order of the log. */
export const eventsOf = async (store: EventStore, orderId: string): Promise<readonly Recorded[]> => {
  const all = orderId === '' ? [] : await Promise.all([order, fulfilment].map((decider) => wholeStream(store, streamOf(decider, orderId))));
  const split = await Promise.all(splitsIn(all.flat()).map((foId) => wholeStream(store, streamOf(fulfilment, foId))));
  return inOrder([...all, ...split].flat());
};

/** The fulfilment orders that were split off. */
export const splitsIn = (events: readonly Recorded[]): readonly string[] => events.flatMap(({ type, data }) => (type === 'OrderSplit' ? [(data as contract.OrderSplit).foId] : []));

export const inOrder = (events: readonly Recorded[]): readonly Recorded[] => events.toSorted((a, b) => a.position - b.position);

export const notFound = (orderId: string): Refused => new Refused('NOT_FOUND', `there is no order ${orderId}; list them with Orders/List`);

const wholeStream = async (store: EventStore, stream: string): Promise<readonly Recorded[]> => {
  const events: Recorded[] = [];
  for (;;) {
    const part = await store.read(stream, { from: events.length + 1, limit: 1_000 });
    events.push(...part);
    if (part.length < 1_000) return events;
  }
};

/** Who works at an order at this instant (machine time). */
export const claimView = (orderId: string, claim: Claim, at: string): contract.OrderClaim => {
  const { by, until } = claimAt(claim, at);
  return { orderId, claimedBy: by, claimedUntil: until };
};

/** An order as it stands now, from the log itself: what a command wrote is always in it. */
export const orderView = async (store: EventStore, orderId: string): Promise<contract.Order> => {
  const view = viewOf(await eventsOf(store, orderId));
  if (!view) throw notFound(orderId);
  return view;
};

/** The order that these events come to; undefined before it is placed. */
export const viewOf = (events: readonly Recorded[]): contract.Order | undefined => {
  const standing = events.reduce(advance, nowhere);
  return standing.order.placed === null ? undefined : toOrder(standing, events.filter(({ stream }) => stream.startsWith('order-')).length);
};

/** `version` counts the events of the order's own stream. */
export const toOrder = (standing: Standing, version: number): contract.Order => {
  const { order: o, fulfilment: f } = standing;
  const { channel, platform, channelOrderId, number, placedAt, buyer, tags, giftMessage = '' } = o.placed!;
  return {
    orderId: o.orderId,
    channel,
    platform,
    channelOrderId,
    number,
    state: orderStateOf(o, f),
    placedAt,
    paidAt: o.paidAt,
    total: o.total,
    lines: o.lines.map(bare),
    shipTo: o.shipTo!,
    buyer,
    remark: o.remark,
    tags,
    custom: o.custom ?? [],
    holds: o.holds.map((hold) => ({ ...hold, since: standing.heldSince[hold.holdId] ?? '', releasable: !over(o) && !unreleasable(hold, f) })),
    partialShipment: o.partial === undefined ? '' : o.partial ? 'ALLOWED' : 'NOT_ALLOWED',
    fulfilments: f.plan === null ? [] : eachOf(f).map(toFulfilment),
    allowedActions: allowedActions(o, f),
    waitsFor: standing.waitsFor,
    waitsSince: standing.waitsSince,
    cancelRequested: o.cancel !== null,
    settled: o.settledAt !== '',
    version,
    position: standing.position,
    refusedActions: actions.flatMap((action) => {
      const refusal = refusalOf(action, o, f);
      return refusal ? [{ action, ...refusal }] : [];
    }),
    blockedSteps: steps.flatMap((step) => {
      const holds = blocking(o, step).map(({ holdId }) => holdId);
      return holds.length > 0 ? [{ step, holds }] : [];
    }),
    address: o.address ?? { flags: [], confidence: 100, changes: [] },
    giftMessage,
  };
};

const toFulfilment = (f: FulfilmentState): contract.Fulfilment => {
  const parts = f.legs.map(toPart);
  const { warehouse = '', parcelId = '', carrier = '', waybill = '', milestone = '' } = parts[0] ?? {};
  return { foId: f.foId, state: fulfilmentStateOf(f), warehouse, parcelId, carrier, waybill, round: f.round, attempt: f.attempt, milestone, parts, orders: f.plan === null ? [] : shippedBy(f) };
};

const toPart = ({ warehouse, parcel, orders }: Leg): contract.FulfilmentPart => ({
  warehouse,
  parcelId: parcel?.parcelId ?? '',
  stage: parcel?.stage ?? '',
  carrier: parcel?.carrier ?? '',
  waybill: parcel?.waybill ?? '',
  milestone: parcel?.milestone ?? '',
  orders,
});
