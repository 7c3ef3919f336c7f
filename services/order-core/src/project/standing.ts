import { lift, type Recorded } from '@flotilla/event-store';
import { fulfilment as fulfilmentDecider } from '../decide/fulfilment.decider.js';
import type { FulfilmentEvent } from '../decide/fulfilment.events.js';
import { eachOf, evolveFulfilment, joined, noFulfilment, type FulfilmentState } from '../decide/fulfilment.state.js';
import { order as orderDecider } from '../decide/order.decider.js';
import type { OrderEvent } from '../decide/order.events.js';
import { evolveOrder, noOrder, type OrderState } from '../decide/order.state.js';
import { waitsForOf } from '../decide/states.js';

/** An order with its fulfilment as both stand after some event of the log, and since when. */
export interface Standing {
  readonly order: OrderState;
  /** All fulfilment orders of it as one. */
  readonly fulfilment: FulfilmentState;
  readonly waitsFor: string;
  /** When what it waits for became that, machine time; as for holds. */
  readonly waitsSince: string;
  readonly heldSince: Readonly<Record<string, string>>;
  /** Whether it ever waited in the backorder queue, and got its stock from there. */
  readonly backordered: boolean;
  readonly served: boolean;
  readonly interceptions: number;
  readonly cancelStage: string;
  readonly position: number;
}

export const nowhere: Standing = {
  order: noOrder,
  fulfilment: noFulfilment,
  waitsFor: '',
  waitsSince: '',
  heldSince: {},
  backordered: false,
  served: false,
  interceptions: 0,
  cancelStage: '',
  position: 0,
};

/** As a row keeps it: of several fulfilment orders each by itself, not all of them as one beside them. */
export const toKept = (standing: Standing): Standing => {
  const { of } = standing.fulfilment;
  return of ? { ...standing, fulfilment: { ...noFulfilment, of } } : standing;
};
export const fromKept = (standing: Standing): Standing => {
  const { of } = standing.fulfilment;
  return of ? { ...standing, fulfilment: joined(of) } : standing;
};

/** The order or fulfilment order that an event is of. */
export const subjectOf = (stream: string): string | undefined => /^(?:order|fulfilment)-(.+)$/.exec(stream)?.[1];

/** Never refuses: what is recorded has happened. */
export const advance = (before: Standing, event: Recorded): Standing => {
  const ofOrder = event.stream.startsWith('order-');
  const order = ofOrder ? evolveOrder(before.order, lift(orderDecider, event) as unknown as OrderEvent) : before.order;
  const foId = subjectOf(event.stream);
  const all = eachOf(before.fulfilment);
  // The order's own has no id before it is planned; what was split off is planned after that.
  const known = all.find((one) => one.foId === foId) ?? (all[0]!.foId === '' ? all[0]! : noFulfilment);
  const next = ofOrder ? known : evolveFulfilment(known, lift(fulfilmentDecider, event) as unknown as FulfilmentEvent);
  const fulfilment = ofOrder ? before.fulfilment : joined(known === noFulfilment && all[0] !== noFulfilment ? [...all, next] : all.map((one) => (one === known ? next : one)));
  const waitsFor = waitsForOf(order, fulfilment);
  const waited = known.allocation === 'BACKORDERED';
  return {
    order,
    fulfilment,
    waitsFor,
    waitsSince: waitsFor === before.waitsFor ? before.waitsSince : waitsFor === '' ? '' : event.recordedAt,
    heldSince: Object.fromEntries(order.holds.map(({ holdId }) => [holdId, before.heldSince[holdId] ?? event.recordedAt])),
    backordered: before.backordered || event.type === 'StockAwaited',
    served: before.served || (event.type === 'StockGranted' && waited),
    interceptions: before.interceptions + (event.type === 'InterceptionRequested' ? 1 : 0),
    cancelStage: event.type === 'OrderCancelled' ? (event.data as { readonly stage: string }).stage : before.cancelStage,
    position: event.position,
  };
};
