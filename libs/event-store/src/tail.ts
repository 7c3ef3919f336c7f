import type pg from 'pg';
import { latch } from './latch.js';
import type { Logger } from './logger.js';
import { eventColumns, toRecorded, type EventRow } from './recorded.js';
import type { EventStore } from './store.js';
import type { Recorded } from './types.js';

const PAGE = 500;
/** Pages kept for followers a little behind; those further back read their own. */
const KEPT = 12;
/** A look without being woken: what was told to nobody, as by a process that died after its append. */
const POLL_MS = 200;

/**
 * The log, page by page, shared by all followers of a process: one query serves all that are at the head, and a follower
 * that is behind finds its next page read ahead. `stir` wakes it: after this process's appends, and when others tell of theirs.
 */
export class Tail {
  readonly #pages = new Map<number, Promise<readonly Recorded[]>>();
  #wake = latch();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly pool: pg.Pool,
    private readonly store: EventStore,
    private readonly log: Logger,
  ) {
    store.onAppended(() => this.stir());
  }

  /** The events after a position, at most 500; waits for one. Empty when `signal` aborts or there was none after a while. */
  async next(after: number, signal: AbortSignal): Promise<readonly Recorded[]> {
    if (signal.aborted || this.#stopped) return [];
    const woken = this.#wake.promise; // taken before reading: an append in between is not missed
    const page = await this.#page(after);
    if (page.length === PAGE) this.#page(page.at(-1)?.position ?? after).catch((error: unknown) => this.log.debug({ err: error }, 'read-ahead failed'));
    if (page.length > 0) return page;
    this.#schedule();
    const aborted = latch();
    const abort = (): void => aborted.open();
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    await Promise.race([woken, aborted.promise]);
    signal.removeEventListener('abort', abort);
    return [];
  }

  /** Pages in memory: at most 12 of 500 events, and those that are being read for followers. */
  kept(): number {
    return this.#pages.size;
  }

  stop(): void {
    this.#stopped = true;
    this.stir();
    clearTimeout(this.#timer);
  }

  #page(after: number): Promise<readonly Recorded[]> {
    const known = this.#pages.get(after);
    if (known) return known;
    const page = this.#read(after);
    this.#pages.set(after, page);
    const forget = (): void => {
      if (this.#pages.get(after) === page) this.#pages.delete(after);
    };
    page.then((events) => {
      if (events.length === 0) forget();
      else if (this.#pages.size > KEPT) for (const key of [...this.#pages.keys()].slice(0, this.#pages.size - KEPT)) this.#pages.delete(key);
    }, forget);
    return page;
  }

  async #read(after: number): Promise<readonly Recorded[]> {
    const { rows } = await this.pool.query<EventRow>({
      name: 'es-tail',
      text: `SELECT ${eventColumns} FROM es.event WHERE position > $1 ORDER BY position LIMIT ${PAGE}`,
      values: [after],
    });
    return rows.map((row) => this.store.lifted(toRecorded(row)));
  }

  /** There may be something new. */
  stir(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const wake = this.#wake;
    this.#wake = latch();
    wake.open();
  }

  #schedule(): void {
    if (this.#timer || this.#stopped) return;
    this.#timer = setTimeout(() => this.stir(), POLL_MS);
  }
}
