import type { alerts } from '@flotilla/contracts';

/** A clock that starts with one fact and is called off by another. Rules are data: another one is another row. */
export interface Rule {
  readonly id: string;
  readonly subjectKind: alerts.IncidentRaised['subjectKind'];
  readonly severity: 'INFO' | 'WARNING' | 'CRITICAL';
  /** Business time from the fact that starts the clock. */
  readonly afterMinutes: number;
  readonly detail: string;
}

/** Raised by a fact that is itself the alarm, cleared by the fact that ends it. */
export const alarms = {
  warehouseOut: { id: 'warehouse-out', subjectKind: 'WAREHOUSE', severity: 'CRITICAL' },
  supplierLate: { id: 'supplier-late', subjectKind: 'PARCEL', severity: 'WARNING' },
  skuFrozen: { id: 'sku-frozen', subjectKind: 'SKU', severity: 'CRITICAL' },
} as const satisfies Record<string, Pick<Rule, 'id' | 'subjectKind' | 'severity'>>;

export const rules = {
  paidNotAudited: { id: 'paid-not-audited', subjectKind: 'ORDER', severity: 'WARNING', afterMinutes: 60, detail: 'paid an hour ago and not audited yet: approve it or release its hold' },
  shippedNotPickedUp: { id: 'shipped-not-picked-up', subjectKind: 'PARCEL', severity: 'WARNING', afterMinutes: 24 * 60, detail: 'shipped a day ago and no scan by the carrier yet: ask the carrier, look for the parcel' },
} as const satisfies Record<string, Rule>;

export const ruleOf = (id: string): Rule | undefined => Object.values(rules).find((rule) => rule.id === id);

/** When a clock that starts at this instant (RFC 3339) is due. */
export const dueAt = (rule: Rule, since: string): string => new Date(Date.parse(since) + rule.afterMinutes * 60_000).toISOString();
