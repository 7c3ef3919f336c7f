import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

type Asked = Pick<pg.Pool, 'query'>;

/** Where the log ends now; 0 while it is empty. */
export const endOfLog = async (pool: Asked): Promise<number> => {
  const { rows } = await pool.query<{ position: string }>('SELECT coalesce(max(position), 0) AS position FROM es.event');
  return Number(rows[0]?.position ?? 0);
};

/** Whether all of these followers have come to a position of the log. One that was never led has come nowhere. */
export const haveReached = async (pool: Asked, names: readonly string[], position: number): Promise<boolean> => {
  const { rows } = await pool.query<{ position: string }>('SELECT position FROM es.checkpoint WHERE name = ANY ($1)', [names]);
  return rows.length === names.length && rows.every((row) => Number(row.position) >= position);
};

/**
 * Waits for that, `withinMs` at most, and answers whether it came to it: for what is asked of a read model in the middle of a piece of work. Asks the
 * database, so that it does not matter which process leads the followers.
 */
export const reached = async (pool: Asked, names: readonly string[], position: number, { withinMs, signal }: { readonly withinMs: number; readonly signal?: AbortSignal }): Promise<boolean> => {
  for (const deadline = performance.now() + withinMs; ; ) {
    if (await haveReached(pool, names, position)) return true;
    if (performance.now() >= deadline) return false;
    await sleep(20, undefined, signal ? { signal } : {});
  }
};
