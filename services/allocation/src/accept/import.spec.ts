import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { Refused } from '@flotilla/decider';
import { strToU8, zipSync } from 'fflate';
import { workbook } from '../../spec/workbook.js';
import { csvRows, instantOf, integerOf, listOf, type CsvRow } from './csv-rows.js';
import { importRows } from './import.js';
import { toLane } from './lane-rows.js';

async function* chunks(...parts: readonly (string | Uint8Array)[]) {
  for (const part of parts) yield { data: typeof part === 'string' ? Buffer.from(part) : part };
}
const rowsOf = async (...parts: readonly (string | Uint8Array)[]): Promise<readonly Pick<CsvRow, 'row' | 'values'>[]> => {
  const rows: CsvRow[] = [];
  for await (const batch of csvRows(chunks(...parts), ['sku'], 2)) rows.push(...batch);
  return rows.map(({ row, values }) => ({ row, values }));
};
const row = (values: Readonly<Record<string, string>>): CsvRow => ({ row: 2, values, places: new Map(Object.keys(values).map((name, place) => [name, place])) });

// What is still held, once what is not was swept away.
setFlagsFromString('--expose_gc');
const sweep = runInNewContext('gc') as () => void;
const memory = (): number => {
  sweep();
  return process.memoryUsage().heapUsed;
};

describe('importing a file', () => {
  it('ALC-15: reads a file that arrives in pieces, wherever they are cut', async () => {
    const whole = Buffer.from('\uFEFFSKU , name\nA,茶\n\nB,"a, ""b"""\nC\n');
    const pieces = Array.from({ length: whole.length }, (_, index) => whole.subarray(index, index + 1));
    expect(await rowsOf(...pieces)).toEqual([{ row: 2, values: { sku: 'A', name: '茶' } }, { row: 4, values: { sku: 'B', name: 'a, "b"' } }, { row: 5, values: { sku: 'C', name: '' } }]);
  });
  it('ALC-15: reads what a Chinese spreadsheet saves', async () => {
    // In the very last of many pieces, too.
    const many = `sku,name\n${'A,tea\n'.repeat(20_000)}B,`;
    expect((await rowsOf(many, Buffer.from([0xb2, 0xe8]))).at(-1)!.values['name']).toBe('茶');
    expect((await rowsOf('sku;name\nA;x')).at(-1)!.values['name']).toBe('x');
  });
  it('refuses what is no such file', async () => {
    for (const text of ['', 'name\nx', 'sku\n"open', 'sku,SKU\nx,y']) await expect(rowsOf(text)).rejects.toMatchObject({ reason: 'BAD_CSV' });
    for (const text of ['PK\u0003\u0004 and no more', '%PDF-1.7']) await expect(rowsOf(text)).rejects.toMatchObject({ reason: 'UNKNOWN_FORMAT' });
  });
  it('refuses a file that is too large as soon as it is', async () => {
    const read = async (): Promise<void> => {
      for await (const batch of csvRows(chunks('sku\n', 'A\n'.repeat(512), 'B\n'), ['sku'], 500, 1024)) expect(batch).toHaveLength(500);
    };
    await expect(read()).rejects.toMatchObject({ reason: 'TOO_LARGE' });
  });
  it('reports every row, the refused ones with their reason', async () => {
    const report = await importRows(chunks('sku\nnew\nsame\nbad\n'), ['sku'], async ({ values }) => {
      if (values['sku'] === 'bad') throw new Refused('BAD_QUANTITY', 'no');
      return values['sku'] === 'new';
    });
    expect(report).toEqual({ rows: 3, accepted: 1, unchanged: 1, refused: 1, errors: [{ row: 4, reason: 'BAD_QUANTITY', detail: 'no', cell: '' }] });
  });
  it('ALC-15: reads a workbook as it reads a CSV, whatever it is called, and names the cell that is wrong in either', async () => {
    const table = [['sku', 'name_zh', 'grams'], ['00042', '茶', '250'], [], ['B', '', 'much'], ['', 'x', '1']];
    const take = ({ values, ...rest }: CsvRow): Promise<boolean> => {
      if (values['sku'] === '') throw new Refused('BAD_REQUEST', 'sku "" cannot be one');
      return Promise.resolve(integerOf({ values, ...rest }, 'grams') === 250 && values['sku'] === '00042' && values['name_zh'] === '茶');
    };
    const wanted = { rows: 3, accepted: 1, unchanged: 0, refused: 2, errors: [{ row: 4, reason: 'BAD_QUANTITY', detail: 'grams "much" is not a whole number', cell: 'C4' }, { row: 5, reason: 'BAD_REQUEST', detail: 'sku "" cannot be one', cell: 'A5' }] };
    expect(await importRows(chunks(await workbook(table)), ['sku'], take)).toEqual(wanted);
    expect(await importRows(chunks(table.map((cells) => cells.join(',')).join('\n')), ['sku'], take)).toEqual(wanted);
  });
  it('ALC-15: a day of a workbook is a day', () => {
    const lane = { carrier: 'sf', service: 'STANDARD', from_province: '', to_zone: '*', first_grams: '1000', first_price: '18', currency: 'CNY', days: '2', valid_to: '' };
    expect(toLane(row({ ...lane, valid_from: '2026-01-01 00:00:00' })).validFrom).toBe('2026-01-01');
    expect(() => toLane(row({ ...lane, valid_from: '2026-01-01 08:00:00' }))).toThrow('no day');
  });
  it('ALC-15: of a workbook of a hundred thousand rows a batch is held, not the file', async () => {
    // A library takes half a minute to write one.
    const row = (cells: readonly string[]): string => `<row>${cells.map((cell) => `<c t="inlineStr"><is><t>${cell}</t></is></c>`).join('')}</row>`;
    const sheet = `<worksheet><sheetData>${row(['sku', 'name_zh', 'grams'])}${Array.from({ length: 100_000 }, (_, n) => row([`SKU-${n}`, `茶 ${n}`, String(n % 900)])).join('')}</sheetData></worksheet>`;
    const parts = { 'xl/workbook.xml': '<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>', 'xl/_rels/workbook.xml.rels': '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>', 'xl/worksheets/sheet1.xml': sheet };
    const file = zipSync(Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, strToU8(part)])));
    const pieces = Array.from({ length: Math.ceil(file.length / 60_000) }, (_, n) => file.subarray(n * 60_000, (n + 1) * 60_000));
    let [rows, most] = [0, 0];
    const before = memory();
    for await (const batch of csvRows(chunks(...pieces), ['sku'])) {
      rows += batch.length;
      if (rows % 20_000 === 0) most = Math.max(most, memory() - before);
    }
    expect(rows).toBe(100_000);
    expect(most).toBeLessThan(16 * 1024 * 1024);
  }, 120_000);
  it('a fault of ours is not a fault of the row', async () => {
    await expect(importRows(chunks('sku\nx\n'), ['sku'], async () => Promise.reject(new Error('the database is away')))).rejects.toThrow('the database is away');
  });
  it('reads numbers, lists and instants', () => {
    expect(integerOf(row({ n: '12' }), 'n')).toBe(12);
    expect(integerOf(row({}), 'n')).toBe(0);
    expect(() => integerOf(row({ n: '1.5' }), 'n')).toThrow('not a whole number');
    expect(listOf(row({ l: 'a; b|c；' }), 'l')).toEqual(['a', 'b', 'c']);
    expect(instantOf(row({ t: '2026-11-21T18:00:00+08:00' }), 't')).toBe('2026-11-21T10:00:00.000Z');
    expect(instantOf(row({}), 't')).toBe('');
    expect(() => instantOf(row({ t: 'yesterday' }), 't')).toThrow('no instant');
  });
});
