import { describe, expect, it } from '@jest/globals';
import { turnOf } from './file-sources.js';

describe('files in a place', () => {
  const files = (...names: readonly string[]) => names.map((name) => ({ name }));
  it('ING-04: have their turns, however many stay where they are', () => {
    const stuck = files('e', 'a', 'd', 'b', 'c');
    const seen: string[] = [];
    for (let last = '', look = 0; look < 3; look += 1) {
      const turn = turnOf(stuck, last, 2).map(({ name }) => name);
      last = turn.at(-1)!;
      seen.push(turn.join(''));
    }
    expect(seen).toEqual(['ab', 'cd', 'ea']);
    // The last one of before may be gone, and others have come.
    expect(turnOf(files('b', 'd', 'aa'), 'c', 2)).toEqual(files('d', 'aa'));
    expect([turnOf([], 'c', 2), turnOf(files('a'), 'z', 2)]).toEqual([[], files('a')]);
  });
});
