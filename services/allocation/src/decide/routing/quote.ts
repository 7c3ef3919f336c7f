import type { allocation, common, order } from '@flotilla/contracts';
import { exponent } from '@flotilla/values';
import { offers, type Lanes } from './lanes.js';
import { expected, type Model } from './learn.js';
import { provinceKey } from './places.js';
import { barsFor, type Bars, type Criterion } from './rules.js';
import type { ArticleView, Site } from './snapshot.js';

/** What all nodes of one request are judged with. */
export interface Planning {
  readonly request: order.AllocationRequested;
  readonly set: allocation.RuleSet;
  readonly lanes: Lanes;
  readonly articles: Readonly<Record<string, ArticleView | null>>;
  /** Business date, for prices. */
  readonly date: string;
  /** Present for orders of the arm LEARNED. */
  readonly model: Model | null;
}

/** The carrier that a node would take for a part. */
export interface Taken {
  readonly carrier: string;
  readonly days: number;
  /** Minor units of the rules' currency; null = a price in a currency that the rules have no rate for. */
  readonly freight: number | null;
  /** Shipments behind learned figures; 0 = the lane's. */
  readonly learnedFrom: number;
}

export interface Quote {
  /** null = no lane is known, or none that is allowed. */
  readonly taken: Taken | null;
  /** Carriers that are kept away, with the rule that does it. */
  readonly excluded: readonly { readonly carrier: string; readonly rule: string }[];
  /** Lanes are known, and every one is kept away. */
  readonly barred: boolean;
  readonly bars: Bars;
  readonly grams: number;
}

/** What lines weigh, with the rules' figure where nobody knows. */
export const gramsOf = ({ set, articles }: Pick<Planning, 'set' | 'articles'>, lines: readonly common.SkuQuantity[]): number =>
  lines.reduce((sum, { sku, quantity }) => sum + quantity * (articles[sku]?.grams || set.unknownGrams), 0);

/** Asks the lanes, and the learned model where the order belongs to it, what a node would send these lines with. */
export const quote = (planning: Planning, site: Site, lines: readonly common.SkuQuantity[]): Quote => {
  const { request, set, lanes, articles, date } = planning;
  const grams = gramsOf(planning, lines);
  const bars = barsFor(set, { ...request, grams });
  const known = offers(lanes, site, request, { service: request.service, grams, date });
  const open = known.filter(({ carrier }) => bars.carrier(carrier) === undefined);
  const litres = lines.reduce((sum, { sku, quantity }) => sum + quantity * (articles[sku]?.litres ?? 0), 0);
  const taken = open.map(({ carrier, days, price, currency }): Taken => {
    const rule = inCurrency(set, price, currency);
    const { model } = planning;
    if (!model) return { carrier, days, freight: rule, learnedFrom: 0 };
    const country = request.country.toUpperCase();
    const of = { warehouse: site.warehouse, carrier, service: request.service || 'STANDARD', country, province: provinceKey(country, request.province), grams, litres, value: request.value.amount };
    const learned = expected(model, of, set.learned.minSamples);
    const grounded = learned.cost !== null || learned.days !== null;
    // Whole days: an arrival is a day, and a tenth of one must not outweigh every price.
    return { carrier, days: learned.days === null ? days : Math.round(learned.days), freight: learned.cost === null ? rule : Math.round(learned.cost), learnedFrom: grounded ? learned.n : 0 };
  });
  const named = [...new Set([...set.rules.flatMap(({ exclude }) => exclude.carriers), ...lanes.carriers])];
  const excluded = named.flatMap((carrier) => {
    const rule = bars.carrier(carrier);
    return rule === undefined ? [] : [{ carrier, rule }];
  });
  return { taken: taken.toSorted(better(set))[0] ?? null, excluded, barred: known.length > 0 && open.length === 0, bars, grams };
};

/** A price in the currency of the rules; null where they have no rate for it. */
export const inCurrency = ({ currency, exchange }: allocation.RuleSet, price: number, from: string): number | null => {
  if (from === currency) return price;
  const rate = exchange.find((one) => one.currency === from)?.rate;
  return rate === undefined ? null : Math.round((price / 10 ** exponent(from)) * rate * 10 ** exponent(currency));
};

/** Minor units as the weights count them. */
export const major = ({ currency }: allocation.RuleSet, minor: number): number => minor / 10 ** exponent(currency);

export const unknownLast = (a: number | null, b: number | null): number => (a === b ? 0 : a === null ? 1 : b === null ? -1 : a - b);

// The carrier by what the rules weigh first: of arrival and freight, whichever stands before the other.
const better = (set: allocation.RuleSet): ((a: Taken, b: Taken) => number) => {
  const named = set.criteria.filter((one): one is Criterion => one === 'ARRIVAL' || one === 'FREIGHT');
  const order = [...new Set<Criterion>([...named, 'ARRIVAL', 'FREIGHT'])];
  const score = ({ days, freight }: Taken): number | null => (freight === null ? null : set.weights.days * days + set.weights.freight * major(set, freight));
  const byCriterion = (a: Taken, b: Taken): number => order.reduce((found, one) => found || (one === 'ARRIVAL' ? a.days - b.days : unknownLast(a.freight, b.freight)), 0);
  return (a, b) => (set.ranking === 'SCORE' ? unknownLast(score(a), score(b)) : 0) || byCriterion(a, b) || (a.carrier < b.carrier ? -1 : 1);
};
