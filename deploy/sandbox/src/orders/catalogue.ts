import { readFileSync } from 'node:fs';

/** What the shops sell: the seed catalogue, with prices of their own. */
export interface Product {
  sku: string;
  titleZh: string;
  titleEn: string;
  /** 0 where the shop does not know it. */
  grams: number;
  /** In fen. */
  price: number;
  /** Kept in so small a number that an order for several cannot be served. */
  short: boolean;
}

const PRICES: Record<string, number> = {
  TEA: 128_00, CUP: 89_00, POT: 399_00, SET: 268_00, BAG: 119_00, SCF: 219_00, TSH: 79_00, HOD: 189_00, SOX: 49_00, HAT: 59_00, EAR: 459_00, PWR: 129_00,
  CBL: 25_00, CHG: 149_00, LMP: 239_00, KBD: 369_00, MSE: 159_00, CRM: 39_00, SRM: 169_00, CND: 99_00, NTB: 35_00, PEN: 139_00, PUZ: 119_00, TOY: 88_00, LTD: 199_00,
};

/** Rows of a CSV text, quotes and all. */
export function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\n"]*))(,|\r?\n|$)/g)) {
    const row = rows.at(-1);
    row?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end !== ',') rows.push([]);
  }
  return rows.filter((row) => row.length > 1);
}

/** deploy/seed/skus.csv, which lies at the same distance from `src` and `dist`. */
export function readCatalogue(file: URL | string = new URL('../../../seed/skus.csv', import.meta.url)): readonly Product[] {
  const [head = [], ...rows] = readCsv(readFileSync(file, 'utf8'));
  const column = (row: readonly string[], name: string): string => row[head.indexOf(name)] ?? '';
  return rows.map((row, index) => {
    const sku = column(row, 'sku');
    return {
      sku,
      titleZh: column(row, 'name_zh'),
      titleEn: column(row, 'name_en'),
      grams: Number(column(row, 'grams')),
      // A few fen of difference, so that no two products cost the same.
      price: (PRICES[sku.slice(0, 3)] ?? 100_00) + (index % 7) * 250,
      short: sku.startsWith('LTD-'),
    };
  });
}
