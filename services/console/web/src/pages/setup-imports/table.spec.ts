import { describe, expect, it } from '@jest/globals';
import { leftOver, located, matched, missingColumns, toCsv, type ColumnWanted, type Table } from './table.js';

const wanted: readonly ColumnWanted[] = [{ name: 'sku', needed: true, also: ['商品编码', 'item code'] }, { name: 'name_zh', also: ['名称'] }, { name: 'grams', also: ['weight', '重量'] }];
const table: Table = { columns: ['名称', 'Item Code', 'Weight'], rows: [['马克杯, 红', 'MUG-1', '350'], ['茶', 'TEA', 'heavy'], ['', '', '']] };
const map = matched(wanted, table.columns);

describe('ALC-15: columns of a file are taken for those that are wanted', () => {
  it('by their names, whatever their case and signs, and by what others call them', () => expect(map).toEqual({ sku: 'Item Code', name_zh: '名称', grams: 'Weight' }));
  it('as they were the last time, where the file still has them', () => expect(matched(wanted, ['a', 'sku', 'weight'], { sku: 'a', grams: 'gone' })).toEqual({ sku: 'a', grams: 'weight' }));
  it('each column once', () => expect(matched([{ name: 'a', also: ['x'] }, { name: 'b', also: ['x'] }], ['x'])).toEqual({ a: 'x' }));
  it('what is needed and not there is named', () => {
    expect(missingColumns(wanted, {})).toEqual(['sku']);
    expect(missingColumns(wanted, map)).toEqual([]);
  });
  it('they are sent under their own names, row for row', () => expect(toCsv(wanted, map, table)).toBe('sku,name_zh,grams\nMUG-1,"马克杯, 红",350\nTEA,茶,heavy\n,,'));
});

describe('OPS-01: what is wrong is said in the words of the file', () => {
  it('by the cell of what was sent', () => expect(located(wanted, map, table, { row: 3, reason: 'BAD_QUANTITY', detail: 'not a number', cell: 'C3' })).toEqual({ column: 'Weight', value: 'heavy' }));
  it('or by the column that the sentence names', () => {
    expect(located(wanted, map, table, { row: 3, reason: 'BAD_QUANTITY', detail: 'grams "heavy" is no number', cell: '' })).toEqual({ column: 'Weight', value: 'heavy' });
    expect(located(wanted, map, table, { row: 3, reason: 'CONFLICT', detail: 'somebody else', cell: '' })).toEqual({ column: '', value: '' });
  });
  it('and can be corrected in a file of those rows alone', () => expect(leftOver(table, [{ row: 3, reason: 'BAD_QUANTITY', detail: '', cell: '' }], () => 'no number')).toBe('名称,Item Code,Weight,problem\n茶,TEA,heavy,no number'));
});
