import { setTimeout as sleep } from 'node:timers/promises';
import { histogram } from '@flotilla/telemetry';
import type pg from 'pg';
import type { Follower } from './followers.js';
import type { Logger } from './logger.js';
import type { Recorded } from './types.js';

/** Sets a timer, sets it anew (same key), or calls it off. */
export interface TimerChange {
  readonly key: string;
  /** When to look; `null` calls it off. */
  readonly dueAt: string | null;
  /** `business`: promises, windows, SLAs. `machine`: leases, deadlines, retries. */
  readonly clock: 'business' | 'machine';
  readonly data: unknown;
}

export interface DueTimer {
  readonly key: string;
  readonly dueAt: string;
  readonly data: unknown;
  readonly traceparent?: string;
  readonly correlation: string;
}

/** Keeps the timer rows: one upsert and one delete per batch. */
export const timerFollower = (name: string, changes: (event: Recorded) => readonly TimerChange[]): Follower => ({
  name,
  rebuilds: false,
  inside: async (events, tx) => {
    const last = new Map<string, { readonly change: TimerChange; readonly event: Recorded }>();
    for (const event of events) for (const change of changes(event)) last.set(change.key, { change, event });
    // In one order everywhere, so that this and the claim of due timers never wait for each other.
    const inOrder = [...last.values()].toSorted((a, b) => (a.change.key < b.change.key ? -1 : 1));
    const off = inOrder.filter(({ change }) => change.dueAt === null).map(({ change }) => change.key);
    const set = inOrder.filter(({ change }) => change.dueAt !== null);
    if (off.length > 0) await tx.query({ name: 'es-timers-off', text: 'DELETE FROM es.timer WHERE key = ANY ($1)', values: [off] });
    if (set.length > 0) {
      await tx.query({
        name: 'es-timers-set',
        text: `INSERT INTO es.timer (key, clock, due_at, data, set_by, traceparent, correlation)
               SELECT key, clock, due_at, data, set_by, traceparent, correlation
                 FROM json_to_recordset($1) AS t(key text, clock text, due_at timestamptz, data json, set_by bigint, traceparent text, correlation text)
               ON CONFLICT (key) DO UPDATE SET clock = excluded.clock, due_at = excluded.due_at, data = excluded.data, set_by = excluded.set_by,
                  traceparent = excluded.traceparent, correlation = excluded.correlation, attempts = 0, claimed_until = NULL`,
        values: [
          JSON.stringify(
            set.map(({ change, event }) => ({
              key: change.key,
              clock: change.clock,
              due_at: change.dueAt,
              data: change.data ?? null,
              set_by: event.position,
              traceparent: event.meta.traceparent,
              correlation: event.meta.correlation,
            })),
          ),
        ],
      });
    }
  },
});

interface TimerRow {
  readonly key: string;
  readonly clock: 'business' | 'machine';
  readonly due_at: Date;
  readonly data: unknown;
  readonly traceparent: string | null;
  readonly correlation: string;
  readonly set_by: string;
  readonly attempts: number;
}

const lateness = histogram('flotilla_timer_lateness_seconds');

const BATCH = 64;
const BUSY_MS = 100;
const IDLE_MS = 250;

const LONGEST_PAUSE_MS = 60_000;

// Claimed by the database's clock, due by ours. A claim that was not followed by a delete ends by itself: the process died. One that
// lasts longer than any that is made was made before that clock jumped back.
const claim = `
WITH due AS (
  (SELECT key FROM es.timer WHERE clock = 'business' AND due_at <= $1 AND (claimed_until IS NULL OR claimed_until NOT BETWEEN clock_timestamp() AND clock_timestamp() + $4 * interval '1 millisecond')
    ORDER BY due_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)),
due2 AS (
  (SELECT key FROM es.timer WHERE clock = 'machine' AND due_at <= $2 AND (claimed_until IS NULL OR claimed_until NOT BETWEEN clock_timestamp() AND clock_timestamp() + $4 * interval '1 millisecond')
    ORDER BY due_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))
UPDATE es.timer t SET claimed_until = clock_timestamp() + $3 * interval '1 millisecond', attempts = attempts + 1
 WHERE t.key IN (SELECT key FROM due UNION ALL SELECT key FROM due2)
RETURNING key, clock, due_at, data, traceparent, correlation, set_by, attempts`;

/**
 * Fires timers that are due, several at once, at least once each: a timer that was set anew while it fired stays, one
 * whose `fire` throws is fired again with growing pauses, and one whose process died when its claim (30 s) ends.
 */
export const runTimers = async (options: {
  readonly pool: pg.Pool;
  /** `toWallMs`: the wall instant at which the business clock shows an instant; the same one where it is absent. */
  readonly clocks: { business(): Date; machine(): Date; toWallMs?(businessMs: number): number };
  readonly fire: (timer: DueTimer) => Promise<void>;
  readonly log: Logger;
  /** How long a claim lasts: longer than `fire` ever takes. */
  readonly claimMs?: number;
}): Promise<{ stop(): Promise<void> }> => {
  const { pool, clocks, fire, log, claimMs = 30_000 } = options;
  const stopping = new AbortController();

  // The second time it is late for another reason, which the log tells.
  const noteLateness = ({ clock, due_at, attempts }: TimerRow): void => {
    if (attempts > 1) return;
    const due = clock === 'business' && clocks.toWallMs ? clocks.toWallMs(due_at.getTime()) : due_at.getTime();
    lateness.observe({}, Math.max(0, Date.now() - due) / 1_000);
  };

  const fireOne = async (row: TimerRow): Promise<TimerRow | undefined> => {
    noteLateness(row);
    try {
      await fire({
        key: row.key,
        dueAt: row.due_at.toISOString(),
        data: row.data,
        correlation: row.correlation,
        ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
      });
      return row;
    } catch (error) {
      const retryInMs = Math.min(LONGEST_PAUSE_MS, 100 * 2 ** Math.min(row.attempts, 16));
      log.error({ timer: row.key, attempts: row.attempts, retryInMs, err: error }, 'a timer failed; it will fire again');
      await pool.query(`UPDATE es.timer SET claimed_until = clock_timestamp() + $3 * interval '1 millisecond' WHERE key = $1 AND set_by = $2`, [row.key, row.set_by, retryInMs]);
      return undefined;
    }
  };

  const round = async (): Promise<number> => {
    const { rows } = await pool.query<TimerRow>({
      name: 'es-timers-claim',
      text: claim,
      values: [clocks.business().toISOString(), clocks.machine().toISOString(), claimMs, 2 * Math.max(claimMs, LONGEST_PAUSE_MS)],
    });
    const fired = (await Promise.all(rows.map(fireOne))).filter((row) => row !== undefined);
    if (fired.length > 0) {
      await pool.query({
        name: 'es-timers-fired',
        text: 'DELETE FROM es.timer t USING unnest($1::text[], $2::bigint[]) AS f(key, set_by) WHERE t.key = f.key AND t.set_by = f.set_by',
        values: [fired.map(({ key }) => key), fired.map(({ set_by }) => set_by)],
      });
    }
    return rows.length;
  };

  const loop = async (): Promise<void> => {
    let lastBusy = 0;
    while (!stopping.signal.aborted) {
      let count = 0;
      try {
        count = await round();
      } catch (error) {
        log.error({ err: error }, 'timers could not be looked at');
      }
      if (count > 0) lastBusy = performance.now();
      if (count < BATCH) await sleep(performance.now() - lastBusy < 5_000 ? BUSY_MS : IDLE_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
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
