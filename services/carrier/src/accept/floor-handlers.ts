import { parseMessage } from '@flotilla/contracts';
import type { Unit } from '@flotilla/event-store';
import type { Handler } from '@flotilla/messaging';
import { parcel } from '../decide/parcel.decider.js';
import type { Floor } from '../decide/parcel.events.js';

const note = (unit: Unit, { parcelId, wave }: { readonly parcelId: string; readonly wave: string }, floor: Floor): void => void unit.run(parcel, parcelId, { type: 'NoteFloor', data: { parcelId, floor, wave } });

/** Parcels that are picked in waves (ALC-10): from the wave on they are not shipped before they are packed. Those that stand in none ship as ever. */
export const floorHandlers: Readonly<Record<string, Handler>> = {
  'flotilla.allocation.v1.PickingStarted': { handle: ({ data }, unit) => note(unit, parseMessage('flotilla.allocation.v1.PickingStarted', data), 'PICKING') },
  'flotilla.allocation.v1.PickingStopped': {
    handle: ({ data }, unit) => {
      const stopped = parseMessage('flotilla.allocation.v1.PickingStopped', data);
      note(unit, stopped, stopped.because === 'SHORT' ? 'SHORT' : 'NONE');
    },
  },
  'flotilla.allocation.v1.ParcelPacked': { handle: ({ data }, unit) => note(unit, parseMessage('flotilla.allocation.v1.ParcelPacked', data), 'PACKED') },
};
