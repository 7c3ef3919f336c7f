import type { Decider, Message } from '@flotilla/decider';
import type { common } from '@flotilla/contracts';
import { same } from '../decide/content.js';
import { fulfilment, type FulfilmentCommand } from '../decide/fulfilment.decider.js';
import type { Plan } from '../decide/fulfilment.events.js';
import { alive, gone, needsRound, progressOf, returned, type FulfilmentState } from '../decide/fulfilment.state.js';
import { order, type OrderCommand } from '../decide/order.decider.js';
import { blocking, cancelling, ended, type OrderState } from '../decide/order.state.js';

/** When stock is asked for: as soon as the order is there, when it is paid, or when it is approved. */
export interface Policy {
  readonly allocateWhen: 'placed' | 'paid' | 'approved';
}

/** What conducting needs of a unit of the event store. */
export interface Streams {
  state<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string): S;
  run<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string, command: C): readonly E[];
}

export interface Situation {
  readonly order: OrderState;
  readonly fulfilment: FulfilmentState;
  readonly policy: Policy;
  /** Business time. */
  readonly at: string;
}

export type Owed = { readonly to: 'order'; readonly command: OrderCommand } | { readonly to: 'fulfilment'; readonly command: FulfilmentCommand };

interface Row {
  readonly row: string;
  readonly when: (s: Situation) => boolean;
  readonly owe: (s: Situation) => Owed;
}

const toOrder = (command: OrderCommand): Owed => ({ to: 'order', command });
const toFulfilment = (command: FulfilmentCommand): Owed => ({ to: 'fulfilment', command });

// ── what the rows ask ────────────────────────────────────────────────────────────────────────────────────────────

/** The units that need a parcel. */
export const sharesOf = (state: OrderState): readonly common.OrderShare[] => {
  const lines = state.lines
    .filter((line) => line.ships && line.quantity > 0)
    .map(({ lineId, channelLineId, sku, quantity }) => ({ lineId, channelLineId, sku, quantity }));
  return lines.length === 0 || !state.placed ? [] : [{ orderId: state.orderId, channel: state.placed.channel, channelOrderId: state.placed.channelOrderId, lines }];
};

/** Units per line; lines without any do not count. */
const unitsOf = (shares: readonly common.OrderShare[]): Readonly<Record<string, number>> =>
  Object.fromEntries(shares.flatMap(({ lines }) => lines).map(({ lineId, quantity }) => [lineId, quantity]));

const planOf = (state: OrderState): Plan => {
  const { buyer, number, tags, priority, placedAt } = state.placed!;
  return { orders: sharesOf(state), shipTo: state.shipTo!, buyer, number, remark: state.remark, tags, priority, service: state.service, value: state.total, orderedAt: placedAt };
};

const running = ({ order: o }: Situation): boolean => o.placed !== null && !ended(o) && !cancelling(o);
const ships = ({ order: o }: Situation): boolean => sharesOf(o).length > 0;
const empty = ({ order: o }: Situation): boolean => o.lines.every(({ quantity }) => quantity === 0);
/** The parcel has left, whether or not the word of it has come. */
const left = ({ fulfilment: f }: Situation): boolean => gone(f) || (alive(f) && f.parcel!.left);
/** What was shipped will not arrive. */
const undelivered = ({ fulfilment: f }: Situation): boolean => gone(f) && f.parcel!.stage !== 'DELIVERED' && (f.parcel!.lost || returned(f));
/** It can still be asked not to be shipped, and has not been. */
const recallable = ({ fulfilment: f }: Situation): boolean => alive(f) && !f.parcel!.left && f.parcel!.recall === '';
const idle = ({ fulfilment: f }: Situation): boolean => f.plan !== null && !f.cancelled && !alive(f) && !gone(f);

const troubleHold = (f: FulfilmentState): string => `EXCEPTION:${f.trouble?.number ?? 0}`;
const holds = (o: OrderState, holdId: string): boolean => o.holds.some((hold) => hold.holdId === holdId);

const recallReason = ({ order: o, fulfilment: f }: Situation): string => {
  if (f.plan !== null && f.plan.orders.length === 0) return 'NOTHING_TO_SHIP';
  if (f.roundRevision !== f.lineRevision) return 'LINES_CHANGED';
  if (f.allocation === 'FAILED') return 'NO_STOCK';
  if (f.parcel?.unchangeable === true) return 'NOT_CHANGEABLE';
  if (f.external !== null) return 'SHIPPED_EXTERNALLY';
  return blocking(o, 'SHIP').length > 0 ? 'HELD' : '';
};

const mayAllocate = ({ order: o, policy }: Situation): boolean => {
  if (blocking(o, 'ALLOCATE').length > 0) return false;
  return policy.allocateWhen === 'placed' || o.approvedAt !== '' || (policy.allocateWhen === 'paid' && o.paidAt !== '');
};

// ── the table ────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * What order-core owes, first row first, from the folded states alone: whatever came, in whatever order, the same
 * states owe the same. Each row ends its own condition; nothing is owed when no row holds.
 *
 * | said | to | answered by | undone by |
 * |---|---|---|---|
 * | AllocationRequested(round) | allocation | OrderAllocated · OrderBackordered | the next round, or FulfilmentCancelled → StockReleased |
 * | FulfilmentReleased(attempt) | carrier, floor | WaybillIssued · ParcelShipped · CarrierRefused | FulfilmentCancelRequested |
 * | FulfilmentChangeRequested | carrier | ParcelChanged · ChangeRefused | – |
 * | FulfilmentCancelRequested | carrier | ParcelVoided · CancelRefused | the next attempt |
 * | FulfilmentCancelled | allocation | StockReleased | – |
 * | InterceptionRequested | carrier | – | – |
 */
export const table: readonly Row[] = [
  {
    row: 'what was shipped externally has left',
    when: (s) => s.fulfilment.external !== null && idle(s),
    owe: () => toFulfilment({ type: 'ShipExternal', data: {} }),
  },

  // Cancelling: stop the parcel, give the stock back, say so. Once the parcel has left it is too late.
  {
    row: 'cancel: what was shipped and will not arrive is written off',
    when: (s) => cancelling(s.order) && undelivered(s) && !s.fulfilment.cancelled,
    owe: ({ order: o }) => toFulfilment({ type: 'CancelFulfilment', data: { reason: o.cancel!.reason } }),
  },
  {
    row: 'cancel: on its way, try to stop it there',
    when: (s) => cancelling(s.order) && left(s) && !undelivered(s) && s.fulfilment.parcel!.stage !== 'DELIVERED' && !s.fulfilment.parcel!.intercepted,
    owe: ({ order: o }) => toFulfilment({ type: 'Intercept', data: { reason: o.cancel!.reason } }),
  },
  {
    row: 'cancel: too late',
    when: (s) => cancelling(s.order) && left(s) && !undelivered(s),
    owe: ({ fulfilment: f }) => toOrder({ type: 'RefuseCancel', data: { reason: f.parcel!.stage === 'DELIVERED' ? 'DELIVERED' : 'SHIPPED' } }),
  },
  {
    row: 'cancel: void the parcel',
    when: (s) => cancelling(s.order) && recallable(s),
    owe: () => toFulfilment({ type: 'RecallParcel', data: { reason: 'CANCELLED' } }),
  },
  {
    row: 'cancel: give the stock back',
    when: (s) => cancelling(s.order) && idle(s),
    owe: ({ order: o }) => toFulfilment({ type: 'CancelFulfilment', data: { reason: o.cancel!.reason } }),
  },
  {
    row: 'cancel: done',
    when: ({ order: o, fulfilment: f }) => cancelling(o) && (f.plan === null || (f.cancelled && f.stockReturned)),
    owe: ({ order: o, fulfilment: f, at }) => {
      // A waybill that came while the parcel was being stopped was voided too.
      const stage = o.cancel!.stage === 'RELEASED' && f.parcel?.waybill ? 'WAYBILLED' : o.cancel!.stage;
      return toOrder({ type: 'FinishCancel', data: { stage, at } });
    },
  },
  {
    row: 'nothing of the order is left',
    when: (s) => running(s) && s.order.cancel === null && empty(s) && !left(s),
    owe: ({ fulfilment: f }) => toOrder({ type: 'CancelOrder', data: { reason: 'nothing_left', by: 'rule:empty', progress: progressOf(f) } }),
  },

  // What is to be shipped follows the order until the parcel has left; then the order follows what was shipped.
  {
    row: 'plan',
    when: (s) => running(s) && !left(s) && !s.fulfilment.cancelled && (ships(s) || s.fulfilment.plan !== null) && !same(planOf(s.order), s.fulfilment.plan),
    owe: ({ order: o }) => toFulfilment({ type: 'PlanFulfilment', data: { foId: o.orderId, plan: planOf(o) } }),
  },
  {
    row: 'shipped as it was planned before',
    when: (s) => running(s) && gone(s.fulfilment) && !same(unitsOf(sharesOf(s.order)), unitsOf(s.fulfilment.parcel!.orders)),
    owe: ({ order: o, fulfilment: f }) =>
      toOrder({ type: 'TakeShipped', data: { lines: f.parcel!.orders.filter(({ orderId }) => orderId === o.orderId).flatMap(({ lines }) => lines) } }),
  },

  // A person looks where trying again would not help.
  {
    row: 'trouble: hold',
    when: ({ order: o, fulfilment: f }) => o.placed !== null && !ended(o) && !cancelling(o) && f.trouble?.open === true && !holds(o, troubleHold(f)) && !o.released.includes(troubleHold(f)),
    owe: ({ fulfilment: f }) =>
      toOrder({ type: 'HoldOrder', data: { holdId: troubleHold(f), type: 'EXCEPTION', blocks: ['RELEASE'], reason: `${f.trouble!.kind}: ${f.trouble!.reason}` } }),
  },
  {
    row: 'trouble: somebody has looked',
    when: ({ order: o, fulfilment: f }) => f.trouble?.open === true && o.released.includes(troubleHold(f)),
    owe: () => toFulfilment({ type: 'ClearTrouble', data: {} }),
  },
  {
    row: 'trouble: over by itself',
    when: ({ order: o, fulfilment: f }) => f.trouble?.open === false && holds(o, troubleHold(f)),
    owe: ({ fulfilment: f }) => toOrder({ type: 'ReleaseHold', data: { holdId: troubleHold(f), by: 'rule:delivered' } }),
  },
  {
    row: 'lines came after the fulfilment had ended',
    when: (s) => running(s) && s.fulfilment.cancelled && ships(s) && !s.order.holds.some(({ type }) => type === 'EXCEPTION'),
    owe: ({ order: o }) =>
      toOrder({
        type: 'HoldOrder',
        data: { holdId: `EXCEPTION:lines-${o.released.length + 1}`, type: 'EXCEPTION', blocks: ['RELEASE'], reason: 'lines were added after the fulfilment had ended; cancel the order' },
      }),
  },

  {
    row: 'audit',
    when: (s) =>
      running(s) && s.order.approvedAt === '' && s.order.paidAt !== '' && blocking(s.order, 'AUDIT').length === 0 && !s.order.holds.some(({ type }) => type === 'ADDRESS'),
    owe: ({ at }) => toOrder({ type: 'ApproveOrder', data: { by: 'rule:auto', at } }),
  },

  {
    row: 'stop the parcel to begin again',
    when: (s) => running(s) && recallable(s) && recallReason(s) !== '',
    owe: (s) => toFulfilment({ type: 'RecallParcel', data: { reason: recallReason(s) } }),
  },
  {
    row: 'change the parcel',
    when: (s) => running(s) && recallable(s) && s.fulfilment.parcel!.change === null && s.fulfilment.parcel!.addressRevision !== s.fulfilment.addressRevision,
    owe: () => toFulfilment({ type: 'RequestChange', data: {} }),
  },
  {
    row: 'nothing to ship is left',
    when: (s) => running(s) && idle(s) && s.fulfilment.plan!.orders.length === 0,
    owe: () => toFulfilment({ type: 'CancelFulfilment', data: { reason: 'nothing_to_ship' } }),
  },
  {
    row: 'allocate',
    when: (s) => running(s) && idle(s) && needsRound(s.fulfilment) && mayAllocate(s),
    owe: () => toFulfilment({ type: 'RequestAllocation', data: {} }),
  },
  {
    row: 'release',
    when: (s) =>
      running(s) &&
      idle(s) &&
      s.order.approvedAt !== '' &&
      !needsRound(s.fulfilment) &&
      s.fulfilment.allocation === 'GRANTED' &&
      s.fulfilment.trouble?.open !== true &&
      blocking(s.order, 'RELEASE', 'LABEL', 'SHIP').length === 0,
    owe: () => toFulfilment({ type: 'ReleaseFulfilment', data: {} }),
  },
  {
    row: 'close',
    when: (s) =>
      running(s) &&
      (s.order.settledAt !== '' || s.order.returnWindowPassed) &&
      (s.fulfilment.parcel?.stage === 'DELIVERED' || (s.order.approvedAt !== '' && !ships(s) && (s.fulfilment.plan === null || s.fulfilment.stockReturned))),
    owe: ({ at }) => toOrder({ type: 'CloseOrder', data: { at } }),
  },
];

/** The first row that holds, of those not left out. */
export const owed = (situation: Situation, except: ReadonlySet<string> = new Set()): (Row & { readonly owed: Owed }) | undefined => {
  const row = table.find((one) => !except.has(one.row) && one.when(situation));
  return row && { ...row, owed: row.owe(situation) };
};

// The longest chain has about ten rows; a table that goes round in circles is a fault of the table.
const mostSteps = 40;

/** Runs an order and its fulfilment in this unit until nothing is owed. Both change in one append, so they never disagree. */
export const conduct = (unit: Streams, orderId: string, policy: Policy, at: string): void => {
  // A row whose command changes nothing (this unit repeats a message) must not be tried for ever.
  const barren = new Set<string>();
  for (let step = 0; step < mostSteps; step += 1) {
    const next = owed({ order: unit.state(order, orderId), fulfilment: unit.state(fulfilment, orderId), policy, at }, barren);
    if (!next) return;
    const events = next.owed.to === 'order' ? unit.run(order, orderId, next.owed.command) : unit.run(fulfilment, orderId, next.owed.command);
    if (events.length === 0) barren.add(next.row);
    else barren.clear();
  }
  throw new Error(`order ${orderId}: the table does not come to an end`);
};
