import type { carrier } from '@flotilla/contracts';
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

// Refused BAD_TEXT where a cell could not be kept: then the row is at fault, not the rows that are written with it.
const checkedRow = (record: Readonly<Record<string, string>>): void => {
  for (const [column, cell] of Object.entries(record)) if (cell.includes('\0')) throw new Refused('BAD_TEXT', `${column.slice(0, 40)} contains a NUL character`);
};

type Row = Readonly<Record<string, string>>;

/** Rows that could be read, each with its number, and those that could not. */
export interface ReadRows<T> {
  readonly rows: readonly (T & { readonly row: number })[];
  readonly faults: readonly RowFault[];
}

/** Reads a whole file row by row; what `toRow` refuses stops no other row. Refused as `readCsv`, TOO_LARGE with more than `most` rows. */
export const readRows = <T>(bytes: Uint8Array, columns: readonly string[], most: number, toRow: (record: Row) => T): ReadRows<T> => {
  const records = readCsv(bytes, columns);
  if (records.length > most) throw new Refused('TOO_LARGE', `a file has at most ${most} rows, this one ${records.length}; split it`);
  const rows: (T & { readonly row: number })[] = [];
  const faults: RowFault[] = [];
  records.forEach((record, index) => {
    const row = index + 2;
    try {
      checkedRow(record);
      rows.push({ row, ...toRow(record) });
    } catch (error) {
      faults.push(faultOf(row, error));
    }
  });
  return { rows, faults };
};

/** What is wrong with a row; a fault of ours is thrown on. */
export const faultOf = (row: number, error: unknown): RowFault => {
  if (!(error instanceof Refused)) throw error;
  return { row, reason: error.reason, detail: error.message };
};

const shownErrors = 100;

/** What became of a file; `errors` are all of its rows that were refused. */
export const reportOf = (rows: number, accepted: number, errors: readonly RowFault[]): carrier.ImportReport => ({
  rows, accepted, unchanged: rows - accepted - errors.length, refused: errors.length, errors: errors.toSorted((a, b) => a.row - b.row).slice(0, shownErrors),
});

/** Applies rows, so many at once; `apply` answers whether the row changed anything. Each stands for itself. */
export const importRows = async <T extends { readonly row: number }>({ rows, faults }: { readonly rows: readonly T[]; readonly faults: readonly RowFault[] }, together: number, apply: (row: T) => Promise<boolean>): Promise<carrier.ImportReport> => {
  const errors = [...faults];
  let accepted = 0;
  for (let from = 0; from < rows.length; from += together) {
    const some = rows.slice(from, from + together);
    for (const [index, outcome] of (await Promise.allSettled(some.map(apply))).entries()) {
      if (outcome.status === 'fulfilled') accepted += Number(outcome.value);
      else errors.push(faultOf(some[index]!.row, outcome.reason));
    }
  }
  return reportOf(rows.length + faults.length, accepted, errors);
};

const mostColumns = 500;
/** The most rows of any file. */
export const mostRows = 50_000;

/** Reads a whole file: UTF-8 (with or without BOM) or GB18030, as spreadsheets in China save it. What a row leaves out is "". Refused BAD_CSV if it is none at all, or lacks a column; TOO_LARGE with more rows or columns than anybody needs. */
export const readCsv = (bytes: Uint8Array, columns: readonly string[]): readonly Readonly<Record<string, string>>[] => {
  let rows: readonly (readonly string[])[];
  try {
    // One more than are taken, so that it is seen; the parser itself would look at every column of the header for every row.
    rows = parse(decoded(bytes), { bom: true, trim: true, skip_empty_lines: true, relax_column_count: true, max_record_size: 64 * 1024, to: mostRows + 2 });
  } catch (error) {
    throw new Refused('BAD_CSV', `not CSV: ${(error as Error).message.slice(0, 200)}`);
  }
  const [header = [], ...body] = rows;
  if (header.length > mostColumns) throw new Refused('TOO_LARGE', `a file has at most ${mostColumns} columns, this one ${header.length}`);
  if (body.length > mostRows) throw new Refused('TOO_LARGE', `a file has at most ${mostRows} rows; split it`);
  const names = header.map((name) => name.toLowerCase());
  const missing = body.length > 0 ? columns.filter((column) => !names.includes(column)) : [];
  if (missing.length > 0) throw new Refused('BAD_CSV', `columns are missing: ${missing.join(', ')}; the header is ${columns.join(',')}`);
  return body.map((cells) => Object.fromEntries(names.map((name, place) => [name, cells[place] ?? ''])));
};

const decoded = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
};
