import type { ingest } from '@flotilla/contracts';
import type { Decider } from '@flotilla/decider';

export type ToldCommand = { readonly type: 'NoteTold'; readonly data: ingest.ChannelStockTold };
export type ToldEvent = { readonly type: 'ChannelTold'; readonly data: ingest.ChannelStockTold };

/** What a channel was told of a SKU, by channel and SKU: ingest tells it, and sales of what was not there are measured against it. */
export const told: Decider<null, ToldCommand, ToldEvent> = { category: 'told', initial: null, evolve: (state) => state, decide: ({ data }) => [{ type: 'ChannelTold', data }] };
