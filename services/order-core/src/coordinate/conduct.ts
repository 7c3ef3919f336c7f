import type { Decider, Message } from '@flotilla/decider';
import type { common, order as orders } from '@flotilla/contracts';
import { mostParts, type Act } from '../decide/actions.js';
import { same } from '../decide/content.js';
import { fulfilment, outdated, type FulfilmentCommand } from '../decide/fulfilment.decider.js';
import type { Plan } from '../decide/fulfilment.events.js';
import { alive, arriving, begun, busy, complete, delivered, eachOf, fulfilled, interceptable, joined, legsThatLeft, needsRound, noFulfilment, open, pendingLegs, progressOf, remaining, returning, stockHeld, stoppable, troubleHold, type FulfilmentState, type Leg } from '../decide/fulfilment.state.js';
import { order, type OrderCommand } from '../decide/order.decider.js';
import { blocking, cancelling, ended, fulfilmentsOf, type OrderState } from '../decide/order.state.js';
import { shippingRule } from '../decide/shipping-rule.decider.js';
import { minus, unitsIn, unitsOf, valuesOf, withUnits } from '../decide/shares.js';

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
  /** All that are of the order as one; for a row of each of them, that one. */
  readonly fulfilment: FulfilmentState;
  readonly policy: Policy;
  /** What is there may go before what is lacking. */
  readonly partial: boolean;
  /** Business time. */
  readonly at: string;
}

export type Owed =
  | { readonly to: 'order'; readonly command: OrderCommand }
  | { readonly to: 'fulfilment'; readonly command: FulfilmentCommand };

/** What a row of each fulfilment order sees beside its own one: `whole`, all of them as one. */
interface Seen extends Situation {
  readonly whole: FulfilmentState;
}

interface Row {
  readonly row: string;
  /** Asked of each fulfilment order of the order by itself. */
  readonly each?: true;
  readonly when: (s: Seen) => boolean;
  readonly owe: (s: Seen) => Owed;
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

/** Those that ship something yet, or may have to. */
const shippingOf = (all: readonly FulfilmentState[]): readonly FulfilmentState[] => all.filter((f) => !f.cancelled && !complete(f));

/**
 * What each fulfilment order ships of what the order wants: what has left stays where it was, and each keeps what it planned as long as that is wanted. What
 * is wanted no longer is taken off those that no parcel was made of yet, the newest first; what is new goes to the first that has no parcel yet, or else to the first that still ships something.
 */
const dealtTo = (o: OrderState, all: readonly FulfilmentState[]): ReadonlyMap<FulfilmentState, readonly common.OrderShare[]> => {
  const wanted = sharesOf(o);
  if (all.length === 1) return new Map([[all[0]!, wanted]]);
  const free = new Map(unitsOf(minus(wanted, all.flatMap(legsThatLeft).map(({ orders }) => orders))));
  const given = new Map(all.map((f) => [f, new Map(unitsOf(legsThatLeft(f).flatMap(({ orders }) => orders)))] as const));
  const give = (f: FulfilmentState, key: string, units: number): void => {
    given.get(f)!.set(key, (given.get(f)!.get(key) ?? 0) + units);
    free.set(key, free.get(key)! - units);
  };
  const shipping = shippingOf(all);
  for (const f of shipping.toSorted((a, b) => Number(stoppable(b)) - Number(stoppable(a)))) {
    const planned = unitsOf(remaining(f));
    for (const [key, units] of free) give(f, key, Math.min(units, planned.get(key) ?? 0));
  }
  const adding = shipping.find((f) => !stoppable(f)) ?? shipping[0];
  if (adding) for (const [key, units] of free) give(adding, key, units);
  return new Map(all.map((f) => [f, withUnits(wanted, given.get(f)!)]));
};

/** Its part of what the order costs; what went with those that ship nothing any more is not counted twice. */
const valueOf = (o: OrderState, all: readonly FulfilmentState[], shares: ReadonlyMap<FulfilmentState, readonly common.OrderShare[]>, f: FulfilmentState, prices: Plan['prices']): number => {
  const shipping = shippingOf(all);
  const at = shipping.indexOf(f);
  if (at < 0) return o.total.amount;
  const rest = all.filter((one) => !shipping.includes(one)).flatMap(legsThatLeft).reduce((sum, { value }) => sum - value, o.total.amount);
  return valuesOf(Math.max(0, rest), shipping.map((one) => shares.get(one)!), prices)[at]!;
};

const planOf = (state: OrderState, all: readonly FulfilmentState[], f: FulfilmentState, shares = dealtTo(state, all)): Plan => {
  const { buyer, number, tags, priority, placedAt, giftMessage } = state.placed!;
  const prices = Object.fromEntries(state.lines.filter(({ ships }) => ships).map(({ lineId, total }) => [lineId, total.amount]));
  return { orders: shares.get(f)!, shipTo: state.shipTo!, buyer, number, remark: state.remark, ...(giftMessage ? { giftMessage } : {}), tags, priority, service: state.service, ...(state.pickupLocation === '' ? {} : { pickupLocation: state.pickupLocation }), value: { ...state.total, amount: valueOf(state, all, shares, f, prices) }, prices, orderedAt: placedAt };
};

const running = ({ order: o }: Situation): boolean => o.placed !== null && !ended(o) && !cancelling(o);
const ships = ({ order: o }: Situation): boolean => sharesOf(o).length > 0;
const empty = ({ order: o }: Situation): boolean => o.lines.every(({ quantity }) => quantity === 0);
/** Something of it is still to be shipped, and no parcel of it can be stopped any more or has to be. */
const idle = ({ fulfilment: f }: Situation): boolean => f.plan !== null && !f.cancelled && !stoppable(f) && !complete(f);

/** The parcels that can still be asked not to be shipped, and have not been. */
const recallable = ({ fulfilment: f }: Situation): readonly Leg[] => f.legs.filter((leg) => busy(leg) && leg.parcel!.recall === '');
const recalled = (legs: readonly Leg[], reason: string): Owed => toFulfilment({ type: 'RecallParcels', data: { parcelIds: legs.map(({ parcel }) => parcel!.parcelId), reason } });

/** The lines of the order, none with fewer units than have left. */
const withShipped = ({ order: o, fulfilment: f }: Situation): readonly common.ShareLine[] => {
  const shipped = unitsOf(legsThatLeft(f).flatMap(({ orders }) => orders));
  return o.lines.map(({ lineId, channelLineId, sku, quantity }) => ({ lineId, channelLineId, sku, quantity: Math.max(quantity, shipped.get(`${o.orderId}/${lineId}`) ?? 0) }));
};
const fewerThanShipped = (s: Situation): boolean => withShipped(s).some(({ quantity }, n) => s.order.lines[n]!.ships && s.order.lines[n]!.quantity < quantity);

const holds = (o: OrderState, holdId: string): boolean => o.holds.some((hold) => hold.holdId === holdId);
/** A trouble that waits for a person. */
const unheld = ({ order: o, fulfilment: f }: Situation): FulfilmentState['troubles'] => f.troubles.filter((one) => !holds(o, troubleHold(one)) && !o.released.includes(troubleHold(one)));
const lookedAt = ({ order: o, fulfilment: f }: Situation): FulfilmentState['troubles'] => f.troubles.filter((one) => o.released.includes(troubleHold(one)));
/** Holds of troubles that are over. */
const outlived = ({ order: o, fulfilment: f }: Situation): readonly string[] =>
  o.holds.flatMap(({ holdId }) => (/^EXCEPTION:(?:\d+\.)?\d+$/.test(holdId) && !f.troubles.some((one) => troubleHold(one) === holdId) ? [holdId] : []));

/** Units that the order still names, and that have not left. */
const unsent = ({ order: o, fulfilment: f }: Situation): readonly common.OrderShare[] => minus(sharesOf(o), legsThatLeft(f).map(({ orders }) => orders));
const UNSENT = 'EXCEPTION:unsent';

/** Why no parcel may leave as it is. */
const stopReason = ({ order: o, fulfilment: f }: Situation): string => {
  if (remaining(f).length === 0) return 'NOTHING_TO_SHIP';
  if (f.roundRevision !== f.lineRevision) return 'LINES_CHANGED';
  // Allocation's next round takes back all that has not left.
  if (f.allocation === 'FAILED') return 'NO_STOCK';
  if (f.external !== null) return 'SHIPPED_EXTERNALLY';
  return blocking(o, 'SHIP').length > 0 ? 'HELD' : '';
};
const recallReason = (s: Situation, leg: Leg): string => stopReason(s) || (leg.parcel!.unchangeable ? 'NOT_CHANGEABLE' : '');
const toRecall = (s: Situation): readonly Leg[] => recallable(s).filter((leg) => recallReason(s, leg) !== '');

/** A parcel is to be stopped, and may leave yet: until that is known, what was split off it is not in a second one. */
const stopping = (whole: FulfilmentState): boolean => eachOf(whole).length > 1 && whole.legs.some((leg) => busy(leg) && leg.parcel!.recall !== '');

/** What a fulfilment order that waits for stock could send without it: the units that are lacking, if others are there. */
const lacking = ({ fulfilment: f }: Situation): readonly common.ShareLine[] => {
  if (f.allocation !== 'BACKORDERED' || needsRound(f)) return [];
  const short = new Map((f.missing ?? []).map(({ sku, quantity }) => [sku, quantity]));
  const rest = remaining(f).flatMap(({ lines }) => lines);
  const lines = rest.toReversed().flatMap((line) => {
    const quantity = Math.min(line.quantity, short.get(line.sku) ?? 0);
    short.set(line.sku, (short.get(line.sku) ?? 0) - quantity);
    return quantity > 0 ? [{ ...line, quantity }] : [];
  });
  return unitsIn(lines) === unitsIn(rest) ? [] : lines;
};

/** One before it has still to be told what there is for it: what waits for the rest must not take that away. */
const inTurn = ({ whole, fulfilment: f }: Seen): boolean => {
  const all = eachOf(whole);
  return !all.slice(0, all.indexOf(f)).some((one) => open(one) && remaining(one).length > 0 && (needsRound(one) || one.allocation === 'ASKED'));
};

/** Of all that has arrived the return window has passed: what was still on its way, or to be sent, when it did may have been let go since. */
const allKept = ({ order: o, fulfilment: f }: Situation): boolean => f.legs.some(delivered) && f.legs.filter(delivered).every(({ parcel }) => o.kept?.includes(parcel!.parcelId));

const mayAllocate = ({ order: o, policy }: Situation): boolean => {
  if (blocking(o, 'ALLOCATE').length > 0) return false;
  return policy.allocateWhen === 'placed' || o.approvedAt !== '' || (policy.allocateWhen === 'paid' && o.paidAt !== '');
};

// ── the table ────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * What order-core owes, first row first, from the folded states alone: whatever came, in whatever order, the same
 * states owe the same. Each row ends its own condition; nothing is owed when no row holds. A fulfilment order that several
 * warehouses send has a leg for each: what holds for a parcel holds for each leg's, and one message goes out per parcel.
 *
 * | said | to | answered by | undone by |
 * |---|---|---|---|
 * | AllocationRequested(round) | allocation | OrderAllocated · OrderBackordered | the next round, or FulfilmentCancelled → StockReleased |
 * | FulfilmentReleased(attempt), one per warehouse | carrier, floor | WaybillIssued · ParcelShipped · CarrierRefused | FulfilmentCancelRequested |
 * | FulfilmentChangeRequested | carrier | ParcelChanged · ChangeRefused | – |
 * | FulfilmentCancelRequested | carrier | ParcelVoided · CancelRefused | the next attempt |
 * | FulfilmentCancelled: give back what has not left | allocation | StockReleased | – |
 * | InterceptionRequested | carrier | – | – |
 */
export const table: readonly Row[] = [
  {
    row: 'what was shipped externally has left',
    each: true,
    when: (s) => s.fulfilment.external !== null && idle(s),
    owe: () => toFulfilment({ type: 'ShipExternal', data: {} }),
  },

  // Cancelling: stop the parcels, give the stock back, say so. Once one of them has left it is too late for all.
  {
    row: 'cancel: give the stock back; what was shipped and will not arrive is written off',
    each: true,
    when: ({ order: o, fulfilment: f, whole }) => cancelling(o) && f.plan !== null && !f.cancelled && !arriving(whole) && !stoppable(whole),
    owe: ({ order: o }) => toFulfilment({ type: 'CancelFulfilment', data: { reason: o.cancel!.reason } }),
  },
  {
    row: 'cancel: on its way, try to stop it there',
    each: true,
    when: ({ order: o, fulfilment: f }) => cancelling(o) && f.legs.some(interceptable),
    owe: ({ order: o }) => toFulfilment({ type: 'Intercept', data: { reason: o.cancel!.reason, shipTo: null } }),
  },
  {
    row: 'cancel: too late',
    when: ({ order: o, fulfilment: f }) => cancelling(o) && arriving(f),
    owe: ({ fulfilment: f }) => toOrder({ type: 'RefuseCancel', data: { reason: fulfilled(f) ? 'DELIVERED' : 'SHIPPED', rest: remaining(f).length > 0 } }),
  },
  {
    row: 'cancel: void the parcels',
    each: true,
    when: (s) => cancelling(s.order) && recallable(s).length > 0,
    owe: (s) => recalled(recallable(s), 'CANCELLED'),
  },
  {
    row: 'cancel: done',
    when: ({ order: o, fulfilment: f }) => cancelling(o) && (f.plan === null || (f.cancelled && !returning(f))),
    owe: ({ order: o, fulfilment: f, at }) => {
      // A waybill that came while the parcel was being stopped was voided too.
      const stage = o.cancel!.stage === 'RELEASED' && f.legs.some(({ parcel }) => parcel && parcel.waybill !== '') ? 'WAYBILLED' : o.cancel!.stage;
      return toOrder({ type: 'FinishCancel', data: { stage, at } });
    },
  },
  {
    row: 'nothing of the order is left',
    when: (s) => running(s) && s.order.cancel === null && empty(s) && !begun(s.fulfilment),
    owe: ({ fulfilment: f }) => toOrder({ type: 'CancelOrder', data: { reason: 'nothing_left', by: 'rule:empty', progress: progressOf(f) } }),
  },

  // What is to be shipped follows the order until it has left; of what has left the order says what was shipped.
  {
    row: 'shipped as it was planned before',
    when: (s) => running(s) && fewerThanShipped(s),
    owe: (s) => toOrder({ type: 'TakeShipped', data: { lines: withShipped(s) } }),
  },
  {
    row: 'plan',
    each: true,
    when: (s) => running(s) && !complete(s.fulfilment) && !s.fulfilment.cancelled && (ships(s) || s.fulfilment.plan !== null) && !same(planOf(s.order, eachOf(s.whole), s.fulfilment), s.fulfilment.plan),
    owe: ({ order: o, whole, fulfilment: f }) => toFulfilment({ type: 'PlanFulfilment', data: { foId: f.foId || o.orderId, plan: planOf(o, eachOf(whole), f) } }),
  },

  // A person looks where trying again would not help.
  {
    row: 'trouble: hold',
    each: true,
    when: (s) => running(s) && unheld(s).length > 0,
    owe: (s) => {
      const [trouble] = unheld(s);
      return toOrder({ type: 'HoldOrder', data: { holdId: troubleHold(trouble!), type: 'EXCEPTION', blocks: ['RELEASE'], reason: `${trouble!.kind}: ${trouble!.reason}` } });
    },
  },
  {
    row: 'trouble: somebody has looked',
    each: true,
    when: (s) => lookedAt(s).length > 0,
    owe: (s) => toFulfilment({ type: 'ClearTrouble', data: { trouble: lookedAt(s)[0]!.number, at: s.at } }),
  },
  {
    row: 'trouble: over by itself',
    when: (s) => outlived(s).length > 0,
    owe: (s) => toOrder({ type: 'ReleaseHold', data: { holdId: outlived(s)[0]!, by: 'rule:over' } }),
  },
  {
    row: 'lines came after the fulfilment had ended',
    when: (s) => running(s) && s.fulfilment.cancelled && !begun(s.fulfilment) && ships(s) && !s.order.holds.some(({ type }) => type === 'EXCEPTION'),
    owe: ({ order: o }) =>
      toOrder({
        type: 'HoldOrder',
        data: { holdId: `EXCEPTION:lines-${o.released.length + 1}`, type: 'EXCEPTION', blocks: ['RELEASE'], reason: 'lines were added after the fulfilment had ended; cancel the order' },
      }),
  },

  {
    row: 'what was written off has arrived, and the stock of the rest was given back',
    when: (s) => running(s) && s.fulfilment.cancelled && begun(s.fulfilment) && unsent(s).length > 0 && !holds(s.order, UNSENT) && !s.order.released.includes(UNSENT),
    owe: () => toOrder({ type: 'HoldOrder', data: { holdId: UNSENT, type: 'EXCEPTION', blocks: ['RELEASE'], reason: 'a parcel arrived although the order was being cancelled, and the rest will not be sent: refund it, or send it as an order of its own, then release this' } }),
  },

  {
    row: 'audit',
    when: (s) =>
      running(s) && s.order.approvedAt === '' && s.order.paidAt !== '' && blocking(s.order, 'AUDIT').length === 0 && !s.order.holds.some(({ type }) => type === 'ADDRESS'),
    owe: ({ at }) => toOrder({ type: 'ApproveOrder', data: { by: 'rule:auto', at } }),
  },

  {
    row: 'stop the parcels to begin again',
    each: true,
    when: (s) => running(s) && toRecall(s).length > 0,
    owe: (s) => {
      const legs = toRecall(s);
      return recalled(legs, recallReason(s, legs[0]!));
    },
  },
  {
    row: 'change the parcels',
    each: true,
    when: (s) => running(s) && s.fulfilment.legs.some((leg) => outdated(s.fulfilment, leg)),
    owe: () => toFulfilment({ type: 'RequestChanges', data: {} }),
  },
  {
    row: 'nothing to ship is left',
    each: true,
    when: (s) => running(s) && idle(s) && remaining(s.fulfilment).length === 0 && (!begun(s.fulfilment) || stockHeld(s.fulfilment)),
    owe: () => toFulfilment({ type: 'CancelFulfilment', data: { reason: 'nothing_to_ship' } }),
  },
  {
    row: 'what is there goes first, what is lacking waits by itself',
    each: true,
    when: (s) => s.partial && running(s) && s.order.approvedAt !== '' && (s.order.parts ?? []).length < mostParts && open(s.fulfilment) && lacking(s).length > 0,
    owe: (s) => toOrder({ type: 'SplitOrder', data: { from: s.fulfilment.foId, lines: lacking(s) } }),
  },
  {
    row: 'allocate',
    each: true,
    when: (s) => running(s) && idle(s) && remaining(s.fulfilment).length > 0 && needsRound(s.fulfilment) && mayAllocate(s) && inTurn(s),
    owe: () => toFulfilment({ type: 'RequestAllocation', data: {} }),
  },
  {
    row: 'release',
    each: true,
    when: (s) =>
      running(s) &&
      pendingLegs(s.fulfilment).some((leg) => !alive(leg)) &&
      !stopping(s.whole) &&
      s.order.approvedAt !== '' &&
      !needsRound(s.fulfilment) &&
      s.fulfilment.allocation === 'GRANTED' &&
      s.fulfilment.troubles.length === 0 &&
      stopReason(s) === '' &&
      blocking(s.order, 'RELEASE', 'LABEL').length === 0,
    owe: () => toFulfilment({ type: 'ReleaseFulfilment', data: {} }),
  },
  {
    row: 'close',
    when: (s) =>
      running(s) &&
      (s.order.settledAt !== '' || s.order.returnWindowPassed || allKept(s)) &&
      !returning(s.fulfilment) &&
      !holds(s.order, UNSENT) &&
      (fulfilled(s.fulfilment) || (s.order.approvedAt !== '' && !ships(s) && (s.fulfilment.plan === null || s.fulfilment.stockReturned))),
    owe: ({ at }) => toOrder({ type: 'CloseOrder', data: { at } }),
  },
];

/** The first row that holds, of those not left out, and the fulfilment order that it holds of (of the order's rows: its own). */
export const owed = (situation: Situation, except: ReadonlySet<string> = new Set()): (Row & { readonly owed: Owed; readonly foId: string; readonly key: string }) | undefined => {
  const whole = situation.fulfilment;
  const one = { ...situation, whole };
  const each = eachOf(whole).map((fulfilment) => ({ ...one, fulfilment }));
  for (const row of table) {
    for (const seen of row.each ? each : [one]) {
      const foId = seen.fulfilment.foId || situation.order.orderId;
      const key = `${row.row}/${foId}`;
      if (!except.has(key) && row.when(seen)) return { ...row, owed: row.owe(seen), foId, key };
    }
  }
  return undefined;
};

// The longest chain has about fifteen rows; a table that goes round in circles is a fault of the table.
const mostSteps = 40;

/** The fulfilment orders of an order as one, as this unit has them. */
export const wholeOf = (unit: Streams, orderId: string): FulfilmentState => joined(fulfilmentsOf(orderId, unit.state(order, orderId)).map((foId) => unit.state(fulfilment, foId)));

/** The order that a fulfilment order is of. Its own has its id. */
export const orderIdOf = (unit: Streams, foId: string): string => unit.state(fulfilment, foId).split?.orderId ?? foId;

/** What was split off is planned with the units that were named, and the other without them: from now on each keeps its own. */
const planParts = (unit: Streams, { orderId, foId, part, fromFoId, lines }: orders.OrderSplit): void => {
  const state = unit.state(order, orderId);
  const ids = fulfilmentsOf(orderId, state).filter((id) => id !== foId);
  const all = ids.map((id) => unit.state(fulfilment, id));
  const from = all[ids.indexOf(fromFoId)]!;
  const shares = dealtTo(state, all);
  const [share] = sharesOf(state);
  const moved = withUnits([share!], new Map(lines.map(({ lineId, quantity }) => [`${orderId}/${lineId}`, quantity])));
  const fresh: FulfilmentState = { ...noFulfilment, foId };
  const shared = new Map([...shares, [from, minus(shares.get(from)!, [moved])] as const, [fresh, moved] as const]);
  const both = [...all, fresh];
  unit.run(fulfilment, foId, { type: 'PlanFulfilment', data: { foId, split: { orderId, part }, plan: planOf(state, both, fresh, shared) } });
  unit.run(fulfilment, fromFoId, { type: 'PlanFulfilment', data: { foId: fromFoId, plan: planOf(state, both, from, shared) } });
};

/** Takes what the order decided; an order that was split has its fulfilment orders planned. */
const runOrder = (unit: Streams, orderId: string, command: OrderCommand): readonly Message[] => {
  const events = unit.run(order, orderId, command);
  for (const event of events) if (event.type === 'OrderSplit') planParts(unit, event.data);
  return events;
};

/** How an order stands in this unit. */
export const situationOf = (unit: Streams, orderId: string, policy: Policy, at: string): Situation => {
  const state = unit.state(order, orderId);
  const whole = wholeOf(unit, orderId);
  // The rule of its channel is read only for an order that lacks something: a stream that is read is checked with every append.
  const lacks = state.placed !== null && eachOf(whole).some(({ allocation }) => allocation === 'BACKORDERED');
  return { order: state, fulfilment: whole, policy, partial: state.partial ?? (lacks && unit.state(shippingRule, state.placed!.channel).partialShipments), at };
};

/** Runs an order and its fulfilment orders in this unit until nothing is owed. All change in one append, so they never disagree. */
export const conduct = (unit: Streams, orderId: string, policy: Policy, at: string): void => {
  // A row whose command changes nothing (this unit repeats a message) must not be tried for ever.
  const barren = new Set<string>();
  for (let step = 0; step < mostSteps * (1 + (unit.state(order, orderId).parts ?? []).length); step += 1) {
    const next = owed(situationOf(unit, orderId, policy, at), barren);
    if (!next) return;
    const events = next.owed.to === 'fulfilment' ? unit.run(fulfilment, next.foId, next.owed.command) : runOrder(unit, orderId, next.owed.command);
    if (events.length === 0) barren.add(next.key);
    else barren.clear();
  }
  throw new Error(`order ${orderId}: the table does not come to an end`);
};

/** Who acts by hand, and when (business time). */
export interface Hand {
  readonly by: string;
  readonly at: string;
  readonly policy: Policy;
}

/** Somebody acts by hand, and what follows from it. Throws what the table of actions says. */
export const actByHand = (unit: Streams, orderId: string, act: Act, { by, at, policy }: Hand): void => {
  unit.state(order, orderId); // first touched, first written
  runOrder(unit, orderId, { type: 'ActByHand', data: { orderId, act, fulfilment: wholeOf(unit, orderId), by, at } });
  if (act.action === 'Intercept') for (const foId of fulfilmentsOf(orderId, unit.state(order, orderId))) unit.run(fulfilment, foId, { type: 'Intercept', data: { reason: act.reason, shipTo: act.shipTo } });
  conduct(unit, orderId, policy, at);
};
