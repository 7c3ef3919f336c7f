import type { MantineColor } from '@mantine/core';
import { currentLocale, type Locale } from '../../kit/index.js';

type Name = readonly [en: string, zh: string, color?: MantineColor];

/** What people read for the codes of orders; the colour repeats what the word says. */
const names: Readonly<Record<string, Readonly<Record<string, Name>>>> = {
  state: {
    NEW: ['New', '新建', 'gray'],
    AWAITING_PAYMENT: ['Awaiting payment', '待付款', 'gray'],
    AUDITING: ['In audit', '待审核', 'yellow'],
    APPROVED: ['Approved', '已审核', 'brand'],
    ALLOCATING: ['Allocating', '配货中', 'brand'],
    ALLOCATED: ['Allocated', '已配货', 'brand'],
    IN_FULFILMENT: ['In fulfilment', '发货处理中', 'brand'],
    PARTIALLY_SHIPPED: ['Partially shipped', '部分发货', 'violet'],
    SHIPPED: ['Shipped', '已发货', 'violet'],
    PARTIALLY_DELIVERED: ['Partially delivered', '部分签收', 'teal'],
    DELIVERED: ['Delivered', '已签收', 'teal'],
    CLOSED: ['Closed', '已完结', 'gray'],
    CANCELLED: ['Cancelled', '已取消', 'gray'],
    REJECTED_RISK: ['Rejected for risk', '风控拒绝', 'red'],
  },
  fulfilment: {
    PLANNED: ['Planned', '已计划', 'gray'],
    ALLOCATING: ['Allocating', '配货中', 'brand'],
    BACKORDERED: ['Backordered', '缺货等待', 'orange'],
    ALLOCATED: ['Allocated', '已配货', 'brand'],
    RELEASED: ['Released', '已下发', 'brand'],
    WAYBILLED: ['Waybilled', '已出面单', 'brand'],
    PARTIALLY_SHIPPED: ['Partially shipped', '部分发货', 'violet'],
    SHIPPED: ['Shipped', '已发货', 'violet'],
    PARTIALLY_DELIVERED: ['Partially delivered', '部分签收', 'teal'],
    DELIVERED: ['Delivered', '已签收', 'teal'],
    CANCELLING: ['Cancelling', '取消中', 'orange'],
    CANCELLED: ['Cancelled', '已取消', 'gray'],
  },
  hold: {
    ADDRESS: ['Address', '地址'],
    SKU_UNMATCHED: ['SKU unmatched', '商品未匹配'],
    RISK: ['Risk', '风控'],
    PAYMENT: ['Payment', '付款'],
    AMOUNT: ['Amount', '金额不符'],
    REFUND_IN_PROGRESS: ['Refund under way', '退款中'],
    PLATFORM_FREEZE: ['Platform freeze', '平台冻结'],
    EXCEPTION: ['Exception', '异常'],
    MANUAL: ['By hand', '人工'],
    BUYER_REQUEST: ['Buyer’s request', '买家要求'],
  },
  wait: {
    HOLD: ['a hold', '冻结', 'orange'],
    'TIMER:PAYMENT': ['payment', '付款', 'gray'],
    AUDIT: ['audit', '审核', 'yellow'],
    ALLOCATION: ['stock', '配货', 'brand'],
    BACKORDER: ['goods', '补货', 'orange'],
    WAYBILL: ['a waybill', '面单', 'brand'],
    SHIP: ['shipping', '发货', 'brand'],
    CHANGE: ['a change', '修改', 'brand'],
    VOID: ['voiding', '作废', 'brand'],
    RELEASE_OF_STOCK: ['stock to return', '归还库存', 'gray'],
    DELIVERY: ['delivery', '签收', 'violet'],
    SETTLEMENT: ['settlement', '结算', 'gray'],
  },
  parcel: {
    RELEASED: ['Released', '已下发', 'brand'],
    WAYBILLED: ['Waybilled', '已出面单', 'brand'],
    SHIPPED: ['Shipped', '已发货', 'violet'],
    DELIVERED: ['Delivered', '已签收', 'teal'],
    VOIDED: ['Voided', '已作废', 'gray'],
    REFUSED: ['Refused by the carrier', '承运商拒收', 'red'],
  },
  lock: {
    ASKED: ['Asked', '已询问', 'gray'],
    LOCKED: ['Locked', '已锁定', 'brand'],
    GRANTED: ['Granted', '已授予', 'brand'],
    REFUSED: ['Refused', '被拒', 'orange'],
    CONFIRMED: ['Confirmed', '已确认', 'teal'],
    EXPIRED: ['Expired', '已过期', 'gray'],
    FAILED: ['Failed', '失败', 'red'],
    RELEASED: ['Released', '已释放', 'gray'],
    RETURNED: ['Given back', '已归还', 'gray'],
    CONSUMED: ['Left with the parcel', '已出库', 'violet'],
  },
  step: { AUDIT: ['audit', '审核'], ALLOCATE: ['allocation', '配货'], RELEASE: ['release', '下发'], LABEL: ['label', '面单'], SHIP: ['shipping', '发货'] },
  milestone: {
    MILESTONE_UNSPECIFIED: ['', ''],
    LABEL_CREATED: ['Label created', '已出面单'],
    PICKED_UP: ['Picked up', '已揽收', 'violet'],
    IN_TRANSIT: ['In transit', '运输中', 'violet'],
    CUSTOMS: ['At customs', '清关中', 'violet'],
    OUT_FOR_DELIVERY: ['Out for delivery', '派送中', 'violet'],
    READY_FOR_PICKUP: ['Ready for pick-up', '待自提', 'violet'],
    DELIVERY_FAILED: ['Delivery failed', '派送失败', 'orange'],
    EXCEPTION: ['Exception', '异常', 'orange'],
    RETURNING: ['Coming back', '退回中', 'orange'],
    RETURNED: ['Returned', '已退回', 'orange'],
    DELIVERED: ['Delivered', '已签收', 'teal'],
    CANCELLED: ['Cancelled', '已取消', 'gray'],
  },
};

const nameOf = (kind: string, code: string): Name | undefined => names[kind]?.[code.replace(/^MILESTONE_(?!UNSPEC)/, '')];

/** The word for a code; the code itself where none is known. */
export const named = (kind: string, code: string, locale: Locale = currentLocale()): string => {
  const name = nameOf(kind, code);
  return name ? (locale === 'zh-CN' ? name[1] : name[0]) : code.replace(/^MILESTONE_/, '').replaceAll('_', ' ').toLowerCase();
};

export const colorOf = (kind: string, code: string): MantineColor => nameOf(kind, code)?.[2] ?? 'gray';

/** "HOLD:RISK" → "hold: Risk". */
export const waitName = (wait: string, locale: Locale = currentLocale()): string => {
  if (!wait.startsWith('HOLD:')) return named('wait', wait, locale);
  return locale === 'zh-CN' ? `冻结：${named('hold', wait.slice(5), locale)}` : `hold: ${named('hold', wait.slice(5), locale)}`;
};

export const waitColor = (wait: string): MantineColor => (wait === 'HOLD:EXCEPTION' ? 'red' : wait.startsWith('HOLD:') ? 'orange' : colorOf('wait', wait));
