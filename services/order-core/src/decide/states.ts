import { alive, busy, complete, delivered, fulfilled, gone, left, needsRound, open, pendingLegs, returning, type FulfilmentState, type Leg } from './fulfilment.state.js';
import { blocking, cancelling, unpaid, type OrderState } from './order.state.js';

/** Every state of an order, in the order of its life, with the names that people see. The one table of them. */
export const orderStates = {
  NEW: { zh: '新建', en: 'New' },
  AWAITING_PAYMENT: { zh: '待付款', en: 'Awaiting payment' },
  AUDITING: { zh: '待审核', en: 'In audit' },
  APPROVED: { zh: '已审核', en: 'Approved' },
  ALLOCATING: { zh: '配货中', en: 'Allocating' },
  ALLOCATED: { zh: '已配货', en: 'Allocated' },
  IN_FULFILMENT: { zh: '发货处理中', en: 'In fulfilment' },
  PARTIALLY_SHIPPED: { zh: '部分发货', en: 'Partially shipped' },
  SHIPPED: { zh: '已发货', en: 'Shipped' },
  PARTIALLY_DELIVERED: { zh: '部分签收', en: 'Partially delivered' },
  DELIVERED: { zh: '已签收', en: 'Delivered' },
  CLOSED: { zh: '已完结', en: 'Closed' },
  CANCELLED: { zh: '已取消', en: 'Cancelled' },
  REJECTED_RISK: { zh: '风控拒绝', en: 'Rejected for risk' },
} as const satisfies Record<string, { zh: string; en: string }>;
export type OrderStateName = keyof typeof orderStates;

export const fulfilmentStates = {
  PLANNED: { zh: '已计划', en: 'Planned' },
  ALLOCATING: { zh: '配货中', en: 'Allocating' },
  BACKORDERED: { zh: '缺货等待', en: 'Backordered' },
  ALLOCATED: { zh: '已配货', en: 'Allocated' },
  RELEASED: { zh: '已下发', en: 'Released' },
  WAYBILLED: { zh: '已出面单', en: 'Waybilled' },
  PARTIALLY_SHIPPED: { zh: '部分发货', en: 'Partially shipped' },
  SHIPPED: { zh: '已发货', en: 'Shipped' },
  PARTIALLY_DELIVERED: { zh: '部分签收', en: 'Partially delivered' },
  DELIVERED: { zh: '已签收', en: 'Delivered' },
  CANCELLING: { zh: '取消中', en: 'Cancelling' },
  CANCELLED: { zh: '已取消', en: 'Cancelled' },
} as const satisfies Record<string, { zh: string; en: string }>;
export type FulfilmentStateName = keyof typeof fulfilmentStates;

/** The reason with which the desk rejects an order for risk. */
export const riskReason = 'risk';

/** How far what has left has come; undefined if nothing has. */
const shippedStateOf = (fulfilment: FulfilmentState): 'PARTIALLY_SHIPPED' | 'SHIPPED' | 'PARTIALLY_DELIVERED' | 'DELIVERED' | undefined => {
  const { legs } = fulfilment;
  if (!legs.some(gone)) return undefined;
  if (!complete(fulfilment) || !legs.filter(left).every(gone)) return 'PARTIALLY_SHIPPED';
  if (fulfilled(fulfilment)) return 'DELIVERED';
  return legs.some(delivered) ? 'PARTIALLY_DELIVERED' : 'SHIPPED';
};

/** Derived: only AWAITING_PAYMENT, AUDITING, APPROVED, CANCELLED and CLOSED are the order's own. */
export const orderStateOf = (order: OrderState, fulfilment: FulfilmentState): OrderStateName => {
  if (order.placed === null) return 'NEW';
  if (order.cancelledAt !== '') return order.cancel?.reason === riskReason ? 'REJECTED_RISK' : 'CANCELLED';
  if (order.closedAt !== '') return 'CLOSED';
  const shipped = shippedStateOf(fulfilment);
  if (shipped) return shipped;
  if (fulfilment.legs.some(alive)) return 'IN_FULFILMENT';
  if (order.approvedAt === '') return order.paidAt === '' ? 'AWAITING_PAYMENT' : 'AUDITING';
  if (fulfilment.allocation === 'GRANTED' && !needsRound(fulfilment)) return 'ALLOCATED';
  return fulfilment.allocation === 'NONE' ? 'APPROVED' : 'ALLOCATING';
};

export const fulfilmentStateOf = (state: FulfilmentState): FulfilmentStateName => {
  const shipped = shippedStateOf(state);
  if (shipped) return shipped;
  if (state.cancelled) return state.stockReturned ? 'CANCELLED' : 'CANCELLING';
  const released = state.legs.filter(alive);
  if (released.length > 0) {
    if (released.every((leg) => busy(leg) && leg.parcel!.recall !== '')) return 'CANCELLING';
    return released.every(({ parcel }) => parcel!.stage === 'WAYBILLED') ? 'WAYBILLED' : 'RELEASED';
  }
  if (needsRound(state)) return state.round === 0 ? 'PLANNED' : 'ALLOCATING';
  return state.allocation === 'GRANTED' ? 'ALLOCATED' : state.allocation === 'BACKORDERED' ? 'BACKORDERED' : 'ALLOCATING';
};

/** Everything that an order can wait for; `HOLD:` is followed by the hold's type. */
export const waits = ['TIMER:PAYMENT', 'AUDIT', 'ALLOCATION', 'BACKORDER', 'WAYBILL', 'SHIP', 'CHANGE', 'VOID', 'RELEASE_OF_STOCK', 'DELIVERY', 'SETTLEMENT'] as const;

/** What the order waits for: somebody's answer, a timer or a hold that exists. "" once nothing is owed any more. */
export const waitsForOf = (order: OrderState, fulfilment: FulfilmentState): string => {
  if (order.placed === null || order.cancelledAt !== '' || order.closedAt !== '') return '';
  const held = (...steps: readonly string[]): string => {
    const [hold] = blocking(order, ...steps);
    return hold ? `HOLD:${hold.type}` : '';
  };
  const exception = order.holds.some(({ type }) => type === 'EXCEPTION');
  if (fulfilment.legs.some((leg) => busy(leg) && leg.parcel!.recall !== '')) return 'VOID';
  if (complete(fulfilment) && !(fulfilment.cancelled && returning(fulfilment))) return whenComplete(fulfilment, exception);
  // Of several parts the one that is farthest behind is waited for; one that was split off may have no stock yet, and so no leg.
  const underWay = fulfilment.legs.filter(alive);
  const stockless = (fulfilment.of ?? []).some((one) => open(one) && pendingLegs(one).length === 0);
  if (underWay.length > 0 && !stockless && !pendingLegs(fulfilment).some((leg) => !alive(leg))) return parcelWait(underWay);
  if (cancelling(order) || (fulfilment.cancelled && returning(fulfilment))) return 'RELEASE_OF_STOCK';
  if (unpaid(order)) return 'TIMER:PAYMENT';
  if (order.approvedAt === '') return held('AUDIT') || (order.holds.some(({ type }) => type === 'ADDRESS') ? 'HOLD:ADDRESS' : 'AUDIT');
  if (fulfilment.plan === null || fulfilment.cancelled) return exception ? 'HOLD:EXCEPTION' : 'SETTLEMENT';
  if (needsRound(fulfilment)) return held('ALLOCATE') || 'ALLOCATION';
  if (fulfilment.allocation === 'BACKORDERED') return 'BACKORDER';
  return fulfilment.allocation === 'GRANTED' ? held('RELEASE', 'LABEL', 'SHIP') : 'ALLOCATION';
};

const whenComplete = (fulfilment: FulfilmentState, exception: boolean): string => {
  if (fulfilment.legs.some(alive)) return 'SHIP';
  return exception ? 'HOLD:EXCEPTION' : fulfilled(fulfilment) ? 'SETTLEMENT' : 'DELIVERY';
};

const parcelWait = (legs: readonly Leg[]): string => {
  const stoppable = legs.filter(busy);
  if (stoppable.some(({ parcel }) => parcel!.change)) return 'CHANGE';
  return stoppable.some(({ parcel }) => parcel!.stage === 'RELEASED') ? 'WAYBILL' : 'SHIP';
};
