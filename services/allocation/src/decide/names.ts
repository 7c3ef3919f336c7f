import { Refused } from '@flotilla/decider';
import type { common } from '@flotilla/contracts';

/** A SKU as it may stand in a stream's name: printable ASCII, at most 100 characters. Others are unknown SKUs. */
export const isSku = (text: string): boolean => /^[\x20-\x7e]{1,100}$/.test(text) && text.trim() === text;

/** A warehouse id: letters, digits, "_" and "-"; no ".", which parts it from the SKU. */
export const isWarehouse = (text: string): boolean => /^[A-Za-z0-9_-]{1,32}$/.test(text);

/** The id of the stream of a warehouse's stock of one SKU. */
export const stockId = (warehouse: string, sku: string): string => `${warehouse}.${sku}`;

/** Demand per SKU, sorted by SKU: two lines of one SKU are one demand, so that they cannot both pass against the same figure. */
export const summed = (lines: readonly common.SkuQuantity[]): readonly common.SkuQuantity[] => {
  const sums = new Map<string, number>();
  for (const { sku, quantity } of lines) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return [...sums].map(([sku, quantity]) => ({ sku, quantity })).toSorted((a, b) => (a.sku < b.sku ? -1 : 1));
};

/** Units of lines. */
export const units = (lines: readonly common.SkuQuantity[]): number => lines.reduce((sum, { quantity }) => sum + quantity, 0);

/** A quantity that can be counted: a whole number from 0. */
export const quantity = (value: number, what: string): number => {
  if (!Number.isSafeInteger(value) || value < 0) throw new Refused('BAD_QUANTITY', `${what} is ${value}, not a whole number from 0`);
  return value;
};
