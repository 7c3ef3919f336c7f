import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Party, PurchaseOrder } from '../carrier.js';
import { isOwnNumber, numberOf } from './numbers.js';
import { own } from './own.local.js';

const party: Party = { name: '李雷', phone: '13800138000', company: '', country: 'CN', province: '广东省', city: '深圳市', district: '', postcode: '', street: '深南大道 1 号' };
const port = own.connect({ config: {}, fetch: () => Promise.reject(new Error('nobody is to be called')), now: () => new Date() })!;
const order = (changes: Partial<PurchaseOrder>): PurchaseOrder => ({ reference: 'p1', service: 'PICKUP', sender: party, recipient: party, items: [], grams: 0, orders: [], token: '', ...changes });
const soon = AbortSignal.timeout(5_000);

describe('ALC-12: the own fleet', () => {
  it('ALC-12: a number follows from its reference; a wrong digit and two that changed places are noticed', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(19), fc.integer({ min: 1, max: 9 }), (reference, at, more) => {
        const number = numberOf(reference);
        expect([isOwnNumber(number), numberOf(reference)]).toEqual([true, number]);
        const place = at + 2;
        const wrong = `${number.slice(0, place)}${(Number(number[place]) + more) % 10}${number.slice(place + 1)}`;
        expect(isOwnNumber(wrong)).toBe(false);
        const swapped = `${number.slice(0, place - 1)}${number[place]}${number[place - 1]}${number.slice(place + 1)}`;
        if (place > 2) expect(isOwnNumber(swapped)).toBe(swapped === number);
      }),
    );
    for (const other of ['', 'SF7444471039325', 'FL', `${numberOf('p1')}0`, numberOf('p1').toLowerCase()]) expect(isOwnNumber(other)).toBe(false);
    expect(numberOf('p1-c1')).not.toBe(numberOf('p1'));
  });

  it('ALC-12: refuses for certain what it does not do, and hands over in the store to whoever comes', async () => {
    expect(await port.create(order({ service: 'STANDARD' }), soon)).toMatchObject({ kind: 'refused', reason: 'CARRIER_REFUSED' });
    expect(await port.create(order({ service: 'SAME_CITY', recipient: { ...party, country: 'US' } }), soon)).toMatchObject({ kind: 'refused', reason: 'NOT_DELIVERABLE' });
    expect(await port.create(order({ recipient: { ...party, country: '', city: '', street: '' } }), soon)).toMatchObject({ kind: 'issued' });
  });
});
