import { Refused } from '@flotilla/decider';
import { digits } from '../exact-json.js';
import { Fields } from '../fields.js';
import type { ChannelApi, Listed, ListedItem, LevelsSet, StockPort } from '../platform.js';
import { callWoo, WooFailed, type WooAnswer } from './api.js';
import { titleOf } from './title.js';

// A product of several variations has its own list of them.
const pageSize = 20;
const mostVariations = 100;
const batch = 100;

/** WooCommerce has one stock per shop. */
const place = 'shop';

/**
 * Products and stock by the REST API v3. An item is a product, `<id>`, or one of its variations, `<product>/<id>`. Pages are read from the last to the first: of products that are
 * taken off meanwhile the others move up, into pages that are still to be read.
 */
export const stock: StockPort = {
  batch,
  list: async (api, { from }): Promise<Listed> => {
    try {
      const page = from === '' ? pagesOf(await get(api, `products?${productsPage(1)}`)) : Number(from);
      if (page === 0) return { outcome: 'page', items: [], next: '', location: place };
      const items: ListedItem[] = [];
      for (const product of objects(await get(api, `products?${productsPage(page)}`))) items.push(...(product.text('type') === 'variable' ? await variationsOf(api, product) : [toItem(product)]));
      return { outcome: 'page', items: items.filter(({ item }) => item !== ''), next: page === 1 ? '' : String(page - 1), location: place };
    } catch (error) {
      return later(error);
    }
  },
  set: async (api, { levels }): Promise<LevelsSet> => {
    const refused = new Map<string, string>();
    const changed: string[] = [];
    let unsure = false;
    try {
      for (const [parent, wanted] of Map.groupBy(levels, ({ item }) => (item.includes('/') ? item.split('/')[0]! : ''))) {
        const list = parent === '' ? 'products' : `products/${parent}/variations`;
        const shown = await shownOf(api, list, wanted.map(({ item }) => idOf(item)));
        const owed = wanted.filter(({ item, level }) => {
          const found = shown.get(idOf(item));
          if (found?.tracked !== true) refused.set(item, found === undefined ? 'the shop has no such item' : 'the shop does not count it: switch "Manage stock" on');
          return found?.tracked === true && found.shown !== level;
        });
        if (owed.length === 0) continue;
        // From here on an answer that is lost leaves open whether it was done.
        unsure = true;
        const answer = read(await callWoo(api, 'POST', `${list}/batch`, { update: owed.map(({ item, level }) => ({ id: digits(idOf(item)), stock_quantity: level })) }));
        const done = new Map((Fields.of(answer)?.list('update') ?? []).map((one) => [one.id('id'), one]));
        unsure = false;
        for (const { item, level } of owed) {
          const one = done.get(idOf(item));
          const error = one?.object('error');
          if (one === undefined || error !== undefined) refused.set(item, error === undefined ? 'the shop did not answer for it' : `${error.text('code')}: ${error.text('message')}`.slice(0, 200));
          // Another plugin has its own idea of it.
          else if (one.text('stock_quantity') !== String(level)) refused.set(item, `the shop shows ${one.text('stock_quantity').slice(0, 20) || 'nothing'} of it after it was set to ${level}`);
          else changed.push(item);
        }
      }
      return { outcome: 'set', changed, refused };
    } catch (error) {
      return { ...later(error), unsure };
    }
  },
};

const productsPage = (page: number): string => new URLSearchParams({ orderby: 'id', order: 'asc', per_page: String(pageSize), page: String(page) }).toString();

const idOf = (item: string): string => {
  const id = item.split('/').at(-1)!;
  if (!/^\d{1,20}$/.test(id)) throw new WooFailed('people', 'an item has no id of WooCommerce’s');
  return id;
};

const later = (error: unknown): { readonly outcome: 'retry'; readonly afterMs: number; readonly why: string } => {
  if (error instanceof WooFailed) return { outcome: 'retry', afterMs: error.kind === 'people' ? 60_000 : error.afterMs, why: error.why };
  // A field of the shop's that cannot be read.
  if (error instanceof Refused) return { outcome: 'retry', afterMs: 60_000, why: error.message };
  throw error;
};

const read = ({ status, body, text }: WooAnswer): unknown => {
  if (status !== 200 && status !== 201) throw new WooFailed('later', `answered ${status}: ${text}`, 60_000);
  return body;
};

const get = async (api: ChannelApi, path: string): Promise<WooAnswer> => {
  const answer = await callWoo(api, 'GET', path);
  // A page that is gone since it was counted: what was on it has moved up.
  if (answer.status === 400 && Fields.of(answer.body)?.raw('code') === 'rest_post_invalid_page_number') return { ...answer, status: 200, body: [] };
  if (!Array.isArray(read(answer))) throw new WooFailed('later', 'the answer is no list');
  return answer;
};

const pagesOf = ({ headers }: WooAnswer): number => {
  const pages = Number(headers.get('x-wp-totalpages') ?? Number.NaN);
  if (!Number.isSafeInteger(pages) || pages < 0) throw new WooFailed('later', 'X-WP-TotalPages is no number');
  return pages;
};

const objects = ({ body }: WooAnswer): readonly Fields[] => (body as readonly unknown[]).flatMap((one) => Fields.of(one) ?? []);

const variationsOf = async (api: ChannelApi, product: Fields): Promise<readonly ListedItem[]> => {
  const found: ListedItem[] = [];
  for (let page = 1; ; page += 1) {
    const variations = objects(await get(api, `products/${product.id('id')}/variations?${new URLSearchParams({ orderby: 'id', order: 'asc', per_page: String(mostVariations), page: String(page) }).toString()}`));
    found.push(...variations.map((variation) => toItem(variation, product)));
    if (variations.length < mostVariations) return found;
  }
};

// WooCommerce names a variation by its options if there are one or two, of which, if two, each is called by a single word; else as its product alone.
const optionsNamed = (attributes: readonly Fields[]): readonly string[] => {
  const named = attributes.length < 2 || (attributes.length === 2 && attributes.every((one) => !/[\s-]/.test(one.legible('slug') || one.legible('name'))));
  return named ? attributes.map((one) => one.legible('option')).filter((option) => option !== '') : [];
};

const toItem = (of: Fields, product?: Fields): ListedItem => {
  const id = of.id('id');
  const options = product === undefined ? [] : optionsNamed(of.list('attributes'));
  return {
    item: id === '' || product?.id('id') === '' ? '' : product === undefined ? id : `${product.id('id')}/${id}`, sku: of.legible('sku'), title: titleOf((product ?? of).legible('name'), options).slice(0, 500).toWellFormed(),
    barcode: of.legible('global_unique_id').slice(0, 100).toWellFormed(), product: (product ?? of).id('id'), variant: product === undefined ? '' : id, itemId: id, tracked: of.flag('manage_stock') === true, shown: quantityOf(of) ?? null,
  };
};

const shownOf = async (api: ChannelApi, list: string, ids: readonly string[]): Promise<ReadonlyMap<string, { readonly tracked: boolean; readonly shown: number | undefined }>> => {
  const listed = objects(await get(api, `${list}?${new URLSearchParams({ include: ids.join(','), per_page: String(batch) }).toString()}`));
  // A variation may have its parent's stock (`manage_stock: "parent"`): that is not its own to set.
  return new Map(listed.map((one) => [one.id('id'), { tracked: one.flag('manage_stock') === true, shown: quantityOf(one) }]));
};

// Below 0 where a shop takes backorders.
const quantityOf = (of: Fields): number | undefined => {
  const text = of.legible('stock_quantity');
  return /^-?\d{1,10}$/.test(text) ? Number(text) : undefined;
};
