import type { alerts } from '@flotilla/contracts';

export type Severity = 'INFO' | 'WARNING' | 'CRITICAL';
export const severities: readonly Severity[] = ['INFO', 'WARNING', 'CRITICAL'];

/** What is said to people, in both languages. */
export interface Words {
  readonly zh: string;
  readonly en: string;
}

/** What an incident is about and who has to know. */
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
  /** Business time from the fact that starts the clock. */
  readonly afterMinutes: number;
  readonly detail: Words;
}

/** Raised by a fact that is itself the alarm, cleared by the fact that ends it. */
export const alarms = {
  warehouseOut: { id: 'warehouse-out', title: { zh: '仓库熔断', en: 'warehouse out' }, subjectKind: 'WAREHOUSE', severity: 'CRITICAL', roles: ['warehouse', 'manager'] },
  skuFrozen: { id: 'sku-frozen', title: { zh: 'SKU 冻结', en: 'SKU frozen' }, subjectKind: 'SKU', severity: 'CRITICAL', roles: ['warehouse', 'manager'] },
} as const satisfies Record<string, About>;

export type Alarm = (typeof alarms)[keyof typeof alarms];

export const rules = {
  paidNotAudited: {
    id: 'paid-not-audited',
    title: { zh: '付款后未审核', en: 'paid, not audited' },
    subjectKind: 'ORDER',
    severity: 'WARNING',
    roles: ['audit'],
    afterMinutes: 60,
    detail: { zh: '付款一小时仍未审核：请审核，或解除冻结', en: 'paid an hour ago and not audited yet: approve it or release its hold' },
  },
  shippedNotPickedUp: {
    id: 'shipped-not-picked-up',
    title: { zh: '发货后未揽收', en: 'shipped, not picked up' },
    subjectKind: 'PARCEL',
    severity: 'WARNING',
    roles: ['logistics'],
    afterMinutes: 24 * 60,
    detail: { zh: '发货一天仍无揽收记录：请联系承运商，查找包裹', en: 'shipped a day ago and no scan by the carrier yet: ask the carrier, look for the parcel' },
  },
} as const satisfies Record<string, Rule>;

export const ruleOf = (id: string): Rule | undefined => Object.values(rules).find((rule) => rule.id === id);

const known: ReadonlyMap<string, About> = new Map([...Object.values(rules), ...Object.values(alarms)].map((about) => [about.id, about]));

/** What a rule or an alarm is called and who is told of it; of one that is gone from the code its id is left. */
export const aboutOf = (id: string): Pick<About, 'title' | 'roles'> => known.get(id) ?? { title: { zh: id, en: id }, roles: [] };

/** When a clock that starts at this instant (RFC 3339) is due. */
export const dueAt = (rule: Rule, since: string): string => new Date(Date.parse(since) + rule.afterMinutes * 60_000).toISOString();
