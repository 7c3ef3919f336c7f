import type { allocation } from '@flotilla/contracts';
import type { EventStore } from '@flotilla/event-store';
import { ledgerOf } from '../decide/ledger.js';
import { isSku, stockId } from '../decide/names.js';
import type { Site, Snapshot } from '../decide/route.js';
import { register, WAREHOUSES } from '../decide/register.decider.js';
import { sku as article } from '../decide/sku.decider.js';
import { stock } from '../decide/stock.decider.js';
import { freeOf } from '../decide/stock.events.js';
import { litresOf, type Article } from '../decide/sku.events.js';
import { LANES, lanes } from '../decide/routing/lanes.decider.js';
import { MODEL, model } from '../decide/routing/model.decider.js';
import { RULES, rules } from '../decide/routing/rules.decider.js';
import type { ArticleView, Safety } from '../decide/routing/snapshot.js';
import { warehouse } from '../decide/warehouse.decider.js';

/** What routing must know of a warehouse. */
export const siteOf = ({ warehouse: id, name, country, province, city, serves, kind, tier, services, flags, dailyOrders, timeZone, ledger }: allocation.Warehouse): Site => ({ warehouse: id, name, country, province, city, serves, kind, tier, services, flags, dailyOrders, timeZone, ...(ledgerOf({ ledger }) === 'SUPPLIER' ? { external: true } : {}) });

/** What routing must know of an article. */
export const viewOf = (known: Article): ArticleView => ({ nameZh: known.nameZh, nameEn: known.nameEn, grams: known.grams, litres: litresOf(known), flags: known.flags });

/** Figures to plan with: folded streams, so nothing that was appended before is missing. `today`: the business date, for prices of lanes. */
export const snapshotOf = async (store: EventStore, skus: readonly string[], today?: string): Promise<Snapshot> => {
  const named = skus.filter(isSku);
  const ids = (await store.folded(register, [WAREHOUSES])).get(WAREHOUSES)?.state ?? [];
  const pairs = ids.flatMap((site) => named.map((one) => ({ site, sku: one, id: stockId(site, one) })));
  const [sites, articles, levels, set, table, learned] = await Promise.all([
    store.folded(warehouse, ids),
    store.folded(article, named),
    store.folded(stock, pairs.map(({ id }) => id)),
    store.folded(rules, [RULES]),
    store.folded(lanes, [LANES]),
    store.folded(model, [MODEL]),
  ]);
  const free: Record<string, Record<string, number>> = {};
  const safety: Record<string, Record<string, Safety>> = {};
  for (const { site, sku, id } of pairs) {
    const { state } = levels.get(id)!;
    (free[site] ??= {})[sku] = freeOf(state);
    if (state.safety > 0) (safety[site] ??= {})[sku] = { safety: state.safety, safetyFrom: state.safetyFrom };
  }
  return {
    warehouses: [...sites.values()].flatMap(({ state }) => state ?? []).map(siteOf),
    free,
    ...(Object.keys(safety).length > 0 ? { safety } : {}),
    articles: Object.fromEntries(
      skus.map((one) => {
        const known = articles.get(one)?.state;
        return [one, known ? viewOf(known) : null];
      }),
    ),
    rules: set.get(RULES)!.state.active,
    lanes: table.get(LANES)!.state,
    model: learned.get(MODEL)!.state,
    ...(today === undefined ? {} : { today }),
  };
};
