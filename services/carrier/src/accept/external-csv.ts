import { Refused } from '@flotilla/decider';
import { toInstant } from '@flotilla/values';
import { carrierOf } from '../perform/carriers/foreign.js';
import { readRows, type ReadRows } from './csv.js';

const columns = ['parcel_id', 'carrier', 'waybill', 'shipped_at'] as const;
const most = 20_000;

export interface ExternalNumber {
  readonly parcelId: string;
  readonly carrier: string;
  readonly waybill: string;
  readonly shippedAt: string;
}

/** Reads a file of numbers that somebody else gave. Refused BAD_CSV if it is none at all. */
export const readExternal = (bytes: Uint8Array): ReadRows<ExternalNumber> => readRows(bytes, columns, most, externalOf);

/** What somebody else says of a parcel that they sent, in a file or by their own system. Refused if it cannot be that. */
export const externalOf = ({ parcel_id: parcelId = '', carrier = '', waybill = '', shipped_at: shipped = '' }: Readonly<Record<string, string>>): ExternalNumber => {
  if (!/^[0-9a-f-]{36}$/i.test(parcelId)) throw new Refused('BAD_REQUEST', `parcel_id "${parcelId.slice(0, 40)}" is no parcel's id`);
  const shippedAt = toInstant(shipped);
  // A spreadsheet's own habits: small letters, spaces in groups.
  return { parcelId: parcelId.toLowerCase(), carrier: carrierOf(carrier), waybill: waybill.replaceAll(' ', '').toUpperCase(), shippedAt };
};
