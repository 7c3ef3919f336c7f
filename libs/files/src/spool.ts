import { randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refused } from '@flotilla/decider';
import { csvTable, EncodingProbe, type Encoding, type TableCells } from './table.js';
import { xlsxTable } from './workbook.js';

export interface Format {
  readonly format: 'CSV' | 'XLSX';
  /** Of a CSV. */
  readonly encoding: Encoding;
}

/** Tells a workbook from a text by its first bytes, while it goes by; its name says nothing. */
export class FormatProbe {
  readonly #encoding = new EncodingProbe();
  #head = Buffer.alloc(0);

  push(bytes: Uint8Array): void {
    if (this.#head.length < 8) this.#head = Buffer.concat([this.#head, bytes.subarray(0, 8)]).subarray(0, 8);
    this.#encoding.push(bytes);
  }

  /** Refused BAD_CSV for nothing at all, UNKNOWN_FORMAT for what is known to be something else. */
  end(): Format {
    if (this.#head.length === 0) throw new Refused('BAD_CSV', 'the file is empty; its first row names the columns');
    const head = this.#head.toString('latin1');
    if (head.startsWith('\u00d0\u00cf\u0011\u00e0')) throw new Refused('UNKNOWN_FORMAT', 'this is an old Excel file (XLS); save it as XLSX, or as CSV UTF-8');
    if (head.startsWith('%PDF') || head.startsWith('\u001f\u008b')) throw new Refused('UNKNOWN_FORMAT', 'this is neither CSV nor XLSX');
    return { format: head.startsWith('PK\u0003\u0004') ? 'XLSX' : 'CSV', encoding: this.#encoding.end() };
  }
}

/** A file that is here whole. */
export interface Kept {
  readonly size: number;
  /** Its bytes from the beginning, as often as need be. */
  read(): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

/** A table that is here whole. */
export interface Spooled extends Kept, Format {}

const piece = 64 * 1024;
/** Up to here it is held in memory. */
const small = 256 * 1024;

/**
 * Keeps a file that comes in pieces until it is read, as often as that may be: a small one in memory, a larger one on disk, where it has no name, so that nothing of it is left, whatever
 * happens. `see` is shown each piece as it comes. Refused with what `tooLarge` says beyond `largest` bytes, UNAVAILABLE where there is no room.
 */
export const keep = async (bytes: AsyncIterable<Uint8Array>, { largest, tooLarge, see }: { readonly largest: number; readonly tooLarge: () => Refused; readonly see: (chunk: Uint8Array) => void }): Promise<Kept> => {
  let held: Uint8Array[] = [];
  let file: FileHandle | undefined;
  let size = 0;
  const close = async (): Promise<void> => file?.close();
  try {
    for await (const chunk of bytes) {
      if ((size += chunk.length) > largest) throw tooLarge();
      see(chunk);
      held.push(chunk);
      if (size <= small) continue;
      file ??= await nameless();
      for (const one of held) await file.writeFile(one);
      held = [];
    }
    return {
      size,
      read: async function* () {
        yield* held;
        for (let at = 0; file !== undefined && at < size; ) {
          const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(piece), 0, piece, at);
          if (bytesRead === 0) throw new Error('a file that was kept ends early');
          at += bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      },
      close,
    };
  } catch (error) {
    await close();
    throw ['ENOSPC', 'EDQUOT'].includes((error as { readonly code?: string }).code ?? '') ? new Refused('UNAVAILABLE', 'there is no room for files at the moment; send it again later') : error;
  }
};

/** Keeps a table, since only its end says what a text is written in, and a workbook is read twice. Refused TOO_LARGE, BAD_CSV, UNKNOWN_FORMAT, UNAVAILABLE. */
export const spool = async (bytes: AsyncIterable<Uint8Array>, largest: number): Promise<Spooled> => {
  const probe = new FormatProbe();
  const kept = await keep(bytes, { largest, tooLarge: () => new Refused('TOO_LARGE', `a file has at most ${Math.floor(largest / 1024)} KiB; split it`), see: (chunk) => probe.push(chunk) });
  try {
    return { ...kept, ...probe.end() };
  } catch (error) {
    await kept.close();
    throw error;
  }
};

const nameless = async (): Promise<FileHandle> => {
  const path = join(tmpdir(), `flotilla-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await rm(path);
  return file;
};

/** The rows of a file, whichever of both it is, wherever it lies. */
export const tableOf = (file: Pick<Spooled, 'format' | 'encoding' | 'read'>): AsyncIterable<TableCells> => (file.format === 'XLSX' ? xlsxTable(() => file.read()) : csvTable(file.read(), file.encoding));
