/** Units by position of the line: what a node has free, what is asked. */
export type Units = readonly number[];

export interface SplitSearch {
  /** Nodes by index in the order given, with what each sends; all of the fewest parts that are possible. */
  readonly found: readonly { readonly nodes: readonly number[]; readonly parts: readonly Units[] }[];
  /** Whether the search was ended before everything was looked at. */
  readonly cut: boolean;
}

const MAX_FOUND = 60;
const MAX_STEPS = 60_000;

/**
 * The ways to serve a demand from 2, else 3, … else `maxParts` nodes together, none sending fewer than `least` units. Nodes are
 * given best first, so the better ways are found first; the search is bounded and says if it was cut. `allowed` may refuse a way.
 */
export const splits = (free: readonly Units[], demand: Units, maxParts: number, least: number, allowed: (nodes: readonly number[], parts: readonly Units[]) => boolean = () => true): SplitSearch => {
  let steps = 0;
  for (let size = 2; size <= Math.min(maxParts, free.length); size += 1) {
    const reach = reaches(free, demand, size);
    const found: { nodes: readonly number[]; parts: readonly Units[] }[] = [];
    const walk = (from: number, chosen: readonly number[], need: Units): void => {
      if (found.length >= MAX_FOUND || steps >= MAX_STEPS) return;
      const left = size - chosen.length;
      if (left === 0) {
        const parts = share(chosen.map((node) => free[node]!), demand, Math.max(1, least));
        if (parts && allowed(chosen, parts)) found.push({ nodes: chosen, parts });
        return;
      }
      for (let node = from; node <= free.length - left; node += 1) {
        // Even the fullest of the nodes from here on would not be enough.
        if (need.some((units, line) => units > reach[node]![left - 1]![line]!)) return;
        steps += 1;
        walk(node + 1, [...chosen, node], need.map((units, line) => Math.max(0, units - free[node]![line]!)));
      }
    };
    walk(0, [], demand);
    if (found.length > 0) return { found, cut: found.length >= MAX_FOUND || steps >= MAX_STEPS };
  }
  return { found: [], cut: steps >= MAX_STEPS };
};

// reach[node][k][line]: the most that k + 1 nodes from `node` on have of a line. Sums of the largest, so it never prunes what is possible.
const reaches = (free: readonly Units[], demand: Units, size: number): readonly (readonly Units[])[] => {
  const reach: Units[][] = [];
  const largest = demand.map((): number[] => []);
  for (let node = free.length - 1; node >= 0; node -= 1) {
    demand.forEach((_, line) => {
      largest[line] = [...largest[line]!, free[node]![line]!].toSorted((a, b) => b - a).slice(0, size);
    });
    reach[node] = Array.from({ length: size }, (_, k) => demand.map((_line, line) => largest[line]!.slice(0, k + 1).reduce((sum, units) => sum + units, 0)));
  }
  return reach;
};

/**
 * Shares a demand among nodes, each at least `least` units; undefined if that is not possible. A line stays together where a node
 * has all of it. First the best node takes what it can, then units are passed on along the shortest chain to whoever has too few.
 */
export const share = (free: readonly Units[], demand: Units, least: number): readonly Units[] | undefined => {
  const parts = free.map(() => demand.map(() => 0));
  for (const [line, units] of demand.entries()) {
    let need = units;
    const whole = free.findIndex((one) => one[line]! >= units);
    for (const node of whole >= 0 ? [whole] : free.keys()) {
      const taken = Math.min(need, free[node]![line]!);
      parts[node]![line] = taken;
      need -= taken;
    }
    if (need > 0) return undefined;
  }
  const total = (node: number): number => parts[node]!.reduce((sum, units) => sum + units, 0);
  for (;;) {
    const poor = free.findIndex((_, node) => total(node) < least);
    if (poor < 0) return parts;
    const chain = chainTo(poor, parts, free, (node) => total(node) > least);
    if (!chain) return undefined;
    const slack = chain.map(({ from, to, line }) => Math.min(parts[from]![line]!, free[to]![line]! - parts[to]![line]!));
    const units = Math.min(least - total(poor), total(chain[0]!.from) - least, ...slack);
    for (const { from, to, line } of chain) {
      parts[from]![line]! -= units;
      parts[to]![line]! += units;
    }
  }
};

interface Step {
  readonly from: number;
  readonly to: number;
  readonly line: number;
}

// Breadth first from the node that has too few back to one that can spare a unit.
const chainTo = (poor: number, parts: readonly Units[], free: readonly Units[], spares: (node: number) => boolean): readonly Step[] | undefined => {
  const by = new Map<number, readonly Step[]>([[poor, []]]);
  for (const [to, chain] of by) {
    for (const from of parts.keys()) {
      if (by.has(from)) continue;
      const line = parts[from]!.findIndex((units, index) => units > 0 && parts[to]![index]! < free[to]![index]!);
      if (line < 0) continue;
      const longer = [{ from, to, line }, ...chain];
      if (spares(from)) return longer;
      by.set(from, longer);
    }
  }
  return undefined;
};
