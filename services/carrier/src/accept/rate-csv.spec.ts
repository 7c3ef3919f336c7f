import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Refused } from '@flotilla/decider';
import { carriers } from '../perform/carriers/registry.js';
import { readRates } from './rate-csv.js';

const known = new Map([['sf', ['STANDARD', 'EXPRESS']]]);
const header = 'carrier,service,from_province,to_zone,first_grams,first_price,extra_grams,extra_price,currency,days,valid_from,valid_to';
const read = (...lines: readonly string[]) => readRates(Buffer.from([header, ...lines].join('\r\n')), known);

describe('CAR-02: a rate card as CSV', () => {
  it('CAR-02: is read row by row; a bad row does not stop the others', () => {
    const { rows, faults } = read('sf,STANDARD,广东,北京,1000,18.00,500,4,CNY,2,2026-01-01,', 'zto,STANDARD,,CN,1000,8,500,2,CNY,3,2026-01-01,', 'sf,AIR,,CN,1,1,0,0,CNY,1,2026-01-01,', 'sf,EXPRESS,,*,x,1,0,0,CNY,1,2026-01-01,', 'sf,EXPRESS,,*,1,1.005,0,0,CNY,1,2026-01-01,', 'sf,EXPRESS,,*,1,1,0,0,CNY,1,2026-02-30,', 'sf,EXPRESS,,*,1,1,0,,JPY,1,2026-01-01,2025-01-01', 'sf,EXPRESS,,,1,1,0,0,CNY,1,2026-01-01,');
    expect(rows).toEqual([{ row: 2, rate: { carrier: 'sf', service: 'STANDARD', from: '广东', to: '北京', firstGrams: 1000, firstPrice: 1800, extraGrams: 500, extraPrice: 400, currency: 'CNY', days: 2, validFrom: '2026-01-01', validTo: '' } }]);
    expect(faults.map(({ row, reason }) => [row, reason])).toEqual([[3, 'NOT_FOUND'], [4, 'NOT_FOUND'], [5, 'BAD_QUANTITY'], [6, 'BAD_AMOUNT'], [7, 'BAD_INSTANT'], [8, 'BAD_INSTANT'], [9, 'BAD_ADDRESS']]);
  });

  it('CAR-02: may have surcharges, fixed and in percent; what is left out is not written', () => {
    const bytes = Buffer.from([`${header},surcharge,surcharge_percent`, 'sf,STANDARD,,CN,1000,18,0,0,CNY,2,2026-01-01,,5.00,12.5', 'sf,STANDARD,,CN,1000,18,0,0,CNY,2,2026-01-01,,,', 'sf,STANDARD,,CN,1000,18,0,0,CNY,2,2026-01-01,,-1,', 'sf,STANDARD,,CN,1000,18,0,0,CNY,2,2026-01-01,,,101'].join('\n'));
    const { rows, faults } = readRates(bytes, known);
    expect(rows.map(({ rate }) => [rate.surcharge, rate.surchargePercent, 'surcharge' in rate])).toEqual([[500, 12.5, true], [undefined, undefined, false]]);
    expect(faults.map(({ row }) => row)).toEqual([4, 5]);
  });

  it('CAR-02: may count volume, by a divisor; what is left out is not written', () => {
    const { rows, faults } = readRates(Buffer.from([`${header},volume_divisor`, 'sf,STANDARD,,CN,1000,18,0,0,CNY,2,2026-01-01,,6000', 'sf,STANDARD,,CN,1000,18,0,0,CNY,2,2026-01-01,,', 'sf,STANDARD,,CN,1000,18,0,0,CNY,2,2026-01-01,,0', 'sf,STANDARD,,CN,1000,18,0,0,CNY,2,2026-01-01,,6 000'].join('\n')), known);
    expect(rows.map(({ rate }) => ['volumeDivisor' in rate, rate.volumeDivisor])).toEqual([[true, 6000], [false, undefined]]);
    expect(faults.map(({ row, reason }) => [row, reason])).toEqual([[4, 'BAD_QUANTITY'], [5, 'BAD_QUANTITY']]);
  });

  it('may be GB18030 or have a BOM, and is refused whole where it is no such file', () => {
    const gb = Buffer.concat([Buffer.from(`${header}\nsf,STANDARD,`), Buffer.from([0xb9, 0xe3, 0xb6, 0xab]), Buffer.from(',CN,1000,18,0,0,CNY,2,2026-01-01,\n')]);
    expect(readRates(gb, known).rows[0]?.rate.from).toBe('广东');
    expect(readRates(Buffer.from(`\ufeff${header}\nsf,STANDARD,,CN,1000,18,0,0,CNY,2,2026-01-01,\n`), known).rows).toHaveLength(1);
    expect(() => readRates(Buffer.from('sku,price\nA,1\n'), known)).toThrow(Refused);
    expect(() => readRates(Buffer.from('a,"b\nc'), known)).toThrow(/not CSV/);
    expect(readRates(Buffer.from(''), known)).toEqual({ rows: [], faults: [] });
  });

  it('ALC-12: the seed’s cards are read whole, and the own fleet has none that ordinary parcels would be sent by', () => {
    const { rows, faults } = readRates(readFileSync('deploy/seed/rate-cards.csv'), new Map(carriers.map(({ manifest }) => [manifest.name, manifest.services])));
    expect(faults).toEqual([]);
    expect([...new Set(rows.flatMap(({ rate }) => (rate.carrier === 'own' ? [rate.service] : [])))]).toEqual(['PICKUP', 'SAME_CITY', 'BULKY']);
  });
});
