import { readTable } from '../setup-mapping/model.js';
import type { Table } from './table.js';

const decoded = (bytes: ArrayBuffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // As spreadsheets in China save it.
    return new TextDecoder('gb18030').decode(bytes);
  }
};

const textOf = (value: unknown, text: string): string => (value instanceof Date ? value.toISOString().replace(/T00:00:00\.000Z$/, '') : text);

const workbook = async (bytes: ArrayBuffer): Promise<readonly (readonly string[])[]> => {
  const { Workbook } = await import('@cj-tech-master/excelts');
  const book = new Workbook();
  await book.xlsx.load(bytes);
  const sheet = book.worksheets[0];
  if (!sheet) return [];
  const rows: string[][] = [];
  // Empty rows count: what is told of row 17 is of the sheet's.
  sheet.eachRow({ includeEmpty: true }, (row) => {
    const cells: string[] = [];
    row.eachCell({ includeEmpty: true }, (cell) => cells.push(textOf(cell.value, cell.text)));
    rows.push(cells);
  });
  return rows;
};

/** A CSV file or the first sheet of a workbook; undefined where it is no table. */
export const readFile = async (file: File): Promise<Table | undefined> => {
  const bytes = await file.arrayBuffer();
  const zipped = new Uint8Array(bytes.slice(0, 2)).join() === '80,75';
  const [columns, ...rows] = zipped ? await workbook(bytes) : readTable(decoded(bytes));
  return columns && columns.some((column) => column.trim() !== '') ? { columns: columns.map((column) => column.trim()), rows } : undefined;
};
