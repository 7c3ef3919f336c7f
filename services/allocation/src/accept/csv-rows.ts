import { TextDecoder } from 'node:util';
import { Refused } from '@flotilla/decider';
import type { allocation } from '@flotilla/contracts';
import { CsvError, parse, type Parser } from 'csv-parse';

/** A record of a CSV file; columns that the file does not have are "". The header is row 1. */
export interface CsvRow {
  readonly row: number;
  readonly values: Readonly<Record<string, string>>;
}

const LARGEST = 64 * 1024 * 1024;
const MOST_COLUMNS = 500;

/** Spreadsheets in China save GB18030; whoever says neither is taken for UTF-8 if the beginning is. */
const decoderOf = (first: Uint8Array): TextDecoder => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(first, { stream: true });
    return new TextDecoder('utf-8');
  } catch {
    return new TextDecoder('gb18030');
  }
};

async function* textOf(chunks: AsyncIterable<allocation.ImportChunk>, largest: number): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let size = 0;
  for await (const { data } of chunks) {
    size += data.length;
    if (size > largest) throw new Refused('TOO_LARGE', `a file has at most ${Math.floor(largest / 1024)} KiB; split it`);
    decoder ??= decoderOf(data);
    const text = decoder.decode(data, { stream: true });
    if (text !== '') yield text;
  }
}

// Or the parser is done with, and waits for nobody.
const roomIn = (parser: Parser): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      parser.off('drain', go).off('close', go);
      resolve();
    };
    parser.on('drain', go).on('close', go);
  });

/** Reads a file as it arrives, in batches; Refused BAD_CSV where it cannot be read on. */
export async function* csvRows(chunks: AsyncIterable<allocation.ImportChunk>, required: readonly string[], size = 500, largest = LARGEST): AsyncGenerator<readonly CsvRow[]> {
  let header: readonly string[] | undefined;
  let batch: CsvRow[] = [];
  let row = 0;
  const parser = parse({ bom: true, trim: true, relax_column_count: true, skip_empty_lines: true, max_record_size: 64 * 1024 });
  const feed = (async () => {
    for await (const text of textOf(chunks, largest)) {
      // After a refusal nothing makes room any more.
      if (parser.destroyed) return;
      if (!parser.write(text)) await roomIn(parser);
    }
    parser.end();
  })();
  feed.catch((error: Error) => parser.destroy(error));
  try {
    for await (const record of parser as AsyncIterable<readonly string[]>) {
      row += 1;
      if (!header) {
        if (record.length > MOST_COLUMNS) throw new Refused('TOO_LARGE', `a file has at most ${MOST_COLUMNS} columns, this one ${record.length}`);
        header = record.map((name) => name.trim().toLowerCase());
        const missing = required.filter((column) => !header!.includes(column));
        if (missing.length > 0) throw new Refused('BAD_CSV', `columns are missing: ${missing.join(', ')}`);
        continue;
      }
      batch.push({ row, values: Object.fromEntries(header.map((name, index) => [name, record[index] ?? ''])) });
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
    await feed;
  } catch (error) {
    if (error instanceof CsvError) throw new Refused('BAD_CSV', `row ${row + 1}: ${error.message.slice(0, 200)}`);
    throw error;
  } finally {
    parser.destroy();
  }
  if (!header) throw new Refused('BAD_CSV', `the file is empty; its header is ${required.join(',')}`);
  if (batch.length > 0) yield batch;
}

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
