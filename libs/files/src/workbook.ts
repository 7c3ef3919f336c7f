import { SaxParser } from '@cj-tech-master/excelts/xml';
import { Refused } from '@flotilla/decider';
import type { TableCells } from './table.js';
import { unpacked, type Packed, type Take } from './zip.js';

/** What a workbook may unpack to, all of its parts that are read together: a sheet goes by as it is read, its texts are held. */
const largestBook = 512 * 1024 * 1024;
const largestTexts = 64 * 1024 * 1024;
const largestPart = 16 * 1024 * 1024;
const mostColumns = 500;
const longestCell = 16 * 1024;
// Of a spreadsheet; what is beyond has no place in a report either.
const lastRow = 1_048_576;

const unreadable = (): Refused => new Refused('UNKNOWN_FORMAT', 'the file begins like an XLSX workbook and cannot be read as one; save it again as XLSX, or as CSV UTF-8');

const packed: Packed = { unreadable, tooLarge: (mebibytes) => new Refused('TOO_LARGE', `the workbook unpacks to more than ${mebibytes} MiB; save the file as CSV UTF-8`), largest: largestBook };

/** What of a workbook is held while its rows go by. */
interface Book {
  readonly texts: readonly string[];
  /** Of each style: whether its numbers are dates. */
  readonly dates: readonly boolean[];
  readonly since1904: boolean;
  readonly sheet: string;
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
  const steps = unpacked(bytes, packed, (name) => (Object.hasOwn(readers, name) ? { take: readers[name]!(), largest: name === 'xl/sharedStrings.xml' ? largestTexts : largestPart } : undefined));
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
  const steps = unpacked(bytes(), packed, (name) => (name === book.sheet ? { take, largest: largestBook } : undefined));
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
