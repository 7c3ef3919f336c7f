import type { MessageName } from './plain-codec.js';

/** The topics of the fleet. Each has 12 partitions by murmur2 of the key; settings stand in deploy/tasks/topics.json. */
export const topics = {
  channelOrders: 'channel-orders.v1',
  ingest: 'order-lifecycle.ingest.v1',
  order: 'order-lifecycle.order.v1',
  allocation: 'order-lifecycle.allocation.v1',
  parcel: 'order-lifecycle.parcel.v1',
  tracking: 'order-lifecycle.tracking.v1',
  lockRequests: 'inventory-lock.requests.v1',
  lockReplies: 'inventory-lock.replies.v1',
  stock: 'stock.v1',
  catalogue: 'catalogue.v1',
  settlement: 'settlement.v1',
  alerts: 'alerts.v1',
  anchors: 'audit-anchors.v1',
} as const;

/** Which events travel on which topic. A golden example of each stands in proto/golden/. */
export const published = {
  [topics.channelOrders]: ['flotilla.connector.v1.ChannelOrderSubmitted'],
  [topics.ingest]: [
    'flotilla.ingest.v1.ChannelOrderReceived',
    'flotilla.ingest.v1.ChannelOrderAmended',
    'flotilla.ingest.v1.ChannelOrderPaid',
    'flotilla.ingest.v1.ChannelOrderCancelled',
    'flotilla.ingest.v1.ChannelRefundRequested',
    'flotilla.ingest.v1.ChannelRefundSettled',
    'flotilla.ingest.v1.ChannelRefundWithdrawn',
    'flotilla.ingest.v1.ChannelFrozen',
    'flotilla.ingest.v1.WriteBackSucceeded',
    'flotilla.ingest.v1.WriteBackFailed',
  ],
  [topics.order]: [
    'flotilla.order.v1.OrderPlaced',
    'flotilla.order.v1.OrderAmended',
    'flotilla.order.v1.OrderPaid',
    'flotilla.order.v1.OrderApproved',
    'flotilla.order.v1.OrderHeld',
    'flotilla.order.v1.OrderHoldReleased',
    'flotilla.order.v1.OrderCancelRequested',
    'flotilla.order.v1.OrderCancelled',
    'flotilla.order.v1.OrderRefunded',
    'flotilla.order.v1.OrderClosed',
    'flotilla.order.v1.AllocationRequested',
    'flotilla.order.v1.FulfilmentReleased',
    'flotilla.order.v1.FulfilmentChangeRequested',
    'flotilla.order.v1.FulfilmentCancelRequested',
    'flotilla.order.v1.FulfilmentCancelled',
    'flotilla.order.v1.InterceptionRequested',
    'flotilla.order.v1.FulfilmentShipped',
    'flotilla.order.v1.FulfilmentDelivered',
  ],
  [topics.allocation]: [
    'flotilla.allocation.v1.OrderAllocated',
    'flotilla.allocation.v1.OrderBackordered',
    'flotilla.allocation.v1.StockReleased',
    'flotilla.allocation.v1.PickShort',
    'flotilla.allocation.v1.StockDisplaced',
    'flotilla.allocation.v1.SupplierShipped',
  ],
  [topics.lockRequests]: ['flotilla.lock.v1.LockStock', 'flotilla.lock.v1.ConfirmStock', 'flotilla.lock.v1.ReleaseStock', 'flotilla.lock.v1.ConsumeStock'],
  [topics.lockReplies]: [
    'flotilla.lock.v1.StockLocked',
    'flotilla.lock.v1.StockLockPending',
    'flotilla.lock.v1.StockLockRefused',
    'flotilla.lock.v1.StockConfirmed',
    'flotilla.lock.v1.StockLockExpired',
    'flotilla.lock.v1.StockReleased',
    'flotilla.lock.v1.StockConsumed',
  ],
  [topics.parcel]: [
    'flotilla.carrier.v1.WaybillIssued',
    'flotilla.carrier.v1.ParcelShipped',
    'flotilla.carrier.v1.ParcelVoided',
    'flotilla.carrier.v1.CancelRefused',
    'flotilla.carrier.v1.ParcelChanged',
    'flotilla.carrier.v1.ChangeRefused',
    'flotilla.carrier.v1.CarrierRefused',
    'flotilla.carrier.v1.ParcelLost',
    'flotilla.carrier.v1.ParcelShippedExternally',
  ],
  [topics.tracking]: ['flotilla.tracking.v1.MilestoneReached', 'flotilla.tracking.v1.NoticeSettled', 'flotilla.tracking.v1.DeliveryLate', 'flotilla.tracking.v1.DeliveryOnTime', 'flotilla.tracking.v1.ShipmentTroubled', 'flotilla.tracking.v1.TroubleEnded'],
  [topics.stock]: ['flotilla.allocation.v1.StockChanged'],
  [topics.catalogue]: ['flotilla.allocation.v1.SkuChanged', 'flotilla.allocation.v1.NodeTripped', 'flotilla.allocation.v1.NodeRestored', 'flotilla.allocation.v1.SkuFrozen', 'flotilla.allocation.v1.SkuUnfrozen'],
  [topics.settlement]: [
    'flotilla.settlement.v1.StatementReceived',
    'flotilla.settlement.v1.StatementClosed',
    'flotilla.settlement.v1.LineMatched',
    'flotilla.settlement.v1.LineFlagged',
    'flotilla.settlement.v1.OrderSettled',
    'flotilla.settlement.v1.VoucherPosted',
  ],
  [topics.alerts]: ['flotilla.alerts.v1.IncidentRaised', 'flotilla.alerts.v1.IncidentAcknowledged', 'flotilla.alerts.v1.IncidentEscalated', 'flotilla.alerts.v1.IncidentCleared'],
  [topics.anchors]: ['flotilla.audit.v1.LogAnchored'],
} as const satisfies Record<string, readonly MessageName[]>;

const byType = new Map<string, string>(Object.entries(published).flatMap(([topic, types]) => types.map((type): [string, string] => [type, topic])));

/** The topic on which an event travels; undefined if it stays inside its service. */
export const topicOf = (type: string): string | undefined => byType.get(type);
