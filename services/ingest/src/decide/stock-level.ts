import type { ingest } from '@flotilla/contracts';

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
