import { setTimeout as sleep } from 'node:timers/promises';
import { allocation as api } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Request, Unit } from '@flotilla/event-store';
import { pageOf, pageToken, serve, type Call, type Served, type ServiceContext } from '@flotilla/service-kit';
import { LocksNeeded, moveShelf, type ShelfCommand } from '../coordinate/shelf.js';
import { isSku, isWarehouse, stockId } from '../decide/names.js';
import { sku as article } from '../decide/sku.decider.js';
import { stock } from '../decide/stock.decider.js';
import { warehouse } from '../decide/warehouse.decider.js';
import { locksToDisplace } from '../project/live-locks.projection.js';
import { levelNow, listStock } from '../query/lists.query.js';
import { importRows } from './import.js';
import { instantOf, integerOf } from './csv-rows.js';

/** An adjustment for this reason sets goods aside: they stay on hand and cannot be sold. */
const UNSELLABLE = 'UNSELLABLE';

// The list of live locks follows the log by some milliseconds; it is asked again this long.
const LIST_BEHIND_MS = 5_000;

/** Stock: counts by file, adjustments by hand, levels. `keeps`: whether the warehouse's ledger is in this database; of others only levels are told. */
export const stockGrpc = ({ store, pool }: Pick<ServiceContext, 'store' | 'pool'>, keeps: (site: api.Warehouse) => boolean): Served => {
  const kept = (unit: Unit, site: string): Unit => {
    const described = unit.state(warehouse, site);
    if (described && !keeps(described)) throw new Refused('LEDGER_ELSEWHERE', `the ledger of ${site} is kept elsewhere (${described.ledger}); its stock changes there, or by a feed`);
    return unit;
  };
  const move = async (command: ShelfCommand, call: Call, request?: Request): Promise<boolean> => {
    const { warehouse: site, sku } = command.data;
    if (!isWarehouse(site)) throw new Refused('UNKNOWN_WAREHOUSE', `no warehouse "${site.slice(0, 40)}"`);
    if (!isSku(sku)) throw new Refused('UNKNOWN_SKU', `"${sku.slice(0, 40)}" is not in the catalogue`);
    const deadline = performance.now() + LIST_BEHIND_MS;
    for (let victims: readonly string[] = []; ; ) {
      try {
        const { answer } = await store.execute(
          { streams: [[warehouse, site], [article, sku], [stock, stockId(site, sku)]], meta: call.meta, decide: (unit) => moveShelf(kept(unit, site), command, victims) },
          request,
        );
        return answer;
      } catch (error) {
        if (!(error instanceof LocksNeeded)) throw error;
        if (performance.now() > deadline) throw new Refused('CONFLICT', `${error.message}; the list of locks is behind, try again`);
        if (victims.length > 0) await sleep(50);
        victims = await locksToDisplace(pool, site, sku);
      }
    }
  };
  const levelOf = async (site: string, sku: string): Promise<api.StockLevel> => {
    const level = isWarehouse(site) && isSku(sku) ? await levelNow(store, site, sku) : undefined;
    if (!level) throw new Refused('NOT_FOUND', `nothing was ever counted of "${sku}" in "${site}"; list stock with Stock/List`);
    return level;
  };
  return serve(api.Stock, {
    import: (chunks, call) =>
      importRows(chunks, ['warehouse', 'sku', 'on_hand'], (row) => {
        if ((row.values['on_hand'] ?? '') === '') throw new Refused('BAD_QUANTITY', 'on_hand is empty');
        const data = { warehouse: row.values['warehouse'] ?? '', sku: row.values['sku'] ?? '', onHand: integerOf(row, 'on_hand'), asOf: instantOf(row, 'as_of') };
        return move({ type: 'CountStock', data }, call);
      }),
    adjust: async (request, call) => {
      const { warehouse: site, sku, delta, reason } = request;
      if (request.requestId === '') throw new Refused('REQUEST_ID_REQUIRED', 'an adjustment needs a request_id: done twice it would count twice');
      if (reason === '') throw new Refused('BAD_REQUEST', 'an adjustment needs a reason');
      const aside = reason === UNSELLABLE;
      await move(
        aside ? { type: 'SetAside', data: { warehouse: site, sku, quantity: -delta, reason } } : { type: 'AdjustStock', data: { warehouse: site, sku, delta, reason } },
        call,
        call.request(request),
      );
      return levelOf(site, sku);
    },
    get: ({ warehouse: site, sku }) => levelOf(site, sku),
    list: async ({ page, warehouse: site, sku }) => {
      const question = ['stock', site, sku];
      const { limit, after } = pageOf(page, question);
      const levels = await listStock(pool, { warehouse: site, sku }, limit, after);
      const last = levels.at(-1);
      return { levels, nextToken: last && levels.length === limit ? pageToken([last.warehouse, last.sku], question) : '' };
    },
  });
};
