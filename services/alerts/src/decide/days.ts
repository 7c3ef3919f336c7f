import type { Measure } from './count.decider.js';
import { dayRules, type DayRule, type Words } from './rules.js';

/** What was counted of a measure on a day. */
export interface DayCount {
  readonly day: string;
  readonly measure: Measure;
  readonly currency: string;
  readonly part: number;
  readonly whole: number;
}

/** How a rule of days stands: `words` if it is broken. */
export interface Verdict {
  readonly rule: DayRule;
  readonly words: Words | undefined;
}

/** How far back a rule looks from the day that it judges. */
export const judgedDays = 8;

export const dayBefore = (day: string, days = 1): string => new Date(Date.parse(`${day}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);

const percent = (part: number, whole: number): string => `${((part * 100) / whole).toFixed(1)} %`;
const sum = (counts: readonly DayCount[]): { readonly part: number; readonly whole: number } => counts.reduce((all, { part, whole }) => ({ part: all.part + part, whole: all.whole + whole }), { part: 0, whole: 0 });

// The last three days that have deliveries: on a Sunday nobody delivers, and Monday is the day after Saturday.
const deliveries = (counts: readonly DayCount[], day: string): Words | undefined => {
  const days = [...Map.groupBy(counts, (one) => one.day)].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, all]) => sum(all)).filter(({ whole }) => whole > 0).slice(-3);
  if (days.length < 3 || !days.every(({ part, whole }) => part * 100 < whole * dayRules.slaMissed.percent)) return undefined;
  const said = days.map(({ part, whole }) => percent(part, whole)).join(', ');
  return { zh: `截至 ${day} 连续三天准时送达率低于 ${dayRules.slaMissed.percent} %（${said}）：请审计流程`, en: `three days in a row up to ${day} fewer than ${dayRules.slaMissed.percent} % were delivered in time (${said}): audit the process` };
};

// Of a week: what leaves today was sold on days before.
const cost = (counts: readonly DayCount[], day: string): Words | undefined => {
  const week = counts.filter((one) => one.day > dayBefore(day, 7));
  const over = [...Map.groupBy(week, ({ currency }) => currency)].map(([currency, all]) => ({ currency, ...sum(all) })).filter(({ part, whole }) => whole > 0 && part * 100 > whole * dayRules.costShare.percent);
  if (over.length === 0) return undefined;
  const said = over.map(({ currency, part, whole }) => `${currency} ${percent(part, whole)}`).join(', ');
  return { zh: `截至 ${day} 七天运费占销售额超过 ${dayRules.costShare.percent} %（${said}）：请检查承运商与路由`, en: `in the seven days up to ${day} freight was more than ${dayRules.costShare.percent} % of what was sold (${said}): look at carriers and routing` };
};

const processing = (counts: readonly DayCount[], day: string): Words | undefined => {
  const today = sum(counts.filter((one) => one.day === day));
  const before = sum(counts.filter((one) => one.day < day));
  if (today.whole === 0 || before.part === 0) return undefined;
  const [now, usual] = [today.part / today.whole, before.part / before.whole];
  if (now * 100 <= usual * (100 + dayRules.processingTime.percent)) return undefined;
  const [zh, en] = [Math.round(now), Math.round(usual)];
  return { zh: `${day} 从付款到发货平均 ${zh} 分钟，前七天为 ${en} 分钟：请查找瓶颈，考虑扩容`, en: `on ${day} it took ${zh} minutes from payment to shipping on average, ${en} in the seven days before: look for what holds it up, consider more capacity` };
};

const judges = { DELIVERY: deliveries, COST: cost, PROCESSING: processing } as const;

/** How the rules of days stand after a day that is over. A rule whose measure counted nothing that day says nothing: what was raised stays. */
export const judge = (counts: readonly DayCount[], day: string): readonly Verdict[] =>
  Object.values(dayRules).flatMap((rule: DayRule) => {
    const mine = counts.filter((one) => one.measure === rule.measure && one.day <= day && one.day >= dayBefore(day, judgedDays - 1));
    return mine.some((one) => one.day === day) ? [{ rule, words: judges[rule.measure](mine, day) }] : [];
  });
