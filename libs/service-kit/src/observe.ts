import type { EventStore } from '@flotilla/event-store';
import type { Consumer } from '@flotilla/messaging';
import { gauge } from '@flotilla/telemetry';
import type { Clock } from '@flotilla/values';
import type pg from 'pg';
import { loadRatio, type Gate } from './shedding.js';

export interface Observed {
  readonly service: string;
  readonly consumers: ReadonlyMap<string, Consumer>;
  readonly positions: () => ReadonlyMap<string, number>;
  readonly pool: pg.Pool;
  readonly store: Pick<EventStore, 'queue'>;
  readonly clock: Clock;
  readonly gate: Gate;
  /** Of work outside. */
  readonly kinds: readonly string[];
}

// Each gauge exists once in a process; a spec may start several services in one, so here each names its service itself.
// First, so that it does not count those who ask for the others.
const connections = gauge('flotilla_pool_connections');
const lag = gauge('flotilla_consumer_lag_messages');
const stopped = gauge('flotilla_consumer_stopped_partitions');
const parked = gauge('flotilla_parked_keys');
const position = gauge('flotilla_follower_position');
const age = gauge('flotilla_follower_age_seconds');
const waiting = gauge('flotilla_commands_waiting');
const overdue = gauge('flotilla_timer_overdue_seconds');
const work = gauge('flotilla_work_waiting');
const workAge = gauge('flotilla_work_age_seconds');

/** How long a question for /metrics may take: whoever scrapes waits ten seconds, and wants the rest. */
const patienceMs = 2_000;

const ask = async <Row extends pg.QueryResultRow>(pool: pg.Pool, text: string, values: readonly unknown[] = []): Promise<readonly Row[]> => {
  const late = AbortSignal.timeout(patienceMs);
  const over = new Promise<never>((_, reject) => late.addEventListener('abort', () => reject(late.reason as Error), { once: true }));
  return Promise.race([pool.query<Row>(text, [...values]).then(({ rows }) => rows), over]);
};

// By what is read already here, not by the checkpoints, which follow within a tenth of a second.
const ages = (pool: pg.Pool, positions: ReadonlyMap<string, number>): Promise<readonly { readonly name: string; readonly age: number }[]> =>
  ask(
    pool,
    `SELECT f.name, coalesce(extract(epoch FROM clock_timestamp() - e.recorded_at), 0)::float8 AS age
       FROM unnest($1::text[], $2::bigint[]) AS f(name, position)
       LEFT JOIN LATERAL (SELECT recorded_at FROM es.event WHERE position > f.position ORDER BY position LIMIT 1) e ON true`,
    [[...positions.keys()], [...positions.values()]],
  );

const overdueSeconds = async (pool: pg.Pool, clock: Clock): Promise<number> => {
  const [row] = await ask<{ business: Date | null; machine: Date | null }>(pool, `SELECT (SELECT min(due_at) FROM es.timer WHERE clock = 'business') AS business, (SELECT min(due_at) FROM es.timer WHERE clock = 'machine') AS machine`);
  const due = [row?.business ? clock.toWallMs(row.business.getTime()) : Number.POSITIVE_INFINITY, row?.machine?.getTime() ?? Number.POSITIVE_INFINITY];
  return Math.max(0, clock.machine().getTime() - Math.min(...due)) / 1_000;
};

const works = (pool: pg.Pool): Promise<readonly { readonly kind: string; readonly waiting: number; readonly age: number }[]> =>
  ask(pool, `SELECT task_identifier AS kind, count(*)::int AS waiting, extract(epoch FROM clock_timestamp() - min(run_at))::float8 AS age FROM graphile_worker.jobs WHERE run_at <= clock_timestamp() GROUP BY 1`);

/** Shows what a service has in /metrics until the answer is called. */
export const observe = ({ service, consumers, positions, pool, store, clock, gate, kinds }: Observed): (() => void) => {
  const of = { service_name: service };
  // Two gauges ask the same in the same moment.
  let asking: ReturnType<typeof works> | undefined;
  const worksOnce = (): ReturnType<typeof works> => (asking ??= works(pool).finally(() => (asking = undefined)));
  const perConsumer = (figure: (consumer: Consumer) => number) => (set: (labels: { service_name: string; consumer: string }, value: number) => void) => {
    for (const [consumer, one] of consumers) set({ ...of, consumer }, figure(one));
  };
  const shown = [
    lag(perConsumer((one) => one.lag())),
    stopped(perConsumer((one) => one.stopped().length)),
    parked(perConsumer((one) => one.parkedKeys())),
    position((set) => {
      for (const [follower, at] of positions()) set({ ...of, follower }, at);
    }),
    age(async (set) => {
      for (const { name, age: seconds } of await ages(pool, positions())) set({ ...of, follower: name }, seconds);
    }),
    waiting((set) => set(of, store.queue().waiting)),
    overdue(async (set) => set(of, await overdueSeconds(pool, clock))),
    work(async (set) => {
      const found = new Map((await worksOnce()).map((one) => [one.kind, one.waiting]));
      for (const kind of kinds) set({ ...of, kind }, found.get(kind) ?? 0);
    }),
    workAge(async (set) => {
      const found = new Map((await worksOnce()).map((one) => [one.kind, one.age]));
      for (const kind of kinds) set({ ...of, kind }, found.get(kind) ?? 0);
    }),
    connections((set) => {
      set({ ...of, state: 'used' }, pool.totalCount - pool.idleCount);
      set({ ...of, state: 'idle' }, pool.idleCount);
      set({ ...of, state: 'waiting' }, pool.waitingCount);
    }),
    loadRatio((set) => set(of, gate.load())),
  ];
  return () => {
    for (const end of shown) end();
  };
};
