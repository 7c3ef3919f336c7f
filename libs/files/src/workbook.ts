import { setImmediate } from 'node:timers/promises';
import { SaxParser } from '@cj-tech-master/excelts/xml';
import { Refused } from '@flotilla/decider';
import { Unzip, UnzipInflate } from 'fflate';
import type { TableCells } from './table.js';

/** What a workbook may unpack to, all of its parts that are read together: a sheet goes by as it is read, its texts are held. */
const largestBook = 512 * 1024 * 1024;
const largestTexts = 64 * 1024 * 1024;
const largestPart = 16 * 1024 * 1024;
const mostParts = 2_000;
const mostColumns = 500;
const longestCell = 16 * 1024;
// Of a spreadsheet; what is beyond has no place in a report either.
const lastRow = 1_048_576;
// A piece unpacks to a thousand times as much at most, which is held until it was read.
const packedPiece = 8 * 1024;

const unreadable = (): Refused => new Refused('UNKNOWN_FORMAT', 'the file begins like an XLSX workbook and cannot be read as one; save it again as XLSX, or as CSV UTF-8');

/** What of a workbook is held while its rows go by. */
interface Book {
  readonly texts: readonly string[];
  /** Of each style: whether its numbers are dates. */
  readonly dates: readonly boolean[];
  readonly since1904: boolean;
  readonly sheet: string;
}

type Take = (bytes: Uint8Array, last: boolean) => void;

/**
 * Unpacks a workbook as it comes; `part` says who takes which, and how much of it there may be. Yields after each piece, so that what was taken can go on,
 * and others, too. Refused UNKNOWN_FORMAT for what is cut off or broken, TOO_LARGE for what unpacks to more than it may.
 */
async function* unpacked(bytes: AsyncIterable<Uint8Array>, part: (name: string) => { readonly take: Take; readonly largest: number } | undefined): AsyncGenerator<void> {
  const names = new Set<string>();
  let [parts, open, total] = [0, 0, 0];
  let wanted: ReturnType<typeof part>;
  let failure: Refused | undefined;
  let tail = Buffer.alloc(0);
  // A part that nobody starts would be held, packed, to the end of the file: it is started and goes by as it is.
  class Chosen extends UnzipInflate {
    readonly #goesBy = wanted === undefined;
    override push(chunk: Uint8Array, last: boolean): void {
      if (!this.#goesBy) super.push(chunk, last);
      else if (last) this.ondata(null, new Uint8Array(), true);
    }
  }
  const unzip = new Unzip((file) => {
    if ((parts += 1) > mostParts) throw new Refused('TOO_LARGE', `a workbook has at most ${mostParts} parts`);
    const taker = part(file.name);
    wanted = taker;
    if (taker === undefined) {
      file.ondata = () => undefined;
      file.start();
      return;
    }
    // One that comes twice would be counted anew each time.
    if (names.has(file.name)) throw unreadable();
    names.add(file.name);
    let size = 0;
    open += 1;
    file.ondata = (error, chunk, last) => {
      if (error !== null) throw error instanceof Refused ? error : unreadable();
      if ((size += chunk.length) > taker.largest || (total += chunk.length) > largestBook) throw new Refused('TOO_LARGE', `the workbook unpacks to more than ${Math.min(taker.largest, largestBook) / 1024 / 1024} MiB; save the file as CSV UTF-8`);
      taker.take(chunk, last);
      if (last) open -= 1;
    };
    file.start();
  });
  unzip.register(Chosen);
  const push = (piece: Uint8Array, last: boolean): void => {
    try {
      unzip.push(piece, last);
    } catch (error) {
      failure = error instanceof Refused ? error : unreadable();
    }
  };
  for await (const chunk of bytes) {
    for (let from = 0; from < chunk.length; from += packedPiece) {
      push(chunk.subarray(from, from + packedPiece), false);
      if (failure !== undefined) throw failure;
      yield;
      // A piece may unpack to some megabytes: whoever else this process serves comes in between.
      await setImmediate();
    }
    tail = Buffer.concat([tail, chunk]).subarray(-66_000);
  }
  push(new Uint8Array(), true);
  // The end of an archive is its directory: what has none was cut off.
  if (failure !== undefined || open > 0 || tail.lastIndexOf('PK\u0005\u0006', undefined, 'latin1') < 0) throw failure ?? unreadable();
  yield;
}

interface Handlers {
  readonly open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly text?: (text: string) => void;
  readonly close?: (name: string) => void;
}

/** Reads XML as it comes. Names without their prefix, which some writers set. */
const xmlTaker = ({ open, text, close }: Handlers): Take => {
  const decoder = new TextDecoder();
  const parser = new SaxParser({ position: false, invalidCharHandling: 'skip', maxEntityExpansions: 50_000_000 });
  const plain = (name: string): string => name.slice(name.indexOf(':') + 1);
  parser.on('opentag', ({ name, attributes }) => open?.(plain(name), attributes as Readonly<Record<string, string>>));
  parser.on('text', (part) => text?.(part));
  parser.on('closetag', ({ name }) => close?.(plain(name)));
  parser.on('error', () => {
    throw unreadable();
  });
  return (bytes, last) => {
    parser.write(decoder.decode(bytes, { stream: !last }));
    if (last) parser.close();
  };
};

/** The first pass: everything but the rows. Refused TOO_LARGE, UNKNOWN_FORMAT. */
const openBook = async (bytes: AsyncIterable<Uint8Array>): Promise<Book> => {
  const texts: string[] = [];
  const formats = new Map<number, string>();
  const cellFormats: number[] = [];
  const targets = new Map<string, string>();
  let [firstSheet, since1904, inCellFormats] = ['', false, false];
  let text: string | undefined;
  let [inText, phonetic] = [false, false];
  const readers: Readonly<Record<string, () => Take>> = {
    'xl/sharedStrings.xml': () =>
      xmlTaker({
        open: (name) => {
          if (name === 'si') text = '';
          else if (name === 't') inText = true;
          else if (name === 'rPh') phonetic = true;
        },
        text: (part) => {
          // Readings of Japanese names stand beside the text, and are no part of it.
          if (inText && !phonetic && text !== undefined) text = cut(text + part);
        },
        close: (name) => {
          if (name === 't') inText = false;
          else if (name === 'rPh') phonetic = false;
          else if (name === 'si') texts.push(text ?? '');
        },
      }),
    'xl/styles.xml': () =>
      xmlTaker({
        open: (name, attributes) => {
          if (name === 'numFmt') formats.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
          else if (name === 'cellXfs') inCellFormats = true;
          else if (name === 'xf' && inCellFormats) cellFormats.push(Number(attributes['numFmtId'] ?? 0));
        },
        close: (name) => void (name === 'cellXfs' && (inCellFormats = false)),
      }),
    'xl/workbook.xml': () =>
      xmlTaker({
        open: (name, attributes) => {
          if (name === 'sheet' && firstSheet === '') firstSheet = attributes['r:id'] ?? attributes['id'] ?? '';
          else if (name === 'workbookPr') since1904 = ['1', 'true'].includes(attributes['date1904'] ?? '');
        },
      }),
    'xl/_rels/workbook.xml.rels': () => xmlTaker({ open: (name, attributes) => void (name === 'Relationship' && targets.set(attributes['Id'] ?? '', attributes['Target'] ?? '')) }),
  };
  const steps = unpacked(bytes, (name) => (Object.hasOwn(readers, name) ? { take: readers[name]!(), largest: name === 'xl/sharedStrings.xml' ? largestTexts : largestPart } : undefined));
  for (let step = await steps.next(); step.done !== true; step = await steps.next());
  const target = targets.get(firstSheet);
  if (target === undefined) throw unreadable();
  return { texts, dates: cellFormats.map((id) => isDate(id, formats.get(id))), since1904, sheet: target.startsWith('/') ? target.slice(1) : `xl/${target}` };
};

/** The cells of a workbook's first sheet, row by row, as text. `bytes` is asked for twice: its texts stand behind its rows. */
export async function* xlsxTable(bytes: () => AsyncIterable<Uint8Array>): AsyncGenerator<TableCells> {
  const book = await openBook(bytes());
  let ready: TableCells[] = [];
  let row: { row: number; cells: string[] } | undefined;
  let cell: { place: number; type: string; date: boolean; text: string } | undefined;
  let last = 0;
  let taking = false;
  const take = xmlTaker({
    open: (name, attributes) => {
      if (name === 'row') {
        const at = attributes['r'] === undefined ? last + 1 : /^\d{1,7}$/.test(attributes['r']) ? Number(attributes['r']) : 0;
        if (at <= last || at > lastRow) throw new Refused('UNKNOWN_FORMAT', `behind row ${last} stands one whose number is none from ${last + 1} to ${lastRow}; save the file again as XLSX, or as CSV UTF-8`);
        last = at;
        row = { row: last, cells: [] };
      } else if (name === 'c' && row !== undefined) {
        const place = attributes['r'] === undefined ? row.cells.length : placeOf(attributes['r']);
        if (place >= mostColumns) throw new Refused('TOO_LARGE', `row ${row.row}: a table has at most ${mostColumns} columns`);
        cell = { place, type: attributes['t'] ?? 'n', date: book.dates[Number(attributes['s'] ?? -1)] ?? false, text: '' };
      } else if (name === 'v' || name === 't') taking = true;
    },
    text: (part) => {
      if (taking && cell !== undefined) cell.text = cut(cell.text + part);
    },
    close: (name) => {
      if (name === 'v' || name === 't') taking = false;
      else if (name === 'c' && row !== undefined && cell !== undefined) {
        while (row.cells.length < cell.place) row.cells.push('');
        row.cells[cell.place] = valueOf(cell, book, row.row);
        cell = undefined;
      } else if (name === 'row' && row !== undefined) {
        ready.push(row);
        row = undefined;
      }
    },
  });
  const steps = unpacked(bytes(), (name) => (name === book.sheet ? { take, largest: largestBook } : undefined));
  for (let step = await steps.next(); step.done !== true; step = await steps.next()) {
    yield* ready;
    ready = [];
  }
}

const placeOf = (reference: string): number => (/^[A-Z]{1,3}/.exec(reference)?.[0] ?? 'A').split('').reduce((place, letter) => place * 26 + letter.charCodeAt(0) - 64, 0) - 1;

const valueOf = ({ type, date, text }: { readonly type: string; readonly date: boolean; readonly text: string }, { texts, since1904 }: Book, row: number): string => {
  if (type === 's') return texts[Number(text)] ?? '';
  if (type === 'b') return text === '1' ? 'true' : 'false';
  // #REF! and its like are nothing that anybody meant.
  if (type === 'e') return '';
  if (type !== 'n' || text === '') return text;
  const value = Number(text);
  if (!Number.isFinite(value)) return text;
  if (date) return dateOf(value, since1904);
  // A spreadsheet keeps fifteen digits: what a longer order number was, nobody can tell any more.
  if (Math.abs(value) >= 1e15) throw new Refused('BAD_TEXT', `row ${row}: a number of more than 15 digits; format the column as text and enter it again`);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(15)));
};

/** A day number as the local time that the sheet shows; it knows no offset. */
const dateOf = (days: number, since1904: boolean): string => {
  const date = new Date(Date.UTC(1899, 11, 30) + Math.round((days + (since1904 ? 1_462 : 0)) * 86_400_000));
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 19).replace('T', ' ');
};

const isDate = (id: number, code: string | undefined): boolean =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58) || (code !== undefined && /[ymdhs年月日]/i.test(code.replace(/"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')));

const cut = (text: string): string => {
  if (text.length > longestCell) throw new Refused('TOO_LARGE', `a cell has at most ${longestCell} characters`);
  return text;
};
