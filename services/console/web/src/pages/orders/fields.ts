import type { order } from '@flotilla/contracts';

type Filter = order.OrderFilter;

/** What is asked in a filter, as it travels: what is left out asks nothing. */
export type Asked = { readonly [K in keyof Filter]?: K extends 'anyOf' | 'noneOf' ? readonly Asked[] : Filter[K] };

/** The lists of a filter that hold texts. */
type Lists = { readonly [K in keyof Filter]: Filter[K] extends readonly string[] ? K : never }[keyof Filter];

export type Field =
  /** One of these values, or several. */
  | { readonly kind: 'list'; readonly list: Lists; readonly upper?: true; readonly values?: readonly string[] }
  | { readonly kind: 'text'; readonly text: 'number' | 'waybill' | 'product' | 'buyerIndex' | 'currency' }
  | { readonly kind: 'buyer' }
  | { readonly kind: 'instant' }
  | { readonly kind: 'span' }
  | { readonly kind: 'money' };

export const states = ['AWAITING_PAYMENT', 'AUDITING', 'APPROVED', 'ALLOCATING', 'ALLOCATED', 'IN_FULFILMENT', 'PARTIALLY_SHIPPED', 'SHIPPED', 'PARTIALLY_DELIVERED', 'DELIVERED', 'CLOSED', 'CANCELLED', 'REJECTED_RISK'] as const;
export const holds = ['ADDRESS', 'SKU_UNMATCHED', 'RISK', 'PAYMENT', 'AMOUNT', 'REFUND_IN_PROGRESS', 'PLATFORM_FREEZE', 'EXCEPTION', 'MANUAL', 'BUYER_REQUEST'] as const;
export const waits = ['TIMER:PAYMENT', 'ALLOCATION', 'BACKORDER', 'WAYBILL', 'SHIP', 'CHANGE', 'VOID', 'RELEASE_OF_STOCK', 'DELIVERY', 'SETTLEMENT'] as const;
export const actions = ['Approve', 'Hold', 'Release', 'Cancel', 'ChangeAddress', 'Intercept', 'Split', 'AllowPartial'] as const;
export const services = ['STANDARD', 'EXPRESS', 'PICKUP', 'SAME_CITY'] as const;

/** What can be asked, by the name that is typed. The one table of the language. */
export const fields: Readonly<Record<string, Field>> = {
  state: { kind: 'list', list: 'states', upper: true, values: states },
  waits: { kind: 'list', list: 'waitsFor', upper: true, values: ['HOLD', ...waits, ...holds.map((hold) => `HOLD:${hold}`)] },
  waiting: { kind: 'span' },
  hold: { kind: 'list', list: 'holds', upper: true, values: holds },
  can: { kind: 'list', list: 'actions', values: actions },
  placed: { kind: 'instant' },
  waits_since: { kind: 'instant' },
  total: { kind: 'money' },
  currency: { kind: 'text', text: 'currency' },
  channel: { kind: 'list', list: 'channels' },
  platform: { kind: 'list', list: 'platforms' },
  sku: { kind: 'list', list: 'skus' },
  product: { kind: 'text', text: 'product' },
  tag: { kind: 'list', list: 'tags' },
  country: { kind: 'list', list: 'countries', upper: true },
  place: { kind: 'list', list: 'places' },
  flag: { kind: 'list', list: 'addressFlags', upper: true },
  service: { kind: 'list', list: 'services', upper: true, values: services },
  warehouse: { kind: 'list', list: 'warehouses' },
  carrier: { kind: 'list', list: 'carriers' },
  number: { kind: 'text', text: 'number' },
  waybill: { kind: 'text', text: 'waybill' },
  claimed_by: { kind: 'list', list: 'claimedBy' },
  buyer: { kind: 'buyer' },
  buyer_index: { kind: 'text', text: 'buyerIndex' },
};

/** The same in Chinese, for whoever types it. */
const chinese: Readonly<Record<string, string>> = {
  状态: 'state', 等待: 'waits', 等待时长: 'waiting', 冻结: 'hold', 可操作: 'can', 下单: 'placed', 等待起点: 'waits_since', 金额: 'total', 币种: 'currency', 店铺: 'channel', 平台: 'platform', 商品编码: 'sku', 商品: 'product', 标签: 'tag',
  国家: 'country', 地区: 'place', 地址标记: 'flag', 服务: 'service', 仓库: 'warehouse', 承运商: 'carrier', 单号: 'number', 运单: 'waybill', 认领人: 'claimed_by', 买家: 'buyer',
};

/** The name of a field as it was typed: also in Chinese, and `custom.<name>` of a channel's own field. */
export const fieldName = (typed: string): string => chinese[typed] ?? typed.toLowerCase();

export const isCustom = (name: string): boolean => name.startsWith('custom.');
