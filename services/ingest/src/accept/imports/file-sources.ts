import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refused } from '@flotilla/decider';
import { folderPlace, sftpPlace, type FilePlace, type PlacedFile } from '@flotilla/files';
import type { Logger } from '@flotilla/event-store';
import { z } from 'zod';
import { fileSource } from '../../decide/file-source.decider.js';
import type { FileSource } from '../../decide/file-source.events.js';
import { orderImport } from '../../decide/order-import.decider.js';
import { listFileSources } from '../../query/file-sources.query.js';
import { findImport, reportLines } from '../../query/order-imports.query.js';
import { largestFile, receiveFile, type Receiving } from './receive-file.js';

const fileSecrets = z.record(z.string().regex(/^[A-Za-z0-9_-]{1,32}$/), z.union([z.strictObject({ host: z.string().min(1), password: z.string().min(1) }), z.strictObject({ host: z.string().min(1), privateKey: z.string().min(1) })]));

export type FileSecrets = z.infer<typeof fileSecrets>;

/** FLOTILLA_FILE_SECRETS: `{"<name>": {"host", "password"} or {"host", "privateKey"}}`. What stands there is secret: no fault quotes it; it is shown to that host alone, whatever a channel's setting says. */
export const fileSecretsSetting = z
  .string()
  .default('{}')
  .transform((text, context): FileSecrets => {
    try {
      return fileSecrets.parse(JSON.parse(text));
    } catch {
      context.addIssue({ code: 'custom', message: 'is no JSON object of {"host", "password"} or {"host", "privateKey"} by name' });
      return z.NEVER;
    }
  })
  .describe('passwords or private keys for SFTP servers with orders, JSON by name: {"<name>": {"host", "password"} or {"host", "privateKey"}}; keep it secret');

const LOOK_MS = 1_000;
const LONGEST_LOOK_MS = 600_000;
const FILES_AT_ONCE = 200;
const FOLDERS = ['done', 'refused'] as const;
/** Advisory lock: one process looks at all places, so that none takes what another is about to move. */
const LOCK = 7105;
/** As programs call what they have not written to its end. */
const unfinished = /^\.|(?:\.tmp|\.part|\.partial|\.filepart|\.crdownload|~)$/i;

export interface Watching {
  readonly secrets: FileSecrets;
  /** Below which the folders of channels are. */
  readonly filesDir: string | undefined;
  /** So long a file does not change before it is taken. */
  readonly settleMs: number;
}

type Parts = Receiving & { readonly ctx: { readonly log: Logger } };

/** A file that was seen, since when it is as it is, and what became of it when it was taken. */
interface Sighting {
  readonly size: number;
  readonly modified: number;
  readonly since: number;
  taken?: { readonly id: string; readonly sha256: string };
}

interface Watched {
  readonly key: string;
  /** Or why this installation cannot reach it. */
  readonly place: FilePlace | Refused;
  readonly seen: Map<string, Sighting>;
  nextAt: number;
  /** The name of the file that was dealt with last: more than are dealt with in one look have their turns. */
  last: string;
  busy: Promise<void> | undefined;
  noted: string | undefined;
}

/** Where a source is, if this installation can reach it; else Refused. */
export const placeOf = ({ sftp, folder }: FileSource, { secrets, filesDir }: Watching): FilePlace => {
  if (sftp === null) {
    if (filesDir === undefined) throw new Refused('BAD_REQUEST', 'FLOTILLA_FILES_DIR is not set, so that no folder can be watched');
    return folderPlace(join(filesDir, folder));
  }
  const secret = Object.hasOwn(secrets, sftp.secret) ? secrets[sftp.secret] : undefined;
  if (secret === undefined) throw new Refused('BAD_REQUEST', `FLOTILLA_FILE_SECRETS has no "${sftp.secret}"`);
  const { host, port, user, hostKey, path } = sftp;
  if (secret.host.toLowerCase() !== host.toLowerCase()) throw new Refused('BAD_REQUEST', `"${sftp.secret}" of FLOTILLA_FILE_SECRETS is for another host`);
  return sftpPlace({ ...secret, host, port, user, hostKey, root: path });
};

/**
 * Takes the files that lie in the channels' places, like uploads: their bytes are kept and an import received, and only when that has ended they are moved, with a report beside them. Whoever
 * dies in between leaves the file where it is; the same bytes are the same import, so that it is taken once. One process looks at a time. Answers how to stop it.
 */
export const watchFiles = (parts: Parts, watching: Watching): (() => Promise<void>) => {
  const { ctx } = parts;
  const stopping = new AbortController();
  const rest = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal }).catch(() => undefined);

  const lead = async (signal: AbortSignal): Promise<void> => {
    const watched = new Map<string, Watched>();
    const over = new AbortController();
    try {
      for (; !signal.aborted; await rest(LOOK_MS, signal)) {
        const sources = await listFileSources(ctx.pool);
        for (const [channel, one] of watched) {
          if (one.busy !== undefined || sources.some((source) => source.channel === channel && keyOf(source.source) === one.key)) continue;
          watched.delete(channel);
          await closed(one);
        }
        for (const { channel, source } of sources) {
          const one = watched.get(channel) ?? opened(source, watching);
          watched.set(channel, one);
          if (one.busy !== undefined || one.nextAt > Date.now() || one.key !== keyOf(source)) continue;
          one.busy = lookOnce(parts, watching, { channel, source, one }, AbortSignal.any([signal, over.signal])).finally(() => {
            one.nextAt = Date.now() + source.everySeconds * 1_000;
            one.busy = undefined;
          });
        }
      }
    } finally {
      over.abort();
      await Promise.all([...watched.values()].flatMap(({ busy }) => busy ?? []));
      await Promise.all([...watched.values()].map(closed));
    }
  };
  const loop = async (): Promise<void> => {
    for (; !stopping.signal.aborted; await rest(LOOK_MS, stopping.signal)) {
      const lost = new AbortController();
      try {
        // Where there is nothing to watch, no connection is held for it.
        if ((await listFileSources(ctx.pool)).length === 0) continue;
        const lock = await ctx.pool.connect();
        const broken = (): void => lost.abort();
        lock.on('error', broken);
        let got = true;
        try {
          got = (await lock.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1, 0) AS got', [LOCK])).rows[0]!.got;
          if (got) await lead(AbortSignal.any([stopping.signal, lost.signal]));
        } finally {
          lock.off('error', broken);
          // The lock goes with its connection.
          lock.release(got);
        }
      } catch (error) {
        if (!stopping.signal.aborted) ctx.log.warn({ err: error }, 'files could not be looked for; they are soon');
      }
    }
  };
  const done = loop();
  return async () => {
    stopping.abort();
    await done;
  };
};

const closed = async ({ place }: Watched): Promise<void> => (place instanceof Refused ? undefined : place.close());

const keyOf = (source: FileSource): string => JSON.stringify(source);

const opened = (source: FileSource, watching: Watching): Watched => {
  const base = { key: keyOf(source), seen: new Map<string, Sighting>(), nextAt: 0, last: '', busy: undefined, noted: undefined };
  try {
    return { ...base, place: placeOf(source, watching) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { ...base, place: error };
  }
};

interface Looking {
  readonly channel: string;
  readonly source: FileSource;
  readonly one: Watched;
}

// The system's own messages quote whole paths, and a file may be called as a person is.
const problemOf = (error: unknown): string => {
  const { code, syscall, name, message } = error as Error & { readonly code?: string; readonly syscall?: string };
  return syscall === undefined ? `${code ?? name}: ${message}` : `${code}: ${syscall}`;
};

/** Looks at a place, and notes whether that went well where it did not before. */
const lookOnce = async (parts: Parts, watching: Watching, looking: Looking, signal: AbortSignal): Promise<void> => {
  const { ctx } = parts;
  const { channel, one } = looking;
  let why = '';
  try {
    await look(parts, watching, looking, AbortSignal.any([signal, AbortSignal.timeout(LONGEST_LOOK_MS)]));
  } catch (error) {
    if (signal.aborted) return;
    ctx.log.warn({ channel, err: error }, 'a place of files could not be looked at');
    why = problemOf(error).replace(/\p{Cc}/gu, ' ').slice(0, 300).toWellFormed();
  }
  if (one.noted === why) return;
  try {
    await ctx.store.execute({ streams: [[fileSource, channel]], meta: ctx.meta({ correlation: `fileSource-${channel}` }), decide: (unit) => void unit.run(fileSource, channel, { type: 'NoteLook', data: { channel, why, at: ctx.clock.machine().toISOString() } }) });
    one.noted = why;
  } catch (error) {
    ctx.log.warn({ channel, err: error }, 'how a look for files ended could not be noted; it is noted with the next');
  }
};

/** The files whose turn it is: by name, those behind the last one, and then from the beginning. However many stay for longer, each has its turn. */
export const turnOf = <T extends { readonly name: string }>(files: readonly T[], last: string, most: number): readonly T[] => {
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const at = sorted.findIndex(({ name }) => name > last);
  return (at <= 0 ? sorted : [...sorted.slice(at), ...sorted.slice(0, at)]).slice(0, most);
};

const look = async (parts: Parts, watching: Watching, { channel, source, one }: Looking, signal: AbortSignal): Promise<void> => {
  const { place: found, seen } = one;
  if (found instanceof Refused) throw found;
  const place = found;
  await place.prepare(FOLDERS, signal);
  const there = (await place.list(signal)).filter(({ name }) => !unfinished.test(name));
  const names = new Set(there.map(({ name }) => name));
  for (const name of seen.keys()) if (!names.has(name)) seen.delete(name);
  const files = turnOf(there, one.last, FILES_AT_ONCE);
  one.last = files.at(-1)?.name ?? '';
  const failed: unknown[] = [];
  for (const file of files) {
    signal.throwIfAborted();
    try {
      await handle(file);
    } catch (error) {
      // One that cannot be dealt with at present holds up none of the others.
      failed.push(error);
    }
  }
  if (failed.length > 0) throw failed[0];

  async function handle(file: PlacedFile): Promise<void> {
    const before = seen.get(file.name);
    if (before === undefined || before.size !== file.size || before.modified !== file.modified) return void seen.set(file.name, { size: file.size, modified: file.modified, since: performance.now() });
    if (before.taken !== undefined) return end(file, before.taken);
    if (performance.now() - before.since < watching.settleMs) return;
    try {
      if (file.size > largestFile) throw new Refused('TOO_LARGE', `a file has at most ${largestFile / 1024 / 1024} MiB; split it`);
      const received = await place.read(file, (bytes) => receiveFile(parts, { channel, fileName: file.name, actor: `files:${channel}`, mapping: source.mappingVersion }, bytes), signal);
      if (received !== undefined) before.taken = received;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      await refuse(file, hashOf(`${file.name} ${file.size} ${file.modified}`), error.reason, error.message);
    }
  }

  /** Moves a file whose import has ended. */
  async function end(file: PlacedFile, { id, sha256 }: { readonly id: string; readonly sha256: string }): Promise<void> {
    const state = (await parts.ctx.store.folded(orderImport, [id])).get(id)!.state;
    if (state === null || state.state === 'RUNNING') return;
    if (state.refusal !== null) return refuse(file, sha256, state.refusal.reason, state.refusal.detail);
    // Its rows are listed by a follower, which may be behind.
    if ((await findImport(parts.ctx.pool, id))?.state !== 'DONE') return;
    const name = keptName(file.name, sha256);
    await place.put('done', `${name}.report.csv`, utf8(reportLines(parts.ctx.pool, id)), signal);
    await place.move(file, 'done', name, signal);
    seen.delete(file.name);
  }

  async function refuse(file: PlacedFile, sha256: string, reason: string, detail: string): Promise<void> {
    const name = keptName(file.name, sha256);
    await place.put('refused', `${name}.reason.txt`, utf8([`${reason}: ${detail}\n`]), signal);
    await place.move(file, 'refused', name, signal);
    seen.delete(file.name);
  }
};

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Says what is in it: what lies there under this name is the same. Short enough for every file system, with whatever stands behind it. */
const keptName = (name: string, sha256: string): string => `${sha256.slice(0, 12)}.${name.slice(-60).toWellFormed()}`;

async function* utf8(texts: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text);
}
