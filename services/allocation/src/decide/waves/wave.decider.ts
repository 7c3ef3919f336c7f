import type { allocation as api } from '@flotilla/contracts';
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import type { Because } from './floor.events.js';
import type { Capacity, InWave, WaveEvent } from './wave.events.js';

export type WaveCommand =
  | { readonly type: 'MakeWave'; readonly data: Of<WaveEvent, 'WaveMade'>['data'] }
  | { readonly type: 'RecordPick'; readonly data: Of<WaveEvent, 'ItemsPicked'>['data'] }
  | { readonly type: 'NoteOut'; readonly data: { readonly wave: string; readonly parcelId: string; readonly because: Because; readonly at: string } }
  | { readonly type: 'NotePacked'; readonly data: { readonly wave: string; readonly parcelId: string; readonly at: string } };

export interface WaveParcel extends InWave {
  readonly state: 'PICKING' | 'PACKED' | Because;
}

/** `null`: never made. */
export type WaveState = {
  readonly wave: string;
  readonly warehouse: string;
  readonly filter: api.WaveFilter;
  readonly capacity: Capacity;
  readonly madeAt: string;
  /** "" while a parcel of it is being picked. */
  readonly endedAt: string;
  readonly parcels: readonly WaveParcel[];
  readonly picked: readonly { readonly sku: string; readonly quantity: number }[];
} | null;

/** The parcels of one wave, and all their lines: what one append, one answer and one person can take. */
export const MOST_PARCELS = 200;
export const MOST_WAVE_LINES = 2_000;

const marked = (state: NonNullable<WaveState>, parcelId: string, as: WaveParcel['state']): NonNullable<WaveState> => ({ ...state, parcels: state.parcels.map((one) => (one.parcelId === parcelId ? { ...one, state: as } : one)) });

const evolve = (state: WaveState, event: WaveEvent): WaveState => {
  if (event.type === 'WaveMade') {
    const { wave, warehouse, filter, capacity, parcels, at } = event.data;
    return { wave, warehouse, filter, capacity, madeAt: at, endedAt: '', parcels: parcels.map((one) => ({ ...one, state: 'PICKING' })), picked: [] };
  }
  if (state === null) return state;
  switch (event.type) {
    case 'ItemsPicked': {
      const { sku, quantity } = event.data;
      const before = pickedOf(state, sku);
      return { ...state, picked: [...state.picked.filter((one) => one.sku !== sku), { sku, quantity: before + quantity }] };
    }
    case 'WaveParcelOut':
      return marked(state, event.data.parcelId, event.data.because);
    case 'WaveParcelPacked':
      return marked(state, event.data.parcelId, 'PACKED');
    case 'WaveEnded':
      return { ...state, endedAt: event.data.at };
    default:
      return state;
  }
};

export const inIt = ({ state }: Pick<WaveParcel, 'state'>): boolean => state === 'PICKING' || state === 'PACKED';

export const pickedOf = ({ picked }: Pick<NonNullable<WaveState>, 'picked'>, sku: string): number => picked.find((one) => one.sku === sku)?.quantity ?? 0;

/** Units of a SKU that the parcels which are in it want. */
export const wantedOf = ({ parcels }: Pick<NonNullable<WaveState>, 'parcels'>, sku: string): number =>
  parcels.filter(inIt).reduce((sum, { lines }) => sum + lines.filter((line) => line.sku === sku).reduce((units, { quantity }) => units + quantity, 0), 0);

/** The wave, if there is one. */
export const known = (state: WaveState, wave: string): NonNullable<WaveState> => {
  if (state === null) throw new Refused('NOT_FOUND', `no wave "${wave.slice(0, 60)}" was made; list them with Waves/List`);
  return state;
};

const make = ({ data }: Of<WaveCommand, 'MakeWave'>, state: WaveState): readonly WaveEvent[] => {
  if (state !== null) {
    const { warehouse, filter, capacity } = state;
    if (JSON.stringify([warehouse, filter, capacity]) === JSON.stringify([data.warehouse, data.filter, data.capacity])) return [];
    throw new Refused('WAVE_EXISTS', `wave "${data.wave}" was made of ${warehouse} with another filter; give this one an id of its own`);
  }
  if (data.parcels.length === 0) throw new Refused('NOTHING_TO_PICK', `no parcel waits in ${data.warehouse} that this wave may take; list them with Waves/ListParcels`);
  return [{ type: 'WaveMade', data }];
};

const recordPick = ({ data }: Of<WaveCommand, 'RecordPick'>, state: WaveState): readonly WaveEvent[] => {
  const wave = known(state, data.wave);
  const { sku, quantity } = data;
  if (!Number.isSafeInteger(quantity)) throw new Refused('BAD_QUANTITY', `quantity is ${quantity}, not a whole number`);
  if (quantity === 0) return [];
  if (!wave.parcels.some(({ lines }) => lines.some((line) => line.sku === sku))) throw new Refused('WRONG_ITEM', `no parcel of wave ${data.wave} has "${sku}"`);
  const [before, wanted] = [pickedOf(wave, sku), wantedOf(wave, sku)];
  if (before + quantity < 0) throw new Refused('BAD_QUANTITY', `${before} of ${sku} are picked; ${-quantity} cannot be put back`);
  if (quantity > 0 && wave.endedAt !== '') throw new Refused('WAVE_ENDED', `wave ${data.wave} has ended; put back what is still carried`);
  if (quantity > 0 && before + quantity > wanted) throw new Refused('SURPLUS_ITEM', `wave ${data.wave} wants ${wanted} of ${sku}, ${before} are picked`, { expected: `${Math.max(0, wanted - before)} × ${sku}` });
  return [{ type: 'ItemsPicked', data }];
};

const note = (state: WaveState, event: Of<WaveEvent, 'WaveParcelOut'> | Of<WaveEvent, 'WaveParcelPacked'>): readonly WaveEvent[] => {
  const { wave, parcelId, at } = event.data;
  const before = known(state, wave);
  const after = evolve(before, event)!;
  if (JSON.stringify(before.parcels) === JSON.stringify(after.parcels)) return [];
  // A wave ends with its last parcel: nobody has to say so.
  const over = before.endedAt === '' && before.parcels.some((one) => one.parcelId === parcelId && one.state === 'PICKING') && after.parcels.every((one) => one.state !== 'PICKING');
  return over ? [event, { type: 'WaveEnded', data: { wave, at } }] : [event];
};

const decide = (command: WaveCommand, state: WaveState): readonly WaveEvent[] => {
  switch (command.type) {
    case 'MakeWave':
      return make(command, state);
    case 'RecordPick':
      return recordPick(command, state);
    case 'NoteOut':
      return note(state, { type: 'WaveParcelOut', data: command.data });
    case 'NotePacked':
      return note(state, { type: 'WaveParcelPacked', data: command.data });
    default:
      return unreachable(command);
  }
};

/** Parcels of a warehouse that are picked together. Which wave a parcel stands in is decided in the parcel's stream; both are written as one unit. */
export const wave: Decider<WaveState, WaveCommand, WaveEvent> = { category: 'wave', initial: null, evolve, decide };
