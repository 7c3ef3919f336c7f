import type { allocation } from '@flotilla/contracts';

/** How much room articles take, mm³ of one unit; SKUs without measures are not in it. */
export type Sizes = (skus: readonly string[]) => Promise<ReadonlyMap<string, number>>;

const keepMs = 300_000;
const atOnce = 1_000;
const most = 100_000;

/** Sizes from allocation's catalogue, kept for a while, what it does not know as well: measures change by hand, and every parcel asks. */
export const sizesOf = (ask: (skus: string[]) => Promise<allocation.SkuSizesResponse>, now: () => number): Sizes => {
  const known = new Map<string, { readonly cubicMm: number; readonly until: number }>();
  return async (skus) => {
    const wanted = [...new Set(skus)];
    if (known.size > most) known.clear();
    const missing = wanted.filter((sku) => (known.get(sku)?.until ?? 0) <= now());
    for (let from = 0; from < missing.length; from += atOnce) {
      const asked = missing.slice(from, from + atOnce);
      const { sizes } = await ask(asked);
      const until = now() + keepMs;
      for (const sku of asked) known.set(sku, { cubicMm: 0, until });
      for (const { sku, lengthMm, widthMm, heightMm } of sizes) known.set(sku, { cubicMm: lengthMm * widthMm * heightMm, until });
    }
    return new Map(wanted.flatMap((sku): [string, number][] => ((known.get(sku)?.cubicMm ?? 0) > 0 ? [[sku, known.get(sku)!.cubicMm]] : [])));
  };
};
