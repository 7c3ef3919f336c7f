import { Fields } from '../fields.js';
import type { ChannelApi, Listed, ListedItem, LevelsSet, StockPort } from '../platform.js';
import { ask, NotNow } from './admin-graphql.js';
import { titleOf } from './title.js';

const pageSize = 100;
const batch = 100;
// A sale between reading and setting: read again, and set again.
const rounds = 4;

const locations = 'query Locations { locations(first: 50) { nodes { id isActive fulfillsOnlineOrders } } }';

const variants = `query Variants($first: Int!, $after: String, $location: ID!) {
  productVariants(first: $first, after: $after, sortKey: ID) {
    nodes { id sku title barcode product { id title } inventoryItem { id tracked inventoryLevel(locationId: $location) { quantities(names: ["available"]) { name quantity } } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

const shown = `query Shown($ids: [ID!]!, $location: ID!) {
  nodes(ids: $ids) { id ... on InventoryItem { inventoryLevel(locationId: $location) { quantities(names: ["available"]) { name quantity } } } }
}`;

const setting = `mutation SetLevels($input: InventorySetQuantitiesInput!) {
  inventorySetQuantities(input: $input) { inventoryAdjustmentGroup { createdAt changes { delta } } userErrors { code field message } }
}`;

/** Products and stock by Shopify's GraphQL Admin API (2025-10). */
export const stock: StockPort = {
  batch,
  list: async (api, { from, location }): Promise<Listed> => {
    try {
      const place = location === '' ? await onlinePlace(api) : gid('Location', location);
      const page = (await ask(api, variants, { first: pageSize, after: from === '' ? null : from, location: place })).object('productVariants');
      const info = page?.object('pageInfo');
      return { outcome: 'page', items: (page?.list('nodes') ?? []).map(toItem).filter(({ item }) => item !== ''), next: info?.flag('hasNextPage') === true ? info.text('endCursor') : '', location: place };
    } catch (error) {
      if (error instanceof NotNow) return { outcome: 'retry', afterMs: error.afterMs, why: error.why };
      throw error;
    }
  },
  set: async (api, { location, levels, reference }): Promise<LevelsSet> => {
    const refused = new Map<string, string>();
    const changed: string[] = [];
    const place = gid('Location', location);
    let left = levels;
    try {
      for (let round = 1; ; round += 1) {
        const before = await levelsShown(api, place, left.map(({ item }) => item));
        for (const { item } of left) if (!before.has(item)) refused.set(item, 'the channel has no such item at this place');
        left = left.filter(({ item, level }) => before.has(item) && before.get(item) !== level);
        if (left.length === 0) return { outcome: 'set', changed, refused };
        if (round > rounds) return { outcome: 'retry', afterMs: 1_000, why: 'the channel sells faster than its stock can be set', unsure: false };
        const wrong = await setLevels(api, place, left, before, reference);
        if (wrong === undefined) return { outcome: 'set', changed: [...changed, ...left.map(({ item }) => item)], refused };
        // All or nothing: one that is refused keeps the others from being set.
        for (const [item, why] of wrong) refused.set(item, why);
        left = left.filter(({ item }) => !wrong.has(item));
        if (left.length === 0) return { outcome: 'set', changed, refused };
      }
    } catch (error) {
      if (error instanceof NotNow) return { outcome: 'retry', afterMs: error.afterMs, why: error.why, unsure: error.unsure };
      throw error;
    }
  },
};

const gid = (kind: string, id: string): string => (/^\d+$/.test(id) ? `gid://shopify/${kind}/${id}` : id);

/** The first that is active and serves online orders, else the first that is active. */
const onlinePlace = async (api: ChannelApi): Promise<string> => {
  const active = ((await ask(api, locations, {})).object('locations')?.list('nodes') ?? []).filter((place) => place.flag('isActive') !== false);
  const place = (active.find((one) => one.flag('fulfillsOnlineOrders') === true) ?? active[0])?.text('id') ?? '';
  if (place === '') throw new NotNow('the shop has no active location', 600_000, false);
  return place;
};

const toItem = (variant: Fields): ListedItem => {
  const item = variant.object('inventoryItem') ?? Fields.none;
  const product = variant.object('product') ?? Fields.none;
  const id = variant.legible('id');
  return {
    item: item.legible('id'), sku: variant.legible('sku'), title: titleOf(product.legible('title'), variant.legible('title')).slice(0, 500).toWellFormed(),
    barcode: variant.legible('barcode').slice(0, 100).toWellFormed(), product: product.legible('id'), variant: id, itemId: /\d+$/.exec(id)?.[0] ?? '', tracked: item.flag('tracked') === true, shown: available(item) ?? null,
  };
};

// Below 0 where a shop sells what it does not have.
const available = (item: Fields | undefined): number | undefined => {
  const text = item?.object('inventoryLevel')?.list('quantities').find((one) => one.text('name') === 'available')?.text('quantity') ?? '';
  return /^-?\d{1,10}$/.test(text) ? Number(text) : undefined;
};

/** What items show; those that the place does not stock are left out. */
const levelsShown = async (api: ChannelApi, location: string, items: readonly string[]): Promise<ReadonlyMap<string, number>> => {
  const found = new Map<string, number>();
  const nodes = (await ask(api, shown, { ids: items, location })).raw('nodes');
  for (const node of Array.isArray(nodes) ? nodes : []) {
    const item = Fields.of(node);
    const level = available(item);
    if (item !== undefined && level !== undefined) found.set(item.text('id'), level);
  }
  return found;
};

/** Sets all of them, each only if it still shows what was read; else sets none, and answers which were refused for good. */
const setLevels = async (api: ChannelApi, locationId: string, levels: readonly { readonly item: string; readonly level: number }[], before: ReadonlyMap<string, number>, reference: string): Promise<ReadonlyMap<string, string> | undefined> => {
  const quantities = levels.map(({ item, level }) => ({ inventoryItemId: item, locationId, quantity: level, compareQuantity: before.get(item)! }));
  const answer = (await ask(api, setting, { input: { name: 'available', reason: 'correction', referenceDocumentUri: reference, ignoreCompareQuantity: false, quantities } })).object('inventorySetQuantities');
  const errors = answer?.list('userErrors') ?? [];
  if (errors.length === 0) return answer === undefined ? new Map(levels.map(({ item }) => [item, 'the channel did not answer for it'])) : undefined;
  const wrong = new Map<string, string>();
  for (const error of errors) {
    if (error.text('code') === 'COMPARE_QUANTITY_STALE') continue;
    // field: ["input", "quantities", "3", "locationId"]
    const field = error.raw('field');
    const index = Array.isArray(field) ? Number(field[2]) : Number.NaN;
    const why = `${error.text('code')}: ${error.text('message')}`.slice(0, 200);
    for (const { item } of Number.isInteger(index) ? levels.slice(index, index + 1) : levels) wrong.set(item, why);
  }
  return wrong;
};
