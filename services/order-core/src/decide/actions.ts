import { Refused } from '@flotilla/decider';
import { blocking, cancelling, type Hold, type OrderState } from './order.state.js';
import { arriving, complete, progressOf, type FulfilmentState } from './fulfilment.state.js';

/** What can be done with an order by hand; named as the methods of Orders. */
export const actions = ['Approve', 'Hold', 'Release', 'Cancel', 'ChangeAddress'] as const;
export type Action = (typeof actions)[number];

interface Refusal {
  readonly reason: string;
  readonly message: string;
}

const over = (order: OrderState): Refusal | undefined => {
  if (order.closedAt !== '') return { reason: 'ORDER_CLOSED', message: `order ${order.orderId} is closed` };
  if (order.cancelledAt !== '') return { reason: 'ORDER_CANCELLED', message: `order ${order.orderId} is cancelled` };
  if (cancelling(order)) return { reason: 'ORDER_CANCELLED', message: `order ${order.orderId} is being cancelled (${order.cancel!.reason}); wait for it to end` };
  return undefined;
};

const approve = (order: OrderState): Refusal | undefined => {
  if (order.approvedAt !== '') return { reason: 'NOT_AUDITABLE', message: `order ${order.orderId} is approved already` };
  if (order.paidAt === '') return { reason: 'NOT_AUDITABLE', message: `order ${order.orderId} is not paid yet` };
  // Approving answers what the risk rules asked; every other hold has its own release.
  const others = blocking(order, 'AUDIT').filter(({ type }) => type !== 'RISK');
  return others.length > 0 ? { reason: 'HELD', message: `${others.map(({ holdId }) => holdId).join(', ')} blocks the audit; release it first` } : undefined;
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
  if (hold.holdId.startsWith('EXCEPTION:lines-')) return { reason: 'HELD', message: hold.reason };
  const returned = fulfilment.troubles.some(({ kind, number }) => kind === 'RETURNED' && hold.holdId === `EXCEPTION:${number}`);
  // Where something else arrives or is still to be sent, what came back can be written off.
  if (returned && complete(fulfilment) && !arriving(fulfilment)) return { reason: 'HELD', message: 'the parcel came back; cancel the order' };
  return undefined;
};

const release = (order: OrderState, fulfilment: FulfilmentState): Refusal | undefined =>
  order.holds.some((hold) => !unreleasable(hold, fulfilment)) ? undefined : { reason: 'NO_SUCH_HOLD', message: `order ${order.orderId} has no hold that can be released` };

/** Why an action is not allowed now; undefined if it is. */
export const refusalOf = (action: Action, order: OrderState, fulfilment: FulfilmentState): Refusal | undefined => {
  const ending = over(order);
  if (ending) return ending;
  switch (action) {
    case 'Approve':
      return approve(order);
    case 'Hold':
      return undefined;
    case 'Release':
      return release(order, fulfilment);
    case 'Cancel':
      return cancel(order, fulfilment);
    case 'ChangeAddress':
      return changeAddress(order, fulfilment);
  }
};

/** Served with every order; the commands obey the same rules. */
export const allowedActions = (order: OrderState, fulfilment: FulfilmentState): readonly Action[] =>
  order.placed === null ? [] : actions.filter((action) => !refusalOf(action, order, fulfilment));

/** Throws NOT_FOUND or what `refusalOf` says. */
export const permit = (action: Action, orderId: string, order: OrderState, fulfilment: FulfilmentState): void => {
  if (order.placed === null) throw new Refused('NOT_FOUND', `there is no order ${orderId}; list them with Orders/List`);
  const refusal = refusalOf(action, order, fulfilment);
  if (refusal) throw new Refused(refusal.reason, refusal.message);
};

/** The hold, if it is there and may be released; throws NO_SUCH_HOLD or why not. */
export const permitRelease = (holdId: string, order: OrderState, fulfilment: FulfilmentState): void => {
  const hold = order.holds.find((one) => one.holdId === holdId);
  if (!hold) throw new Refused('NO_SUCH_HOLD', `order ${order.orderId} has no hold ${holdId}; it has ${order.holds.map((one) => one.holdId).join(', ') || 'none'}`);
  const refusal = unreleasable(hold, fulfilment);
  if (refusal) throw new Refused(refusal.reason, refusal.message);
};
