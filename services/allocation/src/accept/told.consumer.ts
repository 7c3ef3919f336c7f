import { parseMessage, topics } from '@flotilla/contracts';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { isSku } from '../decide/names.js';
import { told } from '../decide/told.decider.js';

/** ingest says what channels have accepted: how late a channel heard of a last unit stands beside what it sold after it. */
export const toldChannels: ServiceConsumer = {
  name: 'allocation-told',
  topics: [topics.ingest],
  handlers: {
    'flotilla.ingest.v1.ChannelStockTold': {
      handle: ({ data }, unit) => {
        const pushed = parseMessage('flotilla.ingest.v1.ChannelStockTold', data);
        if (!isSku(pushed.sku) || !/^[a-z0-9][a-z0-9-]{0,59}$/.test(pushed.channel)) return;
        unit.run(told, `${pushed.channel}.${pushed.sku}`, { type: 'NoteTold', data: pushed });
      },
    },
  },
};
