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
  return rows.map(toArticle);
};

const toArticle = (row: ArticleRow): api.Sku => ({ sku: row.sku, nameZh: row.name_zh, nameEn: row.name_en, grams: Number(row.grams), barcodes: row.barcodes, hsCode: row.hs_code, flags: row.flags });

/** Articles that a text may mean, the best first: its SKU or barcode, else those whose names say most of its words. */
export const searchArticles = async (pool: Pool, text: string, most: number): Promise<readonly api.SkuMatch[]> => {
  const wanted = text.trim();
  const words = wordsOf(wanted);
  if (words.length === 0) return [];
  const { rows } = await pool.query<ArticleRow & { by: string; score: number }>(
    `SELECT * FROM (
       SELECT a.*, CASE WHEN sku = $1 THEN 'SKU' WHEN barcodes ? $1 THEN 'BARCODE' ELSE 'WORDS' END AS by,
              CASE WHEN sku = $1 OR barcodes ? $1 THEN 1 ELSE (SELECT count(*) FROM unnest($2::text[]) word WHERE strpos(lower(sku || ' ' || name_zh || ' ' || name_en), word) > 0)::float8 / cardinality($2::text[]) END AS score
         FROM read.article a) found
      WHERE score > 0 ORDER BY (by = 'WORDS'), score DESC, length(name_zh || name_en), sku LIMIT $3`,
    [wanted, words, most],
  );
  return rows.map(({ by, score, ...row }) => ({ sku: toArticle(row), by, score: by === 'WORDS' ? Math.min(score, 0.99) : 1 }));
};

// Latin by words; Chinese has none, so by pairs of signs.
const wordsOf = (text: string): readonly string[] => [
  ...new Set(
    (text.toLowerCase().match(/\p{Script=Han}+|[\p{L}\p{N}]+/gu) ?? []).flatMap((run) => (/\p{Script=Han}/u.test(run) ? pairsOf(Array.from(run)) : [run])),
  ),
].slice(0, 40);
const pairsOf = (signs: readonly string[]): readonly string[] => (signs.length === 1 ? signs : signs.slice(1).map((sign, at) => `${signs[at]}${sign}`));

/** Articles with a barcode, or in a bin of a warehouse. */
export const articlesOfCode = async (pool: Pool, code: string, warehouse: string): Promise<{ readonly by: string; readonly skus: readonly api.Sku[] }> => {
  const byBarcode = await pool.query<ArticleRow>('SELECT * FROM read.article WHERE barcodes ? $1 ORDER BY sku LIMIT 20', [code]);
  if (byBarcode.rows.length > 0) return { by: 'BARCODE', skus: byBarcode.rows.map(toArticle) };
  if (warehouse === '') return { by: '', skus: [] };
  const byBin = await pool.query<ArticleRow>('SELECT a.* FROM read.bin b JOIN read.article a USING (sku) WHERE b.warehouse = $1 AND b.bin = $2 ORDER BY sku LIMIT 20', [warehouse, code]);
  return byBin.rows.length > 0 ? { by: 'BIN', skus: byBin.rows.map(toArticle) } : { by: '', skus: [] };
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
