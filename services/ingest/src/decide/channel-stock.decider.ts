import type { ingest } from '@flotilla/contracts';
import type { Decider } from '@flotilla/decider';

export interface NoteTold {
  readonly type: 'NoteTold';
  readonly data: Omit<ingest.ChannelStockTold, 'delayMs'>;
}

export interface ToldEvent {
  readonly type: 'ChannelStockTold';
  readonly data: ingest.ChannelStockTold;
}

/** What a channel has accepted of a SKU. */
export const channelStock: Decider<null, NoteTold, ToldEvent> = {
  category: 'channelStock',
  initial: null,
  evolve: (state) => state,
  decide: ({ data }) => [{ type: 'ChannelStockTold', data: { ...data, delayMs: Math.max(0, Date.parse(data.acceptedAt) - Date.parse(data.since)) } }],
};
