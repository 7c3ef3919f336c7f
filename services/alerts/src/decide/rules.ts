import type { alerts } from '@flotilla/contracts';
import type { Measure } from './count.decider.js';

export const severities = ['INFO', 'WARNING', 'CRITICAL'] as const;
export type Severity = (typeof severities)[number];

/** What is said to people, in both languages. */
export interface Words {
  readonly zh: string;
  readonly en: string;
}

/** What an incident is about and who has to know, as it is built in. */
interface About {
  readonly id: string;
  readonly title: Words;
  readonly subjectKind: alerts.IncidentRaised['subjectKind'];
  readonly severity: Severity;
  /** Rows of the matrix that it is told by. */
  readonly roles: readonly string[];
}

/** A clock that starts with one fact and is called off by another. Rules are data: another one is another row. */
export interface Rule extends About {
  /** Whether it runs from the fact, or ends so long before what was promised. */
  readonly clock: 'AFTER' | 'BEFORE';
  /** Business time. */
  readonly minutes: number;
  readonly detail: Words;
}

/** Looked at once a day, for the days before it. */
export interface DayRule extends About {
  readonly measure: Measure;
  /** Below which, above which, or by how much more it is broken. */
  readonly percent: number;
}

/** Raised by a fact that is itself the alarm, cleared by the fact that ends it. */
export const alarms = {
  warehouseOut: { id: 'warehouse-out', title: { zh: '仓库熔断', en: 'warehouse out' }, subjectKind: 'WAREHOUSE', severity: 'CRITICAL', roles: ['warehouse', 'manager'] },
  supplierLate: { id: 'supplier-late', title: { zh: '供应商逾期未发', en: 'supplier late' }, subjectKind: 'PARCEL', severity: 'WARNING', roles: ['warehouse'] },
  skuFrozen: { id: 'sku-frozen', title: { zh: 'SKU 冻结', en: 'SKU frozen' }, subjectKind: 'SKU', severity: 'CRITICAL', roles: ['warehouse', 'manager'] },
  channelSession: { id: 'channel-session', title: { zh: '店铺授权失效', en: 'shop authorisation refused' }, subjectKind: 'CHANNEL', severity: 'CRITICAL', roles: ['manager'] },
  shipByNear: { id: 'ship-by-near', title: { zh: '临近平台发货时限', en: 'platform’s deadline near' }, subjectKind: 'ORDER', severity: 'CRITICAL', roles: ['warehouse', 'manager'] },
  writeBackFailed: { id: 'write-back-failed', title: { zh: '发货回传失败', en: 'shipment not told' }, subjectKind: 'ORDER', severity: 'CRITICAL', roles: ['audit'] },
  cancellationRefused: { id: 'cancellation-refused', title: { zh: '平台拒绝取消', en: 'cancellation refused' }, subjectKind: 'ORDER', severity: 'WARNING', roles: ['audit'] },
  parcelStalled: { id: 'tracking-break', title: { zh: '物流中断', en: 'tracking break' }, subjectKind: 'PARCEL', severity: 'WARNING', roles: ['logistics'] },
  customsHold: { id: 'customs-hold', title: { zh: '清关滞留', en: 'customs hold' }, subjectKind: 'PARCEL', severity: 'WARNING', roles: ['logistics'] },
  attemptFailed: { id: 'attempt-failed', title: { zh: '派送失败', en: 'failed attempt' }, subjectKind: 'PARCEL', severity: 'INFO', roles: ['logistics'] },
  parcelReturned: { id: 'parcel-returned', title: { zh: '包裹退回', en: 'parcel returned' }, subjectKind: 'PARCEL', severity: 'WARNING', roles: ['logistics'] },
  parcelLost: { id: 'parcel-lost', title: { zh: '包裹丢失', en: 'parcel lost' }, subjectKind: 'PARCEL', severity: 'CRITICAL', roles: ['logistics', 'manager'] },
  parcelDamaged: { id: 'parcel-damaged', title: { zh: '包裹破损', en: 'parcel damaged' }, subjectKind: 'PARCEL', severity: 'CRITICAL', roles: ['logistics', 'manager'] },
  buyerChose: { id: 'buyer-chose', title: { zh: '买家选择了处理方式', en: 'buyer chose' }, subjectKind: 'PARCEL', severity: 'WARNING', roles: ['logistics'] },
  webhookDisabled: { id: 'webhook-disabled', title: { zh: 'Webhook 已停用', en: 'webhook disabled' }, subjectKind: 'WEBHOOK', severity: 'WARNING', roles: ['manager'] },
  parcelProblem: { id: 'parcel-problem', title: { zh: '包裹异常', en: 'parcel problem' }, subjectKind: 'PARCEL', severity: 'WARNING', roles: ['logistics'] },
} as const satisfies Record<string, About>;

/** Nothing but a person ends these: whoever acknowledges one takes it in hand, and it is over. */
export const overOnceAcknowledged: readonly string[] = [alarms.writeBackFailed.id, alarms.cancellationRefused.id];

/** Broken by what was counted by the day, over on the first day that it is not. */
export const dayRules = {
  slaMissed: { id: 'sla-missed', title: { zh: '时效达成率连续不达标', en: 'service level missed' }, subjectKind: 'FLEET', severity: 'CRITICAL', roles: ['audit', 'manager'], measure: 'DELIVERY', percent: 95 },
  costShare: { id: 'cost-share', title: { zh: '物流成本占比过高', en: 'cost share too high' }, subjectKind: 'FLEET', severity: 'WARNING', roles: ['manager'], measure: 'COST', percent: 5 },
  processingTime: { id: 'processing-time', title: { zh: '处理时长波动', en: 'processing takes longer' }, subjectKind: 'FLEET', severity: 'WARNING', roles: ['warehouse', 'manager'], measure: 'PROCESSING', percent: 20 },
} as const satisfies Record<string, DayRule>;

/** What `raise` needs to know of whatever it raises. */
export type Alarm = Pick<About, 'id' | 'subjectKind'>;

export const rules = {
  paidNotAudited: {
    id: 'paid-not-audited',
    title: { zh: '付款后未审核', en: 'paid, not audited' },
    subjectKind: 'ORDER',
    severity: 'WARNING',
    roles: ['audit'],
    clock: 'AFTER',
    minutes: 60,
    detail: { zh: '已付款，迟迟未审核：请审核，或解除冻结', en: 'paid a while ago and not audited yet: approve it or release its hold' },
  },
  outboundNoNews: {
    id: 'outbound-no-news',
    title: { zh: '出库后无物流', en: 'outbound, no news' },
    subjectKind: 'PARCEL',
    severity: 'INFO',
    roles: ['logistics'],
    clock: 'AFTER',
    minutes: 2 * 60,
    detail: { zh: '已出库，承运商尚无任何物流信息：请确认交接', en: 'it left and the carrier has told nothing yet: check the hand-over' },
  },
  shippedNotPickedUp: {
    id: 'shipped-not-picked-up',
    title: { zh: '发货后未揽收', en: 'shipped, not picked up' },
    subjectKind: 'PARCEL',
    severity: 'WARNING',
    roles: ['logistics'],
    clock: 'AFTER',
    minutes: 24 * 60,
    detail: { zh: '已发货，承运商迟迟无揽收记录：请联系承运商，查找包裹', en: 'shipped and not scanned by the carrier yet: ask the carrier, look for the parcel' },
  },
  promiseNear: {
    id: 'promise-near',
    title: { zh: '临近承诺仍在途', en: 'promise near, still in transit' },
    subjectKind: 'PARCEL',
    severity: 'WARNING',
    roles: ['logistics'],
    clock: 'BEFORE',
    minutes: 48 * 60,
    detail: { zh: '临近承诺签收时间仍在途：请催促承运商，告知买家', en: 'the promised time is near and it is still in transit: press the carrier, tell the buyer' },
  },
} as const satisfies Record<string, Rule>;

/** Measured by the fact itself: its minutes are how long a scan may be under way to us. */
export const statusLate = {
  id: 'status-late',
  title: { zh: '状态更新延迟', en: 'status updates late' },
  subjectKind: 'CARRIER',
  severity: 'INFO',
  roles: ['logistics'],
  clock: 'AFTER',
  minutes: 15,
} as const satisfies About & Pick<Rule, 'clock' | 'minutes'>;

const clocked: readonly Rule[] = Object.values(rules);
const all: readonly (About & Partial<Pick<Rule, 'clock' | 'minutes'>>)[] = [...clocked, statusLate, ...Object.values(alarms), ...Object.values(dayRules)];
const byId = new Map(all.map((about) => [about.id, about]));

export const ruleOf = (id: string): Rule | undefined => clocked.find((rule) => rule.id === id);

/** What a rule or an alarm is called; of one that is gone from the code its id is left. */
export const titleOf = (id: string): Words => byId.get(id)?.title ?? { zh: id, en: id };

/** Every role that a built-in rule concerns. */
export const builtInRoles: readonly string[] = [...new Set(all.flatMap(({ roles }) => roles))];

/** The settings as they are built in, one for each rule and alarm. */
export const builtIn: readonly alerts.RuleSetting[] = all.map(({ id, severity, roles, minutes = 0 }) => ({ rule: id, enabled: true, severity, roles, minutes }));

/** A setting with what is built in about its rule. */
export const described = (setting: alerts.RuleSetting): alerts.Rule => {
  const { title = { zh: setting.rule, en: setting.rule }, subjectKind = '', clock = '' } = byId.get(setting.rule) ?? {};
  return { setting, title: title.en, titleZh: title.zh, subjectKind, clock };
};

const longestMinutes = 90 * 24 * 60;

/** What is wrong with settings, one sentence each. */
export const problemsOf = (settings: readonly alerts.RuleSetting[]): readonly string[] => [
  ...settings.flatMap(({ rule, severity, roles, minutes }) => {
    const known = byId.get(rule);
    if (!known) return [`there is no rule "${rule.slice(0, 60)}"; there are ${[...byId.keys()].join(', ')}`];
    const bounds = known.clock === undefined ? minutes === 0 : Number.isInteger(minutes) && minutes >= 1 && minutes <= longestMinutes;
    return [
      ...(severities.includes(severity as never) ? [] : [`${rule}: "${severity.slice(0, 20)}" is no severity`]),
      ...(roles.length <= 20 && roles.every((role) => /^[a-z0-9][a-z0-9-]{0,39}$/.test(role)) ? [] : [`${rule}: at most 20 roles of small letters, digits and "-"`]),
      ...(bounds ? [] : [known.clock === undefined ? `${rule}: it has no clock, so minutes is 0` : `${rule}: minutes is 1 to ${longestMinutes}`]),
    ];
  }),
  ...(new Set(settings.map(({ rule }) => rule)).size === settings.length ? [] : ['each rule stands there once']),
];

/** When a clock of a rule is due, from the instant (RFC 3339) that it counts from or towards. */
export const dueAt = ({ clock }: Rule, minutes: number, instant: string): string => new Date(Date.parse(instant) + (clock === 'AFTER' ? minutes : -minutes) * 60_000).toISOString();
