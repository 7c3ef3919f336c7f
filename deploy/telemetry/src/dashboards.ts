import type { Dashboard, Panel, Query } from './panels.ts';

const of = 'service_name=~"$service"';

/** Quantiles of a histogram, by labels. */
const quantiles = (name: string, labels: readonly string[], legend: string, matchers = of): readonly Query[] =>
  [0.5, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (${[...labels, 'le'].join(', ')}) (rate(${name}_bucket{${matchers}}[5m])))`,
    legend: `p${quantile * 100} ${legend}`,
  }));

const published = (en: string, zh: string, types: Readonly<Record<string, string>>): Panel => ({
  en, zh, unit: 'ops',
  queries: Object.entries(types).map(([type, legend]) => ({ expr: `sum(rate(flotilla_published_total{type="${type}"}[5m]))`, legend })),
});

/** What orders wait for: how many, and the longest. */
const waiting = (en: string, zh: string, kinds: string): readonly Panel[] => [
  { en: `${en}: orders`, zh: `${zh}：订单数`, queries: [{ expr: `max by (for) (flotilla_orders_waiting{for=~"${kinds}"})`, legend: '{{for}}' }] },
  { en: `${en}: longest wait`, zh: `${zh}：最长等待`, unit: 's', queries: [{ expr: `max by (for) (flotilla_orders_waiting_age_seconds{for=~"${kinds}"})`, legend: '{{for}}' }] },
];

const orders: Dashboard = {
  uid: 'flotilla-orders', en: 'Flotilla: order health', zh: '订单健康度',
  rows: [
    {
      en: 'Orders', zh: '订单',
      panels: [
        published('Orders placed, cancelled, closed', '下单、取消、完结', { 'flotilla.order.v1.OrderPlaced': 'placed · 下单', 'flotilla.order.v1.OrderCancelled': 'cancelled · 取消', 'flotilla.order.v1.OrderClosed': 'closed · 完结' }),
        { en: 'What orders wait for', zh: '订单在等什么', queries: [{ expr: 'max by (for) (flotilla_orders_waiting)', legend: '{{for}}' }] },
        { en: 'Webhooks by outcome', zh: '平台推送结果', unit: 'ops', queries: [{ expr: 'sum by (platform, outcome) (rate(flotilla_webhooks_total[5m]))', legend: '{{platform}} {{outcome}}' }] },
        { en: 'Orders pulled', zh: '主动拉取的订单', unit: 'ops', queries: [{ expr: 'sum by (platform) (rate(flotilla_pulled_orders_total[5m]))', legend: '{{platform}}' }, { expr: 'sum by (platform) (rate(flotilla_order_pulls_failed_total[5m]))', legend: '{{platform}} failed · 失败' }] },
        ...waiting('Holds and audit', '冻结与审核', 'HOLD|AUDIT'),
      ],
    },
    {
      en: 'Stock', zh: '库存',
      panels: [
        ...waiting('Stock', '库存', 'ALLOCATION|BACKORDER|RELEASE_OF_STOCK'),
        published('Allocated, backordered, released', '锁定、缺货、释放', { 'flotilla.allocation.v1.OrderAllocated': 'allocated · 锁定', 'flotilla.allocation.v1.OrderBackordered': 'backordered · 缺货', 'flotilla.allocation.v1.StockReleased': 'released · 释放' }),
        { en: 'Stock told by warehouse systems', zh: '仓库系统推送', unit: 'ops', queries: [{ expr: 'sum by (outcome) (rate(flotilla_stock_pushes_total[5m]))', legend: '{{outcome}}' }] },
      ],
    },
    {
      en: 'Payment', zh: '支付与结算',
      panels: [
        ...waiting('Payment and settlement', '支付与结算', 'PAYMENT|SETTLEMENT'),
        published('Paid, settled, flagged', '付款、结算、差异', { 'flotilla.order.v1.OrderPaid': 'paid · 付款', 'flotilla.settlement.v1.OrderSettled': 'settled · 结算', 'flotilla.settlement.v1.LineFlagged': 'flagged · 差异' }),
      ],
    },
    {
      en: 'Logistics', zh: '物流',
      panels: [
        ...waiting('Logistics', '物流', 'WAYBILL|SHIP|DELIVERY|VOID|CHANGE'),
        published('Waybills, shipments, milestones', '面单、发货、节点', { 'flotilla.carrier.v1.WaybillIssued': 'waybills · 面单', 'flotilla.carrier.v1.ParcelShipped': 'shipped · 发货', 'flotilla.tracking.v1.MilestoneReached': 'milestones · 节点', 'flotilla.carrier.v1.CarrierRefused': 'refused · 拒绝' }),
        { en: 'Scans by source', zh: '物流轨迹来源', unit: 'ops', queries: [{ expr: 'sum by (source, outcome) (rate(flotilla_tracking_scans_total[5m]))', legend: '{{source}} {{outcome}}' }] },
        { en: 'Questions to tracking sources', zh: '轨迹查询', unit: 'ops', queries: [{ expr: 'sum by (source, outcome) (rate(flotilla_tracking_polls_total[5m]))', legend: '{{source}} {{outcome}}' }] },
        { en: 'Work outside: waiting', zh: '外部调用：待办', queries: [{ expr: 'max by (service_name, kind) (flotilla_work_waiting)', legend: '{{service_name}} {{kind}}' }] },
        { en: 'Work outside: attempts', zh: '外部调用：次数', unit: 'ops', queries: [{ expr: 'sum by (kind, outcome) (rate(flotilla_work_seconds_count[5m]))', legend: '{{kind}} {{outcome}}' }] },
      ],
    },
  ],
};

const fleet: Dashboard = {
  uid: 'flotilla-fleet', en: 'Flotilla: fleet', zh: '服务总览',
  rows: [
    {
      en: 'Calls', zh: '调用',
      panels: [
        { en: 'Requests', zh: '请求量', unit: 'reqps', queries: [{ expr: `service:flotilla_http_requests:rate5m{${of}}`, legend: '{{service_name}} HTTP' }, { expr: `service:flotilla_grpc_calls:rate5m{${of}}`, legend: '{{service_name}} gRPC' }] },
        { en: 'Failures', zh: '失败率', unit: 'percentunit', queries: [{ expr: `service:flotilla_http_failures:ratio5m{${of}}`, legend: '{{service_name}} HTTP' }, { expr: `service:flotilla_grpc_failures:ratio5m{${of}}`, legend: '{{service_name}} gRPC' }] },
        { en: 'Duration of HTTP requests', zh: 'HTTP 时延', unit: 's', queries: quantiles('flotilla_http_server_seconds', ['service_name'], '{{service_name}}') },
        { en: 'Duration of gRPC calls', zh: 'gRPC 时延', unit: 's', queries: quantiles('flotilla_grpc_server_seconds', ['service_name'], '{{service_name}}') },
        { en: 'Load', zh: '负载', unit: 'percentunit', queries: [{ expr: `max by (service_name) (flotilla_load_ratio{${of}})`, legend: '{{service_name}}' }] },
        { en: 'Refused at the limit', zh: '过载拒绝', unit: 'reqps', queries: [{ expr: `sum by (service_name, protocol) (rate(flotilla_requests_shed_total{${of}}[5m]))`, legend: '{{service_name}} {{protocol}}' }] },
        { en: 'gRPC calls not let in', zh: '被拒之门外的 gRPC 调用', unit: 'reqps', queries: [{ expr: `sum by (service_name, reason) (rate(flotilla_grpc_refused_total{${of}}[5m]))`, legend: '{{service_name}} {{reason}}' }] },
        { en: 'Personal data shown in clear', zh: '明文查看个人信息', unit: 'ops', queries: [{ expr: 'sum by (method) (rate(flotilla_console_reveals_total[5m]))', legend: '{{method}}' }] },
      ],
    },
    {
      en: 'Messages', zh: '消息',
      panels: [
        { en: 'Consumer lag', zh: '消费积压', queries: [{ expr: `sum by (service_name, consumer) (flotilla_consumer_lag_messages{${of}})`, legend: '{{consumer}}' }] },
        { en: 'Age when handled', zh: '处理时的消息年龄', unit: 's', queries: quantiles('flotilla_message_age_seconds', ['service_name', 'consumer'], '{{consumer}}') },
        { en: 'Outbox age', zh: '待发消息年龄', unit: 's', queries: [{ expr: `max by (service_name) (flotilla_follower_age_seconds{follower="relay", ${of}})`, legend: '{{service_name}}' }] },
        { en: 'Messages by outcome', zh: '消息处理结果', unit: 'ops', queries: [{ expr: `sum by (service_name, outcome) (rate(flotilla_messages_total{${of}}[5m]))`, legend: '{{service_name}} {{outcome}}' }, { expr: `sum by (service_name) (rate(flotilla_message_retries_total{${of}}[5m]))`, legend: '{{service_name}} retries · 重试' }] },
        { en: 'Time in a consumer', zh: '消费耗时', unit: 's', queries: quantiles('flotilla_message_seconds', ['consumer'], '{{consumer}}') },
        { en: 'Parked keys, stopped partitions', zh: '搁置与停滞', queries: [{ expr: `sum by (consumer) (flotilla_parked_keys{${of}})`, legend: '{{consumer}} parked · 搁置' }, { expr: `sum by (consumer) (flotilla_consumer_stopped_partitions{${of}})`, legend: '{{consumer}} stopped · 停滞' }] },
      ],
    },
    {
      en: 'Event store', zh: '事件库',
      panels: [
        { en: 'Duration of appends', zh: '写入耗时', unit: 's', queries: quantiles('flotilla_append_seconds', ['service_name'], '{{service_name}}') },
        { en: 'Commands per append', zh: '每次写入的命令数', queries: [{ expr: `sum by (service_name) (rate(flotilla_append_group_commands_sum{${of}}[5m])) / sum by (service_name) (rate(flotilla_append_group_commands_count{${of}}[5m]))`, legend: '{{service_name}}' }] },
        { en: 'Conflicts, commands waiting', zh: '冲突与排队', queries: [{ expr: `sum by (service_name) (rate(flotilla_append_conflicts_total{${of}}[5m]))`, legend: '{{service_name}} conflicts/s · 冲突' }, { expr: `sum by (service_name) (flotilla_commands_waiting{${of}})`, legend: '{{service_name}} waiting · 排队' }] },
        { en: 'Age of followers', zh: '投影延迟', unit: 's', queries: [{ expr: `max by (service_name, follower) (flotilla_follower_age_seconds{follower!="relay", ${of}})`, legend: '{{service_name}} {{follower}}' }] },
        { en: 'Database connections', zh: '数据库连接', queries: [{ expr: `sum by (service_name, state) (flotilla_pool_connections{${of}})`, legend: '{{service_name}} {{state}}' }] },
        { en: 'Events a second', zh: '每秒事件数', unit: 'ops', queries: [{ expr: `max by (service_name) (deriv(flotilla_follower_position{follower="relay", ${of}}[5m]))`, legend: '{{service_name}}' }] },
      ],
    },
    {
      en: 'Clocks and processes', zh: '定时器与进程',
      panels: [
        { en: 'Timers: lateness', zh: '定时器延迟', unit: 's', queries: quantiles('flotilla_timer_lateness_seconds', ['service_name'], '{{service_name}}') },
        { en: 'Timers: overdue', zh: '逾期定时器', unit: 's', queries: [{ expr: `max by (service_name) (flotilla_timer_overdue_seconds{${of}})`, legend: '{{service_name}}' }] },
        { en: 'Work outside: longest wait', zh: '外部调用：最长等待', unit: 's', queries: [{ expr: `max by (service_name, kind) (flotilla_work_age_seconds{${of}})`, legend: '{{service_name}} {{kind}}' }] },
        { en: 'Messages to people', zh: '发给人的通知', unit: 'ops', queries: [{ expr: 'sum by (channel, outcome) (rate(flotilla_alerts_messages_total[5m]))', legend: '{{channel}} {{outcome}}' }] },
        { en: 'Events to webhooks', zh: '推送给外部系统的事件', unit: 'ops', queries: [{ expr: 'sum by (outcome) (rate(flotilla_alerts_webhook_attempts_total[5m]))', legend: '{{outcome}}' }] },
        { en: 'Messages to people: delay', zh: '通知时延', unit: 's', queries: quantiles('flotilla_alerts_delivery_seconds', ['channel'], '{{channel}}', 'channel!=""') },
        { en: 'Event loop lag, p99', zh: '事件循环延迟 p99', unit: 's', queries: [{ expr: `max by (service_name) (nodejs_eventloop_lag_p99_seconds{${of}})`, legend: '{{service_name}}' }] },
        { en: 'CPU', zh: 'CPU', unit: 'percentunit', queries: [{ expr: `sum by (service_name) (rate(process_cpu_seconds_total{${of}}[5m]))`, legend: '{{service_name}}' }] },
        { en: 'Heap', zh: '堆内存', unit: 'bytes', queries: [{ expr: `sum by (service_name) (nodejs_heap_size_used_bytes{${of}})`, legend: '{{service_name}}' }] },
        { en: 'Time in garbage collection', zh: '垃圾回收占比', unit: 'percentunit', queries: [{ expr: `sum by (service_name) (rate(nodejs_gc_duration_seconds_sum{${of}}[5m]))`, legend: '{{service_name}}' }] },
        { en: 'Memory', zh: '内存', unit: 'bytes', queries: [{ expr: `sum by (service_name) (process_resident_memory_bytes{${of}})`, legend: '{{service_name}}' }] },
      ],
    },
  ],
};

const saga: Dashboard = {
  uid: 'flotilla-saga', en: 'Flotilla: stock lock saga', zh: '库存锁定流程',
  rows: [
    {
      en: 'Sagas', zh: '流程',
      panels: [
        { en: 'Under way by phase', zh: '各阶段进行中', queries: [{ expr: 'max by (phase) (flotilla_sagas)', legend: '{{phase}}' }] },
        { en: 'Longest in a phase', zh: '阶段内最长停留', unit: 's', queries: [{ expr: 'max by (phase) (flotilla_saga_age_seconds)', legend: '{{phase}}' }] },
        { en: 'Ended a second', zh: '每秒完结', unit: 'ops', queries: [{ expr: 'sum by (outcome) (rate(flotilla_saga_seconds_count[5m]))', legend: '{{outcome}}' }] },
        { en: 'From request to outcome', zh: '从请求到结果', unit: 's', queries: quantiles('flotilla_saga_seconds', ['outcome'], '{{outcome}}', 'outcome!=""') },
        { en: 'Share of locks that expire', zh: '锁过期比例', unit: 'percentunit', queries: [{ expr: 'flotilla:lock_expiries:ratio15m', legend: 'expired · 过期' }] },
        { en: 'Timers of allocation: lateness', zh: '定时器延迟', unit: 's', queries: quantiles('flotilla_timer_lateness_seconds', ['service_name'], '{{service_name}}', 'service_name="allocation"') },
      ],
    },
    {
      en: 'Protocol', zh: '协议消息',
      panels: [
        published('Asked', '请求', { 'flotilla.lock.v1.LockStock': 'lock · 锁定', 'flotilla.lock.v1.ConfirmStock': 'confirm · 确认', 'flotilla.lock.v1.ReleaseStock': 'release · 释放', 'flotilla.lock.v1.ConsumeStock': 'consume · 扣减' }),
        published('Answered', '应答', { 'flotilla.lock.v1.StockLocked': 'locked · 已锁', 'flotilla.lock.v1.StockLockRefused': 'refused · 拒绝', 'flotilla.lock.v1.StockConfirmed': 'confirmed · 已确认', 'flotilla.lock.v1.StockReleased': 'released · 已释放', 'flotilla.lock.v1.StockConsumed': 'consumed · 已扣减', 'flotilla.lock.v1.StockLockExpired': 'expired · 过期' }),
        { en: 'Age of protocol messages, p99', zh: '协议消息年龄 p99', unit: 's', queries: [{ expr: 'consumer:flotilla_message_age:p99_5m{service_name=~"allocation|participant.*"}', legend: '{{consumer}}' }] },
      ],
    },
  ],
};

/** What the chart ships as ConfigMaps; `npm run telemetry -- --write` writes it to helm/flotilla/dashboards. */
export const dashboards: Readonly<Record<string, Dashboard>> = { orders, fleet, saga };
