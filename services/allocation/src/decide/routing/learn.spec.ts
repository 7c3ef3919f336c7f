import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { expected, inUse, train, type Model, type Sample } from './learn.js';
import { model } from './model.decider.js';

// A small generator of our own kind: the same numbers in every run.
const random = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
};
// The sum of twelve evenly spread numbers is nearly normal.
const normal = (next: () => number): number => Array.from({ length: 12 }, next).reduce((sum, one) => sum + one, 0) - 6;

const T0 = Date.parse('2026-06-01T00:00:00.000Z');
const provinces = ['广东', '浙江', '四川', '新疆', '黑龙江'];
const carriers = ['sf', 'zto', 'yunda'];

/** Half a year of shipments. `truth` gives cost and days; the lanes promise something else. */
const history = (count: number, seed: number, truth: (of: Omit<Sample, 'cost' | 'days'>, next: () => number) => Pick<Sample, 'cost' | 'days'>, lane: Partial<Sample> = {}): readonly Sample[] => {
  const next = random(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)]!;
  return Array.from({ length: count }, (_, index) => {
    const grams = Math.round(200 + next() * 6_000);
    const of = {
      warehouse: pick(['SZ', 'HZ']), carrier: pick(carriers), service: 'STANDARD', country: 'CN', province: pick(provinces), grams, litres: next() * 30, value: Math.round(next() * 80_000),
      shippedAt: new Date(T0 + (index / count) * 180 * 86_400_000).toISOString(), laneCost: 800 + Math.ceil(grams / 1_000) * 200, laneDays: 3, ...lane,
    };
    return { ...of, ...truth(of, next) };
  });
};

const hidden = (of: Omit<Sample, 'cost' | 'days'>, next: () => number): Pick<Sample, 'cost' | 'days'> => ({
  // Xinjiang costs more than the card says, and Yunda from HZ is slow.
  cost: Math.round(700 + Math.ceil(of.grams / 1_000) * (of.province === '新疆' ? 600 : 180) + normal(next) * 60),
  days: Math.max(0.5, (of.province === '新疆' ? 6 : 2) + (of.carrier === 'yunda' && of.warehouse === 'HZ' ? 2 : 0) + normal(next) * 0.5),
});
const target = (trained: ReturnType<typeof train>, name: string) => trained.targets.find((one) => one.target === name)!;

describe('ALC-05: learning from history', () => {
  it('ALC-05: finds a hidden truth: on the newest weeks it is better than the lanes and than guessing the mean', () => {
    const trained = train(history(3_000, 1, hidden));
    expect(trained.heldBack).toBeGreaterThan(700);
    for (const name of ['COST', 'DAYS']) {
      const { used, learnedError, ruleError, naiveError, n } = target(trained, name);
      expect(used).toBe(true);
      expect(n).toBe(trained.heldBack);
      expect(learnedError).toBeLessThan(ruleError * 0.75);
      expect(learnedError).toBeLessThan(naiveError * 0.75);
    }
    const taken: Model = { ...trained, version: 1, trainedAt: '' };
    const of = { warehouse: 'HZ', carrier: 'yunda', service: 'STANDARD', country: 'CN', province: '新疆', grams: 2_500, litres: 3, value: 20_000 };
    const found = expected(taken, of, 20);
    expect(found.n).toBeGreaterThan(50);
    expect(found.days).toBeGreaterThan(7.4);
    expect(found.days).toBeLessThan(8.6);
    expect(found.cost).toBeGreaterThan(2_200);
    expect(found.cost).toBeLessThan(2_800);
  });
  it('ALC-05: says nothing of a lane with too little history, whatever it knows around it', () => {
    const taken: Model = { ...train(history(3_000, 2, hidden)), version: 1, trainedAt: '' };
    const of = { warehouse: 'SZ', carrier: 'ems', service: 'STANDARD', country: 'CN', province: '新疆', grams: 2_500, litres: 3, value: 20_000 };
    expect(expected(taken, of, 20)).toEqual({ cost: null, days: null, n: 0 });
    expect(expected(taken, { ...of, carrier: 'sf' }, 1_000_000)).toMatchObject({ cost: null, days: null });
  });
  it.each([11, 12, 13, 14, 15])('ALC-05: refuses to be used when history is noise (%i)', (seed) => {
    const noise = (_: unknown, next: () => number) => ({ cost: Math.round(1_500 + normal(next) * 300), days: Math.max(0.1, 3 + normal(next)) });
    const trained = train(history(2_000, seed, noise));
    expect(trained.targets.map(({ used }) => used)).toEqual([false, false]);
    expect(inUse({ ...trained, version: 1, trainedAt: '' })).toBe(false);
    expect(trained.cells).toEqual({});
    expect(target(trained, 'COST').why).toContain('not surely better than');
  });
  it('ALC-05: where the rate card is what is paid, the card is believed and only the days are learned', () => {
    const trained = train(history(2_000, 3, (of, next) => ({ cost: of.laneCost, days: hidden(of, next).days })));
    expect(target(trained, 'COST')).toMatchObject({ used: false, ruleError: 0, why: 'not surely better than the lanes on what was held back' });
    expect(target(trained, 'DAYS').used).toBe(true);
    expect(expected({ ...trained, version: 1, trainedAt: '' }, { warehouse: 'SZ', carrier: 'sf', service: 'STANDARD', country: 'CN', province: '广东', grams: 900, litres: 1, value: 0 }, 20).cost).toBeNull();
  });
  it('ALC-05: what became otherwise in the newest weeks is seen there: the older history is not believed', () => {
    const turned = history(2_000, 4, (of, next) => {
      const { cost, days } = hidden(of, next);
      return Date.parse(of.shippedAt) > T0 + 134 * 86_400_000 ? { cost: of.laneCost, days: 3 } : { cost, days };
    });
    expect(train(turned).targets.map(({ used }) => used)).toEqual([false, false]);
  });
  it('ALC-05: little or no history is said so', () => {
    expect(train([]).targets.map(({ why }) => why)).toEqual(['COST', 'DAYS'].map(() => 'too little history: 0 to learn from and 0 held back, 50 of each are needed'));
    expect(train(history(80, 5, hidden)).targets.every(({ used }) => !used)).toBe(true);
    // Not delivered yet, freight not known yet: nothing to learn of that target.
    expect(target(train(history(2_000, 6, (of, next) => ({ ...hidden(of, next), days: null }))), 'DAYS')).toMatchObject({ n: 0, used: false });
  });
  it('ALC-05: the model is bounded, however many lanes there are', () => {
    const many = history(20_000, 7, hidden).map((sample, index) => ({ ...sample, warehouse: `W${index % 400}` }));
    const { cells, targets } = train(many);
    expect(targets.some(({ used }) => used)).toBe(true);
    expect(Object.keys(cells)).toHaveLength(4_000);
    expect(JSON.stringify(cells).length).toBeLessThan(400_000);
  });
  it('ALC-05: every training is a version', () => {
    const { given } = specify(model);
    const data = { ...train([]), at: '2026-11-23T03:00:00.000Z' };
    const { at, ...trained } = data;
    given().when({ type: 'TakeModel', data }).then({ type: 'RouterTrained', data: { ...trained, version: 1, trainedAt: at } });
    given({ type: 'RouterTrained', data: { ...trained, version: 1, trainedAt: at } }).when({ type: 'TakeModel', data }).then({ type: 'RouterTrained', data: { ...trained, version: 2, trainedAt: at } });
  });
});
