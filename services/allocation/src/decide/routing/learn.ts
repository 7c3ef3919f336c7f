import type { allocation } from '@flotilla/contracts';

/** A shipment as the learned router sees it: what was known when it left, and what became of it. */
export interface Features {
  readonly warehouse: string;
  readonly carrier: string;
  readonly service: string;
  readonly country: string;
  /** As lanes compare it. */
  readonly province: string;
  readonly grams: number;
  /** 0 = unknown. */
  readonly litres: number;
  /** Of the goods, minor units; 0 = unknown. */
  readonly value: number;
}

export interface Sample extends Features {
  readonly shippedAt: string;
  /** Freight paid, minor units of the rules' currency; null = not known. */
  readonly cost: number | null;
  /** From leaving to delivery; null = not delivered yet. */
  readonly days: number | null;
  /** What the rules' lanes say; null where there is no lane. */
  readonly laneCost: number | null;
  readonly laneDays: number | null;
}

export type Target = 'COST' | 'DAYS';

/** Shrunken means by cell, with how many shipments stand behind each. Plain data: one event holds it. */
export interface Model {
  readonly version: number;
  readonly trainedAt: string;
  readonly from: string;
  readonly to: string;
  readonly samples: number;
  readonly heldBack: number;
  readonly targets: readonly allocation.TargetReport[];
  readonly cells: Readonly<Record<string, readonly [number, number]>>;
}

export type Trained = Omit<Model, 'version' | 'trainedAt'>;

/** What the model expects; null where the target was not taken into use or the lane has too little history. */
export interface Expected {
  readonly cost: number | null;
  readonly days: number | null;
  /** Shipments of this lane. */
  readonly n: number;
}

const grams = [500, 1_000, 2_000, 3_000, 5_000, 10_000, 20_000];
const litres = [0, 1, 5, 20, 60];
const values = [0, 10_000, 50_000, 100_000];
const band = (limits: readonly number[], figure: number): number => limits.filter((limit) => figure > limit).length;

/** How many shipments a cell needs to be believed as much as the cell around it. */
const SHRINK = 5;
const MAX_CELLS = 4_000;
const MIN_HELD_BACK = 50;

// From the widest cell to the narrowest; each is drawn towards the one before it. The last but one is the lane itself.
const chain = (target: Target, of: Features): readonly string[] => {
  const weight = band(grams, of.grams);
  const carrier = `${of.carrier}.${of.service}`;
  const zone = `${of.country}/${of.province}`;
  const lane = `${of.warehouse}>${zone} ${carrier}`;
  const parcel = `${weight}.${band(litres, of.litres)}.${band(values, of.value)}`;
  return target === 'COST'
    ? ['*', `g${weight}`, `${of.country} g${weight}`, `${zone} ${carrier} g${weight}`, `${lane} g${weight}`, `${lane} ${parcel}`].map((key) => `COST ${key}`)
    : ['*', of.country, `${zone} ${carrier}`, lane, `${lane} g${weight}`, `${lane} ${parcel}`].map((key) => `DAYS ${key}`);
};

const laneCell = ({ warehouse, country, province, carrier, service }: Features): string => `LANE ${warehouse}>${country}/${province} ${carrier}.${service}`;
const actual = (target: Target, sample: Sample): number | null => (target === 'COST' ? sample.cost : sample.days);
const byLane = (target: Target, sample: Sample): number | null => (target === 'COST' ? sample.laneCost : sample.laneDays);

type Cells = Record<string, readonly [number, number]>;

const fit = (samples: readonly Sample[]): Cells => {
  const sums = new Map<string, { n: number; sum: number; parent: string }>();
  const lanes: Record<string, readonly [number, number]> = {};
  for (const sample of samples) {
    const lane = laneCell(sample);
    lanes[lane] = [(lanes[lane]?.[0] ?? 0) + 1, 0];
    for (const target of ['COST', 'DAYS'] as const) {
      const figure = actual(target, sample);
      if (figure === null) continue;
      let parent = '';
      for (const key of chain(target, sample)) {
        const cell = sums.get(key) ?? { n: 0, sum: 0, parent };
        cell.n += 1;
        cell.sum += figure;
        sums.set(key, cell);
        parent = key;
      }
    }
  }
  const cells: Cells = {};
  // Maps keep the order of arrival, and a cell arrives after the one around it.
  for (const [key, { n, sum, parent }] of sums) {
    const around = cells[parent];
    cells[key] = [n, around ? (sum + SHRINK * around[1]) / (n + SHRINK) : sum / n];
  }
  return { ...cells, ...lanes };
};

const predicted = (cells: Cells, target: Target, of: Features): number | null => {
  const keys = chain(target, of);
  for (let index = keys.length - 1; index >= 0; index -= 1) {
    const cell = cells[keys[index]!];
    if (cell) return cell[1];
  }
  return null;
};

const mean = (figures: readonly number[]): number => figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
const rounded = (figure: number): number => Math.round(figure * 1_000) / 1_000;

// How far the first guess is worse than ours, and whether that is more than luck (two standard errors).
const surely = (worse: readonly number[], ours: readonly number[]): boolean => {
  const gains = worse.map((error, index) => error - ours[index]!);
  const gain = mean(gains);
  const deviation = Math.sqrt(gains.reduce((sum, one) => sum + (one - gain) ** 2, 0) / Math.max(1, gains.length - 1));
  return gain > 0 && gain > 2 * (deviation / Math.sqrt(gains.length));
};

const judge = (target: Target, cells: Cells, known: readonly Sample[], heldBack: readonly Sample[]): allocation.TargetReport => {
  const of = heldBack.filter((sample) => actual(target, sample) !== null);
  const past = known.flatMap((sample) => actual(target, sample) ?? []);
  const none = { target, n: of.length, learnedError: 0, ruleError: 0, naiveError: 0, used: false };
  if (of.length < MIN_HELD_BACK || past.length < MIN_HELD_BACK) return { ...none, why: `too little history: ${past.length} to learn from and ${of.length} held back, ${MIN_HELD_BACK} of each are needed` };
  const naive = mean(past);
  const errors = (guess: (sample: Sample) => number | null): readonly number[] => of.map((sample) => Math.abs((guess(sample) ?? naive) - actual(target, sample)!));
  const [ours, rule, guess] = [errors((sample) => predicted(cells, target, sample)), errors((sample) => byLane(target, sample)), errors(() => naive)];
  const beatsRule = surely(rule, ours);
  const beatsNaive = surely(guess, ours);
  const why = beatsRule && beatsNaive ? 'better than the lanes and than the mean on what was held back' : `not surely better than ${[...(beatsRule ? [] : ['the lanes']), ...(beatsNaive ? [] : ['the mean'])].join(' and ')} on what was held back`;
  return { target, n: of.length, learnedError: rounded(mean(ours)), ruleError: rounded(mean(rule)), naiveError: rounded(mean(guess)), used: beatsRule && beatsNaive, why };
};

/** The newest quarter of the time is held back to judge by; what is taken into use has then seen everything. */
export const train = (history: readonly Sample[]): Trained => {
  const samples = history.toSorted((a, b) => (a.shippedAt < b.shippedAt ? -1 : 1));
  const from = samples[0]?.shippedAt ?? '';
  const to = samples.at(-1)?.shippedAt ?? '';
  const cut = samples.length === 0 ? 0 : Date.parse(from) + (Date.parse(to) - Date.parse(from)) * 0.75;
  const known = samples.filter(({ shippedAt }) => Date.parse(shippedAt) <= cut);
  const heldBack = samples.filter(({ shippedAt }) => Date.parse(shippedAt) > cut);
  const early = fit(known);
  const targets = (['COST', 'DAYS'] as const).map((target) => judge(target, early, known, heldBack));
  const cells = targets.some(({ used }) => used) ? Object.entries(fit(samples)).toSorted(([, a], [, b]) => b[0] - a[0]).slice(0, MAX_CELLS) : [];
  return { from, to, samples: samples.length, heldBack: heldBack.length, targets, cells: Object.fromEntries(cells) };
};

export const inUse = (model: Model | null | undefined): model is Model => model?.targets.some(({ used }) => used) ?? false;

/** What a shipment will cost and how long it will take, as far as there is ground to say so. */
export const expected = (model: Model, of: Features, minSamples: number): Expected => {
  const n = model.cells[laneCell(of)]?.[0] ?? 0;
  const figure = (target: Target): number | null => (n >= minSamples && model.targets.some((one) => one.target === target && one.used) ? predicted(model.cells, target, of) : null);
  return { cost: figure('COST'), days: figure('DAYS'), n };
};
