import type { EventStore } from '@flotilla/event-store';
import type { Pool } from 'pg';
import { freeze } from '../decide/freeze.decider.js';
import { node, standing, type NodeState, type Standing } from '../decide/node.decider.js';
import type { Site } from '../decide/route.js';
import { loadToday } from '../project/node-load.projection.js';

type Described = { readonly warehouse: string; readonly timeZone: string; readonly dailyOrders: number };

const reasons: Readonly<Record<Exclude<Standing, 'TAKING' | 'PROBING'>, (state: NodeState) => string>> = {
  OUT: ({ until }) => `BREAKER: late deliveries, out until ${until}`,
  PROBED: ({ probe }) => `BREAKER: order ${probe} tries it`,
  CLOSED: ({ closed }) => `CLOSED: ${closed}`,
};

/** What the router needs to know of nodes beside their stock: whether they may be asked, and how many orders they take today. Breakers are folded, loads follow the log. */
export const nodeFigures = async (store: EventStore, pool: Pool, sites: readonly Described[], at: string): Promise<Readonly<Record<string, Pick<Site, 'out' | 'probe' | 'capacityLeft'>>>> => {
  const limited = sites.filter(({ dailyOrders }) => dailyOrders > 0);
  const [states, loads] = await Promise.all([
    store.folded(node, sites.map(({ warehouse }) => warehouse)),
    limited.length > 0 ? loadToday(pool, Object.fromEntries(limited.map(({ warehouse, timeZone }) => [warehouse, timeZone])), at) : ({} as Awaited<ReturnType<typeof loadToday>>),
  ]);
  return Object.fromEntries(
    sites.map(({ warehouse, dailyOrders }) => {
      const state = states.get(warehouse)!.state;
      const now = standing(state);
      const capacityLeft = dailyOrders > 0 ? Math.max(0, dailyOrders - (loads[warehouse]?.orders ?? 0)) : null;
      return [warehouse, { out: now === 'TAKING' || now === 'PROBING' ? '' : reasons[now](state), probe: now === 'PROBING', capacityLeft }];
    }),
  );
};

/** Those of the SKUs that are not promised at present. */
export const frozenOf = async (store: EventStore, skus: readonly string[]): Promise<readonly string[]> => {
  const states = await store.folded(freeze, skus);
  return skus.filter((sku) => states.get(sku)!.state.frozen);
};
