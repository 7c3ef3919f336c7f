import type { allocation as api } from '@flotilla/contracts';
import { lies } from '../routing/places.js';
import { gramsOf, type FloorState } from './floor.decider.js';

/** Up to so many grams; what is heavier is BULKY. */
const sizes = [['SMALL', 1_000], ['MEDIUM', 5_000], ['LARGE', 20_000]] as const;

export const SIZES = [...sizes.map(([name]) => name), 'BULKY'];

/** The class of a parcel by the weight of its items. */
export const sizeOf = (grams: number): string => sizes.find(([, most]) => grams <= most)?.[0] ?? 'BULKY';

export const ANY: api.WaveFilter = { carrier: '', zones: [], sizes: [], fromPriority: 0, releasedBefore: '', waybilled: false, service: '' };

/** Whether a parcel waits that this wave may take. The list that it was found in may be behind. */
export const fits = ({ status, parcel, carrier, waybill, lines }: FloorState, warehouse: string, filter: api.WaveFilter): boolean =>
  status === 'WAITING' &&
  parcel !== null &&
  parcel.warehouse === warehouse &&
  (filter.carrier === '' || filter.carrier === carrier) &&
  (filter.service === '' || filter.service === parcel.service) &&
  (filter.zones.length === 0 || filter.zones.some((zone) => lies(zone, { country: parcel.country, province: parcel.province, city: '', district: '' }))) &&
  (filter.sizes.length === 0 || filter.sizes.includes(sizeOf(gramsOf(lines)))) &&
  parcel.priority >= filter.fromPriority &&
  (filter.releasedBefore === '' || parcel.releasedAt < filter.releasedBefore) &&
  (!filter.waybilled || waybill !== '');
