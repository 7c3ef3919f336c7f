/** One promise of the design, recomputed. One that checked nothing has failed. */
export interface Invariant {
  readonly name: string;
  readonly holds: boolean;
  readonly checked: number;
  /** The first few faults, each naming what is wrong where. */
  readonly faults: readonly string[];
}

/** Collects what is checked and what is wrong. */
export const check = (name: string) => {
  let checked = 0;
  let wrong = 0;
  const faults: string[] = [];
  return {
    /** Counts one check; `fault` is called only if it failed. */
    that: (ok: boolean, fault: () => string): void => {
      checked += 1;
      if (ok) return;
      wrong += 1;
      if (faults.length < 10) faults.push(fault());
    },
    done: (): Invariant => ({
      name,
      holds: wrong === 0 && checked > 0,
      checked,
      faults: checked === 0 ? ['nothing was there to check'] : wrong > faults.length ? [...faults, `… and ${wrong - faults.length} more`] : faults,
    }),
  };
};
