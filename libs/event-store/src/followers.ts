import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { latch } from './latch.js';
import { Leadership } from './leadership.js';
import type { Logger } from './logger.js';
import { rebuildable, rebuildsAsked } from './rebuild.js';
import type { EventStore } from './store.js';
import { Tail } from './tail.js';
import type { Recorded } from './types.js';

/**
 * Reads the log in order. `inside`: its effect is in this database, in the transaction of its checkpoint — once. `outside`:
 * effect first, then the checkpoint — at least once. A batch whose handler throws is tried again, smaller, for ever.
 */
export type Follower =
  | {
      readonly name: string;
      readonly inside: (events: readonly Recorded[], tx: pg.PoolClient) => Promise<void>;
      /** `false`: following the log again would do things again (timers, jobs). */
      readonly rebuilds?: false;
    }
  | { readonly name: string; readonly outside: (events: readonly Recorded[]) => Promise<void> };

export interface Runner {
  /** Waits until a follower — led here or elsewhere — has passed a position; `false` when the time is over. */
  reached(follower: string, position: number, timeoutMs: number): Promise<boolean>;
  /** Where the followers are; those led by another process as of its last second. */
  positions(): ReadonlyMap<string, number>;
  /** Lets the running batches end, then gives up the leadership. */
  stop(): Promise<void>;
}

const FIRST_BACKOFF_MS = 100;
const LAST_BACKOFF_MS = 5_000;
const PARTITIONS_EVERY_MS = 60_000;

class Fenced extends Error {
  override readonly name = 'Fenced';
}

interface Led {
  position: number;
  /** Where the stored checkpoint is: behind `position` while an outside follower's is under way. */
  stored: number;
  readonly epoch: number;
  /** Never rejects: the error is looked at before the next one is written. */
  storing: Promise<Error | undefined>;
}

/**
 * Runs the followers of a process. Each is led by one process at a time (session advisory lock); should a process that
 * lost it go on, its checkpoint is refused by the epoch.
 */
export const runFollowers = async (options: {
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly followers: readonly Follower[];
  readonly log: Logger;
}): Promise<Runner> => {
  const { pool, store, followers, log } = options;
  const owner = randomUUID();
  const stopping = new AbortController();
  const names = new Set(followers.map(({ name }) => name));
  if (names.size !== followers.length) throw new Error('two followers of one name');
  await pool.query('INSERT INTO es.checkpoint (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING', [[...names]]);

  const tail = new Tail(pool, store, log);
  const positions = new Map<string, number>();
  let moved = latch();
  const at = (name: string, position: number): void => {
    positions.set(name, position);
    moved.open();
    moved = latch();
  };

  const take = async (name: string): Promise<Led> => {
    const { rows } = await pool.query<{ position: string; epoch: string }>(
      'UPDATE es.checkpoint SET epoch = epoch + 1, owner = $2, updated_at = now() WHERE name = $1 RETURNING position, epoch',
      [name, owner],
    );
    if (!rows[0]) throw new Error(`no checkpoint ${name}`);
    const position = Number(rows[0].position);
    const { rows: archived } = await pool.query<{ last: string }>('SELECT last FROM es.archive WHERE last > $1 LIMIT 1', [position]);
    if (archived[0]) throw new Error(`${name} has to read events that are archived: restore the partitions (npm run restore)`);
    return { position, stored: position, epoch: Number(rows[0].epoch), storing: Promise.resolve(undefined) };
  };

  const checkpoint = async (db: pg.Pool | pg.PoolClient, name: string, led: Led, to: number): Promise<void> => {
    const { rowCount } = await db.query({
      name: 'es-checkpoint',
      text: 'UPDATE es.checkpoint SET position = $2, updated_at = now() WHERE name = $1 AND epoch = $3 AND position = $4',
      values: [name, to, led.epoch, led.stored],
    });
    if (rowCount !== 1) throw new Fenced(`${name} is led by another process or was rebuilt`);
  };

  const stored = async (led: Led): Promise<void> => {
    const error = await led.storing;
    if (error) throw error;
  };

  const apply = async (follower: Follower, led: Led, events: readonly Recorded[], to: number): Promise<void> => {
    if ('outside' in follower) {
      await follower.outside(events);
      await stored(led);
      // The next batch goes out while this is written: its effect is at least once anyway, and a checkpoint costs a flush.
      led.storing = checkpoint(pool, follower.name, led, to).then(
        () => {
          led.stored = to;
          at(follower.name, to);
          return undefined;
        },
        (error: Error) => error,
      );
      return;
    }
    const tx = await pool.connect();
    let broken: Error | undefined;
    try {
      await tx.query('BEGIN');
      await checkpoint(tx, follower.name, led, to); // first: its row lock keeps a second leader out until this one is done
      await follower.inside(events, tx);
      await tx.query('COMMIT');
    } catch (error) {
      await tx.query('ROLLBACK').catch((cause: Error) => (broken = cause));
      throw error;
    } finally {
      tx.release(broken);
    }
  };

  const follow = async (follower: Follower, signal: AbortSignal): Promise<void> => {
    const { name } = follower;
    let backoff = 0;
    let size = Number.POSITIVE_INFINITY;
    let led: Led | undefined;
    while (!signal.aborted) {
      try {
        led ??= await take(name);
        at(name, led.stored);
        const page = await tail.next(led.position, signal);
        if (page.length === 0) {
          await stored(led);
          continue;
        }
        const events = page.slice(0, size);
        const to = events.at(-1)?.position ?? led.position;
        await apply(follower, led, events, to);
        led.position = to;
        if ('inside' in follower) at(name, (led.stored = to));
        backoff = 0;
        size = Number.POSITIVE_INFINITY;
      } catch (error) {
        if (signal.aborted && !stopping.signal.aborted) return;
        if (error instanceof Fenced) {
          log.warn({ follower: name }, error.message);
          led = undefined;
        } else {
          backoff = Math.min(LAST_BACKOFF_MS, Math.max(FIRST_BACKOFF_MS, backoff * 2));
          log.error({ follower: name, position: led?.position, retryInMs: backoff, err: error }, 'a follower failed; it will try again');
          size = Math.max(1, Math.floor(Math.min(size, 500) / 4)); // smaller and smaller, so that it advances up to the event it fails on
          led = undefined; // the commit may have succeeded before the error: read the checkpoint again
          await sleep(backoff, undefined, { signal }).catch(() => undefined);
        }
      }
    }
    await led?.storing;
  };

  const leadership = new Leadership({ pool, names: [...names], log }, (name, signal) => {
    const follower = followers.find((one) => one.name === name);
    if (!follower) throw new Error(`no follower ${name}`);
    log.info({ follower: name }, 'follower is led here');
    return follow(follower, signal);
  });

  const refresh = async (): Promise<void> => {
    const { rows } = await pool.query<{ name: string; position: string }>('SELECT name, position FROM es.checkpoint WHERE name = ANY ($1)', [[...names]]);
    for (const { name, position } of rows) if (!leadership.leads(name)) at(name, Number(position));
  };
  await refresh();
  const partitions = setInterval(() => {
    pool.query('SELECT es.keep_partitions()').catch((error: unknown) => log.error({ err: error }, 'partitions of the log were not looked after'));
  }, PARTITIONS_EVERY_MS).unref();
  const others = setInterval(() => {
    refresh().catch((error: unknown) => log.warn({ err: error }, 'checkpoints could not be read'));
  }, 1_000).unref();
  leadership.start();
  const rebuilds = rebuildsAsked({ pool, store, followers, leads: (name) => leadership.leads(name), log, signal: stopping.signal });
  let rebuilding: Promise<void> = Promise.resolve();
  const asked = setInterval(() => {
    rebuilding = rebuilds().catch((error: unknown) => log.warn({ err: error }, 'rebuilds that were asked for could not be read'));
  }, 1_000).unref();

  return {
    positions: () => new Map(positions),

    async reached(name, position, timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        if ((positions.get(name) ?? 0) >= position) return true;
        const left = deadline - performance.now();
        if (left <= 0) return false;
        if (leadership.leads(name)) {
          const over = new AbortController();
          await Promise.race([moved.promise, sleep(Math.min(left, 250), undefined, { signal: over.signal }).catch(() => undefined)]);
          over.abort();
        } else {
          await refresh();
          if ((positions.get(name) ?? 0) < position) await sleep(Math.min(left, 10));
        }
      }
    },

    async stop() {
      stopping.abort();
      clearInterval(partitions);
      clearInterval(others);
      clearInterval(asked);
      await rebuilding;
      await leadership.stop();
      tail.stop();
    },
  };
};

/**
 * Sends a projection back to the beginning of the log, wherever it is led. `truncate` empties its tables in the same
 * transaction. Refused for followers whose effects leave the database's read models: timers, jobs and `outside` ones.
 */
export const rebuild = async (pool: pg.Pool, follower: Follower, truncate?: (tx: pg.PoolClient) => Promise<void>): Promise<void> => {
  if (!rebuildable(follower)) {
    throw new Error(`${follower.name} cannot be rebuilt: it would do again what it has done outside`);
  }
  const { rowCount } = await pool.query('SELECT FROM es.archive LIMIT 1');
  if (rowCount) throw new Error(`${follower.name} cannot be rebuilt: the beginning of the log is archived; restore the partitions (npm run restore)`);
  const tx = await pool.connect();
  try {
    await tx.query('BEGIN');
    await tx.query('UPDATE es.checkpoint SET position = 0, epoch = epoch + 1, updated_at = now() WHERE name = $1', [follower.name]);
    await truncate?.(tx);
    await tx.query('COMMIT');
  } catch (error) {
    await tx.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    tx.release();
  }
};
