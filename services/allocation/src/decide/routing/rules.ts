import type { allocation } from '@flotilla/contracts';
import { DEFAULT_GRAMS } from '../sku.events.js';
import { holds, type Circumstance } from './places.js';

/** Rules with their version; 0 = built in. */
export interface Rules {
  readonly version: number;
  readonly rules: allocation.RuleSet;
}

export const criteria = ['STOCK', 'ARRIVAL', 'FREIGHT', 'SERVES', 'DISTANCE', 'LOAD'] as const;
export type Criterion = Exclude<(typeof criteria)[number], 'STOCK'>;

const anything: allocation.Condition = { countries: [], provinces: [], cities: [], districts: [], gramsAbove: 0, gramsUpTo: 0, valueAbove: 0, valueUpTo: 0, valueCurrency: '', priorityFrom: 0, services: [], channels: [], tags: [] };
const nothing: allocation.Targets = { carriers: [], warehouses: [] };

/** A rule of which only what matters is said. */
export const routingRule = (name: string, when: Partial<allocation.Condition>, effect: { readonly exclude?: Partial<allocation.Targets>; readonly only?: Partial<allocation.Targets> }): allocation.RoutingRule => ({
  name,
  when: { ...anything, ...when },
  exclude: { ...nothing, ...effect.exclude },
  only: { ...nothing, ...effect.only },
});

/** Stock available, then arrival, then freight; splits over at most three warehouses; nothing excluded. */
export const ruleSet = (changes: Partial<allocation.RuleSet> = {}): allocation.RuleSet => ({
  name: 'built in',
  ranking: 'CRITERIA',
  criteria: ['STOCK', 'ARRIVAL', 'FREIGHT'],
  weights: { freight: 0, days: 0, load: 0, tier: 0, distance: 0, handling: 0 },
  rules: [],
  split: { forbidden: false, maxParts: 3, minValuePerPart: { amount: 0, currency: '' } },
  unknownGrams: DEFAULT_GRAMS,
  currency: 'CNY',
  exchange: [],
  handling: [],
  learned: { sharePercent: 0, minSamples: 20 },
  ...changes,
});

export const BUILT_IN: Rules = { version: 0, rules: ruleSet() };

/** The rules with what was left out filled in, as they are stored: a later default changes no version that exists. */
export const completed = (rules: allocation.RuleSet): allocation.RuleSet => ({
  ...rules,
  ranking: rules.ranking || 'CRITERIA',
  criteria: rules.criteria.length > 0 ? rules.criteria : ['STOCK', 'ARRIVAL', 'FREIGHT'],
  split: { ...rules.split, maxParts: rules.split.maxParts || 3 },
  unknownGrams: rules.unknownGrams || DEFAULT_GRAMS,
  currency: rules.currency || 'CNY',
  learned: { ...rules.learned, minSamples: rules.learned.minSamples || 20 },
});

/** What the rules bar, and by which rule. */
export interface Bars {
  /** The rule that keeps this carrier away; undefined = none does. */
  readonly carrier: (name: string) => string | undefined;
  readonly warehouse: (id: string) => string | undefined;
}

/** Every rule whose condition holds, together: what one excludes no other brings back. */
export const barsFor = ({ rules }: allocation.RuleSet, at: Circumstance): Bars => {
  const applied = rules.filter(({ when }) => holds(when, at));
  const bar = (kind: keyof allocation.Targets) => (one: string) =>
    applied.find(({ exclude, only }) => exclude[kind].includes(one) || (only[kind].length > 0 && !only[kind].includes(one)))?.name;
  return { carrier: bar('carriers'), warehouse: bar('warehouses') };
};

export type Problem = allocation.RuleProblem;

const MAX_RULES = 100;
const MAX_LIST = 100;

/** What is wrong with a rule set, each with where; `[]` = it can be used. */
export const problemsOf = (set: allocation.RuleSet): readonly Problem[] => {
  const problems: Problem[] = [];
  const wrong = (path: string, detail: string): void => void problems.push({ path, detail });
  const text = (path: string, value: string): void => {
    if (value.trim() === '' || value.length > 100) wrong(path, 'a name has 1 to 100 characters');
  };
  const whole = (path: string, value: number, from: number, to: number): void => {
    if (!Number.isSafeInteger(value) || value < from || value > to) wrong(path, `${value} is not a whole number from ${from} to ${to}`);
  };
  const finite = (path: string, value: number): void => {
    if (!Number.isFinite(value) || value < 0 || value > 1e6) wrong(path, `${value} is not a number from 0 to 1000000`);
  };
  const currency = (path: string, value: string): void => {
    if (!/^[A-Z]{3}$/.test(value)) wrong(path, `"${value}" is not an ISO 4217 currency such as CNY`);
  };
  const list = (path: string, values: readonly string[], one: RegExp = /^.{1,100}$/u): void => {
    if (values.length > MAX_LIST) wrong(path, `more than ${MAX_LIST} entries`);
    values.forEach((value, index) => {
      if (!one.test(value.trim())) wrong(`${path}[${index}]`, `"${value.slice(0, 40)}" cannot stand here`);
    });
  };
  text('name', set.name);
  if (!['', 'CRITERIA', 'SCORE'].includes(set.ranking)) wrong('ranking', `"${set.ranking}" is neither CRITERIA nor SCORE`);
  set.criteria.forEach((one, index) => {
    if (!(criteria as readonly string[]).includes(one)) wrong(`criteria[${index}]`, `"${one}" is none of ${criteria.join(', ')}`);
    else if (set.criteria.indexOf(one) !== index) wrong(`criteria[${index}]`, `${one} is named twice`);
    else if (one === 'STOCK' && index > 0) wrong(`criteria[${index}]`, 'STOCK comes first: what is not there cannot be sent');
  });
  for (const [name, weight] of Object.entries(set.weights)) finite(`weights.${name}`, weight);
  if (set.ranking === 'SCORE' && Object.values(set.weights).every((weight) => weight === 0)) wrong('weights', 'with SCORE at least one weight is above 0');
  if (set.rules.length > MAX_RULES) wrong('rules', `more than ${MAX_RULES} rules`);
  set.rules.slice(0, MAX_RULES).forEach((rule, index) => {
    const path = `rules[${index}]`;
    text(`${path}.name`, rule.name);
    if (set.rules.findIndex(({ name }) => name === rule.name) !== index) wrong(`${path}.name`, `"${rule.name}" is the name of another rule; explanations tell rules apart by it`);
    const { when, exclude, only } = rule;
    list(`${path}.when.countries`, when.countries, /^[A-Z]{2}$/);
    for (const field of ['provinces', 'cities', 'districts'] as const) list(`${path}.when.${field}`, when[field]);
    list(`${path}.when.services`, when.services, /^[A-Z_]{1,40}$/);
    list(`${path}.when.channels`, when.channels ?? [], /^[A-Za-z0-9_-]{1,64}$/);
    list(`${path}.when.tags`, when.tags ?? []);
    for (const field of ['gramsAbove', 'gramsUpTo', 'valueAbove', 'valueUpTo'] as const) whole(`${path}.when.${field}`, when[field], 0, Number.MAX_SAFE_INTEGER);
    whole(`${path}.when.priorityFrom`, when.priorityFrom, 0, 1_000_000);
    if (when.gramsUpTo > 0 && when.gramsUpTo <= when.gramsAbove) wrong(`${path}.when.gramsUpTo`, 'is not above gramsAbove: the rule would never apply');
    if (when.valueUpTo > 0 && when.valueUpTo <= when.valueAbove) wrong(`${path}.when.valueUpTo`, 'is not above valueAbove: the rule would never apply');
    if (when.valueAbove + when.valueUpTo > 0) currency(`${path}.when.valueCurrency`, when.valueCurrency);
    for (const [kind, targets] of [['exclude', exclude], ['only', only]] as const) {
      list(`${path}.${kind}.carriers`, targets.carriers, /^[a-z0-9_-]{1,40}$/);
      list(`${path}.${kind}.warehouses`, targets.warehouses, /^[A-Za-z0-9_-]{1,32}$/);
    }
    if ([exclude, only].every(({ carriers, warehouses }) => carriers.length + warehouses.length === 0)) wrong(path, 'excludes nothing and allows nothing: it does nothing');
  });
  if (set.split.maxParts !== 0) whole('split.maxParts', set.split.maxParts, 2, 5);
  whole('split.minValuePerPart.amount', set.split.minValuePerPart.amount, 0, Number.MAX_SAFE_INTEGER);
  if (set.split.minValuePerPart.amount > 0) currency('split.minValuePerPart.currency', set.split.minValuePerPart.currency);
  whole('unknownGrams', set.unknownGrams, 0, 1_000_000);
  if (set.currency !== '') currency('currency', set.currency);
  if (set.exchange.length > MAX_LIST) wrong('exchange', `more than ${MAX_LIST} entries`);
  set.exchange.slice(0, MAX_LIST).forEach((one, index) => {
    currency(`exchange[${index}].currency`, one.currency);
    if (!Number.isFinite(one.rate) || one.rate <= 0 || one.rate > 1e9) wrong(`exchange[${index}].rate`, `${one.rate} is not a rate above 0`);
  });
  if (set.handling.length > 1_000) wrong('handling', 'more than 1000 entries');
  set.handling.slice(0, 1_000).forEach((one, index) => {
    list(`handling[${index}].warehouse`, [one.warehouse], /^[A-Za-z0-9_-]{1,32}$/);
    whole(`handling[${index}].perParcel`, one.perParcel, 0, 1_000_000_000);
  });
  whole('learned.sharePercent', set.learned.sharePercent, 0, 100);
  whole('learned.minSamples', set.learned.minSamples, 0, 1_000_000);
  return problems.slice(0, 100);
};
