import type { ingest } from '@flotilla/contracts';

export type ShipByEvent =
  /** Until when an order must be shipped, as its platform says; `nearAt`: when four fifths of that time are over. */
  | { readonly type: 'ShipBySet'; readonly data: { readonly orderId: string; readonly channel: string; readonly channelOrderId: string; readonly shipBy: string; readonly nearAt: string; readonly modifiedAt: string } }
  /** It was shipped, or need not be, before anybody had to be told; or the platform says so of one that had no deadline. */
  | { readonly type: 'ShipByMet'; readonly data: { readonly orderId: string; readonly modifiedAt: string } }
  | { readonly type: 'ChannelShipByNear'; readonly data: ingest.ChannelShipByNear }
  | { readonly type: 'ChannelShipByOver'; readonly data: ingest.ChannelShipByOver };
