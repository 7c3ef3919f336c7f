import type { OrderPlan, Scenario } from './scenario.js';

/** Whether a scenario still breaks what the first one broke. */
export type Breaks = (scenario: Scenario) => Promise<boolean>;

/** The smallest part of a list with which it still fails, by halves, quarters … single ones (delta debugging). */
const smaller = async <T>(all: readonly T[], fails: (some: readonly T[]) => Promise<boolean>): Promise<readonly T[]> => {
  let left = all;
  for (let size = Math.ceil(left.length / 2); size >= 1; ) {
    let changed = false;
    for (let from = 0; from < left.length; ) {
      const without = [...left.slice(0, from), ...left.slice(from + size)];
      if (await fails(without)) {
        left = without;
        changed = true;
      } else from += size;
    }
    if (!changed || size > left.length) size = size === 1 && changed ? 1 : Math.floor(size / 2);
  }
  return left;
};

type Change = (scenario: Scenario) => Partial<Scenario>;

const attempt = async (scenario: Scenario, breaks: Breaks, changes: readonly Change[]): Promise<Scenario> => {
  let best = scenario;
  for (const change of changes) {
    const next = { ...best, ...change(best) };
    if (JSON.stringify(next) !== JSON.stringify(best) && (await breaks(next))) best = next;
  }
  return best;
};

const simpler: readonly ((order: OrderPlan) => Partial<OrderPlan>)[] = [
  () => ({ again: [] }), () => ({ cancelMs: -1 }), () => ({ reactions: [] }), () => ({ priority: 0 }),
  ({ lines }) => ({ lines: lines.slice(0, 1) }), ({ lines }) => ({ lines: lines.map((line) => ({ ...line, quantity: 1 })) }),
];

/** Takes away whatever a failure does not need: orders, what becomes of messages, troubles, shelves, sites; then simpler figures. */
export const shrink = async (failing: Scenario & { readonly fates: NonNullable<Scenario['fates']> }, breaks: Breaks): Promise<Scenario> => {
  let best: Scenario = failing;
  for (let before = ''; before !== JSON.stringify(best); ) {
    before = JSON.stringify(best);
    const part = async <K extends 'orders' | 'fates' | 'troubles' | 'shelves' | 'sites'>(key: K): Promise<void> => {
      const left = await smaller(best[key] as readonly unknown[], (some) => breaks({ ...best, [key]: some }));
      best = { ...best, [key]: left };
    };
    await part('orders');
    await part('fates');
    await part('troubles');
    await part('shelves');
    await part('sites');
    for (const { index } of best.orders) {
      best = await attempt(best, breaks, simpler.map((change): Change => ({ orders }) => ({ orders: orders.map((one) => (one.index === index ? { ...one, ...change(one) } : one)) })));
    }
    best = await attempt(best, breaks, [({ policy }) => ({ policy: { ...policy, width: 1 } }), ({ policy }) => ({ policy: { ...policy, windowMs: 0 } }), () => ({ keepsOrder: true })]);
  }
  return best;
};
