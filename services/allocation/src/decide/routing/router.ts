import type { allocation, common, order } from '@flotilla/contracts';
import { decimalText, namespace, uuidv5 } from '@flotilla/values';
import { summed, units } from '../names.js';
import { keptFrom } from '../stock.events.js';
import { noLanes } from './lanes.js';
import { inUse } from './learn.js';
import { distanceOf, distances, lies, placeKey } from './places.js';
import { quote, type Planning, type Quote } from './quote.js';
import { ranked, type Metrics } from './rank.js';
import { BUILT_IN } from './rules.js';
import type { PlanPart, Route, RoutePlan, Router, Site, Snapshot } from './snapshot.js';
import { splits } from './split.js';

/** Split plans that are kept with a decision. */
const MAX_SPLITS = 8;

/** Whether the snapshot was made for these lines. */
export const covers = (snapshot: Snapshot, request: order.AllocationRequested): boolean => request.lines.every(({ sku }) => Object.hasOwn(snapshot.articles, sku));

/** The arm of an order: the same for every round of it, and for whoever asks. */
export const armOf = (foId: string, sharePercent: number): Router => (Number.parseInt(uuidv5(namespace, `router/${foId}`).slice(0, 8), 16) % 100 < sharePercent ? 'LEARNED' : 'RULES');

/**
 * Finds the ways to serve a fulfilment order: one warehouse that has everything, ranked by the rules; where there is none, several
 * of them, fewest parcels first; then suppliers. Pure: the same request and snapshot give the same route with the same reasons.
 */
export const planRoute = (request: order.AllocationRequested, snapshot: Snapshot): Route => {
  const { version, rules: set } = snapshot.rules ?? BUILT_IN;
  const lines = summed(request.lines);
  const model = set.learned.sharePercent > 0 && inUse(snapshot.model) ? snapshot.model : null;
  const router = model ? armOf(request.foId, set.learned.sharePercent) : 'RULES';
  const planning: Planning = { request, set, lanes: snapshot.lanes ?? noLanes, articles: snapshot.articles, date: snapshot.today ?? request.orderedAt.slice(0, 10), model: router === 'LEARNED' ? model : null };
  const judged = snapshot.warehouses.map((site) => judge(planning, site, lines, snapshot));
  const able = ranked(set, judged.filter(({ fault }) => fault === ''));
  const unable = judged.filter(({ fault }) => fault !== '').toSorted((a, b) => Number(b.metrics.serves) - Number(a.metrics.serves) || a.metrics.distance - b.metrics.distance || (a.id < b.id ? -1 : 1));
  const own = able.filter(({ metrics }) => !metrics.supplier);
  const suppliers = able.filter(({ metrics }) => metrics.supplier);
  const single = (one: Judged & { readonly score: number | null }): RoutePlan => ({ parts: [partOf(one.site, lines, one.quote)], reason: reasonOf(planning, one) });
  const plans = [...own.map(single), ...(own.length > 0 ? [] : splitPlans(planning, lines, judged)), ...suppliers.map(single)];
  return {
    plans,
    candidates: [...able.map((one, index) => candidate(planning, lines, one, index + 1, reasonOf(planning, one))), ...unable.map((one) => candidate(planning, lines, one, 0, one.fault))],
    ...(plans.length > 0 ? { missing: [] } : leastMissing(judged, lines)),
    unknownSkus: lines.map(({ sku }) => sku).filter((sku) => !snapshot.articles[sku]),
    items: lines.map(({ sku, quantity }) => ({ sku, name: nameOf(sku, snapshot.articles[sku], request.country), quantity, grams: snapshot.articles[sku]?.grams || set.unknownGrams })),
    rules: version,
    router,
    model: model?.version ?? 0,
    grounded: judged.some((one) => (one.quote.taken?.learnedFrom ?? 0) > 0),
  };
};

interface Judged {
  readonly id: string;
  readonly site: Site;
  /** Why it cannot send the whole order; "" = it can. */
  readonly fault: string;
  /** Whether it might send a part. */
  readonly open: boolean;
  readonly missing: readonly common.SkuQuantity[];
  readonly free: readonly number[];
  readonly quote: Quote;
  readonly metrics: Metrics;
}

const judge = (planning: Planning, site: Site, lines: readonly common.SkuQuantity[], snapshot: Snapshot): Judged => {
  const { request, articles } = planning;
  const there = snapshot.free[site.warehouse] ?? {};
  const frozen = (sku: string): boolean => snapshot.frozen?.includes(sku) ?? false;
  const behind = (sku: string): boolean => snapshot.behind?.includes(sku) ?? false;
  const kept = (sku: string): number => {
    const back = snapshot.safety?.[site.warehouse]?.[sku];
    return back ? Math.min(keptFrom(back, request.priority), Math.max(0, there[sku] ?? 0)) : 0;
  };
  const free = lines.map(({ sku }) => (articles[sku] && !frozen(sku) && !behind(sku) ? Math.max(0, (there[sku] ?? 0) - kept(sku)) : 0));
  const missing = lines.map(({ sku, quantity }, line) => ({ sku, quantity: Math.max(0, quantity - free[line]!) })).filter(({ quantity }) => quantity > 0);
  const why = ({ sku, quantity }: common.SkuQuantity): string => (!articles[sku] ? `UNKNOWN_SKU ${sku}` : frozen(sku) ? `FROZEN ${sku}` : behind(sku) ? `QUEUED ${sku}: others wait for it` : `${quantity} of ${sku} short${kept(sku) > 0 ? `, ${kept(sku)} are kept back` : ''}`);
  const closed = closedFor(site, request, lines, snapshot);
  const quoted = quote(planning, site, lines);
  const rule = quoted.bars.warehouse(site.warehouse);
  const fault =
    closed ||
    (missing.length > 0 ? `SHORT: ${missing.map(why).join(', ')}` : '') ||
    (rule === undefined ? '' : `RULE "${rule}" excludes it`) ||
    (quoted.barred ? `NO CARRIER: ${quoted.excluded.map((one) => `${one.carrier} excluded by "${one.rule}"`).join(', ')}` : '');
  return { id: site.warehouse, site, fault, open: closed === '', missing, free, quote: quoted, metrics: metricsOf(planning, site, quoted) };
};

/** Why a node takes nothing of this order, whatever it has; "" = it does. */
const closedFor = (site: Site, request: order.AllocationRequested, lines: readonly common.SkuQuantity[], { articles, warehouses }: Snapshot): string => {
  if (request.excludedWarehouses.includes(site.warehouse)) return 'EXCLUDED by order-core';
  if (site.out) return `OUT: ${site.out}`;
  if (site.capacityLeft === 0) return 'FULL: takes no more orders today';
  const offered = site.services && site.services.length > 0 ? site.services : ['STANDARD', 'EXPRESS'];
  const service = request.service || 'STANDARD';
  if (!offered.includes(service)) return `SERVICE: does not offer ${service}`;
  if (service === 'SAME_CITY' && distanceOf(site, request) > 0) return `SERVICE: not in ${request.city || 'the same city'}`;
  if (service === 'PICKUP') {
    const elsewhere = pickupElsewhere(site, request, warehouses);
    if (elsewhere !== '') return elsewhere;
  }
  const bulky = site.flags && !site.flags.includes('BULKY') && lines.find(({ sku }) => articles[sku]?.flags?.includes('bulky'));
  return bulky ? `BULKY: does not take ${bulky.sku}` : '';
};

/** Whether this is the store that a buyer chose, by its id or name. Shops add "店" or "Store" as they like. */
const isChosen = ({ warehouse, name = '' }: Site, location: string): boolean => [warehouse, name].some((one) => one !== '' && placeKey(one) === placeKey(location));

/** Why the buyer does not collect it here; "" = here it may be. Of a store that nobody knows, one of the buyer's city will do. */
const pickupElsewhere = (site: Site, request: order.AllocationRequested, all: readonly Site[]): string => {
  const location = request.pickupLocation || ''; // requests of before it was said have none
  if (location !== '' && all.some((one) => isChosen(one, location))) return isChosen(site, location) ? '' : `PICKUP: the buyer chose ${location}`;
  // Who collects it may have given no address at all.
  return request.city === '' || distanceOf(site, request) === 0 ? '' : `SERVICE: not in ${request.city}`;
};

const pickupNote = ({ pickupLocation, service, city }: order.AllocationRequested, site: Site): string => {
  if (service !== 'PICKUP') return '';
  if (!pickupLocation) return '; pickup, no store was named';
  return isChosen(site, pickupLocation) ? '; pickup at the store that the buyer chose' : `; pickup, no store is called "${pickupLocation}": any of ${city || 'all'}`;
};

const metricsOf = ({ set, request }: Planning, site: Site, { taken }: Quote): Metrics => ({
  supplier: site.kind === 'SUPPLIER',
  tier: site.tier ?? 0,
  ...(site.capability ? { capability: site.capability.score } : {}),
  days: taken?.days ?? null,
  freight: taken?.freight ?? null,
  handling: set.handling.find(({ warehouse }) => warehouse === site.warehouse)?.perParcel ?? 0,
  load: typeof site.capacityLeft === 'number' && site.dailyOrders ? Math.min(1, Math.max(0, 1 - site.capacityLeft / site.dailyOrders)) : 0,
  serves: site.serves.some((area) => lies(area, request)),
  distance: distanceOf(site, request),
});

const splitPlans = (planning: Planning, lines: readonly common.SkuQuantity[], judged: readonly Judged[]): readonly RoutePlan[] => {
  const { set, request } = planning;
  // Nobody walks to two stores for one order.
  if (set.split.forbidden || request.service === 'PICKUP') return [];
  const nodes = ranked(set, judged.filter(({ open, free, metrics }) => open && !metrics.supplier && free.some((units) => units > 0)));
  const demand = lines.map(({ quantity }) => quantity);
  const linesOf = (units: readonly number[]): readonly common.SkuQuantity[] => lines.map(({ sku }, line) => ({ sku, quantity: units[line]! })).filter(({ quantity }) => quantity > 0);
  const sends = (node: number, units: readonly number[]): { site: Site; lines: readonly common.SkuQuantity[]; quote: Quote } => {
    const part = linesOf(units);
    return { site: nodes[node]!.site, lines: part, quote: quote(planning, nodes[node]!.site, part) };
  };
  const allowed = (chosen: readonly number[], parts: readonly (readonly number[])[]): boolean =>
    chosen.every((node, index) => {
      const { site, quote: quoted } = sends(node, parts[index]!);
      return !quoted.barred && quoted.bars.warehouse(site.warehouse) === undefined;
    });
  const { found, cut } = splits(nodes.map(({ free }) => free), demand, set.split.maxParts, leastUnits(set, request, demand), allowed);
  const ways = found.map(({ nodes: chosen, parts }) => {
    const sent = chosen.map((node, index) => sends(node, parts[index]!));
    return { id: sent.map(({ site }) => site.warehouse).join('+'), sent, metrics: together(sent.map((one) => metricsOf(planning, one.site, one.quote))) };
  });
  return ranked(set, ways)
    .slice(0, MAX_SPLITS)
    .map(({ sent }) => ({
      parts: sent.map((one) => partOf(one.site, one.lines, one.quote)),
      reason: `SPLIT over ${sent.length}: ${sent.map((one) => `${one.site.warehouse} ${one.lines.map(({ sku, quantity }) => `${quantity} of ${sku}`).join(', ')} (${carriedBy(planning, one.quote)})`).join(' + ')}${cut ? '; not all ways were looked at' : ''}`,
    }));
};

// A part's value is its share of the units: the request has no price per line. An unknown value, or one in another currency, sets no limit.
const leastUnits = ({ split }: allocation.RuleSet, { value }: order.AllocationRequested, demand: readonly number[]): number => {
  const { amount, currency } = split.minValuePerPart;
  if (amount === 0 || value.amount === 0 || value.currency !== currency) return 1;
  return Math.max(1, Math.ceil((amount * demand.reduce((sum, units) => sum + units, 0)) / value.amount));
};

const sumOf = (figures: readonly (number | null)[]): number | null => figures.reduce<number | null>((sum, one) => (sum === null || one === null ? null : sum + one), 0);

const together = (parts: readonly Metrics[]): Metrics => ({
  supplier: false,
  tier: Math.max(...parts.map(({ tier }) => tier)),
  days: parts.some(({ days }) => days === null) ? null : Math.max(...parts.map(({ days }) => days!)),
  freight: sumOf(parts.map(({ freight }) => freight)),
  handling: parts.reduce((sum, { handling }) => sum + handling, 0),
  load: Math.max(...parts.map(({ load }) => load)),
  serves: parts.every(({ serves }) => serves),
  distance: Math.max(...parts.map(({ distance }) => distance)),
});

const partOf = ({ warehouse, external }: Site, lines: readonly common.SkuQuantity[], { taken, excluded }: Quote): PlanPart => ({ warehouse, lines, carrier: taken?.carrier ?? '', excludedCarriers: excluded.map(({ carrier }) => carrier), ...(external ? { external } : {}) });

const price = ({ set }: Planning, minor: number | null): string => (minor === null ? 'at an unknown price' : `${decimalText(minor, set.currency)} ${set.currency}`);

const carriedBy = (planning: Planning, { taken }: Quote): string =>
  taken ? `${taken.carrier} ${taken.days} days ${price(planning, taken.freight)}${taken.learnedFrom > 0 ? `, learned from ${taken.learnedFrom} parcels` : ''}` : 'no lane: by distance';

const reasonOf = (planning: Planning, { site, metrics, quote: quoted, score }: Judged & { readonly score: number | null }): string => {
  const { province, country } = planning.request;
  const area = `${metrics.serves ? 'serves' : 'does not serve first'} ${province || country}`;
  return `STOCK: all lines free; ${carriedBy(planning, quoted)}; ${area}; ${distances[metrics.distance]}${metrics.supplier ? '; supplier, after own stock' : ''}${pickupNote(planning.request, site)}${score === null ? '' : `; score ${score.toFixed(2)}`}`;
};

const candidate = (planning: Planning, lines: readonly common.SkuQuantity[], { site, free, quote: quoted, metrics }: Judged, rank: number, reason: string): allocation.Candidate => {
  const { set, articles } = planning;
  const unknown = lines.filter(({ sku }) => !articles[sku]?.grams).map(({ sku }) => sku);
  return {
    warehouse: site.warehouse,
    rank,
    reason,
    figures: {
      ...Object.fromEntries(lines.map(({ sku }, line) => [`free ${sku}`, String(free[line]!)])),
      distance: distances[metrics.distance]!,
      grams: `${quoted.grams}${unknown.length > 0 ? `, ${unknown.join(', ')} unknown at ${set.unknownGrams} each` : ''}`,
      ...(quoted.taken ? { carrier: quoted.taken.carrier, days: String(quoted.taken.days), freight: price(planning, quoted.taken.freight) } : {}),
      ...(quoted.taken?.learnedFrom ? { 'learned from': String(quoted.taken.learnedFrom) } : {}),
      ...(quoted.excluded.length > 0 ? { 'excluded carriers': quoted.excluded.map((one) => `${one.carrier} by "${one.rule}"`).join(', ') } : {}),
      ...(typeof site.capacityLeft === 'number' ? { load: metrics.load.toFixed(2), 'capacity left': String(site.capacityLeft) } : {}),
      ...(site.capability
        ? { 'predicted acceptance': site.capability.acceptance.toFixed(2), 'predicted speed': site.capability.speed.toFixed(2), 'predicted punctuality': site.capability.punctuality.toFixed(2), capability: site.capability.score.toFixed(2) }
        : {}),
      ...(metrics.tier > 0 ? { tier: String(metrics.tier) } : {}),
      ...(metrics.handling > 0 ? { handling: price(planning, metrics.handling) } : {}),
    },
  };
};

const leastMissing = (judged: readonly Judged[], lines: readonly common.SkuQuantity[]): Pick<Route, 'missing' | 'lackedAt'> => {
  const [best] = judged.filter(({ open, missing }) => open && missing.length > 0).toSorted((a, b) => units(a.missing) - units(b.missing));
  return best ? { missing: best.missing, lackedAt: best.id } : { missing: lines };
};

const nameOf = (sku: string, article: Snapshot['articles'][string] | undefined, country: string): string => {
  if (!article) return sku;
  const chinese = ['CN', 'HK', 'MO', 'TW'].includes(country);
  return (chinese ? article.nameZh || article.nameEn : article.nameEn || article.nameZh) || sku;
};
