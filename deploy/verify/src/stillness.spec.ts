import { describe, expect, it } from '@jest/globals';
import { alive, resting, type Followed } from './stillness.ts';

const day = 24 * 60 * 60;
const of = (name: string, moved: number, led: boolean): Followed => ({ name, position: '1', head: '9', led, moved: String(moved) });
const names = (followed: readonly Followed[]): readonly string[] => alive(followed).map(({ name }) => name);

describe('a fleet at rest', () => {
  it('ORD-12: is a promise: whoever is behind breaks it, by name', () => {
    expect(resting([])).toEqual({ name: '7 every service has read and followed to the end', holds: true, checked: 7, faults: [] });
    expect(resting(['carrier has read parcel.v1/0 to 3 of 9'])).toMatchObject({ holds: false, faults: ['carrier has read parcel.v1/0 to 3 of 9'] });
    expect(resting(Array.from({ length: 40 }, String)).faults).toHaveLength(11);
  });

  it('ORD-12: a checkpoint that outlived its follower is nobody’s', () => expect(names([of('orders', 9 * day, true), of('renamed', 7 * day, false)])).toEqual(['orders']));

  it('ORD-12: a follower that somebody leads is behind, however long it stands still; so is one that stopped with its service', () => {
    expect(names([of('orders', 9 * day, true), of('stuck', 7 * day, true)])).toEqual(['orders', 'stuck']);
    expect(names([of('orders', 9 * day, false), of('also', 9 * day - 60, false)])).toEqual(['orders', 'also']);
  });
});
