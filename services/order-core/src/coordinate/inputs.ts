import type { MessageName, Messages } from '@flotilla/contracts';
import type { Rules } from '../decide/content.js';
import { fulfilment, type FulfilmentCommand } from '../decide/fulfilment.decider.js';
import { progressOf } from '../decide/fulfilment.state.js';
import { order, type OrderCommand } from '../decide/order.decider.js';
import type { Progress } from '../decide/order.events.js';
import { conduct, orderIdOf as orderOfFulfilment, wholeOf, type Policy, type Streams } from './conduct.js';

/** What the merchant has decided, and the business time at which an input is taken. */
export interface Terms {
  readonly rules: Rules;
  readonly policy: Policy;
  /** Every carrier that could be asked. */
  readonly carriers: readonly string[];
  readonly at: string;
}

export type Input<Name extends MessageName> = (unit: Streams, data: Messages[Name], terms: Terms) => void;

/** Applies what was said of an order, then runs it until nothing is owed. */
const ofOrder =
  <Name extends MessageName>(idOf: (data: Messages[Name]) => string, command: (data: Messages[Name], progress: Progress, terms: Terms) => OrderCommand): Input<Name> =>
  (unit, data, terms) => {
    const id = idOf(data);
    // A unit writes its streams in the order in which they are touched: an order is placed before anything is asked for it.
    unit.state(order, id);
    unit.run(order, id, command(data, progressOf(wholeOf(unit, id)), terms));
    conduct(unit, id, terms.policy, terms.at);
  };

/** Applies a player's answer. An order's own fulfilment order has its id; one that was split off knows whose it is. */
const ofFulfilment =
  <Name extends MessageName & keyof WithFo>(command: (data: Messages[Name], terms: Terms) => FulfilmentCommand): Input<Name> =>
  (unit, data, terms) => {
    const { foId } = data as { readonly foId: string };
    unit.run(fulfilment, foId, command(data, terms));
    conduct(unit, orderOfFulfilment(unit, foId), terms.policy, terms.at);
  };

/** The messages that are about a fulfilment order. */
type WithFo = { [Name in MessageName as Messages[Name] extends { readonly foId: string } ? Name : never]: true };

const content = (data: { readonly order: Messages['flotilla.ingest.v1.ChannelOrder'] }, progress: Progress, { rules, at }: Terms): OrderCommand => ({
  type: 'TakeContent',
  data: { content: data.order, rules, at, progress },
});
const orderIdOf = ({ orderId }: { readonly orderId: string }): string => orderId;

/** Everything that order-core hears, and what it makes of it. The rest of the story is in the table of `conduct.ts`. */
export const inputs = {
  'flotilla.ingest.v1.ChannelOrderReceived': ofOrder<'flotilla.ingest.v1.ChannelOrderReceived'>((data) => data.order.orderId, content),
  'flotilla.ingest.v1.ChannelOrderAmended': ofOrder<'flotilla.ingest.v1.ChannelOrderAmended'>((data) => data.order.orderId, content),
  'flotilla.ingest.v1.ChannelOrderPaid': ofOrder<'flotilla.ingest.v1.ChannelOrderPaid'>(orderIdOf, (fact, progress, { rules }) => ({ type: 'NotePaid', data: { fact, rules, progress } })),
  'flotilla.ingest.v1.ChannelOrderCancelled': ofOrder<'flotilla.ingest.v1.ChannelOrderCancelled'>(orderIdOf, (fact, progress) => ({ type: 'NoteCancelled', data: { fact, progress } })),
  'flotilla.ingest.v1.ChannelRefundRequested': ofOrder<'flotilla.ingest.v1.ChannelRefundRequested'>(orderIdOf, (fact, progress) => ({ type: 'NoteRefundRequested', data: { fact, progress } })),
  'flotilla.ingest.v1.ChannelRefundSettled': ofOrder<'flotilla.ingest.v1.ChannelRefundSettled'>(orderIdOf, (fact, progress) => ({ type: 'NoteRefundSettled', data: { fact, progress } })),
  'flotilla.ingest.v1.ChannelRefundWithdrawn': ofOrder<'flotilla.ingest.v1.ChannelRefundWithdrawn'>(orderIdOf, (fact, progress) => ({ type: 'NoteRefundWithdrawn', data: { fact, progress } })),
  'flotilla.ingest.v1.ChannelFrozen': ofOrder<'flotilla.ingest.v1.ChannelFrozen'>(orderIdOf, (fact, progress) => ({ type: 'NoteFrozen', data: { fact, progress } })),
  'flotilla.settlement.v1.OrderSettled': ofOrder<'flotilla.settlement.v1.OrderSettled'>(orderIdOf, (fact, progress) => ({ type: 'NoteSettled', data: { fact, progress } })),

  'flotilla.allocation.v1.OrderAllocated': ofFulfilment<'flotilla.allocation.v1.OrderAllocated'>((data) => ({ type: 'NoteAllocated', data })),
  'flotilla.allocation.v1.OrderBackordered': ofFulfilment<'flotilla.allocation.v1.OrderBackordered'>((data) => ({ type: 'NoteBackordered', data })),
  'flotilla.allocation.v1.BackorderEased': ofFulfilment<'flotilla.allocation.v1.BackorderEased'>((data) => ({ type: 'NoteEased', data })),
  'flotilla.allocation.v1.StockReleased': ofFulfilment<'flotilla.allocation.v1.StockReleased'>((data) => ({ type: 'NoteStockReleased', data })),
  'flotilla.allocation.v1.PickShort': ofFulfilment<'flotilla.allocation.v1.PickShort'>((data) => ({ type: 'NotePickShort', data })),
  'flotilla.allocation.v1.StockDisplaced': ofFulfilment<'flotilla.allocation.v1.StockDisplaced'>((data) => ({ type: 'NoteDisplaced', data })),

  'flotilla.carrier.v1.WaybillIssued': ofFulfilment<'flotilla.carrier.v1.WaybillIssued'>((data) => ({ type: 'NoteWaybill', data })),
  'flotilla.carrier.v1.ParcelShipped': ofFulfilment<'flotilla.carrier.v1.ParcelShipped'>((data) => ({ type: 'NoteShipped', data })),
  'flotilla.carrier.v1.ParcelVoided': ofFulfilment<'flotilla.carrier.v1.ParcelVoided'>((data) => ({ type: 'NoteVoided', data })),
  'flotilla.carrier.v1.CancelRefused': ofFulfilment<'flotilla.carrier.v1.CancelRefused'>((data) => ({ type: 'NoteCancelRefused', data })),
  'flotilla.carrier.v1.ParcelChanged': ofFulfilment<'flotilla.carrier.v1.ParcelChanged'>((data) => ({ type: 'NoteChanged', data })),
  'flotilla.carrier.v1.ChangeRefused': ofFulfilment<'flotilla.carrier.v1.ChangeRefused'>((data) => ({ type: 'NoteChangeRefused', data })),
  'flotilla.carrier.v1.CarrierRefused': ofFulfilment<'flotilla.carrier.v1.CarrierRefused'>((refused, { carriers }) => ({ type: 'NoteCarrierRefused', data: { refused, carriers } })),
  'flotilla.carrier.v1.ParcelLost': ofFulfilment<'flotilla.carrier.v1.ParcelLost'>((data) => ({ type: 'NoteLost', data })),
  'flotilla.carrier.v1.ParcelShippedExternally': ofFulfilment<'flotilla.carrier.v1.ParcelShippedExternally'>((data) => ({ type: 'NoteShippedExternally', data })),

  'flotilla.tracking.v1.MilestoneReached': ofFulfilment<'flotilla.tracking.v1.MilestoneReached'>((data) => ({ type: 'NoteMilestone', data })),
} as const;

export type InputName = keyof typeof inputs;

/** The order that an input is about. */
export const subjectOf = (data: unknown): string => {
  const known = data as { readonly orderId?: string; readonly foId?: string; readonly order?: { readonly orderId: string } };
  return known.order?.orderId ?? known.orderId ?? known.foId ?? '';
};
