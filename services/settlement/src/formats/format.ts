import type { Line } from '../decide/line.js';

/** What a file says. */
export interface ParsedStatement {
  /** The platform's own numbers of what it paid out. */
  readonly batchNo: string;
  readonly lines: readonly Omit<Line, 'lineId'>[];
}

/** A file format: one folder of this shape and one line in the registry. */
export interface StatementFormat {
  readonly name: string;
  /** Reads a whole file. Refused BAD_CSV with the row where it cannot be read. */
  parse(chunks: AsyncIterable<Uint8Array>, channel: string): Promise<ParsedStatement>;
}
