import { parseMessage } from '@flotilla/contracts';
import type { Handler } from '@flotilla/messaging';
import { isSku, stockId } from '../decide/names.js';
import { stock } from '../decide/stock.decider.js';
import { freeOf, type Beside } from '../decide/stock.events.js';

/** What a participant deployed elsewhere says of its stock. What every other warehouse says are our own words. */
export const remoteStockHandlers: Readonly<Record<string, Handler>> = {
  // `sequence` is its position.
  'flotilla.allocation.v1.StockChanged': {
    handle: ({ data, source, time }, unit, ledger) => {
      if (ledger !== 'REMOTE') return;
      const { warehouse, sku, onHand, unsellable, held, confirmed, safety, safetyFromPriority: safetyFrom, inTransit } = parseMessage('flotilla.allocation.v1.StockChanged', data);
      if (!isSku(sku)) return;
      unit.run(stock, stockId(warehouse, sku), { type: 'ForecastStock', data: { warehouse, sku, level: { onHand, unsellable, held, confirmed }, beside: { safety, safetyFrom, inTransit }, from: 'PARTICIPANT', asOf: source.version, at: time } });
    },
  },
  // Else an order would be planned there and refused again and again while its stock is behind on its way here. A refusal has no position; its
  // time is of the same clock as that of the levels, and one that is not later than the last level says nothing new. Nor does one that is repeated:
  // its time is that of the repeat, its figures are those of the first event of the lock.
  'flotilla.lock.v1.StockLockRefused': {
    handle: ({ data, time, source }, unit, ledger) => {
      if (ledger !== 'REMOTE' || source.version > 1) return;
      const { warehouse, free, kept } = parseMessage('flotilla.lock.v1.StockLockRefused', data);
      for (const { sku, quantity } of free.filter((one) => isSku(one.sku))) {
        const { known, forecastAsOf, forecastAt, unsellable, held, confirmed, onHand, safety, safetyFrom, inTransit } = unit.state(stock, stockId(warehouse, sku));
        const level = { unsellable, held, confirmed, onHand: Math.min(onHand, unsellable + held + confirmed + quantity) };
        const beside: Beside = { safety: Math.max(safety, kept.find((one) => one.sku === sku)?.quantity ?? 0), safetyFrom, inTransit };
        if (!known || time <= forecastAt || (quantity >= freeOf({ ...level, onHand }) && beside.safety === safety)) continue;
        unit.run(stock, stockId(warehouse, sku), { type: 'ForecastStock', data: { warehouse, sku, level, beside, from: 'PARTICIPANT', asOf: forecastAsOf, at: time } });
      }
    },
  },
};
