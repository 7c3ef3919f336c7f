import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Refused } from '@flotilla/decider';
import type { Video } from '../../decide/suppliers/offer.decider.js';
import { HEAD, videoKind } from './video-kind.js';

/** A video as it is served. */
export interface KeptVideo extends Video {
  /** Bytes from `start` to `end`, both in it. */
  read(range?: { readonly start: number; readonly end: number }): Readable;
}

/** Videos in a folder, each under the SHA-256 of its bytes: the same video twice is one file. */
export interface VideoStore {
  /** The most bytes that one has. */
  readonly largest: number;
  /**
   * Keeps what arrives, a piece at a time. Refused TOO_LARGE, BAD_VIDEO (by its first bytes), BAD_REQUEST (it broke off, is not what was announced): then
   * nothing of it is left.
   */
  keep(bytes: Readable, announced?: string): Promise<Video>;
  find(sha256: string): Promise<KeptVideo | undefined>;
}

const DAY_MS = 86_400_000;

/** `folder` may be a volume that replicas share. What a process that died has left half is swept away a day later. */
export const openVideoStore = async (folder: string, largest: number, now: () => Date): Promise<VideoStore> => {
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
      const look = new Look(largest);
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
        throw reasonOf(error, largest);
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
        return { sha256, bytes: size, mediaType: videoKind(buffer.subarray(0, bytesRead)) ?? 'application/octet-stream', read: (range) => createReadStream(path, range) };
      } finally {
        await file.close();
      }
    },
  };
};

// A renamed file survives a power cut once its folder is written.
const synced = async (folder: string): Promise<void> => {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const reasonOf = (error: unknown, largest: number): unknown => {
  if (error instanceof Refused) return error;
  const { code, statusCode } = error as { readonly code?: string; readonly statusCode?: number };
  if (statusCode === 413) return new Refused('TOO_LARGE', `a video has at most ${Math.floor(largest / 1024 / 1024)} MiB`);
  if (statusCode === 400 || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET') return new Refused('BAD_REQUEST', 'the video broke off; send it again');
  if (code === 'ENOSPC' || code === 'EDQUOT') return new Refused('UNAVAILABLE', 'there is no room for videos at the moment');
  return error;
};

/** Counts, hashes and knows the kind of what passes. */
class Look extends Transform {
  size = 0;
  sha256 = '';
  mediaType: Video['mediaType'] | undefined;
  readonly #hash = createHash('sha256');
  #head: Buffer | undefined = Buffer.alloc(0);

  constructor(private readonly largest: number) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error?: Error | null, chunk?: Buffer) => void): void {
    this.size += chunk.length;
    if (this.size > this.largest) return done(new Refused('TOO_LARGE', `a video has at most ${Math.floor(this.largest / 1024 / 1024)} MiB`));
    this.#hash.update(chunk);
    if (this.#head) {
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, HEAD)]);
      if (this.#head.length >= HEAD && !this.#known()) return done(notOurs());
    }
    done(null, chunk);
  }

  override _flush(done: (error?: Error | null) => void): void {
    this.sha256 = this.#hash.digest('hex');
    done(this.#head && !this.#known() ? notOurs() : null);
  }

  #known(): boolean {
    this.mediaType = videoKind(this.#head!);
    this.#head = undefined;
    return this.mediaType !== undefined;
  }
}

const notOurs = (): Refused => new Refused('BAD_VIDEO', 'its first bytes are not those of an MP4, WebM or MOV video');
