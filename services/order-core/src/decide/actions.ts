import type { common } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { blocking, cancelling, type Hold, type OrderState } from './order.state.js';
import { arriving, complete, eachOf, interceptable, open, progressOf, remaining, troubleHold, type FulfilmentState } from './fulfilment.state.js';
import { unitsIn, unitsOf } from './shares.js';

/** What can be done with an order by hand; named as the methods of Orders. */
export const actions = ['Approve', 'Hold', 'Release', 'Cancel', 'ChangeAddress', 'Intercept', 'Split', 'AllowPartial'] as const;
export type Action = (typeof actions)[number];

/** One of them, with what it needs. */
export type Act =
  | { readonly action: 'Approve'; readonly reason: string }
  | { readonly action: 'Hold'; readonly type: string; readonly blocks: readonly string[]; readonly reason: string }
  /** One hold, or (holdId "") all of a type that can be released. */
  | { readonly action: 'Release'; readonly holdId: string; readonly type: string; readonly reason: string }
  | { readonly action: 'Cancel'; readonly reason: string }
  | { readonly action: 'ChangeAddress'; readonly shipTo: common.Address }
  /** `shipTo`: where what has left is to go instead; null = back. */
  | { readonly action: 'Intercept'; readonly shipTo: common.Address | null; readonly reason: string }
  /** These units go by a fulfilment order of their own. `foId`: the one to take from; "" = the first one that has them. */
  | { readonly action: 'Split'; readonly foId: string; readonly lines: readonly Units[]; readonly reason: string }
  /** Whether what is there may go before what is lacking. */
  | { readonly action: 'AllowPartial'; readonly allowed: boolean; readonly reason: string };

export interface Units {
  readonly lineId: string;
  readonly quantity: number;
}

export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** Why nothing may be done any more. */
export const over = (order: OrderState): Refusal | undefined => {
  if (order.closedAt !== '') return { reason: 'ORDER_CLOSED', message: `order ${order.orderId} is closed` };
  if (order.cancelledAt !== '') return { reason: 'ORDER_CANCELLED', message: `order ${order.orderId} is cancelled` };
  if (cancelling(order)) return { reason: 'ORDER_CANCELLED', message: `order ${order.orderId} is being cancelled (${order.cancel!.reason}); wait for it to end` };
  return undefined;
};

/** Holds that ask whether the order may be sent at all: approving it is the answer. Every other hold has its own release. */
export const answeredByApproval: readonly string[] = ['RISK', 'PAYMENT'];

const approve = (order: OrderState): Refusal | undefined => {
  if (order.approvedAt !== '') return { reason: 'NOT_AUDITABLE', message: `order ${order.orderId} is approved already` };
  if (order.paidAt === '') return { reason: 'NOT_AUDITABLE', message: `order ${order.orderId} is not paid yet` };
  const others = blocking(order, 'AUDIT').filter(({ type }) => !answeredByApproval.includes(type));
  return others.length > 0 ? { reason: 'HELD', message: `${others.map(({ holdId, reason }) => `${holdId} (${reason})`).join(', ')} blocks the audit; release it first` } : undefined;
};

const cancel = (order: OrderState, fulfilment: FulfilmentState): Refusal | undefined => {
  if (progressOf(fulfilment) === 'DELIVERED') return { reason: 'ALREADY_SHIPPED', message: `order ${order.orderId} is delivered` };
  // Interception is asked once.
  return arriving(fulfilment) && order.cancel ? { reason: 'ALREADY_SHIPPED', message: `order ${order.orderId} has left, at least in part; what has left is to be stopped on its way` } : undefined;
};

const changeAddress = (order: OrderState, fulfilment: FulfilmentState): Refusal | undefined => {
  if (complete(fulfilment)) return { reason: 'ALREADY_SHIPPED', message: `everything of order ${order.orderId} has left` };
  return fulfilment.plan === null || fulfilment.cancelled ? { reason: 'BAD_REQUEST', message: `nothing of order ${order.orderId} is to be shipped` } : undefined;
};

/** Why a hold cannot be released by hand: what it waits for is not there. */
export const unreleasable = (hold: Hold, fulfilment: FulfilmentState): Refusal | undefined => {
  // Once a part is on its way a cancel comes too late, and nobody may ever map the SKU: then its line can be let go.
  if (hold.type === 'SKU_UNMATCHED' && !arriving(fulfilment)) return { reason: 'UNKNOWN_SKU', message: `${hold.reason}; map the SKU in the channel, then the hold ends by itself, or cancel the order` };
  if (hold.type === 'PLATFORM_FREEZE' || hold.type === 'REFUND_IN_PROGRESS') return { reason: 'HELD', message: `${hold.reason}; only the platform ends this` };
  if (hold.holdId.startsWith('EXCEPTION:lines-')) return { reason: 'HELD', message: hold.reason };
  const returned = fulfilment.troubles.some(({ kind, ...trouble }) => kind === 'RETURNED' && hold.holdId === troubleHold({ kind, ...trouble }));
  // Where something else arrives or is still to be sent, what came back can be written off.
  if (returned && complete(fulfilment) && !arriving(fulfilment)) return { reason: 'HELD', message: 'the parcel came back; cancel the order' };
  return undefined;
};

const release = (order: OrderState, fulfilment: FulfilmentState): Refusal | undefined =>
  order.holds.some((hold) => !unreleasable(hold, fulfilment)) ? undefined : { reason: 'NO_SUCH_HOLD', message: `order ${order.orderId} has no hold that can be released` };

const intercept = (order: OrderState, fulfilment: FulfilmentState): Refusal | undefined =>
  fulfilment.legs.some(interceptable) ? undefined : { reason: 'BAD_REQUEST', message: `nothing of order ${order.orderId} is on its way that was not asked to be stopped already` };

/** More would be a fault, or somebody playing. */
export const mostParts = 10;

const count = (units: ReadonlyMap<string, number>): number => [...units.values()].reduce((sum, one) => sum + one, 0);

/** Of each fulfilment order that still ships something, the units by order and line that have not left. */
const splittable = (fulfilment: FulfilmentState): readonly (readonly [FulfilmentState, ReadonlyMap<string, number>])[] =>
  eachOf(fulfilment).filter(open).map((one) => [one, unitsOf(remaining(one))] as const).filter(([, units]) => count(units) > 1);

const split = (order: OrderState, fulfilment: FulfilmentState): Refusal | undefined => {
  if ((order.parts ?? []).length >= mostParts) return { reason: 'TOO_LARGE', message: `order ${order.orderId} was split ${mostParts} times; more is not possible` };
  return splittable(fulfilment).length > 0 ? undefined : { reason: 'BAD_REQUEST', message: `order ${order.orderId} has no fulfilment with two units that have not left` };
};

/** The fulfilment order that a split takes from: it has all these units, and keeps at least one. */
export const splitFrom = ({ foId, lines }: Extract<Act, { readonly action: 'Split' }>, orderId: string, fulfilment: FulfilmentState): FulfilmentState | undefined =>
  splittable(fulfilment).find(([one, units]) => (foId === '' || one.foId === foId) && lines.every(({ lineId, quantity }) => quantity <= (units.get(`${orderId}/${lineId}`) ?? 0)) && unitsIn(lines) < count(units))?.[0];

const unsplit = (act: Extract<Act, { readonly action: 'Split' }>, orderId: string, fulfilment: FulfilmentState): Refusal | undefined => {
  if (act.lines.length === 0) return { reason: 'BAD_REQUEST', message: 'lines are missing: what is to go by itself?' };
  if (act.lines.some(({ quantity }) => !Number.isSafeInteger(quantity) || quantity < 1)) return { reason: 'BAD_QUANTITY', message: 'a quantity is a whole number from 1' };
  if (new Set(act.lines.map(({ lineId }) => lineId)).size < act.lines.length) return { reason: 'BAD_REQUEST', message: 'a line stands twice in it' };
  return splitFrom(act, orderId, fulfilment) ? undefined : { reason: 'BAD_QUANTITY', message: 'no fulfilment order of it has these units still to ship and would keep another' };
};

const allowPartial = (order: OrderState, fulfilment: FulfilmentState): Refusal | undefined =>
  complete(fulfilment) ? { reason: 'ALREADY_SHIPPED', message: `everything of order ${order.orderId} has left` } : undefined;

/** The one table: what may be done now is what has no refusal. */
const refusals: Readonly<Record<Action, (order: OrderState, fulfilment: FulfilmentState) => Refusal | undefined>> = {
  Approve: approve,
  Hold: () => undefined,
  Release: release,
  Cancel: cancel,
  ChangeAddress: changeAddress,
  Intercept: intercept,
  Split: split,
  AllowPartial: allowPartial,
};

/** Why an action is not allowed now; undefined if it is. */
export const refusalOf = (action: Action, order: OrderState, fulfilment: FulfilmentState): Refusal | undefined => over(order) ?? refusals[action](order, fulfilment);

/** Served with every order; the decider obeys the same table. */
export const allowedActions = (order: OrderState, fulfilment: FulfilmentState): readonly Action[] =>
  order.placed === null ? [] : actions.filter((action) => !refusalOf(action, order, fulfilment));

type Release = Extract<Act, { readonly action: 'Release' }>;

/** The holds that a release is about: the one that is named, or all of its type that can be released. */
export const holdsToRelease = ({ holdId, type }: Release, { holds }: OrderState, fulfilment: FulfilmentState): readonly Hold[] =>
  holds.filter((hold) => (holdId === '' ? hold.type === type && !unreleasable(hold, fulfilment) : hold.holdId === holdId));

const unreleased = (act: Release, order: OrderState, fulfilment: FulfilmentState): Refusal | undefined => {
  const [hold] = holdsToRelease(act, order, fulfilment);
  if (hold) return unreleasable(hold, fulfilment);
  const which = act.holdId === '' ? `hold of type ${act.type} that can be released` : `hold ${act.holdId}`;
  return { reason: 'NO_SUCH_HOLD', message: `order ${order.orderId} has no ${which}; it has ${order.holds.map((one) => one.holdId).join(', ') || 'none'}` };
};

/** Why this cannot be done to this order now: what the table says of the action, or that the order has not what it is about. */
export const whyNot = (act: Act, orderId: string, order: OrderState, fulfilment: FulfilmentState): Refusal | undefined => {
  if (order.placed === null) return { reason: 'NOT_FOUND', message: `there is no order ${orderId}; list them with Orders/List` };
  const refusal = refusalOf(act.action, order, fulfilment);
  if (refusal) return refusal;
  return act.action === 'Release' ? unreleased(act, order, fulfilment) : act.action === 'Split' ? unsplit(act, orderId, fulfilment) : undefined;
};

/**
 * The same in bulk work. Of an order that has left, at least in part, Cancel cancels nothing: what has left is stopped on its way. One order's
 * caller sees that in the answer; among thousands it would be counted as done.
 */
export const whyNotInBulk = (act: Act, orderId: string, order: OrderState, fulfilment: FulfilmentState): Refusal | undefined =>
  whyNot(act, orderId, order, fulfilment) ??
  (act.action === 'Cancel' && arriving(fulfilment) ? { reason: 'ALREADY_SHIPPED', message: `order ${orderId} has left, at least in part; Intercept stops what is on its way` } : undefined);

/** Throws it. */
export const permit = (act: Act, orderId: string, order: OrderState, fulfilment: FulfilmentState): void => {
  const refusal = whyNot(act, orderId, order, fulfilment);
  if (refusal) throw new Refused(refusal.reason, refusal.message);
};
