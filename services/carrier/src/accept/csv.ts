import { Refused } from '@flotilla/decider';
import { parse } from 'csv-parse/sync';

/** A row that was not taken; the header is row 1. */
export interface RowFault {
  readonly row: number;
  readonly reason: string;
  readonly detail: string;
}

/** The bytes of a file that comes in parts. Refused TOO_LARGE beyond `largest`. */
export const bytesOf = async (parts: AsyncIterable<{ readonly data: Uint8Array }>, largest: number): Promise<Uint8Array> => {
  const all: Uint8Array[] = [];
  let size = 0;
  for await (const { data } of parts) {
    size += data.length;
    if (size > largest) throw new Refused('TOO_LARGE', `the file is larger than ${largest / 1024 / 1024} MiB; split it`);
    all.push(data);
  }
  return Buffer.concat(all);
};

/** Reads a whole file: UTF-8 (with or without BOM) or GB18030, as spreadsheets in China save it. Refused BAD_CSV if it is none at all, or lacks a column. */
export const readCsv = (bytes: Uint8Array, columns: readonly string[]): readonly Record<string, string>[] => {
  let records: Record<string, string>[];
  try {
    records = parse(decoded(bytes), { columns: (header: string[]) => header.map((name) => name.trim().toLowerCase()), bom: true, trim: true, skip_empty_lines: true, relax_column_count: true });
  } catch (error) {
    throw new Refused('BAD_CSV', `not CSV: ${(error as Error).message}`);
  }
  const missing = records[0] ? columns.filter((column) => !(column in records[0]!)) : [];
  if (missing.length > 0) throw new Refused('BAD_CSV', `columns are missing: ${missing.join(', ')}; the header is ${columns.join(',')}`);
  return records;
};

const decoded = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
};
