import type { Task, Unit } from '@flotilla/event-store';
import { channelOrder, type Outcome } from '../decide/channel-order.decider.js';
import type { ChannelOrderEvent, Delivery } from '../decide/channel-order.events.js';
import { shipBy } from '../decide/ship-by.decider.js';
import { skuStreams, withSkus } from './skus.js';

/** Read and sealed: ready to be decided. */
export interface Accepted {
  readonly delivery: Delivery;
  readonly outcome: Outcome;
  /** Its lines have to be looked up in the SKU map, in the unit that records it. */
  readonly asksMap: boolean;
}

/** Until when it must be shipped, if the platform says that. */
export const noteShipBy = (unit: Unit, { delivery: { orderId, channel, channelOrderId }, outcome: { facts } }: Accepted, at: string): void => {
  if (facts?.shipBy !== undefined) unit.run(shipBy, orderId, { type: 'NoteShipBy', data: { orderId, channel, channelOrderId, modifiedAt: facts.modifiedAt, due: facts.shipBy, at } });
};

/** Decides what was accepted, its lines in our SKUs. */
export const receive = (unit: Unit, accepted: Accepted): readonly ChannelOrderEvent[] => {
  const { delivery, outcome, asksMap: asks } = accepted;
  noteShipBy(unit, accepted, delivery.receivedAt);
  return unit.run(channelOrder, delivery.orderId, { type: 'ReceiveDelivery', data: { delivery, outcome: withSkus(unit, outcome, asks) } });
};

/** Why it went to quarantine, if it did: its reading may have failed, or what was read cannot be told. */
export const quarantinedOf = (events: readonly ChannelOrderEvent[]): { readonly reason: string; readonly detail: string } | undefined => events.flatMap(({ type, data }) => (type === 'DeliveryQuarantined' ? [data] : []))[0];

/** The streams that deciding it takes. */
export const streamsOf = ({ delivery, outcome, asksMap: asks }: Accepted): Task['streams'] => [[channelOrder, delivery.orderId], ...(outcome.facts?.shipBy === undefined ? [] : [[shipBy, delivery.orderId] as const]), ...(asks && outcome.as === 'order' ? skuStreams(outcome.order) : [])];
