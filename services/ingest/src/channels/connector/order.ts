import type { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { add, exponent, normaliseCountry, normalisePostcode, ownOf } from '@flotilla/values';
import type { Fields } from '../fields.js';
import type { ClearLine, ClearOrder, Facts, Refund } from '../platform.js';

/** The message whose data this folder reads. */
export const submitted = 'flotilla.connector.v1.ChannelOrderSubmitted';

const payments: Readonly<Record<string, ingest.PaymentState>> = {
  unpaid: 'PAYMENT_STATE_UNPAID',
  authorized: 'PAYMENT_STATE_AUTHORIZED',
  partially_paid: 'PAYMENT_STATE_PARTIALLY_PAID',
  paid: 'PAYMENT_STATE_PAID',
  partially_refunded: 'PAYMENT_STATE_PARTIALLY_REFUNDED',
  refunded: 'PAYMENT_STATE_REFUNDED',
  voided: 'PAYMENT_STATE_VOIDED',
};

// They name rows and entries of indexes, which take some two thousand bytes.
const longestId = 200;

const hasBeenPaid = new Set<ingest.PaymentState>(['PAYMENT_STATE_PAID', 'PAYMENT_STATE_PARTIALLY_REFUNDED', 'PAYMENT_STATE_REFUNDED']);

/** A submitted order and its opened personal part. Refused with a reason of the registry. */
export const toOrder = (order: Fields, personal: Fields): { readonly order: ClearOrder; readonly facts: Facts } => {
  const currency = order.text('currency');
  if (!/^[A-Z]{3}$/.test(currency)) throw new Refused('BAD_CURRENCY', 'currency is no ISO 4217 code');
  exponent(currency);
  const placedAt = required(order, 'placedAt');
  const modifiedAt = required(order, 'modifiedAt');
  const payment = ownOf(payments, order.text('payment'));
  if (payment === undefined) throw new Refused('CONTRACT_VIOLATED', `payment is none of ${Object.keys(payments).join(', ')}`);
  const refunds = order.list('refunds').map((refund) => toRefund(refund, currency, modifiedAt));
  const lines = order.list('lines').map((line) => toLine(line, refunds));
  if (lines.length === 0) throw new Refused('NO_LINES', 'lines is missing or empty');
  const total = minor(order, 'total');
  const phone = personal.text('phone');
  const token = personal.text('token');
  if (token !== '' && !/^[a-z0-9-]{1,32}:[\x21-\x7e]{1,400}$/.test(token)) throw new Refused('CONTRACT_VIOLATED', 'token is not <platform>:<token>');
  const cancelledAt = order.instant('cancelledAt');
  return {
    order: {
      number: order.text('number') || order.text('channelOrderId'),
      placedAt,
      modifiedAt,
      payment,
      buyer: { email: personal.text('email'), phone, locale: '' },
      shipTo: {
        country: normaliseCountry(order.text('country')) ?? '',
        province: order.text('province'),
        city: order.text('city'),
        district: order.text('district'),
        postcode: normalisePostcode(order.text('postcode')),
        street: personal.text('street'),
        company: personal.text('company'),
        name: personal.text('name'),
        phone,
        ...(token === '' ? {} : { token }),
      },
      lines,
      currency,
      subtotal: add(...lines.map((line) => line.unitPrice * line.quantity)),
      discount: minor(order, 'discount'),
      shipping: minor(order, 'shipping'),
      tax: minor(order, 'tax'),
      total,
      remark: personal.text('remark'),
      tags: order.texts('tags'),
      shippingMethod: order.text('shippingMethod'),
      test: false,
      attributes: personal.list('attributes').map((pair) => ({ name: pair.text('name'), value: pair.text('value') })).filter(({ name, value }) => name !== '' && value !== ''),
    },
    facts: {
      modifiedAt,
      paid: hasBeenPaid.has(payment) ? { paidAt: order.instant('paidAt') || modifiedAt, amount: total, currency } : null,
      cancelled: cancelledAt === '' ? null : { cancelledAt, reason: order.text('cancelReason') || 'other' },
      refunds,
    },
  };
};

/** Whose order it is. */
export const buyerOf = (personal: Fields, channelOrderId: string): string => {
  const [id, email, phone] = [personal.text('buyerId'), personal.text('email').toLowerCase(), personal.text('phone')];
  if (id !== '') return `customer:${id}`;
  if (email !== '') return `email:${email}`;
  return phone === '' ? `order:${channelOrderId}` : `phone:${phone.replace(/[^\d+]/g, '')}`;
};

// A connector sends the quantities as they are now: what its settled refunds took off is put back, since refunds are told on their own.
const toLine = (line: Fields, refunds: readonly Refund[]): ClearLine => {
  const channelLineId = line.text('channelLineId');
  if (channelLineId === '' || channelLineId.length > longestId) throw new Refused('CONTRACT_VIOLATED', `${line.at('channelLineId')} is missing or longer than ${longestId} characters`);
  const quantity = line.quantity('quantity');
  if (quantity === undefined) throw new Refused('BAD_QUANTITY', `${line.at('quantity')} is missing`);
  const taken = refunds.filter(({ state }) => state === 'settled').flatMap((refund) => refund.lines.filter((part) => part.channelLineId === channelLineId));
  const ordered = taken.reduce((sum, part) => sum + part.quantity, quantity);
  const unitPrice = minor(line, 'unitPrice');
  return {
    channelLineId,
    channelSku: line.text('channelSku'),
    title: line.text('title'),
    quantity: ordered,
    unitPrice,
    discount: Math.min(minor(line, 'discount'), unitPrice * ordered),
    requiresShipping: true,
    grams: line.figure('grams'),
    attributes: [],
  };
};

const toRefund = (refund: Fields, currency: string, modifiedAt: string): Refund => {
  const state = refund.text('state');
  if (state !== 'requested' && state !== 'settled' && state !== 'withdrawn') throw new Refused('CONTRACT_VIOLATED', `${refund.at('state')} is none of requested, settled, withdrawn`);
  const refundId = refund.text('refundId');
  if (refundId === '' || refundId.length > longestId) throw new Refused('CONTRACT_VIOLATED', `${refund.at('refundId')} is missing or longer than ${longestId} characters`);
  const lines = refund.list('lines').map((line) => ({ channelLineId: line.text('channelLineId'), sku: line.text('sku'), quantity: line.quantity('quantity') ?? 0 }));
  return { refundId, state, modifiedAt, amount: minor(refund, 'amount'), currency, lines: lines.filter((line) => line.channelLineId !== '' && line.quantity > 0) };
};

/** Minor units as an integer; 0 where missing. */
const minor = (of: Fields, name: string): number => {
  const text = of.text(name) || '0';
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(Number(text))) throw new Refused('BAD_AMOUNT', `${of.at(name)} is not an integer of minor units from 0`);
  return Number(text);
};

const required = (order: Fields, name: string): string => {
  const instant = order.instant(name);
  if (instant === '') throw new Refused('BAD_INSTANT', `${name} is missing`);
  return instant;
};
