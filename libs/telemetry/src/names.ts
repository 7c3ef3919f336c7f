/** What stands in the table for one metric. */
interface Metric {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Each has few values, all of which the code or the configuration names: never an order, a SKU, a person, or what a stranger wrote. */
  readonly labels: readonly string[];
  /** Upper bounds; of histograms alone. */
  readonly buckets?: readonly number[];
}

const calls = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const waits = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];
const sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/**
 * Every metric of the fleet. `counter`, `gauge` and `histogram` take names of this table alone, rules and dashboards are checked
 * against it, and docs/telemetry.md is made of it. In a running service every sample carries `service_name`, too.
 */
export const metricTable = {
  // Calls that are answered: rate, errors, duration.
  flotilla_http_server_seconds: { kind: 'histogram', help: 'Duration of HTTP requests, until the answer is sent', labels: ['method', 'route', 'status'], buckets: calls },
  flotilla_grpc_server_seconds: { kind: 'histogram', help: 'Duration of gRPC calls', labels: ['method', 'code'], buckets: calls },
  flotilla_grpc_refused_total: { kind: 'counter', help: 'gRPC calls that were not let in: without a key, with a bad one, or without the role', labels: ['reason'] },
  flotilla_requests_shed_total: { kind: 'counter', help: 'Requests that were refused at once, since more would have been too much', labels: ['protocol'] },
  flotilla_load_ratio: { kind: 'gauge', help: 'How busy the process is as load shedding sees it: share of the event loop, or wait of commands against its bound; 1 is all', labels: ['service_name'] },

  // Messages.
  flotilla_messages_total: { kind: 'counter', help: 'Messages by what became of them: handled, parked, skipped, unwanted', labels: ['consumer', 'type', 'outcome'] },
  flotilla_message_seconds: { kind: 'histogram', help: 'How long a message’s chunk took from its arrival here until it was written', labels: ['consumer'], buckets: calls },
  flotilla_message_age_seconds: { kind: 'histogram', help: 'From the event at its producer until it was handled here', labels: ['consumer'], buckets: waits },
  flotilla_message_retries_total: { kind: 'counter', help: 'Chunks that were tried again for something that passes', labels: ['consumer'] },
  flotilla_consumer_lag_messages: { kind: 'gauge', help: 'Messages behind the end of the assigned partitions', labels: ['service_name', 'consumer'] },
  flotilla_consumer_stopped_partitions: { kind: 'gauge', help: 'Partitions that stand still until somebody acts', labels: ['service_name', 'consumer'] },
  flotilla_parked_keys: { kind: 'gauge', help: 'Keys of the assigned partitions whose messages wait for a person', labels: ['service_name', 'consumer'] },
  flotilla_published_total: { kind: 'counter', help: 'Messages that the broker has, by type', labels: ['type'] },

  // The log and what follows it.
  flotilla_append_seconds: { kind: 'histogram', help: 'Duration of an append of a group of commands', labels: [], buckets: calls },
  flotilla_append_group_commands: { kind: 'histogram', help: 'Commands and chunks that were written by one append', labels: [], buckets: sizes },
  flotilla_append_conflicts_total: { kind: 'counter', help: 'Commands and chunks decided again, since somebody else had written their streams', labels: [] },
  flotilla_commands_waiting: { kind: 'gauge', help: 'Commands that wait or are being written', labels: ['service_name'] },
  flotilla_follower_position: { kind: 'gauge', help: 'Position of the log that a follower has reached', labels: ['service_name', 'follower'] },
  flotilla_follower_age_seconds: { kind: 'gauge', help: 'Age of the oldest event that a follower has still to pass; of the follower relay: of what Kafka has still to hear (outbox age)', labels: ['service_name', 'follower'] },

  // Clocks and outside work.
  flotilla_timer_lateness_seconds: { kind: 'histogram', help: 'How much after its time a timer fired, on the wall', labels: [], buckets: waits },
  flotilla_timer_overdue_seconds: { kind: 'gauge', help: 'How long the timer that is due longest has waited, on the wall; 0 = none is due', labels: ['service_name'] },
  flotilla_work_seconds: { kind: 'histogram', help: 'Duration of attempts at work outside', labels: ['kind', 'outcome'], buckets: calls },
  flotilla_work_waiting: { kind: 'gauge', help: 'Work outside that is due and not done', labels: ['service_name', 'kind'] },
  flotilla_work_age_seconds: { kind: 'gauge', help: 'How long the work that is due longest has waited', labels: ['service_name', 'kind'] },
  flotilla_pool_connections: { kind: 'gauge', help: 'Database connections of the pool, by what they do; waiting = callers that want one', labels: ['service_name', 'state'] },

  // Orders and the lock saga.
  flotilla_orders_waiting: { kind: 'gauge', help: 'Orders under way, by what they wait for', labels: ['for'] },
  flotilla_orders_waiting_age_seconds: { kind: 'gauge', help: 'How long the order that waits longest for it has waited, business time', labels: ['for'] },
  flotilla_sagas: { kind: 'gauge', help: 'Inventory-lock sagas that have not ended, by what they do', labels: ['phase'] },
  flotilla_saga_age_seconds: { kind: 'gauge', help: 'Since when the saga that is in a phase longest is in it', labels: ['phase'] },
  flotilla_saga_seconds: { kind: 'histogram', help: 'From the request for stock to what became of it', labels: ['outcome'], buckets: waits },

  // What single services meet.
  flotilla_webhooks_total: { kind: 'counter', help: 'Webhooks by platform and what became of them', labels: ['platform', 'outcome'] },
  flotilla_pulled_orders_total: { kind: 'counter', help: 'Orders that a platform was asked for, by platform', labels: ['platform'] },
  flotilla_order_pulls_failed_total: { kind: 'counter', help: 'Pulls of orders that came to nothing, by platform and whether only people can help', labels: ['platform', 'blocked'] },
  flotilla_stock_pushes_total: { kind: 'counter', help: 'Pushes of stock by warehouse systems and what became of them', labels: ['outcome'] },
  flotilla_tracking_polls_total: { kind: 'counter', help: 'Questions to sources about shipments without news', labels: ['source', 'outcome'] },
  flotilla_tracking_scans_total: { kind: 'counter', help: 'Scans that sources told', labels: ['source', 'via', 'outcome'] },
  flotilla_alerts_messages_total: { kind: 'counter', help: 'Attempts to hand a message over', labels: ['channel', 'outcome'] },
  flotilla_alerts_webhook_attempts_total: { kind: 'counter', help: 'Attempts to hand an event to a webhook of another system', labels: ['outcome'] },
  flotilla_console_reveals_total: { kind: 'counter', help: 'Answers of the console that showed personal data in clear', labels: ['method'] },
  flotilla_alerts_delivery_seconds: { kind: 'histogram', help: 'From the request of a message to the provider’s yes', labels: ['channel'], buckets: waits },
} as const satisfies Readonly<Record<string, Metric>>;

/** prom-client's own about the process, as far as rules and dashboards ask for them. */
export const processMetrics = [
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_heap_size_used_bytes',
  'nodejs_gc_duration_seconds',
] as const;

export type MetricName = keyof typeof metricTable;
export type NameOf<Kind extends Metric['kind']> = { [N in MetricName]: (typeof metricTable)[N]['kind'] extends Kind ? N : never }[MetricName];
export type LabelOf<N extends MetricName> = (typeof metricTable)[N]['labels'][number];
export const metricOf = (name: MetricName): Metric => metricTable[name];

/** Every span that is ours; those of HTTP, gRPC, Postgres and fetch are OpenTelemetry's own. */
export const spanNames = {
  send: (topic: string): string => `send ${topic}`,
  process: (topic: string): string => `process ${topic}`,
  perform: (kind: string): string => `perform ${kind}`,
  timer: (service: string): string => `timer ${service}`,
  route: (method: string, route: string): string => `${method} ${route}`,
} as const;

/** The instrumentation scope of our spans. */
export const scope = 'flotilla';
