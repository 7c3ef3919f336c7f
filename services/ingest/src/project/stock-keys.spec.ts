import { describe, expect, it } from '@jest/globals';
import type { Transaction } from '@flotilla/event-store';
import { mappedOf } from './stock-keys.js';

const item = (sku: string) => ({ sku, itemId: '', barcode: '', title: '' });
/** What the SKU map of the channel says, by name. */
const map = (known: Readonly<Record<string, readonly { readonly sku: string; readonly quantity: number }[]>>): Pick<Transaction, 'query'> => ({
  query: ((_text: string, [, names]: readonly [string, readonly string[]]) => Promise.resolve({ rows: names.flatMap((name) => (known[name] === undefined ? [] : [{ name, parts: known[name] }])) })) as unknown as Transaction['query'],
});

describe('under what the stock of a listed item is kept', () => {
  it('ING-08, ING-12: by the map, whatever the SKU of the channel looks like', async () => {
    const parts = [{ sku: 'CUP', quantity: 2 }];
    expect(await mappedOf(map({ 'SKU:杯子 两只': parts }), 'shop', [item('杯子 两只')])).toEqual([{ names: ['SKU:杯子 两只'], parts, key: '2 x CUP' }]);
  });

  it('ING-08, ING-12: by the SKU of the channel if nobody has mapped it, unless it cannot be ours: "2 x CUP" is nobody’s bundle', async () => {
    const keys = (await mappedOf(map({}), 'shop', ['CUP', '2 x CUP', '杯子', 'C'.repeat(101), ''].map(item))).map(({ key, parts }) => [key, parts.length]);
    expect(keys).toEqual([['CUP', 1], ['', 0], ['', 0], ['', 0], ['', 0]]);
  });
});
