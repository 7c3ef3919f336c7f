import { CompactEncrypt, importJWK, type JWK } from 'jose';
import { financialStatus, totalsOf, type WorldOrder } from '../orders/order.js';

/** flotilla.connector.v1.ChannelOrderSubmitted, every field present. */
export interface ChannelOrderSubmitted {
  channel: string;
  channelOrderId: string;
  number: string;
  placedAt: string;
  modifiedAt: string;
  payment: string;
  paidAt: string;
  cancelledAt: string;
  cancelReason: string;
  currency: string;
  personal: string;
  country: string;
  province: string;
  city: string;
  district: string;
  postcode: string;
  lines: { channelLineId: string; channelSku: string; title: string; quantity: number; unitPrice: number; discount: number; grams: number }[];
  discount: number;
  shipping: number;
  tax: number;
  total: number;
  tags: string[];
  shippingMethod: string;
  refunds: { refundId: string; state: string; amount: number; lines: { lineId: string; channelLineId: string; sku: string; quantity: number }[] }[];
}

/** What only ingest may read. */
export interface Personal {
  name: string;
  phone: string;
  email: string;
  company: string;
  street: string;
  buyerId: string;
  remark: string;
  attributes: { name: string; value: string }[];
}

export function personalOf(order: WorldOrder): Personal {
  const { shipTo } = order;
  return {
    name: shipTo?.name ?? '', phone: shipTo?.phone ?? order.phone ?? '', email: order.email ?? '', company: shipTo?.company ?? '',
    street: [shipTo?.street, shipTo?.street2].filter((part) => part !== null && part !== undefined).join(', '), buyerId: order.customerId, remark: order.note ?? '', attributes: order.attributes,
  };
}

/** Encrypts to ingest's public key: JWE, compact, ECDH-ES, A256GCM. */
export async function encrypt(personal: Personal, key: JWK): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(personal)))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', ...(key.kid === undefined ? {} : { kid: key.kid }) })
    .encrypt(await importJWK(key, 'ECDH-ES'));
}

/** The whole order as it is now, as a connector writes it. `withDistrict`: the platform tells districts apart, as Chinese ones do. */
export function toSubmitted(order: WorldOrder, personal: string, withDistrict: boolean): ChannelOrderSubmitted {
  const totals = totalsOf(order);
  const instant = (ms: number | null): string => (ms === null ? '' : new Date(Math.floor(ms / 1_000) * 1_000).toISOString());
  const status = financialStatus(order);
  return {
    channel: order.channel, channelOrderId: order.id, number: `#${order.number}`, placedAt: instant(order.createdAt), modifiedAt: instant(order.updatedAt),
    payment: status === 'pending' ? 'unpaid' : status, paidAt: instant(order.paidAt), cancelledAt: instant(order.cancelledAt), cancelReason: order.cancelReason ?? '', currency: order.currency, personal,
    country: order.shipTo?.country ?? '', province: order.shipTo?.province ?? '', city: order.shipTo?.city ?? '', district: withDistrict ? (order.shipTo?.district ?? '') : '', postcode: order.shipTo?.postcode ?? '',
    lines: order.lines.map((line) => ({
      channelLineId: line.id, channelSku: line.sku, title: line.title, quantity: line.currentQuantity, unitPrice: line.price, discount: line.discount, grams: line.grams,
    })),
    discount: totals.discount, shipping: totals.shipping, tax: totals.tax, total: totals.total, tags: order.tags === '' ? [] : order.tags.split(', '),
    shippingMethod: order.shippingLines[0]?.title ?? '',
    refunds: order.refunds.map((refund) => ({
      refundId: refund.id, state: 'settled', amount: refund.amount,
      lines: refund.lines.map((part) => ({ lineId: '', channelLineId: part.lineId, sku: order.lines.find(({ id }) => id === part.lineId)?.sku ?? '', quantity: part.quantity })),
    })),
  };
}
