import { Refused } from '@flotilla/decider';
import { parse } from 'csv-parse/sync';
import { decoded, type RowFault } from './rate-csv.js';

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
  let records: Record<string, string>[];
  try {
    records = parse(decoded(bytes), { columns: (header: string[]) => header.map((name) => name.trim().toLowerCase()), bom: true, trim: true, skip_empty_lines: true, relax_column_count: true });
  } catch (error) {
    throw new Refused('BAD_CSV', `not CSV: ${(error as Error).message}`);
  }
  const missing = records[0] ? columns.filter((column) => !(column in records[0]!)) : [];
  if (missing.length > 0) throw new Refused('BAD_CSV', `columns are missing: ${missing.join(', ')}; the header is ${columns.join(',')}`);
  if (records.length > most) throw new Refused('TOO_LARGE', `a file has at most ${most} rows, this one ${records.length}; split it`);
  const rows: ExternalNumber[] = [];
  const faults: RowFault[] = [];
  records.forEach((record, index) => {
    const row = index + 2;
    const { parcel_id: parcelId = '', carrier = '', waybill = '', shipped_at: shipped = '' } = record;
    const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/.test(shipped) ? new Date(shipped) : undefined;
    if (!/^[0-9a-f-]{36}$/i.test(parcelId)) faults.push({ row, reason: 'BAD_REQUEST', detail: `parcel_id "${parcelId.slice(0, 40)}" is no parcel's id` });
    else if (!at || Number.isNaN(at.getTime())) faults.push({ row, reason: 'BAD_INSTANT', detail: `shipped_at "${shipped.slice(0, 40)}" is no instant such as 2026-11-29T18:00:00+08:00` });
    // A spreadsheet's own habits: small letters, spaces in groups.
    else rows.push({ row, parcelId: parcelId.toLowerCase(), carrier: carrier.toLowerCase(), waybill: waybill.replaceAll(' ', '').toUpperCase(), shippedAt: at.toISOString() });
  });
  return { rows, faults };
};
