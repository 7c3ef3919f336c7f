import { describe, expect, it } from '@jest/globals';
import type { ParcelCommand } from '../decide/parcel.decider.js';
import { after, commands, late, parcelId, ways } from '../../spec/parcels.js';
import { lookAgainAt, parcelJobs } from './parcel-jobs.js';

const jobs = (...steps: readonly ParcelCommand[]) => after(...steps).flatMap((event) => parcelJobs(event));

describe('what a parcel needs done outside', () => {
  it('CAR-12: every intent is one job with a key of its own', () => {
    expect(jobs(...ways.WAYBILLED)).toEqual([{ kind: 'waybill', intent: `waybill/${parcelId}/1`, payload: { parcelId, purchase: 1, ask: 0 }, priority: 0 }]);
    const asked = jobs(commands.plan, commands.begin, commands.unclear, commands.early, commands.issue, commands.cancel, commands.voidUnclear);
    expect(asked.map(({ intent, runAt }) => [intent, runAt])).toEqual([
      [`waybill/${parcelId}/1`, undefined], [`ask/${parcelId}/1.1`, late], [`ask/${parcelId}/1.2`, late], [`void/${parcelId}/1`, undefined], [`void/${parcelId}/1.1`, late],
    ]);
  });

  it('looks again after half a second, then ever later, at most after five minutes', () => {
    const now = new Date('2026-11-21T00:00:00.000Z');
    expect([0, 1, 2, 9, 10, 1_000].map((tries) => Date.parse(lookAgainAt(now, tries)) - now.getTime())).toEqual([500, 1_000, 2_000, 256_000, 300_000, 300_000]);
  });
});
