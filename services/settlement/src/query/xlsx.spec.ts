import { describe, expect, it } from '@jest/globals';
import { Workbook } from '@cj-tech-master/excelts';
import { unzipSync } from 'fflate';
import { xlsx, type Cell, type Sheet } from './xlsx.js';

const pages = async function* (...all: readonly (readonly (readonly Cell[])[])[]): AsyncIterable<readonly (readonly Cell[])[]> {
  yield* all;
};
const written = async (sheets: readonly Sheet[]): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of xlsx(sheets)) chunks.push(chunk);
  return Buffer.concat(chunks);
};
const sheets = (): readonly Sheet[] => [
  { name: '凭证 Vouchers', widths: [10, 10, 10], pages: pages([['日期', '借方', 'note']], [['2026-11-24', { amount: '1234.50' }, '=1+1'], ['<&">', { amount: '-3' }, null]], [['\u0000\u0001a\ud83d\ude00', { amount: '0.125' }, '']]) },
  { name: 'B', widths: [5], pages: pages([['only a header']]) },
];

describe('an XLSX workbook', () => {
  it('SET-05: is read by another reader: texts as texts, amounts as numbers, in Chinese and English', async () => {
    const workbook = new Workbook();
    await workbook.xlsx.load(await written(sheets()));
    expect(workbook.worksheets.map(({ name }) => name)).toEqual(['凭证 Vouchers', 'B']);
    const sheet = workbook.getWorksheet('凭证 Vouchers');
    const cell = (row: number, column: number): unknown => sheet?.getRow(row).getCell(column).value ?? null;
    expect([1, 2, 3, 4].map((row) => [cell(row, 1), cell(row, 2), cell(row, 3)])).toEqual([
      ['日期', '借方', 'note'],
      // What begins like a formula is text, not one.
      ['2026-11-24', 1_234.5, '=1+1'],
      ['<&">', -3, null],
      ['a\u{1f600}', 0.125, null],
    ]);
  });

  it('SET-05: is the same bytes whenever and in whatever zone it is written', async () => {
    const first = await written(sheets());
    const before = process.env['TZ'];
    try {
      process.env['TZ'] = 'Pacific/Auckland';
      await new Promise((resolve) => setTimeout(resolve, 2_100)); // zip times have two seconds
      expect((await written(sheets())).equals(first)).toBe(true);
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
    expect(Object.keys(unzipSync(first))).toEqual(['xl/worksheets/sheet1.xml', 'xl/worksheets/sheet2.xml', 'xl/styles.xml', 'xl/workbook.xml', 'xl/_rels/workbook.xml.rels', '[Content_Types].xml', '_rels/.rels']);
  });

  it('SET-05: comes out while rows still come in', async () => {
    let given = 0;
    const many = async function* (): AsyncIterable<readonly (readonly Cell[])[]> {
      for (given = 0; given < 200; given += 1) yield Array.from({ length: 500 }, (_, n): readonly Cell[] => [`row ${given}-${n}-${(n * 7919) % 1_000}`, { amount: `${n}.25` }]);
    };
    let early = 0;
    for await (const chunk of xlsx([{ name: 'A', widths: [1, 1], pages: many() }])) if (given < 100) early += chunk.length;
    expect(early).toBeGreaterThan(50_000);
  }, 30_000);
});
