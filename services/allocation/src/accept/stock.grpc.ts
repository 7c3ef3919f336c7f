import { allocation as api } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Request, Unit } from '@flotilla/event-store';
import { pageOf, pageToken, serve, type Call, type Served, type ServiceContext } from '@flotilla/service-kit';
import { streamsOfLock } from '../coordinate/participant.js';
import { moveShelf, type ShelfCommand } from '../coordinate/shelf.js';
import { isSku, isWarehouse, stockId } from '../decide/names.js';
import { sku as article } from '../decide/sku.decider.js';
import { stock } from '../decide/stock.decider.js';
import { warehouse } from '../decide/warehouse.decider.js';
import { levelNow, listStock } from '../query/lists.query.js';
import { listMovements } from '../query/movements.query.js';
import { withVictims } from '../query/victims.js';
import { importRows } from './import.js';
import { instantOf, integerOf } from './csv-rows.js';

/** Reasons of adjustments that are about goods set aside: those stay on hand and cannot be sold. */
const UNSELLABLE = 'UNSELLABLE';
const SCRAPPED = 'SCRAPPED';

/**
 * Stock: counts by file, adjustments by hand, levels, movements. `keeps`: whether the warehouse's ledger is in this database; of
 * others only levels are told. `keepsBack`: whether its safety stock is, since its promises are made here.
 */
export const stockGrpc = ({ store, pool }: Pick<ServiceContext, 'store' | 'pool'>, keeps: (site: api.Warehouse) => boolean, keepsBack: (site: api.Warehouse) => boolean = keeps): Served => {
  const kept = (unit: Unit, site: string, type: ShelfCommand['type']): Unit => {
    const described = unit.state(warehouse, site);
    if (described && !(type === 'SetSafety' ? keepsBack : keeps)(described)) throw new Refused('LEDGER_ELSEWHERE', `the ledger of ${site} is kept elsewhere (${described.ledger}); its stock changes there, or by a feed`);
    return unit;
  };
  // Several commands about one shelf are one unit.
  const move = async (commands: readonly [ShelfCommand, ...ShelfCommand[]], call: Call, request?: Request): Promise<boolean> => {
    const { warehouse: site, sku } = commands[0].data;
    if (!isWarehouse(site)) throw new Refused('UNKNOWN_WAREHOUSE', `warehouse "${site.slice(0, 40)}" is not known`);
    if (!isSku(sku)) throw new Refused('UNKNOWN_SKU', `sku "${sku.slice(0, 40)}" is not in the catalogue`);
    return withVictims({ pool }, streamsOfLock, async (victims, streams) => {
      const { answer } = await store.execute(
        { streams: [[warehouse, site], [article, sku], [stock, stockId(site, sku)], ...streams], meta: call.meta, decide: (unit) => commands.map((command) => moveShelf(kept(unit, site, command.type), command, victims)).includes(true) },
        request,
      );
      return answer;
    });
  };
  const levelOf = async (site: string, sku: string): Promise<api.StockLevel> => {
    const level = isWarehouse(site) && isSku(sku) ? await levelNow(store, site, sku) : undefined;
    if (!level) throw new Refused('NOT_FOUND', `nothing was ever counted of "${sku}" in "${site}"; list stock with Stock/List`);
    return level;
  };
  return serve(api.Stock, {
    import: (chunks, call) =>
      importRows(chunks, ['warehouse', 'sku'], (row) => {
        const { warehouse: site = '', sku = '', on_hand: counted, safety } = row.values;
        if (counted === undefined && safety === undefined) throw new Refused('BAD_CSV', 'the file has neither a column on_hand nor a column safety');
        // A file that has the column means it: an empty count is no count of nothing.
        if (counted === '') throw new Refused('BAD_QUANTITY', 'on_hand is empty');
        const commands: ShelfCommand[] = [
          ...(counted === undefined ? [] : [{ type: 'CountStock', data: { warehouse: site, sku, onHand: integerOf(row, 'on_hand'), asOf: instantOf(row, 'as_of') } } as const]),
          ...(safety === undefined || safety === '' ? [] : [{ type: 'SetSafety', data: { warehouse: site, sku, units: integerOf(row, 'safety'), from: integerOf(row, 'safety_from_priority') } } as const]),
        ];
        const [first, ...rest] = commands;
        return first === undefined ? Promise.resolve(false) : move([first, ...rest], call);
      }),
    adjust: async (request, call) => {
      const { warehouse: site, sku, delta, reason, cause } = request;
      if (request.requestId === '') throw new Refused('REQUEST_ID_REQUIRED', 'an adjustment needs a request_id: done twice it would count twice');
      if (reason === '' || reason.length > 200 || cause.length > 200) throw new Refused('BAD_REQUEST', 'an adjustment needs a reason, in at most 200 characters, and so has its cause');
      const place = { warehouse: site, sku };
      const command: ShelfCommand =
        reason === UNSELLABLE
          ? { type: 'SetAside', data: { ...place, quantity: -delta, reason: cause || 'DAMAGED' } }
          : reason === SCRAPPED
            ? { type: 'ScrapStock', data: { ...place, quantity: -delta, reason: cause || 'DAMAGED' } }
            : { type: 'AdjustStock', data: { ...place, delta, reason } };
      await move([command], call, call.request(request));
      return levelOf(site, sku);
    },
    setSafety: async (request, call) => {
      const { warehouse: site, sku, units, fromPriority } = request;
      await move([{ type: 'SetSafety', data: { warehouse: site, sku, units, from: fromPriority } }], call, call.request(request));
      return levelOf(site, sku);
    },
    get: ({ warehouse: site, sku }) => levelOf(site, sku),
    list: async ({ page, warehouse: site, sku }) => {
      const question = ['stock', site, sku];
      const { limit, after } = pageOf(page, question);
      const levels = await listStock(store, pool, { warehouse: site, sku }, limit, after);
      const last = levels.at(-1);
      return { levels, nextToken: last && levels.length === limit ? pageToken([last.warehouse, last.sku], question) : '' };
    },
    movements: async ({ page, warehouse: site, sku }) => {
      const question = ['movements', site, sku];
      const { limit, after } = pageOf(page, question);
      if (after && !/^[1-9]\d{0,15}$/.test(after[0]!)) throw new Refused('BAD_PAGE_TOKEN', 'page.token does not belong to this list');
      const { movements, next } = await listMovements(store, await levelOf(site, sku), limit, after && Number(after[0]));
      return { movements, nextToken: next === 0 ? '' : pageToken([String(next)], question) };
    },
  });
};
