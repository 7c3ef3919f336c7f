import { createHash, randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refused } from '@flotilla/decider';
import type { Bytes } from '../formats/statement-file.js';

export interface Spooled extends Bytes {
  /** sha256, hex. */
  readonly hash: string;
  /** It begins as an archive does. */
  readonly isZip: boolean;
  close(): Promise<void>;
}

// Nobody else can open it, and nothing of it is left when the process is gone.
const nameless = async (): Promise<FileHandle> => {
  const path = join(tmpdir(), `flotilla-statement-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
};

/** Keeps an upload on disk, since it is read more than once and may be larger than what memory is for. Refused TOO_LARGE beyond `largest` bytes. */
export const spool = async (pieces: AsyncIterable<Uint8Array>, largest: number): Promise<Spooled> => {
  const file = await nameless();
  try {
    const sha256 = createHash('sha256');
    let size = 0;
    let head = Buffer.alloc(0);
    for await (const piece of pieces) {
      size += piece.length;
      if (size > largest) throw new Refused('TOO_LARGE', `a statement file may have ${largest / 1024 / 1024} MiB`);
      sha256.update(piece);
      if (head.length < 4) head = Buffer.concat([head, piece.subarray(0, 4)]).subarray(0, 4);
      if (piece.length > 0) await file.write(piece);
    }
    return {
      size,
      hash: sha256.digest('hex'),
      isZip: head.toString('latin1') === 'PK\u0003\u0004',
      read: async function* () {
        const buffer = Buffer.alloc(64 * 1024);
        for (let at = 0; at < size; ) {
          const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
          if (bytesRead === 0) throw new Error('the spooled statement is shorter than it was');
          at += bytesRead;
          yield Buffer.from(buffer.subarray(0, bytesRead));
        }
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
};
