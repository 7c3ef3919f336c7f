import type { ingest } from '@flotilla/contracts';
import type { Transaction } from '@flotilla/event-store';
import { isOurSku, itemNamesOf } from '../decide/sku-lines.js';
import { stockKeyOf } from '../decide/stock-level.js';

/** Of an item `i`: allocation knows its SKU, or every SKU of its bundle. */
export const isSupplied = `(EXISTS (SELECT FROM read.supply s WHERE s.sku = i.sku) OR (EXISTS (SELECT FROM read.stock_bundle b WHERE b.key = i.sku)
  AND NOT EXISTS (SELECT FROM read.stock_bundle b WHERE b.key = i.sku AND NOT EXISTS (SELECT FROM read.supply s WHERE s.sku = b.sku))))`;

interface Listed {
  readonly sku: string;
  readonly itemId?: string;
  readonly barcode: string;
  readonly title: string;
}

/** A listed item with the names that the SKU map may know it by, and under what its stock is kept: by the map, else by the channel's own SKU. */
export interface Mapped {
  readonly names: readonly string[];
  /** As `sku` of the read models; "" if nothing of ours is known. */
  readonly key: string;
  readonly parts: readonly ingest.SkuPart[];
}

/** In the order of the items. */
export const mappedOf = async (from: Pick<Transaction, 'query'>, channel: string, items: readonly Listed[]): Promise<readonly Mapped[]> => {
  const names = items.map(({ sku, itemId = '', barcode, title }) => itemNamesOf({ channelSku: sku, itemId, barcode, title }));
  return keysOf(from, channel, items.map(({ sku }, at) => ({ names: names[at]!, sku })));
};

/** The same of items whose names are known. */
export const keysOf = async (from: Pick<Transaction, 'query'>, channel: string, items: readonly { readonly names: readonly string[]; readonly sku: string }[]): Promise<readonly Mapped[]> => {
  const all = [...new Set(items.flatMap(({ names }) => names))];
  const { rows } = all.length === 0 ? { rows: [] } : await from.query<{ name: string; parts: readonly ingest.SkuPart[] }>("SELECT by || ':' || key AS name, parts FROM read.sku_item WHERE channel = $1 AND (by, key) IN (SELECT split_part(n, ':', 1), substr(n, strpos(n, ':') + 1) FROM unnest($2::text[]) n) AND parts <> '[]'", [channel, all]);
  const mapped = new Map(rows.map(({ name, parts }) => [name, parts]));
  return items.map(({ names, sku }) => {
    // A SKU of the channel's that cannot be ours must not be taken for the key of a bundle: "2 x CUP".
    const parts = names.map((name) => mapped.get(name)).find((found) => found !== undefined) ?? (isOurSku(sku) ? [{ sku, quantity: 1 }] : []);
    return { names, parts, key: parts.length === 0 ? '' : stockKeyOf(parts) };
  });
};
