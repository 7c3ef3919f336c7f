/** What a benchmark says, in the shape of design §7. `ours`, `limit` and `ratio` are medians; the runs are in turn, ours and limit in each round. */
export interface Result {
  readonly name: string;
  readonly ours: number;
  readonly limit: number;
  readonly ratio: number;
  readonly unit: string;
  readonly runs: readonly Run[];
}

export interface Run {
  readonly ours: number;
  readonly limit: number;
  readonly ratio: number;
  /** Whatever else was seen: latencies, group sizes, CPU. */
  readonly more?: Readonly<Record<string, number>>;
}

/** Whether a ratio should be high (throughput) or low (latency), and where it should be. */
export type Goal = { readonly atLeast: number } | { readonly atMost: number };

/** The middle one, or the mean of the two in the middle; NaN of nothing. */
export const median = (values: readonly number[]): number => percentile(values, 50);

/** Linear between the two nearest ranks; NaN of nothing. */
export const percentile = (values: readonly number[], percent: number): number => {
  const sorted = Float64Array.from(values).toSorted();
  if (sorted.length === 0) return Number.NaN;
  const at = (Math.min(100, Math.max(0, percent)) / 100) * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
};

/**
 * The ratio is the median of the rounds' ratios, not the ratio of the medians: what disturbs the machine in one round
 * disturbs both sides of that round.
 */
export const resultOf = (name: string, unit: string, rounds: readonly (Omit<Run, 'ratio'>)[]): Result => {
  const runs = rounds.map((round) => ({ ...round, ratio: round.ours / round.limit }));
  return { name, ours: median(runs.map(({ ours }) => ours)), limit: median(runs.map(({ limit }) => limit)), ratio: median(runs.map(({ ratio }) => ratio)), unit, runs };
};

export const meets = (ratio: number, goal: Goal): boolean => ('atLeast' in goal ? ratio >= goal.atLeast : ratio <= goal.atMost);

/** One line for people. */
export const lineOf = ({ name, ours, limit, ratio, unit, runs }: Result, goal: Goal): string => {
  const wanted = 'atLeast' in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`;
  const range = runs.length > 1 ? ` [${Math.min(...runs.map((run) => run.ratio)).toFixed(2)}–${Math.max(...runs.map((run) => run.ratio)).toFixed(2)}]` : '';
  return `${name}: ${number(ours)} ${unit} of ${number(limit)}, ratio ${ratio.toFixed(2)}${range}, goal ${wanted}: ${meets(ratio, goal) ? 'met' : 'MISSED'}`;
};

const number = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 1 : 2));
