import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
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
  /** Hands a file's bytes on as they come; `undefined` if it is gone, or is another by now. */
  read<T>(file: PlacedFile, take: (bytes: AsyncIterable<Uint8Array>) => Promise<T>, signal: AbortSignal): Promise<T | undefined>;
  /** Writes a file whole: whoever looks sees all of it, or none. */
  put(folder: string, name: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /** Moves a file into a folder below, under a name that says what is in it: one that lies there already is the same. One that is gone was moved by somebody else; one that is another by now stays. */
  move(file: PlacedFile, folder: string, as: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const byName = (files: readonly PlacedFile[]): readonly PlacedFile[] => files.toSorted((a, b) => (a.name < b.name ? -1 : 1));

const isSame = (file: PlacedFile, size: number, modified: number): boolean => file.size === size && file.modified === modified;

const isGone = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** A folder of this machine, or of a volume. */
export const folderPlace = (root: string): FilePlace => ({
  prepare: async (folders) => {
    for (const folder of folders) {
      const path = join(root, folder);
      await mkdir(path, { recursive: true });
      if (!(await lstat(path)).isDirectory()) throw new Error(`"${folder}" is no folder`);
    }
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
  read: async (file, take, signal) => {
    // Whoever may write here may put a link in its place at any moment.
    const handle = await open(join(root, file.name), constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
      if (isGone(error) || (error as NodeJS.ErrnoException).code === 'ELOOP') return undefined;
      throw error;
    });
    if (handle === undefined) return undefined;
    try {
      const { size, mtimeMs } = await handle.stat();
      return isSame(file, size, mtimeMs) ? await take(handle.createReadStream({ autoClose: false, signal }) as AsyncIterable<Uint8Array>) : undefined;
    } finally {
      await handle.close();
    }
  },
  put: async (folder, name, bytes, signal) => {
    const part = join(root, folder, `.${name}.part`);
    await rm(part, { force: true });
    await writeFile(part, bytes, { signal, flag: 'wx' });
    await rename(part, join(root, folder, name));
  },
  move: async (file, folder, as) => {
    const from = join(root, file.name);
    const now = await lstat(from).catch((error: unknown) => {
      if (isGone(error)) return undefined;
      throw error;
    });
    if (now?.isFile() && isSame(file, now.size, now.mtimeMs)) await rename(from, join(root, folder, as));
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
    read: (file, take, signal) =>
      session.do(async (client) => {
        if (!(await lies(client, at(file.name), file))) return undefined;
        const stream = client.createReadStream(at(file.name), { autoClose: true });
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
    move: (file, folder, as, signal) =>
      session.do(async (client) => {
        const [from, to] = [at(file.name), at(folder, as)];
        if (!(await lies(client, from, file))) return;
        if ((await client.exists(to)) === '-') return drop(client, from);
        await client.rename(from, to).catch(async (error: Error) => {
          if ((await client.exists(from)) !== false) throw error;
        });
      }, signal),
    close: () => session.close(),
  };
};

/** Whether a file lies there still, as it was seen. */
const lies = async (client: SftpClient, path: string, file: PlacedFile): Promise<boolean> => {
  if ((await client.exists(path)) !== '-') return false;
  const { size, modifyTime } = await client.stat(path);
  return isSame(file, size, modifyTime);
};

const drop = async (client: SftpClient, path: string): Promise<void> => void ((await client.exists(path)) === '-' && (await client.delete(path, true)));
