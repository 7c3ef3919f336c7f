/** No row of a statement is longer; what is, is reported and skipped. */
const longest = 64 * 1024;

export interface TextLine {
  /** From 1. */
  readonly row: number;
  readonly text: string;
  readonly tooLong: boolean;
}

/** Lines of a text that comes in pieces, whatever ends them. Holds a piece and a line, never more. */
export async function* textLines(pieces: AsyncIterable<string>): AsyncIterable<TextLine> {
  let open = '';
  let row = 0;
  let tooLong = false;
  let afterReturn = false;
  for await (const read of pieces) {
    // The "\n" of a "\r\n" whose "\r" ended the piece before.
    const piece = afterReturn && read.startsWith('\n') ? read.slice(1) : read;
    if (read !== '') afterReturn = read.endsWith('\r');
    const parts = piece.split(/\r\n|\n|\r/);
    for (const [n, part] of parts.entries()) {
      if (open.length + part.length > longest) {
        tooLong = true;
        open = (open + part.slice(0, longest)).slice(0, longest);
      } else open += part;
      if (n === parts.length - 1) break;
      row += 1;
      yield { row, text: open, tooLong };
      open = '';
      tooLong = false;
    }
  }
  if (open !== '' || tooLong) yield { row: row + 1, text: open, tooLong };
}
