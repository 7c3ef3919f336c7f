import type pg from 'pg';
import { overlap } from '../decide/file-source.decider.js';
import type { FileSource } from '../decide/file-source.events.js';

/** Every channel whose files are looked for. */
export const listFileSources = async (pool: pg.Pool): Promise<readonly { readonly channel: string; readonly source: FileSource }[]> =>
  (await pool.query<{ channel: string; source: FileSource }>("SELECT channel, source FROM read.file_source WHERE NOT (source->>'paused')::boolean ORDER BY channel")).rows;

/** Another channel whose files lie in the same place, in one within it, or in one that it is within: what one puts aside the other would take. */
export const findSamePlace = async (pool: pg.Pool, channel: string, source: FileSource): Promise<string | undefined> => {
  const { rows } = await pool.query<{ channel: string; source: FileSource }>('SELECT channel, source FROM read.file_source WHERE channel <> $1 ORDER BY channel', [channel]);
  return rows.find((other) => overlap(other.source, source))?.channel;
};
