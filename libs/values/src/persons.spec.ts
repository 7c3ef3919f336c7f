import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { blindIndex, comparable, countries, mask, maskPersonal, newKey, normaliseCountry, normalisePostcode, phoneE164, seal } from './index.js';

describe('phones', () => {
  it.each([
    ['138 0013 8000', 'CN', '+8613800138000'], ['13800138000', 'CN', '+8613800138000'], ['8613800138000', 'CN', '+8613800138000'], ['+86 138-0013-8000', 'US', '+8613800138000'],
    ['008613800138000', 'CN', '+8613800138000'], ['(415) 555-2671', 'US', '+14155552671'], ['020 7946 0958', 'United Kingdom', '+442079460958'], ['１３８００１３８０００', 'CN', '+8613800138000'],
    ['+33 6 12 34 56 78', undefined, '+33612345678'],
  ])('reads %s in %s', (text, country, expected) => expect(phoneE164(text, country)).toBe(expected));

  it.each([['138****8000'], ['13800000000-1234'], ['13800000000转1234'], ['13800138000,1234'], ['n/a'], [''], ['1'], ['0000000000']])('reads nothing in %s', (text) =>
    expect(phoneE164(text, 'CN')).toBeUndefined());

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.option(fc.string(), { nil: undefined }), (text, country) => expect(['string', 'undefined']).toContain(typeof phoneE164(text, country))));
  });
});

describe('blind indexes', () => {
  it('find the same value of the same kind under the same key', () => {
    const key = newKey();
    expect(blindIndex(key, 'phone', '+86138')).toBe(blindIndex(key, 'phone', '+86138'));
    expect(blindIndex(key, 'phone', '+86138')).toMatch(/^[\w-]{22}$/);
    expect(blindIndex(key, 'phone', 'x')).not.toBe(blindIndex(key, 'email', 'x'));
    expect(blindIndex(key, 'ab', 'c')).not.toBe(blindIndex(key, 'a', 'bc'));
    expect(blindIndex(key, 'phone', 'x')).not.toBe(blindIndex(newKey(), 'phone', 'x'));
    expect(blindIndex(key, 'phone', '')).toBe('');
  });
});

describe('addresses', () => {
  it.each([['us', 'US'], ['USA', 'US'], ['United States', 'US'], ['Deutschland', 'DE'], ['中国', 'CN'], ['中國', 'CN'], ['UK', 'GB'], ['Côte d’Ivoire', 'CI'], ['Viet Nam', 'VN'], ['日本', 'JP'], ['España', 'ES'], ['Turkey', 'TR']])(
    'knows %s as %s',
    (text, code) => expect(normaliseCountry(text)).toBe(code),
  );

  it('knows every code, and what it does not know it says', () => {
    expect(countries).toHaveLength(249);
    expect(countries.map((code) => normaliseCountry(code))).toEqual(countries);
    expect([normaliseCountry('Atlantis'), normaliseCountry(''), normaliseCountry('x'.repeat(1000))]).toEqual([undefined, undefined, undefined]);
  });

  it('compares what people write differently', () => {
    expect(normalisePostcode(' sw1a  1aa ')).toBe('SW1A 1AA');
    expect(comparable('Main St. 5, Apt-B')).toBe(comparable('main st 5 apt b'));
  });
});

describe('masks', () => {
  const sealed = seal(newKey(), 's1', 'name', 'Maria');

  it.each([['Maria Lopez', 'M*** L***'], ['+8613800138000', '*** 8000'], ['maria@example.org', 'm***@example.org'], ['', ''], ['12345', '***'], ['@x', '***']])('%s shows as %s', (text, shown) => expect(mask(text)).toBe(shown));

  it('OPS-07: logs hold no personal value, at any depth', () => {
    const cycle: Record<string, unknown> = { name: 'Maria', order: 'o1' };
    cycle['self'] = cycle;
    const logged = maskPersonal({
      order: 'o1', shipTo: { name: 'Maria', street: 'Main 5', city: 'Berlin', phone: 49123 }, lines: [{ sku: 'S', recipientName: 'Maria' }],
      sealedValue: sealed, payload: { anything: 'Maria' }, bytes: new Uint8Array(3), cycle, at: new Date(0), email: '', long: 'x'.repeat(3000),
      err: Object.assign(new Error('no'), { address: 'Main 5' }),
    });
    const text = JSON.stringify(logged);
    for (const personal of ['Maria', 'Main 5', '49123']) expect(text).not.toContain(personal);
    expect(logged).toMatchObject({ order: 'o1', shipTo: { name: '***', city: 'Berlin' }, lines: [{ sku: 'S' }], sealedValue: 'sealed.v1.s1…', bytes: '<3 bytes>', err: { message: 'no' } });
    expect(logged.long.length).toBe(2001);
    expect(cycle['name']).toBe('Maria');
  });
});
