import type { allocation } from '@flotilla/contracts';

export const criteria = ['ARRIVAL', 'FREIGHT', 'SERVES', 'DISTANCE', 'LOAD'] as const;
export type Criterion = (typeof criteria)[number];

const anything: allocation.Condition = { countries: [], provinces: [], cities: [], districts: [], gramsAbove: 0, gramsUpTo: 0, valueAbove: 0, valueUpTo: 0, valueCurrency: '', priorityFrom: 0, services: [], channels: [], tags: [] };
const nothing: allocation.Targets = { carriers: [], warehouses: [] };

export const newRule = (name: string): allocation.RoutingRule => ({ name, when: anything, exclude: nothing, only: nothing });

/** The criteria that follow STOCK, which is always the first. */
export const orderOf = (set: allocation.RuleSet): readonly Criterion[] => {
  const chosen = set.criteria.filter((one): one is Criterion => (criteria as readonly string[]).includes(one));
  return chosen.length > 0 ? chosen : ['ARRIVAL', 'FREIGHT'];
};

export const withOrder = (set: allocation.RuleSet, order: readonly Criterion[]): allocation.RuleSet => ({ ...set, criteria: ['STOCK', ...order] });

/** One place up or down; the first and the last stay where they are. */
export const moved = <T>(list: readonly T[], at: number, by: -1 | 1): readonly T[] => {
  const to = at + by;
  if (to < 0 || to >= list.length) return list;
  const next = [...list];
  [next[at], next[to]] = [next[to]!, next[at]!];
  return next;
};

export const withRule = (set: allocation.RuleSet, at: number, change: Partial<allocation.RoutingRule> | undefined): allocation.RuleSet => ({ ...set, rules: set.rules.flatMap((rule, place) => (place !== at ? [rule] : change === undefined ? [] : [{ ...rule, ...change }])) });

export interface Tried {
  readonly matched: ReadonlyMap<string, number>;
  readonly changed: readonly allocation.ChangedRoute[];
  readonly happened: allocation.WhatIfFigures;
  readonly draft: allocation.WhatIfFigures;
}

/** What a replay's stream comes to; undefined where it broke off. */
export const triedOf = (parts: readonly allocation.WhatIfResponse[]): Tried | undefined => {
  const result = parts.find(({ kind }) => kind === 'RESULT');
  if (!result?.happened || !result.draft) return undefined;
  return { matched: new Map(result.matched.map(({ rule, orders }) => [rule, orders])), changed: parts.flatMap(({ kind, changed }) => (kind === 'CHANGED' && changed ? [changed] : [])), happened: result.happened, draft: result.draft };
};
