import type { InboundKind } from './stock.events.js';

export interface InboundLine {
  readonly sku: string;
  /** Of a transfer that was requested; absent of all others. */
  readonly requested?: number;
  /** On its way or arrived, in all. */
  readonly announced: number;
  /** Unsellable ones included. */
  readonly received: number;
  readonly unsellable: number;
}

/** What every event says: the whole inbound as it leaves it. */
export interface InboundHead {
  readonly inbound: string;
  readonly kind: InboundKind;
  readonly warehouse: string;
  /** Of a transfer; "" of a purchase. */
  readonly fromWarehouse: string;
  readonly expectedAt: string;
  readonly reference: string;
  readonly lines: readonly InboundLine[];
}

export interface Received {
  readonly sku: string;
  readonly quantity: number;
  readonly unsellable: number;
  /** Why they are unsellable. */
  readonly cause: string;
}

export type InboundEvent =
  /** A transfer is asked for, or asked for anew; nothing moves. */
  | { readonly type: 'TransferRequested'; readonly data: InboundHead }
  /** It has left, `announced` of each line. */
  | { readonly type: 'TransferShipped'; readonly data: InboundHead & { readonly reason: string } }
  /** It will not leave. */
  | { readonly type: 'TransferCancelled'; readonly data: InboundHead & { readonly reason: string } }
  /** Also when more, fewer or later ones are said to come. */
  | { readonly type: 'InboundAnnounced'; readonly data: InboundHead }
  | { readonly type: 'InboundReceived'; readonly data: InboundHead & { readonly received: readonly Received[]; /** Absent of those that were received before it was kept. */ readonly reason?: string } }
  /** Nothing more will come; `differences`: received − announced, where that is not 0. */
  | { readonly type: 'InboundClosed'; readonly data: InboundHead & { readonly differences: readonly { readonly sku: string; readonly difference: number }[]; readonly reason: string } };
