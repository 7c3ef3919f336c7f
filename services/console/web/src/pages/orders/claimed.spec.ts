import { describe, expect, it } from '@jest/globals';
import { claimerOf, isOthers } from './claimed.js';

const now = new Date('2026-12-01T09:00:00.000Z');
const row = (claimedBy: string, claimedUntil: string) => ({ claimedBy, claimedUntil });

describe('whose a row of the desk is', () => {
  it('OPS-01: the name as people know it, as long as the claim stands', () => {
    expect(claimerOf(row('caller:ada', '2026-12-01T09:15:00.000Z'), now)).toBe('ada');
    expect(claimerOf(row('caller:ada', '2026-12-01T09:00:00.000Z'), now)).toBe('');
    expect(claimerOf(row('', ''), now)).toBe('');
  });
  it('OPS-01: others’ is what somebody else works at now', () => {
    const held = row('caller:ada', '2026-12-01T09:15:00.000Z');
    expect([isOthers(held, 'bob', now), isOthers(held, 'ada', now), isOthers(row('', ''), 'bob', now), isOthers(row('caller:ada', '2026-12-01T08:59:00.000Z'), 'bob', now)]).toEqual([true, false, false, false]);
  });
});
