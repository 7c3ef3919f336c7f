import { Refused } from '@flotilla/decider';
import { toInstant } from '@flotilla/values';
import { checkedRow, readCsv, type RowFault } from './csv.js';

const columns = ['parcel_id', 'carrier', 'waybill', 'shipped_at'] as const;
const most = 20_000;

export interface ExternalNumber {
  /** The header is row 1. */
  readonly row: number;
  readonly parcelId: string;
  readonly carrier: string;
  readonly waybill: string;
  readonly shippedAt: string;
}

/** Reads a file of numbers that somebody else gave. Refused BAD_CSV if it is none at all. */
export const readExternal = (bytes: Uint8Array): { readonly rows: readonly ExternalNumber[]; readonly faults: readonly RowFault[] } => {
  const records = readCsv(bytes, columns);
  if (records.length > most) throw new Refused('TOO_LARGE', `a file has at most ${most} rows, this one ${records.length}; split it`);
  const rows: ExternalNumber[] = [];
  const faults: RowFault[] = [];
  records.forEach((record, index) => {
    const row = index + 2;
    try {
      checkedRow(record);
      rows.push({ row, ...externalOf(record) });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      faults.push({ row, reason: error.reason, detail: error.message });
    }
  });
  return { rows, faults };
};

/** What somebody else says of a parcel that they sent, in a file or by their own system. Refused if it cannot be that. */
export const externalOf = ({ parcel_id: parcelId = '', carrier = '', waybill = '', shipped_at: shipped = '' }: Readonly<Record<string, string>>): Omit<ExternalNumber, 'row'> => {
  if (!/^[0-9a-f-]{36}$/i.test(parcelId)) throw new Refused('BAD_REQUEST', `parcel_id "${parcelId.slice(0, 40)}" is no parcel's id`);
  const shippedAt = toInstant(shipped);
  // A spreadsheet's own habits: small letters, spaces in groups.
  return { parcelId: parcelId.toLowerCase(), carrier: carrier.toLowerCase(), waybill: waybill.replaceAll(' ', '').toUpperCase(), shippedAt };
};
