import { Refused } from '@flotilla/decider';
import type SftpClient from 'ssh2-sftp-client';
import { z } from 'zod';
import { bytesAt, pathsBelow, putAll, putWhole, sftpServer, SftpSession, type SftpServer } from '@flotilla/files';
import type { Collecting, WmsAdapter, WmsAnswer, WmsConnection } from '../wms.js';
import { manifest } from './manifest.js';
import { confirmFile, lockFile, readFiles, readStockFile, releaseFile, shipFile, type Found } from './sftp3pl.files.js';

const settings = z.strictObject({ adapter: z.literal(manifest.name), ...sftpServer });

const LARGEST = 16 * 1024 * 1024;
const FILES_AT_ONCE = 200;
const folders = { in: 'in', done: 'in/done', rejected: 'in/rejected' } as const;
const kinds = ['lock', 'confirm', 'release', 'ship'] as const;

const connect = (to: SftpServer): WmsConnection => {
  const session = new SftpSession(to);
  const at = pathsBelow(to);

  const find = async (client: SftpClient, lockId: string): Promise<readonly Found[]> => {
    const places = Object.entries(folders).flatMap(([folder, path]) => kinds.map((kind) => ({ folder: folder as Found['folder'], kind, file: at(path, `${lockId}.${kind}.csv`) })));
    const found = await Promise.all(
      places.map(async ({ folder, kind, file }): Promise<readonly Found[]> => {
        // `exists` knows "not there" from "cannot tell", which throws.
        if ((await client.exists(file)) !== '-') return [];
        return [{ folder, kind, mtime: Math.floor((await client.stat(file)).modifyTime / 1_000) }];
      }),
    );
    return found.flat();
  };
  // What is there already, in whatever folder, is not written again.
  const say = async (lockId: string, kind: Found['kind'], text: string, signal: AbortSignal): Promise<WmsAnswer> => {
    try {
      return await session.do(async (client) => {
        const before = await find(client, lockId);
        // It was said already, or the goods were given back or taken: too late for anything else.
        if (!before.some((file) => file.kind === kind || file.kind === 'release' || file.kind === 'ship')) {
          await putWhole(client, at('in', `${lockId}.${kind}.csv`), Buffer.from(text));
        }
        const answer = readFiles(await find(client, lockId));
        return answer.kind === 'not-known' ? { kind: 'unclear', detail: 'the file is written and not there' } : answer;
      }, signal);
    } catch (error) {
      return { kind: 'unclear', detail: `${(error as Error).name}: ${(error as Error).message}`.slice(0, 200) };
    }
  };
  return {
    longestPauseMs: manifest.longestPauseMs,
    port: {
      lock: ({ lockId, foId, lines }, signal) => say(lockId, 'lock', lockFile(lockId, foId, lines), signal),
      confirm: (lockId, _fence, signal) => say(lockId, 'confirm', confirmFile(lockId), signal),
      release: (lockId, reason, signal) => say(lockId, 'release', releaseFile(lockId, reason), signal),
      consume: (lockId, _fence, parcelId, signal) => say(lockId, 'ship', shipFile(lockId, parcelId), signal),
      ask: async (lockId, signal) => {
        try {
          return readFiles(await session.do((client) => find(client, lockId), signal));
        } catch (error) {
          return { kind: 'unclear', detail: `${(error as Error).name}: ${(error as Error).message}`.slice(0, 200) };
        }
      },
      // oxlint-disable-next-line require-yield -- there is nothing to ask for: stock files come when they come
      stock: async function* () {
        throw new Error('a third party with files alone cannot be asked for its stock');
      },
      close: () => session.close(),
    },
    collect: async ({ take, ended }, signal) => {
      const waiting = await session.do((client) => client.list(at('out'), (entry) => entry.type === '-' && entry.name.toLowerCase().endsWith('.csv')), signal);
      for (const { name, size } of waiting.toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, FILES_AT_ONCE)) {
        const reason = await kept(name, size, take, signal);
        await session.do(async (client) => {
          if (reason !== undefined) await putAll(client, at('out/parked', `${name}.reason.txt`), Buffer.from(`${reason}\n`));
          await client.rename(at('out', name), at(reason === undefined ? 'out/done' : 'out/parked', name));
        }, signal);
      }
      const rejected = await session.do((client) => client.list(at(folders.rejected), ({ name }) => /^[\w-]+\.(?:lock|confirm)\.csv$/.test(name)), signal);
      for (const { name, modifyTime } of rejected.toSorted((a, b) => b.modifyTime - a.modifyTime).slice(0, FILES_AT_ONCE)) {
        await ended({ lockId: name.split('.')[0]!, there: 'RELEASED', position: modifyTime + 999, detail: `${name} was rejected` });
      }
    },
  };

  // Why a file is parked; undefined if it was taken in.
  async function kept(name: string, size: number, take: Collecting['take'], signal: AbortSignal): Promise<string | undefined> {
    try {
      if (size > LARGEST) throw new Refused('TOO_LARGE', `a stock file has at most ${LARGEST / 1024 / 1024} MiB`);
      const bytes = await session.do((client) => bytesAt(client, at('out', name)), signal);
      await take(readStockFile(bytes.toString('utf8')));
      return undefined;
    } catch (error) {
      if (error instanceof Refused) return `${error.reason}: ${error.message}`;
      throw error;
    }
  }
};

/** A third party that has SFTP and nothing else. */
export const sftp3pl: WmsAdapter = { manifest, settings, connect: connect as WmsAdapter['connect'] };
