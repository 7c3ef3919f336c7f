import type { allocation } from '@flotilla/contracts';

type Level = allocation.StockLevel;

export interface Part {
  readonly name: 'confirmed' | 'held' | 'safety' | 'available' | 'unsellable';
  readonly units: number;
}

/** How what is on hand divides: every unit is in exactly one part, and none is negative even where more is promised than there is. */
export const partsOf = ({ onHand, unsellable, held, confirmed, safety }: Pick<Level, 'onHand' | 'unsellable' | 'held' | 'confirmed' | 'safety'>): readonly Part[] => {
  let left = Math.max(0, onHand);
  const take = (units: number): number => {
    const taken = Math.min(left, Math.max(0, units));
    left -= taken;
    return taken;
  };
  return [
    { name: 'unsellable', units: take(unsellable) },
    { name: 'confirmed', units: take(confirmed) },
    { name: 'held', units: take(held) },
    { name: 'safety', units: take(safety) },
    { name: 'available', units: left },
  ];
};

export interface Sums {
  readonly onHand: number;
  readonly held: number;
  readonly confirmed: number;
  readonly available: number;
  /** Shelves that have nothing for ordinary orders. */
  readonly empty: number;
}

export const sumsOf = (levels: readonly Level[]): Sums =>
  levels.reduce(
    (sums, { onHand, held, confirmed, available }) => ({ onHand: sums.onHand + onHand, held: sums.held + held, confirmed: sums.confirmed + confirmed, available: sums.available + available, empty: sums.empty + (available <= 0 ? 1 : 0) }),
    { onHand: 0, held: 0, confirmed: 0, available: 0, empty: 0 },
  );

export interface Adjustment {
  readonly delta: number;
  readonly reason: string;
  readonly cause: string;
}

/** Reasons that a person gives; the last two move goods between what can be sold and what cannot. */
export const reasons = ['FOUND', 'LOST', 'COUNTED', 'RETURNED', 'UNSELLABLE', 'SCRAPPED'] as const;
export const causes = ['DAMAGED', 'EXPIRED', 'QUALITY', 'RECALL'] as const;

/** What keeps an adjustment from being sent; undefined if nothing does. */
export const problemOf = ({ delta, reason }: Adjustment, level: Pick<Level, 'onHand' | 'unsellable' | 'held' | 'confirmed'>): 'noUnits' | 'notWhole' | 'noReason' | 'scrapTakes' | 'promised' | 'noneAside' | undefined => {
  if (!Number.isSafeInteger(delta)) return 'notWhole';
  if (delta === 0) return 'noUnits';
  if (reason === '') return 'noReason';
  if (reason === 'SCRAPPED') return delta > 0 ? 'scrapTakes' : -delta > level.unsellable ? 'noneAside' : undefined;
  if (reason === 'UNSELLABLE' && delta > 0) return delta > level.unsellable ? 'noneAside' : undefined;
  // Less than is promised is allowed by the service, which takes promises back: the form says so first.
  return level.onHand + delta - (reason === 'UNSELLABLE' ? level.unsellable : 0) < 0 ? 'promised' : undefined;
};

/** How many promises an adjustment would take back, at least. */
export const displacedBy = ({ delta }: Pick<Adjustment, 'delta'>, level: Pick<Level, 'onHand' | 'unsellable' | 'held' | 'confirmed'>): number => Math.max(0, level.held + level.confirmed - (level.onHand - level.unsellable + Math.min(0, delta)));
