import type { Follower } from '@flotilla/event-store';
import { projectChannelOrders } from './channel-order-list.js';
import { projectChannels } from './channel-list.js';
import { projectFileSources } from './file-source-list.js';
import { projectImports } from './order-import-list.js';
import { projectQuarantine } from './quarantine-list.js';
import { projectSkuMap } from './sku-map-list.js';
import { projectStock } from './stock-list.js';
import { projectCancellations, projectWriteBacks } from './write-back-list.js';

/** All read models of this service follow the log together: one transaction per batch. */
export const lists: Follower = {
  name: 'lists',
  inside: async (events, tx) => {
    await projectChannels(events, tx);
    await projectChannelOrders(events, tx);
    await projectQuarantine(events, tx);
    await projectWriteBacks(events, tx);
    await projectCancellations(events, tx);
    await projectStock(events, tx);
    await projectSkuMap(events, tx);
    await projectImports(events, tx);
    await projectFileSources(events, tx);
  },
};
