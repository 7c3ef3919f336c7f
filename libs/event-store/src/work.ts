import { setTimeout as sleep } from 'node:timers/promises';
import { Logger as WorkerLogger, run, type Runner as WorkerRunner } from 'graphile-worker';
import type pg from 'pg';
import type { Follower } from './followers.js';
import { latch } from './latch.js';
import type { Logger } from './logger.js';
import type { Recorded } from './types.js';

/** Something to be done outside, once: the intent event says what, a performer does it and appends the outcome. */
export interface Job {
  readonly kind: string;
  /** The intent's id: the job's key, and the idempotency key of the call. */
  readonly intent: string;
  readonly payload: unknown;
  /** Lower goes first; 0 unless told. */
  readonly priority?: number;
  readonly runAt?: string;
}

export interface Performed {
  readonly kind: string;
  readonly intent: string;
  readonly payload: unknown;
  readonly attempt: number;
  /** Aborted when the process must stop or no longer owns the job. */
  readonly signal: AbortSignal;
  readonly traceparent?: string;
  readonly correlation: string;
}

export interface Performer {
  /** Calls of this kind at once in this process; 4 unless told. So many more may be taken and wait their turn. */
  readonly concurrency?: number;
  /** The first attempt. If it throws, the job comes back (3 s, 7 s, 20 s … 6 h later), through `resolve`. */
  readonly perform: (job: Performed) => Promise<void>;
  /** An earlier attempt began and did not report success: its outcome is unknown. Ask or void; never call again blindly. */
  readonly resolve: (job: Performed) => Promise<void>;
}

/** The row's payload. */
interface Envelope {
  readonly intent: string;
  readonly payload: unknown;
  readonly traceparent?: string;
  readonly correlation: string;
}

/** graphile-worker would drop a job for good after its last attempt; an intent never ends without an outcome. */
const MAX_ATTEMPTS = 10_000;
const STOP_MS = 10_000;
const JANITOR_MS = 2_000;
/** Reports of jobs that ended are collected so long. Only then does stopping wait for them: else a finished job could stay locked. */
const REPORT_MS = 20;

/**
 * Adds the jobs of intent events in the transaction of the checkpoint. An intent whose job is still there gets no second
 * one; it cannot be rebuilt, since a rebuild must create no jobs.
 */
export const workFollower = (name: string, jobs: (event: Recorded) => readonly Job[]): Follower => ({
  name,
  rebuilds: false,
  inside: async (events, tx) => {
    const specs = new Map<string, object>();
    for (const event of events) {
      for (const job of jobs(event)) {
        const key = `${job.kind}:${job.intent}`;
        if (specs.has(key)) continue;
        const envelope: Envelope = {
          intent: job.intent,
          payload: job.payload ?? null,
          correlation: event.meta.correlation,
          ...(event.meta.traceparent === undefined ? {} : { traceparent: event.meta.traceparent }),
        };
        specs.set(key, {
          identifier: job.kind,
          payload: envelope,
          job_key: key,
          max_attempts: MAX_ATTEMPTS,
          flags: [job.kind],
          ...(job.priority === undefined ? {} : { priority: job.priority }),
          ...(job.runAt === undefined ? {} : { run_at: job.runAt }),
        });
      }
    }
    if (specs.size === 0) return;
    // add_jobs would replace a job of the same key, or add another beside one that is running.
    await tx.query({
      name: 'es-add-jobs',
      text: `SELECT 1 FROM graphile_worker.add_jobs(array(
               SELECT spec FROM json_populate_recordset(NULL::graphile_worker.job_spec, $1) spec
                WHERE NOT EXISTS (SELECT FROM graphile_worker._private_jobs j WHERE j.key = spec.job_key)))`,
      values: [JSON.stringify([...specs.values()])],
    });
  },
});

/**
 * Works off the jobs of the kinds that have a performer here. Each generation of workers holds a session advisory lock
 * under its pool's id; jobs locked by an id whose lock is free belong to a dead process and are given back within
 * seconds (the library alone would wait four hours).
 */
export const runWorkers = async (options: {
  readonly pool: pg.Pool;
  readonly performers: Readonly<Record<string, Performer>>;
  readonly log: Logger;
}): Promise<{ stop(): Promise<void> }> => {
  const { pool, performers, log } = options;
  if (Object.keys(performers).length === 0) return { stop: () => Promise.resolve() };
  const stopping = new AbortController();
  const quiet = (): void => undefined;
  // Listeners that graphile-worker insists on: without them an idle connection's error would end the process.
  if (pool.listenerCount('error') === 0) pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection failed'));
  pool.on('connect', (connection) => connection.on('error', quiet));

  /** A runner of the library's for one kind: kinds never take each other's places, and each takes as many jobs at once as it can begin. */
  const runKind = (kind: string, { concurrency = 4, perform, resolve }: Performer, aborting: AbortSignal, hold: (worker: string) => Promise<unknown>): Promise<WorkerRunner> =>
    run({
      pgPool: pool,
      taskList: {
        [kind]: async (payload: unknown, { job }) => {
          const { intent, ...envelope } = payload as Envelope;
          try {
            const performed: Performed = { kind, intent, attempt: job.attempts, signal: aborting, ...envelope };
            await (job.attempts === 1 ? perform(performed) : resolve(performed));
          } catch (error) {
            log.warn({ kind, intent, attempt: job.attempts, err: error }, 'work failed; its outcome is unknown and will be resolved');
            throw error;
          }
        },
      },
      concurrency,
      pollInterval: 1_000,
      noHandleSignals: true,
      logger: quietLogger,
      preset: {
        worker: { gracefulShutdownAbortTimeout: STOP_MS, localQueue: { size: concurrency }, completeJobBatchDelay: REPORT_MS, failJobBatchDelay: REPORT_MS },
        plugins: [
          {
            name: 'flotilla-worker-lock',
            version: '1.0.0',
            worker: { hooks: { startWorker: async (_context, { worker }) => void (await hold(worker.workerPool.id)) } },
          },
        ],
      },
    });

  const generation = async (lock: pg.PoolClient, own: Map<string, Promise<unknown>>, lost: AbortSignal): Promise<void> => {
    const aborting = new AbortController();
    const hold = (worker: string): Promise<unknown> => {
      const held = own.get(worker) ?? lock.query('SELECT pg_advisory_lock(7003, hashtext($1))', [worker]);
      own.set(worker, held);
      return held;
    };
    const begun = await Promise.allSettled(Object.entries(performers).map(([kind, performer]) => runKind(kind, performer, aborting.signal, hold)));
    const runners = begun.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const stop = latch();
    const end = (): void => stop.open();
    for (const signal of [stopping.signal, lost]) {
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
    }
    // Of one kind alone nothing would be done any more: they all start again.
    const died = Promise.all(
      runners.map(({ promise }) =>
        promise.then(end, (error: unknown) => {
          log.error({ err: error }, 'the workers stopped');
          end();
        }),
      ),
    );
    const failed = begun.find((one) => one.status === 'rejected');
    // Those that began go with the one that did not: nobody else could stop them.
    if (failed) end();
    await stop.promise;
    const byItself = !failed && !stopping.signal.aborted && !lost.aborted;
    if (lost.aborted) aborting.abort();
    const deadline = setTimeout(() => aborting.abort(), STOP_MS / 2).unref();
    await Promise.all(runners.map((runner) => runner.stop().catch(quiet))); // also rejects when it is stopping already
    await Promise.race([died, sleep(STOP_MS, undefined, { ref: false })]);
    clearTimeout(deadline);
    for (const signal of [stopping.signal, lost]) signal.removeEventListener('abort', end);
    if (failed) throw failed.reason;
    // Thrown, so that there is a pause before they start again: what ended them may well end them at once.
    if (byItself) throw new Error('workers of a kind ended by themselves');
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      let lock: pg.PoolClient | undefined;
      let broken: Error | undefined;
      const lost = new AbortController();
      try {
        lock = await pool.connect();
        lock.on('error', () => lost.abort());
        const own = new Map<string, Promise<unknown>>();
        const janitor = watch(lock, own, log, lost, stopping.signal);
        await generation(lock, own, lost.signal);
        lost.abort();
        await janitor;
        await lock.query('SELECT pg_advisory_unlock_all()');
      } catch (error) {
        broken = error instanceof Error ? error : new Error(String(error));
        if (!stopping.signal.aborted) log.error({ err: error }, 'workers could not run; they start again');
        await sleep(500, undefined, { signal: stopping.signal }).catch(quiet);
      } finally {
        lost.abort();
        lock?.release(broken ?? true);
      }
    }
  };
  const done = loop();
  return {
    async stop() {
      stopping.abort();
      await done;
    },
  };
};

/** Gives back the jobs of dead pools, and notices when the connection that holds our own lock is gone. */
const watch = async (lock: pg.PoolClient, own: ReadonlyMap<string, unknown>, log: Logger, lost: AbortController, stopping: AbortSignal): Promise<void> => {
  const over = AbortSignal.any([lost.signal, stopping]);
  while (!over.aborted) {
    try {
      const { rows } = await lock.query<{ dead: string }>(freeDead, [[...own.keys()]]);
      if (rows.length > 0) log.warn({ workers: rows.map(({ dead }) => dead) }, 'jobs of dead workers were given back');
    } catch (error) {
      log.warn({ err: error }, 'the workers’ lock is lost');
      lost.abort();
    }
    await sleep(JANITOR_MS, undefined, { signal: over }).catch(() => undefined);
  }
};

// Taking the lock for the statement's transaction proves that nobody else holds it; a pool that has just begun takes its jobs before its lock.
const freeDead = `
WITH holders AS MATERIALIZED (SELECT DISTINCT locked_by FROM graphile_worker._private_jobs WHERE locked_by <> ALL ($1::text[]) AND locked_at < now() - interval '5 seconds'),
     dead AS MATERIALIZED (SELECT locked_by FROM holders WHERE pg_try_advisory_xact_lock(7003, hashtext(locked_by)))
SELECT locked_by AS dead, graphile_worker.force_unlock_workers(array[locked_by]) FROM dead`;

const quietLogger = new WorkerLogger(() => () => undefined);
