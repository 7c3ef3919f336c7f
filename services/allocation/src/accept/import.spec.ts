import { describe, expect, it } from '@jest/globals';
import { Refused } from '@flotilla/decider';
import { csvRows, instantOf, integerOf, listOf, type CsvRow } from './csv-rows.js';
import { importRows } from './import.js';

async function* chunks(...parts: readonly (string | Uint8Array)[]) {
  for (const part of parts) yield { data: typeof part === 'string' ? Buffer.from(part) : part };
}
const rowsOf = async (...parts: readonly (string | Uint8Array)[]): Promise<readonly CsvRow[]> => {
  const rows: CsvRow[] = [];
  for await (const batch of csvRows(chunks(...parts), ['sku'], 2)) rows.push(...batch);
  return rows;
};
const row = (values: Readonly<Record<string, string>>): CsvRow => ({ row: 2, values });

describe('importing a file', () => {
  it('ALC-15: reads a file that arrives in pieces, wherever they are cut', async () => {
    const whole = Buffer.from('\uFEFFSKU , name\nA,茶\n\nB,"a, ""b"""\nC\n');
    const pieces = Array.from({ length: whole.length }, (_, index) => whole.subarray(index, index + 1));
    expect(await rowsOf(...pieces)).toEqual([{ row: 2, values: { sku: 'A', name: '茶' } }, { row: 3, values: { sku: 'B', name: 'a, "b"' } }, { row: 4, values: { sku: 'C', name: '' } }]);
  });
  it('ALC-15: reads what a Chinese spreadsheet saves', async () => {
    expect((await rowsOf(Buffer.concat([Buffer.from('sku,name\nA,'), Buffer.from([0xb2, 0xe8])])))[0]!.values['name']).toBe('茶');
  });
  it('refuses what is no such file', async () => {
    for (const text of ['', 'name\nx', 'sku\n"open']) await expect(rowsOf(text)).rejects.toMatchObject({ reason: 'BAD_CSV' });
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
    expect(report).toEqual({ rows: 3, accepted: 1, unchanged: 1, refused: 1, errors: [{ row: 4, reason: 'BAD_QUANTITY', detail: 'no' }] });
  });
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
