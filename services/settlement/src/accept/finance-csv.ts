import { Refused } from '@flotilla/decider';
import { CsvError, parse } from 'csv-parse/sync';

const largest = 8 * 1024 * 1024;
const mostRows = 50_000;

export interface FinanceRow {
  readonly row: number;
  readonly at: (column: string) => string;
}

/** The bytes of an upload, whole: what finance keeps by hand is small. */
export const collected = async (first: Uint8Array, rest: AsyncIterator<{ readonly data: Uint8Array }>): Promise<Uint8Array> => {
  const pieces = [first];
  let size = first.length;
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    size += next.value.data.length;
    if (size > largest) throw new Refused('TOO_LARGE', `the file may have ${largest / 1024 / 1024} MiB`);
    pieces.push(next.value.data);
  }
  return Buffer.concat(pieces);
};

/** Rows of a CSV by the names that its header may have, UTF-8 or GB18030. Refused BAD_CSV with the row where it cannot be read. */
export const financeRows = (bytes: Uint8Array, columns: Readonly<Record<string, readonly string[]>>, needed: readonly string[]): readonly FinanceRow[] => {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    text = new TextDecoder('gb18030').decode(bytes);
  }
  let rows: readonly { readonly record: readonly string[]; readonly info: { readonly lines: number } }[];
  try {
    const delimiter = (text.split(/\r?\n/, 1)[0] ?? '').includes(';') ? ';' : ',';
    rows = parse(text, { bom: true, delimiter, info: true, relax_column_count: true, skip_empty_lines: true, to: mostRows + 2 }) as unknown as typeof rows;
  } catch (error) {
    if (error instanceof CsvError) throw new Refused('BAD_CSV', `row ${Number(error['lines'] ?? 1)}: its quotes do not close`, { row: String(Number(error['lines'] ?? 1)) });
    throw error;
  }
  const [header, ...body] = rows;
  const names = (header?.record ?? []).map((name) => name.normalize('NFKC').trim().toLowerCase());
  const places = new Map(Object.entries(columns).map(([column, written]) => [column, names.findIndex((name) => written.includes(name))]));
  const missing = needed.filter((column) => (places.get(column) ?? -1) < 0);
  if (missing.length > 0) throw new Refused('BAD_CSV', `row 1: these columns are missing: ${missing.map((column) => columns[column]?.[0] ?? column).join(', ')}`, { row: '1' });
  if (body.length > mostRows) throw new Refused('TOO_LARGE', `the file may have ${mostRows} rows`);
  return body.map(({ record, info }) => ({ row: info.lines, at: (column) => (record[places.get(column) ?? -1] ?? '').trim() }));
};
