import { describe, expect, it } from '@jest/globals';
import { resting } from '@flotilla/verify';
import { verdict } from './report.ts';
import type { Report } from './storm.ts';

const report = (more: Partial<Report>): Report => ({
  faults: 0, kinds: {}, orders: {}, invariants: [], seconds: 1, seed: 1, atRest: true, recovery: {}, branches: {}, missing: { kinds: [], branches: [] }, shrugs: {}, ...more,
});

describe('what speaks against a storm', () => {
  it('ORD-12: nothing, if all came to rest', () => expect(verdict(report({ invariants: [resting([])] }), 1)).toEqual([]));

  it('ORD-12: a service that stands still, though every order is over', () =>
    expect(verdict(report({ invariants: [resting(['tracking’s follower shipments is at 3 of 9'])] }), 1)).toEqual(['broken: 7 every service has read and followed to the end']));
});
