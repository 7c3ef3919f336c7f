import { parseMessage } from '@flotilla/contracts';
import type { Unit } from '@flotilla/event-store';
import type { Handler, Incoming } from '@flotilla/messaging';
import { parcel } from '../decide/parcel.decider.js';
import type { Floor } from '../decide/parcel.events.js';

const note = (unit: Unit, { parcelId, wave }: { readonly parcelId: string; readonly wave: string }, floor: Floor): void => void unit.run(parcel, parcelId, { type: 'NoteFloor', data: { parcelId, floor, wave } });

// Named beforehand, so that a batch loads its parcels in one question; whatever the message is, checking it will say so.
const streams: Handler['streams'] = ({ data }: Incoming) => {
  const parcelId = (data as Readonly<Record<string, unknown>> | null)?.['parcelId'];
  return typeof parcelId === 'string' && parcelId !== '' ? [[parcel, parcelId]] : [];
};

/** Parcels that are picked in waves (ALC-10): from the wave on they are not shipped before they are packed. Those that stand in none ship as ever. */
export const floorHandlers: Readonly<Record<string, Handler>> = {
  'flotilla.allocation.v1.PickingStarted': { streams, handle: ({ data }, unit) => note(unit, parseMessage('flotilla.allocation.v1.PickingStarted', data), 'PICKING') },
  'flotilla.allocation.v1.PickingStopped': {
    streams,
    handle: ({ data }, unit) => {
      const stopped = parseMessage('flotilla.allocation.v1.PickingStopped', data);
      note(unit, stopped, stopped.because === 'SHORT' ? 'SHORT' : 'NONE');
    },
  },
  'flotilla.allocation.v1.ParcelPacked': { streams, handle: ({ data }, unit) => note(unit, parseMessage('flotilla.allocation.v1.ParcelPacked', data), 'PACKED') },
};
