import type { ingest } from '@flotilla/contracts';
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import { isOurSku } from './sku-lines.js';
import type { ItemName, SkuItemEvent } from './sku-map.events.js';

const mostParts = 50;
const mostUnits = 10_000;

export type SkuItemCommand =
  | { readonly type: 'MapItem'; readonly data: ItemName & { readonly parts: readonly ingest.SkuPart[]; readonly at: string; readonly who: string } }
  | { readonly type: 'UnmapItem'; readonly data: ItemName & { readonly at: string; readonly who: string } };

/** No parts: not mapped. */
export interface SkuItem {
  readonly parts: readonly ingest.SkuPart[];
  readonly version: number;
}

const evolve = (_state: SkuItem, { type, data }: SkuItemEvent): SkuItem => ({ parts: type === 'ItemMapped' ? data.parts : [], version: data.version });

const map = ({ data }: Of<SkuItemCommand, 'MapItem'>, state: SkuItem): readonly SkuItemEvent[] => {
  const parts = checkedParts(data.parts);
  return JSON.stringify(parts) === JSON.stringify(state.parts) ? [] : [{ type: 'ItemMapped', data: { ...data, parts, version: state.version + 1 } }];
};

const unmap = ({ data }: Of<SkuItemCommand, 'UnmapItem'>, state: SkuItem): readonly SkuItemEvent[] => (state.parts.length === 0 ? [] : [{ type: 'ItemUnmapped', data: { ...data, version: state.version + 1 } }]);

/** Refused with the place of the first that is wrong. */
export const checkedParts = (parts: readonly ingest.SkuPart[]): readonly ingest.SkuPart[] => {
  if (parts.length === 0 || parts.length > mostParts) throw new Refused('BAD_REQUEST', `an item has 1 to ${mostParts} parts`);
  parts.forEach(({ sku, quantity }, index) => {
    if (!isOurSku(sku)) throw new Refused('UNKNOWN_SKU', `parts[${index}].sku is no SKU: 1 to 100 characters of printable ASCII without spaces`);
    if (!Number.isSafeInteger(quantity) || quantity < 1 || quantity > mostUnits) throw new Refused('BAD_QUANTITY', `parts[${index}].quantity is no whole number from 1 to ${mostUnits}`);
  });
  if (new Set(parts.map(({ sku }) => sku)).size < parts.length) throw new Refused('BAD_REQUEST', 'parts name a SKU twice; add its quantities up');
  return parts.map(({ sku, quantity }) => ({ sku, quantity }));
};

const decide = (command: SkuItemCommand, state: SkuItem): readonly SkuItemEvent[] => {
  switch (command.type) {
    case 'MapItem':
      return map(command, state);
    case 'UnmapItem':
      return unmap(command, state);
    default:
      return unreachable(command);
  }
};

/** What one item of a channel is in our SKUs. */
export const skuItem: Decider<SkuItem, SkuItemCommand, SkuItemEvent> = { category: 'skuItem', initial: { parts: [], version: 0 }, evolve, decide };
