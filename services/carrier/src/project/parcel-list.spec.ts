import { describe, expect, it } from '@jest/globals';
import { fold } from '@flotilla/decider';
import type { Recorded } from '@flotilla/event-store';
import { parcel, type ParcelCommand } from '../decide/parcel.decider.js';
import { after, commands, foId, number, parcelId, ways } from '../../spec/parcels.js';
import { applied, type ParcelRow } from './parcel-list.projection.js';

const row = (...steps: readonly ParcelCommand[]): ParcelRow | undefined =>
  after(...steps).reduce<ParcelRow | undefined>(
    (before, event, index) => applied(before, { ...event, stream: `parcel-${parcelId}`, position: 100 + index, version: index + 1, recordedAt: `2026-11-21T00:00:0${index}.000Z` } as unknown as Recorded),
    undefined,
  );

describe('the list of parcels', () => {
  it.each(Object.keys(ways).filter((status) => status !== 'NONE') as (keyof typeof ways)[])('shows %s as the stream has it', (status) => {
    const steps = ways[status];
    expect(row(...steps)).toMatchObject({ parcel_id: parcelId, planned_at: 100, fo_id: foId, state: fold(parcel, after(...steps)).status });
  });

  it('CAR-12: counts unknown outcomes for as long as they are unknown, and that they ever were', () => {
    expect(row(...ways.UNKNOWN)).toMatchObject({ unknown_now: true, unknown_ever: true });
    expect(row(...ways.UNKNOWN, commands.cancel)).toMatchObject({ state: 'VOIDING', unknown_now: true });
    expect(row(...ways.UNKNOWN, commands.issue)).toMatchObject({ state: 'WAYBILLED', unknown_now: false, unknown_ever: true, waybill: number });
    expect(row(...ways.BUYING)).toMatchObject({ unknown_ever: false });
  });

  it('CAR-05: counts reprints, and tells since when a parcel waits', () => {
    expect(row(...ways.WAYBILLED, commands.print, commands.print, commands.print)).toMatchObject({ reprints: 2, since: '2026-11-21T00:00:04.000Z', version: 8, position: 107 });
    expect(row(...ways.VOIDING, commands.voidRefused)).toMatchObject({ state: 'WAYBILLED' });
    expect(row(commands.cancel)).toMatchObject({ state: 'VOIDED', planned: false });
  });
});
