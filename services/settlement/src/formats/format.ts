import type { Line } from '../decide/line.js';

/** A line of money that a row tells of. A row may tell of several: what was paid, and what a promotion took from it. */
export interface RowLine extends Omit<Line, 'lineId'> {
  /** Which of the row's lines: "" the first one. */
  readonly part: string;
}

/** Something that the file says of all its rows, and what the rows say. In minor units, or a count if `currency` is "". */
export interface TotalCheck {
  readonly what: string;
  readonly currency: string;
  readonly said: number;
  readonly found: number;
}

/** One row under the header. */
export interface Row {
  /** In the file, from 1. */
  readonly row: number;
  readonly text: string;
  readonly cells: readonly string[];
  /** The cell of a column by the format's own name for it, trimmed; "" where the file has no such column. */
  readonly at: (column: string) => string;
}

/** What a file is before its first row is read. */
export interface Sheet {
  readonly channel: string;
  readonly separator: Separator;
  /** The lines above the header. */
  readonly preamble: readonly string[];
  readonly has: (column: string) => boolean;
}

export type Separator = ',' | ';' | '\t';

/** Reads the rows of one file, one after another. */
export interface Reader {
  /** The row's lines; `[]` for what is no row of money (trailers, titles). Refused where it cannot be understood: the row is then reported. */
  row(row: Row): readonly RowLine[];
  /** After the last row. */
  end(): { readonly batchNo: string; readonly checks: readonly TotalCheck[] };
}

/** A file format: one folder of this shape and one line in the registry. Data where it can be: the rest of reading is the same for all. */
export interface StatementFormat {
  readonly name: string;
  /** For people. */
  readonly title: { readonly zh: string; readonly en: string };
  /** What a file that is not UTF-8 is encoded in. */
  readonly legacy: 'gb18030' | 'windows-1252';
  /** The format's names of its columns, and the names that files give them: compared without case, spaces and what stands in brackets. */
  readonly columns: Readonly<Record<string, readonly string[]>>;
  /** A header has all of these; that is how a file is recognised. */
  readonly needed: readonly string[];
  /** How a line falls into cells, where not at the separator outside quotes. */
  readonly split?: (line: string) => readonly string[] | undefined;
  start(sheet: Sheet): Reader;
}
