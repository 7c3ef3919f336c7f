import { parseMessage, topics } from '@flotilla/contracts';
import type { Handler } from '@flotilla/messaging';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { isOurSku } from '../decide/sku-lines.js';
import { supply } from '../decide/supply.decider.js';

const frozen = (name: 'flotilla.allocation.v1.SkuFrozen' | 'flotilla.allocation.v1.SkuUnfrozen'): Handler => ({
  handle: ({ data, time }, unit) => {
    const { sku } = parseMessage(name, data);
    // What could not be a SKU of a stream's name is no SKU that allocation keeps stock of.
    if (isOurSku(sku)) unit.run(supply, sku, { type: 'NoteFreeze', data: { sku, frozen: name.endsWith('SkuFrozen'), at: time } });
  },
});

/** What may be sold, as allocation says it: channels are told of it. */
export const stockEventsConsumer: ServiceConsumer = {
  name: 'ingest-stock',
  topics: [topics.stock, topics.catalogue],
  handlers: {
    'flotilla.allocation.v1.StockChanged': {
      handle: ({ data, time }, unit) => {
        const { sku, warehouse, available } = parseMessage('flotilla.allocation.v1.StockChanged', data);
        if (isOurSku(sku)) unit.run(supply, sku, { type: 'NoteSupply', data: { sku, warehouse, available, at: time } });
      },
    },
    'flotilla.allocation.v1.SkuFrozen': frozen('flotilla.allocation.v1.SkuFrozen'),
    'flotilla.allocation.v1.SkuUnfrozen': frozen('flotilla.allocation.v1.SkuUnfrozen'),
  },
};
