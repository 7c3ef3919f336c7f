import type pg from 'pg';
import type { Follower } from './followers.js';
import type { Logger } from './logger.js';
import { eventColumns, toRecorded, type EventRow } from './recorded.js';
import type { EventStore } from './store.js';
import type { Recorded } from './types.js';

/** Events of one transaction of a rebuild. */
const PAGE = 2_000;

/** How a rebuild goes on; `head` is where the follower itself stands. */
export interface RebuildProgress {
  readonly position: number;
  readonly head: number;
  readonly events: number;
}

/** Whether a follower's effect is rows in schema read, and nothing that would be done again. */
export const rebuildable = (follower: Follower): follower is Extract<Follower, { inside: unknown }> => 'inside' in follower && follower.rebuilds !== false;

const written = /\b(?:insert\s+into|update|delete\s+from|truncate(?:\s+table)?|merge\s+into)\s+(?:only\s+)?read\.(\w+)/gi;

/** A transaction in which `read.` means the tables that are being built. */
const shadowed = (tx: pg.PoolClient, tables: Set<string>): pg.PoolClient => {
  const known = new Map<string, string>();
  const shadow = (text: string): string => {
    const seen = known.get(text);
    if (seen !== undefined) return seen;
    for (const [, table = ''] of text.matchAll(written)) tables.add(table);
    const next = text.replaceAll(/\bread\./g, 'read_next.');
    if (known.size < 1_000) known.set(text, next);
    return next;
  };
  return new Proxy(tx, {
    get: (target, name) => {
      if (name !== 'query') {
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      }
      return (query: string | pg.QueryConfig, values?: unknown[]) =>
        typeof query === 'string' ? target.query(shadow(query), values) : target.query({ ...query, text: shadow(query.text), ...(query.name === undefined ? {} : { name: `next:${query.name}` }) }, values as never);
    },
  });
};

/**
 * Builds a projection's tables anew beside the old ones, from the first event on, while the follower goes on with the old ones; then,
 * with its checkpoint held, reads what was added meanwhile and puts the new tables in their places. Only tables of schema read that the
 * follower writes are replaced; it makes no jobs, timers or tasks, since those are followers of their own, which are refused.
 */
export const rebuildOnline = async (options: {
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly follower: Follower;
  readonly progress?: (progress: RebuildProgress) => Promise<void>;
  readonly signal?: AbortSignal;
}): Promise<RebuildProgress & { readonly tables: readonly string[] }> => {
  const { pool, store, follower, progress, signal } = options;
  if (!rebuildable(follower)) throw new Error(`${follower.name} cannot be rebuilt: it would do again what it has done outside`);
  if ((await pool.query('SELECT FROM es.archive LIMIT 1')).rowCount) throw new Error(`${follower.name} cannot be rebuilt: the beginning of the log is archived; restore the partitions (npm run restore)`);
  const tables = new Set<string>();
  const lock = await pool.connect();
  let broken: Error | undefined;
  try {
    // One at a time: they share the schema read_next. The session's timeouts are for appends, not for this wait.
    const { rows } = await lock.query<{ locked: boolean }>('SELECT pg_try_advisory_lock(7004, 0) AS locked');
    if (!rows[0]?.locked) throw new Error('another projection is being rebuilt; one at a time');
    await lock.query('SELECT es.rebuild_begin()');

    const page = async (db: pg.Pool | pg.PoolClient, after: number, upTo: number): Promise<readonly Recorded[]> => {
      const { rows: events } = await db.query<EventRow>({ name: 'es-rebuild', text: `SELECT ${eventColumns} FROM es.event WHERE position > $1 AND position <= $2 ORDER BY position LIMIT ${PAGE}`, values: [after, upTo] });
      return events.map((row) => store.lifted(toRecorded(row)));
    };
    const standing = async (db: pg.Pool | pg.PoolClient, held: boolean): Promise<number> => {
      const { rows: found } = await db.query<{ position: string }>(`SELECT position FROM es.checkpoint WHERE name = $1${held ? ' FOR UPDATE' : ''}`, [follower.name]);
      return Number(found[0]?.position ?? 0);
    };
    let position = 0;
    let events = 0;
    const apply = async (batch: readonly Recorded[], tx: pg.PoolClient): Promise<void> => {
      await follower.inside(batch, shadowed(tx, tables));
      position = batch.at(-1)?.position ?? position;
      events += batch.length;
    };

    let head = await standing(pool, false);
    let ahead = page(pool, 0, head);
    while (position < head) {
      signal?.throwIfAborted();
      const batch = await ahead;
      if (batch.length === 0) break;
      const last = batch.at(-1)?.position ?? head;
      ahead = page(pool, last, head); // read while this one is written
      ahead.catch(() => undefined);
      await inTransaction(pool, (tx) => apply(batch, tx));
      if (last >= head || batch.length < PAGE) {
        head = await standing(pool, false);
        if (head - position > PAGE) ahead = page(pool, position, head);
        else break; // the rest is little: with the follower held
      }
      await progress?.({ position, head, events });
    }
    await inTransaction(pool, async (tx) => {
      head = await standing(tx, true); // from here on the follower waits
      for (let batch = await page(tx, position, head); batch.length > 0; batch = await page(tx, position, head)) await apply(batch, tx);
      await tx.query('SELECT es.rebuild_swap($1)', [[...tables].toSorted()]);
    });
    const end = { position: head, head, events };
    await progress?.(end);
    return { ...end, tables: [...tables].toSorted() };
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    await lock.query('SELECT pg_advisory_unlock_all()').catch(() => undefined);
    lock.release(broken);
  }
};

const inTransaction = async (pool: pg.Pool, work: (tx: pg.PoolClient) => Promise<void>): Promise<void> => {
  const tx = await pool.connect();
  let broken: Error | undefined;
  try {
    await tx.query('BEGIN');
    await work(tx);
    await tx.query('COMMIT');
  } catch (error) {
    await tx.query('ROLLBACK').catch((cause: Error) => (broken = cause));
    throw error;
  } finally {
    tx.release(broken);
  }
};

/** Does the rebuilds that were asked for in es.rebuild, of followers that are led here; called every second. Says how each goes there. */
export const rebuildsAsked = (options: { readonly pool: pg.Pool; readonly store: EventStore; readonly followers: readonly Follower[]; readonly leads: (name: string) => boolean; readonly log: Logger; readonly signal: AbortSignal }): (() => Promise<void>) => {
  const { pool, store, followers, leads, log, signal } = options;
  let running = false;
  return async () => {
    if (running) return;
    running = true;
    try {
      // One that says it is running while nobody holds the lock was left by a process that is gone.
      const { rows } = await pool.query<{ name: string }>("SELECT name FROM es.rebuild WHERE name = ANY ($1) AND (state = 'requested' OR (state = 'running' AND updated_at < now() - interval '30 seconds')) ORDER BY requested_at", [followers.map(({ name }) => name)]);
      for (const { name } of rows) {
        const follower = followers.find((one) => one.name === name);
        if (!follower || !leads(name)) continue;
        const say = (state: string, { position, head, events }: RebuildProgress, tables: readonly string[] = [], error: string | null = null): Promise<unknown> =>
          pool.query('UPDATE es.rebuild SET state = $2, position = $3, head = $4, events = $5, tables = $6, error = $7, updated_at = now() WHERE name = $1', [name, state, position, head, events, tables, error]);
        log.info({ follower: name }, 'a projection is built anew');
        try {
          await say('running', { position: 0, head: 0, events: 0 });
          const done = await rebuildOnline({ pool, store, follower, signal, progress: async (progress) => void (await say('running', progress)) });
          await say('done', done, done.tables);
          log.info({ follower: name, events: done.events, tables: done.tables }, 'a projection was built anew');
        } catch (error) {
          log.error({ follower: name, err: error }, 'a projection could not be built anew; the old tables stand');
          await say('failed', { position: 0, head: 0, events: 0 }, [], error instanceof Error ? error.message : String(error));
        }
      }
    } finally {
      running = false;
    }
  };
};
