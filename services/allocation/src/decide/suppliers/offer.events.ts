import type { allocation, common, lock as wire } from '@flotilla/contracts';
import type { LockReply } from '../lock.events.js';

interface Head {
  readonly lockId: string;
  readonly foId: string;
  readonly round: number;
  readonly warehouse: string;
}

/** What a supplier is written about: an offer, one that is over without its doing, one that is to be sent now. */
export type MessageKind = 'OFFER' | 'WITHDRAWN' | 'SHIP';

/** Why a supplier does not take an order. OUT_OF_STOCK: it has none left, until it declares its stock anew. */
export const DECLINES = ['OUT_OF_STOCK', 'PRICE', 'OTHER'] as const;
export type Decline = (typeof DECLINES)[number];

/** An offer to a supplier, which is a lock in it. The replies, StockLockPending, SupplierShipped, the SupplierOverdue pair and PackingVideoAttached are published; all else is memory. */
export type OfferEvent =
  | LockReply
  | { readonly type: 'LockAnswered'; readonly data: { readonly reply: LockReply } }
  /** Published as StockLockPending. `until`: business time. `day`: on which it has a place of the supplier's; "" or absent = they are not counted. */
  | { readonly type: 'OfferMade'; readonly data: Head & { readonly lines: readonly common.SkuQuantity[]; readonly priority: number; readonly fence: number; readonly at: string; readonly until: string; readonly day?: string } }
  /** The same answer once more. */
  | { readonly type: 'StockLockPending'; readonly data: wire.StockLockPending }
  | { readonly type: 'OfferAccepted'; readonly data: Head & { readonly by: string; readonly at: string } }
  | { readonly type: 'OfferRefused'; readonly data: Head & { readonly by: string; readonly at: string; readonly reason: Decline } }
  | { readonly type: 'OfferExpired'; readonly data: Head & { readonly at: string } }
  /** Not wanted any more: cancelled, or served by somebody else. */
  | { readonly type: 'OfferWithdrawn'; readonly data: Head & { readonly at: string; readonly reason: string } }
  /** order-core has released the parcel: where it goes (sealed), and whose it is. `dueAt`: business time by which it should be sent; "" or absent = whenever. */
  | { readonly type: 'ShippingAsked'; readonly data: Head & { readonly parcelId: string; readonly orders: readonly common.OrderShare[]; readonly shipTo: common.Address; readonly number: string; readonly at?: string; readonly dueAt?: string } }
  | { readonly type: 'SupplierOverdue'; readonly data: allocation.SupplierOverdue }
  | { readonly type: 'SupplierOverdueEnded'; readonly data: allocation.SupplierOverdueEnded }
  | { readonly type: 'SupplierShipped'; readonly data: allocation.SupplierShipped & { readonly lockId: string; readonly by: string } }
  | { readonly type: 'PackingVideoAttached'; readonly data: allocation.PackingVideoAttached & { readonly by: string } }
  | { readonly type: 'MessageAttempted'; readonly data: { readonly lockId: string; readonly kind: MessageKind } }
  /** FAILED: nobody told the supplier; it can be seen in the list, and the page answers all the same. */
  | { readonly type: 'MessageSettled'; readonly data: { readonly lockId: string; readonly kind: MessageKind; readonly outcome: 'SENT' | 'FAILED'; readonly detail: string } };
