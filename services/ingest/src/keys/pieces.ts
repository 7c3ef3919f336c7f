import { open, seal } from '@flotilla/values';
import type pg from 'pg';
import type { SubjectKeyRing } from './subject-keys.js';

const pieceBytes = 256 * 1024;

/** Keeps bytes as they come, sealed under a key of the upload's own. Holds a piece at once. */
export const keepPieces = async (pool: pg.Pool, keys: SubjectKeyRing, upload: string, bytes: AsyncIterable<Uint8Array>): Promise<void> => {
  const key = (await keys.ensure([upload])).get(upload)!;
  let held: Uint8Array[] = [];
  let size = 0;
  let n = 0;
  const flush = async (): Promise<void> => {
    const body = seal(key, upload, 'raw', Buffer.concat(held).toString('base64'));
    [held, size] = [[], 0];
    await pool.query({ name: 'pieces-keep', text: 'INSERT INTO keys.piece (upload, n, body) VALUES ($1, $2, $3)', values: [upload, (n += 1), body] });
  };
  for await (const chunk of bytes) {
    held.push(chunk);
    size += chunk.length;
    if (size >= pieceBytes) await flush();
  }
  if (size > 0) await flush();
};

/** The bytes of an upload again. */
export async function* readPieces(pool: pg.Pool, keys: SubjectKeyRing, upload: string): AsyncGenerator<Uint8Array> {
  const found = await keys.find([upload]);
  for (let n = 1; ; n += 1) {
    const { rows } = await pool.query<{ body: string }>({ name: 'pieces-read', text: 'SELECT body FROM keys.piece WHERE upload = $1 AND n = $2', values: [upload, n] });
    if (rows[0] === undefined) return;
    const body = open((subject) => found.get(subject), rows[0].body);
    if (body === undefined) throw new Error('the key of an upload is gone');
    yield Buffer.from(body, 'base64');
  }
}

export const dropPieces = async (pool: pg.Pool, upload: string): Promise<void> => {
  await pool.query('DELETE FROM keys.piece WHERE upload = $1', [upload]);
};

/** What was uploaded and never became an import, since somebody died in between. */
export const dropAbandoned = async (pool: pg.Pool): Promise<void> => {
  await pool.query("DELETE FROM keys.piece WHERE created_at < now() - interval '2 days' AND upload NOT IN (SELECT upload FROM read.order_import WHERE state = 'RUNNING')");
};
