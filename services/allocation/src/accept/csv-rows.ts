import { Refused } from '@flotilla/decider';
import type { allocation } from '@flotilla/contracts';
import { cellName, records, spool, tableOf } from '@flotilla/files';

/** A record of a file; columns that the file does not have are undefined. The header is row 1. */
export interface CsvRow {
  readonly row: number;
  readonly values: Readonly<Record<string, string>>;
  /** Where each column stands. */
  readonly places: ReadonlyMap<string, number>;
}

const LARGEST = 64 * 1024 * 1024;
// As a CSV's: what is longer is no row of these files, and a workbook's could be megabytes.
const LONGEST_ROW = 64 * 1024;

async function* dataOf(chunks: AsyncIterable<allocation.ImportChunk>): AsyncGenerator<Uint8Array> {
  for await (const { data } of chunks) yield data;
}

/** Reads a file, CSV or XLSX, in batches, once it is here whole; Refused BAD_CSV, UNKNOWN_FORMAT, BAD_TEXT, TOO_LARGE where it cannot be read on. */
export async function* csvRows(chunks: AsyncIterable<allocation.ImportChunk>, required: readonly string[], size = 500, largest = LARGEST): AsyncGenerator<readonly CsvRow[]> {
  const file = await spool(dataOf(chunks), largest);
  try {
    let batch: CsvRow[] = [];
    for await (const { row, cells, places } of records(tableOf(file), { required })) {
      if (cells.reduce((length, cell) => length + cell.length, 0) > LONGEST_ROW) throw new Refused('TOO_LARGE', `row ${row} is longer than 64 KiB`);
      batch.push({ row, places, values: Object.fromEntries([...places].map(([name, place]) => [name, cells[place]?.trim() ?? ''])) });
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } finally {
    await file.close();
  }
}

/** A row that was refused. A reason that begins with a column's name is about its cell. */
export const rowError = ({ row, places }: CsvRow, { reason, message: detail }: Refused): allocation.RowError => {
  const place = places.get(/^[a-z_]+(?= )/.exec(detail)?.[0] ?? '');
  return { row, reason, detail, cell: place === undefined ? '' : cellName(place, row) };
};

/** A whole number; "" is 0. */
export const integerOf = ({ values }: CsvRow, column: string): number => {
  const text = values[column] ?? '';
  if (!/^(?:-?\d{1,15})?$/.test(text)) throw new Refused('BAD_QUANTITY', `${column} "${text.slice(0, 40)}" is not a whole number`);
  return Number(text) + 0; // never -0
};

/** Several values in one field, parted by ";" or "|". */
export const listOf = ({ values }: CsvRow, column: string): readonly string[] => (values[column] ?? '').split(/[;|；]/).map((part) => part.trim()).filter((part) => part !== '');

/** An RFC 3339 instant in UTC; "" stays "". */
export const instantOf = ({ values }: CsvRow, column: string): string => {
  const text = values[column] ?? '';
  if (text === '') return '';
  const time = /^\d{4}-\d{2}-\d{2}T.+(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new Refused('BAD_INSTANT', `${column} "${text.slice(0, 40)}" is no instant such as 2026-11-21T09:30:00Z`);
  return new Date(time).toISOString();
};
