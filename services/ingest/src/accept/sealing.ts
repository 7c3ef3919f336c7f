import type { ingest } from '@flotilla/contracts';
import { lineIdOf, phoneE164, seal, type Field } from '@flotilla/values';
import type { ClearAttribute, ClearLine, ClearOrder } from '../channels/platform.js';
import type { Understanding } from '../standardise/order.js';

export interface Owner {
  readonly orderId: string;
  readonly channel: string;
  readonly platform: string;
  readonly channelOrderId: string;
  /** The buyer, whose key seals. */
  readonly subject: string;
  readonly key: Uint8Array;
  /** HMAC for searching; "" for "". */
  readonly index: (kind: 'phone' | 'email', value: string) => string;
}

/** Where the clear text ends: everything that a person can be known by is sealed, the rest goes on as it is. */
export const sealOrder = (order: ClearOrder, owner: Owner, { shipTo, address, tags, giftMessage }: Understanding): ingest.ChannelOrder => {
  const { orderId, channel, platform, channelOrderId, subject } = owner;
  const { buyer } = order;
  const sealed = (field: Field, text: string): string => seal(owner.key, subject, field, text);
  const attributes = (pairs: readonly ClearAttribute[]): readonly ingest.Attribute[] => pairs.map(({ name, value }) => ({ name, value: sealed('text', value) }));
  const money = (amount: number): { amount: number; currency: string } => ({ amount, currency: order.currency });
  const { amountPaid } = order;
  const phoneIndex = (phone: string): string => owner.index('phone', phoneE164(phone, shipTo.country === '' ? undefined : shipTo.country) ?? '');
  const toLine = (line: ClearLine): ingest.ChannelOrderLine => ({
    lineId: lineIdOf(orderId, line.channelLineId),
    channelLineId: line.channelLineId,
    channelSku: line.channelSku,
    sku: line.channelSku,
    title: line.title,
    quantity: line.quantity,
    unitPrice: money(line.unitPrice),
    discount: money(line.discount),
    total: money(line.unitPrice * line.quantity - line.discount),
    requiresShipping: line.requiresShipping,
    grams: line.grams,
    attributes: attributes(line.attributes),
    itemId: line.itemId ?? '',
    barcode: line.barcode ?? '',
    units: 0,
  });
  return {
    orderId,
    channel,
    platform,
    channelOrderId,
    number: order.number,
    placedAt: order.placedAt,
    modifiedAt: order.modifiedAt,
    payment: order.payment,
    paidAt: '',
    buyer: {
      subject,
      email: sealed('email', buyer.email),
      phone: sealed('phone', buyer.phone),
      emailIndex: owner.index('email', buyer.email.toLowerCase()),
      phoneIndex: phoneIndex(buyer.phone),
      locale: buyer.locale,
    },
    shipTo: {
      country: shipTo.country,
      province: shipTo.province,
      city: shipTo.city,
      district: shipTo.district,
      postcode: shipTo.postcode,
      street: sealed('street', shipTo.street),
      company: sealed('company', shipTo.company),
      name: sealed('name', shipTo.name),
      phone: sealed('phone', shipTo.phone),
      phoneIndex: phoneIndex(shipTo.phone),
      token: shipTo.token ?? '',
    },
    lines: order.lines.map(toLine),
    subtotal: money(order.subtotal),
    discount: money(order.discount),
    shipping: money(order.shipping),
    tax: money(order.tax),
    total: money(order.total),
    remark: sealed('text', order.remark),
    tags,
    shippingMethod: order.shippingMethod,
    test: order.test,
    attributes: attributes(order.attributes),
    amountPaid: amountPaid === undefined ? { amount: 0, currency: '' } : money(amountPaid),
    custom: (order.custom ?? []).map(({ name, value, personal }) => ({ name, value: personal ? sealed('text', value) : value })),
    address,
    giftMessage: sealed('text', giftMessage),
  };
};

/** What of an order counts as its content: not its times and payment, which come as facts; but that another amount was paid than it costs is nowhere else. */
export const contentText = ({ amountPaid, ...order }: ClearOrder): string => JSON.stringify({ ...order, ...(amountPaid === undefined || amountPaid === order.total ? {} : { amountPaid }), modifiedAt: '', payment: '' });
