import type pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from './logger.js';

const PING_MS = 1_000;
const PING_TIMEOUT_MS = 3_000;

/**
 * Session advisory locks on one connection of the process. Every second it is asked for the locks that others hold, which
 * is also the ping: any error means that all of them are lost. The same connection hears what other processes tell.
 */
export class Leadership {
  readonly #led = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();
  readonly #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: { readonly pool: pg.Pool; readonly names: readonly string[]; readonly channel: string; readonly told: () => void; readonly log: Logger },
    private readonly lead: (name: string, signal: AbortSignal) => Promise<void>,
  ) {}

  leads(name: string): boolean {
    return this.#led.has(name);
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { pool, log } = this.options;
    while (!this.#stopping.signal.aborted) {
      let connection: pg.PoolClient | undefined;
      let failure: Error | undefined;
      try {
        connection = await pool.connect();
        connection.on('error', this.#lost);
        connection.on('notification', this.options.told);
        await connection.query(`LISTEN ${this.options.channel}`);
        await this.#hold(connection);
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
        log.warn({ err: error }, 'the connection that leads the followers is gone');
      }
      await this.#release(); // no lock is given back before the batches that it covers have ended
      if (connection) {
        if (!failure) await connection.query('UNLISTEN *; SELECT pg_advisory_unlock_all()').catch((error: Error) => (failure = error));
        connection.off('error', this.#lost);
        connection.off('notification', this.options.told);
        connection.release(failure);
      }
      if (failure) await this.#pause(Math.random() * 500);
    }
  }

  async #hold(connection: pg.PoolClient): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const wanted = this.options.names.filter((name) => !this.#led.has(name));
      const { rows } = await within(
        PING_TIMEOUT_MS,
        connection.query<{ name: string }>('SELECT name FROM unnest($1::text[]) AS name WHERE pg_try_advisory_lock(7002, hashtext(name))', [wanted]),
      );
      for (const { name } of rows) {
        const abort = new AbortController();
        this.#led.set(name, { abort, done: this.lead(name, abort.signal) });
      }
      await this.#pause(PING_MS);
    }
  }

  async #release(): Promise<void> {
    const led = [...this.#led.values()];
    for (const { abort } of led) abort.abort();
    await Promise.allSettled(led.map(({ done }) => done));
    this.#led.clear();
  }

  readonly #lost = (): void => {
    for (const { abort } of this.#led.values()) abort.abort();
  };

  #pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

const within = async <T>(ms: number, promise: Promise<T>): Promise<T> => {
  const over = new AbortController();
  const timeout = sleep(ms, undefined, { signal: over.signal }).then(() => {
    throw new Error(`no answer within ${ms} ms`);
  });
  timeout.catch(() => undefined);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    over.abort();
  }
};
