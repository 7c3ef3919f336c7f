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

/** Refused BAD_TEXT where a cell could not be kept: then the row is at fault, not the rows that are written with it. */
export const checkedRow = (record: Readonly<Record<string, string>>): void => {
  for (const [column, cell] of Object.entries(record)) if (cell.includes('\0')) throw new Refused('BAD_TEXT', `${column.slice(0, 40)} contains a NUL character`);
};

const mostColumns = 500;
const mostRows = 50_000;

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
