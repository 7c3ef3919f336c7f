import type { EventStore } from '@flotilla/event-store';
import type { Pool } from 'pg';
import { freeze } from '../decide/freeze.decider.js';
import { node, standing, type NodeState, type Standing } from '../decide/node.decider.js';
import type { Site, Snapshot } from '../decide/route.js';
import { isSku } from '../decide/names.js';
import { loadToday } from '../project/node-load.projection.js';

const reasons: Readonly<Record<Exclude<Standing, 'TAKING' | 'PROBING'>, (state: NodeState) => string>> = {
  OUT: ({ until }) => `BREAKER: late deliveries, out until ${until}`,
  PROBED: ({ probe }) => `BREAKER: order ${probe} tries it`,
  SUSPENDED: ({ suspended }) => `SUSPENDED: ${suspended}`,
};

/** The figures with what the router must know of nodes beside their stock: whether they may be asked, how many orders they take today, which SKUs are frozen, and which others wait for. Breakers and freezes are folded, loads follow the log. */
export const withNodes = async (store: EventStore, pool: Pool, snapshot: Snapshot, at: string): Promise<Snapshot> => {
  const skus = Object.keys(snapshot.articles).filter(isSku);
  const [nodes, frozen, queued] = await Promise.all([nodeFigures(store, pool, snapshot.warehouses, at), frozenOf(store, skus), queuedFor(pool, skus)]);
  return { ...snapshot, frozen, queued, warehouses: snapshot.warehouses.map((site) => ({ ...site, ...nodes[site.warehouse] })) };
};

const nodeFigures = async (store: EventStore, pool: Pool, sites: readonly Site[], at: string): Promise<Readonly<Record<string, Pick<Site, 'out' | 'probe' | 'capacityLeft'>>>> => {
  const limited = sites.filter(({ dailyOrders = 0 }) => dailyOrders > 0);
  const [states, loads] = await Promise.all([
    store.folded(node, sites.map(({ warehouse }) => warehouse)),
    limited.length > 0 ? loadToday(pool, Object.fromEntries(limited.map(({ warehouse, timeZone = '' }) => [warehouse, timeZone])), at) : ({} as Awaited<ReturnType<typeof loadToday>>),
  ]);
  return Object.fromEntries(
    sites.map(({ warehouse, dailyOrders = 0 }) => {
      const state = states.get(warehouse)!.state;
      const now = standing(state);
      const capacityLeft = dailyOrders > 0 ? Math.max(0, dailyOrders - (loads[warehouse]?.orders ?? 0)) : null;
      return [warehouse, { out: now === 'TAKING' || now === 'PROBING' ? '' : reasons[now](state), probe: now === 'PROBING', capacityLeft }];
    }),
  );
};

// Which of the SKUs are waited for, and the highest priority that waits.
const queuedFor = async (pool: Pool, skus: readonly string[]): Promise<Readonly<Record<string, number>>> => {
  const { rows } = await pool.query<{ sku: string; priority: number }>({
    name: 'queued-for',
    text: 'SELECT sku, max(priority) AS priority FROM read.backorder_queue, unnest(skus) AS sku WHERE skus && $1::text[] GROUP BY sku',
    values: [skus],
  });
  return Object.fromEntries(rows.map(({ sku, priority }) => [sku, priority]));
};

const frozenOf = async (store: EventStore, skus: readonly string[]): Promise<readonly string[]> => {
  const states = await store.folded(freeze, skus);
  return skus.filter((sku) => states.get(sku)!.state.frozen);
};
