import type { allocation, common } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { split } from '@flotilla/values';

type Shares = readonly common.OrderShare[];

const keyOf = ({ orderId }: common.OrderShare, { lineId }: common.ShareLine): string => `${orderId}/${lineId}`;

/** Units of lines. */
export const unitsIn = (lines: readonly { readonly quantity: number }[]): number => lines.reduce((sum, { quantity }) => sum + quantity, 0);

/** Units by order and line. */
export const unitsOf = (shares: Shares): ReadonlyMap<string, number> => {
  const units = new Map<string, number>();
  for (const share of shares) for (const line of share.lines) units.set(keyOf(share, line), (units.get(keyOf(share, line)) ?? 0) + line.quantity);
  return units;
};

/** These shares with other quantities; lines and orders of which nothing is left do not stand in it. */
const requantified = (shares: Shares, quantityOf: (share: common.OrderShare, line: common.ShareLine) => number): Shares =>
  shares
    .map((share) => ({ ...share, lines: share.lines.map((line) => ({ ...line, quantity: quantityOf(share, line) })).filter(({ quantity }) => quantity > 0) }))
    .filter(({ lines }) => lines.length > 0);

/** Shares of the same lines as one, so that each line stands in it once. */
export const together = (shares: Shares): Shares => {
  const orders = new Map<string, common.OrderShare>();
  for (const share of shares) {
    const known = orders.get(share.orderId);
    const lines = new Map((known?.lines ?? []).map((line) => [line.lineId, line]));
    for (const line of share.lines) lines.set(line.lineId, { ...line, quantity: line.quantity + (lines.get(line.lineId)?.quantity ?? 0) });
    orders.set(share.orderId, { ...(known ?? share), lines: [...lines.values()] });
  }
  return [...orders.values()];
};

/** These lines of an order with the units that each has here; those of which there are none do not stand in it. */
export const withUnits = (shares: Shares, units: ReadonlyMap<string, number>): Shares => requantified(shares, (share, line) => units.get(keyOf(share, line)) ?? 0);

/** What is left of shares once these have been taken off. Never below zero: more may have been shipped than is wanted now. */
export const minus = (shares: Shares, taken: readonly Shares[]): Shares => {
  const gone = unitsOf(taken.flat());
  return requantified(shares, (share, line) => Math.max(0, line.quantity - (gone.get(keyOf(share, line)) ?? 0)));
};

export const perSku = (shares: Shares): readonly common.SkuQuantity[] => {
  const sums = new Map<string, number>();
  for (const { sku, quantity } of shares.flatMap(({ lines }) => lines)) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return [...sums].map(([sku, quantity]) => ({ sku, quantity })).sort((a, b) => (a.sku < b.sku ? -1 : 1));
};

/**
 * Deals what was asked for to the parts of an allocation: each takes what it needs of a SKU from the lines in their order,
 * so that the shares add up to what was asked. Refused CONTRACT_VIOLATED if the parts are not exactly that.
 */
export const dealt = (asked: Shares, parts: readonly (readonly common.SkuQuantity[])[]): readonly Shares[] => {
  const shares: Shares[] = [];
  for (const lines of parts) {
    const wanted = new Map<string, number>();
    for (const { sku, quantity } of lines) wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
    const share = requantified(minus(asked, shares), (_share, { sku, quantity }) => {
      const units = Math.min(quantity, wanted.get(sku) ?? 0);
      wanted.set(sku, (wanted.get(sku) ?? 0) - units);
      return units;
    });
    if ([...wanted.values()].some((units) => units > 0)) throw new Refused('CONTRACT_VIOLATED', 'the parts of the allocation are more than was asked for');
    shares.push(share);
  }
  if (minus(asked, shares).length > 0) throw new Refused('CONTRACT_VIOLATED', 'the parts of the allocation are less than was asked for');
  return shares;
};

/** The items of one part, with names and weights from the whole allocation. */
export const itemsOf = (lines: readonly common.SkuQuantity[], items: readonly allocation.AllocatedItem[]): readonly allocation.AllocatedItem[] =>
  lines.map(({ sku, quantity }) => {
    const { name = sku, grams = 0 } = items.find((item) => item.sku === sku) ?? {};
    return { sku, name, quantity, grams };
  });

/** Splits an amount over shares by what their units cost, to the minor unit; by units where nothing has a price. `prices`: total of each line. */
export const valuesOf = (amount: number, shares: readonly Shares[], prices: Readonly<Record<string, number>>): readonly number[] => {
  const units = shares.map(unitsOf);
  const weights = shares.map(() => 0);
  for (const key of new Set(units.flatMap((of) => [...of.keys()]))) {
    const price = Math.max(0, prices[key.slice(key.indexOf('/') + 1)] ?? 0);
    split(price, units.map((of) => of.get(key) ?? 0)).forEach((part, n) => (weights[n]! += part));
  }
  const priced = weights.some((weight) => weight > 0);
  return split(amount, priced ? weights : units.map((of) => [...of.values()].reduce((sum, quantity) => sum + quantity, 0)));
};
