import type { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { add, exponent, minorUnits, normaliseCountry, normalisePostcode, ownOf, toInstant } from '@flotilla/values';
import { storable } from './fields.js';
import type { ClearCustom, ClearLine, ClearOrder, Facts } from './platform.js';

type Kind = 'id' | 'text' | 'list' | 'instant' | 'amount' | 'quantity' | 'figure' | 'payment' | 'currency';

/** The fields of an order that a mapping fills. */
export const orderFields: Readonly<Record<string, Kind>> = {
  channel_order_id: 'id', number: 'text', placed_at: 'instant', modified_at: 'instant', payment: 'payment', paid_at: 'instant', cancelled_at: 'instant', cancel_reason: 'text', currency: 'currency',
  name: 'text', phone: 'text', email: 'text', buyer_id: 'text', company: 'text', street: 'text', country: 'text', province: 'text', city: 'text', district: 'text', postcode: 'text',
  remark: 'text', discount: 'amount', shipping: 'amount', tax: 'amount', total: 'amount', amount_paid: 'amount', tags: 'list', shipping_method: 'text',
};

/** And those of a line. */
export const lineFields: Readonly<Record<string, Kind>> = { line_id: 'id', sku: 'text', item_id: 'text', barcode: 'text', title: 'text', quantity: 'quantity', unit_price: 'amount', line_discount: 'amount', grams: 'figure' };

const needed: ReadonlySet<string> = new Set(['channel_order_id', 'placed_at', 'currency', 'quantity']);

/** A field as it was found. `where`: what a person looks for in the source, a path or a cell; "" if it was found nowhere. */
export interface Found {
  readonly text: string;
  readonly where: string;
}

/** An order whose fields have been found, not read yet. */
export interface FoundOrder {
  readonly order: Readonly<Record<string, Found>>;
  readonly lines: readonly Readonly<Record<string, Found>>[];
  readonly custom: readonly ClearCustom[];
  /** Of times without one; "": such a time is refused. */
  readonly utcOffset: string;
  /** Where the order names none. */
  readonly currency: string;
}

/** One field that cannot be read. */
export interface Problem {
  readonly field: string;
  readonly reason: string;
  readonly detail: string;
}

const payments: Readonly<Record<string, ingest.PaymentState>> = {
  unpaid: 'PAYMENT_STATE_UNPAID', pending: 'PAYMENT_STATE_UNPAID', 未付款: 'PAYMENT_STATE_UNPAID', 待付款: 'PAYMENT_STATE_UNPAID', 未支付: 'PAYMENT_STATE_UNPAID',
  authorized: 'PAYMENT_STATE_AUTHORIZED', cod: 'PAYMENT_STATE_AUTHORIZED', cash_on_delivery: 'PAYMENT_STATE_AUTHORIZED', 货到付款: 'PAYMENT_STATE_AUTHORIZED', partially_paid: 'PAYMENT_STATE_PARTIALLY_PAID', 部分付款: 'PAYMENT_STATE_PARTIALLY_PAID',
  paid: 'PAYMENT_STATE_PAID', 已付款: 'PAYMENT_STATE_PAID', 已支付: 'PAYMENT_STATE_PAID',
  partially_refunded: 'PAYMENT_STATE_PARTIALLY_REFUNDED', 部分退款: 'PAYMENT_STATE_PARTIALLY_REFUNDED', refunded: 'PAYMENT_STATE_REFUNDED', 已退款: 'PAYMENT_STATE_REFUNDED', voided: 'PAYMENT_STATE_VOIDED',
};
const hasBeenPaid = new Set<ingest.PaymentState>(['PAYMENT_STATE_PAID', 'PAYMENT_STATE_PARTIALLY_REFUNDED', 'PAYMENT_STATE_REFUNDED']);
const nowhere: Found = { text: '', where: '' };

/** Reads fields by their kind, and says of each what is wrong with it; never with its value. */
class Reader {
  readonly problems: Problem[] = [];
  readonly #currency: string;

  constructor(private readonly found: FoundOrder) {
    const { text } = found.order['currency'] ?? nowhere;
    this.#currency = (text || found.currency).toUpperCase();
  }

  get currency(): string {
    return this.#currency;
  }

  text(field: string, line?: number): string {
    return this.#read(field, line, (text) => storable(text, 'it')) ?? '';
  }

  id(field: string, line?: number): string {
    const id = this.text(field, line);
    if (id.length <= 200) return id;
    this.#wrong(field, line, new Refused('TOO_LARGE', 'is longer than 200 characters'));
    return '';
  }

  list(field: string): readonly string[] {
    return this.text(field).split(/[,;，；|]/).map((part) => part.trim()).filter((part) => part !== '').slice(0, 100);
  }

  instant(field: string): string {
    return this.#read(field, undefined, (text) => {
      if (text === '') return '';
      try {
        return toInstant(text.replace(/^(\d{4})\/(\d{1,2})\/(\d{1,2})/, (_all, y: string, m: string, d: string) => `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`), this.found.utcOffset || undefined);
      } catch {
        throw new Refused('BAD_INSTANT', 'is no time such as 2026-11-30T10:00:00Z; one without an offset needs the mapping’s utc_offset');
      }
    }) ?? '';
  }

  amount(field: string, line?: number): number {
    return this.#read(field, line, (text) => {
      const plain = text.normalize('NFKC').replace(/[¥$€£\s]/g, '');
      if (plain === '') return 0;
      try {
        return minorUnits(/^\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain) ? plain.replaceAll(',', '') : plain, this.#currency);
      } catch {
        throw new Refused('BAD_AMOUNT', 'is no amount from 0 in the order’s currency');
      }
    }) ?? 0;
  }

  quantity(field: string, line: number): number {
    return this.#read(field, line, (text) => {
      if (!/^\d{1,7}(\.0+)?$/.test(text) || Number(text) > 1_000_000) throw new Refused('BAD_QUANTITY', 'is no quantity from 0 to 1000000');
      return Number(text);
    }) ?? 0;
  }

  /** Nothing depends on it: 0 where it cannot be read. */
  figure(field: string, line: number): number {
    const value = Math.round(Number(this.text(field, line)));
    return Number.isSafeInteger(value) && value > 0 ? value : 0;
  }

  payment(paidAt: string): ingest.PaymentState {
    return this.#read('payment', undefined, (text) => {
      if (text === '') return paidAt === '' ? 'PAYMENT_STATE_UNPAID' : 'PAYMENT_STATE_PAID';
      const state = ownOf(payments, text.toLowerCase().replace(/[\s-]+/g, '_'));
      if (state === undefined) throw new Refused('BAD_FIELD', `is none of ${Object.keys(payments).join(', ')}`);
      return state;
    }) ?? 'PAYMENT_STATE_UNSPECIFIED';
  }

  checkCurrency(): void {
    try {
      if (!/^[A-Z]{3}$/.test(this.#currency)) throw new Refused('BAD_CURRENCY', '');
      exponent(this.#currency);
    } catch {
      this.#wrong('currency', undefined, new Refused('BAD_CURRENCY', 'is no ISO 4217 code'));
    }
  }

  need(field: string, line?: number): void {
    if ((this.#found(field, line).text) === '') this.#wrong(field, line, new Refused(field === 'channel_order_id' ? 'NO_ORDER_ID' : field === 'placed_at' ? 'BAD_INSTANT' : field === 'quantity' ? 'BAD_QUANTITY' : 'BAD_FIELD', 'is missing'));
  }

  #found(field: string, line: number | undefined): Found {
    return (line === undefined ? this.found.order : this.found.lines[line])?.[field] ?? nowhere;
  }

  #read<T>(field: string, line: number | undefined, read: (text: string) => T): T | undefined {
    const { text } = this.#found(field, line);
    if (text === '' && needed.has(field)) return undefined;
    try {
      return read(text.trim());
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#wrong(field, line, error);
      return undefined;
    }
  }

  #wrong(field: string, line: number | undefined, { reason, message }: Refused): void {
    const { where } = this.#found(field, line);
    const name = line === undefined ? field : `lines[${line}].${field}`;
    this.problems.push({ field: name, reason, detail: `${where === '' ? name : where}: ${field} ${message.replace(/^it /, '')}` });
  }
}

export interface ReadOrder {
  readonly channelOrderId: string;
  readonly buyer: string;
  readonly order: ClearOrder;
  readonly facts: Facts;
  /** If there are any, the order cannot be taken. */
  readonly problems: readonly Problem[];
}

/** An order whose fields were found by a mapping, in our words. A total that is not there is what the lines cost, with shipping and tax, less the discount. */
export const toCanonical = (found: FoundOrder): ReadOrder => {
  const read = new Reader(found);
  read.need('channel_order_id');
  read.need('placed_at');
  read.checkCurrency();
  found.lines.forEach((_line, at) => read.need('quantity', at));
  const channelOrderId = read.id('channel_order_id');
  const placedAt = read.instant('placed_at');
  // Without a time of its own a file's row is as old as its order: it never takes the place of what the platform itself has said since.
  const modifiedAt = read.instant('modified_at') || placedAt;
  const paidAt = read.instant('paid_at');
  const payment = read.payment(paidAt);
  const cancelledAt = read.instant('cancelled_at');
  const lines = found.lines.map((_line, at): ClearLine => {
    const quantity = read.quantity('quantity', at);
    const unitPrice = read.amount('unit_price', at);
    const [itemId, barcode] = [read.text('item_id', at), read.text('barcode', at)];
    return {
      channelLineId: read.id('line_id', at) || `#${at + 1}`,
      channelSku: read.text('sku', at),
      ...(itemId === '' ? {} : { itemId }),
      ...(barcode === '' ? {} : { barcode }),
      title: read.text('title', at),
      quantity,
      unitPrice,
      discount: Math.min(read.amount('line_discount', at), unitPrice * quantity),
      requiresShipping: true,
      grams: read.figure('grams', at),
      attributes: [],
    };
  });
  const subtotal = add(...lines.map((line) => line.unitPrice * line.quantity));
  const [discount, shipping, tax] = [read.amount('discount'), read.amount('shipping'), read.amount('tax')];
  const lineDiscounts = add(...lines.map((line) => line.discount));
  const total = (found.order['total'] ?? nowhere).text.trim() === '' ? Math.max(0, subtotal + shipping + tax - Math.max(discount, lineDiscounts)) : read.amount('total');
  // A cell that is empty says nothing: it is no zero.
  const told = payment === 'PAYMENT_STATE_PAID' && (found.order['amount_paid'] ?? nowhere).text.trim() !== '';
  const amountPaid = read.amount('amount_paid');
  const [email, phone, buyerId] = [read.text('email'), read.text('phone'), read.text('buyer_id')];
  const problems = [...read.problems, ...(lines.length === 0 ? [{ field: 'lines', reason: 'NO_LINES', detail: 'the order has no lines' }] : []), ...twice(lines)];
  return {
    channelOrderId: problems.some(({ field }) => field === 'channel_order_id') ? '' : channelOrderId,
    buyer: buyerId !== '' ? `customer:${buyerId}` : email !== '' ? `email:${email.toLowerCase()}` : phone !== '' ? `phone:${phone.replace(/[^\d+]/g, '')}` : `order:${channelOrderId}`,
    order: {
      number: read.text('number') || channelOrderId,
      placedAt,
      modifiedAt,
      payment,
      buyer: { email, phone, locale: '' },
      shipTo: {
        country: normaliseCountry(read.text('country')) ?? '', province: read.text('province'), city: read.text('city'), district: read.text('district'), postcode: normalisePostcode(read.text('postcode')),
        street: read.text('street'), company: read.text('company'), name: read.text('name'), phone,
      },
      lines,
      currency: read.currency,
      subtotal,
      discount: Math.max(discount, lineDiscounts),
      shipping,
      tax,
      total,
      ...(told ? { amountPaid } : {}),
      remark: read.text('remark'),
      tags: read.list('tags'),
      shippingMethod: read.text('shipping_method'),
      test: false,
      attributes: [],
      ...(found.custom.length === 0 ? {} : { custom: found.custom }),
    },
    facts: {
      modifiedAt,
      paid: hasBeenPaid.has(payment) ? { paidAt: paidAt || modifiedAt, ...(told ? { amount: amountPaid, told } : { amount: total }), currency: read.currency } : null,
      cancelled: cancelledAt === '' ? null : { cancelledAt, reason: read.text('cancel_reason') || 'other' },
      refunds: [],
    },
    problems,
  };
};

const twice = (lines: readonly ClearLine[]): readonly Problem[] =>
  new Set(lines.map(({ channelLineId }) => channelLineId)).size < lines.length ? [{ field: 'line_id', reason: 'BAD_FIELD', detail: 'two lines of the order have one line_id' }] : [];
