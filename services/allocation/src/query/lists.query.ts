import type { allocation as api } from '@flotilla/contracts';
import type { EventStore } from '@flotilla/event-store';
import type { Pool } from 'pg';
import { stockId } from '../decide/names.js';
import { freeOf, nothingBeside, promisable, type Beside, type Level, type StockEvent } from '../decide/stock.events.js';
import { outstanding, stock, type StockState } from '../decide/stock.decider.js';
import type { ArticleRow } from '../project/article-list.projection.js';
import type { StockRow } from '../project/stock-list.projection.js';

/** Articles by SKU, after one. */
export const listArticles = async (pool: Pool, limit: number, after: string | undefined): Promise<readonly api.Sku[]> => {
  const { rows } = await pool.query<ArticleRow>('SELECT * FROM read.article WHERE sku > $1 ORDER BY sku LIMIT $2', [after ?? '', limit]);
  return rows.map((row) => ({ sku: row.sku, nameZh: row.name_zh, nameEn: row.name_en, grams: Number(row.grams), barcodes: row.barcodes, hsCode: row.hs_code, flags: row.flags }));
};

/** All warehouses, by id: there are tens. */
export const listWarehouses = async (pool: Pool): Promise<readonly api.Warehouse[]> => {
  const { rows } = await pool.query<{ described: api.Warehouse }>('SELECT described FROM read.warehouse ORDER BY warehouse');
  return rows.map(({ described }) => described);
};

/** Levels by warehouse and SKU, after a pair of them; "" = all. */
export const listStock = async (store: EventStore, pool: Pool, filter: { readonly warehouse: string; readonly sku: string }, limit: number, after: readonly string[] | undefined): Promise<readonly api.StockLevel[]> => {
  const values: unknown[] = [after?.[0] ?? '', after?.[1] ?? '', limit];
  const conditions = ['(warehouse, sku) > ($1, $2)'];
  for (const column of ['warehouse', 'sku'] as const) if (filter[column] !== '') conditions.push(`${column} = $${values.push(filter[column])}`);
  const { rows } = await pool.query<StockRow>(`SELECT * FROM read.stock WHERE ${conditions.join(' AND ')} ORDER BY warehouse, sku LIMIT $3`, values);
  // Only the few shelves that something is on its way to are folded for it.
  const coming = rows.filter(({ in_transit }) => Number(in_transit) > 0).map(({ warehouse, sku }) => stockId(warehouse, sku));
  const shelves = await store.folded(stock, coming);
  return rows.map(({ warehouse, sku, on_hand, unsellable, held, confirmed, position, safety, safety_from, in_transit }) => {
    const level = { onHand: Number(on_hand), unsellable: Number(unsellable), held: Number(held), confirmed: Number(confirmed) };
    return toLevel({ warehouse, sku }, level, { safety: Number(safety), safetyFrom: safety_from, inTransit: Number(in_transit) }, shelves.get(stockId(warehouse, sku))?.state.inbound ?? {}, Number(position));
  });
};

/** A level as the log has it now; undefined if nothing was ever counted there. */
export const levelNow = async (store: EventStore, warehouse: string, sku: string): Promise<api.StockLevel | undefined> => {
  const id = stockId(warehouse, sku);
  const { state, version } = (await store.folded(stock, [id])).get(id)!;
  const [last] = version === 0 ? [] : await store.read(`stock-${id}`, { from: version, limit: 1 });
  const { level, beside } = (last as StockEvent | undefined)?.data ?? {};
  return last && level && toLevel({ warehouse, sku }, level, beside ?? nothingBeside, state.inbound, last.position);
};

const SHOWN_INBOUNDS = 20;

const toLevel = (place: { readonly warehouse: string; readonly sku: string }, level: Level, beside: Beside, coming: StockState['inbound'], position: number): api.StockLevel => {
  const { safety, safetyFrom: safetyFromPriority, inTransit } = beside;
  const inbound = Object.entries(coming)
    .filter(([, one]) => outstanding(one) > 0)
    .map(([id, { kind, fromWarehouse, announced, received, expectedAt }]) => ({ inbound: id, kind, fromWarehouse, sku: place.sku, announced, received, expectedAt }))
    .toSorted((a, b) => (a.expectedAt || '9') < (b.expectedAt || '9') ? -1 : 1)
    .slice(0, SHOWN_INBOUNDS);
  return { ...place, ...level, free: freeOf(level), position, safety, safetyFromPriority, available: promisable({ ...level, ...beside }), inTransit, inbound };
};
