import { createHash } from 'node:crypto';
import { keep, type Kept } from '@flotilla/files';
import { Refused } from '@flotilla/decider';

export interface Spooled extends Kept {
  /** sha256, hex. */
  readonly hash: string;
  /** It begins as an archive does. */
  readonly isZip: boolean;
}

/** Keeps an upload, since it is read more than once and may be larger than what memory is for. Refused TOO_LARGE beyond `largest` bytes. */
export const spool = async (pieces: AsyncIterable<Uint8Array>, largest: number): Promise<Spooled> => {
  const sha256 = createHash('sha256');
  let head = Buffer.alloc(0);
  const kept = await keep(pieces, {
    largest,
    tooLarge: () => new Refused('TOO_LARGE', `a statement file may have ${largest / 1024 / 1024} MiB`),
    see: (chunk) => {
      sha256.update(chunk);
      if (head.length < 4) head = Buffer.concat([head, chunk.subarray(0, 4)]).subarray(0, 4);
    },
  });
  return { ...kept, hash: sha256.digest('hex'), isZip: head.toString('latin1') === 'PK\u0003\u0004' };
};
