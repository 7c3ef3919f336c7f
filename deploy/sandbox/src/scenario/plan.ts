import type { FaultOrder } from '../faults/faults.js';
import type { Wish } from '../orders/generate.js';
import type { Settles } from '../platforms/shopify/shop.js';
import { bigId, createRandom } from '../random.js';
import { isWayRole, quotas, ROLES, WAY_ROLES, type Mix, type Outcome, type Role, type WayRole } from './quotas.js';

export interface PlanEntry {
  index: number;
  role: Role;
  channel: string;
  platform: 'shopify' | 'connector' | 'woocommerce' | 'taobao' | 'csv' | 'generic';
  /** "" until it is placed, where the shop numbers its orders itself. */
  channelOrderId: string;
  /** As merchants see it, without the `#`. */
  number: number;
  /** When it is announced, ms after the start. */
  at: number;
  /** The stage at which the driver is to cancel it by POST /_control/shopify/orders/{id}/cancel. */
  cancelOn: 'allocated' | 'waybilled' | 'shipped' | null;
  outcome: Outcome;
  tells: string;
  wish: Wish;
  settles: Settles;
}

export interface PlanOptions {
  orders: number;
  /** Orders per second; 0 = as fast as they are taken. */
  rate: number;
  seed: string | number;
  salt: string;
  weather: boolean;
  mix?: Mix | undefined;
  /** Shopify shops in turn. */
  shops: readonly string[];
  /** The connector's own channel, where there is one. */
  connector: string | undefined;
  /** The topic can be used. */
  topic: boolean;
  firstNumber: number;
  /** Channels by platform, where orders are to come by every way; `mapped`: shops whose SKUs are not ours. */
  ways?: { woocommerce: readonly string[]; taobao: readonly string[]; csv: readonly string[]; generic: readonly string[]; mapped: readonly string[] } | undefined;
}

export interface Plan {
  options: PlanOptions;
  entries: readonly PlanEntry[];
  roles: Partial<Record<Role, number>>;
  faults: readonly FaultOrder[];
}

const WISHES: Partial<Record<Role, Wish>> = {
  'paid-before-create': { paid: false },
  'paid-later': { paid: false },
  'never-paid': { paid: false },
  'cancel-after-payment': { paid: false },
  'refund-line': { units: 2 },
  'short-stock': { short: true },
  'address-amended': { domestic: true },
  unreachable: { unreachable: true, domestic: true },
  'woo-refund': { units: 2 },
  'taobao-cancelled': { paid: false },
  'taobao-refund': { lines: 2 },
};
const CANCEL_ON: Partial<Record<Role, PlanEntry['cancelOn']>> = { 'cancel-on-allocated': 'allocated', 'cancel-on-waybilled': 'waybilled', 'cancel-on-shipped': 'shipped' };

/** Everything that will happen, decided before anything is sent. */
export function makePlan(options: PlanOptions): Plan {
  const without: Role[] = options.topic ? [] : ['both-ways', 'topic-only', 'bad-topic'];
  if (options.topic && options.connector === undefined) without.push('topic-only', 'bad-topic');
  const { ways } = options;
  if (ways !== undefined) without.push(...(Object.keys(WAY_ROLES) as WayRole[]).filter((role) => channelsOf(role, ways).length === 0));
  const counts = quotas(options.orders, { weather: options.weather, without, ways: ways !== undefined, ...(options.mix === undefined ? {} : { mix: options.mix }) });
  const roles = [...counts].flatMap(([role, count]) => Array.from({ length: count }, () => role));
  const random = createRandom(`plan/${options.seed}`);
  const entries = random.shuffled(roles).map((role, index): PlanEntry => {
    const number = options.firstNumber + index;
    const at = options.rate > 0 ? Math.round((index * 1_000) / options.rate) : 0;
    if (isWayRole(role)) {
      const { platform, outcome, tells } = WAY_ROLES[role];
      const channels = channelsOf(role, ways!);
      const channel = channels[index % channels.length]!;
      return { index, role, channel, platform, channelOrderId: platform === 'taobao' ? bigId('order', options.salt, options.seed, channel, index) : '', number, at, cancelOn: null, outcome, tells, wish: { domestic: true, ...WISHES[role] }, settles: 'exact' };
    }
    const byTopic = role === 'topic-only' || role === 'bad-topic';
    const channel = byTopic ? (options.connector ?? '') : (options.shops[index % options.shops.length] ?? '');
    return {
      index, role, channel, platform: byTopic ? 'connector' : 'shopify', channelOrderId: bigId('order', options.salt, options.seed, channel, index), number,
      at, cancelOn: CANCEL_ON[role] ?? null, outcome: ROLES[role].outcome, tells: ROLES[role].tells, wish: WISHES[role] ?? {},
      settles: role === 'settles-short' ? 'short' : role === 'settles-over' ? 'over' : 'exact',
    };
  });
  return { options, entries, roles: Object.fromEntries(counts), faults: options.weather ? [...weatherFaults(options.orders), ...(ways === undefined ? [] : wayFaults(options.orders))] : [] };
}

const channelsOf = (role: WayRole, ways: NonNullable<PlanOptions['ways']>): readonly string[] => (role === 'woo-unmapped' ? ways.mapped : ways[WAY_ROLES[role].platform]);

/** And of those that are asked. */
function wayFaults(orders: number): FaultOrder[] {
  if (orders < 20) return [];
  const count = (percent: number): number => Math.max(1, Math.round((orders * percent) / 100));
  return [
    { target: 'woocommerce', kind: 'timeout-after-effect', operation: 'orders.list', ms: 300, count: count(0.4) },
    { target: 'woocommerce', kind: 'rate-limit', operation: 'orders.list', count: count(0.4) },
    { target: 'woocommerce', kind: 'error-500-after-effect', operation: 'orders.update', count: count(0.4) },
    { target: 'taobao', kind: 'error-500', operation: 'taobao.trades.sold.increment.get', count: count(0.4) },
    { target: 'taobao', kind: 'timeout-after-effect', operation: 'taobao.trade.fullinfo.get', ms: 300, count: count(0.4) },
    { target: 'taobao', kind: 'rate-limit', operation: 'taobao.trade.fullinfo.get', count: count(0.4) },
    { target: 'cainiao', kind: 'timeout-after-effect', operation: 'cainiao.waybill.ii.get', ms: 300, count: count(0.2) },
  ];
}

/** The world's own misbehaviour during a run, by count, so that each kind surely occurs in a run that is long enough. */
export function weatherFaults(orders: number): FaultOrder[] {
  if (orders < 20) return [];
  const count = (percent: number): number => Math.max(1, Math.round((orders * percent) / 100));
  return [
    { target: 'sf', kind: 'timeout-after-effect', operation: 'EXP_RECE_CREATE_ORDER', count: count(0.6) },
    { target: 'sf', kind: 'timeout-before-effect', operation: 'EXP_RECE_CREATE_ORDER', count: count(0.2) },
    { target: 'sf', kind: 'reset', operation: 'EXP_RECE_CREATE_ORDER', count: count(0.4) },
    { target: 'sf', kind: 'error-500', operation: 'EXP_RECE_CREATE_ORDER', count: count(0.6) },
    { target: 'sf', kind: 'rate-limit', operation: 'EXP_RECE_CREATE_ORDER', count: count(0.4) },
    { target: 'sf', kind: 'duplicate', operation: 'RoutePushService', probability: 0.02 },
    { target: 'sf', kind: 'drop', operation: 'RoutePushService', probability: 0.02 },
    { target: 'shopify', kind: 'timeout-after-effect', operation: 'fulfillments.create', count: count(0.6) },
    { target: 'shopify', kind: 'error-500', operation: 'fulfillments.create', count: count(0.6) },
    { target: 'shopify', kind: 'rate-limit', operation: 'fulfillments.create', count: count(0.6) },
    { target: 'smtp', kind: 'error-500', count: count(0.6) },
    { target: 'webhooks', kind: 'timeout-after-effect', count: count(1) },
    { target: 'webhooks', kind: 'drop', count: count(1) },
    { target: 'webhooks', kind: 'reorder', count: count(1) },
    { target: 'webhooks', kind: 'duplicate', count: count(1) },
    { target: 'topic', kind: 'duplicate', count: count(0.4) },
  ];
}
