import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refused } from '@flotilla/decider';
import { csvCell } from '@flotilla/values';
import SftpClient from 'ssh2-sftp-client';
import { z } from 'zod';

/** How a server is reached; part of the settings of whatever has files there. */
export const sftpServer = {
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535).default(22),
  user: z.string().min(1),
  password: z.string().min(1).optional(),
  privateKey: z.string().min(1).optional(),
  /** SHA-256 of the server's key, base64, as `ssh-keygen -lf` shows it. */
  hostKey: z.string().min(43),
  root: z.string().default('/'),
} as const;

export type SftpServer = z.infer<z.ZodObject<typeof sftpServer>>;

/** The library's own connection. */
interface Connection {
  readonly _sock?: Socket;
  setNoDelay(on: boolean): void;
  setMaxListeners(most: number): void;
}

const connectionOf = (client: SftpClient): Connection => (client as unknown as { readonly client: Connection }).client;

/** One connection, one thing at a time: many third parties allow no more. It is made when needed and thrown away when anything fails. */
export class SftpSession {
  #client: SftpClient | undefined;
  #opening: SftpClient | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly to: SftpServer) {}

  do<T>(act: (client: SftpClient) => Promise<T>, signal: AbortSignal): Promise<T> {
    const turn = this.#last.then(async () => {
      signal.throwIfAborted();
      const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
      try {
        return await Promise.race([this.#connected().then(act), aborted]);
      } catch (error) {
        if (!(error instanceof Refused)) await this.close();
        throw error;
      }
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    const client = this.#client ?? this.#opening;
    this.#client = this.#opening = undefined;
    if (!client) return;
    await Promise.race([client.end().catch(() => undefined), sleep(2_000, undefined, { ref: false })]);
    // A server that does not hang up, or has not let us in yet.
    connectionOf(client)._sock?.destroy();
  }

  async #connected(): Promise<SftpClient> {
    if (this.#client) return this.#client;
    const { host, port, user, password, privateKey, hostKey } = this.to;
    const wanted = Buffer.from(hostKey.replace(/^SHA256:/, ''), 'base64');
    const client = (this.#opening = new SftpClient());
    client.on('error', () => undefined);
    client.on('close', () => {
      if (this.#client === client) this.#client = undefined;
    });
    await client.connect({
      host, port, username: user, readyTimeout: 10_000,
      ...(password === undefined ? {} : { password }),
      ...(privateKey === undefined ? {} : { privateKey }),
      hostVerifier: (key: Buffer) => {
        const given = createHash('sha256').update(key).digest();
        return given.length === wanted.length && timingSafeEqual(given, wanted);
      },
    });
    // Small packets must not wait for one another, and a dozen questions go out at once.
    connectionOf(client).setNoDelay(true);
    connectionOf(client).setMaxListeners(64);
    this.#opening = undefined;
    return (this.#client = client);
  }
}

class NotWhole extends Error {
  readonly code = 'NOT_WHOLE';
}

/** Writes a file. The client says nothing of a server that takes half of it, as one without room does: its size says it. */
export const putAll = async (client: SftpClient, path: string, bytes: Buffer): Promise<void> => {
  await client.put(bytes, path);
  const { size } = await client.stat(path);
  if (size !== bytes.length) throw new NotWhole(`${size} of ${bytes.length} bytes are there`);
};

/** Writes a file under another name first: nobody over there reads half of it. */
export const putWhole = async (client: SftpClient, path: string, bytes: Buffer): Promise<void> => {
  await putAll(client, `${path}.part`, bytes);
  await client.rename(`${path}.part`, path);
};

// The client hands them on to ssh2, which knows more of them than its types do.
const bounded = (most: number): SftpClient.TransferOptions['readStreamOptions'] => ({ start: 0, end: most - 1 }) as SftpClient.TransferOptions['readStreamOptions'];

/** What is in a file; of a larger one `most` bytes, whatever its server says of its size. Of an empty one the client makes no buffer. */
export const bytesAt = async (client: SftpClient, path: string, most?: number): Promise<Buffer> => {
  const got: unknown = await client.get(path, undefined, most === undefined ? {} : { readStreamOptions: bounded(most) });
  return Buffer.isBuffer(got) ? got : Buffer.alloc(0);
};

/** Where a folder of a server is. */
export const pathsBelow = ({ root }: SftpServer) => (...parts: readonly string[]): string => posix.join(root, ...parts);

/** A CSV file with its header; its cells are no formulas, unless `cell` says how else they are written. */
export const csvFile = (columns: readonly string[], rows: readonly (readonly string[])[], cell: (text: string) => string = csvCell): string => [columns, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
