import type { DossierEvent } from '../decide/dossier.decider.js';
import type { FulfilmentEvent } from '../decide/fulfilment.events.js';
import type { OrderEvent } from '../decide/order.events.js';

interface Title {
  readonly zh: string;
  readonly en: string;
}

/** What people read for each kind of event; the one table of them. */
export const titles: Readonly<Record<(OrderEvent | FulfilmentEvent | DossierEvent)['type'], Title>> = {
  OrderPlaced: { zh: '下单', en: 'Placed' },
  OrderAmended: { zh: '订单变更', en: 'Changed' },
  OrderPaid: { zh: '已付款', en: 'Paid' },
  OrderApproved: { zh: '审核通过', en: 'Approved' },
  OrderHeld: { zh: '冻结', en: 'Held' },
  OrderHoldReleased: { zh: '解除冻结', en: 'Hold released' },
  OrderCancelRequested: { zh: '申请取消', en: 'Cancellation asked for' },
  OrderCancelled: { zh: '已取消', en: 'Cancelled' },
  OrderRefunded: { zh: '已退款', en: 'Refunded' },
  OrderClosed: { zh: '已完结', en: 'Closed' },
  OrderSplit: { zh: '拆单', en: 'Split' },
  PartialChosen: { zh: '已选择是否可分批发货', en: 'Chosen whether it may ship in parts' },
  FactRemembered: { zh: '先到的消息已记录', en: 'Kept what came before the order' },
  ContentTaken: { zh: '采用平台内容', en: 'Took the platform’s content' },
  PromiseKept: { zh: '已付款（此前货到付款或仅授权）', en: 'What was promised is paid' },
  AmountPaidNoted: { zh: '实付金额与订单金额不同', en: 'The amount paid was told' },
  LatePaymentNoted: { zh: '取消后到账', en: 'Paid while being cancelled' },
  RefundNoted: { zh: '退款进展', en: 'Refund noted' },
  FreezeNoted: { zh: '平台冻结状态变更', en: 'Platform’s freeze noted' },
  CancellationBegun: { zh: '开始取消', en: 'Cancellation begun' },
  CancellationRefused: { zh: '取消被拒', en: 'Cancellation refused' },
  SettlementNoted: { zh: '已结算', en: 'Settled' },
  ActedByHand: { zh: '人工操作', en: 'Done by hand' },
  ReturnWindowPassed: { zh: '退货期已过', en: 'Return window passed' },
  AllocationRequested: { zh: '请求配货', en: 'Stock asked for' },
  FulfilmentReleased: { zh: '下发发货', en: 'Released' },
  FulfilmentChangeRequested: { zh: '请求修改包裹', en: 'Parcel is to change' },
  FulfilmentCancelRequested: { zh: '请求停发', en: 'Parcel is not to leave' },
  FulfilmentCancelled: { zh: '归还库存', en: 'Stock is to be given back' },
  InterceptionRequested: { zh: '请求拦截', en: 'Interception asked for' },
  FulfilmentShipped: { zh: '已发货', en: 'Shipped' },
  FulfilmentDelivered: { zh: '已签收', en: 'Delivered' },
  FulfilmentPlanned: { zh: '发货计划', en: 'Planned' },
  FulfilmentReplanned: { zh: '发货计划变更', en: 'Planned anew' },
  FulfilmentAbandoned: { zh: '不再发货', en: 'Nothing is to be shipped any more' },
  StockGranted: { zh: '配货成功', en: 'Stock locked' },
  StockAwaited: { zh: '缺货等待', en: 'Backordered' },
  StockFailed: { zh: '库存落空', en: 'Stock turned out not to be there' },
  StockGivenBack: { zh: '库存已归还', en: 'Stock given back' },
  WaybillNoted: { zh: '已出面单', en: 'Waybill issued' },
  ParcelEnded: { zh: '包裹作废', en: 'Parcel ended' },
  RecallRefused: { zh: '停发被拒', en: 'Too late to stop the parcel' },
  ChangeAnswered: { zh: '包裹修改已答复', en: 'Change of the parcel answered' },
  MilestoneNoted: { zh: '物流进展', en: 'Milestone' },
  ParcelMissed: { zh: '包裹丢失', en: 'Parcel lost' },
  ExternalParcelNoted: { zh: '外部发货', en: 'Shipped by somebody else' },
  TroubleCleared: { zh: '异常已处理', en: 'Trouble looked after' },
  NoticeNoted: { zh: '已通知买家', en: 'Message to the buyer' },
  IncidentRaisedNoted: { zh: '告警', en: 'Incident raised' },
  IncidentAcknowledgedNoted: { zh: '告警已确认', en: 'Incident acknowledged' },
  IncidentClearedNoted: { zh: '告警解除', en: 'Incident cleared' },
  MoneyNoted: { zh: '对账', en: 'Statement line' },
  TroubleNoted: { zh: '物流异常', en: 'Trouble on the way' },
  TroubleEndedNoted: { zh: '物流异常结束', en: 'Trouble ended' },
  WriteBackNoted: { zh: '平台回写', en: 'Told to the platform' },
  PackingVideoNoted: { zh: '打包视频', en: 'Packing video' },
};

/** A type that a later version wrote goes by its name. */
export const titleOf = (type: string): Title => (Object.hasOwn(titles, type) ? titles[type as keyof typeof titles] : { zh: type, en: type });
