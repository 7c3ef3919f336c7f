import type { allocation as api } from '@flotilla/contracts';
import type { EventStore } from '@flotilla/event-store';
import type { Pool } from 'pg';
import { stockId } from '../decide/names.js';
import { freeOf, type Level, type StockEvent } from '../decide/stock.events.js';
import { stock } from '../decide/stock.decider.js';
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
export const listStock = async (pool: Pool, filter: { readonly warehouse: string; readonly sku: string }, limit: number, after: readonly string[] | undefined): Promise<readonly api.StockLevel[]> => {
  const values: unknown[] = [after?.[0] ?? '', after?.[1] ?? '', limit];
  const conditions = ['(warehouse, sku) > ($1, $2)'];
  for (const column of ['warehouse', 'sku'] as const) if (filter[column] !== '') conditions.push(`${column} = $${values.push(filter[column])}`);
  const { rows } = await pool.query<StockRow>(`SELECT * FROM read.stock WHERE ${conditions.join(' AND ')} ORDER BY warehouse, sku LIMIT $3`, values);
  return rows.map((row) =>
    toLevel(row.warehouse, row.sku, { onHand: Number(row.on_hand), unsellable: Number(row.unsellable), held: Number(row.held), confirmed: Number(row.confirmed) }, Number(row.position)),
  );
};

/** A level as the log has it now; undefined if nothing was ever counted there. */
export const levelNow = async (store: EventStore, warehouse: string, sku: string): Promise<api.StockLevel | undefined> => {
  const id = stockId(warehouse, sku);
  const version = (await store.folded(stock, [id])).get(id)?.version ?? 0;
  const [last] = version === 0 ? [] : await store.read(`stock-${id}`, { from: version, limit: 1 });
  return last && toLevel(warehouse, sku, (last as unknown as StockEvent).data.level, last.position);
};

const toLevel = (warehouse: string, sku: string, level: Level, position: number): api.StockLevel => ({ warehouse, sku, ...level, free: freeOf(level), position });
