import { exponent, namespace, uuidv5, type AddressFlag } from '@flotilla/values';
import type { common, ingest, order } from '@flotilla/contracts';
import { unitsIn } from './shares.js';

/** Rules of the merchant, as data. */
export interface Rules {
  /** From this total on (major units, whatever the currency) a person approves. */
  readonly riskLimit: number;
  /** How long an unpaid order waits for its payment, business time. */
  readonly paymentMinutes: number;
  /** What of an address a person looks at: these flags, and less confidence than this, in percent. Absent: what is missing alone. */
  readonly address?: { readonly flags: readonly AddressFlag[]; readonly confidence: number };
  /** How far what was paid may be from the total (major units, whatever the currency); none: not at all. */
  readonly amountTolerance?: number;
  /** Whether what is to be sent before it is paid waits for a person. */
  readonly auditUnpaid?: boolean;
}

/** A line of an order; only those that need a parcel are in its fulfilment. */
export interface Line extends order.OrderLine {
  readonly ships: boolean;
}

/** Whether two pieces of plain JSON say the same, in whatever order their names stand. */
export const same = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a, b] as readonly Readonly<Record<string, unknown>>[];
  const names = Object.keys(left!);
  return names.length === Object.keys(right!).length && names.every((name) => Object.hasOwn(right!, name) && same(left![name], right![name]));
};

/** Tells two contents of one date apart. */
export const markOf = (content: ingest.ChannelOrder): string => uuidv5(namespace, JSON.stringify(content));

export const paid = (state: ingest.PaymentState): boolean =>
  state === 'PAYMENT_STATE_PAID' || state === 'PAYMENT_STATE_AUTHORIZED' || state === 'PAYMENT_STATE_PARTIALLY_REFUNDED';

/** To be sent before it is paid: cash on delivery, an invoice, a card that is charged when the goods leave. */
export const promised = (state: ingest.PaymentState): boolean => state === 'PAYMENT_STATE_AUTHORIZED';

/** An order that arrives so will never be shipped. */
export const dead = (state: ingest.PaymentState): boolean => state === 'PAYMENT_STATE_REFUNDED' || state === 'PAYMENT_STATE_VOIDED';

/** Sealed fields count as given if there is something sealed in them. */
export const complete = ({ country, city, street, name }: common.Address): boolean => [country, city, street, name].every((part) => part !== '');

const needed = { country: '国家', city: '城市', street: '街道', name: '收件人' } as const;

export const missingParts = (address: common.Address, language: 'zh' | 'en'): string => {
  const parts = (Object.keys(needed) as (keyof typeof needed)[]).filter((part) => address[part] === '');
  return language === 'zh' ? parts.map((part) => needed[part]).join('、') : parts.join(', ');
};

export const risky = (total: common.Money, rules: Rules): boolean => total.amount >= rules.riskLimit * 10 ** exponent(total.currency);

/** What was paid is not what it costs. */
export const mispaid = (paidAmount: common.Money, total: common.Money, { amountTolerance = 0 }: Rules): boolean =>
  paidAmount.currency !== total.currency || Math.abs(paidAmount.amount - total.amount) > Math.round(amountTolerance * 10 ** exponent(total.currency));

/** What the platform says was paid, where it says so of an order that is paid and from which nothing was paid back. */
export const amountPaidOf = ({ payment, amountPaid }: ingest.ChannelOrder): common.Money | undefined => (payment === 'PAYMENT_STATE_PAID' && amountPaid.currency !== '' ? amountPaid : undefined);

const pickup = /自提|到店(?:取|提)|门店(?:取|提)货|click\s*(?:&|and|n|\+)\s*collect|(?:local|store|in.?store|curb.?side|customer|self)[\s_-]*(?:pick|collect)|pick.?up|collect(?:ion)?\s+(?:in|at|from)\b|\bbopis\b/i;
/** What a carrier fetches from the merchant, or the buyer from a parcel shop: neither is our store. */
const carriersPickup = /上门(?:取|揽)|快递柜|驿站|parcel.?(?:shop|locker|point)|(?:relay|service|access|drop).?point|pick.?up.?(?:&|and).?(?:delivery|ship)/i;
const sameCity = /同城|闪送|即时配送|跑腿|小时达|当日达|same[\s_-]?(?:day|city)|local[\s_-]?(?:delivery|courier)/i;
const express = /express|next.?day|overnight|特快|次日|即日|加急/i;

/** The service that the platform's shipping method asks for, in Chinese or English; what nobody knows is STANDARD. */
export const serviceOf = (shippingMethod: string): string => {
  const method = shippingMethod.normalize('NFKC');
  if (pickup.test(method) && !carriersPickup.test(method)) return 'PICKUP';
  if (sameCity.test(method)) return 'SAME_CITY';
  return express.test(method) ? 'EXPRESS' : 'STANDARD';
};

/** The store in the name of a pickup method, as the shop calls it: "门店自提：南山店", "Local pickup - Soho", "Click & Collect (Soho)"; "" if none is named. */
export const pickupLocationOf = (shippingMethod: string): string => {
  const method = shippingMethod.normalize('NFKC');
  if (serviceOf(method) !== 'PICKUP') return '';
  const bracketed = /\(([^()]+)\)\s*$/.exec(method)?.[1];
  const behind = /(?::|\s[-–—|@]\s|\b(?:at|from)\s)\s*(.+)$/i.exec(method)?.[1];
  return (bracketed ?? behind ?? '').trim().slice(0, 100);
};

export const priorityOf = (content: ingest.ChannelOrder): number =>
  content.tags.some((tag) => tag.toLowerCase() === 'vip') ? 10 : serviceOf(content.shippingMethod) === 'EXPRESS' ? 5 : 0;

/** When an unpaid order gives up: `minutes` after it was placed; after it was heard of, if the platform's date is long past or yet to come. */
export const paymentDue = (placedAt: string, at: string, minutes: number): string => {
  const now = Date.parse(at);
  const placed = Date.parse(placedAt);
  const from = placed <= now && placed > now - minutes * 60_000 ? placed : now;
  return new Date(from + minutes * 60_000).toISOString();
};

/** The lines as the content has them: net of every refund that was told before it. */
export const linesOf = (content: ingest.ChannelOrder): readonly Line[] =>
  content.lines.map((line) => ({
    lineId: line.lineId,
    channelLineId: line.channelLineId,
    sku: line.sku,
    title: line.title,
    quantity: line.quantity,
    unitPrice: line.unitPrice,
    total: line.total,
    ships: line.requiresShipping,
  }));

/** Takes refunded units out. Never below zero: a platform may refund what an edit had removed. */
export const without = (lines: readonly Line[], taken: readonly common.ShareLine[]): readonly Line[] =>
  lines.map((line) => {
    const units = unitsIn(taken.filter(({ lineId }) => lineId === line.lineId));
    return units === 0 ? line : { ...line, quantity: Math.max(0, line.quantity - units) };
  });

export const unmatched = (lines: readonly Line[]): readonly Line[] => lines.filter((line) => line.ships && line.quantity > 0 && line.sku === '');

/** Lines that a person has let go have no units as long as they have no SKU; the platform repeats them with every update. */
export const withoutUnmatched = (lines: readonly Line[], letGo: readonly string[]): readonly Line[] =>
  lines.map((line) => (line.sku === '' && letGo.includes(line.lineId) ? { ...line, quantity: 0 } : line));

/** As OrderPlaced and OrderAmended carry them. */
export const bare = ({ lineId, channelLineId, sku, title, quantity, unitPrice, total }: Line): order.OrderLine => ({ lineId, channelLineId, sku, title, quantity, unitPrice, total });
