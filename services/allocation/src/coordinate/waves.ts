/*
 * A parcel and the wave that it stands in, as one unit.
 *
 * the parcel        its wave
 * PickingStarted    WaveMade, all of its parcels at once
 * ParcelPacked      NotePacked
 * PickingStopped    NoteOut
 */
import { Refused } from '@flotilla/decider';
import type { Unit } from '@flotilla/event-store';
import { fits } from '../decide/waves/filter.js';
import { expected, floor, gramsOf, type FloorCommand } from '../decide/waves/floor.decider.js';
import type { FloorEvent } from '../decide/waves/floor.events.js';
import { known, MOST_PARCELS, MOST_WAVE_LINES, wave, type WaveCommand } from '../decide/waves/wave.decider.js';
import type { InWave } from '../decide/waves/wave.events.js';

/** Runs a command of a parcel, and tells its wave. */
export const moveParcel = (unit: Unit, parcelId: string, command: FloorCommand): readonly FloorEvent[] => {
  const events = unit.run(floor, parcelId, command);
  for (const { type, data } of events) {
    if (type === 'PickingStopped') unit.run(wave, data.wave, { type: 'NoteOut', data: { wave: data.wave, parcelId, because: data.because, at: data.at } });
    if (type === 'ParcelPacked') unit.run(wave, data.wave, { type: 'NotePacked', data: { wave: data.wave, parcelId, at: data.packedAt } });
  }
  return events;
};

export type WaveWish = Omit<Extract<WaveCommand, { type: 'MakeWave' }>['data'], 'parcels'>;

/**
 * Makes a wave of the candidates that still wait, in the order given, as far as its capacity goes: one that is too big leaves its
 * place to a smaller one. Once made it stays as it is.
 */
export const makeWave = (unit: Unit, wish: WaveWish, candidates: readonly string[]): void => {
  const { wave: id, warehouse, filter, capacity, at } = wish;
  const parcels: InWave[] = [];
  const left = { parcels: Math.min(capacity.parcels || MOST_PARCELS, MOST_PARCELS), units: capacity.units || Infinity, grams: capacity.grams || Infinity, lines: MOST_WAVE_LINES };
  for (const parcelId of unit.state(wave, id) === null ? candidates : []) {
    if (parcels.length >= left.parcels) break;
    const state = unit.state(floor, parcelId);
    const { parcel, lines } = state;
    const [units, grams] = [lines.reduce((sum, { quantity }) => sum + quantity, 0), gramsOf(lines)];
    if (parcel === null || !fits(state, warehouse, filter) || units > left.units || grams > left.grams || lines.length > left.lines) continue;
    left.units -= units;
    left.grams -= grams;
    left.lines -= lines.length;
    parcels.push({ parcelId, foId: parcel.foId, number: parcel.number, lines: lines.map(({ sku, name, quantity }) => ({ sku, name, quantity })) });
  }
  unit.run(wave, id, { type: 'MakeWave', data: { ...wish, parcels } });
  for (const { parcelId } of parcels) unit.run(floor, parcelId, { type: 'JoinWave', data: { parcelId, wave: id, at } });
};

/** Whatever is not packed waits for another wave. */
export const endWave = (unit: Unit, id: string, at: string): void => {
  for (const { parcelId, state } of known(unit.state(wave, id), id).parcels) if (state === 'PICKING') moveParcel(unit, parcelId, { type: 'LeaveWave', data: { parcelId, wave: id, at } });
};

export interface Short {
  readonly wave: string;
  readonly sku: string;
  readonly missing: number;
  /** "" = of the least urgent. */
  readonly parcelId: string;
  readonly by: string;
  readonly at: string;
}

/** Units that are not on their shelf: the least urgent parcels of the wave go without. Answers the fulfilment orders that are short. */
export const reportShort = (unit: Unit, { wave: id, sku, missing, parcelId: only, by, at }: Short): readonly string[] => {
  const { parcels, endedAt } = known(unit.state(wave, id), id);
  if (endedAt !== '') throw new Refused('WAVE_ENDED', `wave ${id} has ended`);
  if (only !== '' && !parcels.some(({ parcelId }) => parcelId === only)) throw new Refused('NOT_IN_WAVE', `parcel ${only} does not stand in wave ${id}`);
  if (!Number.isSafeInteger(missing) || missing < 1) throw new Refused('BAD_QUANTITY', `missing is ${missing}, not a whole number from 1`);
  const short: string[] = [];
  let left = missing;
  for (const { parcelId, foId, state, lines } of parcels.toReversed()) {
    if (left === 0) break;
    if (state !== 'PICKING' || (only !== '' && parcelId !== only) || !lines.some((line) => line.sku === sku)) continue;
    const open = expected(unit.state(floor, parcelId)).find((line) => line.sku === sku)?.quantity ?? 0;
    if (open === 0) continue;
    const units = Math.min(open, left);
    moveParcel(unit, parcelId, { type: 'ReportShort', data: { parcelId, missing: { sku, quantity: units }, by, at } });
    short.push(foId);
    left -= units;
  }
  if (left > 0) throw new Refused('BAD_QUANTITY', `${missing - left} of ${sku} are still to be scanned there; ${missing} cannot be missing`);
  return short;
};
