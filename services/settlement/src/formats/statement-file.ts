import { Refused } from '@flotilla/decider';
import { parse } from 'csv-parse/sync';
import type { Fault } from '../decide/statement.events.js';
import { plainName } from './cells.js';
import type { RowLine, Reader, Separator, StatementFormat, TotalCheck } from './format.js';
import { textLines } from './lines.js';
import { formats } from './registry.js';

/** A file that can be read more than once, in pieces. */
export interface Bytes {
  readonly size: number;
  read(): AsyncIterable<Uint8Array>;
}

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030' | 'windows-1252';

/** What a file is, told by its bytes. */
export interface Recognised {
  readonly format: StatementFormat;
  readonly encoding: Encoding;
  readonly separator: Separator;
  /** The row of the header. */
  readonly header: number;
}

export type Read = { readonly lines: readonly RowLine[] } | { readonly fault: Fault };

export interface Ending {
  readonly batchNo: string;
  readonly checks: readonly TotalCheck[];
}

const headBytes = 64 * 1024;
const headLines = 60;
const separators = [',', ';', '\t'] as const;

const quoted = (line: string, delimiter: Separator): readonly string[] => {
  if (!line.includes('"')) return line.split(delimiter);
  try {
    return (parse(line, { delimiter, relax_quotes: false, relax_column_count: true }) as string[][])[0] ?? [];
  } catch {
    throw new Refused('BAD_CSV', 'its quotes do not close');
  }
};

const cellsOf = (format: StatementFormat, separator: Separator, line: string): readonly string[] => format.split?.(line) ?? quoted(line, separator);

/** Where each name stands in a header, the first of several. */
const headerOf = (cells: readonly string[]): ReadonlyMap<string, number> => new Map(cells.map((cell, place) => [plainName(cell), place] as const).toReversed());

/** Where the columns of a format stand in a header; undefined if one that is needed does not. */
const columnsIn = (format: StatementFormat, header: ReadonlyMap<string, number>): ReadonlyMap<string, number> | undefined => {
  const places = new Map<string, number>();
  for (const [column, written] of Object.entries(format.columns)) {
    const found = written.flatMap((name) => header.get(name) ?? []);
    if (found.length > 0) places.set(column, Math.min(...found));
  }
  return format.needed.every((column) => places.has(column)) ? places : undefined;
};

const missingIn = (format: StatementFormat, header: ReadonlyMap<string, number>): readonly string[] =>
  format.needed.flatMap((column) => (format.columns[column]?.some((name) => header.has(name)) ? [] : [format.columns[column]?.[0] ?? column]));

const bomOf = (bytes: Uint8Array): Encoding | undefined => {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  return a === 0xfe && b === 0xff ? 'utf-16be' : undefined;
};

/** Whether all bytes are UTF-8; the beginning of a file may end within a character. */
const isUtf8 = async (bytes: Bytes): Promise<boolean> => {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of bytes.read()) decoder.decode(piece, { stream: true });
    return true;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return false;
    throw error;
  }
};

const headOf = async (bytes: Bytes): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of bytes.read()) {
    pieces.push(piece);
    size += piece.length;
    if (size >= headBytes) break;
  }
  return Buffer.concat(pieces).subarray(0, headBytes);
};

interface Candidate {
  readonly format: StatementFormat;
  readonly separator: Separator;
  readonly header: number;
}

/** Undefined for a line that is no header, then. */
const headerAt = (line: string, separator: Separator): ReadonlyMap<string, number> | undefined => {
  try {
    return headerOf(quoted(line, separator));
  } catch {
    return undefined;
  }
};

const candidatesIn = (text: string, known: readonly StatementFormat[]): { readonly found: readonly Candidate[]; readonly lines: readonly string[] } => {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/).slice(0, headLines);
  const found: Candidate[] = [];
  for (const [n, line] of lines.entries()) {
    // Once for all formats, however many are described.
    const headers = separators.map((separator) => [separator, headerAt(line, separator)] as const);
    for (const format of known) {
      const own = format.split?.(line);
      for (const [separator, usual] of headers) {
        const header = own ? headerOf(own) : usual;
        if (header && columnsIn(format, header)) found.push({ format, separator, header: n + 1 });
      }
    }
    if (found.length > 0) break;
  }
  return { found, lines };
};

/** "transfers" for "transfers@3", the third version of a description. */
const nameOf = ({ name }: StatementFormat): string => name.split('@')[0] ?? '';
const listOf = (known: readonly StatementFormat[]): string => known.map(nameOf).join(', ').slice(0, 600);

const unknown = (named: StatementFormat | undefined, lines: readonly string[], known: readonly StatementFormat[]): Refused => {
  if (!named) return new Refused('UNKNOWN_FORMAT', `no header of a known statement within the first ${headLines} lines; known: ${listOf(known)}; describe another one with StatementFormats/Put`, { row: '1' });
  // The line that comes closest says what is missing.
  const closest = lines.flatMap((line) => separators.map((separator) => missingIn(named, headerOf(line.split(separator))))).toSorted((a, b) => a.length - b.length)[0] ?? [];
  return new Refused('UNKNOWN_FORMAT', `not a file of ${nameOf(named)} (${named.title.en}); these columns are missing: ${closest.join(', ')}`, { row: '1' });
};

/**
 * What a file is: by its marks and bytes its encoding, by its header its format. `name` is what the caller says it is, "" if it
 * says nothing; `described` are formats that are known beside those of the code, which come first. Refused UNKNOWN_FORMAT with what
 * is missing, or with what it is instead.
 */
export const recognise = async (bytes: Bytes, name = '', described: readonly StatementFormat[] = []): Promise<Recognised> => {
  // Who asks for more columns is the more exact.
  const known = [...formats, ...described.toSorted((a, b) => b.needed.length - a.needed.length)];
  const named = known.find((one) => nameOf(one) === name);
  if (name !== '' && !named) throw new Refused('UNKNOWN_FORMAT', `there is no format "${name.slice(0, 40)}"; known: ${listOf(known)}`);
  const head = await headOf(bytes);
  if (head.length === 0) throw new Refused('BAD_CSV', 'row 1: the file is empty', { row: '1' });
  const marked = bomOf(head);
  const utf8 = marked === undefined || marked === 'utf-8' ? await isUtf8(bytes) : false;
  let lines: readonly string[] = [];
  for (const encoding of marked && marked !== 'utf-8' ? [marked] : utf8 ? (['utf-8'] as const) : (['gb18030', 'windows-1252'] as const)) {
    const text = new TextDecoder(encoding).decode(head);
    const { found, lines: read } = candidatesIn(text, known);
    lines = lines.length === 0 ? read : lines;
    const wanted = found.find(({ format }) => named === undefined || format === named);
    // An ASCII header fits any encoding of another alphabet: the format says which one it comes in.
    if (wanted) return { ...wanted, encoding: encoding === 'gb18030' ? wanted.format.legacy : encoding };
    const [other] = found;
    if (other) throw new Refused('UNKNOWN_FORMAT', `this is a file of ${nameOf(other.format)} (${other.format.title.en}), not of ${name}`, { row: String(other.header) });
  }
  throw unknown(named, lines, known);
};

async function* decoded(bytes: Bytes, encoding: Encoding): AsyncIterable<string> {
  const decoder = new TextDecoder(encoding);
  for await (const piece of bytes.read()) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

const faultOf = (row: number, error: unknown): Fault => {
  if (error instanceof Refused) return { row, reason: error.message.slice(0, 200) };
  throw error;
};

/** The rows of a recognised file, one after another: its lines, or why there are none. Returns what it says of itself as a whole. */
export async function* readRows(bytes: Bytes, { format, encoding, separator, header }: Recognised, channel: string): AsyncGenerator<Read, Ending> {
  const preamble: string[] = [];
  let places: ReadonlyMap<string, number> = new Map();
  let reader: Reader | undefined;
  let last = 0;
  for await (const { row, text, tooLong } of textLines(decoded(bytes, encoding))) {
    last = row;
    if (row < header) {
      preamble.push(text.slice(0, 1_000));
      continue;
    }
    if (row === header) {
      places = columnsIn(format, headerOf(cellsOf(format, separator, text))) ?? new Map();
      reader = format.start({ channel, separator, preamble, has: (column) => places.has(column) });
      continue;
    }
    if (text.trim() === '' || /^[,;\t\s]*$/.test(text)) continue;
    try {
      if (tooLong) throw new Refused('BAD_CSV', 'the row is longer than 64 KiB');
      const cells = cellsOf(format, separator, text);
      const lines = reader?.row({ row, text, cells, at: (column) => (cells[places.get(column) ?? -1] ?? '').trim() }) ?? [];
      if (lines.length > 0) yield { lines };
    } catch (error) {
      yield { fault: faultOf(row, error) };
    }
  }
  try {
    if (!reader) throw new Refused('BAD_CSV', 'the file ends before its header');
    const { batchNo, checks } = reader.end();
    return { batchNo: batchNo.replace(/[\p{C}]/gu, '').slice(0, 200), checks };
  } catch (error) {
    yield { fault: faultOf(last, error) };
    return { batchNo: '', checks: [] };
  }
}
