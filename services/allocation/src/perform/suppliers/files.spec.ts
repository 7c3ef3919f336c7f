import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { orderFile, type Recipient } from './files.js';

const lockId = '901e7359-acf3-5dea-b403-e3c7f3600b91';
const lines = [{ sku: 'A', quantity: 2, name: '杯, "大"', cost: '18.00', currency: 'CNY' }, { sku: 'B', quantity: 1, name: 'two\nlines', cost: '', currency: '' }];
const to: Recipient = { parcelId: 'P', name: '张三', phone: '13800138000', company: '', street: '科苑路1号, 2栋', district: '南山区', city: '深圳市', province: '广东省', postcode: '518000', country: 'CN' };
const rowsOf = (text: string): readonly Record<string, string>[] => parse(text, { columns: true });

describe('what a supplier is told by file', () => {
  it('ALC-08: has a row for each line of the order, whatever stands in it, and a name that is the same when it is told again', () => {
    const offer = orderFile('OFFER', { lockId, until: '2026-11-22T12:00:00.000Z', lines });
    expect(offer.name).toBe(`${lockId}.offer.csv`);
    expect(rowsOf(offer.text)).toEqual([
      { offer: lockId, answer_until: '2026-11-22T12:00:00.000Z', sku: 'A', quantity: '2', name: '杯, "大"', cost: '18.00', currency: 'CNY' },
      { offer: lockId, answer_until: '2026-11-22T12:00:00.000Z', sku: 'B', quantity: '1', name: 'two\nlines', cost: '', currency: '' },
    ]);
    expect(orderFile('OFFER', { lockId, until: '2026-11-22T12:00:00.000Z', lines })).toEqual(offer);
    expect(orderFile('WITHDRAWN', { lockId, until: '', lines })).toMatchObject({ name: `${lockId}.withdrawn.csv` });
  });
  it('ALC-08: says where a parcel goes only where it is to be sent, once for each parcel', () => {
    const ship = orderFile('SHIP', { lockId, until: '', lines }, to);
    expect(ship.name).toBe(`${lockId}.ship.P.csv`);
    expect(rowsOf(ship.text)).toMatchObject([{ offer: lockId, parcel: 'P', sku: 'A', name: '张三', phone: '13800138000', street: '科苑路1号, 2栋', country: 'CN' }, { sku: 'B' }]);
    for (const kind of ['OFFER', 'WITHDRAWN'] as const) expect(orderFile(kind, { lockId, until: '', lines }, to).text).not.toContain('13800138000');
    expect(() => orderFile('SHIP', { lockId, until: '', lines })).toThrow('nobody says where');
  });
  it('ALC-08: what a buyer or a catalogue calls something is no formula for the supplier who opens the file', () => {
    const ship = orderFile('SHIP', { lockId, until: '', lines }, { ...to, name: '=HYPERLINK("http://x","y")', phone: '+8613800138000', street: '@SUM(1)', company: '-2+3' });
    expect(rowsOf(ship.text)[0]).toMatchObject({ name: `'=HYPERLINK("http://x","y")`, phone: '+8613800138000', street: "'@SUM(1)", company: "'-2+3" });
    expect(rowsOf(orderFile('OFFER', { lockId, until: '', lines: [{ ...lines[0]!, name: '+1|x' }] }).text)[0]).toMatchObject({ name: "'+1|x" });
  });
});
