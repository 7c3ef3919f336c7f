import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { mappedRows } from './sku-map-rows.js';

describe('a file that maps items', () => {
  const read = async (bytes: Uint8Array): Promise<{ readonly items: number; readonly left: readonly string[] }> => {
    const left: string[] = [];
    let items = 0;
    const chunks = async function* (): AsyncGenerator<{ data: Uint8Array }> {
      for (let from = 0; from < bytes.length; from += 1_000) yield { data: bytes.subarray(from, from + 1_000) };
    };
    for await (const batch of mappedRows(chunks(), (row, error) => void left.push(`${row} ${(error as { reason: string }).reason}`))) items += batch.length;
    return { items, left };
  };

  it('ING-08: is the demo’s seed, all of it', async () => {
    const seed = readFileSync(join(import.meta.dirname, '../../../../deploy/seed/sku-map.csv'));
    expect(await read(seed)).toEqual({ items: seed.toString().trim().split('\n').length - 1, left: [] });
  });

  it.each([
    ['without a column for the SKU', 'channel,name\na,b\n', 'BAD_CSV'],
    ['without a column that names items', 'channel,sku\na,b\n', 'BAD_CSV'],
    ['that is empty', '', 'BAD_CSV'],
  ])('ING-08: %s is refused', (_what, text, reason) => expect(read(Buffer.from(text))).rejects.toMatchObject({ reason }));
});
