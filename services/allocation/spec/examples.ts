import type { allocation, order } from '@flotilla/contracts';
import type { Article } from '../src/decide/sku.events.js';

/** A warehouse somewhere in China; "serves" its own province first. */
export const warehouseAt = (warehouse: string, province: string, changes: Partial<allocation.Warehouse> = {}): allocation.Warehouse => ({
  warehouse, name: warehouse, country: 'CN', province, city: '', district: '', postcode: '', street: '', contact: '', phone: '', serves: [province],
  kind: '', tier: 0, dailyOrders: 0, services: [], flags: [], timeZone: '', ledger: '', ...changes,
});

export const article = (sku: string, changes: Partial<Article> = {}): Article => ({
  sku, nameZh: `商品 ${sku}`, nameEn: `Article ${sku}`, grams: 250, lengthMm: 0, widthMm: 0, heightMm: 0, barcodes: [], hsCode: '', flags: [], ...changes,
});

export const FO = '7e3b6c1a-9d2f-5a4b-8c6d-0e1f2a3b4c5d';

/** order-core asks for two of A and one of B to Guangdong. */
export const request = (changes: Partial<order.AllocationRequested> = {}): order.AllocationRequested => ({
  foId: FO,
  round: 1,
  orders: [{ orderId: FO, channel: 'shopify-demo', channelOrderId: '5501', lines: [{ lineId: 'l1', channelLineId: '1', sku: 'A', quantity: 2 }, { lineId: 'l2', channelLineId: '2', sku: 'B', quantity: 1 }] }],
  lines: [{ sku: 'A', quantity: 2 }, { sku: 'B', quantity: 1 }],
  country: 'CN', province: '广东省', city: '深圳市', district: '南山区', postcode: '518000',
  priority: 0, promisedAt: '', excludedWarehouses: [], orderedAt: '2026-11-21T00:00:00.000Z',
  shipped: [], value: { amount: 0, currency: 'CNY' }, service: 'STANDARD', pickupLocation: '', tags: [],
  ...changes,
});
