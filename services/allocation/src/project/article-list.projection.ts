import type { Recorded, Transaction } from '@flotilla/event-store';
import type { SkuEvent } from '../decide/sku.events.js';

/** A row of read.article. */
export interface ArticleRow {
  readonly sku: string;
  readonly name_zh: string;
  readonly name_en: string;
  readonly grams: string | number;
  readonly barcodes: readonly string[];
  readonly hs_code: string;
  readonly flags: readonly string[];
}

export const projectArticles = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const rows = new Map<string, ArticleRow>();
  for (const event of events.filter(({ stream }) => stream.startsWith('sku-'))) {
    const { sku, nameZh, nameEn, grams, barcodes, hsCode, flags } = (event as unknown as SkuEvent).data;
    rows.set(sku, { sku, name_zh: nameZh, name_en: nameEn, grams, barcodes, hs_code: hsCode, flags });
  }
  if (rows.size === 0) return;
  await tx.query(
    `INSERT INTO read.article SELECT * FROM jsonb_populate_recordset(NULL::read.article, $1)
     ON CONFLICT (sku) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en, grams = excluded.grams, barcodes = excluded.barcodes, hs_code = excluded.hs_code, flags = excluded.flags`,
    [JSON.stringify([...rows.values()])],
  );
};
