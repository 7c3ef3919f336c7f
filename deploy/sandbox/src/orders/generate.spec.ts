import { describe, expect, it } from '@jest/globals';
import { readCatalogue, readCsv } from './catalogue.js';
import { generateOrder } from './generate.js';
import { decimal, divide } from './order.js';

const catalogue = readCatalogue();
const draw = (index: number, seed: number, salt = 's') => generateOrder({ catalogue, seed, salt, index, channel: 'c', number: index, at: 1_700_000_000_000 });
const many = Array.from({ length: 500 }, (_, index) => draw(index, 7));

describe('orders', () => {
  it('the same seed gives the same order; another salt gives new ids to the same content', () => {
    expect(draw(3, 7)).toEqual(draw(3, 7));
    expect(draw(3, 8)).not.toEqual(draw(3, 7));
    const other = draw(3, 7, 'other');
    expect(other.id).not.toBe(draw(3, 7).id);
    expect(other.shipTo).toEqual(draw(3, 7).shipTo);
  });
  it('have ids of their own, above 2^53', () => {
    expect(new Set(many.map(({ id }) => id)).size).toBe(500);
    expect(many.every(({ id }) => BigInt(id) > 2n ** 53n && BigInt(id) < 2n ** 63n)).toBe(true);
  });
  it.each([1, 7, 42])('at seed %i show all the variety there is', (seed) => {
    const orders = Array.from({ length: 500 }, (_, index) => draw(index, seed));
    expect(new Set(orders.map(({ currency }) => currency))).toEqual(new Set(['CNY', 'USD', 'EUR', 'GBP', 'JPY']));
    expect(new Set(orders.map(({ shipTo }) => shipTo?.country))).toEqual(new Set(['CN', 'US', 'CA', 'DE', 'FR', 'GB', 'MY', 'JP', 'AU']));
    const has = (what: (order: (typeof orders)[number]) => boolean): boolean => orders.some(what);
    expect(has(({ shipTo }) => shipTo?.city === '喀什地区')).toBe(true);
    expect(has(({ shipTo }) => shipTo?.city === '东莞市' && shipTo.district === '')).toBe(true);
    expect(has(({ shipTo }) => shipTo?.city === '市辖区')).toBe(true);
    expect(has(({ shipTo }) => shipTo?.phone === null)).toBe(true);
    expect(has(({ shipTo }) => shipTo?.company !== null)).toBe(true);
    expect(has(({ note }) => note === '请发顺丰')).toBe(true);
    expect(has(({ note }) => note === 'Please leave at door')).toBe(true);
    expect(has(({ lines }) => lines.length === 5)).toBe(true);
    expect(has(({ lines }) => lines.some(({ properties }) => properties.length > 0))).toBe(true);
    expect(has(({ shippingLines }) => shippingLines.length === 2)).toBe(true);
    expect(has(({ code }) => code?.type === 'shipping')).toBe(true);
    expect(has(({ presentment }) => presentment !== null)).toBe(true);
  });
  it('never touch short stock unless asked to', () => {
    const short = new Set(catalogue.filter((product) => product.short).map(({ sku }) => sku));
    expect(short.size).toBe(4);
    expect(many.flatMap(({ lines }) => lines).some(({ sku }) => short.has(sku))).toBe(false);
    const wanted = generateOrder({ catalogue, seed: 1, salt: 's', index: 0, channel: 'c', number: 1, at: 0, wish: { short: true } });
    expect(short.has(wanted.lines[0]?.sku ?? '')).toBe(true);
    expect(wanted.lines[0]?.quantity).toBeGreaterThan(2);
  });
  it('reads CSV with quotes, and the catalogue with its one unknown weight', () => {
    expect(readCsv('a,b\n"x, ""y""",\n')).toEqual([['a', 'b'], ['x, "y"', '']]);
    expect(catalogue).toHaveLength(40);
    expect(catalogue.filter(({ grams }) => grams === 0)).toHaveLength(1);
  });
  it('divides and writes money to the minor unit', () => {
    expect(divide(100, [1, 1, 1])).toEqual([34, 33, 33]);
    expect(divide(5, [0, 0])).toEqual([0, 0]);
    expect([decimal(5, 'USD'), decimal(-1234, 'EUR'), decimal(1200, 'JPY')]).toEqual(['0.05', '-12.34', '1200']);
  });
});
