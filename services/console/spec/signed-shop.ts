import { createHmac, randomUUID } from 'node:crypto';
import type { ingest } from '@flotilla/contracts';

/** A shop with a platform of its own: its names for things, and how it signs. */
export const signedShop = {
  header: 'x-shop-signature',
  /** As a person would map it. */
  mapping: {
    orders: '', lines: 'goods', currency: '', utcOffset: '', custom: [],
    webhook: { signatureHeader: 'x-shop-signature', digest: 'HMAC_SHA256', encoding: 'HEX', prefix: '', signed: '', timestampHeader: '', deliveryIdHeader: '' },
    fields: Object.entries({
      channel_order_id: 'order_no', number: 'order_no', placed_at: 'created_at', payment: 'pay_status', currency: 'currency', total: 'total', name: 'receiver.name', phone: 'receiver.mobile', country: 'receiver.country', province: 'receiver.province',
      city: 'receiver.city', district: 'receiver.district', street: 'receiver.address', postcode: 'receiver.zip', sku: 'outer_sku', title: 'name', quantity: 'num', unit_price: 'price',
    }).map(([field, path]) => ({ field, from: [path], expression: '' })),
  } satisfies ingest.Mapping,
  order: (number: string, goods: readonly (readonly [sku: string, quantity: number])[]): string =>
    JSON.stringify({
      order_no: number, created_at: new Date().toISOString(), pay_status: 'paid', currency: 'CNY', total: (goods.reduce((sum, [, quantity]) => sum + quantity * 59, 0)).toFixed(2),
      receiver: { name: '林晓雨', mobile: '13912345678', country: 'CN', province: '浙江省', city: '杭州市', district: '西湖区', address: '文三路9号华星时代广场A座1203室', zip: '310012' },
      goods: goods.map(([sku, num]) => ({ outer_sku: sku, name: sku, num, price: '59.00' })),
    }),
  /** Posted as its platform does; answers the status. */
  post: async (ingestUrl: string, channel: string, secret: string, body: string): Promise<number> =>
    (await fetch(`${ingestUrl}/v1/channels/${channel}/webhooks`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-delivery': randomUUID(), 'x-shop-signature': createHmac('sha256', secret).update(body).digest('hex') }, body })).status,
};
