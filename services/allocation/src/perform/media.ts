import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Refused } from '@flotilla/decider';
import type { Media } from '../decide/media.js';
import { HEAD, photoKind, videoKind } from './media-kind.js';

/** What is taken: how it is known, and what is said of anything else. */
interface Medium {
  readonly name: 'video' | 'photo';
  readonly kindOf: (head: Buffer) => string | undefined;
  readonly refused: () => Refused;
}

export const video: Medium = { name: 'video', kindOf: videoKind, refused: () => new Refused('BAD_VIDEO', 'its first bytes are not those of an MP4, WebM or MOV video') };
export const photo: Medium = { name: 'photo', kindOf: photoKind, refused: () => new Refused('BAD_PHOTO', 'its first bytes are not those of a JPEG, PNG or WebP photo') };

/** As it is served. */
export interface KeptMedia extends Media {
  /** Bytes from `start` to `end`, both in it. */
  read(range?: { readonly start: number; readonly end: number }): Readable;
}

/** Videos or photos in a folder, each under the SHA-256 of its bytes: the same twice is one file. Both may lie in the same. */
export interface MediaStore {
  /** The most bytes that one has. */
  readonly largest: number;
  /**
   * Keeps what arrives, a piece at a time. Refused TOO_LARGE, BAD_VIDEO or BAD_PHOTO (by its first bytes), BAD_REQUEST (it broke off, is not what was announced): then
   * nothing of it is left.
   */
  keep(bytes: Readable, announced?: string): Promise<Media>;
  find(sha256: string): Promise<KeptMedia | undefined>;
}

const DAY_MS = 86_400_000;

/** `folder` may be a volume that replicas share. What a process that died has left half is swept away a day later. */
export const openMediaStore = async (medium: Medium, folder: string, largest: number, now: () => Date): Promise<MediaStore> => {
  const arriving = join(folder, 'arriving');
  await mkdir(arriving, { recursive: true });
  for (const name of await readdir(arriving)) {
    const left = await stat(join(arriving, name)).catch(() => undefined);
    if (left && now().getTime() - left.mtimeMs > DAY_MS) await rm(join(arriving, name), { force: true });
  }
  const pathOf = (sha256: string): readonly [string, string] => [join(folder, sha256.slice(0, 2)), join(folder, sha256.slice(0, 2), sha256)];

  return {
    largest,
    keep: async (bytes, announced) => {
      const half = join(arriving, randomUUID());
      const look = new Look(medium, largest);
      try {
        await pipeline(bytes, look, createWriteStream(half, { flags: 'wx', flush: true }));
        const { sha256, mediaType } = look;
        if (announced !== undefined && announced !== sha256) throw new Refused('BAD_REQUEST', 'these are not the bytes that were announced');
        const [shelf, path] = pathOf(sha256);
        await mkdir(shelf, { recursive: true });
        // Over the same bytes, if they are there: by name nobody ever sees half of them.
        await rename(half, path);
        await synced(shelf);
        return { sha256, bytes: look.size, mediaType: mediaType! };
      } catch (error) {
        await rm(half, { force: true });
        throw reasonOf(error, medium, largest);
      }
    },
    find: async (sha256) => {
      if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined;
      const [, path] = pathOf(sha256);
      const file = await open(path).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? undefined : Promise.reject(error)));
      if (!file) return undefined;
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
        const { size } = await file.stat();
        return { sha256, bytes: size, mediaType: kindOf(buffer.subarray(0, bytesRead)) ?? 'application/octet-stream', read: (range) => createReadStream(path, range) };
      } finally {
        await file.close();
      }
    },
  };
};

const kindOf = (head: Buffer): string | undefined => videoKind(head) ?? photoKind(head);

// A renamed file survives a power cut once its folder is written.
const synced = async (folder: string): Promise<void> => {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const tooLarge = ({ name }: Medium, largest: number): Refused => new Refused('TOO_LARGE', `a ${name} has at most ${Math.floor(largest / 1024 / 1024)} MiB`);

const reasonOf = (error: unknown, medium: Medium, largest: number): unknown => {
  if (error instanceof Refused) return error;
  const { code, statusCode } = error as { readonly code?: string; readonly statusCode?: number };
  if (statusCode === 413) return tooLarge(medium, largest);
  if (statusCode === 400 || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET') return new Refused('BAD_REQUEST', `the ${medium.name} broke off; send it again`);
  if (code === 'ENOSPC' || code === 'EDQUOT') return new Refused('UNAVAILABLE', `there is no room for ${medium.name}s at the moment`);
  return error;
};

/** Counts, hashes and knows the kind of what passes. */
class Look extends Transform {
  size = 0;
  sha256 = '';
  mediaType: string | undefined;
  readonly #hash = createHash('sha256');
  #head: Buffer | undefined = Buffer.alloc(0);

  constructor(
    private readonly medium: Medium,
    private readonly largest: number,
  ) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error?: Error | null, chunk?: Buffer) => void): void {
    this.size += chunk.length;
    if (this.size > this.largest) return done(tooLarge(this.medium, this.largest));
    this.#hash.update(chunk);
    if (this.#head) {
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, HEAD)]);
      if (this.#head.length >= HEAD && !this.#known()) return done(this.medium.refused());
    }
    done(null, chunk);
  }

  override _flush(done: (error?: Error | null) => void): void {
    this.sha256 = this.#hash.digest('hex');
    done(this.#head && !this.#known() ? this.medium.refused() : null);
  }

  #known(): boolean {
    this.mediaType = this.medium.kindOf(this.#head!);
    this.#head = undefined;
    return this.mediaType !== undefined;
  }
}
