import { parseMessage } from '@flotilla/contracts';
import type { Handler } from '@flotilla/messaging';
import { parcel } from '../decide/parcel.decider.js';
import type { Floor } from '../decide/parcel.events.js';

type FloorFact = `flotilla.allocation.v1.${'PickingStarted' | 'PickingStopped' | 'ParcelPacked'}`;

const about = (name: FloorFact, floor: Floor): Readonly<Record<string, Handler>> => ({
  [name]: {
    handle: ({ data }, unit) => {
      const { parcelId, wave } = parseMessage(name, data);
      unit.run(parcel, parcelId, { type: 'NoteFloor', data: { parcelId, floor, wave } });
    },
  },
});

/** Parcels that are picked in waves (ALC-10): from the wave on they are not shipped before they are packed. Those that stand in none ship as ever. */
export const floorHandlers: Readonly<Record<string, Handler>> = {
  ...about('flotilla.allocation.v1.PickingStarted', 'PICKING'),
  ...about('flotilla.allocation.v1.PickingStopped', 'NONE'),
  ...about('flotilla.allocation.v1.ParcelPacked', 'PACKED'),
};
