import type { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { add, ownOf } from '@flotilla/values';
import type { Fields } from '../fields.js';
import type { ClearAttribute, ClearLine, ClearOrder, Facts } from '../platform.js';
import { toAddress } from './address.js';
import { currencyOf, requiredMoney, shopMoney } from './money.js';
import { toRefund } from './refund.js';
import { titleOf } from './title.js';

const payments: Readonly<Record<string, ingest.PaymentState>> = {
  pending: 'PAYMENT_STATE_UNPAID',
  unpaid: 'PAYMENT_STATE_UNPAID',
  authorized: 'PAYMENT_STATE_AUTHORIZED',
  partially_paid: 'PAYMENT_STATE_PARTIALLY_PAID',
  paid: 'PAYMENT_STATE_PAID',
  partially_refunded: 'PAYMENT_STATE_PARTIALLY_REFUNDED',
  refunded: 'PAYMENT_STATE_REFUNDED',
  voided: 'PAYMENT_STATE_VOIDED',
  expired: 'PAYMENT_STATE_VOIDED',
};

const hasBeenPaid = new Set<ingest.PaymentState>(['PAYMENT_STATE_PAID', 'PAYMENT_STATE_PARTIALLY_REFUNDED', 'PAYMENT_STATE_REFUNDED']);

/** The order object of Shopify's REST API and webhooks. Refused with a reason of the registry where it cannot be understood. */
export const toOrder = (order: Fields, topic: string): { readonly order: ClearOrder; readonly facts: Facts } => {
  const currency = currencyOf(order);
  const placedAt = order.instant('created_at') || order.instant('processed_at') || order.instant('updated_at');
  if (placedAt === '') throw new Refused('BAD_INSTANT', `${order.at('created_at')} is missing`);
  const modifiedAt = order.instant('updated_at') || placedAt;
  const refunds = order.list('refunds').map((refund) => toRefund(refund, currency));
  const total = totalOf(order, currency);
  const payment = paymentOf(order, total);
  const amountPaid = payment === 'PAYMENT_STATE_PAID' ? amountPaidOf(order, total, currency) : undefined;
  const refunded = unitsRefunded(order);
  const lines = order.list('line_items').map((line, place) => toLine(line, place, currency, refunded));
  if (lines.length === 0) throw new Refused('NO_LINES', `${order.at('line_items')} is missing or empty`);
  const customer = order.object('customer');
  const shippingLines = order.list('shipping_lines').filter((line) => line.flag('is_removed') !== true);
  const cancelledAt = order.instant('cancelled_at');
  return {
    order: {
      number: order.text('name') || numbered(order.text('order_number')) || order.id('id'),
      placedAt,
      modifiedAt,
      payment,
      buyer: {
        email: order.firstText('email', 'contact_email') || (customer?.text('email') ?? ''),
        phone: order.text('phone') || (customer?.text('phone') ?? ''),
        locale: order.text('customer_locale'),
      },
      shipTo: toAddress(order.object('shipping_address')),
      lines,
      currency,
      subtotal: shopMoney(order, 'total_line_items_price', currency) ?? add(...lines.map((line) => line.unitPrice * line.quantity)),
      discount: shopMoney(order, 'total_discounts', currency) ?? 0,
      shipping: order.object('total_shipping_price_set')?.object('shop_money')?.amount('amount', currency) ?? add(...shippingLines.map((line) => shopMoney(line, 'price', currency) ?? 0)),
      tax: shopMoney(order, 'total_tax', currency) ?? 0,
      total,
      ...(amountPaid === undefined ? {} : { amountPaid }),
      remark: order.text('note'),
      tags: tagsOf(order),
      shippingMethod: methodOf(order, shippingLines, lines),
      test: order.flag('test') ?? false,
      attributes: attributesOf(order, 'note_attributes'),
    },
    facts: {
      modifiedAt,
      paid: hasBeenPaid.has(payment) ? { paidAt: paidAtOf(order, topic, placedAt, modifiedAt), ...(amountPaid === undefined ? { amount: total } : { amount: amountPaid, told: true as const }), currency } : null,
      cancelled: cancelledAt === '' ? null : { cancelledAt, reason: order.text('cancel_reason') || 'other' },
      refunds,
    },
  };
};

// What a shop calls a way of sending, so that a lost address is not taken for somebody who comes to collect.
const sending = /ship|deliver|standard|express|econom|free|flat|post|mail|courier|air|ground|快递|快运|包邮|配送|邮|标快|特快|标准|运费|物流/i;

// An order that is collected has no shipping address, and the title and the code of its shipping line are the location's name; nothing else tells.
const methodOf = (order: Fields, shippingLines: readonly Fields[], lines: readonly ClearLine[]): string => {
  const titles = shippingLines.map((line) => line.firstText('title', 'code')).filter((title) => title !== '').join(', ');
  const [only, ...others] = shippingLines;
  const located = only !== undefined && others.length === 0 && titles !== '' && only.text('code') === only.text('title') && !sending.test(titles);
  const collected = located && order.object('shipping_address') === undefined && lines.some(({ requiresShipping }) => requiresShipping);
  return collected ? `Local pickup: ${titles}` : titles;
};

/** Whose order it is: the account, else what a guest gave, else nobody but this order. */
export const buyerOf = (order: Fields, channelOrderId: string): string => {
  const customer = order.object('customer');
  const id = customer?.id('id') ?? '';
  const email = (order.firstText('email', 'contact_email') || (customer?.text('email') ?? '')).toLowerCase();
  const phone = order.text('phone') || (customer?.text('phone') ?? '');
  if (id !== '') return `customer:${id}`;
  if (email !== '') return `email:${email}`;
  return phone === '' ? `order:${channelOrderId}` : `phone:${phone.replace(/[^\d+]/g, '')}`;
};

// Of every kind, returned ones too: all of them are taken off current_quantity.
const unitsRefunded = (order: Fields): ReadonlyMap<string, number> => {
  const units = new Map<string, number>();
  for (const part of order.list('refunds').flatMap((refund) => refund.list('refund_line_items'))) {
    const line = part.id('line_item_id') || (part.object('line_item')?.id('id') ?? '');
    units.set(line, (units.get(line) ?? 0) + (part.quantity('quantity') ?? 0));
  }
  return units;
};

const toLine = (line: Fields, place: number, currency: string, refunded: ReadonlyMap<string, number>): ClearLine => {
  // Drafts and imports may have lines without an id; nothing of the platform's can refer to those, so their place names them.
  const channelLineId = line.id('id') || (/\/LineItem\/(\d{1,30})$/.exec(line.text('admin_graphql_api_id'))?.[1] ?? `#${place + 1}`);
  const ordered = line.quantity('quantity');
  const current = line.quantity('current_quantity');
  if (ordered === undefined && current === undefined) throw new Refused('BAD_QUANTITY', `${line.at('quantity')} is missing`);
  // current_quantity is after edits and refunds. What was refunded is put back: refunds are told on their own.
  const quantity = current === undefined ? ordered! : Math.min(current + (refunded.get(channelLineId) ?? 0), Math.max(current, ordered ?? current));
  const unitPrice = requiredMoney(line, 'price', currency);
  const sku = line.text('sku');
  return {
    channelLineId,
    channelSku: sku,
    ...(line.id('variant_id') === '' ? {} : { itemId: line.id('variant_id') }),
    title: titleOf(line.firstText('title', 'name'), line.text('variant_title')),
    quantity,
    unitPrice,
    discount: Math.min(discountOf(line, currency), unitPrice * quantity),
    requiresShipping: line.flag('requires_shipping') ?? line.flag('gift_card') !== true,
    grams: line.figure('grams'),
    attributes: attributesOf(line, 'properties'),
  };
};

// total_discount knows only what was given to the line itself; the allocations have the line's part of every discount.
const discountOf = (line: Fields, currency: string): number => {
  const allocations = line.list('discount_allocations');
  return allocations.length > 0 ? add(...allocations.map((part) => shopMoney(part, 'amount', currency) ?? 0)) : (shopMoney(line, 'total_discount', currency) ?? 0);
};

// total_price stays what was ordered when refunds lower current_total_price. Only an edit can raise the latter: then more is owed.
const totalOf = (order: Fields, currency: string): number => {
  const current = shopMoney(order, 'current_total_price', currency);
  const total = shopMoney(order, 'total_price', currency) ?? current ?? requiredMoney(order, 'total_price', currency);
  return Math.max(total, current ?? 0);
};

// Below zero, more was paid than the order costs now: that figure counts from current_total_price, which an edit may have lowered.
const amountPaidOf = (order: Fields, total: number, currency: string): number | undefined => {
  const text = order.text('total_outstanding') || (order.object('total_outstanding_set')?.object('shop_money')?.text('amount') ?? '');
  const owed = order.amountOf(text.replace(/^-/, ''), 'total_outstanding', currency);
  if (owed === undefined) return undefined;
  return text.startsWith('-') ? (shopMoney(order, 'current_total_price', currency) ?? total) + owed : Math.max(0, total - owed);
};

const onDelivery = /cash on delivery|^cod$|\(cod\)|货到付款/i;

const paymentOf = (order: Fields, total: number): ingest.PaymentState => {
  const status = order.text('financial_status').toLowerCase();
  if (status === '') return total === 0 ? 'PAYMENT_STATE_PAID' : 'PAYMENT_STATE_UNPAID';
  // Cash on delivery is to be sent before anything is paid; a buyer who may still choose another way has not chosen this one.
  const ways = order.texts('payment_gateway_names');
  if (status === 'pending' && ways.length > 0 && ways.every((way) => onDelivery.test(way))) return 'PAYMENT_STATE_AUTHORIZED';
  return ownOf(payments, status) ?? 'PAYMENT_STATE_UNSPECIFIED';
};

// Shopify does not say when an order was paid. One that is new and paid was paid when it was placed; orders/paid comes at the moment itself.
const paidAtOf = (order: Fields, topic: string, placedAt: string, modifiedAt: string): string =>
  topic === 'orders/paid' ? modifiedAt : topic === 'orders/create' ? order.instant('processed_at') || placedAt : modifiedAt;

const tagsOf = (order: Fields): readonly string[] => {
  const list = order.texts('tags');
  return list.length > 0 ? list : order.text('tags').split(',').map((tag) => tag.trim()).filter((tag) => tag !== '');
};

/** `[{ name, value }]`, or an object of names and values as some apps write it. */
const attributesOf = (of: Fields, field: string): readonly ClearAttribute[] => {
  const pairs = of.list(field).map((pair) => ({ name: pair.firstText('name', 'key'), value: pair.text('value') }));
  const named = pairs.length === 1 && pairs[0]!.name === '' ? of.object(field) : undefined;
  const all = named === undefined ? pairs : named.names().map((name) => ({ name, value: named.text(name) }));
  return all.filter(({ name, value }) => name !== '' && value !== '');
};

const numbered = (orderNumber: string): string => (orderNumber === '' ? '' : `#${orderNumber}`);
