import type { allocation as api } from '@flotilla/contracts';
import type { EventStore } from '@flotilla/event-store';
import type { Pool } from 'pg';
import { allocation } from '../decide/allocation.decider.js';
import { lock, type LockState } from '../decide/lock.decider.js';

interface LockRow {
  readonly lock_id: string;
  readonly sku: string;
  readonly warehouse: string;
  readonly quantity: string;
  readonly priority: number;
  readonly position: string;
}

type Page<Item> = { readonly found: readonly Item[]; readonly last: readonly string[] | undefined };

const toLive = ({ lock_id: lockId, sku, warehouse, quantity, priority, position }: LockRow, state: LockState | undefined): api.LiveLock => ({
  lockId, sku, warehouse, quantity: Number(quantity), priority, position: Number(position), foId: state?.reply?.data.foId ?? '', round: state?.reply?.data.round ?? 0,
  // Of a warehouse whose participant is elsewhere the lock's own stream is not here: its shelf says that it holds.
  state: state?.status === 'LOCKED' || state?.status === 'CONFIRMED' ? state.status : 'HELD', expiresAt: state?.expiresAt ?? '',
});

/** Locks that hold stock, the newest first; a page of them is folded in one go. */
export const listLocks = async (store: EventStore, pool: Pool, { warehouse, sku }: { readonly warehouse: string; readonly sku: string }, limit: number, after: readonly string[] | undefined): Promise<Page<api.LiveLock>> => {
  const values: unknown[] = [after?.[0] ?? Number.MAX_SAFE_INTEGER, after?.[1] ?? '', limit + 1];
  const conditions = ['(-position, lock_id || sku) > (-$1::bigint, $2)'];
  for (const [column, value] of Object.entries({ warehouse, sku })) if (value !== '') conditions.push(`${column} = $${values.push(value)}`);
  const { rows } = await pool.query<LockRow>(`SELECT * FROM read.live_lock WHERE ${conditions.join(' AND ')} ORDER BY -position, lock_id || sku LIMIT $3`, values);
  const shown = rows.slice(0, limit);
  const states = await store.folded(lock, [...new Set(shown.map(({ lock_id }) => lock_id))]);
  const last = shown.at(-1);
  return { found: shown.map((row) => toLive(row, states.get(row.lock_id)?.state)), last: rows.length > limit && last ? [last.position, `${last.lock_id}${last.sku}`] : undefined };
};

/** Those whose lease runs: each has a timer, so that nobody has to look for them among all that are confirmed. */
export const listLeases = async (store: EventStore, pool: Pool, limit: number, after: readonly string[] | undefined): Promise<Page<api.LiveLock>> => {
  const { rows } = await pool.query<{ lock_id: string; due_at: Date }>(
    `SELECT substr(key, 7) AS lock_id, due_at FROM es.timer WHERE clock = 'machine' AND key LIKE 'lease/%' AND ($1::timestamptz IS NULL OR (due_at, key) > ($1, $2)) ORDER BY due_at, key LIMIT $3`,
    [after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const ids = shown.map(({ lock_id }) => lock_id);
  const [states, { rows: held }] = await Promise.all([store.folded(lock, ids), pool.query<LockRow>('SELECT * FROM read.live_lock WHERE lock_id = ANY ($1)', [ids])]);
  const byLock = Map.groupBy(held, ({ lock_id }) => lock_id);
  const last = shown.at(-1);
  return {
    // The list follows the log by some milliseconds: what it does not know yet is shown as its stream has it.
    found: shown.flatMap(({ lock_id }) => {
      const state = states.get(lock_id)?.state;
      const warehouse = state?.reply?.data.warehouse ?? '';
      const rowsOf = byLock.get(lock_id) ?? (state?.lines ?? []).map(({ sku, quantity }) => ({ lock_id, sku, warehouse, quantity: String(quantity), priority: 0, position: '0' }));
      return rowsOf.map((row) => toLive(row, state));
    }),
    last: rows.length > limit && last ? [last.due_at.toISOString(), `lease/${last.lock_id}`] : undefined,
  };
};

/** Questions of the saga that nobody has answered: each has a timer for its repetition, the more patient the oftener it was asked. */
export const listQuestions = async (store: EventStore, pool: Pool, limit: number, after: readonly string[] | undefined): Promise<Page<api.LockQuestion>> => {
  const { rows } = await pool.query<{ key: string; due_at: Date; fo_id: string; lock_id: string; created_at: Date }>(
    `SELECT key, due_at, data ->> 'foId' AS fo_id, data ->> 'lockId' AS lock_id, created_at FROM es.timer
      WHERE key LIKE 'question/%' AND ($1::timestamptz IS NULL OR (due_at, key) < ($1, $2)) ORDER BY due_at DESC, key DESC LIMIT $3`,
    [after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const sagas = await store.folded(allocation, [...new Set(shown.map(({ fo_id }) => fo_id))]);
  const last = shown.at(-1);
  return {
    found: shown.flatMap(({ fo_id: foId, lock_id: lockId, due_at, created_at }) => {
      const state = sagas.get(foId)?.state;
      const asked = state?.locks[lockId];
      return asked && asked.open !== '' ? [{ lockId, foId, warehouse: asked.warehouse, what: asked.open, attempt: asked.attempt, since: created_at.toISOString(), againAt: due_at.toISOString(), orders: state.request?.orders ?? [] }] : [];
    }),
    last: rows.length > limit && last ? [last.due_at.toISOString(), last.key] : undefined,
  };
};

interface QueueRow {
  readonly fo_id: string;
  readonly priority: number;
  readonly ordered_at: string;
}

const mostCounted = 10_000;

/** Who waits, in the order in which they get what comes; what each lacks is folded for the page. */
export const listBackorders = async (store: EventStore, pool: Pool, sku: string, limit: number, after: readonly string[] | undefined): Promise<Page<api.Backorder> & { readonly waiting: number }> => {
  const [{ rows }, { rows: counted }] = await Promise.all([
    pool.query<QueueRow>(
      `SELECT fo_id, priority, ordered_at FROM read.backorder_queue WHERE ($1 = '' OR skus @> ARRAY[$1]) AND ($2::int IS NULL OR (-priority, ordered_at, fo_id) > (-$2::int, $3, $4))
        ORDER BY priority DESC, ordered_at, fo_id LIMIT $5`,
      [sku, after?.[0] ?? null, after?.[1] ?? null, after?.[2] ?? null, limit + 1],
    ),
    pool.query<{ waiting: number }>(`SELECT count(*)::int AS waiting FROM (SELECT FROM read.backorder_queue WHERE $1 = '' OR skus @> ARRAY[$1] LIMIT ${mostCounted}) q`, [sku]),
  ]);
  const shown = rows.slice(0, limit);
  const sagas = await store.folded(allocation, shown.map(({ fo_id }) => fo_id));
  const last = shown.at(-1);
  return {
    waiting: counted[0]?.waiting ?? 0,
    found: shown.map(({ fo_id: foId, priority, ordered_at: orderedAt }) => {
      const { missing, request } = sagas.get(foId)!.state;
      return { foId, priority, orderedAt, missing, orders: request?.orders ?? [] };
    }),
    last: rows.length > limit && last ? [String(last.priority), last.ordered_at, last.fo_id] : undefined,
  };
};

/** Shelves with most promised units are looked at, and added up by SKU: what is in demand everywhere is on several of them. */
const shelvesLookedAt = 500;
const mostHot = 50;

export const listHot = async (pool: Pool): Promise<readonly api.HotSku[]> => {
  const { rows } = await pool.query<{ sku: string; held: string; confirmed: string; available: string; waiting: number; frozen: boolean }>(
    `WITH busy AS (SELECT sku FROM read.stock WHERE held + confirmed > 0 ORDER BY held + confirmed DESC LIMIT ${shelvesLookedAt}),
          wanted AS (SELECT unnest(skus) AS sku, count(*)::int AS waiting FROM (SELECT skus FROM read.backorder_queue LIMIT ${mostCounted}) q GROUP BY 1),
          named AS (SELECT sku FROM busy UNION SELECT sku FROM wanted)
     SELECT s.sku, sum(s.held) AS held, sum(s.confirmed) AS confirmed, sum(greatest(0, s.on_hand - s.unsellable - s.held - s.confirmed - s.safety)) AS available,
            coalesce(w.waiting, 0) AS waiting, EXISTS (SELECT FROM read.frozen f WHERE f.sku = s.sku) AS frozen
       FROM named JOIN read.stock s USING (sku) LEFT JOIN wanted w USING (sku) GROUP BY s.sku, w.waiting
      ORDER BY sum(s.held + s.confirmed) + coalesce(w.waiting, 0) DESC, s.sku LIMIT ${mostHot}`,
  );
  return rows.map(({ held, confirmed, available, ...row }) => ({ ...row, held: Number(held), confirmed: Number(confirmed), available: Number(available) }));
};
