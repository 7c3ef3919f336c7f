import type { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { add, exponent, normaliseCountry, normalisePostcode } from '@flotilla/values';
import { Fields } from '../fields.js';
import { noFacts, type ClearAddress, type ClearAttribute, type ClearLine, type ClearOrder, type Facts } from '../platform.js';
import { metaOf } from './meta.js';
import { toRefund } from './refund.js';
import { gmt } from './times.js';
import { plain, titleOf } from './title.js';

const unpaid = new Set(['pending', 'on-hold', 'failed']);
const cancelled = new Set(['cancelled', 'trash']);
const known = new Set([...unpaid, ...cancelled, 'processing', 'completed', 'refunded', 'checkout-draft', 'auto-draft']);

/** `sent`: it has left, so that nothing of it is to be shipped, here or by anybody. `draft`: a basket, no order yet. */
export const statusOf = (order: Fields): 'order' | 'sent' | 'draft' => {
  const status = order.text('status');
  return status === 'completed' ? 'sent' : status === 'checkout-draft' || status === 'auto-draft' ? 'draft' : 'order';
};

/** The order object of WooCommerce's REST API v3 and its webhooks. Refused with a reason of the registry where it cannot be understood. */
export const toOrder = (order: Fields, facts: Facts): ClearOrder => {
  const currency = currencyOf(order);
  const lines = order.list('line_items').map((line) => toLine(line, currency));
  if (lines.length === 0) throw new Refused('NO_LINES', 'line_items is missing or empty');
  const billing = order.object('billing') ?? Fields.none;
  const shipping = order.list('shipping_lines');
  const titles = shipping.map((line) => plain(line.firstText('method_title', 'method_id'))).filter((title) => title !== '').join(', ');
  const collected = shipping.length > 0 && shipping.every((line) => /^(local_pickup|pickup_location)/.test(line.text('method_id')));
  return {
    number: `#${order.text('number') || order.id('id')}`,
    placedAt: gmt(order, 'date_created_gmt') || facts.modifiedAt,
    modifiedAt: facts.modifiedAt,
    payment: paymentOf(order),
    buyer: { email: billing.text('email'), phone: billing.text('phone'), locale: '' },
    shipTo: collected ? nowhere : toAddress(order.object('shipping') ?? Fields.none, billing),
    lines,
    currency,
    subtotal: add(...lines.map((line) => line.unitPrice * line.quantity)),
    discount: order.amount('discount_total', currency) ?? 0,
    shipping: order.amount('shipping_total', currency) ?? 0,
    tax: order.amount('total_tax', currency) ?? 0,
    total: required(order, 'total', currency),
    remark: order.text('customer_note'),
    tags: [],
    shippingMethod: collected ? `Local pickup: ${titles}` : titles,
    test: false,
    attributes: attributesOf(order),
  };
};

/** Whose order it is: the account, else what a guest gave, else nobody but this order. */
export const buyerOf = (order: Fields, channelOrderId: string): string => {
  const customer = order.id('customer_id');
  const email = (order.object('billing')?.text('email') ?? '').toLowerCase();
  return customer !== '' && customer !== '0' ? `customer:${customer}` : email !== '' ? `email:${email}` : `order:${channelOrderId}`;
};

export const factsOf = (order: Fields): Facts => {
  const modifiedAt = gmt(order, 'date_modified_gmt') || gmt(order, 'date_created_gmt');
  if (modifiedAt === '') throw new Refused('BAD_INSTANT', 'date_modified_gmt is missing');
  const status = order.text('status');
  if (statusOf(order) === 'draft') return noFacts(modifiedAt);
  const currency = currencyOf(order);
  const paidAt = gmt(order, 'date_paid_gmt');
  const completedAt = gmt(order, 'date_completed_gmt');
  // Paid back before it left: there is nothing to ship any more.
  const off = cancelled.has(status) || (status === 'refunded' && completedAt === '');
  return {
    modifiedAt,
    paid: paidAt === '' ? null : { paidAt, amount: required(order, 'total', currency), currency },
    cancelled: off ? { cancelledAt: modifiedAt, reason: status } : null,
    refunds: refundsOf(order, currency, { modifiedAt, completedAt }),
    // A refund that is deleted in the shop is gone from the list, and that is all that is said of it.
    ...(Array.isArray(order.raw('refunds')) ? { allRefunds: true } : {}),
    frozen: frozenBy(status, paidAt),
  };
};

// A webhook names refunds and not their units, so that until somebody has asked for those (`refund_details`), more is known to come.
const refundsOf = (order: Fields, currency: string, at: { readonly modifiedAt: string; readonly completedAt: string }): Facts['refunds'] => {
  const details = new Map(order.list('refund_details').map((refund) => [refund.id('id'), refund]));
  return order.list('refunds').map((named) => toRefund(named, details.get(named.id('id')), currency, at));
};

// A paid order that is put on hold, and a status of some plugin's that may mean anything: the goods stay until it is another, or somebody lets them go.
const frozenBy = (status: string, paidAt: string): NonNullable<Facts['frozen']> => {
  if (status === 'on-hold' && paidAt !== '') return { frozen: true, reason: status };
  return known.has(status) ? { frozen: false, reason: '' } : { frozen: true, reason: `status ${/^[\w-]{1,60}$/.test(status) ? status : 'unknown'}` };
};

const paymentOf = (order: Fields): ingest.PaymentState => {
  const status = order.text('status');
  const paid = order.text('date_paid_gmt') !== '';
  if (status === 'refunded') return 'PAYMENT_STATE_REFUNDED';
  if (paid) return 'PAYMENT_STATE_PAID';
  if (cancelled.has(status)) return 'PAYMENT_STATE_VOIDED';
  // Cash on delivery and invoices: to be sent before anything is paid.
  return status === 'processing' ? 'PAYMENT_STATE_AUTHORIZED' : 'PAYMENT_STATE_UNPAID';
};

const toLine = (line: Fields, currency: string): ClearLine => {
  const channelLineId = line.id('id');
  if (channelLineId === '') throw new Refused('CONTRACT_VIOLATED', `${line.at('id')} is missing or not a number`);
  const quantity = line.quantity('quantity');
  if (quantity === undefined) throw new Refused('BAD_QUANTITY', `${line.at('quantity')} is missing`);
  const total = required(line, 'total', currency);
  const worth = Math.max(total, line.amount('subtotal', currency) ?? total);
  // Sums are of the whole line, and may not divide: the unit is rounded up, and what is too much is discount.
  const unitPrice = quantity === 0 ? 0 : Math.ceil(worth / quantity);
  const itemId = [line.id('variation_id'), line.id('product_id')].find((id) => id !== '' && id !== '0') ?? '';
  return {
    channelLineId,
    channelSku: line.text('sku'),
    ...(itemId === '' ? {} : { itemId }),
    title: titleOf(line.text('name')),
    quantity,
    unitPrice,
    discount: Math.max(0, unitPrice * quantity - total),
    requiresShipping: true,
    grams: 0,
    attributes: attributesOf(line),
  };
};

const nowhere: ClearAddress = { country: '', province: '', city: '', district: '', postcode: '', street: '', company: '', name: '', phone: '' };

// A shop that ships to billing addresses alone leaves `shipping` empty.
const toAddress = (shipping: Fields, billing: Fields): ClearAddress => {
  const told = ['address_1', 'city', 'postcode', 'last_name', 'first_name'].some((name) => shipping.text(name) !== '');
  const address = told ? shipping : billing;
  return {
    country: normaliseCountry(address.text('country')) ?? '',
    province: address.text('state'),
    city: address.text('city'),
    district: '',
    postcode: normalisePostcode(address.text('postcode')),
    street: [address.text('address_1'), address.text('address_2')].filter((part) => part !== '').join(', '),
    company: address.text('company'),
    name: [address.text('first_name'), address.text('last_name')].filter((part) => part !== '').join(' '),
    phone: address.text('phone') || billing.text('phone'),
  };
};

// Names with "_" are plugins' own, and hold whatever plugins like; nothing here depends on the others either, so that no order waits for one of them.
const attributesOf = (of: Fields): readonly ClearAttribute[] =>
  metaOf(of).flatMap((meta) => {
    try {
      if (meta.text('key').startsWith('_')) return [];
      const [name, value] = [plain(meta.firstText('display_key', 'key')), plain(meta.firstText('display_value', 'value'))];
      return name === '' || value === '' ? [] : [{ name, value }];
    } catch (error) {
      if (error instanceof Refused) return [];
      throw error;
    }
  }).slice(0, 50);

/** ISO 4217. Refused BAD_CURRENCY. */
const currencyOf = (order: Fields): string => {
  const currency = order.text('currency').toUpperCase();
  if (!/^[A-Z]{3}$/.test(currency)) throw new Refused('BAD_CURRENCY', currency === '' ? 'currency is missing' : 'currency is no ISO 4217 code');
  exponent(currency);
  return currency;
};

const required = (of: Fields, name: string, currency: string): number => {
  const amount = of.amount(name, currency);
  if (amount === undefined) throw new Refused('BAD_AMOUNT', `${of.at(name)} is missing`);
  return amount;
};
