import type { settlement } from '@flotilla/contracts';
import type { Line, Verdict, Waiting } from './line.js';
import type { Money } from './money.js';

export type ReceivableEvent =
  | { readonly type: 'ReceivableOpened'; readonly data: { readonly orderId: string; readonly channel: string; readonly number: string; readonly total: Money; readonly placedAt: string; readonly paid: boolean } }
  | { readonly type: 'ReceivableAmended'; readonly data: { readonly orderId: string; readonly total: Money } }
  | { readonly type: 'ReceivablePaid'; readonly data: { readonly orderId: string } }
  | { readonly type: 'ReceivableCancelled'; readonly data: { readonly orderId: string } }
  | { readonly type: 'ReceivableRefunded'; readonly data: { readonly orderId: string; readonly refundId: string; readonly amount: Money; readonly afterShipping: boolean } }
  /** The parcel came before the order: kept until the order tells what it is worth. */
  | { readonly type: 'ShipmentRemembered'; readonly data: { readonly orderId: string; readonly shippedAt: string } }
  /** Revenue, once per order, however many parcels it has. */
  | { readonly type: 'ReceivableShipped'; readonly data: { readonly orderId: string; readonly amount: Money; readonly shippedAt: string } }
  | { readonly type: 'LineTaken'; readonly data: { readonly orderId: string; readonly statementId: string; readonly line: Line; readonly verdict: Exclude<Verdict, { outcome: 'WAITING' }>; readonly refundIds: readonly string[] } }
  | { readonly type: 'LineAwaitsRefund'; readonly data: Waiting & { readonly orderId: string } }
  | { readonly type: 'OrderSettled'; readonly data: settlement.OrderSettled };
