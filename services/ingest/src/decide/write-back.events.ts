import type { ingest } from '@flotilla/contracts';

/** A shipment that a platform should hear of: one parcel, one channel order. */
export interface WriteBackIntent {
  readonly orderId: string;
  readonly channel: string;
  readonly channelOrderId: string;
  readonly parcelId: string;
  readonly carrier: string;
  readonly waybill: string;
  readonly lines: readonly { readonly channelLineId: string; readonly quantity: number }[];
  readonly shippedAt: string;
}

export type WriteBackEvent =
  | { readonly type: 'WriteBackRequested'; readonly data: WriteBackIntent }
  /** The platform follows our topics itself. */
  | { readonly type: 'WriteBackNotNeeded'; readonly data: WriteBackIntent }
  /** An attempt ended without an answer, or was put off; the platform is read before the next one. */
  | { readonly type: 'WriteBackUnknown'; readonly data: { readonly orderId: string; readonly parcelId: string; readonly why: string } }
  | { readonly type: 'WriteBackSucceeded'; readonly data: ingest.WriteBackSucceeded }
  | { readonly type: 'WriteBackFailed'; readonly data: ingest.WriteBackFailed };

/** The id of the stream. */
export const writeBackId = (parcelId: string, orderId: string): string => `${parcelId}.${orderId}`;
