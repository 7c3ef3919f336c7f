import { describe, expect, it } from '@jest/globals';
import { readExternal } from './external-csv.js';

const read = (...lines: readonly string[]) => readExternal(Buffer.from(['parcel_id,carrier,waybill,shipped_at', ...lines].join('\n')));
const id = '5f0c2a4e-3f0b-5d4e-9c3a-1a2b3c4d5e6f';

describe('CAR-13: numbers from a file', () => {
  it('CAR-13: are read row by row, as people write them; a bad row does not stop the others', () => {
    const { rows, faults } = read(`${id.toUpperCase()},UPS,1z 5r8 939 03 5756 7127,2026-11-29T18:00:00+08:00`, 'p1,ups,X,2026-11-29T18:00:00Z', `${id},ups,X,2026-11-29`, `${id},ups,X,2026-13-29T18:00:00Z`);
    expect(rows).toEqual([{ row: 2, parcelId: id, carrier: 'ups', waybill: '1Z5R89390357567127', shippedAt: '2026-11-29T10:00:00.000Z' }]);
    expect(faults.map(({ row, reason }) => [row, reason])).toEqual([[3, 'BAD_REQUEST'], [4, 'BAD_INSTANT'], [5, 'BAD_INSTANT']]);
  });

  it('CAR-13: carriers may be named by a gateway’s code', () => expect(read(`${id},JTSD,JT5123456789012,2026-11-29T18:00:00Z`, `${id},yzpy,9876543210123,2026-11-29T18:00:00Z`).rows.map(({ carrier }) => carrier)).toEqual(['jt', 'china-post']));

  it('CAR-13: a file that is none, or too long, is refused whole', () => {
    expect(() => readExternal(Buffer.from('sku,price\nA,1\n'))).toThrow(/columns are missing/);
    expect(() => readExternal(Buffer.from('a,"b\nc'))).toThrow(/not CSV/);
    expect(() => read(...Array.from({ length: 20_001 }, () => `${id},ups,X,2026-11-29T18:00:00Z`))).toThrow(/at most 20000/);
    expect(readExternal(Buffer.from(''))).toEqual({ rows: [], faults: [] });
  });
});
