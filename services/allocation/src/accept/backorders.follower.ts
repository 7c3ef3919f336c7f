import type { EventStore, Follower, Meta, Recorded } from '@flotilla/event-store';
import type { Pool } from 'pg';
import { queueNews, servable, type Served } from '../coordinate/backorders.js';
import { runSaga, type Now } from '../coordinate/nodes.js';
import { allocation } from '../decide/allocation.decider.js';
import { uncovered } from '../decide/allocation.state.js';
import type { Snapshot } from '../decide/route.js';

interface Options {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly snapshot: (skus: readonly string[]) => Promise<Snapshot>;
  readonly now: Now;
  readonly meta: (cause: { readonly actor: string; readonly correlation: string }) => Meta;
}

const PAGE = 200;

interface Row {
  readonly fo_id: string;
  readonly priority: number;
  readonly ordered_at: string;
}

/**
 * The queue of backorders, and who wakes it: when stock grows, an article or a warehouse appears, or an order enters, the
 * first waiting orders that fit plan again. One process leads it, so two never serve the same stock to different orders.
 * Not a projection that can be rebuilt: it acts.
 */
export const backorders = ({ pool, store, snapshot, now, meta }: Options): Follower => {
  // Answers the SKUs of those that entered: stock may have grown after their plan was made.
  const keep = async (entered: readonly string[], leaving: readonly string[]): Promise<readonly string[]> => {
    if (entered.length + leaving.length === 0) return [];
    const sagas = await store.folded(allocation, entered);
    const waiting = entered.flatMap((foId) => {
      const { state } = sagas.get(foId)!;
      const { phase, request } = state;
      return phase === 'BACKORDERED' && request ? [{ fo_id: foId, priority: request.priority, ordered_at: request.orderedAt, skus: uncovered(state).map(({ sku }) => sku) }] : [];
    });
    const stays = new Set(waiting.map(({ fo_id }) => fo_id));
    const left = [...entered, ...leaving].filter((foId) => !stays.has(foId));
    await pool.query(
      `WITH gone AS (DELETE FROM read.backorder_queue WHERE fo_id = ANY ($1))
       INSERT INTO read.backorder_queue SELECT fo_id, priority, ordered_at, ARRAY(SELECT jsonb_array_elements_text(skus)) FROM jsonb_to_recordset($2) AS w(fo_id text, priority int, ordered_at text, skus jsonb)
       ON CONFLICT (fo_id) DO UPDATE SET priority = excluded.priority, ordered_at = excluded.ordered_at, skus = excluded.skus`,
      [left, JSON.stringify(waiting)],
    );
    return waiting.flatMap(({ skus }) => skus);
  };

  const page = async (skus: readonly string[] | undefined, after: Row | undefined): Promise<readonly Row[]> => {
    const { rows } = await pool.query<Row>(
      `SELECT fo_id, priority, ordered_at FROM read.backorder_queue
        WHERE ($1::text[] IS NULL OR skus && $1) AND ($2::int IS NULL OR (-priority, ordered_at, fo_id) > (-$2::int, $3, $4))
        ORDER BY priority DESC, ordered_at, fo_id LIMIT ${PAGE}`,
      [skus ?? null, after?.priority ?? null, after?.ordered_at ?? null, after?.fo_id ?? null],
    );
    return rows;
  };

  const wake = async ({ foId, snapshot: figures }: Served): Promise<void> => {
    const { business, leaseMs, ...at } = now();
    await store.execute({
      streams: [[allocation, foId]],
      meta: meta({ actor: 'queue:backorders', correlation: foId }),
      decide: (unit) => void runSaga(unit, foId, { type: 'ServeBackorder', data: { foId, now: { ...at, snapshot: figures } } }, { business, leaseMs }),
    });
  };

  const serve = async (skus: readonly string[] | undefined): Promise<void> => {
    let before: Pick<ReturnType<typeof servable>, 'left' | 'untold'> | undefined;
    for (let rows = await page(skus, undefined); rows.length > 0; rows = rows.length < PAGE ? [] : await page(skus, rows.at(-1))) {
      const sagas = await store.folded(allocation, rows.map(({ fo_id }) => fo_id));
      const waiting = rows.map(({ fo_id }) => sagas.get(fo_id)!.state);
      const figures = await snapshot([...new Set(waiting.flatMap(({ request }) => request?.lines.map(({ sku }) => sku) ?? []))]);
      const found = before ? servable(waiting, reduced(figures, before.left), reduced(figures, before.untold)) : servable(waiting, figures);
      before = found;
      await Promise.all(found.served.map(wake));
      // Nothing is free any more: however many wait behind, none of them can be served.
      if (skus && skus.every((sku) => Object.values(found.left.free).every((bySku) => (bySku[sku] ?? 0) <= 0))) return;
    }
  };

  return {
    name: 'backorders',
    outside: async (events: readonly Recorded[]) => {
      const news = events.map(queueNews);
      const entered = await keep([...new Set(news.flatMap((one) => one.entered))], [...new Set(news.flatMap((one) => one.left))]);
      const gone = await store.folded(allocation, [...new Set(news.flatMap((one) => one.gone))]);
      const left = [...gone.values()].flatMap(({ state }) => state.request?.lines.map(({ sku }) => sku) ?? []);
      const skus = [...new Set([...news.flatMap((one) => one.skus), ...entered, ...left])];
      const everything = news.some((one) => one.everything);
      if (!everything && skus.length === 0) return;
      await serve(everything ? undefined : skus);
    },
  };
};

// Orders of earlier pages have been woken and may not have their locks yet: what they were given is not given again.
const reduced = (fresh: Snapshot, given: Snapshot): Snapshot => ({
  ...fresh,
  free: Object.fromEntries(
    Object.entries(fresh.free).map(([site, bySku]) => [site, Object.fromEntries(Object.entries(bySku).map(([sku, free]) => [sku, Math.min(free, given.free[site]?.[sku] ?? free)]))]),
  ),
});
