import type pg from 'pg';
import type { FileSource } from '../decide/file-source.events.js';

/** Every channel whose files are looked for. */
export const listFileSources = async (pool: pg.Pool): Promise<readonly { readonly channel: string; readonly source: FileSource }[]> =>
  (await pool.query<{ channel: string; source: FileSource }>("SELECT channel, source FROM read.file_source WHERE NOT (source->>'paused')::boolean ORDER BY channel")).rows;

/** Another channel whose files lie in the same place. */
export const findSamePlace = async (pool: pg.Pool, channel: string, { sftp, folder }: FileSource): Promise<string | undefined> => {
  const { rows } = await pool.query<{ channel: string }>(
    "SELECT channel FROM read.file_source WHERE channel <> $1 AND CASE WHEN $2 <> '' THEN source->>'folder' = $2 ELSE (source->'sftp'->>'host', (source->'sftp'->>'port')::int, source->'sftp'->>'user', source->'sftp'->>'path') = ($3, $4, $5, $6) END LIMIT 1",
    [channel, folder, sftp?.host ?? '', sftp?.port ?? 0, sftp?.user ?? '', sftp?.path ?? ''],
  );
  return rows[0]?.channel;
};
