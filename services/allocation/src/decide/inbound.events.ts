import type { InboundKind } from './stock.events.js';

export interface InboundLine {
  readonly sku: string;
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
  /** Also when more, fewer or later ones are said to come. */
  | { readonly type: 'InboundAnnounced'; readonly data: InboundHead }
  | { readonly type: 'InboundReceived'; readonly data: InboundHead & { readonly received: readonly Received[] } }
  /** Nothing more will come; `differences`: received − announced, where that is not 0. */
  | { readonly type: 'InboundClosed'; readonly data: InboundHead & { readonly differences: readonly { readonly sku: string; readonly difference: number }[]; readonly reason: string } };
