import { allocation as api } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Unit } from '@flotilla/event-store';
import { pageOf, pageToken, serve, type Call, type Served, type ServiceContext } from '@flotilla/service-kit';
import { isSku, isWarehouse } from '../decide/names.js';
import { sku as article } from '../decide/sku.decider.js';
import { litresOf, type Article } from '../decide/sku.events.js';
import { articlesOfCode, listArticles, searchArticles } from '../query/lists.query.js';
import { integerOf, listOf, type CsvRow } from './csv-rows.js';
import { importRows } from './import.js';

const mostSizes = 1_000;
const mostTexts = 50;
const longestText = 200;

const toArticle = (row: CsvRow): Article => ({
  sku: row.values['sku'] ?? '',
  nameZh: row.values['name_zh'] ?? '',
  nameEn: row.values['name_en'] ?? '',
  grams: integerOf(row, 'grams'),
  lengthMm: integerOf(row, 'length_mm'),
  widthMm: integerOf(row, 'width_mm'),
  heightMm: integerOf(row, 'height_mm'),
  barcodes: listOf(row, 'barcodes'),
  hsCode: row.values['hs_code'] ?? '',
  flags: listOf(row, 'flags'),
});

const toSku = ({ sku, nameZh, nameEn, grams, barcodes, hsCode, flags }: Article): api.Sku => ({ sku, nameZh, nameEn, grams, barcodes, hsCode, flags });

/** Catalogue: import by file, one article, all articles by SKU. */
export const catalogueGrpc = ({ store, pool }: Pick<ServiceContext, 'store' | 'pool'>): Served => {
  const describe = async (row: CsvRow, call: Call): Promise<boolean> => {
    const data = toArticle(row);
    if (!isSku(data.sku)) throw new Refused('BAD_REQUEST', `sku "${data.sku.slice(0, 40)}" cannot be one: printable ASCII, at most 100 characters`);
    const task = { streams: [[article, data.sku]] as const, meta: call.meta, decide: (unit: Unit) => unit.run(article, data.sku, { type: 'DescribeArticle', data }).length > 0 };
    return (await store.execute(task)).answer;
  };
  return serve(api.Catalogue, {
    import: (chunks, call) => importRows(chunks, ['sku'], (row) => describe(row, call)),
    get: async ({ sku }) => {
      const known = isSku(sku) ? (await store.folded(article, [sku])).get(sku)?.state : null;
      if (!known) throw new Refused('NOT_FOUND', `no SKU "${sku}" in the catalogue; list them with Catalogue/List`);
      return toSku(known);
    },
    sizes: async ({ skus }) => {
      if (skus.length > mostSizes) throw new Refused('TOO_LARGE', `at most ${mostSizes} SKUs at once, not ${skus.length}`);
      const known = await store.folded(article, [...new Set(skus.filter(isSku))]);
      return {
        sizes: [...known.values()].flatMap(({ state }) => {
          if (!state || litresOf(state) === 0) return [];
          const { sku, lengthMm, widthMm, heightMm } = state;
          return [{ sku, lengthMm, widthMm, heightMm }];
        }),
      };
    },
    search: async ({ texts, size }) => {
      if (texts.length > mostTexts || texts.some((text) => text.length > longestText)) throw new Refused('TOO_LARGE', `at most ${mostTexts} texts, of at most ${longestText} characters each`);
      const most = Math.min(size > 0 ? size : 5, 50);
      const matches = await Promise.all(texts.map((text) => searchArticles(pool, text, most)));
      return { matches: matches.map((skus) => ({ skus: [...skus] })) };
    },
    resolve: async ({ code, warehouse }) => {
      const scanned = code.trim();
      if (scanned === '' || scanned.length > 100) throw new Refused('BAD_REQUEST', 'scan a code of at most 100 characters');
      if (warehouse !== '' && !isWarehouse(warehouse)) throw new Refused('UNKNOWN_WAREHOUSE', `no warehouse "${warehouse.slice(0, 40)}"; list them with Warehouses/List`);
      // Of the SKU itself the log is asked: it may have been described a moment ago.
      const described = isSku(scanned) ? (await store.folded(article, [scanned])).get(scanned)?.state : null;
      if (described) return { by: 'SKU', skus: [toSku(described)] };
      const { by, skus } = await articlesOfCode(pool, scanned, warehouse);
      return { by, skus: [...skus] };
    },
    list: async ({ page }) => {
      const { limit, after } = pageOf(page, 'skus');
      const skus = await listArticles(pool, limit, after?.[0]);
      return { skus, nextToken: skus.length === limit ? pageToken([skus.at(-1)!.sku], 'skus') : '' };
    },
  });
};
