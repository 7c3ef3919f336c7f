import { createHash } from 'node:crypto';
import { Refused } from '@flotilla/decider';
import { z } from 'zod';
import { bytesAt, pathsBelow, putAll, putWhole, sftpServer, SftpSession, type SftpServer } from '@flotilla/files';
import type { OrderFile } from './files.js';
import type { Handed } from './handed.js';

const settings = z.strictObject(sftpServer);

/** FLOTILLA_SUPPLIER_FILES: `{"<supplier>": {"host", "port", "user", "password" | "privateKey", "hostKey", "root"}}`. */
export const supplierFilesSetting = z
  .string()
  .default('{}')
  .transform((text, context): Readonly<Record<string, SftpServer>> => {
    try {
      return z.record(z.string().regex(/^[A-Za-z0-9_-]{1,32}$/), settings).parse(JSON.parse(text));
    } catch (error) {
      // What stands there is secret: only where it is wrong is said.
      context.addIssue({ code: 'custom', message: `is no JSON of SFTP servers by supplier${error instanceof z.ZodError ? ` (${error.issues.map(({ path }) => path.join('.')).join(', ')})` : ''}` });
      return z.NEVER;
    }
  })
  .describe('SFTP servers of suppliers that take orders as files, as JSON by supplier: {"<supplier>": {"host", "port", "user", "password" or "privateKey", "hostKey", "root"}}; keep it secret');

/** What becomes of a file with answers. */
export interface Reading {
  /** Beside the file: rows that were not taken, whole; or why none of it was. undefined = all is well. */
  readonly parked?: { readonly name: string; readonly text: string };
  /** Nothing of it was taken. */
  readonly whole: boolean;
}

/** A supplier's folders. */
export interface SupplierFiles {
  send(file: OrderFile, signal: AbortSignal): Promise<Handed>;
  /** Each file that waits, in the order of their names: moved away when `take` has kept what it says. */
  collect(take: (name: string, bytes: Buffer | Refused, sha256: string) => Promise<Reading>, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly name: string;
  readonly size: number;
  readonly modifyTime: number;
}

const LARGEST = 1024 * 1024;
const FILES_AT_ONCE = 200;
const SENT = ['orders', 'orders/done'] as const;

export const connectSupplierFiles = (server: SftpServer): SupplierFiles => {
  const session = new SftpSession(server);
  const at = pathsBelow(server);
  return {
    send: async ({ name, text }, signal) => {
      try {
        await session.do(async (client) => {
          // It is there, or was there and the supplier has taken it: an earlier try was cut off behind it.
          for (const folder of SENT) if ((await client.exists(at(folder, name))) === '-') return;
          await putWhole(client, at('orders', name), Buffer.from(text));
        }, signal);
        return { sent: true };
      } catch (error) {
        return { sent: false, again: true, detail: (error as { readonly code?: string }).code ?? (error as Error).name };
      }
    },
    collect: async (take, signal) => {
      const waiting = await session.do((client) => client.list(at('answers'), ({ type, name }) => type === '-' && name.toLowerCase().endsWith('.csv') && !name.includes('/')), signal);
      const failed: unknown[] = [];
      for (const file of waiting.toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, FILES_AT_ONCE)) {
        signal.throwIfAborted();
        // One that cannot be dealt with at present holds up none of the others.
        await collectOne(file).catch((error: unknown) => failed.push(error));
      }
      if (failed.length > 0) throw failed[0];

      async function collectOne({ name, size, modifyTime }: Waiting): Promise<void> {
        const path = at('answers', name);
        const isThere = await session.do((client) => client.exists(path), signal);
        // Another replica was faster.
        if (isThere !== '-') return;
        const bytes = size > LARGEST ? new Refused('TOO_LARGE', `a file with answers has at most ${LARGEST / 1024 / 1024} MiB; split it`) : await session.do((client) => bytesAt(client, path), signal);
        const sha256 = createHash('sha256').update(bytes instanceof Refused ? `${name} ${size} ${modifyTime}` : bytes).digest('hex');
        const { parked, whole } = await take(name, bytes, sha256);
        // The name says what is in it, so what is there under it is the same.
        const kept = (of: string): string => `${sha256.slice(0, 12)}.${of}`;
        const to = at(whole ? 'answers/parked' : 'answers/done', kept(name));
        await session.do(async (client) => {
          if (parked) await putAll(client, at('answers/parked', kept(parked.name)), Buffer.from(parked.text));
          if ((await client.exists(to)) === '-') return void (await client.delete(path, true));
          await client.rename(path, to).catch(async (error: Error) => {
            if ((await client.exists(path)) !== false) throw error;
          });
        }, signal);
      }
    },
    close: () => session.close(),
  };
};
