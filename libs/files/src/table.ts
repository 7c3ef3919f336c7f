import { TextDecoder } from 'node:util';
import { Refused } from '@flotilla/decider';
import { CsvError, parse } from 'csv-parse';

const longestRecord = 64 * 1024;
const mostColumns = 500;

/** A row as it stands, the header among them; the first is row 1. */
export interface TableCells {
  readonly row: number;
  readonly cells: readonly string[];
}

/** A record of a table. `at(column)`: "" where the table has no such column. The header is row 1. */
export interface TableRow extends TableCells {
  readonly at: (column: string) => string;
  /** Where each column stands. */
  readonly places: ReadonlyMap<string, number>;
}

/** How column names are compared: width, case and surrounding spaces differ from tool to tool. */
export const columnName = (text: string): string => text.normalize('NFKC').replace(/\ufeff/g, '').trim().toLowerCase();

/** As a spreadsheet names a place: C17. */
export const cellName = (place: number, row: number | string): string => `${letters(place)}${row}`;

const letters = (place: number): string => (place < 26 ? String.fromCharCode(65 + place) : `${letters(Math.floor(place / 26) - 1)}${String.fromCharCode(65 + (place % 26))}`);

export interface Wanted {
  readonly required?: readonly string[];
  /** One of these at least. */
  readonly anyOf?: readonly string[];
}

/** Names of columns by place; Refused BAD_CSV for two of one name, or without those that are needed. */
export const headerOf = (cells: readonly string[], { required = [], anyOf = [] }: Wanted): ReadonlyMap<string, number> => {
  if (cells.length > mostColumns) throw new Refused('TOO_LARGE', `a table has at most ${mostColumns} columns`);
  const places = new Map<string, number>();
  cells.forEach((cell, place) => {
    const name = columnName(cell);
    if (name === '') return;
    if (places.has(name)) throw new Refused('BAD_CSV', `two columns are called "${name.slice(0, 60)}"`);
    places.set(name, place);
  });
  const missing = required.filter((column) => !places.has(column));
  if (missing.length > 0) throw new Refused('BAD_CSV', `columns are missing: ${missing.join(', ')}`);
  if (anyOf.length > 0 && !anyOf.some((column) => places.has(column))) throw new Refused('BAD_CSV', `one of these columns is needed: ${anyOf.join(', ')}`);
  return places;
};

export type Encoding = 'utf-8' | 'gb18030' | 'utf-16le' | 'utf-16be';

/** Tells what a text is written in while it goes by: UTF-16 by its mark, UTF-8 if all of it is, else GB18030 (of which GBK is a part), as spreadsheets in China save. */
export class EncodingProbe {
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });
  #head = Buffer.alloc(0);
  #isUtf8 = true;

  push(bytes: Uint8Array): void {
    if (this.#head.length < 2) this.#head = Buffer.concat([this.#head, bytes.subarray(0, 2)]);
    if (this.#isUtf8) this.#try(() => this.#utf8.decode(bytes, { stream: true }));
  }

  end(): Encoding {
    if (this.#isUtf8) this.#try(() => this.#utf8.decode());
    if (this.#head[0] === 0xff && this.#head[1] === 0xfe) return 'utf-16le';
    if (this.#head[0] === 0xfe && this.#head[1] === 0xff) return 'utf-16be';
    return this.#isUtf8 ? 'utf-8' : 'gb18030';
  }

  #try(decode: () => unknown): void {
    try {
      decode();
    } catch {
      this.#isUtf8 = false;
    }
  }
}

/** The cells of a CSV, row by row, as it comes: "," ";" or a tab parts them. Holds a piece and a row. Refused BAD_CSV, BAD_TEXT with the row. */
export async function* csvTable(bytes: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<TableCells> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decode = (piece: Uint8Array | undefined): string => {
    try {
      return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
    } catch {
      throw new Refused('BAD_TEXT', `the file is not ${encoding === 'gb18030' ? 'UTF-8 or GBK' : encoding.toUpperCase()} throughout; save it as CSV UTF-8`);
    }
  };
  let row = 0;
  const pieces = bytes[Symbol.asyncIterator]();
  let head = '';
  // Enough to see the first line, by which the separator is known.
  for (let done = false; !done && !/[\r\n]/.test(head) && head.length < longestRecord; ) {
    const piece = await pieces.next();
    done = piece.done === true;
    if (!done) head += decode(piece.value as Uint8Array);
  }
  const parser = parse({ bom: true, trim: true, delimiter: separatorOf(head), relax_column_count: true, skip_empty_lines: false, max_record_size: longestRecord });
  const write = async (text: string): Promise<void> => {
    if (text === '' || parser.write(text)) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        parser.off('drain', go).off('close', go);
        resolve();
      };
      parser.once('drain', go).once('close', go);
    });
  };
  const feed = (async () => {
    await write(head);
    for (let piece = await pieces.next(); piece.done !== true; piece = await pieces.next()) await write(decode(piece.value));
    await write(decode(undefined));
    parser.end();
  })();
  feed.catch((error: Error) => parser.destroy(error));
  try {
    for await (const cells of parser as AsyncIterable<readonly string[]>) {
      row += 1;
      yield { row, cells };
    }
    await feed;
  } catch (error) {
    if (error instanceof CsvError) throw new Refused('BAD_CSV', `row ${row + 1}: ${error.code === 'CSV_MAX_RECORD_SIZE' ? 'longer than 64 KiB' : 'its quotes do not close, or stand in the middle of a cell'}`);
    throw error;
  } finally {
    parser.destroy();
    await pieces.return?.();
  }
}

const separatorOf = (head: string): string => {
  const line = /^[^\r\n]*/.exec(head)?.[0] ?? '';
  return [',', ';', '\t'].toSorted((a, b) => line.split(b).length - line.split(a).length)[0]!;
};

/** Rows with their header applied; blank rows are passed over. */
export async function* records(table: AsyncIterable<TableCells>, wanted: Wanted): AsyncGenerator<TableRow> {
  let places: ReadonlyMap<string, number> | undefined;
  for await (const { row, cells } of table) {
    if (cells.every((cell) => cell.trim() === '')) continue;
    if (places === undefined) {
      places = headerOf(cells, wanted);
      continue;
    }
    const known = places;
    yield { row, cells, places: known, at: (column) => cells[known.get(column) ?? -1]?.trim() ?? '' };
  }
  if (places === undefined) throw new Refused('BAD_CSV', 'the file is empty; its first row names the columns');
}
