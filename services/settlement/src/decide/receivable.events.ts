import type { settlement } from '@flotilla/contracts';
import type { Line, Rate, Verdict, Waiting } from './line.js';
import type { Money } from './money.js';

export type ReceivableEvent =
  | {
      readonly type: 'ReceivableOpened';
      /** `shipping` and `subject` (whose key seals what is personal) are absent in what was stored before they were kept. */
      readonly data: {
        readonly orderId: string; readonly channel: string; readonly number: string; readonly total: Money; readonly placedAt: string; readonly paid: boolean;
        readonly shipping?: Money; readonly subject?: string;
      };
    }
  | { readonly type: 'ReceivableAmended'; readonly data: { readonly orderId: string; readonly total: Money } }
  | { readonly type: 'ReceivablePaid'; readonly data: { readonly orderId: string } }
  | { readonly type: 'ReceivableCancelled'; readonly data: { readonly orderId: string } }
  | { readonly type: 'ReceivableRefunded'; readonly data: { readonly orderId: string; readonly refundId: string; readonly amount: Money; readonly afterShipping: boolean } }
  /** The parcel came before the order: kept until the order tells what it is worth. */
  | { readonly type: 'ShipmentRemembered'; readonly data: { readonly orderId: string; readonly shippedAt: string } }
  /** Revenue, once per order, however many parcels it has. */
  | { readonly type: 'ReceivableShipped'; readonly data: { readonly orderId: string; readonly amount: Money; readonly shippedAt: string } }
  | {
      readonly type: 'LineTaken';
      readonly data: {
        readonly orderId: string;
        readonly statementId: string;
        readonly line: Line;
        readonly verdict: Exclude<Verdict, { outcome: 'WAITING' }>;
        readonly refundIds: readonly string[];
        /** What it counts for the order, where that is another currency, and at which rate. */
        readonly counted?: Money;
        readonly rate?: Rate;
        /** A promotion that the order's total has left out already: it lowers what came, not what was earned. */
        readonly deducted?: boolean;
        /** It was flagged before, and what came later explains it. */
        readonly later?: boolean;
      };
    }
  | { readonly type: 'LineAwaitsRefund'; readonly data: Waiting & { readonly orderId: string } }
  /** A person has decided about a charge that deviated: no later one explains it. */
  | { readonly type: 'DisputeEnded'; readonly data: { readonly orderId: string; readonly lineId: string } }
  /** A rest that nobody will pay any more: within tolerance by rule, beyond it by a person. `of` is what it stands against. */
  | { readonly type: 'DifferenceAccepted'; readonly data: { readonly orderId: string; readonly of: 'RECEIVABLE' | 'REFUND'; readonly amount: Money; readonly by: string; readonly key: string } }
  | { readonly type: 'InvoiceRecorded'; readonly data: settlement.InvoiceRecorded }
  | { readonly type: 'OrderSettled'; readonly data: settlement.OrderSettled };
