import type { ingest } from '@flotilla/contracts';
import { namespace, uuidv5 } from '@flotilla/values';

export interface Shown {
  /** undefined: the channel is not to be told anything of this SKU. */
  readonly level: number | undefined;
  /** How it comes about. */
  readonly why: string;
}

/** What a channel shows of a SKU of which so many are available over its warehouses: buffer, share, cap, in this order. */
export const shownOf = (rules: ingest.StockRules, { sku, available, frozen }: { readonly sku: string; readonly available: number; readonly frozen: boolean }): Shown => {
  if (rules.paused) return { level: undefined, why: 'paused' };
  if (rules.leftOut.includes(sku)) return { level: undefined, why: 'left out' };
  if (frozen) return { level: 0, why: 'frozen' };
  const own = rules.skus.find((one) => one.sku === sku);
  const { buffer, sharePercent, cap } = own ?? rules;
  const share = sharePercent || 100;
  const rest = Math.max(0, available - buffer);
  const part = Math.floor((rest * share) / 100);
  const level = cap > 0 ? Math.min(cap, part) : part;
  const steps = [`${available} available`, ...(buffer > 0 ? [`${buffer} kept back`] : []), ...(share < 100 ? [`${share} % of ${rest}`] : []), ...(cap > 0 && part > cap ? [`at most ${cap}`] : [])];
  return { level, why: `${steps.join(', ')}${own ? ', by the rule for this SKU' : ''}` };
};

/** One of the SKUs that an item is made of, and so many of it. */
export interface SuppliedPart {
  readonly sku: string;
  readonly quantity: number;
  readonly available: number;
  readonly frozen: boolean;
}

/** What a channel shows of an item: of a bundle as many as its scarcest part is enough for, each part by the rules for its own SKU. */
export const levelOf = (rules: ingest.StockRules, parts: readonly SuppliedPart[]): Shown => {
  const [only] = parts;
  if (only !== undefined && parts.length === 1 && only.quantity === 1) return shownOf(rules, only);
  let scarcest: Shown | undefined;
  for (const { quantity, ...part } of parts) {
    const { level, why } = shownOf(rules, part);
    if (level === undefined) return { level, why: why === 'left out' ? `${part.sku} is left out` : why };
    const units = Math.floor(level / quantity);
    if (scarcest?.level === undefined || units < scarcest.level) scarcest = { level: units, why: `${quantity} of ${part.sku} each: ${why}` };
  }
  return scarcest ?? { level: undefined, why: 'no parts' };
};

const longestKey = 200;

/**
 * Under what the stock of an item is kept: its SKU, or what its bundle is made of, "2 x CUP + 1 x TEA". Whoever has the same parts has the same stock. No SKU has spaces, so that none can be taken for a bundle.
 */
export const stockKeyOf = (parts: readonly ingest.SkuPart[]): string => {
  const [only] = parts;
  if (only !== undefined && parts.length === 1 && only.quantity === 1) return only.sku;
  const text = parts.map(({ sku, quantity }) => `${quantity} x ${sku}`).toSorted().join(' + ');
  // An entry of an index has room for 2,700 bytes.
  return text.length <= longestKey ? text : `bundle of ${parts.length} SKUs ${uuidv5(namespace, text)}`;
};
