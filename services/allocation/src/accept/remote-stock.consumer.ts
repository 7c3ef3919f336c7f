import { parseMessage } from '@flotilla/contracts';
import type { Handler } from '@flotilla/messaging';
import { isSku, stockId } from '../decide/names.js';
import { stock } from '../decide/stock.decider.js';

/** What a participant deployed elsewhere says of its stock; `sequence` is its position. Levels of every other warehouse are our own words. */
export const remoteStockHandlers: Readonly<Record<string, Handler>> = {
  'flotilla.allocation.v1.StockChanged': {
    handle: ({ data, source }, unit, ledger) => {
      if (ledger !== 'REMOTE') return;
      const { warehouse, sku, onHand, unsellable, held, confirmed } = parseMessage('flotilla.allocation.v1.StockChanged', data);
      if (!isSku(sku)) return;
      unit.run(stock, stockId(warehouse, sku), { type: 'ForecastStock', data: { warehouse, sku, level: { onHand, unsellable, held, confirmed }, from: 'PARTICIPANT', asOf: source.version } });
    },
  },
};
