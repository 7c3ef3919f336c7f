import type { ingest } from '@flotilla/contracts';

/** A message about an order, as it came in. */
export interface Delivery {
  readonly orderId: string;
  readonly channel: string;
  /** "" if not even that could be read. */
  readonly channelOrderId: string;
  /** The platform's id of the message: the same one again changes nothing. */
  readonly deliveryId: string;
  /** `announce`: the message says that there is a new order. */
  readonly kind: 'announce' | 'update';
  readonly source: 'WEBHOOK' | 'TOPIC' | 'PULL' | 'FILE';
  readonly topic: string;
  /** When the platform sent it, "" if it does not say. */
  readonly sentAt: string;
  readonly receivedAt: string;
  /** The bytes, packed and sealed; opened for a replay. */
  readonly raw: readonly string[];
}

export interface Refund {
  readonly refundId: string;
  readonly state: 'requested' | 'settled' | 'withdrawn';
  readonly modifiedAt: string;
  readonly amount: number;
  readonly currency: string;
  /** Units that will not be shipped any more; units that came back are not among them. */
  readonly lines: readonly { readonly channelLineId: string; readonly sku: string; readonly quantity: number }[];
}

/** What stays true whatever comes later or came earlier. */
export interface Facts {
  readonly modifiedAt: string;
  /** `told`: the amount is what the platform says was paid; absent: it does not say, and the amount is the order's total. */
  readonly paid: { readonly paidAt: string; readonly amount: number; readonly currency: string; readonly told?: true } | null;
  readonly cancelled: { readonly cancelledAt: string; readonly reason: string } | null;
  readonly refunds: readonly Refund[];
  /** There are no other refunds at the platform. */
  readonly allRefunds?: boolean;
  /** Whether the platform forbids to ship for now; absent where it does not say. The newest word holds. */
  readonly frozen?: { readonly frozen: boolean; readonly reason: string };
  /** By when the platform wants it shipped, and from when it counts; null: nothing is due (any more). Absent where the platform sets no time. */
  readonly shipBy?: { readonly from: string; readonly until: string } | null;
}

/**
 * Which content is newest: by the platform's clock; within one of its seconds a webhook, which says more, before pull, topic and file,
 * then what was sent later; then by fingerprint, so that every order of arrival comes to the same end.
 */
export interface ContentKey {
  readonly modifiedAt: string;
  readonly source: Delivery['source'];
  readonly sentAt: string;
  /** HMAC over the content in clear, without payment and times: sealing the same text twice gives different texts. */
  readonly fingerprint: string;
  readonly payment: ingest.PaymentState;
}

/** What was understood of a delivery. */
export interface Understood {
  readonly deliveryId: string;
  /** null: facts alone. */
  readonly content: ContentKey | null;
  readonly facts: Facts;
  /** Of an order that nobody had heard of: the platform's ids of lines that have left already. */
  readonly left?: readonly string[];
}

export type ChannelOrderEvent =
  | { readonly type: 'DeliveryRecorded'; readonly data: Delivery & Understood }
  /** It cannot be understood. `parks`: the order is not there yet, so that what comes later waits behind it. `facts`: what of it holds for an order that is there. */
  | { readonly type: 'DeliveryQuarantined'; readonly data: Delivery & { readonly reason: string; readonly detail: string; readonly parks: boolean; readonly facts?: Facts } }
  | { readonly type: 'DeliveryQueued'; readonly data: Delivery & { readonly behind: string } }
  /** A quarantined delivery was understood after all. `movedTo`: it is of that order, whose stream goes on with it. */
  | { readonly type: 'QuarantineReplayed'; readonly data: { readonly orderId: string; readonly deliveryId: string; readonly corrected: readonly string[]; readonly by: string; readonly at: string; readonly movedTo: string } }
  | { readonly type: 'QuarantineReplayFailed'; readonly data: { readonly orderId: string; readonly deliveryId: string; readonly reason: string; readonly detail: string; readonly by: string; readonly at: string } }
  /** What a replay understood; the delivery was counted when it came in. `waited`: it stood behind the one that parked the order. */
  | { readonly type: 'DeliveryApplied'; readonly data: { readonly orderId: string; readonly waited: boolean } & Understood }
  /** A delivery that waited cannot be understood either. */
  | { readonly type: 'QueuedDeliveryQuarantined'; readonly data: { readonly orderId: string; readonly deliveryId: string; readonly reason: string; readonly detail: string; readonly parks: boolean } }
  /** A parcel with lines that the SKU map made. `channelLines`: what of it the platform knows, complete units alone. */
  | { readonly type: 'PartsShipped'; readonly data: { readonly orderId: string; readonly parcelId: string; readonly lines: readonly { readonly lineId: string; readonly quantity: number }[]; readonly channelLines: readonly { readonly channelLineId: string; readonly quantity: number }[] } }
  | { readonly type: 'ChannelOrderReceived'; readonly data: ingest.ChannelOrderReceived }
  | { readonly type: 'ChannelOrderAmended'; readonly data: ingest.ChannelOrderAmended }
  | { readonly type: 'ChannelOrderPaid'; readonly data: ingest.ChannelOrderPaid }
  | { readonly type: 'ChannelOrderCancelled'; readonly data: ingest.ChannelOrderCancelled }
  | { readonly type: 'ChannelRefundRequested'; readonly data: ingest.ChannelRefundRequested }
  | { readonly type: 'ChannelRefundSettled'; readonly data: ingest.ChannelRefundSettled }
  | { readonly type: 'ChannelRefundWithdrawn'; readonly data: ingest.ChannelRefundWithdrawn }
  | { readonly type: 'ChannelFrozen'; readonly data: ingest.ChannelFrozen };
