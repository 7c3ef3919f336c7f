/** What is chosen of a list: rows by their keys, or everything that its question finds, however much that is. */
export type Chosen = { readonly kind: 'some'; readonly keys: ReadonlySet<string> } | { readonly kind: 'all' };

export const nothing: Chosen = { kind: 'some', keys: new Set() };

export const isChosen = (chosen: Chosen, key: string): boolean => chosen.kind === 'all' || chosen.keys.has(key);

/** How many, of those that are known; undefined for all. */
export const countOf = (chosen: Chosen): number | undefined => (chosen.kind === 'all' ? undefined : chosen.keys.size);

/** One more or one less. Out of everything one cannot be taken: then it is those that are shown without it. */
export const toggled = (chosen: Chosen, key: string, shown: readonly string[]): Chosen => {
  const keys = new Set(chosen.kind === 'all' ? shown : chosen.keys);
  if (!keys.delete(key)) keys.add(key);
  return { kind: 'some', keys };
};

/** All from one row to another, as shift and a click mean it. */
export const ranged = (chosen: Chosen, from: string, to: string, shown: readonly string[]): Chosen => {
  const ends = [shown.indexOf(from), shown.indexOf(to)].toSorted((a, b) => a - b) as [number, number];
  if (ends[0] < 0) return toggled(chosen, to, shown);
  return { kind: 'some', keys: new Set([...(chosen.kind === 'all' ? [] : chosen.keys), ...shown.slice(ends[0], ends[1] + 1)]) };
};

/** All that are shown, or none once they all are. */
export const toggledAll = (chosen: Chosen, shown: readonly string[]): Chosen => (chosen.kind === 'all' || (shown.length > 0 && shown.every((key) => chosen.keys.has(key))) ? nothing : { kind: 'some', keys: new Set([...chosen.keys, ...shown]) });

/** Without those that are not there any more. */
export const withoutGone = (chosen: Chosen, gone: ReadonlySet<string>): Chosen => (chosen.kind === 'all' || ![...chosen.keys].some((key) => gone.has(key)) ? chosen : { kind: 'some', keys: new Set([...chosen.keys].filter((key) => !gone.has(key))) });
