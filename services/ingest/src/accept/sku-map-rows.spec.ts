import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Workbook } from '@cj-tech-master/excelts';
import { describe, expect, it } from '@jest/globals';
import { mappedRows } from './sku-map-rows.js';

describe('a file that maps items', () => {
  const read = async (bytes: Uint8Array): Promise<{ readonly items: readonly string[]; readonly left: readonly string[] }> => {
    const left: string[] = [];
    const items: string[] = [];
    const chunks = async function* (): AsyncGenerator<{ data: Uint8Array }> {
      for (let from = 0; from < bytes.length; from += 1_000) yield { data: bytes.subarray(from, from + 1_000) };
    };
    for await (const batch of mappedRows(chunks(), (row, error) => void left.push(`${row} ${(error as { reason: string }).reason}`))) items.push(...batch.map(({ item, parts }) => `${item.key} ${parts.map(({ sku, quantity }) => `${sku}×${quantity}`).join(' ')}`));
    return { items, left };
  };

  it('ING-08: is the demo’s seed, all of it', async () => {
    const seed = readFileSync(join(import.meta.dirname, '../../../../deploy/seed/sku-map.csv'));
    expect(await read(seed)).toMatchObject({ items: { length: seed.toString().trim().split('\n').length - 1 }, left: [] });
  });

  it('ING-08: may be a workbook', async () => {
    const book = new Workbook();
    const sheet = book.addWorksheet('map');
    for (const row of [['channel_sku', 'sku', 'quantity', 'channel'], ['A', 'TEA', 2, 'shop'], ['A', 'CUP', '', 'shop'], ['B', 'TEA', 'many', 'shop']]) sheet.addRow(row as never[]);
    expect(await read(Buffer.from((await book.xlsx.writeBuffer()) as Uint8Array))).toEqual({ items: ['A TEA×2 CUP×1'], left: ['4 BAD_QUANTITY'] });
  });

  it.each([
    ['is without a quantity', ['B,,TEA,1', 'B,,CUP,many'], ['3 BAD_QUANTITY']],
    ['stands apart', ['B,,TEA,1', 'C,,CUP,1', 'B,,CUP,1'], ['4 BAD_CSV'], ['C CUP×1']],
    ['names another item, too', ['B,,TEA,1', 'B,Gift set,CUP,1', 'B,,BOX,1'], ['3 BAD_CSV']],
    ['names no item, as merged cells do', ['B,,TEA,1', ',,CUP,1'], ['3 BAD_CSV']],
    ['has no SKU', ['B,,TEA,1', 'B,,,1'], ['2 UNKNOWN_SKU']],
  ])('ING-08: a bundle of which one row %s is left out whole, and the others go on', async (_what, rows, left, more: readonly string[] = []) => {
    const csv = ['channel_sku,name,sku,quantity,channel', ...rows.map((row) => `${row},shop`), 'A,,TEA,2,shop', 'A,,CUP,,shop'].join('\n');
    expect(await read(Buffer.from(csv))).toEqual({ items: [...more, 'A TEA×2 CUP×1'], left });
  });

  it.each([
    ['without a column for the SKU', 'channel,name\na,b\n', 'BAD_CSV'],
    ['without a column that names items', 'channel,sku\na,b\n', 'BAD_CSV'],
    ['that is empty', '', 'BAD_CSV'],
    ['that is a PDF', '%PDF-1.7 ', 'UNKNOWN_FORMAT'],
    ['that is cut off, as a workbook', 'PK\u0003\u0004', 'UNKNOWN_FORMAT'],
    ['above 16 MiB', `channel,sku,name\n${'a'.repeat(16 * 1024 * 1024)}`, 'TOO_LARGE'],
  ])('ING-08: %s is refused', (_what, text, reason) => expect(read(Buffer.from(text))).rejects.toMatchObject({ reason }));
});
