import { parseMessage, topics, type allocation } from '@flotilla/contracts';
import type { Handler } from '@flotilla/messaging';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { isOurSku } from '../decide/sku-lines.js';
import { supply } from '../decide/supply.decider.js';

// What could not be a SKU of a stream's name is no SKU that allocation keeps stock of.
const streams: NonNullable<Handler['streams']> = ({ data }) => {
  const { sku } = data as allocation.StockChanged | allocation.SkuFrozen | allocation.SkuUnfrozen;
  return isOurSku(sku) ? [[supply, sku]] : [];
};

const frozen = (name: 'flotilla.allocation.v1.SkuFrozen' | 'flotilla.allocation.v1.SkuUnfrozen'): Handler => ({
  streams,
  handle: ({ data, time }, unit) => {
    const { sku } = parseMessage(name, data);
    if (isOurSku(sku)) unit.run(supply, sku, { type: 'NoteFreeze', data: { sku, frozen: name.endsWith('SkuFrozen'), at: time } });
  },
});

/** What may be sold, as allocation says it: channels are told of it. */
export const stockEventsConsumer: ServiceConsumer = {
  name: 'ingest-stock',
  topics: [topics.stock, topics.catalogue],
  handlers: {
    'flotilla.allocation.v1.StockChanged': {
      streams,
      handle: ({ data, time }, unit) => {
        const { sku, warehouse, available } = parseMessage('flotilla.allocation.v1.StockChanged', data);
        if (isOurSku(sku)) unit.run(supply, sku, { type: 'NoteSupply', data: { sku, warehouse, available, at: time } });
      },
    },
    'flotilla.allocation.v1.SkuFrozen': frozen('flotilla.allocation.v1.SkuFrozen'),
    'flotilla.allocation.v1.SkuUnfrozen': frozen('flotilla.allocation.v1.SkuUnfrozen'),
  },
};
