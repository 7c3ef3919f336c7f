import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { lockFile, readFiles, readStockFile, type Found } from './sftp3pl.files.js';

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
type Name = `${Found['folder']}/${Found['kind']}`;
const found = (...names: Name[]): readonly Found[] => names.map((name, index) => ({ folder: name.split('/')[0] as Found['folder'], kind: name.split('/')[1] as Found['kind'], mtime: 100 + index }));
const there = (...names: Name[]): string => {
  const answer = readFiles(found(...names));
  return answer.kind === 'is' ? answer.said.there : answer.kind;
};

describe('the files of a third party', () => {
  it('ALC-09: a lock is what the files about it say', () => {
    expect(there()).toBe('not-known');
    expect(there('in/lock')).toBe('LOCKED');
    expect(there('done/lock', 'in/confirm')).toBe('CONFIRMED');
    expect(there('done/lock', 'done/confirm', 'in/release')).toBe('RELEASED');
    expect(there('in/release')).toBe('RELEASED');
    expect(there('done/lock', 'done/confirm', 'in/ship')).toBe('unclear');
    expect(there('done/lock', 'done/confirm', 'done/ship')).toBe('CONSUMED');
    expect(there('rejected/lock')).toBe('REFUSED');
    expect(there('rejected/lock', 'in/confirm')).toBe('RELEASED');
    expect(there('done/lock', 'rejected/confirm')).toBe('RELEASED');
  });

  it('ALC-09: goods were taken at the end of the second in which the file was moved', () => expect(readFiles(found('done/ship'))).toMatchObject({ said: { position: 100_999 } }));

  it('writes a lock with its lines', () => expect(lockFile('7e3b6c1a', 'F1', [{ sku: 'MUG-1', quantity: 2 }, { sku: 'A,B', quantity: 1 }])).toBe(fixture('lock.csv')));

  it('names a SKU as the other side knows it, whatever it begins with', () => expect(lockFile('l', 'F1', [{ sku: '-A', quantity: 1 }])).toContain('l,F1,-A,1\n'));

  it('ALC-09: reads a stock file with its time, and refuses a malformed one whole, with the row', () => {
    expect(readStockFile(fixture('stock.csv'))).toEqual({
      meaning: 'PHYSICAL', sequence: 0,
      figures: [{ sku: 'MUG-1', figure: 12, unsellable: 1, position: Date.parse('2026-11-22T01:00:00Z'), delta: null }, { sku: 'TEE-2', figure: 0, unsellable: 0, position: Date.parse('2026-11-22T01:00:00Z'), delta: null }],
    });
    expect(() => readStockFile(fixture('stock.bad.csv'))).toThrow('row 3: "many" is not a whole number');
    expect(() => readStockFile('')).toThrow('no rows');
    expect(() => readStockFile('sku,quantity\nA,1\n')).toThrow('columns are missing: as_of, meaning');
    expect(() => readStockFile('as_of,meaning,sku,quantity\n2026-11-22T01:00:00Z,SELLABLE,A,1\n')).toThrow('PHYSICAL');
    expect(() => readStockFile('as_of,meaning,sku,quantity\nyesterday,PHYSICAL,A,1\n')).toThrow('row 2: as_of "yesterday"');
    expect(() => readStockFile('as_of,meaning,sku,quantity\n"')).toThrow();
  });
});
