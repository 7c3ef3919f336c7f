import type { EventStore } from '@flotilla/event-store';
import { isSku, stockId } from '../decide/names.js';
import type { Snapshot } from '../decide/route.js';
import { register, WAREHOUSES } from '../decide/register.decider.js';
import { sku as article } from '../decide/sku.decider.js';
import { stock } from '../decide/stock.decider.js';
import { freeOf } from '../decide/stock.events.js';
import { warehouse } from '../decide/warehouse.decider.js';

/** Figures to plan with: folded streams, so nothing that was appended before is missing. */
export const snapshotOf = async (store: EventStore, skus: readonly string[]): Promise<Snapshot> => {
  const named = skus.filter(isSku);
  const ids = (await store.folded(register, [WAREHOUSES])).get(WAREHOUSES)?.state ?? [];
  const pairs = ids.flatMap((site) => named.map((one) => ({ site, sku: one, id: stockId(site, one) })));
  const [sites, articles, levels] = await Promise.all([
    store.folded(warehouse, ids),
    store.folded(article, named),
    store.folded(stock, pairs.map(({ id }) => id)),
  ]);
  const free: Record<string, Record<string, number>> = {};
  for (const { site, sku, id } of pairs) (free[site] ??= {})[sku] = freeOf(levels.get(id)!.state);
  return {
    warehouses: [...sites.values()].flatMap(({ state }) => state ?? []).map(({ warehouse: id, country, province, city, serves }) => ({ warehouse: id, country, province, city, serves })),
    free,
    articles: Object.fromEntries(skus.map((one) => [one, articles.get(one)?.state ?? null])),
  };
};
