import type { ingest } from '@flotilla/contracts';

/** An order that is not sent any more, of which its platform should hear. */
export interface CancellationIntent {
  readonly orderId: string;
  readonly channel: string;
  readonly channelOrderId: string;
  readonly reason: string;
}

export type CancellationEvent =
  | { readonly type: 'CancellationRequested'; readonly data: CancellationIntent }
  /** The platform has cancelled it or paid it back itself, or follows our topics. */
  | { readonly type: 'CancellationNotNeeded'; readonly data: Pick<CancellationIntent, 'orderId'> }
  /** An attempt ended without an answer, or was put off; the platform is read before the next one. */
  | { readonly type: 'CancellationUnknown'; readonly data: { readonly orderId: string; readonly why: string } }
  | { readonly type: 'ChannelCancellationTold'; readonly data: ingest.ChannelCancellationTold }
  | { readonly type: 'ChannelCancellationRefused'; readonly data: ingest.ChannelCancellationRefused };
