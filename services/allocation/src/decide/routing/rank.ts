import type { allocation } from '@flotilla/contracts';
import { major, unknownLast } from './quote.js';
import type { Criterion } from './rules.js';

/** By what a plan is ranked. Of a split: the slowest part, the sum of the freights. */
export interface Metrics {
  readonly supplier: boolean;
  readonly tier: number;
  /** Of a supplier: predicted acceptance × speed × punctuality × room. */
  readonly capability?: number;
  /** null = no lane is known. */
  readonly days: number | null;
  /** Minor units of the rules' currency. */
  readonly freight: number | null;
  readonly handling: number;
  /** 0 = empty or without a limit, 1 = full. */
  readonly load: number;
  readonly serves: boolean;
  readonly distance: number;
}

export interface Ranked {
  readonly id: string;
  readonly metrics: Metrics;
}

const criterion: Readonly<Record<Criterion, (a: Metrics, b: Metrics) => number>> = {
  ARRIVAL: (a, b) => unknownLast(a.days, b.days),
  FREIGHT: (a, b) => unknownLast(a.freight, b.freight),
  SERVES: (a, b) => Number(b.serves) - Number(a.serves),
  DISTANCE: (a, b) => a.distance - b.distance,
  LOAD: (a, b) => a.load - b.load,
};

/**
 * Best first. Own stock comes before suppliers, and those by tier, then by what may be expected of them; then the criteria in their order, or the lowest score; what is
 * equal then by who serves the destination first, by distance, by id. What no lane says counts, in a score, as the worst of the others.
 */
export const ranked = <R extends Ranked>(set: allocation.RuleSet, all: readonly R[]): readonly (R & { readonly score: number | null })[] => {
  const scored = all.map((one) => ({ ...one, score: set.ranking === 'SCORE' ? scoreOf(set, one.metrics, all) : null }));
  const order: readonly Criterion[] = [...new Set([...set.criteria.filter((one): one is Criterion => one in criterion), 'SERVES', 'DISTANCE'] as const)];
  const byTier = (a: Metrics, b: Metrics): number => (set.ranking === 'SCORE' && !a.supplier ? 0 : a.tier - b.tier);
  const byCapability = (a: Metrics, b: Metrics): number => (a.supplier && b.supplier ? (b.capability ?? 0) - (a.capability ?? 0) : 0);
  const byRules = (a: (typeof scored)[number], b: (typeof scored)[number]): number =>
    (a.score !== null && b.score !== null ? a.score - b.score : 0) || (set.ranking === 'SCORE' ? (['SERVES', 'DISTANCE'] as const) : order).reduce((found, one) => found || criterion[one](a.metrics, b.metrics), 0);
  return scored.toSorted((a, b) => Number(a.metrics.supplier) - Number(b.metrics.supplier) || byTier(a.metrics, b.metrics) || byCapability(a.metrics, b.metrics) || byRules(a, b) || (a.id < b.id ? -1 : 1));
};

const scoreOf = (set: allocation.RuleSet, of: Metrics, all: readonly Ranked[]): number => {
  const { freight, days, load, tier, distance, handling } = set.weights;
  const worst = (pick: (metrics: Metrics) => number | null): number => Math.max(0, ...all.map(({ metrics }) => pick(metrics) ?? 0));
  return (
    freight * major(set, of.freight ?? worst((one) => one.freight)) +
    days * (of.days ?? worst((one) => one.days)) +
    load * of.load +
    tier * of.tier +
    distance * of.distance +
    handling * major(set, of.handling)
  );
};
