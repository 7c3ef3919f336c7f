import { describe, expect, it } from '@jest/globals';
import { carriers } from '../perform/carriers/registry.js';
import { numberAt } from '../decide/number-range.js';
import { readPools } from './pool-csv.js';

const known = new Map(carriers.map(({ manifest }) => [manifest.name, { manifest, open: manifest.name === 'sf' }]));
const read = (...lines: readonly string[]) => readPools(Buffer.from(['carrier,warehouse,from,to,low,voided', ...lines].join('\n')), known);

describe('CAR-04: numbers of a branch as CSV', () => {
  it('CAR-04: are ranges or single numbers, as people write them; check digits are counted on, not through', () => {
    const { rows, faults } = read('yto,SZ1,YT1000000000098,YT1000000000101,10,reclaim', 'zto,SZ1,7312 3456 7890 12,,,', 'ems,SZ1,RB123456785GB,RB123456808GB,,BURN');
    expect(faults).toEqual([]);
    expect(rows.map(({ row, low, voided }) => [row, low, voided])).toEqual([[2, 10, 'RECLAIM'], [3, undefined, undefined], [4, undefined, 'BURN']]);
    expect(rows.map(({ range }) => Array.from({ length: range.to - range.from + 1 }, (_, n) => numberAt(range, range.from + n)))).toEqual([
      ['YT1000000000098', 'YT1000000000099', 'YT1000000000100', 'YT1000000000101'], ['73123456789012'], ['RB123456785GB', 'RB123456799GB', 'RB123456808GB'],
    ]);
  });

  it.each([
    ['nobody,SZ1,1,2', 'NOT_FOUND', 'no carrier'], ['sf,SZ1,SF7000000000001,', 'BAD_REQUEST', 'has an account here'], ['zto,,73123456789012,', 'BAD_REQUEST', 'warehouse is empty'], ['zto,SZ1,,', 'BAD_REQUEST', 'follow one another'],
    ['zto,SZ1,73123456789012,73123456789011', 'BAD_REQUEST', 'follow one another'], ['zto,SZ1,73123456789012,731234567890999', 'BAD_REQUEST', 'follow one another'], ['yto,SZ1,YT1000000000001,YX1000000000009', 'BAD_REQUEST', 'follow one another'],
    ['zto,SZ1,76999999999999,77000000000001', 'BAD_REQUEST', '77000000000000 does not have the form'], ['yto,SZ1,YT1000000000000,YT1000000100000', 'TOO_LARGE', 'at most 100000'], ['ems,SZ1,RB123456786GB,', 'BAD_REQUEST', 'check digit'],
    ['zto,SZ1,73123456789012,,-1,', 'BAD_QUANTITY', 'low'], ['zto,SZ1,73123456789012,,1,KEEP', 'BAD_REQUEST', 'neither BURN nor RECLAIM'], [`zto,SZ1,${'7'.repeat(60)},`, 'BAD_REQUEST', 'follow one another'],
  ])('CAR-04: %s is refused with its row', (line, reason, detail) => {
    expect(read(line)).toEqual({ rows: [], faults: [{ row: 2, reason, detail: expect.stringContaining(detail) }] });
  });

  it('CAR-04: a file that is none, or too long, is refused whole', () => {
    expect(() => readPools(Buffer.from('sku,price\nA,1\n'), known)).toThrow(/columns are missing/);
    expect(() => read(...Array.from({ length: 10_001 }, () => 'zto,SZ1,73123456789012,'))).toThrow(/at most 10000/);
  });
});
