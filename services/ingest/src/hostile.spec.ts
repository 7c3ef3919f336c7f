import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Workbook } from '@cj-tech-master/excelts';
import { describe, expect, it } from '@jest/globals';
import { reasons } from '@flotilla/contracts';
import { csvTable, EncodingProbe, xlsxTable, type TableCells } from '@flotilla/files';
import { hostileContract } from '@flotilla/testing';
import { zipSync } from 'fflate';
import { mappedRows } from './accept/sku-map-rows.js';
import { groupsOf } from './channels/csv/groups.js';

async function* inPieces(bytes: Uint8Array, size = 5_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const all = async <T>(items: AsyncIterable<T>): Promise<readonly T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};
const encodingOf = (bytes: Uint8Array): ReturnType<EncodingProbe['end']> => {
  const probe = new EncodingProbe();
  probe.push(bytes);
  return probe.end();
};
// A group is kept as JSON that its reader checks again: what of it cannot be stored is told by the order's own reason.
const shapes = async (table: AsyncIterable<TableCells>): Promise<unknown> => (await all(groupsOf(table, undefined))).map(({ firstRow, lastRow, rows }) => [firstRow, lastRow, rows.rows.length]);
const xlsx = (bytes: Uint8Array): Promise<unknown> => shapes(xlsxTable(() => inPieces(bytes)));

const rows = [['channel_order_id', 'placed_at', 'currency', 'name', 'sku', 'quantity', 'unit_price'], ['A1', '2026-11-30T09:00:00+08:00', 'CNY', '王小明', 'TEA-LJ-250', '2', '168.00'], ['A1', '', '', '', 'TEA-LJ-500', '1', '98.00'], ['A2', '2026-11-30T09:00:00+08:00', 'CNY', '李雷', 'TEA-LJ-250', '1', '168.00']];
const book = new Workbook();
const sheet = book.addWorksheet('orders');
for (const row of rows) sheet.addRow([...row] as never[]);
const workbook = Buffer.from((await book.xlsx.writeBuffer()) as Uint8Array);

hostileContract('ING-04', Object.keys(reasons), [
  { name: 'orders as CSV', kind: 'table', valid: [rows.map((row) => row.join(',')).join('\n')], read: (bytes) => shapes(csvTable(inPieces(bytes), encodingOf(bytes))) },
  { name: 'orders as XLSX', kind: 'bytes', valid: [workbook], read: xlsx },
  {
    name: 'a SKU map', kind: 'table', valid: [readFileSync(join(import.meta.dirname, '../../../deploy/seed/sku-map.csv')).subarray(0, 1_500)],
    read: async (bytes) => {
      const left: unknown[] = [];
      const chunks = async function* (): AsyncGenerator<{ data: Uint8Array }> {
        for await (const data of inPieces(bytes)) yield { data };
      };
      const items = await all(mappedRows(chunks(), (_row, error) => left.push((error as { readonly reason: string }).reason)));
      for (const reason of left) expect(Object.keys(reasons)).toContain(reason);
      return items.flat().map(({ row, parts }) => [row, parts.length]);
    },
  },
]);

describe('hostile workbooks', () => {
  const types = '<workbook xmlns:r="r"><sheets><sheet name="a" r:id="r1"/></sheets></workbook>';
  const relations = '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>';
  const zipped = (parts: Readonly<Record<string, string | Uint8Array>>): Uint8Array =>
    zipSync(Object.fromEntries(Object.entries({ 'xl/workbook.xml': types, 'xl/_rels/workbook.xml.rels': relations, ...parts }).map(([name, part]) => [name, typeof part === 'string' ? Buffer.from(part) : part])));
  const of = (cells: string): Uint8Array => zipped({ 'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${cells}</sheetData></worksheet>` });
  const inline = (text: string, more = ''): string => `<c t="inlineStr"${more}><is><t>${text}</t></is></c>`;
  const heading = `<row r="1">${inline('channel_order_id')}${inline('sku')}</row>`;

  it('ING-04: bombs are refused at their bounds: a text, a style sheet, many parts, a cell without end, columns without end', async () => {
    const zeros = new Uint8Array(20 * 1024 * 1024);
    for (const [what, bytes] of [
      ['texts', zipped({ 'xl/sharedStrings.xml': Buffer.concat(Array.from({ length: 65 }, () => Buffer.alloc(1024 * 1024, ' '))) })], ['styles', zipped({ 'xl/styles.xml': zeros.fill(32) })], ['parts', zipped(Object.fromEntries(Array.from({ length: 2_100 }, (_, n) => [`x/${n}`, ''])))],
      ['a cell', of(`<row>${inline('y'.repeat(3_000_000))}</row>`)], ['columns', of(`<row>${inline('x', ' r="ZZZ1"')}</row>`)],
    ] as const) {
      expect(bytes.length).toBeLessThan(1024 * 1024);
      await expect(xlsx(bytes).then(() => what)).rejects.toMatchObject({ reason: 'TOO_LARGE' });
    }
  }, 60_000);

  it.each([['that is no number', 'x'], ['before the last one', '1'], ['beyond all', '1e300'], ['between two', '2.5']])('ING-04: a workbook with a row %s is refused: its rows would be lost without a word', async (_what, row) =>
    expect(xlsx(of(`<row r="1">${inline('channel_order_id')}</row><row r="2">${inline('A1')}</row><row r="${row}">${inline('A2')}</row>`))).rejects.toMatchObject({ reason: 'UNKNOWN_FORMAT' }));

  it.each([
    ['cells at places that are none', `${heading}<row>${inline('A1', ' r="1"')}${inline('A1', ' r=""')}</row>`],
    ['a text that is not there', `<row><c t="s"><v>99999999</v></c></row>`], ['a text by a name of objects', `<row><c t="s"><v>__proto__</v></c></row>`], ['a style that is not there', `${heading}<row><c s="-5"><v>1</v></c></row>`], ['entities', `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>${heading}<row>${inline('&b;&b;&b;')}</row>`],
    ['a day that no calendar has', `${heading}<row><c s="0"><v>1e12</v></c></row>`], ['nesting', '<row>'.repeat(50_000)], ['attributes', `<row ${Array.from({ length: 20_000 }, (_, n) => `a${n}="1"`).join(' ')}>${inline('x')}</row>`],
  ])('ING-04: a workbook with %s is read or refused, and its rows are numbers', async (_what, cells) => {
    try {
      for await (const { row } of xlsxTable(() => inPieces(of(cells)))) expect(Number.isSafeInteger(row) && row > 0).toBe(true);
    } catch (error) {
      expect(Object.keys(reasons)).toContain((error as { readonly reason?: string }).reason);
    }
  }, 60_000);
});
