import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fieldOf, isSealed, newKey, open, seal, subjectOf, unwrapKey, wrapKey } from './sealed.js';

const key = newKey();
const keyOf = (): Uint8Array => key;

describe('sealed values', () => {
  it('open to what was sealed, for every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const sealed = seal(key, 'subject-1', 'name', text);
        expect(open(keyOf, sealed)).toBe(text);
        if (text.length > 8) expect(sealed.slice(sealed.lastIndexOf('.') + 1)).not.toContain(text); // shorter ones may stand in any cipher, or be the field's name
      }),
    );
  });

  it('name their subject and field, and two seals of one text differ', () => {
    const [a, b] = [seal(key, 's:1', 'phone', '+8613800138000'), seal(key, 's:1', 'phone', '+8613800138000')];
    expect([isSealed(a), subjectOf(a), fieldOf(a)]).toEqual([true, 's:1', 'phone']);
    expect(a).not.toBe(b);
    expect([isSealed('+86138'), isSealed(''), isSealed('sealed.v1.x')]).toEqual([false, false, false]);
  });

  it('OPS-07: any changed character is noticed', () => {
    const sealed = seal(key, 's1', 'name', 'Maria');
    const start = sealed.lastIndexOf('.') + 1;
    for (let at = start; at < sealed.length; at += 1) {
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
      expect(() => open(keyOf, changed)).toThrow('changed');
    }
    expect(() => open(keyOf, `${sealed}A`)).toThrow();
    expect(() => open(keyOf, sealed.slice(0, -1))).toThrow();
  });

  it('OPS-07: a value moved to another subject or field does not open', () => {
    const sealed = seal(key, 's1', 'name', 'Maria');
    expect(() => open(keyOf, sealed.replace('.s1.', '.s2.'))).toThrow('not of this key, subject and field');
    expect(() => open(keyOf, sealed.replace('.name.', '.phone.'))).toThrow('not of this key, subject and field');
    expect(() => open(() => newKey(), sealed)).toThrow('not of this key, subject and field');
  });

  it('an erased key erases the value', () => expect(open(() => undefined, seal(key, 's1', 'email', 'a@b.example'))).toBeUndefined());

  it('"" stays "", and what is too long or has no proper subject is refused', () => {
    expect([seal(key, 's1', 'text', ''), open(() => undefined, '')]).toEqual(['', '']);
    expect(open(keyOf, seal(key, 's1', 'text', 'x'.repeat(65536)))).toHaveLength(65536);
    expect(() => seal(key, 's1', 'text', 'é'.repeat(32769))).toThrow('at most 65536 bytes');
    expect(open(keyOf, seal(key, 's1', 'raw', 'x'.repeat(2 ** 21)))).toHaveLength(2 ** 21);
    expect(() => seal(key, 's1', 'raw', 'x'.repeat(2 ** 21 + 1))).toThrow('at most 2097152 bytes');
    expect(() => seal(key, 'a.b', 'raw', 'x')).toThrow('a subject is an id');
    expect(() => seal(new Uint8Array(16), 's1', 'raw', 'x')).toThrow();
    expect(() => open(keyOf, 'Maria')).toThrow('not a sealed text');
  });

  it('a data key opens only under its own key-encryption key and for its own subject', () => {
    const kek = newKey();
    const wrapped = wrapKey(kek, 's1', key);
    expect(Buffer.from(unwrapKey(kek, 's1', wrapped))).toEqual(Buffer.from(key));
    expect(() => unwrapKey(kek, 's2', wrapped)).toThrow();
    expect(() => unwrapKey(newKey(), 's1', wrapped)).toThrow();
    expect(() => unwrapKey(kek, 's1', 'nonsense')).toThrow('not a wrapped key');
  });
});
