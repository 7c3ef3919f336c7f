import { describe, expect, it } from '@jest/globals';
import { rateLimit } from './rate-limit.js';

describe('how often a caller may', () => {
  it('TRK-04, ALC-08, ING-09: whoever asks too often is stopped for the rest of the minute, and nobody else', () => {
    let at = 0;
    const allowed = rateLimit({ most: 2, now: () => at });
    expect(['a', 'a', 'a', 'b'].map(allowed)).toEqual([true, true, false, true]);
    at = 59_999;
    expect(allowed('a')).toBe(false);
    at = 60_000;
    expect(['a', 'a', 'a'].map(allowed)).toEqual([true, true, false]);
  });

  it('TRK-04: strangers cannot fill the memory, and whoever goes on guessing is not forgotten for them', () => {
    const allowed = rateLimit({ most: 2, now: () => 0, windowMs: 1_000, capacity: 3 });
    for (const stranger of ['a', 'a', 'b', 'c']) allowed(stranger);
    expect(allowed('a')).toBe(false);
    allowed('d');
    // "b" was quiet longest.
    expect(['a', 'b'].map(allowed)).toEqual([false, true]);
    for (const stranger of ['e', 'f', 'g']) allowed(stranger);
    expect(allowed('a')).toBe(true);
  });
});
