import { describe, expect, it } from '@jest/globals';
import { foreignNumbers, isExternalNumber } from './foreign.js';
import { carriers } from './registry.js';

const manifests = new Map(carriers.map(({ manifest }) => [manifest.name, manifest]));
// The publishers' own test numbers.
const good: Readonly<Record<string, readonly string[]>> = {
  ups: ['1Z5R89390357567127', '1Z879E930346834440', 'K1506235620'],
  fedex: ['986578788855', '477179081230', '041441760228964', '9611020987654312345672', '1001921334250001000300779017972697'],
  dhl: ['3318810025', '73891051146', 'JJD0099999999', 'GM2951173225174494', '60120172242323'],
};
const withCheckDigit = ['1Z5R89390357567127', 'K1506235620', '986578788855', '041441760228964', '9611020987654312345672', '3318810025'];

describe('numbers of carriers without a folder', () => {
  it('CAR-13, CAR-04: are known by their forms', () => {
    expect(Object.keys(good).toSorted()).toEqual(Object.keys(foreignNumbers).toSorted());
    for (const [name, numbers] of Object.entries(good)) for (const number of numbers) expect([name, number, isExternalNumber(manifests, name, number)]).toEqual([name, number, true]);
    for (const [name, number] of [['ups', '1Z5R8939035756712'], ['ems', 'RB123456785G'], ['ems', 'RB123456786GB'], ['jd', 'JD1234567890123456'], ['jt', 'YT1234567890123'], ['deppon', '1234567']] as const) expect([name, number, isExternalNumber(manifests, name, number)]).toEqual([name, number, false]);
  });

  it('CAR-04: a wrong check digit is found', () => {
    for (const [name, numbers] of Object.entries(good)) {
      for (const number of numbers.filter((one) => withCheckDigit.includes(one))) {
        const at = number.length - 1;
        const wrong = `${number.slice(0, at)}${(Number(number[at]) + 1) % 10}`;
        expect([wrong, isExternalNumber(manifests, name, wrong)]).toEqual([wrong, false]);
      }
    }
  });

  it('CAR-13: our own carriers’ numbers have their own forms; of a carrier nobody knows any number is taken that can be one', () => {
    expect(isExternalNumber(manifests, 'sf', 'SF7444471039325')).toBe(true);
    expect(isExternalNumber(manifests, 'sf', 'YT7444471039325')).toBe(false);
    expect(isExternalNumber(manifests, 'village-post', 'AB-1234')).toBe(true);
    expect(isExternalNumber(manifests, 'constructor', 'ABC1234')).toBe(true);
    for (const [name, number] of [['village-post', 'ab1234'], ['village-post', 'A1'], ['village-post', 'A 12345'], ['', 'ABC1234'], ['Village Post', 'ABC1234'], ['constructor', '']] as const) expect(isExternalNumber(manifests, name, number)).toBe(false);
  });
});
