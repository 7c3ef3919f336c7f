import { createReadStream } from 'node:fs';
import { lstat, mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type SftpClient from 'ssh2-sftp-client';
import { pathsBelow, putWhole, SftpSession, type SftpServer } from './sftp.js';

/** A file as its folder shows it. */
export interface PlacedFile {
  readonly name: string;
  readonly size: number;
  readonly modified: number;
}

/** A folder that somebody puts files into, with folders below it for what is dealt with; on this machine or on a server. Names are of files, without folders. */
export interface FilePlace {
  /** Makes the folders below that are not there. */
  prepare(folders: readonly string[], signal: AbortSignal): Promise<void>;
  /** The files in it, in the order of their names; neither folders nor links. */
  list(signal: AbortSignal): Promise<readonly PlacedFile[]>;
  /** Hands a file's bytes on as they come; `undefined` if it is gone. */
  read<T>(name: string, take: (bytes: AsyncIterable<Uint8Array>) => Promise<T>, signal: AbortSignal): Promise<T | undefined>;
  /** Writes a file whole: whoever looks sees all of it, or none. */
  put(folder: string, name: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /** Moves a file into a folder below, under a name that says what is in it: one that lies there already is the same. One that is gone was moved by somebody else. */
  move(name: string, folder: string, as: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const byName = (files: readonly PlacedFile[]): readonly PlacedFile[] => files.toSorted((a, b) => (a.name < b.name ? -1 : 1));

const isGone = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** A folder of this machine, or of a volume. */
export const folderPlace = (root: string): FilePlace => ({
  prepare: async (folders) => {
    for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
  },
  list: async () => {
    const found: PlacedFile[] = [];
    for (const entry of await readdir(root, { withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const { size, mtimeMs } = await lstat(join(root, entry.name));
      found.push({ name: entry.name, size, modified: mtimeMs });
    }
    return byName(found);
  },
  read: async (name, take, signal) => {
    const path = join(root, name);
    try {
      await stat(path);
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
    return take(createReadStream(path, { signal }) as AsyncIterable<Uint8Array>);
  },
  put: async (folder, name, bytes, signal) => {
    const part = join(root, folder, `.${name}.part`);
    await writeFile(part, bytes, { signal });
    await rename(part, join(root, folder, name));
  },
  move: async (name, folder, as) => {
    try {
      await rename(join(root, name), join(root, folder, as));
    } catch (error) {
      if (!isGone(error) || (await lstat(join(root, name)).then(() => true, () => false))) throw error;
    }
  },
  close: () => Promise.resolve(),
});

/** A folder of an SFTP server. */
export const sftpPlace = (server: SftpServer): FilePlace => {
  const session = new SftpSession(server);
  const at = pathsBelow(server);
  return {
    prepare: (folders, signal) =>
      session.do(async (client) => {
        for (const folder of folders) if ((await client.exists(at(folder))) === false) await client.mkdir(at(folder), true);
      }, signal),
    list: async (signal) => {
      const entries = await session.do((client) => client.list(at(), ({ type, name }) => type === '-' && !name.includes('/')), signal);
      return byName(entries.map(({ name, size, modifyTime }) => ({ name, size, modified: modifyTime })));
    },
    read: (name, take, signal) =>
      session.do(async (client) => {
        if ((await client.exists(at(name))) !== '-') return undefined;
        const stream = client.createReadStream(at(name), { autoClose: true });
        try {
          return await take(stream as AsyncIterable<Uint8Array>);
        } finally {
          (stream as unknown as { destroy(): void }).destroy();
        }
      }, signal),
    put: async (folder, name, bytes, signal) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of bytes) pieces.push(piece);
      await session.do(async (client) => {
        await drop(client, at(folder, name));
        await putWhole(client, at(folder, name), Buffer.concat(pieces));
      }, signal);
    },
    move: (name, folder, as, signal) =>
      session.do(async (client) => {
        const [from, to] = [at(name), at(folder, as)];
        if ((await client.exists(to)) === '-') return drop(client, from);
        await client.rename(from, to).catch(async (error: Error) => {
          if ((await client.exists(from)) !== false) throw error;
        });
      }, signal),
    close: () => session.close(),
  };
};

const drop = async (client: SftpClient, path: string): Promise<void> => void ((await client.exists(path)) === '-' && (await client.delete(path, true)));
