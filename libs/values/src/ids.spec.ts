import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lineIdOf, lockIdOf, orderIdOf, parcelIdOf, subjectIdOf, uuidv5 } from './ids.js';

describe('ids', () => {
  it('are RFC 9562 name-based UUIDs', () => {
    expect(uuidv5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
    expect(() => uuidv5('not-a-uuid', 'x')).toThrow('is not a UUID');
  });

  it('never change between releases', () => {
    const order = orderIdOf('woo-eu', '1001');
    expect({ order, line: lineIdOf(order, '7'), parcel: parcelIdOf(order, 1), lock: lockIdOf(order, 1, 'WH1'), subject: subjectIdOf('woo-eu', '42') }).toEqual({
      order: '57d9de3f-3c3c-5c93-96f7-41f38c60f141',
      line: '73ecb574-53ec-5f50-a6c3-e52dde998db5',
      parcel: 'e5bc1101-fcb2-5d33-8013-10d45355b3d2',
      lock: '79344602-6d40-5465-aef2-2da1511e5fd5',
      subject: '597b5a20-6f65-5158-b683-31daa65fd382',
    });
  });

  it('keep channel and channel order id apart, however they are cut', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (a, b, c, d) => {
        fc.pre(a !== c || b !== d);
        expect(orderIdOf(a, b)).not.toBe(orderIdOf(c, d));
      }),
    );
    expect(orderIdOf('ab', 'c')).not.toBe(orderIdOf('a', 'bc'));
  });
});
