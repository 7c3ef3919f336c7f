/** An order as the world knows it. Amounts are in minor units of `currency`; instants are milliseconds. */
export interface WorldOrder {
  channel: string;
  id: string;
  number: number;
  customerId: string;
  createdAt: number;
  updatedAt: number;
  paidAt: number | null;
  cancelledAt: number | null;
  cancelReason: string | null;
  currency: string;
  /** What the buyer sees, where it is another currency; one unit of `currency` is `rate` of it. */
  presentment: { currency: string; rate: number } | null;
  locale: string;
  offsetMinutes: number;
  email: string | null;
  phone: string | null;
  shipTo: WorldAddress | null;
  billing: WorldAddress | null;
  lines: WorldLine[];
  shippingLines: WorldShipping[];
  code: { code: string; type: 'fixed_amount' | 'percentage' | 'shipping'; value: string } | null;
  taxesIncluded: boolean;
  taxTitle: string;
  taxRate: number;
  note: string | null;
  attributes: { name: string; value: string }[];
  tags: string;
  refunds: WorldRefund[];
  hand: { pretty: boolean; escapedSlashes: boolean };
}

export interface WorldAddress {
  name: string;
  firstName: string;
  lastName: string;
  company: string | null;
  phone: string | null;
  country: string;
  countryName: string;
  province: string | null;
  provinceCode: string | null;
  city: string;
  /** As a connector says it; Shopify has no field for it, there it stands in the street. */
  district: string;
  postcode: string;
  street: string;
  street2: string | null;
}

export interface WorldLine {
  id: string;
  productId: string;
  sku: string;
  title: string;
  variant: string | null;
  quantity: number;
  currentQuantity: number;
  price: number;
  discount: number;
  tax: number;
  grams: number;
  properties: { name: string; value: string }[];
}

export interface WorldShipping {
  id: string;
  title: string;
  code: string;
  price: number;
  discount: number;
  tax: number;
}

export interface WorldRefund {
  id: string;
  at: number;
  amount: number;
  note: string;
  lines: { id: string; lineId: string; quantity: number; subtotal: number; tax: number }[];
}

export interface Totals {
  items: number;
  discount: number;
  subtotal: number;
  shipping: number;
  tax: number;
  total: number;
  refunded: number;
}

/** The sums of an order; `total` is what the buyer was charged. */
export function totalsOf(order: WorldOrder): Totals {
  const sum = <T>(of: readonly T[], amount: (item: T) => number): number => of.reduce((total, item) => total + amount(item), 0);
  const items = sum(order.lines, (line) => line.price * line.quantity);
  const ofLines = sum(order.lines, (line) => line.discount);
  const ofShipping = sum(order.shippingLines, (line) => line.discount);
  const shipping = sum(order.shippingLines, (line) => line.price);
  const tax = sum(order.lines, (line) => line.tax) + sum(order.shippingLines, (line) => line.tax);
  const total = items - ofLines + shipping - ofShipping + (order.taxesIncluded ? 0 : tax);
  return { items, discount: ofLines + ofShipping, subtotal: items - ofLines, shipping, tax, total, refunded: sum(order.refunds, (refund) => refund.amount) };
}

/** `paid`, `pending`, … as Shopify names it. */
export function financialStatus(order: WorldOrder): string {
  const { total, refunded } = totalsOf(order);
  if (order.paidAt === null) return order.cancelledAt === null ? 'pending' : 'voided';
  if (refunded === 0) return 'paid';
  return refunded >= total ? 'refunded' : 'partially_refunded';
}

const EXPONENTS: Record<string, number> = { JPY: 0 };

/** Decimals of a currency, as far as this world uses them. */
export const exponentOf = (currency: string): number => EXPONENTS[currency] ?? 2;

/** @example decimal(1999, 'USD') // '19.99' */
export function decimal(amount: number, currency: string): string {
  const exponent = exponentOf(currency);
  if (exponent === 0) return String(amount);
  const digits = String(Math.abs(amount)).padStart(exponent + 1, '0');
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** Divides an amount by weights to the last minor unit (largest remainder). */
export function divide(amount: number, weights: readonly number[]): number[] {
  const whole = weights.reduce((total, weight) => total + weight, 0);
  if (whole === 0) return weights.map(() => 0);
  const shares = weights.map((weight, index) => ({ index, share: Math.floor((amount * weight) / whole), rest: (amount * weight) % whole }));
  let left = amount - shares.reduce((total, { share }) => total + share, 0);
  for (const part of [...shares].sort((a, b) => b.rest - a.rest || a.index - b.index)) {
    if (left <= 0) break;
    part.share += 1;
    left -= 1;
  }
  return shares.map(({ share }) => share);
}
