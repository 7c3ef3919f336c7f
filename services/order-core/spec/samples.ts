import type { allocation, carrier, common, ingest } from '@flotilla/contracts';
import type { Action, Act } from '../src/decide/actions.js';
import { lineIdOf, orderIdOf } from '@flotilla/values';

// An order of two lines, as ingest would tell of it, for specs and golden examples. The sealed texts hold nobody.

export const orderId = orderIdOf('shopify-demo', '5001');
export const usd = (amount: number): common.Money => ({ amount, currency: 'USD' });
const sealedText = (field: string): string => `sealed.v1.5b0c0c1e-6c1f-5a7e-9d0a-1f2e3d4c5b6a.${field}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`;

export const shipTo: common.Address = {
  country: 'US',
  province: 'OR',
  city: 'Portland',
  district: '',
  postcode: '97201',
  street: sealedText('street'),
  company: '',
  name: sealedText('name'),
  phone: sealedText('phone'),
  phoneIndex: 'p1',
  token: '',
};

export const buyer: common.Buyer = { subject: '5b0c0c1e-6c1f-5a7e-9d0a-1f2e3d4c5b6a', email: sealedText('email'), phone: '', emailIndex: 'e1', phoneIndex: '', locale: 'en-US' };

export const line = (channelLineId: string, sku: string, quantity: number, more: Partial<ingest.ChannelOrderLine> = {}): ingest.ChannelOrderLine => ({
  lineId: lineIdOf(orderId, channelLineId),
  channelLineId,
  channelSku: sku,
  sku,
  title: `Item ${sku}`,
  quantity,
  unitPrice: usd(1_000),
  discount: usd(0),
  total: usd(1_000 * quantity),
  requiresShipping: true,
  grams: 200,
  attributes: [],
  itemId: '',
  barcode: '',
  units: 0,
  ...more,
});

export const addressCheck: ingest.AddressCheck = { country: '', province: '', city: '', district: '', code: '', postcode: '', confidence: { province: 0, city: 0, district: 0, postcode: 0 }, flags: [], changes: [], phone: 'NONE' };

export const content = (more: Partial<ingest.ChannelOrder> = {}): ingest.ChannelOrder => ({
  orderId,
  channel: 'shopify-demo',
  platform: 'shopify',
  channelOrderId: '5001',
  number: '#1001',
  placedAt: '2026-11-21T09:00:00.000Z',
  modifiedAt: '2026-11-21T09:00:00.000Z',
  payment: 'PAYMENT_STATE_PAID',
  paidAt: '2026-11-21T09:00:30.000Z',
  buyer,
  shipTo,
  lines: [line('1', 'MUG-1', 2), line('2', 'TEE-2', 1)],
  subtotal: usd(3_000),
  discount: usd(0),
  shipping: usd(500),
  tax: usd(0),
  total: usd(3_500),
  remark: '',
  tags: [],
  shippingMethod: 'Standard',
  test: false,
  attributes: [],
  custom: [],
  address: addressCheck,
  giftMessage: '',
  amountPaid: { amount: 0, currency: '' },
  ...more,
});

/** A part of an allocation of which routing says nothing about carriers. */
export const partOf = (warehouse: string, lines: readonly common.SkuQuantity[], lockId = `lock-${warehouse}`): allocation.AllocatedPart => ({ warehouse, lockId, lines, excludedCarriers: [], preferredCarrier: '', external: false });

export const waybill = (foId: string, parcelId: string, number: string, orders: readonly common.OrderShare[]): carrier.WaybillIssued => ({
  parcelId,
  foId,
  orders,
  carrier: 'sf',
  service: 'STANDARD',
  waybill: number,
  quoted: usd(450),
  issuedAt: '2026-11-21T10:00:00.000Z',
});

/** One act of each kind, as the desk would ask for it; a release names the hold. */
export const actOf = (action: Action, holdId = 'MANUAL:1'): Act => {
  switch (action) {
    case 'Approve':
    case 'Cancel':
      return { action, reason: 'asked' };
    case 'Hold':
      return { action, type: 'MANUAL', blocks: ['RELEASE', 'LABEL', 'SHIP'], reason: 'asked' };
    case 'Release':
      return { action, holdId, type: '', reason: 'looked at' };
    case 'ChangeAddress':
      return { action, shipTo: { ...shipTo, city: 'Salem' } };
    case 'Intercept':
      return { action, shipTo: null, reason: 'asked' };
    case 'Split':
      return { action, foId: '', lines: [{ lineId: lineIdOf(orderId, '1'), quantity: 1 }], reason: 'asked' };
    case 'AllowPartial':
      return { action, allowed: true, reason: 'asked' };
  }
};
