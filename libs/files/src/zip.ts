import { setImmediate } from 'node:timers/promises';
import { Refused } from '@flotilla/decider';
import { Unzip, UnzipInflate } from 'fflate';

const mostParts = 2_000;
// A piece unpacks to a thousand times as much at most, which is held until it was read.
const packedPiece = 8 * 1024;

export type Take = (bytes: Uint8Array, last: boolean) => void;

/** What is said of an archive that cannot be read, or is too large. */
export interface Packed {
  readonly unreadable: () => Refused;
  readonly tooLarge: (mebibytes: number) => Refused;
  /** All parts that are taken together, in bytes. */
  readonly largest: number;
}

/**
 * Unpacks an archive as it comes; `part` says who takes which, and how much of it there may be. Yields after each piece, so that what was taken can go on,
 * and others, too. Refused for what is cut off or broken, TOO_LARGE for what unpacks to more than it may or has more than 2,000 parts.
 */
export async function* unpacked(bytes: AsyncIterable<Uint8Array>, { unreadable, tooLarge, largest }: Packed, part: (name: string) => { readonly take: Take; readonly largest: number } | undefined): AsyncGenerator<void> {
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
    if ((parts += 1) > mostParts) throw new Refused('TOO_LARGE', `an archive has at most ${mostParts} parts`);
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
      if ((size += chunk.length) > taker.largest || (total += chunk.length) > largest) throw tooLarge(Math.min(taker.largest, largest) / 1024 / 1024);
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
