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

/** What a follower writes with: begun at its first question, committed with the checkpoint. */
export type Transaction = Pick<pg.PoolClient, 'query'>;

/**
 * Reads the log in order. `inside`: its effect is in this database, in the transaction of its checkpoint — once. `outside`:
 * effect first, then the checkpoint — at least once. A batch whose handler throws is tried again, smaller, for ever.
 */
export type Follower =
  | {
      readonly name: string;
      readonly inside: (events: readonly Recorded[], tx: Transaction) => Promise<void>;
      /** `false`: following the log again would do things again (timers, jobs). */
      readonly rebuilds?: false;
    }
  | { readonly name: string; readonly outside: (events: readonly Recorded[]) => Promise<void> };

export interface Runner {
  /** Waits until a follower — led here or elsewhere — has passed a position; `false` when the time is over. */
  reached(follower: string, position: number, timeoutMs: number): Promise<boolean>;
  /** Where the followers are; those led by another process as of its last second. */
  positions(): ReadonlyMap<string, number>;
  /** The events after a position, at most 500, for whoever only looks: the pages that the followers read anyway. Empty when `signal` aborts or there was none after a while. */
  next(after: number, signal: AbortSignal): Promise<readonly Recorded[]>;
  /** Lets the running batches end, then gives up the leadership. */
  stop(): Promise<void>;
}

const FIRST_BACKOFF_MS = 100;
const LAST_BACKOFF_MS = 5_000;
/** Where one process tells another of an append to a log that the other leads. */
const CHANNEL = 'es_appended';
const PARTITIONS_EVERY_MS = 60_000;
/** How long a checkpoint may be behind what was done outside, or was passed over. */
const KEEP_EVERY_MS = 100;

class Fenced extends Error {
  override readonly name = 'Fenced';
}

/** Where a follower that is led here is. */
interface Led {
  readonly name: string;
  readonly epoch: number;
  position: number;
  /** Where the stored checkpoint is: behind `position` after what asked nothing of the database, or was done outside. */
  stored: number;
}

/** What a follower makes of some events. */
interface Effect {
  readonly led: Led;
  readonly inside: (tx: Transaction) => Promise<void>;
  readonly to: number;
}

/**
 * Runs the followers of a process. Each is led by one process at a time (session advisory lock); should a process that
 * lost it go on, its checkpoint is refused by the epoch. Effects inside the database that are due together share a transaction;
 * if that fails each is tried by itself, so that one who fails keeps nobody else.
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
    return { name, position, stored: position, epoch: Number(rows[0].epoch) };
  };

  /**
   * Throws `Fenced` if one of them is led elsewhere; `inEffect` also if it is there already: the commit before was done, and its answer
   * was lost.
   */
  const checkpoint = async (db: pg.Pool | pg.PoolClient, to: readonly (readonly [Led, number])[], inEffect = false): Promise<void> => {
    const { rowCount } = await db.query({
      name: 'es-checkpoint',
      text: `UPDATE es.checkpoint c SET position = greatest(c.position, w.position), updated_at = now() FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS w(name, epoch, position)
              WHERE c.name = w.name AND c.epoch = w.epoch AND NOT ($4 AND c.position >= w.position)`,
      values: [to.map(([{ name }]) => name), to.map(([{ epoch }]) => epoch), to.map(([, position]) => position), inEffect],
    });
    if (rowCount !== to.length) throw new Fenced(`${to.map(([{ name }]) => name).join(', ')}: led by another process, rebuilt, or farther than was answered`);
  };

  /** One transaction, begun when something is asked of it: most pages mean nothing to most followers. */
  const inTransaction = async (effects: readonly Effect[]): Promise<void> => {
    let begun: Promise<pg.PoolClient> | undefined;
    const begin = async (): Promise<pg.PoolClient> => {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        await checkpoint(client, effects.map(({ led, to }) => [led, to]), true); // first: its row locks keep a second leader out until this one is done
        return client;
      } catch (error) {
        await client.query('ROLLBACK').then(() => client.release(), (broken: Error) => client.release(broken));
        throw error;
      }
    };
    const query = async (...question: readonly unknown[]): Promise<unknown> => {
      const client = await (begun ??= begin());
      return (client.query as (...all: readonly unknown[]) => Promise<unknown>).call(client, ...question);
    };
    const tx = { query } as unknown as Transaction;
    try {
      for (const { inside } of effects) await inside(tx);
      if (begun) await (await begun).query('COMMIT');
    } catch (error) {
      const client = await begun?.catch(() => undefined);
      await client?.query('ROLLBACK').then(() => client.release(), (broken: Error) => client.release(broken));
      throw error;
    }
    if (begun) (await begun).release();
    for (const { led, to } of effects) {
      led.position = to;
      if (begun) led.stored = to;
      at(led.name, to);
    }
  };

  let due: { readonly effect: Effect; readonly done: () => void; readonly failed: (error: unknown) => void }[] = [];
  let applying = false;
  const applyDue = async (): Promise<void> => {
    applying = true;
    while (due.length > 0) {
      const now = due;
      due = [];
      try {
        await inTransaction(now.map(({ effect }) => effect));
        for (const { done } of now) done();
      } catch (error) {
        if (now.length === 1) now[0]?.failed(error);
        else await Promise.all(now.map(({ effect, done, failed }) => inTransaction([effect]).then(done, failed)));
      }
    }
    applying = false;
  };
  const together = (effect: Effect): Promise<void> =>
    new Promise<void>((done, failed) => {
      due.push({ effect, done, failed });
      if (!applying) {
        applying = true;
        setImmediate(() => void applyDue()); // those that were woken by the same page are in it
      }
    });

  const apply = async (follower: Follower, led: Led, events: readonly Recorded[], to: number, alone: boolean): Promise<void> => {
    if ('inside' in follower) {
      const effect = { led, to, inside: (tx: Transaction) => follower.inside(events, tx) };
      await (alone ? inTransaction([effect]) : together(effect));
      return;
    }
    await follower.outside(events);
    led.position = to;
    at(follower.name, to);
  };

  const leading = new Set<Led>();
  const fenced = new WeakSet<Led>();
  /** What was done but is not in a checkpoint yet: after a crash it is done, or passed over, again. */
  const keep = async (): Promise<void> => {
    const behind = [...leading].filter(({ position, stored }) => position > stored).map((led) => [led, led.position] as const);
    if (behind.length === 0) return;
    try {
      await checkpoint(pool, behind);
      for (const [led, position] of behind) led.stored = Math.max(led.stored, position);
    } catch (error) {
      if (!(error instanceof Fenced)) return log.warn({ err: error }, 'checkpoints could not be written; they are written later');
      for (const one of behind) {
        await checkpoint(pool, [one]).then(
          () => (one[0].stored = Math.max(one[0].stored, one[1])),
          (cause: unknown) => cause instanceof Fenced && fenced.add(one[0]),
        );
      }
    }
  };

  const follow = async (follower: Follower, signal: AbortSignal): Promise<void> => {
    const { name } = follower;
    let backoff = 0;
    let size = Number.POSITIVE_INFINITY;
    let led: Led | undefined;
    const leave = (): void => {
      if (led) leading.delete(led);
      led = undefined;
    };
    while (!signal.aborted) {
      try {
        led ??= await take(name);
        leading.add(led);
        at(name, led.position);
        const page = await tail.next(led.position, signal);
        if (fenced.has(led)) throw new Fenced(`${name}: led by another process, or rebuilt`);
        if (page.length === 0) continue;
        const events = page.slice(0, size);
        await apply(follower, led, events, events.at(-1)?.position ?? led.position, backoff > 0);
        backoff = 0;
        size = Number.POSITIVE_INFINITY;
      } catch (error) {
        if (signal.aborted && !stopping.signal.aborted) break;
        const position = led?.position;
        leave(); // the commit may have succeeded before the error: read the checkpoint again
        if (error instanceof Fenced) {
          log.warn({ follower: name }, error.message);
        } else {
          backoff = Math.min(LAST_BACKOFF_MS, Math.max(FIRST_BACKOFF_MS, backoff * 2));
          log.error({ follower: name, position, retryInMs: backoff, err: error }, 'a follower failed; it will try again');
          size = Math.max(1, Math.floor(Math.min(size, 500) / 4)); // smaller and smaller, so that it advances up to the event it fails on
          await sleep(backoff, undefined, { signal }).catch(() => undefined);
        }
      }
    }
    if (led && led.position > led.stored) await checkpoint(pool, [[led, led.position]]).catch(() => undefined);
    leave();
  };

  const leadership = new Leadership({ pool, names: [...names], channel: CHANNEL, told: () => tail.stir(), log }, (name, signal) => {
    const follower = followers.find((one) => one.name === name);
    if (!follower) throw new Error(`no follower ${name}`);
    log.info({ follower: name }, 'follower is led here');
    return follow(follower, signal);
  });

  let keeping: Promise<void> | undefined;
  const keeper = setInterval(() => {
    keeping ??= keep().finally(() => (keeping = undefined));
  }, KEEP_EVERY_MS).unref();
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
  // Whoever leads nothing of this log tells those who do; one at a time, so that a burst of appends is one or two.
  let telling = false;
  let tellAgain = false;
  const tell = async (): Promise<void> => {
    if (telling || stopping.signal.aborted) return void (tellAgain = true);
    telling = true;
    do {
      tellAgain = false;
      await pool.query(`NOTIFY ${CHANNEL}`).catch((error: unknown) => log.debug({ err: error }, 'others were not told of an append; they look by themselves'));
    } while (tellAgain);
    telling = false;
  };
  store.onAppended(() => {
    if ([...names].some((name) => !leadership.leads(name))) void tell();
  });
  leadership.start();
  const rebuilds = rebuildsAsked({ pool, store, followers, leads: (name) => leadership.leads(name), log, signal: stopping.signal });
  let rebuilding: Promise<void> = Promise.resolve();
  const asked = setInterval(() => {
    rebuilding = rebuilds().catch((error: unknown) => log.warn({ err: error }, 'rebuilds that were asked for could not be read'));
  }, 1_000).unref();

  return {
    positions: () => new Map(positions),
    next: (after, signal) => tail.next(after, signal),

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
      clearInterval(keeper);
      clearInterval(others);
      clearInterval(asked);
      await rebuilding;
      await keeping;
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
